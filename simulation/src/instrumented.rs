//! The store and the panels as the controller holds them: watched, mortal, with a planted mutation.

use super::monitors::Monitors;
use super::mutate::mutate;
use super::mutation::Mutation;
use super::process::Process;
use async_trait::async_trait;
use nebulalinks::model::*;
use nebulalinks::panel::HttpPanels;
use nebulalinks::ports::{
    Claim, Claimed, Endpoint, ErrorClass, GatewayCode, PanelApi, PanelCode, PanelError,
    Precondition, Store as _, StoreError, Write, WriteToken, Written,
};
use nebulalinks::store::MemoryStore;
use nebulalinks_model_panel::ModelPanel;
use nebulalinks_testkit::panel::as_wanted;
use nebulalinks_testkit::store::CommitHook;
use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher as _};
use std::net::IpAddr;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// The monitors beside every commit, and the mutation in it.
pub(super) struct WatchCommits {
    pub(super) monitors: Arc<Monitors>,
    pub(super) mutation: Mutation,
    pub(super) process: Arc<Process>,
}

impl WatchCommits {
    /// What is about to be done, for the faults that are to meet it.
    fn note_intents(&self, edits: &Edits) {
        let verbs = intents(edits);
        if verbs.is_empty() {
            return;
        }
        self.process.note_intents(verbs);
    }
}

/// The verbs of the effects whose intents these are.
fn intents(edits: &Edits) -> Vec<String> {
    let lines = edits.puts.values().filter_map(|record| match record {
        Record::Audit(line) if line.outcome == Outcome::Started => Some(line.verb.clone()),
        _ => None,
    });
    lines.collect()
}

#[async_trait]
impl CommitHook for WatchCommits {
    async fn commit(
        &self,
        store: &Arc<MemoryStore>,
        mut edits: Edits,
    ) -> Result<Revision, StoreError> {
        self.process.held_up(&intents(&edits)).await;
        let stored = store.snapshot();
        // What the loop asks for: whether it is written down is another thing.
        self.monitors.check_notices(&stored, &edits);
        self.monitors.check_news(&stored, &edits);
        self.monitors.note_forgotten(store, &stored, &edits);
        mutate(self.mutation, &stored, &mut edits);
        self.monitors.about_to_commit(&stored, &edits);
        self.monitors.about_to_tell(&stored, &edits);
        if self.mutation == Mutation::AnswersEarly {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(20)).await;
                let _ = store.txn(edits).await;
            });
            return Ok(stored.revision());
        }
        let lines = self.monitors.lines_sent(&edits);
        self.note_intents(&edits);
        let line = self.monitors.trace.is_kept().then(|| drawn_up(&edits));
        let number = self.monitors.about_to_apply(&edits);
        let committed = store.txn(edits).await;
        self.monitors.trace.note(|| match &committed {
            Ok(revision) => format!("commit {revision}{}", line.unwrap_or_default()),
            Err(error) => format!("no commit, {error}{}", line.unwrap_or_default()),
        });
        let revision = committed?;
        self.monitors.lines_committed(lines);
        self.monitors.committed(&store.snapshot(), number);
        Ok(revision)
    }
}

/// What is committed, and a hash of all of it.
fn drawn_up(edits: &Edits) -> String {
    let mut hasher = std::hash::DefaultHasher::new();
    format!("{edits:?}").hash(&mut hasher);
    let keys: Vec<String> = edits.puts.keys().map(ToString::to_string).collect();
    format!(" #{:016x}: {}", hasher.finish(), keys.join(", "))
}

/// The shipped client of the gateways, looked at before and after every write.
pub(super) struct InstrumentedPanels {
    pub(super) inner: HttpPanels,
    pub(super) process: Arc<Process>,
    pub(super) store: Arc<MemoryStore>,
    pub(super) monitors: Arc<Monitors>,
    pub(super) mutation: Mutation,
    pub(super) clock: Arc<Process>,
    pub(super) memory: Mutex<Memory>,
    /// The only lane there is, with the mutation that has one.
    pub(super) lane: Semaphore,
}

/// What a planted mutation remembers.
#[derive(Default)]
pub(super) struct Memory {
    /// Where the history stood at a server's last claim.
    claimed: BTreeMap<ServerId, HistoryPoint>,
    /// Where a login was refused.
    refused: BTreeMap<ServerId, PanelError>,
    /// Since when a server is asked for its list in vain.
    silent: BTreeMap<ServerId, UnixMs>,
}

