//! `POST /v1/clients/batch`: what can be refused is refused here, item by item; the rest goes to
//! the panel in one turn of the writer.

use std::collections::BTreeMap;
use std::sync::Arc;

use nebulalinks_protocol::{
    BatchAnswer, BatchItem, BatchRequest, BatchResult, ErrorCode, MAX_BATCH,
};

use crate::answer::Answer;
use crate::app_state::AppState;
use crate::failure::Failure;
use crate::panel::adapter::{ClientWrite, Written};
use crate::panel::validate;
use crate::verbs::{json, permit};
use crate::verify::Verified;

/// What became of an item.
type ItemResult = Result<Written, Failure>;

/// Does a batch.
///
/// # Errors
/// Nothing was done: the body cannot be read, is empty or too long, the fence is old, or the
/// signature expired. [`ErrorCode::UnknownOutcome`] when it is not known what was done.
pub(crate) async fn batch(state: &Arc<AppState>, verified: &Verified) -> Result<Answer, Failure> {
    let request: BatchRequest = json(verified)?;
    if request.items.is_empty() || request.items.len() > MAX_BATCH {
        let detail = format!("a batch has 1 to {MAX_BATCH} items");
        return Err(Failure::new(ErrorCode::Invalid, detail));
    }
    let permit = permit(state, request.fence, verified)?;
    let (fence, at) = (request.fence, request.store);
    let mut refused = refuse(&request.items);
    let taken: Vec<ClientWrite> = request
        .items
        .into_iter()
        .zip(&refused)
        .filter_map(|(item, refused)| refused.is_none().then_some(ClientWrite::Item(item)))
        .collect();
    let gateway = Arc::clone(state);
    // A task of its own: a caller that hangs up must not leave a client created and not yet
    // switched off.
    let writing = tokio::spawn(async move {
        if taken.is_empty() {
            return Ok(Vec::new());
        }
        gateway.claims.about_to_write(fence, at).await?;
        let _turn = gateway.writer.lock().await;
        Ok(gateway.panel.write(&permit, &taken).await)
    });
    let done = writing.await.map_err(|_| {
        Failure::new(ErrorCode::UnknownOutcome, "the batch's task died: read again")
    })??;
    (state.hook)("gateway.batch.before_answer");
    let mut done = done.into_iter();
    let results: Vec<ItemResult> = refused
        .iter_mut()
        .map(|refused| match refused.take() {
            Some(failure) => Err(failure),
            None => done.next().unwrap_or_else(missing_result),
        })
        .collect();
    let panel = results.iter().find_map(|r| r.as_ref().ok()).map(|written| written.panel.clone());
    let clock_ms = state.clock.now_ms();
    let results: Vec<BatchResult> =
        results.into_iter().map(|r| batch_result(r, clock_ms)).collect();
    let mut failed: BTreeMap<&'static str, usize> = BTreeMap::new();
    for result in &results {
        if let BatchResult::Failed(problem) = result {
            *failed.entry(problem.code.as_str()).or_default() += 1;
        }
    }
    if !failed.is_empty() {
        tracing::warn!(items = results.len(), ?failed, "a batch was done in part");
    }
    Ok(Answer::ok(&BatchAnswer { clock_ms, panel, results }))
}

/// Why each item must not be sent, where it must not. What is refused by itself harms no other.
fn refuse(items: &[BatchItem]) -> Vec<Option<Failure>> {
    let mut refused: Vec<_> = items.iter().map(|item| validate::item(item).err()).collect();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let good = items.iter().zip(&refused).filter(|(_, refused)| refused.is_none());
    for what in good.flat_map(|(item, _)| own(item)) {
        *times.entry(what).or_default() += 1;
    }
    let twice = |item: &BatchItem| own(item).iter().any(|w| times.get(w).is_some_and(|n| *n > 1));
    for (item, refused) in items.iter().zip(&mut refused) {
        if refused.is_none() && twice(item) {
            let detail = "two items of the batch have the same name, uuid or secret: these belong \
                          to one client each, and are written once";
            *refused = Some(Failure::new(ErrorCode::Invalid, detail));
        }
    }
    refused
}

/// What no other item may have.
fn own(item: &BatchItem) -> Vec<String> {
    let named = |uuid: &uuid::Uuid| vec![format!("email {}", item.email()), format!("uuid {uuid}")];
    match item {
        BatchItem::Put(put) => {
            let mut own = named(&put.client.uuid);
            own.push(format!("secret {}", put.client.secret));
            own
        }
        BatchItem::Delete(delete) => named(&delete.uuid),
    }
}

/// An adapter that answers less than it was asked: a defect, and the panel may have been written.
fn missing_result() -> ItemResult {
    let detail = "the gateway has no result for this item: read again";
    Err(Failure::new(ErrorCode::UnknownOutcome, detail))
}

fn batch_result(result: ItemResult, now_ms: u64) -> BatchResult {
    match result {
        Ok(Written { outcome, client, panel: _ }) => BatchResult::Done { outcome, client },
        Err(failure) => BatchResult::Failed(failure.problem(now_ms)),
    }
}
