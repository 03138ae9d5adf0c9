//! `referral` of `shop.yaml`: what a customer gets for friends whom they invite.

use super::promos::MOST_DAYS;
use super::reader::Reader;
use super::tree::Node;
use super::types::Referral;
use super::units;
use crate::model::{DAY_MS, DurationMs};

/// The keys of `referral`.
pub(super) const KEYS: &[&str] = &["reward", "limit"];
/// The most friends that one customer may get something for.
pub(super) const MOST_FRIENDS: u32 = 1_000;

pub(super) fn read(reader: &mut Reader<'_, '_>, node: &Node) -> Option<Referral> {
    let fields = reader.fields(node, "referral", KEYS)?;
    let reward = reader.need(&fields, "reward").and_then(|n| {
        let reward = reader.quantity(n, "reward", units::LENGTH_HELP, units::length)?;
        let whole = reward.0 > 0 && reward.0 % DAY_MS == 0;
        if !whole {
            reader.add(n.at, "`reward` is not in whole days", "write days, such as 3d");
        }
        let most = DurationMs(u64::from(MOST_DAYS) * DAY_MS);
        if reward > most {
            let message = format!("`reward` is more than {MOST_DAYS} days");
            reader.add(n.at, message, "as much as one promo code may give: write fewer days");
        }
        (whole && reward <= most).then_some(reward)
    });
    let limit = reader.need(&fields, "limit");
    let limit = limit.and_then(|n| reader.whole(n, "limit", 1..=MOST_FRIENDS));
    Some(Referral { reward: reward?, limit: limit? })
}
