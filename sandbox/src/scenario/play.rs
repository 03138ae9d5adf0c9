//! Playing a scenario: command after command, each until everybody is done with it.

use super::grammar::Command;
use super::matching::{Difference, compare_race};
use super::player::{Mode, Player, QUIET, QUIET_AFTER_CRASH, QUIET_TO_BLESS, SEEN_WITHIN};
use super::record::receipts_of;
use super::script::{Script, Step};
use crate::system::{Desired, Settings, System, own_ports};
use crate::trouble::Trouble;
use nebulalinks_model_panel::PanelVersion;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How a scenario went.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// What differs, readable.
    pub(crate) differences: Vec<String>,
    /// The script with what was seen.
    pub(crate) seen: Script,
    /// Where the logs are, when something differs.
    pub(crate) kept: Option<PathBuf>,
}

/// A system of its own for scenarios, in a folder that is thrown away afterwards.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
    /// What runs.
    pub(crate) system: Arc<System>,
    /// The copy of the four files.
    pub(crate) desired: Desired,
}

impl Stage {
    /// Starts it, on free ports, where scenarios begin.
    pub(crate) async fn set(
        shipped: &Path,
        panel: PanelVersion,
        log: &str,
    ) -> Result<Self, Trouble> {
        let folder = tempfile::Builder::new()
            .prefix("nebulalinks-play-")
            .tempdir()
            .map_err(Trouble::while_doing("make a folder"))?;
        let [gateway_a, gateway_b, metrics, public, discord] = own_ports()?;
        let ports = [gateway_a, gateway_b];
        let desired = Desired::copy(shipped, &folder.path().join("desired"), &ports)?;
        let settings =
            Settings::thrown_away(folder.path(), &desired, [metrics, public, discord], panel, log);
        let system = Arc::new(System::start(settings).await?);
        system.quiet(QUIET * 2, SEEN_WITHIN).await;
        Ok(Self { folder, system, desired })
    }
}

/// A scenario file, read and understood.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    path: PathBuf,
    /// Its commands.
    pub(crate) script: Script,
}

impl Scenario {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Trouble> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| Trouble(format!("cannot read {}: {e}", path.display())))?;
        let script =
            Script::parse(&text).map_err(|e| Trouble(format!("{}: {e}", path.display())))?;
        let scenario = Self { path: path.to_owned(), script };
        for step in &scenario.script.steps {
            scenario.command(step)?;
        }
        Ok(scenario)
    }

    /// How long it lets pass, in ms.
    pub(crate) fn passes(&self) -> u64 {
        self.script.steps.iter().map(|step| self.lets_pass(step)).sum()
    }

    /// How long a step of it lets pass, in ms.
    pub(crate) fn lets_pass(&self, step: &Step) -> u64 {
        match self.command(step) {
            Ok(Command::Wait(length) | Command::Sleeps(length)) => length,
            _ => 0,
        }
    }

    /// Who acts in a step first, where somebody does.
    pub(crate) fn who(&self, step: &Step) -> Option<String> {
        match self.command(step) {
            Ok(Command::Acts(people, _)) => people.into_iter().next(),
            _ => None,
        }
    }

    /// The name that a file has.
    pub(crate) fn name(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn at(&self, step: &Step) -> String {
        format!("{}:{}", self.path.display(), step.line)
    }

    fn command(&self, step: &Step) -> Result<Command, Trouble> {
        Command::parse(&step.text).map_err(|e| Trouble(format!("{}: {e}", self.at(step))))
    }
}

/// Plays a file against a system of its own that is thrown away afterwards.
pub(crate) async fn play_file(
    path: &Path,
    shipped: &Path,
    panel: PanelVersion,
    mode: Mode,
    crash_at: Option<&str>,
    log: &str,
) -> Result<Outcome, Trouble> {
    let scenario = Scenario::read(path)?;
    let Stage { folder, system, desired } = Stage::set(shipped, panel, log).await?;
    let mut player = Player::new(&system, Some(desired), receipts_beside(path), mode);
    let mut outcome = player.play_with(scenario, crash_at).await?;
    if !outcome.differences.is_empty() {
        outcome.kept = Some(folder.keep());
    }
    system.stop().await;
    Ok(outcome)
}

/// A scenario that is played in a system that is up, step by step, by whoever says when.
pub(crate) struct Steps<'w> {
    player: Player<'w>,
    scenario: Scenario,
    next: usize,
    /// Whether what is seen is compared with the file.
    compares: bool,
}

/// Does one thing in a system that is up, as a scenario would.
pub(crate) async fn perform_in(system: &System, command: &Command) -> Result<(), Trouble> {
    let mut player = Player::new(system, None, Vec::new(), Mode::Watch);
    player.perform(command).await?;
    Ok(())
}

