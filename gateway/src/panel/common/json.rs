//! Reading JSON of others: what is not there is null.

use serde_json::Value;

static NULL: Value = Value::Null;

/// A field of an object; null for everything else.
pub(in crate::panel) fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&NULL)
}

/// The same, moved out.
pub(in crate::panel) fn take(value: &mut Value, name: &str) -> Value {
    value.get_mut(name).map(Value::take).unwrap_or_default()
}
