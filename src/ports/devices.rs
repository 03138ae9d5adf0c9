//! Who asks servers from where an account is connected.

use crate::model::AccountId;
use crate::view::ConnectedFrom;
use async_trait::async_trait;

/// Asks an account's servers from where it was connected lately.
///
/// # Guarantees
/// It answers before an answer to whoever asks must be put off, whatever servers do, and keeps nothing of it.
#[async_trait]
pub trait Devices: Send + Sync {
    /// What each server says that the account is on, in the order of their ids.
    async fn connected_from(&self, account: AccountId) -> Vec<ConnectedFrom>;
}
