//! Why an account is not as it should be: everything that stands in its way, in sentences, each with what
//! would help.

use super::super::sources::Admin;
use super::asked::{Answer, Refused};
use super::{find, why};
use crate::catalog::{Catalog, Places, ServerLifecycle};
use crate::controller::ServerStats;
use crate::model::{
    Account, AccountId, Binding, ConditionKind, DeliveryState, Disposition, Entitlement, Selector,
    ServerId, Snapshot, Standing, UnixMs,
};
use crate::planner::Waiting;
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One thing that stands in the way.
#[derive(Debug, Serialize)]
struct Obstacle {
    /// The server where it does; nothing of the account as a whole.
    server: Option<ServerId>,
    /// A word for tools, as conditions and reports have it.
    code: String,
    /// A sentence.
    why: String,
    /// What a person can do; where there is nothing it ends by itself, or nothing is wrong.
    helps: Option<String>,
    /// Since when, where that is known.
    since_ms: Option<u64>,
}

/// What is asked about: an account, with everything that says why.
struct Case<'a> {
    snapshot: &'a Snapshot,
    catalog: &'a Catalog,
    stats: &'a BTreeMap<ServerId, ServerStats>,
    account: &'a Account,
    sold: Option<&'a Entitlement>,
    now: UnixMs,
    found: Vec<Obstacle>,
}

pub(super) async fn answer(State(admin): State<Admin>, Path(id): Path<String>) -> Answer {
    let (snapshot, catalog) = (admin.store.snapshot(), (admin.in_force)());
    let id = find::account(&admin, &snapshot, &id).await?;
    let (stats, now) = (admin.stats.servers(), admin.time.reading().now);
    let page = page(&snapshot, &catalog, &stats, id, now);
    page.map(Json).ok_or_else(|| Refused::unknown(format!("there is no account {id}")))
}

/// An account with everything that stands in its way; `None` when there is no such account.
pub(super) fn page(
    snapshot: &Snapshot,
    catalog: &Catalog,
    stats: &BTreeMap<ServerId, ServerStats>,
    id: AccountId,
    now: UnixMs,
) -> Option<Value> {
    let account = snapshot.account(id)?;
    let sold = Entitlement::of(snapshot, id);
    let sold = sold.as_ref();
    let mut case = Case { snapshot, catalog, stats, account, sold, now, found: Vec::new() };
    case.look();
    let bindings = snapshot.bindings(id);
    let conditions = snapshot.account_status(id).map(|s| s.conditions.as_slice());
    Some(json!({
        "id": id,
        "customer": account.customer,
        "identity": snapshot.reached_at(account.customer),
        "customer_name": snapshot.name_of(account.customer),
        "family": account.family,
        "standing": sold.map(|e| format!("{:?}", e.standing(now))),
        "ends_at_ms": sold.map(|e| e.ends_at.0),
        "conditions": super::accounts::conditions(conditions, now),
        "bindings": bindings
            .map(|b| json!({ "server": b.server, "disposition": b.disposition }))
            .collect::<Vec<_>>(),
        "obstacles": case.found,
    }))
}

