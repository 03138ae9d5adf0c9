//! What the entries must mean together. Each rule is one function of the table [`CHECKS`]; it
//! speaks only of entries that could be read, and stays silent where the other side could not.

use super::DesiredFile::{Payments, Plans, Servers};
use super::draft::{Draft, Section};
use super::problem::{Findings, show, suggest};
use super::types::{MethodLifecycle, ServerLifecycle};
use super::{DesiredFile, Options};
use crate::model::{Quota, Selector, ServerId};
use std::collections::BTreeMap;

type Check = fn(&Draft, &Options<'_>, &mut Findings<'_>);

/// Every rule, in no particular order.
pub(super) const CHECKS: &[Check] = &[
    ids_are_unique,
    a_plan_has_one_price_per_currency,
    a_family_is_all_capped_or_all_unlimited,
    a_selector_names_known_servers,
    a_selector_matches_a_server_that_is_not_retired,
    a_price_has_an_open_method_that_takes_it,
    a_gateway_belongs_to_one_server,
    a_server_has_keys,
];

fn ids_are_unique(draft: &Draft, _: &Options<'_>, findings: &mut Findings<'_>) {
    fn check<T>(section: &Section<T>, file: DesiredFile, findings: &mut Findings<'_>) {
        let mut seen = BTreeMap::new();
        for (id, at) in &section.ids {
            if let Some(line) = seen.insert(id, at.line) {
                let message = format!("the id {} is here twice", show(id));
                findings.add(file, *at, message, format!("it is also on line {line}: rename one"));
            }
        }
    }
    check(&draft.plans, Plans, findings);
    check(&draft.servers, Servers, findings);
    check(&draft.methods, Payments, findings);
}

fn a_plan_has_one_price_per_currency(draft: &Draft, _: &Options<'_>, findings: &mut Findings<'_>) {
    for plan in &draft.plans.entries {
        let mut seen = BTreeMap::new();
        for (n, price) in plan.value.prices.iter().enumerate() {
            if seen.insert(&price.currency.code, n).is_some() {
                let message = format!("a second price in {}", price.currency.code);
                let help = "keep one price per currency";
                findings.add(Plans, plan.place(&format!("prices.{n}")), message, help);
            }
        }
    }
}

fn a_family_is_all_capped_or_all_unlimited(
    draft: &Draft,
    _: &Options<'_>,
    findings: &mut Findings<'_>,
) {
    let mut first = BTreeMap::new();
    for plan in &draft.plans.entries {
        let unlimited = plan.value.traffic == Quota::Unlimited;
        let (kind, id) = first.entry(&plan.value.family).or_insert((unlimited, &plan.value.id));
        if *kind != unlimited {
            let is = |unlimited| if unlimited { "unlimited" } else { "capped" };
            let message = format!(
                "the family `{}` is {} since plan `{id}`, and this plan is {}",
                plan.value.family,
                is(*kind),
                is(unlimited)
            );
            let help = "plans of one family renew each other: give this plan a family of its own";
            findings.add(Plans, plan.place("traffic"), message, help);
        }
    }
}

fn a_selector_names_known_servers(draft: &Draft, _: &Options<'_>, findings: &mut Findings<'_>) {
    if draft.servers.ids.is_empty() {
        return;
    }
    let known: Vec<&str> = draft.servers.ids.iter().map(|(id, _)| id.as_str()).collect();
    for plan in &draft.plans.entries {
        let Selector::Ids(ids) = &plan.value.servers else { continue };
        for id in ids.iter().filter(|id| !known.contains(&id.as_str())) {
            let at = plan.place("servers.ids");
            let help = suggest(id.as_str(), known.iter().copied());
            findings.add(Plans, at, format!("`{id}` is not in servers.yaml"), help);
        }
    }
}

fn a_selector_matches_a_server_that_is_not_retired(
    draft: &Draft,
    _: &Options<'_>,
    findings: &mut Findings<'_>,
) {
    if !draft.servers.complete {
        return;
    }
    for plan in &draft.plans.entries {
        let selector = &plan.value.servers;
        let unknown = |id: &ServerId| draft.servers.values().all(|s| s.id != *id);
        if matches!(selector, Selector::Ids(ids) if ids.iter().any(unknown)) {
            continue;
        }
        let mut open = draft.servers.values().filter(|s| s.lifecycle != ServerLifecycle::Retired);
        if !open.any(|s| selector.matches(&s.id, &s.labels)) {
            let message = "no server that is not retired matches";
            let help = "correct the selector, or add the label to a server in servers.yaml";
            findings.add(Plans, plan.place("servers"), message, help);
        }
    }
}

fn a_price_has_an_open_method_that_takes_it(
    draft: &Draft,
    _: &Options<'_>,
    findings: &mut Findings<'_>,
) {
    if !draft.methods.complete {
        return;
    }
    let open = || draft.methods.values().filter(|m| m.lifecycle == MethodLifecycle::Active);
    for plan in &draft.plans.entries {
        for (n, price) in plan.value.prices.iter().enumerate() {
            let code = &*price.currency.code;
            if !open().any(|m| m.currencies.contains(code)) {
                let message = format!("nobody can pay `{price}`: no active method takes {code}");
                let help = "add the currency to a method in payments.yaml, or remove this price";
                findings.add(Plans, plan.place(&format!("prices.{n}")), message, help);
            }
        }
    }
}

fn a_gateway_belongs_to_one_server(draft: &Draft, _: &Options<'_>, findings: &mut Findings<'_>) {
    let mut seen = BTreeMap::new();
    for server in &draft.servers.entries {
        if server.value.lifecycle == ServerLifecycle::Retired {
            continue;
        }
        if let Some(other) = seen.insert(&server.value.gateway, &server.value.id) {
            let message = format!("this is the gateway of server `{other}` already");
            let help = "each server has a panel and a gateway of its own";
            findings.add(Servers, server.place("gateway"), message, help);
        }
    }
}

fn a_server_has_keys(draft: &Draft, options: &Options<'_>, findings: &mut Findings<'_>) {
    let Some(has_keys) = options.has_keys else { return };
    for server in &draft.servers.entries {
        let name = &server.value.keys;
        if server.value.lifecycle != ServerLifecycle::Retired && !has_keys(name) {
            let variable = name.to_ascii_uppercase().replace('-', "_");
            let help = format!(
                "set NEBULALINKS_KEYS_{variable}, or put the keys into `{name}` in the keys folder (`nebulalinks keygen` makes them)"
            );
            let message = format!("there are no keys named `{name}`");
            findings.add(Servers, server.place("keys"), message, help);
        }
    }
}
