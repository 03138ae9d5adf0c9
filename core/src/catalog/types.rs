//! What the files say, as values. The shapes are fixed by the shop's file format; docs of each
//! field name its unit.

use super::codes::Promo;
use super::commit::Commit;
use super::daily::Daily;
use super::orders::OrderSettings;
use super::roles::{Pings, Roles};
use crate::model::{
    DurationMs, FamilyId, Identity, MethodId, Money, PlanId, Quota, Selector, ServerId, ShopId,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// A text in each language: language code → text. It has the shop's default language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(pub BTreeMap<String, String>);

impl Text {
    /// The text in a language, else in the default one, else any.
    #[must_use]
    pub fn get(&self, language: &str, default: &str) -> &str {
        self.0
            .get(language)
            .or_else(|| self.0.get(default))
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }
}

/// How far a plan is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanLifecycle {
    /// On the store's panel.
    Active,
    /// Sold by command only.
    Hidden,
    /// Renewals only.
    Retired,
}

/// What customers buy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// Plans of one family renew each other.
    pub family: FamilyId,
    /// What people read.
    pub name: Text,
    /// One price per currency.
    pub prices: Vec<Money>,
    /// A term's length.
    pub duration: DurationMs,
    /// A term's allowance.
    pub traffic: Quota,
    /// Devices at once; 0 is without limit.
    pub devices: u32,
    /// Which servers may serve it.
    pub servers: Selector,
    /// How far it is sold.
    pub lifecycle: PlanLifecycle,
    /// Given once to each customer, without a payment: it has no prices, and nobody renews with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trial: bool,
}

impl Plan {
    /// Whether a promo code is for it: for a trial none is.
    #[must_use]
    pub fn takes(&self, promo: &Promo) -> bool {
        !self.trial && promo.plans.covers(&self.id, &self.family)
    }
}

/// What may happen on a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerLifecycle {
    /// Takes new accounts.
    Active,
    /// Serves those it has.
    Cordoned,
    /// Its accounts move elsewhere first.
    Draining,
    /// Gone: its accounts move without it.
    Lost,
    /// Serves nobody any more.
    Retired,
}

/// Whether a server is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Changed as needed.
    Manage,
    /// Everything is computed, nothing is changed.
    Observe,
}

/// What to do about changes by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drift {
    /// Undo them.
    Repair,
    /// Say them.
    Report,
}

/// One VPN host: panel and gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Its id.
    pub id: ServerId,
    /// What people read.
    pub name: Text,
    /// The host name in customers' links, where the panel names no other address.
    pub host: String,
    /// The gateway's address, without a trailing slash.
    pub gateway: String,
    /// The name of its keys in the environment or the keys' folder.
    pub keys: String,
    /// The panel's inbounds: remarks or numeric ids.
    pub inbounds: Vec<String>,
    /// For selectors.
    pub labels: BTreeMap<String, String>,
    /// How many accounts it takes.
    pub capacity: u32,
    /// How gladly it takes them, against others.
    pub weight: u32,
    /// The line's speed in bits per second: a counter that grows faster is implausible.
    pub line_bits_per_second: u64,
    /// What may happen on it.
    pub lifecycle: ServerLifecycle,
    /// Whether it is changed.
    pub mode: Mode,
    /// What to do about changes by hand.
    pub drift: Drift,
    /// Releases the held change set of this fingerprint.
    pub confirm: Option<String>,
    /// When Xray may be started anew for sessions that outlive a cut-off; never, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_open_sessions: Option<CutOpenSessions>,
}

/// One restart of Xray a day, at most, for sessions that outlive a cut-off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutOpenSessions {
    /// How long such a session has gone on before it is worth everybody's reconnecting.
    pub after: DurationMs,
    /// The hours in which that may be.
    pub between: Daily,
}

/// Whether something must be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// It must.
    Required,
    /// It may.
    Optional,
}

/// Whether a payment method is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodLifecycle {
    /// Offered.
    Active,
    /// Only for orders that chose it already.
    Retired,
}