impl Case<'_> {
    fn say(&mut self, code: &str, why: impl Into<String>, helps: Option<&str>) {
        self.at(None, code, why, helps, None);
    }

    fn at(
        &mut self,
        server: Option<&ServerId>,
        code: &str,
        why: impl Into<String>,
        helps: Option<&str>,
        since: Option<UnixMs>,
    ) {
        self.found.push(Obstacle {
            server: server.cloned(),
            code: code.to_owned(),
            why: why.into(),
            helps: helps.map(str::to_owned),
            since_ms: since.map(|at| at.0),
        });
    }

    fn look(&mut self) {
        let id = self.account.id;
        if self.snapshot.in_amnesia() {
            let why = why::of(Waiting::Amnesia);
            self.say("amnesia", why.why, why.helps);
        }
        self.standing();
        let bindings: Vec<&Binding> = self.snapshot.bindings(id).collect();
        let lives = self.sold.is_some_and(|e| e.standing(self.now) != Standing::Expired);
        let tombstone = |b: &&Binding| matches!(b.disposition, Disposition::Tombstoned { .. });
        if bindings.iter().all(tombstone) && lives {
            self.without_a_server(id);
        }
        for binding in bindings {
            self.binding(id, binding);
        }
        self.delivery(id);
    }

    fn standing(&mut self) {
        let Some(sold) = self.sold else {
            let helps = "give it one with `nebulalinks grant`, or let its customer order";
            self.say("no_term", "It never had a term: nothing was sold to it.", Some(helps));
            return;
        };
        let renew = Some("a renewal switches it on again, and so does `nebulalinks grant`");
        let since = Some(sold.ends_at);
        match sold.standing(self.now) {
            Standing::Active => {}
            Standing::Suspended => {
                let of = self.account.suspension.as_ref();
                let why = of.map_or_else(String::new, |s| format!(": {}", s.reason));
                let since = of.map(|s| s.since);
                let helps = Some("`nebulalinks resume` switches it on again");
                self.at(None, "Suspended", format!("Staff switched it off{why}."), helps, since);
            }
            Standing::Depleted => {
                let why = format!(
                    "Nothing of its allowance is left: {} of {} are used.",
                    sold.used, sold.granted
                );
                self.say("Depleted", why, renew);
            }
            Standing::Expired if self.account.released().is_some() => {
                let of = self.account.released();
                let why = of.map_or_else(String::new, |r| {
                    let waits = match self.snapshot.binding(self.account.id, &r.server) {
                        Some(_) => {
                            "; its client keeps the shop's name until its panel was looked at"
                        }
                        None => "",
                    };
                    format!(" on {}: {}{waits}", r.server, r.reason)
                });
                let helps = Some("`nebulalinks adopt` takes it in again");
                let since = of.map(|released| released.at);
                self.at(None, "Released", format!("It was given back{why}."), helps, since);
            }
            Standing::Expired if !sold.standing => {
                self.say("Expired", "All its terms were taken back.", renew);
            }
            Standing::Expired => self.at(None, "Expired", "Its end is reached.", renew, since),
        }
    }

    fn without_a_server(&mut self, id: AccountId) {
        let Some(selector) = self.sold.map(|e| &e.selector) else { return };
        let places = Places::before(self.snapshot, self.catalog, id, self.now);
        let meant: Vec<String> = self
            .catalog
            .servers
            .values()
            .filter(|server| selector.matches(&server.id, &server.labels))
            .map(|server| {
                let bound = self.snapshot.bound_count(&server.id);
                let why = if self.catalog.retained_servers.contains(&server.id) {
                    "is in no file any more".to_owned()
                } else if server.lifecycle != ServerLifecycle::Active {
                    let word = serde_json::to_value(server.lifecycle).unwrap_or_default();
                    format!("is {}", word.as_str().unwrap_or("not active"))
                } else if bound >= server.capacity as usize {
                    format!("is full ({bound} of {})", server.capacity)
                } else if !places.take_one_more(&Selector::Ids([server.id.clone()].into())) {
                    "has no place that is not promised to somebody".to_owned()
                } else {
                    format!("has {} free places", server.capacity as usize - bound)
                };
                format!("{} {why}", server.id)
            })
            .collect();
        let may = match &**selector {
            Selector::Any => "any server".to_owned(),
            Selector::Ids(ids) => {
                ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
            }
            Selector::Labels(labels) => {
                let each: Vec<String> = labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
                format!("servers with {}", each.join(", "))
            }
        };
        let line = self.snapshot.claim_of(id, self.now).map_or("", |(_, promised)| {
            if promised { " A place is promised to it." } else { " It waits in line for a place." }
        });
        let servers =
            if meant.is_empty() { "no file names one".to_owned() } else { meant.join(", ") };
        let why = format!("No server serves it. It may be on {may}: {servers}.{line}");
        let helps = "raise a capacity, make a server active, or add one, in servers.yaml";
        self.say("no_server", why, Some(helps));
    }

    fn binding(&mut self, id: AccountId, binding: &Binding) {
        let server = &binding.server;
        match binding.disposition {
            Disposition::Serving => self.lifecycle(server),
            Disposition::Leaving => {
                let why = "It leaves this server, and is served here for a day, and until the new one is ready.";
                self.at(Some(server), "leaving", why, None, None);
            }
            Disposition::Tombstoned { since } => {
                let why = why::of(Waiting::Tombstone);
                self.at(Some(server), "tombstone", why.why, why.helps, Some(since));
            }
        }
        if !self.catalog.servers.contains_key(server) {
            let helps = Some("put it back into servers.yaml, or retire it there");
            self.at(Some(server), "no_file", "This server is in no file any more.", helps, None);
        }
        self.server(server);
        self.client(id, server);
        let waits = self.stats.get(server).map(|seen| seen.report.of(id).collect::<Vec<_>>());
        for waiting in waits.iter().flatten().filter(|w| **w != Waiting::Tombstone) {
            let why = why::of(*waiting);
            self.at(Some(server), waiting.name(), why.why, why.helps, None);
        }
        if waits.is_none() && self.catalog.served(server).is_some() {
            let why = "No pass over this server has ended since the service was started.";
            self.at(Some(server), "no_pass", why, None, None);
        }
    }

    /// It is served where nobody is to stay.
    fn lifecycle(&mut self, server: &ServerId) {
        let lifecycle = self.catalog.servers.get(server).map(|server| server.lifecycle);
        let (code, why) = match lifecycle {
            Some(ServerLifecycle::Draining) => (
                "draining",
                "servers.yaml says `lifecycle: draining`: it moves as soon as another server that \
                 its plan allows has room and its turn has come, and is served here until then.",
            ),
            Some(ServerLifecycle::Lost) => (
                "lost",
                "servers.yaml says `lifecycle: lost`: it moves as soon as another server that its \
                 plan allows has room.",
            ),
            Some(ServerLifecycle::Retired) => {
                let why = "servers.yaml says `lifecycle: retired`: nobody is served, counted or cut \
                           off there any more.";
                let helps = Some("set it to draining until nobody is left, and retire it then");
                return self.at(Some(server), "retired", why, helps, None);
            }
            _ => return,
        };
        let helps = Some("`nebulalinks describe server` says how many have no room elsewhere");
        self.at(Some(server), code, why, helps, None);
    }

    /// What is wrong with all of a server.
    fn server(&mut self, server: &ServerId) {
        let Some(status) = self.snapshot.server_status(server) else { return };
        if let Some(outage) = status.outage {
            let why = format!("Nobody can use what they have there: {}.", outage.of_an_account());
            self.at(Some(server), outage.name(), why, Some(outage.advice()), None);
        }
        if status.lacks_keys() {
            let stalled = status.conditions.iter().find(|c| c.kind == ConditionKind::Stalled);
            let (reason, since) = stalled.map_or(("", None), |c| (&*c.reason, Some(c.since)));
            let why = format!("Nothing can be written to the server ({reason}).");
            let helps = Some(
                "put its key file in its place: it is tried again every half minute, without a \
                 restart; `nebulalinks check --keys-dir` looks at all of them",
            );
            self.at(Some(server), "no_keys", &why, helps, since);
        }
        let silent = status.conditions.iter().find(|c| c.kind == ConditionKind::Unreachable);
        if let Some(silent) = silent {
            let why = format!(
                "The server does not answer ({}). Who is connected stays so; what is to change waits.",
                silent.reason
            );
            let helps =
                Some("`nebulalinks describe server` has the code; docs/OPERATIONS.md explains it");
            self.at(Some(server), "Unreachable", why, helps, Some(silent.since));
        }
    }

    /// What is wrong with its client alone.
    fn client(&mut self, id: AccountId, server: &ServerId) {
        let on = self.sold.is_some_and(|e| e.standing(self.now) == Standing::Active);
        let Some(client) = self.snapshot.binding_status(id, server) else {
            let leaves = self.snapshot.binding(id, server);
            let is_left = leaves.is_some_and(|b| b.disposition != Disposition::Serving);
            if on && !is_left {
                let why = "It was never seen there: it is on its way to the panel.";
                self.at(Some(server), "Reconciling", why, None, None);
            }
            return;
        };
        if let Some(problem) = &client.problem {
            let why = format!("The panel refuses it: {problem}.");
            let helps = Some("look at this client in the panel");
            self.at(Some(server), "Stalled", why, helps, None);
        }
        if let Some(since) = client.missing_since.filter(|_| on) {
            let why = "Full lists lack its client since then.";
            self.at(Some(server), "missing", why, None, Some(since));
        }
        if let Some(since) = client.unseen_since.filter(|_| on) {
            let why =
                "Lists do not show it since then, and prove nothing: an inbound cannot be read.";
            let helps = Some("open that inbound in the panel and save it");
            self.at(Some(server), "unseen", why, helps, Some(since));
        }
        if let Some(sending) = &client.sending {
            let why = format!(
                "A write ({}) is on its way, and its outcome is not known yet.",
                sending.verb
            );
            self.at(Some(server), "sending", why, None, None);
        }
    }

    fn delivery(&mut self, id: AccountId) {
        let Some(delivery) = self.snapshot.delivery(id) else { return };
        if let DeliveryState::Undelivered(code) = &delivery.state {
            let why = format!("Its customer was not reached ({code}): the link was not sent.");
            let helps = Some(
                "the button in the order's thread shows the link; ask the customer to allow messages",
            );
            self.at(None, "Undelivered", why, helps, Some(delivery.at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DurationMs, Edits, HOUR_MS, ServerStatus, Suspension};
    use crate::planner::{Note, Report};
    use nebulalinks_testkit::{shop, world::World};

    /// The codes of what stands in the way of the first account, where each does, and whether anybody can
    /// do anything.
    fn obstacles(world: &World, stats: &BTreeMap<ServerId, ServerStats>) -> Vec<(String, bool)> {
        let id = world.account(0);
        let page = page(&world.snapshot, &world.catalog, stats, id, world.now).unwrap();
        let all = page["obstacles"].as_array().unwrap().iter();
        all.map(|o| {
            assert!(o["why"].as_str().unwrap().ends_with('.'), "a sentence: {o}");
            let place = o["server"].as_str().map_or(String::new(), |server| format!("{server} "));
            (place + o["code"].as_str().unwrap(), !o["helps"].is_null())
        })
        .collect()
    }

    fn passed(world: &World, waits: &[Waiting]) -> BTreeMap<ServerId, ServerStats> {
        let id = Some(world.account(0));
        let notes = waits.iter().map(|waiting| Note { account: id, waiting: *waiting }).collect();
        let stats = ServerStats { report: Report { notes }.into(), ..ServerStats::default() };
        BTreeMap::from([(world.server_of(world.account(0)), stats)])
    }

    #[test]
    fn nothing_stands_in_the_way_of_who_is_served_as_sold() {
        let world = World::settled(shop::catalog(), 1, "basic-30");
        assert_eq!(obstacles(&world, &passed(&world, &[])), []);
    }

    #[test]
    fn what_the_last_pass_left_alone_is_said_at_its_server() {
        let world = World::settled(shop::catalog(), 1, "basic-30");
        let server = world.server_of(world.account(0));
        let waits = [Waiting::SecondLook, Waiting::ObserveOnly];
        let said = obstacles(&world, &passed(&world, &waits));
        let at = |code: &str, helps| (format!("{server} {code}"), helps);
        assert_eq!(said, [at("second_look", false), at("observe_only", true)]);
        assert_eq!(obstacles(&world, &BTreeMap::new()), [at("no_pass", false)]);
    }

    #[test]
    fn a_server_that_does_not_answer_stands_in_the_way_of_its_accounts() {
        let mut world = World::settled(shop::catalog(), 1, "basic-30");
        let server = world.server_of(world.account(0));
        let silent = crate::model::Condition {
            kind: ConditionKind::Unreachable,
            reason: "connection refused".into(),
            since: world.now,
        };
        world.put(ServerStatus { conditions: vec![silent], ..ServerStatus::new(server.clone()) });
        let said = obstacles(&world, &passed(&world, &[]));
        assert_eq!(said, [(format!("{server} Unreachable"), true)]);
    }

    #[test]
    fn who_was_switched_off_or_has_ended_reads_it_first() {
        let mut world = World::settled(shop::catalog(), 1, "basic-30");
        let mut account = world.snapshot.account(world.account(0)).unwrap().clone();
        let suspension = Suspension { reason: "a charge back".into(), since: world.now };
        account.suspension = Some(Box::new(suspension));
        world.put(account.clone());
        assert_eq!(obstacles(&world, &passed(&world, &[])), [("Suspended".to_owned(), true)]);
        account.suspension = None;
        world.put(account);
        world.now = world.entitlement(world.account(0)).ends_at + DurationMs(HOUR_MS);
        assert_eq!(obstacles(&world, &passed(&world, &[])), [("Expired".to_owned(), true)]);
    }

    #[test]
    fn who_has_no_server_reads_what_each_that_could_serve_it_lacks() {
        let mut world = World::settled(shop::catalog_with_room(1, 0), 1, "basic-30");
        let id = world.account(0);
        let mut edits = Edits::new();
        edits.delete(crate::model::Key::Binding(id, world.server_of(id)));
        assert!(world.commit(&edits));
        let cordoned = world.catalog.servers.get_mut(&shop::server("fra-1")).unwrap();
        cordoned.lifecycle = ServerLifecycle::Cordoned;
        let page = page(&world.snapshot, &world.catalog, &BTreeMap::new(), id, world.now).unwrap();
        let why = page["obstacles"][0]["why"].as_str().unwrap();
        let said = "No server serves it. It may be on any server: ams-1 is full (0 of 0), fra-1 is \
                    cordoned.";
        assert!(why.starts_with(said), "{why}");
    }
}
