//! Pictures on their way into an order, whichever way they came: by `/pay`, by a command on a message, or
//! posted in the order's thread.

use super::interaction::Attachment;
use super::proof::{self, Picture, ProofError};
use super::reader::{Reader, refusal, with_pages};
use super::shared::Shared;
use crate::front::reply;
use crate::intent::{Intent, Person, Rejection, Reply, came_to_nothing, proof_target};
use crate::model::{Evidence, Key, Order, OrderId, Record, Versioned};
use crate::view::{Answer, ProofProblem};
use std::io;

/// What came of one picture.
struct Came {
    answer: Answer,
    /// The order that the others of the same message are for.
    order: Option<OrderId>,
    is_taken: bool,
    /// No other picture would be taken either.
    last: bool,
}

/// Takes pictures for this order, or for the newest that can take one, and says what came of them. The payment's own
/// number goes with the first of them that is taken.
pub(super) async fn take_proofs(
    shared: &Shared,
    files: &[Attachment],
    (by, reader): (&Person, Reader),
    mut order: Option<OrderId>,
    mut stated: Option<&str>,
) -> Answer {
    let mut answers = Vec::new();
    for file in files {
        let came = take(shared, file, (by, reader), (order, stated)).await;
        if came.is_taken {
            stated = None;
        }
        // All of them are of one payment.
        order = order.or(came.order);
        // Of several that came to the same it is said once.
        if !answers.contains(&came.answer) {
            answers.push(came.answer);
        }
        if came.last {
            break;
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
    (order, stated): (Option<OrderId>, Option<&str>),
) -> Came {
    // The semaphore is never closed; whoever waits was told that the answer follows.
    let _turn = shared.proofs_at_once.acquire().await;
    let refused = |error| {
        let answer = no_proof(shared, reader, error);
        Came { answer, order: None, is_taken: false, last: false }
    };
    let content = match proof::fetch(&shared.downloads, &shared.config, file).await {
        Ok(content) => content,
        Err(error) => return refused(error),
    };
    let mut picture = match Picture::read(content).await {
        Ok(picture) => picture,
        Err(error) => return refused(error),
    };
    picture.proof.stated = stated.map(str::to_owned);
    let outcome = match keep(shared, picture, by, order).await {
        Ok(outcome) => outcome,
        Err(error) => return refused(error),
    };
    let order = match &outcome {
        Ok(Reply::ProofTaken(order)) => Some(*order),
        // It was taken before, and so the others of its message are for that order, if they may be.
        Err(Rejection::DuplicateProof(order)) => takes_more(shared, *order, by).then_some(*order),
        _ => None,
    };
    let is_taken = matches!(outcome, Ok(Reply::ProofTaken(_)));
    let last = matches!(
        outcome,
        Err(Rejection::TooManyProofs(_)
            | Rejection::WrongState(..)
            | Rejection::UnknownOrder
            | Rejection::NoOrderForProof
            | Rejection::Released)
    );
    let answer = with_pages(shared, reader, |pages| match outcome {
        // Decided while it was on its way.
        Err(Rejection::WrongState(order, _)) => pages.what_became_of(order),
        outcome => reply(pages, outcome, false),
    });
    Came { answer, order, is_taken, last }
}

/// Makes a picture durable and has it decided on. It is looked at before, while others go on.
async fn keep(
    shared: &Shared,
    mut picture: Picture,
    by: &Person,
    order: Option<OrderId>,
) -> Result<Result<Reply, Rejection>, ProofError> {
    let cuts = match is_anothers(shared, &picture.proof.sha256).await {
        true => None,
        false => picture.look().await,
    };
    if cuts.is_some() {
        shared.seen.lock().await.begin(shared.store.as_ref()).await;
    }
    let folder = &shared.config.proofs_dir;
    // From the file to the decision nobody else may come to count on the same file.
    let _files = shared.proof_files.lock().await;
    shared.clock.crash_point("discord.before_proof_file");
    let stored = picture.store(folder).await;
    shared.clock.crash_point("discord.after_proof_file");
    let mut kept = stored?;
    if let Some(cuts) = &cuts {
        kept.proof.alike = shared.seen.lock().await.alike(cuts);
    }
    let intent = Intent::AddProof { order, by: by.clone(), proof: kept.proof.clone() };
    let outcome = decide(shared, intent).await;
    match &outcome {
        // An order has it; or it is not known whether one has.
        Ok(_) | Err(Rejection::StoreUnavailable) => {}
        Err(Rejection::DuplicateProof(of)) => {
            // What was deleted there does not come back because somebody sends it again.
            let had = order_of(shared, *of).await.ok().flatten();
            if had.is_some_and(|had| had.deleted_picture(&kept.proof.sha256)) {
                proof::discard(folder, &kept).await;
            }
        }
        Err(_) => proof::discard(folder, &kept).await,
    }
    if let (Ok(Reply::ProofTaken(order)), Some(look)) = (&outcome, kept.proof.look)
        && let Some(customer) = shared.store.snapshot().customer_of(by.identity)
    {
        shared.seen.lock().await.add(*order, customer, *look);
    }
    Ok(outcome)
}

/// Deletes the files of those proofs of an order of which it says so, unless another order keeps the same picture;
/// answers how many there were.
pub(super) async fn delete(shared: &Shared, id: OrderId) -> io::Result<u64> {
    // Who sends the same picture at this moment has it stored before or after, and their order says so.
    let _files = shared.proof_files.lock().await;
    let Some(order) = order_of(shared, id).await? else { return Ok(0) };
    let mut there = 0;
    for deleted in order.deleted_proofs() {
        if !is_kept_elsewhere(shared, id, deleted).await? {
            let name = deleted.file_name();
            there += u64::from(proof::remove(&shared.config.proofs_dir, &name).await?);
        }
    }
    Ok(there)
}

/// Whether the order that took the picture last, or the one that had it before, keeps it.
async fn is_kept_elsewhere(shared: &Shared, id: OrderId, proof: &Evidence) -> io::Result<bool> {
    let index = shared.store.get(&Key::ProofOrder(proof.sha256.clone())).await;
    let last = match index.map_err(io::Error::other)?.map(|index| index.value) {
        Some(Record::ProofOrder(index)) => Some(index.order),
        _ => None,
    };
    for other in last.into_iter().chain(proof.resembles).filter(|other| *other != id) {
        let other = order_of(shared, other).await?;
        if other.is_some_and(|other| other.keeps_picture(&proof.sha256)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// An order as the store has it, an archived one too.
async fn order_of(shared: &Shared, id: OrderId) -> io::Result<Option<Order>> {
    let found = shared.store.get(&Key::Order(id)).await.map_err(io::Error::other)?;
    Ok(found.and_then(|found| match found.value {
        Record::Order(order) => Some(order),
        _ => None,
    }))
}

/// Whether an order has this very file and keeps it, so that no other takes it.
async fn is_anothers(shared: &Shared, sha256: &str) -> bool {
    match shared.store.get(&Key::ProofOrder(sha256.to_owned())).await.ok().flatten() {
        Some(Versioned { value: Record::ProofOrder(index), .. }) => {
            let now = shared.time.reading().now;
            !came_to_nothing(&shared.store.snapshot(), index.order, now)
        }
        _ => false,
    }
}

/// Whether an order is theirs and takes proofs still, a full one too: the ninth picture of its payment is for no
/// other order.
fn takes_more(shared: &Shared, order: OrderId, by: &Person) -> bool {
    let (snapshot, now) = (shared.store.snapshot(), shared.time.reading().now);
    let target = proof_target(&snapshot, Some(order), by.identity, now);
    matches!(target, Ok(_) | Err(Rejection::TooManyProofs(_)))
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
