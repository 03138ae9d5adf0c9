//! `notices` of `shop.yaml`: what customers are told besides what they asked for, and at which hours.

use super::daily;
use super::reader::Reader;
use super::tree::Node;
use super::types::NoticeSettings;
use std::collections::BTreeSet;

/// The keys of `notices`.
pub(super) const KEYS: &[&str] = &["quiet", "traffic"];
/// All of it: used up.
pub(super) const MOST_PERCENT: u32 = 100;

impl Default for NoticeSettings {
    fn default() -> Self {
        Self { quiet: None, traffic: vec![80, 90, 100] }
    }
}

pub(super) fn read(reader: &mut Reader<'_, '_>, node: &Node) -> Option<NoticeSettings> {
    let fields = reader.fields(node, "notices", KEYS)?;
    let quiet = match fields.get("quiet") {
        Some(n) => reader.quantity(n, "quiet", daily::DAILY_HELP, daily::daily).map(Some),
        None => Some(None),
    };
    let traffic = match fields.get("traffic") {
        Some(n) => traffic(reader, n),
        None => Some(NoticeSettings::default().traffic),
    };
    Some(NoticeSettings { quiet: quiet?, traffic: traffic? })
}

fn traffic(reader: &mut Reader<'_, '_>, node: &Node) -> Option<Vec<u8>> {
    let list = reader.list(node, "traffic")?;
    let mut shares = BTreeSet::new();
    let mut whole = true;
    for node in list {
        let share =
            reader.whole(node, "traffic", 1..=MOST_PERCENT).and_then(|n| u8::try_from(n).ok());
        match share {
            Some(share) if !shares.insert(share) => {
                reader.add(node.at, "this share is here twice", "keep one");
            }
            Some(_) => {}
            None => whole = false,
        }
    }
    whole.then(|| shares.into_iter().collect())
}
