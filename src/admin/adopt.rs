//! Adoption from the command line: what would become of the clients that an operator names, and with
//! `yes` the intents. One row that cannot be keeps all from being asked for.

use super::peer::Peer;
use super::sources::Admin;
use crate::catalog::{Catalog, Places};
use crate::controller::{Target, WorkKey};
use crate::intent::{
    Adopt, Intent, Others, Rejection, Reply, Staff, check_adoption, known, marked, renamed,
};
use crate::model::{
    AccountId, Cap, CustomerRef, End, ObservedClient, PlanId, Quota, Selector, ServerId, Snapshot,
    UnixMs,
};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// More than that is no file of clients.
pub(super) const MOST_BYTES: usize = 4 << 20;
/// So long the list is waited for by which clients are adopted.
const LOOK_AT_MOST: Duration = Duration::from_secs(20);

/// What an operator asks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    server: ServerId,
    #[serde(default)]
    yes: bool,
    rows: Vec<Row>,
}

/// One client, and what it becomes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    client: String,
    customer: CustomerRef,
    plan: PlanId,
    ends_at_ms: UnixMs,
    granted: Quota,
    /// What the panel had when the line was written.
    #[serde(default)]
    seen: String,
}

/// What is to be done about a row.
enum Judged {
    Ready(Box<Adopt>),
    Already(AccountId),
    Cannot(String),
}

/// Answers a row for each row, in their order: `says` or `error`; and how many were adopted now.
pub(super) async fn adopt(admin: &Admin, peer: &Peer, body: &[u8]) -> Response {
    let asked: Asked = match serde_json::from_slice(body) {
        Ok(asked) => asked,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, error.to_string()),
    };
    if !(admin.in_force)().servers.contains_key(&asked.server) {
        return refuse(StatusCode::NOT_FOUND, Rejection::UnknownServer.to_string());
    }
    if let Err(why) = look(admin, &asked.server).await {
        return refuse(StatusCode::CONFLICT, why);
    }
    let (snapshot, catalog) = (admin.store.snapshot(), (admin.in_force)());
    let stats = admin.stats.servers();
    let Some(seen) = stats.get(&asked.server).filter(|seen| seen.listed_at.0 > 0) else {
        let why = format!("{} was not listed since this shop started", asked.server);
        return refuse(StatusCode::NOT_FOUND, why);
    };
    let staff = Staff::Operator(peer.user());
    let now = admin.time.reading().now;
    let judge = Judge { snapshot: &snapshot, catalog: &catalog, server: &asked.server, now };
    let judged = judge.all(&seen.strangers, asked.rows, &staff);
    let cannot = judged.iter().any(|row| matches!(row, Judged::Cannot(_)));
    if cannot || !asked.yes {
        let rows: Vec<Value> = judged.iter().map(Judged::told).collect();
        return Json(json!({ "rows": rows, "adopted": 0 })).into_response();
    }
    let (mut rows, mut adopted) = (Vec::with_capacity(judged.len()), 0);
    for row in judged {
        let Judged::Ready(ready) = &row else {
            rows.push(row.told());
            continue;
        };
        match admin.intents.submit(Intent::Adopt(ready.clone())).await {
            Ok(reply) => {
                let is_new = matches!(reply, Reply::Adopted(_));
                adopted += usize::from(is_new);
                let changes = if is_new { changes(ready) } else { String::new() };
                rows.push(json!({ "says": format!("{reply}{changes}") }));
            }
            Err(why) => rows.push(json!({ "error": why.to_string() })),
        }
    }
    Json(json!({ "rows": rows, "adopted": adopted })).into_response()
}

/// Has the server listed now: what a hand changed on its panel since the last list is no more than that seen.
async fn look(admin: &Admin, server: &ServerId) -> Result<(), String> {
    let mut running = admin.look_now.ask(Target::Server(server.clone()));
    let listed = async {
        while let Some(one) = running.recv().await {
            if one.key == WorkKey::Server(server.clone()) {
                return one.failure.map_or(Ok(()), |(_, why)| Err(why));
            }
        }
        Err("nobody looks at it".to_owned())
    };
    let late = || Err(format!("no answer within {} s", LOOK_AT_MOST.as_secs()));
    let looked = tokio::time::timeout(LOOK_AT_MOST, listed).await.unwrap_or_else(|_| late());
    looked.map_err(|why| {
        format!(
            "{server} could not be listed just now, and what its panel holds is not known ({}): nothing was \
             changed; see `nebulalinks describe server {server}`, and ask again when it answers",
            why.trim_end_matches('.')
        )
    })
}

fn refuse(status: StatusCode, error: String) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}

/// What rows are judged by.
struct Judge<'a> {
    snapshot: &'a Snapshot,
    catalog: &'a Catalog,
    server: &'a ServerId,
    now: UnixMs,
}

