//! Every setting has a reader: each field and each word of the catalog's types is either read by the
//! code that it is about, which is named here.

use super::source::{crate_sources, read};
use std::collections::{BTreeMap, BTreeSet};

const TYPES: &str = "core/src/catalog/types.rs";
const ORDERS: &str = "core/src/catalog/orders.rs";
const CODES: &str = "core/src/catalog/codes.rs";
const REFERRAL: &str = "core/src/intent/referral.rs";
const ROLES: &str = "core/src/catalog/roles.rs";
const TABLE: &str = "tests/it/architecture/settings.rs";

/// A field or word, the file that reads it, and how it is seen there. `""` is the field after a
/// dot, or the word after its type.
const READ: &[(&str, &str, &str)] = &[
    ("Plan.id", "core/src/intent/place.rs", ""),
    ("Plan.family", "core/src/view/pages/renew.rs", ""),
    ("Plan.name", "core/src/view/pages/mod.rs", ""),
    ("Plan.prices", "core/src/view/pages/mod.rs", ""),
    ("Plan.duration", "core/src/intent/place.rs", ""),
    ("Plan.traffic", "core/src/intent/place.rs", ""),
    ("Plan.devices", "core/src/intent/place.rs", ""),
    ("Plan.servers", "core/src/intent/place.rs", ""),
    ("Written.plans", "core/src/view/pages/catalog.rs", ""),
    ("Written.servers", "core/src/view/pages/catalog.rs", ""),
    ("Plan.lifecycle", "core/src/intent/place.rs", ""),
    ("Plan.trial", "core/src/intent/trial.rs", ""),
    ("PlanLifecycle::Active", TYPES, ""),
    ("PlanLifecycle::Hidden", TYPES, ""),
    // Whatever is not active is sold to nobody; the places of a retired one are not counted.
    ("PlanLifecycle::Retired", "core/src/diff/places.rs", ""),
    ("Server.id", "core/src/planner/candidates.rs", ""),
    ("Server.name", "core/src/view/pages/account.rs", ""),
    ("Server.host", "core/src/view/links/mod.rs", ""),
    ("Server.gateway", "src/controller/context.rs", ""),
    ("Server.keys", "src/controller/context.rs", ""),
    ("Server.inbounds", "src/controller/server/publish.rs", "server.inbounds"),
    ("Server.labels", "core/src/catalog/places.rs", ""),
    ("Server.capacity", "core/src/planner/candidates.rs", ""),
    ("Server.weight", "core/src/planner/candidates.rs", ""),
    ("Server.line_bits_per_second", "core/src/planner/weigh.rs", ""),
    ("Server.lifecycle", "core/src/planner/schedule.rs", ""),
    ("ServerLifecycle::Active", "core/src/catalog/places.rs", ""),
    // Whatever is not active takes nobody new, and serves those it has unless it is retired.
    ("ServerLifecycle::Cordoned", "core/src/catalog/places.rs", "ServerLifecycle::Active"),
    ("ServerLifecycle::Draining", TYPES, ""),
    ("ServerLifecycle::Lost", TYPES, ""),
    ("ServerLifecycle::Retired", TYPES, ""),
    ("Server.mode", "core/src/planner/guard.rs", ""),
    ("Mode::Manage", "src/controller/server/mod.rs", ""),
    ("Mode::Observe", "src/controller/server/mod.rs", ""),
    ("Server.drift", "core/src/planner/server.rs", ""),
    ("Drift::Repair", "src/controller/conditions.rs", ""),
    ("Drift::Report", "core/src/planner/server.rs", ""),
    ("Server.confirm", "core/src/planner/guard.rs", ""),
    ("Server.cut_open_sessions", "core/src/planner/cut_sessions.rs", ""),
    ("CutOpenSessions.after", "core/src/planner/cut_sessions.rs", "rule.after"),
    ("CutOpenSessions.between", "core/src/planner/cut_sessions.rs", "rule.between"),
    ("Method.id", "core/src/view/pages/store.rs", ""),
    ("Method.name", "core/src/view/pages/store.rs", ""),
    ("Method.currencies", TYPES, ""),
    ("Method.account", "core/src/view/pages/order.rs", ""),
    ("Method.instructions", "core/src/view/pages/words.rs", ""),
    ("Method.proof", "core/src/catalog/types.rs", ""),
    ("Method.reference", "core/src/intent/approve.rs", ""),
    ("Method.lifecycle", "core/src/intent/place.rs", ""),
    ("MethodLifecycle::Active", "core/src/intent/place.rs", ""),
    ("MethodLifecycle::Retired", "core/src/intent/place.rs", "MethodLifecycle::Active"),
    ("Requirement::Required", "core/src/intent/approve.rs", ""),
    ("Requirement::Optional", "core/src/view/pages/order.rs", "wants_proof()"),
    ("ChannelRefs.store", "src/controller/surface/kept.rs", "channels.store"),
    ("ChannelRefs.orders", "src/controller/surface/mod.rs", "channels.orders"),
    ("ChannelRefs.review", "src/controller/surface/kept.rs", "channels.review"),
    ("ChannelRefs.alerts", "src/controller/surface/kept.rs", "channels.alerts"),
    ("ChannelRefs.stats", "src/controller/surface/kept.rs", "channels.stats"),
    ("Roles.owner", ROLES, ""),
    ("Roles.admin", ROLES, ""),
    ("Roles.support", ROLES, ""),
    ("Pings.review", "core/src/view/pages/review.rs", ""),
    ("Pings.tickets", "core/src/view/pages/ticket.rs", ""),
    ("Pings.alerts", "core/src/view/pages/alerts.rs", ""),
    ("Called::Owner", ROLES, ""),
    ("Called::Admin", ROLES, ""),
    ("Called::Support", ROLES, ""),
    ("Called::Nobody", ROLES, ""),
    ("OrderSpace::PrivateThread", "src/controller/surface/mod.rs", ""),
    ("OrderSpace::Channel", "src/controller/surface/mod.rs", ""),
    ("OrderSettings.space", "src/controller/surface/mod.rs", ""),
    ("OrderSettings.categories", "src/controller/surface/mod.rs", ""),
    ("OrderSettings.pay_within", "core/src/intent/place.rs", ""),
    ("OrderSettings.review_within", "core/src/intent/proof.rs", ""),
    ("Limits.open_orders", "core/src/intent/places.rs", ""),
    ("Limits.replace_link_every", "core/src/intent/own.rs", ""),
    ("Limits.presses_per_minute", "src/discord/intake.rs", ""),
    ("Limits.block", "core/src/catalog/limits.rs", "self.block"),
    ("Limits.allow", "core/src/catalog/limits.rs", "self.allow"),
    ("OrderSettings.unserved", "core/src/intent/places.rs", ""),
    ("Unserved::Refuse", "core/src/intent/places.rs", ""),
    ("Unserved::Mark", "core/src/intent/places.rs", "Unserved::Refuse"),
    ("OrderSettings.deliver", "src/controller/notify/link.rs", ""),
    ("Delivery::Dm", "src/controller/notify/link.rs", "Delivery::Button"),
    ("Delivery::Button", "src/controller/notify/link.rs", ""),
    ("Retention.proofs", "src/controller/proofs.rs", "retention.proofs"),
    ("Retention.threads", "src/controller/surface/put_away.rs", "retention.threads"),
    ("Retention.tombstones", "core/src/planner/server.rs", ""),
    ("GuardSettings.destructive_percent", "core/src/planner/guard.rs", ""),
    ("GuardSettings.destructive_floor", "core/src/planner/guard.rs", ""),
    ("SubscriptionSettings.url", "src/web/answer.rs", ""),
    ("SubscriptionSettings.update_every", "src/web/answer.rs", ""),
    ("SubscriptionSettings.title", "core/src/view/pages/subscription.rs", ""),
    ("SubscriptionSettings.support", "src/web/answer.rs", ""),
    ("Shop.subscription", "core/src/view/pages/subscription.rs", ""),
    ("NoticeSettings.quiet", "core/src/notices/quiet.rs", ""),
    ("NoticeSettings.traffic", "core/src/notices/mod.rs", ""),
    ("NoticeSettings.news_per_minute", "core/src/catalog/notices.rs", "self.news_per_minute"),
    ("Shop.reminders", "core/src/notices/mod.rs", ""),
    ("Shop.notices", "core/src/notices/mod.rs", ""),
    ("Shop.faq", "core/src/view/pages/support.rs", ""),
    ("Shop.referral", REFERRAL, ""),
    ("Referral.reward", REFERRAL, ""),
    ("Referral.limit", REFERRAL, ""),
    ("Faq.question", "core/src/view/pages/support.rs", ""),
    ("Faq.answer", "core/src/view/pages/support.rs", ""),
    ("Shop.id", "src/controller/context.rs", ""),
    ("Shop.guild", "src/discord/commands.rs", ""),
    ("Shop.message_content", "src/discord/gateway.rs", ""),
    ("Shop.channels", "src/controller/surface/mod.rs", "shop.channels"),
    ("Shop.roles", "core/src/front/router.rs", ""),
    ("Shop.ping", "core/src/view/pages/called.rs", "shop.ping"),
    ("Shop.languages", "core/src/catalog/languages.rs", ""),
    ("Shop.time_zone", "core/src/view/pages/words.rs", ""),
    ("Shop.limits", "core/src/intent/places.rs", ""),
    ("Shop.orders", "core/src/intent/place.rs", ""),
    ("Shop.retention", "core/src/planner/server.rs", ""),
    ("Shop.guard", "core/src/planner/guard.rs", ""),
    ("Promo.id", "core/src/intent/promo.rs", ""),
    ("Promo.code", "core/src/intent/promo.rs", ""),
    ("Promo.gives", CODES, ""),
    ("Promo.plans", "core/src/intent/promo.rs", ""),
    ("Promo.limit", CODES, ""),
    ("Promo.per_customer", "core/src/intent/promo.rs", ""),
    ("Promo.valid", CODES, ""),
    ("Gives::Percent", CODES, "Gives::Percent(percent)"),
    ("Gives::Amount", CODES, "Gives::Amount(amount)"),
    ("Gives::Days", CODES, ""),
    ("Covers::Any", CODES, "Self::Any"),
    ("Covers::Families", CODES, "Self::Families"),
    ("Covers::Ids", CODES, "Self::Ids"),
];

