//! What a gateway costs beside a panel of 10,000 clients, in one run:
//!
//! - the list through the gateway, verified, against the list from the panel itself
//! - signed requests a second, against a service that does the same without signatures
//! - the gateway's peak memory while the clients are listed, one after the other and four at once
//!
//! `cargo bench -p nebulalinks-gateway --bench gateway`. After `--`: `--strict` ends with an error
//! when a goal is missed; `--panel URL` measures beside that panel (its token in
//! `NEBULALINKS_PANEL_TOKEN`) and not beside the model, which knows no database and answers faster
//! than any panel does.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]
#![allow(clippy::indexing_slicing, reason = "the same")]
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

mod parts;

use std::process::ExitCode;

use parts::child::{self, Child};
use parts::measure::{Bench, Goal};
use parts::panel::{self, Target};

const CLIENTS: usize = 10_000;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(kind) = child::kind(&arguments) {
        runtime.block_on(child::serve(kind));
        return ExitCode::SUCCESS;
    }
    let given = arguments.iter().position(|a| a == "--panel").and_then(|at| arguments.get(at + 1));
    let met = runtime.block_on(run(given.map(String::as_str)));
    let strict = arguments.iter().any(|a| a == "--strict");
    if strict && !met { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn run(given: Option<&str>) -> bool {
    let (target, _model) = match given {
        Some(url) => (Target::given(url), None),
        None => panel::model(CLIENTS).await,
    };
    println!("beside {}", target.url);
    let mut goals = Vec::new();

    let gateway = Child::start("gateway", &target).await;
    let bench = Bench::new(&target, &gateway);
    goals.extend(bench.lists().await);
    let alone = gateway.peak_kib();
    bench.four_at_once().await;
    let together = gateway.peak_kib();
    drop(gateway);
    goals.push(Goal::at_most("peak memory, one list after the other, MiB", mib(alone), 100.0));
    goals.push(Goal::at_most("peak memory, four lists at once, MiB", mib(together), 100.0));

    goals.push(parts::measure::signed_against_unsigned(&target).await);
    for goal in &goals {
        println!("{goal}");
    }
    goals.iter().all(Goal::is_met)
}

#[allow(clippy::cast_precision_loss, reason = "a figure to be read")]
fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}
