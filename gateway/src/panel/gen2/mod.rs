//! The adapter for gen-2 panels: 3x-ui v2.6.5 to v2.9.4.
//!
//! - `session`: calls with the cookie of a login; `login_refusal`: when a refused login is tried again
//! - `about`: version, status, and settings that hurt
//! - `wanted`: what is asked, in the panel's own terms
//! - `steps`: from what is there to what is wanted, one call at a time: pure
//! - `sentinel`: the client that keeps an inbound's last one removable
//! - `calls`: a step as calls, and what the write engine needs to know of this generation
//!
//! # Limits
//! A client is on one inbound. Its identity for the ledger is the panel's address, the number of
//! its row of counters and its time of creation: a panel replaced behind the same address shows
//! only by those.

mod about;
mod calls;
mod login_refusal;
mod sentinel;
pub(in crate::panel) mod session;
mod steps;
mod wanted;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use async_trait::async_trait;
use nebulalinks_protocol::Panel;

use super::common::addresses::addresses;
use super::common::identity::{Identity, by_address};
use super::common::json::lists;
use super::common::list_parser::{self, Rows};
use super::common::outcome::{after_a_write, classify_answer, segment};
use super::common::xray;
use crate::clock::Clock;
use crate::config::PanelTarget;
use crate::entropy::Entropy;
use crate::failure::Failure;
use crate::hooks::Call;
use crate::metrics::Metrics;
use crate::panel::adapter::{ClientWrite, Contents, PanelAdapter, Written};
use crate::panel::converge;
use crate::panel::permit::Permit;
use about::About;
use session::{Session, denied};

const LIST: &str = "panel/api/inbounds/list";

/// A gen-2 panel.
pub(crate) struct Gen2 {
    session: Arc<Session>,
    about: About,
    identity: Identity,
    address: String,
    /// Until when this version is taken to lack `delClientByEmail`, in ms since 1970: the 404 that
    /// said so may be a proxy's.
    deletes_by_key_until: AtomicU64,
    entropy: Arc<dyn Entropy>,
    metrics: Metrics,
}

impl Gen2 {
    /// Of a panel that was found to be one.
    ///
    /// # Errors
    /// [`nebulalinks_protocol::ErrorCode::PanelUnsupported`] for a version before v2.6.5.
    pub(in crate::panel) async fn open(
        session: Arc<Session>,
        target: &PanelTarget,
        identity: Identity,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        metrics: Metrics,
    ) -> Result<Self, Failure> {
        let about = About::open(&session, clock).await?;
        let address = by_address(target);
        let deletes_by_key_until = AtomicU64::new(0);
        Ok(Self { session, about, identity, address, deletes_by_key_until, entropy, metrics })
    }

    async fn status(&self) -> Result<Panel, Failure> {
        let mut panel = self.about.panel(&self.session, &self.address).await?;
        self.identity.note(&mut panel)?;
        self.metrics.saw(&panel);
        Ok(panel)
    }
}

#[async_trait]
impl PanelAdapter for Gen2 {
    async fn info(&self) -> Result<Panel, Failure> {
        self.status().await
    }

    async fn list(&self) -> Result<Contents, Failure> {
        let panel = self.status().await?;
        let understand = |body: &[u8]| list_parser::read(body, &panel.identity, true);
        let rows = self.session.read_as(LIST, understand).await?;
        self.metrics.could_not_read(&rows.unreadable);
        let Rows { inbounds, unreadable, clients } = rows;
        Ok(Contents { panel, inbounds, unreadable, clients })
    }

    async fn write(
        &self,
        permit: &Permit,
        writes: &[ClientWrite],
    ) -> Vec<Result<Written, Failure>> {
        converge::write_all(self, permit, writes).await
    }

    async fn restart_xray(&self, permit: &Permit) -> Result<Panel, Failure> {
        xray::may_restart(&self.identity.admit(self.status().await?, permit)?)?;
        let path = self.about.server_path("restartXrayService");
        let answer = self.session.write(permit, Call::RestartXray, &path, None).await;
        xray::restarted(classify_answer(answer, false, denied)?.map(drop))?;
        self.status().await.map_err(after_a_write)
    }

    async fn online(&self, email: &str) -> Option<bool> {
        let online = self.session.ask("panel/api/inbounds/onlines").await.ok()?;
        lists(&online, email)
    }

    async fn addresses(&self, email: &str) -> Result<Vec<IpAddr>, Failure> {
        let path = format!("panel/api/inbounds/clientIps/{}", segment(email));
        addresses(&self.session.ask(&path).await.map_err(|error| error.of_read(denied))?)
    }
}
