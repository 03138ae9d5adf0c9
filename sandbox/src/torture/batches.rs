//! The death of a process in the middle of many writes: 500 accounts that were sold while nobody
//! served them, and a gateway, a panel or a controller that ends in one of the batches.

use super::ground::{SERVER, ground, new_seed};
use super::sold::{sell, settled};
use crate::system::{Server, System};
use crate::trouble::Trouble;
use nebulalinks::model::UnixMs;
use nebulalinks_model_panel::{Fault, Generation, PanelVersion, Scope};
use nebulalinks_protocol::CLIENT_MARK;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

/// Nobody may take longer to get where they are waited for.
const IN_TIME: Duration = Duration::from_secs(90);
/// As much time passes at once while everybody comes to rest.
const STEP_MS: u64 = 35_000;

/// Who dies, and when.
#[derive(Debug, clap::Args)]
pub(crate) struct Batches {
    /// How many clients are to be made
    #[arg(long, default_value_t = 500)]
    clients: u32,
    /// Which panels: 2.6.5, 2.9.4, 3.4.2 or 3.6.0
    #[arg(long, default_value = "3.6.0", value_name = "VERSION")]
    panel: PanelVersion,
    /// Where a process ends: a crash point of the gateway or the controller, or
    /// `panel.before_commit`, `panel.halfway`, `panel.after_commit`; nobody dies when left out
    #[arg(long, value_name = "POINT")]
    dies_at: Option<String>,
    /// The how-many-th time
    #[arg(long, default_value_t = 3)]
    time: u32,
    /// The seed of the credentials
    #[arg(long)]
    seed: Option<u64>,
}

/// Plays it; the error says what was lost or doubled.
pub(crate) async fn batches(args: &Batches, shipped: &Path) -> Result<(), Trouble> {
    let seed = args.seed.unwrap_or_else(new_seed);
    let (folder, desired, settings) = ground(shipped, args.panel, None)?;
    let servers = desired.text("servers.yaml")?;
    desired.write("servers.yaml", &servers.replace("capacity: 200", "capacity: 10000"))?;
    let shop = desired.text("shop.yaml")?;
    desired.write("shop.yaml", &shop.replace("deliver: dm", "deliver: button"))?;
    let state = settings.state.clone();
    let system = System::start(settings).await?;
    let went = play(args, &system, seed).await;
    system.stop().await;
    let went = match went {
        Ok(said) => settled(&state, args.clients).await.map(|()| said),
        Err(trouble) => Err(trouble),
    };
    match went {
        Ok(said) => {
            say!("{said}");
            Ok(())
        }
        Err(trouble) => {
            say!("seed {seed}; the logs are in {}", folder.keep().join("logs").display());
            Err(trouble)
        }
    }
}

async fn play(args: &Batches, system: &System, seed: u64) -> Result<String, Trouble> {
    let server = system.servers.get(SERVER).ok_or_else(|| Trouble(format!("no {SERVER}")))?;
    // Nobody may be served before it is laid where somebody dies.
    system.controller.stop().await;
    let now = UnixMs(system.clock.now_ms());
    let sold = sell(&system.settings.state, args.clients, now, seed).await?;
    let ours =
        || server.panel.clients().iter().filter(|c| c.email.starts_with(CLIENT_MARK)).count();
    if ours() != 0 {
        return Err(Trouble("somebody was served too early".to_owned()));
    }
    let began = Instant::now();
    let mut said = format!("{} clients", args.clients);
    match args.dies_at.as_deref() {
        None => system.controller.start_again().await,
        Some(point) => {
            lay(system, server, point, args.time)?;
            system.controller.start_again().await;
            let gone = || match of_the_panel(point) {
                Some(_) => server.panel.faults().is_down(),
                None => !system.fuse_for(point).is_laid(),
            };
            until("the process to die", gone).await?;
            let made = ours();
            if made >= sold.len() {
                return Err(Trouble(format!("at {point} all were made: nothing was left to lose")));
            }
            said = format!("{said}, {made} of them made when it died at {point}");
            // A panel is started again; whoever else died is, by its keeper.
            server.panel.faults().clear();
        }
    }
    let deadline = Instant::now() + IN_TIME;
    while ours() < sold.len() {
        if Instant::now() > deadline {
            return Err(Trouble(format!("{said}, and only {} of them at last", ours())));
        }
        pass(system).await?;
    }
    let took = began.elapsed();
    system.until_up().await?;
    // What is still on its way arrives; then nothing is written any more. On a busy machine a write
    // may be on its way for so long that it looks quiet, and expires when time is moved.
    let mut passes = 0;
    while passes < 3 || !system.wants_nothing_of(SERVER).await {
        if Instant::now() > deadline + IN_TIME {
            return Err(Trouble("the controller wants more and more".to_owned()));
        }
        pass(system).await?;
        if passes >= 3 {
            system.quiet(Duration::from_secs(3), Duration::from_secs(20)).await;
        }
        passes += 1;
    }
    let writes = server.panel.api_writes();
    for _ in 0..4 {
        pass(system).await?;
    }
    if server.panel.api_writes() != writes {
        return Err(Trouble("the controller goes on writing".to_owned()));
    }
    each_is_there_once(system, &sold)?;
    Ok(format!("{said}; each is there once, after {} ms", took.as_millis()))
}

