//! The audit by time, and what happened lately. Lines are not resident: they are read off the store, a
//! bounded number for each answer.

use super::super::sources::Admin;
use super::asked::{Answer, Asked, Lines, Refused, known_server};
use super::find;
use crate::controller::{Ended, RecentPass};
use crate::model::{
    AccountId, Actor, Audit, CustomerId, DAY_MS, DurationMs, Identity, Key, Kind, OrderId, Outcome,
    Record, ServerId, Snapshot, UnixMs,
};
use crate::ports::{Span, Store};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

/// So many lines of the audit are read for one answer.
const READ: usize = 2_000;
/// How far back without a word about it.
const LATELY: DurationMs = DurationMs(DAY_MS);

/// Which lines are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// `account:…`, `order:…`, `server:…`, `customer:…`, or the id alone.
    subject: Option<String>,
    /// Lines of the last so many milliseconds.
    since_ms: Option<u64>,
    /// Lines after this one.
    after: Option<String>,
    #[serde(default)]
    limit: Lines,
}

/// Whose lines are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Account(AccountId),
    Order(OrderId),
    Server(ServerId),
    Customer(CustomerId),
}

impl Subject {
    /// Of whom, and since when there can be lines of it, where that is known.
    async fn of(admin: &Admin, text: &str) -> Result<(Self, Option<UnixMs>), Refused> {
        let snapshot = admin.store.snapshot();
        let kind = match text.split_once(':') {
            // Where somebody is known has a colon of its own.
            Some(_) if text.parse::<Identity>().is_ok() => ("customer", text),
            Some(kind) => kind,
            // An id that somebody copied.
            None if known_server(admin, text).is_ok() => ("server", text),
            None if find::order(admin, &snapshot, text).await.is_ok() => ("order", text),
            None if find::account(admin, &snapshot, text).await.is_ok() => ("account", text),
            None if find::customer(&snapshot, text).is_ok() => ("customer", text),
            None => ("account", text),
        };
        match kind {
            ("account", id) => {
                let id = find::account(admin, &snapshot, id).await?;
                let made = snapshot.account(id).map_or(UnixMs(0), |account| account.created_at);
                Ok((Self::Account(id), Some(made)))
            }
            ("order", id) => {
                let order = find::order(admin, &snapshot, id).await?;
                Ok((Self::Order(order.id), Some(order.placed_at)))
            }
            ("server", id) => Ok((Self::Server(known_server(admin, id)?), None)),
            ("customer", id) => {
                let id = find::customer(&snapshot, id)?;
                let since = snapshot.customer(id).map(|customer| customer.created_at);
                Ok((Self::Customer(id), since))
            }
            (word, _) => {
                let kinds = ["account", "customer", "order", "server"];
                Err(Refused::word("kind of subject", word, kinds))
            }
        }
    }

    /// Whether a line is about it; of an account also what was written to its clients, and of a customer
    /// what they did, and what became of their orders and accounts.
    fn is_of(&self, snapshot: &Snapshot, line: &Audit) -> bool {
        match (self, line.subject.split_once(':')) {
            (Self::Customer(id), of) => is_of_customer(snapshot, *id, &line.actor, of),
            (Self::Account(id), Some(("account", of))) => of == id.to_string(),
            (Self::Account(id), Some(("client", of))) => {
                of.rsplit_once('/').is_some_and(|(_, of)| of == id.to_string())
            }
            (Self::Order(id), Some(("order", of))) => of == id.to_string(),
            (Self::Server(id), Some(("server", of))) => of == id.to_string(),
            _ => false,
        }
    }
}

/// Whether a customer did it, or has what it was done to.
fn is_of_customer(
    snapshot: &Snapshot,
    id: CustomerId,
    actor: &Actor,
    of: Option<(&str, &str)>,
) -> bool {
    let theirs = |account: &str| {
        let account = account.parse().ok().and_then(|id| snapshot.account(id));
        account.is_some_and(|account| account.customer == id)
    };
    let did = match actor {
        Actor::Person(identity) => snapshot.customer_of(*identity) == Some(id),
        Actor::Customer(forgotten) => *forgotten == id,
        Actor::Cli(_) | Actor::Controller => false,
    };
    did || match of {
        Some(("account", of)) => theirs(of),
        Some(("client", of)) => of.rsplit_once('/').is_some_and(|(_, of)| theirs(of)),
        Some(("order", of)) => of.parse().ok().and_then(|of| snapshot.buyer(of)) == Some(id),
        _ => false,
    }
}

/// The key before which there is no line of a moment or later: a line's id begins with its time.
fn first_at(at: UnixMs) -> Key {
    Key::Audit(crate::model::first_ulid_at(at))
}

fn line_of(record: Record) -> Option<Audit> {
    match record {
        Record::Audit(line) => Some(line),
        _ => None,
    }
}

