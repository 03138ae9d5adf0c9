//! Where the running shop is.

use crate::config::{ControlSocket, Places};
use std::path::PathBuf;

/// Where the running shop is.
#[derive(Debug, clap::Args)]
pub struct At {
    #[command(flatten)]
    places: Places,
    #[command(flatten)]
    control: ControlSocket,
}

impl At {
    /// The socket on which the running shop listens.
    pub(super) fn socket(&self) -> PathBuf {
        self.control.path(&self.places.state)
    }
}
