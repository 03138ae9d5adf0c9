//! P24: once a customer is forgotten nothing of the shop's names who they were, and what they paid stays.

use super::super::chat::Discord;
use super::Monitors;
use super::audited::{all_lines, line_of};
use nebulalinks::model::*;
use nebulalinks::store::MemoryStore;
use std::collections::BTreeMap;

/// Who was forgotten, as they were.
#[derive(Default)]
pub(super) struct Gone(BTreeMap<CustomerId, Was>);

struct Was {
    identities: Box<[Identity]>,
    name: Box<str>,
    /// The lines of the audit that named them.
    lines: Vec<String>,
    orders: Vec<OrderId>,
}

impl Monitors {
    /// Just before a commit that forgets somebody: who they are.
    pub(in super::super) fn note_forgotten(
        &self,
        store: &MemoryStore,
        stored: &Snapshot,
        edits: &Edits,
    ) {
        for record in edits.puts.values() {
            let Record::Customer(next) = record else { continue };
            let Some(was) = stored.customer(next.id).filter(|was| was.forgotten().is_none()) else {
                continue;
            };
            if next.forgotten().is_none() {
                continue;
            }
            let named = |line: &Audit| {
                let known = |who: &Identity| line.actor == Actor::Person(*who);
                was.identities.iter().any(known)
            };
            let lines = all_lines(store).into_values().filter(named).map(|line| line.id);
            let was = Was {
                identities: was.identities.clone(),
                name: was.name.clone(),
                lines: lines.collect(),
                orders: stored.orders_of(next.id).into_iter().collect(),
            };
            self.seen.lock().unwrap().gone.0.insert(next.id, was);
        }
    }

    /// Whether somebody who is known there was forgotten once.
    pub(super) fn came_again(&self, at: Identity) -> bool {
        self.seen.lock().unwrap().gone.0.values().any(|was| was.identities.contains(&at))
    }

    /// Once every trouble is over: of whoever is forgotten nothing is left.
    pub(in super::super) fn check_forgotten(
        &self,
        store: &MemoryStore,
        snapshot: &Snapshot,
        discord: &Discord,
    ) {
        let mut wrong = Vec::new();
        for (id, was) in &self.seen.lock().unwrap().gone.0 {
            // A store of before knows them, and says so.
            let Some(customer) = snapshot.customer(*id).filter(|c| c.forgotten().is_some()) else {
                continue;
            };
            if customer.to_forget().is_some() && !snapshot.in_amnesia() {
                wrong.push(format!("{id} is forgotten in part: {:?}", customer.to_forget()));
                continue;
            }
            if was.identities.iter().any(|who| snapshot.customer_of(*who) == Some(*id)) {
                wrong.push(format!("{id} is known still"));
            }
            let names = |line: &Audit| matches!(line.actor, Actor::Person(_));
            let lines = was.lines.iter().filter_map(|line| line_of(store, line));
            wrong.extend(lines.filter(names).map(|line| format!("{id} stands in {line:?}")));
            for order in &was.orders {
                let told = discord.texts_with(&order.reference().to_string());
                let named = told.into_iter().filter(|(_, text)| text.contains(&*was.name));
                wrong.extend(
                    named.map(|(channel, _)| format!("{id} is named of {order} in {channel}")),
                );
            }
        }
        wrong.iter().for_each(|what| self.breach("P24", what));
    }
}
