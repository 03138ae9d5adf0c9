//! Plans of the catalog in force, and how many were sold.

use super::super::sources::Admin;
use super::asked::{Answer, Refused};
use crate::catalog::{Catalog, Places, Plan};
use crate::model::{Selector, Snapshot};
use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

pub(super) async fn answer_list(State(admin): State<Admin>) -> Answer {
    let (snapshot, catalog) = (admin.store.snapshot(), (admin.in_force)());
    let rows: Vec<Value> =
        catalog.plans.iter().map(|plan| row(&snapshot, &catalog, plan)).collect();
    Ok(Json(json!({ "plans": rows, "revision": catalog.revision, "commit": catalog.commit })))
}

pub(super) async fn answer(State(admin): State<Admin>, Path(id): Path<String>) -> Answer {
    let (snapshot, catalog) = (admin.store.snapshot(), (admin.in_force)());
    let plan = catalog.plans.iter().find(|plan| plan.id.as_str() == id);
    let plan =
        plan.ok_or_else(|| Refused::word("plan", &id, catalog.plans.iter().map(|plan| &plan.id)))?;
    let mut page = row(&snapshot, &catalog, plan);
    let meant = catalog.servers.values().filter(|s| plan.servers.matches(&s.id, &s.labels));
    let now = admin.time.reading().now;
    let places = Places::with_stranded(&snapshot, &catalog, now);
    let servers: Vec<Value> = meant
        .map(|server| {
            let bound = snapshot.bound_count(&server.id);
            json!({
                "server": server.id,
                "lifecycle": server.lifecycle,
                "bound": bound,
                "capacity": server.capacity,
                "takes_new": places.take_one_more(&Selector::Ids([server.id.clone()].into())),
            })
        })
        .collect();
    if let Some(page) = page.as_object_mut() {
        page.insert("places".to_owned(), Value::Array(servers));
        page.insert("revision".to_owned(), json!(catalog.revision));
    }
    Ok(Json(page))
}

fn row(snapshot: &Snapshot, catalog: &Catalog, plan: &Plan) -> Value {
    json!({
        "id": plan.id,
        "family": plan.family,
        "name": plan.name.get(catalog.default_language(), catalog.default_language()),
        "prices": plan.prices.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "trial": plan.trial,
        "length_ms": plan.duration.0,
        "traffic": plan.traffic.to_string(),
        "devices": plan.devices,
        "servers": plan.servers,
        "lifecycle": plan.lifecycle,
        "removed": catalog.retained_plans.contains(&plan.id),
        "terms_sold": snapshot.terms_sold_as(&plan.id),
    })
}
