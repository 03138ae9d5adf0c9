//! What a scenario does to an inbound in a panel's pages.

use super::words::BadCommand;

/// What is changed of an inbound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InboundChange {
    /// Switched on or off.
    Switched(bool),
    /// It gets another remark.
    Renamed(String),
    /// The text of its settings in the database is no JSON, or is again.
    Broken(bool),
    /// It listens on this address or socket only.
    ListensOn(String),
    /// It gets an external proxy.
    ReachedAt(String, u16),
}

impl InboundChange {
    /// Reads what stands between the inbound's name and the server's.
    ///
    /// # Errors
    /// [`BadCommand`]: no such change.
    pub(super) fn read(words: &[&str]) -> Result<Self, BadCommand> {
        Ok(match words {
            ["is", "switched", state @ ("on" | "off")] => Self::Switched(*state == "on"),
            ["is", "renamed", "to", remark] => Self::Renamed((*remark).to_owned()),
            ["is", state @ ("broken" | "mended")] => Self::Broken(*state == "broken"),
            ["listens", "on", address] => Self::ListensOn((*address).to_owned()),
            ["is", "reached", "at", dest] => {
                let (host, port) = dest.rsplit_once(':').unwrap_or((*dest, ""));
                let port = port.parse().map_err(|_| BadCommand(format!("{dest} has no port")))?;
                Self::ReachedAt(host.to_owned(), port)
            }
            _ => return Err(BadCommand(format!("no inbound \"{}\"", words.join(" ")))),
        })
    }
}
