//! Whom of the staff a message calls.

use super::Pages;
use crate::catalog::{Called, Pings};

impl Pages<'_> {
    /// The roles that the file has called by something; none where it names no such role.
    pub(super) fn called_roles(&self, by: impl FnOnce(&Pings) -> Called) -> Vec<u64> {
        self.catalog.shop.roles.called(by(&self.catalog.shop.ping))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{OrderState, Telling, Ticket, TicketClosing};
    use crate::view::pages::tests::in_every_state;
    use crate::view::sample::*;
    use crate::view::{FrontProfile, Message};

    const NOBODY: [u64; 0] = [];

    fn calls(message: &Message) -> &[u64] {
        for role in &message.calls_roles {
            assert!(message.plain().contains(&format!("<@&{role}>")), "{}", message.plain());
        }
        assert!(!message.calls_roles.is_empty() || !message.plain().contains("<@&"));
        &message.calls_roles
    }

    #[test]
    fn a_card_calls_those_that_the_file_names_while_it_waits_and_nobody_afterwards() {
        for (whom, roles) in [
            (Called::Admin, vec![ADMIN_ROLE]),
            (Called::Support, vec![SUPPORT_ROLE]),
            (Called::Owner, vec![]),
            (Called::Nobody, vec![]),
        ] {
            let mut catalog = catalog();
            (catalog.shop.ping.review, catalog.shop.ping.tickets) = (whom, whom);
            for (state, order, now) in in_every_state() {
                let snapshot = snapshot([put(order.clone())]);
                let pages = Pages::new(&FRONT, &snapshot, &catalog, now);
                let waits = state == OrderState::AwaitingReview;
                let expected = if waits { roles.as_slice() } else { &NOBODY };
                assert_eq!(calls(&pages.review_card(order.id).unwrap()), expected, "{state:?}");
            }
            let closing = TicketClosing { by: crate::model::Actor::Controller, at: NOW };
            let closed = Ticket { closed: Some(Box::new(closing)), ..ticket(1) };
            for (ticket, expected) in [(ticket(1), roles.as_slice()), (closed, &NOBODY)] {
                let snapshot = snapshot([put(ticket)]);
                let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
                assert_eq!(calls(&pages.ticket_card(ticket_id(1)).unwrap()), expected);
                assert_eq!(calls(&pages.ticket_thread(ticket_id(1)).unwrap()), NOBODY);
            }
        }
    }

    #[test]
    fn what_is_new_of_alerts_calls_and_what_is_over_does_not() {
        let mut catalog = catalog();
        catalog.shop.roles.owner = (1..=200).map(|n| u64::MAX / 2 + n).collect();
        catalog.shop.ping.alerts = Called::Owner;
        let snapshot = crate::model::Snapshot::default();
        let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
        let name = || "ClockDoubt".to_owned();
        let telling = |new: bool| Telling {
            at: NOW,
            new: new.then(|| (name(), 0)).into_iter().collect(),
            over: (!new).then(name).into_iter().collect(),
        };
        let new = pages.alerts_news(&telling(true), &[]);
        assert_eq!(calls(&new).len(), 10, "a message has room for what it says");
        assert_eq!(FrontProfile::problems(&FRONT, &new), Vec::<String>::new());
        assert_eq!(calls(&pages.alerts_news(&telling(false), &[])), NOBODY);
        assert_eq!(calls(&pages.alerts(&[])), NOBODY, "a card that stands calls nobody");
    }
}
