//! `promos.yaml` → promo codes.

use super::codes::{Covers, DAYS_HELP, Gives, Promo, days};
use super::draft::{Entry, Section, ShopFacts};
use super::reader::{Fields, Reader};
use super::tree::Node;
use super::units;
use super::words::show;
use std::collections::BTreeSet;

/// The keys of one code.
pub(super) const KEYS: &[&str] =
    &["id", "code", "gives", "plans", "limit", "per_customer", "valid"];
/// The keys of `gives`: one of them.
pub(super) const GIVES_KEYS: &[&str] = &["percent", "amount", "days"];
/// The keys of `plans`: one of them.
pub(super) const PLANS_KEYS: &[&str] = &["families", "ids", "any"];
/// All of a price is no discount: that is what days are for.
pub(super) const MOST_PERCENT: u32 = 99;
/// More days than a year are a slip of the finger.
pub(super) const MOST_DAYS: u32 = 365;
/// More uses than this are the same as no limit.
pub(super) const MOST_USES: u32 = 1_000_000;
const CODE_HELP: &str = "write 3 to 32 letters a-z, digits and hyphens, such as RAMADAN25";

pub(super) fn read(reader: &mut Reader<'_, '_>, root: &Node, facts: &ShopFacts) -> Section<Promo> {
    let before = reader.findings.count(reader.file);
    let mut section = Section::default();
    if let Some(top) = reader.fields(root, "promos.yaml", &["codes"])
        && let Some(list) = reader.need(&top, "codes")
        && let Some(list) = reader.list(list, "codes")
    {
        for node in list {
            reader.note_id(node, &mut section.ids);
            if let Some(value) = promo(reader, node, facts) {
                section.entries.push(Entry::new(value, node));
            }
        }
    }
    section.complete = reader.findings.count(reader.file) == before;
    section
}

fn promo(reader: &mut Reader<'_, '_>, node: &Node, facts: &ShopFacts) -> Option<Promo> {
    let fields = reader.fields(node, "code", KEYS)?;
    let id = reader.need(&fields, "id").and_then(|n| reader.id(n, "id"));
    let code = reader.need(&fields, "code").and_then(|n| code_of(reader, n));
    let gives = reader.need(&fields, "gives").and_then(|n| gives_of(reader, n, facts));
    let plans = reader.need(&fields, "plans").and_then(|n| plans_of(reader, n));
    let limit = match fields.get("limit") {
        Some(n) => reader.whole(n, "limit", 1..=MOST_USES).map(Some),
        None => Some(None),
    };
    let per_customer = match fields.get("per_customer") {
        Some(n) => reader.whole(n, "per_customer", 1..=MOST_USES),
        None => Some(1),
    };
    let valid = match fields.get("valid") {
        Some(n) => reader.quantity(n, "valid", DAYS_HELP, days).map(Some),
        None => Some(None),
    };
    Some(Promo {
        id: id?,
        code: code?,
        gives: gives?,
        plans: plans?,
        limit: limit?,
        per_customer: per_customer?,
        valid: valid?,
    })
}

fn code_of(reader: &mut Reader<'_, '_>, node: &Node) -> Option<String> {
    let text = reader.text(node, "code")?;
    let fits = (3..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !fits {
        reader.add(node.at, format!("{} is no code", show(text)), CODE_HELP);
    }
    fits.then(|| text.to_owned())
}

fn gives_of(reader: &mut Reader<'_, '_>, node: &Node, facts: &ShopFacts) -> Option<Gives> {
    const HELP: &str = "write {percent: 25}, {amount: 20.00 EGP} or {days: 7}";
    let fields = reader.fields(node, "gives", GIVES_KEYS)?;
    match only(reader, node, "gives", &fields, GIVES_KEYS, HELP)? {
        ("percent", n) => reader.whole(n, "percent", 1..=MOST_PERCENT).map(Gives::Percent),
        ("days", n) => reader.whole(n, "days", 1..=MOST_DAYS).map(Gives::Days),
        (_, n) => {
            let parse = |text: &str| units::price(text, &facts.currencies);
            let amount = reader.quantity(n, "amount", units::PRICE_HELP, parse);
            amount.flatten().map(Gives::Amount)
        }
    }
}

fn plans_of(reader: &mut Reader<'_, '_>, node: &Node) -> Option<Covers> {
    const HELP: &str = "write {families: [basic]}, {ids: [basic-30]} or {any: true}";
    let fields = reader.fields(node, "plans", PLANS_KEYS)?;
    match only(reader, node, "plans", &fields, PLANS_KEYS, HELP)? {
        ("any", n) => reader.choice_raw_true(n, HELP).then_some(Covers::Any),
        ("ids", n) => {
            let list = reader.list(n, "ids")?;
            let ids: Vec<Option<_>> = list.iter().map(|n| reader.id(n, "ids")).collect();
            ids.into_iter().collect::<Option<BTreeSet<_>>>().map(Covers::Ids)
        }
        (_, n) => {
            let list = reader.list(n, "families")?;
            let ids: Vec<Option<_>> = list.iter().map(|n| reader.id(n, "families")).collect();
            ids.into_iter().collect::<Option<BTreeSet<_>>>().map(Covers::Families)
        }
    }
}

/// The one of these keys that is there.
fn only<'n>(
    reader: &mut Reader<'_, '_>,
    node: &Node,
    name: &str,
    fields: &Fields<'n>,
    keys: &[&'static str],
    help: &str,
) -> Option<(&'static str, &'n Node)> {
    let given: Vec<_> = keys.iter().filter_map(|key| Some((*key, fields.get(key)?))).collect();
    let [one] = given.as_slice() else {
        let message = format!("`{name}` needs exactly one of {}", keys.join(", "));
        reader.add(node.at, message, help);
        return None;
    };
    Some(*one)
}
