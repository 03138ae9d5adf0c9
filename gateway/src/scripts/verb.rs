//! Which path asks for what.

use axum::http::Method;
use percent_encoding::percent_decode_str;

/// What a script asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ScriptVerb {
    Create,
    Extend,
    AddTraffic,
    Disable,
    Delete,
    Stats(String),
    Health,
}

impl ScriptVerb {
    /// What a method and path mean, if anything.
    pub(crate) fn read(method: &Method, path: &str) -> Option<Self> {
        let verb = match (method, path.strip_prefix("/api/")?) {
            (&Method::POST, "vpn/create") => Self::Create,
            (&Method::POST, "vpn/extend") => Self::Extend,
            (&Method::POST, "vpn/add-traffic") => Self::AddTraffic,
            (&Method::POST, "vpn/disable") => Self::Disable,
            (&Method::POST, "vpn/delete") => Self::Delete,
            (&Method::GET, "health") => Self::Health,
            (&Method::GET, path) => {
                let email = path.strip_prefix("vpn/stats/")?;
                let email = Some(email).filter(|e| !e.is_empty() && !e.contains('/'))?;
                Self::Stats(percent_decode_str(email).decode_utf8().ok()?.into_owned())
            }
            _ => return None,
        };
        Some(verb)
    }

    /// The bounded word for metrics.
    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::Create => "script_create",
            Self::Extend => "script_extend",
            Self::AddTraffic => "script_add_traffic",
            Self::Disable => "script_disable",
            Self::Delete => "script_delete",
            Self::Stats(_) => "script_stats",
            Self::Health => "script_health",
        }
    }
}
