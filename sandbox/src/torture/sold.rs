//! Accounts that stand in the store of a controller that does not run.

use super::ground::{Dice, SERVER};
use crate::system::store_in;
use crate::trouble::Trouble;
use nebulalinks::cli::fresh_ids;
use nebulalinks::model::{Edits, FamilyId, Identity, ServerId, UnixMs};
use nebulalinks::ports::{Store as _, StoreError};
use nebulalinks::store::{OpenOptions, SledStore};
use nebulalinks_testkit::sold::Sale;
use std::collections::BTreeMap;
use std::path::Path;

async fn open(state: &Path) -> Result<SledStore, Trouble> {
    store_in(state)?;
    let path = state.to_owned();
    let opened = tokio::task::spawn_blocking(move || SledStore::open(OpenOptions::at(path))).await;
    let opened = opened.map_err(Trouble::while_doing("open the store"))?;
    opened.map_err(Trouble::while_doing("open the store"))
}

fn failed(error: StoreError) -> Trouble {
    Trouble(format!("cannot use the store: {error}"))
}

fn server() -> Result<ServerId, Trouble> {
    SERVER.parse().map_err(|_| Trouble(format!("{SERVER} is no server's id")))
}

/// Accounts with a term each, bound and not yet served, as they stand after their approvals.
pub(super) async fn sell(
    state: &Path,
    accounts: u32,
    now: UnixMs,
    seed: u64,
) -> Result<BTreeMap<String, uuid::Uuid>, Trouble> {
    let store = open(state).await?;
    let server = server()?;
    let family = "basic".parse().map_err(|_| Trouble("a family's id".to_owned()))?;
    let mut dice = Dice(seed);
    let mut sold = BTreeMap::new();
    let mut edits = Edits::new();
    for n in 1..=accounts {
        let mut random = [0; 138];
        random.fill_with(|| u8::try_from(dice.below(256)).unwrap_or(0));
        let ids = fresh_ids(now, random);
        sold.insert(format!("nl-main-{}", ids.account), ids.credentials.uuid);
        let sale = Sale {
            customer: Identity::Discord(7_000_000 + u64::from(n)),
            customer_name: format!("customer {n}"),
            family: FamilyId::clone(&family),
            server: server.clone(),
            at: now,
        };
        sale.put_into(&mut edits, ids);
        if n % 50 == 0 || n == accounts {
            store.txn(std::mem::replace(&mut edits, Edits::new())).await.map_err(failed)?;
        }
    }
    store.close().await.map_err(failed)?;
    Ok(sold)
}

/// What the controller believes in the end.
pub(super) async fn settled(state: &Path, clients: u32) -> Result<(), Trouble> {
    let store = open(state).await?;
    let snapshot = store.snapshot();
    let server = server()?;
    let agreed = snapshot
        .accounts()
        .filter(|account| {
            snapshot.binding_status(account.id, &server).is_some_and(|status| {
                let applied = status.applied.as_ref().is_some_and(|applied| applied.enable);
                applied && status.problem.is_none() && status.missing_since.is_none()
            })
        })
        .count();
    store.close().await.map_err(failed)?;
    if agreed == usize::try_from(clients).unwrap_or(0) {
        return Ok(());
    }
    Err(Trouble(format!("the controller believes {agreed} of {clients} to be served")))
}
