//! What people do, checked as Discord's own program would: nobody clicks what they do not see.

use super::components::{kind, modal_fields, text_of, walk};
use super::interactions::{Deed, Stage};
use super::reads::MessageView;
use super::state::{LOADING, Message, World};
use super::wire::merged;
use super::{Emulator, reads, render};
use bytes::Bytes;
use serde_json::{Value, json};

/// Where to look for a button or select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Everywhere that the actor sees.
    Anywhere,
    /// A channel or thread by its id.
    Channel(u64),
    /// A channel or thread by its name.
    Named(String),
    /// The direct messages with the bot.
    Direct,
    /// One message by its id.
    Message(u64),
    /// The messages whose plain text contains this, such as an order's id.
    Containing(String),
}

impl From<()> for Place {
    fn from((): ()) -> Self {
        Self::Anywhere
    }
}
impl From<u64> for Place {
    fn from(id: u64) -> Self {
        Self::Channel(id)
    }
}
impl From<&str> for Place {
    fn from(name: &str) -> Self {
        Self::Named(name.trim_start_matches('#').to_owned())
    }
}

/// Why somebody could not do it; the bot never heard of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActorError {
    /// There is no such control among what they see.
    #[error("{who} sees no {what}; they see:\n{sees}")]
    NotThere {
        /// Who.
        who: String,
        /// What was looked for.
        what: String,
        /// What they see.
        sees: String,
    },
    /// The control is switched off.
    #[error("{0} is switched off")]
    Disabled(String),
    /// No dialog is in front of them.
    #[error("no dialog is in front of {0}")]
    NoModal(String),
    /// The input does not fit the dialog or command.
    #[error("{0}")]
    Input(String),
}

/// A dialog as somebody reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModalView {
    /// Its title.
    pub title: String,
    /// Its fields' ids and labels.
    pub fields: Vec<(String, String)>,
}

/// What came of an interaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A new message, ephemeral or not; put off or at once.
    Replied(MessageView),
    /// The message with the control became this.
    Updated(MessageView),
    /// A dialog opened.
    Modal(ModalView),
    /// Acknowledged, and nothing was shown.
    Acknowledged,
    /// "… is thinking", and nothing came in time.
    Thinking,
    /// No answer in time: "This interaction failed".
    Failed,
}

impl Outcome {
    /// The message, if one was shown.
    #[must_use]
    pub const fn message(&self) -> Option<&MessageView> {
        match self {
            Self::Replied(message) | Self::Updated(message) => Some(message),
            _ => None,
        }
    }
    /// The message as plain text; empty when none was shown.
    #[must_use]
    pub fn text(&self) -> &str {
        self.message().map(|message| message.text.as_str()).unwrap_or_default()
    }
    /// The dialog, if one opened.
    #[must_use]
    pub const fn modal(&self) -> Option<&ModalView> {
        match self {
            Self::Modal(modal) => Some(modal),
            _ => None,
        }
    }
    /// Whether the user was told that it failed.
    #[must_use]
    pub const fn is_failed(&self) -> bool {
        matches!(self, Self::Failed)
    }
}

/// A control in a message.
pub(super) struct Control {
    pub(super) channel: u64,
    pub(super) message: u64,
    pub(super) component: Value,
}

impl World {
    fn place_fits(&self, place: &Place, user: u64, message: &Message) -> bool {
        match place {
            Place::Anywhere => true,
            Place::Channel(id) => message.channel == *id,
            Place::Named(name) => self.channel_name(message.channel) == *name,
            Place::Direct => {
                let channel = self.channels.get(&message.channel);
                channel.is_some_and(|channel| channel.recipient == Some(user))
            }
            Place::Message(id) => message.id == *id,
            Place::Containing(text) => render::message(self, message).contains(text),
        }
    }

    /// What a user sees at a place, oldest first.
    pub(super) fn visible(&self, user: u64, place: &Place) -> Vec<&Message> {
        let all = self.all_messages().into_iter();
        all.filter(|message| self.sees(user, message))
            .filter(|message| self.place_fits(place, user, message))
            .collect()
    }

