//! What pages are drawn from in tests: a store in memory, a time that stands still, nobody who decides.

use super::sources::{Admin, CatalogPage};
use crate::controller::LookNow;
use crate::intent::{Rejection, Reply};
use crate::model::{DurationMs, TimeReading, UnixMs, Witness};
use crate::ports::{IntentHandler, Timekeeper};
use crate::store::MemoryStore;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;

/// It is always this time.
struct Stopped(UnixMs);

/// Decides nothing.
struct Nobody;

#[async_trait::async_trait]
impl IntentHandler for Nobody {
    async fn submit(&self, _: crate::intent::Intent) -> Result<Reply, Rejection> {
        Err(Rejection::StoreUnavailable)
    }
}

impl Timekeeper for Stopped {
    fn expect_discord(&self) {}
    fn heard(&self, _: Witness, _: UnixMs, _: DurationMs) {}
    fn reading(&self) -> TimeReading {
        TimeReading::vouched(self.0)
    }
    fn changes(&self) -> watch::Receiver<TimeReading> {
        watch::Sender::new(self.reading()).subscribe()
    }
    fn differences(&self) -> BTreeMap<Witness, i64> {
        BTreeMap::new()
    }
}

/// The pages of a store, at a time.
pub(crate) fn admin(store: Arc<MemoryStore>, now: UnixMs) -> Admin {
    Admin {
        intents: Arc::new(Nobody),
        store,
        stats: Arc::default(),
        passes: Arc::default(),
        ahead: Arc::new(|_| Vec::new()),
        look_now: LookNow::nobody(),
        time: Arc::new(Stopped(now)),
        catalog: Arc::new(CatalogPage::default),
        in_force: Arc::new(|| Arc::new(crate::view::sample::catalog())),
        reasons: Vec::new(),
        state_disk: Arc::new(|| None),
        backups: None,
        discord_connected: Arc::new(|| None),
        first_seen: Arc::default(),
        entropy: Arc::new(crate::cli::SystemEntropy),
        subscriptions: Arc::new(|| vec![("base64", "served", 3)]),
    }
}
