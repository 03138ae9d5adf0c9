//! Giving clients back, from the command line: what would become of each, and with `yes` the intents. One
//! that cannot be keeps all from being asked for.

use super::peer::Peer;
use super::read::meant;
use super::sources::Admin;
use crate::catalog::{Catalog, Mode};
use crate::intent::{Intent, OfAccount, Rejection, Reply, Staff, check_reason, check_release};
use crate::model::{AccountId, Disposition, Entitlement, Quota, ServerId, Snapshot};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;

const DONE: &str = "given back: its client gets a name of its own with the next look at its panel";
const AGAIN: &str = "was given back before: nothing was changed";

/// What an operator asks: these accounts, or all that a server serves.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// By their ids, how these begin, their clients' names, or one of their orders.
    #[serde(default)]
    accounts: Vec<String>,
    #[serde(default)]
    server: Option<ServerId>,
    reason: String,
    #[serde(default)]
    yes: bool,
}

/// Answers a row for each account: `says` or `error`; and how many were given back now.
pub(super) async fn release(admin: &Admin, peer: &Peer, body: &[u8]) -> Response {
    let asked: Asked = match serde_json::from_slice(body) {
        Ok(asked) => asked,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, error.to_string()),
    };
    if let Err(why) = check_reason(&asked.reason) {
        return refuse(StatusCode::BAD_REQUEST, why.to_string());
    }
    let (snapshot, catalog) = (admin.store.snapshot(), (admin.in_force)());
    let (mut accounts, mut rows) = (Vec::new(), Vec::new());
    if let Some(server) = &asked.server {
        if !catalog.servers.contains_key(server) && snapshot.bound_count(server) == 0 {
            return refuse(StatusCode::NOT_FOUND, Rejection::UnknownServer.to_string());
        }
        let here = snapshot.bound_to(server).filter(|b| b.disposition == Disposition::Serving);
        accounts.extend(here.map(|binding| binding.account));
    }
    for text in &asked.accounts {
        match meant(admin, &snapshot, text).await {
            Ok(id) => accounts.push(id),
            Err(why) => rows.push(json!({ "account": text, "error": why })),
        }
    }
    let mut named = BTreeSet::new();
    accounts.retain(|id| named.insert(*id));
    let judge = Judge { admin, snapshot: &snapshot, catalog: &catalog };
    rows.extend(accounts.iter().map(|id| match judge.in_words(*id) {
        Ok(says) => json!({ "account": id, "says": says }),
        Err(why) => json!({ "account": id, "error": why.to_string() }),
    }));
    let cannot = rows.iter().any(|row| row.get("error").is_some());
    if cannot || !asked.yes {
        return Json(json!({ "rows": rows, "released": 0 })).into_response();
    }
    let (mut rows, mut released) = (Vec::with_capacity(accounts.len()), 0);
    for account in accounts {
        let staff = Staff::Operator(peer.user());
        let of = OfAccount { account, reason: asked.reason.clone(), staff };
        rows.push(match admin.intents.submit(Intent::Release(of)).await {
            Ok(Reply::Released(_)) => {
                released += 1;
                json!({ "account": account, "says": DONE })
            }
            Ok(_) => json!({ "account": account, "says": AGAIN }),
            Err(why) => json!({ "account": account, "error": why.to_string() }),
        });
    }
    Json(json!({ "rows": rows, "released": released })).into_response()
}

fn refuse(status: StatusCode, error: String) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}

/// What it is told by.
struct Judge<'a> {
    admin: &'a Admin,
    snapshot: &'a Snapshot,
    catalog: &'a Catalog,
}

impl Judge<'_> {
    /// What becomes of an account and its client.
    fn in_words(&self, id: AccountId) -> Result<String, Rejection> {
        let server =
            match check_release(self.snapshot, self.catalog, id, self.admin.time.reading().now) {
                Err(Rejection::Released) => return Ok(AGAIN.to_owned()),
                server => server?,
            };
        let account = self.snapshot.account(id).ok_or(Rejection::UnknownAccount)?;
        let name = account.adopted().filter(|adopted| !adopted.email.is_empty()).map_or_else(
            || format!("is called {id}"),
            |adopted| {
                format!("is called {:?} again, or {id} if somebody has that name", adopted.email)
            },
        );
        let state = match account.suspension {
            Some(_) => "stays off, as the account is suspended,",
            None => "stays as it is",
        };
        let unused = Entitlement::of(self.snapshot, id).map(|e| (e.left, e.granted));
        let unused = match unused {
            Some((left @ Quota::Bytes(_), granted)) if !left.is_empty() => {
                format!(", with {left} of {granted} unused")
            }
            _ => String::new(),
        };
        Ok(format!(
            "of customer {}: its client on {server} {state} and {name}. The account ends here{unused}: no \
             renewals, and no subscription address.{}",
            self.snapshot.known_as(account.customer),
            self.when(server)
        ))
    }

    /// What its panel waits for.
    fn when(&self, server: &ServerId) -> String {
        let mode = self.catalog.servers.get(server).map(|server| server.mode);
        let answers = self.admin.stats.servers().get(server).is_some_and(|seen| seen.reachable);
        match mode {
            Some(Mode::Observe) => format!(
                " {server} is only observed: the client keeps our name until it is managed."
            ),
            _ if !answers => {
                format!(" {server} does not answer: the client keeps our name until it does.")
            }
            _ => String::new(),
        }
    }
}
