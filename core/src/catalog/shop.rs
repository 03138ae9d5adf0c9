//! `shop.yaml` → the shop, and the facts that the other files need of it.

use super::draft::{Entry, ShopFacts};
use super::reader::Reader;
use super::roles::{Pings, Roles};
use super::tree::{Node, Value};
use super::types::{ChannelRefs, GuardSettings, Limits, NoticeSettings, Retention, Shop};
use super::units;
use super::words::{show, suggest};
use super::{faq, limits, notices, orders, referral, subscription};
use crate::model::{DAY_MS, DurationMs};
use std::collections::{BTreeMap, BTreeSet};

/// The keys of the shop.
pub(super) const KEYS: &[&str] = &[
    "id",
    "discord",
    "languages",
    "time_zone",
    "currencies",
    "orders",
    "limits",
    "reminders",
    "notices",
    "faq",
    "referral",
    "retention",
    "guard",
    "subscription",
];
/// The keys of `discord`.
pub(super) const DISCORD_KEYS: &[&str] = &["guild", "channels", "roles", "ping", "message_content"];
/// The keys of `channels`.
pub(super) const CHANNEL_KEYS: &[&str] = &["store", "orders", "review", "stats", "alerts"];
/// The keys of `roles`.
pub(super) const ROLE_KEYS: &[&str] = &["owner", "admin", "support"];
/// The keys of `retention`.
pub(super) const RETENTION_KEYS: &[&str] = &["proofs", "threads", "tombstones"];
/// The keys of `guard`.
pub(super) const GUARD_KEYS: &[&str] = &["destructive_percent", "destructive_floor"];
/// The shortest that pictures of payments are kept once their orders are settled.
const LEAST_PROOFS: DurationMs = DurationMs(30 * DAY_MS);
/// The most decimals of a declared currency.
pub(super) const MOST_DECIMALS: u32 = 12;

pub(super) fn read(reader: &mut Reader<'_, '_>, root: &Node) -> (Option<Entry<Shop>>, ShopFacts) {
    let mut facts = ShopFacts::default();
    let shop = reader
        .fields(root, "shop.yaml", &["shop"])
        .and_then(|top| reader.need(&top, "shop"))
        .and_then(|node| Some(Entry::new(shop(reader, node, &mut facts)?, node)));
    (shop, facts)
}

fn shop(reader: &mut Reader<'_, '_>, node: &Node, facts: &mut ShopFacts) -> Option<Shop> {
    let fields = reader.fields(node, "shop", KEYS)?;
    let id = reader.need(&fields, "id").and_then(|n| reader.id(n, "id"));
    let discord = reader.need(&fields, "discord").and_then(|n| discord(reader, n));
    facts.languages = reader.need(&fields, "languages").and_then(|n| languages(reader, n));
    let time_zone = reader.need(&fields, "time_zone").and_then(|n| time_zone(reader, n));
    facts.currencies = match fields.get("currencies") {
        Some(n) => currencies(reader, n),
        None => Some(BTreeMap::new()),
    };
    let orders = match fields.get("orders") {
        Some(n) => orders::read(reader, n),
        None => Some(orders::DEFAULT),
    };
    let limits = match fields.get("limits") {
        Some(n) => limits::read(reader, n),
        None => Some(Limits::default()),
    };
    let reminders = match fields.get("reminders") {
        Some(n) => reminders(reader, n),
        None => Some([3, 1, 0].map(|days| DurationMs(days * DAY_MS)).to_vec()),
    };
    let notices = match fields.get("notices") {
        Some(n) => notices::read(reader, n),
        None => Some(NoticeSettings::default()),
    };
    let faq = match fields.get("faq") {
        Some(n) => faq::read(reader, n, facts),
        None => Some(Vec::new()),
    };
    let referral = match fields.get("referral") {
        Some(n) => referral::read(reader, n).map(Some),
        None => Some(None),
    };
    let retention = match fields.get("retention") {
        Some(n) => retention(reader, n),
        None => Some(DEFAULT_RETENTION),
    };
    let guard = match fields.get("guard") {
        Some(n) => guard(reader, n),
        None => Some(DEFAULT_GUARD),
    };
    let subscription = match fields.get("subscription") {
        Some(n) => subscription::read(reader, n, facts).map(Some),
        None => Some(None),
    };
    let Discord { guild, message_content, channels, roles, ping } = discord?;
    facts.currencies.as_ref()?;
    Some(Shop {
        id: id?,
        guild,
        message_content,
        channels,
        roles,
        ping,
        languages: facts.languages.clone()?,
        time_zone: time_zone?,
        orders: orders?,
        limits: limits?,
        reminders: reminders?,
        notices: notices?,
        // What is wrong in it was said; the rest of the shop is judged all the same.
        faq: faq.unwrap_or_default(),
        referral: referral?,
        retention: retention?,
        guard: guard?,
        subscription: subscription?,
    })
}

