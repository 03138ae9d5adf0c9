//! What a shop of 3,000 clients costs while nothing happens, and beside it one of 30, at the same
//! time: the controller and the gateway are processes of their own, the panel is the model.

use crate::approve::{catalog, is_served, records, server};
use crate::figures::Row;
use crate::parts::child::{Child, parent_is_gone};
use crate::parts::panel::{self, Target, now_ms};
use crate::running::{Running, put_all, store, until};
use nebulalinks::model::{DAY_MS, UnixMs};
use nebulalinks_model_panel::{ModelPanel, PanelServer};
use std::time::{Duration, Instant};

const MANY: usize = 3_000;
const FEW: usize = 30;
/// What the loop gets to learn what the panel holds, and how long it is watched then.
const BEFORE: Duration = Duration::from_secs(90);
const WATCHED: Duration = Duration::from_secs(300);

/// A child: the controller over a store of so many accounts, whose clients the panel has.
pub(crate) async fn serve() {
    let var = |name: &str| std::env::var(name).unwrap();
    let (address, clients) = (var("BENCH_PANEL"), var("BENCH_TOKEN").parse::<usize>().unwrap());
    // It listens nowhere; its parent waits for a line.
    println!("127.0.0.1:0");
    let store = store(std::path::Path::new(&var("BENCH_STATE"))).await;
    let at = UnixMs(now_ms() - DAY_MS);
    put_all(&*store, (0..clients).map(|n| records(n, at))).await;
    let _running = Running::start(store.clone(), catalog(&address));
    until(&*store, "every client is known", |snapshot| {
        let server = server();
        let mut all = snapshot.served_by(&server);
        all.all(|(binding, _)| is_served(snapshot, binding.account))
    })
    .await;
    eprintln!("{clients} clients are known");
    parent_is_gone().await;
}

/// A shop that runs.
struct Idle {
    panel: ModelPanel,
    _served: PanelServer,
    gateway: Child,
    controller: Child,
}

/// What it has cost so far: ms of a processor by the controller and by the gateway, panel calls.
type Cost = [u64; 3];

impl Idle {
    async fn start(clients: usize) -> Self {
        let (target, panel, served) = panel::start(clients).await;
        let gateway = Child::start("gateway", &target).await;
        let address = gateway.address.to_string();
        let to = Target { url: address, token: clients.to_string() };
        let controller = Child::start("controller", &to).await;
        Self { panel, _served: served, gateway, controller }
    }

    fn cost(&self) -> Cost {
        [self.controller.cpu_ms(), self.gateway.cpu_ms(), self.panel.calls()]
    }
}

pub(crate) async fn rows() -> Vec<Row> {
    let (many, few) = (Idle::start(MANY).await, Idle::start(FEW).await);
    tokio::time::sleep(BEFORE).await;
    let (begun, before) = (Instant::now(), [many.cost(), few.cost()]);
    tokio::time::sleep(WATCHED).await;
    let long = begun.elapsed().as_secs_f64();
    let after = [many.cost(), few.cost()];
    let spent = |of: usize, what: usize| (after[of][what] - before[of][what]) as f64 / long;
    let row = |what: &str, unit, figures: [f64; 2]| {
        let what = format!("idle with {MANY} clients: {what}");
        Row::new(what, unit).ours(figures[0]).beside("with 30 clients", figures[1])
    };
    // Milliseconds a second are seconds in 1,000 s.
    let an_hour = |what: usize| [0, 1].map(|of| spent(of, what) * 3.6);
    let mib = |of: &Child| of.resident_kib() as f64 / 1024.0;
    vec![
        row("controller, processor time an hour", "s", an_hour(0)),
        row("gateway, processor time an hour", "s", an_hour(1)),
        row("controller, memory", "MiB", [mib(&many.controller), mib(&few.controller)]),
        row("gateway, memory", "MiB", [mib(&many.gateway), mib(&few.gateway)]),
        row("panel calls a minute", "", [0, 1].map(|of| spent(of, 2) * 60.0)),
    ]
}
