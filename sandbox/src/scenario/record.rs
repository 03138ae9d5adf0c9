//! Writing a scenario while somebody acts: each act is a line, and what is seen until the next act stands
//! below it. Time that goes by between acts is a line too, so that what falls due later falls due in the
//! scenario.

use super::grammar::Command;
use super::grammar::quantity::spell_seconds;
use super::player::{QUIET_TO_BLESS, SEEN_WITHIN};
use super::script::{Script, Step};
use super::seen::Reader;
use crate::system::System;
use crate::trouble::Trouble;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// How often is looked for what is seen meanwhile.
const LOOK: Duration = Duration::from_millis(100);
/// Time that went by between acts is told from here on, ms: a scenario takes some of its own.
const TOLD: u64 = 60_000;

/// What a recorder is told.
#[derive(Debug)]
pub(crate) enum Heard {
    /// Somebody waits until what came before is over.
    Settle(oneshot::Sender<()>),
    /// They are about to do this, and wait until it is written down.
    Step(Doing, oneshot::Sender<()>),
    /// It is done.
    Done,
    /// It was refused: nothing happened.
    Undone,
    /// Something was done for which there is no line.
    Note(String),
}

/// What somebody is about to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doing {
    /// What this command says.
    Command(String),
    /// They let time pass until this moment, ms since 1970.
    Until(u64),
}

/// Whether a recording can be written there, without anything being lost: said before anybody acts.
pub(crate) fn recordable(path: &Path) -> Result<(), Trouble> {
    let name = path.display();
    let wrong = |why: String| Err(Trouble(format!("cannot record into {name}: {why}")));
    if path.is_dir() {
        return wrong("it is a folder; name a file, such as clicked.scn in it".to_owned());
    }
    let file = OpenOptions::new().append(true).create(true).open(path);
    match file.and_then(|file| file.metadata()) {
        Ok(there) if there.len() > 0 => wrong(
            "there is something in it already, which would be lost; name another file, or delete it"
                .to_owned(),
        ),
        Ok(_) => Ok(()),
        Err(error) => wrong(format!("it cannot be made: {error}")),
    }
}

/// Where the pictures of a recording lie: in a folder beside it.
pub(crate) fn receipts_of(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).join("receipts")
}

/// The scenario as far as it is written.
#[derive(Debug, Clone)]
struct Draft {
    script: Script,
    /// Up to which moment it has told the time, ms since 1970.
    told_ms: u64,
    /// Whether a scenario waits no longer for what comes of the last act: what comes now comes of time.
    late: bool,
}

struct Recording {
    system: Arc<System>,
    path: PathBuf,
    reader: Reader,
    draft: Draft,
    written: String,
    /// How much had happened at the last look, and since when nothing more did.
    quiet: (u64, Instant),
    /// Whether the draft is another one than at the last look.
    changed: bool,
    /// How far it was before an act that may be refused.
    before: Option<(Reader, Draft)>,
    /// Since when nobody acts.
    idle: Option<Instant>,
}

/// Writes what it hears into a file, until it is told to stop and nothing more comes of the last act.
pub(crate) async fn record(
    system: Arc<System>,
    path: &Path,
    mut from: mpsc::Receiver<Heard>,
    stop: impl Future<Output = ()>,
) -> Result<(), Trouble> {
    let mut recording = Recording::of(system, path);
    tokio::pin!(stop);
    loop {
        let heard = tokio::select! {
            () = &mut stop => return recording.settle().await,
            heard = from.recv() => heard,
            () = tokio::time::sleep(LOOK) => {
                recording.look()?;
                continue;
            }
        };
        match heard {
            Some(Heard::Settle(ready)) => {
                recording.settle().await?;
                let _ = ready.send(());
            }
            Some(Heard::Step(doing, ready)) => {
                recording.begin(doing);
                let _ = ready.send(());
            }
            Some(Heard::Done) => recording.idle = Some(Instant::now()),
            Some(Heard::Undone) => recording.undo(),
            Some(Heard::Note(what)) => recording.note(what),
            None => return recording.settle().await,
        }
    }
}

impl Recording {
    fn of(system: Arc<System>, path: &Path) -> Self {
        let mut reader = Reader::default();
        reader.commit(&system);
        let quiet = (system.activity(), Instant::now());
        Self {
            system,
            path: path.to_owned(),
            reader,
            draft: Draft::default(),
            written: String::new(),
            quiet,
            changed: false,
            before: None,
            idle: None,
        }
    }

    /// Puts below the last act what is seen since.
    fn look(&mut self) -> Result<(), Trouble> {
        let now = self.system.activity();
        if now != self.quiet.0 {
            self.quiet = (now, Instant::now());
            self.changed = true;
        }
        if std::mem::take(&mut self.changed) {
            self.read();
            let text = self.draft.script.to_string();
            if text != self.written {
                std::fs::write(&self.path, &text)
                    .map_err(Trouble::while_doing("write the scenario"))?;
                self.written = text;
            }
        }
        if !self.draft.late && self.idle.is_some_and(|since| since.elapsed() > SEEN_WITHIN) {
            self.read();
            self.reader.commit(&self.system);
            self.draft.late = true;
        }
        Ok(())
    }

