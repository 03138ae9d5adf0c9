//! What is to become of a client, in the terms of one generation.

use std::borrow::Cow;

use nebulalinks_protocol::{BatchItem, BatchPut, Desired, ErrorCode, Expect};

use crate::failure::Failure;
use crate::panel::adapter::{ClientWrite, Edit};
use crate::panel::common::client_object::{VISION, text};
use crate::panel::common::located_client::LocatedClient;
use crate::panel::common::outcome::{check_precondition, require_client};
use crate::panel::common::state::PanelState;
use crate::panel::common::target::{Target, is_local, resolve, resolve_all, where_it_is};

/// How a client is to be, in the terms of one generation.
pub(in crate::panel) trait Wanted: Sized + Send + Sync {
    /// A client of the shop, on these inbounds.
    ///
    /// # Errors
    /// [`nebulalinks_protocol::ErrorCode::NoInbound`], or a secret that the inbounds cannot take.
    fn new(desired: &Desired, on: Vec<Target>, state: &PanelState) -> Result<Self, Failure>;

    /// A client that is not the shop's, as it is found, with this edit.
    ///
    /// # Errors
    /// [`nebulalinks_protocol::ErrorCode::PanelRefused`]: the panel's tables disagree about it.
    fn edited(email: &str, found: &LocatedClient, edit: &Edit) -> Result<Self, Failure>;

    /// Keeps what the shop does not set of the client that is there, in case it must be made again.
    fn keep_of(&mut self, found: &LocatedClient);

    /// The panel dropped the client's counters, which stood at `used` bytes, and starts new ones.
    fn starts_anew_after(&mut self, _used: u64) {}

    /// Whether the client is to be switched on.
    fn is_on(&self) -> bool;

    /// Whether the panel itself would switch such a client off at once.
    fn is_exhausted(&self, used: u64, now_ms: u64) -> bool;

    /// The panel's prose with three dots in place of this client's secrets.
    fn redact(&self, prose: &str) -> String;
}

/// What is to become of a client.
pub(super) enum Goal<W> {
    /// It is there, like this.
    Be(Box<W>),
    /// It is gone.
    Gone,
}

impl<W: Wanted> Goal<W> {
    /// What a write asks, in the terms of this panel, if the write's precondition holds.
    pub(super) fn of(
        write: &ClientWrite,
        found: Option<&LocatedClient>,
        state: &PanelState,
    ) -> Result<Self, Failure> {
        match write {
            ClientWrite::Item(BatchItem::Put(put)) => {
                check_precondition(state, found, put.expect)?;
                let is_theirs = |found: &&LocatedClient| !found.is_named(&put.client.email);
                if let Some(found) = found.filter(is_theirs).filter(|_| put.to.is_none()) {
                    is_adoptable(put, found, state)?;
                }
                let mut desired = Cow::Borrowed(&put.client);
                if let Some(to) = &put.to {
                    is_free(to, found, state)?;
                    desired.to_mut().email.clone_from(to);
                }
                let mut wanted = as_asked::<W>(put, &desired, found, state)?;
                if let Some(found) = found {
                    wanted.keep_of(found);
                }
                Ok(Self::Be(Box::new(wanted)))
            }
            ClientWrite::Item(BatchItem::Delete(delete)) => {
                // That it is gone could not be read back.
                state.proves_absence()?;
                if found.is_some() {
                    check_precondition(state, found, Expect::Uuid(delete.uuid))?;
                }
                Ok(Self::Gone)
            }
            ClientWrite::Edit { email, edit } => {
                let found = require_client(found)?;
                is_local(found, state)?;
                Ok(Self::Be(Box::new(W::edited(email, found, edit)?)))
            }
            ClientWrite::Remove { .. } => {
                state.proves_absence()?;
                found.map_or(Ok(()), |found| is_local(found, state))?;
                Ok(Self::Gone)
            }
        }
    }

    /// The panel's prose without secrets.
    pub(super) fn redact(&self, prose: &str) -> String {
        match self {
            Self::Be(wanted) => wanted.redact(prose),
            // A client that goes is known by its name only, so its secrets cannot be told apart.
            Self::Gone => String::new(),
        }
    }
}

/// The client that a put asks for, on the inbounds where it is to be. Whoever is given back or switched off
/// stays where the panel has them by now: what a list called their inbounds may be others since.
fn as_asked<W: Wanted>(
    put: &BatchPut,
    desired: &Desired,
    found: Option<&LocatedClient>,
    state: &PanelState,
) -> Result<W, Failure> {
    let there = |found| where_it_is(found, state).and_then(|on| W::new(desired, on, state));
    let named = || W::new(desired, resolve_all(&put.inbounds, put.client.enable, state)?, state);
    match found {
        Some(found) if put.to.is_some() => there(found),
        // A hand may have put them where no client of ours can be. They do not stay on for that.
        Some(found) if !put.client.enable => there(found).or_else(|_| named()),
        _ => named(),
    }
}

/// Checks that a client which is given back takes nobody's name.
fn is_free(to: &str, found: Option<&LocatedClient>, state: &PanelState) -> Result<(), Failure> {
    let is_back = found.is_some_and(|found| found.is_named(to));
    if is_back || state.find(to).is_none() {
        return Ok(());
    }
    let detail = "another client has the name under which it is to be given back";
    Err(Failure::new(ErrorCode::Conflict, detail))
}

/// Checks that nobody who uses somebody's own client is cut off by its adoption: it is whole, on this
/// panel's own inbounds, and has the flow that the shop's clients have there. Whoever is to be off, or gets
/// a new link for other credentials, is not held up by a flow.
fn is_adoptable(put: &BatchPut, found: &LocatedClient, state: &PanelState) -> Result<(), Failure> {
    found.is_whole()?;
    is_local(found, state)?;
    let keeps_its_link = |client| text(client, "id") == put.client.uuid.to_string();
    for name in &put.inbounds {
        let target = resolve(name, put.client.enable, state)?;
        let mut on = found.copies.iter().filter(|(id, _)| *id == target.id);
        if target.flow
            && put.client.enable
            && on.any(|(_, client)| keeps_its_link(client) && text(client, "flow") != VISION)
        {
            let detail = "it cannot be adopted as it is: the shop's clients have the flow \
                          xtls-rprx-vision there, and its apps do not; give it that flow in the \
                          panel and its user the new link first";
            return Err(Failure::new(ErrorCode::PanelRefused, detail));
        }
    }
    Ok(())
}
