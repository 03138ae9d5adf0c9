//! Intents from the command line, over the control socket: the same handler decides them as those
//! from Discord, and the audit says which of the host's users asked.

use super::peer::Peer;
use super::read;
use super::sources::Admin;
use crate::intent::{ForgetRequest, Forgive, Grant, Intent, LeapOf, OfAccount, Rejection, Staff};
use crate::model::{
    AccountId, BroadcastId, Bytes, CustomerId, DurationMs, OrderId, Quota, ServerId,
};
use crate::ports::IntentHandler;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

/// What an operator asks. The word is the intent's verb.
#[derive(Debug, Deserialize)]
#[serde(tag = "intent", rename_all = "kebab-case", deny_unknown_fields)]
enum Asked {
    Approve {
        order: OrderId,
        #[serde(default)]
        reference: Option<String>,
    },
    Cancel {
        order: OrderId,
    },
    Decline {
        order: OrderId,
        reason: String,
    },
    Reopen {
        order: OrderId,
        reason: String,
    },
    Reverse {
        order: OrderId,
        reason: String,
    },
    Grant {
        id: OrderId,
        account: AccountId,
        #[serde(default)]
        length: DurationMs,
        #[serde(default)]
        traffic: Option<Quota>,
        reason: String,
    },
    Forgive {
        id: OrderId,
        of: Of,
        #[serde(default)]
        traffic: Option<Bytes>,
        reason: String,
    },
    Suspend {
        account: AccountId,
        reason: String,
    },
    Resume {
        account: AccountId,
        reason: String,
    },
    Move {
        account: AccountId,
        to: ServerId,
        reason: String,
    },
    Rotate {
        account: AccountId,
        version: u32,
        reason: String,
    },
    AcceptPanel {
        server: ServerId,
        panel: String,
        reason: String,
    },
    StopBroadcast {
        broadcast: BroadcastId,
    },
    Forget {
        customer: CustomerId,
    },
}

/// Whose usage is forgiven.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Of {
    Account(AccountId),
    Server(ServerId),
}

impl From<Of> for LeapOf {
    fn from(of: Of) -> Self {
        match of {
            Of::Account(id) => Self::Account(id),
            Of::Server(id) => Self::Server(id),
        }
    }
}

impl Asked {
    fn by(self, staff: Staff) -> Intent {
        match self {
            Self::Approve { order, reference } => Intent::Approve { order, staff, reference },
            Self::Cancel { order } => Intent::Cancel { order, by: staff },
            Self::Decline { order, reason } => Intent::Decline { order, staff, reason },
            Self::Reopen { order, reason } => Intent::Reopen { order, staff, reason },
            Self::Reverse { order, reason } => Intent::Reverse { order, staff, reason },
            Self::Grant { id, account, length, traffic, reason } => {
                Intent::Grant(Grant { id, account, length, traffic, reason, staff })
            }
            Self::Forgive { id, of, traffic, reason } => {
                Intent::Forgive(Forgive { id, of: of.into(), traffic, reason, staff })
            }
            Self::Suspend { account, reason } => {
                Intent::Suspend(OfAccount { account, reason, staff })
            }
            Self::Resume { account, reason } => {
                Intent::Resume(OfAccount { account, reason, staff })
            }
            Self::Move { account, to, reason } => {
                Intent::Move { of: OfAccount { account, reason, staff }, to }
            }
            Self::Rotate { account, version, reason } => {
                Intent::Rotate { of: OfAccount { account, reason, staff }, version }
            }
            Self::AcceptPanel { server, panel, reason } => {
                Intent::AcceptPanel { server, panel, reason, staff }
            }
            Self::StopBroadcast { broadcast } => Intent::StopBroadcast(broadcast, staff),
            Self::Forget { customer } => Intent::Forget(ForgetRequest { customer, staff }),
        }
    }
}

/// Submits what the body asks, whole ids in the place of what was typed for them: `{"done": …}`, or
/// `{"error": …, "code": …}` with why not.
pub(super) async fn submit_as_typed(admin: &Admin, peer: &Peer, body: &[u8]) -> Response {
    let mut asked: Value = serde_json::from_slice(body).unwrap_or_default();
    match read::fill_in(admin, &mut asked).await {
        Ok(()) if asked.is_null() => submit(&*admin.intents, peer, body).await,
        Ok(()) => submit(&*admin.intents, peer, asked.to_string().as_bytes()).await,
        Err(refused) => refused.into_response(),
    }
}

