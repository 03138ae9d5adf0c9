//! Real processes under load, killed with `kill -9` at random moments: nothing may be lost, and
//! nothing doubled.

mod batches;
mod people;
mod sold;

pub(crate) use batches::{Batches, batches};

use crate::world::{Desired, Settings, Trouble, World, free_ports};
use nebulalinks_model_panel::PanelVersion;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// What one approved month is worth on the panel, in bytes and ms.
const CAP: i64 = 50 << 30;
const MONTH: i64 = 30 * 86_400_000;
/// How far an end may be from what the approvals say: a term begins when it is approved.
const SLACK: i64 = 15 * 60_000;
/// The steps in which time passes after the killing: writes whose answers were lost may not be
/// sent again for a while.
const STEP: u64 = 35_000;
/// How long a round kills at most: on a busy machine nobody gets anything done meanwhile, and what
/// is looked for is loss, not slowness.
const KILLS_FOR: Duration = Duration::from_secs(60);

/// How hard.
#[derive(Debug, clap::Args)]
pub(crate) struct Torture {
    /// How many rounds; each customer buys in the first and renews in each further one
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// How many customers order at the same time
    #[arg(long, default_value_t = 4)]
    customers: u32,
    /// The seed of the moments and victims; printed when left out
    #[arg(long)]
    seed: Option<u64>,
}

/// Plays all rounds; the error says what was lost or doubled.
pub(crate) async fn torture(args: &Torture, shipped: &Path) -> Result<(), Trouble> {
    let seed = args.seed.unwrap_or_else(rand_seed);
    say!("{} rounds, {} customers, seed {seed}", args.rounds, args.customers);
    let (folder, _, settings) = ground(shipped, seed, PanelVersion::Head)?;
    let world = World::start(settings).await?;
    let mut dice = Dice(seed);
    let went = rounds(args, &world, &mut dice).await;
    world.stop().await;
    if went.is_err() {
        say!("the logs are in {}", folder.keep().join("logs").display());
    }
    went
}

/// A folder, the four files in it, and free ports.
fn ground(
    shipped: &Path,
    seed: u64,
    panel: PanelVersion,
) -> Result<(TempDir, Desired, Settings), Trouble> {
    let folder = tempfile::Builder::new()
        .prefix("nebulalinks-torture-")
        .tempdir()
        .map_err(Trouble::while_doing("make a folder"))?;
    let port_seed = u16::try_from(seed % 9_000).unwrap_or(0);
    let [a, b, metrics, discord] = free_ports(port_seed)?;
    let desired = Desired::copy(shipped, &folder.path().join("desired"), &[a, b])?;
    let settings = Settings {
        root: folder.path().to_owned(),
        desired: desired.folder.clone(),
        state: folder.path().join("state"),
        metrics: SocketAddr::from(([127, 0, 0, 1], metrics)),
        discord: SocketAddr::from(([127, 0, 0, 1], discord)),
        panels: 0,
        starts_at: Some(1_798_790_400_000),
        panels_poll: false,
        panel,
        log: "info".to_owned(),
    };
    Ok((folder, desired, settings))
}

async fn rounds(args: &Torture, world: &World, dice: &mut Dice) -> Result<(), Trouble> {
    let names: Vec<String> = (1..=args.customers).map(|n| format!("customer-{n}")).collect();
    let mut first_ends: BTreeMap<String, i64> = BTreeMap::new();
    for round in 1..=args.rounds {
        let done = CancellationToken::new();
        let orders = async {
            let all = names.iter().map(|name| people::order(world, name, round));
            let went: Result<Vec<()>, Trouble> = futures::future::try_join_all(all).await;
            done.cancel();
            went
        };
        let (ordered, kills) = tokio::join!(orders, killing(world, dice, &done));
        let in_round = |t: Trouble| Trouble(format!("round {round}: {t}"));
        ordered.map_err(in_round)?;
        world.until_up().await.map_err(in_round)?;
        for _ in 0..6 {
            let next = world.clock.now_ms() + STEP;
            world.clock.jump_to(next).map_err(Trouble::while_doing("move the clock"))?;
            world.quiet(Duration::from_millis(400), Duration::from_secs(10)).await;
        }
        check(world, &names, round, &mut first_ends).map_err(in_round)?;
        say!("round {round}: {} orders, {kills} kills, nothing lost, nothing doubled", names.len());
    }
    Ok(())
}

