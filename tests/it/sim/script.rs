//! What happens in the town: people, operators and the weather, drawn from a seed.

use super::chance::Chance;
use super::time::{Party, pass_seconds};
use super::town::Town;
use crate::support::people::{self, approve_with, cancel, decline, place};
use crate::support::world::email;
use nebulalinks::intent::Intent;
use nebulalinks::model::*;
use nebulalinks::ports::Hint;
use nebulalinks_model_panel::{Backup, Fault, ModelPanel, Scope};
use std::time::Duration;

const CUSTOMERS: u64 = 6;
const GIB: i64 = 1 << 30;

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
    chance: Chance,
    later: Vec<(UnixMs, Later)>,
    asked: u64,
    references: u64,
    /// A panel's database of before, until it is put back.
    panel: Option<(ServerId, Backup)>,
}

impl Script {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            chance: Chance::new(seed, 4),
            later: Vec::new(),
            asked: 0,
            references: 0,
            panel: None,
        }
    }

    /// One thing happens, and a while passes.
    pub(super) async fn step(&mut self, town: &mut Town) {
        self.one(town).await;
        let seconds = if self.chance.once_in(6) { 60 } else { 15 };
        pass_seconds(1 + self.chance.below(seconds)).await;
        self.overdue(town).await;
    }

    async fn overdue(&mut self, town: &mut Town) {
        if !town.process.is_alive() && !self.later.iter().any(|(_, l)| matches!(l, Later::Process))
        {
            let at = town.now() + DurationMs(self.chance.below(20_000));
            self.later.push((at, Later::Process));
        }
        let now = town.now();
        let (due, rest) = self.later.drain(..).partition(|(at, _)| *at <= now);
        self.later = rest;
        let due: Vec<(UnixMs, Later)> = due;
        for (_, what) in due {
            match what {
                Later::Panel(id) => town.panels[&id].faults().clear(),
                Later::Gateway(id) => town.net.start_gateway(&id),
                Later::Process => town.revive().await,
                Later::Clock(party) => town.time.set_off(party, 0),
                Later::Discord => town.time.silence(false),
                Later::Useful(id) => town.set_useful(&id, true, true),
            }
        }
    }

    async fn one(&mut self, town: &mut Town) {
        match self.chance.below(47) {
            0..=6 => self.buy(town).await,
            7..=12 => self.pay(town).await,
            13..=19 => self.decide(town).await,
            20 => self.give_up(town).await,
            21..=24 => self.use_it(town),
            25..=28 => self.tamper(town),
            29..=31 => self.break_panel(town),
            32 => self.break_gateway(town),
            33 => town.process.die_in(u32::try_from(self.chance.below(30)).unwrap()),
            34 | 35 => town.process.die_at(self.a_crash_point()),
            36 => {
                town.counts.met("the clock stepped");
                town.time.step(1_000 * self.chance.below(40));
            }
            37 => self.delete_message(town),
            38 if self.chance.once_in(2) => {
                let channels = &town.catalog.shop.channels;
                town.discord.permit();
                if self.chance.once_in(2) {
                    town.discord.forbid(channels.review);
                }
            }
            38 => {
                town.counts.met("DMs were closed");
                town.discord.close_direct(people::customer(self.chance.below(CUSTOMERS)).id);
            }
            40..=45 => self.newer_troubles(town).await,
            _ => {
                town.counts.met("the process was killed");
                if town.process.is_alive() {
                    town.process.kill();
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
        all[usize::try_from(self.chance.below(all.len() as u64)).unwrap()]
    }

    async fn buy(&mut self, town: &Town) {
        let who = self.chance.below(CUSTOMERS);
        let snapshot = town.snapshot();
        let own = snapshot.accounts_of(people::customer(who).id).next().map(|a| {
            let pro = a.family.as_str() == "pro";
            (a.id, if pro { "pro-30" } else { "basic-30" })
        });
        let (target, plan) = match own {
            Some((id, plan)) if !self.chance.once_in(5) => (Target::Renew(id), plan),
            _ if self.chance.once_in(4) => (Target::New, "pro-30"),
            _ => (Target::New, "basic-30"),
        };
        // Now and then Discord delivers the same interaction again.
        let again = self.asked > 0 && self.chance.once_in(5);
        self.asked += u64::from(!again);
        let method = if self.chance.once_in(5) { "bank" } else { "cash" };
        let intent = if method == "cash" {
            place(who, plan, target, self.asked)
        } else {
            people::place_by(who, plan, target, self.asked, method)
        };
        let _ = town.submit(intent.clone()).await;
        if self.chance.once_in(3) {
            town.counts.met("an interaction was redelivered");
            let _ = town.submit(intent).await;
        }
    }

    fn an_order(&self, town: &Town, states: &[OrderState]) -> Option<Order> {
        let now = town.now();
        let snapshot = town.snapshot();
        let fitting: Vec<Order> =
            snapshot.orders().filter(|o| states.contains(&o.state(now))).cloned().collect();
        let n = usize::try_from(self.chance.below(fitting.len() as u64)).unwrap();
        fitting.get(n).cloned()
    }

    async fn pay(&mut self, town: &Town) {
        use OrderState::{AwaitingPayment, Cancelled, Expired};
        let late = self.chance.once_in(8);
        let states: &[_] = if late { &[Cancelled, Expired] } else { &[AwaitingPayment] };
        let Some(order) = self.an_order(town, states) else { return };
        if late {
            town.counts.met("a proof came late");
        }
        self.send_proof(town, &order).await;
    }

    async fn send_proof(&mut self, town: &Town, order: &Order) {
        self.asked += 1;
        let by = nebulalinks::intent::Person { id: order.customer, ..people::customer(0) };
        let proof = people::proof(self.asked);
        let _ = town.submit(Intent::AddProof { order: Some(order.id), by, proof }).await;
    }

    async fn decide(&mut self, town: &Town) {
        let Some(order) = self.an_order(town, &[OrderState::AwaitingReview]) else { return };
        if self.chance.once_in(12) {
            let _ = town.submit(decline(order.id)).await;
            return;
        }
        self.references += u64::from(!self.chance.once_in(8));
        let reference = format!("tx {}", self.references);
        let intent = approve_with(order.id, 0, &reference);
        if self.chance.once_in(3) {
            town.counts.met("two approved at once");
            let other = approve_with(order.id, 1, &reference);
            tokio::join!(town.submit(intent), town.submit(other));
        } else {
            let _ = town.submit(intent).await;
        }
    }

    async fn give_up(&mut self, town: &Town) {
        if let Some(order) = self.an_order(town, &[OrderState::AwaitingPayment]) {
            let _ = town.submit(cancel(order.customer.0 - 1_000, order.id)).await;
        }
    }

    /// A client of ours, and its panel.
    fn a_client(&self, town: &Town) -> Option<(AccountId, ModelPanel)> {
        let snapshot = town.snapshot();
        let accounts: Vec<AccountId> = snapshot.accounts().map(|a| a.id).collect();
        let n = usize::try_from(self.chance.below(accounts.len() as u64)).unwrap();
        let id = *accounts.get(n)?;
        let binding = snapshot.bindings(id).next()?;
        Some((id, town.panels[&binding.server].clone()))
    }

    fn use_it(&self, town: &Town) {
        let Some((id, panel)) = self.a_client(town) else { return };
        town.traffic(id, &panel, GIB.unsigned_abs() + self.chance.below(12 << 30));
    }

    fn tamper(&self, town: &Town) {
        let Some((id, panel)) = self.a_client(town) else { return };
        let (name, now) = (email(id), i64::try_from(town.now().0).unwrap());
        let done = match self.chance.below(9) {
            0 => {
                town.counter_falls(id, &panel);
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
                town.counter_falls(id, &panel);
                panel.set_counters(&name, 0, 0).then_some("counters to zero")
            }
            5 => {
                town.eyes.tampered(id, town.now());
                town.eyes.invented(id);
                panel.set_counters(&name, 0, 90_000 * GIB).then_some("counters inflated")
            }
            6 => {
                town.counter_falls(id, &panel);
                let client = panel.client(&name);
                client
                    .is_some_and(|c| panel.set_counters(&name, 0, c.down / 2))
                    .then_some("counters rewound")
            }
            7 => {
                let friend = format!("friend-{}", self.chance.below(1_000));
                panel.add_foreign(&friend).is_ok().then_some("a foreign client added")
            }
            _ => {
                panel.drift_stats(&name, |row| row.enable = false);
                Some("the stats row drifted")
            }
        };
        if let Some(done) = done {
            town.counts.met(done);
        }
    }

    fn a_server(&self, town: &Town) -> ServerId {
        let n = usize::try_from(self.chance.below(town.panels.len() as u64)).unwrap();
        town.panels.keys().nth(n).unwrap().clone()
    }

    fn break_panel(&mut self, town: &Town) {
        let id = self.a_server(town);
        let faults = town.panels[&id].faults();
        let fault = match self.chance.below(11) {
            0 | 1 => {
                town.counts.met("a panel was down");
                faults.set(Fault::Down);
                // Now and then for longer than is the ordinary way of things.
                let seconds = if self.chance.once_in(4) { 840 } else { 90 };
                let up = town.now() + DurationMs(1_000 * (1 + self.chance.below(seconds)));
                self.later.push((up, Later::Panel(id)));
                return;
            }
            2 => Fault::ErrorAfterCommit,
            3 => Fault::ErrorBeforeCommit,
            4 => Fault::SlowAfterCommit(Duration::from_secs(1 + self.chance.below(45))),
            5 => Fault::LoginPage,
            6 => Fault::TruncatedJson,
            7 => Fault::EmptyBody,
            8 => Fault::DropAfterCommit,
            9 => Fault::DropBeforeCommit,
            _ => Fault::Unauthorized,
        };
        town.counts.met("a panel failed");
        let scope = if self.chance.once_in(2) { Scope::writes() } else { Scope::default() };
        faults.set_for(fault, scope, Some(1));
    }

    /// What was found by hand: each kind of it may come on any day.
    async fn newer_troubles(&mut self, town: &Town) {
        let ends = town.now() + DurationMs(1_000 * (5 + self.chance.below(150)));
        let server = self.a_server(town);
        let what = match self.chance.below(9) {
            0 => {
                // So far that no gateway takes what is signed.
                let off = [34_560_000_000, 3_600_000, -7_200_000][self.one_of(3)];
                town.set_off(Party::Controller, off);
                Later::Clock(Party::Controller)
            }
            1 => {
                let party = Party::Server(server);
                town.set_off(party.clone(), [-120_000, 120_000, 3_600_000][self.one_of(3)]);
                Later::Clock(party)
            }
            2 => {
                town.counts.met("discord was silent");
                town.time.silence(true);
                Later::Discord
            }
            3 => return town.sleeps(1_000 * (60 + self.chance.below(600))),
            4 | 5 => {
                let xray = self.chance.once_in(2);
                town.set_useful(&server, xray, !xray);
                Later::Useful(server)
            }
            6 => {
                town.counts.met("writes were refused");
                let no = Fault::Refused("no".to_owned());
                town.panels[&server].faults().set_for(no, Scope::writes(), None);
                Later::Panel(server)
            }
            7 => {
                if let Some(order) = self.an_order(town, &[OrderState::AwaitingReview]) {
                    town.counts.met("one more picture");
                    self.send_proof(town, &order).await;
                }
                return;
            }
            _ => {
                match self.panel.take() {
                    Some((server, backup)) => town.restore_panel(&server, &backup),
                    None => self.panel = Some((server.clone(), town.panels[&server].backup())),
                }
                return;
            }
        };
        self.later.push((ends, what));
    }

    fn one_of(&self, n: u64) -> usize {
        usize::try_from(self.chance.below(n)).unwrap()
    }

    fn break_gateway(&mut self, town: &Town) {
        let id = self.a_server(town);
        town.counts.met("a gateway was restarted");
        town.net.stop_gateway(&id);
        let up = town.now() + DurationMs(1_000 * self.chance.below(60));
        self.later.push((up, Later::Gateway(id)));
    }

    fn delete_message(&self, town: &Town) {
        let channels = &town.catalog.shop.channels;
        let channel = if self.chance.once_in(3) { channels.store } else { channels.review };
        if let Some(message) = town.discord.delete_one(channel) {
            town.counts.met("a message was deleted");
            town.hint(Hint::MessageGone { channel, message });
        }
    }
}
