//! Where people's intents are decided.

use crate::intent::{Intent, Rejection, Reply};
use async_trait::async_trait;

/// Where people's intents are decided: reads, decides, commits, and tries again on a conflict.
///
/// # Guarantees
/// The reply is given after the edits are durable. The same intent twice changes once.
#[async_trait]
pub trait IntentHandler: Send + Sync {
    /// Decides an intent.
    async fn submit(&self, intent: Intent) -> Result<Reply, Rejection>;
}