/// Kills one process after the other until everybody has what they came for.
async fn killing(world: &World, dice: &mut Dice, done: &CancellationToken) -> u32 {
    let victims: Vec<_> = std::iter::once(&world.controller)
        .chain(world.servers.values().map(|s| &s.gateway))
        .collect();
    let mut kills = 0;
    let until = tokio::time::Instant::now() + KILLS_FOR;
    loop {
        if tokio::time::Instant::now() > until {
            return kills;
        }
        let pause = Duration::from_millis(80 + dice.below(500));
        if done.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            return kills;
        }
        // The controller is the first victim twice: most of what can be lost is there.
        let at = usize::try_from(dice.below(victims.len() as u64 + 1)).unwrap_or(0);
        if let Some(victim) = victims.get(at.saturating_sub(1)) {
            victim.kill().await;
            kills += 1;
        }
    }
}

/// One client, one link and one card for each customer; as many terms as approvals.
fn check(
    world: &World,
    names: &[String],
    round: u32,
    first_ends: &mut BTreeMap<String, i64>,
) -> Result<(), Trouble> {
    let fail = |what: String| Err(Trouble(what));
    let mut ours = Vec::new();
    for (id, server) in &world.servers {
        for client in server.panel.clients() {
            let created = server.panel.times_created(&client.email);
            if created != 1 {
                return fail(format!("{} was made {created} times on {id}", client.email));
            }
            ours.push(client);
        }
    }
    if ours.len() != names.len() {
        return fail(format!("{} clients for {} customers", ours.len(), names.len()));
    }
    for client in &ours {
        let terms = i64::from(round);
        if client.total != terms * CAP || !client.is_on() || client.entries != 1 {
            let (cap, on) = (client.total / CAP, client.is_on());
            return fail(format!(
                "{}: {cap} months of traffic for {terms} approvals, on: {on}",
                client.email
            ));
        }
        let first = *first_ends.entry(client.email.clone()).or_insert(client.expiry_ms);
        let grown = client.expiry_ms - first - (terms - 1) * MONTH;
        if grown.abs() > SLACK {
            return fail(format!(
                "{}: the end is {grown} ms off after {terms} approvals",
                client.email
            ));
        }
    }
    let mut told: BTreeMap<(String, String), usize> = BTreeMap::new();
    for name in names {
        let links = world.emulator.count_dms(name, "vless://");
        if links != 1 {
            return fail(format!("{name} got {links} messages with a link"));
        }
        let approved =
            people::cards(world, name).iter().filter(|c| c.text.contains("**Approved**")).count();
        if approved != usize::try_from(round).unwrap_or(0) {
            return fail(format!("{name} has {approved} approved cards after {round} approvals"));
        }
        for message in world.emulator.user(name).dms() {
            *told.entry((name.clone(), message.text)).or_default() += 1;
        }
    }
    match told.into_iter().find(|(_, times)| *times > 1) {
        Some(((name, text), times)) => {
            let first = text.lines().next().unwrap_or_default().to_owned();
            fail(format!("{name} was told {times} times: {first}"))
        }
        None => Ok(()),
    }
}

/// Numbers that look random and are the same for the same seed.
struct Dice(u64);

impl Dice {
    /// A number below `most` (at least 1).
    fn below(&mut self, most: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most.max(1)
    }
}

#[allow(clippy::disallowed_methods, reason = "a new seed for each run, printed to repeat it")]
fn rand_seed() -> u64 {
    rand::random::<u32>().into()
}
