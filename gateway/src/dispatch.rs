//! One request, from the socket to the signed answer.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, Response};
use nebulalinks_protocol::{
    ClaimRequest, ClaimResponse, ClientAnswer, ClientList, DeleteRequest, ErrorCode, Health,
    PutRequest, Refusal, Role, WriteAnswer,
};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use crate::VERSION;
use crate::answer::{Answer, encoded};
use crate::edge::limits::Wait;
use crate::openapi;
use crate::panel::{Failure, Permit, Written, validate};
use crate::router::Inner;
use crate::scripts::{self, ScriptVerb};
use crate::verify::{Denied, Signer, Verified, peer, verify};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verb {
    Health,
    Claim,
    List,
    Get(String),
    Put(String),
    Delete(String),
    Batch,
    Script(ScriptVerb),
    Document,
    Unknown,
}

impl Verb {
    fn read(method: &Method, path: &str) -> Self {
        match (method, path) {
            (&Method::GET, "/v1/health") => return Self::Health,
            (&Method::POST, "/v1/claim") => return Self::Claim,
            (&Method::GET, openapi::PATH) => return Self::Document,
            (&Method::GET, "/v1/clients") => return Self::List,
            (&Method::POST, "/v1/clients/batch") => return Self::Batch,
            _ => {}
        }
        if let Some(verb) = ScriptVerb::read(method, path) {
            return Self::Script(verb);
        }
        let email = path
            .strip_prefix("/v1/clients/")
            .filter(|segment| !segment.is_empty() && !segment.contains('/'))
            .and_then(|segment| percent_decode_str(segment).decode_utf8().ok());
        match (email, method) {
            (Some(email), &Method::GET) => Self::Get(email.into_owned()),
            (Some(email), &Method::PUT) => Self::Put(email.into_owned()),
            (Some(email), &Method::DELETE) => Self::Delete(email.into_owned()),
            _ => Self::Unknown,
        }
    }

    /// Whose key it takes. A path that is nobody's takes any: it does nothing.
    const fn role(&self) -> Option<Role> {
        match self {
            Self::Script(_) => Some(Role::Scripts),
            Self::Unknown => None,
            _ => Some(Role::Controller),
        }
    }

    const fn label(&self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Claim => "claim",
            Self::List => "list",
            Self::Get(_) => "get",
            Self::Put(_) => "put",
            Self::Delete(_) => "delete",
            Self::Batch => "batch",
            Self::Script(verb) => verb.label(),
            Self::Document => "openapi",
            Self::Unknown => "unknown",
        }
    }
}

/// Verifies, does, answers. Never fails: a failure is an answer.
pub(crate) async fn dispatch(State(inner): State<Arc<Inner>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let verb = Verb::read(&head.method, head.uri.path());
    let label = verb.label();
    let (signer, answer) = match verify(&inner, &head, body).await {
        Ok((signer, verified)) => {
            let answer = act(&inner, verb, verified).await;
            (Some(signer), answer)
        }
        Err(denied) => deny(&inner, label, peer(&head), denied),
    };
    inner.metrics.requests.with_label_values(&[label, answer.code]).inc();
    answer.into_response(signer.as_ref(), inner.clock.now_ms())
}

fn deny(
    inner: &Inner,
    verb: &'static str,
    peer: Option<IpAddr>,
    denied: Denied,
) -> (Option<Signer>, Answer) {
    let now = inner.clock.now_ms();
    let flood = |whose: &'static str, wait: Wait| {
        inner.metrics.rate_limited.with_label_values(&[whose]).inc();
        let detail = format!("too many requests of this {whose}: wait retry_after_ms");
        let mut failure = Failure::new(ErrorCode::RateLimited, detail);
        failure.retry_after_ms = Some(wait.0);
        Answer::failed(failure, now)
    };
    match denied {
        Denied::Refused(refusal) => {
            inner.refused(verb, refusal, peer);
            let (code, detail) = match refusal {
                Refusal::Address | Refusal::Forwarded => {
                    (ErrorCode::Forbidden, "this address may not ask; the gateway's log has it")
                }
                _ => (
                    ErrorCode::Unauthorized,
                    "the signature is missing or wrong; the gateway's log has the reason",
                ),
            };
            (None, Answer::failed(Failure::new(code, detail), now))
        }
        Denied::Flood(wait) => (None, flood("address", wait)),
        Denied::Flooding(signer, wait) => (Some(*signer), flood("key", wait)),
        Denied::Told(signer, failure, refusal) => {
            if let Some(refusal) = refusal {
                inner.refused(verb, refusal, peer);
            }
            (Some(*signer), Answer::failed(failure, now))
        }
    }
}

