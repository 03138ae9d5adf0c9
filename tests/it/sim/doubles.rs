//! The store and the panels as the controller holds them: watched, mortal, and with a planted bug.

use super::bug::Bug;
use super::eyes::Eyes;
use super::plant::plant;
use super::time::Process;
use async_trait::async_trait;
use nebulalinks::model::*;
use nebulalinks::panel::HttpPanels;
use nebulalinks::ports::{
    Claim, Claimed, Endpoint, GatewayCode, PanelApi, PanelCode, PanelError, Precondition, Store,
    StoreError, Write, WriteToken, Written,
};
use nebulalinks::store::MemoryStore;
use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::broadcast;

/// The store, looked at after every commit.
pub(super) struct WatchedStore {
    pub(super) inner: Arc<MemoryStore>,
    pub(super) eyes: Arc<Eyes>,
    pub(super) bug: Bug,
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
        let stored = self.inner.snapshot();
        plant(self.bug, &stored, &mut edits);
        self.eyes.about_to_commit(&stored, &edits);
        self.eyes.about_to_tell(&stored, &edits);
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
    pub(super) memory: Mutex<Memory>,
}

/// What a planted bug remembers.
#[derive(Default)]
pub(super) struct Memory {
    /// Where the history stood at a server's last claim.
    claimed: BTreeMap<ServerId, HistoryPoint>,
    /// Where a login was refused.
    refused: BTreeMap<ServerId, PanelError>,
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
        let mut want = client.clone();
        self.plant(server, &mut want);
        let snapshot = self.store.snapshot();
        self.eyes.about_to_put(&snapshot, server, &want);
        let unsent = self.bug == Bug::BelievesUnsentWrites && want.enable;
        if unsent || (self.bug == Bug::NeverDisables && !want.enable) {
            return Err(Box::new(pretended(&want)));
        }
        Ok(want)
    }

    /// What a write says of our history.
    fn token(&self, to: &Endpoint, token: WriteToken) -> WriteToken {
        let claimed = self.memory.lock().unwrap().claimed.get(&to.server).copied();
        match (self.bug, claimed) {
            (Bug::WritesTellNothing, Some(at)) => WriteToken { at, ..token },
            _ => token,
        }
    }

    fn gave_up(&self, to: &Endpoint) -> Result<(), PanelError> {
        match self.memory.lock().unwrap().refused.get(&to.server) {
            Some(error) if self.bug == Bug::GivesUpLogins => Err(error.clone()),
            _ => Ok(()),
        }
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
        self.gave_up(to)?;
        self.memory.lock().unwrap().claimed.insert(to.server.clone(), claim.at);
        let mut claimed = self.inner.claim(to, claim).await;
        if self.bug == Bug::ComparesByNumber {
            let unshown = match &mut claimed {
                Ok(claimed) => &mut claimed.unshown,
                Err(error) => &mut error.unshown,
            };
            // What is not above our own revision counts as ours.
            unshown.retain(|point| point.revision > claim.at.revision);
        }
        claimed
    }
    async fn list(&self, to: &Endpoint) -> Result<Observation, PanelError> {
        self.process.gate().await;
        self.gave_up(to)?;
        let list = self.inner.list(to).await;
        match &list {
            Ok(list) => self.eyes.listed(list, &self.store.snapshot()),
            Err(error) if error.code == PanelCode::Gateway(GatewayCode::PanelAuth) => {
                self.memory.lock().unwrap().refused.insert(to.server.clone(), error.clone());
            }
            Err(_) => {}
        }
        list
    }
    async fn observe(&self, to: &Endpoint, emails: &[String]) -> Result<Observation, PanelError> {
        self.process.gate().await;
        self.inner.observe(to, emails).await
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
        let written = self.inner.put(to, self.token(to, token), before, &want).await;
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
        self.process.gate().await;
        self.eyes.about_to_delete(&self.store.snapshot(), &to.server, email);
        let written = self.inner.delete(to, self.token(to, token), email, uuid).await;
        self.eyes.look_over(&self.store.snapshot());
        written
    }
    async fn batch(
        &self,
        to: &Endpoint,
        token: WriteToken,
        writes: &[Write],
    ) -> Vec<Result<Written, PanelError>> {
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
                    self.eyes.about_to_delete(&self.store.snapshot(), &to.server, email);
                    sent.push(write.clone());
                }
            }
            told.push(None);
        }
        let mut written = self.inner.batch(to, self.token(to, token), &sent).await.into_iter();
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
