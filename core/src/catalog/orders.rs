//! `orders` of `shop.yaml`: how an order goes, and where it is talked about.

use super::reader::Reader;
use super::tree::Node;
use crate::model::{DAY_MS, DurationMs, HOUR_MS};
use serde::{Deserialize, Serialize};

/// Where an order is talked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderSpace {
    /// In a private thread of its own.
    PrivateThread,
    /// In a channel of its own.
    Channel,
}

/// How the link goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// By DM, with the button as the fallback.
    Dm,
    /// By the button only.
    Button,
}

/// What becomes of a new order while no server of its plan can be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unserved {
    /// It is not taken.
    Refuse,
    /// It is taken, and its customer and staff read that it will wait.
    #[default]
    Mark,
}

/// How orders go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSettings {
    /// How long an order waits to be paid.
    pub pay_within: DurationMs,
    /// How long a first proof keeps a place while staff look at it.
    pub review_within: DurationMs,
    /// Where it is talked about.
    pub space: OrderSpace,
    /// The categories that orders' channels are made in, the first with room first; 1 to 10 where
    /// orders have channels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<u64>,
    /// How the link goes out.
    pub deliver: Delivery,
    /// What becomes of a new one while no server of its plan can be used.
    #[serde(default)]
    pub unserved: Unserved,
}

/// The most channels of orders in one category. Discord takes 50 (`channel.mdx`, `CHANNEL_PARENT_MAX_CHANNELS`):
/// the rest is for orders that come together, and for staff.
pub const CHANNELS_IN_A_CATEGORY: usize = 45;

impl OrderSettings {
    /// How many orders can have a channel at once; `None` where they have threads, which are not counted.
    #[must_use]
    pub fn most_channels(&self) -> Option<usize> {
        match self.space {
            OrderSpace::PrivateThread => None,
            OrderSpace::Channel => Some(self.categories.len() * CHANNELS_IN_A_CATEGORY),
        }
    }
}

/// The keys of `orders`.
pub(super) const KEYS: &[&str] =
    &["pay_within", "review_within", "space", "categories", "deliver", "unserved"];
/// The words of `space`.
pub(super) const SPACES: &[(&str, OrderSpace)] =
    &[("private_thread", OrderSpace::PrivateThread), ("channel", OrderSpace::Channel)];
/// The words of `deliver`.
pub(super) const DELIVERIES: &[(&str, Delivery)] =
    &[("dm", Delivery::Dm), ("button", Delivery::Button)];
/// The words of `unserved`.
pub(super) const UNSERVED: &[(&str, Unserved)] =
    &[("refuse", Unserved::Refuse), ("mark", Unserved::Mark)];
/// What counts where the file says nothing.
pub(super) const DEFAULT: OrderSettings = OrderSettings {
    pay_within: DurationMs(24 * HOUR_MS),
    review_within: DurationMs(3 * DAY_MS),
    space: OrderSpace::PrivateThread,
    categories: Vec::new(),
    deliver: Delivery::Dm,
    unserved: Unserved::Mark,
};

pub(super) fn read(reader: &mut Reader<'_, '_>, node: &Node) -> Option<OrderSettings> {
    let fields = reader.fields(node, "orders", KEYS)?;
    let mut within = |key, default| match fields.get(key) {
        Some(n) => reader.length(n, key, 60_000),
        None => Some(default),
    };
    let pay_within = within("pay_within", DEFAULT.pay_within);
    let review_within = within("review_within", DEFAULT.review_within);
    let space = match fields.get("space") {
        Some(n) => reader.choice(n, "space", SPACES),
        None => Some(DEFAULT.space),
    };
    let categories = match fields.get("categories") {
        Some(n) => categories(reader, n),
        None => Some(Vec::new()),
    };
    if space == Some(OrderSpace::Channel) && categories.as_ref().is_some_and(Vec::is_empty) {
        let help = "name the categories that orders' channels are made in: `categories: [\"…\"]`";
        reader.add(node.at, "`space: channel` needs `categories`".to_owned(), help);
        return None;
    }
    let deliver = match fields.get("deliver") {
        Some(n) => reader.choice(n, "deliver", DELIVERIES),
        None => Some(DEFAULT.deliver),
    };
    let unserved = match fields.get("unserved") {
        Some(n) => reader.choice(n, "unserved", UNSERVED),
        None => Some(DEFAULT.unserved),
    };
    Some(OrderSettings {
        pay_within: pay_within?,
        review_within: review_within?,
        space: space?,
        categories: categories?,
        deliver: deliver?,
        unserved: unserved?,
    })
}

/// The most categories: Discord's 500 channels are 10 full ones.
pub(super) const MOST_CATEGORIES: usize = 10;

fn categories(reader: &mut Reader<'_, '_>, node: &Node) -> Option<Vec<u64>> {
    let list = reader.list(node, "categories")?;
    if list.len() > MOST_CATEGORIES {
        let message = format!("these are more than {MOST_CATEGORIES} categories");
        reader.add(node.at, message, "Discord takes 500 channels, 50 in a category: keep 10");
        return None;
    }
    let mut ids = Vec::new();
    let mut whole = true;
    for node in list {
        match reader.snowflake(node, "categories") {
            Some(id) if ids.contains(&id) => {
                reader.add(node.at, "this category is here twice", "keep one");
            }
            Some(id) => ids.push(id),
            None => whole = false,
        }
    }
    whole.then_some(ids)
}
