//! What is done at the page, as a scenario says it.

use super::person::Person;
use super::recorder::Picture;
use super::refused::Refused;
use super::world::World;
use crate::scenario::{Doing, Field, clients_shown_to, quoted, spell_seconds};
use crate::system::Server;
use nebulalinks_model_discord::{Actor, Place};
use nebulalinks_protocol::CLIENT_MARK;
use serde_json::Value;
use std::path::PathBuf;

/// What a scenario says of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wording {
    /// It says this.
    Says(Doing),
    /// It has no words for it; a comment says why.
    Lacks(String),
}

/// The line for an act, and the pictures that were kept for it.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) line: Wording,
    pub(super) made: Vec<PathBuf>,
}

/// A command, or why there is none.
type Said = Result<String, &'static str>;

/// Acts that only ask, or are about the page itself.
const ASKS: [&str; 7] = [
    "account.show",
    "file.check",
    "process.runbook",
    "guild.read",
    "guild.older",
    "guild.dismiss",
    "guild.typing",
];

/// Whether an act does something to the shop or around it.
pub(super) fn changes(asked: &Value) -> bool {
    let act = text(asked, "act");
    !ASKS.contains(&act) && !act.starts_with("story.")
}

/// The line for an act that is about to be done.
pub(super) fn line(world: &World, asked: &Value) -> Result<Written, Refused> {
    let act = text(asked, "act");
    let mut made = Vec::new();
    let said = match act.split_once('.').map_or("", |(family, _)| family) {
        "guild" if act == "guild.slash" && text(asked, "command") == "/pay" => {
            let file = asked.get("file").and_then(Value::as_u64);
            let picture = kept(world, file)?;
            made.extend(picture.made);
            sends(world, asked, &picture.name)
        }
        "guild" if act == "guild.submit" && !chosen(asked).is_empty() => {
            let mut names = Vec::new();
            for file in chosen(asked) {
                let picture = kept(world, file.as_u64())?;
                made.extend(picture.made);
                names.push(picture.name);
            }
            chooses(world, asked, &names)
        }
        "guild" => guild(world, act, asked),
        "panel" => panel(world, act, asked),
        "file" => file(world, act, asked),
        "clock" if act == "clock.until" => {
            let moment = asked.get("at_ms").and_then(Value::as_u64).unwrap_or(0);
            let line = Wording::Says(Doing::Until(moment.saturating_add(PAST)));
            return Ok(Written { line, made });
        }
        "clock" => clock(asked),
        "process" => process(act, text(asked, "name")),
        _ => Err("nobody knows it"),
    };
    let line = match said {
        Ok(command) => Wording::Says(Doing::Command(command)),
        Err(why) => {
            Wording::Lacks(format!("Here {act} was done, which a scenario cannot say: {why}."))
        }
    };
    Ok(Written { line, made })
}

fn text<'v>(asked: &'v Value, key: &str) -> &'v str {
    asked.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// What is missing is said to who acts; it is not written down then.
const GONE: &str = "it is not there";

fn person<'w>(world: &'w World, asked: &Value) -> Result<&'w Actor, &'static str> {
    Person::named(text(asked, "as")).and_then(|person| world.actor(person)).ok_or(GONE)
}

fn guild(world: &World, act: &str, asked: &Value) -> Said {
    let actor = person(world, asked)?;
    let who = actor.name();
    Ok(match act {
        "guild.press" => {
            let id = text(asked, "message").parse().map_err(|_| GONE)?;
            let custom_id = text(asked, "custom_id");
            let message = actor.visible_messages(Place::Message(id)).pop().ok_or(GONE)?;
            let control = find(&message.components, custom_id).ok_or(GONE)?;
            let this = Some((id, custom_id.to_owned()));
            match asked.get("values").and_then(Value::as_array).map_or(&[][..], Vec::as_slice) {
                [] => {
                    let label = text(control, "label");
                    let at = spot(world, actor, message.channel, |place| {
                        actor.finds_button(place, label) == this
                    });
                    let at = at.ok_or("a newer message has the same button")?;
                    format!("{who} presses {}{at}", quoted(label))
                }
                [value] => {
                    let value = value.as_str().unwrap_or_default();
                    if actor.finds_option((), value) != this {
                        return Err("a newer message has the same option");
                    }
                    format!("{who} picks {}", quoted(value))
                }
                _ => return Err("it picks several options at once"),
            }
        }
        "guild.submit" => {
            let fields = asked.get("fields").and_then(Value::as_object).ok_or(GONE)?;
            let only = fields.values().next().filter(|_| fields.len() == 1);
            let only = only.and_then(Value::as_str).ok_or("the dialog has more than one field")?;
            format!("{who} types {}", quoted(only))
        }
        "guild.slash" => {
            let options = asked.get("options").and_then(Value::as_object);
            let options: Vec<(&str, &str)> = options
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()))
                .collect();
            let drawn = ["account", "customer", "order"];
            if options.iter().any(|(name, _)| drawn.contains(name)) {
                return Err("the number of an account, customer or order is another one each time");
            }
            let spelled = |v: &str| {
                if v.contains(|c: char| c.is_whitespace() || c == '"') {
                    quoted(v)
                } else {
                    v.to_owned()
                }
            };
            let options: String =
                options.iter().map(|(k, v)| format!(" {k}:{}", spelled(v))).collect();
            format!("{who} enters {}{options}", text(asked, "command"))
        }
        "guild.locale" => format!("{who} speaks {}", text(asked, "locale")),
        "guild.dms" if asked.get("open") == Some(&Value::Bool(true)) => format!("{who} opens DMs"),
        "guild.dms" => format!("{who} closes DMs"),
        "guild.member" if asked.get("joined") == Some(&Value::Bool(true)) => {
            format!("{who} joins the guild")
        }
        "guild.member" => format!("{who} leaves the guild"),
        "guild.say" => {
            let here = channel(world, actor, text(asked, "channel"));
            let here = here.ok_or("it names no such channel")?;
            format!("{who} writes {} in {here}", quoted(text(asked, "text")))
        }
        _ => return Err("there is no command for it"),
    })
}

