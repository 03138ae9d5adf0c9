//! What a message says: from a request's body to what is stored, with Discord's rules.

use super::body::{Body, Upload};
use crate::components;
use crate::error::ApiError;
use crate::state::Discord;
use crate::state::records::{COMPONENTS_V2, Mentions, Message, StoredFile};
use bytes::Bytes;
use serde_json::Value;

/// The most characters of a message's text.
const MOST_CONTENT: usize = 2000;
/// The most characters in all embeds of a message.
const MOST_EMBED_TEXT: usize = 6000;

/// What a message says.
#[derive(Debug, Clone, Default)]
pub(super) struct Content {
    pub(super) content: String,
    pub(super) embeds: Vec<Value>,
    pub(super) components: Vec<Value>,
    pub(super) attachments: Vec<u64>,
    pub(super) v2: bool,
    mentions: Mentions,
}

impl Content {
    fn of(message: &Message) -> Self {
        Self {
            content: message.content.clone(),
            embeds: message.embeds.clone(),
            components: message.components.clone(),
            attachments: message.attachments.clone(),
            v2: message.flags & COMPONENTS_V2 != 0,
            mentions: message.mentions.clone(),
        }
    }

    pub(super) fn write_to(self, message: &mut Message) {
        message.content = self.content;
        message.embeds = self.embeds;
        message.components = self.components;
        message.attachments = self.attachments;
        message.mentions = self.mentions;
        if self.v2 {
            message.flags |= COMPONENTS_V2;
        }
    }
}

/// The flags a request sets.
pub(super) fn flags(json: &Value) -> u64 {
    json.get("flags").and_then(Value::as_u64).unwrap_or(0)
}

fn list(json: &Value, key: &str) -> Option<Vec<Value>> {
    let value = json.get(key)?;
    Some(value.as_array().cloned().unwrap_or_default())
}

impl Discord {
    /// What a new or edited message says. `before` is the message that is edited.
    pub(super) fn compose(
        &mut self,
        channel: u64,
        body: &Body,
        json: &Value,
        before: Option<&Message>,
        ephemeral: bool,
    ) -> Result<Content, ApiError> {
        let mut says = before.map(Content::of).unwrap_or_default();
        says.v2 |= flags(json) & COMPONENTS_V2 != 0;
        if let Some(content) = json.get("content") {
            says.content = content.as_str().unwrap_or_default().to_owned();
        }
        if let Some(embeds) = list(json, "embeds") {
            says.embeds = embeds;
        }
        if let Some(components) = list(json, "components") {
            says.components = components::stored(&components);
        }
        check_text(&says, json)?;
        let allowed = json.get("allowed_mentions");
        says.mentions = self.mentions(&says.content, &says.components, allowed)?;
        // Files are stored only after everything else was found good.
        let kept = kept_files(json, &says.attachments, &body.files)?;
        let mut names: Vec<String> =
            kept.iter().filter_map(|id| self.files.get(id).map(|file| file.name.clone())).collect();
        names.extend(body.files.iter().map(|file| stored_name(json, file)));
        components::check(&says.components, says.v2, &names)?;
        let empty = says.content.is_empty()
            && says.embeds.is_empty()
            && names.is_empty()
            && (says.components.is_empty() || !says.v2);
        if empty {
            return Err(ApiError::new(400, 50006, "Cannot send an empty message"));
        }
        says.attachments = kept;
        for file in &body.files {
            let name = stored_name(json, file);
            let kind = file.content_type.clone();
            let id = self.store_file(channel, &name, kind, file.bytes.clone(), ephemeral);
            if let (Some(stored), Some(note)) = (self.files.get_mut(&id), described(json, file)) {
                stored.description = Some(note);
            }
            says.attachments.push(id);
        }
        Ok(says)
    }

