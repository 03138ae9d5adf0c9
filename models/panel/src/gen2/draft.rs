//! A client write between its reading and its writing.

use crate::state::{Inbound, Refusal};
use crate::wire::SettingsClient;

/// How a call of generation 2 can end badly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The panel says why.
    Refused(Refusal),
    /// The handler panicked: 500 and an empty body. What was committed stays.
    Panicked,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What happens to a traffic row.
#[derive(Clone, Debug)]
pub(super) enum RowChange {
    /// A new one; where one is left from before, that one stays as it is.
    Insert(SettingsClient),
    /// The row of this email takes over the limits and the name.
    Update(String, SettingsClient),
    /// None any more.
    Delete(String),
}

/// What is applied to the running Xray.
#[derive(Clone, Debug)]
pub(super) enum HotChange {
    Add(Box<SettingsClient>),
    Remove,
    /// Nothing can be applied: Xray has to be started anew.
    Restart,
}

/// A write that has read all it needs: the clients as it found them, with its own change. They
/// replace whatever is there by the time it writes.
#[derive(Clone)]
pub(super) struct Draft {
    /// The inbound as it was read, without its clients.
    pub(super) inbound: Inbound,
    pub(super) clients: Vec<SettingsClient>,
    pub(super) rows: Vec<RowChange>,
    pub(super) hot: Vec<HotChange>,
}