impl InstrumentedPanels {
    fn mutate(&self, server: &ServerId, want: &mut DesiredClient) {
        use nebulalinks::ports::Clock as _;
        let hour = 3_600_000;
        match self.mutation {
            Mutation::NeverSatisfied => want.comment = format!("nl:{}", self.clock.now().0),
            Mutation::EndsTooLate => {
                if let End::At(end) = want.end {
                    want.end = End::At(NonZeroU64::new(end.get() + hour).unwrap());
                }
            }
            Mutation::CapsTooHigh => {
                if let Cap::Bytes(cap) = want.cap {
                    want.cap = Cap::Bytes(NonZeroU64::new(cap.get() + (1 << 30)).unwrap());
                }
            }
            Mutation::DisablesActive => want.enable = false,
            Mutation::SwitchesOffReleased if want.to.is_some() => want.enable = false,
            Mutation::KeepsOldKeys => {
                let panel = self.monitors.panels.get(server);
                if let Some(there) = panel.and_then(|p| p.client(&want.email)) {
                    want.uuid = there.uuid.parse().unwrap_or(want.uuid);
                    want.sub_id = there.sub_id;
                }
            }
            Mutation::WritesForeign => want.email = "friend".to_owned(),
            Mutation::ActsOnNothing => {
                let account = AccountId::new(ulid::Ulid(u128::from(self.clock.now().0)));
                want.email = nebulalinks_testkit::world::email(account);
            }
            Mutation::LeavesAtOnce => self.switch_off_elsewhere(server, want),
            Mutation::MakesTwo => {
                let other = self.monitors.panels.iter().find(|(id, _)| *id != server);
                if let Some((_, panel)) = other {
                    let _ = panel.add_foreign(&want.email);
                }
            }
            _ => {}
        }
    }
}

impl InstrumentedPanels {
    fn trace(&self, to: &Endpoint, verb: &str, came: Result<String, &PanelError>) {
        self.monitors.trace.note(|| match came {
            Ok(what) => format!("{}, {verb}: {what}", to.server),
            Err(error) => format!("{}, {verb}: {:?}, {}", to.server, error.code, error.detail),
        });
    }

    /// What is really sent; or what the controller hears without anything being sent.
    fn about_to_put(
        &self,
        server: &ServerId,
        before: Precondition,
        client: &DesiredClient,
    ) -> Result<DesiredClient, Box<Written>> {
        let mut want = client.clone();
        self.mutate(server, &mut want);
        let snapshot = self.store.snapshot();
        self.monitors.about_to_put(&snapshot, server, (before, &want));
        self.monitors.about_to_send(&self.store, server, &want.email);
        let unsent = self.mutation == Mutation::BelievesUnsentWrites && want.enable;
        if unsent || (self.mutation == Mutation::NeverDisables && !want.enable) {
            return Err(Box::new(pretended(&want)));
        }
        Ok(want)
    }

    /// A planted mutation: whoever moves is switched off where it was before it is anywhere else.
    fn switch_off_elsewhere(&self, server: &ServerId, want: &DesiredClient) {
        let off = DesiredClient { enable: false, ..want.clone() };
        for (other, panel) in self.monitors.panels.iter().filter(|(id, _)| *id != server) {
            if panel.client(&want.email).is_some_and(|client| client.is_on()) {
                let put = (Precondition::Uuid(want.uuid), &off);
                self.monitors.about_to_put(&self.store.snapshot(), other, put);
                panel.disable_by_hand(&want.email);
            }
        }
    }

    /// A planted mutation: what is held on a server holds up whatever is written there.
    fn waits_for_a_hold(&self, to: &ServerId, client: &DesiredClient) -> Result<(), PanelError> {
        let snapshot = self.store.snapshot();
        let holds = snapshot.server_status(to).is_some_and(|status| status.held.is_some());
        if self.mutation != Mutation::HoldsEverything || !holds {
            return Ok(());
        }
        Err(PanelError {
            class: ErrorClass::Refused,
            code: PanelCode::Gateway(GatewayCode::PanelRefused),
            detail: format!("{} waits for what is held", client.email),
            retry_after_ms: None,
            unshown: Vec::new(),
        })
    }

    fn about_to_delete(&self, server: &ServerId, email: &str) {
        self.monitors.about_to_delete(&self.store.snapshot(), server, email);
        self.monitors.about_to_send(&self.store, server, email);
    }

