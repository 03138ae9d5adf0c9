//! What is done at the page, told to whoever writes it down as a scenario.

use crate::scenario::Heard;
use bytes::Bytes;
use std::path::PathBuf;
use tokio::sync::{mpsc, oneshot};

/// Who writes down, and where pictures for it lie.
#[derive(Debug)]
pub(crate) struct Recorder {
    to: mpsc::Sender<Heard>,
    receipts: PathBuf,
}

impl Recorder {
    /// Tells this one; pictures are kept in this folder.
    pub(crate) fn to(to: mpsc::Sender<Heard>, receipts: PathBuf) -> Self {
        Self { to, receipts }
    }

    /// Somebody is about to do this: returns when what came before is over.
    pub(super) async fn step(&self, line: &str) {
        let (ready, goes) = oneshot::channel();
        if self.to.send(Heard::Step(line.to_owned(), ready)).await.is_ok() {
            let _ = goes.await;
        }
    }

    /// It was refused.
    pub(super) async fn undone(&self) {
        let _ = self.to.send(Heard::Undone).await;
    }

    /// There is no line for it.
    pub(super) async fn note(&self, what: String) {
        let _ = self.to.send(Heard::Note(what)).await;
    }

    /// The name under which a scenario finds this picture; kept there when it is new.
    pub(super) fn picture(&self, name: &str, bytes: &Bytes) -> String {
        let plain: String =
            name.chars().filter(|c| c.is_alphanumeric() || "._-".contains(*c)).collect();
        let names = (1..).map(|n| if n == 1 { plain.clone() } else { format!("{n}-{plain}") });
        for name in names {
            let path = self.receipts.join(&name);
            match std::fs::read(&path) {
                Ok(there) if there == bytes.as_ref() => return name,
                Ok(_) => {}
                Err(_) => {
                    let _ = std::fs::create_dir_all(&self.receipts)
                        .and_then(|()| std::fs::write(&path, bytes));
                    return name;
                }
            }
        }
        plain
    }
}
