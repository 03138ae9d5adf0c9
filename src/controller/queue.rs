//! The queue: one entry per key, the earliest deadline wins, never two runs of one key.

use super::keys::{Lane, WorkKey};
use crate::model::{DurationMs, SECOND_MS, UnixMs};
use std::collections::{BTreeMap, BTreeSet};

/// A look at a panel that takes longer holds no worker of its lane: however many panels are about to be
/// known as slow, the others do not wait for them. There are two such runs a server at
/// most: its list, and those who are new there.
const SLOW_AFTER: DurationMs = DurationMs(2 * SECOND_MS);

/// What is to be done when. Pure: the runner passes the time at hand.
#[derive(Debug, Default)]
pub struct Queue {
    /// What waits, apart by [`WorkKey::lane`]: whom a full lane keeps waiting, a hundred thousand of
    /// them, is not looked at to find what another lane can take.
    due: BTreeMap<Lane, BTreeMap<UnixMs, BTreeSet<WorkKey>>>,
    waiting: BTreeMap<WorkKey, UnixMs>,
    running: BTreeMap<WorkKey, (Lane, UnixMs)>,
    requeue_at: BTreeMap<WorkKey, UnixMs>,
}

impl Queue {
    /// Puts a key into the queue, due at a moment. An earlier moment stays; while the key runs,
    /// the moment waits for the end of the run.
    pub fn add(&mut self, key: WorkKey, at: UnixMs) {
        if self.running.contains_key(&key) {
            let requeue_at = self.requeue_at.entry(key).or_insert(at);
            *requeue_at = (*requeue_at).min(at);
            return;
        }
        match self.waiting.get(&key) {
            Some(earlier) if *earlier <= at => {}
            Some(later) => {
                let later = *later;
                self.forget(later, &key);
                self.wait(key, at);
            }
            None => self.wait(key, at),
        }
    }

    fn wait(&mut self, key: WorkKey, at: UnixMs) {
        self.due.entry(key.lane()).or_default().entry(at).or_default().insert(key.clone());
        self.waiting.insert(key, at);
    }

    fn forget(&mut self, at: UnixMs, key: &WorkKey) {
        let due = self.due.entry(key.lane()).or_default();
        if let Some(keys) = due.get_mut(&at) {
            keys.remove(key);
            if keys.is_empty() {
                due.remove(&at);
            }
        }
        self.waiting.remove(key);
    }

    /// Takes the most urgent key that is due and whose lane has a free worker. A full lane does not
    /// hold up the others. `lane_of` tells failing servers from others; all other keys have their
    /// own lane.
    pub fn take(
        &mut self,
        now: UnixMs,
        lane_of: impl Fn(&WorkKey) -> Lane,
    ) -> Option<(WorkKey, UnixMs)> {
        let holds = |since: UnixMs, of: Lane| of != Lane::Panels || now.since(since) < SLOW_AFTER;
        let holding = |lane: Lane| {
            self.running.values().filter(|(of, since)| *of == lane && holds(*since, *of)).count()
        };
        let free = |lane: Lane| holding(lane) < lane.workers();
        let open: BTreeSet<Lane> = Lane::ALL.into_iter().filter(|l| free(*l)).collect();
        if open.is_empty() {
            return None;
        }
        let first = |(lane, due): (&Lane, &'_ BTreeMap<UnixMs, BTreeSet<WorkKey>>)| {
            let mut keys =
                due.range(..=now).flat_map(|(at, keys)| keys.iter().map(move |key| (*at, key)));
            let is_open = |(_, key): &(UnixMs, &WorkKey)| open.contains(&lane_of(key));
            let found = match lane {
                Lane::Panels => keys.find(is_open),
                _ => keys.next().filter(is_open),
            };
            found.map(|(at, key)| (at, key.clone()))
        };
        let (at, key) = self.due.iter().filter_map(first).min()?;
        self.forget(at, &key);
        self.running.insert(key.clone(), (lane_of(&key), now));
        Some((key, at))
    }

    /// A run has ended and wants the next one at a moment, or none.
    pub fn done(&mut self, key: &WorkKey, next: Option<UnixMs>) {
        self.running.remove(key);
        let requeue_at = self.requeue_at.remove(key);
        let at = match (next, requeue_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if let Some(at) = at {
            self.add(key.clone(), at);
        }
    }

    /// When the next key falls due.
    #[must_use]
    pub fn next_due(&self) -> Option<UnixMs> {
        self.due.values().filter_map(|due| due.keys().next()).min().copied()
    }

    /// When the next key falls due after `now`: those before it wait for a worker, and must not
    /// hide it.
    #[must_use]
    pub fn next_after(&self, now: UnixMs) -> Option<UnixMs> {
        let later = (std::ops::Bound::Excluded(now), std::ops::Bound::Unbounded);
        self.due.values().filter_map(|due| due.range(later).next()).map(|(at, _)| *at).min()
    }

    /// When a worker is free without a run's end, for what is due and waits for one.
    #[must_use]
    pub fn next_free(&self, now: UnixMs) -> Option<UnixMs> {
        self.next_due().filter(|due| *due <= now)?;
        let panels = self.running.values().filter(|(lane, _)| *lane == Lane::Panels);
        panels.map(|(_, since)| *since + SLOW_AFTER).filter(|free| *free > now).min()
    }

    /// What waits in a lane, the soonest first.
    pub fn soonest(&self, lane: Lane) -> impl Iterator<Item = (UnixMs, WorkKey)> {
        let due = self.due.get(&lane).into_iter().flatten();
        due.flat_map(|(at, keys)| keys.iter().map(|key| (*at, key.clone())))
    }

    /// How many keys wait.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.waiting.len()
    }

