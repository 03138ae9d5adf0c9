//! The way back from a key's bytes, for those who replay what was removed.

use super::record::{Key, Kind};
use super::{
    AccountId, BroadcastId, CustomerId, Identity, Incarnation, NoticeKind, OrderId, RetainedKind,
    ServerId, SurfaceKey, TicketId,
};
use ulid::Ulid;

/// Takes the parts of a key from the front of its bytes.
struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn ulid(&mut self) -> Option<Ulid> {
        self.array().map(Ulid::from_bytes)
    }

    fn account(&mut self) -> Option<AccountId> {
        self.ulid().map(AccountId::new)
    }

    fn order(&mut self) -> Option<OrderId> {
        self.ulid().map(OrderId::new)
    }

    fn customer(&mut self) -> Option<CustomerId> {
        self.ulid().map(CustomerId::new)
    }

    fn ticket(&mut self) -> Option<TicketId> {
        self.ulid().map(TicketId::new)
    }

    fn identity(&mut self) -> Option<Identity> {
        self.text()?.parse().ok()
    }

    fn number(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    fn text(&mut self) -> Option<&'a str> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let (text, rest) = self.0.split_at_checked(end)?;
        self.0 = rest.get(1..)?;
        std::str::from_utf8(text).ok()
    }

    fn server(&mut self) -> Option<ServerId> {
        self.text()?.parse().ok()
    }

    fn incarnation(&mut self) -> Option<Incarnation> {
        let mut parts = self.text()?.rsplitn(3, ':');
        let created_at = parts.next()?.parse().ok()?;
        let row = parts.next()?.parse().ok()?;
        Some(Incarnation { panel: parts.next()?.into(), row, created_at })
    }

    fn surface(&mut self) -> Option<SurfaceKey> {
        let text = self.text()?;
        match text.split_once(':') {
            None if text == SurfaceKey::Alerts.kind() => Some(SurfaceKey::Alerts),
            None if text == SurfaceKey::Stats.kind() => Some(SurfaceKey::Stats),
            None => Some(SurfaceKey::StorePanel),
            Some(("order-thread", id)) => id.parse().ok().map(SurfaceKey::OrderThread),
            Some(("review-card", id)) => id.parse().ok().map(SurfaceKey::ReviewCard),
            Some(("ticket-thread", id)) => id.parse().ok().map(SurfaceKey::TicketThread),
            Some(("ticket-card", id)) => id.parse().ok().map(SurfaceKey::TicketCard),
            Some(_) => None,
        }
    }

    fn retained(&mut self) -> Option<RetainedKind> {
        let name = self.text()?;
        [RetainedKind::Plan, RetainedKind::Server].into_iter().find(|kind| kind.name() == name)
    }

    fn notice(&mut self) -> Option<NoticeKind> {
        self.text()?.parse().ok()
    }
}

