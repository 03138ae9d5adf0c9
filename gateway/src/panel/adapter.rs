//! What a panel can do, whatever its generation.

use std::net::IpAddr;

use async_trait::async_trait;
use nebulalinks_protocol::{
    BatchItem, Cap, Client, End, ErrorCode, Inbound, Panel, UnreadableInbound, WriteOutcome,
};

use super::common::state::absence_is_proven;
use super::permit::Permit;
use crate::failure::Failure;

/// Everything on a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    /// What the panel says of itself.
    pub panel: Panel,
    /// All inbounds, public facts only.
    pub inbounds: Vec<Inbound>,
    /// But for these, which cannot be read.
    pub unreadable: Vec<UnreadableInbound>,
    /// All clients but those of such inbounds.
    pub clients: Vec<Client>,
}

impl Contents {
    /// A client by its name; `None` is a proven absence.
    ///
    /// # Errors
    /// [`ErrorCode::PanelProtocol`]: it is not among those that can be read.
    pub fn find(&self, email: &str) -> Result<Option<&Client>, Failure> {
        let found = self.clients.iter().find(|client| client.email == email);
        if found.is_none() {
            self.is_whole()?;
        }
        Ok(found)
    }

    /// Checks that all of it could be read.
    ///
    /// # Errors
    /// [`ErrorCode::PanelProtocol`], with the inbound's name.
    pub fn is_whole(&self) -> Result<(), Failure> {
        absence_is_proven(&self.unreadable, ErrorCode::PanelProtocol)
    }
}

/// A write as it was read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// How it ended.
    pub outcome: WriteOutcome,
    /// What the panel says of itself.
    pub panel: Panel,
    /// The client; `None` after a delete.
    pub client: Option<Client>,
}

/// What is changed of a client that is not the shop's. All else of it stays as it is found, on the
/// inbounds where it is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Edit {
    /// Switches the client on or off.
    pub enable: Option<bool>,
    /// Sets when the client ends.
    pub end: Option<End>,
    /// Sets how much the client may use.
    pub cap: Option<Cap>,
}

/// What a request asks of one client.
#[derive(Debug, Clone)]
pub enum ClientWrite {
    /// To be like this, or gone: with a precondition.
    Item(BatchItem),
    /// To change this of a client that is not the shop's.
    Edit {
        /// The client's name.
        email: String,
        /// What of it changes.
        edit: Edit,
    },
    /// To remove a client that is not the shop's, whatever its credentials are.
    Remove {
        /// The client's name.
        email: String,
    },
}

impl ClientWrite {
    /// The client's name.
    #[must_use]
    pub fn email(&self) -> &str {
        match self {
            Self::Item(item) => item.email(),
            Self::Edit { email, .. } | Self::Remove { email } => email,
        }
    }

    /// The other name under which it may be there: until it is adopted, or since it was given back.
    #[must_use]
    pub fn other_name(&self) -> Option<&str> {
        match self {
            Self::Item(BatchItem::Put(put)) => put.from.as_deref().or(put.to.as_deref()),
            _ => None,
        }
    }
}

/// A panel, of whatever generation.
///
/// # Guarantees
/// A list is complete but for the inbounds that it names as unreadable, or there is none. A write
/// that answers was read back, settings and counters both. Each call to the panel starts only while
/// the permit holds.
/// # Assumptions
/// One write at a time: the caller serialises.
/// # Errors
/// [`nebulalinks_protocol::ErrorCode::UnknownOutcome`] whenever something may have been changed and
/// the end state was not seen.
#[async_trait]
pub trait PanelAdapter: Send + Sync {
    /// What the panel says of itself.
    async fn info(&self) -> Result<Panel, Failure>;

    /// Everything on the panel.
    async fn list(&self) -> Result<Contents, Failure>;

    /// One client by its name, by calls about it alone, where the panel tells as much of it so; in the
    /// pair `None` is an absence. Only the next list tells of a client that came into the settings since
    /// the last one, past the panel's own tables.
    async fn alone(&self, _email: &str) -> Result<Option<(Panel, Option<Client>)>, Failure> {
        Ok(None)
    }

    /// Does many writes, each about another client: a result for each, in their order. A write that
    /// fails does not keep the others from being tried, unless the panel as a whole is gone.
    async fn write(&self, permit: &Permit, writes: &[ClientWrite])
    -> Vec<Result<Written, Failure>>;

    /// Ends a running Xray and starts it with what the panel holds, so that every open session ends. One
    /// that does not run is left alone: somebody stopped it, or it does not start.
    ///
    /// # Errors
    /// [`ErrorCode::Conflict`]: it does not run. [`ErrorCode::PanelRefused`]: it did not start again.
    async fn restart_xray(&self, permit: &Permit) -> Result<Panel, Failure>;

    /// Whether a client had traffic just now; `None` when the panel does not say.
    async fn online(&self, email: &str) -> Option<bool>;

    /// From where a client was connected lately, as the panel counts its devices; nothing of one that is not
    /// there.
    async fn addresses(&self, email: &str) -> Result<Vec<IpAddr>, Failure>;

    /// Does one write.
    async fn write_one(&self, permit: &Permit, write: ClientWrite) -> Result<Written, Failure> {
        let mut results = self.write(permit, &[write]).await;
        results.pop().unwrap_or_else(|| {
            Err(Failure::new(ErrorCode::UnknownOutcome, "the write has no result: read again"))
        })
    }
}
