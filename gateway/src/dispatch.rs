//! One request, from the socket to the signed answer.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, Response};
use nebulalinks_protocol::{ErrorCode, NAME_UNREADABLE, Refusal, Role};
use percent_encoding::percent_decode_str;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::app_state::AppState;
use crate::edge::limits::Wait;
use crate::failure::Failure;
use crate::openapi;
use crate::scripts::{self, ScriptVerb};
use crate::verbs::{addresses, claim, delete, get, health, list, put, restart_xray};
use crate::verify::{Denied, Signer, Verified, peer, verify};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verb {
    Health,
    Claim,
    List,
    /// The same, by who understands that inbounds which cannot be read are named in the answer.
    ListNaming,
    Get(String),
    Addresses(String),
    Put(String),
    Delete(String),
    Batch,
    RestartXray,
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
            (&Method::POST, "/v1/xray/restart") => return Self::RestartXray,
            _ => {}
        }
        if let Some(verb) = ScriptVerb::read(method, path) {
            return Self::Script(verb);
        }
        let below = path.strip_prefix("/v1/clients/");
        let (below, of_addresses) = match below.and_then(|b| b.strip_suffix("/addresses")) {
            Some(email) => (Some(email), true),
            None => (below, false),
        };
        let email = below
            .filter(|segment| !segment.is_empty() && !segment.contains('/'))
            .and_then(|segment| percent_decode_str(segment).decode_utf8().ok());
        match (email, method) {
            (Some(email), &Method::GET) if of_addresses => Self::Addresses(email.into_owned()),
            _ if of_addresses => Self::Unknown,
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
            Self::List | Self::ListNaming => "list",
            Self::Get(_) => "get",
            Self::Addresses(_) => "addresses",
            Self::Put(_) => "put",
            Self::Delete(_) => "delete",
            Self::Batch => "batch",
            Self::RestartXray => "restart_xray",
            Self::Script(verb) => verb.label(),
            Self::Document => "openapi",
            Self::Unknown => "unknown",
        }
    }
}

/// Verifies, does, answers. Never fails: a failure is an answer.
pub(crate) async fn dispatch(
    State(state): State<Arc<AppState>>,
    request: Request,
) -> Response<Body> {
    let began = Instant::now();
    let (head, body) = request.into_parts();
    let verb = match Verb::read(&head.method, head.uri.path()) {
        Verb::List if head.uri.query() == Some(NAME_UNREADABLE) => Verb::ListNaming,
        verb => verb,
    };
    let label = verb.label();
    let (signer, answer) = match verify(&state, &head, body).await {
        Ok((signer, verified)) => {
            let answer = act(&state, verb, verified).await;
            (Some(signer), answer)
        }
        Err(denied) => deny(&state, label, peer(&head), denied),
    };
    state.metrics.requests.with_label_values(&[label, answer.code]).inc();
    // A path that nobody signed is anybody's text.
    let path = if signer.is_some() { head.uri.path() } else { "-" };
    tracing::debug!(
        target: "nebulalinks_gateway::requests",
        method = %head.method,
        path,
        status = answer.status,
        code = answer.code,
        took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request"
    );
    answer.into_response(signer.as_ref(), state.clock.now_ms())
}

fn deny(
    state: &AppState,
    verb: &'static str,
    peer: Option<IpAddr>,
    denied: Denied,
) -> (Option<Signer>, Answer) {
    let now = state.clock.now_ms();
    let flood = |whose: &'static str, wait: Wait| {
        state.metrics.rate_limited.with_label_values(&[whose]).inc();
        let detail = format!("too many requests of this {whose}: wait retry_after_ms");
        let mut failure = Failure::new(ErrorCode::RateLimited, detail);
        failure.retry_after_ms = Some(wait.0);
        Answer::failed(failure, now)
    };
    match denied {
        Denied::Refused(refusal) => {
            state.refused(verb, refusal, peer);
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
        Denied::Explained(signer, failure, refusal) => {
            if let Some(refusal) = refusal {
                state.refused(verb, refusal, peer);
            }
            (Some(*signer), Answer::failed(failure, now))
        }
    }
}

async fn act(state: &Arc<AppState>, verb: Verb, verified: Verified) -> Answer {
    let done = match verb {
        _ if verb.role().is_some_and(|role| role != verified.role) => Err(forbidden(verified.role)),
        Verb::Health => Ok(health(state).await),
        Verb::Claim => claim(state, &verified).await,
        Verb::List => list(state, false).await,
        Verb::ListNaming => list(state, true).await,
        Verb::Get(email) => get(state, &email).await,
        Verb::Addresses(email) => addresses(state, &email).await,
        Verb::Put(email) => put(state, email, &verified).await,
        Verb::Delete(email) => delete(state, email, &verified).await,
        Verb::Batch => crate::batch::batch(state, &verified).await,
        Verb::RestartXray => restart_xray(state, &verified).await,
        Verb::Document => Ok(Answer::ok(&openapi::document())),
        Verb::Script(verb) => scripts::act(state, verb, &verified).await,
        Verb::Unknown => Err(Failure::new(ErrorCode::NotFound, "no such path or method")),
    };
    done.unwrap_or_else(|failure| {
        tracing::warn!(code = failure.code.as_str(), detail = %failure.detail, "not done");
        Answer::failed(failure, state.clock.now_ms())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a verb is asked for. A new verb does not compile before it has a place here.
    const fn place(verb: &Verb) -> Option<(&'static str, &'static str)> {
        use ScriptVerb as S;
        Some(match verb {
            Verb::Health => ("get", "/v1/health"),
            Verb::Claim => ("post", "/v1/claim"),
            Verb::List | Verb::ListNaming => ("get", "/v1/clients"),
            Verb::Get(_) => ("get", "/v1/clients/{email}"),
            Verb::Addresses(_) => ("get", "/v1/clients/{email}/addresses"),
            Verb::Put(_) => ("put", "/v1/clients/{email}"),
            Verb::Delete(_) => ("delete", "/v1/clients/{email}"),
            Verb::Batch => ("post", "/v1/clients/batch"),
            Verb::RestartXray => ("post", "/v1/xray/restart"),
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
        assert_eq!(labels.len(), 17, "all but the unknown");
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
