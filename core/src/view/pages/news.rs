//! What a message of its own tells in an order's thread: an edit of the first one notifies nobody.

use super::order::accent;
use super::{Draft, Pages};
use crate::model::{Actor, DeliveryState, Order, OrderId, OrderNews, OrderState, Target, UnixMs};
use crate::view::Message;

impl Pages<'_> {
    /// What of an order its customer is to be told, and since when it is so; nothing of an order that they
    /// gave up themselves.
    #[must_use]
    pub fn order_news(&self, id: OrderId) -> Option<(OrderNews, UnixMs)> {
        let order = self.snapshot.order(id)?;
        let decided = || order.decision.as_ref().map(|d| d.at);
        Some(match order.state(self.now) {
            OrderState::AwaitingPayment => return None,
            OrderState::AwaitingReview => {
                let reopened = order.reopened.as_ref().map(|r| r.at);
                (OrderNews::InReview, order.first_proof().max(reopened)?)
            }
            OrderState::Approved => match self.undelivered_since(order) {
                Some(at) => (OrderNews::Undelivered, at),
                None => (OrderNews::Approved, decided()?),
            },
            OrderState::Declined => (OrderNews::Declined, decided()?),
            OrderState::Expired => (OrderNews::Expired, order.pay_by),
            OrderState::Cancelled => {
                let cancelled = order.cancelled.as_ref()?;
                let by_themselves = match cancelled.by {
                    Actor::Person(who) => self.snapshot.customer_of(who) == Some(order.customer),
                    Actor::Customer(who) => who == order.customer,
                    Actor::Cli(_) | Actor::Controller => false,
                };
                if by_themselves {
                    return None;
                }
                (OrderNews::Cancelled, cancelled.at)
            }
            OrderState::Reversed => (OrderNews::Reversed, order.reversed.as_ref()?.at),
        })
    }

    fn undelivered_since(&self, order: &Order) -> Option<UnixMs> {
        // Of a renewal the link is not news.
        let account = order.approved_account().filter(|_| order.target == Target::New)?;
        let delivery = self.snapshot.delivery(account)?;
        matches!(delivery.state, DeliveryState::Undelivered(_)).then_some(delivery.at)
    }

    /// The message that tells it, in the customer's language.
    #[must_use]
    pub fn order_news_message(&self, id: OrderId, news: OrderNews) -> Option<Message> {
        let order = self.snapshot.order(id)?;
        let pages = self.for_customer(self.snapshot.reads(order.customer));
        let draft = Draft::new(accent(order.state(self.now)));
        let draft = match news {
            OrderNews::Undelivered => draft.maybe(pages.undelivered(order)),
            OrderNews::Approved => draft.text(pages.order_text(order)).maybe(pages.waits(order)),
            _ => draft.text(pages.order_text(order)),
        };
        let has_link = matches!(news, OrderNews::Approved | OrderNews::Undelivered);
        let account = order.approved_account().filter(|_| has_link);
        let buttons = account.map(|account| pages.link_button(account)).into_iter().collect();
        let draft = match self.snapshot.reached_at(order.customer) {
            Some(there) => draft.calls(there),
            None => draft,
        };
        Some(draft.buttons(buttons).done())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::{Decision, Delivery, Verdict};
    use crate::view::sample::{
        FRONT, NOW, account_id, catalog, order, order_id, put, served_account, snapshot,
    };

    #[test]
    fn an_approved_renewal_is_told_in_words_though_its_link_could_not_be_sent() {
        let catalog = catalog();
        let id = account_id(1);
        let verdict = Verdict::Approved { reference: None, account: id };
        let mut renewal = order(7, Target::Renew(id), "vodafone-cash");
        renewal.decision = Some(Decision { by: Actor::Cli("op".into()), at: NOW, verdict });
        let closed = DeliveryState::Undelivered("dm_closed".into());
        let delivery = Delivery::after(None, id, "f".into(), closed, NOW);
        let snapshot = snapshot([served_account(1, true), put(delivery), put(renewal.clone())]);
        let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
        assert_eq!(pages.order_news(renewal.id), Some((OrderNews::Approved, NOW)));
        let told = pages.order_news_message(renewal.id, OrderNews::Approved).unwrap().plain();
        assert!(told.contains("have been added"), "{told}");
        // Of the order that brought the account its link, that is the news.
        let first = order_id(1_001);
        assert_eq!(pages.order_news(first), Some((OrderNews::Undelivered, NOW)));
        let told = pages.order_news_message(first, OrderNews::Undelivered).unwrap().plain();
        assert!(told.contains("could not send"), "{told}");
    }
}
