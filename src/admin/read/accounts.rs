//! Accounts as operators read them: what was sold, what is true of it, and why not.

use super::super::sources::Admin;
use super::asked::{Answer, Asked, Lines, Part, Refused, known_server};
use super::find;
use crate::controller::{LoopStats, ServerStats};
use crate::model::{
    Account, AccountId, Condition, ConditionKind, CustomerId, Entitlement, FamilyId, PlanId,
    ServerId, Snapshot, UnixMs,
};
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Which accounts are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    after: Option<AccountId>,
    #[serde(default)]
    limit: Lines,
    customer: Option<String>,
    server: Option<String>,
    condition: Option<String>,
    family: Option<String>,
    plan: Option<String>,
}

/// The same once every word is known.
#[derive(Default)]
struct Filter {
    after: Option<AccountId>,
    limit: usize,
    customer: Option<CustomerId>,
    server: Option<ServerId>,
    condition: Option<ConditionKind>,
    family: Option<FamilyId>,
    plan: Option<PlanId>,
}

impl Filter {
    fn of(admin: &Admin, snapshot: &Snapshot, wanted: Wanted) -> Result<Self, Refused> {
        let Wanted { after, limit, customer, server, condition, family, plan } = wanted;
        let catalog = (admin.in_force)();
        let family_named = |text: String| {
            let mut known: Vec<&FamilyId> = catalog.plans.iter().map(|plan| &plan.family).collect();
            known.dedup();
            let found = known.iter().find(|family| family.as_str() == text);
            found
                .map(|family| FamilyId::clone(family))
                .ok_or_else(|| Refused::word("family", &text, known))
        };
        let plan_named = |text: String| {
            let known = || catalog.plans.iter().map(|plan| &plan.id).chain(snapshot.plans_in_use());
            let found = known().find(|plan| plan.as_str() == text).cloned();
            found.ok_or_else(|| Refused::word("plan", &text, known()))
        };
        Ok(Self {
            after,
            limit: limit.0,
            customer: customer.map(|text| find::customer(snapshot, &text)).transpose()?,
            server: server.map(|text| known_server(admin, &text)).transpose()?,
            condition: condition.as_deref().map(condition_named).transpose()?,
            family: family.map(family_named).transpose()?,
            plan: plan.map(plan_named).transpose()?,
        })
    }

    fn lets_through(&self, snapshot: &Snapshot, account: &Account) -> bool {
        let has = |kind| {
            let status = snapshot.account_status(account.id);
            status.is_some_and(|s| s.conditions.iter().any(|c| c.kind == kind))
        };
        self.condition.is_none_or(has)
            && self.customer.is_none_or(|customer| account.customer == customer)
            && self.family.as_ref().is_none_or(|family| account.family == *family)
            && self.plan.as_ref().is_none_or(|plan| snapshot.has_had(account.id, plan))
            && self.server.as_ref().is_none_or(|s| snapshot.binding(account.id, s).is_some())
    }

    /// The accounts that the index of a customer or server names, else all; and of these the wanted ones.
    fn part<'s>(&self, snapshot: &'s Snapshot) -> Part<&'s Account, AccountId> {
        let none = self.condition.is_some_and(|kind| snapshot.accounts_with(kind) == 0)
            || self.plan.as_ref().is_some_and(|plan| snapshot.terms_sold_as(plan) == 0);
        if none {
            return Part { rows: Vec::new(), next: None };
        }
        let all: Box<dyn Iterator<Item = &'s Account>> = match (self.customer, &self.server) {
            (Some(customer), _) => Box::new(snapshot.accounts_of_after(customer, self.after)),
            (None, Some(server)) => {
                let bound = snapshot.bound_to_after(server, self.after);
                Box::new(bound.filter_map(|binding| snapshot.account(binding.account)))
            }
            (None, None) => Box::new(snapshot.accounts_after(self.after)),
        };
        Part::of(
            all,
            self.limit,
            |account| account.id,
            |account| self.lets_through(snapshot, account),
        )
    }
}

fn condition_named(text: &str) -> Result<ConditionKind, Refused> {
    let all = ConditionKind::ALL;
    let found = all.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text));
    found.ok_or_else(|| Refused::word("condition", text, all.map(ConditionKind::name)))
}

pub(super) async fn answer_list(
    State(admin): State<Admin>,
    Asked(wanted): Asked<Wanted>,
) -> Answer {
    let (snapshot, now) = (admin.store.snapshot(), admin.time.reading().now);
    let filter = Filter::of(&admin, &snapshot, wanted)?;
    Ok(Json(list(&snapshot, &admin.stats, &filter, now)))
}

