//! Message components and dialogs: Discord's rules that its document does not spell.

use crate::error::ApiError;
use crate::json::{attached_name, merged, text_of};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The most components in a message, nested ones included.
const MOST_COMPONENTS: usize = 40;
/// The most characters in all text displays of a message.
const MOST_TEXT: usize = 4000;

/// The type of a field of a dialog in which files are chosen.
pub(crate) const FILE_UPLOAD: u64 = 19;

/// A component's type number; 0 when it has none.
pub(crate) fn kind(component: &Value) -> u64 {
    component.get("type").and_then(Value::as_u64).unwrap_or(0)
}

/// Every component, nested ones included, top to bottom.
pub(crate) fn walk(components: &[Value]) -> Vec<&Value> {
    let mut found = Vec::new();
    for component in components {
        found.push(component);
        if let Some(inner) = component.get("components").and_then(Value::as_array) {
            found.extend(walk(inner));
        }
        for key in ["accessory", "component"] {
            if let Some(inner) = component.get(key) {
                found.extend(walk(std::slice::from_ref(inner)));
            }
        }
    }
    found
}

/// Checks a message's components; `files` are the names of what is attached to it.
pub(crate) fn check(components: &[Value], v2: bool, files: &[String]) -> Result<(), ApiError> {
    let all = walk(components);
    let wrong = |word: &str, message: &str| Err(ApiError::form("components", word, message));
    if !v2 && components.iter().any(|component| kind(component) != 1) {
        return wrong("UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (1,).");
    }
    if !v2 && components.len() > 5 {
        return wrong("BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.");
    }
    if all.len() > MOST_COMPONENTS {
        return wrong("COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "At most 40 components.");
    }
    let text: usize = all.iter().map(|c| text_of(c, "content").chars().count()).sum();
    if text > MOST_TEXT {
        return wrong("COMPONENT_MAX_TEXT_EXCEEDED", "At most 4000 characters of text.");
    }
    check_custom_ids(&all)?;
    for component in &all {
        check_one(component)?;
        for media in media_of(component) {
            if let Some(name) = attached_name(media)
                && !files.contains(&name)
            {
                let word = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND";
                return wrong(word, &format!("The attachment {name} could not be found."));
            }
        }
    }
    Ok(())
}

fn media_of(component: &Value) -> Vec<&Value> {
    let items = component.get("items").and_then(Value::as_array).into_iter().flatten();
    let mut media: Vec<&Value> = items.filter_map(|item| item.get("media")).collect();
    media.extend(component.get("media"));
    media.extend(component.get("file"));
    media
}

fn check_custom_ids(all: &[&Value]) -> Result<(), ApiError> {
    let mut seen = BTreeSet::new();
    for id in all.iter().filter_map(|component| component.get("custom_id")?.as_str()) {
        if !seen.insert(id) {
            let message = "Component custom id cannot be duplicated";
            return Err(ApiError::form("components", "COMPONENT_CUSTOM_ID_DUPLICATED", message));
        }
    }
    Ok(())
}

fn check_one(component: &Value) -> Result<(), ApiError> {
    let wrong = |word: &str, message: &str| Err(ApiError::form("components", word, message));
    match kind(component) {
        1 => {
            let inner = component.get("components").and_then(Value::as_array);
            let inner = inner.map(Vec::as_slice).unwrap_or_default();
            let buttons = inner.iter().filter(|child| kind(child) == 2).count();
            let one_control = inner.len() == 1 && buttons == 0;
            if !(one_control || (1..=5).contains(&buttons) && buttons == inner.len()) {
                return wrong(
                    "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
                    "A row is 1-5 buttons or a select.",
                );
            }
        }
        2 => {
            let link = component.get("style") == Some(&json!(5));
            if link != component.get("url").is_some()
                || link == component.get("custom_id").is_some()
            {
                return wrong("BUTTON_COMPONENT_INVALID", "A link has a url, others a custom id.");
            }
            if text_of(component, "label").is_empty() && component.get("emoji").is_none() {
                return wrong("BUTTON_COMPONENT_EMPTY", "A button must have a label or emoji.");
            }
        }
        3 => {
            let options = component.get("options").and_then(Value::as_array);
            let mut seen = BTreeSet::new();
            for option in options.into_iter().flatten() {
                if !seen.insert(text_of(option, "value")) {
                    let word = "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED";
                    return wrong(word, "The specified option value is already used");
                }
            }
            let most = component.get("max_values").and_then(Value::as_u64).unwrap_or(1);
            if seen.is_empty() || most > seen.len() as u64 {
                return wrong("SELECT_COMPONENT_MAX_VALUES", "More values than options.");
            }
        }
        _ => {}
    }
    Ok(())
}

/// Components as Discord stores them: every one numbered, defaults filled in.
pub(crate) fn stored(components: &[Value]) -> Vec<Value> {
    let taken = walk(components).iter().filter_map(|c| c.get("id")?.as_u64()).collect();
    let mut numbers = Numbers { taken, last: 0 };
    components.iter().map(|component| numbers.fill(component)).collect()
}

struct Numbers {
    taken: BTreeSet<u64>,
    last: u64,
}

impl Numbers {
    fn next(&mut self) -> u64 {
        loop {
            self.last += 1;
            if !self.taken.contains(&self.last) {
                return self.last;
            }
        }
    }

    fn fill(&mut self, component: &Value) -> Value {
        let Some(map) = component.as_object() else { return component.clone() };
        let mut map = map.clone();
        // Null means absent, as for every optional field of a request.
        map.retain(|_, value| !value.is_null());
        if map.get("id").and_then(Value::as_u64).unwrap_or(0) == 0 {
            map.insert("id".to_owned(), json!(self.next()));
        }
        for (key, value) in defaults(kind(component)) {
            map.entry(key).or_insert(value);
        }
        for key in ["components", "items"] {
            if let Some(Value::Array(inner)) = map.get(key) {
                let filled = if key == "components" {
                    inner.iter().map(|child| self.fill(child)).collect()
                } else {
                    inner.iter().map(gallery_item).collect()
                };
                map.insert(key.to_owned(), Value::Array(filled));
            }
        }
        for key in ["accessory", "component"] {
            if let Some(inner) = map.get(key) {
                let filled = self.fill(inner);
                map.insert(key.to_owned(), filled);
            }
        }
        Value::Object(map)
    }
}

fn gallery_item(item: &Value) -> Value {
    merged(json!({ "description": null, "spoiler": false }), item.clone())
}

fn defaults(kind: u64) -> Vec<(String, Value)> {
    let pairs: Vec<(&str, Value)> = match kind {
        3 | 5..=8 => vec![("min_values", json!(1)), ("max_values", json!(1))],
        11 => vec![("description", Value::Null), ("spoiler", json!(false))],
        13 => vec![("spoiler", json!(false))],
        14 => vec![("spacing", json!(1)), ("divider", json!(true))],
        17 => vec![("accent_color", Value::Null), ("spoiler", json!(false))],
        _ => Vec::new(),
    };
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A field of a dialog.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ModalField {
    /// The component itself.
    pub(crate) component: Value,
    pub(crate) custom_id: String,
    pub(crate) label: String,
    pub(crate) required: bool,
    /// Whether a `Label` holds it, rather than a row.
    pub(crate) labelled: bool,
}

/// The fields of a dialog, top to bottom.
pub(crate) fn modal_fields(modal: &Value) -> Vec<ModalField> {
    let tops = modal.get("components").and_then(Value::as_array).into_iter().flatten();
    tops.filter_map(|top| {
        let labelled = kind(top) == 18;
        let inner = if labelled { top.get("component") } else { top.pointer("/components/0") }?;
        let label = if labelled { text_of(top, "label") } else { text_of(inner, "label") };
        Some(ModalField {
            component: inner.clone(),
            custom_id: text_of(inner, "custom_id").to_owned(),
            label: label.to_owned(),
            required: inner.get("required").and_then(Value::as_bool).unwrap_or(true),
            labelled,
        })
    })
    .collect()
}

/// Checks a dialog.
pub(crate) fn check_modal(modal: &Value) -> Result<(), ApiError> {
    let components = modal.get("components").and_then(Value::as_array);
    let components = components.map(Vec::as_slice).unwrap_or_default();
    if !(1..=5).contains(&components.len()) {
        let message = "Must be between 1 and 5 in length.";
        return Err(ApiError::form("data.components", "BASE_TYPE_BAD_LENGTH", message));
    }
    let all = walk(components);
    let upside_down = |field: &&Value| {
        let bound = |key: &str| field.get(key).and_then(Value::as_u64).unwrap_or(1);
        kind(field) == FILE_UPLOAD && bound("min_values") > bound("max_values")
    };
    if all.iter().any(upside_down) {
        let message = "min_values must be less than or equal to max_values";
        return Err(ApiError::form("data.components", "COMPONENT_MIN_VALUES_TOO_LARGE", message));
    }
    check_custom_ids(&all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(buttons: &[&str]) -> Value {
        let buttons: Vec<Value> = buttons
            .iter()
            .map(|id| json!({ "type": 2, "style": 1, "label": "x", "custom_id": id }))
            .collect();
        json!({ "type": 1, "components": buttons })
    }

    #[test]
    fn a_custom_id_is_unique_within_a_message() {
        assert!(check(&[row(&["a", "b"])], false, &[]).is_ok());
        assert!(check(&[row(&["a"]), row(&["a"])], false, &[]).is_err());
    }

    #[test]
    fn a_dialog_cannot_ask_for_more_files_than_it_takes() {
        let dialog = |least: u64, most: u64| {
            let upload = json!({ "type": 19, "custom_id": "proof", "min_values": least,
                "max_values": most });
            json!({ "components": [{ "type": 18, "label": "x", "component": upload }] })
        };
        assert!(check_modal(&dialog(1, 8)).is_ok() && check_modal(&dialog(0, 1)).is_ok());
        assert!(check_modal(&dialog(3, 2)).is_err());
    }

    #[test]
    fn new_components_need_their_flag() {
        let text = json!({ "type": 10, "content": "hello" });
        assert!(check(std::slice::from_ref(&text), true, &[]).is_ok());
        assert!(check(&[text], false, &[]).is_err());
    }

    #[test]
    fn a_picture_must_be_attached() {
        let gallery =
            json!({ "type": 12, "items": [{ "media": { "url": "attachment://a.png" } }] });
        assert!(check(std::slice::from_ref(&gallery), true, &["a.png".to_owned()]).is_ok());
        assert!(check(&[gallery], true, &[]).is_err());
    }

    #[test]
    fn stored_components_are_numbered_without_repeats() {
        let container = json!({ "type": 17, "id": 1, "components": [row(&["a", "b"])] });
        let stored = stored(&[container]);
        let numbers: BTreeSet<_> = walk(&stored).iter().map(|c| c["id"].as_u64()).collect();
        assert_eq!(numbers.len(), 4);
    }
}
