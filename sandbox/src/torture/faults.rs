//! What goes wrong in a round beside the killing: each fault begins while people order, is mended some
//! seconds later, and leaves nothing behind.

use super::ground::Dice;
use crate::process::{Process, Signal};
use crate::system::System;
use crate::trouble::Trouble;
use nebulalinks::catalog::DesiredFile;
use std::fmt;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::time::Duration;

/// One in so many rounds stops a process for [`LONG`].
const LONG_EVERY: u32 = 200;
/// Longer than a claim is good for (2 min of silence): somebody else might have taken over.
const LONG: Duration = Duration::from_secs(121);
const SHORT: Duration = Duration::from_secs(3);
/// What a fault that can be mended lasts: a restart at least falls into it.
const LASTS: u64 = 6_000;
/// A file system with more room than this is not filled: it is somebody's.
const SMALL: u64 = 2 << 30;

/// What goes wrong in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing but the killing.
    None,
    /// No byte is free any more.
    DiskFull,
    /// One of the four files is cut, emptied, spoilt or gone.
    FilesDamaged,
    /// The folder of the four files is gone.
    FolderGone,
    /// Files of the store are damaged while the controller is down.
    StoreDamaged,
    /// A process is stopped (SIGSTOP) for so long.
    Stopped(Duration),
    /// Somebody's wall clock is set wrong.
    ClockStep,
}

/// Ten rounds: in 1,000 rounds each is there a hundred times at least.
const TEN: [Fault; 10] = [
    Fault::None,
    Fault::None,
    Fault::None,
    Fault::DiskFull,
    Fault::FilesDamaged,
    Fault::FolderGone,
    Fault::StoreDamaged,
    Fault::Stopped(SHORT),
    Fault::Stopped(SHORT),
    Fault::ClockStep,
];

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("kills only"),
            Self::DiskFull => f.write_str("disk full"),
            Self::FilesDamaged => f.write_str("files damaged"),
            Self::FolderGone => f.write_str("folder gone"),
            Self::StoreDamaged => f.write_str("store damaged"),
            Self::Stopped(length) => write!(f, "stopped for {} s", length.as_secs()),
            Self::ClockStep => f.write_str("clock step"),
        }
    }
}

/// The faults of all rounds, in an order that the seed says: what the kills draw changes none of it.
pub(super) struct Deck {
    dice: Dice,
    left: Vec<Fault>,
}

impl Deck {
    pub(super) const fn new(seed: u64) -> Self {
        Self { dice: Dice(!seed), left: Vec::new() }
    }

    /// The fault of a round; rounds come one after the other, from 1.
    pub(super) fn of(&mut self, round: u32) -> Fault {
        if self.left.is_empty() {
            self.left = TEN.to_vec();
        }
        let at = usize::try_from(self.dice.below(self.left.len() as u64)).unwrap_or(0);
        let drawn = self.left.swap_remove(at);
        if round % LONG_EVERY == LONG_EVERY / 2 { Fault::Stopped(LONG) } else { drawn }
    }
}

impl Fault {
    /// How much longer people must be patient.
    pub(super) const fn lasts(self) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Stopped(length) => length,
            _ => Duration::from_millis(LASTS),
        }
    }

    /// Whether somebody who is killed would end it too early.
    pub(super) const fn is_alone(self) -> bool {
        matches!(self, Self::Stopped(_))
    }

    /// Lets it happen, and mends it. What is said of it tells what was hit.
    pub(super) async fn inject(
        self,
        system: &System,
        dice: &mut Dice,
        own_disk: bool,
    ) -> Result<String, Trouble> {
        tokio::time::sleep(Duration::from_millis(dice.below(2_000))).await;
        let lasts = Duration::from_millis(1_000 + dice.below(LASTS - 1_000));
        match self {
            Self::None => Ok(String::new()),
            Self::DiskFull => disk_full(system, lasts, own_disk).await,
            Self::FilesDamaged => files_damaged(system, dice, lasts).await,
            Self::FolderGone => folder_gone(system, lasts).await,
            Self::StoreDamaged => store_damaged(system, dice).await,
            Self::Stopped(length) => stopped(pick(system, dice), length).await,
            Self::ClockStep => clock_step(system, dice, lasts).await,
        }
    }
}

/// One of the processes, the controller as often as all gateways.
fn pick<'s>(system: &'s System, dice: &mut Dice) -> &'s Process {
    let gateways: Vec<&Process> = system.servers.values().map(|server| &server.gateway).collect();
    let at = usize::try_from(dice.below(2 * gateways.len() as u64)).unwrap_or(0);
    gateways.get(at).copied().unwrap_or(&system.controller)
}

async fn stopped(whom: &Process, length: Duration) -> Result<String, Trouble> {
    let first = whom.signal(Signal::Stop).await?;
    tokio::time::sleep(length).await;
    let again = whom.signal(Signal::Continue).await?;
    if first.is_none() || first != again {
        return Err(Trouble(format!("{} was not stopped for {length:?}", whom.spec.name)));
    }
    Ok(whom.spec.name.clone())
}

/// Where the run has a small disk of its own it is filled; elsewhere the controller believes so.
async fn disk_full(system: &System, lasts: Duration, own_disk: bool) -> Result<String, Trouble> {
    let failed = Trouble::while_doing::<std::io::Error>("fill the disk");
    if own_disk {
        let ballast = system.settings.root.join("ballast");
        let filled = fill(&ballast);
        tokio::time::sleep(lasts).await;
        fs::remove_file(&ballast).map_err(Trouble::while_doing("empty the disk"))?;
        let bytes = filled.map_err(failed)?;
        // Whoever could not start for want of room is not given up.
        for process in system.servers.values().map(|s| &s.gateway).chain([&system.controller]) {
            if process.keeps_dying() {
                process.start_again().await;
            }
        }
        return Ok(format!("{} MiB, really", bytes >> 20));
    }
    system.clock.set_room("controller", Some(0)).map_err(failed)?;
    tokio::time::sleep(lasts).await;
    system.clock.set_room("controller", None).map_err(Trouble::while_doing("empty the disk"))?;
    Ok("as the controller believes".to_owned())
}

