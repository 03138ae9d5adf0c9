//! P17: what a wrong clock may not do.

use super::{Monitors, Party};
use nebulalinks::model::*;

/// What a gateway and the clocks' judgement tolerate, and the second that dates are rounded to.
const TOLERATED: u64 = 31 * SECOND_MS;
/// A pass that began before a clock was set may go on for so long while its machine is awake.
const PASS: DurationMs = DurationMs(2 * MINUTE_MS);
/// Somebody has told the time by so long after a sleep.
const TOLD: DurationMs = DurationMs(30 * SECOND_MS);

impl Monitors {
    /// The time by which a cut-off is right: the controller's own within what is tolerated.
    pub(super) fn now(&self) -> UnixMs {
        let own = self.time.of(&Party::Controller);
        if self.is_wrong() { self.time.now() } else { own }
    }

    /// The controller's clock is off by more than is tolerated.
    pub(super) fn is_wrong(&self) -> bool {
        self.time.off(&Party::Controller).unsigned_abs() > TOLERATED
    }

    /// Who wakes up is in doubt until somebody has told the time, which is so by then.
    pub(super) fn just_woke_up(&self) -> bool {
        self.time.awake_since_set(&Party::Controller) <= TOLD
    }

    /// It is, and nobody could know: Discord is silent, and each server tells the same time.
    pub(super) fn is_deceived(&self) -> bool {
        let own = self.time.off(&Party::Controller);
        let agree =
            |id: &ServerId| self.time.off(&Party::Server(id.clone())).abs_diff(own) <= TOLERATED;
        self.is_wrong() && self.time.is_silent() && self.panels.keys().all(agree)
    }

    /// Just before something is committed: no timed fact while the clock is wrong.
    pub(in super::super) fn about_to_commit(&self, stored: &Snapshot, edits: &Edits) {
        if !self.is_wrong() || self.is_deceived() {
            return;
        }
        for record in edits.puts.values() {
            let what = match record {
                Record::Term(_) => "a term was given",
                Record::Run(_) => "a run was begun",
                Record::Notice(n) if n.state == NoticeState::Sending => "somebody was told",
                Record::Binding(binding) if newly_tombstoned(stored, binding) => "an end was met",
                Record::Order(order) if newly_decided(stored, order) => "an order was decided",
                _ => continue,
            };
            self.breach("P17", &format!("{what} by a wrong clock: {}", record.key()));
        }
    }

    /// Nothing is written to a server whose clock is off.
    pub(super) fn check_clock_of(&self, server: &ServerId) {
        let party = Party::Server(server.clone());
        let off = self.time.off(&party).abs_diff(self.time.off(&Party::Controller));
        let doubted = self.is_wrong() || self.time.is_silent();
        if off > TOLERATED && !doubted && self.time.awake_since_set(&party) > PASS {
            self.breach("P17", &format!("{server} was written to, and its clock is off"));
        }
    }
}

fn newly_tombstoned(stored: &Snapshot, binding: &Binding) -> bool {
    let is = |b: &Binding| matches!(b.disposition, Disposition::Tombstoned { .. });
    is(binding) && !stored.binding(binding.account, &binding.server).is_some_and(is)
}

/// Anything but one proof more.
fn newly_decided(stored: &Snapshot, order: &Order) -> bool {
    stored.order(order.id).is_none_or(|before| {
        before.decision != order.decision
            || before.cancelled != order.cancelled
            || before.reversed != order.reversed
            || before.reopened != order.reopened
    })
}
