//! Codes that people type: whoever typed several that there are not waits before the next is looked at.

use super::shared::Shared;
use super::take::decide;
use crate::front::Guesses;
use crate::intent::{Intent, Rejection, Reply};
use crate::model::{CodeProblem, Identity};
use std::sync::{MutexGuard, PoisonError};

/// Has a code looked at. It is noted as a wrong one first, and that is taken back: many at once are no more
/// guesses than many in turn.
pub(super) async fn enter(
    shared: &Shared,
    intent: Intent,
    by: Identity,
) -> Result<Reply, Rejection> {
    let now = shared.time.reading().now;
    {
        let mut guesses = guesses(shared);
        if let Some(again) = guesses.again_at(by, now) {
            return Err(Rejection::Code(CodeProblem::TooOften(again)));
        }
        guesses.wrong(by, now);
    }
    let outcome = decide(shared, intent).await;
    if outcome != Err(Rejection::Code(CodeProblem::Unknown)) {
        guesses(shared).right(by, now);
    }
    outcome
}

/// Nobody leaves a half-made change behind.
fn guesses(shared: &Shared) -> MutexGuard<'_, Guesses> {
    shared.guesses.lock().unwrap_or_else(PoisonError::into_inner)
}
