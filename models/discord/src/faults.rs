//! What can go wrong on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Whose limit a 429 speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimitScope {
    /// The bot's own, for one route.
    User,
    /// Everybody's, for one resource.
    Shared,
    /// The bot's own, for all routes.
    Global,
}

impl RateLimitScope {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Shared => "shared",
            Self::Global => "global",
        }
    }
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Nothing is done, and this status, code and message are answered.
    Refuse(u16, u32, String),
    /// Nothing is done, and a page that is not Discord's is answered with this status, as an edge
    /// or a proxy on the way gives it.
    Page(u16, String),
    /// It is done this much later.
    Latency(Duration),
    /// Nothing is done, and the connection breaks.
    DropBefore,
    /// It is done, and the connection breaks before the answer.
    DropAfterCommit,
    /// Nothing is done, and 429 is answered with this wait.
    RateLimit(RateLimitScope, Duration),
}

/// Which requests meet which fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    method: Option<String>,
    route: Option<String>,
    containing: Option<String>,
    skip: u32,
    times: Option<u32>,
    effect: Effect,
}

impl Fault {
    /// Every request.
    #[must_use]
    pub const fn any(effect: Effect) -> Self {
        Self { method: None, route: None, containing: None, skip: 0, times: None, effect }
    }

    /// The requests of a method and a route as Discord's document spells it, such as
    /// `/channels/{channel_id}/messages`.
    #[must_use]
    pub fn on(method: &str, route: &str, effect: Effect) -> Self {
        Self { method: Some(method.to_owned()), route: Some(route.to_owned()), ..Self::any(effect) }
    }

    /// Only those whose path contains this, such as a channel's id.
    #[must_use]
    pub fn containing(mut self, part: impl Into<String>) -> Self {
        self.containing = Some(part.into());
        self
    }

    /// Only this many times; without it, until cleared.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets this many matching requests pass first.
    #[must_use]
    pub const fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    fn matches(&self, method: &str, route: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|m| m == method)
            && self.route.as_deref().is_none_or(|r| r == route)
            && self.containing.as_deref().is_none_or(|part| path.contains(part))
    }
}

/// What happens to the next dispatches of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DispatchFault {
    /// They arrive twice.
    Duplicate,
    /// They never arrive, nor are they replayed.
    Lose,
    /// They arrive after the next other dispatch.
    Late,
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    requests: Vec<Fault>,
    dispatches: Vec<(String, DispatchFault, u32)>,
    /// Channels in which the bot may not send or change anything: 50013.
    pub(crate) denied: BTreeSet<u64>,
    /// Channels that the bot does not see: 50001.
    pub(crate) hidden: BTreeSet<u64>,
    /// How often each fault met a request, by effect.
    pub(crate) met: BTreeMap<String, u64>,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.requests.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        *self = Self { met: std::mem::take(&mut self.met), ..Self::default() };
    }

    pub(crate) fn add_dispatch(&mut self, kind: &str, fault: DispatchFault, times: u32) {
        self.dispatches.push((kind.to_owned(), fault, times));
    }

    /// The effects that this request meets; each counts as used.
    pub(crate) fn take(&mut self, method: &str, route: &str, path: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for fault in &mut self.requests {
            if !fault.matches(method, route, path) || fault.times == Some(0) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            // A global limit stops all but the interactions' own endpoints.
            if matches!(fault.effect, Effect::RateLimit(RateLimitScope::Global, _))
                && (route.starts_with("/interactions") || route.starts_with("/webhooks"))
            {
                continue;
            }
            fault.times = fault.times.map(|left| left - 1);
            let name = format!("{:?}", fault.effect);
            let name = name.split('(').next().unwrap_or_default().to_owned();
            *self.met.entry(name).or_default() += 1;
            effects.push(fault.effect.clone());
        }
        effects
    }

    pub(crate) fn take_dispatch(&mut self, kind: &str) -> Option<DispatchFault> {
        let place = self.dispatches.iter().position(|(k, _, left)| k == kind && *left > 0)?;
        let (_, fault, left) = self.dispatches.get_mut(place)?;
        *left -= 1;
        *self.met.entry(format!("{fault:?}")).or_default() += 1;
        Some(*fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_met_as_often_as_asked_and_not_before() {
        let mut faults = Faults::default();
        faults.add(Fault::on("POST", "/x", Effect::DropBefore).after(1).times(1));
        assert_eq!(faults.take("POST", "/x", "/x"), []);
        assert_eq!(faults.take("GET", "/x", "/x"), []);
        assert_eq!(faults.take("POST", "/x", "/x"), [Effect::DropBefore]);
        assert_eq!(faults.take("POST", "/x", "/x"), []);
    }

    #[test]
    fn a_global_limit_spares_the_interactions() {
        let mut faults = Faults::default();
        let second = Duration::from_secs(1);
        faults.add(Fault::any(Effect::RateLimit(RateLimitScope::Global, second)));
        assert_eq!(faults.take("POST", "/interactions/{interaction_id}", "").len(), 0);
        assert_eq!(faults.take("POST", "/channels/{channel_id}/messages", "").len(), 1);
    }
}
