//! `inbounds/list` as the state of a panel: settings and counters side by side.

use std::collections::BTreeMap;

use nebulalinks_protocol::{Client, ErrorCode, Inbound, UnreadableInbound};
use serde::Deserialize as _;
use serde_json::Value;

use super::client_object::int;
use super::client_view::{ClientEntry, ClientView};
use super::counters::{Counter, Stats};
use super::inbound::{Flaw, InboundState};
use super::json::{Read, take};
use super::located_client::LocatedClient;
use super::public_inbound;
use crate::failure::Failure;

/// Everything on a panel.
#[derive(Clone)]
pub(in crate::panel) struct PanelState {
    pub(in crate::panel) inbounds: Vec<InboundState>,
    /// Those whose text cannot be read.
    pub(in crate::panel) unreadable: Vec<UnreadableInbound>,
    stats: BTreeMap<String, Stats>,
    /// Where the objects of a client are: the places of their inbounds, and theirs among its clients.
    by_email: BTreeMap<String, Vec<(usize, usize)>>,
    /// By the rules of gen-2: a client is on one inbound, and what is off in the settings is off.
    gen2: bool,
    /// Read of one client alone, by what the panel's own tables say of it.
    alone: bool,
}

impl PanelState {
    /// Reads the list: all of it but the inbounds that cannot be read and can be named, or nothing.
    pub(in crate::panel) fn parse(list: Value) -> Result<Self, &'static str> {
        let Value::Array(items) = list else { return Err("it is not a list") };
        let (mut inbounds, mut unreadable) = (Vec::new(), Vec::new());
        let mut stats = BTreeMap::new();
        for mut item in items {
            if !item.is_object() {
                return Err("an inbound is not an object");
            }
            let rows = take(&mut item, "clientStats");
            for row in rows.as_array().into_iter().flatten() {
                let Read(counter) =
                    Read::<Counter>::deserialize(row).map_err(|_| "a counter is not an object")?;
                let (email, counter) = counter.checked()?;
                stats.insert(email, counter);
            }
            if !rows.is_array() && !rows.is_null() {
                return Err("the counters are not a list");
            }
            match InboundState::parse(item) {
                Ok(inbound) => inbounds.push(inbound),
                Err(Flaw::Inbound(inbound)) => unreadable.push(inbound),
                Err(Flaw::List(why)) => return Err(why),
            }
        }
        let by_email = index(&inbounds);
        Ok(Self { inbounds, unreadable, stats, by_email, gen2: false, alone: false })
    }

    /// Reads the list for an adapter: with `allow_nodes`, inbounds of other panels are like its own.
    ///
    /// # Errors
    /// [`ErrorCode::PanelProtocol`]; half a list is no list.
    pub(in crate::panel) fn read(list: Value, allow_nodes: bool) -> Result<Self, Failure> {
        let mut state = Self::parse(list).map_err(|why| {
            let detail = format!("the panel's list cannot be read: {why}");
            Failure::new(ErrorCode::PanelProtocol, detail)
        })?;
        for inbound in &mut state.inbounds {
            inbound.on_node &= !allow_nodes;
        }
        Ok(state)
    }

    /// Of one client, or of nobody, on inbounds that hold nobody else.
    pub(in crate::panel) fn of_one(
        inbounds: Vec<InboundState>,
        row: Option<(String, Stats)>,
    ) -> Self {
        let by_email = index(&inbounds);
        let stats = row.into_iter().collect();
        Self { inbounds, unreadable: Vec::new(), stats, by_email, gen2: false, alone: true }
    }

    /// The panel's inbounds without anybody on them, where it was read of one client who is not there:
    /// then the panel has no record of the client either.
    pub(in crate::panel) fn of_nobody(&self) -> Option<&[InboundState]> {
        let is_of_nobody = self.alone && self.by_email.is_empty() && self.stats.is_empty();
        is_of_nobody.then_some(self.inbounds.as_slice())
    }

    /// By the number of each client's row of counters, when its oldest entry was made.
    pub(in crate::panel) fn made(&self) -> impl Iterator<Item = (i64, i64)> {
        self.by_email.iter().filter_map(|(email, places)| {
            let entries = places.iter().filter_map(|(i, c)| self.inbounds.get(*i)?.clients.get(*c));
            let made = entries.map(|entry| int(entry, "created_at")).filter(|ms| *ms > 0);
            Some((self.stats.get(email)?.row, made.min()?))
        })
    }

    /// Everybody who is in the settings.
    pub(in crate::panel) fn emails(&self) -> impl Iterator<Item = &str> {
        self.by_email.keys().map(String::as_str)
    }

    /// Reads the list of a gen-2 panel.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub(in crate::panel) fn read_gen2(list: Value) -> Result<Self, Failure> {
        Ok(Self::read(list, false)?.of_generation(true))
    }

    /// The same list, judged by the rules of this generation.
    pub(super) fn of_generation(self, gen2: bool) -> Self {
        Self { gen2, ..self }
    }

    /// A client's counters, also where the client is gone.
    pub(in crate::panel) fn stats(&self, email: &str) -> Option<&Stats> {
        self.stats.get(email)
    }

    /// The inbound of this number.
    pub(in crate::panel) fn inbound(&self, id: i64) -> Option<&InboundState> {
        self.inbounds.iter().find(|i| i.id == id)
    }

    /// The client of this name.
    pub(in crate::panel) fn find(&self, email: &str) -> Option<LocatedClient> {
        let copies: Vec<_> = self
            .by_email
            .get(email)?
            .iter()
            .filter_map(|(inbound, client)| {
                let inbound = self.inbounds.get(*inbound)?;
                Some((inbound.id, inbound.clients.get(*client)?.clone()))
            })
            .collect();
        let stats = self.stats.get(email).cloned();
        (!copies.is_empty()).then_some(LocatedClient { copies, stats })
    }

    /// One client as it goes over the wire.
    pub(in crate::panel) fn client(&self, identity: &str, found: &LocatedClient) -> Option<Client> {
        let mut copies: Vec<_> =
            found.copies.iter().map(|(id, c)| (*id, ClientEntry::of(c))).collect();
        self.view(identity).one(&mut copies)
    }

    /// All that can be read, as it goes over the wire.
    pub(super) fn all(&self, identity: &str) -> (Vec<Inbound>, Vec<Client>) {
        let of = |i: &InboundState| {
            i.clients.iter().map(|c| (i.id, ClientEntry::of(c))).collect::<Vec<_>>()
        };
        let copies = self.inbounds.iter().flat_map(of).collect();
        (public_inbound::all(&self.inbounds), self.view(identity).all(copies))
    }

    fn view<'a>(&'a self, identity: &'a str) -> ClientView<'a> {
        ClientView { inbounds: &self.inbounds, stats: &self.stats, identity, gen2: self.gen2 }
    }

    /// Checks that a client which is not found is not there: it could be on an inbound that cannot be
    /// read.
    ///
    /// # Errors
    /// [`ErrorCode::PanelRefused`], with the inbound's name.
    pub(in crate::panel) fn proves_absence(&self) -> Result<(), Failure> {
        absence_is_proven(&self.unreadable, ErrorCode::PanelRefused)
    }
}

