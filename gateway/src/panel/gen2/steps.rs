//! From what is there to what is wanted, one call at a time. Pure: the loop asks again after each
//! reading, so that whatever a call really did is what the next step starts from.
//!
//! A client without a row of counters can neither run out nor be deleted. It gets its row back by
//! losing its name (a nameless client is deleted without counters) and being added again; the
//! other way, naming it again, restarts Xray for everybody.

use nebulalinks_protocol::ErrorCode;

use super::wanted::{Wanted, key, key_field};
use crate::failure::Failure;
use crate::panel::common::client_object::{flag, text};
use crate::panel::common::inbound::InboundState;
use crate::panel::common::located_client::LocatedClient;
use crate::panel::common::outcome::require_client;
use crate::panel::common::state::PanelState;

/// One call to the panel.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::panel) enum Step {
    /// Set the counters of a client that is gone to zero: they would be the next one's.
    Zero,
    /// Put the disabled client there without which an inbound's last one cannot go.
    Sentinel(i64),
    /// Create the client.
    Add,
    /// Write the whole object.
    Update {
        /// Where it is.
        inbound: i64,
        /// By what it is named there now.
        key: String,
    },
    /// Switch off, so that a delete by key takes it out of Xray.
    Off {
        /// Where it is.
        inbound: i64,
        /// By what it is named there.
        key: String,
    },
    /// Take the name away, and switch off.
    Blank {
        /// Where it is.
        inbound: i64,
        /// By what it is named there.
        key: String,
    },
    /// Delete the client.
    Remove {
        /// Where it is.
        inbound: i64,
        /// By what it is named there.
        key: String,
        /// What names it.
        by: By,
    },
}

/// What names a client to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::panel) enum By {
    /// Its email, where this version can: a key may name several.
    Email,
    /// Its key: by email a panel looks for it on the inbound that its counters name.
    Key,
    /// Its key, which is all it has left.
    KeyWithoutEmail,
}

// The key is the client's uuid or password.
impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Zero => f.write_str("Zero"),
            Self::Sentinel(inbound) => write!(f, "Sentinel({inbound})"),
            Self::Add => f.write_str("Add"),
            Self::Update { inbound, .. } => write!(f, "Update({inbound})"),
            Self::Off { inbound, .. } => write!(f, "Off({inbound})"),
            Self::Blank { inbound, .. } => write!(f, "Blank({inbound})"),
            Self::Remove { inbound, .. } => write!(f, "Remove({inbound})"),
        }
    }
}

/// The next step; `None` when all is as wanted. `email`: its name on the panel, another one until it is
/// adopted.
///
/// # Errors
/// [`ErrorCode::PanelRefused`]: what no call of this generation can mend.
pub(super) fn next(
    state: &PanelState,
    wanted: &Wanted,
    email: &str,
) -> Result<Option<Step>, Failure> {
    let Some(found) = state.find(email) else {
        if !wanted.is_ours {
            require_client(None)?;
        }
        if let Some(step) = nameless(state, wanted)? {
            return Ok(Some(step));
        }
        apart(state, wanted, email)?;
        let leftover = state.stats(email).is_some_and(|s| s.used > 0);
        return Ok(Some(if leftover { Step::Zero } else { Step::Add }));
    };
    let elsewhere = found.copies.iter().find(|(id, _)| *id != wanted.inbound).map(|(id, _)| *id);
    let counts_elsewhere = |id: i64| {
        found.stats.as_ref().and_then(|s| s.inbound).is_some_and(|counts_for| counts_for != id)
    };
    let astray = elsewhere.or_else(|| found.duplicated_on()).or_else(|| {
        (found.stats.is_none() || counts_elsewhere(wanted.inbound)).then_some(wanted.inbound)
    });
    if let Some(inbound) = astray {
        if !wanted.is_ours || email != wanted.email {
            return Err(refused(
                "the client has no row of counters on its inbound, or is there twice: run \
                 `x-ui migrate` on the panel's host, or make it anew",
            ));
        }
        return clear(state, email, &found, inbound).map(Some);
    }
    let Some((inbound, client)) =
        found.copies.first().and_then(|(id, c)| Some((state.inbound(*id)?, c)))
    else {
        return Ok(None);
    };
    let row_is_so = found.stats.as_ref().is_some_and(|s| {
        (s.total, s.expiry) == (wanted.total, wanted.expiry)
            && (s.reset == 0 || !wanted.is_ours)
            // Up to v2.6.x every update switches the row on; off in the settings is off.
            && (s.enable || !wanted.enable)
    });
    if wanted.matches(client) && row_is_so {
        return Ok(None);
    }
    apart(state, wanted, email)?;
    let key = key(inbound, client).to_owned();
    names_it(inbound, email, &key)?;
    Ok(Some(Step::Update { inbound: inbound.id, key }))
}

/// The next step to be rid of a client; `None` when it is gone.
///
/// # Errors
/// As for [`next`].
pub(super) fn gone(state: &PanelState, email: &str) -> Result<Option<Step>, Failure> {
    let Some(found) = state.find(email) else { return Ok(None) };
    let Some((inbound, _)) = found.copies.first() else { return Ok(None) };
    clear(state, email, &found, *inbound).map(Some)
}

/// The next step to be rid of a client that lost its name in one of these steps.
///
/// # Errors
/// As for [`next`].
pub(super) fn rest(state: &PanelState, taken: &[Step]) -> Result<Option<Step>, Failure> {
    let blanked = taken.iter().rev().find_map(|step| match step {
        Step::Blank { inbound, key } => Some((*inbound, key)),
        _ => None,
    });
    let Some((id, ours)) = blanked else { return Ok(None) };
    state.inbound(id).map_or(Ok(None), |inbound| unnamed(inbound, ours))
}

