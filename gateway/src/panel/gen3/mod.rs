//! The adapter for gen-3 panels: 3x-ui v3.4.2 and later.
//!
//! - `wire`: HTTP, and what its answers mean
//! - `state`: `inbounds/list` as the state of a panel
//! - `facts`: the public part of an inbound
//! - `wanted`: what is asked, in the panel's own terms
//! - `steps`: from what is there to what is wanted, one call at a time: pure
//! - `write`: a step as calls, and what is told when it cannot go on
//! - `bulk`: the loop of reading, stepping and reading back, for one client or many

mod bulk;
mod facts;
mod json;
mod state;
mod steps;
mod wanted;
mod wire;
mod write;

use async_trait::async_trait;
use nebulalinks_protocol::{
    BatchDelete, BatchItem, DeleteRequest, ErrorCode, Panel, PutRequest, Xray, content_digest,
};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Contents, Failure, PanelAdapter, Permit, Written};
use crate::config::PanelTarget;
use crate::hooks::Hook;
use crate::metrics::Metrics;
use json::field;
use state::PanelState;
use wire::Wire;

/// The oldest version whose clients can be written safely.
const OLDEST: (u64, u64, u64) = (3, 4, 2);

/// A gen-3 panel.
#[derive(Debug)]
pub struct Gen3 {
    wire: Wire,
    /// What stands for the panel's identity when it does not tell one.
    fallback_identity: String,
    /// Set once the client routes of gen-3 were seen.
    probed: AtomicBool,
    metrics: Metrics,
}

impl Gen3 {
    pub(crate) fn new(
        target: &PanelTarget,
        hook: Hook,
        metrics: Metrics,
    ) -> Result<Self, reqwest::Error> {
        let digest = content_digest(target.base().as_bytes());
        let short: String =
            digest.chars().filter(char::is_ascii_alphanumeric).skip(6).take(16).collect();
        Ok(Self {
            wire: Wire::new(target, hook, metrics.clone())?,
            fallback_identity: format!("address-{short}"),
            probed: AtomicBool::new(false),
            metrics,
        })
    }

    /// `server/status`, with the generation made sure of.
    ///
    /// The identity is `panelGuid`. A panel that tells none is known by a hash of its address:
    /// stable while the address is, and blind to a replaced database.
    async fn status(&self) -> Result<Panel, Failure> {
        let status = self.wire.read("panel/api/server/status").await?;
        if status.is_null() {
            let detail = "the panel has just started and has no status yet";
            return Err(Failure::new(ErrorCode::PanelUnreachable, detail));
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let version = text(field(&status, "panelVersion"));
        self.probe(&version).await?;
        let identity = match text(field(&status, "panelGuid")) {
            guid if guid.is_empty() => self.fallback_identity.clone(),
            guid => guid,
        };
        let xray = match field(field(&status, "xray"), "state").as_str() {
            Some("running") => Xray::Running,
            Some("stop") => Xray::Stopped,
            Some("error") => Xray::Error,
            _ => Xray::Unknown,
        };
        let panel = Panel { identity, generation: "gen3".to_owned(), version, xray };
        self.metrics.saw(&panel);
        Ok(panel)
    }

    /// Capabilities decide, not the version; the version only rules out known data loss.
    async fn probe(&self, version: &str) -> Result<(), Failure> {
        if self.probed.load(Ordering::Relaxed) {
            return Ok(());
        }
        if parse_version(version).is_some_and(|v| v < OLDEST) {
            return Err(unsupported(&format!("panel {version}")));
        }
        match self.wire.read_or_absent("panel/api/clients/list/paged?pageSize=1").await? {
            Some(_) => {
                self.probed.store(true, Ordering::Relaxed);
                Ok(())
            }
            None => Err(unsupported("a panel of the 2.x generation")),
        }
    }

    async fn write_one(&self, permit: &Permit, item: BatchItem) -> Result<Written, Failure> {
        let mut results = self.write_all(permit, &[item]).await;
        results.pop().unwrap_or_else(|| {
            Err(Failure::new(ErrorCode::UnknownOutcome, "the write has no result: read again"))
        })
    }

    async fn state(&self) -> Result<PanelState, Failure> {
        let list = self.wire.read("panel/api/inbounds/list").await?;
        PanelState::parse(list).map_err(|why| {
            let detail = format!("the panel's list cannot be read: {why}");
            Failure::new(ErrorCode::PanelProtocol, detail)
        })
    }
}

fn unsupported(what: &str) -> Failure {
    let detail = format!(
        "{what} is not supported: its client API loses writes or lacks bulkEnable. Install 3x-ui \
         v3.4.2 or later (v3.5.0 or later for clients on several inbounds)"
    );
    Failure::new(ErrorCode::PanelUnsupported, detail)
}

/// `3.4.2`, also with a `v`; `None` for development builds.
fn parse_version(text: &str) -> Option<(u64, u64, u64)> {
    let mut parts = text.trim_start_matches('v').splitn(3, '.').map(|p| p.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[async_trait]
impl PanelAdapter for Gen3 {
    async fn info(&self) -> Result<Panel, Failure> {
        self.status().await
    }

    async fn list(&self) -> Result<Contents, Failure> {
        let panel = self.status().await?;
        let state = self.state().await?;
        Ok(Contents {
            inbounds: state.inbounds.iter().map(facts::public).collect(),
            clients: state.clients(&panel.identity),
            panel,
        })
    }

    async fn put(&self, permit: &Permit, request: &PutRequest) -> Result<Written, Failure> {
        self.write_one(permit, request.clone().into()).await
    }

    async fn delete(
        &self,
        permit: &Permit,
        email: &str,
        request: &DeleteRequest,
    ) -> Result<Written, Failure> {
        let delete = BatchDelete { email: email.to_owned(), uuid: request.uuid };
        self.write_one(permit, BatchItem::Delete(delete)).await
    }

    async fn batch(&self, permit: &Permit, items: &[BatchItem]) -> Vec<Result<Written, Failure>> {
        self.write_all(permit, items).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers_and_development_builds_have_none() {
        assert!(parse_version("3.10.0") > Some(OLDEST));
        assert!(parse_version("v3.4.1").is_some_and(|v| v < OLDEST));
        assert_eq!(parse_version("dev+1a2b3c"), None);
        assert_eq!(parse_version(""), None);
    }
}
