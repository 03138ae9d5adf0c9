//! What a cluster is like: its catalog, its panels.

use super::mutation::Mutation;
use super::rng::Rng;
use super::time::{Party, Time};
use nebulalinks::catalog::{
    Catalog, Covers, CutOpenSessions, Daily, Gives, OrderSpace, Plan, Promo, Referral,
};
use nebulalinks::controller::Cadence;
use nebulalinks::model::*;
use nebulalinks_model_panel::{Generation, ModelPanel, PanelConfig, PanelVersion};
use nebulalinks_testkit::shop;
use std::sync::Arc;
use tokio::sync::watch;

/// The plan that is given for nothing.
pub(super) const TRIAL: &str = "try";

/// The code that gives a day.
pub(super) const GIFT: &str = "GIFT";
/// So often it does to each customer, and so many friends bring them a day.
const GIFTS: u32 = 3;

/// Where orders' channels are.
const CATEGORIES: [u64; 2] = [501, 502];

/// What a cluster is like. Everything is short, so that ends come within a run.
#[derive(Clone)]
pub struct Setting {
    /// A term's length.
    pub term: DurationMs,
    /// Until when a new order is to be paid.
    pub pay_within: DurationMs,
    /// How long an order with a proof keeps its place.
    pub review_within: DurationMs,
    /// How long a client that has ended is kept.
    pub tombstones: DurationMs,
    /// How many the first server takes, and the other.
    pub room: [u32; 2],
    /// The first panel is new and has the rule of its own; the other is old and has it switched off.
    pub own_rule: [bool; 2],
    /// Of each panel.
    pub versions: [PanelVersion; 2],
    /// What servers.yaml says of sessions that outlive a cut-off.
    pub cut_open_sessions: Option<CutOpenSessions>,
    /// How long before their ends customers are reminded, the longest first.
    pub reminders: Vec<DurationMs>,
    /// Each order has a channel of its own, which goes as long after it was settled as a term is.
    pub channels: bool,
    /// The hours in which no advice goes out.
    pub quiet: Option<Daily>,
    /// So many servers more, each like the first.
    pub more: usize,
    /// Whether the catalog is read from files that operators edit.
    pub files: bool,
    /// Whether what happens is noted.
    pub traced: bool,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            term: DurationMs(25 * MINUTE_MS),
            pay_within: DurationMs(15 * MINUTE_MS),
            review_within: DurationMs(3 * DAY_MS),
            tombstones: DurationMs(7 * DAY_MS),
            room: [1_000; 2],
            own_rule: [true, false],
            versions: [PanelVersion::Head, PanelVersion::V3_4_2],
            cut_open_sessions: None,
            reminders: Vec::new(),
            channels: false,
            quiet: None,
            more: 0,
            files: false,
            traced: false,
        }
    }
}

impl Setting {
    pub(super) fn catalog(&self) -> Catalog {
        self.adjusted(shop::catalog())
    }

    pub(super) fn adjusted(&self, catalog: Catalog) -> Catalog {
        let mut catalog = shop::with_length(catalog, self.term);
        let trial = catalog.plans.first().cloned().map(|plan| Plan {
            id: TRIAL.parse().unwrap(),
            prices: Vec::new(),
            trial: true,
            ..plan
        });
        catalog.plans.extend(trial);
        catalog.promos.push(Promo {
            id: "gift".parse().unwrap(),
            code: GIFT.to_owned(),
            gives: Gives::Days(1),
            plans: Covers::Any,
            limit: None,
            per_customer: GIFTS,
            valid: None,
        });
        catalog.shop.referral = Some(Referral { reward: DurationMs(DAY_MS), limit: GIFTS });
        catalog.shop.orders.pay_within = self.pay_within;
        catalog.shop.orders.review_within = self.review_within;
        catalog.shop.retention.tombstones = self.tombstones;
        if self.channels {
            catalog.shop.orders.space = OrderSpace::Channel;
            catalog.shop.orders.categories = CATEGORIES.to_vec();
            catalog.shop.retention.threads = self.term;
        }
        if !self.reminders.is_empty() {
            catalog.shop.reminders.clone_from(&self.reminders);
        }
        catalog.shop.notices.quiet = self.quiet.or(catalog.shop.notices.quiet);
        for (n, server) in catalog.servers.values_mut().enumerate() {
            server.gateway = format!("http://{}.test", server.id);
            server.cut_open_sessions = self.cut_open_sessions;
            server.capacity = self.room.get(n).copied().unwrap_or(1_000);
        }
        let first = catalog.servers.values().next().cloned();
        for (n, mut more) in first.into_iter().cycle().take(self.more).enumerate() {
            more.id = format!("more-{n}").parse().unwrap();
            more.gateway = format!("http://{}.test", more.id);
            more.host = format!("{}.example.net", more.id);
            more.keys = more.id.to_string();
            catalog.servers.insert(more.id.clone(), more);
        }
        catalog
    }
}

