//! What moves the system: time, panels, files, processes.

use super::grammar::{Channel, Field, FileChange, HandChange, InboundChange, PanelChange, Whose};
use super::player::Player;
use crate::process::Process;
use crate::system::{Desired, Server, free_ports, store_in};
use crate::trouble::Trouble;
use nebulalinks_model_discord::{Actor, Audience, MessageView};
use nebulalinks_model_panel::{Fault, XrayState};
use nebulalinks_protocol::CLIENT_MARK;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// Just before an end: from here the controller's own clock takes it, so that it is seen how late
/// a cut-off is.
const BEFORE: u64 = 400;
/// The last stretch of a wait is walked in these steps: what needs two looks some time apart gets
/// them, as it would if nobody had jumped.
const STEP: u64 = 35_000;
/// So long before an end its customer has been reminded: the shipped `reminders:`, each after a night.
const REMINDED: [u64; 2] = [(3 * 24 - 10) * HOUR, (24 - 10) * HOUR];
const HOUR: u64 = 3_600_000;
const STEPS: u64 = 4;
/// Quiet for so long: everybody has done what the step asked of them.
const QUIET: Duration = Duration::from_millis(300);
const AT_MOST: Duration = Duration::from_secs(10);

impl Player<'_> {
    /// Lets time pass: jumps from moment to moment at which something falls due.
    pub(super) async fn pass(&mut self, length: u64) -> Result<(), Trouble> {
        let target = self.system.clock.now_ms() + length;
        loop {
            let now = self.system.clock.now_ms();
            if now >= target {
                break;
            }
            let ends = self.ends();
            let end = ends.iter().copied().filter(|end| *end > now + BEFORE).min();
            let walked = (0..=STEPS).rev().map(|n| target.saturating_sub(n * STEP));
            let mut step = walked.into_iter().find(|at| *at > now).unwrap_or(target);
            if self.system.has_second() {
                // A jump would look like silence, and who is silent for 2 minutes loses the claim.
                step = step.min(now + STEP);
            }
            let reminded =
                ends.iter().flat_map(|end| REMINDED.map(|before| end.saturating_sub(before)));
            step = reminded.filter(|at| *at > now).chain([step]).min().unwrap_or(step);
            match end.filter(|end| *end - BEFORE < step) {
                Some(end) => {
                    self.jump(end - BEFORE).await?;
                    while self.system.clock.now_ms() <= end {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    self.system.quiet(QUIET, AT_MOST).await;
                }
                None => self.jump(step).await?,
            }
        }
        Ok(())
    }

    async fn jump(&self, moment: u64) -> Result<(), Trouble> {
        self.system.clock.jump_to(moment).map_err(Trouble::while_doing("move the clock"))?;
        self.system.poll_panels();
        self.system.quiet(QUIET, AT_MOST).await;
        Ok(())
    }

    /// When clients of ours end.
    fn ends(&self) -> Vec<u64> {
        let clients = self.system.servers.values().flat_map(|server| server.panel.clients());
        let ours = clients.filter(|client| client.email.starts_with(CLIENT_MARK) && client.is_on());
        ours.filter_map(|client| u64::try_from(client.expiry_ms).ok()).collect()
    }

    pub(super) fn server(&self, id: &str) -> Result<&Server, Trouble> {
        let known = self.system.servers.get(id);
        known.ok_or_else(|| Trouble(format!("there is no server {id} in servers.yaml")))
    }

    pub(super) async fn panel(&self, id: &str, change: PanelChange) -> Result<(), Trouble> {
        let server = self.server(id)?;
        let panel = &server.panel;
        match change {
            PanelChange::Down => panel.faults().set(Fault::Down),
            PanelChange::Up => panel.faults().clear(),
            PanelChange::OwnRule(on) => panel.set_own_rule(on),
            PanelChange::CountersToZero => panel.reset_counters(),
            PanelChange::Xray(true) => panel.set_xray(XrayState::Running),
            PanelChange::Xray(false) => panel.set_xray(XrayState::Failed),
            PanelChange::XrayCrashes(ms) => {
                panel.crash_xray_after(i64::try_from(ms).unwrap_or(i64::MAX));
            }
            PanelChange::Slow(ms) => {
                // What ails it before ends with this: one thing at a time.
                panel.faults().clear();
                panel.faults().set(Fault::SlowAfterCommit(Duration::from_millis(ms)));
            }
            PanelChange::Locked => {
                panel.faults().clear();
                panel.faults().set(Fault::DatabaseLocked);
            }
            PanelChange::Wiped => panel.wipe(),
            PanelChange::SetUpAnew => {
                panel.wipe();
                panel.replace_guid("set-up-anew");
            }
            PanelChange::BackedUp => server.back_up(),
            PanelChange::PutBack => server.put_back(),
            PanelChange::Installed(version) => server.install(version).await?,
        }
        Ok(())
    }

    pub(super) fn inbound(
        &self,
        id: &str,
        remark: &str,
        change: &InboundChange,
    ) -> Result<(), Trouble> {
        let panel = &self.server(id)?.panel;
        let inbound = panel.inbound_named(remark);
        let changed = inbound.is_some_and(|inbound| match change {
            InboundChange::Switched(on) => panel.set_inbound_enable(inbound, *on),
            InboundChange::Renamed(remark) => panel.rename_inbound(inbound, remark),
            InboundChange::Broken(broken) => panel.break_inbound(inbound, *broken),
            InboundChange::ListensOn(address) => panel.set_inbound_listen(inbound, address),
            InboundChange::ReachedAt(host, port) => {
                panel.add_external_proxy(inbound, "same", host, *port)
            }
        });
        if changed { Ok(()) } else { Err(Trouble(format!("{id} has no inbound {remark}"))) }
    }

    pub(super) fn uses(&self, whose: &Whose, bytes: i64, id: &str) -> Result<(), Trouble> {
        let email = self.client_of(whose, id)?;
        let panel = &self.server(id)?.panel;
        if !panel.add_traffic(&email, 0, bytes) {
            let (Whose::Customer(who) | Whose::Foreign(who)) = whose;
            return Err(Trouble(format!("no traffic flows for {who} on {id}: the client is off")));
        }
        // The panel looks every few seconds; here it looks now.
        panel.poll(panel.now_ms());
        Ok(())
    }

    pub(super) fn keeps_open(&self, whose: &Whose, id: &str) -> Result<(), Trouble> {
        let email = self.client_of(whose, id)?;
        self.server(id)?.panel.keep_open(&email);
        Ok(())
    }

    pub(super) fn connects(&self, whose: &Whose, id: &str, from: IpAddr) -> Result<(), Trouble> {
        let email = self.client_of(whose, id)?;
        self.server(id)?.panel.connect_from(&email, from);
        Ok(())
    }

    pub(super) fn by_hand(
        &self,
        whose: &Whose,
        id: &str,
        change: &HandChange,
    ) -> Result<(), Trouble> {
        let email = self.client_of(whose, id)?;
        let panel = &self.server(id)?.panel;
        let done = match change {
            HandChange::Deleted => panel.delete_by_hand(&email),
            HandChange::Disabled => panel.disable_by_hand(&email),
            HandChange::Enabled => panel.enable_by_hand(&email),
            HandChange::Set(fields) => {
                let now = panel.now_ms();
                let edited = panel.edit_by_hand(&email, |client| {
                    for field in fields {
                        match field {
                            Field::Ends(end) => client.expiry_time = end.map_or(0, |ms| now + ms),
                            Field::Cap(bytes) => client.total_gb = *bytes,
                            Field::Devices(count) => client.limit_ip = *count,
                            Field::Comment(text) => text.clone_into(&mut client.comment),
                        }
                    }
                });
                edited.is_ok()
            }
            HandChange::Edited => panel
                .edit_by_hand(&email, |client| {
                    client.expiry_time += 365 * 86_400_000;
                    client.total_gb *= 2;
                    client.limit_ip = 99;
                    "a friend of mine".clone_into(&mut client.comment);
                })
                .is_ok(),
        };
        if done { Ok(()) } else { Err(Trouble(format!("{id} did not do that to {email}"))) }
    }

    /// The email of a client on a server; of a customer the only one.
    fn client_of(&self, whose: &Whose, id: &str) -> Result<String, Trouble> {
        let who = match whose {
            Whose::Foreign(name) => return Ok(name.clone()),
            Whose::Customer(who) => who,
        };
        let found = self.clients_of(who, id)?;
        match found.as_slice() {
            [only] => Ok(only.clone()),
            all => Err(Trouble(format!("{who} has {} clients on {id}", all.len()))),
        }
    }

    /// The emails of all clients of a customer.
    pub(super) fn clients_of(&self, who: &str, id: &str) -> Result<Vec<String>, Trouble> {
        let server = self.server(id)?;
        let mut clients = clients_shown_to(&self.actor(who), server);
        // A subscription's links are shown to an app only.
        let uuids = self.apps.get(who).map(|app| app.uuids.as_slice()).unwrap_or_default();
        let theirs = server.panel.clients().into_iter().filter(|c| uuids.contains(&c.uuid));
        clients.extend(theirs.map(|client| client.email));
        clients.sort_unstable();
        clients.dedup();
        Ok(clients)
    }

    /// Somebody writes a message.
    pub(super) fn message(&self, who: &str, text: &str, place: &Channel) -> Result<(), Trouble> {
        let actor = self.actor(who);
        let channel = match place {
            Channel::Named(name) => self.channel(name)?,
            Channel::Direct => actor.dm_channel(),
            Channel::Thread => {
                let newest = actor.threads().iter().map(|thread| thread.id).max();
                newest.ok_or_else(|| Trouble(format!("{who} has no order thread")))?
            }
        };
        actor.say(channel, text, &[]).map_err(Trouble::while_doing("write a message"))?;
        Ok(())
    }

    pub(super) fn foreign(&mut self, name: &str, id: &str) -> Result<(), Trouble> {
        let panel = self.server(id)?.panel.clone();
        panel.add_foreign(name).map_err(Trouble::while_doing("make a foreign client"))?;
        if let Some(client) = panel.client(name) {
            self.foreign.insert((id.to_owned(), name.to_owned()), client);
        }
        Ok(())
    }

    fn process(&self, name: &str) -> Result<&Process, Trouble> {
        if name == "controller" {
            return Ok(&self.system.controller);
        }
        Ok(&self.server(name.trim_start_matches("gateway-"))?.gateway)
    }

    pub(super) async fn kill(&self, name: &str) -> Result<(), Trouble> {
        let before = self.system.bot_sessions();
        self.process(name)?.kill().await;
        self.system.until_back(name, before).await
    }

    pub(super) async fn stop(&self, name: &str) -> Result<(), Trouble> {
        self.process(name)?.stop().await;
        Ok(())
    }

    /// Starts it after a stop, and waits until it does its work.
    pub(super) async fn start(&self, name: &str) -> Result<(), Trouble> {
        let process = self.process(name)?;
        let before = self.system.bot_sessions();
        if !process.state().running {
            process.start_again().await;
            self.system.until_back(name, before).await?;
        }
        Ok(())
    }

    pub(super) fn crash(&self, name: &str, point: &str) -> Result<(), Trouble> {
        self.process(name)?;
        self.system.fuse(name).lay(point).map_err(Trouble::while_doing("lay a fuse"))
    }

    pub(super) fn change(&self, file: &str, change: &FileChange) -> Result<(), Trouble> {
        change_in(self.desired()?, file, change)
    }

    /// Changes a file of the draft, which begins as a copy of the files as they are.
    pub(super) fn draft(&self, file: &str, change: &FileChange) -> Result<(), Trouble> {
        change_in(&self.desired()?.draft()?, file, change)
    }

    pub(super) fn drop_draft(&self) -> Result<(), Trouble> {
        self.desired()?.drop_draft()
    }

    fn desired(&self) -> Result<&Desired, Trouble> {
        let none = || Trouble("this scenario edits files: play it with `play`".to_owned());
        self.desired.as_ref().ok_or_else(none)
    }

    pub(super) async fn second_starts(
        &mut self,
        copied: bool,
        takes_over: bool,
    ) -> Result<(), Trouble> {
        let state = self.system.settings.root.join("second-state");
        if copied {
            // A store is copied while nobody runs on it, as its page says.
            let before = self.system.bot_sessions();
            self.system.controller.stop().await;
            copy_folder(&self.system.settings.state, &state)
                .map_err(Trouble::while_doing("copy the store"))?;
            self.system.controller.start_again().await;
            self.system.until_back("controller", before).await?;
        } else {
            store_in(&state)?;
        }
        let [port] = free_ports(self.system.settings.metrics.port())?;
        let metrics = SocketAddr::from(([127, 0, 0, 1], port));
        let mut spec = self.system.settings.controller("second", &state, metrics);
        spec.restart = false;
        if takes_over {
            spec.args.push("--take-over".into());
        }
        self.system.second_starts(Process::start(spec));
        Ok(())
    }

    pub(super) async fn second_stops(&mut self) {
        self.system.second_stops().await;
    }
}

