//! Buttons and selects as a person finds and clicks them: nobody clicks what they do not see.

use crate::components::{kind, walk};
use crate::interactions::Deed;
use crate::json::{merged, text_of};
use crate::render;
use crate::state::Discord;
use crate::state::records::{LOADING, Message};
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
        /// The name of who looked for it.
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

/// A control in a message.
pub(super) struct Control {
    pub(super) channel: u64,
    pub(super) message: u64,
    pub(super) component: Value,
}

/// How well a text fits what was asked for: 0 not at all, 2 exactly.
pub(super) fn fit(text: &str, wanted: &str) -> u8 {
    let plain = |text: &str| text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    if text == wanted || plain(text) == plain(wanted) {
        return 2;
    }
    u8::from(!wanted.is_empty() && text.to_lowercase().contains(&wanted.to_lowercase()))
}

pub(super) fn option_fit(component: &Value, wanted: &str) -> Option<(u8, String)> {
    let options = component.get("options").and_then(Value::as_array)?;
    let ranked = options.iter().map(|option| {
        let value = text_of(option, "value");
        let rank = if value == wanted { 3 } else { fit(text_of(option, "label"), wanted) };
        (rank, value.to_owned())
    });
    // The first of the best, as a reader would take it.
    ranked.rev().max_by_key(|(rank, _)| *rank).filter(|(rank, _)| *rank > 0)
}

impl Discord {
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_label_fits_with_and_without_its_emoji() {
        assert_eq!(fit("🛒 Buy", "Buy"), 2);
        assert_eq!(fit("Buy now", "buy"), 1);
        assert_eq!(fit("Renew", "Buy"), 0);
    }

    #[test]
    fn an_option_is_found_by_value_before_label() {
        let select = json!({ "options": [
            { "label": "basic-30 and more", "value": "big" },
            { "label": "Basic", "value": "basic-30" },
        ] });
        assert_eq!(option_fit(&select, "basic-30").unwrap().1, "basic-30");
        assert_eq!(option_fit(&select, "Basic").unwrap().1, "basic-30");
        assert_eq!(option_fit(&select, "none"), None);
    }
}
