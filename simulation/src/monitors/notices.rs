//! P22: a notice goes out once, in its time, and no advice in the shop's quiet hours.

use super::Monitors;
use nebulalinks::model::*;
use std::collections::{BTreeMap, BTreeSet};

/// A reminder may go out so long after its moment: a look of the account's own key, and one more.
const TICK: DurationMs = DurationMs(10 * SECOND_MS);

/// What was told.
#[derive(Default)]
pub(super) struct Notices {
    told: BTreeSet<(AccountId, u32, NoticeKind)>,
    /// Reminders that were claimed, and when first.
    reminded: BTreeMap<(AccountId, NoticeKind), UnixMs>,
    /// Nobody edits the files, and no trouble comes that may put one off.
    in_calm: bool,
}

impl Monitors {
    /// From now on it is looked at when they go out, too: no trouble comes that may put one off.
    pub(in super::super) fn looks_at_notices(&self) {
        self.seen.lock().unwrap().notices.in_calm = true;
    }

    /// Another store knows nothing of what was told.
    pub(super) fn forget_notices(&self) {
        self.seen.lock().unwrap().notices.told.clear();
    }

    /// Just before a commit: what it claims to tell, and what it says was told.
    pub(in super::super) fn check_notices(&self, stored: &Snapshot, edits: &Edits) {
        for record in edits.puts.values() {
            let Record::Notice(notice) = record else { continue };
            let Notice { account, run, kind, ref state, .. } = *notice;
            let of = (account, run, kind);
            let is_claim = stored.notice(account, run, kind).is_none();
            let mut seen = self.seen.lock().unwrap();
            let again = seen.notices.told.contains(&of);
            if *state == NoticeState::Sent {
                seen.notices.told.insert(of);
            }
            let in_calm = seen.notices.in_calm;
            drop(seen);
            if is_claim && again && !self.is_wrong() {
                self.breach("P22", &format!("{account} is told {kind} of {run} once more"));
            }
            if is_claim && in_calm {
                self.check_hour(account, kind);
                self.check_moment(stored, account, kind);
            }
        }
    }

    /// The quiet hours that a moment lies in.
    fn quiet_around(&self, at: UnixMs) -> Option<(UnixMs, UnixMs)> {
        let shop = &self.catalog.shop;
        shop.notices.quiet.and_then(|hours| hours.around(at, &shop.time_zone))
    }

    fn check_hour(&self, account: AccountId, kind: NoticeKind) {
        if kind.is_advice() && self.quiet_around(self.time.now()).is_some() {
            self.breach("P22", &format!("{account} is told {kind} in the quiet hours"));
        }
    }

    /// A reminder's moment, as the files say it: so long before the end, after quiet hours in which it lies.
    fn check_moment(&self, stored: &Snapshot, account: AccountId, kind: NoticeKind) {
        let NoticeKind::Reminder(seconds) = kind else { return };
        let Some(entitlement) = Entitlement::of(stored, account) else { return };
        let (now, ends_at) = (self.time.now(), entitlement.ends_at);
        let at = ends_at - DurationMs(u64::from(seconds) * SECOND_MS);
        // Where the quiet hours last until the end, it comes before them.
        let due = match self.quiet_around(at) {
            Some((_, ends)) if ends < ends_at => ends,
            Some((began, _)) => began - DurationMs(10 * MINUTE_MS),
            None => at,
        };
        self.seen.lock().unwrap().notices.reminded.entry((account, kind)).or_insert(now);
        if now < due {
            self.breach("P22", &format!("{account} is told {kind} at {now:?}, due at {due:?}"));
        } else if now.since(due) > TICK {
            let late = now.since(due);
            self.breach("P22", &format!("{account} is told {kind} late by {late:?}"));
        }
    }

    /// Whether an account was reminded so.
    pub(in super::super) fn was_reminded(&self, account: AccountId, before: DurationMs) -> bool {
        let of = (account, NoticeKind::reminder(before));
        self.seen.lock().unwrap().notices.reminded.contains_key(&of)
    }
}
