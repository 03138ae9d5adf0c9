//! What is to be read of the store for a click, before its step.

use super::broadcast::typed_audience;
use super::{Click, Input, Right, Router, Wanted};
use crate::intent::typed_number;
use crate::model::{OrderId, OrderReference};
use crate::view::{Action, ExportAsked};
use std::collections::BTreeMap;

/// The fewest characters of a reference by which orders are looked for while somebody types.
const LEAST: usize = 2;

fn is_broadcast(id: &str) -> bool {
    id.parse() == Ok(Action::WriteBroadcast)
}

impl Router<'_> {
    /// What is to be read before the step for a click; nothing once all of it is there. Of people who
    /// may not see it nothing is read.
    #[must_use]
    pub fn wants(&self, click: &Click) -> Option<Wanted> {
        match &click.input {
            Input::Typing { name, option, options, .. } if name == "admin" => {
                let of_orders = matches!(option.as_str(), "account" | "order");
                let reads = of_orders && self.fetched.orders.is_none() && self.may_look(click);
                let text = typed_number(options.get(option).filter(|_| reads)?);
                let (first, last) = OrderReference::beginning_with(&text, LEAST)?;
                Some(Wanted::References(first, last))
            }
            Input::Command { name, sub, options } if name == "admin" => {
                self.wants_for(click, sub, options)
            }
            Input::Modal { id, fields } if is_broadcast(id) => {
                let right = Right::of("broadcast")?;
                let may = right.allows(&self.catalog.shop.roles, &click.person.roles);
                let audience = typed_audience(fields).ok()?;
                (may && self.fetched.reach.is_none()).then_some(Wanted::Reach(audience))
            }
            Input::Component { id, .. } | Input::Modal { id, .. } => match id.parse().ok()? {
                Action::AuditBefore(line) => self.audit_for(click, Some(line)),
                Action::Devices(account) => {
                    let customer = self.snapshot.customer_of(click.person.identity);
                    let may = self.fetched.devices.is_none();
                    let may = may && self.pages.tells_devices(customer, account);
                    may.then_some(Wanted::Devices(account))
                }
                _ => None,
            },
            Input::Command { .. } | Input::Typing { .. } | Input::UseAsProof { .. } => None,
        }
    }

    fn wants_for(
        &self,
        click: &Click,
        command: &str,
        options: &BTreeMap<String, String>,
    ) -> Option<Wanted> {
        let right = Right::of(command)?;
        if !right.allows(&self.catalog.shop.roles, &click.person.roles) {
            return None;
        }
        match command {
            "audit" => self.audit_for(click, None),
            "health" => self.fetched.reasons.is_none().then_some(Wanted::Reasons),
            "setup" => self.fetched.setup.is_none().then_some(Wanted::Setup),
            "export" if self.fetched.export.is_none() => {
                ExportAsked::read(options).map(Wanted::Export)
            }
            _ if command.starts_with("order ") => {
                let typed = typed_number(options.get("order")?);
                if let Ok(id) = typed.parse() {
                    return self.archived(id);
                }
                let reference: OrderReference = typed.parse().ok()?;
                match self.fetched.orders.as_deref() {
                    None => Some(Wanted::References(reference, reference)),
                    Some([order]) => self.archived(*order),
                    Some(_) => None,
                }
            }
            _ => None,
        }
    }

    /// An order that is only in the store.
    fn archived(&self, id: OrderId) -> Option<Wanted> {
        let wanted = self.fetched.order.is_none() && self.snapshot.archived_order(id).is_some();
        wanted.then_some(Wanted::Order(id))
    }

    fn audit_for(&self, click: &Click, before: Option<String>) -> Option<Wanted> {
        let may = Right::of("audit")?.allows(&self.catalog.shop.roles, &click.person.roles);
        (may && self.fetched.audit.is_none()).then_some(Wanted::Audit(before))
    }

    /// Whether they may look at what staff see.
    pub(super) fn may_look(&self, click: &Click) -> bool {
        self.catalog.shop.roles.may_look(&click.person.roles)
    }
}
