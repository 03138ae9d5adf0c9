//! What SREs and operators read: `/metrics`, `/healthz`, `/readyz`, and `/v1/*` on a socket that
//! only the service's user can open.

mod accounts;
mod intents;
mod metrics;
mod peer;
mod readiness;
mod serve;

pub use readiness::{CatalogPage, FirstSeen, ReasonSource, StateDisk};
pub use serve::{Admin, AdminError};