    /// The newest control that fits best: `rank` gives 0 for no fit, higher for better.
    pub(super) fn find_control(
        &self,
        user: u64,
        place: &Place,
        what: &str,
        rank: impl Fn(&Value) -> u8,
    ) -> Result<Control, ActorError> {
        let seen = self.visible(user, place);
        let mut best: Option<(u8, Control)> = None;
        for message in seen.iter().rev().filter(|message| message.flags & LOADING == 0) {
            for component in walk(&message.components) {
                let fits = rank(component);
                if fits > best.as_ref().map_or(0, |(rank, _)| *rank) {
                    let component = component.clone();
                    let (channel, message) = (message.channel, message.id);
                    best = Some((fits, Control { channel, message, component }));
                }
            }
        }
        let Some((_, control)) = best else {
            let sees: Vec<String> = seen
                .iter()
                .map(|m| format!("#{}: {}", self.channel_name(m.channel), render::message(self, m)))
                .collect();
            let who = self.user_name(user);
            return Err(ActorError::NotThere { who, what: what.to_owned(), sees: sees.join("\n") });
        };
        if control.component.get("disabled") == Some(&Value::Bool(true)) {
            return Err(ActorError::Disabled(what.to_owned()));
        }
        Ok(control)
    }

    /// Clicks a component, after checking that this user can.
    pub(super) fn click(
        &mut self,
        user: u64,
        control: &Control,
        values: &[String],
    ) -> Result<u64, ActorError> {
        let component = &control.component;
        let id = text_of(component, "custom_id");
        if id.is_empty() {
            return Err(ActorError::Input("a link is no interaction".to_owned()));
        }
        let mut data = json!({
            "custom_id": id, "component_type": kind(component), "id": component.get("id"),
        });
        if kind(component) == 3 {
            let known = component.get("options").and_then(Value::as_array);
            let known: Vec<&str> =
                known.into_iter().flatten().map(|option| text_of(option, "value")).collect();
            if let Some(odd) = values.iter().find(|value| !known.contains(&value.as_str())) {
                return Err(ActorError::Input(format!("the select has no option {odd}")));
            }
            let bound = |key: &str| component.get(key).and_then(Value::as_u64).unwrap_or(1);
            let count = values.len() as u64;
            if count < bound("min_values") || count > bound("max_values") {
                return Err(ActorError::Input(format!("{count} values do not fit the select")));
            }
            data = merged(data, json!({ "values": values }));
        }
        let source = Some(control.message);
        Ok(self.begin(Deed { kind: 3, user, channel: control.channel, source, data }))
    }

    /// Sends the dialog in front of a user.
    pub(super) fn send_modal(
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
                19 => {
                    let mut ids = Vec::new();
                    for (name, bytes) in files {
                        let file = self.store_file(opener.channel, name, None, bytes.clone(), true);
                        let shown = self.files.get(&file).map(|file| self.attachment_json(file));
                        let entry = json!({ "attachments": { file.to_string(): shown } });
                        deep_merge(&mut resolved, entry);
                        ids.push(file.to_string());
                    }
                    if field.required && ids.is_empty() {
                        return Err(ActorError::Input(format!("{} wants a file", field.label)));
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

pub(super) fn deep_merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                deep_merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

impl Emulator {
    /// Waits for what comes of an interaction.
    pub(super) async fn outcome(&self, id: u64) -> Outcome {
        let failing = self.clone();
        let within = self.0.answer_within;
        tokio::spawn(async move {
            tokio::time::sleep(within).await;
            failing.change(|world| world.fail_unanswered(id));
        });
        let stage = |emulator: &Self| {
            emulator.read(|world| world.interactions.get(&id).map(|i| (i.stage, i.settled)))
        };
        // The task above ends this wait in any case; the margin is for a busy machine.
        let margin = within * 4;
        let answered = self
            .wait_for("an answer", margin, |emulator| {
                stage(emulator).map(|(stage, _)| stage).filter(|stage| *stage != Stage::Waiting)
            })
            .await;
        let Ok(Stage::Answered(callback)) = answered else { return Outcome::Failed };
        // What was put off may never come: that is an outcome too.
        let settled = self
            .wait_for("what was put off", self.0.settle_within, |emulator| {
                stage(emulator).filter(|(_, settled)| *settled)
            })
            .await
            .is_ok();
        self.read(|world| {
            let Some(interaction) = world.interactions.get(&id) else { return Outcome::Failed };
            let original = interaction.original;
            let message = original.and_then(|m| world.message(interaction.channel, m));
            let message = message.map(|message| reads::view(world, message));
            match (callback, message, &interaction.modal) {
                (9, _, Some(modal)) => Outcome::Modal(modal_view(modal)),
                (5, _, _) if !settled => Outcome::Thinking,
                (4 | 5, Some(message), _) => Outcome::Replied(message),
                (6, Some(message), _) if settled => Outcome::Updated(message),
                (7, Some(message), _) => Outcome::Updated(message),
                _ => Outcome::Acknowledged,
            }
        })
    }
}

fn modal_view(modal: &Value) -> ModalView {
    let fields = modal_fields(modal);
    ModalView {
        title: text_of(modal, "title").to_owned(),
        fields: fields.into_iter().map(|field| (field.custom_id, field.label)).collect(),
    }
}
