//! What people on call are woken by: the store, the disk, a panel's login, a channel, a lock.

use super::quantity::bytes;
use super::words::BadCommand;

/// What happens, or its end.
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
    /// An operator takes the approval of somebody's newest order back, and says why.
    Reversed(String, String),
}

/// Reads a mishap; nothing where these words are none.
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
        ["an", "operator", "reverses", "the", "order", "of", person, "for", reason] => {
            Mishap::Reversed((*person).to_owned(), (*reason).to_owned())
        }
        _ => return None,
    }))
}
