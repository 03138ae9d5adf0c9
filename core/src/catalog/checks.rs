//! What the entries must mean together. Each rule is one function of the table [`CHECKS`]; it
//! speaks only of entries that could be read, and stays silent where the other side could not.

use super::codes::{Covers, Gives};
use super::draft::{Draft, Section};
use super::files::DesiredFile;
use super::files::DesiredFile::{Payments, Plans, Promos, Servers};
use super::findings::Findings;
use super::options::Options;
use super::types::{MethodLifecycle, Plan, PlanLifecycle, Server, ServerLifecycle};
use super::words::{show, suggest};
use crate::model::{Quota, Selector, ServerId};
use std::collections::{BTreeMap, BTreeSet};

type Check = fn(&Draft, &Options<'_>, &mut Findings<'_>);

/// Every rule, in no particular order.
pub(super) const CHECKS: &[Check] = &[
    ids_are_unique,
    a_plan_has_one_price_per_currency,
    a_family_is_all_capped_or_all_unlimited,
    a_family_has_one_trial,
    a_selector_names_known_servers,
    a_selector_matches_a_server_that_is_not_retired,
    a_price_has_an_open_method_that_takes_it,
    instructions_fit_when_they_are_filled_in,
    a_gateway_belongs_to_one_server,
    keys_belong_to_one_server,
    a_server_has_keys,
    a_code_is_one_entrys,
    a_code_is_for_plans_that_there_are,
    an_amount_is_off_a_price_in_its_currency,
];

fn ids_are_unique(draft: &Draft, _: &Options<'_>, findings: &mut Findings<'_>) {
    fn check<T>(section: &Section<T>, file: DesiredFile, findings: &mut Findings<'_>) {
        let mut seen = BTreeMap::new();
        for (id, at) in &section.ids {
            if let Some(first) = seen.insert(id, *at) {
                let message = format!("the id {} is here twice", show(id));
                let help = format!("it is also on line {}: rename one", first.line);
                findings.add_beside(file, *at, message, help, (first, "first here"));
            }
        }
    }
    check(&draft.plans, Plans, findings);
    check(&draft.servers, Servers, findings);
    check(&draft.methods, Payments, findings);
    check(&draft.promos, Promos, findings);
}

