//! What a gen-2 panel says of itself: its version on the login page, its status in two places by
//! version, and the one setting that drops everybody's connections.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use nebulalinks_protocol::{ErrorCode, Notice, Panel};
use serde_json::Value;

use super::session::{Session, denied};
use crate::clock::Clock;
use crate::failure::Failure;
use crate::panel::common::http::CallError;
use crate::panel::common::json::field;
use crate::panel::common::version::{self, Version, unsupported};
use crate::panel::common::xray::{xray, xray_up_s};

/// The oldest version that is held against recordings.
const OLDEST: Version = (2, 6, 5);
/// How often the settings are read again, in ms.
const SETTINGS_MS: u64 = 10 * 60 * 1_000;

/// What is kept of it.
pub(super) struct About {
    version: String,
    clock: Arc<dyn Clock>,
    /// The status stands outside of the API, as up to v2.6.8.
    old_status: AtomicBool,
    /// When the settings were read, and what they said.
    settings: Mutex<Option<(u64, bool)>>,
}

impl About {
    pub(super) async fn open(session: &Session, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let page = session.login_page().await.unwrap_or_default();
        let version = version_in(&page);
        if let Some(version) = version.filter(|v| version::parse(v).is_some_and(|v| v < OLDEST)) {
            return Err(unsupported(&format!("panel {version}")));
        }
        let version = version.unwrap_or("2.x").to_owned();
        Ok(Self { version, clock, old_status: AtomicBool::new(false), settings: Mutex::default() })
    }

    pub(super) async fn panel(&self, session: &Session, identity: &str) -> Result<Panel, Failure> {
        let status = self.status(session).await.map_err(|e| e.of_read(denied))?;
        if status.is_null() {
            let detail = "the panel has just started and has no status yet";
            return Err(Failure::new(ErrorCode::PanelUnreachable, detail));
        }
        let mut notices = vec![Notice::KnownByAddress];
        if self.restarts_on_end(session).await {
            notices.push(Notice::RestartsXrayOnEnd);
        }
        Ok(Panel {
            identity: identity.to_owned(),
            generation: "gen2".to_owned(),
            version: self.version.clone(),
            xray: xray(&status),
            xray_up_s: xray_up_s(&status),
            notices,
        })
    }

    async fn status(&self, session: &Session) -> Result<Value, CallError> {
        if !self.old_status.load(Ordering::Relaxed) {
            match session.get("panel/api/server/status").await {
                Err(CallError::Denied(404)) => self.old_status.store(true, Ordering::Relaxed),
                answer => return answer,
            }
        }
        session.ask("server/status").await
    }

    /// Where the panel is told something of its server: by version, as the status is.
    pub(super) fn server_path(&self, what: &str) -> String {
        let base = if self.old_status.load(Ordering::Relaxed) { "" } else { "panel/api/" };
        format!("{base}server/{what}")
    }

    /// v2.9.4 restarts Xray whenever a client ends, if this setting is on; others do not have it.
    async fn restarts_on_end(&self, session: &Session) -> bool {
        let now = self.clock.now_ms();
        let kept = *self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, restarts)) = kept
            && now.abs_diff(at) < SETTINGS_MS
        {
            return restarts;
        }
        // A notice is worth a try and no failure.
        let settings = session.ask("panel/setting/all").await.unwrap_or_default();
        let restarts = field(&settings, "restartXrayOnClientDisable").as_bool().unwrap_or(false);
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, restarts));
        restarts
    }
}

/// `2.9.4` out of `…/custom.min.css?2.9.4"`: the pages carry the version against stale caches.
fn version_in(page: &str) -> Option<&str> {
    page.split('?').skip(1).find_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let version = rest.get(..end)?;
        (rest.get(end..)?.starts_with('"') && version::parse(version).is_some()).then_some(version)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_stands_in_the_login_page_or_is_unknown() {
        let page = r#"<a href="/t/?x=1"><link href="/t/assets/css/custom.min.css?2.9.4">"#;
        assert_eq!(version_in(page), Some("2.9.4"));
        assert_eq!(version_in(r#"<link href="/t/custom.min.css?2.9">"#), None);
        assert_eq!(version_in("<html>? 2.9.4</html>"), None);
    }
}
