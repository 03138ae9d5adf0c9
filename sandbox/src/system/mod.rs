//! The whole system on one machine: the model panels and the Discord emulator in this process, the
//! controller and a gateway for each panel as processes of their own.

mod folders;
mod panels;
mod probe;
mod settings;
mod start;

pub(crate) use folders::{Desired, free_ports, own_ports, private_folder, store_in};
pub(crate) use settings::Settings;

use crate::clock::{Fuse, SharedClock};
use crate::process::Process;
use nebulalinks_model_discord::Emulator;
use nebulalinks_model_panel::{Backup, ModelPanel, PanelServer};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One server: its panel and the gateway beside it.
pub(crate) struct Server {
    /// The model of its 3x-ui, in this process.
    pub(crate) panel: ModelPanel,
    /// The panel's listener: ending it is the end of the panel.
    pub(crate) serving: Mutex<Option<PanelServer>>,
    /// Where the panel listens.
    pub(crate) panel_at: SocketAddr,
    /// A copy of the panel's database, and of when it is, on the panel's clock.
    kept: Mutex<(i64, Backup)>,
    /// The gateway beside it, a process of its own.
    pub(crate) gateway: Process,
    /// Where the gateway listens.
    pub(crate) gateway_at: SocketAddr,
    /// Where the gateway's `/metrics` listens.
    pub(crate) metrics_at: SocketAddr,
}

/// Everything that runs. Scenarios, the page and whoever looks on share one.
pub(crate) struct System {
    /// How it was set up.
    pub(crate) settings: Settings,
    /// The time that all processes share.
    pub(crate) clock: SharedClock,
    /// The emulator of Discord, in this process.
    pub(crate) emulator: Emulator,
    /// The servers by id.
    pub(crate) servers: BTreeMap<String, Server>,
    /// The controller, a process of its own.
    pub(crate) controller: Process,
    /// A second controller, when a scenario starts one.
    second: Mutex<Option<Process>>,
}

impl Server {
    /// Its panel's listener, for whoever ends it.
    pub(crate) fn take_listener(&self) -> Option<PanelServer> {
        self.serving.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl System {
    /// Whether a second controller was started.
    pub(crate) fn has_second(&self) -> bool {
        self.second.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// A second controller starts.
    pub(crate) fn second_starts(&self, second: Process) {
        *self.second.lock().unwrap_or_else(PoisonError::into_inner) = Some(second);
    }

    /// The second controller stops, where there is one.
    pub(crate) async fn second_stops(&self) {
        let second = self.second.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(second) = second {
            second.stop().await;
        }
    }

    /// The fuse of a process, `controller` or `gateway-<server>`.
    pub(crate) fn fuse(&self, name: &str) -> Fuse {
        Fuse::at(self.settings.root.join(format!("fuse-{name}")))
    }

    /// The fuse of the process that passes a crash point. Of the gateways it is that of the first
    /// server: where the first account of a shop is served.
    pub(crate) fn fuse_for(&self, point: &str) -> Fuse {
        let gateway = point.starts_with("gateway.").then(|| self.servers.keys().next()).flatten();
        self.fuse(&gateway.map_or_else(|| "controller".to_owned(), |id| format!("gateway-{id}")))
    }

    /// How much has happened so far anywhere: the same twice is quiet.
    pub(crate) fn activity(&self) -> u64 {
        let panels = self.servers.values().map(|server| {
            server.panel.calls() + u64::try_from(server.panel.changes()).unwrap_or(0)
        });
        self.emulator.activity() + panels.sum::<u64>()
    }

    /// Waits until nothing has happened for this long, but no longer than `most`.
    pub(crate) async fn quiet(&self, for_: Duration, most: Duration) {
        let deadline = tokio::time::Instant::now() + most;
        let mut seen = self.activity();
        let mut since = tokio::time::Instant::now();
        while since.elapsed() < for_ && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let now = self.activity();
            if now != seen {
                (seen, since) = (now, tokio::time::Instant::now());
            }
        }
    }

    /// The panels' own polls, where a period has passed.
    pub(crate) fn poll_panels(&self) {
        for server in self.servers.values() {
            server.panel.poll_if_due();
        }
    }

    /// Ends everything in order, within two seconds.
    pub(crate) async fn stop(&self) {
        self.second_stops().await;
        let gateways = self.servers.values().map(|server| server.gateway.stop());
        futures::future::join(self.controller.stop(), futures::future::join_all(gateways)).await;
        for server in self.servers.values() {
            if let Some(serving) = server.take_listener() {
                serving.kill().await;
            }
        }
        self.emulator.stop().await;
    }
}
