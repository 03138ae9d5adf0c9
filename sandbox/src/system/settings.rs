//! Where things lie and listen.

use super::folders::Desired;
use crate::process::Spec;
use nebulalinks_model_panel::PanelVersion;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// When systems that are thrown away begin: 1 January 2027, 10:00 in Cairo.
const STARTS_AT: u64 = 1_798_790_400_000;

/// Where things lie and listen.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The sandbox's own things: keys, clock, the gateways' claims, logs.
    pub(crate) root: PathBuf,
    /// The four files.
    pub(crate) desired: PathBuf,
    /// The controller's state.
    pub(crate) state: PathBuf,
    /// The controller's metrics.
    pub(crate) metrics: SocketAddr,
    /// Where customers' apps fetch their subscriptions.
    pub(crate) public: SocketAddr,
    /// The Discord emulator.
    pub(crate) discord: SocketAddr,
    /// The first panel's port, the next ones follow; 0 takes any.
    pub(crate) panels: u16,
    /// Where time starts; the machine's time when `None`.
    pub(crate) starts_at: Option<u64>,
    /// Whether the panels poll by themselves; scenarios say when.
    pub(crate) panels_poll: bool,
    /// Which 3x-ui the panels are.
    pub(crate) panel: PanelVersion,
    /// What the processes log.
    pub(crate) log: String,
}

impl Settings {
    /// A system in a folder that is thrown away afterwards, on these ports for the controller's
    /// metrics, for its customers and for Discord. Time stands where scenarios begin, and panels poll when asked.
    pub(crate) fn thrown_away(
        root: &Path,
        desired: &Desired,
        [metrics, public, discord]: [u16; 3],
        panel: PanelVersion,
        log: &str,
    ) -> Self {
        Self {
            root: root.to_owned(),
            desired: desired.folder.clone(),
            state: root.join("state"),
            metrics: SocketAddr::from(([127, 0, 0, 1], metrics)),
            public: SocketAddr::from(([127, 0, 0, 1], public)),
            discord: SocketAddr::from(([127, 0, 0, 1], discord)),
            panels: 0,
            starts_at: Some(STARTS_AT),
            panels_poll: false,
            panel,
            log: log.to_owned(),
        }
    }

    /// Where a process's output goes.
    pub(crate) fn log_of(&self, name: &str) -> PathBuf {
        self.root.join("logs").join(format!("{name}.log"))
    }

    /// The address of the bot's Discord and of everything else, as arguments of a controller.
    pub(crate) fn controller(&self, name: &str, state: &Path, metrics: SocketAddr) -> Spec {
        let mut args: Vec<OsString> = vec!["controller".into()];
        for (flag, value) in [
            ("--desired", self.desired.clone()),
            ("--state", state.to_owned()),
            ("--keys-dir", self.root.join("keys")),
            ("--listen", metrics.to_string().into()),
            ("--clock", self.root.join("clock")),
            ("--clock-of", name.into()),
            ("--fuse", self.root.join(format!("fuse-{name}"))),
            ("--log", self.log.clone().into()),
            ("--store-cache-mib", "16".into()),
        ] {
            args.extend([flag.into(), value.into_os_string()]);
        }
        let log = self.log_of(name);
        Spec { name: name.to_owned(), args, env: Vec::new(), log, restart: true }
    }
}
