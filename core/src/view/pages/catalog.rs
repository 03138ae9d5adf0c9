//! What staff read of plans and servers. They are shown, not edited: a page says where they are written.

use super::paging::{page_of, turns};
use super::{Draft, Pages};
use crate::catalog::{DesiredFile, Plan, PlanLifecycle, Server, ServerLifecycle};
use crate::model::{Rejection, ServerId};
use crate::view::format::{clip, harmless};
use crate::view::{Accent, Action, Message};

/// Lines of a list on one page.
const LINES: usize = 12;
/// Servers that a plan's page names.
const SERVERS: usize = 15;

impl Pages<'_> {
    /// A page of the plans in the order of the file.
    #[must_use]
    pub fn admin_plans(&self, page: u16) -> Message {
        let t = &self.texts;
        let all: Vec<&Plan> = self.catalog.plans.iter().collect();
        let title = t.admin_plans_title(all.len());
        let (shown, page, pages) = page_of(all, page, LINES);
        let lines = shown.into_iter().map(|plan| {
            let id = plan.id.to_string();
            let name = clip(&self.plan_name(plan), 40);
            let sold = self.snapshot.terms_sold_as(&plan.id);
            t.admin_plan_line(id, name, clip(&self.prices(plan), 60), of_plan(plan.lifecycle), sold)
        });
        self.list(title, lines.collect(), (page, pages), Action::AdminPlans)
    }

    /// A plan: what it is, how many were sold, where it is served, and where it is written.
    #[must_use]
    pub fn admin_plan(&self, typed: &str) -> Message {
        let t = &self.texts;
        let Some(plan) = self.catalog.plans.iter().find(|plan| plan.id.as_str() == typed) else {
            return Message::text(Accent::Bad, t.admin_plan_unknown());
        };
        let facts = t.pick_plan_line(
            self.prices(plan),
            t.length(plan.duration),
            t.traffic(plan.traffic),
            t.devices(plan.devices),
        );
        let more = t.admin_plan_more(
            plan.family.to_string(),
            of_plan(plan.lifecycle),
            self.snapshot.terms_sold_as(&plan.id),
        );
        let meant =
            self.catalog.servers.values().filter(|s| plan.servers.matches(&s.id, &s.labels));
        let servers: Vec<String> =
            meant.take(SERVERS).map(|server| self.places_of(server)).collect();
        let servers = match servers.is_empty() {
            true => t.admin_plan_no_server(),
            false => t.admin_plan_servers(servers.join(" · ")),
        };
        let removed = self.catalog.retained_plans.contains(&plan.id);
        let line = self.catalog.written.plans.get(&plan.id).copied();
        Draft::new(Accent::Neutral)
            .text(t.admin_plan_title(plan.id.to_string(), clip(&self.plan_name(plan), 80)))
            .text([facts, more, servers].join("\n"))
            .text(self.written(DesiredFile::Plans, line, removed))
            .done()
    }

    /// A page of the servers by id.
    #[must_use]
    pub fn admin_servers(&self, page: u16) -> Message {
        let t = &self.texts;
        let all: Vec<&Server> = self.catalog.servers.values().collect();
        let title = t.admin_servers_title(all.len());
        let (shown, page, pages) = page_of(all, page, LINES);
        let lines = shown.into_iter().map(|server| {
            let name = clip(self.own(&server.name), 40);
            t.admin_server_line(
                self.places_of(server),
                name,
                of_server(server),
                self.ails(&server.id),
            )
        });
        self.list(title, lines.collect(), (page, pages), Action::AdminServers)
    }

    /// A server: its places, what is true of it as seen last, and where it is written.
    #[must_use]
    pub fn admin_server(&self, typed: &str) -> Message {
        let t = &self.texts;
        let found = self.catalog.servers.values().find(|server| server.id.as_str() == typed);
        let Some(server) = found else {
            return self.refused_staff(Rejection::UnknownServer);
        };
        let status = self.snapshot.server_status(&server.id);
        let mut lines = vec![t.admin_server_facts(
            server.host.clone(),
            self.places_of(server),
            of_server(server),
        )];
        let listed = self.snapshot.last_list(&server.id);
        lines
            .push(listed.map_or_else(|| t.seen_never(), |at| t.admin_server_listed(self.when(at))));
        let conditions: Vec<String> = status
            .into_iter()
            .flat_map(|status| &status.conditions)
            .map(|c| {
                let reason = harmless(&c.reason, 200);
                t.admin_account_condition(c.kind.name(), self.when(c.since), reason)
            })
            .collect();
        let conditions = match conditions.is_empty() {
            true => t.admin_account_no_condition(),
            false => clip(&conditions.join("\n"), 1_800),
        };
        let removed = self.catalog.retained_servers.contains(&server.id);
        let line = self.catalog.written.servers.get(&server.id).copied();
        Draft::new(Accent::Neutral)
            .text(t.admin_server_title(server.id.to_string(), clip(self.own(&server.name), 80)))
            .text(lines.join("\n"))
            .rule()
            .text(conditions)
            .text(self.written(DesiredFile::Servers, line, removed))
            .done()
    }

    fn list(
        &self,
        title: String,
        lines: Vec<String>,
        (page, pages): (u16, u16),
        to: impl Fn(u16) -> Action,
    ) -> Message {
        let t = &self.texts;
        Draft::new(Accent::Neutral)
            .text(title)
            .maybe((!lines.is_empty()).then(|| lines.join("\n")))
            .maybe((pages > 1).then(|| t.page_of(page + 1, pages)))
            .buttons(turns(t, page, pages, to))
            .done()
    }

    /// `fra-1` and how many of its places are taken.
    fn places_of(&self, server: &Server) -> String {
        let bound = self.snapshot.bound_count(&server.id);
        self.texts.admin_places(server.id.to_string(), bound, server.capacity)
    }

    /// What ails a server, by the names of its conditions.
    pub(super) fn ails(&self, server: &ServerId) -> String {
        let Some(status) = self.snapshot.server_status(server) else {
            return self.texts.seen_never();
        };
        let names: Vec<&str> = status.conditions.iter().map(|c| c.kind.name()).collect();
        clip(&names.join(", "), 80)
    }

    /// Where it is written, and that it is changed there.
    fn written(&self, file: DesiredFile, line: Option<usize>, removed: bool) -> String {
        let (t, file) = (&self.texts, file.name());
        match line {
            _ if removed => t.admin_removed(file),
            Some(line) => t.admin_written(format!("{file}:{line}")),
            None => t.admin_written(file),
        }
    }
}

/// As the file says it.
const fn of_plan(lifecycle: PlanLifecycle) -> &'static str {
    match lifecycle {
        PlanLifecycle::Active => "active",
        PlanLifecycle::Hidden => "hidden",
        PlanLifecycle::Retired => "retired",
    }
}

/// As the file says it.
const fn of_server(server: &Server) -> &'static str {
    match server.lifecycle {
        ServerLifecycle::Active => "active",
        ServerLifecycle::Cordoned => "cordoned",
        ServerLifecycle::Draining => "draining",
        ServerLifecycle::Lost => "lost",
        ServerLifecycle::Retired => "retired",
    }
}