pub(super) async fn answer(State(admin): State<Admin>, Path(id): Path<String>) -> Answer {
    let snapshot = admin.store.snapshot();
    let id = find::account(&admin, &snapshot, &id).await?;
    let page = page(&snapshot, &admin.stats, id, admin.time.reading().now);
    page.map(Json).ok_or_else(|| Refused::unknown(format!("there is no account {id}")))
}

/// An account's page; `None` when there is no such account.
pub(crate) fn page(
    snapshot: &Snapshot,
    stats: &LoopStats,
    id: AccountId,
    now: UnixMs,
) -> Option<Value> {
    let account = snapshot.account(id)?;
    let entitlement = Entitlement::of(snapshot, id).map(|e| {
        json!({
            "run": e.run,
            "standing": format!("{:?}", e.standing(now)),
            "ends_at_ms": e.ends_at.0,
            "granted": e.granted.to_string(),
            "used_bytes": e.used.0,
            "over_bytes": e.over.0,
            "forgiven_bytes": e.forgiven.0,
            "left": e.left.to_string(),
            "devices": e.devices,
            "served": e.served,
            "compensated_ms": e.compensated.0,
        })
    });
    let status = snapshot.account_status(id).map(|s| s.conditions.as_slice());
    Some(json!({
        "id": id,
        "customer": account.customer,
        "identity": snapshot.reached_at(account.customer),
        "customer_name": snapshot.name_of(account.customer),
        "family": account.family,
        "created_at_ms": account.created_at.0,
        "credentials_version": account.credentials.version,
        "adopted": account.adopted().map(|a| json!({ "server": a.server, "client": a.email, "at_ms": a.at.0 })),
        "released": account.released().map(|r| json!({ "server": r.server, "reason": r.reason, "at_ms": r.at.0 })),
        "suspension": account.suspension.as_ref().map(|s| json!({ "since_ms": s.since.0, "reason": s.reason })),
        "entitlement": entitlement,
        "conditions": conditions(status, now),
        "bindings": bindings(snapshot, &stats.servers(), id),
        "delivery": snapshot.delivery(id).map(|d| &d.state),
        "delivery_at_ms": snapshot.delivery(id).map(|d| d.at.0),
        "terms": snapshot.terms(id).map(|t| json!({
            "seq": t.seq,
            "run": t.run,
            "at_ms": t.at.0,
            "source": t.source.to_string(),
            "length_ms": t.length.0,
            "quota": t.quota.to_string(),
            "price": t.price.as_ref().map(ToString::to_string),
            "reversed": snapshot.reversals(id).any(|reversal| reversal.term == t.seq),
        })).collect::<Vec<_>>(),
    }))
}

fn bindings(
    snapshot: &Snapshot,
    reports: &BTreeMap<ServerId, ServerStats>,
    id: AccountId,
) -> Vec<Value> {
    let one = |b: &crate::model::Binding| {
        let status = snapshot.binding_status(id, &b.server);
        let seen = reports.get(&b.server);
        let waits: Vec<&str> =
            seen.into_iter().flat_map(|n| n.report.of(id).map(|w| w.name())).collect();
        json!({
            "server": b.server,
            "disposition": b.disposition,
            "bound_at_ms": b.bound_at.0,
            "applied": status.and_then(|s| s.applied.as_ref()),
            "problem": status.and_then(|s| s.problem.as_ref()),
            "missing_since_ms": status.and_then(|s| s.missing_since),
            "unseen_since_ms": status.and_then(|s| s.unseen_since),
            "waits_for": waits,
        })
    };
    snapshot.bindings(id).map(one).collect()
}

/// Some accounts in the order of their ids, a line's worth each; `next` is what to ask after for more.
fn list(snapshot: &Snapshot, stats: &LoopStats, filter: &Filter, now: UnixMs) -> Value {
    let (reports, part) = (stats.servers(), filter.part(snapshot));
    let rows: Vec<Value> =
        part.rows.into_iter().map(|account| row(snapshot, &reports, account, now)).collect();
    json!({ "accounts": rows, "next": part.next })
}

fn row(
    snapshot: &Snapshot,
    reports: &BTreeMap<ServerId, ServerStats>,
    account: &Account,
    now: UnixMs,
) -> Value {
    let sold = Entitlement::of(snapshot, account.id);
    let serving: Vec<_> = snapshot.serving(account.id).map(|b| &b.server).into_iter().collect();
    let waits: Vec<&str> = serving
        .iter()
        .filter_map(|server| reports.get(*server))
        .flat_map(|n| n.report.of(account.id).map(|w| w.name()))
        .collect();
    let status = snapshot.account_status(account.id).map(|s| s.conditions.as_slice());
    json!({
        "id": account.id,
        "customer": account.customer,
        "identity": snapshot.reached_at(account.customer),
        "customer_name": snapshot.name_of(account.customer),
        "family": account.family,
        "created_at_ms": account.created_at.0,
        "standing": sold.as_ref().map(|e| format!("{:?}", e.standing(now))),
        "ends_at_ms": sold.as_ref().map(|e| e.ends_at.0),
        "used_bytes": sold.as_ref().map(|e| e.used.0),
        "granted": sold.as_ref().map(|e| e.granted.to_string()),
        "devices": sold.as_ref().map(|e| e.devices),
        "servers": serving,
        "waits_for": waits,
        "conditions": conditions(status, now),
    })
}

