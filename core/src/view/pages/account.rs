//! My accounts, and one of them.

use super::paging::{page_of, turns};
use super::{Draft, Pages, button};
use crate::model::{Account, AccountId, CustomerId, Entitlement, Rejection, Standing};
use crate::view::{Accent, Action, Answer, Button, ButtonStyle, Message};

/// Four rows of five.
const MAX_LISTED: usize = 20;

impl Pages<'_> {
    /// A customer's accounts: a list, or the one there is.
    #[must_use]
    pub fn my_accounts(&self, customer: impl Into<Option<CustomerId>>) -> Answer {
        Answer::Private(self.account_list(customer.into(), 0))
    }

    /// Another page of a customer's accounts.
    #[must_use]
    pub fn accounts_page(&self, customer: impl Into<Option<CustomerId>>, page: u16) -> Answer {
        Answer::Replace(self.account_list(customer.into(), page))
    }

    fn account_list(&self, customer: Option<CustomerId>, page: u16) -> Message {
        let t = &self.texts;
        let own = customer.into_iter().flat_map(|customer| self.snapshot.accounts_of(customer));
        let mut accounts: Vec<&Account> = own.filter(|a| a.released().is_none()).collect();
        accounts.reverse();
        match accounts.as_slice() {
            [] => Draft::new(Accent::Neutral)
                .text(if self.snapshot.in_amnesia() {
                    t.accounts_unknown()
                } else {
                    t.accounts_none()
                })
                .buttons(vec![button(&Action::Buy, t.button_buy(), ButtonStyle::Primary)])
                .done(),
            [only] => self.account_page(only),
            _ => self.account_buttons(accounts, page),
        }
    }

    fn account_buttons(&self, accounts: Vec<&Account>, page: u16) -> Message {
        let t = &self.texts;
        let (accounts, page, pages) = page_of(accounts, page, MAX_LISTED);
        let buttons: Vec<Button> = accounts
            .iter()
            .map(|a| {
                let label = t.accounts_button(self.account_plan(a.id), tail(a.id));
                button(&Action::MyAccount(a.id), label, ButtonStyle::Secondary)
            })
            .collect();
        let mut draft =
            Draft::new(Accent::Neutral).text(t.accounts_title()).text(t.accounts_pick());
        for row in buttons.chunks(5) {
            draft = draft.buttons(row.to_vec());
        }
        draft
            .maybe((pages > 1).then(|| t.page_of(page + 1, pages)))
            .buttons(turns(t, page, pages, Action::Accounts))
            .done()
    }

    /// One of a customer's own accounts.
    #[must_use]
    pub fn my_account(&self, customer: impl Into<Option<CustomerId>>, id: AccountId) -> Answer {
        match self.own_account(customer, id) {
            Some(account) => Answer::Private(self.account_page(account)),
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

    fn account_page(&self, account: &Account) -> Message {
        let t = &self.texts;
        let title = t.account_title(self.account_plan(account.id));
        let Some(e) = Entitlement::of(self.snapshot, account.id) else {
            return Draft::new(Accent::Neutral).text(title).text(t.account_no_term()).done();
        };
        let standing = e.standing(self.now);
        let ended = standing == Standing::Expired;
        let lines = [
            t.account_state(self.account_state(account.id, standing)),
            t.account_server(self.server_name(account.id, ended)),
            if ended {
                t.account_ended(self.when(e.ends_at))
            } else {
                t.account_ends(self.when(e.ends_at))
            },
            t.account_used(e.used.to_string()),
            t.account_left(t.left(e.left)),
            t.account_devices(t.devices(e.devices)),
        ];
        let accent = match standing {
            Standing::Active if self.hindrance(account.id).is_some() => Accent::Waiting,
            Standing::Active => Accent::Good,
            Standing::Depleted | Standing::Expired => Accent::Waiting,
            Standing::Suspended => Accent::Bad,
        };
        let renew = button(&Action::Renew(account.id), t.button_renew(), ButtonStyle::Primary);
        Draft::new(accent)
            .text(title)
            .text(lines.join("\n"))
            .buttons(vec![renew, self.link_button(account.id)])
            .done()
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

/// The last six characters of an id: enough to tell one's own accounts apart.
fn tail(id: AccountId) -> String {
    let text = id.to_string();
    text.get(text.len().saturating_sub(6)..).unwrap_or_default().to_owned()
}
