//! What a panel's status says of Xray, and what comes of starting it anew.

use nebulalinks_protocol::{ErrorCode, Panel, Xray};
use serde_json::Value;

use super::http::CallError;
use super::json::field;
use crate::failure::Failure;

/// Whether Xray runs, by the panel's status.
pub(in crate::panel) fn xray(status: &Value) -> Xray {
    match field(field(status, "xray"), "state").as_str() {
        Some("running") => Xray::Running,
        Some("stop") => Xray::Stopped,
        Some("error") => Xray::Error,
        _ => Xray::Unknown,
    }
}

/// For how long Xray has run by the panel's status, in s. It counts from the start of the process,
/// and what says 0 may be one that does not run at all.
pub(in crate::panel) fn xray_up_s(status: &Value) -> Option<u64> {
    let up = field(field(status, "appStats"), "uptime").as_u64();
    up.filter(|_| xray(status) == Xray::Running)
}

/// Whether Xray may be started anew. The panel would also start one that somebody stopped.
///
/// # Errors
/// [`ErrorCode::Conflict`]: it does not run.
pub(in crate::panel) fn may_restart(panel: &Panel) -> Result<(), Failure> {
    if panel.xray == Xray::Running {
        return Ok(());
    }
    Err(Failure::new(
        ErrorCode::Conflict,
        "Xray does not run there: nothing is open that could end",
    ))
}

/// What the panel's answer to a restart says.
///
/// # Errors
/// [`ErrorCode::PanelRefused`]: Xray did not start again. [`ErrorCode::UnknownOutcome`]: it may have.
pub(in crate::panel) fn restarted(answer: Result<(), CallError>) -> Result<(), Failure> {
    match answer {
        Ok(()) => Ok(()),
        Err(CallError::Refused(prose)) => {
            let detail = format!("Xray did not start again: {prose}; see the panel's Xray log");
            Err(Failure::new(ErrorCode::PanelRefused, detail))
        }
        Err(_) => {
            let detail =
                "the panel's answer to the restart is lost: Xray may have been started anew";
            Err(Failure::new(ErrorCode::UnknownOutcome, detail))
        }
    }
}
