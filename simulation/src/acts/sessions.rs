//! Sessions that outlive a cut-off: they are said, and one restart of Xray ends them where the file says
//! so (P8).

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::rng::Rng;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::catalog::{CutOpenSessions, Daily};
use nebulalinks::model::*;
use nebulalinks_testkit::people;
use nebulalinks_testkit::world::{NOON, email};

/// No file says anything, these are the hours, they are the next ones, and the process dies on the way.
pub(super) const KINDS: u64 = 4;
const NOTHING: u64 = 0;
const NEXT: u64 = 2;
const DYING: u64 = 3;

/// How long a session has outlived its cut-off before it is ended.
const AFTER: DurationMs = DurationMs(3 * MINUTE_MS);
/// One step of the act, s.
const STEP: u64 = 5;
const MIB: u64 = 1 << 20;

/// Four customers keep connections open; one is suspended, then the others' terms end.
pub(super) async fn outlive(seed: u64, mutation: Mutation) -> Cluster {
    let kind = seed % KINDS;
    let rng = Rng::new(seed, 12);
    let between = hour_after(if kind == NEXT { 1 } else { 0 });
    let rule = CutOpenSessions { after: AFTER, between };
    let setting = Setting {
        room: [100, 0],
        term: DurationMs(12 * MINUTE_MS),
        cut_open_sessions: (kind != NOTHING).then_some(rule),
        ..Setting::default()
    };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let accounts = shop.sell(4).await;
    let mut act = Act { server: shop.servers().remove(0), accounts, rng, shop };
    act.lives(60, true).await;
    let first = act.accounts[0];
    act.shop.cluster.submit(people::suspend(first)).await.unwrap().unwrap();
    // It dies before it asks for the restart, or after.
    let asked = usize::try_from(seed / KINDS % 2).unwrap();
    let point = ["executor.before_restart", "executor.after_restart"][asked];
    if kind == DYING {
        act.shop.cluster.process.die_at(point);
    }
    // One list that shows it off, one more that has counted all of before, and one that shows growth.
    act.lives(210, true).await;
    act.is_said(first);
    act.lives(270, true).await;
    let at_first = act.restarts();
    act.shop.cluster.counts.met("sessions outlived their cut-offs");
    match kind {
        NOTHING | NEXT => act.expect(at_first, 0..=0, "before its hours"),
        // What a crash interrupted is not done again in these hours.
        DYING => {
            let died = act.shop.cluster.counts.times(point);
            let what = format!("the process died {died} times at {point}");
            act.shop.breach_unless(died == 1, "P8", &what);
            act.expect(at_first, asked..=asked, "by a process that died");
        }
        _ => act.expect(at_first, 1..=1, "in its hours"),
    }
    // The others come to their ends, with connections open, in the same hour.
    act.lives(9 * 60, true).await;
    if kind == NEXT {
        act.lives(55 * 60, false).await;
        act.expect(act.restarts(), 1..=1, "in the hours to come");
    } else {
        act.expect(act.restarts(), at_first..=at_first, "twice in its hours");
    }
    final_checks::settle(&mut act.shop.cluster).await;
    pass_seconds(4 * 60).await;
    act.nobody_is_connected();
    act.shop.cluster
}

/// The hour that it will be in so many hours, of each day.
fn hour_after(hours: u64) -> Daily {
    let zone = nebulalinks_testkit::shop::catalog().shop.time_zone;
    let at = NOON + DurationMs(hours * HOUR_MS + MINUTE_MS);
    let all = (0..24).map(|hour| format!("{hour:02}:00-{hour:02}:59").parse::<Daily>().unwrap());
    let mut of_it = all.filter(|daily| daily.began(at, &zone).is_some());
    of_it.next().unwrap()
}

struct Act {
    shop: Storefront,
    server: ServerId,
    accounts: Vec<AccountId>,
    rng: Rng,
}

impl Act {
    /// Time passes: who is on keeps a connection, and who has one uses it; a process that died is started
    /// again.
    async fn lives(&mut self, seconds: u64, opens: bool) {
        let panel = self.shop.cluster.panels[&self.server].clone();
        for _ in 0..seconds / STEP {
            for id in &self.accounts {
                if opens {
                    self.shop.cluster.keeps_open(*id, &panel);
                }
                if self.rng.once_in(4) {
                    self.shop.cluster.session_flows(*id, &panel, (1 + self.rng.below(3)) * MIB);
                }
            }
            pass_seconds(STEP).await;
            self.shop.cluster.revive().await;
        }
    }

    fn restarts(&self) -> usize {
        self.shop.cluster.monitors.restarts(&self.server)
    }

    fn expect(&self, found: usize, wanted: std::ops::RangeInclusive<usize>, when: &str) {
        let what = format!("Xray was started anew {found} times {when}, not {wanted:?}");
        self.shop.breach_unless(wanted.contains(&found), "P8", &what);
    }

    fn conditions(&self, id: AccountId) -> Vec<ConditionKind> {
        let snapshot = self.shop.cluster.snapshot();
        let conditions = snapshot.account_status(id).map(|status| status.conditions.clone());
        conditions.into_iter().flatten().map(|condition| condition.kind).collect()
    }

    fn is_said(&self, id: AccountId) {
        let said = self.conditions(id).contains(&ConditionKind::StillConnected);
        let what = format!("{id} is connected after its cut-off: {:?}", self.conditions(id));
        self.shop.breach_unless(said, "P8", &what);
    }

    fn nobody_is_connected(&self) {
        let panel = &self.shop.cluster.panels[&self.server];
        for id in &self.accounts {
            let off = panel.client(&email(*id)).is_none_or(|client| !client.is_on());
            self.shop.breach_unless(off, "P8", &format!("{id} is on after its end"));
            let said = self.conditions(*id).contains(&ConditionKind::StillConnected);
            self.shop.breach_unless(
                !said,
                "P8",
                &format!("{id} is said to be connected, and is quiet"),
            );
        }
    }
}
