//! Who on a server's panel is somebody's own, as the last list showed it: who may be adopted.

use super::super::adopt::as_seen;
use super::super::sources::Admin;
use super::asked::{Answer, Refused, known_server};
use crate::intent::{Others, known, unfit};
use crate::model::{Cap, End, ObservedClient};
use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

pub(super) async fn answer(State(admin): State<Admin>, Path(id): Path<String>) -> Answer {
    let id = known_server(&admin, &id)?;
    let (snapshot, catalog) = (admin.store.snapshot(), (admin.in_force)());
    let stats = admin.stats.servers();
    let listed = stats.get(&id).filter(|seen| seen.listed_at.0 > 0);
    let server = catalog.servers.get(&id);
    let (Some(seen), Some(server)) = (listed, server) else {
        return Err(Refused::unknown(format!("{id} was not listed since this shop started")));
    };
    let others = Others::of(&snapshot, &seen.strangers);
    let row = |client: &ObservedClient| {
        let shop = &catalog.shop.id;
        let cannot = match known(&snapshot, shop, &id, client) {
            Some(Ok(account)) => Some(format!("it was adopted as account {account}")),
            Some(Err(why)) => Some(why.to_string()),
            None => {
                let why = unfit(&snapshot, shop, server, client);
                why.or_else(|| others.shares(client)).map(str::to_owned)
            }
        };
        let mut row = told(client);
        if let Some(row) = row.as_object_mut() {
            row.insert("cannot".to_owned(), json!(cannot));
        }
        row
    };
    Ok(Json(json!({
        "server": id,
        "listed_at_ms": seen.listed_at.0,
        "clients": seen.strangers.iter().map(row).collect::<Vec<_>>(),
    })))
}

/// A client without its credentials.
fn told(client: &ObservedClient) -> Value {
    json!({
        "client": client.email,
        "on": client.enable,
        "ends_at_ms": match client.end {
            Some(End::At(at)) => Some(at.get()),
            _ => None,
        },
        "cap_bytes": match client.cap {
            Cap::Bytes(cap) => Some(cap.get()),
            Cap::Unlimited => None,
        },
        "used_bytes": client.counter.0,
        "devices": client.ip_limit,
        "comment": client.comment,
        "inbounds": client.inbounds,
        "seen": as_seen(client),
    })
}
