//! What happens to a panel and in its pages. Whatever scenarios can do is done as they do it; a single
//! client is named by its email.

use super::super::refused::Refused;
use super::super::world::World;
use crate::scenario::{Command, InboundChange, PanelChange, perform_in};
use nebulalinks_model_panel::ModelPanel;
use nebulalinks_protocol::CLIENT_MARK;
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};

/// The longest text of a client, characters: all of it is in every list.
const LONGEST: usize = 255;

/// From where traffic comes on the page: an address that documents use (RFC 5737).
const DEVICE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
/// One GiB.
const GIB: i64 = 1 << 30;

/// What is done.
#[derive(Debug, Deserialize)]
#[serde(tag = "act")]
pub(in crate::page) enum Act {
    /// A client's traffic, GiB.
    #[serde(rename = "panel.use")]
    Use { panel: String, email: String, gib: i64 },
    /// A client is edited.
    #[serde(rename = "panel.edit")]
    Edit { panel: String, email: String, edit: Edit },
    /// A client is switched on or off.
    #[serde(rename = "panel.enable")]
    Enable { panel: String, email: String, on: bool },
    /// A client is deleted.
    #[serde(rename = "panel.delete")]
    Delete { panel: String, email: String },
    /// A client that is not ours is made.
    #[serde(rename = "panel.stranger")]
    Stranger { panel: String, email: String },
    /// An inbound is switched on or off.
    #[serde(rename = "panel.inbound")]
    Inbound { panel: String, remark: String, on: bool },
    /// Something happens to the panel as a whole.
    #[serde(rename = "panel.befalls")]
    Befalls { panel: String, what: Happening },
    /// Another version is installed.
    #[serde(rename = "panel.version")]
    Version { panel: String, version: String },
}

/// The fields of a client that people edit.
#[derive(Debug, Deserialize)]
pub(in crate::page) struct Edit {
    /// The end, ms since 1970; 0 is never.
    ends_ms: i64,
    /// The cap, bytes; 0 is none.
    cap: i64,
    /// Devices at once; 0 is any number.
    devices: i64,
    comment: String,
}

/// What can befall a panel.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::page) enum Happening {
    Down,
    Well,
    Slow,
    Locked,
    Wiped,
    BackedUp,
    PutBack,
    XrayBreaks,
    XrayRuns,
}

impl Happening {
    const fn change(self) -> PanelChange {
        match self {
            Self::Down => PanelChange::Down,
            Self::Well => PanelChange::Up,
            Self::Slow => PanelChange::Slow(3_000),
            Self::Locked => PanelChange::Locked,
            Self::Wiped => PanelChange::Wiped,
            Self::BackedUp => PanelChange::BackedUp,
            Self::PutBack => PanelChange::PutBack,
            Self::XrayBreaks => PanelChange::Xray(false),
            Self::XrayRuns => PanelChange::Xray(true),
        }
    }
}

/// Does it.
pub(in crate::page) async fn act(world: &World, asked: Act) -> Result<Value, Refused> {
    let system = world.system();
    match asked {
        Act::Use { panel, email, gib } => {
            let panel = of(world, &panel)?;
            if !panel.add_traffic(&email, 0, gib.saturating_mul(GIB)) {
                return Err(Refused {
                    message: format!("no traffic flows for {email}: it is off, or Xray is down"),
                    help: Some("switch it on first".to_owned()),
                });
            }
            panel.connect_from(&email, DEVICE);
            // The panel looks every few seconds; here it looks now.
            panel.poll(panel.now_ms());
        }
        Act::Edit { panel, email, edit } => {
            let Edit { ends_ms, cap, devices, comment } = edit;
            short("a comment", &comment)?;
            let edited = of(world, &panel)?.edit_by_hand(&email, |client| {
                (client.expiry_time, client.total_gb) = (ends_ms, cap);
                (client.limit_ip, client.comment) = (devices, comment);
            });
            edited.map_err(|refusal| Refused::because(refusal.to_string().trim()))?;
        }
        Act::Enable { panel, email, on } => {
            let panel = of(world, &panel)?;
            let done =
                if on { panel.enable_by_hand(&email) } else { panel.disable_by_hand(&email) };
            there(done, &email)?;
        }
        Act::Delete { panel, email } => {
            there(of(world, &panel)?.delete_by_hand(&email), &email)?;
        }
        Act::Stranger { panel, email } => {
            let email = email.trim();
            if email.is_empty() || email.starts_with(CLIENT_MARK) {
                let why = format!("a stranger has a name that does not begin with {CLIENT_MARK}");
                return Err(Refused::because(why));
            }
            short("a name", email)?;
            let made = of(world, &panel)?.add_foreign(email);
            made.map_err(|refusal| Refused::because(refusal.to_string().trim()))?;
        }
        Act::Inbound { panel, remark, on } => {
            let change = InboundChange::Switched(on);
            perform_in(system, &Command::Inbound(panel, remark, change)).await?;
        }
        Act::Befalls { panel, what } => {
            perform_in(system, &Command::Panel(panel, what.change())).await?;
        }
        Act::Version { panel, version } => {
            let version = version.parse().map_err(|why: String| Refused::because(why))?;
            perform_in(system, &Command::Panel(panel, PanelChange::Installed(version))).await?;
        }
    }
    Ok(json!({}))
}

fn of<'w>(world: &'w World, id: &str) -> Result<&'w ModelPanel, Refused> {
    let server = world.system().servers.get(id);
    server.map(|server| &server.panel).ok_or_else(|| Refused::because(format!("no panel {id}")))
}

fn short(what: &str, text: &str) -> Result<(), Refused> {
    let length = text.chars().count();
    if length <= LONGEST {
        return Ok(());
    }
    let why = format!("{what} has at most {LONGEST} characters, and this one has {length}");
    Err(Refused::because(why))
}

fn there(done: bool, email: &str) -> Result<(), Refused> {
    let why = || Refused {
        message: format!("the panel did not do that to {email}"),
        help: Some("it is gone, or it is the last of its inbound: a v2 keeps that one".to_owned()),
    };
    if done { Ok(()) } else { Err(why()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_a_client_has_an_end() {
        assert!(short("a name", &"é".repeat(LONGEST)).is_ok());
        let refused = short("a name", &"é".repeat(5_000)).unwrap_err().message;
        assert_eq!(refused, "a name has at most 255 characters, and this one has 5000");
    }
}
