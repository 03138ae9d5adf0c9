//! What the page keeps beside the system: the log, the alerts, the files as they were, and ways to
//! ask the controller that cost no new connection each time.

use super::log::Log;
use super::looked::{Found, locked};
use crate::scenario::{Alert, Firing};
use crate::system::{Desired, System};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// The controller answers within this time, or it is shown that it does not.
const ANSWERS: Duration = Duration::from_millis(900);
/// How often the alerts are looked at while somebody watches.
const ALERTS: Duration = Duration::from_secs(5);

pub(super) struct Beside {
    system: Arc<System>,
    log: Arc<Log>,
    desired: Desired,
    control: Option<reqwest::Client>,
    http: Option<reqwest::Client>,
    readyz: String,
    alerts: Arc<Mutex<Alerts>>,
    files: Found,
    /// How many are moving the clock.
    moving: AtomicUsize,
    /// Held by who moves the clock.
    clock: tokio::sync::Mutex<()>,
}

/// One who moves the clock, until this is dropped.
struct Moves<'m>(&'m AtomicUsize);

impl<'m> Moves<'m> {
    fn one_more(moving: &'m AtomicUsize) -> Self {
        moving.fetch_add(1, Ordering::Relaxed);
        Self(moving)
    }
}

impl Drop for Moves<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Default)]
struct Alerts {
    firing: Option<Firing>,
    looked: Option<Instant>,
    looking: bool,
    found: Option<Vec<Alert>>,
    trouble: Option<String>,
}

impl Beside {
    /// Of a system that is up.
    pub(super) fn of(system: &Arc<System>) -> Self {
        let client = || reqwest::Client::builder().timeout(ANSWERS);
        let socket = system.settings.state.join("control.sock");
        Self {
            system: Arc::clone(system),
            log: Log::follow(system),
            desired: Desired::in_place(&system.settings.desired),
            control: client().unix_socket(socket).build().ok(),
            http: client().build().ok(),
            readyz: format!("http://{}/readyz", system.settings.metrics),
            alerts: Arc::default(),
            files: Found::default(),
            moving: AtomicUsize::new(0),
            clock: tokio::sync::Mutex::new(()),
        }
    }

    /// What happened.
    pub(super) fn log(&self) -> &Log {
        &self.log
    }

    /// The four files.
    pub(super) const fn desired(&self) -> &Desired {
        &self.desired
    }

    /// What was found in them last.
    pub(super) const fn files(&self) -> &Found {
        &self.files
    }

    /// What the controller says at its private socket; nothing when it does not answer.
    pub(super) async fn ask(&self, path: &str) -> Option<Value> {
        let request = self.control.as_ref()?.get(format!("http://control{path}"));
        answered(request).await
    }

    /// What `/readyz` says.
    pub(super) async fn readyz(&self) -> Option<Value> {
        answered(self.http.as_ref()?.get(&self.readyz)).await
    }

    /// Whether somebody is moving the clock.
    pub(super) fn is_moving(&self) -> bool {
        self.moving.load(Ordering::Relaxed) > 0
    }

    /// Moves the clock, one mover after the other.
    pub(super) async fn moving<T>(&self, work: impl Future<Output = T>) -> T {
        let _moves = Moves::one_more(&self.moving);
        let _one = self.clock.lock().await;
        work.await
    }

    /// The alerts that were found last; somebody watches, so they are looked at again soon.
    pub(super) fn alerts(&self) -> Value {
        let mut alerts = locked(&self.alerts);
        let due = alerts.looked.is_none_or(|at| at.elapsed() >= ALERTS);
        if due && !alerts.looking {
            alerts.looking = true;
            tokio::spawn(look(Arc::clone(&self.system), Arc::clone(&self.alerts)));
        }
        match (&alerts.found, &alerts.trouble) {
            (_, Some(trouble)) => json!({ "trouble": trouble }),
            (Some(found), None) => json!({ "found": found }),
            (None, None) => json!({}),
        }
    }
}

async fn look(system: Arc<System>, alerts: Arc<Mutex<Alerts>>) {
    let mut firing = locked(&alerts).firing.take().unwrap_or_default();
    let found = firing.look(system.clock.now_ms(), system.series().await).await;
    let mut alerts = locked(&alerts);
    alerts.firing = Some(firing);
    (alerts.looking, alerts.looked) = (false, Some(Instant::now()));
    (alerts.found, alerts.trouble) = match found {
        Ok(Some(found)) => (Some(found), None),
        Ok(None) => {
            let missing = "promtool is not installed, so that no alert can be looked at: \
                           apt-get install prometheus";
            (None, Some(missing.to_owned()))
        }
        Err(trouble) => (None, Some(trouble.to_string())),
    };
}

async fn answered(request: reqwest::RequestBuilder) -> Option<Value> {
    let text = request.send().await.ok()?.error_for_status().ok()?.text().await.ok()?;
    serde_json::from_str(&text).ok()
}
