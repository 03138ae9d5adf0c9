//! Who plays a scenario: the system, and what is remembered from command to command.

use super::scrape::Scrape;
use super::seen::Reader;
use crate::system::{Desired, System};
use crate::trouble::Trouble;
use nebulalinks_model_panel::ClientSnapshot;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Nothing new for so long: everybody is done.
pub(super) const QUIET: Duration = Duration::from_millis(300);
/// The same while a file is written anew: nothing must come later than this.
pub(super) const QUIET_TO_BLESS: Duration = Duration::from_millis(1_800);
/// The same while processes die on purpose: a restart takes this long.
pub(super) const QUIET_AFTER_CRASH: Duration = Duration::from_millis(900);
/// What is expected may take so long.
pub(super) const SEEN_WITHIN: Duration = Duration::from_secs(20);

/// What playing is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// To compare what is seen with what the file expects.
    Compare,
    /// To write what is seen into the file.
    Bless,
    /// To print what is seen, for whoever watches.
    Watch,
}

/// What is in somebody's VPN app.
#[derive(Debug, Default)]
pub(super) struct App {
    /// The path of the address that was put into it.
    pub(super) path: String,
    /// Who the links that it got say it is.
    pub(super) uuids: Vec<String>,
}

/// A scenario being played.
pub(crate) struct Player<'w> {
    pub(super) system: &'w System,
    pub(super) desired: Option<Desired>,
    /// Where the pictures for uploads may lie: the first that has one.
    pub(super) receipts: Vec<PathBuf>,
    /// Makes a picture another one.
    pub(super) salt: String,
    /// Whether a process is to die at a crash point.
    pub(super) crashing: bool,
    /// The foreign clients as they were made, by server and name.
    pub(super) foreign: BTreeMap<(String, String), ClientSnapshot>,
    /// What was scraped at the last check of an alert.
    pub(super) scraped: Option<Scrape>,
    /// What is in people's VPN apps.
    pub(super) apps: BTreeMap<String, App>,
    pub(super) mode: Mode,
    pub(super) reader: Reader,
}

impl<'w> Player<'w> {
    pub(crate) fn new(
        system: &'w System,
        desired: Option<Desired>,
        receipts: Vec<PathBuf>,
        mode: Mode,
    ) -> Self {
        let mut reader = Reader::default();
        reader.commit(system);
        let (salt, foreign) = (String::new(), BTreeMap::new());
        let (crashing, scraped) = (false, None);
        let apps = BTreeMap::new();
        Self { system, desired, receipts, salt, crashing, foreign, scraped, apps, mode, reader }
    }

    /// Until everything that died is back and has caught up.
    pub(super) async fn recover(&self) -> Result<(), Trouble> {
        self.system.until_recovered().await?;
        self.system.quiet(QUIET_AFTER_CRASH, SEEN_WITHIN).await;
        Ok(())
    }
}
