//! The devices of an account: how many it may have at once, and from where it was connected lately.

use super::{Draft, Pages, button};
use crate::model::{AccountId, CustomerId, Entitlement, Rejection, Standing};
use crate::view::{Accent, Action, ButtonStyle, ConnectedFrom, Message};

/// Addresses of one server on the page.
const MOST: usize = 20;

impl Pages<'_> {
    /// Whether somebody who asks for an account's devices is told them: it is theirs, and not over.
    #[must_use]
    pub fn tells_devices(&self, customer: impl Into<Option<CustomerId>>, id: AccountId) -> bool {
        let current = || Entitlement::of(self.snapshot, id);
        self.own_account(customer, id).is_some()
            && current().is_some_and(|current| current.standing(self.now) != Standing::Expired)
    }

    /// From where one's own account was connected, as its servers said it.
    #[must_use]
    pub fn devices(
        &self,
        customer: impl Into<Option<CustomerId>>,
        id: AccountId,
        told: &[ConnectedFrom],
    ) -> Message {
        let t = &self.texts;
        let allowed = Entitlement::of(self.snapshot, id).map(|current| current.devices);
        let Some(allowed) = allowed.filter(|_| self.tells_devices(customer, id)) else {
            return self.refused(Rejection::UnknownAccount);
        };
        let mut draft = Draft::new(Accent::Neutral)
            .text(t.devices_heading(self.account_plan(id)))
            .text(t.devices_allowed(t.devices(allowed)));
        for server in told {
            draft = draft.text(self.connected_from(server));
        }
        let knows =
            told.iter().any(|server| server.addresses.as_ref().is_some_and(|a| !a.is_empty()));
        let replace =
            button(&Action::ReplaceLink(id), t.button_replace_link(), ButtonStyle::Secondary);
        if knows {
            draft = draft.text(t.devices_unknown_one()).buttons(vec![replace]);
        }
        draft.done()
    }

    fn connected_from(&self, told: &ConnectedFrom) -> String {
        let t = &self.texts;
        let name = self.catalog.servers.get(&told.server).map(|server| self.own(&server.name));
        let name = name.map_or_else(|| told.server.to_string(), str::to_owned);
        let Some(addresses) = &told.addresses else { return t.devices_no_answer(name) };
        if addresses.is_empty() {
            return t.devices_nobody(name);
        }
        let mut lines = vec![t.devices_on(name)];
        lines.extend(addresses.iter().take(MOST).map(|address| format!("- `{address}`")));
        let more = addresses.len().saturating_sub(MOST);
        lines.extend((more > 0).then(|| t.devices_more(more)));
        lines.join("\n")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::{DAY_MS, DurationMs, Reversal};
    use crate::view::sample::*;
    use std::net::IpAddr;

    fn told(server: &str, addresses: Option<u8>) -> ConnectedFrom {
        let address = |n: u8| IpAddr::from([192, 0, 2, n]);
        let addresses = addresses.map(|count| (1..=count).map(address).collect());
        ConnectedFrom { server: server.parse().unwrap(), addresses }
    }

    #[test]
    fn what_each_server_says_is_shown_and_no_more_lines_than_a_message_holds() {
        let (catalog, snapshot) = (catalog(), snapshot([served_account(1, true)]));
        let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
        let text = |told: &[ConnectedFrom]| pages.devices(ALICE, account_id(1), told).plain();
        let of_both = text(&[told("fra-1", Some(2)), told("ams-1", None)]);
        assert!(of_both.contains("192.0.2.1") && of_both.contains("192.0.2.2"), "{of_both}");
        assert!(of_both.contains("does not answer"), "{of_both}");
        assert!(text(&[told("fra-1", Some(0))]).contains("nobody"), "an empty list");
        let many = text(&[told("fra-1", Some(26))]);
        assert!(many.contains("192.0.2.20") && !many.contains("192.0.2.21"), "{many}");
        assert!(many.contains("6 more"), "{many}");
    }

    #[test]
    fn nobody_is_told_of_an_account_that_is_not_theirs_or_is_over() {
        let (catalog, sold) = (catalog(), snapshot([served_account(1, true)]));
        let pages = Pages::new(&FRONT, &sold, &catalog, NOW);
        let refused = pages.refused(Rejection::UnknownAccount);
        let told = [told("fra-1", Some(2))];
        for (who, account) in
            [(None, account_id(1)), (Some(OMAR), account_id(1)), (Some(ALICE), account_id(9))]
        {
            assert_eq!(pages.devices(who, account, &told), refused);
            assert!(!pages.tells_devices(who, account));
        }
        let (at, reason) = (NOW, "charge back".to_owned());
        let reversal = Reversal { account: account_id(1), term: 0, at, reason };
        let taken_back = snapshot([served_account(1, true), put(reversal)]);
        let back = Pages::new(&FRONT, &taken_back, &catalog, NOW);
        assert!(!back.tells_devices(ALICE, account_id(1)));
        let shown = back.my_account(ALICE, account_id(1)).plain();
        assert!(!shown.contains("any number of devices"), "{shown}");
        let later = NOW + DurationMs(40 * DAY_MS);
        let over = Pages::new(&FRONT, &sold, &catalog, later);
        assert!(!over.tells_devices(ALICE, account_id(1)));
    }
}
