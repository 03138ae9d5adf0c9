//! One client with all its objects and its counters.

use nebulalinks_protocol::ErrorCode;

use super::client_object::{ClientObject, int, text};
use super::counters::Stats;
use crate::failure::Failure;

/// One client, wherever it is.
#[derive(Clone, PartialEq)]
pub(in crate::panel) struct LocatedClient {
    /// Its objects, each with its inbound; never empty.
    pub(in crate::panel) copies: Vec<(i64, ClientObject)>,
    pub(in crate::panel) stats: Option<Stats>,
}

impl LocatedClient {
    /// An inbound that holds the client twice (panels before v3.5.0).
    pub(in crate::panel) fn duplicated_on(&self) -> Option<i64> {
        let mut seen = std::collections::BTreeSet::new();
        self.copies.iter().map(|(id, _)| *id).find(|id| !seen.insert(*id))
    }

    /// Whether each of its objects has this name.
    pub(in crate::panel) fn is_named(&self, email: &str) -> bool {
        self.copies.iter().all(|(_, client)| text(client, "email") == email)
    }

    /// Checks that its end and its cap can be changed and nothing else: it has one row of counters,
    /// and they are whole numbers, the same on each of its inbounds.
    pub(in crate::panel) fn is_whole(&self) -> Result<(), Failure> {
        let limits = |c: &ClientObject| ["totalGB", "expiryTime"].map(|name| int(c, name));
        let mut all = self.copies.iter().map(|(_, c)| limits(c));
        let first = all.next().unwrap_or_default();
        let refuse = |detail: &str| Err(Failure::new(ErrorCode::PanelRefused, detail));
        if first.contains(&i64::MIN) || all.any(|other| other != first) {
            return refuse(
                "the client's end or cap is no whole number, or differs from inbound to inbound: \
                 save it once in the panel's own pages",
            );
        }
        if self.stats.is_none() || self.duplicated_on().is_some() {
            return refuse(
                "the client has no row of counters, or is on an inbound twice: make it anew in \
                 the panel's own pages",
            );
        }
        Ok(())
    }

    /// When it was made, in ms since 1970.
    pub(in crate::panel) fn made_at(&self) -> Option<i64> {
        self.copies.iter().map(|(_, c)| int(c, "created_at")).filter(|ms| *ms > 0).min()
    }

    /// Its uuid where it has a well-formed one.
    pub(in crate::panel) fn uuid(&self) -> Option<uuid::Uuid> {
        let (_, first) = self.copies.first()?;
        uuid::Uuid::parse_str(text(first, "id")).ok()
    }
}
