//! `plans.yaml` → plans.

use super::characters::For;
use super::draft::{Entry, Section, ShopFacts};
use super::reader::Reader;
use super::texts::NAME;
use super::tree::{Node, Value};
use super::types::{Plan, PlanLifecycle};
use super::units;
use super::words::show;
use crate::model::{FamilyId, Money, Selector};
use std::collections::{BTreeMap, BTreeSet};

/// The keys of one plan.
pub(super) const KEYS: &[&str] = &[
    "id",
    "family",
    "name",
    "prices",
    "duration",
    "traffic",
    "devices",
    "servers",
    "lifecycle",
    "trial",
];
/// The keys of a selector: one of them.
pub(super) const SELECTOR_KEYS: &[&str] = &["labels", "ids", "any"];
/// The words of `lifecycle`.
pub(super) const LIFECYCLES: &[(&str, PlanLifecycle)] = &[
    ("active", PlanLifecycle::Active),
    ("hidden", PlanLifecycle::Hidden),
    ("retired", PlanLifecycle::Retired),
];
/// More devices than this is a slip of the finger.
pub(super) const MOST_DEVICES: u32 = 1000;

pub(super) fn read(reader: &mut Reader<'_, '_>, root: &Node, facts: &ShopFacts) -> Section<Plan> {
    let before = reader.findings.count(reader.file);
    let mut section = Section::default();
    if let Some(top) = reader.fields(root, "plans.yaml", &["plans"])
        && let Some(list) = reader.need(&top, "plans")
        && let Some(list) = reader.list(list, "plans")
    {
        for node in list {
            reader.note_id(node, &mut section.ids);
            if let Some(value) = plan(reader, node, facts) {
                section.entries.push(Entry::new(value, node));
            }
        }
    }
    section.complete = reader.findings.count(reader.file) == before;
    section
}

fn plan(reader: &mut Reader<'_, '_>, node: &Node, facts: &ShopFacts) -> Option<Plan> {
    let fields = reader.fields(node, "plan", KEYS)?;
    let id = reader.need(&fields, "id").and_then(|n| reader.id(n, "id"));
    let family = match fields.get("family") {
        Some(n) => reader.id(n, "family"),
        None => {
            id.as_ref().and_then(|id: &crate::model::PlanId| id.as_str().parse::<FamilyId>().ok())
        }
    };
    let name = reader.need(&fields, "name");
    let name = name.and_then(|n| reader.localised(n, "name", NAME, facts));
    let trial = match fields.get("trial") {
        Some(n) => reader.yes_or_no(n, "trial"),
        None => Some(false),
    };
    let prices = match (fields.get("prices"), trial) {
        (Some(n), Some(true)) => {
            let help =
                "remove the prices, or `trial: true`: a trial is given once, without a payment";
            reader.add(n.at, "a trial has no prices", help);
            None
        }
        (None, Some(true)) => Some(Vec::new()),
        // Whether it needs some is not known.
        (None, None) => None,
        _ => reader.need(&fields, "prices").and_then(|n| prices(reader, n, facts)),
    };
    let duration = reader.need(&fields, "duration");
    let duration =
        duration.and_then(|n| reader.quantity(n, "duration", units::LENGTH_HELP, units::length));
    if let (Some(n), Some(crate::model::DurationMs(0))) = (fields.get("duration"), duration) {
        reader.add(n.at, "`duration` is zero", units::LENGTH_HELP);
    }
    let traffic = reader.need(&fields, "traffic");
    let traffic =
        traffic.and_then(|n| reader.quantity(n, "traffic", units::SIZE_HELP, units::traffic));
    let devices = reader.need(&fields, "devices");
    let devices = devices.and_then(|n| reader.whole(n, "devices", 0..=MOST_DEVICES));
    let servers = reader.need(&fields, "servers").and_then(|n| selector(reader, n));
    let lifecycle = match fields.get("lifecycle") {
        Some(n) => reader.choice(n, "lifecycle", LIFECYCLES),
        None => Some(PlanLifecycle::Active),
    };
    Some(Plan {
        id: id?,
        family: family?,
        name: name?,
        prices: prices?,
        duration: duration?,
        traffic: traffic?,
        devices: devices?,
        servers: servers?,
        lifecycle: lifecycle?,
        trial: trial?,
    })
}