impl Judge<'_> {
    fn all(&self, strangers: &[ObservedClient], rows: Vec<Row>, staff: &Staff) -> Vec<Judged> {
        let there: BTreeMap<&str, &ObservedClient> =
            strangers.iter().map(|client| (client.email.as_str(), client)).collect();
        let renamed = renamed(self.snapshot, self.server);
        let others = Others::of(self.snapshot, strangers);
        let there_alone = Selector::Ids([self.server.clone()].into());
        let places = Places::with_stranded(self.snapshot, self.catalog, self.now);
        let mut free = places.room_for(&there_alone);
        let shop = &self.catalog.shop.id;
        let judge = |row: Row| {
            let Some(client) = there.get(row.client.as_str()) else {
                // It has the shop's name by now.
                let marked = || marked(self.snapshot, shop, self.server, &row.client);
                if let Some(account) = renamed.get(&*row.client).copied().or_else(marked) {
                    return Judged::Already(account);
                }
                let why = format!("no client of this name is on {} now", self.server);
                return Judged::Cannot(why);
            };
            match known(self.snapshot, shop, self.server, client) {
                Some(Ok(account)) => return Judged::Already(account),
                Some(Err(why)) => return Judged::Cannot(why.to_string()),
                None => {}
            }
            if let Some(why) = others.shares(client) {
                return Judged::Cannot(why.to_owned());
            }
            let is_now = as_seen(client);
            if !row.seen.is_empty() && row.seen != is_now {
                return Judged::Cannot(format!(
                    "it was changed on the panel since the proposal, which saw `{}`, and it is `{is_now}` \
                     now: make a new proposal, or put that into the column seen",
                    row.seen.chars().take(80).flat_map(char::escape_debug).collect::<String>()
                ));
            }
            let adopt = Adopt {
                server: self.server.clone(),
                client: (*client).clone(),
                customer: row.customer,
                plan: row.plan,
                ends_at: row.ends_at_ms,
                granted: row.granted,
                staff: staff.clone(),
            };
            if let Err(why) = check_adoption(self.snapshot, self.catalog, &adopt, self.now) {
                return Judged::Cannot(why.to_string());
            }
            let Some(left) = free.checked_sub(1) else {
                let why = "no place is left for it that was not promised to somebody: raise the \
                           server's capacity in servers.yaml";
                return Judged::Cannot(why.to_owned());
            };
            free = left;
            Judged::Ready(Box::new(adopt))
        };
        rows.into_iter().map(judge).collect()
    }
}

impl Judged {
    fn told(&self) -> Value {
        match self {
            Self::Ready(adopt) => json!({ "says": in_words(adopt) }),
            Self::Already(account) => {
                json!({ "says": Reply::AlreadyAdopted(*account).to_string() })
            }
            Self::Cannot(why) => json!({ "error": why }),
        }
    }
}

/// What becomes of a client, and what of it changes.
fn in_words(adopt: &Adopt) -> String {
    let (customer, plan) = (adopt.customer, &adopt.plan);
    let (changes, used) = (changes(adopt), adopt.client.counter);
    format!(
        "becomes an account of customer {customer} on plan {plan}{changes}; {used} of it are used"
    )
}

/// What of a client changes.
fn changes(adopt: &Adopt) -> String {
    let Adopt { client, ends_at, granted, .. } = adopt;
    let mut said = String::new();
    let end = End::at(*ends_at);
    if client.end != Some(end) {
        said.push_str(&format!(", its end moves to {}", moment(*ends_at)));
    }
    let cap = match client.cap {
        Cap::Bytes(cap) => Quota::Bytes(crate::model::Bytes(cap.get())),
        Cap::Unlimited => Quota::Unlimited,
    };
    if cap != *granted {
        said.push_str(&format!(", its cap becomes {granted}"));
    }
    if !client.enable {
        said.push_str(", it is off and is switched on");
    }
    said
}

/// What of a client a hand may change between a proposal and its adoption.
pub(super) fn as_seen(client: &ObservedClient) -> String {
    let end = match client.end {
        Some(End::At(at)) => format!("ends {}", moment(UnixMs(at.get()))),
        Some(End::Never) => "never ends".to_owned(),
        None => "ends after its first use".to_owned(),
    };
    let cap = match client.cap {
        Cap::Bytes(cap) => format!("cap {}", crate::model::Bytes(cap.get())),
        Cap::Unlimited => "no cap".to_owned(),
    };
    let state = if client.enable { "on" } else { "off" };
    format!("{state}, {end}, {cap}")
}

fn moment(at: UnixMs) -> String {
    let ms = i64::try_from(at.0).ok();
    let at = ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    at.map_or_else(|| "far away".to_owned(), |at| at.to_string())
}