    /// Keeps an uploaded file and answers with its id.
    pub(crate) fn store_file(
        &mut self,
        channel: u64,
        name: &str,
        content_type: Option<String>,
        bytes: Bytes,
        ephemeral: bool,
    ) -> u64 {
        let id = self.next_id();
        let reader = image::ImageReader::new(std::io::Cursor::new(&bytes)).with_guessed_format();
        let size = reader.ok().and_then(|reader| reader.into_dimensions().ok());
        let content_type = content_type
            .filter(|kind| kind != "application/octet-stream")
            .unwrap_or_else(|| guessed_type(name).to_owned());
        // What names no file in an address has another name.
        let name = if name.chars().all(|c| c == '.') { "unknown" } else { name }.to_owned();
        let file = StoredFile {
            id,
            channel,
            name,
            bytes,
            content_type,
            size,
            description: None,
            ephemeral,
        };
        self.files.insert(id, file);
        id
    }
}

/// A file's type by its name.
pub(crate) fn guessed_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "txt" => "text/plain; charset=utf-8",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

/// Discord's bound for what stands in one message, a person's or a bot's.
pub(crate) fn check_content(text: &str) -> Result<(), ApiError> {
    if text.chars().count() <= MOST_CONTENT {
        return Ok(());
    }
    let message = "Must be 2000 or fewer in length.";
    Err(ApiError::form("content", "BASE_TYPE_MAX_LENGTH", message))
}

fn check_text(says: &Content, json: &Value) -> Result<(), ApiError> {
    check_content(&says.content)?;
    let old_style = !says.content.is_empty() || !says.embeds.is_empty();
    if says.v2 && old_style {
        let word = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2";
        let message = "The 'content' and 'embeds' fields cannot be used with components V2";
        return Err(ApiError::form("flags", word, message));
    }
    if says.v2
        && ["sticker_ids", "poll"].iter().any(|key| json.get(key).is_some_and(Value::is_object))
    {
        let word = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2";
        return Err(ApiError::form("flags", word, "Neither polls nor stickers."));
    }
    let length: usize = says.embeds.iter().map(embed_length).sum();
    if length > MOST_EMBED_TEXT {
        let message = "Embed size exceeds maximum size of 6000";
        return Err(ApiError::form("embeds", "MAX_EMBED_SIZE_EXCEEDED", message));
    }
    Ok(())
}

fn embed_length(embed: &Value) -> usize {
    let texts = ["/title", "/description", "/footer/text", "/author/name"];
    let head: usize = texts
        .iter()
        .filter_map(|place| embed.pointer(place)?.as_str())
        .map(|text| text.chars().count())
        .sum();
    let fields = embed.get("fields").and_then(Value::as_array).into_iter().flatten();
    let fields = fields.flat_map(|field| [field.get("name"), field.get("value")]);
    let fields: usize = fields.flatten().filter_map(Value::as_str).map(|t| t.chars().count()).sum();
    head + fields
}

fn number(item: &Value) -> Option<u64> {
    let id = item.get("id")?;
    id.as_u64().or_else(|| id.as_str()?.parse().ok())
}

/// The files of before that stay: all of them, unless the request lists which.
fn kept_files(json: &Value, before: &[u64], uploads: &[Upload]) -> Result<Vec<u64>, ApiError> {
    let Some(listed) = json.get("attachments").and_then(Value::as_array) else {
        return Ok(before.to_vec());
    };
    let mut kept = Vec::new();
    for item in listed {
        let id = number(item).unwrap_or(u64::MAX);
        if before.contains(&id) {
            kept.push(id);
        } else if !uploads.iter().any(|upload| upload.number == id) {
            let message = format!("There is neither a file nor an attachment {id}.");
            return Err(ApiError::form("attachments", "ATTACHMENT_NOT_FOUND", &message));
        }
    }
    Ok(kept)
}

fn listed<'a>(json: &'a Value, upload: &Upload) -> Option<&'a Value> {
    let listed = json.get("attachments")?.as_array()?;
    listed.iter().find(|item| number(item) == Some(upload.number))
}

fn stored_name(json: &Value, upload: &Upload) -> String {
    let name = listed(json, upload).and_then(|item| item.get("filename")?.as_str());
    let name = name.unwrap_or(&upload.name);
    // As Discord does, so that the name can stand in an address.
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' })
        .collect()
}

fn described(json: &Value, upload: &Upload) -> Option<String> {
    listed(json, upload).and_then(|item| item.get("description")?.as_str()).map(str::to_owned)
}
