//! `limits` of `shop.yaml`: who may order, and what one customer may have and do.

use super::reader::Reader;
use super::tree::Node;
use super::types::Limits;
use super::units;
use super::words::show;
use crate::model::{DurationMs, HOUR_MS, Identity};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// The keys of `limits`.
pub(super) const KEYS: &[&str] =
    &["open_orders", "replace_link_every", "presses_per_minute", "block", "allow"];
/// The most open orders of one customer that a file may allow.
pub(super) const MOST_OPEN_ORDERS: u32 = 100;
/// The fewest clicks and commands of one customer in a minute that are answered: an order takes three.
pub(super) const LEAST_PRESSES: u32 = 5;
/// The most.
pub(super) const MOST_PRESSES: u32 = 1_000;
const HELP: &str = "write \"discord:\" and the person's id: developer mode, then \"Copy User ID\"";

impl Default for Limits {
    fn default() -> Self {
        Self {
            open_orders: 2,
            replace_link_every: Self::replace_link_every(),
            presses_per_minute: Self::presses_per_minute(),
            block: BTreeSet::new(),
            allow: BTreeSet::new(),
        }
    }
}

impl Limits {
    /// Where the file does not say.
    pub(super) const fn replace_link_every() -> DurationMs {
        DurationMs(HOUR_MS)
    }

    /// Where the file does not say.
    pub(super) const fn presses_per_minute() -> NonZeroU32 {
        match NonZeroU32::new(30) {
            Some(thirty) => thirty,
            None => NonZeroU32::MIN,
        }
    }

    /// Whether somebody may order, renew or have a trial. What they have goes on either way.
    #[must_use]
    pub fn admits(&self, who: Identity) -> bool {
        !self.block.contains(&who) && (self.allow.is_empty() || self.allow.contains(&who))
    }
}

pub(super) fn read(reader: &mut Reader<'_, '_>, node: &Node) -> Option<Limits> {
    let fields = reader.fields(node, "limits", KEYS)?;
    let default = Limits::default();
    let open_orders = match fields.get("open_orders") {
        Some(n) => reader.whole(n, "open_orders", 1..=MOST_OPEN_ORDERS),
        None => Some(default.open_orders),
    };
    let replace_link_every = match fields.get("replace_link_every") {
        Some(n) => reader.quantity(n, "replace_link_every", units::LENGTH_HELP, units::length),
        None => Some(default.replace_link_every),
    };
    let presses_per_minute = match fields.get("presses_per_minute") {
        Some(n) => reader
            .whole(n, "presses_per_minute", LEAST_PRESSES..=MOST_PRESSES)
            .and_then(NonZeroU32::new),
        None => Some(default.presses_per_minute),
    };
    let mut listed = BTreeMap::new();
    let mut people = |key| match fields.get(key) {
        Some(n) => people(reader, n, key, &mut listed),
        None => Some(BTreeSet::new()),
    };
    let (block, allow) = (people("block"), people("allow"));
    Some(Limits {
        open_orders: open_orders?,
        replace_link_every: replace_link_every?,
        presses_per_minute: presses_per_minute?,
        block: block?,
        allow: allow?,
    })
}

/// Each person stands in one of the lists, once; `listed` is who stood in which so far.
fn people(
    reader: &mut Reader<'_, '_>,
    node: &Node,
    key: &'static str,
    listed: &mut BTreeMap<Identity, &'static str>,
) -> Option<BTreeSet<Identity>> {
    let mut people = Some(BTreeSet::new());
    for node in reader.list(node, key)? {
        let read = reader.text(node, key);
        let who = read.and_then(|text| text.parse::<Identity>().ok());
        match (who, who.and_then(|who| listed.insert(who, key))) {
            (Some(who), None) => {
                if let Some(people) = &mut people {
                    people.insert(who);
                }
                continue;
            }
            (Some(who), Some(other)) if other == key => {
                reader.add(node.at, format!("{who} is in `{key}` twice"), "keep one");
            }
            (Some(who), Some(_)) => {
                let message = format!("{who} is in `block` and in `allow`");
                reader.add(node.at, message, "take it out of one of them");
            }
            (None, _) => {
                if let Some(text) = read {
                    reader.add(node.at, format!("{} is nobody's identity", show(text)), HELP);
                }
            }
        }
        people = None;
    }
    people
}