/// The catalog as the controller has it.
pub(super) fn misread(mutation: Mutation, catalog: &Catalog) -> Catalog {
    let mut read = catalog.clone();
    if mutation == Mutation::IgnoresTheBudget {
        read.shop.guard.destructive_floor = 1_000;
    }
    if mutation == Mutation::IgnoresQuietHours {
        read.shop.notices.quiet = None;
    }
    for server in read.servers.values_mut().filter(|_| mutation == Mutation::RestartsAtAnyHour) {
        if let Some(rule) = &mut server.cut_open_sessions {
            rule.between = any_hour();
        }
    }
    read
}

/// The whole day.
pub(super) fn any_hour() -> Daily {
    "00:00-23:59".parse().unwrap()
}

/// What servers.yaml says of open sessions in every second run of days.
pub(super) fn cut_open_sessions(seed: u64) -> Option<CutOpenSessions> {
    let rng = Rng::new(seed, 8);
    let after = DurationMs((1 + rng.below(3)) * MINUTE_MS);
    rng.once_in(2).then(|| CutOpenSessions { after, between: any_hour() })
}

/// Whether orders have channels, as in every third run.
pub(super) fn channels(seed: u64) -> bool {
    Rng::new(seed, 9).once_in(3)
}

/// How often the loop looks when it does not rest.
pub(super) fn awake(mutation: Mutation) -> Cadence {
    match mutation {
        Mutation::HammersAtRefusals => {
            Cadence { surfaces: DurationMs(SECOND_MS), ..Cadence::default() }
        }
        _ => Cadence::default(),
    }
}

pub(super) fn model(
    setting: &Setting,
    n: usize,
    id: &ServerId,
    seed: u64,
    time: &Arc<Time>,
) -> ModelPanel {
    let (truth, party) = (Arc::clone(time), Party::Server(id.clone()));
    let uptime = Arc::new(move || i64::try_from(truth.now().0).unwrap());
    let time = Arc::clone(time);
    // Panels' clocks are a little off, each its own way.
    let off = i64::try_from(n).unwrap() * 1_500 - 700;
    let clock = Arc::new(move || i64::try_from(time.of(&party).0).unwrap() + off);
    let version = setting.versions.get(n).copied().unwrap_or(PanelVersion::Head);
    let mut config = PanelConfig::new(&format!("guid-{id}"), "token", clock);
    config.uptime_clock = uptime;
    config.seed = seed;
    config.own_rule = setting.own_rule.get(n).copied().unwrap_or(true);
    let panel = ModelPanel::new(config.with_version(version));
    // Of an inbound without anybody else a panel of generation 2 refuses to delete the last client.
    let alone = version.generation() == Generation::Two && Rng::new(seed, 60 + n as u64).once_in(2);
    if !alone {
        panel.add_foreign("friend-of-the-operator").unwrap();
    }
    panel
}

/// What a panel does by itself. It looks every second whether something is due, and seldom while the
/// loop does, too.
pub(super) async fn jobs_of(panel: ModelPanel, mut cadence: watch::Receiver<Cadence>) {
    loop {
        panel.poll_if_due();
        let second = DurationMs(SECOND_MS);
        let rests = *cadence.borrow_and_update() != Cadence::default();
        let pause = if rests { Cadence::quiet().resync } else { second };
        tokio::select! {
            biased;
            changed = cadence.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(pause.to_std()) => {}
        }
    }
}
