//! What a customer has: their accounts, the orders that go on, and one account.

use super::paging::turns;
use super::{Draft, Pages, button};
use crate::model::{
    Account, AccountId, Bytes, CustomerId, Entitlement, Order, Quota, Rejection, Standing,
};
use crate::view::bar::{Bar, bar};
use crate::view::{Accent, Action, Answer, Button, ButtonStyle, Choice, Message};

/// Orders on one page, a line each.
const MAX_ORDERS: usize = 8;

impl Pages<'_> {
    /// What a customer has: their accounts and the orders that go on.
    #[must_use]
    pub fn my_accounts(&self, customer: impl Into<Option<CustomerId>>) -> Answer {
        Answer::Private(self.overview(customer.into(), 0))
    }

    /// Another page of it.
    #[must_use]
    pub fn accounts_page(&self, customer: impl Into<Option<CustomerId>>, page: u16) -> Answer {
        Answer::Replace(self.overview(customer.into(), page))
    }

    fn overview(&self, customer: Option<CustomerId>, page: u16) -> Message {
        let own = customer.into_iter().flat_map(|customer| self.snapshot.accounts_of(customer));
        let mut accounts: Vec<&Account> = own.filter(|a| a.released().is_none()).collect();
        accounts.reverse();
        let orders = self.open_orders(customer);
        match accounts.as_slice() {
            [] if orders.is_empty() => self.nothing_yet(),
            [only] if orders.len() <= MAX_ORDERS => {
                let orders = orders.into_iter().map(|order| self.order_line(order));
                let orders = orders.chain(self.delayed_line(only.id)).collect();
                self.account_page(only, orders)
            }
            _ => self.overview_page(&orders, &accounts, page),
        }
    }

    fn nothing_yet(&self) -> Message {
        let t = &self.texts;
        let lost = self.snapshot.in_amnesia();
        Draft::new(Accent::Neutral)
            .text(if lost { t.accounts_unknown() } else { t.accounts_none() })
            .buttons(vec![button(&Action::Buy, t.button_buy(), ButtonStyle::Primary)])
            .done()
    }

    /// One number turns both lists over: the longer one has the last pages alone.
    fn overview_page(&self, orders: &[&Order], accounts: &[&Account], page: u16) -> Message {
        let t = &self.texts;
        let mut orders = orders.chunks(MAX_ORDERS);
        let mut accounts = accounts.chunks(self.front.choices.max(1));
        let pages = u16::try_from(orders.len().max(accounts.len())).unwrap_or(u16::MAX);
        let page = page.min(pages.saturating_sub(1));
        let orders = orders.nth(page.into()).unwrap_or_default().iter();
        let orders = orders.map(|order| self.order_line(order)).collect();
        let accounts = accounts.nth(page.into()).unwrap_or_default();
        let draft = Draft::new(Accent::Neutral).text(t.accounts_title());
        let draft = draft.maybe(self.order_lines(orders));
        let draft = match accounts {
            [] => draft,
            some => {
                let choices = some.iter().map(|account| self.account_choice(account)).collect();
                let placeholder = t.accounts_pick_placeholder();
                draft.text(t.accounts_pick()).select(&Action::PickAccount, placeholder, choices)
            }
        };
        draft
            .maybe((pages > 1).then(|| t.page_of(page.saturating_add(1), pages)))
            .buttons(turns(t, page, pages, Action::Accounts))
            .buttons(self.own_buttons())
            .done()
    }

    fn order_lines(&self, lines: Vec<String>) -> Option<String> {
        (!lines.is_empty()).then(|| format!("{}\n{}", self.texts.orders_title(), lines.join("\n")))
    }

    fn account_choice(&self, account: &Account) -> Choice {
        let t = &self.texts;
        let label = t.accounts_button(self.account_plan(account.id), tail(account.id));
        let line = Entitlement::of(self.snapshot, account.id).map_or_else(
            || t.account_no_term(),
            |e| {
                let standing = e.standing(self.now);
                let (state, when) =
                    (self.account_state(account.id, standing), self.when(e.ends_at));
                match standing {
                    Standing::Expired => t.accounts_line_ended(when, state),
                    _ => t.accounts_line(when, state),
                }
            },
        );
        self.choice(account.id, &label, &line)
    }

    /// One of a customer's own accounts.
    #[must_use]
    pub fn my_account(&self, customer: impl Into<Option<CustomerId>>, id: AccountId) -> Answer {
        match self.own_account(customer, id) {
            Some(account) => {
                let delayed = self.delayed_line(id).into_iter().collect();
                Answer::Private(self.account_page(account, delayed))
            }
            None => Answer::Private(self.refused(Rejection::UnknownAccount)),
        }
    }

    /// The account, if it is this customer's.
    pub(super) fn own_account(
        &self,
        customer: impl Into<Option<CustomerId>>,
        id: AccountId,
    ) -> Option<&Account> {
        let customer = customer.into();
        let own = self.snapshot.account(id).filter(|a| Some(a.customer) == customer);
        own.filter(|a| a.released().is_none())
    }

    fn account_page(&self, account: &Account, orders: Vec<String>) -> Message {
        let t = &self.texts;
        let title = t.account_title(self.account_plan(account.id));
        let orders = self.order_lines(orders);
        let Some(e) = Entitlement::of(self.snapshot, account.id) else {
            let draft = Draft::new(Accent::Neutral).text(title).text(t.account_no_term());
            return draft.maybe(orders).done();
        };
        let standing = e.standing(self.now);
        let accent = match standing {
            Standing::Active if self.hindrance(account.id).is_some() => Accent::Waiting,
            Standing::Active => Accent::Good,
            Standing::Depleted | Standing::Expired => Accent::Waiting,
            Standing::Suspended => Accent::Bad,
        };
        Draft::new(accent)
            .text(title)
            .text(self.account_lines(account, &e, standing).join("\n"))
            .maybe(orders)
            .buttons(self.account_buttons(account, standing))
            .buttons(self.own_buttons())
            .done()
    }

    fn account_lines(&self, account: &Account, e: &Entitlement, standing: Standing) -> Vec<String> {
        let t = &self.texts;
        let ended = standing == Standing::Expired;
        let when = self.when_counted(e.ends_at);
        let mut lines = vec![
            t.account_state(self.account_state(account.id, standing)),
            t.account_server(self.server_name(account.id, ended)),
            if ended { t.account_ended(when) } else { t.account_ends(when) },
        ];
        // The time of a run that nobody serves yet stands still: it is given back.
        let days = bar(self.now.since(e.start).0, e.ends_at.since(e.start).0);
        if let Some(Bar { cells, .. }) = days.filter(|_| !ended && e.served) {
            lines.push(t.account_days(cells, t.about(e.ends_at.since(self.now))));
        }
        lines.push(match used_bar(e) {
            Some(Bar { cells, percent }) => t.account_used_bar(e.used.to_string(), cells, percent),
            None => t.account_used(e.used.to_string()),
        });
        lines.push(t.account_left(t.left(e.left)));
        // Of one whose payments were all taken back nothing says how many.
        lines.extend(e.standing.then(|| t.account_devices(t.devices(e.devices))));
        lines
    }

    fn account_buttons(&self, account: &Account, standing: Standing) -> Vec<Button> {
        let (t, id) = (&self.texts, account.id);
        let renew = button(&Action::Renew(id), t.button_renew(), ButtonStyle::Primary);
        let mut buttons = vec![renew];
        if self.may_change_plan(id) {
            let label = t.button_change_plan();
            buttons.push(button(&Action::ChangePlan(id), label, ButtonStyle::Secondary));
        }
        buttons.push(self.link_button(id));
        // Of one that is over there is no link that anybody could use.
        if standing != Standing::Expired {
            let label = t.button_replace_link();
            buttons.push(button(&Action::ReplaceLink(id), label, ButtonStyle::Secondary));
        }
        if self.tells_devices(account.customer, id) {
            let label = t.button_devices();
            buttons.push(button(&Action::Devices(id), label, ButtonStyle::Secondary));
        }
        let goes_on = matches!(standing, Standing::Active | Standing::Depleted);
        if goes_on && self.takes_days(account) {
            let ask = button(&Action::Redeem(id), t.button_code(), ButtonStyle::Secondary);
            buttons.push(ask);
        }
        buttons
    }

    /// What a customer reads once a code has given their account days.
    #[must_use]
    pub fn days_given(&self, id: AccountId) -> Message {
        let t = &self.texts;
        let Some(e) = Entitlement::of(self.snapshot, id) else {
            return self.refused(Rejection::UnknownAccount);
        };
        let text = t.days_given(self.account_plan(id), self.when_counted(e.ends_at));
        if e.standing(self.now) != Standing::Depleted {
            let draft = Draft::new(Accent::Good).text(text);
            return draft.buttons(vec![self.link_button(id)]).done();
        }
        let renew = button(&Action::Renew(id), t.button_renew(), ButtonStyle::Primary);
        let draft = Draft::new(Accent::Waiting).text(text).text(t.days_given_depleted());
        draft.buttons(vec![renew]).done()
    }

    /// Whether there is a code now that gives this account days.
    fn takes_days(&self, account: &Account) -> bool {
        let zone = &self.catalog.shop.time_zone;
        self.catalog.promos.iter().any(|promo| {
            promo.is_valid(self.now, zone) && promo.gives_to(self.snapshot, account).is_ok()
        })
    }

    /// What the customer reads as the state.
    pub(super) fn account_state(&self, account: AccountId, standing: Standing) -> String {
        let t = &self.texts;
        match (standing, self.hindrance(account)) {
            (Standing::Active, Some(hindrance)) => self.hindered_state(hindrance),
            (Standing::Active, None) if self.is_on_its_server(account) => t.account_state_active(),
            (Standing::Active, None) => t.account_state_preparing(),
            (Standing::Suspended, _) => t.account_state_suspended(),
            (Standing::Depleted, _) => t.account_state_depleted(),
            (Standing::Expired, _) => t.account_state_expired(),
        }
    }

    /// Whether some server was read back to hold the client.
    pub(super) fn is_ready(&self, account: AccountId) -> bool {
        crate::view::links::source(self.snapshot, self.catalog, account).is_some()
    }

    /// The name of the server that serves the account, or is about to.
    pub(super) fn server_name(&self, account: AccountId, ended: bool) -> String {
        match self.snapshot.home(account) {
            Some(b) => self
                .catalog
                .servers
                .get(&b.server)
                .map_or_else(|| b.server.to_string(), |s| self.own(&s.name).to_owned()),
            None if ended => self.texts.account_server_ended(),
            None => self.texts.account_server_none(),
        }
    }
}

/// How much of the allowance is used up; what was used beyond it counts as all of it. Without a limit there
/// is none.
fn used_bar(e: &Entitlement) -> Option<Bar> {
    match e.granted {
        Quota::Bytes(Bytes(granted)) => bar((e.used + e.over).0, granted),
        Quota::Unlimited => None,
    }
}

/// The last six characters of an id: enough to tell one's own accounts apart.
fn tail(id: AccountId) -> String {
    let text = id.to_string();
    text.get(text.len().saturating_sub(6)..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