/// A way to pay, checked by staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// Its id.
    pub id: MethodId,
    /// What people read.
    pub name: Text,
    /// Codes of the currencies it takes.
    pub currencies: BTreeSet<String>,
    /// Where to pay to; copyable.
    pub account: String,
    /// With `{amount}`, `{account}` and `{reference}`.
    pub instructions: Text,
    /// Whether a proof must be given.
    pub proof: Requirement,
    /// Whether staff must type the payment's own number on approval.
    pub reference: Requirement,
    /// Whether it is offered.
    pub lifecycle: MethodLifecycle,
}

impl Method {
    /// Whether an order is approved only after a proof came.
    #[must_use]
    pub fn wants_proof(&self) -> bool {
        self.proof == Requirement::Required
    }
}

/// The Discord channels of the shop, by snowflake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelRefs {
    /// Where the store's panel stands.
    pub store: u64,
    /// Where order threads hang.
    pub orders: u64,
    /// Where staff see proofs.
    pub review: u64,
    /// Numbers for everybody.
    pub stats: Option<u64>,
    /// What staff must know.
    pub alerts: Option<u64>,
}

/// Who may order, and what one customer may have and do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Orders that are unpaid (one at most) or under review; at least 1.
    pub open_orders: u32,
    /// How often one customer may replace a link of theirs, of whichever account.
    #[serde(default = "Limits::replace_link_every")]
    pub replace_link_every: DurationMs,
    /// How many clicks and commands of one customer are answered in a minute, 5 to 1,000, after as many that
    /// may come at once. Staff have no such limit.
    #[serde(default = "Limits::presses_per_minute")]
    pub presses_per_minute: NonZeroU32,
    /// Who may not order.
    #[serde(default)]
    pub block: BTreeSet<Identity>,
    /// Who alone may order; everybody where it is empty.
    #[serde(default)]
    pub allow: BTreeSet<Identity>,
}

/// How long things are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Pictures of payments of settled orders, at least 30 days; `None` is for good.
    pub proofs: Option<DurationMs>,
    /// Threads of settled orders, until they are put away.
    pub threads: DurationMs,
    /// Disabled clients before they are deleted.
    pub tombstones: DurationMs,
}

/// How many unexplained destructive changes an hour may bring to one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuardSettings {
    /// This share of its clients, in per cent.
    pub destructive_percent: u32,
    /// But at least this many.
    pub destructive_floor: u32,
}

/// What a customer gets for friends whom they invite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    /// How much longer their account lasts once a friend's first payment is approved; whole days.
    pub reward: DurationMs,
    /// For how many friends, at least 1.
    pub limit: u32,
}

/// What customers are told besides what they asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeSettings {
    /// The hours in which no advice goes out, by the shop's clocks.
    pub quiet: Option<Daily>,
    /// At which percents of its traffic a customer hears of it, ascending; 100 is all of it.
    pub traffic: Vec<u8>,
    /// How many customers a broadcast is sent to in a minute.
    pub news_per_minute: NonZeroU32,
}

/// The address at which each account's links stay reachable, whichever server serves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionSettings {
    /// Where customers reach the public listener: `/sub/` and a token follow. Without a trailing slash.
    pub url: String,
    /// How often apps ask again, in whole hours.
    pub update_every: DurationMs,
    /// What apps call it; the plan's name where there is none.
    pub title: Option<Text>,
    /// Where an app's button for help leads.
    pub support: Option<String>,
}

/// A question that customers ask, and the answer that they read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faq {
    /// The question, on one line.
    #[serde(rename = "q")]
    pub question: Text,
    /// The answer, in Discord's Markdown.
    #[serde(rename = "a")]
    pub answer: Text,
}

/// The shop itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shop {
    /// Part of every client's name on the panels.
    pub id: ShopId,
    /// The Discord guild, by snowflake.
    pub guild: u64,
    /// Whether the bot reads what is posted in orders' threads: a picture there is a proof. Its application
    /// must have the intent of that name.
    #[serde(default)]
    pub message_content: bool,
    /// Its channels.
    pub channels: ChannelRefs,
    /// Its staff.
    pub roles: Roles,
    /// Who of them is called by what.
    #[serde(default)]
    pub ping: Pings,
    /// Languages; the first is the default.
    pub languages: Vec<String>,
    /// The IANA name of the time zone in which times are shown.
    pub time_zone: String,
    /// How orders go.
    pub orders: OrderSettings,
    /// What one customer may have at once.
    pub limits: Limits,
    /// How long before the end a reminder goes out, longest first. 0 is the end itself, which is always told.
    pub reminders: Vec<DurationMs>,
    /// What else customers are told.
    #[serde(default)]
    pub notices: NoticeSettings,
    /// What customers find answered behind *Support*, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faq: Vec<Faq>,
    /// How long things are kept.
    pub retention: Retention,
    /// The guard's budget.
    pub guard: GuardSettings,
    /// What a customer gets for friends whom they invite; without it nobody can invite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<Referral>,
    /// The subscription address; without it customers get plain links.
    #[serde(default)]
    pub subscription: Option<SubscriptionSettings>,
}

