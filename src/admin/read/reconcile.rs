//! A look that an operator asks for, and whether the panels then agree with the records: if not, why, in
//! the sentences of `explain`.

use super::super::sources::Admin;
use super::asked::{Answer, Asked, Refused, known_server, short};
use super::{explain, find, why};
use crate::catalog::Catalog;
use crate::controller::{Ended, Look, Looked, Moves, RecentPass, Target, WorkKey};
use crate::model::{AccountId, Condition, ConditionKind, Mark, ServerId, Snapshot};
use crate::planner::{Report, Waiting};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// So long one answer waits for the runs that it asked for: a panel has 35 s for a call, and whoever asks
/// can ask again.
const AT_MOST: Duration = Duration::from_secs(20);
/// So many accounts are named for each thing that they wait for.
const NAMED: usize = 5;

/// What is to be looked at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// A server or an account; without it everything.
    of: Option<String>,
    /// Whether to answer only once it was looked at.
    #[serde(default)]
    wait: bool,
}

/// Looks, and answers what came of it.
pub(super) async fn answer(State(admin): State<Admin>, Asked(wanted): Asked<Wanted>) -> Answer {
    let target = match &wanted.of {
        Some(text) => meant(&admin, text).await?,
        None => Target::Everything,
    };
    let mut running = admin.look_now.ask(target.clone());
    let name = match &target {
        Target::Everything => "everything".to_owned(),
        Target::Server(id) => format!("server {id}"),
        Target::Account(id) => format!("account {id}"),
    };
    if !wanted.wait {
        return Ok(Json(json!({ "of": name, "agrees": null })));
    }
    let mut looked = Vec::new();
    let all = async {
        while let Some(one) = running.recv().await {
            looked.push(one);
        }
    };
    let in_time = tokio::time::timeout(AT_MOST, all).await.is_ok();
    let seen = Seen { looked, in_time, passes: admin.passes.newest_first(None) };
    let mut page = page(&admin, &target, &seen);
    if let Some(page) = page.as_object_mut() {
        page.insert("of".to_owned(), json!(name));
    }
    Ok(Json(page))
}

/// The server or account that somebody typed. Ids of accounts begin with a 0 until the year 3084.
async fn meant(admin: &Admin, text: &str) -> Result<Target, Refused> {
    let server = match known_server(admin, text) {
        Ok(id) => return Ok(Target::Server(id)),
        Err(refused) => refused,
    };
    let of_account = text.starts_with('0') || Mark::parse(text).is_some();
    match find::account(admin, &admin.store.snapshot(), text).await {
        Ok(id) => Ok(Target::Account(id)),
        Err(refused) if of_account => Err(refused),
        Err(_) => Err(server),
    }
}

/// What the runs came to.
struct Seen {
    looked: Vec<Looked>,
    in_time: bool,
    passes: Vec<RecentPass>,
}

impl Seen {
    fn failure(&self, server: &ServerId) -> Option<&(&'static str, String)> {
        let of = |one: &&Looked| one.key == WorkKey::Server(server.clone());
        self.looked.iter().find(of)?.failure.as_ref()
    }

    fn last_list(&self, server: &ServerId) -> Option<&RecentPass> {
        self.passes.iter().find(|pass| pass.server == *server && pass.look == Look::List)
    }
}

