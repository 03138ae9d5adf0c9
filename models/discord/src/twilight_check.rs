//! What the gateway tells is not in Discord's document: a second, independent model reads it.

use crate::config::Limits;
use crate::interactions::Deed;
use crate::layout::GuildLayout;
use crate::state::Discord;
use crate::state::gateway::Gateway;
use crate::state::records::{COMPONENTS_V2, EPHEMERAL};
use crate::{components, time::UnixMs};
use serde_json::{Value, json};
use std::sync::Arc;
use twilight_model::application::interaction::{Interaction, InteractionData};
use twilight_model::channel::Channel;
use twilight_model::channel::message::{Component, Message};
use twilight_model::gateway::payload::incoming::{GuildCreate, Ready};

fn discord() -> Discord {
    let clock = Arc::new(|| UnixMs(1_790_000_000_000));
    Discord::new(GuildLayout::default(), Limits::default(), clock, Gateway::new("t", 0))
}

fn posted(discord: &mut Discord, channel: u64) -> u64 {
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
    let mut message = discord.draft(channel, discord.layout.bot);
    for name in ["qr.png", "list.txt"] {
        let file = discord.store_file(channel, name, None, "content".into(), false);
        message.attachments.push(file);
    }
    message.components = components::stored(&parts);
    message.flags = COMPONENTS_V2;
    let id = message.id;
    discord.post(message);
    id
}

fn begun(discord: &mut Discord, deed: Deed) -> Interaction {
    let id = discord.begin(deed);
    let payload = discord.interactions[&id].payload.clone();
    serde_json::from_value(payload.clone()).unwrap_or_else(|e| panic!("{e}: {payload:#}"))
}

#[test]
fn messages_are_read_with_all_their_components() {
    let mut discord = discord();
    let store = discord.layout.store;
    let id = posted(&mut discord, store);
    let json = discord.message_event_json(discord.message(store, id).unwrap());
    let message: Message = serde_json::from_value(json).unwrap();
    let Component::Container(container) = &message.components[0] else { panic!() };
    let unknown = container.components.iter().any(|c| matches!(c, Component::Unknown(_)));
    assert!(!unknown && container.components.len() == 5, "{container:?}");
    assert_eq!(message.attachments.len(), 2);
}

#[test]
fn clicks_commands_and_dialogs_are_read() {
    let mut discord = discord();
    let store = discord.layout.store;
    let alice = discord.user_named("alice");
    let direct = discord.direct_channel(alice);
    for channel in [store, direct] {
        let source = Some(posted(&mut discord, channel));
        let data = json!({ "custom_id": "pick", "component_type": 3, "id": 9, "values": ["b"] });
        let click = begun(&mut discord, Deed { kind: 3, user: alice, channel, source, data });
        let Some(InteractionData::MessageComponent(data)) = &click.data else { panic!() };
        assert_eq!(data.values, ["b"]);
        assert_eq!(click.author_id().unwrap().get(), alice);
        assert_eq!(click.member.is_some(), channel == store);
        assert!(click.message.is_some());
        let data = json!({ "custom_id": "why", "components": [
            { "type": 1, "id": 1, "components": [
                { "type": 4, "id": 2, "custom_id": "reason", "value": "blurred" }] },
        ] });
        let sent = begun(&mut discord, Deed { kind: 5, user: alice, channel, source, data });
        assert!(matches!(sent.data, Some(InteractionData::ModalSubmit(_))));
    }
    let source = Some(posted(&mut discord, store));
    let chosen = json!({ "custom_id": "paid", "components": [
        { "type": 18, "id": 1, "component":
            { "type": 19, "id": 2, "custom_id": "proof", "values": ["77"] } } ] });
    let sent =
        begun(&mut discord, Deed { kind: 5, user: alice, channel: store, source, data: chosen });
    let Some(InteractionData::ModalSubmit(data)) = &sent.data else { panic!() };
    assert!(format!("{:?}", data.components).contains("77"), "{data:?}");
    let pay = json!({ "id": "5", "type": 1, "name": "pay", "options": [
        { "type": 11, "name": "proof", "description": "x" }] });
    discord.commands = vec![pay];
    let file = Some(("proof.png", "content".into()));
    let id = discord.enter_command(alice, store, "/pay", &[], file).unwrap();
    let payload = discord.interactions[&id].payload.clone();
    let command: Interaction = serde_json::from_value(payload).unwrap();
    let Some(InteractionData::ApplicationCommand(data)) = command.data else { panic!() };
    assert_eq!(data.resolved.unwrap().attachments.len(), 1);
}

