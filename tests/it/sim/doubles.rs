//! The store and the panels as the controller holds them: watched, mortal, and with a planted bug.

use super::bug::Bug;
use super::eyes::Eyes;
use super::time::Process;
use async_trait::async_trait;
use nebulalinks::model::*;
use nebulalinks::panel::HttpPanels;
use nebulalinks::ports::{
    Claim, Claimed, Endpoint, PanelApi, PanelError, Precondition, Store, StoreError, Write,
    WriteToken, Written,
};
use nebulalinks::store::MemoryStore;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;

/// The store, looked at after every commit.
pub(super) struct WatchedStore {
    pub(super) inner: Arc<MemoryStore>,
    pub(super) eyes: Arc<Eyes>,
    pub(super) bug: Bug,
}

impl WatchedStore {
    fn plant(&self, edits: &mut Edits) {
        let puts: Vec<Record> = edits.puts.values().cloned().collect();
        for record in puts {
            match (self.bug, record) {
                (Bug::DoublesTerms, Record::Term(mut term)) => {
                    term.seq += 100;
                    edits.put(term);
                }
                (Bug::ShortensTerms, Record::Served(served)) => {
                    let snapshot = self.inner.snapshot();
                    let first = snapshot.terms(served.account).next().cloned();
                    if let Some(mut term) = first {
                        term.length = DurationMs(term.length.0 / 2);
                        edits.put(term);
                    }
                }
                (Bug::CountsTwice, Record::Ledger(mut ledger)) => {
                    ledger.total = ledger.total + ledger.total;
                    edits.put(ledger);
                }
                (Bug::LetsUsageFall, Record::Ledger(mut ledger)) => {
                    let snapshot = self.inner.snapshot();
                    let stored = snapshot
                        .ledgers(ledger.account)
                        .find(|l| l.incarnation == ledger.incarnation);
                    if let Some(stored) = stored {
                        ledger.total = Bytes(stored.total.0 / 2);
                        edits.put(ledger);
                    }
                }
                _ => {}
            }
        }
    }
}

#[async_trait]
impl Store for WatchedStore {
    fn snapshot(&self) -> Arc<Snapshot> {
        self.inner.snapshot()
    }
    fn changes(&self) -> broadcast::Receiver<Arc<Vec<Key>>> {
        self.inner.changes()
    }
    async fn get(&self, key: &Key) -> Result<Option<Versioned<Record>>, StoreError> {
        self.inner.get(key).await
    }
    async fn scan(
        &self,
        kind: Kind,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Versioned<Record>)>, StoreError> {
        self.inner.scan(kind, prefix, after, limit).await
    }
    async fn lineage(&self, revision: Revision) -> Result<Option<Lineage>, StoreError> {
        self.inner.lineage(revision).await
    }
    async fn txn(&self, mut edits: Edits) -> Result<Revision, StoreError> {
        self.plant(&mut edits);
        if self.bug == Bug::AnswersEarly {
            let inner = Arc::clone(&self.inner);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(20)).await;
                let _ = inner.txn(edits).await;
            });
            return Ok(self.inner.snapshot().revision());
        }
        let revision = self.inner.txn(edits).await?;
        self.eyes.committed(&self.inner.snapshot());
        Ok(revision)
    }
    async fn sync(&self) -> Result<(), StoreError> {
        self.inner.sync().await
    }
}

/// The shipped client of the gateways, looked at before and after every write.
pub(super) struct WatchedPanels {
    pub(super) inner: HttpPanels,
    pub(super) process: Arc<Process>,
    pub(super) store: Arc<MemoryStore>,
    pub(super) eyes: Arc<Eyes>,
    pub(super) bug: Bug,
    pub(super) clock: Arc<Process>,
}

impl WatchedPanels {
    fn plant(&self, server: &ServerId, want: &mut DesiredClient) {
        use nebulalinks::ports::Clock as _;
        let hour = 3_600_000;
        match self.bug {
            Bug::NeverSatisfied => want.comment = format!("nl:{}", self.clock.now().0),
            Bug::EndsTooLate => {
                if let End::At(end) = want.end {
                    want.end = End::At(NonZeroU64::new(end.get() + hour).unwrap());
                }
            }
            Bug::CapsTooHigh => {
                if let Cap::Bytes(cap) = want.cap {
                    want.cap = Cap::Bytes(NonZeroU64::new(cap.get() + (1 << 30)).unwrap());
                }
            }
            Bug::DisablesActive => want.enable = false,
            Bug::WritesForeign => want.email = "friend".to_owned(),
            Bug::ActsOnNothing => {
                let account = AccountId::new(ulid::Ulid(u128::from(self.clock.now().0)));
                want.email = crate::support::world::email(account);
            }
            Bug::MakesTwo => {
                let other = self.eyes.panels.iter().find(|(id, _)| *id != server);
                if let Some((_, panel)) = other {
                    let _ = panel.add_foreign(&want.email);
                }
            }
            _ => {}
        }
    }
}

