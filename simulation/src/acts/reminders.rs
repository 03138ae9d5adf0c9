//! Customers are reminded of their ends (P22): each time once, at its moment, and never in the quiet hours.

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::catalog::Daily;
use nebulalinks::model::*;
use nebulalinks_testkit::world::NOON;

/// Nothing is in the way; the first moment lies in the quiet hours; and the process dies before a reminder goes
/// out, or after it.
pub(super) const KINDS: u64 = 4;
const QUIET: u64 = 1;
const POINTS: [&str; 2] = ["notify.before_notice", "notify.after_notice"];

const TERM_MIN: u64 = 180;
const REMINDERS_MIN: [u64; 2] = [100, 20];

pub(super) async fn of_ends(seed: u64, mutation: Mutation) -> Cluster {
    let kind = seed % KINDS;
    let reminders = REMINDERS_MIN.map(|min| DurationMs(min * MINUTE_MS));
    let first = NOON + DurationMs((TERM_MIN - REMINDERS_MIN[0]) * MINUTE_MS);
    let zone = nebulalinks_testkit::shop::catalog().shop.time_zone;
    let setting = Setting {
        term: DurationMs(TERM_MIN * MINUTE_MS),
        reminders: reminders.to_vec(),
        quiet: (kind == QUIET).then(|| hour_of(first, &zone)),
        ..Setting::default()
    };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    shop.cluster.monitors.looks_at_notices();
    let accounts = shop.sell(1 + seed / KINDS % 4).await;
    let dies = usize::try_from(kind).unwrap().checked_sub(2).and_then(|n| POINTS.get(n));
    if let Some(point) = dies {
        shop.cluster.process.die_at(point);
    }
    for _ in 0..(TERM_MIN - 12) * 60 {
        pass_seconds(1).await;
        shop.cluster.revive().await;
    }
    for account in &accounts {
        for before in reminders {
            if shop.cluster.monitors.was_reminded(*account, before) {
                shop.cluster.counts.met("a customer was reminded");
            } else {
                shop.breach_unless(
                    false,
                    "P22",
                    &format!("{account} is not told {before:?} before"),
                );
            }
        }
    }
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}

/// The hour of each day in which a moment lies.
fn hour_of(at: UnixMs, zone: &str) -> Daily {
    let all = (0..24).map(|hour| format!("{hour:02}:00-{hour:02}:59").parse::<Daily>().unwrap());
    let at = at + DurationMs(MINUTE_MS);
    let mut of_it = all.filter(|daily| daily.began(at, zone).is_some());
    of_it.next().unwrap()
}
