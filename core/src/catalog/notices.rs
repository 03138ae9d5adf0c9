//! `notices` of `shop.yaml`: what customers are told besides what they asked for, and at which hours.

use super::daily;
use super::reader::Reader;
use super::tree::Node;
use super::types::NoticeSettings;
use crate::model::{DurationMs, MINUTE_MS};
use std::collections::BTreeSet;
use std::num::NonZeroU32;

/// The keys of `notices`.
pub(super) const KEYS: &[&str] = &["quiet", "traffic", "news_per_minute"];
/// All of it: used up.
pub(super) const MOST_PERCENT: u32 = 100;
/// The most customers of a minute to whom a broadcast goes: a tenth of the calls that Discord allows.
pub(super) const MOST_NEWS: u32 = 300;

/// Where the file does not say.
const fn news_per_minute() -> NonZeroU32 {
    match NonZeroU32::new(60) {
        Some(sixty) => sixty,
        None => NonZeroU32::MIN,
    }
}

impl Default for NoticeSettings {
    fn default() -> Self {
        Self { quiet: None, traffic: vec![80, 90, 100], news_per_minute: news_per_minute() }
    }
}

impl NoticeSettings {
    /// How long after one customer the next gets a broadcast.
    #[must_use]
    pub fn news_every(&self) -> DurationMs {
        DurationMs(MINUTE_MS / u64::from(self.news_per_minute.get()))
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
    let news_per_minute = match fields.get("news_per_minute") {
        Some(n) => reader.whole(n, "news_per_minute", 1..=MOST_NEWS).and_then(NonZeroU32::new),
        None => Some(news_per_minute()),
    };
    Some(NoticeSettings { quiet: quiet?, traffic: traffic?, news_per_minute: news_per_minute? })
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