fn prices(reader: &mut Reader<'_, '_>, node: &Node, facts: &ShopFacts) -> Option<Vec<Money>> {
    let list = reader.list(node, "prices")?;
    let read = |n| {
        let parse = |text: &str| units::price(text, &facts.currencies);
        reader.quantity(n, "prices", units::PRICE_HELP, parse).flatten()
    };
    let prices: Vec<Option<Money>> = list.iter().map(read).collect();
    prices.into_iter().collect()
}

fn selector(reader: &mut Reader<'_, '_>, node: &Node) -> Option<Selector> {
    const HELP: &str = "write {labels: {tier: basic}}, {ids: [fra-1]} or {any: true}";
    let fields = reader.fields(node, "servers", SELECTOR_KEYS)?;
    let given: Vec<_> =
        SELECTOR_KEYS.iter().filter_map(|key| Some((*key, fields.get(key)?))).collect();
    let [(key, value)] = given.as_slice() else {
        reader.add(node.at, "`servers` needs exactly one of labels, ids and any", HELP);
        return None;
    };
    match *key {
        "any" => reader.choice_raw_true(value, HELP).then_some(Selector::Any),
        "ids" => {
            let list = reader.list(value, "ids")?;
            let ids: Vec<Option<_>> = list.iter().map(|n| reader.id(n, "ids")).collect();
            ids.into_iter().collect::<Option<BTreeSet<_>>>().map(Selector::Ids)
        }
        _ => reader.labels(value, "labels").map(Selector::Labels),
    }
}

impl Reader<'_, '_> {
    /// Notes an entry's id, whatever else is wrong with the entry.
    pub(super) fn note_id(&mut self, node: &Node, ids: &mut Vec<(String, super::place::Place)>) {
        if let super::tree::Value::Map(pairs) = &node.value
            && let Some((_, value)) = pairs.iter().find(|(key, _)| key.text == "id")
            && let super::tree::Value::Scalar { text, .. } = &value.value
        {
            ids.push((text.clone(), value.at));
        }
    }

    /// Labels: at least one, each a short text.
    pub(super) fn labels(&mut self, node: &Node, name: &str) -> Option<BTreeMap<String, String>> {
        self.pairs(node, name)?;
        let super::tree::Value::Map(pairs) = &node.value else { return None };
        if pairs.is_empty() {
            self.add(node.at, format!("`{name}` is empty"), "name a label, or leave the key out");
            return None;
        }
        let read = |(key, value): &(super::tree::Key, Node)| {
            let part = format!("{name}.{}", key.text);
            let key_is_seen = self.seen(key.at, name, &key.text, For::Machines);
            let text = self.short(value, &part, 64, For::Machines).filter(|_| key_is_seen)?;
            Some((key.text.clone(), text))
        };
        let labels: Vec<Option<_>> = pairs.iter().map(read).collect();
        labels.into_iter().collect()
    }

    pub(super) fn yes_or_no(&mut self, node: &Node, name: &str) -> Option<bool> {
        match self.raw(node, name)? {
            "true" => Some(true),
            "false" => Some(false),
            other => {
                self.add(
                    node.at,
                    format!("`{name}` cannot be {}", show(other)),
                    "use one of: true, false",
                );
                None
            }
        }
    }

    pub(super) fn choice_raw_true(&mut self, node: &Node, help: &str) -> bool {
        let yes = matches!(&node.value, Value::Scalar { text, plain: true } if text == "true");
        if !yes {
            self.add(node.at, "`any` can only be true", help);
        }
        yes
    }
}
