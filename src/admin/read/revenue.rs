//! What was taken, by periods of the shop's clocks, and how it is counted anew.

use super::super::peer::Peer;
use super::super::sources::Admin;
use super::asked::{Answer, Asked, Refused};
use crate::controller::{recount, takings_of};
use crate::model::{Actor, Audit, Edits, Outcome};
use crate::revenue::{Days, Period, Revenue, by_period, number};
use axum::Json;
use axum::extract::{ConnectInfo, State};
use serde::Deserialize;
use serde_json::{Value, json};

/// Which periods are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    by: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

pub(super) async fn answer(State(admin): State<Admin>, Asked(wanted): Asked<Wanted>) -> Answer {
    let by = match wanted.by.as_deref() {
        None => Period::Day,
        Some(word) => period(word)?,
    };
    let days = Days::parse(wanted.from.as_deref(), wanted.to.as_deref()).map_err(Refused::bad)?;
    let takings = takings_of(&*admin.store, days.of_utc()).await?;
    let zone = (admin.in_force)().shop.time_zone.clone();
    let rows: Vec<Value> = by_period(&takings, &zone, by, days).iter().map(row).collect();
    Ok(Json(json!({ "by": by.name(), "time_zone": zone, "revenue": rows })))
}

fn period(word: &str) -> Result<Period, Refused> {
    let found = Period::ALL.into_iter().find(|by| by.name().eq_ignore_ascii_case(word));
    found.ok_or_else(|| Refused::word("period", word, Period::ALL.map(Period::name)))
}

/// Amounts with a point for people, and whole numbers for tools.
fn row(revenue: &Revenue) -> Value {
    let Revenue { period, currency, sums } = revenue;
    let said = |minor: u128| number(i128::try_from(minor).unwrap_or(i128::MAX), currency);
    json!({
        "period": period,
        "currency": currency.code,
        "decimals": currency.decimals,
        "orders": sums.approved,
        "taken": said(sums.taken),
        "taken_minor": exact(sums.taken),
        "reversed": sums.reversed,
        "returned": said(sums.returned),
        "returned_minor": exact(sums.returned),
        "net": number(sums.net(), currency),
        "net_minor": exact(sums.net()),
    })
}

/// A whole number; one that is beyond JSON's as its digits.
fn exact<N: TryInto<i64> + ToString + Copy>(n: N) -> Value {
    n.try_into().map_or_else(|_| n.to_string().into(), Value::from)
}

/// Counts what was taken anew from all orders. Not while orders may be missing: a day may be all that tells of one.
pub(super) async fn count_anew(
    State(admin): State<Admin>,
    ConnectInfo(peer): ConnectInfo<Peer>,
) -> Answer {
    if admin.store.snapshot().damaged().is_some() {
        let why = "the store is damaged, and what was taken may be all that tells of an order that is lost: see \
                   docs/OPERATIONS.md, StoreDamaged, first";
        return Err(Refused::conflict(why));
    }
    let mended = recount(&*admin.store).await?;
    if mended == 0 {
        return Ok(Json(json!({ "mended": mended })));
    }
    let (at, page) = (admin.time.reading().now, (admin.catalog)());
    let mut edits = Edits::new();
    edits.insert(Audit {
        id: admin.entropy.ulid(at),
        actor: Actor::Cli(peer.user()),
        verb: "recount-revenue".to_owned(),
        subject: "store".to_owned(),
        outcome: Outcome::Done,
        of: None,
        reason: Some(format!("{mended} days")),
        catalog: page.revision,
        commit: page.commit,
        at,
    });
    admin.store.txn(edits).await?;
    Ok(Json(json!({ "mended": mended })))
}
