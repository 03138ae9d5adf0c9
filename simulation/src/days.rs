//! A run of real length. People live in it; now and then comes an hour in which everything goes wrong,
//! and after it all must agree. In between nothing happens that the loop is not told, and it looks
//! again every 6 h only; around every end it looks as often as a shop's does.

use super::calendar::{Calendar, Hour};
use super::cluster::{Cluster, Setting};
use super::final_checks;
use super::monitors::Knows;
use super::plan::Plan;
use super::rng::Rng;
use super::script::Script;
use super::time::pass_seconds;
use nebulalinks::model::*;
use nebulalinks::store::MemoryStore;
use nebulalinks_model_panel::Fault;
use nebulalinks_testkit::people;
use std::time::Duration;

/// The loop looks as often as a shop's does from so long before an end.
const BEFORE_AN_END: DurationMs = DurationMs(90 * SECOND_MS);
/// Customers who have an account when the run begins, at most.
const REGULARS: u64 = 5;

/// Real terms: all plans of a run are as long. Those of a short run are short, because the run begins
/// only when its regulars' terms come to their ends.
pub(super) fn setting(seed: u64, span: DurationMs) -> Setting {
    let hours: &[u64] = match span.0 / DAY_MS {
        0..=2 => &[12, 24, 2 * 24],
        3..=100 => &[24, 7 * 24, 30 * 24],
        _ => &[30 * 24, 90 * 24],
    };
    let drawn = usize::try_from(Rng::new(seed, 5).below(hours.len() as u64)).unwrap();
    Setting {
        term: DurationMs(hours[drawn] * HOUR_MS),
        pay_within: DurationMs(DAY_MS),
        ..Setting::default()
    }
}

/// What a run of this length goes through.
pub(super) struct Days<'a> {
    plan: &'a Plan,
    stop: Option<&'a str>,
    script: Script,
    rng: Rng,
    /// A copy of the store, until it is put in place.
    backup: Option<MemoryStore>,
    /// How many acts there were.
    pub(super) acts: u32,
}

impl<'a> Days<'a> {
    pub(super) fn new(plan: &'a Plan, stop: Option<&'a str>) -> Self {
        let (script, rng) = (Script::new(plan.seed, plan.duties), Rng::new(plan.seed, 6));
        Self { plan, stop, script, rng, backup: None, acts: 0 }
    }

    /// From the first day to the last.
    pub(super) async fn pass(&mut self, cluster: &mut Cluster, span: DurationMs) {
        self.open(cluster, span).await;
        let from = cluster.now();
        // After each day; in years after so many that all of it is walked over a few dozen times.
        let books_every = DurationMs((span.0 / 60).max(DAY_MS));
        let mut books_due = from + books_every;
        for (at, hour) in Calendar::of(self.plan.seed, span) {
            if at > span || self.is_over(cluster) {
                break;
            }
            let acts = self.acts..self.acts + hour.acts();
            if acts.clone().any(|n| self.plan.has(n)) {
                until(cluster, from + at, None).await;
                self.hour(cluster, hour, acts.start).await;
            }
            self.acts = acts.end;
            if books_due <= cluster.now() {
                books_due = cluster.now() + books_every;
                cluster.check_books();
            }
        }
        if self.is_over(cluster) && self.plan.only.is_none() {
            return;
        }
        if self.plan.only.is_none() {
            until(cluster, from + span, None).await;
        }
        cluster.wake();
        final_checks::settle(cluster).await;
        final_checks::stays(cluster).await;
        final_checks::the_whole(cluster);
    }

    /// A breach was seen that ends the run, or there is nothing more to happen.
    fn is_over(&self, cluster: &Cluster) -> bool {
        let done = self.plan.only.as_ref();
        let done = done.is_some_and(|only| only.last().is_none_or(|last| *last < self.acts));
        done || self.stop.is_some_and(|law| cluster.monitors.has_breach_of(law))
    }

    /// The shop has customers from before, whose terms end one after the other.
    async fn open(&mut self, cluster: &mut Cluster, span: DurationMs) {
        let regulars = self.rng.below(REGULARS + 1);
        let term = cluster.catalog.plans.first().map_or(DurationMs(DAY_MS), |plan| plan.duration);
        for n in 0..regulars {
            self.script.sell(n, cluster).await;
            let pause = self.rng.below(term.0.min(span.0) / (2 * REGULARS));
            until(cluster, cluster.now() + DurationMs(pause), None).await;
        }
        // So that ends come within a short run, too.
        let rest = self.rng.below(term.0.min(span.0));
        until(cluster, cluster.now() + DurationMs(term.0.saturating_sub(rest)), None).await;
    }