/// Takes every byte that is left.
fn fill(ballast: &Path) -> std::io::Result<u64> {
    let mut file = fs::File::create(ballast)?;
    let block = vec![0xA5; 1 << 16];
    let mut bytes = 0;
    // Ever smaller pieces, until not one byte has room.
    for size in [block.len(), 4096, 512, 64, 1] {
        let piece = block.get(..size).unwrap_or_default();
        loop {
            match file.write_all(piece) {
                Ok(()) => bytes += size as u64,
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => return Err(error),
            }
            if bytes > SMALL {
                return Err(std::io::Error::other("--disk is too large to be filled"));
            }
        }
    }
    Ok(bytes)
}

async fn files_damaged(
    system: &System,
    dice: &mut Dice,
    lasts: Duration,
) -> Result<String, Trouble> {
    let failed = || Trouble::while_doing::<std::io::Error>("damage a file");
    let at = usize::try_from(dice.below(DesiredFile::REQUIRED.len() as u64)).unwrap_or(0);
    let name = DesiredFile::REQUIRED.get(at).copied().unwrap_or(DesiredFile::Plans).name();
    let path = system.settings.desired.join(name);
    let whole = fs::read(&path).map_err(failed())?;
    let how = match dice.below(4) {
        0 => {
            let cut = usize::try_from(dice.below(whole.len() as u64)).unwrap_or(0);
            fs::write(&path, whole.get(..cut).unwrap_or_default()).map_err(failed())?;
            format!("cut after {cut} bytes")
        }
        1 => {
            fs::write(&path, "").map_err(failed())?;
            "emptied".to_owned()
        }
        2 => {
            fs::write(&path, [whole.as_slice(), b"\n\t: ["].concat()).map_err(failed())?;
            "spoilt".to_owned()
        }
        _ => {
            fs::remove_file(&path).map_err(failed())?;
            "deleted".to_owned()
        }
    };
    tokio::time::sleep(lasts).await;
    fs::write(&path, whole).map_err(Trouble::while_doing("mend a file"))?;
    Ok(format!("{name} {how}"))
}

async fn folder_gone(system: &System, lasts: Duration) -> Result<String, Trouble> {
    let folder = &system.settings.desired;
    let away = folder.with_extension("away");
    fs::rename(folder, &away).map_err(Trouble::while_doing("move the folder away"))?;
    tokio::time::sleep(lasts).await;
    fs::rename(&away, folder).map_err(Trouble::while_doing("move the folder back"))?;
    Ok(String::new())
}

/// Of the database and the journal one is damaged: the other has all there is.
async fn store_damaged(system: &System, dice: &mut Dice) -> Result<String, Trouble> {
    let failed = || Trouble::while_doing::<std::io::Error>("damage the store");
    system.controller.stop().await;
    let path = system.settings.state.join("db").join("db");
    let mut bytes = fs::read(&path).map_err(failed())?;
    let length = bytes.len() as u64;
    let how = match dice.below(3) {
        0 => {
            bytes.clear();
            "emptied".to_owned()
        }
        1 => {
            let at = dice.below(length);
            bytes.truncate(usize::try_from(at).unwrap_or(0));
            format!("cut from {length} to {at} bytes")
        }
        _ => {
            for _ in 0..16 {
                let at = usize::try_from(dice.below(length)).unwrap_or(0);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
            "16 bits flipped".to_owned()
        }
    };
    fs::write(&path, bytes).map_err(failed())?;
    system.controller.start_again().await;
    Ok(format!("db {how}"))
}

async fn clock_step(system: &System, dice: &mut Dice, lasts: Duration) -> Result<String, Trouble> {
    let failed = || Trouble::while_doing::<std::io::Error>("set a clock");
    let servers = system.servers.keys();
    let mut parties: Vec<String> = vec!["controller".to_owned(), "discord".to_owned()];
    parties.extend(servers.flat_map(|id| [format!("gateway-{id}"), format!("panel-{id}")]));
    let at = usize::try_from(dice.below(parties.len() as u64)).unwrap_or(0);
    let party = parties.swap_remove(at);
    // From a second to two hours, ahead or behind.
    let most = 1_000_u64 << dice.below(13);
    let size = i64::try_from(1_000 + dice.below(most)).unwrap_or(1_000);
    let ahead = if dice.below(2) == 0 { size } else { -size };
    system.clock.set_apart(&party, ahead).map_err(failed())?;
    tokio::time::sleep(lasts).await;
    system.clock.set_apart(&party, 0).map_err(failed())?;
    Ok(format!("{party} by {ahead} ms"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_thousand_rounds_each_fault_comes_often_enough() {
        let mut deck = Deck::new(7);
        let all: Vec<Fault> = (1..=1_000).map(|round| deck.of(round)).collect();
        let times = |fault| all.iter().filter(|met| **met == fault).count();
        for fault in [Fault::DiskFull, Fault::FilesDamaged, Fault::FolderGone] {
            assert!(times(fault) >= 20, "{fault}: {}", times(fault));
        }
        assert!(times(Fault::StoreDamaged) >= 20 && times(Fault::ClockStep) >= 20);
        assert_eq!(times(Fault::Stopped(LONG)), 5);
        assert!(times(Fault::Stopped(SHORT)) >= 100);
    }
}
