//! Messages as plain text, for transcripts and for reading in tests.
//!
//! Text as it is with mentions by name, `[Button]`, `(select: a, b)`, `{image name}`, `{file
//! name}`, `---` for a line; a switched off control says `(off)`.

use crate::components::{kind, modal_fields};
use crate::json::{attached_name, text_of};
use crate::state::Discord;
use crate::state::records::{LOADING, Message};
use serde_json::Value;

/// A message as lines: text as it is, `[Button]`, `(select: a, b)`, `{image name}`.
pub(crate) fn message(discord: &Discord, message: &Message) -> String {
    let mut lines = Vec::new();
    if message.flags & LOADING != 0 {
        lines.push("…".to_owned());
    }
    if !message.content.is_empty() {
        lines.push(message.content.clone());
    }
    for embed in &message.embeds {
        embed_lines(embed, &mut lines);
    }
    component_lines(&message.components, &mut lines);
    let shown = lines.join("\n");
    for file in message.attachments.iter().filter_map(|id| discord.files.get(id)) {
        let line = if file.size.is_some() || file.content_type.starts_with("image/") {
            format!("{{image {}}}", file.name)
        } else {
            format!("{{file {}}}", file.name)
        };
        if !shown.contains(&line) {
            lines.push(line);
        }
    }
    with_names(discord, lines.join("\n"))
}

/// Mentions by name, as Discord's own program shows them.
fn with_names(discord: &Discord, mut text: String) -> String {
    if !text.contains("<@") && !text.contains("<#") {
        return text;
    }
    for user in discord.users.values() {
        text = text.replace(&format!("<@{}>", user.id), &format!("@{}", user.name));
    }
    for (role, name) in discord.layout.roles() {
        text = text.replace(&format!("<@&{role}>"), &format!("@{name}"));
    }
    for channel in discord.channels.values() {
        text = text.replace(&format!("<#{}>", channel.id), &format!("#{}", channel.name));
    }
    text
}

fn embed_lines(embed: &Value, lines: &mut Vec<String>) {
    for key in ["title", "description"] {
        if let Some(text) = embed.get(key).and_then(Value::as_str) {
            lines.push(text.to_owned());
        }
    }
    for field in embed.get("fields").and_then(Value::as_array).into_iter().flatten() {
        lines.push(format!("{}: {}", text_of(field, "name"), text_of(field, "value")));
    }
    if let Some(text) = embed.pointer("/footer/text").and_then(Value::as_str) {
        lines.push(text.to_owned());
    }
}

fn component_lines(components: &[Value], lines: &mut Vec<String>) {
    for component in components {
        let children = || component.get("components").and_then(Value::as_array);
        match kind(component) {
            1 => {
                let row: Vec<String> = children().into_iter().flatten().map(control).collect();
                lines.push(row.join(" "));
            }
            9 => {
                children().into_iter().for_each(|inner| component_lines(inner, lines));
                lines.extend(component.get("accessory").map(control));
            }
            10 => lines.push(text_of(component, "content").to_owned()),
            12 => {
                for item in component.get("items").and_then(Value::as_array).into_iter().flatten() {
                    lines.push(media(item.get("media"), "image"));
                }
            }
            13 => lines.push(media(component.get("file"), "file")),
            14 => lines.push("---".to_owned()),
            17 => children().into_iter().for_each(|inner| component_lines(inner, lines)),
            _ => {}
        }
    }
}

fn media(media: Option<&Value>, word: &str) -> String {
    let name = media.and_then(attached_name);
    let url = media.map(|media| text_of(media, "url").to_owned());
    format!("{{{word} {}}}", name.or(url).unwrap_or_default())
}

fn control(component: &Value) -> String {
    let disabled = component.get("disabled") == Some(&Value::Bool(true));
    let off = if disabled { " (off)" } else { "" };
    match kind(component) {
        2 => {
            let emoji = component.pointer("/emoji/name").and_then(Value::as_str);
            let label = component.get("label").and_then(Value::as_str);
            let parts: Vec<&str> = emoji.into_iter().chain(label).collect();
            format!("[{}{off}]", parts.join(" "))
        }
        3 => {
            let options = component.get("options").and_then(Value::as_array);
            let labels: Vec<&str> =
                options.into_iter().flatten().map(|option| text_of(option, "label")).collect();
            format!("(select: {}{off})", labels.join(", "))
        }
        5..=8 => format!("(select: {}{off})", text_of(component, "placeholder")),
        11 => media(component.get("media"), "image"),
        _ => String::new(),
    }
}

/// A dialog as lines.
pub(crate) fn modal(modal: &Value) -> String {
    let mut lines = vec![format!("« {} »", text_of(modal, "title"))];
    for field in modal_fields(modal) {
        let star = if field.required { " *" } else { "" };
        lines.push(format!("{}{star}: ____", field.label));
    }
    lines.join("\n")
}
