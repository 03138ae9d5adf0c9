//! Another plan for an account, as a renewal that brings other devices or servers: what the account has, and
//! what it will have.

use super::Pages;
use crate::catalog::{Delivery, Plan, Server, ServerLifecycle};
use crate::model::{AccountId, Entitlement, Selector};

/// So many servers of a plan are named, or fewer.
const MOST_SERVERS: usize = 5;

impl Pages<'_> {
    /// Whether an account has a plan, and its family has others on sale: who only tried one buys by a renewal.
    pub(super) fn may_change_plan(&self, account: AccountId) -> bool {
        !self.changing(account).is_empty()
    }

    /// The plans on sale that an account can change to: those that renew it, but for its own.
    pub(super) fn changing(&self, account: AccountId) -> Vec<&Plan> {
        let Some(own) = self.last_plan(account).map(|plan| &plan.id) else { return Vec::new() };
        let mut others = self.renewing(account);
        others.retain(|plan| plan.id != *own && self.catalog.is_offered(plan));
        others
    }

    /// Whether it is another plan than the one that an account has or tried.
    pub(super) fn is_change(&self, account: AccountId, plan: &Plan) -> bool {
        let tried = || self.snapshot.account(account).and_then(|account| account.tried());
        let own = self.last_plan(account).map(|own| &own.id).or_else(tried);
        own.is_some_and(|own| *own != plan.id)
    }

    /// What an account has, and what it will have once this plan is paid for and approved now.
    pub(super) fn change_heading(
        &self,
        account: AccountId,
        plan: &Plan,
        now: &Entitlement,
    ) -> String {
        let t = &self.texts;
        let (ends, left) = now.after_term(plan.duration, plan.traffic, self.now);
        let (ends, left) = (self.when(ends), t.left(left));
        let heading = t.change_method(
            self.account_plan(account),
            self.plan_name(plan),
            t.length(plan.duration),
            t.traffic(plan.traffic),
            t.devices(plan.devices),
            self.prices(plan),
        );
        let mut lines = vec![heading];
        if now.takes_terms(self.now) {
            lines.push(t.change_ends(self.when(now.ends_at), ends));
            lines.push(t.change_left(t.left(now.left), left));
        } else {
            lines.extend([t.change_ends_anew(ends), t.change_left_anew(left)]);
        }
        // Where every term was taken back there is nothing before it.
        lines.push(match now.devices == plan.devices || !now.standing {
            true => t.change_devices_same(t.devices(plan.devices)),
            false => t.change_devices(t.devices(now.devices), t.devices(plan.devices)),
        });
        lines.push(self.change_of_server(account, &plan.servers));
        lines.extend(self.fewer_devices(plan, now));
        lines.push(t.change_how_to_pay());
        lines.join("\n")
    }

    /// A word of warning, where apps that connect now will not all do so any more.
    pub(super) fn fewer_devices(&self, plan: &Plan, now: &Entitlement) -> Option<String> {
        let t = &self.texts;
        // 0 is without limit.
        let fewer =
            now.standing && plan.devices != 0 && (now.devices == 0 || plan.devices < now.devices);
        fewer.then(|| t.change_fewer_devices(t.devices(plan.devices)))
    }

    /// The server that will serve it, and what becomes of the link.
    fn change_of_server(&self, account: AccountId, selector: &Selector) -> String {
        let t = &self.texts;
        let kept = self.catalog.kept_server(self.snapshot, account);
        let kept = kept.and_then(|id| self.catalog.servers.get(id));
        let same_link = self.catalog.shop.subscription.is_some();
        let link = |stays: bool| match stays || same_link {
            true => t.change_link_stays(),
            false if self.catalog.shop.orders.deliver == Delivery::Button => {
                t.change_link_new_button()
            }
            false => t.change_link_new(),
        };
        match kept {
            Some(server) if self.catalog.is_left(&server.id) => {
                let (own, servers) = (self.own(&server.name).to_owned(), self.servers_of(selector));
                let line = t.change_server_left(own, servers);
                format!("{line}\n{}", link(false))
            }
            Some(server) => {
                let own = self.own(&server.name).to_owned();
                let line = match selector.matches(&server.id, &server.labels) {
                    true => t.change_server_stays(own),
                    false => t.change_server_outside(own, self.servers_of(selector)),
                };
                format!("{line}\n{}", link(true))
            }
            None => {
                let line = t.change_server_chosen(self.servers_of(selector));
                format!("{line}\n{}", link(false))
            }
        }
    }

    /// The servers that a plan is sold for and that take accounts.
    fn servers_of(&self, selector: &Selector) -> String {
        let takes = |s: &&Server| {
            s.lifecycle == ServerLifecycle::Active && selector.matches(&s.id, &s.labels)
        };
        let mut names = self.catalog.servers.values().filter(takes).map(|s| self.own(&s.name));
        let shown: Vec<&str> = names.by_ref().take(MOST_SERVERS).collect();
        match (shown.as_slice(), names.next()) {
            ([], _) => self.texts.change_no_server(),
            (_, None) => shown.join(" · "),
            (_, Some(_)) => shown.join(" · ") + " · …",
        }
    }
}