#[test]
fn the_guild_and_its_channels_are_read() {
    let mut discord = discord();
    let guild = serde_json::from_value::<GuildCreate>(discord.guild_create_json()).unwrap();
    let GuildCreate::Available(guild) = guild else { panic!() };
    assert_eq!((guild.channels.len(), guild.roles.len()), (6, 5));
    let alice = discord.user_named("alice");
    let direct = discord.direct_channel(alice);
    let channel: Channel =
        serde_json::from_value(discord.channel_json(&discord.channels[&direct])).unwrap();
    assert_eq!(channel.recipients.unwrap()[0].name, "alice");
    let (sink, mut frames) = tokio::sync::mpsc::unbounded_channel();
    discord.identify(1, sink);
    let Some(crate::state::gateway::Frame::Text(text)) = frames.blocking_recv() else { panic!() };
    let ready: Value = serde_json::from_str(&text).unwrap();
    serde_json::from_value::<Ready>(ready["d"].clone()).unwrap();
}

#[test]
fn an_answer_names_the_interaction_it_came_of() {
    let mut discord = discord();
    let store = discord.layout.store;
    let alice = discord.user_named("alice");
    let source = Some(posted(&mut discord, store));
    let click = json!({ "custom_id": "pick", "component_type": 3, "id": 9, "values": ["b"] });
    let name = json!({ "id": "5", "type": 1, "name": "pay" });
    for (kind, source, data) in [(2, None, name), (3, source, click.clone()), (5, source, click)] {
        let id = discord.begin(Deed { kind, user: alice, channel: store, source, data });
        let mut answer = discord.draft(store, discord.layout.bot);
        answer.interaction = Some(id);
        answer.content = "done".to_owned();
        answer.flags = EPHEMERAL;
        let json = discord.message_json(&answer);
        let message: Message = serde_json::from_value(json).unwrap();
        assert_eq!(message.interaction_metadata.unwrap().user.id.get(), alice);
    }
}

#[test]
fn a_dialog_with_a_file_field_is_read() {
    let mut discord = discord();
    let (store, alice) = (discord.layout.store, discord.user_named("alice"));
    let data = json!({ "custom_id": "paid", "component_type": 2, "id": 1 });
    let opener = discord.begin(Deed { kind: 3, user: alice, channel: store, source: None, data });
    let modal = json!({ "custom_id": "proof", "title": "Your proof", "components": [
        { "type": 18, "id": 1, "label": "Picture",
          "component": { "type": 19, "id": 2, "custom_id": "file" } },
        { "type": 18, "id": 3, "label": "Note",
          "component": { "type": 4, "id": 4, "custom_id": "note", "style": 1, "required": false } },
    ] });
    discord.users.get_mut(&alice).unwrap().modal = Some((modal, opener));
    let note = [("Note", "from my brother")];
    assert!(discord.send_modal(alice, &note, &[]).is_err(), "the picture is required");
    let id = discord.send_modal(alice, &note, &[("proof.png", "content".into())]).unwrap();
    let payload = discord.interactions[&id].payload.clone();
    let sent: Interaction = serde_json::from_value(payload).unwrap();
    let Some(InteractionData::ModalSubmit(data)) = sent.data else { panic!() };
    assert_eq!(data.resolved.unwrap().attachments.len(), 1);
    assert_eq!(data.components.len(), 2);
}