/// Where each client's objects are: a batch looks up a hundred clients among ten thousand.
fn index(inbounds: &[InboundState]) -> BTreeMap<String, Vec<(usize, usize)>> {
    let mut by_email: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    for (inbound, state) in inbounds.iter().enumerate() {
        for (client, object) in state.clients.iter().enumerate() {
            if let Some(email) = object.get("email").and_then(Value::as_str) {
                by_email.entry(email.to_owned()).or_default().push((inbound, client));
            }
        }
    }
    by_email
}

/// Checks that all inbounds of a list could be read, so that whoever is not found is not there.
///
/// # Errors
/// With this code, and the first unreadable inbound's name.
pub(in crate::panel) fn absence_is_proven(
    unreadable: &[UnreadableInbound],
    code: ErrorCode,
) -> Result<(), Failure> {
    let Some(first) = unreadable.first() else { return Ok(()) };
    let more = match unreadable.len() {
        1 => String::new(),
        all => format!(" (and {} more)", all - 1),
    };
    let detail = format!(
        "the inbound `{}` (number {}){more} cannot be read, because {}, so who is on the panel is \
         not known: open that inbound in the panel and save it",
        first.remark.escape_debug(),
        first.id,
        first.why
    );
    Err(Failure::new(code, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(text: &str) -> PanelState {
        let recording: Value = serde_json::from_str(text).unwrap();
        let exchanges = recording["exchanges"].as_array().unwrap();
        let list = exchanges.iter().find(|e| e["name"] == "all inbounds with clients inside");
        PanelState::parse(list.unwrap()["response"]["json"]["obj"].clone()).unwrap()
    }

    #[test]
    fn a_recorded_list_reads_and_its_double_entry_shows() {
        let old =
            recorded(include_str!("../../../../tests/fixtures/3x-ui/gen3-v3.4.2/clients.json"));
        let head =
            recorded(include_str!("../../../../tests/fixtures/3x-ui/gen3-head/clients.json"));
        for (state, doubled) in [(&old, Some(1)), (&head, None)] {
            let found = state.find("acc-1").unwrap();
            assert_eq!(found.duplicated_on(), doubled);
            let client = state.client("guid", &found).unwrap();
            assert_eq!(client.sub_id, "sub0000000000001");
            assert_eq!(client.consistent, doubled.is_none());
            assert!(state.inbounds[0].takes_flow() && !state.inbounds[1].takes_flow());
        }
    }
}
