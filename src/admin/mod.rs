//! What SREs and operators read: `/metrics`, `/healthz`, `/readyz`, and `/v1/*` on a socket that
//! only the service's user can open.

mod adopt;
mod ask;
mod backups;
mod counted;
mod diff;
#[cfg(test)]
pub(crate) mod doubles;
mod intents;
mod metrics;
mod peer;
mod read;
mod readiness;
mod release;
mod serve;
mod sources;

pub use diff::{DiffAnswer, DiffQuestion, Texts};
pub use peer::user_of_this_process;
pub use read::NOW;
#[cfg(test)]
pub(crate) use read::{account_page, servers_page};
pub use serve::AdminError;
pub use sources::{Admin, Backups, CatalogPage, FirstSeen, StateDisk};
