//! What the controller's verbs do, and what all verbs begin and end with.

use std::sync::Arc;

use nebulalinks_protocol::{
    AddressesAnswer, BatchDelete, BatchItem, ClaimRequest, ClaimResponse, ClientAnswer, ClientList,
    DeleteRequest, ErrorCode, Health, PutRequest, RestartAnswer, RestartRequest, WriteAnswer,
};
use serde::de::DeserializeOwned;

use crate::VERSION;
use crate::answer::{Answer, encoded};
use crate::app_state::AppState;
use crate::failure::Failure;
use crate::panel::adapter::{ClientWrite, Written};
use crate::panel::permit::Permit;
use crate::panel::validate;
use crate::verify::Verified;

pub(crate) fn json<T: DeserializeOwned>(verified: &Verified) -> Result<T, Failure> {
    // The parser's own words could quote the body, which holds credentials.
    serde_json::from_slice(&verified.body).map_err(|e| {
        let what = field_at_fault(&e.to_string()).unwrap_or_default();
        let detail =
            format!("the body is not what this path takes, near byte {}{what}", e.column());
        Failure::new(ErrorCode::Invalid, detail)
    })
}

/// The field that a parser's message is about, where it names nothing but one.
fn field_at_fault(message: &str) -> Option<String> {
    let (what, rest) = message.split_once(" field `")?;
    let (name, _) = rest.split_once('`')?;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let known = matches!(what, "missing" | "unknown" | "duplicate");
    let fits = known && name.len() <= 32 && name.bytes().all(plain);
    fits.then(|| format!(": {what} field `{name}`"))
}

pub(crate) async fn health(state: &AppState) -> Answer {
    let (panel, panel_error) = match state.panel.info().await {
        Ok(panel) => (Some(panel), None),
        Err(failure) => (None, Some(failure.code)),
    };
    let clock_ms = state.clock.now_ms();
    Answer::ok(&Health { clock_ms, version: VERSION.to_owned(), panel, panel_error })
}

pub(crate) async fn claim(state: &Arc<AppState>, verified: &Verified) -> Result<Answer, Failure> {
    let request: ClaimRequest = json(verified)?;
    let gateway = Arc::clone(state);
    // A task of its own: a caller that hangs up must not leave a claim on the disk that the writer
    // here knows nothing of.
    let claiming = tokio::spawn(async move { gateway.claims.claim(&request).await });
    let grant = claiming
        .await
        .map_err(|_| Failure::new(ErrorCode::Internal, "the claim's task died: claim again"))??;
    state.metrics.claim_renewed.set(i64::try_from(state.clock.now_ms() / 1000).unwrap_or(0));
    // A dead panel must not keep a controller from its claim.
    let panel = state.panel.info().await.ok();
    (state.hook)("gateway.claim.before_answer");
    Ok(Answer::ok(&ClaimResponse {
        fence: grant.fence,
        clock_ms: state.clock.now_ms(),
        highest_revision: grant.highest_revision,
        unshown: grant.unshown,
        panel,
    }))
}

/// `named`: who asks understands that inbounds which cannot be read are named in the answer.
pub(crate) async fn list(state: &AppState, named: bool) -> Result<Answer, Failure> {
    let read = async {
        let contents = state.panel.list().await?;
        let whole = contents.is_whole();
        let list = encoded(&ClientList {
            clock_ms: state.clock.now_ms(),
            panel: contents.panel,
            inbounds: contents.inbounds,
            unreadable: contents.unreadable,
            clients: contents.clients,
        })?;
        Ok((list, whole))
    };
    let (list, whole) = state.lists.get(read).await?;
    if !named {
        whole?;
    }
    Ok(Answer::encoded(list))
}

