//! Discord's own document checks every request of the bot and every answer of ours.

use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

const DOCUMENT: &str = include_str!("../../../tests/fixtures/discord/openapi.json");

/// Fields newer than the document, or spelt differently by it than by Discord: place and schema.
const KNOWN_GAPS: [(&str, &str); 5] = [
    ("MessageAttachmentRequest", "id"),
    ("ApplicationCommandUpdateRequest", "default_member_permissions"),
    ("ApplicationCommandCreateRequest", "default_member_permissions"),
    ("ApplicationCommandAttachmentOption", "file_types"),
    ("FileUploadComponentForModalRequest", "file_types"),
];

/// By place in the document, and whether misspelt keys are refused.
type Compiled = BTreeMap<(String, bool), Option<Arc<Validator>>>;

struct Spec {
    /// As published: for our own answers.
    plain: Document,
    /// With misspelt keys refused: for the bot's requests.
    strict: Document,
    compiled: Mutex<Compiled>,
}

/// The document, and the same with its references resolved. Resolving walks all of it, so that is done once
/// and not for each schema: most of an emulator's start went there.
struct Document {
    value: Value,
    resolved: Option<Registry<'static>>,
}

impl From<Value> for Document {
    fn from(value: Value) -> Self {
        let registry = Registry::new().draft(Draft::Draft202012);
        let registry = registry.add("urn:discord", value.clone());
        let resolved = registry.ok().and_then(|registry| registry.prepare().ok());
        Self { value, resolved }
    }
}

static SPEC: LazyLock<Spec> = LazyLock::new(|| {
    let mut plain: Value = serde_json::from_str(DOCUMENT).unwrap_or_default();
    for (schema, field) in KNOWN_GAPS {
        let place = format!("/components/schemas/{schema}/properties");
        if let Some(Value::Object(fields)) = plain.pointer_mut(&place) {
            fields.insert(field.to_owned(), json!({}));
        }
    }
    let mut strict = plain.clone();
    refuse_unknown_keys(&mut strict);
    Spec { plain: plain.into(), strict: strict.into(), compiled: Mutex::default() }
});

fn refuse_unknown_keys(node: &mut Value) {
    match node {
        Value::Object(map) => {
            if map.get("properties").is_some_and(Value::is_object)
                && map.contains_key("type")
                && !map.contains_key("additionalProperties")
                && !map.contains_key("allOf")
            {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
            map.values_mut().for_each(refuse_unknown_keys);
        }
        Value::Array(items) => items.iter_mut().for_each(refuse_unknown_keys),
        _ => {}
    }
}

fn escaped(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

impl Spec {
    fn validator(&'static self, pointer: &str, strict: bool) -> Option<Arc<Validator>> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (pointer.to_owned(), strict);
        let build = || {
            let document = if strict { &self.strict } else { &self.plain };
            document.value.pointer(pointer)?;
            // A pointer within an address is percent-encoded.
            let fragment = pointer.replace('{', "%7B").replace('}', "%7D");
            jsonschema::options()
                .with_draft(Draft::Draft202012)
                .with_registry(document.resolved.as_ref()?)
                .build(&json!({ "$ref": format!("urn:discord#{fragment}") }))
                .ok()
                .map(Arc::new)
        };
        compiled.entry(key).or_insert_with(build).clone()
    }
}

fn operation(method: &str, path: &str) -> String {
    format!("/paths/{}/{}", escaped(path), method.to_ascii_lowercase())
}

/// The languages that Discord can be set to.
pub(crate) fn locales() -> Vec<&'static str> {
    let all = SPEC.plain.value.pointer("/components/schemas/AvailableLocalesEnum/oneOf");
    let all = all.and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|one| one.get("const")?.as_str()).collect()
}

/// Whether the document has a route.
#[cfg(test)]
pub(crate) fn knows(method: &str, path: &str) -> bool {
    SPEC.plain.value.pointer(&operation(method, path)).is_some()
}

/// What is wrong with a request's body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mistake {
    pub(crate) what: String,
    /// Whether Discord refuses it too; an unknown key it passes over.
    pub(crate) refused: bool,
}

