//! Promo codes of the catalog in force, and how often they are used.

use super::super::sources::Admin;
use super::asked::Answer;
use crate::catalog::{Catalog, Gives, Promo};
use crate::model::{Snapshot, UnixMs};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

pub(super) async fn answer_list(State(admin): State<Admin>) -> Answer {
    let (snapshot, catalog) = (admin.store.snapshot(), (admin.in_force)());
    let now = admin.time.reading().now;
    let rows = catalog.promos.iter().map(|promo| row(&snapshot, &catalog, promo, now));
    let rows: Vec<Value> = rows.collect();
    Ok(Json(json!({ "promos": rows, "revision": catalog.revision, "commit": catalog.commit })))
}

fn row(snapshot: &Snapshot, catalog: &Catalog, promo: &Promo, now: UnixMs) -> Value {
    let uses = snapshot.code_uses(&promo.id, now);
    json!({
        "id": promo.id,
        "code": promo.code,
        "gives": match &promo.gives {
            Gives::Percent(percent) => format!("{percent}%"),
            Gives::Amount(amount) => amount.to_string(),
            Gives::Days(days) => format!("{days}d"),
        },
        "plans": promo.plans,
        "valid": promo.valid,
        "uses": uses,
        "limit": promo.limit,
        "per_customer": promo.per_customer,
        "state": state(promo, uses, now, &catalog.shop.time_zone),
    })
}

/// Whether a code can be used now, and if not why.
fn state(promo: &Promo, uses: usize, now: UnixMs, zone: &str) -> &'static str {
    match (promo.is_over(now, zone), promo.is_valid(now, zone)) {
        (true, _) => "over",
        (false, false) => "to-come",
        (false, true) if promo.is_used_up(uses) => "used-up",
        (false, true) => "active",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::{OrderPromo, Target};
    use crate::view::sample;

    #[test]
    fn a_code_is_listed_with_its_uses_and_what_keeps_it_from_being_used() {
        let catalog = sample::catalog();
        let mut order = sample::order(1, Target::New, "bank");
        let mut full = order.method.price.clone();
        full.minor += 1;
        order.promo = Some(Box::new(OrderPromo { promo: "eid".parse().unwrap(), full }));
        let snapshot = sample::snapshot([sample::put(order)]);
        let promo = |gives: Gives, limit: Option<u32>, valid: Option<&str>| Promo {
            id: "eid".parse().unwrap(),
            code: "EID-25".to_owned(),
            gives,
            plans: crate::catalog::Covers::Any,
            limit,
            per_customer: 1,
            valid: valid.map(|days| days.parse().unwrap()),
        };
        for (promo, gives, state) in [
            (promo(Gives::Percent(25), None, None), "25%", "active"),
            (promo(Gives::Days(7), Some(2), None), "7d", "active"),
            (promo(Gives::Days(7), Some(1), None), "7d", "used-up"),
            (promo(Gives::Days(7), None, Some("2001-01-01..2001-01-31")), "7d", "over"),
            (promo(Gives::Days(7), None, Some("2090-01-01..2090-01-31")), "7d", "to-come"),
        ] {
            let row = row(&snapshot, &catalog, &promo, sample::NOW);
            let of = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            assert_eq!((of("gives").as_str(), of("state").as_str()), (gives, state), "{row}");
            assert_eq!((&row["uses"], &row["id"]), (&1.into(), &"eid".into()));
        }
    }
}
