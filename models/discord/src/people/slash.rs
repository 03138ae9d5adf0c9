//! Slash commands as a person enters them: checked against what the bot registered.

use super::controls::ActorError;
use crate::interactions::Deed;
use crate::json::{deep_merge, merged, text_of};
use crate::state::Discord;
use bytes::Bytes;
use serde_json::{Value, json};

const SUBCOMMAND: u64 = 1;
const SUBCOMMAND_GROUP: u64 = 2;
const ATTACHMENT: u64 = 11;

fn options_of(definition: &Value) -> Vec<Value> {
    definition.get("options").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn type_of(option: &Value) -> u64 {
    option.get("type").and_then(Value::as_u64).unwrap_or(0)
}

fn wrong<T>(message: String) -> Result<T, ActorError> {
    Err(ActorError::Input(message))
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
        let mut resolved = json!({});
        let mut options =
            self.fill_options(command, channel, &expected, given, attachment, &mut resolved)?;
        for (kind, word) in path.into_iter().rev() {
            options = vec![json!({ "type": kind, "name": word, "options": options })];
        }
        let mut data = json!({
            "id": definition.get("id"), "name": name, "type": 1, "options": options,
            "resolved": resolved,
        });
        if let Some(guild) = definition.get("guild_id") {
            data = merged(data, json!({ "guild_id": guild }));
        }
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
