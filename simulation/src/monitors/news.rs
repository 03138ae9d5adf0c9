//! P22: news reach whom they are meant for, each once, and nobody who does not want them.

use super::super::chat::Discord;
use super::Monitors;
use nebulalinks::model::*;
use nebulalinks::notices::broadcast::not_before;
use std::collections::{BTreeMap, BTreeSet};

/// Clocks differ by less.
const CLOCKS: DurationMs = DurationMs(2 * MINUTE_MS);

/// What is known of broadcasts beside the store.
#[derive(Default)]
pub(super) struct News {
    /// Whose turn has been, by broadcast.
    served: BTreeSet<(BroadcastId, CustomerId)>,
    /// Who has been meant all the time since it was sent.
    meant: BTreeMap<BroadcastId, BTreeSet<CustomerId>>,
}

impl Monitors {
    /// Just before a commit: whose turn it is now, and whose has been.
    pub(in super::super) fn check_news(&self, stored: &Snapshot, edits: &Edits) {
        self.note_meant(stored);
        for record in edits.puts.values() {
            if let Record::Broadcast(next) = record {
                self.check_turn(stored, next);
            }
        }
    }

    /// Whoever is not meant any more, if only for a while, may lack it.
    fn note_meant(&self, stored: &Snapshot) {
        for broadcast in stored.broadcasts().filter(|b| b.sending_since().is_some()) {
            let meant = self.meant(stored, broadcast);
            let known = &mut self.seen.lock().unwrap().news.meant;
            if let Some(known) = known.get_mut(&broadcast.id) {
                known.retain(|customer| meant.contains(customer));
            }
        }
    }

    /// Whom a broadcast goes to, by whatever clock.
    fn meant(&self, stored: &Snapshot, broadcast: &Broadcast) -> BTreeSet<CustomerId> {
        let now = self.time.now();
        let is_meant = |customer: &Customer, at| {
            self.catalog.audience_has(stored, &broadcast.to, customer, at) == Some(true)
        };
        let all = stored.customers_after(None);
        let meant = all.filter(|c| is_meant(c, now) && is_meant(c, now + CLOCKS));
        meant.map(|customer| customer.id).collect()
    }

    fn check_turn(&self, stored: &Snapshot, next: &Broadcast) {
        let before = stored.broadcast(next.id);
        if next.sending_since().is_some() && before.is_some_and(|b| b.sending_since().is_none()) {
            let all = self.meant(stored, next);
            self.seen.lock().unwrap().news.meant.insert(next.id, all);
        }
        let turn = |broadcast: &Broadcast| broadcast.progress.turn.map(|turn| turn.customer);
        let (had, has) = (before.and_then(turn), turn(next));
        if had == has {
            return;
        }
        let again = {
            let served = &mut self.seen.lock().unwrap().news.served;
            served.extend(had.map(|customer| (next.id, customer)));
            has.is_some_and(|customer| served.contains(&(next.id, customer)))
        };
        if again {
            self.breach("P22", &format!("{} gets to {has:?} once more", next.id));
        }
        let wants = has.and_then(|id| stored.customer(id));
        if wants.is_some_and(|customer| !customer.hears(NoticeTopic::News)) {
            self.breach("P22", &format!("{} gets to {has:?}, who wants no news", next.id));
        }
    }

    /// Once every trouble is over: what was sent has ended, and whoever was meant has it.
    pub(in super::super) fn check_news_told(&self, snapshot: &Snapshot, discord: &Discord) {
        for broadcast in snapshot.broadcasts() {
            let waits = not_before(&self.catalog, broadcast, self.time.now()).is_some();
            if broadcast.sending_since().is_some() && !waits {
                self.breach("P22", &format!("{} has not ended", broadcast.id));
            }
            self.check_reach(snapshot, broadcast, discord);
        }
    }

    fn check_reach(&self, snapshot: &Snapshot, broadcast: &Broadcast, discord: &Discord) {
        let meant = self.seen.lock().unwrap().news.meant.get(&broadcast.id).cloned();
        let text = &broadcast.text;
        let mut missing = 0;
        for customer in meant.unwrap_or_default() {
            // Who was forgotten and came again is somebody else, at the same place.
            let Some(at) = snapshot.reached_at(customer) else { continue };
            let told = discord.times_told(at, text);
            if told.is_some_and(|times| times > 1) && !self.came_again(at) {
                self.breach("P22", &format!("{at} has {} twice", broadcast.id));
            }
            missing += u32::from(told == Some(0));
        }
        let is_whole = matches!(broadcast.state, BroadcastState::Sent(_));
        if is_whole && missing > broadcast.progress.unknown {
            self.breach("P22", &format!("{missing} customers lack {}", broadcast.id));
        }
    }
}
