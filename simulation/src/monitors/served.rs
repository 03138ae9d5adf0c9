//! P18: nobody hears of a link that cannot work.

use super::{Monitors, Party};
use nebulalinks::model::*;
use nebulalinks::planner::clocks::TOLERANCE;
use std::collections::BTreeMap;

/// An Xray that was down a moment ago is not taken for a running one.
const STEADY_AFTER: DurationMs = DurationMs(85 * SECOND_MS);
/// A list's conditions are durable by then.
const COMMIT: DurationMs = DurationMs(SECOND_MS);

/// What the last lists said of what makes a server useless.
#[derive(Default)]
pub(super) struct Looks(BTreeMap<ServerId, Look>);

#[derive(Default, Clone, Copy)]
struct Look {
    /// Since when each list has found nobody of use here.
    useless_since: Option<UnixMs>,
    /// When Xray was first and last seen down, of the looks that were less than a while apart.
    xray_down: Option<(UnixMs, UnixMs)>,
}

impl Monitors {
    /// A new process goes by what is stored, and by its own looks.
    pub(super) fn looks_anew(&self) {
        self.seen.lock().unwrap().served.0.clear();
    }

    /// A list was read. What the one before it said is known of each account by now.
    pub(in super::super) fn listed(&self, list: &Observation, stored: &Snapshot) {
        let server = Party::Server(list.server.clone());
        let off = self.time.off(&server);
        // A server whose clock is the odd one moves no ledger.
        if off.unsigned_abs() <= TOLERANCE.0 {
            self.counters(list);
        }
        self.note_missing(list, stored);
        self.note_sessions(list, stored);
        self.note_identity(list);
        self.note_list(&list.server);
        // A pass by a clock that is in doubt may come to nothing.
        if self.is_wrong() || self.time.is_silent() || off != 0 {
            self.seen.lock().unwrap().served.0.remove(&list.server);
            return;
        }
        if let Some(why) = self.is_useless(&list.server) {
            let ready = |b: &&Binding| is_ready(stored.account_status(b.account));
            if let Some(binding) = stored.bound_to(&list.server).find(ready) {
                let outage = stored.server_status(&list.server).and_then(|s| s.outage);
                let what = format!(
                    "{} is Ready on {}, where {why}: {outage:?}",
                    binding.account, list.server
                );
                self.breach("P18", &what);
            }
        }
        let now = self.time.now();
        let names = self.catalog.servers.get(&list.server).map(|s| s.inbounds.clone());
        let named = |i: &InboundFacts| {
            i.enable && names.iter().flatten().any(|n| *n == i.remark || *n == i.id.to_string())
        };
        let down = matches!(list.panel.xray, XrayState::Stopped | XrayState::Error);
        let useless = down || !list.inbounds.iter().any(named);
        let mut seen = self.seen.lock().unwrap();
        let look = seen.served.0.entry(list.server.clone()).or_default();
        look.useless_since = useless.then(|| look.useless_since.unwrap_or(now));
        if down {
            let first = look.xray_down.filter(|(_, last)| now.since(*last) < STEADY_AFTER);
            look.xray_down = Some((first.map_or(now, |(first, _)| first), now));
        }
    }

    /// Just before something is committed.
    pub(in super::super) fn about_to_tell(&self, stored: &Snapshot, edits: &Edits) {
        for record in edits.puts.values() {
            let (account, what) = match record {
                Record::AccountStatus(status) if is_ready(Some(status)) => {
                    (status.account, "is Ready")
                }
                Record::Delivery(d) if d.state == DeliveryState::Delivered => {
                    (d.account, "got a link")
                }
                _ => continue,
            };
            for binding in stored.bindings(account) {
                if let Some(why) = self.is_useless(&binding.server) {
                    let server = &binding.server;
                    self.breach("P18", &format!("{account} {what} on {server}, where {why}"));
                }
            }
        }
    }

    fn is_useless(&self, server: &ServerId) -> Option<&'static str> {
        let now = self.time.now();
        let look = self.seen.lock().unwrap().served.0.get(server).copied()?;
        if look.useless_since.is_some_and(|at| now.since(at) > COMMIT) {
            return Some("nothing works");
        }
        let (first, last) = look.xray_down?;
        (now.since(first) > COMMIT && now.since(last) < STEADY_AFTER)
            .then_some("Xray was down a moment ago")
    }
}

fn is_ready(status: Option<&AccountStatus>) -> bool {
    status.is_some_and(|s| s.conditions.iter().any(|c| c.kind == ConditionKind::Ready))
}
