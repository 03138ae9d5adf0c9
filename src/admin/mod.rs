//! What SREs and operators read: `/metrics`, `/healthz`, `/readyz`, and `/v1/*` on a socket that
//! only the service's user can open.

mod accounts;
mod due;
mod intents;
mod metrics;
mod peer;
mod public;
mod readiness;
mod serve;
mod sources;

#[cfg(test)]
pub(crate) use accounts::{page as account_page, servers as servers_page};
pub use serve::AdminError;
pub use sources::{Admin, CatalogPage, FirstSeen, ReasonSource, StateDisk};
