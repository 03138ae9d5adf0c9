//! What happens in the cluster: people, operators and the weather, drawn from a seed. Each act draws
//! from a source of its own, so that one can be left out and the others stay what they are.

use super::cluster::Cluster;
use super::plan::Duties;
use super::rng::Rng;
use super::time::{Party, pass_seconds};
use nebulalinks::model::*;
use nebulalinks::ports::Hint;
use nebulalinks_model_panel::{Backup, Fault, ModelPanel, Scope};
use nebulalinks_testkit::people;
use nebulalinks_testkit::world::email;
use std::time::Duration;

pub(super) const CUSTOMERS: u64 = 6;
const GIB: i64 = 1 << 30;
/// The random source of the first act; those of the others follow.
const FIRST_ACT: u64 = 10_000;
/// No act asks for more than so many things.
const PER_ACT: u64 = 16;

/// Something that ends by itself.
enum Later {
    Panel(ServerId),
    Gateway(ServerId),
    Process,
    Clock(Party),
    Discord,
    Useful(ServerId),
}

pub(super) struct Script {
    seed: u64,
    /// Of the act that happens now.
    pub(super) rng: Rng,
    later: Vec<(UnixMs, Later)>,
    /// The last thing that was asked, and the last payment that was confirmed.
    pub(super) asked: u64,
    pub(super) reference: u64,
    /// The act that happens now.
    pub(super) act: u64,
    within: u64,
    /// A panel's database of before, until it is put back.
    panel: Option<(ServerId, Backup)>,
    /// What staff do beside deciding orders.
    pub(super) duties: Duties,
}

impl Script {
    pub(super) fn new(seed: u64, duties: Duties) -> Self {
        let rng = Rng::new(seed, FIRST_ACT);
        Self {
            seed,
            rng,
            later: Vec::new(),
            asked: 0,
            reference: 0,
            act: 0,
            within: 0,
            panel: None,
            duties,
        }
    }

    /// The n-th act happens, or not, and a while passes, which is the same either way.
    pub(super) async fn step(&mut self, n: u32, happens: bool, cluster: &mut Cluster) {
        self.begin(n);
        let seconds = if self.rng.once_in(6) { 60 } else { 15 };
        let seconds = 1 + self.rng.below(seconds);
        if happens {
            self.one(n, cluster).await;
            self.decide_of_an_account(cluster).await;
            self.connections(cluster).await;
            self.try_out(cluster).await;
            self.write_news(cluster).await;
            self.forget_somebody(cluster).await;
        }
        cluster.look_into_journals();
        pass_seconds(seconds).await;
        self.overdue(cluster).await;
    }

    /// From now on everything is drawn for this act.
    pub(super) fn begin(&mut self, n: u32) {
        self.rng = Rng::new(self.seed, FIRST_ACT + u64::from(n));
        (self.act, self.within) = (u64::from(n), 0);
    }

    /// Somebody ended all troubles: none ends by itself any more.
    pub(super) fn forget_troubles(&mut self) {
        self.later.clear();
    }

    async fn overdue(&mut self, cluster: &mut Cluster) {
        if !cluster.process.is_alive()
            && !self.later.iter().any(|(_, l)| matches!(l, Later::Process))
        {
            let at = cluster.now() + DurationMs(self.rng.below(20_000));
            self.later.push((at, Later::Process));
        }
        let now = cluster.now();
        let (due, rest) = self.later.drain(..).partition(|(at, _)| *at <= now);
        self.later = rest;
        let due: Vec<(UnixMs, Later)> = due;
        for (_, what) in due {
            match what {
                Later::Panel(id) => cluster.panels[&id].faults().clear(),
                Later::Gateway(id) => cluster.net.start_gateway(&id),
                Later::Process => cluster.revive().await,
                Later::Clock(party) => cluster.time.set_off(party, 0),
                Later::Discord => cluster.time.silence(false),
                Later::Useful(id) => cluster.set_useful(&id, true, true),
            }
        }
    }

    async fn one(&mut self, n: u32, cluster: &mut Cluster) {
        let drawn = self.rng.below(47);
        cluster.trace.note(|| format!("ACT {n}: {}", name_of(drawn)));
        match drawn {
            0..=6 => self.buy(cluster).await,
            7..=12 => self.pay(cluster).await,
            13..=19 => self.decide(cluster).await,
            20 => self.give_up(cluster).await,
            21..=24 => self.use_it(cluster),
            25..=28 => self.tamper(cluster),
            29..=31 => self.break_panel(cluster),
            32 => self.break_gateway(cluster),
            33 => cluster.process.die_in(u32::try_from(self.rng.below(30)).unwrap()),
            34 | 35 => cluster.process.die_at(self.a_crash_point()),
            36 => {
                cluster.counts.met("the clock stepped");
                cluster.time.step(1_000 * self.rng.below(40));
            }
            37 => self.delete_message(cluster),
            38 if self.rng.once_in(2) => {
                let channels = &cluster.catalog.shop.channels;
                cluster.discord.permit();
                if self.rng.once_in(2) {
                    cluster.discord.forbid(channels.review);
                }
            }
            38 => {
                cluster.counts.met("DMs were closed");
                cluster.discord.close_direct(people::there(self.rng.below(CUSTOMERS)));
            }
            40..=45 => self.newer_troubles(cluster).await,
            _ => {
                cluster.counts.met("the process was killed");
                if cluster.process.is_alive() {
                    cluster.process.kill();
                }
            }
        }
    }