/// Whether what is asked about agrees, and what stands in the way.
fn page(admin: &Admin, target: &Target, seen: &Seen) -> Value {
    let (snapshot, catalog) = (admin.store.snapshot(), (admin.in_force)());
    let (stats, moves) = (admin.stats.servers(), admin.stats.moves_away());
    let now = admin.time.reading().now;
    let mut obstacles = Vec::new();
    if !seen.in_time {
        let why = format!("It was not looked at within {} s: others are first.", AT_MOST.as_secs());
        obstacles.push(obstacle(None, "not_looked_at", why, None));
    }
    let servers: Vec<&ServerId> = match target {
        Target::Everything => catalog.servers.keys().collect(),
        Target::Server(id) => vec![id],
        Target::Account(id) => snapshot.bindings(*id).map(|b| &b.server).collect(),
    };
    if let Target::Account(id) = target {
        let told = explain::page(&snapshot, &catalog, &stats, *id, now).unwrap_or_default();
        let mut told = in_its_way(&snapshot, *id, &told);
        for (server, failure) in servers.iter().filter_map(|id| Some((id, failed(seen, id)?))) {
            // What the look came to just now says more than the condition.
            told.retain(|o| o["code"] != "Unreachable" || o["server"] != json!(server));
            obstacles.push(failure);
        }
        obstacles.extend(told);
    } else {
        let served = servers.iter().filter(|id| catalog.served(id).is_some());
        for id in served {
            let report = stats.get(*id).map(|seen| &*seen.report);
            let of = OfServer { id, snapshot: &snapshot, report, moves: moves.get(*id) };
            obstacles.extend(of.obstacles(seen, &catalog));
        }
    }
    if *target == Target::Everything {
        obstacles.extend(without_a_server(&snapshot));
    }
    json!({
        "agrees": obstacles.is_empty(),
        "servers": servers,
        "obstacles": obstacles,
    })
}

fn obstacle(
    server: Option<&ServerId>,
    code: &str,
    why: impl Into<String>,
    helps: Option<&str>,
) -> Value {
    json!({ "server": server, "code": code, "why": why.into(), "helps": helps, "since_ms": null })
}

fn failed(seen: &Seen, server: &ServerId) -> Option<Value> {
    let (code, said) = seen.failure(server)?;
    let said = said.trim_end_matches(['.', '?']);
    let why = format!("The server could not be looked at: {said}.");
    let helps = "docs/OPERATIONS.md, Codes, says what this code means and what to do";
    Some(obstacle(Some(server), code, why, Some(helps)))
}

/// What of an account's obstacles keeps it from being as the records want it. That it is switched off,
/// as it should be, does not.
fn in_its_way(snapshot: &Snapshot, id: AccountId, told: &Value) -> Vec<Value> {
    const AS_IT_SHOULD_BE: [&str; 7] =
        ["Suspended", "Depleted", "Expired", "no_term", "leaving", "tombstone", "Undelivered"];
    // That the store lacks a history is so for everybody; a change that waits for it is this account's.
    let of_all = |o: &Value| o["code"] == "amnesia" && o["server"].is_null();
    let harmless = |o: &&Value| {
        !of_all(o) && !o["code"].as_str().is_some_and(|code| AS_IT_SHOULD_BE.contains(&code))
    };
    let all = told["obstacles"].as_array().into_iter().flatten();
    let mut found: Vec<Value> = all.filter(harmless).cloned().collect();
    // What only the conditions say: a client that is not as it was asked.
    let on_its_way = |c: &&Condition| c.kind == ConditionKind::Reconciling;
    let status = snapshot.account_status(id);
    if let Some(c) = status.and_then(|s| s.conditions.iter().find(on_its_way))
        && found.is_empty()
    {
        let why = format!("It is on its way: {}.", c.reason);
        found.push(obstacle(None, "Reconciling", why, None));
    }
    found
}

/// A server, and what was noted of it.
struct OfServer<'a> {
    id: &'a ServerId,
    snapshot: &'a Snapshot,
    report: Option<&'a Report>,
    moves: Option<&'a Moves>,
}

