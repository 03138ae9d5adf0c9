//! What the panel must say of one account, from its entitlement and the panel's own counter.

use crate::catalog::{Catalog, Server};
use crate::model::{
    Account, Bytes, Cap, DesiredClient, End, Entitlement, Mark, Quota, Standing, UnixMs,
};
use std::num::NonZeroU64;

/// The whole client as it must be. `counter` is the panel's counter now: the cap on the panel is
/// counter + what is left, so it stays the same while only traffic flows.
pub(super) fn compile(
    catalog: &Catalog,
    server: &Server,
    account: &Account,
    entitlement: &Entitlement,
    counter: Bytes,
    now: UnixMs,
) -> DesiredClient {
    let mark = Mark { shop: catalog.shop.id.clone(), account: account.id };
    DesiredClient {
        email: mark.to_string(),
        uuid: account.credentials.uuid,
        sub_id: account.credentials.sub_id.clone(),
        secret: account.credentials.secret.clone(),
        enable: entitlement.standing(now) == Standing::Active,
        end: End::at(entitlement.ends_at),
        cap: match entitlement.left {
            Quota::Unlimited => Cap::Unlimited,
            // Nothing left is said by switching off; a cap of 0 would mean "unlimited" to a panel.
            Quota::Bytes(left) => {
                Cap::Bytes(NonZeroU64::new((counter + left).0).unwrap_or(NonZeroU64::MIN))
            }
        },
        ip_limit: entitlement.devices,
        comment: format!("nl:{}", account.family),
        inbounds: server.inbounds.clone(),
    }
}