async fn act(inner: &Arc<Inner>, verb: Verb, verified: Verified) -> Answer {
    let done = match verb {
        _ if verb.role().is_some_and(|role| role != verified.role) => Err(forbidden(verified.role)),
        Verb::Health => Ok(health(inner).await),
        Verb::Claim => claim(inner, &verified).await,
        Verb::List => list(inner).await,
        Verb::Get(email) => get(inner, &email).await,
        Verb::Put(email) => put(inner, email, &verified).await,
        Verb::Delete(email) => delete(inner, email, &verified).await,
        Verb::Batch => crate::batch::batch(inner, &verified).await,
        Verb::Document => Ok(Answer::ok(&openapi::document())),
        Verb::Script(verb) => scripts::act(inner, verb, &verified).await,
        Verb::Unknown => Err(Failure::new(ErrorCode::NotFound, "no such path or method")),
    };
    done.unwrap_or_else(|failure| {
        tracing::warn!(code = failure.code.as_str(), detail = %failure.detail, "not done");
        Answer::failed(failure, inner.clock.now_ms())
    })
}

fn forbidden(role: Role) -> Failure {
    let detail = match role {
        Role::Controller => {
            "a controller's key asks for /v1/ only: scripts have a pair of their own"
        }
        Role::Scripts => "a script's key asks for /api/ only: /v1/ is the controller's",
    };
    Failure::new(ErrorCode::Forbidden, detail)
}

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

pub(crate) async fn health(inner: &Inner) -> Answer {
    let (panel, panel_error) = match inner.panel.info().await {
        Ok(panel) => (Some(panel), None),
        Err(failure) => (None, Some(failure.code)),
    };
    let clock_ms = inner.clock.now_ms();
    Answer::ok(&Health { clock_ms, version: VERSION.to_owned(), panel, panel_error })
}

async fn claim(inner: &Arc<Inner>, verified: &Verified) -> Result<Answer, Failure> {
    let request: ClaimRequest = json(verified)?;
    let gateway = Arc::clone(inner);
    // A task of its own: a caller that hangs up must not leave a claim on the disk that the writer
    // here knows nothing of.
    let claiming = tokio::spawn(async move { gateway.claims.claim(&request).await });
    let grant = claiming
        .await
        .map_err(|_| Failure::new(ErrorCode::Internal, "the claim's task died: claim again"))??;
    inner.metrics.claim_renewed.set(i64::try_from(inner.clock.now_ms() / 1000).unwrap_or(0));
    // A dead panel must not keep a controller from its claim.
    let panel = inner.panel.info().await.ok();
    (inner.hook)("gateway.claim.before_answer");
    Ok(Answer::ok(&ClaimResponse {
        fence: grant.fence,
        clock_ms: inner.clock.now_ms(),
        highest_revision: grant.highest_revision,
        panel,
    }))
}

async fn list(inner: &Inner) -> Result<Answer, Failure> {
    let read = async {
        let contents = inner.panel.list().await?;
        encoded(&ClientList {
            clock_ms: inner.clock.now_ms(),
            panel: contents.panel,
            inbounds: contents.inbounds,
            clients: contents.clients,
        })
    };
    inner.lists.get(read).await.map(Answer::encoded)
}

async fn get(inner: &Inner, email: &str) -> Result<Answer, Failure> {
    let contents = inner.lookups.get(async { inner.panel.list().await.map(Arc::new) }).await?;
    Ok(Answer::ok(&ClientAnswer {
        clock_ms: inner.clock.now_ms(),
        panel: contents.panel.clone(),
        client: contents.clients.iter().find(|c| c.email == email).cloned(),
    }))
}

async fn put(inner: &Arc<Inner>, email: String, verified: &Verified) -> Result<Answer, Failure> {
    let request: PutRequest = json(verified)?;
    let permit = permit(inner, request.fence, verified)?;
    validate::put(&email, &request)?;
    let gateway = Arc::clone(inner);
    to_its_end(inner, async move {
        let _turn = gateway.writer.lock().await;
        gateway.panel.put(&permit, &request).await
    })
    .await
    .map(|written| told(inner, written))
}

