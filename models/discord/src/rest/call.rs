//! A request that found its route, and what a handler answers.

use super::body::Body;
use crate::error::ApiError;
use serde_json::Value;
use std::collections::BTreeMap;

/// A request that found its route.
pub(super) struct Call {
    /// Route parameters by the document's names.
    pub(super) params: BTreeMap<&'static str, String>,
    pub(super) query: BTreeMap<String, String>,
    pub(super) body: Body,
}

impl Call {
    pub(super) fn param(&self, name: &str) -> &str {
        self.params.get(name).map(String::as_str).unwrap_or_default()
    }
    pub(super) fn id(&self, name: &str) -> Result<u64, ApiError> {
        let wrong = || ApiError::form(name, "NUMBER_TYPE_COERCE", "Value is not snowflake.");
        self.param(name).parse().map_err(|_| wrong())
    }
    pub(super) fn query_id(&self, name: &str) -> Option<u64> {
        self.query.get(name)?.parse().ok()
    }
    pub(super) fn asks(&self, name: &str) -> bool {
        self.query.get(name).is_some_and(|value| value == "true" || value == "1")
    }
}

/// A good answer.
pub(super) enum Reply {
    Json(u16, Value),
    Empty,
}

pub(super) type Handled = Result<Reply, ApiError>;
