//! Reading bodies as the panel does: strictly by type, with its library's error texts.

use crate::state::Refusal;
use crate::version::PanelVersion;
use crate::wire::SettingsClient;
use serde_json::Value;

/// Where a client object stands in a request, which shows in the error text.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// Under `client`, beside `inboundIds`.
    Wrapped,
    /// The whole body.
    Flat,
}

/// A body as JSON.
pub(super) fn json(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        if body.is_empty() {
            Refusal::raw("EOF")
        } else if error.is_eof() {
            Refusal::raw("unexpected EOF")
        } else {
            let column = error.column().saturating_sub(1);
            let culprit = body.get(column).copied().map_or('?', char::from);
            Refusal::raw(format!("invalid character '{culprit}' looking for beginning of value"))
        }
    })
}

/// A client object; what is left out is zero.
pub(super) fn client(
    value: &Value,
    version: PanelVersion,
    shape: Shape,
) -> Result<SettingsClient, Refusal> {
    let place = match (version, shape) {
        (PanelVersion::Head, Shape::Wrapped) => "clientPayloadWithHwid.client.Client",
        (_, Shape::Wrapped) => "Client.client",
        (PanelVersion::Head, Shape::Flat) => ".Client",
        (_, Shape::Flat) => "Client",
    };
    let fields = Fields { value, place };
    Ok(SettingsClient {
        id: fields.text("id")?,
        password: fields.text("password")?,
        auth: fields.text("auth")?,
        security: fields.text("security")?,
        flow: fields.text("flow")?,
        email: fields.text("email")?,
        limit_ip: fields.number("limitIp", "int")?,
        total_gb: fields.number("totalGB", "int64")?,
        expiry_time: fields.number("expiryTime", "int64")?,
        enable: fields.flag("enable")?,
        tg_id: fields.number("tgId", "int64")?,
        sub_id: fields.text("subId")?,
        comment: fields.text("comment")?,
        group: fields.text("group")?,
        reset: fields.number("reset", "int")?,
        created_at: fields.number("created_at", "int64")?,
        ..SettingsClient::default()
    })
}

struct Fields<'a> {
    value: &'a Value,
    place: &'static str,
}

impl Fields<'_> {
    fn text(&self, name: &str) -> Result<String, Refusal> {
        match self.value.get(name) {
            None | Some(Value::Null) => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => Err(self.mismatch(other, name, "string")),
        }
    }

    fn number(&self, name: &str, kind: &str) -> Result<i64, Refusal> {
        match self.value.get(name) {
            None | Some(Value::Null) => Ok(0),
            Some(other) => other.as_i64().ok_or_else(|| self.mismatch(other, name, kind)),
        }
    }

    fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.value.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(self.mismatch(other, name, "bool")),
        }
    }

    fn mismatch(&self, found: &Value, name: &str, wanted: &str) -> Refusal {
        let kind = match found {
            Value::String(_) => "string".to_owned(),
            Value::Number(number) if wanted.starts_with("int") => format!("number {number}"),
            Value::Number(_) => "number".to_owned(),
            Value::Bool(_) => "bool".to_owned(),
            Value::Array(_) => "array".to_owned(),
            Value::Object(_) | Value::Null => "object".to_owned(),
        };
        Refusal::raw(format!(
            "json: cannot unmarshal {kind} into Go struct field {}.{name} of type {wanted}",
            self.place
        ))
    }
}

/// Integers of an array member, e.g. `inboundIds`.
pub(super) fn ids(value: &Value, name: &str) -> Vec<i64> {
    let items = value.get(name).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_i64).collect()
}

/// Texts of an array member, e.g. `emails`.
pub(super) fn texts(value: &Value, name: &str) -> Vec<String> {
    let items = value.get(name).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// An integer member, or 0.
pub(super) fn int(value: &Value, name: &str) -> i64 {
    value.get(name).and_then(Value::as_i64).unwrap_or(0)
}