fn a_plan_has_one_price_per_currency(draft: &Draft, _: &Options<'_>, findings: &mut Findings<'_>) {
    for plan in &draft.plans.entries {
        let mut seen = BTreeMap::new();
        for (n, price) in plan.value.prices.iter().enumerate() {
            if let Some(first) = seen.insert(&price.currency.code, n) {
                let message = format!("a second price in {}", price.currency.code);
                let help = "keep one price per currency";
                let [first, at] = [first, n].map(|n| plan.place(&format!("prices.{n}")));
                findings.add_beside(Plans, at, message, help, (first, "the first"));
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
        let at = plan.place("traffic");
        let (kind, id, there) =
            first.entry(&plan.value.family).or_insert((unlimited, &plan.value.id, at));
        if *kind != unlimited {
            let is = |unlimited| if unlimited { "unlimited" } else { "capped" };
            let message = format!(
                "the family `{}` is {} since plan `{id}`, and this plan is {}",
                plan.value.family,
                is(*kind),
                is(unlimited)
            );
            let help = "plans of one family renew each other: give this plan a family of its own";
            let label = format!("{} here", is(*kind));
            findings.add_beside(Plans, at, message, help, (*there, &label));
        }
    }
}

/// An account from a trial is called by its family's trial.
fn a_family_has_one_trial(draft: &Draft, _: &Options<'_>, findings: &mut Findings<'_>) {
    let mut seen = BTreeMap::new();
    for plan in draft.plans.entries.iter().filter(|plan| plan.value.trial) {
        if let Some(first) = seen.insert(&plan.value.family, plan) {
            let message = format!("a second trial in the family `{}`", plan.value.family);
            let help = "each customer has one trial in all: keep one of the two";
            let [there, at] = [first, plan].map(|plan| plan.place("trial"));
            findings.add_beside(Plans, at, message, help, (there, "the first"));
        }
    }
}

/// Warns of categories in which nothing is made.
pub(super) fn warn_of_idle_categories(draft: &Draft, findings: &mut Findings<'_>) {
    if let Some(shop) = &draft.shop {
        let orders = &shop.value.orders;
        if orders.most_channels().is_none() && !orders.categories.is_empty() {
            let help = "write `space: channel`, or leave `categories` out";
            let message = "no channel is made in these categories: orders get private threads";
            findings.warn(DesiredFile::Shop, shop.place("orders.categories"), message, help);
        }
    }
}

/// Warns of each trial that nobody can have, or go on from: who tried has bought no hidden plan.
pub(super) fn warn_of_lone_trials(draft: &Draft, findings: &mut Findings<'_>) {
    for plan in draft.plans.entries.iter().filter(|plan| plan.value.trial) {
        let family = &plan.value.family;
        if plan.value.lifecycle == PlanLifecycle::Hidden {
            let message = "a hidden trial is had by nobody";
            let help =
                "there is no command that gives it: make it `lifecycle: active`, or remove it";
            findings.warn(Plans, plan.place("lifecycle"), message, help);
        }
        let can_follow = |other: &&Plan| !other.trial && other.lifecycle != PlanLifecycle::Hidden;
        let mut paid = draft.plans.values().filter(can_follow);
        if !paid.any(|other| other.family == *family) {
            let message = format!("no plan of the family `{family}` can be paid for");
            let help = "who tries it cannot renew: give it the `family` of a plan with prices";
            findings.warn(Plans, plan.place("trial"), message, help);
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
            let (part, help) = unmatched(draft, selector);
            findings.add(Plans, plan.place(&part), message, help);
        }
    }
}

/// Where a selector that matches nothing is to be mended, and how: at the label that no server has, by
/// the one that is nearest to it.
fn unmatched(draft: &Draft, selector: &Selector) -> (String, String) {
    const OTHERWISE: &str = "correct the selector, or add the label to a server in servers.yaml";
    let otherwise = || ("servers".to_owned(), OTHERWISE.to_owned());
    let Selector::Labels(wanted) = selector else { return otherwise() };
    let there: BTreeSet<(&str, &str)> = draft
        .servers
        .values()
        .flat_map(|s| s.labels.iter().map(|(key, value)| (key.as_str(), value.as_str())))
        .collect();
    for (key, value) in wanted {
        if there.contains(&(key.as_str(), value.as_str())) {
            continue;
        }
        let keys = there.iter().map(|(key, _)| *key);
        let values = there.iter().filter(|(k, _)| k == key).map(|(_, value)| *value);
        let known = there.iter().any(|(k, _)| k == key);
        let help = match known {
            true => {
                let near = suggest(value, values);
                format!("no server has {key}: {value}; {near}")
            }
            false if there.is_empty() => return otherwise(),
            false => format!("no server has a label {}; {}", show(key), suggest(key, keys)),
        };
        return (format!("servers.labels.{key}"), help);
    }
    let help = "no single server has all of these labels: add them to one in servers.yaml";
    ("servers".to_owned(), help.to_owned())
}

/// Characters of instructions with everything filled in: an order's message has 4,000 in all, and
/// names, amounts, the block to copy and how to prove it take up to 1,100 of them.
pub const LONGEST_INSTRUCTIONS: usize = 2_800;

/// Measured as customers get them: with the longest amount, the account and a reference in place.
fn instructions_fit_when_they_are_filled_in(
    draft: &Draft,
    _: &Options<'_>,
    findings: &mut Findings<'_>,
) {
    /// A number of an order, in backticks.
    const REFERENCE: usize = 28;
    for method in &draft.methods.entries {
        let taken = |code: &str| method.value.currencies.contains(code);
        let prices = draft.plans.values().flat_map(|p| &p.prices);
        let amounts = prices.filter(|p| taken(&p.currency.code)).map(|p| p.to_string().len());
        // In bold; an amount of a plan to come may be as long as this.
        let amount = amounts.max().unwrap_or_default().max(16) + 4;
        let account = method.value.account.chars().count() + 2;
        for text in method.value.instructions.0.values() {
            let extra = |name: &str, length: usize| {
                text.matches(name).count() * length.saturating_sub(name.len())
            };
            let filled = text.chars().count()
                + extra("{amount}", amount)
                + extra("{account}", account)
                + extra("{reference}", REFERENCE);
            if filled > LONGEST_INSTRUCTIONS {
                let message = format!(
                    "with amount, account and reference filled in these are {filled} characters, \
                     and {LONGEST_INSTRUCTIONS} fit into an order's message"
                );
                let help = "shorten the text, or use the braces fewer times";
                findings.add(Payments, method.place("instructions"), message, help);
            }
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
    let in_words = |other: &ServerId| {
        let message = format!("this is the gateway of server `{other}` already");
        (message, "each server has a panel and a gateway of its own".to_owned())
    };
    of_one_server(draft, findings, "gateway", |server| &server.gateway, in_words);
}

fn keys_belong_to_one_server(draft: &Draft, _: &Options<'_>, findings: &mut Findings<'_>) {
    let in_words = |other: &ServerId| {
        let message = format!("these are the keys of server `{other}` already");
        let help = "give it a name of its own, and make its keys: `nebulalinks keygen --out \
                    <keys folder>/<name>`. Each gateway has a pair of its own, so that one leak is \
                    one gateway";
        (message, help.to_owned())
    };
    of_one_server(draft, findings, "keys", |server| &server.keys, in_words);
}

/// No two servers that are not retired may have the same of this part.
fn of_one_server(
    draft: &Draft,
    findings: &mut Findings<'_>,
    part: &str,
    of: impl Fn(&Server) -> &String,
    in_words: impl Fn(&ServerId) -> (String, String),
) {
    let mut seen = BTreeMap::new();
    let servers = &draft.servers.entries;
    for server in servers.iter().filter(|s| s.value.lifecycle != ServerLifecycle::Retired) {
        let at = server.place(part);
        if let Some((other, there)) = seen.insert(of(&server.value), (&server.value.id, at)) {
            let (message, help) = in_words(other);
            findings.add_beside(Servers, at, message, help, (there, "first here"));
        }
    }
}

fn a_server_has_keys(draft: &Draft, options: &Options<'_>, findings: &mut Findings<'_>) {
    let Some(keys) = options.keys else { return };
    for server in &draft.servers.entries {
        if server.value.lifecycle != ServerLifecycle::Retired
            && let Some((message, help)) = keys(&server.value)
        {
            findings.add(Servers, server.place("keys"), message, help);
        }
    }
}

fn a_code_is_one_entrys(draft: &Draft, _: &Options<'_>, findings: &mut Findings<'_>) {
    let mut seen = BTreeMap::new();
    for entry in &draft.promos.entries {
        if let Some(first) = seen.insert(entry.value.code.to_ascii_uppercase(), entry) {
            let message = format!("the code `{}` is here twice", entry.value.code);
            let help = "letters are compared without case: change one of the two";
            let [there, at] = [first, entry].map(|entry| entry.place("code"));
            findings.add_beside(Promos, at, message, help, (there, "first here"));
        }
    }
}

fn a_code_is_for_plans_that_there_are(draft: &Draft, _: &Options<'_>, findings: &mut Findings<'_>) {
    if !draft.plans.complete {
        return;
    }
    let plans = || draft.plans.values();
    for entry in &draft.promos.entries {
        match &entry.value.plans {
            Covers::Any => {}
            Covers::Ids(ids) => {
                for id in ids.iter().filter(|id| plans().all(|plan| plan.id != **id)) {
                    let help = suggest(id.as_str(), plans().map(|plan| plan.id.as_str()));
                    let message = format!("`{id}` is not in plans.yaml");
                    findings.add(Promos, entry.place("plans.ids"), message, help);
                }
            }
            Covers::Families(families) => {
                for id in families.iter().filter(|id| plans().all(|plan| plan.family != **id)) {
                    let help = suggest(id.as_str(), plans().map(|plan| plan.family.as_str()));
                    let message = format!("no plan of plans.yaml is of the family `{id}`");
                    findings.add(Promos, entry.place("plans.families"), message, help);
                }
            }
        }
        let covers = |plan: &&Plan| entry.value.plans.covers(&plan.id, &plan.family);
        let mut covered = plans().filter(covers).peekable();
        if covered.peek().is_some() && !covered.any(|plan| plan.takes(&entry.value)) {
            let help = "nothing is paid for a trial: name a plan that is sold";
            let message = format!("the code `{}` is for trials alone", entry.value.code);
            findings.add(Promos, entry.place("plans"), message, help);
        }
    }
}

fn an_amount_is_off_a_price_in_its_currency(
    draft: &Draft,
    _: &Options<'_>,
    findings: &mut Findings<'_>,
) {
    if !draft.plans.complete {
        return;
    }
    for entry in &draft.promos.entries {
        let Gives::Amount(amount) = &entry.value.gives else { continue };
        let covered = || draft.plans.values().filter(|plan| plan.takes(&entry.value));
        let mut prices = covered().flat_map(|plan| &plan.prices);
        if covered().next().is_some() && !prices.any(|price| price.currency == amount.currency) {
            let code = &amount.currency.code;
            let message = format!("no plan that this code is for has a price in {code}");
            let help = "write an amount in a currency of its plans, or {percent: 25}";
            findings.add(Promos, entry.place("gives.amount"), message, help);
        }
        let whole = covered().find(|plan| {
            let mut prices = plan.prices.iter().filter(|p| p.currency == amount.currency);
            prices.any(|price| price.minor <= amount.minor)
        });
        if let Some(plan) = whole {
            let message = format!("{amount} is all that `{}` costs, or more", plan.id);
            let help = "write less than each price in that currency, or name the plans it is for";
            findings.add(Promos, entry.place("gives.amount"), message, help);
        }
    }
}