/// The files that are sent with a dialog.
fn chosen(asked: &Value) -> &[Value] {
    asked.get("files").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn chooses(world: &World, asked: &Value, names: &[String]) -> Said {
    let actor = person(world, asked)?;
    if names.iter().any(String::is_empty) {
        return Err(GONE);
    }
    if asked.get("fields").and_then(Value::as_object).is_some_and(|typed| !typed.is_empty()) {
        return Err("the dialog has more than one field");
    }
    Ok(format!("{} chooses {}", actor.name(), names.join(" and ")))
}

/// Keeps a picture that is sent.
fn kept(world: &World, file: Option<u64>) -> Result<Picture, Refused> {
    let upload = file.and_then(|id| world.upload(id));
    match (world.recorder(), upload) {
        (Some(recorder), Some((name, bytes))) => recorder.picture(&name, &bytes),
        _ => Ok(Picture::default()),
    }
}

fn sends(world: &World, asked: &Value, picture: &str) -> Said {
    let actor = person(world, asked)?;
    if picture.is_empty() {
        return Err(GONE);
    }
    if asked.get("options").and_then(Value::as_object).is_some_and(|given| !given.is_empty()) {
        return Err("an order's number is another one each time");
    }
    let here = newest_thread(actor).unwrap_or(world.system().emulator.layout().store);
    if text(asked, "channel") != here.to_string() {
        return Err("it sends pictures into the newest order's thread");
    }
    Ok(format!("{} uploads {picture}", actor.name()))
}

/// The newest order thread of a person.
fn newest_thread(actor: &Actor) -> Option<u64> {
    actor.threads().iter().map(|thread| thread.id).max()
}

/// How a scenario names a channel in which somebody writes.
fn channel(world: &World, actor: &Actor, id: &str) -> Option<&'static str> {
    let layout = world.system().emulator.layout();
    let named = [
        (Some(layout.store), "store"),
        (Some(layout.review), "review"),
        (Some(layout.alerts), "alerts"),
        (Some(layout.stats), "stats"),
        (newest_thread(actor), "the order thread"),
        (Some(actor.dm_channel()), "the direct message"),
    ];
    let id = id.parse().ok()?;
    named.into_iter().find(|(channel, _)| *channel == Some(id)).map(|(_, name)| name)
}

/// How a scenario names the place where it finds this very button.
fn spot(
    world: &World,
    actor: &Actor,
    channel: u64,
    finds: impl Fn(Place) -> bool,
) -> Option<&'static str> {
    let store = world.system().emulator.layout().store;
    let places = [
        (Some(store), Place::Channel(store), " on the store panel"),
        (newest_thread(actor), Place::Channel(channel), " in the order thread"),
        (Some(actor.dm_channel()), Place::Direct, " in the direct message"),
        (Some(channel), Place::Anywhere, ""),
    ];
    let here = places.into_iter().filter(|(at, _, _)| *at == Some(channel));
    here.into_iter().find_map(|(_, place, words)| finds(place).then_some(words))
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

fn panel(world: &World, act: &str, asked: &Value) -> Said {
    let id = text(asked, "panel");
    let (email, on) = (text(asked, "email"), asked.get("on") == Some(&Value::Bool(true)));
    let server = || world.system().servers.get(id).ok_or(GONE);
    let by_hand = |change: &str| -> Said {
        let name = client(world, server()?, email)?;
        let of = name.strip_prefix("foreign ").map_or("client of ", |_| "");
        Ok(format!("{of}{name} is {change} by hand on {id}"))
    };
    Ok(match act {
        "panel.use" => {
            let gib = asked.get("gib").and_then(Value::as_u64).ok_or("it is no whole number")?;
            format!("{} uses {gib}GiB on {id}", client(world, server()?, email)?)
        }
        "panel.delete" => by_hand("deleted")?,
        "panel.enable" => by_hand(if on { "enabled" } else { "disabled" })?,
        "panel.edit" => format!("{} to {}", by_hand("edited")?, edited(server()?, asked)?),
        "panel.stranger" => format!("foreign client {} is made on {id}", quoted(email.trim())),
        "panel.inbound" => {
            let how = if on { "on" } else { "off" };
            format!("inbound {} is switched {how} on {id}", quoted(text(asked, "remark")))
        }
        "panel.version" => format!("panel {id} becomes {}", text(asked, "version")),
        "panel.befalls" => befalls(id, text(asked, "what")).ok_or(GONE)?,
        _ => return Err("there is no command for it"),
    })
}

