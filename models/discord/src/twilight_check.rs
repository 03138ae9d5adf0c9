//! What the gateway tells is not in Discord's document: a second, independent model reads it.

use super::gateway::Gateway;
use super::interactions::Deed;
use super::state::{COMPONENTS_V2, EPHEMERAL, World};
use super::{GuildLayout, Limits, components};
use crate::time::UnixMs;
use serde_json::{Value, json};
use std::sync::Arc;
use twilight_model::application::interaction::{Interaction, InteractionData};
use twilight_model::channel::Channel;
use twilight_model::channel::message::{Component, Message};
use twilight_model::gateway::payload::incoming::{GuildCreate, Ready};

fn world() -> World {
    let clock = Arc::new(|| UnixMs(1_790_000_000_000));
    World::new(GuildLayout::default(), Limits::default(), clock, Gateway::new("t", 0))
}

fn posted(world: &mut World, channel: u64) -> u64 {
    let parts = json!([{ "type": 17, "components": [
        { "type": 9, "components": [{ "type": 10, "content": "The shop" }],
          "accessory": { "type": 2, "style": 1, "label": "Info", "custom_id": "info" } },
        { "type": 14 },
        { "type": 12, "items": [{ "media": { "url": "attachment://qr.png" } }] },
        { "type": 13, "file": { "url": "attachment://list.txt" } },
        { "type": 1, "components": [{ "type": 3, "custom_id": "pick", "options": [
            { "label": "a", "value": "b" }] }] },
    ] }]);
    let parts = parts.as_array().unwrap().clone();
    let mut message = world.draft(channel, world.layout.bot);
    for name in ["qr.png", "list.txt"] {
        let file = world.store_file(channel, name, None, "content".into(), false);
        message.attachments.push(file);
    }
    message.components = components::stored(&parts);
    message.flags = COMPONENTS_V2;
    let id = message.id;
    world.post(message);
    id
}

fn begun(world: &mut World, deed: Deed) -> Interaction {
    let id = world.begin(deed);
    let payload = world.interactions[&id].payload.clone();
    serde_json::from_value(payload.clone()).unwrap_or_else(|e| panic!("{e}: {payload:#}"))
}

#[test]
fn messages_are_read_with_all_their_components() {
    let mut world = world();
    let store = world.layout.store;
    let id = posted(&mut world, store);
    let json = world.message_event_json(world.message(store, id).unwrap());
    let message: Message = serde_json::from_value(json).unwrap();
    let Component::Container(container) = &message.components[0] else { panic!() };
    let unknown = container.components.iter().any(|c| matches!(c, Component::Unknown(_)));
    assert!(!unknown && container.components.len() == 5, "{container:?}");
    assert_eq!(message.attachments.len(), 2);
}

#[test]
fn clicks_commands_and_dialogs_are_read() {
    let mut world = world();
    let store = world.layout.store;
    let alice = world.user_named("alice");
    let direct = world.direct_channel(alice);
    for channel in [store, direct] {
        let source = Some(posted(&mut world, channel));
        let data = json!({ "custom_id": "pick", "component_type": 3, "id": 9, "values": ["b"] });
        let click = begun(&mut world, Deed { kind: 3, user: alice, channel, source, data });
        let Some(InteractionData::MessageComponent(data)) = &click.data else { panic!() };
        assert_eq!(data.values, ["b"]);
        assert_eq!(click.author_id().unwrap().get(), alice);
        assert_eq!(click.member.is_some(), channel == store);
        assert!(click.message.is_some());
        let data = json!({ "custom_id": "why", "components": [
            { "type": 1, "id": 1, "components": [
                { "type": 4, "id": 2, "custom_id": "reason", "value": "blurred" }] },
        ] });
        let sent = begun(&mut world, Deed { kind: 5, user: alice, channel, source, data });
        assert!(matches!(sent.data, Some(InteractionData::ModalSubmit(_))));
    }
    let pay = json!({ "id": "5", "type": 1, "name": "pay", "options": [
        { "type": 11, "name": "proof", "description": "x" }] });
    world.commands.insert(None, vec![pay]);
    let file = Some(("proof.png", "content".into()));
    let id = world.enter_command(alice, store, "/pay", &[], file).unwrap();
    let payload = world.interactions[&id].payload.clone();
    let command: Interaction = serde_json::from_value(payload).unwrap();
    let Some(InteractionData::ApplicationCommand(data)) = command.data else { panic!() };
    assert_eq!(data.resolved.unwrap().attachments.len(), 1);
}