const DEFAULT_RETENTION: Retention =
    Retention { proofs: None, threads: DurationMs(7 * DAY_MS), tombstones: DurationMs(7 * DAY_MS) };
const DEFAULT_GUARD: GuardSettings =
    GuardSettings { destructive_percent: 10, destructive_floor: 5 };

/// What stands under `discord`.
struct Discord {
    guild: u64,
    message_content: bool,
    channels: ChannelRefs,
    roles: Roles,
    ping: Pings,
}

fn discord(reader: &mut Reader<'_, '_>, node: &Node) -> Option<Discord> {
    let fields = reader.fields(node, "discord", DISCORD_KEYS)?;
    let guild = reader.need(&fields, "guild").and_then(|n| reader.snowflake(n, "guild"));
    let channels = reader.need(&fields, "channels").and_then(|n| channels(reader, n));
    let roles = reader.need(&fields, "roles").and_then(|n| roles(reader, n));
    let ping = match (fields.get("ping"), &roles) {
        (Some(n), roles) => Pings::read(reader, n, roles.as_ref().unwrap_or(&Roles::default())),
        (None, roles) => Some(roles.as_ref().map(Pings::of).unwrap_or_default()),
    };
    let message_content = match fields.get("message_content") {
        Some(n) => reader.yes_or_no(n, "message_content"),
        None => Some(false),
    };
    let (guild, message_content, ping) = (guild?, message_content?, ping?);
    Some(Discord { guild, message_content, channels: channels?, roles: roles?, ping })
}

fn channels(reader: &mut Reader<'_, '_>, node: &Node) -> Option<ChannelRefs> {
    let fields = reader.fields(node, "channels", CHANNEL_KEYS)?;
    let mut must = |key| reader.need(&fields, key).and_then(|n| reader.snowflake(n, key));
    let (store, orders, review) = (must("store"), must("orders"), must("review"));
    let mut may = |key| match fields.get(key) {
        Some(n) => reader.snowflake(n, key).map(Some),
        None => Some(None),
    };
    let (stats, alerts) = (may("stats"), may("alerts"));
    Some(ChannelRefs {
        store: store?,
        orders: orders?,
        review: review?,
        stats: stats?,
        alerts: alerts?,
    })
}

fn roles(reader: &mut Reader<'_, '_>, node: &Node) -> Option<Roles> {
    let fields = reader.fields(node, "roles", ROLE_KEYS)?;
    let mut set = |node: &Node, key: &str| -> Option<BTreeSet<u64>> {
        let list = reader.list(node, key)?;
        let ids: Vec<Option<u64>> = list.iter().map(|n| reader.snowflake(n, key)).collect();
        ids.into_iter().collect()
    };
    let owner = fields.get("owner").map(|n| set(n, "owner"));
    let mut may = |key| fields.get(key).map_or(Some(BTreeSet::new()), |n| set(n, key));
    let (admin, support) = (may("admin"), may("support"));
    let Some(owner) = owner else {
        reader.need(&fields, "owner");
        return None;
    };
    Some(Roles { owner: owner?, admin: admin?, support: support? })
}

fn languages(reader: &mut Reader<'_, '_>, node: &Node) -> Option<Vec<String>> {
    let list = reader.list(node, "languages")?;
    let mut languages: Vec<String> = Vec::new();
    let mut whole = true;
    for node in list {
        let Some(text) = reader.text(node, "languages") else {
            whole = false;
            continue;
        };
        let valid = text.parse::<unic_langid::LanguageIdentifier>();
        if !valid
            .is_ok_and(|l| l == text && (2..=3).contains(&text.find('-').unwrap_or(text.len())))
        {
            let help = "write a language code such as en, ar or pt-BR";
            reader.add(node.at, format!("{} is not a language", show(text)), help);
            whole = false;
        } else if languages.iter().any(|l| l == text) {
            reader.add(node.at, format!("the language {} is here twice", show(text)), "keep one");
        } else {
            languages.push(text.to_owned());
        }
    }
    whole.then_some(languages)
}

