//! `payments.yaml` → payment methods.

use super::characters::For;
use super::draft::{Entry, Section, ShopFacts};
use super::reader::Reader;
use super::texts::{NAME, TextRule};
use super::tree::Node;
use super::types::{Method, MethodLifecycle, Requirement};
use super::units;
use super::words::show;
use std::collections::BTreeSet;

/// The keys of one method.
pub(super) const KEYS: &[&str] = &[
    "id",
    "kind",
    "name",
    "currencies",
    "account",
    "instructions",
    "proof",
    "reference",
    "lifecycle",
];
/// The words of `proof` and `reference`.
pub(super) const REQUIREMENTS: &[(&str, Requirement)] =
    &[("required", Requirement::Required), ("optional", Requirement::Optional)];
/// The words of `lifecycle`.
pub(super) const LIFECYCLES: &[(&str, MethodLifecycle)] =
    &[("active", MethodLifecycle::Active), ("retired", MethodLifecycle::Retired)];
/// The words of `kind`: staff look at a proof.
pub(super) const KINDS: &[(&str, ())] = &[("manual", ())];
const INSTRUCTIONS: TextRule =
    TextRule { longest: 1500, whom: For::Lines, placeholders: &["amount", "account", "reference"] };

pub(super) fn read(reader: &mut Reader<'_, '_>, root: &Node, facts: &ShopFacts) -> Section<Method> {
    let before = reader.findings.count(reader.file);
    let mut section = Section::default();
    if let Some(top) = reader.fields(root, "payments.yaml", &["methods"])
        && let Some(list) = reader.need(&top, "methods")
        && let Some(list) = reader.list(list, "methods")
    {
        for node in list {
            reader.note_id(node, &mut section.ids);
            if let Some(value) = method(reader, node, facts) {
                section.entries.push(Entry::new(value, node));
            }
        }
    }
    section.complete = reader.findings.count(reader.file) == before;
    section
}

fn method(reader: &mut Reader<'_, '_>, node: &Node, facts: &ShopFacts) -> Option<Method> {
    let fields = reader.fields(node, "method", KEYS)?;
    let id = reader.need(&fields, "id").and_then(|n| reader.id(n, "id"));
    let kind = reader.need(&fields, "kind").and_then(|n| reader.choice(n, "kind", KINDS));
    let name = reader.need(&fields, "name");
    let name = name.and_then(|n| reader.localised(n, "name", NAME, facts));
    let currencies = reader.need(&fields, "currencies");
    let currencies = currencies.and_then(|n| currencies_of(reader, n, facts));
    let account = reader.need(&fields, "account");
    // Copied as it is: what cannot be seen in it would be paid to.
    let account = account.and_then(|n| reader.short(n, "account", 200, For::Machines));
    let instructions = reader.need(&fields, "instructions");
    let instructions =
        instructions.and_then(|n| reader.localised(n, "instructions", INSTRUCTIONS, facts));
    let proof = match fields.get("proof") {
        Some(n) => reader.choice(n, "proof", REQUIREMENTS),
        None => Some(Requirement::Required),
    };
    let reference = match fields.get("reference") {
        Some(n) => reader.choice(n, "reference", REQUIREMENTS),
        None => Some(Requirement::Optional),
    };
    let lifecycle = match fields.get("lifecycle") {
        Some(n) => reader.choice(n, "lifecycle", LIFECYCLES),
        None => Some(MethodLifecycle::Active),
    };
    kind?;
    Some(Method {
        id: id?,
        name: name?,
        currencies: currencies?,
        account: account?,
        instructions: instructions?,
        proof: proof?,
        reference: reference?,
        lifecycle: lifecycle?,
    })
}

fn currencies_of(
    reader: &mut Reader<'_, '_>,
    node: &Node,
    facts: &ShopFacts,
) -> Option<BTreeSet<String>> {
    let list = reader.list(node, "currencies")?;
    let mut codes = BTreeSet::new();
    let mut whole = true;
    for node in list {
        let Some(code) = reader.text(node, "currencies") else {
            whole = false;
            continue;
        };
        if facts.currencies.is_some() && units::currency(code, &facts.currencies).is_none() {
            let help = "use an ISO 4217 code such as EGP, or declare its decimals in shop.yaml under `currencies`";
            reader.add(node.at, format!("{} is not a known currency", show(code)), help);
            whole = false;
        } else if !codes.insert(code.to_owned()) {
            reader.add(node.at, format!("the currency {} is here twice", show(code)), "keep one");
        }
    }
    whole.then_some(codes)
}
