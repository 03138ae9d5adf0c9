//! What every call of the surfaces' side shares: its end, and the ids that go in and come out.

use super::errors::chat as failure;
use super::interaction::as_u64;
use crate::ports::{ChatClass, ChatCode, ChatError};
use serde_json::Value;
use std::time::Duration;

/// Longer than one call's own limit; serenity's rate limiter would wait for ever.
const CALL: Duration = Duration::from_secs(30);

pub(super) async fn within<T>(
    call: impl Future<Output = Result<T, ChatError>>,
) -> Result<T, ChatError> {
    tokio::time::timeout(CALL, call).await.unwrap_or_else(|_| {
        Err(failure(ChatClass::Unknown, ChatCode::Timeout, "Discord took too long"))
    })
}

/// Serenity's ids refuse 0 and the largest number with a panic.
pub(super) fn valid(id: u64) -> Result<u64, ChatError> {
    if id == 0 || id == u64::MAX {
        return Err(failure(ChatClass::Refused, ChatCode::NoId, "that is not a Discord id"));
    }
    Ok(id)
}

pub(super) fn id_of(value: &Value) -> Result<u64, ChatError> {
    value.get("id").and_then(as_u64).filter(|id| *id != 0).ok_or_else(|| {
        failure(ChatClass::Unknown, ChatCode::Undecodable, "Discord's answer has no id")
    })
}
