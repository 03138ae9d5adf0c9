//! A customer's question to the staff: the thread that it is talked about in, and the card by which staff see
//! whose it is.

use super::{Draft, Pages, button};
use crate::model::{
    Account, Bytes, CustomerId, Entitlement, Quota, Standing, SurfaceKey, Ticket, TicketClosing,
    TicketId,
};
use crate::view::format::{actor, clip};
use crate::view::{Accent, Action, Button, ButtonStyle, Message};

/// Accounts on a card, and orders.
const MOST: usize = 5;
/// Bytes of a GiB.
const GIB: u64 = 1 << 30;

/// Used in tenths of what was granted: a card is edited when what it says changes.
fn roughly(used: Bytes, granted: Quota) -> Bytes {
    let step = match granted {
        Quota::Bytes(Bytes(all)) => (all / 10).max(GIB),
        Quota::Unlimited => 10 * GIB,
    };
    Bytes(used.0 / step * step)
}

impl Pages<'_> {
    /// The name of a ticket's thread: what it is found again by.
    #[must_use]
    pub fn ticket_thread_name(ticket: TicketId) -> String {
        format!("{} · {:.10}", ticket.number(), ticket.to_string())
    }

    /// The first message of a ticket's thread.
    #[must_use]
    pub fn ticket_thread(&self, id: TicketId) -> Option<Message> {
        let ticket = self.snapshot.ticket(id)?;
        let t = &self.texts;
        let title = t.ticket_title(id.number());
        if !ticket.is_open() {
            return Some(Draft::new(Accent::Neutral).text(title).text(t.ticket_over()).done());
        }
        let draft = Draft::new(Accent::Waiting)
            .text(title)
            .text(t.ticket_hello())
            .buttons(vec![self.close_button(id)]);
        let called = self.snapshot.reached_at(ticket.customer);
        Some(called.into_iter().fold(draft, Draft::calls).done())
    }

    /// The message that tells in a ticket's thread that it is closed: an edit of the first one notifies nobody.
    #[must_use]
    pub fn ticket_over(&self, ticket: &Ticket) -> Message {
        let pages = self.for_customer(self.snapshot.reads(ticket.customer));
        Message::text(Accent::Neutral, pages.texts.ticket_over())
    }

    /// The card in the review channel.
    #[must_use]
    pub fn ticket_card(&self, id: TicketId) -> Option<Message> {
        let ticket = self.snapshot.ticket(id)?;
        let t = &self.texts;
        let mut lines = vec![
            t.review_customer(self.mention(ticket.customer), self.named(ticket.customer)),
            t.ticket_card_opened(self.when(ticket.opened_at)),
        ];
        lines.extend(self.ticket_place(id).map(|thread| t.ticket_card_thread(thread)));
        let title = t.ticket_card_title(id.number());
        let draft = |accent| Draft::new(accent).text(title).text(lines.join("\n"));
        Some(match ticket.closed.as_deref() {
            Some(TicketClosing { by, at }) => draft(Accent::Neutral)
                .rule()
                .text(t.ticket_card_closed(actor(by), self.when(*at)))
                .done(),
            None => draft(Accent::Waiting)
                .calls_roles(self.called_roles(|ping| ping.tickets))
                .maybe(ticket.waits_since.map(|since| t.ticket_card_waits(self.when(since))))
                .rule()
                .text(self.facts_of(ticket.customer))
                .buttons(vec![self.close_button(id)])
                .done(),
        })
    }

    /// A customer's newest accounts, and the orders that wait for them or for staff.
    fn facts_of(&self, customer: CustomerId) -> String {
        let t = &self.texts;
        let mut accounts: Vec<&Account> = self.snapshot.accounts_of(customer).collect();
        accounts.reverse();
        let more = accounts.len().saturating_sub(MOST);
        let accounts = accounts.into_iter().take(MOST).map(|account| self.facts_line(account));
        let mut lines: Vec<String> = accounts.collect();
        lines.extend((more > 0).then(|| t.pending_more(more)));
        if lines.is_empty() {
            lines.push(t.staff_no_account());
        }
        let orders = self.open_orders(Some(customer)).into_iter().take(MOST);
        lines.extend(orders.map(|order| self.order_line_of(order)));
        lines.join("\n")
    }

    fn facts_line(&self, account: &Account) -> String {
        let t = &self.texts;
        let (id, plan) = (account.id.to_string(), clip(&self.account_plan(account.id), 40));
        let Some(e) = Entitlement::of(self.snapshot, account.id) else {
            return t.admin_user_account(id, plan, t.admin_account_no_term());
        };
        let standing = e.standing(self.now);
        let server = match self.snapshot.home(account.id) {
            Some(home) => {
                let ails = self.ails(&home.server);
                format!("`{}` {ails}", home.server).trim_end().to_owned()
            }
            None => self.server_name(account.id, standing == Standing::Expired),
        };
        let (ends, granted) = (self.when(e.ends_at), t.left(e.granted));
        let line = t.admin_user_account(id, plan, t.standing(standing));
        t.ticket_card_account(line, ends, roughly(e.used, e.granted).to_string(), granted, server)
    }

    /// To the person who asked for one.
    #[must_use]
    pub fn ticket_opened(&self, id: TicketId) -> Message {
        let open = self.snapshot.ticket(id).is_some_and(Ticket::is_open);
        let (accent, text) = match open {
            true => (Accent::Good, self.way_to(id)),
            false => (Accent::Neutral, self.texts.ticket_closed()),
        };
        Message::text(accent, text)
    }

    /// To the person who closed it.
    #[must_use]
    pub fn ticket_closed(&self) -> Message {
        Message::text(Accent::Good, self.texts.ticket_closed())
    }

    /// Where an open ticket is talked about, or that its thread is on its way.
    pub(super) fn way_to(&self, id: TicketId) -> String {
        let t = &self.texts;
        self.ticket_place(id)
            .map_or_else(|| t.ticket_opening(), |thread| t.support_ask_there(thread))
    }

    fn ticket_place(&self, id: TicketId) -> Option<String> {
        let thread = self.snapshot.surface(SurfaceKey::TicketThread(id))?.channel?;
        Some(format!("<#{thread}>"))
    }

    pub(super) fn close_button(&self, id: TicketId) -> Button {
        let label = self.texts.button_close_ticket();
        button(&Action::CloseTicket(id), label, ButtonStyle::Secondary)
    }
}

#[cfg(test)]
mod tests;