/// Every `Type.field` and `Type::Word` of the settings; the catalog itself is no setting.
fn items() -> BTreeSet<String> {
    let text = read(TYPES) + &read(ORDERS) + &read(CODES) + &read(ROLES);
    let mut items = BTreeSet::new();
    let mut inside: Option<(String, bool)> = None;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("pub struct ").or(line.strip_prefix("pub enum ")) {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
            let open = line.ends_with('{') && name != "Catalog";
            inside = open.then_some((name, line.starts_with("pub enum")));
        } else if line == "}" {
            inside = None;
        } else if let Some((name, is_enum)) = &inside {
            let item = line.trim();
            if let Some((field, _)) = item.strip_prefix("pub ").and_then(|i| i.split_once(':')) {
                items.insert(format!("{name}.{field}"));
            } else if *is_enum && item.ends_with(',') && !item.starts_with("//") {
                let word = item.split_once('(').map_or(item, |(word, _)| word);
                items.insert(format!("{name}::{}", word.trim_end_matches(',')));
            }
        }
    }
    assert!(items.len() > 50, "the types were not understood: {items:?}");
    items
}

#[test]
fn every_setting_is_read_by_the_code_it_is_about() {
    let items = items();
    let read: BTreeMap<&str, (&str, &str)> =
        READ.iter().map(|(item, file, how)| (*item, (*file, *how))).collect();
    let sources: Vec<_> = ["core/src", "src"].into_iter().flat_map(crate_sources).collect();
    let mut problems = Vec::new();
    for item in &items {
        match read.get(item.as_str()) {
            None => problems.push(format!(
                "{TYPES}: `{item}` is accepted and read by nothing. Name its reader in {TABLE}"
            )),
            Some((file, how)) => {
                let seen = match (*how, item.split_once('.')) {
                    ("", Some((_, field))) => format!(".{field}"),
                    ("", None) => item.clone(),
                    (how, _) => how.to_owned(),
                };
                let source = sources.iter().find(|s| s.path == *file);
                let found = source.is_some_and(|s| {
                    let tight: String = s.code.split_whitespace().collect();
                    tight.contains(&seen)
                });
                if !found {
                    problems.push(format!("{TABLE}: {file} does not read `{item}` as `{seen}`"));
                }
            }
        }
    }
    for item in read.keys().filter(|item| !items.contains(**item)) {
        problems.push(format!("{TABLE}: {TYPES} has no `{item}`"));
    }
    super::none(&problems);
}
