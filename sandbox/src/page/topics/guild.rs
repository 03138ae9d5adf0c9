//! The guild as Discord's own program would show it to a person.

use super::super::person::Person;
use super::super::world::World;
use serde_json::{Value, json};

/// The guild changes with the emulator, and with what was read.
pub(super) fn stamp(world: &World, _: Person) -> Option<u64> {
    Some(world.system().emulator.activity().wrapping_mul(1 << 20) + *world.nudges().borrow())
}

/// What a person has on their screen.
pub(super) async fn state(world: &World, who: Person) -> Value {
    let Some(actor) = world.actor(who) else { return Value::Null };
    let mut screen = actor.screen_up_to(|channel| world.scrolled_up(who, channel));
    let channels = screen.get_mut("channels").and_then(Value::as_array_mut);
    for channel in channels.into_iter().flatten() {
        let id = channel.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let read = world.read_up_to(who, id.unwrap_or(0));
        let unread = unread(channel, read, actor.id());
        if let Some(channel) = channel.as_object_mut() {
            channel.insert("unread".to_owned(), json!(unread));
        }
    }
    if let Some(screen) = screen.as_object_mut() {
        let people = Person::ALL.map(
            |who| json!({ "id": who.name(), "part": who.part(), "unread": world.waiting(who) }),
        );
        screen.insert("people".to_owned(), json!(people));
        screen.insert("ahead".to_owned(), json!(world.system().clock.ahead_ms()));
        screen.insert("as".to_owned(), json!(who.name()));
    }
    screen
}

/// How many messages of others came after what was read last.
fn unread(channel: &Value, read: u64, me: u64) -> usize {
    let messages = channel.get("messages").and_then(Value::as_array);
    let number = |message: &Value, key| -> u64 {
        message.get(key).and_then(Value::as_str).and_then(|id| id.parse().ok()).unwrap_or(0)
    };
    let new = messages.into_iter().flatten().filter(|message| number(message, "id") > read);
    new.filter(|message| number(message, "author") != me).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_since_the_last_look_is_unread() {
        let channel = json!({ "messages": [
            { "id": "1", "author": "7" }, { "id": "2", "author": "7" }, { "id": "3", "author": "9" },
        ] });
        assert_eq!(unread(&channel, 0, 9), 2);
        assert_eq!(unread(&channel, 1, 9), 1);
        assert_eq!(unread(&channel, 3, 9), 0);
    }
}
