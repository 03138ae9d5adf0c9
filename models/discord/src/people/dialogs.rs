//! Dialogs as a person fills them in.

use super::controls::ActorError;
use crate::components::{FILE_UPLOAD, ModalField, kind, modal_fields};
use crate::interactions::Deed;
use crate::json::{deep_merge, merged, text_of};
use crate::rest::guessed_type;
use crate::state::Discord;
use bytes::Bytes;
use serde_json::{Value, json};

impl Discord {
    /// Sends the dialog in front of a user.
    pub(crate) fn send_modal(
        &mut self,
        user: u64,
        given: &[(&str, &str)],
        files: &[(&str, Bytes)],
    ) -> Result<u64, ActorError> {
        let none = || ActorError::NoModal(format!("user {user}"));
        let person = self.users.get(&user).ok_or_else(none)?;
        let (modal, opened_by) = person.modal.clone().ok_or_else(none)?;
        let opener = self.interactions.get(&opened_by).cloned().ok_or_else(none)?;
        let fields = modal_fields(&modal);
        for (name, _) in given {
            if !fields.iter().any(|f| f.custom_id == *name || f.label == *name) {
                return Err(ActorError::Input(format!("the dialog has no field {name}")));
            }
        }
        let mut tops = Vec::new();
        let mut resolved = json!({});
        for (number, field) in (1..).zip(&fields) {
            let named =
                |(name, _): &&(&str, &str)| *name == field.custom_id || *name == field.label;
            let value = given.iter().find(named).map_or("", |(_, value)| *value);
            let mut sent = json!({
                "type": kind(&field.component), "custom_id": field.custom_id,
                "id": field.component.get("id"),
            });
            match kind(&field.component) {
                FILE_UPLOAD => {
                    check_files(field, files)?;
                    let mut ids = Vec::new();
                    for (name, bytes) in files {
                        let file = self.store_file(opener.channel, name, None, bytes.clone(), true);
                        let shown = self.files.get(&file).map(|file| self.attachment_json(file));
                        let entry = json!({ "attachments": { file.to_string(): shown } });
                        deep_merge(&mut resolved, entry);
                        ids.push(file.to_string());
                    }
                    sent = merged(sent, json!({ "values": ids }));
                }
                3 => sent = merged(sent, json!({ "values": [value] })),
                _ => {
                    check_length(field.required, &field.component, &field.label, value)?;
                    sent = merged(sent, json!({ "value": value }));
                }
            }
            tops.push(if field.labelled {
                json!({ "type": 18, "id": number, "component": sent })
            } else {
                json!({ "type": 1, "id": number, "components": [sent] })
            });
        }
        let mut data = json!({ "custom_id": text_of(&modal, "custom_id"), "components": tops });
        if resolved.as_object().is_some_and(|map| !map.is_empty()) {
            data = merged(data, json!({ "resolved": resolved }));
        }
        if let Some(person) = self.users.get_mut(&user) {
            person.modal = None;
        }
        let (channel, source) = (opener.channel, opener.source);
        Ok(self.begin(Deed { kind: 5, user, channel, source, data }))
    }
}

/// As many as the field takes, each of a type that it takes.
fn check_files(field: &ModalField, files: &[(&str, Bytes)]) -> Result<(), ActorError> {
    let bound = |key: &str| field.component.get(key).and_then(Value::as_u64).unwrap_or(1);
    let (count, label) = (files.len() as u64, &field.label);
    if count == 0 && !field.required {
        return Ok(());
    }
    if count < bound("min_values").max(u64::from(field.required)) {
        return Err(ActorError::Input(format!("{label} wants a file")));
    }
    if count > bound("max_values") {
        return Err(ActorError::Input(format!("{label} does not take {count} files")));
    }
    let types = field.component.get("file_types").and_then(Value::as_array);
    let types: Vec<&str> = types.into_iter().flatten().filter_map(Value::as_str).collect();
    // Discord goes by a file's name alone.
    let fits = |name: &str| {
        let group = guessed_type(name).split('/').next().unwrap_or_default();
        types
            .iter()
            .any(|wanted| *wanted == group || wanted.starts_with('.') && name.ends_with(wanted))
    };
    match files.iter().find(|(name, _)| !types.is_empty() && !fits(name)) {
        Some((name, _)) => Err(ActorError::Input(format!("{label} does not take {name}"))),
        None => Ok(()),
    }
}

fn check_length(required: bool, field: &Value, label: &str, value: &str) -> Result<(), ActorError> {
    let length = value.chars().count() as u64;
    let bound = |key: &str| field.get(key).and_then(Value::as_u64);
    if required && length == 0 {
        return Err(ActorError::Input(format!("{label} must be filled in")));
    }
    let too_short = length > 0 && bound("min_length").is_some_and(|least| length < least);
    if too_short || length > bound("max_length").unwrap_or(4000) {
        return Err(ActorError::Input(format!("{label} cannot be {length} characters long")));
    }
    Ok(())
}
