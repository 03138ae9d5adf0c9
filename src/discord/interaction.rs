//! An interaction, read from Discord's JSON into the little that we need of it.

use crate::front::{Click, Input};
use crate::intent::Person;
use crate::model::{Front, Identity, Language, RequestKey};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The type of an interaction that asks what may be meant.
const TYPING: u64 = 4;
/// Discord's type of a command on a message.
const ON_A_MESSAGE: u64 = 3;
/// Discord's type of a field for files in a dialog.
const FILE_UPLOAD: u64 = 19;
/// As many files as one dialog takes.
pub(super) const MOST_CHOSEN: usize = 10;
/// Discord's types of threads.
const THREADS: [u64; 3] = [10, 11, 12];

/// What opens the answer to an interaction, for 15 minutes: a secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token(pub(super) String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("redacted")
    }
}

/// A file that came with a command or a dialog.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Attachment {
    pub(super) url: String,
    pub(super) size: u64,
}

// Whoever has the address can see the proof of payment.
impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment").field("size", &self.size).finish_non_exhaustive()
    }
}

/// One interaction, with what the shop reads of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interaction {
    /// What its answer names.
    pub(super) id: u64,
    pub(super) application: u64,
    pub(super) token: Token,
    /// The server it happened in; none in direct messages.
    pub(super) guild: Option<u64>,
    /// It happened in a message that only they see.
    pub(super) in_private: bool,
    /// The files that came with it.
    pub(super) files: Vec<Attachment>,
    /// What was done, and by whom. Roles are those of the server it happened in.
    pub(super) click: Click,
}

/// What is enough to answer something that could not be read.
pub(super) fn id_and_token(raw: &Value) -> Option<(u64, Token)> {
    Some((snowflake(raw, "/id")?, Token(text(raw, "/token")?.to_owned())))
}

/// Whether it asks what may be meant by what somebody is typing.
pub(super) fn is_typing(raw: &Value) -> bool {
    raw.get("type").and_then(Value::as_u64) == Some(TYPING)
}

/// The language that Discord shows to who did it.
pub(super) fn language_of(raw: &Value) -> Option<Language> {
    text(raw, "/locale")?.parse().ok()
}

impl Interaction {
    /// Forgets the roles of another server than this one: only the shop's own count.
    pub(super) fn keep_roles_of(&mut self, guild: u64) {
        if self.guild != Some(guild) {
            self.click.person.roles.clear();
        }
    }

    /// Reads one; `None` for what this version does not know.
    pub(super) fn read(raw: &Value) -> Option<Self> {
        let (id, token) = id_and_token(raw)?;
        let guild = snowflake(raw, "/guild_id");
        let user = raw.pointer("/member/user").or_else(|| raw.pointer("/user"))?;
        let member = raw.get("member");
        let roles = member.and_then(|m| m.get("roles")).and_then(Value::as_array);
        let names = [
            member.and_then(|m| text(m, "/nick")),
            text(user, "/global_name"),
            text(user, "/username"),
        ];
        let person = Person {
            identity: Identity::Discord(snowflake(user, "/id")?),
            name: names.into_iter().flatten().next().unwrap_or_default().to_owned(),
            roles: roles.into_iter().flatten().filter_map(as_u64).collect::<BTreeSet<_>>(),
        };
        let flags = raw.pointer("/message/flags").and_then(Value::as_u64).unwrap_or(0);
        let data = raw.get("data")?;
        let mut files = Vec::new();
        let input = match raw.get("type").and_then(Value::as_u64)? {
            2 if data.get("type").and_then(Value::as_u64) == Some(ON_A_MESSAGE) => {
                on_a_message(raw, data, &mut files)?
            }
            2 => command(data, &mut files)?.0,
            TYPING => typing(command(data, &mut files)?)?,
            3 => Input::Component {
                id: text(data, "/custom_id")?.to_owned(),
                values: texts(data.get("values")),
            },
            5 => {
                let sent = Dialog::read(data);
                files.extend(sent.files);
                Input::Modal { id: text(data, "/custom_id")?.to_owned(), fields: sent.fields }
            }
            _ => return None,
        };
        let channel = snowflake(raw, "/channel_id").or_else(|| snowflake(raw, "/channel/id"));
        Some(Self {
            id,
            application: snowflake(raw, "/application_id")?,
            token,
            guild,
            in_private: flags & super::render::EPHEMERAL != 0,
            files,
            click: Click {
                id: RequestKey::of(Front::Discord, id),
                person,
                language: language_of(raw),
                channel,
                input,
            },
        })
    }
}

