//! The seven endpoints that operators' scripts know, for the clients on a panel that are *not* the
//! shop's. A client of the shop has one writer, its controller; here it is only shown.
//!
//! - `verb`: which path asks for what
//! - `types`: the bodies
//! - `names`: whose a client is, and what may be called how
//! - `edit`: from what is there and what is asked to what it should be: pure
//! - `generated`: the credentials of a client whose script gave none

mod edit;
mod generated;
mod names;
pub(crate) mod types;
mod verb;

use std::sync::Arc;

use nebulalinks_protocol::{Client, Desired, ErrorCode, Expect, PutRequest};

use crate::answer::Answer;
use crate::app_state::AppState;
use crate::failure::Failure;
use crate::panel::adapter::{ClientWrite, Edit, Written};
use crate::panel::permit::Permit;
use crate::panel::validate;
use crate::verbs::{health, json, to_its_end};
use crate::verify::Verified;
use types::{
    AddTrafficRequest, CreateAnswer, CreateRequest, ExtendRequest, NamedRequest, ScriptClient,
    StatsAnswer, WrittenAnswer,
};
pub(crate) use verb::ScriptVerb;

/// Does what a script asks.
pub(crate) async fn act(
    state: &Arc<AppState>,
    verb: ScriptVerb,
    verified: &Verified,
) -> Result<Answer, Failure> {
    match verb {
        ScriptVerb::Health => Ok(health(state).await),
        ScriptVerb::Stats(email) => stats(state, &email).await,
        ScriptVerb::Create => create(state, json(verified)?, verified).await,
        ScriptVerb::Extend => {
            let asked: ExtendRequest = json(verified)?;
            let (to, enable) = (asked.end()?, asked.enable);
            let to_edit = move |client: &Client, now_ms| edit::extend(client, to, enable, now_ms);
            edit_client(state, asked.email, verified, to_edit).await
        }
        ScriptVerb::AddTraffic => {
            let asked: AddTrafficRequest = json(verified)?;
            let (to, enable) = (asked.cap()?, asked.enable);
            let to_edit = move |client: &Client, now_ms| edit::allow(client, to, enable, now_ms);
            edit_client(state, asked.email, verified, to_edit).await
        }
        ScriptVerb::Disable => {
            let asked: NamedRequest = json(verified)?;
            let off = Edit { enable: Some(false), ..Edit::default() };
            edit_client(state, asked.email, verified, move |_, _| Ok(off)).await
        }
        ScriptVerb::Delete => delete(state, json(verified)?, verified).await,
    }
}

async fn stats(state: &AppState, email: &str) -> Result<Answer, Failure> {
    let read = async { state.panel.list().await.map(Arc::new) };
    let contents = state.lookups.get(read).await?;
    let client = contents.find(email)?.cloned();
    let client = client.ok_or_else(no_such)?;
    drop(contents);
    let online = state.panel.online(email).await;
    let client = ScriptClient::new(client, online);
    Ok(Answer::ok(&StatsAnswer { clock_ms: state.clock.now_ms(), client }))
}

async fn create(
    state: &Arc<AppState>,
    asked: CreateRequest,
    verified: &Verified,
) -> Result<Answer, Failure> {
    names::new_foreign(&asked.email)?;
    let end = edit::end_of_new(asked.end()?, state.clock.now_ms())?;
    let cap = asked.cap()?;
    let generated = generated::draw(&*state.entropy);
    let request = PutRequest {
        fence: 0,
        store: None,
        expect: Expect::Absent,
        inbounds: asked.inbounds.iter().map(ToString::to_string).collect(),
        from: None,
        to: None,
        client: Desired {
            email: asked.email,
            uuid: asked.uuid.unwrap_or(generated.uuid),
            sub_id: asked.sub_id.unwrap_or(generated.sub_id),
            secret: asked.secret.unwrap_or(generated.secret),
            enable: asked.enable,
            end,
            cap,
            ip_limit: asked.ip_limit,
            comment: asked.comment,
        },
    };
    validate::all_but_name(&request.client, &request.inbounds)?;
    let permit = permit(state, verified)?;
    let (uuid, sub_id, secret) =
        (request.client.uuid, request.client.sub_id.clone(), request.client.secret.clone());
    let gateway = Arc::clone(state);
    let written = to_its_end(state, async move {
        let _turn = gateway.writer.lock().await;
        gateway.panel.write_one(&permit, ClientWrite::Item(request.into())).await
    })
    .await?;
    let answer = written_answer(state, written);
    Ok(Answer::ok(&CreateAnswer { written: answer, uuid, sub_id, secret }))
}

/// Changes a client: finds it, asks what it should be, and writes that, all in one turn of the one
/// writer, so that two scripts that both add a day add two.
async fn edit_client(
    state: &Arc<AppState>,
    email: String,
    verified: &Verified,
    to_edit: impl Fn(&Client, u64) -> Result<Edit, Failure> + Send + Sync + 'static,
) -> Result<Answer, Failure> {
    names::existing_foreign(&email)?;
    let permit = permit(state, verified)?;
    let gateway = Arc::clone(state);
    let written = to_its_end(state, async move {
        let _turn = gateway.writer.lock().await;
        permit.check()?;
        let client = find(&gateway, &email).await?.ok_or_else(no_such)?;
        let edit = to_edit(&client, permit.now_ms())?;
        gateway.panel.write_one(&permit, ClientWrite::Edit { email, edit }).await
    })
    .await?;
    Ok(Answer::ok(&written_answer(state, written)))
}

async fn delete(
    state: &Arc<AppState>,
    asked: NamedRequest,
    verified: &Verified,
) -> Result<Answer, Failure> {
    let email = asked.email;
    names::existing_foreign(&email)?;
    let permit = permit(state, verified)?;
    let gateway = Arc::clone(state);
    let written = to_its_end(state, async move {
        let _turn = gateway.writer.lock().await;
        gateway.panel.write_one(&permit, ClientWrite::Remove { email }).await
    })
    .await?;
    Ok(Answer::ok(&written_answer(state, written)))
}

async fn find(state: &AppState, email: &str) -> Result<Option<Client>, Failure> {
    let contents = state.panel.list().await?;
    Ok(contents.find(email)?.cloned())
}

fn no_such() -> Failure {
    Failure::new(ErrorCode::NotFound, "no client of that name is on the panel")
}

fn permit(state: &AppState, verified: &Verified) -> Result<Permit, Failure> {
    let (claims, clock) = (Arc::clone(&state.claims), Arc::clone(&state.clock));
    Ok(Permit::of_script(claims, clock, verified.expires_ms).on(verified.panel()?))
}

fn written_answer(state: &AppState, written: Written) -> WrittenAnswer {
    WrittenAnswer {
        outcome: written.outcome,
        clock_ms: state.clock.now_ms(),
        client: written.client.map(|client| ScriptClient::new(client, None)),
    }
}