    /// How many keys run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AccountId;
    use std::cell::Cell;

    fn key(name: &str) -> WorkKey {
        WorkKey::Server(name.parse().unwrap())
    }
    fn take(queue: &mut Queue, now: u64) -> Option<WorkKey> {
        queue.take(UnixMs(now), |_| Lane::Panels).map(|(k, _)| k)
    }

    #[test]
    fn a_key_stands_once_and_the_earliest_deadline_wins() {
        let mut queue = Queue::default();
        queue.add(key("a"), UnixMs(50));
        queue.add(key("a"), UnixMs(10));
        queue.add(key("a"), UnixMs(90));
        assert_eq!((queue.depth(), queue.next_due()), (1, Some(UnixMs(10))));
        assert_eq!(take(&mut queue, 9), None);
        assert_eq!(take(&mut queue, 10), Some(key("a")));
        assert_eq!(queue.depth(), 0);
    }

    #[test]
    fn what_waits_in_a_lane_is_told_soonest_first() {
        let mut queue = Queue::default();
        for (name, at) in [("late", 90), ("soon", 10), ("now", 5)] {
            queue.add(key(name), UnixMs(at));
        }
        queue.add(WorkKey::Clock, UnixMs(1));
        assert_eq!(take(&mut queue, 5), Some(WorkKey::Clock));
        assert_eq!(take(&mut queue, 5), Some(key("now")), "what runs waits no more");
        let told: Vec<_> = queue.soonest(Lane::Panels).collect();
        assert_eq!(told, [(UnixMs(10), key("soon")), (UnixMs(90), key("late"))]);
    }

    #[test]
    fn a_key_never_runs_twice_at_once_and_a_moment_meanwhile_is_kept() {
        let mut queue = Queue::default();
        queue.add(key("a"), UnixMs(0));
        assert_eq!(take(&mut queue, 5), Some(key("a")));
        queue.add(key("a"), UnixMs(6));
        assert_eq!(take(&mut queue, 7), None, "it runs");
        queue.done(&key("a"), Some(UnixMs(100)));
        assert_eq!(take(&mut queue, 7), Some(key("a")), "the earlier moment wins over the resync");
    }

    #[test]
    fn a_full_lane_does_not_hold_up_another() {
        let mut queue = Queue::default();
        let lane = |k: &WorkKey| if *k == key("good") { Lane::Panels } else { Lane::Slow };
        for n in 0..50 {
            queue.add(key(&format!("dead-{n}")), UnixMs(0));
        }
        queue.add(key("good"), UnixMs(1));
        let mut taken = Vec::new();
        while let Some((k, _)) = queue.take(UnixMs(1), lane) {
            taken.push(k);
        }
        assert_eq!(taken.len(), Lane::Slow.workers() + 1);
        assert!(taken.contains(&key("good")));
    }

    #[test]
    fn who_waits_for_a_full_lane_is_not_looked_at_for_another() {
        let mut queue = Queue::default();
        for n in 0..1_000_u128 {
            queue.add(WorkKey::Account(AccountId::new(n.into())), UnixMs(0));
            queue.add(WorkKey::Notify(AccountId::new(n.into())), UnixMs(1));
        }
        let looked = Cell::new(0);
        let lane = |key: &WorkKey| {
            looked.set(looked.get() + 1);
            if matches!(key, WorkKey::Account(_)) { Lane::Records } else { Lane::Notices }
        };
        let mut taken = 0;
        while queue.take(UnixMs(1), lane).is_some() {
            taken += 1;
        }
        assert_eq!(taken, Lane::Records.workers() + Lane::Notices.workers());
        assert!(looked.get() <= 4 * (taken + 1), "{} of 2,000", looked.get());
    }

    #[test]
    fn panels_that_take_long_to_fail_hold_up_no_other_for_longer_than_two_seconds() {
        let mut queue = Queue::default();
        for n in 0..50 {
            queue.add(key(&format!("dead-{n}")), UnixMs(0));
        }
        while take(&mut queue, 0).is_some() {}
        assert_eq!(queue.running(), Lane::Panels.workers());
        assert_eq!(queue.next_free(UnixMs(10)), Some(UnixMs(2_000)));
        assert_eq!(take(&mut queue, 1_999), None);
        assert!(take(&mut queue, 2_000).is_some());
        queue.add(key("dead-0"), UnixMs(2_000));
        while take(&mut queue, 2_000).is_some() {}
        assert_eq!(queue.running(), 2 * Lane::Panels.workers(), "never twice the same");
    }
}
