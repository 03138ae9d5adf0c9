//! What people on call are woken by happens.

use super::grammar::Mishap;
use super::moves::copy_folder;
use super::player::Player;
use crate::trouble::Trouble;
use nebulalinks_model_panel::Fault;
use serde_json::json;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

impl Player<'_> {
    /// Lets it happen.
    pub(super) async fn befalls(&self, mishap: &Mishap) -> Result<(), Trouble> {
        let copy = self.system.settings.root.join("copied-state");
        let state = self.system.settings.state.clone();
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
                let set = self.system.clock.set_room("controller", *free);
                set.map_err(Trouble::while_doing("fill the disk"))?;
            }
            Mishap::LoginRefused(id, true) => {
                self.server(id)?.panel.faults().set(Fault::Unauthorized)
            }
            Mishap::LoginRefused(id, false) => self.server(id)?.panel.faults().clear(),
            Mishap::WritingDenied(channel, denied) => {
                let channel = self.channel(channel)?;
                self.system.emulator.deny_writing(channel, *denied);
            }
            Mishap::LockLeft(left) => {
                let git = self.system.settings.desired.join(".git");
                let set = if *left {
                    std::fs::create_dir_all(&git)
                        .and_then(|()| std::fs::write(git.join("index.lock"), ""))
                } else {
                    std::fs::remove_dir_all(&git)
                };
                set.map_err(Trouble::while_doing("leave a lock"))?;
            }
            Mishap::AmnesiaResolved => {
                self.system.post("/v1/amnesia/resolve", String::new()).await?;
            }
            Mishap::Reversed(person, reason) => {
                let order = self.newest_order(person)?;
                let asked = json!({ "intent": "reverse", "order": order, "reason": reason });
                self.system.post("/v1/intents", asked.to_string()).await?;
            }
        }
        Ok(())
    }

    /// Stops the controller for a while, and does this meanwhile.
    async fn with_the_store(
        &self,
        work: impl FnOnce() -> std::io::Result<()>,
    ) -> Result<(), Trouble> {
        let before = self.system.bot_sessions();
        self.system.controller.stop().await;
        work().map_err(Trouble::while_doing("change the store's folder"))?;
        self.system.controller.start_again().await;
        self.system.until_back("controller", before).await
    }

    /// The reference of somebody's newest order, by the name of its thread.
    pub(super) fn newest_order(&self, person: &str) -> Result<String, Trouble> {
        let threads = self.actor(person).threads();
        let newest = threads.iter().filter(|thread| thread.name.starts_with("NL-"));
        let newest = newest.max_by_key(|thread| thread.id);
        let reference = newest.and_then(|thread| thread.name.split(' ').next());
        reference.map(str::to_owned).ok_or_else(|| Trouble(format!("{person} has no order")))
    }

    /// A channel by what it is for.
    pub(super) fn channel(&self, name: &str) -> Result<u64, Trouble> {
        let layout = self.system.emulator.layout();
        match name {
            "review" => Ok(layout.review),
            "alerts" => Ok(layout.alerts),
            "stats" => Ok(layout.stats),
            "store" => Ok(layout.store),
            other => Err(Trouble(format!("{other}: store, review, alerts or stats"))),
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