/// A file of Discord's JSON.
pub(super) fn attachment(file: &Value) -> Option<Attachment> {
    let size = file.get("size").and_then(Value::as_u64)?;
    Some(Attachment { url: text(file, "/url")?.to_owned(), size })
}

/// The one command on a message: to use its pictures as a proof.
fn on_a_message(raw: &Value, data: &Value, files: &mut Vec<Attachment>) -> Option<Input> {
    let message =
        data.pointer(&format!("/resolved/messages/{}", snowflake(data, "/target_id")?))?;
    let all = message.get("attachments").and_then(Value::as_array).into_iter().flatten();
    files.extend(all.filter_map(attachment));
    let kind = raw.pointer("/channel/type").and_then(Value::as_u64);
    let in_thread = kind.is_some_and(|kind| THREADS.contains(&kind));
    let author = Identity::Discord(snowflake(message, "/author/id")?);
    Some(Input::UseAsProof { author, in_thread })
}

/// A command, and which of its options is being typed.
fn command(data: &Value, files: &mut Vec<Attachment>) -> Option<(Input, Option<String>)> {
    let name = text(data, "/name")?.to_owned();
    let mut words = Vec::new();
    let mut given = data.get("options");
    // Down through groups.
    while let Some(first) = given.and_then(|o| o.get(0))
        && matches!(first.get("type").and_then(Value::as_u64), Some(1 | 2))
    {
        words.push(text(first, "/name")?);
        given = first.get("options");
    }
    let mut options = BTreeMap::new();
    let mut focused = None;
    for option in given.and_then(Value::as_array).into_iter().flatten() {
        let name = text(option, "/name")?.to_owned();
        if option.get("focused") == Some(&Value::Bool(true)) {
            focused = Some(name.clone());
        }
        let value = match option.get("value") {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            // Nothing is typed there yet.
            None => String::new(),
        };
        if let Some(file) = data.pointer(&format!("/resolved/attachments/{value}")) {
            files.push(attachment(file)?);
        }
        options.insert(name, value);
    }
    Some((Input::Command { name, sub: words.join(" "), options }, focused))
}

fn typing((command, focused): (Input, Option<String>)) -> Option<Input> {
    match (command, focused) {
        (Input::Command { name, sub, options }, Some(option)) => {
            Some(Input::Typing { name, sub, option, options })
        }
        _ => None,
    }
}

/// What was filled in in a dialog.
#[derive(Default)]
struct Dialog {
    /// What was typed, by field.
    fields: BTreeMap<String, String>,
    /// What was chosen. A number without a file that Discord tells of is none.
    files: Vec<Attachment>,
}

impl Dialog {
    /// Every field with an id, however deep in rows or labels.
    fn read(data: &Value) -> Self {
        let mut found = Self::default();
        let mut left: Vec<&Value> = data.get("components").into_iter().collect();
        while let Some(value) = left.pop() {
            if let (Some(id), Some(typed)) = (text(value, "/custom_id"), text(value, "/value")) {
                found.fields.insert(id.to_owned(), typed.to_owned());
            }
            if value.get("type").and_then(Value::as_u64) == Some(FILE_UPLOAD) {
                found.choose(data, value);
            }
            match value {
                Value::Array(all) => left.extend(all),
                Value::Object(map) => left.extend(
                    ["components", "component"].into_iter().filter_map(|inner| map.get(inner)),
                ),
                _ => {}
            }
        }
        found
    }

    /// Takes the files of one field, as many as a dialog may have.
    fn choose(&mut self, data: &Value, field: &Value) {
        let resolved = data.pointer("/resolved/attachments").and_then(Value::as_object);
        for id in texts(field.get("values")) {
            let file = resolved.and_then(|files| files.get(&id)).and_then(attachment);
            self.files.extend(file);
        }
        self.files.truncate(MOST_CHOSEN);
    }
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let all = list.and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    value.pointer(path).and_then(Value::as_str)
}

