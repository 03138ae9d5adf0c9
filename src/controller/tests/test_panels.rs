//! Panels as the tests of the loop have them.

use crate::model::*;
use crate::ports::*;
use crate::view::sample::NOW;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A panel without clients that refuses every write, or does not answer at all, or takes every write
/// and has forgotten it at the next list.
#[derive(Default)]
pub(super) struct TestPanels {
    pub(super) answers: bool,
    pub(super) lacks_keys: AtomicBool,
    pub(super) takes: AtomicBool,
    /// Another one answers than was listed.
    pub(super) is_another: AtomicBool,
    pub(super) lists: AtomicU64,
    pub(super) puts: AtomicU64,
    /// From where whoever is asked for is connected, by server; `None` of one whose gateway knows no such question. Any
    /// other server never answers it.
    pub(super) connected: BTreeMap<ServerId, Option<Vec<IpAddr>>>,
}

fn error(class: ErrorClass, code: PanelCode) -> PanelError {
    PanelError { class, code, detail: String::new(), retry_after_ms: None, unshown: Vec::new() }
}

fn panel() -> PanelInfo {
    PanelInfo {
        identity: "p".to_owned(),
        version: "3.5.0".to_owned(),
        one_inbound: false,
        xray: XrayState::Running,
    }
}

fn as_wanted(want: &DesiredClient) -> ObservedClient {
    ObservedClient {
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
        incarnation: Incarnation { panel: "p".into(), row: 1, created_at: 1 },
        consistent: true,
        renews: false,
    }
}

#[async_trait]
impl PanelApi for TestPanels {
    async fn claim(&self, _: &Endpoint, _: &Claim) -> Result<Claimed, PanelError> {
        if self.lacks_keys.load(Ordering::SeqCst) {
            return Err(error(ErrorClass::Operator, PanelCode::Keys));
        }
        if !self.answers {
            return Err(error(ErrorClass::Unreachable, PanelCode::Unreachable));
        }
        Ok(Claimed { fence: 1, clock: NOW, unshown: Vec::new() })
    }
    async fn list(&self, to: &Endpoint) -> Result<Observation, PanelError> {
        self.lists.fetch_add(1, Ordering::SeqCst);
        Ok(Observation {
            server: to.server.clone(),
            at: NOW,
            gateway_clock: NOW,
            coverage: Coverage::Full,
            panel: panel(),
            xray_up: None,
            inbounds: crate::view::sample::facts().inbounds,
            ours: BTreeMap::new(),
            foreign: Vec::new(),
        })
    }
    async fn observe(&self, _: &Endpoint, _: &[String]) -> Result<Observation, PanelError> {
        Err(error(ErrorClass::Unreachable, PanelCode::Unreachable))
    }
    async fn put(
        &self,
        _: &Endpoint,
        _: WriteToken<'_>,
        _: Precondition,
        want: &DesiredClient,
    ) -> Result<Written, PanelError> {
        self.puts.fetch_add(1, Ordering::SeqCst);
        if self.is_another.load(Ordering::SeqCst) {
            let code = PanelCode::Gateway(GatewayCode::AnotherPanel);
            return Err(error(ErrorClass::AnotherPanel, code));
        }
        if self.takes.load(Ordering::SeqCst) {
            return Ok(Written { client: Some(as_wanted(want)), panel: panel() });
        }
        Err(error(ErrorClass::Refused, PanelCode::Gateway(GatewayCode::PanelRefused)))
    }
    async fn addresses(&self, to: &Endpoint, _: &str) -> Result<Vec<IpAddr>, PanelError> {
        match self.connected.get(&to.server) {
            Some(Some(from)) => Ok(from.clone()),
            Some(None) => {
                Err(error(ErrorClass::Refused, PanelCode::Gateway(GatewayCode::NotFound)))
            }
            None => std::future::pending().await,
        }
    }

    async fn restart_xray(&self, _: &Endpoint, _: WriteToken<'_>) -> Result<(), PanelError> {
        Err(error(ErrorClass::Refused, PanelCode::Gateway(GatewayCode::PanelRefused)))
    }
    async fn delete(
        &self,
        _: &Endpoint,
        _: WriteToken<'_>,
        _: &str,
        _: uuid::Uuid,
    ) -> Result<Written, PanelError> {
        Err(error(ErrorClass::Refused, PanelCode::Gateway(GatewayCode::PanelRefused)))
    }
}