impl<'w> Steps<'w> {
    /// From the first step on. Where the files are a copy, it may edit them, and it compares.
    pub(crate) fn of(system: &'w System, desired: Option<Desired>, scenario: Scenario) -> Self {
        let compares = desired.is_some();
        let mode = if compares { Mode::Compare } else { Mode::Watch };
        let mut player = Player::new(system, desired, receipts_beside(&scenario.path), mode);
        if !compares {
            player.salt = player.system.clock.now_ms().to_string();
        }
        Self { player, scenario, next: 0, compares }
    }

    /// Plays the next step; how it differs from the file is trouble where that counts.
    pub(crate) async fn step(&mut self) -> Result<(), Trouble> {
        let Some(step) = self.scenario.script.steps.get(self.next).cloned() else { return Ok(()) };
        self.next += 1;
        let mut step = step;
        let difference = self.player.play_step(&self.scenario, &mut step).await?;
        if self.compares {
            return difference.map_or(Ok(()), |difference| Err(Trouble(difference)));
        }
        // Elsewhere names and dates are others, but what cannot be done is not what was told.
        match step.expected.iter().find(|line| difference.is_some() && went_wrong(line)) {
            Some(line) => Err(Trouble(format!("{}: {line}", step.text))),
            None => Ok(()),
        }
    }
}

/// Whether a line says that somebody could not act, or that a check does not hold.
fn went_wrong(line: &str) -> bool {
    line.starts_with("does not hold: ") || line.contains(" cannot: ")
}

/// Where the pictures for uploads may be: those of a recording beside it, those of the tests, those that
/// the repository has.
fn receipts_beside(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let beside = ["../fixtures/receipts", "../tests/fixtures/receipts"].map(|at| folder.join(at));
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/receipts");
    [receipts_of(path)].into_iter().chain(beside).chain([shipped]).collect()
}