/// Takes a client off one inbound.
fn clear(state: &PanelState, email: &str, found: &LocatedClient, id: i64) -> Result<Step, Failure> {
    let copy = found.copies.iter().find(|(on, _)| *on == id);
    let (Some(inbound), Some((_, client))) = (state.inbound(id), copy) else {
        return Err(refused("the client's inbound is not on the panel any more"));
    };
    let stays = |c| text(c, "email") != email;
    if !inbound.clients.iter().any(stays) {
        return Ok(Step::Sentinel(id));
    }
    let key = key(inbound, client).to_owned();
    if let Some(row) = &found.stats {
        let is_where = |on: i64| found.copies.iter().any(|(id, _)| *id == on);
        if row.inbound.is_none_or(is_where) {
            return Ok(Step::Remove { inbound: id, key, by: By::Email });
        }
        names_it(inbound, email, &key)?;
        // By key, and with its counters off, it would be left in Xray.
        return Ok(if flag(client, "enable") {
            Step::Off { inbound: id, key }
        } else {
            Step::Remove { inbound: id, key, by: By::Key }
        });
    }
    if inbound.protocol == "shadowsocks" {
        return Err(refused(
            "the client has no row of counters, and on a Shadowsocks inbound no call of a v2 panel \
             brings it back or deletes the client: run `x-ui migrate` on the panel's host",
        ));
    }
    names_it(inbound, email, &key)?;
    Ok(Step::Blank { inbound: id, key })
}

/// A client of ours that lost its name on the way and was left so.
fn nameless(state: &PanelState, wanted: &Wanted) -> Result<Option<Step>, Failure> {
    for inbound in &state.inbounds {
        if let Some(step) = unnamed(inbound, wanted.key(inbound))? {
            return Ok(Some(step));
        }
    }
    Ok(None)
}

fn unnamed(inbound: &InboundState, ours: &str) -> Result<Option<Step>, Failure> {
    let is_it = |c| text(c, "email").is_empty() && key(inbound, c) == ours;
    if ours.is_empty() || !inbound.clients.iter().any(is_it) {
        return Ok(None);
    }
    if inbound.clients.iter().all(is_it) {
        return Ok(Some(Step::Sentinel(inbound.id)));
    }
    names_it(inbound, "", ours)?;
    Ok(Some(Step::Remove { inbound: inbound.id, key: ours.to_owned(), by: By::KeyWithoutEmail }))
}

/// Checks that no other client has what is to be this one's own: a delete by uuid takes all that have
/// it.
fn apart(state: &PanelState, wanted: &Wanted, email: &str) -> Result<(), Failure> {
    for inbound in &state.inbounds {
        let field = key_field(&inbound.protocol);
        if inbound.id != wanted.inbound && field != "id" {
            continue;
        }
        let ours = wanted.key(inbound);
        let is_other = |c| ![email, &wanted.email].contains(&text(c, "email"));
        let theirs = |c| is_other(c) && text(c, field) == ours;
        if !ours.is_empty() && inbound.clients.iter().any(theirs) {
            return Err(shared());
        }
    }
    Ok(())
}

/// Checks that a key names this client and no other, in a path.
pub(super) fn names_it(inbound: &InboundState, email: &str, its: &str) -> Result<(), Failure> {
    let theirs = |c| text(c, "email") != email && key(inbound, c) == its;
    if inbound.clients.iter().any(theirs) {
        return Err(shared());
    }
    // A panel takes an escaped slash for one that ends a segment.
    if its.is_empty() || its.contains('/') || matches!(its, "." | "..") {
        return Err(refused(
            "a v2 panel names the client by its uuid or password, and this one cannot be named: \
             it is empty or has a slash. Give it another in the panel's own pages",
        ));
    }
    Ok(())
}

fn shared() -> Failure {
    refused(
        "another client on the panel has the same uuid or password, and calls of a v2 panel cannot \
         tell them apart: give that one another, or remove it",
    )
}

pub(super) fn refused(detail: &str) -> Failure {
    Failure::new(ErrorCode::PanelRefused, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A client on inbound 1, and somebody else there, with the client's counters on inbound 2.
    fn counted_elsewhere(enable: bool) -> PanelState {
        let client = json!({"id": "u-1", "email": "a", "enable": enable});
        let other = json!({"id": "u-2", "email": "b", "enable": true});
        let row = json!({"id": 7, "email": "a", "inboundId": 2, "enable": false, "up": 0,
                         "down": 0, "total": 0, "expiryTime": 0, "reset": 0});
        let inbound = |id: i64, clients: serde_json::Value, rows: serde_json::Value| {
            json!({
                "id": id, "remark": "", "protocol": "vless", "port": id, "enable": true,
                "settings": json!({"clients": clients}).to_string(), "streamSettings": "{}",
                "clientStats": rows,
            })
        };
        let list = json!([
            inbound(1, json!([client, other]), json!([])),
            inbound(2, json!([]), json!([row]))
        ]);
        PanelState::read_gen2(list).unwrap()
    }

    #[test]
    fn a_client_whose_counters_are_elsewhere_is_switched_off_and_then_deleted_by_key() {
        let (inbound, key) = (1, "u-1".to_owned());
        let off = Step::Off { inbound, key: key.clone() };
        assert_eq!(gone(&counted_elsewhere(true), "a").unwrap(), Some(off));
        let remove = Step::Remove { inbound, key, by: By::Key };
        assert_eq!(gone(&counted_elsewhere(false), "a").unwrap(), Some(remove));
    }
}