/// An id; serenity's own refuse 0 and the largest number with a panic.
fn snowflake(value: &Value, path: &str) -> Option<u64> {
    value.pointer(path).and_then(as_u64).filter(|id| *id != 0 && *id != u64::MAX)
}

/// A snowflake is text on the wire.
pub(super) fn as_u64(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn raw(kind: u64, data: Value) -> Value {
        json!({"id": "5", "application_id": "6", "token": "SECRET", "type": kind, "guild_id": "1",
            "channel_id": "12", "locale": "pt-BR", "guild_locale": "en-US", "message": {"flags": 64 + 32768}, "data": data,
            "member": {"nick": null, "roles": ["9001"], "user": {"id": "101", "username": "alice",
            "global_name": "Alice"}}})
    }

    #[test]
    fn a_click_a_dialog_and_a_command_are_read() {
        let click = raw(3, json!({"custom_id": "v1.plan", "component_type": 3, "values": ["a"]}));
        let click = Interaction::read(&click).unwrap();
        assert_eq!(click.click.person.name, "Alice");
        assert_eq!(click.click.language, "pt-BR".parse().ok());
        assert_eq!(click.click.person.roles, BTreeSet::from([9001]));
        assert!(click.in_private);
        assert_eq!(
            click.click.input,
            Input::Component { id: "v1.plan".into(), values: vec!["a".into()] }
        );

        let typed =
            json!([{"type": 1, "components": [{"type": 4, "custom_id": "reason", "value": "no"}]}]);
        let modal = raw(5, json!({"custom_id": "v1.x", "components": typed}));
        let Input::Modal { fields, .. } = Interaction::read(&modal).unwrap().click.input else {
            panic!()
        };
        assert_eq!(fields["reason"], "no");

        let pay = raw(
            2,
            json!({"name": "pay", "options": [{"name": "proof", "type": 11, "value": "77"}],
            "resolved": {"attachments": {"77": {"url": "https://cdn/x", "size": 9}}}}),
        );
        let pay = Interaction::read(&pay).unwrap();
        let Input::Command { name, sub, .. } = pay.click.input else { panic!() };
        assert_eq!((name.as_str(), sub.as_str()), ("pay", ""));
        let file = Attachment { url: "https://cdn/x".into(), size: 9 };
        assert_eq!(pay.files, std::slice::from_ref(&file));

        let message = json!({"author": {"id": "103"}, "attachments": [
            {"url": "https://cdn/x", "size": 9}, {"url": "https://cdn/x", "size": 9}]});
        let mut used = raw(
            2,
            json!({"name": "Use as proof", "type": 3, "target_id": "88",
            "resolved": {"messages": {"88": message}}}),
        );
        let author = Identity::Discord(103);
        for (kind, in_thread) in [(0, false), (11, true), (12, true)] {
            used["channel"] = json!({"id": "12", "type": kind});
            let read = Interaction::read(&used).unwrap();
            assert_eq!(read.click.input, Input::UseAsProof { author, in_thread }, "{kind}");
        }
        let used = Interaction::read(&used).unwrap();
        assert_eq!(used.files, [file.clone(), file]);

        let admin = raw(
            2,
            json!({"name": "admin", "options": [{"name": "account", "type": 2, "options": [
            {"name": "show", "type": 1, "options": [{"name": "account", "type": 3, "value": "abc"}]}]}]}),
        );
        let admin = Interaction::read(&admin).unwrap();
        let Input::Command { sub, options, .. } = admin.click.input else { panic!() };
        assert_eq!((sub.as_str(), options["account"].as_str()), ("account show", "abc"));
    }

    #[test]
    fn of_a_dialog_the_chosen_files_are_read_that_discord_tells_of_and_no_more_than_ten() {
        let chosen = |values: Value, told: Value| {
            let field = json!({"type": 19, "custom_id": "proof", "values": values});
            let text = json!({"type": 4, "custom_id": "note", "value": "hello"});
            let parts = json!([{"type": 18, "component": text}, {"type": 18, "component": field}]);
            let data = json!({"custom_id": "v1.paid.x", "components": parts,
                "resolved": {"attachments": told}});
            let read = Interaction::read(&raw(5, data)).unwrap();
            let Input::Modal { fields, .. } = read.click.input else { panic!() };
            assert_eq!(fields, BTreeMap::from([("note".to_owned(), "hello".to_owned())]));
            read.files.into_iter().map(|file| file.size).collect::<Vec<_>>()
        };
        let file = |size: u64| json!({"url": "https://cdn/x", "size": size});
        assert_eq!(chosen(json!(["8", "7"]), json!({"7": file(1), "8": file(2)})), [2, 1]);
        assert_eq!(chosen(json!(["9", "7", 7, null]), json!({"7": file(1)})), [1]);
        assert_eq!(chosen(json!(["7"]), json!({"7": {"size": 1}})), [0; 0]);
        assert_eq!(chosen(json!("7"), json!({"7": file(1)})), [0; 0]);
        assert_eq!(chosen(json!(["7"]), Value::Null), [0; 0]);
        let numbers: Vec<String> = (100..111).map(|n: u32| n.to_string()).collect();
        let eleven = numbers.iter().map(|n| (n.clone(), file(5))).collect();
        assert_eq!(chosen(json!(numbers), Value::Object(eleven)).len(), 10);
    }

    #[test]
    fn what_is_being_typed_is_read_with_the_other_options_so_far() {
        let typed = raw(
            4,
            json!({"name": "admin", "options": [{"name": "account", "type": 2, "options": [
            {"name": "move", "type": 1, "options": [
                {"name": "account", "type": 3, "value": "abc"},
                {"name": "server", "type": 3, "value": "fr", "focused": true}]}]}]}),
        );
        let Input::Typing { name, sub, option, options } =
            Interaction::read(&typed).unwrap().click.input
        else {
            panic!()
        };
        assert_eq!((name.as_str(), sub.as_str()), ("admin", "account move"));
        assert_eq!((option.as_str(), options["server"].as_str()), ("server", "fr"));
        assert_eq!(options["account"], "abc");
        let empty = raw(
            4,
            json!({"name": "pay", "options": [{"name": "order", "type": 3, "focused": true}]}),
        );
        let Input::Typing { options, .. } = Interaction::read(&empty).unwrap().click.input else {
            panic!()
        };
        assert_eq!(options["order"], "");
        let none =
            raw(4, json!({"name": "pay", "options": [{"name": "order", "type": 3, "value": "x"}]}));
        assert_eq!(Interaction::read(&none), None);
        assert!(is_typing(&none) && !is_typing(&raw(2, json!({"name": "pay"}))));
    }

    #[test]
    fn what_is_unknown_is_none_and_can_still_be_answered() {
        let odd = raw(99, json!({}));
        assert_eq!(Interaction::read(&odd), None);
        assert_eq!(id_and_token(&odd), Some((5, Token("SECRET".into()))));
        assert_eq!(Interaction::read(&json!({"id": "5"})), None);
        let zero = json!({"id": "0", "token": "t", "type": 3});
        assert_eq!((Interaction::read(&zero), id_and_token(&zero)), (None, None));
    }

    #[test]
    fn a_token_stays_out_of_debug() {
        let click = raw(3, json!({"custom_id": "v1.buy", "values": []}));
        let click = Interaction::read(&click).unwrap();
        assert!(!format!("{click:?}").contains("SECRET"));
    }

    #[test]
    fn roles_of_another_server_do_not_count() {
        let clicked = |guild: &str| {
            let raw = json!({
                "type": 3, "id": "9", "application_id": "6", "token": "t", "guild_id": guild,
                "member": {"user": {"id": "202", "username": "omar"}, "roles": ["5"]},
                "data": {"custom_id": "v1.buy"},
            });
            let mut interaction = Interaction::read(&raw).unwrap();
            interaction.keep_roles_of(1);
            interaction.click.person.roles
        };
        assert_eq!(clicked("1"), BTreeSet::from([5]));
        assert_eq!(clicked("2"), BTreeSet::new());
    }
}
