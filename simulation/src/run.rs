//! A seed of ordinary days.

use super::cluster::Cluster;
use super::final_checks;
use super::mutation::Mutation;
use super::script::Script;
use std::collections::BTreeMap;

/// Things that happen in one run.
const STEPS: u32 = 70;

/// What a run met, and how often.
pub type Met = BTreeMap<&'static str, u64>;

/// Runs something on one thread under virtual time.
pub fn paused<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(what)
}

/// One run of one seed: the breaches, and the faults that it met. A planted mutation's run ends as soon
/// as its law is seen to be broken.
pub fn run(seed: u64, mutation: Mutation, stop: Option<&str>) -> (Vec<String>, Met) {
    paused(async {
        let mut cluster = Cluster::new(seed, mutation).await;
        cluster.trouble();
        let mut script = Script::new(seed);
        for _ in 0..STEPS {
            script.step(&mut cluster).await;
            if cluster
                .monitors
                .breaches()
                .iter()
                .any(|b| stop.is_some_and(|law| b.starts_with(law)))
            {
                break;
            }
        }
        if stop.is_none() || cluster.monitors.breaches().is_empty() {
            final_checks::check(&mut cluster).await;
        }
        let mut met = Met::new();
        cluster.counts.add_to(&mut met);
        (cluster.monitors.breaches(), met)
    })
}

/// Every fault that the script can bring, and every crash point of the loop.
pub const FAULTS: &[&str] = &[
    "a batch was sent",
    "a DM was closed",
    "a panel came back from the past",
    "a server's clock was off",
    "an edge answered for discord",
    "an inbound was off",
    "discord was silent",
    "every machine slept",
    "one more picture",
    "the controller's clock was wrong",
    "writes were refused",
    "xray was down",
    "a foreign client added",
    "a gateway was restarted",
    "a message was deleted",
    "a panel failed",
    "a panel was down",
    "a permission was missing",
    "a proof came late",
    "a request came late",
    "a request came twice",
    "a request was lost",
    "a request was overtaken",
    "an answer was lost",
    "an interaction was redelivered",
    "an old fence was refused",
    "counters inflated",
    "counters rewound",
    "counters to zero",
    "crash",
    "deleted by hand",
    "disabled by hand",
    "discord lost an answer",
    "discord said later",
    "the cap edited by hand",
    "the clock stepped",
    "the end edited by hand",
    "the process was killed",
    "the stats row drifted",
    "traffic flowed",
    "two approved at once",
];
