//! What a panel's status says of Xray.

use nebulalinks_protocol::Xray;
use serde_json::Value;

use super::json::field;

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