    fn a_crash_point(&self) -> &'static str {
        let all = [
            nebulalinks::controller::CRASH_POINTS,
            &nebulalinks::panel::CRASH_POINTS,
            nebulalinks::store::CRASH_POINTS,
            &["intents.before_commit", "intents.after_commit"],
        ]
        .concat();
        all[usize::try_from(self.rng.below(all.len() as u64)).unwrap()]
    }

    /// Something is asked that nobody asked before: its number is this act's, whatever came before.
    pub(super) fn ask(&mut self) {
        self.within += 1;
        self.asked = self.act * PER_ACT + self.within;
    }

    /// A client of ours, and its panel.
    fn a_client(&self, cluster: &Cluster) -> Option<(AccountId, ModelPanel)> {
        let snapshot = cluster.snapshot();
        let accounts: Vec<AccountId> = snapshot.accounts().map(|a| a.id).collect();
        let n = usize::try_from(self.rng.below(accounts.len() as u64)).unwrap();
        let id = *accounts.get(n)?;
        let binding = snapshot.home(id)?;
        Some((id, cluster.panels[&binding.server].clone()))
    }

    pub(super) fn use_it(&self, cluster: &Cluster) {
        let snapshot = cluster.snapshot();
        let accounts: Vec<AccountId> = snapshot.accounts().map(|a| a.id).collect();
        let n = usize::try_from(self.rng.below(accounts.len() as u64)).unwrap();
        let is_on = |id: &AccountId| {
            let binding = snapshot.home(*id)?;
            let panel = &cluster.panels[&binding.server];
            panel.client(&email(*id))?.is_on().then_some((*id, panel))
        };
        // Whoever comes next and is on, if this one is off.
        let mut from_there = accounts.iter().cycle().skip(n).take(accounts.len());
        let Some((id, panel)) = from_there.find_map(is_on) else { return };
        cluster.traffic(id, panel, GIB.unsigned_abs() + self.rng.below(12 << 30));
    }

    fn tamper(&self, cluster: &Cluster) {
        let Some((id, panel)) = self.a_client(cluster) else { return };
        let (name, now) = (email(id), i64::try_from(cluster.now().0).unwrap());
        let done = match self.rng.below(9) {
            0 => {
                cluster.counter_falls(id, &panel);
                panel.delete_by_hand(&name).then_some("deleted by hand")
            }
            1 => panel.disable_by_hand(&name).then_some("disabled by hand"),
            2 => panel
                .edit_by_hand(&name, |c| c.expiry_time = now + 400_000_000)
                .is_ok()
                .then_some("the end edited by hand"),
            3 => panel
                .edit_by_hand(&name, |c| (c.total_gb, c.comment) = (GIB, "by hand".to_owned()))
                .is_ok()
                .then_some("the cap edited by hand"),
            4 => {
                cluster.counter_falls(id, &panel);
                panel.set_counters(&name, 0, 0).then_some("counters to zero")
            }
            5 => {
                let much = 90_000 * GIB;
                if panel.client(&name).is_some_and(|c| c.up + c.down > much) {
                    // It was inflated before, and has grown since.
                    cluster.counter_falls(id, &panel);
                }
                cluster.monitors.tampered(id, cluster.now());
                cluster.monitors.invented(id);
                panel.set_counters(&name, 0, much).then_some("counters inflated")
            }
            6 => {
                cluster.counter_falls(id, &panel);
                let client = panel.client(&name);
                client
                    .is_some_and(|c| panel.set_counters(&name, 0, c.down / 2))
                    .then_some("counters rewound")
            }
            7 => {
                let friend = format!("friend-{}", self.rng.below(1_000));
                panel.add_foreign(&friend).is_ok().then_some("a foreign client added")
            }
            _ => {
                panel.drift_stats(&name, |row| row.enable = false);
                Some("the stats row drifted")
            }
        };
        if let Some(done) = done {
            cluster.counts.met(done);
        }
    }

    pub(super) fn a_server(&self, cluster: &Cluster) -> ServerId {
        let n = usize::try_from(self.rng.below(cluster.panels.len() as u64)).unwrap();
        cluster.panels.keys().nth(n).unwrap().clone()
    }

    fn break_panel(&mut self, cluster: &Cluster) {
        let id = self.a_server(cluster);
        let faults = cluster.panels[&id].faults();
        let fault = match self.rng.below(11) {
            0 | 1 => {
                cluster.counts.met("a panel was down");
                faults.set(Fault::Down);
                // Now and then for longer than is the ordinary way of things.
                let seconds = if self.rng.once_in(4) { 840 } else { 90 };
                let up = cluster.now() + DurationMs(1_000 * (1 + self.rng.below(seconds)));
                self.later.push((up, Later::Panel(id)));
                return;
            }
            2 => Fault::ErrorAfterCommit,
            3 => Fault::ErrorBeforeCommit,
            4 => Fault::SlowAfterCommit(Duration::from_secs(1 + self.rng.below(45))),
            5 => Fault::LoginPage,
            6 => Fault::TruncatedJson,
            7 => Fault::EmptyBody,
            8 => Fault::DropAfterCommit,
            9 => Fault::DropBeforeCommit,
            _ => Fault::Unauthorized,
        };
        cluster.counts.met("a panel failed");
        let scope = if self.rng.once_in(2) { Scope::writes() } else { Scope::default() };
        faults.set_for(fault, scope, Some(1));
    }

    /// What was found by hand: each kind of it may come on any day.
    async fn newer_troubles(&mut self, cluster: &Cluster) {
        let ends = cluster.now() + DurationMs(1_000 * (5 + self.rng.below(150)));
        let server = self.a_server(cluster);
        let what = match self.rng.below(9) {
            0 => {
                // So far that no gateway takes what is signed.
                let off = [34_560_000_000, 3_600_000, -7_200_000][self.one_of(3)];
                cluster.set_off(Party::Controller, off);
                Later::Clock(Party::Controller)
            }
            1 => {
                let party = Party::Server(server);
                cluster.set_off(party.clone(), [-120_000, 120_000, 3_600_000][self.one_of(3)]);
                Later::Clock(party)
            }
            2 => {
                cluster.counts.met("discord was silent");
                cluster.time.silence(true);
                Later::Discord
            }
            3 => return cluster.sleeps(1_000 * (60 + self.rng.below(600))),
            4 | 5 => {
                let xray = self.rng.once_in(2);
                cluster.set_useful(&server, xray, !xray);
                Later::Useful(server)
            }
            6 => {
                cluster.counts.met("writes were refused");
                let no = Fault::Refused("no".to_owned());
                cluster.panels[&server].faults().set_for(no, Scope::writes(), None);
                Later::Panel(server)
            }
            7 => {
                if let Some(order) = self.an_order(cluster, &[OrderState::AwaitingReview]) {
                    cluster.counts.met("one more picture");
                    self.send_proof(cluster, &order).await;
                }
                return;
            }
            _ => {
                match self.panel.take() {
                    Some((server, backup)) => cluster.restore_panel(&server, &backup),
                    None => self.panel = Some((server.clone(), cluster.panels[&server].backup())),
                }
                return;
            }
        };
        self.later.push((ends, what));
    }

    fn one_of(&self, n: u64) -> usize {
        usize::try_from(self.rng.below(n)).unwrap()
    }

    fn break_gateway(&mut self, cluster: &Cluster) {
        let id = self.a_server(cluster);
        cluster.counts.met("a gateway was restarted");
        cluster.net.stop_gateway(&id);
        let up = cluster.now() + DurationMs(1_000 * self.rng.below(60));
        self.later.push((up, Later::Gateway(id)));
    }

    fn delete_message(&self, cluster: &Cluster) {
        let channels = &cluster.catalog.shop.channels;
        let channel = if self.rng.once_in(3) { channels.store } else { channels.review };
        if let Some(message) = cluster.discord.delete_one(channel) {
            cluster.counts.met("a message was deleted");
            cluster.hint(Hint::MessageGone { channel, message });
        }
    }
}

/// What an act is about, by the number that was drawn for it.
fn name_of(drawn: u64) -> &'static str {
    match drawn {
        0..=6 => "somebody orders",
        7..=12 => "somebody pays",
        13..=19 => "staff decide",
        20 => "somebody cancels",
        21..=24 => "traffic flows",
        25..=28 => "somebody edits a panel by hand",
        29..=31 => "a panel fails",
        32 => "a gateway restarts",
        33..=35 => "the process is to die",
        36 => "the time steps",
        37 => "a message is deleted",
        38 => "Discord's permissions change",
        40..=45 => "something that was found by hand",
        _ => "the process is killed",
    }
}