impl WatchedPanels {
    /// What is really sent; or what is told without sending it.
    fn about_to_put(
        &self,
        server: &ServerId,
        client: &DesiredClient,
    ) -> Result<DesiredClient, Box<Written>> {
        use nebulalinks::ports::Clock as _;
        let mut want = client.clone();
        self.plant(server, &mut want);
        let snapshot = self.store.snapshot();
        self.eyes.about_to_put(&snapshot, server, &want, self.clock.now());
        let unsent = self.bug == Bug::BelievesUnsentWrites && want.enable;
        if unsent || (self.bug == Bug::NeverDisables && !want.enable) {
            return Err(Box::new(pretended(&want)));
        }
        Ok(want)
    }

    /// What is told of a write that was done.
    fn told(&self, mut written: Written) -> Written {
        if self.bug == Bug::NeverSatisfied
            && let Some(client) = &mut written.client
        {
            client.comment = "nl:".to_owned();
        }
        written
    }
}

#[async_trait]
impl PanelApi for WatchedPanels {
    async fn claim(&self, to: &Endpoint, claim: &Claim) -> Result<Claimed, PanelError> {
        self.process.gate().await;
        self.inner.claim(to, claim).await
    }
    async fn list(&self, to: &Endpoint) -> Result<Observation, PanelError> {
        self.process.gate().await;
        self.inner.list(to).await
    }
    async fn look(&self, to: &Endpoint, emails: &[String]) -> Result<Observation, PanelError> {
        self.process.gate().await;
        self.inner.look(to, emails).await
    }
    async fn put(
        &self,
        to: &Endpoint,
        token: WriteToken,
        before: Precondition,
        client: &DesiredClient,
    ) -> Result<Written, PanelError> {
        self.process.gate().await;
        let want = match self.about_to_put(&to.server, client) {
            Ok(want) => want,
            Err(pretended) => return Ok(*pretended),
        };
        let written = self.inner.put(to, token, before, &want).await;
        self.eyes.look_over(&self.store.snapshot());
        written.map(|written| self.told(written))
    }
    async fn delete(
        &self,
        to: &Endpoint,
        token: WriteToken,
        email: &str,
        uuid: uuid::Uuid,
    ) -> Result<Written, PanelError> {
        use nebulalinks::ports::Clock as _;
        self.process.gate().await;
        self.eyes.about_to_delete(&self.store.snapshot(), email, self.clock.now());
        let written = self.inner.delete(to, token, email, uuid).await;
        self.eyes.look_over(&self.store.snapshot());
        written
    }
    async fn batch(
        &self,
        to: &Endpoint,
        token: WriteToken,
        writes: &[Write],
    ) -> Vec<Result<Written, PanelError>> {
        use nebulalinks::ports::Clock as _;
        self.process.gate().await;
        let (mut sent, mut told) = (Vec::new(), Vec::new());
        for write in writes {
            match write {
                Write::Put { before, client } => match self.about_to_put(&to.server, client) {
                    Ok(client) => sent.push(Write::Put { before: *before, client }),
                    Err(pretended) => {
                        told.push(Some(*pretended));
                        continue;
                    }
                },
                Write::Delete { email, .. } => {
                    self.eyes.about_to_delete(&self.store.snapshot(), email, self.clock.now());
                    sent.push(write.clone());
                }
            }
            told.push(None);
        }
        let mut written = self.inner.batch(to, token, &sent).await.into_iter();
        self.eyes.look_over(&self.store.snapshot());
        told.into_iter()
            .map(|pretended| match pretended {
                Some(written) => Ok(written),
                None => written.next().unwrap().map(|written| self.told(written)),
            })
            .collect()
    }
}

/// What a write that never happened would have answered.
fn pretended(want: &DesiredClient) -> Written {
    Written {
        client: Some(ObservedClient {
            email: want.email.clone(),
            uuid: Some(want.uuid),
            sub_id: want.sub_id.clone(),
            enable: want.enable,
            end: Some(want.end),
            cap: want.cap,
            ip_limit: want.ip_limit,
            comment: want.comment.clone(),
            inbounds: vec![1],
            counter: Bytes(0),
            incarnation: Incarnation { panel: "none".into(), row: 0, created_at: 0 },
            consistent: true,
        }),
        panel: PanelInfo {
            identity: "none".into(),
            version: String::new(),
            one_inbound: false,
            xray: XrayState::Unknown,
        },
    }
}
