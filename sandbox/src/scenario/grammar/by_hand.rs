//! What a scenario does to a customer's client in a panel's pages.

use super::words::BadCommand;

/// What is done by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HandChange {
    /// The client is deleted.
    Deleted,
    /// The client is switched off.
    Disabled,
    /// The client gets a longer end, a larger cap and another comment.
    Edited,
}

impl HandChange {
    /// Reads its word.
    ///
    /// # Errors
    /// [`BadCommand`]: no such change.
    pub(super) fn read(word: &str) -> Result<Self, BadCommand> {
        match word {
            "deleted" => Ok(Self::Deleted),
            "disabled" => Ok(Self::Disabled),
            "edited" => Ok(Self::Edited),
            other => Err(BadCommand(format!("{other}: deleted, disabled or edited"))),
        }
    }
}