#[test]
fn the_guild_and_its_channels_are_read() {
    let mut world = world();
    let guild = serde_json::from_value::<GuildCreate>(world.guild_create_json()).unwrap();
    let GuildCreate::Available(guild) = guild else { panic!() };
    assert_eq!((guild.channels.len(), guild.roles.len()), (5, 4));
    let alice = world.user_named("alice");
    let direct = world.direct_channel(alice);
    let channel: Channel =
        serde_json::from_value(world.channel_json(&world.channels[&direct])).unwrap();
    assert_eq!(channel.recipients.unwrap()[0].name, "alice");
    let (sink, mut frames) = tokio::sync::mpsc::unbounded_channel();
    world.identify(1, sink);
    let Some(super::gateway::Frame::Text(text)) = frames.blocking_recv() else { panic!() };
    let ready: Value = serde_json::from_str(&text).unwrap();
    serde_json::from_value::<Ready>(ready["d"].clone()).unwrap();
}

#[test]
fn an_answer_names_the_interaction_it_came_of() {
    let mut world = world();
    let store = world.layout.store;
    let alice = world.user_named("alice");
    let source = Some(posted(&mut world, store));
    let click = json!({ "custom_id": "pick", "component_type": 3, "id": 9, "values": ["b"] });
    let name = json!({ "id": "5", "type": 1, "name": "pay" });
    for (kind, source, data) in [(2, None, name), (3, source, click.clone()), (5, source, click)] {
        let id = world.begin(Deed { kind, user: alice, channel: store, source, data });
        let mut answer = world.draft(store, world.layout.bot);
        answer.interaction = Some(id);
        answer.content = "done".to_owned();
        answer.flags = EPHEMERAL;
        let json = world.message_json(&answer);
        let message: Message = serde_json::from_value(json).unwrap();
        assert_eq!(message.interaction_metadata.unwrap().user.id.get(), alice);
    }
}

#[test]
fn a_dialog_with_a_file_field_is_read() {
    let mut world = world();
    let (store, alice) = (world.layout.store, world.user_named("alice"));
    let data = json!({ "custom_id": "paid", "component_type": 2, "id": 1 });
    let opener = world.begin(Deed { kind: 3, user: alice, channel: store, source: None, data });
    let modal = json!({ "custom_id": "proof", "title": "Your proof", "components": [
        { "type": 18, "id": 1, "label": "Picture",
          "component": { "type": 19, "id": 2, "custom_id": "file" } },
        { "type": 18, "id": 3, "label": "Note",
          "component": { "type": 4, "id": 4, "custom_id": "note", "style": 1, "required": false } },
    ] });
    world.users.get_mut(&alice).unwrap().modal = Some((modal, opener));
    let note = [("Note", "from my brother")];
    assert!(world.send_modal(alice, &note, &[]).is_err(), "the picture is required");
    let id = world.send_modal(alice, &note, &[("proof.png", "content".into())]).unwrap();
    let payload = world.interactions[&id].payload.clone();
    let sent: Interaction = serde_json::from_value(payload).unwrap();
    let Some(InteractionData::ModalSubmit(data)) = sent.data else { panic!() };
    assert_eq!(data.resolved.unwrap().attachments.len(), 1);
    assert_eq!(data.components.len(), 2);
}
