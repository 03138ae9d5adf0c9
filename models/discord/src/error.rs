//! Discord's errors.

use serde_json::{Value, json};

/// A refusal as Discord words it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: u32,
    pub(crate) message: String,
    pub(crate) errors: Option<Value>,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: u32, message: &str) -> Self {
        Self { status, code, message: message.to_owned(), errors: None }
    }

    /// 50035 with the place and Discord's word for the mistake.
    pub(crate) fn form(place: &str, word: &str, message: &str) -> Self {
        let leaf = json!({ "_errors": [{ "code": word, "message": message }] });
        let errors = place
            .split('.')
            .filter(|part| !part.is_empty())
            .rev()
            .fold(leaf, |inner, part| json!({ part: inner }));
        Self { errors: Some(errors), ..Self::new(400, 50035, "Invalid Form Body") }
    }

    pub(crate) fn unknown_channel() -> Self {
        Self::new(404, 10003, "Unknown Channel")
    }
    pub(crate) fn unknown_message() -> Self {
        Self::new(404, 10008, "Unknown Message")
    }
    pub(crate) fn unknown_user() -> Self {
        Self::new(404, 10013, "Unknown User")
    }
    pub(crate) fn unknown_interaction() -> Self {
        Self::new(404, 10062, "Unknown interaction")
    }
    pub(crate) fn missing_access() -> Self {
        Self::new(403, 50001, "Missing Access")
    }
    pub(crate) fn thread_archived() -> Self {
        Self::new(400, 50083, "Thread is archived")
    }
    pub(crate) fn missing_permissions() -> Self {
        Self::new(403, 50013, "Missing Permissions")
    }

    /// The body that goes over the wire.
    pub(crate) fn body(&self) -> Value {
        let mut body = json!({ "message": self.message, "code": self.code });
        if let (Some(errors), Some(map)) = (&self.errors, body.as_object_mut()) {
            map.insert("errors".to_owned(), errors.clone());
        }
        body
    }
}
