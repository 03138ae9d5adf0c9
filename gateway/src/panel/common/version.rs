//! Versions. They rule out what is known to lose data, and decide nothing else.

use nebulalinks_protocol::ErrorCode;
use serde_json::Value;

use super::json::field;
use crate::failure::Failure;

/// `3.4.2`, as numbers.
pub(in crate::panel) type Version = (u64, u64, u64);

/// The oldest gen-3 version whose clients can be written safely.
const OLDEST_GEN3: Version = (3, 4, 2);

/// Refuses a gen-3 panel that is too old, by its `server/status`.
pub(in crate::panel) fn of_gen3(status: &Value) -> Result<(), Failure> {
    let version = field(status, "panelVersion").as_str().unwrap_or_default();
    if parse(version).is_some_and(|v| v < OLDEST_GEN3) {
        return Err(unsupported(&format!("panel {version}")));
    }
    Ok(())
}

/// Says which versions to install.
pub(in crate::panel) fn unsupported(what: &str) -> Failure {
    let detail = format!(
        "{what} is not supported: its client API loses writes or lacks calls that are needed. \
         Install 3x-ui v3.5.0 or later (v3.4.2 at the least), or v2.9.4"
    );
    Failure::new(ErrorCode::PanelUnsupported, detail)
}

/// `3.4.2`, also with a `v`; `None` for development builds.
pub(in crate::panel) fn parse(text: &str) -> Option<Version> {
    let mut parts = text.trim_start_matches('v').splitn(3, '.').map(|p| p.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers_and_development_builds_have_none() {
        assert!(parse("3.10.0") > Some(OLDEST_GEN3));
        assert!(parse("v3.4.1").is_some_and(|v| v < OLDEST_GEN3));
        assert_eq!(parse("dev+1a2b3c"), None);
        assert_eq!(parse(""), None);
    }
}