/// The fields of a client that are others than before.
fn edited(server: &Server, asked: &Value) -> Said {
    let before = server.panel.client(text(asked, "email")).ok_or(GONE)?;
    let number = |key: &str| asked.pointer(&format!("/edit/{key}")).and_then(Value::as_i64);
    let (ends, cap) = (number("ends_ms").ok_or(GONE)?, number("cap").ok_or(GONE)?);
    let (devices, comment) = (number("devices").ok_or(GONE)?, asked.pointer("/edit/comment"));
    let comment = comment.and_then(Value::as_str).ok_or(GONE)?;
    if ends < 0 {
        return Err("it knows no end that counts from the first traffic");
    }
    let end = (ends > 0).then(|| ends - server.panel.now_ms());
    let fields = [
        (ends != before.expiry_ms).then_some(Field::Ends(end)),
        (cap != before.total).then_some(Field::Cap(cap)),
        (devices != before.limit_ip).then_some(Field::Devices(devices)),
        (comment != before.comment).then(|| Field::Comment(comment.to_owned())),
    ];
    let fields: Vec<String> = fields.iter().flatten().map(Field::to_string).collect();
    if fields.is_empty() { Err("nothing was changed") } else { Ok(fields.join(", ")) }
}

fn befalls(id: &str, what: &str) -> Option<String> {
    Some(match what {
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
    })
}

/// How a scenario names a client: a customer's by the link that they were shown, another by its name.
fn client(world: &World, server: &Server, email: &str) -> Said {
    if !email.starts_with(CLIENT_MARK) {
        return Ok(format!("foreign client {}", quoted(email)));
    }
    let theirs = Person::ALL
        .into_iter()
        .filter_map(|person| Some((person, clients_shown_to(world.actor(person)?, server))));
    let mut found = theirs.filter(|(_, clients)| clients.iter().any(|client| client == email));
    match found.next() {
        Some((person, clients)) if clients.len() == 1 => Ok(person.name().to_owned()),
        Some(_) => Err("its customer has several clients there"),
        None => Err("it knows a client by the link that somebody was shown"),
    }
}

fn file(world: &World, act: &str, asked: &Value) -> Said {
    let name = text(asked, "file");
    Ok(match act {
        "file.restore" => format!("restore {name}"),
        "file.delete" => format!("delete {name}"),
        "file.save" if text(asked, "text").is_empty() => format!("empty {name}"),
        "file.save" => {
            let desired = world.recorder().ok_or(GONE)?.desired();
            let before = desired.as_shipped(&desired.text(name).unwrap_or_default());
            let after = desired.as_shipped(text(asked, "text"));
            match edit(&before, &after) {
                Some((old, new)) => {
                    format!("edit {name}: replace {} with {}", quoted(&old), quoted(&new))
                }
                None => format!("write {name}: {}", quoted(&after)),
            }
        }
        _ => return Err("there is no command for it"),
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
    // More and more of what stands before it, or after it.
    let wider = (0..=head).rev().map(|from| (from, tail));
    let wider = wider.chain((0..tail).rev().map(|tail| (head, tail)));
    wider.into_iter().find_map(|(from, tail)| {
        let cut = |lines: &[&str]| Some(lines.get(from..lines.len() - tail)?.concat());
        let (old, new) = (cut(&old)?, cut(&new)?);
        (!old.is_empty() && before.matches(&old).count() == 1 && old != new).then_some((old, new))
    })
}

/// So long after a moment everybody has seen it, ms.
pub(super) const PAST: u64 = 1_000;

fn clock(asked: &Value) -> Said {
    let ms = asked.get("ms").and_then(Value::as_u64).ok_or(GONE)?;
    Ok(format!("wait {}", spell_seconds(ms.div_ceil(1_000).max(1))))
}

fn process(act: &str, name: &str) -> Said {
    let verb = act.strip_prefix("process.").unwrap_or_default();
    Ok(match name.strip_prefix("gateway-") {
        Some(server) => format!("{verb} gateway {server}"),
        None if name == "controller" => format!("{verb} controller"),
        None => return Err(GONE),
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
        let (old, new) = edit(before, &format!("# Mine.\n{before}")).unwrap();
        assert_eq!((old.as_str(), new.as_str()), ("a: 1\n", "# Mine.\na: 1\n"));
        assert_eq!(edit(before, before), None);
    }
}