    /// The identity that a server's panel has now.
    fn guid(&self, to: &Endpoint) -> String {
        self.monitors.panels.get(&to.server).map(ModelPanel::guid).unwrap_or_default()
    }

    /// What a write says of our history, and of the panel that it is for.
    fn token<'a>(&self, to: &Endpoint, token: WriteToken<'a>, there: &'a str) -> WriteToken<'a> {
        let claimed = self.memory.lock().unwrap().claimed.get(&to.server).copied();
        match (self.mutation, claimed) {
            (Mutation::WritesTellNothing, Some(at)) => WriteToken { at, ..token },
            (Mutation::FillsStrangers, _) => WriteToken { panel: there, ..token },
            _ => token,
        }
    }

    /// A planted mutation: each call waits for one of a few workers that all servers share.
    async fn one_lane(&self) -> Option<SemaphorePermit<'_>> {
        let shares = self.mutation == Mutation::SharesOneLane;
        if shares { self.lane.acquire().await.ok() } else { None }
    }

    /// A planted mutation: a client that was adopted and has its old name is nobody's once its account has
    /// other credentials.
    fn hide_rotated(&self, list: &mut Observation) {
        let snapshot = self.store.snapshot();
        let adopted = || snapshot.accounts().filter_map(|a| Some((a.adoption()?, a)));
        for client in &mut list.foreign {
            let source = client.uuid.map(TermSource::of_client);
            let is_rotated = |a: &Account| Some(a.credentials.uuid) != client.uuid;
            if adopted().any(|(of, a)| Some(&of) == source.as_ref() && is_rotated(a)) {
                client.uuid = None;
            }
        }
    }

    fn gave_up(&self, to: &Endpoint) -> Result<(), PanelError> {
        use nebulalinks::ports::Clock as _;
        let memory = self.memory.lock().unwrap();
        let since = memory.silent.get(&to.server);
        let for_a_day = since.is_some_and(|since| self.clock.now().since(*since).0 > DAY_MS);
        if for_a_day && self.mutation == Mutation::GivesUpPanels {
            return Err(PanelError {
                class: ErrorClass::Unreachable,
                code: PanelCode::Unreachable,
                detail: "given up".to_owned(),
                retry_after_ms: None,
                unshown: Vec::new(),
            });
        }
        match memory.refused.get(&to.server) {
            Some(error) if self.mutation == Mutation::GivesUpLogins => Err(error.clone()),
            _ => Ok(()),
        }
    }

    fn note_silence(&self, to: &Endpoint, failed: bool) {
        use nebulalinks::ports::Clock as _;
        let silent = &mut self.memory.lock().unwrap().silent;
        if failed {
            silent.entry(to.server.clone()).or_insert_with(|| self.clock.now());
        } else {
            silent.remove(&to.server);
        }
    }

    /// What the controller hears of a write that was done.
    fn told(&self, mut written: Written) -> Written {
        if self.mutation == Mutation::NeverSatisfied
            && let Some(client) = &mut written.client
        {
            client.comment = "nl:".to_owned();
        }
        written
    }
}

