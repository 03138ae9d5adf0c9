//! What is done at the page, told to whoever writes it down as a scenario.

use super::refused::Refused;
use crate::scenario::{Doing, Heard};
use crate::system::Desired;
use bytes::Bytes;
use std::path::PathBuf;
use tokio::sync::{Mutex, MutexGuard, mpsc, oneshot};

/// Who writes down, and where pictures for it lie.
#[derive(Debug)]
pub(crate) struct Recorder {
    to: mpsc::Sender<Heard>,
    receipts: PathBuf,
    /// The copy of the four files: how they are named elsewhere.
    desired: Desired,
    /// Held by who acts: what is written down happens one after the other.
    turn: Mutex<()>,
}

/// The turn of somebody who acts: nobody else does.
#[derive(Debug)]
pub(super) struct Turn<'r> {
    to: &'r mpsc::Sender<Heard>,
    _held: MutexGuard<'r, ()>,
}

/// A picture as a scenario finds it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Picture {
    /// Its name there.
    pub(super) name: String,
    /// Where it was put, if it was not there yet.
    pub(super) made: Option<PathBuf>,
}

impl Recorder {
    /// Tells this one; pictures are kept in this folder.
    pub(crate) fn to(to: mpsc::Sender<Heard>, receipts: PathBuf, desired: Desired) -> Self {
        Self { to, receipts, desired, turn: Mutex::new(()) }
    }

    /// The copy of the four files.
    pub(super) const fn desired(&self) -> &Desired {
        &self.desired
    }

    /// Waits until nobody else acts, and what came before is over.
    pub(super) async fn turn(&self) -> Turn<'_> {
        let turn = Turn { to: &self.to, _held: self.turn.lock().await };
        turn.tell(Heard::Settle).await;
        turn
    }

    /// Keeps a picture where a scenario finds it.
    pub(super) fn picture(&self, name: &str, bytes: &Bytes) -> Result<Picture, Refused> {
        let plain: String =
            name.chars().filter(|c| c.is_alphanumeric() || "._-".contains(*c)).collect();
        let plain = match plain.trim_start_matches('.') {
            "" => "picture",
            plain => plain,
        };
        let names = (1_u32..).map(|n| if n == 1 { plain.into() } else { format!("{n}-{plain}") });
        for name in names {
            let path = self.receipts.join(&name);
            match std::fs::read(&path) {
                Ok(there) if there == bytes.as_ref() => return Ok(Picture { name, made: None }),
                Ok(_) => {}
                Err(_) => {
                    let kept = std::fs::create_dir_all(&self.receipts)
                        .and_then(|()| std::fs::write(&path, bytes));
                    kept.map_err(|error| Refused {
                        message: format!("{} cannot be written: {error}", path.display()),
                        help: Some("A recording keeps the pictures beside it.".to_owned()),
                    })?;
                    return Ok(Picture { name, made: Some(path) });
                }
            }
        }
        Err(Refused::because("there are too many pictures of this name"))
    }
}

impl Turn<'_> {
    /// They are about to do this: returns when it is written down.
    pub(super) async fn step(&self, doing: Doing) {
        self.tell(|ready| Heard::Step(doing, ready)).await;
    }

    /// It is done.
    pub(super) async fn done(self) {
        let _ = self.to.send(Heard::Done).await;
    }

    /// It was refused.
    pub(super) async fn undone(self) {
        let _ = self.to.send(Heard::Undone).await;
    }

    /// There is no line for what was done.
    pub(super) async fn note(self, what: String) {
        let _ = self.to.send(Heard::Note(what)).await;
    }

    async fn tell(&self, heard: impl FnOnce(oneshot::Sender<()>) -> Heard) {
        let (ready, goes) = oneshot::channel();
        // Who writes down may have ended: then nobody does any more.
        if self.to.send(heard(ready)).await.is_ok() {
            let _ = goes.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_kept_once_under_a_plain_name_and_a_failure_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let beside = folder.path().join("receipts");
        let desired = Desired::in_place(folder.path());
        let recorder = Recorder::to(mpsc::channel(1).0, beside.clone(), desired.clone());
        let keep =
            |name: &str, bytes: &'static [u8]| recorder.picture(name, &bytes.into()).unwrap();
        let made = |name: &str| Picture { name: name.into(), made: Some(beside.join(name)) };
        assert_eq!(keep("my pay.png", b"a"), made("mypay.png"));
        assert_eq!(keep("mypay.png", b"a"), Picture { name: "mypay.png".into(), made: None });
        assert_eq!(keep("mypay.png", b"b"), made("2-mypay.png"));
        assert_eq!(keep("..", b"c"), made("picture"));
        std::fs::write(folder.path().join("file"), "").unwrap();
        let none = Recorder::to(mpsc::channel(1).0, folder.path().join("file"), desired);
        assert!(none.picture("a.png", &Bytes::new()).is_err());
    }
}
