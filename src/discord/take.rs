//! Pictures on their way into an order, whichever way they came: by `/pay`, by a command on a message, or
//! posted in the order's thread.

use super::interaction::Attachment;
use super::proof::{self, ProofError};
use super::reader::{Reader, refusal, with_pages};
use super::shared::Shared;
use crate::front::reply;
use crate::intent::{Intent, Person, Rejection, Reply};
use crate::model::OrderId;
use crate::view::{Answer, ProofProblem};

/// Takes pictures for this order, or for the newest that can take one, and says what came of them.
pub(super) async fn take_proofs(
    shared: &Shared,
    files: &[Attachment],
    (by, reader): (&Person, Reader),
    mut order: Option<OrderId>,
) -> Answer {
    let mut answers = Vec::new();
    for file in files {
        let (taken, answer) = take(shared, file, (by, reader), order).await;
        // All of them are of one payment.
        order = order.or(taken);
        // Of several that came to the same it is said once.
        if !answers.contains(&answer) {
            answers.push(answer);
        }
    }
    let together = answers.into_iter().reduce(Answer::and);
    let missing = || no_proof(shared, reader, ProofError::Problem(ProofProblem::Missing));
    together.unwrap_or_else(missing)
}

async fn take(
    shared: &Shared,
    file: &Attachment,
    (by, reader): (&Person, Reader),
    order: Option<OrderId>,
) -> (Option<OrderId>, Answer) {
    // The semaphore is never closed; whoever waits was told that the answer follows.
    let _turn = shared.proofs_at_once.acquire().await;
    let content = match proof::fetch(&shared.downloads, &shared.config, file).await {
        Ok(content) => content,
        Err(error) => return (None, no_proof(shared, reader, error)),
    };
    let folder = &shared.config.proofs_dir;
    // From the file to the decision nobody else may come to count on the same file.
    let mut seen = shared.proof_files.lock().await;
    shared.clock.crash_point("discord.before_proof_file");
    let stored = proof::store(folder, content).await;
    shared.clock.crash_point("discord.after_proof_file");
    let mut kept = match stored {
        Ok(kept) => kept,
        Err(error) => return (None, no_proof(shared, reader, error)),
    };
    if let Some(look) = &kept.proof.look {
        kept.proof.alike = seen.alike(shared.store.as_ref(), look).await;
    }
    let intent = Intent::AddProof { order, by: by.clone(), proof: kept.proof.clone() };
    let outcome = decide(shared, intent).await;
    match &outcome {
        // An order has it; or it is not known whether one has.
        Ok(_) | Err(Rejection::DuplicateProof(_) | Rejection::StoreUnavailable) => {}
        Err(_) => proof::discard(folder, &kept).await,
    }
    let taken = match &outcome {
        Ok(Reply::ProofTaken(order)) => Some(*order),
        _ => None,
    };
    if let (Some(order), Some(look)) = (taken, kept.proof.look) {
        seen.add(order, *look);
    }
    let answer = with_pages(shared, reader, |pages| match outcome {
        // Decided while it was on its way.
        Err(Rejection::WrongState(order, _)) => pages.what_became_of(order),
        outcome => reply(pages, outcome, false),
    });
    (taken, answer)
}

/// Submits an intent.
pub(super) async fn decide(shared: &Shared, intent: Intent) -> Result<Reply, Rejection> {
    shared.clock.crash_point("discord.before_submit");
    let outcome = shared.intents.submit(intent).await;
    shared.clock.crash_point("discord.after_submit");
    outcome
}

fn no_proof(shared: &Shared, reader: Reader, error: ProofError) -> Answer {
    match error {
        ProofError::Problem(problem) => {
            with_pages(shared, reader, |p| Answer::Private(p.proof_problem(problem)))
        }
        ProofError::Storage(error) => {
            tracing::error!(%error, "a proof could not be written; make room or check the folder");
            refusal(shared, reader, Rejection::StoreUnavailable)
        }
    }
}