impl Key {
    /// The resident key that has these bytes within its kind's tree; `None` where there is none.
    #[must_use]
    pub fn from_bytes(kind: Kind, bytes: &[u8]) -> Option<Self> {
        let mut parts = Parts(bytes);
        let p = &mut parts;
        let key = match kind {
            Kind::StoreIdentity => Self::StoreIdentity(),
            Kind::Reservations => Self::Reservations(),
            Kind::Amnesia => Self::Amnesia(),
            Kind::ClockSeen => Self::ClockSeen(),
            Kind::Damage => Self::Damage(),
            Kind::UndatedProof => Self::UndatedProof(p.order()?),
            Kind::Order => Self::Order(p.order()?),
            Kind::Account => Self::Account(p.account()?),
            Kind::AccountStatus => Self::AccountStatus(p.account()?),
            Kind::Delivery => Self::Delivery(p.account()?),
            Kind::Run => Self::Run(p.account()?, p.number()?),
            Kind::Term => Self::Term(p.account()?, p.number()?),
            Kind::Reversal => Self::Reversal(p.account()?, p.number()?),
            Kind::Served => Self::Served(p.account()?, p.number()?),
            Kind::Overrun => Self::Overrun(p.account()?, p.number()?),
            Kind::Forgiveness => Self::Forgiveness(p.account()?, p.order()?),
            Kind::Binding => Self::Binding(p.account()?, p.server()?),
            Kind::BindingStatus => Self::BindingStatus(p.account()?, p.server()?),
            Kind::Ledger => Self::Ledger(p.account()?, p.server()?, p.incarnation()?),
            Kind::ServerStatus => Self::ServerStatus(p.server()?),
            Kind::ServerFacts => Self::ServerFacts(p.server()?),
            Kind::LastList => Self::LastList(p.server()?),
            Kind::ServerHome => Self::ServerHome(p.server()?),
            Kind::Retained => Self::Retained(p.retained()?, p.text()?.to_owned()),
            Kind::Surface => Self::Surface(p.surface()?),
            Kind::Notice => Self::Notice(p.account()?, p.number()?, p.notice()?),
            Kind::UnpaidOrder => Self::UnpaidOrder(p.customer()?),
            Kind::Customer => Self::Customer(p.customer()?),
            Kind::CustomerIdentity => Self::CustomerIdentity(p.identity()?),
            Kind::Ticket => Self::Ticket(p.ticket()?),
            Kind::Broadcast => Self::Broadcast(p.ulid().map(BroadcastId::new)?),
            Kind::InteractionOrder
            | Kind::OrderByReference
            | Kind::SourceTerm
            | Kind::PaymentReference
            | Kind::ProofOrder
            | Kind::Takings
            | Kind::Audit => return None,
        };
        // Whatever else was read there is no such key.
        (key.to_bytes() == bytes).then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resident_key_is_read_from_its_bytes_and_from_no_others() {
        let (account, order) = (AccountId::new(Ulid(7 << 90)), OrderId::new(Ulid(9 << 80)));
        let server: ServerId = "fra-1".parse().unwrap();
        let incarnation = Incarnation { panel: "https://p:1".into(), row: -3, created_at: 5 };
        let keys = [
            Key::StoreIdentity(),
            Key::Reservations(),
            Key::Amnesia(),
            Key::ClockSeen(),
            Key::Damage(),
            Key::UndatedProof(order),
            Key::Order(order),
            Key::Account(account),
            Key::AccountStatus(account),
            Key::Delivery(account),
            Key::Run(account, 1),
            Key::Term(account, 2),
            Key::Reversal(account, 3),
            Key::Served(account, 4),
            Key::Overrun(account, 5),
            Key::Forgiveness(account, order),
            Key::Binding(account, server.clone()),
            Key::BindingStatus(account, server.clone()),
            Key::Ledger(account, server.clone(), incarnation),
            Key::ServerStatus(server.clone()),
            Key::ServerFacts(server.clone()),
            Key::Broadcast(BroadcastId::new(Ulid(3 << 70))),
            Key::LastList(server.clone()),
            Key::ServerHome(server),
            Key::Retained(RetainedKind::Server, "ams-1".into()),
            Key::Surface(SurfaceKey::StorePanel),
            Key::Surface(SurfaceKey::Alerts),
            Key::Surface(SurfaceKey::Stats),
            Key::Surface(SurfaceKey::OrderThread(order)),
            Key::Surface(SurfaceKey::ReviewCard(order)),
            Key::Notice(account, 0, NoticeKind::Depleted),
            Key::Notice(account, 7, NoticeKind::NotConnected),
            Key::Notice(account, u32::MAX, NoticeKind::Reminder(u32::MAX)),
            Key::Notice(account, 1, NoticeKind::Traffic(u8::MAX)),
            Key::UnpaidOrder(CustomerId::new(Ulid(77 << 64))),
            Key::Customer(CustomerId::new(Ulid(78 << 64))),
            Key::CustomerIdentity(Identity::Discord(79)),
            Key::Ticket(TicketId::new(Ulid(80 << 64))),
            Key::Surface(SurfaceKey::TicketThread(TicketId::new(Ulid(81 << 64)))),
            Key::Surface(SurfaceKey::TicketCard(TicketId::new(Ulid(82 << 64)))),
        ];
        for kind in Kind::ALL.iter().filter(|kind| kind.resident()) {
            assert!(keys.iter().any(|key| key.kind() == *kind), "{kind:?} is not tried");
        }
        for key in keys {
            let bytes = key.to_bytes();
            assert_eq!(Key::from_bytes(key.kind(), &bytes).as_ref(), Some(&key));
            assert_eq!(Key::from_bytes(key.kind(), &[&bytes[..], &[0]].concat()), None, "{key}");
            assert_eq!(Key::from_bytes(key.kind(), &bytes[..bytes.len() - 1]), None, "{key}");
        }
    }
}
