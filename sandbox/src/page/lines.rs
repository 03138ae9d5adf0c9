//! What is done at the page, as a scenario says it.

use super::person::Person;
use super::world::World;
use crate::scenario::spell_seconds;
use nebulalinks_model_discord::{Actor, Audience, MessageView, Place};
use serde_json::Value;

/// What a scenario says of an act.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// It says this.
    Says(String),
    /// It is nothing that happens to the shop.
    Nothing,
    /// It has no words for it.
    Lacks,
}

/// The line for an act that is about to be done.
pub(super) fn line(world: &World, asked: &Value) -> Line {
    let act = text(asked, "act");
    let said = match act.split_once('.').map_or("", |(family, _)| family) {
        "guild" => guild(world, act, asked),
        "panel" => panel(world, act, asked),
        "file" if act == "file.check" => return Line::Nothing,
        "file" => file(world, act, asked),
        "clock" => clock(world, act, asked),
        "process" if act == "process.kill" => process(text(asked, "name")),
        "process" if act != "process.runbook" => None,
        _ => return Line::Nothing,
    };
    match (said, act) {
        (Some(said), _) => Line::Says(said),
        (None, "guild.read" | "guild.older" | "guild.dismiss") => Line::Nothing,
        (None, _) => Line::Lacks,
    }
}

fn text<'v>(asked: &'v Value, key: &str) -> &'v str {
    asked.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A text as one word of a scenario.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{text}\"")
}

fn guild(world: &World, act: &str, asked: &Value) -> Option<String> {
    let who = text(asked, "as");
    let actor = world.actor(Person::named(who)?)?;
    Some(match act {
        "guild.press" => {
            let id = text(asked, "message").parse().ok()?;
            let message = actor.visible_messages(Place::Message(id)).pop()?;
            let control = find(&message.components, text(asked, "custom_id"))?;
            match asked.pointer("/values/0").and_then(Value::as_str) {
                Some(value) => format!("{who} picks {}", quoted(value)),
                None => {
                    let at = spot(world, actor, &message);
                    format!("{who} presses {}{at}", quoted(text(control, "label")))
                }
            }
        }
        "guild.submit" => {
            let fields = asked.get("fields")?.as_object()?;
            let only = fields.values().next().filter(|_| fields.len() == 1)?;
            format!("{who} types {}", quoted(only.as_str()?))
        }
        "guild.slash" if text(asked, "command") == "/pay" => {
            let (name, bytes) = world.upload(asked.get("file")?.as_u64()?)?;
            format!("{who} uploads {}", world.recorder()?.picture(&name, &bytes))
        }
        "guild.slash" => {
            let options = asked.get("options").and_then(Value::as_object);
            let options = options.into_iter().flatten();
            let options = options.map(|(k, v)| format!(" {k}:{}", v.as_str().unwrap_or_default()));
            let options: String = options.collect();
            // A scenario's words have no spaces in them.
            let plain = !options.trim().contains(' ')
                || options.matches(' ').count() == options.matches(':').count();
            plain.then(|| format!("{who} enters {}{options}", text(asked, "command")))?
        }
        "guild.locale" => format!("{who} speaks {}", text(asked, "locale")),
        "guild.dms" if asked.get("open") == Some(&Value::Bool(true)) => format!("{who} opens DMs"),
        "guild.dms" => format!("{who} closes DMs"),
        _ => return None,
    })
}

fn find<'c>(components: &'c [Value], custom_id: &str) -> Option<&'c Value> {
    components.iter().find_map(|component| {
        if text(component, "custom_id") == custom_id {
            return Some(component);
        }
        let inner = component.get("components").and_then(Value::as_array);
        let found = inner.and_then(|inner| find(inner, custom_id));
        found.or_else(|| find(std::slice::from_ref(component.get("accessory")?), custom_id))
    })
}

fn spot(world: &World, actor: &Actor, message: &MessageView) -> &'static str {
    let thread = actor.threads().iter().map(|thread| thread.id).max();
    match &message.audience {
        Audience::Direct(_) => " in the direct message",
        _ if message.channel == world.system().emulator.layout().store => " on the store panel",
        _ if Some(message.channel) == thread => " in the order thread",
        _ => "",
    }
}