/// What is wrong with a request's body, if anything.
pub(crate) fn check_request(method: &str, path: &str, body: &Value) -> Option<Mistake> {
    let operation = operation(method, path);
    let content = format!("{operation}/requestBody/content/application~1json/schema");
    SPEC.plain.value.pointer(&content)?;
    let mistake =
        |what: &str, refused| Some(Mistake { what: format!("{method} {path}: {what}"), refused });
    if body.is_null() {
        let required = SPEC.plain.value.pointer(&format!("{operation}/requestBody/required"));
        let needed = required == Some(&Value::Bool(true));
        return if needed { mistake("a body is required", true) } else { None };
    }
    let (strict, plain) = (SPEC.validator(&content, true), SPEC.validator(&content, false));
    let (Some(strict), Some(plain)) = (strict, plain) else {
        return mistake("its schema does not compile", true);
    };
    let what = complaint(&strict, body)?;
    mistake(&what, !plain.is_valid(body))
}

/// What is wrong with an answer of ours, if anything.
pub(crate) fn check_answer(method: &str, path: &str, status: u16, body: &Value) -> Option<String> {
    let place = operation(method, path);
    let content = format!("{place}/responses/{status}/content/application~1json/schema");
    let Some(validator) = SPEC.validator(&content, false) else {
        return Some(format!("answer {status} to {method} {path}: not in the document"));
    };
    complaint(&validator, body).map(|what| format!("answer to {method} {path}: {what}"))
}

/// The places of the first mistakes; unions' own messages are too long to read.
fn complaint(validator: &Validator, body: &Value) -> Option<String> {
    let lines: Vec<String> = validator
        .iter_errors(body)
        .take(5)
        .map(|error| {
            let words: String = error.to_string().chars().take(300).collect();
            format!("at `{}`: {words}", error.instance_path())
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGES: &str = "/channels/{channel_id}/messages";

    #[test]
    fn a_good_message_passes() {
        assert_eq!(check_request("POST", MESSAGES, &json!({ "content": "hello" })), None);
        let v2 = json!({
            "flags": 1 << 15, "nonce": "abc", "enforce_nonce": true,
            "components": [{ "type": 17, "accent_color": 5, "components": [
                { "type": 10, "content": "hello" },
                { "type": 14, "divider": true, "spacing": 1 },
                { "type": 12, "items": [{ "media": { "url": "attachment://qr.png" } }] },
                { "type": 1, "components": [
                    { "type": 2, "style": 1, "label": "Buy", "custom_id": "v1.buy" } ] },
                { "type": 1, "components": [{ "type": 3, "custom_id": "v1.plan",
                    "placeholder": "Pick", "options": [{ "label": "a", "value": "b" }] }] },
            ] }],
            "attachments": [{ "id": 0, "filename": "qr.png" }],
        });
        assert_eq!(check_request("POST", MESSAGES, &v2), None);
    }

    #[test]
    fn a_misspelt_key_is_found() {
        let found = check_request("POST", MESSAGES, &json!({ "contents": "hello" })).unwrap();
        assert!(!found.refused, "{found:?}");
    }

    #[test]
    fn a_custom_id_over_100_characters_is_found() {
        let id = "x".repeat(101);
        let button = json!({ "type": 2, "style": 1, "label": "Buy", "custom_id": id });
        let body = json!({ "components": [{ "type": 1, "components": [button] }] });
        assert!(check_request("POST", MESSAGES, &body).unwrap().refused);
    }

    #[test]
    fn a_modal_title_over_45_characters_is_found() {
        let path = "/interactions/{interaction_id}/{interaction_token}/callback";
        let modal = |title: &str| {
            let input = json!({ "type": 4, "custom_id": "reason", "label": "Why", "style": 2 });
            json!({ "type": 9, "data": { "custom_id": "m", "title": title,
                "components": [{ "type": 1, "components": [input] }] } })
        };
        assert_eq!(check_request("POST", path, &modal("Decline")), None);
        assert!(check_request("POST", path, &modal(&"x".repeat(46))).is_some());
    }
}