pub(super) fn conditions(list: Option<&[Condition]>, now: UnixMs) -> Vec<Value> {
    list.unwrap_or_default()
        .iter()
        .map(|c| {
            json!({
                "type": c.kind,
                "reason": c.reason,
                "since_ms": c.since.0,
                "for_ms": now.since(c.since).0,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::visits;
    use nebulalinks_testkit::{shop, world::World};

    fn ids(page: &Value) -> Vec<String> {
        let rows = page["accounts"].as_array().unwrap().iter();
        rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Everything that a filter lets through, page by page.
    fn all(world: &World, mut filter: Filter) -> Vec<String> {
        let mut told = Vec::new();
        loop {
            let page = list(&world.snapshot, &LoopStats::default(), &filter, world.now);
            assert!(page["accounts"].as_array().unwrap().len() <= filter.limit);
            told.extend(ids(&page));
            filter.after = page["next"].as_str().map(|id| id.parse().unwrap());
            if filter.after.is_none() {
                return told;
            }
        }
    }

    fn wanted(world: &World, is: impl Fn(&Account) -> bool) -> Vec<String> {
        let some = world.snapshot.accounts().filter(|account| is(account));
        some.map(|account| account.id.to_string()).collect()
    }

    #[test]
    fn the_pages_of_a_list_hold_every_account_that_is_wanted_once() {
        let mut world = World::settled(shop::catalog(), 5, "basic-30");
        world.sell(3, "pro-30");
        world.sell(3, "basic-90");
        let some = || Filter { limit: 2, ..Filter::default() };
        assert_eq!(all(&world, some()), wanted(&world, |_| true));
        let customer = world.snapshot.accounts().nth(3).unwrap().customer;
        let of_customer = Filter { customer: Some(customer), ..some() };
        assert_eq!(all(&world, of_customer), wanted(&world, |a| a.customer == customer));
        let server = world.server_of(world.account(0));
        let there = |a: &Account| world.snapshot.binding(a.id, &server).is_some();
        let of_server = Filter { server: Some(server.clone()), ..some() };
        assert_eq!(all(&world, of_server), wanted(&world, there));
        let pro = Filter { family: Some("pro".parse().unwrap()), ..some() };
        assert_eq!(all(&world, pro), wanted(&world, |a| a.family.as_str() == "pro"));
        let plan: PlanId = "basic-90".parse().unwrap();
        let longer = Filter { plan: Some(plan.clone()), ..some() };
        let bought = wanted(&world, |a| world.snapshot.has_bought(a.id, &plan));
        assert_eq!((all(&world, longer), bought.len()), (bought, 1));
        let both = Filter { customer: Some(customer), server: Some(server.clone()), ..some() };
        assert_eq!(all(&world, both), wanted(&world, |a| a.customer == customer && there(a)));
        let stalled = Filter { condition: Some(ConditionKind::Stalled), ..some() };
        assert_eq!(all(&world, stalled), [""; 0]);
    }

    #[test]
    fn a_page_looks_at_what_it_shows_and_an_index_at_no_more_however_many_there_are() {
        let reads = |accounts: u64| {
            let world = World::of_many(accounts);
            let customer = world.snapshot.accounts().next().unwrap().customer;
            let server = world.server_of(world.account(0));
            let look = |filter: &Filter| {
                let before = visits();
                let _ = list(&world.snapshot, &LoopStats::default(), filter, world.now);
                visits() - before
            };
            let page = || Filter { limit: 10, ..Filter::default() };
            let filters = [
                page(),
                Filter { customer: Some(customer), ..page() },
                Filter { server: Some(server), ..page() },
                Filter { condition: Some(ConditionKind::Stalled), ..page() },
                // Nobody is found without a look at anybody else.
                Filter { customer: Some(CustomerId::MIN), ..page() },
                Filter { server: Some(shop::server("ams-1")), ..page() },
            ];
            filters.map(|filter| look(&filter))
        };
        let few = reads(200);
        assert!(few[..3].iter().all(|count| *count < 600), "{few:?}");
        assert!(few[3..].iter().all(|count| *count < 10), "{few:?}");
        assert_eq!(few, reads(400));
    }
}