async fn delete(inner: &Arc<Inner>, email: String, verified: &Verified) -> Result<Answer, Failure> {
    let request: DeleteRequest = json(verified)?;
    let permit = permit(inner, request.fence, verified)?;
    validate::marked_email(&email)?;
    let gateway = Arc::clone(inner);
    to_its_end(inner, async move {
        let _turn = gateway.writer.lock().await;
        gateway.panel.delete(&permit, &email, &request).await
    })
    .await
    .map(|written| told(inner, written))
}

pub(crate) fn permit(inner: &Inner, fence: u64, verified: &Verified) -> Result<Permit, Failure> {
    let (claims, clock) = (Arc::clone(&inner.claims), Arc::clone(&inner.clock));
    let permit = Permit::new(claims, clock, fence, verified.expires_ms);
    permit.check()?;
    Ok(permit)
}

/// Runs a write as a task of its own: a caller that hangs up must not leave it half done, such as
/// a client created and not yet switched off.
pub(crate) async fn to_its_end(
    inner: &Inner,
    write: impl Future<Output = Result<Written, Failure>> + Send + 'static,
) -> Result<Written, Failure> {
    let written = tokio::spawn(write).await.map_err(|_| {
        Failure::new(ErrorCode::UnknownOutcome, "the write's task died: read again")
    })??;
    (inner.hook)("gateway.write.before_answer");
    Ok(written)
}

fn told(inner: &Inner, written: Written) -> Answer {
    Answer::ok(&WriteAnswer {
        outcome: written.outcome,
        clock_ms: inner.clock.now_ms(),
        panel: written.panel,
        client: written.client,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a verb is asked for. A new verb does not compile before it has a place here.
    const fn place(verb: &Verb) -> Option<(&'static str, &'static str)> {
        use ScriptVerb as S;
        Some(match verb {
            Verb::Health => ("get", "/v1/health"),
            Verb::Claim => ("post", "/v1/claim"),
            Verb::List => ("get", "/v1/clients"),
            Verb::Get(_) => ("get", "/v1/clients/{email}"),
            Verb::Put(_) => ("put", "/v1/clients/{email}"),
            Verb::Delete(_) => ("delete", "/v1/clients/{email}"),
            Verb::Batch => ("post", "/v1/clients/batch"),
            Verb::Document => ("get", openapi::PATH),
            Verb::Script(S::Create) => ("post", "/api/vpn/create"),
            Verb::Script(S::Extend) => ("post", "/api/vpn/extend"),
            Verb::Script(S::AddTraffic) => ("post", "/api/vpn/add-traffic"),
            Verb::Script(S::Disable) => ("post", "/api/vpn/disable"),
            Verb::Script(S::Delete) => ("post", "/api/vpn/delete"),
            Verb::Script(S::Stats(_)) => ("get", "/api/vpn/stats/{email}"),
            Verb::Script(S::Health) => ("get", "/api/health"),
            Verb::Unknown => return None,
        })
    }

    #[test]
    fn every_documented_operation_is_a_verb_of_its_own_and_of_its_role() {
        let document = serde_json::to_value(openapi::document()).unwrap();
        let mut labels = std::collections::BTreeSet::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let upper = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                let verb = Verb::read(&upper, path);
                assert_eq!(place(&verb), Some((method.as_str(), path.as_str())));
                assert_eq!(operation["tags"][0], verb.role().unwrap().as_str());
                assert!(labels.insert(verb.label()), "{path}");
            }
        }
        assert_eq!(labels.len(), 15, "all but the unknown");
    }

    #[test]
    fn paths_mean_one_thing_or_nothing() {
        let email = |e: &str| e.to_owned();
        for (method, path, verb) in [
            (Method::GET, "/v1/clients", Verb::List),
            (Method::GET, "/v1/clients/", Verb::Unknown),
            (Method::GET, "/v1/clients/a/b", Verb::Unknown),
            (Method::GET, "/v1/clients/a%2Fb", Verb::Get(email("a/b"))),
            (Method::PUT, "/v1/clients/nl-a", Verb::Put(email("nl-a"))),
            (Method::POST, "/v1/clients/nl-a", Verb::Unknown),
            (Method::POST, "/v1/clients/batch", Verb::Batch),
            (Method::PUT, "/v1/clients/batch", Verb::Put(email("batch"))),
            (Method::DELETE, "/v1/clients/nl-a", Verb::Delete(email("nl-a"))),
            (Method::GET, "/v1//clients", Verb::Unknown),
            (Method::GET, "/v1/claim", Verb::Unknown),
        ] {
            assert_eq!(Verb::read(&method, path), verb, "{method} {path}");
        }
    }
}
