//! What the panel must say of one account, from its entitlement and the panel's own counter.

use crate::catalog::Catalog;
use crate::model::{
    Account, Bytes, Cap, DesiredClient, End, Entitlement, Mark, Quota, Standing, UnixMs,
};
use nebulalinks_protocol::LARGEST_CAP;
use std::num::NonZeroU64;

/// Starts the note that a panel shows of each client; the plan's family follows.
const NOTE: &str = "nl:";

/// What a client may do. Its name and keys are its account's: the whole client is put together only
/// when it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) enable: bool,
    pub(super) end: End,
    /// By the panel's counter.
    pub(super) cap: Cap,
    /// Devices at once; 0 is without limit.
    pub(super) ip_limit: u32,
}

/// What the client must be allowed. `counter` is the panel's counter now: the cap on the panel is
/// counter + what is left, so it stays the same while only traffic flows. What adds up to more than
/// a panel can hold is the most that it can.
pub(super) fn compile(entitlement: &Entitlement, counter: Bytes, now: UnixMs) -> Limits {
    Limits {
        enable: entitlement.standing(now) == Standing::Active,
        end: End::at(entitlement.ends_at),
        cap: match entitlement.left {
            Quota::Unlimited => Cap::Unlimited,
            // Switching off says that nothing is left; a cap of 0 would mean "unlimited" to a panel.
            Quota::Bytes(left) => {
                let cap = (counter + left).0.min(LARGEST_CAP);
                Cap::Bytes(NonZeroU64::new(cap).unwrap_or(NonZeroU64::MIN))
            }
        },
        ip_limit: entitlement.devices,
    }
}

/// A moving account uses what is left of its allowance on two panels, and each cap falls with what the
/// other counts. It is written anew only once it is off by a twentieth of the allowance: the loop cuts by
/// the sum, and would write to every moving client at each list otherwise.
pub(super) fn moving_cap(want: Cap, seen: Cap, granted: Quota) -> Cap {
    match (want, seen, granted) {
        (Cap::Bytes(wanted), Cap::Bytes(held), Quota::Bytes(granted))
            if wanted < held && held.get() - wanted.get() < granted.0 / 20 =>
        {
            seen
        }
        _ => want,
    }
}

/// The whole client, on these inbounds.
pub(super) fn client(
    catalog: &Catalog,
    account: &Account,
    limits: &Limits,
    inbounds: Vec<String>,
) -> DesiredClient {
    let Limits { enable, end, cap, ip_limit } = *limits;
    let mark = Mark { shop: catalog.shop.id.clone(), account: account.id };
    DesiredClient {
        email: mark.to_string(),
        uuid: account.credentials.uuid,
        sub_id: account.credentials.sub_id.clone(),
        secret: account.credentials.secret.clone(),
        enable,
        end,
        cap,
        ip_limit,
        comment: format!("{NOTE}{}", account.family),
        inbounds,
        from: None,
        to: None,
    }
}

/// Whether a panel's note is the account's.
pub(super) fn is_note(comment: &str, account: &Account) -> bool {
    comment.strip_prefix(NOTE) == Some(account.family.as_str())
}
