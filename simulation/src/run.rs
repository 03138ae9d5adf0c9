//! A seed of ordinary days: what happens by it, and what came of that.

use super::cluster::{Cluster, Setting};
use super::days::{self, Days};
use super::final_checks;
use super::mutation::Mutation;
use super::plan::{Duties, Plan};
use super::script::Script;
use super::setting::{channels, cut_open_sessions};
use futures::FutureExt as _;
use nebulalinks::model::DurationMs;
use std::any::Any;
use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher as _};
use std::panic::AssertUnwindSafe;

/// What a run met, and how often.
pub type Met = BTreeMap<&'static str, u64>;

/// The name under which a run that panicked is reported.
pub const PANIC: &str = "panic";

/// Runs something on one thread under virtual time.
pub fn paused<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(what)
}

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What did not hold, each with its promise in front.
    pub breaches: Vec<String>,
    /// The faults that met the system.
    pub met: Met,
    /// Time that passed in it.
    pub simulated: DurationMs,
    /// So many acts there had been when it ended.
    pub acts: u32,
    /// What happened, if that was wanted.
    pub trace: Vec<String>,
}

impl Outcome {
    /// The first promise that did not hold, such as `P7`.
    #[must_use]
    pub fn law(&self) -> Option<&str> {
        self.breaches.first().and_then(|breach| breach.split(':').next())
    }

    /// Equal for equal traces, on every machine.
    #[must_use]
    pub fn trace_hash(&self) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        self.trace.hash(&mut hasher);
        hasher.finish()
    }
}

/// One run. With `stop` it ends as soon as a breach of that promise is seen; with `Some("")`, of any.
pub fn run(plan: &Plan, mutation: Mutation, stop: Option<&str>, traced: bool) -> Outcome {
    paused(async {
        let kind = plan.span.map_or_else(Setting::default, |span| days::setting(plan.seed, span));
        let cut_open_sessions =
            cut_open_sessions(plan.seed).filter(|_| plan.duties >= Duties::Accounts);
        let channels = plan.duties >= Duties::Customers && channels(plan.seed);
        let versions = plan.panels;
        let setting = Setting { versions, cut_open_sessions, channels, traced, ..kind };
        let mut cluster = Cluster::with(plan.seed, mutation, &setting).await;
        let mut acts = 0;
        let panicked = match plan.span {
            None => {
                AssertUnwindSafe(live(&mut cluster, plan, stop, &mut acts)).catch_unwind().await
            }
            Some(span) => {
                let mut days = Days::new(plan, stop);
                let lived = AssertUnwindSafe(days.pass(&mut cluster, span)).catch_unwind().await;
                acts = days.acts;
                lived
            }
        };
        if let Err(panic) = panicked {
            cluster.monitors.breach(PANIC, &said(&*panic));
        }
        cluster.look_into_journals();
        cluster.note_panels();
        let mut met = Met::new();
        cluster.counts.add_to(&mut met);
        Outcome {
            breaches: cluster.monitors.breaches(),
            met,
            simulated: cluster.time.passed(),
            acts,
            trace: cluster.trace.lines(),
        }
    })
}

async fn live(cluster: &mut Cluster, plan: &Plan, stop: Option<&str>, acts: &mut u32) {
    cluster.trouble(plan.lossy, plan.moody);
    let mut script = Script::new(plan.seed, plan.duties);
    for n in 0..plan.acts {
        script.step(n, plan.has(n), cluster).await;
        *acts = n + 1;
        if stop.is_some_and(|law| cluster.monitors.has_breach_of(law)) {
            return;
        }
    }
    if stop.is_none() || cluster.monitors.breaches().is_empty() {
        final_checks::check(cluster).await;
    }
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word").to_owned()
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
    "an account got new credentials",
    "an account was resumed",
    "a session outlived its cut-off",
    "a trial was taken",
    "a customer was forgotten",
    "an order got a channel",
    "a channel was deleted",
    "news were written",
    "a second trial was refused",
    "an account was suspended",
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
