//! Clients that nothing is written to for a while: their last write's outcome is unknown, or the
//! panel refused it.

use super::lock::Locked;
use crate::model::{AccountId, DurationMs, SECOND_MS, ServerId, UnixMs};
use std::collections::BTreeMap;

/// The longest that a client which cannot be brought to what is asked cools down.
const LONGEST_BACK_OFF: DurationMs = DurationMs(60 * SECOND_MS);
/// After this much time without another failure the next one counts as the first.
const FORGOTTEN_AFTER: DurationMs = DurationMs(300 * SECOND_MS);
/// No cooldown lasts longer: what lies further ahead was set before the clock was set back.
const LONGEST: DurationMs = DurationMs(120 * SECOND_MS);

#[derive(Debug, Clone, Copy, Default)]
struct Cooldown {
    until: UnixMs,
    /// How often in a row the client could not be brought to what is asked.
    failures: u32,
}

impl Cooldown {
    fn lasts(&self, now: UnixMs) -> bool {
        self.until > now && self.until.since(now) <= LONGEST
    }
}

/// The cooldowns of every server's clients, by the wall clock.
#[derive(Debug, Default)]
pub(super) struct Cooldowns(Locked<BTreeMap<ServerId, BTreeMap<AccountId, Cooldown>>>);

impl Cooldowns {
    /// The outcome of a client's write is unknown: no second write before `until`, when the first
    /// can no longer start.
    pub(super) fn cool_down(&self, server: &ServerId, account: AccountId, until: UnixMs) {
        let mut all = self.0.lock();
        all.entry(server.clone()).or_default().entry(account).or_default().until = until;
    }

    /// The panel refused a client: it is tried again after a second, then ever later, so that what
    /// cannot be done does not fill the log and the audit.
    pub(super) fn back_off(&self, server: &ServerId, account: AccountId, now: UnixMs) {
        let mut all = self.0.lock();
        let clients = all.entry(server.clone()).or_default();
        clients.retain(|_, cooldown| now.since(cooldown.until) < FORGOTTEN_AFTER);
        let cooldown = clients.entry(account).or_default();
        let wait = DurationMs(SECOND_MS << cooldown.failures.min(6)).min(LONGEST_BACK_OFF);
        cooldown.failures = cooldown.failures.saturating_add(1);
        cooldown.until = now + wait;
    }

    /// The client is as it was asked.
    pub(super) fn end(&self, server: &ServerId, account: AccountId) {
        if let Some(clients) = self.0.lock().get_mut(server) {
            clients.remove(&account);
        }
    }

    /// The clients of a server that cool down, each with the moment at which that ends.
    pub(super) fn of(&self, server: &ServerId, now: UnixMs) -> BTreeMap<AccountId, UnixMs> {
        let all = self.0.lock();
        let clients = all.get(server).into_iter().flatten();
        clients.filter(|(_, c)| c.lasts(now)).map(|(id, c)| (*id, c.until)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample::account_id;

    fn until(cooldowns: &Cooldowns, now: u64) -> Option<u64> {
        let fra = "fra-1".parse().unwrap();
        cooldowns.of(&fra, UnixMs(now)).get(&account_id(1)).map(|at| at.0)
    }

    #[test]
    fn a_refused_client_is_tried_ever_later_and_a_success_or_five_calm_minutes_forget_that() {
        let cooldowns = Cooldowns::default();
        let (fra, id) = ("fra-1".parse().unwrap(), account_id(1));
        let mut now = 1_000_000;
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            cooldowns.back_off(&fra, id, UnixMs(now));
            assert_eq!(until(&cooldowns, now), Some(now + seconds * SECOND_MS));
            now += seconds * SECOND_MS;
            assert_eq!(until(&cooldowns, now), None);
        }
        now += FORGOTTEN_AFTER.0;
        cooldowns.back_off(&fra, id, UnixMs(now));
        assert_eq!(until(&cooldowns, now), Some(now + SECOND_MS));
        cooldowns.end(&fra, id);
        assert_eq!(until(&cooldowns, now), None);
        cooldowns.back_off(&fra, id, UnixMs(now));
        assert_eq!(until(&cooldowns, now), Some(now + SECOND_MS));
    }

    #[test]
    fn a_clock_that_is_set_back_makes_no_cooldown_longer_than_two_minutes() {
        let cooldowns = Cooldowns::default();
        let (fra, ams) = ("fra-1".parse().unwrap(), "ams-1".parse().unwrap());
        cooldowns.cool_down(&fra, account_id(1), UnixMs(1_072_000));
        assert_eq!(until(&cooldowns, 1_000_000), Some(1_072_000));
        assert_eq!(until(&cooldowns, 900_000), None, "the clock was set back by 100 s");
        assert!(cooldowns.of(&ams, UnixMs(1_000_000)).is_empty(), "of that server alone");
    }
}
