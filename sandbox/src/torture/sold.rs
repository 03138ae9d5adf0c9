//! Accounts that stand in the store of a controller that does not run.

use super::ground::{Dice, SERVER};
use crate::system::store_in;
use crate::trouble::Trouble;
use nebulalinks::cli::fresh_ids;
use nebulalinks::model::{
    Account, AccountId, Binding, Bytes, Credentials, CustomerId, DAY_MS, Disposition, DurationMs,
    Edits, Quota, Run, RunKind, Selector, ServerId, Term, TermSource, UnixMs,
};
use nebulalinks::ports::{Store as _, StoreError};
use nebulalinks::store::{OpenOptions, SledStore};
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
        let mut random = [0; 128];
        random.fill_with(|| u8::try_from(dice.below(256)).unwrap_or(0));
        let ids = fresh_ids(now, random);
        let id: AccountId = ids.account;
        sold.insert(format!("nl-main-{id}"), ids.credentials.uuid);
        edits.put(Account {
            id,
            customer: CustomerId(7_000_000 + u64::from(n)),
            customer_name: format!("customer {n}"),
            family: nebulalinks::model::FamilyId::clone(&family),
            suspension: None,
            credentials: Credentials {
                uuid: ids.credentials.uuid,
                sub_id: ids.credentials.sub_id,
                secret: ids.credentials.secret,
                version: 1,
            },
            subscription_token: ids.credentials.subscription_token,
            created_at: now,
            terms: 1,
            runs: 1,
        });
        edits.put(Run {
            account: id,
            seq: 0,
            start: now,
            kind: RunKind::Capped,
            used_before: Bytes(0),
        });
        edits.put(Term {
            account: id,
            seq: 0,
            run: 0,
            source: TermSource::Grant(ids.order),
            length: DurationMs(30 * DAY_MS),
            quota: Quota::Bytes(Bytes(50 << 30)),
            devices: 2,
            selector: Selector::Any,
            price: None,
            revision: String::new(),
            at: now,
        });
        edits.put(Binding {
            account: id,
            server: server.clone(),
            disposition: Disposition::Serving,
            bound_at: now,
        });
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
