//! The adapter for gen-3 panels: 3x-ui v3.4.2 and later.
//!
//! - `wire`: calls with the API token
//! - `wanted`: what is asked, in the panel's own terms
//! - `steps`: from what is there to what is wanted, one call at a time: pure
//! - `calls`: a step as calls, and what the write engine needs to know of this generation
//! - `bulk`: the calls about many clients
//! - `last_list`: what a client that is read alone is judged by
//! - `alone`: one client without the list

mod alone;
mod bulk;
mod calls;
mod last_list;
mod steps;
mod wanted;
pub(in crate::panel) mod wire;

use std::net::IpAddr;

use async_trait::async_trait;
use nebulalinks_protocol::{Client, ErrorCode, Notice, Panel};
use serde_json::Value;

use super::common::addresses::addresses;
use super::common::identity::{Identity, by_address};
use super::common::inbound::InboundState;
use super::common::json::{field, lists};
use super::common::list_parser::{self, Rows};
use super::common::outcome::{after_a_write, classify_answer, segment};
use super::common::xray::{self, xray, xray_up_s};
use crate::config::PanelTarget;
use crate::failure::Failure;
use crate::hooks::Call;
use crate::metrics::Metrics;
use crate::panel::adapter::{ClientWrite, Contents, PanelAdapter, Written};
use crate::panel::converge;
use crate::panel::permit::Permit;
use last_list::LastList;
use wire::{Wire, denied};

const LIST: &str = "panel/api/inbounds/list";
/// The longest identity and version, in bytes.
const LONGEST_NAME: usize = 128;

/// A gen-3 panel.
pub(crate) struct Gen3 {
    wire: Wire,
    /// What stands for the panel's identity when it does not tell one.
    fallback_identity: String,
    identity: Identity,
    allow_nodes: bool,
    metrics: Metrics,
    last_list: LastList,
}

impl Gen3 {
    /// Of a panel that was found to be one.
    pub(in crate::panel) fn new(
        wire: Wire,
        target: &PanelTarget,
        identity: Identity,
        metrics: Metrics,
    ) -> Self {
        let fallback_identity = by_address(target);
        let (allow_nodes, last_list) = (target.allow_nodes, LastList::default());
        Self { wire, fallback_identity, identity, allow_nodes, metrics, last_list }
    }

    /// `server/status`.
    ///
    /// The identity is `panelGuid`. A panel that tells none is known by a hash of its address:
    /// stable while the address is, and blind to a replaced database.
    async fn status(&self) -> Result<Panel, Failure> {
        let status = self.wire.read("panel/api/server/status").await?;
        if status.is_null() {
            let detail = "the panel has just started and has no status yet";
            return Err(Failure::new(ErrorCode::PanelUnreachable, detail));
        }
        let guid = name(field(&status, "panelGuid"))?;
        let mut panel = Panel {
            notices: if guid.is_empty() { vec![Notice::KnownByAddress] } else { Vec::new() },
            identity: if guid.is_empty() { self.fallback_identity.clone() } else { guid },
            generation: "gen3".to_owned(),
            version: name(field(&status, "panelVersion"))?,
            xray: xray(&status),
            xray_up_s: xray_up_s(&status),
        };
        self.identity.note(&mut panel)?;
        self.metrics.saw(&panel);
        Ok(panel)
    }

    /// Notes what a list shows: nothing where an inbound could not be read.
    fn note(&self, shapes: Option<Vec<InboundState>>, clients: &[Client]) {
        let Some(mut shapes) = shapes else { return self.last_list.lacks_some() };
        for inbound in &mut shapes {
            inbound.on_node &= !self.allow_nodes;
        }
        let made = clients.iter().map(|c| (c.incarnation.row, c.incarnation.created_at_ms));
        let names = clients.iter().map(|client| client.email.as_str());
        self.last_list.shows(shapes, made.filter(|(row, _)| *row >= 0), names);
    }
}

#[async_trait]
impl PanelAdapter for Gen3 {
    async fn info(&self) -> Result<Panel, Failure> {
        self.status().await
    }

    async fn list(&self) -> Result<Contents, Failure> {
        let panel = self.status().await?;
        let mut shapes = None;
        let understand = |body: &[u8]| {
            list_parser::read_keeping(body, &panel.identity, false, |inbounds| {
                shapes = Some(inbounds);
            })
        };
        let rows = self.wire.read_as(LIST, understand).await?;
        self.note(shapes, &rows.clients);
        self.metrics.could_not_read(&rows.unreadable);
        let Rows { inbounds, unreadable, clients } = rows;
        Ok(Contents { panel, inbounds, unreadable, clients })
    }

    async fn alone(&self, email: &str) -> Result<Option<(Panel, Option<Client>)>, Failure> {
        self.one(email).await
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
        permit.check()?;
        let answer =
            self.wire.write(Call::RestartXray, "panel/api/server/restartXrayService", None);
        xray::restarted(classify_answer(answer.await, false, denied)?.map(drop))?;
        self.status().await.map_err(after_a_write)
    }

    async fn online(&self, email: &str) -> Option<bool> {
        let online = self.wire.ask("panel/api/clients/onlines").await.ok()?;
        lists(&online, email)
    }

    async fn addresses(&self, email: &str) -> Result<Vec<IpAddr>, Failure> {
        let path = format!("panel/api/clients/ips/{}", segment(email));
        addresses(&self.wire.ask(&path).await?)
    }
}

/// A name that the panel gives itself: the gateway keeps it, puts it into every answer and logs it.
fn name(value: &Value) -> Result<String, Failure> {
    let text = value.as_str().unwrap_or_default();
    if text.len() > LONGEST_NAME || !text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        let detail =
            "the panel's identity or version is no short plain text: is this a 3x-ui panel?";
        return Err(Failure::new(ErrorCode::PanelProtocol, detail));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_panel_calls_itself_is_short_and_plain_or_it_is_no_panel() {
        for good in
            ["", "3.5.0", "dev (1a2b3c)", "dev+1a2b3c", "b3f1c0de-0000-4000-8000-000000000000"]
        {
            assert_eq!(name(&json!(good)).as_deref(), Ok(good));
        }
        assert_eq!(name(&Value::Null).as_deref(), Ok(""));
        for bad in ["3.5\n0", "\u{1b}[31m", "\u{202e}1", &"x".repeat(129)] {
            assert_eq!(name(&json!(bad)).unwrap_err().code, ErrorCode::PanelProtocol, "{bad:?}");
        }
    }
}
