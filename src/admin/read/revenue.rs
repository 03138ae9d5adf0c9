//! What was taken, by periods of the shop's clocks, and how it is counted anew.

use super::super::peer::Peer;
use super::super::sources::Admin;
use super::asked::{Answer, Asked, Refused};
use crate::controller::{recount, takings_of};
use crate::model::{Actor, Audit, Outcome};
use crate::revenue::{Days, Period, Revenue, by_period};
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
    let said = |minor: u128| currency.number(i128::try_from(minor).unwrap_or(i128::MAX));
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
        "net": currency.number(sums.net()),
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
    let line = |days| admin.recounted(Actor::Cli(peer.user()), days);
    let mended = recount(&*admin.store, &line).await?;
    Ok(Json(json!({ "mended": mended })))
}

impl Admin {
    /// The line of the audit for so many days of what was taken that are counted anew.
    pub(crate) fn recounted(&self, actor: Actor, days: usize) -> Audit {
        let (at, page) = (self.time.reading().now, (self.catalog)());
        Audit {
            id: self.entropy.ulid(at),
            actor,
            verb: "recount-revenue".to_owned(),
            subject: "store".to_owned(),
            outcome: Outcome::Done,
            of: None,
            reason: Some(format!("{days} days")),
            catalog: page.revision,
            commit: page.commit,
            at,
        }
    }
}
