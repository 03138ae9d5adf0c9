//! Plans and servers that were removed from their file while in use: their last definition is a
//! record, and it is merged in, so that one slip never stops a service.

use super::types::{Catalog, Plan, PlanLifecycle, Server, ServerLifecycle};
use crate::model::{PlanId, Retained, RetainedKind, ServerId, Snapshot, UnixMs};
use std::collections::BTreeSet;

/// What a catalog no longer has although it is in use, as records to keep.
#[must_use]
pub fn newly_removed(
    previous: &Catalog,
    next: &Catalog,
    in_use_plans: &BTreeSet<PlanId>,
    in_use_servers: &BTreeSet<ServerId>,
    now: UnixMs,
) -> Vec<Retained> {
    let plans = previous.plans.iter().filter(|p| {
        in_use_plans.contains(&p.id)
            && !previous.retained_plans.contains(&p.id)
            && next.plans.iter().all(|n| n.id != p.id)
    });
    let servers = previous.servers.values().filter(|s| {
        in_use_servers.contains(&s.id)
            && !previous.retained_servers.contains(&s.id)
            && !next.servers.contains_key(&s.id)
    });
    let plans = plans.filter_map(|p| record(RetainedKind::Plan, p.id.as_str(), p, now));
    let servers = servers.filter_map(|s| record(RetainedKind::Server, s.id.as_str(), s, now));
    plans.chain(servers).collect()
}

/// What is in use and defined neither by the catalog nor by a record, from the newest of the older
/// catalogs that has it: after a crash between a change of the files and its record.
#[must_use]
pub fn recover_removed<'c>(
    history: impl IntoIterator<Item = &'c Catalog>,
    catalog: &Catalog,
    in_use_plans: &BTreeSet<PlanId>,
    in_use_servers: &BTreeSet<ServerId>,
    retained: &[Retained],
    now: UnixMs,
) -> Vec<Retained> {
    let mut found: Vec<Retained> = Vec::new();
    for old in history {
        for record in newly_removed(old, catalog, in_use_plans, in_use_servers, now) {
            let same = |r: &Retained| r.kind == record.kind && r.id == record.id;
            if !retained.iter().any(same) && !found.iter().any(same) {
                found.push(record);
            }
        }
    }
    found
}

/// What would be in force once these files are taken up after a catalog: with what they lack of what is in
/// use.
#[must_use]
pub fn following(snapshot: &Snapshot, before: &Catalog, files: Catalog, now: UnixMs) -> Catalog {
    let plans = snapshot.plans_in_use().cloned().collect();
    let servers = snapshot.servers_in_use().cloned().collect();
    let mut records: Vec<Retained> = snapshot.retained().cloned().collect();
    // While it is in the files the record of what is in use says what they say.
    for record in newly_removed(before, &files, &plans, &servers, now) {
        records.retain(|known| (known.kind, &known.id) != (record.kind, &record.id));
        records.push(record);
    }
    merge_retained(files, &plans, &servers, &records)
}

/// A catalog as its files have it.
#[must_use]
pub fn without_retained(mut catalog: Catalog) -> Catalog {
    let Catalog { plans, servers, retained_plans, retained_servers, .. } = &mut catalog;
    plans.retain(|plan| !retained_plans.contains(&plan.id));
    servers.retain(|id, _| !retained_servers.contains(id));
    retained_plans.clear();
    retained_servers.clear();
    catalog
}

fn record(
    kind: RetainedKind,
    id: &str,
    value: &impl serde::Serialize,
    now: UnixMs,
) -> Option<Retained> {
    // Plain structs of text and numbers always serialise.
    let definition = serde_json::to_value(value).ok()?;
    Some(Retained { kind, id: id.into(), definition, since: now })
}

/// The catalog with what was removed while in use: such a plan is retired, such a server cordoned
/// (unless it was on its way out already). A definition in the files always wins.
#[must_use]
pub fn merge_retained(
    mut catalog: Catalog,
    in_use_plans: &BTreeSet<PlanId>,
    in_use_servers: &BTreeSet<ServerId>,
    retained: &[Retained],
) -> Catalog {
    for record in retained {
        match record.kind {
            RetainedKind::Plan => {
                let plan = serde_json::from_value::<Plan>(record.definition.clone());
                if let Ok(mut plan) = plan
                    && in_use_plans.contains(&plan.id)
                    && catalog.plan(&plan.id).is_none()
                {
                    plan.lifecycle = PlanLifecycle::Retired;
                    catalog.retained_plans.insert(plan.id.clone());
                    catalog.plans.push(plan);
                }
            }
            RetainedKind::Server => {
                let server = serde_json::from_value::<Server>(record.definition.clone());
                if let Ok(mut server) = server
                    && in_use_servers.contains(&server.id)
                    && !catalog.servers.contains_key(&server.id)
                {
                    if server.lifecycle == ServerLifecycle::Active {
                        server.lifecycle = ServerLifecycle::Cordoned;
                    }
                    catalog.retained_servers.insert(server.id.clone());
                    catalog.servers.insert(server.id.clone(), server);
                }
            }
        }
    }
    catalog
}