async fn submit(intents: &dyn IntentHandler, peer: &Peer, body: &[u8]) -> Response {
    let asked: Asked = match serde_json::from_slice(body) {
        Ok(asked) => asked,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &error.to_string(), "not_understood"),
    };
    match intents.submit(asked.by(Staff::Operator(peer.user()))).await {
        Ok(reply) => Json(json!({ "done": reply.to_string() })).into_response(),
        Err(rejection) => refuse(status(&rejection), &rejection.to_string(), rejection.code()),
    }
}

fn refuse(status: StatusCode, error: &str, code: &str) -> Response {
    (status, Json(json!({ "error": error, "code": code }))).into_response()
}

const fn status(rejection: &Rejection) -> StatusCode {
    match rejection {
        Rejection::UnknownOrder
        | Rejection::UnknownAccount
        | Rejection::UnknownCustomer
        | Rejection::UnknownBroadcast => StatusCode::NOT_FOUND,
        Rejection::ClockInDoubt { .. } | Rejection::StoreDamaged | Rejection::StoreUnavailable => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::CONFLICT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::Reply;
    use std::sync::Mutex;

    /// Answers everything alike, and keeps what it was asked.
    struct Keeps(Mutex<Vec<Intent>>, Result<Reply, Rejection>);

    #[async_trait::async_trait]
    impl IntentHandler for Keeps {
        async fn submit(&self, intent: Intent) -> Result<Reply, Rejection> {
            self.0.lock().unwrap().push(intent);
            self.1.clone()
        }
    }

    async fn asked(intents: &Keeps, body: &str) -> (StatusCode, serde_json::Value) {
        let answer = submit(intents, &Peer::of(0), body.as_bytes()).await;
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn an_operator_asks_as_the_hosts_user_whatever_the_body_says() {
        let id = OrderId::MIN;
        let intents = Keeps(Mutex::default(), Ok(Reply::Declined(id)));
        let (status, said) =
            asked(&intents, &format!(r#"{{"intent":"reverse","order":"{id}","reason":"back"}}"#))
                .await;
        assert_eq!(
            (status, said["done"].as_str()),
            (StatusCode::OK, Some(&*Reply::Declined(id).to_string()))
        );
        let kept = intents.0.lock().unwrap().clone();
        assert!(matches!(&kept[..], [Intent::Reverse { staff: Staff::Operator(_), .. }]));
        let body = r#"{"intent":"forgive","id":"ID","of":{"server":"fra-1"},"reason":"r"}"#;
        asked(&intents, &body.replace("ID", &id.to_string())).await;
        let forgives = |i: &Intent| matches!(i, Intent::Forgive(f) if f.traffic.is_none());
        assert!(intents.0.lock().unwrap().pop().is_some_and(|i| forgives(&i)));
        for forged in [
            format!(r#"{{"intent":"reverse","order":"{id}","reason":"r","staff":"omar"}}"#),
            format!(r#"{{"intent":"cancel","order":"{id}","by":"omar"}}"#),
            r#"{"intent":"reverse","order":"x","reason":"r"}"#.to_owned(),
            "nothing".to_owned(),
        ] {
            let (status, said) = asked(&intents, &forged).await;
            assert_eq!(
                (status, said["code"].as_str()),
                (StatusCode::BAD_REQUEST, Some("not_understood"))
            );
        }
        assert_eq!(intents.0.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_refusal_says_why_in_words_and_as_a_code() {
        let intents = Keeps(Mutex::default(), Err(Rejection::UnknownAccount));
        let body = format!(
            r#"{{"intent":"grant","id":"{}","account":"{}","length":1,"traffic":"unlimited","reason":"r"}}"#,
            OrderId::MIN,
            AccountId::MIN
        );
        let (status, said) = asked(&intents, &body).await;
        assert_eq!(
            (status, said["code"].as_str()),
            (StatusCode::NOT_FOUND, Some("unknown_account"))
        );
        assert_eq!(said["error"], Rejection::UnknownAccount.to_string());
    }
}