    async fn hour(&mut self, cluster: &mut Cluster, hour: Hour, first: u32) {
        match hour {
            Hour::Life => {
                self.script.live(first, cluster).await;
                // Whatever follows from it has come by then.
                cluster.time.until(cluster.now() + DurationMs(20 * SECOND_MS)).await;
                return;
            }
            Hour::Trouble(acts) => {
                cluster.wake();
                cluster.trouble(self.plan.lossy, self.plan.moody);
                for n in first..first + acts {
                    self.script.step(n, self.plan.has(n), cluster).await;
                    if self.stop.is_some_and(|law| cluster.monitors.has_breach_of(law)) {
                        return;
                    }
                }
            }
            Hour::OldStore => self.old_store(cluster, first).await,
            Hour::Outage(length) => self.outage(cluster, length, first).await,
        }
        self.script.forget_troubles();
        final_checks::settle(cluster).await;
        if self.script.rng.once_in(4) {
            final_checks::stays(cluster).await;
        }
    }

    /// What was sold since the backup is lost; the gateways know it, and an operator gives it up.
    async fn old_store(&mut self, cluster: &mut Cluster, n: u32) {
        self.script.begin(n);
        cluster.wake();
        let Some(store) = self.backup.take() else {
            self.backup = Some(cluster.backup());
            return;
        };
        cluster.trace.note(|| format!("ACT {n}: an old store is put in place"));
        cluster.counts.met("a store came back from the past");
        cluster.restore(store, Knows::OneSide).await;
        pass_seconds(100).await;
        cluster.resolve_amnesia().await;
        pass_seconds(70).await;
        cluster.monitors.restore_is_over();
    }

    /// A panel is down for long, and its customers' terms begin and end meanwhile.
    async fn outage(&mut self, cluster: &mut Cluster, length: DurationMs, n: u32) {
        self.script.begin(n);
        let server = self.script.a_server(cluster);
        cluster.trace.note(|| format!("ACT {n}: {server} is down for {} ms", length.0));
        cluster.counts.met("a panel was down for hours");
        cluster.panels[&server].faults().set(Fault::Down);
        let ends = cluster.now() + length;
        until(cluster, cluster.now() + DurationMs(length.0 / 3), Some(&server)).await;
        self.script.sell(0, cluster).await;
        until(cluster, ends, Some(&server)).await;
        cluster.wake();
        cluster.panels[&server].faults().clear();
        // P8: within a minute of its answering.
        pass_seconds(61).await;
        final_checks::converged(cluster, "P8");
    }
}

/// Lets the time pass: at every end on its way the client is off within a second (P8). Of a panel that
/// does not answer nothing is asked.
pub(super) async fn until(cluster: &Cluster, moment: UnixMs, down: Option<&ServerId>) {
    while let Some((end, id)) = next_end(cluster).filter(|(end, _)| *end <= moment) {
        if cluster.now() + BEFORE_AN_END < end {
            cluster.rest();
            cluster.time.until(end - BEFORE_AN_END).await;
        }
        cluster.wake();
        cluster.time.until(end + DurationMs(SECOND_MS)).await;
        if down.is_none() {
            final_checks::is_cut_off(cluster, id);
        }
        if next_end(cluster).is_none_or(|(next, _)| end + BEFORE_AN_END < next) {
            tokio::time::sleep(Duration::from_secs(70)).await;
            if down.is_none() {
                final_checks::converged(cluster, "P8");
            }
        }
    }
    if cluster.now() < moment {
        cluster.rest();
        cluster.time.until(moment).await;
    }
}

/// The soonest end to come, and whose it is.
fn next_end(cluster: &Cluster) -> Option<(UnixMs, AccountId)> {
    let (snapshot, now) = (cluster.snapshot(), cluster.now());
    let ends = snapshot.accounts().filter_map(|account| {
        let end = Entitlement::of(&snapshot, account.id)?.ends_at;
        (end > now).then_some((end, account.id))
    });
    ends.min()
}

impl Script {
    /// A customer orders, pays and is approved, as far as that can be had.
    async fn sell(&mut self, n: u64, cluster: &Cluster) {
        let ask = 1_000_000_000 + cluster.now().0;
        let plan = if n.is_multiple_of(3) { "pro-30" } else { "basic-30" };
        let _ = cluster.submit(people::place(n, plan, Target::New, ask)).await;
        let snapshot = cluster.snapshot();
        let Some(customer) = people::customer_in(&snapshot, n) else { return };
        let Some(order) = snapshot.undecided_orders(customer).last().map(|o| o.id) else { return };
        let _ = cluster.submit(people::pay(n, order, ask)).await;
        let _ = cluster.submit(people::approve(order)).await;
        pass_seconds(5).await;
    }
}