impl OfServer<'_> {
    fn obstacles(&self, seen: &Seen, catalog: &Catalog) -> Vec<Value> {
        if let Some(failure) = failed(seen, self.id) {
            return vec![failure];
        }
        let mut found = self.outage();
        found.extend(self.report.map(|report| self.waits(report)).unwrap_or_default());
        found.extend(self.moves.and_then(|moves| self.leaves(moves, catalog)));
        match seen.last_list(self.id) {
            None => {
                let why = "No list of it has been taken since the service was started.";
                found.push(obstacle(Some(self.id), "no_pass", why, None));
            }
            Some(pass) if pass.let_through.count > 0 => found.push(self.just_sent(pass)),
            Some(pass) if pass.wanted.count > 0 && found.is_empty() => {
                let why = format!("{} changes are wanted and were not sent.", pass.wanted.count);
                let helps = Some("`nebulalinks get passes -o wide` names them");
                found.push(obstacle(Some(self.id), "wanted", why, helps));
            }
            Some(_) => {}
        }
        found
    }

    fn outage(&self) -> Vec<Value> {
        let outage = self.snapshot.server_status(self.id).and_then(|status| status.outage);
        let told = outage.map(|outage| {
            let why = format!("Nobody can use what they have there: {}.", outage.of_an_account());
            obstacle(Some(self.id), outage.name(), why, Some(outage.advice()))
        });
        told.into_iter().collect()
    }

    /// What accounts wait for, each reason once.
    fn waits(&self, report: &Report) -> Vec<Value> {
        let mut by_reason: BTreeMap<Waiting, BTreeSet<AccountId>> = BTreeMap::new();
        let mut of_all: BTreeSet<Waiting> = BTreeSet::new();
        for note in report.notes.iter().filter(|note| note.waiting != Waiting::Tombstone) {
            match note.account {
                Some(account) => _ = by_reason.entry(note.waiting).or_default().insert(account),
                None => _ = of_all.insert(note.waiting),
            }
        }
        let whole = of_all.into_iter().map(|waiting| {
            let why = why::of(waiting);
            obstacle(Some(self.id), waiting.name(), why.why, why.helps)
        });
        let each = by_reason.into_iter().map(|(waiting, accounts)| {
            let why = why::of(waiting);
            let some: Vec<String> = accounts.iter().take(NAMED).map(ToString::to_string).collect();
            let more = if accounts.len() > NAMED { " and more" } else { "" };
            let who = if accounts.len() == 1 { "account" } else { "accounts" };
            let text = format!("{} {who} ({}{more}): {}", accounts.len(), some.join(", "), why.why);
            obstacle(Some(self.id), waiting.name(), text, why.helps)
        });
        whole.chain(each).collect()
    }

    fn leaves(&self, moves: &Moves, catalog: &Catalog) -> Option<Value> {
        if moves.waiting == 0 {
            return None;
        }
        let lifecycle = catalog.servers.get(self.id).map(|server| server.lifecycle);
        let word = serde_json::to_value(lifecycle).unwrap_or_default();
        let why = format!(
            "It is {}, and {} accounts are still to move: for {} of them no other server that \
             their plan allows has room.",
            word.as_str().unwrap_or("left"),
            moves.waiting,
            moves.no_room
        );
        let helps = (moves.no_room > 0).then_some("raise a capacity, or add a server");
        Some(obstacle(Some(self.id), "moves", why, helps))
    }

    fn just_sent(&self, pass: &RecentPass) -> Value {
        let count = pass.let_through.count;
        let first: Vec<String> =
            pass.let_through.first.iter().take(NAMED).map(|line| short(line)).collect();
        let (code, why) = match pass.ended {
            Ended::Sent => (
                "just_sent",
                format!("{count} changes were sent just now; another list must agree: "),
            ),
            _ => ("not_all_done", format!("Of {count} changes some did not go through: ")),
        };
        let more = if count > first.len() { " and more" } else { "" };
        obstacle(Some(self.id), code, format!("{why}{}{more}.", first.join(", ")), None)
    }
}

/// Accounts whom no server's list tells of.
fn without_a_server(snapshot: &Snapshot) -> Option<Value> {
    let stalled = snapshot.accounts_with(ConditionKind::Stalled);
    (stalled > 0).then(|| {
        let why = format!("{stalled} accounts cannot go on without a person.");
        let helps = "`nebulalinks get accounts --condition Stalled` lists them, and `nebulalinks \
                     explain` says why of each";
        obstacle(None, "Stalled", why, Some(helps))
    })
}