/// How a panel dies, if it is the panel.
fn of_the_panel(point: &str) -> Option<Fault> {
    match point {
        "panel.before_commit" => Some(Fault::DiesBeforeCommit),
        "panel.halfway" => Some(Fault::DiesHalfway),
        "panel.after_commit" => Some(Fault::DiesAfterCommit),
        _ => None,
    }
}

fn lay(system: &System, server: &Server, point: &str, time: u32) -> Result<(), Trouble> {
    let Some(fault) = of_the_panel(point) else {
        let laid = system.fuse_for(point).lay_for(point, time);
        return laid.map_err(Trouble::while_doing("lay a fuse"));
    };
    let scope = Scope::path(match server.panel.version().generation() {
        Generation::Two => "inbounds/addClient",
        Generation::Three => "clients/bulkCreate",
    });
    server.panel.faults().once_after(time.saturating_sub(1), fault, scope);
    Ok(())
}

async fn until(what: &str, is_so: impl Fn() -> bool) -> Result<(), Trouble> {
    let deadline = Instant::now() + IN_TIME;
    while !is_so() {
        if Instant::now() > deadline {
            return Err(Trouble(format!("waited in vain for {what}")));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// Time passes, and everybody does what is due.
async fn pass(system: &System) -> Result<(), Trouble> {
    let next = system.clock.now_ms() + STEP_MS;
    system.clock.jump_to(next).map_err(Trouble::while_doing("move the clock"))?;
    system.quiet(Duration::from_millis(500), Duration::from_secs(20)).await;
    Ok(())
}

/// What the panels hold, against what was sold.
fn each_is_there_once(system: &System, sold: &BTreeMap<String, uuid::Uuid>) -> Result<(), Trouble> {
    let fail = |what: String| Err(Trouble(what));
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (id, server) in &system.servers {
        for client in
            server.panel.clients().into_iter().filter(|c| c.email.starts_with(CLIENT_MARK))
        {
            let Some(uuid) = sold.get(&client.email) else {
                return fail(format!("{} on {id} was never sold", client.email));
            };
            let made = server.panel.times_created(&client.email);
            if made != 1 || client.entries != 1 || client.uuid != uuid.to_string() {
                let entries = client.entries;
                return fail(format!("{}: made {made} times, {entries} entries", client.email));
            }
            if !client.is_on() || client.total != 50 << 30 {
                return fail(format!("{} is not as it was sold: {client:?}", client.email));
            }
            if let Some(other) = seen.insert(client.email.clone(), id.clone()) {
                return fail(format!("{} is on {other} and on {id}", client.email));
            }
        }
    }
    match sold.keys().find(|email| !seen.contains_key(*email)) {
        Some(lost) => fail(format!("{lost} is lost")),
        None => Ok(()),
    }
}
