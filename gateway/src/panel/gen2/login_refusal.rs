//! A refused login, and when it is tried again.
//!
//! A v2 panel answers a login with one sentence for a wrong password, a missing second factor and a
//! database that is locked just now. Credentials that it never took are taken for wrong and never
//! sent again: it logs them in clear text. Those that it took since the gateway started are tried
//! again after 1, 5 and 15 minutes and then once an hour, so that a passing trouble passes by itself
//! and a changed password is not sent in a loop.

use nebulalinks_protocol::ErrorCode;

use crate::failure::Failure;

const MINUTE_MS: u64 = 60_000;
/// How long to wait after each refusal in a row, in ms; the last one repeats.
const WAITS_MS: [u64; 4] = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS];

/// The panel's last word on our credentials was no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LoginRefusal {
    /// How often in a row.
    times: usize,
    /// When to try again, in ms since 1970; never when `None`.
    next_ms: Option<u64>,
}

impl LoginRefusal {
    /// One more refusal at `now_ms`; `taken` when the panel took the same credentials before.
    pub(super) fn after(before: Option<Self>, taken: bool, now_ms: u64) -> Self {
        let times = before.map_or(0, |before| before.times);
        let wait = WAITS_MS.get(times).or_else(|| WAITS_MS.last()).copied();
        let next_ms = wait.filter(|_| taken).map(|wait| now_ms.saturating_add(wait));
        Self { times: times.saturating_add(1), next_ms }
    }

    /// Whether the login may be tried at `now_ms`.
    ///
    /// # Errors
    /// [`ErrorCode::PanelAuth`], with what to do.
    pub(super) fn allows(&self, now_ms: u64) -> Result<(), Failure> {
        match self.next_ms {
            Some(next) if next <= now_ms => Ok(()),
            _ => Err(self.failure(now_ms)),
        }
    }

    /// The failure of every request meanwhile.
    pub(super) fn failure(&self, now_ms: u64) -> Failure {
        let Some(next) = self.next_ms else {
            let detail = "the panel refused the user name or password, or wants a two-factor \
                          code. It never took them since the gateway started, and a panel logs \
                          and counts failures, so nothing is tried again: set the right ones (and \
                          two-factor login off for this user), then restart the gateway";
            return Failure::new(ErrorCode::PanelAuth, detail);
        };
        let wait_ms = next.saturating_sub(now_ms);
        let detail = format!(
            "the panel refused a user name and password that it took before: its database may be \
             locked just now (a v2 panel answers then as to a wrong password). They are tried \
             again in {} s. If they were changed, set the new ones and restart the gateway",
            wait_ms.div_ceil(1_000)
        );
        let mut failure = Failure::new(ErrorCode::PanelAuth, detail);
        failure.retry_after_ms = Some(wait_ms);
        failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_that_were_never_taken_are_never_tried_again() {
        let refusal = LoginRefusal::after(None, false, 5);
        assert!(refusal.allows(u64::MAX).is_err());
        assert!(refusal.failure(5).detail.contains("restart the gateway"));
    }

    #[test]
    fn credentials_that_were_taken_wait_one_five_fifteen_minutes_and_then_an_hour() {
        let (mut now, mut before, mut waits) = (0, None, Vec::new());
        for _ in 0..6 {
            let refusal = LoginRefusal::after(before, true, now);
            let wait = refusal.failure(now).retry_after_ms.unwrap();
            assert!(refusal.allows(now + wait - 1).is_err());
            assert_eq!(refusal.allows(now + wait), Ok(()));
            now += wait;
            waits.push(wait / MINUTE_MS);
            before = Some(refusal);
        }
        assert_eq!(waits, [1, 5, 15, 60, 60, 60]);
    }
}
