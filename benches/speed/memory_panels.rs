//! Panels in memory, each call some milliseconds away; some of them dead.

use async_trait::async_trait;
use nebulalinks::cli::Env;
use nebulalinks::model::{Coverage, DesiredClient, End, Observation, ServerId, UnixMs};
use nebulalinks::ports::{
    Claim, Claimed, Clock, Endpoint, ErrorClass, PanelApi, PanelCode, PanelError, Precondition,
    Write, WriteToken, Written,
};
use nebulalinks_testkit::panel::PurePanel;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How far away each panel is.
const AWAY: Duration = Duration::from_millis(5);

/// How long after its end a client was switched off, ms, with its end.
pub(crate) type Cut = (UnixMs, u64);

/// The panels, and what they noted.
pub(crate) struct MemoryPanels {
    panels: BTreeMap<ServerId, Mutex<PurePanel>>,
    /// Servers that do not answer, and after how long the asker knows.
    dead: BTreeMap<ServerId, Duration>,
    clock: Arc<dyn Clock>,
    pub(crate) cut: Mutex<Vec<Cut>>,
}

impl MemoryPanels {
    pub(crate) fn new(
        panels: BTreeMap<ServerId, PurePanel>,
        dead: BTreeMap<ServerId, Duration>,
    ) -> Self {
        let panels = panels.into_iter().map(|(id, panel)| (id, Mutex::new(panel))).collect();
        Self { panels, dead, clock: Env::real().clock, cut: Mutex::default() }
    }

    async fn reached(&self, to: &Endpoint) -> Result<&Mutex<PurePanel>, PanelError> {
        if let Some(after) = self.dead.get(&to.server) {
            tokio::time::sleep(*after).await;
            return Err(PanelError {
                class: ErrorClass::Unreachable,
                code: PanelCode::Unreachable,
                detail: "dead".to_owned(),
                retry_after_ms: None,
                unshown: Vec::new(),
            });
        }
        tokio::time::sleep(AWAY).await;
        Ok(&self.panels[&to.server])
    }

    fn put_now(&self, panel: &mut PurePanel, want: &DesiredClient) -> Written {
        let now = self.clock.now();
        if let (false, End::At(end)) = (want.enable, want.end) {
            let end = UnixMs(end.get());
            self.cut.lock().unwrap().push((end, now.since(end).0));
        }
        let client = Some(panel.put(want, now));
        Written { client, panel: PurePanel::new(panel.server.clone()).observe(now).panel }
    }
}

#[async_trait]
impl PanelApi for MemoryPanels {
    async fn claim(&self, to: &Endpoint, _: &Claim) -> Result<Claimed, PanelError> {
        self.reached(to).await?;
        Ok(Claimed { fence: 1, clock: self.clock.now(), unshown: Vec::new() })
    }
    async fn list(&self, to: &Endpoint) -> Result<Observation, PanelError> {
        let panel = self.reached(to).await?;
        Ok(panel.lock().unwrap().observe(self.clock.now()))
    }
    async fn observe(&self, to: &Endpoint, emails: &[String]) -> Result<Observation, PanelError> {
        let asked: BTreeSet<&String> = emails.iter().collect();
        let panel = self.reached(to).await?.lock().unwrap();
        let clients = panel.clients.values().filter(|client| asked.contains(&client.email));
        let (ours, _) = Observation::sort_clients(&to.shop, clients.cloned().collect());
        let coverage = Coverage::Only(emails.to_vec());
        let whole = PurePanel::new(to.server.clone()).observe(self.clock.now());
        Ok(Observation { ours, coverage, inbounds: Vec::new(), ..whole })
    }
    async fn put(
        &self,
        to: &Endpoint,
        _: WriteToken<'_>,
        _: Precondition,
        client: &DesiredClient,
    ) -> Result<Written, PanelError> {
        let panel = self.reached(to).await?;
        Ok(self.put_now(&mut panel.lock().unwrap(), client))
    }
    async fn addresses(&self, _: &Endpoint, _: &str) -> Result<Vec<IpAddr>, PanelError> {
        Ok(Vec::new())
    }

    async fn restart_xray(&self, _: &Endpoint, _: WriteToken<'_>) -> Result<(), PanelError> {
        unreachable!("no session outlives its cut-off here")
    }
    async fn delete(
        &self,
        _: &Endpoint,
        _: WriteToken<'_>,
        _: &str,
        _: uuid::Uuid,
    ) -> Result<Written, PanelError> {
        unreachable!("nothing here is deleted")
    }
    async fn batch(
        &self,
        to: &Endpoint,
        _: WriteToken<'_>,
        writes: &[Write],
    ) -> Vec<Result<Written, PanelError>> {
        let panel = match self.reached(to).await {
            Ok(panel) => panel,
            Err(error) => return writes.iter().map(|_| Err(error.clone())).collect(),
        };
        let mut panel = panel.lock().unwrap();
        let wanted = writes.iter().filter_map(|write| match write {
            Write::Put { client, .. } => Some(client),
            Write::Delete { .. } => None,
        });
        wanted.map(|client| Ok(self.put_now(&mut panel, client))).collect()
    }
}
