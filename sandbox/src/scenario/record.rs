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

/// How far a recording was before an act that may be refused.
struct Before {
    reader: Reader,
    steps: usize,
    tail: Vec<String>,
    told_ms: u64,
    late: bool,
}

struct Recording {
    system: Arc<System>,
    path: PathBuf,
    reader: Reader,
    script: Script,
    written: String,
    /// How much had happened at the last look, and since when nothing more did.
    quiet: (u64, Instant),
    /// Whether the script is another one than at the last look.
    changed: bool,
    before: Option<Before>,
    /// Up to which moment the script has told the time, ms since 1970.
    told_ms: u64,
    /// Since when nobody acts.
    idle: Option<Instant>,
    /// Whether a scenario waits no longer for what comes of the last act: what comes now comes of time.
    late: bool,
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
            Some(Heard::Note(what)) => recording.note(&what),
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
            script: Script { steps: Vec::new(), tail: Vec::new() },
            written: String::new(),
            quiet,
            changed: false,
            before: None,
            told_ms: 0,
            idle: None,
            late: false,
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
            let text = self.script.to_string();
            if text != self.written {
                std::fs::write(&self.path, &text)
                    .map_err(Trouble::while_doing("write the scenario"))?;
                self.written = text;
            }
        }
        if !self.late && self.idle.is_some_and(|since| since.elapsed() > SEEN_WITHIN) {
            self.read();
            self.reader.commit(&self.system);
            self.late = true;
        }
        Ok(())
    }

    fn read(&mut self) {
        let lines = self.reader.lines(&self.system);
        if !self.late {
            if let Some(step) = self.script.steps.last_mut() {
                step.expected = lines;
            }
        } else if !lines.is_empty() {
            let passed = self.passed();
            self.push(wait(passed), lines);
            (self.late, self.idle) = (false, Some(Instant::now()));
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
        let now = self.system.clock.now_ms();
        if self.script.steps.is_empty() {
            self.told_ms = now;
        }
        self.before = Some(Before {
            reader: self.reader.clone(),
            steps: self.script.steps.len(),
            tail: self.script.tail.clone(),
            told_ms: self.told_ms,
            late: self.late,
        });
        self.reader.commit(&self.system);
        (self.late, self.idle, self.changed) = (false, None, true);
        match doing {
            Doing::Until(moment) => {
                let length = moment.saturating_sub(self.told_ms);
                self.told_ms = moment;
                self.push(wait(length), Vec::new());
            }
            Doing::Command(text) => {
                if now.saturating_sub(self.told_ms) >= TOLD {
                    let passed = self.passed();
                    self.push(wait(passed), Vec::new());
                }
                if let Ok(Command::Wait(length)) = Command::parse(&text) {
                    self.told_ms += length;
                }
                self.push(text, Vec::new());
            }
        }
    }

    /// How much time the script has not told, ms; from now on it has.
    fn passed(&mut self) -> u64 {
        let now = self.system.clock.now_ms();
        now.saturating_sub(std::mem::replace(&mut self.told_ms, now))
    }

    fn push(&mut self, text: String, expected: Vec<String>) {
        let lead = std::mem::take(&mut self.script.tail);
        let line = self.script.steps.len() + 1;
        self.script.steps.push(Step { lead, text, line, expected });
    }

    /// The last act did not happen: all is as if nobody had tried it, and what is seen belongs to the
    /// one before.
    fn undo(&mut self) {
        let Some(before) = self.before.take() else { return };
        self.script.steps.truncate(before.steps);
        (self.script.tail, self.reader) = (before.tail, before.reader);
        (self.told_ms, self.late) = (before.told_ms, before.late);
        (self.idle, self.changed) = (Some(Instant::now()), true);
    }

    fn note(&mut self, what: &str) {
        self.script.tail.push(format!("# {what}"));
        self.changed = true;
    }
}

/// The command for so many ms, in whole seconds.
fn wait(ms: u64) -> String {
    format!("wait {}", spell_seconds(ms.div_ceil(1_000).max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_never_shorter_than_what_passed() {
        let told = [0, 1, 1_000, 1_001, 86_400_000].map(wait);
        assert_eq!(told, ["wait 1s", "wait 1s", "wait 1s", "wait 2s", "wait 1d"]);
    }
}
