//! Waiting for something to be so: woken by each change, without sleeping.

use crate::emulator::Emulator;
use std::time::Duration;

/// It did not happen in time.
#[derive(Debug, Clone, thiserror::Error)]
#[error("waited {waited:?} in vain for {what}; what happened:\n{transcript}")]
pub struct WaitError {
    /// What was waited for.
    pub what: String,
    /// How long was waited before giving up.
    pub waited: Duration,
    /// Everything that happened so far.
    pub transcript: String,
}

impl Emulator {
    /// Waits until `find` finds something. It is asked again after each change.
    ///
    /// # Errors
    /// It found nothing within `deadline` (real time).
    pub async fn wait_for<T>(
        &self,
        what: &str,
        deadline: Duration,
        mut find: impl FnMut(&Self) -> Option<T>,
    ) -> Result<T, WaitError> {
        let mut versions = self.0.version.subscribe();
        let found = tokio::time::timeout(deadline, async {
            loop {
                versions.mark_unchanged();
                if let Some(found) = find(self) {
                    return Some(found);
                }
                if versions.changed().await.is_err() {
                    return None;
                }
            }
        });
        match found.await {
            Ok(Some(found)) => Ok(found),
            _ => Err(WaitError {
                what: what.to_owned(),
                waited: deadline,
                transcript: self.transcript(),
            }),
        }
    }

    /// Waits until a bot is connected to the gateway.
    ///
    /// # Errors
    /// None connected within `deadline`.
    pub async fn wait_for_bot(&self, deadline: Duration) -> Result<(), WaitError> {
        self.wait_for("a bot at the gateway", deadline, |emulator| {
            (emulator.connected_bots() > 0).then_some(())
        })
        .await
    }
}
