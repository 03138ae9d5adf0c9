//! Rounds of orders while processes are killed at random moments.

use super::faults::{Deck, Fault};
use super::ground::{Dice, ground, new_seed};
use super::memory::{Growth, Memory};
use super::people::{self, Seen};
use crate::system::System;
use crate::trouble::Trouble;
use nebulalinks_model_panel::PanelVersion;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
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
/// What passes until people come again: after some days their threads and orders are old.
const NEXT_ROUND: u64 = 6 * 3_600_000;
/// Moderators delete an order's thread after so many rounds, which is ten days: by then nobody reads
/// it, and a guild that keeps all of a thousand rounds is most of what this process would hold.
const THREADS_KEPT: usize = 40;
/// How long a round kills at most: on a busy machine nobody gets anything done meanwhile, and what
/// is looked for is loss, not slowness.
const KILLS_FOR: Duration = Duration::from_secs(20);

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
    /// A file system of its own, small (up to 2 GiB): rounds with a full disk fill it for real
    #[arg(long, value_name = "DIR")]
    disk: Option<PathBuf>,
    /// Nothing but kills: no full disk, damaged file, stopped process or wrong clock
    #[arg(long)]
    kills_only: bool,
}

/// Plays all rounds; the error says what was lost or doubled.
pub(crate) async fn torture(args: &Torture, shipped: &Path) -> Result<(), Trouble> {
    let seed = args.seed.unwrap_or_else(new_seed);
    say!("{} rounds, {} customers, seed {seed}", args.rounds, args.customers);
    let (folder, _, settings) = ground(shipped, PanelVersion::Head, args.disk.as_deref())?;
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
    let (mut deck, mut growth) = (Deck::new(dice.0), Growth::default());
    let mut newest_threads = VecDeque::new();
    let began = tokio::time::Instant::now();
    for round in 1..=args.rounds {
        let drawn = deck.of(round);
        let fault = if args.kills_only { Fault::None } else { drawn };
        let done = CancellationToken::new();
        let seen = Seen::so_far(system);
        newest_threads.push_back(seen.newest_thread());
        let orders = async {
            let all = names.iter().map(|name| people::order(system, name, (round, &seen, fault)));
            let went: Result<Vec<()>, Trouble> = futures::future::try_join_all(all).await;
            done.cancel();
            went
        };
        let mut its_dice = Dice(dice.below(u64::MAX));
        let injected = fault.inject(system, &mut its_dice, args.disk.is_some());
        let in_round = |t: Trouble| Trouble(format!("round {round}, {fault}: {t}"));
        let (ordered, met, kills) = if fault.is_alone() {
            let after = async {
                let met = injected.await;
                (met, killing(system, dice, &done).await)
            };
            let (ordered, (met, kills)) = tokio::join!(orders, after);
            (ordered, met, kills)
        } else {
            tokio::join!(orders, injected, killing(system, dice, &done))
        };
        let met = met.map_err(in_round)?;
        ordered.map_err(in_round)?;
        system.until_up().await.map_err(in_round)?;
        for _ in 0..6 {
            let next = system.clock.now_ms() + STEP;
            system.clock.jump_to(next).map_err(Trouble::while_doing("move the clock"))?;
            system.quiet(Duration::from_millis(400), Duration::from_secs(10)).await;
        }
        check(system, &names, round, &mut first_ends).map_err(in_round)?;
        let memory = Memory::of(system);
        say!(
            "round {round}: {} orders, {kills} kills, {fault} ({met}), nothing lost, nothing \
             doubled; {memory}; {} s so far",
            names.len(),
            began.elapsed().as_secs()
        );
        growth.note(memory).map_err(in_round)?;
        if newest_threads.len() > THREADS_KEPT
            && let Some(last) = newest_threads.pop_front()
        {
            delete_threads(system, last);
        }
        rest(system)?;
    }
    Ok(())
}

/// A moderator deletes every thread up to this one.
fn delete_threads(system: &System, last: u64) {
    for thread in system.emulator.threads().into_iter().filter(|thread| thread.id <= last) {
        // One that somebody else deleted is gone, too.
        let _ = system.emulator.delete_channel(thread.id);
    }
}

/// Until people come again. What is past by then nobody asks for any more.
fn rest(system: &System) -> Result<(), Trouble> {
    let past = system.clock.now_ms();
    let next = past + NEXT_ROUND;
    system.clock.jump_to(next).map_err(Trouble::while_doing("move the clock"))?;
    system.emulator.forget_before(nebulalinks_model_discord::UnixMs(past));
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
        // From bursts that let nobody start to pauses in which much is under way.
        let most = 250_u64 << dice.below(5);
        let pause = Duration::from_millis(80 + dice.below(most));
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
