//! Definitions that outlive their file: a plan or server removed while in use goes on being served.
//!
//! The definition of everything in use is kept as a record *while it is in the files*, so that
//! nothing has to be remembered at the moment it vanishes, nor across a restart.

use crate::catalog::{Catalog, merge_retained, recover_removed};
use crate::model::{Edits, Key, Kind, PlanId, Retained, RetainedKind, ServerId, Snapshot, UnixMs};
use crate::ports::{Clock, Store, StoreError};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

/// How often use is looked at without a new catalog.
const LOOK: Duration = Duration::from_secs(30);

/// How many older catalogs are looked through for a definition that is missing.
const HISTORY: usize = 20;

/// Follows the files' catalog and publishes it with what is retained merged in. `history` are older
/// catalogs, newest first: they fill what a crash kept from being recorded.
///
/// # Errors
/// When the store fails at the start.
pub async fn publish_with_retained(
    mut files: watch::Receiver<Arc<Catalog>>,
    mut history: Vec<Arc<Catalog>>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) -> Result<watch::Receiver<Arc<Catalog>>, StoreError> {
    let mut changes = store.changes();
    let mut current = files.borrow_and_update().clone();
    let first = merge(&current, &history, &*store, &*clock).await?;
    warn_newly_retained(&BTreeSet::new(), &BTreeSet::new(), &first);
    let (publish, published) = watch::channel(Arc::new(first));
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                changed = files.changed() => if changed.is_err() { return },
                touched = changes.recv() => match touched {
                    Ok(keys) if !keys.iter().any(|k| k.kind() == Kind::Binding) => continue,
                    Err(broadcast::error::RecvError::Closed) => return,
                    _ => {}
                },
                () = tokio::time::sleep(LOOK) => {}
            }
            let catalog = Arc::clone(&files.borrow_and_update());
            if catalog.revision != current.revision {
                history.insert(0, std::mem::replace(&mut current, catalog));
                history.truncate(HISTORY);
            }
            match merge(&current, &history, &*store, &*clock).await {
                Ok(merged) => {
                    publish.send_if_modified(|now| {
                        let changed = **now != merged;
                        if changed {
                            warn_newly_retained(
                                &now.retained_servers,
                                &now.retained_plans,
                                &merged,
                            );
                            *now = Arc::new(merged);
                        }
                        changed
                    });
                }
                Err(error) => tracing::error!(%error, "what is in use could not be recorded"),
            }
        }
    });
    Ok(published)
}

async fn merge(
    catalog: &Catalog,
    history: &[Arc<Catalog>],
    store: &dyn Store,
    clock: &dyn Clock,
) -> Result<Catalog, StoreError> {
    let snapshot = store.snapshot();
    let now = clock.now();
    let (plans, servers) = in_use(&snapshot);
    let mut edits = retain_in_use(&snapshot, catalog, &plans, &servers, now);
    let known: Vec<Retained> = snapshot.retained().cloned().collect();
    let older = history.iter().map(|c| &**c);
    for record in recover_removed(older, catalog, &plans, &servers, &known, now) {
        edits.put(record);
    }
    if !edits.is_empty() {
        store.txn(edits).await?;
    }
    let retained: Vec<Retained> = store.snapshot().retained().cloned().collect();
    let merged = merge_retained(catalog.clone(), &plans, &servers, &retained);
    Ok(merged)
}

/// Says what has come to be served without its file, once.
fn warn_newly_retained(servers: &BTreeSet<ServerId>, plans: &BTreeSet<PlanId>, merged: &Catalog) {
    for server in merged.retained_servers.difference(servers) {
        tracing::warn!(
            server.id = %server,
            "is in use and not in servers.yaml: served by its last definition, takes nobody new; \
             put it back, or set its lifecycle to draining"
        );
    }
    for plan in merged.retained_plans.difference(plans) {
        tracing::warn!(plan.id = %plan, "is in use and not in plans.yaml: not sold any more");
    }
}

/// What accounts and open orders stand on.
fn in_use(snapshot: &Snapshot) -> (BTreeSet<PlanId>, BTreeSet<ServerId>) {
    (snapshot.plans_in_use().cloned().collect(), snapshot.servers_in_use().cloned().collect())
}

/// Records of what is in use as the files define it now, where that differs from what is kept.
fn retain_in_use(
    snapshot: &Snapshot,
    catalog: &Catalog,
    plans: &BTreeSet<PlanId>,
    servers: &BTreeSet<ServerId>,
    now: UnixMs,
) -> Edits {
    let plans = plans.iter().filter_map(|id| {
        let plan = catalog.plan(id)?;
        Some((RetainedKind::Plan, id.to_string(), serde_json::to_value(plan).ok()?))
    });
    let servers = servers.iter().filter_map(|id| {
        let server = catalog.servers.get(id)?;
        Some((RetainedKind::Server, id.to_string(), serde_json::to_value(server).ok()?))
    });
    let mut edits = Edits::new();
    for (kind, id, definition) in plans.chain(servers) {
        let key = Key::Retained(kind, id.clone());
        let known = snapshot.retained().find(|r| r.kind == kind && r.id == id);
        if known.is_none_or(|k| k.definition != definition) {
            edits.expect(key.clone(), snapshot.version(&key));
            edits.put(Retained { kind, id, definition, since: now });
        }
    }
    edits
}
