//! The entries of two catalogs, field by field, as the files write them.

use super::notes::note;
use super::types::{Became, Change, Field};
use crate::catalog::{
    Catalog, Covers, DesiredFile, Gives, Lines, Method, Plan, Promo, Server, Shop,
    without_retained, written_length, written_speed,
};
use crate::model::{DurationMs, FamilyId, PlanId, Selector};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a field says, by its name in the file.
type Fields = BTreeMap<String, String>;

/// A kind of entry: its word, its file, and its entries in the order of the file.
type Section = (&'static str, DesiredFile, Vec<(String, Fields)>);

/// Every entry that differs, in the order of the files.
pub(super) fn changes(before: &Catalog, after: &Catalog, lines: &Lines) -> Vec<Change> {
    let before = sections(&without_retained(before.clone()));
    let after = sections(after);
    let pairs = before.into_iter().zip(after);
    pairs.flat_map(|(before, after)| section(&before, &after, lines)).collect()
}

fn sections(catalog: &Catalog) -> [Section; 5] {
    let plans = catalog.plans.iter().map(|p| (p.id.to_string(), plan(p))).collect();
    let servers = catalog.servers.values().map(|s| (s.id.to_string(), server(s))).collect();
    let methods = catalog.methods.iter().map(|m| (m.id.to_string(), method(m))).collect();
    let codes = catalog.promos.iter().map(|p| (p.id.to_string(), promo(p))).collect();
    [
        ("plan", DesiredFile::Plans, plans),
        ("server", DesiredFile::Servers, servers),
        ("method", DesiredFile::Payments, methods),
        ("shop", DesiredFile::Shop, vec![(catalog.shop.id.to_string(), shop(&catalog.shop))]),
        ("code", DesiredFile::Promos, codes),
    ]
}

fn section(before: &Section, after: &Section, lines: &Lines) -> Vec<Change> {
    let (kind, file, entries) = after;
    let was: BTreeMap<&str, &Fields> = before.2.iter().map(|(id, f)| (&**id, f)).collect();
    let gone = before.2.iter().filter(|(id, _)| entries.iter().all(|(now, _)| now != id));
    let nothing = Fields::new();
    let one = |id: &str, was: Option<&Fields>, is: Option<&Fields>| {
        let became = match (was, is) {
            (None, _) => Became::Added,
            (_, None) => Became::Removed,
            _ => Became::Changed,
        };
        let line = |part: &str| is.and_then(|_| lines.line(*file, id, part));
        let (was, is) = (was.unwrap_or(&nothing), is.unwrap_or(&nothing));
        let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
        let differs = names.into_iter().filter(|name| was.get(*name) != is.get(*name));
        let fields: Vec<Field> = differs
            .map(|name| Field {
                name: name.clone(),
                line: line(name),
                was: was.get(name).cloned(),
                is: is.get(name).cloned(),
                note: (became == Became::Changed)
                    .then(|| note(kind, name))
                    .flatten()
                    .map(str::to_owned),
            })
            .collect();
        (!fields.is_empty()).then(|| Change {
            file: file.name().to_owned(),
            line: line(""),
            kind: (*kind).to_owned(),
            id: id.to_owned(),
            became,
            fields,
        })
    };
    let there = entries.iter().filter_map(|(id, is)| one(id, was.get(&**id).copied(), Some(is)));
    there.chain(gone.filter_map(|(id, was)| one(id, Some(was), None))).collect()
}

fn plan(plan: &Plan) -> Fields {
    let prices: Vec<String> = plan.prices.iter().map(ToString::to_string).collect();
    let in_words = [
        ("prices", json!(prices)),
        ("traffic", json!(plan.traffic.to_string())),
        ("servers", json!(selector(&plan.servers))),
    ];
    fields(plan, &in_words, &["duration"], str::to_owned)
}

fn server(server: &Server) -> Fields {
    let line = json!(written_speed(server.line_bits_per_second));
    let between = json!(server.cut_open_sessions.as_ref().map(|cut| cut.between.to_string()));
    let in_words = [("line_bits_per_second", line), ("cut_open_sessions.between", between)];
    fields(server, &in_words, &["cut_open_sessions.after"], |name| match name {
        "line_bits_per_second" => "line".to_owned(),
        _ => name.to_owned(),
    })
}

fn method(method: &Method) -> Fields {
    fields(method, &[], &[], str::to_owned)
}

fn shop(shop: &Shop) -> Fields {
    let lengths = [
        "reminders",
        "orders.pay_within",
        "orders.review_within",
        "referral.reward",
        "retention",
        "limits.replace_link_every",
    ];
    let numbered = (0..).zip(&shop.faq).map(|(n, entry): (u8, _)| (n.to_string(), json!(entry)));
    let faq: serde_json::Map<String, Value> = numbered.collect();
    let faq = if faq.is_empty() { Value::Null } else { Value::Object(faq) };
    let quiet = json!(shop.notices.quiet.map(|quiet| quiet.to_string()));
    fields(shop, &[("faq", faq), ("notices.quiet", quiet)], &lengths, |name| {
        match name.split('.').next() {
            Some("guild" | "channels" | "roles" | "ping") => format!("discord.{name}"),
            _ => name.to_owned(),
        }
    })
}

fn promo(promo: &Promo) -> Fields {
    let gives = match &promo.gives {
        Gives::Percent(percent) => format!("{{percent: {percent}}}"),
        Gives::Amount(amount) => format!("{{amount: {amount}}}"),
        Gives::Days(days) => format!("{{days: {days}}}"),
    };
    let listed = |ids: Vec<&str>| format!("[{}]", ids.join(", "));
    let plans = match &promo.plans {
        Covers::Any => "{any: true}".to_owned(),
        Covers::Families(ids) => {
            format!("{{families: {}}}", listed(ids.iter().map(FamilyId::as_str).collect()))
        }
        Covers::Ids(ids) => {
            format!("{{ids: {}}}", listed(ids.iter().map(PlanId::as_str).collect()))
        }
    };
    fields(promo, &[("gives", json!(gives)), ("plans", json!(plans))], &[], str::to_owned)
}

/// Every field of a value but its id: those of the list in these words, and the numbers of `lengths` as
/// lengths of time. A field that is new in a type is compared without more.
fn fields(
    of: &impl Serialize,
    in_words: &[(&str, Value)],
    lengths: &[&str],
    named: impl Fn(&str) -> String,
) -> Fields {
    let mut flat = BTreeMap::new();
    let is_length = |path: &str| lengths.iter().any(|name| is_within(path, name));
    flatten("", &serde_json::to_value(of).unwrap_or_default(), &is_length, &mut flat);
    flat.remove("id");
    for (name, words) in in_words {
        flat.retain(|path, _| !is_within(path, name));
        flatten(name, words, &is_length, &mut flat);
    }
    flat.into_iter().map(|(path, text)| (named(&path), text)).collect()
}

fn is_within(path: &str, name: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn flatten(path: &str, value: &Value, is_length: &dyn Fn(&str) -> bool, into: &mut Fields) {
    let word = |value: &Value| match (value, value.as_u64()) {
        (_, Some(ms)) if is_length(path) => written_length(DurationMs(ms)),
        (Value::String(text), _) => text.clone(),
        _ => value.to_string(),
    };
    let text = match value {
        Value::Null => return,
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(&below, value, is_length, into);
            }
            return;
        }
        Value::Array(list) => format!("[{}]", list.iter().map(word).collect::<Vec<_>>().join(", ")),
        other => word(other),
    };
    into.insert(path.to_owned(), text);
}

/// Which servers, as the file writes it.
fn selector(selector: &Selector) -> String {
    match selector {
        Selector::Any => "{any: true}".to_owned(),
        Selector::Ids(ids) => {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            format!("{{ids: [{}]}}", ids.join(", "))
        }
        Selector::Labels(labels) => {
            let labels: Vec<String> = labels.iter().map(|(k, v)| format!("{k}: {v}")).collect();
            format!("{{labels: {{{}}}}}", labels.join(", "))
        }
    }
}