#[async_trait]
impl PanelApi for InstrumentedPanels {
    async fn claim(&self, to: &Endpoint, claim: &Claim) -> Result<Claimed, PanelError> {
        self.process.gate().await;
        let _worker = self.one_lane().await;
        self.gave_up(to)?;
        self.memory.lock().unwrap().claimed.insert(to.server.clone(), claim.at);
        let mut claimed = self.inner.claim(to, claim).await;
        self.trace(to, "claim", claimed.as_ref().map(|claimed| format!("fence {}", claimed.fence)));
        if self.mutation == Mutation::ComparesByNumber {
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
        let _worker = self.one_lane().await;
        self.gave_up(to)?;
        let mut list = self.inner.list(to).await;
        self.trace(to, "list", list.as_ref().map(|list| format!("{} of ours", list.ours.len())));
        self.note_silence(to, list.is_err());
        match &list {
            Ok(list) => self.monitors.listed(list, &self.store.snapshot()),
            Err(error) if error.code == PanelCode::Gateway(GatewayCode::PanelAuth) => {
                self.memory.lock().unwrap().refused.insert(to.server.clone(), error.clone());
            }
            Err(_) => {}
        }
        if let (Mutation::FillsStrangers, Ok(list)) = (self.mutation, &mut list)
            && let Some(home) = self.store.snapshot().server_home(&to.server)
        {
            list.panel.identity.clone_from(&home.panel);
        }
        if let (Mutation::MatchesByPresentUuid, Ok(list)) = (self.mutation, &mut list) {
            self.hide_rotated(list);
        }
        if let (Mutation::TakesPartialForFull, Ok(list)) = (self.mutation, &mut list) {
            list.coverage = Coverage::Full;
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
        token: WriteToken<'_>,
        before: Precondition,
        client: &DesiredClient,
    ) -> Result<Written, PanelError> {
        self.process.gate().await;
        let _worker = self.one_lane().await;
        self.waits_for_a_hold(&to.server, client)?;
        let want = match self.about_to_put(&to.server, before, client) {
            Ok(want) => want,
            Err(pretended) => return Ok(*pretended),
        };
        let written =
            self.inner.put(to, self.token(to, token, &self.guid(to)), before, &want).await;
        self.trace(to, "put", written.as_ref().map(|_| shown(&want)));
        self.monitors.look_over(&self.store.snapshot());
        written.map(|written| self.told(written))
    }
    async fn delete(
        &self,
        to: &Endpoint,
        token: WriteToken<'_>,
        email: &str,
        uuid: uuid::Uuid,
    ) -> Result<Written, PanelError> {
        self.process.gate().await;
        self.about_to_delete(&to.server, email);
        let written =
            self.inner.delete(to, self.token(to, token, &self.guid(to)), email, uuid).await;
        self.trace(to, "delete", written.as_ref().map(|_| email.to_owned()));
        self.monitors.look_over(&self.store.snapshot());
        written
    }
    async fn addresses(&self, to: &Endpoint, email: &str) -> Result<Vec<IpAddr>, PanelError> {
        self.inner.addresses(to, email).await
    }

    async fn restart_xray(&self, to: &Endpoint, token: WriteToken<'_>) -> Result<(), PanelError> {
        self.process.gate().await;
        let _worker = self.one_lane().await;
        self.monitors.about_to_restart(&to.server);
        let restarted = self.inner.restart_xray(to, self.token(to, token, &self.guid(to))).await;
        self.trace(to, "restart", restarted.as_ref().map(|()| String::new()));
        restarted
    }
    async fn batch(
        &self,
        to: &Endpoint,
        token: WriteToken<'_>,
        writes: &[Write],
    ) -> Vec<Result<Written, PanelError>> {
        self.process.gate().await;
        let _worker = self.one_lane().await;
        let (mut sent, mut told) = (Vec::new(), Vec::new());
        for write in writes {
            match write {
                Write::Put { before, client } => {
                    match self.about_to_put(&to.server, *before, client) {
                        Ok(client) => sent.push(Write::Put { before: *before, client }),
                        Err(pretended) => {
                            told.push(Some(*pretended));
                            continue;
                        }
                    }
                }
                Write::Delete { email, .. } => {
                    self.about_to_delete(&to.server, email);
                    sent.push(write.clone());
                }
            }
            told.push(None);
        }
        let written = self.inner.batch(to, self.token(to, token, &self.guid(to)), &sent).await;
        for (write, result) in sent.iter().zip(&written) {
            let what = || match write {
                Write::Put { client, .. } => shown(client),
                Write::Delete { email, .. } => format!("delete {email}"),
            };
            self.trace(to, "batch", result.as_ref().map(|_| what()));
        }
        let mut written = written.into_iter();
        self.monitors.look_over(&self.store.snapshot());
        told.into_iter()
            .map(|pretended| match pretended {
                Some(written) => Ok(written),
                None => written.next().unwrap().map(|written| self.told(written)),
            })
            .collect()
    }
}

/// A client that was written, in short.
fn shown(client: &DesiredClient) -> String {
    let DesiredClient { email, enable, end, cap, .. } = client;
    format!("{email} {}, {end:?}, {cap:?}", if *enable { "on" } else { "off" })
}

/// What a write that never happened would have answered.
fn pretended(want: &DesiredClient) -> Written {
    let none = Incarnation { panel: "none".into(), row: 0, created_at: 0 };
    Written {
        client: Some(as_wanted(want, Bytes(0), none)),
        panel: PanelInfo {
            identity: "none".into(),
            version: String::new(),
            one_inbound: false,
            xray: XrayState::Unknown,
        },
    }
}