/// Somebody's clients on a server: those of ours whose uuid is in a link which only they were shown.
pub(crate) fn clients_shown_to(actor: &Actor, server: &Server) -> Vec<String> {
    let only = |message: &MessageView| message.audience == Audience::Only(actor.name().to_owned());
    let messages = actor.visible_messages(());
    let uuids: Vec<String> = messages
        .iter()
        .filter(|message| message.channel_name.starts_with('@') || only(message))
        .flat_map(|message| message.text.split("vless://").skip(1).map(str::to_owned))
        .filter_map(|link| Some(link.split_once('@')?.0.to_owned()))
        .collect();
    let clients = server.panel.clients();
    let ours = clients.into_iter().filter(|client| client.email.starts_with(CLIENT_MARK));
    ours.filter(|client| uuids.contains(&client.uuid)).map(|client| client.email).collect()
}

pub(super) fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        // The lock, the ballast and the socket are the running service's own.
        if kind.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else if kind.is_file() && entry.file_name() != "ballast" && entry.file_name() != "lock" {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Changes a file of a folder.
fn change_in(desired: &Desired, file: &str, change: &FileChange) -> Result<(), Trouble> {
    match change {
        FileChange::Replace(old, new) => {
            let text = desired.text(file)?;
            let (old, new) = (desired.as_here(old), desired.as_here(new));
            if !text.contains(&old) {
                return Err(Trouble(format!("{file} has no \"{old}\"")));
            }
            desired.write(file, &text.replace(&old, &new))
        }
        FileChange::Write(text) => desired.write(file, &desired.as_here(text)),
        FileChange::Cut(first, end) => {
            let text = desired.text(file)?;
            let from = text.find(first.as_str());
            let to = from.and_then(|from| Some(from + text.get(from..)?.find(end.as_str())?));
            let (Some(from), Some(to)) = (from, to) else {
                return Err(Trouble(format!("{file} has no \"{first}\" before \"{end}\"")));
            };
            let (before, after) = (text.get(..from), text.get(to..));
            let kept = [before.unwrap_or_default(), after.unwrap_or_default()].concat();
            desired.write(file, &kept)
        }
        FileChange::Server(id, field, word) => {
            let text = desired.text(file)?;
            let (before, of_it) = text
                .split_once(&format!("- id: {id}\n"))
                .ok_or_else(|| Trouble(format!("{file} has no server {id}")))?;
            let own = of_it.split_once("\n  - id: ").map_or(of_it, |(own, _)| own);
            let (fields, _) = own
                .split_once(&format!("{field}: "))
                .ok_or_else(|| Trouble(format!("{id} has no {field} in {file}")))?;
            let after = of_it.get(fields.len()..).unwrap_or_default();
            let rest = after.split_once('\n').map_or("", |(_, rest)| rest);
            let now = format!("{before}- id: {id}\n{fields}{field}: {word}\n{rest}");
            desired.write(file, &now)
        }
        FileChange::Empty => desired.write(file, ""),
        FileChange::Delete => desired.delete(file),
        FileChange::Restore => desired.restore(file),
    }
}