/// The files, valid, at one revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// Hash of the files' contents: the first 12 hex digits of SHA-256.
    pub revision: String,
    /// The git commit, where there is one.
    pub commit: Option<Commit>,
    /// The shop.
    pub shop: Shop,
    /// Plans in the order of the file.
    pub plans: Vec<Plan>,
    /// Servers by id.
    pub servers: BTreeMap<ServerId, Server>,
    /// Payment methods in the order of the file.
    pub methods: Vec<Method>,
    /// Promo codes in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promos: Vec<Promo>,
    /// Plans that were removed from the file while in use: not sold, still renewable by nobody.
    pub retained_plans: BTreeSet<PlanId>,
    /// Servers that were removed from the file while in use: no new bindings, still served.
    pub retained_servers: BTreeSet<ServerId>,
    /// Where the files have them; nothing for a catalog that was not read from files just now.
    #[serde(skip)]
    pub written: Written,
}

/// The lines, from 1, at which plans and servers begin in their files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// In `plans.yaml`.
    pub plans: BTreeMap<PlanId, usize>,
    /// In `servers.yaml`.
    pub servers: BTreeMap<ServerId, usize>,
}

impl Catalog {
    /// The id of the commit that it comes from, where that is known.
    #[must_use]
    pub fn commit_id(&self) -> Option<&str> {
        self.commit.as_ref().map(|commit| commit.id.as_str())
    }
    /// A plan by its id.
    #[must_use]
    pub fn plan(&self, id: &PlanId) -> Option<&Plan> {
        self.plans.iter().find(|p| p.id == *id)
    }
    /// Whether somebody new may have a plan by the store.
    #[must_use]
    pub fn is_offered(&self, plan: &Plan) -> bool {
        plan.lifecycle == PlanLifecycle::Active && !self.retained_plans.contains(&plan.id)
    }
    /// Whether a plan renews accounts of its family; a hidden one only those that were `sold` it, a trial none.
    #[must_use]
    pub fn renews(&self, plan: &Plan, sold: bool) -> bool {
        let shown = sold || plan.lifecycle != PlanLifecycle::Hidden;
        shown && !plan.trial && !self.retained_plans.contains(&plan.id)
    }
    /// A payment method by its id.
    #[must_use]
    pub fn method(&self, id: &MethodId) -> Option<&Method> {
        self.methods.iter().find(|m| m.id == *id)
    }
    /// The default language.
    #[must_use]
    pub fn default_language(&self) -> &str {
        self.shop.languages.first().map_or("en", String::as_str)
    }
    /// A server's definition, unless it is retired or unknown.
    #[must_use]
    pub fn served(&self, id: &ServerId) -> Option<&Server> {
        self.servers.get(id).filter(|s| s.lifecycle != ServerLifecycle::Retired)
    }

    /// Whether those that a server serves are to be served elsewhere.
    #[must_use]
    pub fn is_left(&self, id: &ServerId) -> bool {
        let lifecycle = self.servers.get(id).map(|s| s.lifecycle);
        matches!(lifecycle, Some(ServerLifecycle::Draining | ServerLifecycle::Lost))
    }

    /// Whether a server does not come back: who was served there waits for nothing of it.
    #[must_use]
    pub fn is_lost(&self, id: &ServerId) -> bool {
        self.servers.get(id).is_some_and(|s| s.lifecycle == ServerLifecycle::Lost)
    }
    /// What a plan costs by a method: the first price whose currency the method takes.
    #[must_use]
    pub fn price<'a>(&self, plan: &'a Plan, method: &Method) -> Option<&'a Money> {
        plan.prices.iter().find(|m| method.currencies.contains(&*m.currency.code))
    }
}
