//! Who typed codes that there are not: after a few of them, more are not looked at for a while. In memory
//! alone: a restart forgets it.

use crate::model::{HOUR_MS, Identity, UnixMs};
use std::collections::BTreeMap;

/// Wrong codes of one person within an hour, at which no further one is looked at.
const MOST: usize = 5;

/// When people typed wrong codes within the last hour, oldest first.
#[derive(Debug, Default)]
pub struct Guesses(BTreeMap<Identity, Vec<UnixMs>>);

impl Guesses {
    /// From when on this person's codes are looked at again; `None` while they are.
    #[must_use]
    pub fn again_at(&self, who: Identity, now: UnixMs) -> Option<UnixMs> {
        let times = self.0.get(&who)?;
        let nth = times.len().checked_sub(MOST)?;
        let again = UnixMs(times.get(nth)?.0.saturating_add(HOUR_MS));
        (now < again).then_some(again)
    }

    /// Notes a wrong one. Whoever typed none within an hour is forgotten.
    pub fn wrong(&mut self, who: Identity, now: UnixMs) {
        self.0.entry(who).or_default().push(now);
        self.0.retain(|_, times| {
            times.retain(|at| now.0 < at.0.saturating_add(HOUR_MS));
            !times.is_empty()
        });
    }

    /// Takes back what was noted then: it was none.
    pub fn right(&mut self, who: Identity, noted: UnixMs) {
        let Some(times) = self.0.get_mut(&who) else { return };
        if let Some(n) = times.iter().rposition(|at| *at == noted) {
            times.remove(n);
        }
        if times.is_empty() {
            self.0.remove(&who);
        }
    }

    /// How many are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_wrong_code_within_an_hour_is_not_looked_at_and_a_later_one_is() {
        let (alice, bob) = (Identity::Discord(1), Identity::Discord(2));
        let mut guesses = Guesses::default();
        let minute = |n: u64| UnixMs(1_000_000 + n * 60_000);
        for n in 0..5 {
            assert_eq!(guesses.again_at(alice, minute(n)), None, "{n}");
            guesses.wrong(alice, minute(n));
        }
        assert_eq!(guesses.again_at(alice, minute(5)), Some(minute(60)));
        assert_eq!(guesses.again_at(bob, minute(5)), None, "somebody else");
        assert_eq!(guesses.again_at(alice, minute(59)), Some(minute(60)));
        assert_eq!(guesses.again_at(alice, minute(60)), None);
        guesses.wrong(alice, minute(60));
        assert_eq!(guesses.again_at(alice, minute(60)), Some(minute(61)), "the second counts yet");
    }

    #[test]
    fn a_right_code_costs_nothing_and_codes_at_once_are_no_more_than_codes_in_turn() {
        let (alice, now) = (Identity::Discord(1), UnixMs(5));
        let mut guesses = Guesses::default();
        for _ in 0..100 {
            assert_eq!(guesses.again_at(alice, now), None);
            guesses.wrong(alice, now);
            guesses.right(alice, now);
        }
        assert!(guesses.is_empty());
        let at_once = (0..30).filter(|_| {
            let looked_at = guesses.again_at(alice, now).is_none();
            guesses.wrong(alice, now);
            looked_at
        });
        assert_eq!(at_once.count(), 5);
    }

    #[test]
    fn who_typed_nothing_wrong_for_an_hour_is_forgotten() {
        let mut guesses = Guesses::default();
        for n in 0..100 {
            guesses.wrong(Identity::Discord(n), UnixMs(n));
        }
        guesses.wrong(Identity::Discord(7), UnixMs(HOUR_MS + 200));
        assert_eq!(guesses.len(), 1);
    }
}
