//! What SREs and operators read: `/metrics`, `/healthz`, `/readyz`, and `/v1/*` on a socket that
//! only the service's user can open.

mod accounts;
mod metrics;
mod serve;

pub use serve::{Admin, AdminError};