/// The time zones that are built in, so that the answer does not depend on the machine.
fn time_zone(reader: &mut Reader<'_, '_>, node: &Node) -> Option<String> {
    let text = reader.text(node, "time_zone")?;
    let zones = jiff::tz::TimeZoneDatabase::bundled();
    if zones.get(text).is_ok_and(|zone| zone.iana_name() == Some(text)) {
        return Some(text.to_owned());
    }
    let names: Vec<String> = zones.available().map(|name| name.as_str().to_owned()).collect();
    let near = suggest(text, names.iter().map(String::as_str));
    let help = if near.starts_with("did you") {
        near
    } else {
        "write a name of the IANA database such as Africa/Cairo or UTC".into()
    };
    reader.add(node.at, format!("{} is not a known time zone", show(text)), help);
    None
}

fn currencies(reader: &mut Reader<'_, '_>, node: &Node) -> Option<BTreeMap<String, u8>> {
    reader.pairs(node, "currencies")?;
    let Value::Map(pairs) = &node.value else { return None };
    let mut declared = BTreeMap::new();
    let mut whole = true;
    for (key, value) in pairs {
        let code = key.text.as_str();
        let shape = (2..=10).contains(&code.len())
            && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if !shape {
            let help = "write 2 to 10 of A-Z and 0-9";
            reader.add(key.at, format!("{} is not a currency code", show(code)), help);
            whole = false;
        } else if units::iso_decimals(code).is_some() {
            let help = "remove it: only currencies that ISO 4217 lacks are declared here";
            reader.add(key.at, format!("`{code}` is known already"), help);
            whole = false;
        }
        match reader.whole(value, &format!("currencies.{code}"), 0..=MOST_DECIMALS) {
            Some(decimals) => {
                declared.insert(code.to_owned(), u8::try_from(decimals).unwrap_or(0));
            }
            None => whole = false,
        }
    }
    whole.then_some(declared)
}

/// Longest first, each once, whatever order the file has.
fn reminders(reader: &mut Reader<'_, '_>, node: &Node) -> Option<Vec<DurationMs>> {
    let list = reader.list(node, "reminders")?;
    let mut lengths = BTreeSet::new();
    let mut whole = true;
    for node in list {
        match reader.length(node, "reminders", 0) {
            Some(length) => {
                if !lengths.insert(length) {
                    reader.add(node.at, "this reminder is here twice", "keep one");
                }
            }
            None => whole = false,
        }
    }
    whole.then(|| lengths.into_iter().rev().collect())
}

fn retention(reader: &mut Reader<'_, '_>, node: &Node) -> Option<Retention> {
    let fields = reader.fields(node, "retention", RETENTION_KEYS)?;
    let proofs = match fields.get("proofs") {
        Some(n) => kept_pictures(reader, n).map(Some),
        None => Some(DEFAULT_RETENTION.proofs),
    };
    let mut get = |key, default| match fields.get(key) {
        Some(n) => reader.length(n, key, 0),
        None => Some(default),
    };
    let threads = get("threads", DEFAULT_RETENTION.threads);
    let tombstones = get("tombstones", DEFAULT_RETENTION.tombstones);
    Some(Retention { proofs: proofs?, threads: threads?, tombstones: tombstones? })
}

/// Nobody gets a deleted picture back: a slip of the hand must not delete all of them.
fn kept_pictures(reader: &mut Reader<'_, '_>, node: &Node) -> Option<DurationMs> {
    let length = reader.length(node, "proofs", 0)?;
    if length < LEAST_PROOFS {
        let days = LEAST_PROOFS.0 / DAY_MS;
        let help = "keep them longer, or leave `proofs` out: then they are kept for good";
        reader.add(node.at, format!("`proofs` is shorter than {days} days"), help);
        return None;
    }
    Some(length)
}

fn guard(reader: &mut Reader<'_, '_>, node: &Node) -> Option<GuardSettings> {
    let fields = reader.fields(node, "guard", GUARD_KEYS)?;
    let mut get = |key, most, default| match fields.get(key) {
        Some(n) => reader.whole(n, key, 0..=most),
        None => Some(default),
    };
    let percent = get("destructive_percent", 100, DEFAULT_GUARD.destructive_percent);
    let floor = get("destructive_floor", 100_000, DEFAULT_GUARD.destructive_floor);
    Some(GuardSettings { destructive_percent: percent?, destructive_floor: floor? })
}
