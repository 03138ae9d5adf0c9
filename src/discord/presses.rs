//! How often one person's clicks and commands are answered: `limits.presses_per_minute` of shop.yaml.

use crate::model::Identity;
use crate::rate::Rate;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

/// Who clicked how often.
#[derive(Default)]
pub(super) struct Presses(Mutex<Option<(NonZeroU32, Arc<Rate>)>>);

impl Presses {
    /// Takes one click of somebody. What was counted is forgotten when the setting changes.
    ///
    /// # Errors
    /// How many seconds to wait.
    pub(super) fn take(&self, per_minute: NonZeroU32, who: Identity) -> Result<(), u64> {
        let rate = {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match kept.as_ref().filter(|(setting, _)| *setting == per_minute) {
                Some((_, rate)) => Arc::clone(rate),
                None => {
                    let rate = Arc::new(Rate::new(per_minute, per_minute));
                    *kept = Some((per_minute, Arc::clone(&rate)));
                    rate
                }
            }
        };
        rate.take(who)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_has_as_many_clicks_as_the_file_says_and_an_edit_counts_at_once() {
        let presses = Presses::default();
        let (alice, bob) = (Identity::Discord(1), Identity::Discord(2));
        let [three, four] = [3, 4].map(|n| NonZeroU32::new(n).unwrap());
        let taken = |many, who| (0..100).take_while(|_| presses.take(many, who).is_ok()).count();
        assert_eq!(taken(three, alice), 3);
        assert!(presses.take(three, alice).is_err_and(|wait| (1..=20).contains(&wait)));
        assert_eq!(taken(three, bob), 3, "nobody pays for others");
        assert_eq!(taken(four, alice), 4);
    }
}
