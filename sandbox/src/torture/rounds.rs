//! Rounds of orders while processes are killed at random moments.

use super::ground::{Dice, ground, new_seed};
use super::people;
use crate::system::System;
use crate::trouble::Trouble;
use nebulalinks_model_panel::PanelVersion;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
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

/// How hard the torture is.
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
    let seed = args.seed.unwrap_or_else(new_seed);
    say!("{} rounds, {} customers, seed {seed}", args.rounds, args.customers);
    let (folder, _, settings) = ground(shipped, seed, PanelVersion::Head)?;
    let system = System::start(settings).await?;
    let mut dice = Dice(seed);
    let went = rounds(args, &system, &mut dice).await;
    system.stop().await;
    if went.is_err() {
        say!("the logs are in {}", folder.keep().join("logs").display());
    }
    went
}

async fn rounds(args: &Torture, system: &System, dice: &mut Dice) -> Result<(), Trouble> {
    let names: Vec<String> = (1..=args.customers).map(|n| format!("customer-{n}")).collect();
    let mut first_ends: BTreeMap<String, i64> = BTreeMap::new();
    for round in 1..=args.rounds {
        let done = CancellationToken::new();
        let orders = async {
            let all = names.iter().map(|name| people::order(system, name, round));
            let went: Result<Vec<()>, Trouble> = futures::future::try_join_all(all).await;
            done.cancel();
            went
        };
        let (ordered, kills) = tokio::join!(orders, killing(system, dice, &done));
        let in_round = |t: Trouble| Trouble(format!("round {round}: {t}"));
        ordered.map_err(in_round)?;
        system.until_up().await.map_err(in_round)?;
        for _ in 0..6 {
            let next = system.clock.now_ms() + STEP;
            system.clock.jump_to(next).map_err(Trouble::while_doing("move the clock"))?;
            system.quiet(Duration::from_millis(400), Duration::from_secs(10)).await;
        }
        check(system, &names, round, &mut first_ends).map_err(in_round)?;
        say!("round {round}: {} orders, {kills} kills, nothing lost, nothing doubled", names.len());
    }
    Ok(())
}

/// Kills one process after the other until everybody has what they came for.
async fn killing(system: &System, dice: &mut Dice, done: &CancellationToken) -> u32 {
    let victims: Vec<_> = std::iter::once(&system.controller)
        .chain(system.servers.values().map(|s| &s.gateway))
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
    system: &System,
    names: &[String],
    round: u32,
    first_ends: &mut BTreeMap<String, i64>,
) -> Result<(), Trouble> {
    let fail = |what: String| Err(Trouble(what));
    let mut ours = Vec::new();
    for (id, server) in &system.servers {
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
        let links = system.emulator.count_dms(name, "vless://");
        if links != 1 {
            return fail(format!("{name} got {links} messages with a link"));
        }
        let approved =
            people::cards(system, name).iter().filter(|c| c.text.contains("**Approved**")).count();
        if approved != usize::try_from(round).unwrap_or(0) {
            return fail(format!("{name} has {approved} approved cards after {round} approvals"));
        }
        for message in system.emulator.user(name).dms() {
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
