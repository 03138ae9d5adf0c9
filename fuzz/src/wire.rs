//! What a JSON body of `/v1/*` says, compared with what was read from it.

use serde_json::{Map, Value};
use uuid::Uuid;

/// Fields that may be left out, and what they are then.
const LEFT_OUT: [(&str, &str); 11] = [
    ("take_over", "false"),
    ("lineage", "null"),
    ("store", "null"),
    ("panel", "null"),
    ("panel_error", "null"),
    ("client", "null"),
    ("uuid", "null"),
    ("end", "null"),
    ("type", r#""""#),
    ("title", r#""""#),
    ("status", "0"),
];

/// Where what was read says something else than what was written; with `strict`, where something
/// that was written is not in what was read, too.
pub fn difference(written: &Value, read: &Value, strict: bool) -> Option<String> {
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => of_objects(written, read, strict),
        // `{"never":null}` is another spelling of `"never"`.
        (Value::Object(written), Value::String(read)) => {
            let same = written.len() == 1 && written.get(read) == Some(&Value::Null);
            (!same).then(|| format!("{read:?} was read from an object"))
        }
        // A structure may come as the list of its fields.
        (Value::Array(_), Value::Object(_)) => None,
        (Value::Array(written), Value::Array(read)) if written.len() == read.len() => {
            written.iter().zip(read).find_map(|(w, r)| difference(w, r, strict))
        }
        (Value::String(written), Value::String(read)) => {
            let same_uuid = Uuid::parse_str(written).is_ok_and(|w| Uuid::parse_str(read) == Ok(w));
            // What a newer gateway says.
            let same = written == read || same_uuid || read == "other";
            (!same).then(|| format!("{read:?} was read from {written:?}"))
        }
        _ => (written != read).then(|| format!("{read} was read from {written}")),
    }
}

fn of_objects(
    written: &Map<String, Value>,
    read: &Map<String, Value>,
    strict: bool,
) -> Option<String> {
    let wrong = read.iter().find_map(|(name, value)| match written.get(name) {
        Some(said) => difference(said, value, strict).map(|what| format!("{name}: {what}")),
        None => {
            let left_out = LEFT_OUT.iter().any(|(n, v)| n == name && *v == value.to_string());
            (!left_out).then(|| format!("{name}: {value} was read from nothing"))
        }
    });
    let lost = || {
        // What is empty need not be said again.
        let empty = |value: &Value| {
            value.is_null() || value.as_array().is_some_and(Vec::is_empty) || *value == ""
        };
        let lost = written.iter().find(|(n, v)| !read.contains_key(*n) && !empty(v));
        lost.map(|(name, value)| format!("{name}: {value} was left out"))
    };
    wrong.or_else(|| if strict { lost() } else { None })
}