impl Player<'_> {
    /// Plays one step. What was seen stands in it where that is news; how it differs is answered.
    async fn play_step(
        &mut self,
        scenario: &Scenario,
        step: &mut Step,
    ) -> Result<Option<String>, Trouble> {
        let at = scenario.at(step);
        let command = scenario.command(step)?;
        if self.mode == Mode::Watch {
            say!("\n{}", step.text);
        }
        let trouble = |e: Trouble| Trouble(format!("{at}: {}: {e}", step.text));
        let said = self.perform(&command).await.map_err(trouble)?;
        let people = match &command {
            Command::Acts(people, _) => people.as_slice(),
            _ => &[],
        };
        let seen = self.settle(said, &step.expected, people).await;
        let difference = compare_race(&step.expected, &seen, people);
        if difference.is_none() {
            // What is as expected stays as it is written, so that a new blessing shows news only.
            return Ok(None);
        }
        let said = spell(&at, &step.text, &difference);
        step.expected = seen;
        // After a crash the way there differs; what is left in the end does not.
        let end_only = self.crashing && !matches!(command, Command::Check(_) | Command::Look);
        Ok((!end_only).then_some(said))
    }

    async fn play_with(
        &mut self,
        mut scenario: Scenario,
        crash_at: Option<&str>,
    ) -> Result<Outcome, Trouble> {
        let mut differences = Vec::new();
        if let Some(point) = crash_at {
            self.crashing = true;
            self.system.fuse_for(point).lay(point).map_err(Trouble::while_doing("lay a fuse"))?;
        }
        for n in 0..scenario.script.steps.len() {
            let Some(mut step) = scenario.script.steps.get(n).cloned() else { break };
            let difference = self.play_step(&scenario, &mut step).await?;
            if self.mode == Mode::Compare {
                differences.extend(difference);
            }
            if let Some(kept) = scenario.script.steps.get_mut(n) {
                *kept = step;
            }
        }
        self.system.quiet(QUIET * 2, SEEN_WITHIN).await;
        let after = self.reader.lines(self.system);
        if !after.is_empty() && self.mode == Mode::Compare && !self.crashing {
            differences
                .push(format!("seen after the last command:\n    + {}", after.join("\n    + ")));
        }
        if let Some(point) = crash_at
            && self.system.fuse_for(point).is_laid()
        {
            differences.push(format!("the crash point {point} was never passed"));
        }
        let mut broken = self.system.emulator.violations();
        broken.extend(self.system.emulator.own_mistakes());
        differences.extend(broken.iter().map(|what| format!("against Discord's rules: {what}")));
        Ok(Outcome { differences, seen: scenario.script, kept: None })
    }

    async fn perform(&mut self, command: &Command) -> Result<Vec<String>, Trouble> {
        match command {
            Command::Acts(people, acts) => return self.act(people, acts).await,
            Command::Wait(length) => self.pass(*length).await?,
            Command::ClockSet(whose, ahead) => self.set_clock(whose, *ahead)?,
            Command::Sleeps(length) => self.sleep(*length)?,
            Command::Panel(id, change) => self.panel(id, *change).await?,
            Command::Inbound(id, remark, change) => self.inbound(id, remark, change)?,
            Command::Uses(whose, amount, id) => self.uses(whose, *amount, id)?,
            Command::KeepsOpen(whose, id) => self.keeps_open(whose, id)?,
            Command::Connects(whose, id, from) => self.connects(whose, id, *from)?,
            Command::ByHand(whose, id, change) => self.by_hand(whose, id, change)?,
            Command::Foreign(name, id) => self.foreign(name, id)?,
            Command::Kill(name) => self.kill(name).await?,
            Command::Crash(name, point) => {
                self.crashing = false;
                self.crash(name, point)?;
            }
            Command::Restart(name) => {
                self.stop(name).await?;
                self.start(name).await?;
            }
            Command::Stop(name) => self.stop(name).await?,
            Command::Start(name) => self.start(name).await?,
            Command::File(file, change) => self.change(file, change)?,
            Command::Draft(file, change) => self.draft(file, change)?,
            Command::DraftDropped => self.drop_draft()?,
            Command::Writes(who, text, place) => self.message(who, text, place)?,
            Command::Member(who, true) => self.actor(who).join_guild(),
            Command::Member(who, false) => self.actor(who).leave_guild(),
            Command::Dms(who, true) => self.actor(who).open_dms(),
            Command::Dms(who, false) => self.actor(who).close_dms(),
            Command::Speaks(who, locale) => {
                let set = self.actor(who).set_locale(locale);
                set.map_err(Trouble::while_doing("set a language"))?;
            }
            Command::SecondStarts { copied, takes_over } => {
                self.second_starts(*copied, *takes_over).await?;
            }
            Command::SecondStops => self.second_stops().await,
            Command::Shown(channel) => {
                self.system.emulator.show_to_everybody(self.channel(channel)?);
            }
            Command::Mishap(mishap) => self.befalls(mishap).await?,
            Command::Operator(words) => return self.operate(words).await,
            Command::OperatorWrites(file, text) => self.operator_writes(file, text).await?,
            Command::App(who, act) => return self.app(who, act).await,
            Command::Look => {
                if self.crashing {
                    self.recover().await?;
                }
                return Ok(self.look());
            }
            Command::Check(check) => {
                if let Some(why) = self.check(check).await? {
                    return Ok(vec![format!("does not hold: {why}")]);
                }
            }
        }
        Ok(Vec::new())
    }

    /// Until what is expected was seen and nothing more comes; what was seen.
    async fn settle(
        &mut self,
        said: Vec<String>,
        expected: &[String],
        people: &[String],
    ) -> Vec<String> {
        let deadline = tokio::time::Instant::now() + SEEN_WITHIN;
        let quiet = match self.mode {
            Mode::Compare if self.crashing => QUIET_AFTER_CRASH,
            Mode::Compare => QUIET,
            Mode::Watch => QUIET * 2,
            Mode::Bless => QUIET_TO_BLESS,
        };
        let seen = loop {
            self.system.quiet(quiet, SEEN_WITHIN).await;
            let mut seen = said.clone();
            seen.extend(self.reader.lines(self.system));
            let waits = self.mode == Mode::Compare && !self.crashing;
            let missing = waits && !compare_race(expected, &seen, people).missing.is_empty();
            if !missing || tokio::time::Instant::now() > deadline {
                break seen;
            }
        };
        self.reader.commit(self.system);
        if self.mode == Mode::Watch {
            for line in &seen {
                say!("    {line}");
            }
        }
        seen
    }
}

fn spell(at: &str, command: &str, difference: &Difference) -> String {
    let mut text = format!("{at}: {command}");
    for line in &difference.missing {
        text.push_str(&format!("\n    - {line}"));
    }
    for line in &difference.surplus {
        text.push_str(&format!("\n    + {line}"));
    }
    text
}

/// Prints what happens, until something in the sandbox itself breaks.
pub(crate) async fn look_on(system: &System) -> Trouble {
    let mut player = Player::new(system, None, Vec::new(), Mode::Watch);
    loop {
        player.settle(Vec::new(), &[], &[]).await;
        let processes = player.system.servers.values().map(|server| &server.gateway);
        let failing =
            processes.chain([&player.system.controller]).find(|process| process.keeps_dying());
        if let Some(process) = failing {
            let (name, tail) = (&process.spec.name, process.log_tail(12));
            return Trouble(format!("{name} does not start any more:\n{tail}"));
        }
    }
}