pub(super) async fn answer_lines(
    State(admin): State<Admin>,
    Asked(wanted): Asked<Wanted>,
) -> Answer {
    let (now, snapshot) = (admin.time.reading().now, admin.store.snapshot());
    let subject = match &wanted.subject {
        Some(text) => Some(Subject::of(&admin, text).await?),
        None => None,
    };
    // Of a subject everything, unless it is said how far back: nothing was written of it before it was.
    let made = subject.as_ref().and_then(|(_, made)| *made);
    let whole = made.map(|made| made - DurationMs(DAY_MS));
    let lately = wanted.since_ms.map(|ms| now - DurationMs(ms)).or(whole).unwrap_or(now - LATELY);
    let limit = wanted.limit.0;
    let (mut rows, mut last, mut read) = (Vec::new(), None, 0);
    let mut from = first_at(lately);
    if let Some(after) = wanted.after {
        (from, last) = (Key::Audit(after.clone()), Some(after));
    }
    let next = loop {
        if read >= READ {
            break last;
        }
        let span = Span::of(Kind::Audit, Span::MOST);
        let span = if last.is_some() { span.after(&from) } else { span.from(&from) };
        let page = admin.store.scan(span).await?;
        let complete = page.len() < Span::MOST;
        read += page.len();
        let mut full = false;
        for line in page.into_iter().filter_map(|record| line_of(record.value)) {
            if rows.len() >= limit {
                full = true;
                break;
            }
            last = Some(line.id.clone());
            if subject.as_ref().is_none_or(|(subject, _)| subject.is_of(&snapshot, &line)) {
                rows.push(row(&line));
            }
        }
        if full || complete {
            break last.filter(|_| full);
        }
        if let Some(last) = &last {
            from = Key::Audit(last.clone());
        }
    };
    Ok(Json(json!({ "lines": rows, "next": next })))
}

fn row(line: &Audit) -> Value {
    let (outcome, code) = said(&line.outcome);
    json!({
        "id": line.id,
        "at_ms": line.at.0,
        "actor": line.actor,
        "verb": line.verb,
        "subject": line.subject,
        "outcome": outcome,
        "code": code,
        "of": line.of,
        "reason": line.reason,
        "catalog": line.catalog,
        "commit": line.commit,
    })
}

const fn said(outcome: &Outcome) -> (&'static str, Option<&String>) {
    match outcome {
        Outcome::Done => ("done", None),
        Outcome::Started => ("started", None),
        Outcome::Failed(code) => ("failed", Some(code)),
        Outcome::Interrupted => ("interrupted", None),
    }
}

/// How much of the last events is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lately {
    since_ms: Option<u64>,
    #[serde(default)]
    limit: Lines,
}

/// The newest lines of the audit and the passes that changed or failed, in the order of time.
pub(super) async fn answer_events(
    State(admin): State<Admin>,
    Asked(wanted): Asked<Lately>,
) -> Answer {
    let (now, limit) = (admin.time.reading().now, wanted.limit.0);
    let since = now - wanted.since_ms.map_or(LATELY, DurationMs);
    let mut events = newest_lines(&*admin.store, since, limit).await?;
    let passes = admin.passes.newest_first(None).into_iter();
    let told = passes.filter(|pass| pass.at >= since && is_news(pass)).take(limit);
    events.extend(told.map(|pass| (pass.at, pass_row(&pass))));
    events.sort_by_key(|(at, _)| *at);
    let first = events.len().saturating_sub(limit);
    let newest: Vec<Value> = events.into_iter().skip(first).map(|(_, row)| row).collect();
    Ok(Json(json!({ "events": newest })))
}

/// Lines without those of what was begun: their outcomes follow.
async fn newest_lines(
    store: &dyn Store,
    since: UnixMs,
    limit: usize,
) -> Result<Vec<(UnixMs, Value)>, Refused> {
    let (mut found, mut before) = (Vec::new(), None::<Key>);
    for _ in 0..READ / Span::MOST {
        let span = Span::of(Kind::Audit, Span::MOST).from(&first_at(since)).backwards();
        let span = before.iter().fold(span, |span, key| span.before(key));
        let page = store.scan(span).await?;
        let complete = page.len() < Span::MOST;
        for line in page.into_iter().filter_map(|record| line_of(record.value)) {
            before = Some(Key::Audit(line.id.clone()));
            if line.outcome != Outcome::Started {
                found.push((line.at, event(&line)));
            }
            if found.len() >= limit {
                return Ok(found);
            }
        }
        if complete {
            break;
        }
    }
    Ok(found)
}

fn event(line: &Audit) -> Value {
    let (outcome, code) = said(&line.outcome);
    let detail = code.cloned().or_else(|| line.reason.clone());
    json!({
        "at_ms": line.at.0, "kind": "audit", "who": line.actor, "what": line.verb,
        "subject": line.subject, "outcome": outcome, "said": detail,
    })
}

fn is_news(pass: &RecentPass) -> bool {
    pass.let_through.count > 0 || matches!(pass.ended, Ended::Failed { .. })
}

fn pass_row(pass: &RecentPass) -> Value {
    let said = match &pass.ended {
        Ended::Failed { code, said } => Some(format!("{code}: {said}")),
        _ => None,
    };
    let changes = || format!("{} of {} changes", pass.let_through.count, pass.wanted.count);
    json!({
        "at_ms": pass.at.0, "kind": "pass", "who": "controller", "what": "pass", "times": pass.times,
        "subject": format!("server:{}", pass.server), "outcome": pass.ended.name(),
        "said": said.unwrap_or_else(changes),
    })
}
