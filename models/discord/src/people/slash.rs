//! Slash commands as a person enters them: checked against what the bot registered.

use super::controls::ActorError;
use crate::interactions::{AUTOCOMPLETE, Deed};
use crate::json::{deep_merge, merged, text_of};
use crate::state::Discord;
use bytes::Bytes;
use serde_json::{Value, json};

const SUBCOMMAND: u64 = 1;
const SUBCOMMAND_GROUP: u64 = 2;
const ATTACHMENT: u64 = 11;
/// Of commands, those in the menu of a message.
const ON_A_MESSAGE: u64 = 3;

fn options_of(definition: &Value) -> Vec<Value> {
    definition.get("options").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn type_of(option: &Value) -> u64 {
    option.get("type").and_then(Value::as_u64).unwrap_or(0)
}

fn wrong<T>(message: String) -> Result<T, ActorError> {
    Err(ActorError::Input(message))
}

/// A command that is offered to a person, down to the one that has plain options.
struct Found {
    definition: Value,
    /// The groups and subcommands on the way, with their types.
    path: Vec<(u64, String)>,
    expected: Vec<Value>,
}

impl Found {
    /// What an interaction tells of it.
    fn data(self, mut options: Vec<Value>, resolved: &Value) -> Value {
        for (kind, word) in self.path.into_iter().rev() {
            options = vec![json!({ "type": kind, "name": word, "options": options })];
        }
        let data = json!({
            "id": self.definition.get("id"), "name": text_of(&self.definition, "name"), "type": 1,
            "options": options, "resolved": resolved,
        });
        match self.definition.get("guild_id") {
            Some(guild) => merged(data, json!({ "guild_id": guild })),
            None => data,
        }
    }
}

impl Discord {
    /// Enters a command such as `/admin pending`.
    pub(crate) fn enter_command(
        &mut self,
        user: u64,
        channel: u64,
        command: &str,
        given: &[(&str, &str)],
        attachment: Option<(&str, Bytes)>,
    ) -> Result<u64, ActorError> {
        let found = self.find_command(user, channel, command)?;
        let mut resolved = json!({});
        let options =
            self.fill_options(command, channel, &found.expected, given, attachment, &mut resolved)?;
        let data = found.data(options, &resolved);
        Ok(self.begin(Deed { kind: 2, user, channel, source: None, data }))
    }

    /// Types in one option of a command that is not sent yet; the others stand as they are, checked by
    /// nobody, files left out.
    pub(crate) fn type_option(
        &mut self,
        user: u64,
        channel: u64,
        command: &str,
        given: &[(&str, &str)],
        focused: (&str, &str),
    ) -> Result<u64, ActorError> {
        let found = self.find_command(user, channel, command)?;
        let option = found.expected.iter().find(|option| text_of(option, "name") == focused.0);
        if option.and_then(|option| option.get("autocomplete")) != Some(&Value::Bool(true)) {
            return wrong(format!("{command} offers nothing for {}", focused.0));
        }
        let mut resolved = json!({});
        let mut options = Vec::new();
        for option in &found.expected {
            let (name, kind) = (text_of(option, "name"), type_of(option));
            if name == focused.0 {
                let (value, focused) = (focused.1, true);
                options.push(
                    json!({ "name": name, "type": kind, "value": value, "focused": focused }),
                );
            } else if let Some((_, text)) = given.iter().find(|(key, _)| *key == name) {
                let value = self.option_value(option, text, &mut resolved);
                let value = value.unwrap_or_else(|_| json!(text));
                options.push(json!({ "name": name, "type": kind, "value": value }));
            }
        }
        let data = found.data(options, &resolved);
        Ok(self.begin(Deed { kind: AUTOCOMPLETE, user, channel, source: None, data }))
    }

    fn find_command(&self, user: u64, channel: u64, command: &str) -> Result<Found, ActorError> {
        if !self.sees_channel(user, channel) {
            return wrong(format!("the person does not see channel {channel}"));
        }
        let mut words = command.trim_start_matches('/').split_whitespace();
        let name = words.next().unwrap_or_default();
        let known = self.commands.iter().find(|c| text_of(c, "name") == name);
        let Some(definition) = known.cloned() else {
            return wrong(format!("there is no command /{name}"));
        };
        let closed = definition.get("default_member_permissions").is_some_and(|p| !p.is_null());
        if closed && !self.is_staff(user) {
            return wrong(format!("/{name} is not offered to this person"));
        }
        // Down through groups to the command that has plain options.
        let mut level = definition.clone();
        let mut path: Vec<(u64, String)> = Vec::new();
        for word in words {
            let inner = options_of(&level).into_iter().find(|option| {
                text_of(option, "name") == word
                    && matches!(type_of(option), SUBCOMMAND | SUBCOMMAND_GROUP)
            });
            let Some(inner) = inner else {
                return wrong(format!("/{name} has no subcommand {word}"));
            };
            path.push((type_of(&inner), word.to_owned()));
            level = inner;
        }
        let expected = options_of(&level);
        if expected.iter().any(|option| matches!(type_of(option), SUBCOMMAND | SUBCOMMAND_GROUP)) {
            return wrong(format!("{command} wants a subcommand"));
        }
        Ok(Found { definition, path, expected })
    }

    /// Whether an option of a command is one for which something is offered.
    pub(crate) fn completes(&self, command: &str, option: &str) -> bool {
        let mut words = command.trim_start_matches('/').split_whitespace();
        let name = words.next().unwrap_or_default();
        let mut level = self.commands.iter().find(|c| text_of(c, "name") == name).cloned();
        for word in words {
            let inner = level.map(|level| options_of(&level)).unwrap_or_default();
            level = inner.into_iter().find(|option| text_of(option, "name") == word);
        }
        let options = level.map(|level| options_of(&level)).unwrap_or_default();
        let mut named = options.iter().filter(|given| text_of(given, "name") == option);
        named.any(|option| option.get("autocomplete") == Some(&Value::Bool(true)))
    }

    /// Uses a command from the menu of a message.
    pub(crate) fn use_on_message(
        &mut self,
        user: u64,
        (channel, message): (u64, u64),
        name: &str,
    ) -> Result<u64, ActorError> {
        let is_it = |c: &&Value| type_of(c) == ON_A_MESSAGE && text_of(c, "name") == name;
        let Some(definition) = self.commands.iter().find(is_it).cloned() else {
            return wrong(format!("messages have no command {name}"));
        };
        if !self.sees_channel(user, channel) {
            return wrong(format!("the person does not see channel {channel}"));
        }
        let Some(target) = self.message(channel, message) else {
            return wrong(format!("there is no message {message}"));
        };
        let id = message.to_string();
        let messages = json!({ &id: self.message_json(target) });
        let data = json!({
            "id": definition.get("id"), "name": name, "type": ON_A_MESSAGE, "target_id": id,
            "guild_id": definition.get("guild_id"), "resolved": { "messages": messages },
        });
        Ok(self.begin(Deed { kind: 2, user, channel, source: None, data }))
    }

    fn fill_options(
        &mut self,
        command: &str,
        channel: u64,
        expected: &[Value],
        given: &[(&str, &str)],
        attachment: Option<(&str, Bytes)>,
        resolved: &mut Value,
    ) -> Result<Vec<Value>, ActorError> {
        for (key, _) in given {
            if !expected.iter().any(|option| text_of(option, "name") == *key) {
                return wrong(format!("{command} has no option {key}"));
            }
        }
        if attachment.is_some() && !expected.iter().any(|option| type_of(option) == ATTACHMENT) {
            return wrong(format!("{command} takes no file"));
        }
        let mut attachment = attachment;
        let mut filled = Vec::new();
        for option in expected {
            let (name, kind) = (text_of(option, "name"), type_of(option));
            let value = if kind == ATTACHMENT {
                attachment.take().map(|(file, bytes)| {
                    let id = self.store_file(channel, file, None, bytes, true);
                    let shown = self.files.get(&id).map(|file| self.attachment_json(file));
                    deep_merge(resolved, json!({ "attachments": { id.to_string(): shown } }));
                    json!(id.to_string())
                })
            } else {
                let text = given.iter().find(|(key, _)| *key == name).map(|(_, text)| *text);
                text.map(|text| self.option_value(option, text, resolved)).transpose()?
            };
            match value {
                Some(value) => filled.push(json!({ "name": name, "type": kind, "value": value })),
                None if option.get("required") == Some(&Value::Bool(true)) => {
                    return wrong(format!("{command} wants {name}"));
                }
                None => {}
            }
        }
        Ok(filled)
    }

    fn option_value(
        &self,
        option: &Value,
        text: &str,
        resolved: &mut Value,
    ) -> Result<Value, ActorError> {
        let name = text_of(option, "name");
        let bad = || ActorError::Input(format!("{text} does not fit the option {name}"));
        let value = match type_of(option) {
            4 => json!(text.parse::<i64>().map_err(|_| bad())?),
            5 => json!(text.parse::<bool>().map_err(|_| bad())?),
            10 => json!(text.parse::<f64>().map_err(|_| bad())?),
            6 => {
                let user = self.users.values().find(|user| user.name == text);
                let user = user.ok_or_else(bad)?;
                let (id, mut member) = (user.id.to_string(), self.acting_member_json(user.id));
                if let Some(map) = member.as_object_mut() {
                    map.remove("user");
                }
                let user = self.user_json(user.id);
                deep_merge(resolved, json!({ "users": { &id: user }, "members": { &id: member } }));
                json!(id)
            }
            _ => json!(text),
        };
        let choices = option.get("choices").and_then(Value::as_array);
        match choices.filter(|choices| !choices.is_empty()) {
            Some(choices) => {
                let chosen = choices.iter().find(|choice| {
                    choice.get("value") == Some(&value) || text_of(choice, "name") == text
                });
                chosen.and_then(|choice| choice.get("value").cloned()).ok_or_else(bad)
            }
            None => Ok(value),
        }
    }
}
