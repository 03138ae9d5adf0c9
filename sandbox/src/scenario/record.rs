//! Writing a scenario while somebody acts: each act is a line, and what is seen until the next act stands
//! below it.

use super::player::{QUIET_TO_BLESS, SEEN_WITHIN};
use super::script::{Script, Step};
use super::seen::Reader;
use crate::system::System;
use crate::trouble::Trouble;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// How often is looked for what is seen meanwhile.
const LOOK: Duration = Duration::from_millis(100);

/// What a recorder is told.
#[derive(Debug)]
pub(crate) enum Heard {
    /// Somebody is about to do this; they wait until what came before is over.
    Step(String, oneshot::Sender<()>),
    /// It was refused: nothing happened.
    Undone,
    /// Something was done for which there is no line.
    Note(String),
}

struct Recording {
    system: Arc<System>,
    path: PathBuf,
    reader: Reader,
    script: Script,
    written: String,
    /// How much had happened at the last look, and since when nothing more did.
    quiet: (u64, Instant),
}

/// Writes what it hears into a file, until it is told to stop and nothing more comes of the last act.
pub(crate) async fn record(
    system: Arc<System>,
    path: &Path,
    mut from: mpsc::Receiver<Heard>,
    stop: impl Future<Output = ()>,
) -> Result<(), Trouble> {
    let mut reader = Reader::default();
    reader.commit(&system);
    let quiet = (system.activity(), Instant::now());
    let script = Script { steps: Vec::new(), tail: Vec::new() };
    let (path, written) = (path.to_owned(), String::new());
    let mut recording = Recording { system, path, reader, script, written, quiet };
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
            Some(Heard::Step(text, ready)) => {
                recording.settle().await?;
                recording.begin(text);
                let _ = ready.send(());
            }
            Some(Heard::Undone) => {
                recording.script.steps.pop();
            }
            Some(Heard::Note(what)) => recording.script.tail.push(format!("# {what}")),
            None => return recording.settle().await,
        }
    }
}

impl Recording {
    /// Puts below the last act what is seen since.
    fn look(&mut self) -> Result<(), Trouble> {
        let now = self.system.activity();
        if now != self.quiet.0 {
            self.quiet = (now, Instant::now());
        }
        if let Some(step) = self.script.steps.last_mut() {
            step.expected = self.reader.lines(&self.system);
        }
        let text = self.script.to_string();
        if text != self.written {
            std::fs::write(&self.path, &text)
                .map_err(Trouble::while_doing("write the scenario"))?;
            self.written = text;
        }
        Ok(())
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

    fn begin(&mut self, text: String) {
        self.reader.commit(&self.system);
        let lead = std::mem::take(&mut self.script.tail);
        let line = self.script.steps.len() + 1;
        self.script.steps.push(Step { lead, text, line, expected: Vec::new() });
    }
}
