//! Messages as data → Discord's JSON: Components V2 by `twilight-model`.

use super::multipart::Upload;
use super::profile::PROFILE;
use crate::model::Identity;
use crate::view::{
    Accent, Block, Button, ButtonStyle, FileField, Link, Message, Modal, Select, TextField,
    with_moments,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use twilight_model::channel::message::component as c;

/// Discord's message flag `IS_COMPONENTS_V2`.
const COMPONENTS_V2: u64 = 1 << 15;
/// Discord's message flag `EPHEMERAL`: only the person who clicked sees it.
pub(super) const EPHEMERAL: u64 = 1 << 6;

/// A message as Discord's JSON. Pictures whose file is not at hand are left out: staff must see
/// the card even when an old proof was removed. What Discord would not take is cut.
///
/// `marker` becomes the container's own id, by which [`is_marked`] finds the message again.
pub(super) fn message(
    message: &Message,
    files: &[Upload],
    flags: u64,
    marker: Option<i32>,
) -> Value {
    let message = PROFILE.fit(message);
    let there = |name: &str| files.iter().any(|f| f.name == name);
    let parts = message.blocks.iter().filter_map(|block| component(block, &there)).collect();
    let container = c::Component::Container(c::Container {
        accent_color: Some(Some(color(message.accent))),
        components: parts,
        id: marker,
        spoiler: None,
    });
    let attachments: Vec<Value> = files
        .iter()
        .enumerate()
        .map(|(n, f)| json!({"id": n.to_string(), "filename": f.name}))
        .collect();
    let called: Vec<String> =
        message.calls.map(|Identity::Discord(user)| user.to_string()).into_iter().collect();
    let roles: Vec<String> = message.calls_roles.iter().map(u64::to_string).collect();
    json!({
        "flags": COMPONENTS_V2 | flags,
        "components": [container],
        "attachments": attachments,
        "allowed_mentions": {"parse": [], "users": called, "roles": roles},
    })
}

/// A container id from a nonce: Discord keeps it with the message, and it does not keep nonces.
/// From 2³⁰ up, so that it cannot meet the ids that Discord gives out itself, from 1.
pub(super) fn marker(nonce: &str) -> i32 {
    let digest = Sha256::digest(nonce.as_bytes());
    let bits = digest.iter().take(4).fold(0_u32, |n, b| (n << 8) | u32::from(*b));
    i32::try_from((bits & 0x3fff_ffff) | 0x4000_0000).unwrap_or(i32::MAX)
}

/// Whether a message of Discord's JSON carries this nonce, or the marker made of it.
pub(super) fn is_marked(message: &Value, nonce: &str) -> bool {
    if message.get("nonce").and_then(Value::as_str) == Some(nonce) {
        return true;
    }
    let wanted = i64::from(marker(nonce));
    let components = message.get("components").and_then(Value::as_array);
    components.into_iter().flatten().any(|c| c.get("id").and_then(Value::as_i64) == Some(wanted))
}

const fn color(accent: Accent) -> u32 {
    match accent {
        Accent::Neutral => 0x5d_6d_7e,
        Accent::Waiting => 0xf1_c4_0f,
        Accent::Good => 0x2e_cc_71,
        Accent::Bad => 0xe7_4c_3c,
    }
}

fn component(block: &Block, there: &impl Fn(&str) -> bool) -> Option<c::Component> {
    Some(match block {
        Block::Text(text) => {
            // How far away it is, by the reader's own clock.
            let content = with_moments(text, |seconds| format!(" (<t:{seconds}:R>)"));
            c::Component::TextDisplay(c::TextDisplay { content, id: None })
        }
        Block::Separator => c::Component::Separator(c::Separator {
            divider: Some(true),
            id: None,
            spacing: Some(c::SeparatorSpacingSize::Small),
        }),
        Block::Image(name) => {
            if !there(name) {
                return None;
            }
            picture(name)
        }
        Block::File(name) => {
            if !there(name) {
                return None;
            }
            file(name)
        }
        Block::Buttons(buttons) => row(buttons.iter().map(button).collect()),
        Block::Links(links) => row(links.iter().map(link).collect()),
        Block::Select(select) => row(vec![self::select(select)]),
    })
}

fn picture(name: &str) -> c::Component {
    c::Component::MediaGallery(c::MediaGallery {
        id: None,
        items: vec![c::MediaGalleryItem {
            description: None,
            media: c::UnfurledMediaItem {
                content_type: None,
                height: None,
                proxy_url: None,
                url: format!("attachment://{name}"),
                width: None,
            },
            spoiler: None,
        }],
    })
}

fn file(name: &str) -> c::Component {
    c::Component::File(c::FileDisplay {
        id: None,
        file: c::UnfurledMediaItem {
            content_type: None,
            height: None,
            proxy_url: None,
            url: format!("attachment://{name}"),
            width: None,
        },
        spoiler: None,
    })
}

const fn row(components: Vec<c::Component>) -> c::Component {
    c::Component::ActionRow(c::ActionRow { components, id: None })
}

fn button(button: &Button) -> c::Component {
    c::Component::Button(c::Button {
        custom_id: Some(button.id.clone()),
        disabled: false,
        emoji: None,
        id: None,
        label: Some(button.label.clone()),
        sku_id: None,
        style: match button.style {
            ButtonStyle::Primary => c::ButtonStyle::Primary,
            ButtonStyle::Secondary => c::ButtonStyle::Secondary,
            ButtonStyle::Success => c::ButtonStyle::Success,
            ButtonStyle::Danger => c::ButtonStyle::Danger,
        },
        url: None,
    })
}

fn link(link: &Link) -> c::Component {
    c::Component::Button(c::Button {
        custom_id: None,
        disabled: false,
        emoji: None,
        id: None,
        label: Some(link.label.clone()),
        sku_id: None,
        style: c::ButtonStyle::Link,
        url: Some(link.url.clone()),
    })
}

fn select(select: &Select) -> c::Component {
    let options = select.choices.iter().map(|choice| c::SelectMenuOption {
        default: false,
        description: choice.description.clone(),
        emoji: None,
        label: choice.label.clone(),
        value: choice.value.clone(),
    });
    c::Component::SelectMenu(c::SelectMenu {
        channel_types: None,
        custom_id: select.id.clone(),
        default_values: None,
        disabled: false,
        id: None,
        kind: c::SelectMenuType::Text,
        max_values: Some(1),
        min_values: Some(1),
        options: Some(options.collect()),
        placeholder: Some(select.placeholder.clone()),
        required: None,
    })
}

/// A dialog as Discord's JSON.
pub(super) fn modal(modal: &Modal) -> Value {
    let fields = modal.fields.iter().map(text_input);
    let parts: Vec<_> = modal.files.iter().map(file_upload).chain(fields).collect();
    json!({"custom_id": modal.id, "title": modal.title, "components": parts})
}

fn labelled(label: &str, description: Option<String>, field: c::Component) -> c::Component {
    let label = label.to_owned();
    c::Component::Label(c::Label { component: Box::new(field), description, id: None, label })
}

#[allow(deprecated, reason = "the type still has the label that is deprecated within it")]
fn text_input(field: &TextField) -> c::Component {
    let input = c::TextInput {
        custom_id: field.id.clone(),
        id: None,
        label: None,
        max_length: Some(field.max_length),
        min_length: Some(u16::from(field.required)),
        placeholder: None,
        required: Some(field.required),
        style: if field.paragraph {
            c::TextInputStyle::Paragraph
        } else {
            c::TextInputStyle::Short
        },
        value: None,
    };
    labelled(&field.label, None, c::Component::TextInput(input))
}

fn file_upload(field: &FileField) -> c::Component {
    let upload = c::FileUpload {
        custom_id: field.id.clone(),
        file_types: Some(vec!["image".to_owned()]),
        id: None,
        max_values: Some(field.most.try_into().unwrap_or(u8::MAX)),
        min_values: Some(1),
        required: Some(true),
    };
    labelled(&field.label, Some(field.description.clone()), c::Component::FileUpload(upload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Snapshot;
    use crate::view::sample::{FRONT, NOW, catalog};
    use crate::view::{Attachment, FileSource, Pages};

    #[test]
    fn a_page_becomes_components_of_the_second_kind() {
        let (snapshot, catalog) = (Snapshot::default(), catalog());
        let page = Pages::new(&FRONT, &snapshot, &catalog, NOW).store_panel();
        let json = message(&page, &[], EPHEMERAL, Some(marker("n")));
        assert_eq!(json["flags"], (1 << 15) | (1 << 6));
        assert_eq!(json["components"][0]["type"], 17);
        assert_eq!(json["components"][0]["components"][0]["type"], 10);
        assert_eq!(json["components"][0]["components"][4]["components"][0]["custom_id"], "v1.buy");
        assert!(json.get("content").is_none());
        assert!(is_marked(&json, "n") && !is_marked(&json, "m"));
    }

    #[test]
    fn a_picture_without_its_file_is_left_out() {
        let mut page = Message::text(Accent::Good, "here");
        page.blocks.push(Block::Image("a.png".into()));
        page.files.push(Attachment { name: "a.png".into(), source: FileSource::Proof("x".into()) });
        let bare = message(&page, &[], 0, None);
        assert_eq!(bare["components"][0]["components"].as_array().unwrap().len(), 1);
        let file = Upload { name: "a.png".into(), content: vec![1] };
        let full = message(&page, &[file], 0, None);
        assert_eq!(
            full["components"][0]["components"][1]["items"][0]["media"]["url"],
            "attachment://a.png"
        );
        assert_eq!(full["attachments"][0]["filename"], "a.png");
    }

    #[test]
    fn a_marker_is_far_from_the_ids_that_discord_gives_out() {
        for nonce in ["", "a", "b", "store-panel.7"] {
            assert!(marker(nonce) >= 1 << 30);
        }
        assert_ne!(marker("a"), marker("b"));
    }
}
