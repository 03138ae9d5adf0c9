//! What people on call are woken by: the store, the disk, a panel's login, a channel, a lock.

use super::command::BadCommand;
use super::moves::copy_folder;
use super::play::Player;
use super::quantity::bytes;
use crate::world::Trouble;
use nebulalinks_model_panel::Fault;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// One of them, or its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// The store's folder is copied while nobody runs on it.
    StoreCopied,
    /// It is put back as it was copied.
    StoreRestored,
    /// Its files are spoilt: sled's emptied, the middle of the journal overwritten.
    StoreSpoilt,
    /// So many bytes are free on the disk of the controller's state folder; `None` is what is so.
    Room(Option<u64>),
    /// A panel refuses the gateway's credentials, or takes them again.
    LoginRefused(String, bool),
    /// The bot may not write in a channel, or may again.
    WritingDenied(String, bool),
    /// git's lock lies in the folder of the files, or is gone.
    LockLeft(bool),
    /// An operator says that the store at hand is the right one.
    AmnesiaResolved,
}

/// Reads one.
pub(super) fn parse(row: &[&str]) -> Option<Result<Mishap, BadCommand>> {
    Some(Ok(match row {
        ["the", "store", "is", "copied"] => Mishap::StoreCopied,
        ["the", "store", "is", "put", "back", "as", "copied"] => Mishap::StoreRestored,
        ["the", "store", "is", "spoilt"] => Mishap::StoreSpoilt,
        ["the", "disk", "of", "the", "controller", "has", amount, "left"] => match bytes(amount) {
            Some(amount) => Mishap::Room(u64::try_from(amount).ok()),
            None => return Some(Err(BadCommand(format!("{amount} is no amount: 700MiB")))),
        },
        ["the", "disk", "of", "the", "controller", "has", "room"] => Mishap::Room(None),
        ["panel", server, "refuses", "the", "gateway"] => {
            Mishap::LoginRefused((*server).to_owned(), true)
        }
        ["panel", server, "takes", "the", "gateway"] => {
            Mishap::LoginRefused((*server).to_owned(), false)
        }
        ["the", "bot", "may", "not", "write", "in", channel] => {
            Mishap::WritingDenied((*channel).to_owned(), true)
        }
        ["the", "bot", "may", "write", "in", channel] => {
            Mishap::WritingDenied((*channel).to_owned(), false)
        }
        ["a", "lock", "of", "git", "is", "left"] => Mishap::LockLeft(true),
        ["the", "lock", "of", "git", "is", "taken", "away"] => Mishap::LockLeft(false),
        ["an", "operator", "resolves", "the", "amnesia"] => Mishap::AmnesiaResolved,
        _ => return None,
    }))
}

impl Player<'_> {
    /// Lets it happen.
    pub(super) async fn befalls(&self, mishap: &Mishap) -> Result<(), Trouble> {
        let copy = self.world.settings.root.join("copied-state");
        let state = self.world.settings.state.clone();
        match mishap {
            Mishap::StoreCopied => {
                self.with_the_store(|| copy_folder(&state, &copy)).await?;
            }
            Mishap::StoreRestored => {
                let back = || {
                    std::fs::remove_dir_all(&state)?;
                    copy_folder(&copy, &state)?;
                    // As `cp -a` would; the service refuses a folder that others can enter.
                    std::fs::set_permissions(&state, Permissions::from_mode(0o700))
                };
                self.with_the_store(back).await?;
            }
            Mishap::StoreSpoilt => self.with_the_store(|| spoil(&state)).await?,
            Mishap::Room(free) => {
                let set = self.world.clock.set_room("controller", *free);
                set.map_err(Trouble::while_doing("fill the disk"))?;
            }
            Mishap::LoginRefused(id, true) => {
                self.server(id)?.panel.faults().set(Fault::Unauthorized)
            }
            Mishap::LoginRefused(id, false) => self.server(id)?.panel.faults().clear(),
            Mishap::WritingDenied(channel, denied) => {
                let channel = self.channel(channel)?;
                self.world.emulator.deny_writing(channel, *denied);
            }
            Mishap::LockLeft(left) => {
                let git = self.world.settings.desired.join(".git");
                let set = if *left {
                    std::fs::create_dir_all(&git)
                        .and_then(|()| std::fs::write(git.join("index.lock"), ""))
                } else {
                    std::fs::remove_dir_all(&git)
                };
                set.map_err(Trouble::while_doing("leave a lock"))?;
            }
            Mishap::AmnesiaResolved => self.world.post("/v1/amnesia/resolve").await?,
        }
        Ok(())
    }

    /// Stops the controller for a while, and does this meanwhile.
    async fn with_the_store(
        &self,
        work: impl FnOnce() -> std::io::Result<()>,
    ) -> Result<(), Trouble> {
        let before = self.world.bot_sessions();
        self.world.controller.stop().await;
        work().map_err(Trouble::while_doing("change the store's folder"))?;
        self.world.controller.start_again().await;
        self.world.until_back("controller", before).await
    }

    /// A channel by what it is for.
    pub(super) fn channel(&self, name: &str) -> Result<u64, Trouble> {
        let layout = self.world.emulator.layout();
        match name {
            "review" => Ok(layout.review),
            "alerts" => Ok(layout.alerts),
            other => Err(Trouble(format!("{other}: review or alerts"))),
        }
    }
}

fn spoil(state: &Path) -> std::io::Result<()> {
    std::fs::write(state.join("db").join("db"), "")?;
    let mut segments: Vec<PathBuf> = std::fs::read_dir(state.join("journal"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    segments.retain(|path| path.extension().is_some_and(|kind| kind == "log"));
    for path in segments {
        let mut bytes = std::fs::read(&path)?;
        let (third, half) = (bytes.len() / 3, bytes.len() / 2);
        bytes.get_mut(third..half).unwrap_or_default().fill(0xA5);
        std::fs::write(path, bytes)?;
    }
    Ok(())
}