pub(crate) async fn get(state: &AppState, email: &str) -> Result<Answer, Failure> {
    // One list is less to the panel than three calls for each of many.
    if let Ok(_few) = state.looked_up_alone.try_acquire()
        && let Some((panel, client)) = state.panel.alone(email).await?
    {
        return Ok(Answer::ok(&ClientAnswer { clock_ms: state.clock.now_ms(), panel, client }));
    }
    let contents = state.lookups.get(async { state.panel.list().await.map(Arc::new) }).await?;
    Ok(Answer::ok(&ClientAnswer {
        clock_ms: state.clock.now_ms(),
        panel: contents.panel.clone(),
        client: contents.find(email)?.cloned(),
    }))
}

/// Only of clients of a shop: where others are is nobody's business.
pub(crate) async fn addresses(state: &AppState, email: &str) -> Result<Answer, Failure> {
    validate::marked_email(email)?;
    // As many at once as are looked up alone: a panel serves one call after the other.
    let _few = state.looked_up_alone.acquire().await.ok();
    let addresses = state.panel.addresses(email).await?;
    Ok(Answer::ok(&AddressesAnswer { clock_ms: state.clock.now_ms(), addresses }))
}

pub(crate) async fn put(
    state: &Arc<AppState>,
    email: String,
    verified: &Verified,
) -> Result<Answer, Failure> {
    let request: PutRequest = json(verified)?;
    let permit = permit(state, request.fence, verified)?;
    validate::put(&email, &request)?;
    let gateway = Arc::clone(state);
    to_its_end(state, async move {
        gateway.claims.about_to_write(request.fence, request.store).await?;
        let _turn = gateway.writer.lock().await;
        gateway.panel.write_one(&permit, ClientWrite::Item(request.into())).await
    })
    .await
    .map(|written| write_answer(state, written))
}

pub(crate) async fn delete(
    state: &Arc<AppState>,
    email: String,
    verified: &Verified,
) -> Result<Answer, Failure> {
    let request: DeleteRequest = json(verified)?;
    let permit = permit(state, request.fence, verified)?;
    validate::marked_email(&email)?;
    let gateway = Arc::clone(state);
    to_its_end(state, async move {
        gateway.claims.about_to_write(request.fence, request.store).await?;
        let _turn = gateway.writer.lock().await;
        let delete = BatchDelete { email, uuid: request.uuid };
        gateway.panel.write_one(&permit, ClientWrite::Item(BatchItem::Delete(delete))).await
    })
    .await
    .map(|written| write_answer(state, written))
}

pub(crate) async fn restart_xray(
    state: &Arc<AppState>,
    verified: &Verified,
) -> Result<Answer, Failure> {
    let request: RestartRequest = json(verified)?;
    let permit = permit(state, request.fence, verified)?;
    let gateway = Arc::clone(state);
    let panel = to_its_end(state, async move {
        gateway.claims.about_to_write(request.fence, request.store).await?;
        let _turn = gateway.writer.lock().await;
        gateway.panel.restart_xray(&permit).await
    })
    .await?;
    Ok(Answer::ok(&RestartAnswer { clock_ms: state.clock.now_ms(), panel }))
}

pub(crate) fn permit(state: &AppState, fence: u64, verified: &Verified) -> Result<Permit, Failure> {
    let (claims, clock) = (Arc::clone(&state.claims), Arc::clone(&state.clock));
    let permit = Permit::new(claims, clock, fence, verified.expires_ms).on(verified.panel()?);
    permit.check()?;
    Ok(permit)
}

/// Runs a write as a task of its own: a caller that hangs up must not leave it half done, such as
/// a client created and not yet switched off.
pub(crate) async fn to_its_end<T: Send + 'static>(
    state: &AppState,
    write: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    let written = tokio::spawn(write).await.map_err(|_| {
        Failure::new(ErrorCode::UnknownOutcome, "the write's task died: read again")
    })??;
    (state.hook)("gateway.write.before_answer");
    Ok(written)
}

fn write_answer(state: &AppState, written: Written) -> Answer {
    Answer::ok(&WriteAnswer {
        outcome: written.outcome,
        clock_ms: state.clock.now_ms(),
        panel: written.panel,
        client: written.client,
    })
}