    fn read(&mut self) {
        let lines = self.reader.lines(&self.system);
        if self.draft.seen(lines, self.system.clock.now_ms()) {
            self.idle = Some(Instant::now());
        }
    }

    /// Until nothing more comes of the last act.
    async fn settle(&mut self) -> Result<(), Trouble> {
        let deadline = Instant::now() + SEEN_WITHIN;
        self.look()?;
        while self.quiet.1.elapsed() < QUIET_TO_BLESS && Instant::now() < deadline {
            tokio::time::sleep(LOOK).await;
            self.look()?;
        }
        Ok(())
    }

    fn begin(&mut self, doing: Doing) {
        self.read();
        self.before = Some((self.reader.clone(), self.draft.clone()));
        self.reader.commit(&self.system);
        self.draft.begin(doing, self.system.clock.now_ms());
        (self.idle, self.changed) = (None, true);
    }

    /// The last act did not happen: all is as if nobody had tried it, and what is seen belongs to the
    /// one before.
    fn undo(&mut self) {
        let Some((reader, draft)) = self.before.take() else { return };
        (self.reader, self.draft) = (reader, draft);
        (self.idle, self.changed) = (Some(Instant::now()), true);
    }

    fn note(&mut self, what: String) {
        self.draft.script.tail.push(format!("# {what}"));
        (self.idle, self.changed) = (Some(Instant::now()), true);
    }
}

impl Default for Draft {
    fn default() -> Self {
        let script = Script { steps: Vec::new(), tail: Vec::new() };
        Self { script, told_ms: 0, late: false }
    }
}

impl Draft {
    /// Somebody is about to do this.
    fn begin(&mut self, doing: Doing, now_ms: u64) {
        if self.script.steps.is_empty() {
            self.told_ms = now_ms;
        }
        self.late = false;
        match doing {
            Doing::Until(moment) => {
                let length = moment.saturating_sub(self.told_ms);
                self.told_ms = moment;
                self.push(wait(length), Vec::new());
            }
            Doing::Command(text) => {
                if now_ms.saturating_sub(self.told_ms) >= TOLD {
                    self.passed(now_ms, Vec::new());
                }
                if let Ok(Command::Wait(length)) = Command::parse(&text) {
                    self.told_ms += length;
                }
                self.push(text, Vec::new());
            }
        }
    }

    /// This is seen since the last act, or since it is too late for what comes of that. Whether it came
    /// of time, so that a step of its own was begun.
    fn seen(&mut self, lines: Vec<String>, now_ms: u64) -> bool {
        if !self.late {
            if let Some(step) = self.script.steps.last_mut() {
                step.expected = lines;
            }
            return false;
        }
        if !lines.is_empty() {
            self.passed(now_ms, lines);
            self.late = false;
            return true;
        }
        false
    }

    /// Tells the time that it has not told.
    fn passed(&mut self, now_ms: u64, seen: Vec<String>) {
        let passed = now_ms.saturating_sub(std::mem::replace(&mut self.told_ms, now_ms));
        self.push(wait(passed), seen);
    }

    fn push(&mut self, text: String, expected: Vec<String>) {
        let lead = std::mem::take(&mut self.script.tail);
        let line = self.script.steps.len() + 1;
        self.script.steps.push(Step { lead, text, line, expected });
    }
}

/// The command for so many ms, in whole seconds.
fn wait(ms: u64) -> String {
    format!("wait {}", spell_seconds(ms.div_ceil(1_000).max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(text: &str) -> Doing {
        Doing::Command(text.to_owned())
    }

    fn seen(draft: &mut Draft, text: &str, now_ms: u64) -> bool {
        draft.seen(vec![text.to_owned()], now_ms)
    }

    #[test]
    fn a_wait_is_never_shorter_than_what_passed() {
        let told = [0, 1, 1_000, 1_001, 86_400_000].map(wait);
        assert_eq!(told, ["wait 1s", "wait 1s", "wait 1s", "wait 2s", "wait 1d"]);
    }

    #[test]
    fn time_that_goes_by_between_acts_is_told_so_that_nothing_falls_due_too_early() {
        let (mut draft, start) = (Draft::default(), 1_000_000);
        draft.begin(command("look"), start);
        // Less than a minute is told with what comes later.
        draft.begin(command("look"), start + 40_000);
        draft.begin(command("wait 1h"), start + 50_000);
        let after = start + 3_650_000;
        draft.begin(command("look"), after + 15_000);
        // Two hours from the first act: a scenario takes next to no time of its own.
        draft.begin(Doing::Until(start + 7_200_000), after + 20_000);
        insta::assert_snapshot!(draft.script, @r"
        look
        look
        wait 1h
        wait 1m 5s
        look
        wait 58m 55s
        ");
    }

    #[test]
    fn what_is_seen_long_after_an_act_comes_of_time() {
        let mut draft = Draft::default();
        draft.begin(command("look"), 0);
        assert!(!seen(&mut draft, "at once", 9_000));
        draft.late = true;
        assert!(!draft.seen(Vec::new(), 25_000));
        assert!(seen(&mut draft, "later", 30_000));
        assert!(!seen(&mut draft, "later still", 31_000));
        insta::assert_snapshot!(draft.script, @r"
        look
            at once
        wait 30s
            later still
        ");
    }
}