fn panel(world: &World, act: &str, asked: &Value) -> Option<String> {
    let id = text(asked, "panel");
    let whose = || customer(world, id, text(asked, "email"));
    Some(match act {
        "panel.use" => format!("{} uses {}GiB on {id}", whose()?, asked.get("gib")?.as_u64()?),
        "panel.delete" => format!("client of {} is deleted by hand on {id}", whose()?),
        "panel.enable" if asked.get("on") == Some(&Value::Bool(false)) => {
            format!("client of {} is disabled by hand on {id}", whose()?)
        }
        "panel.stranger" => {
            format!("foreign client {} is made on {id}", quoted(text(asked, "email").trim()))
        }
        "panel.inbound" => {
            let on = asked.get("on") == Some(&Value::Bool(true));
            let how = if on { "on" } else { "off" };
            format!("inbound {} is switched {how} on {id}", quoted(text(asked, "remark")))
        }
        "panel.version" => format!("panel {id} becomes {}", text(asked, "version")),
        "panel.befalls" => match text(asked, "what") {
            "down" => format!("panel {id} goes down"),
            "well" => format!("panel {id} comes back"),
            "slow" => format!("panel {id} answers 3s late"),
            "locked" => format!("panel {id} database is locked"),
            "wiped" => format!("panel {id} is wiped"),
            "backed-up" => format!("panel {id} is backed up"),
            "put-back" => format!("panel {id} is put back as backed up"),
            "xray-breaks" => format!("xray on {id} breaks"),
            "xray-runs" => format!("xray on {id} runs"),
            _ => return None,
        },
        _ => return None,
    })
}

/// Whose client it is: a scenario knows them by the link that they were shown.
fn customer(world: &World, panel: &str, email: &str) -> Option<&'static str> {
    let uuid = world.system().servers.get(panel)?.panel.client(email)?.uuid;
    let shown = |person: &Person| {
        let messages = world.actor(*person).map(|actor| actor.visible_messages(()));
        messages.into_iter().flatten().any(|message| message.text.contains(&uuid))
    };
    Person::ALL.into_iter().find(shown).map(Person::name)
}

fn file(world: &World, act: &str, asked: &Value) -> Option<String> {
    let name = text(asked, "file");
    Some(match act {
        "file.restore" => format!("restore {name}"),
        "file.delete" => format!("delete {name}"),
        "file.save" if text(asked, "text").is_empty() => format!("empty {name}"),
        "file.save" => {
            let before = world.beside().desired().text(name).ok()?;
            let (old, new) = edit(&before, text(asked, "text"))?;
            format!("edit {name}: replace {} with {}", quoted(&old), quoted(&new))
        }
        _ => return None,
    })
}

/// What was replaced by what: whole lines, so many that they stand there once.
fn edit(before: &str, after: &str) -> Option<(String, String)> {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - head;
    let ends = old.iter().rev().zip(new.iter().rev()).take(most);
    let tail = ends.take_while(|(a, b)| a == b).count();
    (0..=head).rev().find_map(|from| {
        let cut = |lines: &[&str]| Some(lines.get(from..lines.len() - tail)?.concat());
        let (old, new) = (cut(&old)?, cut(&new)?);
        (!old.is_empty() && before.matches(&old).count() == 1 && old != new).then_some((old, new))
    })
}

fn clock(world: &World, act: &str, asked: &Value) -> Option<String> {
    let ms = match act {
        "clock.wait" => asked.get("ms")?.as_u64()?,
        _ => {
            let until = asked.get("at_ms")?.as_u64()?;
            until.saturating_add(1_000).saturating_sub(world.system().clock.now_ms())
        }
    };
    Some(format!("wait {}", spell_seconds(ms.div_ceil(1_000).max(1))))
}

fn process(name: &str) -> Option<String> {
    Some(match name.strip_prefix("gateway-") {
        Some(server) => format!("kill gateway {server}"),
        None if name == "controller" => "kill controller".to_owned(),
        None => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_what_was_replaced_and_stands_there_once() {
        let before = "a: 1\nb: 30d\nc: 2\nb: 30d\n";
        let (old, new) = edit(before, "a: 1\nb: 30d\nc: 2\nb: 31d\n").unwrap();
        assert_eq!((old.as_str(), new.as_str()), ("c: 2\nb: 30d\n", "c: 2\nb: 31d\n"));
        let (old, new) = edit(before, "a: 1\nnew: 1\nb: 30d\nc: 2\nb: 30d\n").unwrap();
        assert_eq!(before.replace(&old, &new), "a: 1\nnew: 1\nb: 30d\nc: 2\nb: 30d\n");
        assert_eq!(edit(before, before), None);
    }

    #[test]
    fn a_text_is_one_word_whatever_is_in_it() {
        assert_eq!(quoted("a \"b\"\nc\\"), r#""a \"b\"\nc\\""#);
    }
}
