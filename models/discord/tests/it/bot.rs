//! A small bot on serenity, as production builds its own.

use nebulalinks_model_discord::{Emulator, EmulatorConfig, UnixMs};
use serde_json::{Value, json};
use serenity::all::{
    Client, ClientBuilder, Context, Event, EventHandler, GatewayIntents, Http, HttpBuilder,
    Interaction, RawEventHandler,
};
use serenity::gateway::ShardManager;
use std::sync::Arc;
use std::time::Duration;

/// A moment that no machine's clock shows by chance.
pub(crate) const START_MS: u64 = 1_790_000_000_000;
pub(crate) const TOKEN: &str = "a-token";
pub(crate) const SOON: Duration = Duration::from_secs(10);
pub(crate) const V2: u64 = 1 << 15;
pub(crate) const PRIVATE: u64 = 1 << 6;

pub(crate) type Ms = Arc<std::sync::atomic::AtomicU64>;

/// An emulator whose clock the test moves.
pub(crate) async fn emulator_with(change: impl FnOnce(&mut EmulatorConfig)) -> (Emulator, Ms) {
    let ms = Ms::new(START_MS.into());
    let read = ms.clone();
    let clock = Arc::new(move || UnixMs(read.load(std::sync::atomic::Ordering::SeqCst)));
    let mut config = EmulatorConfig::new(TOKEN, clock);
    config.answer_within = Duration::from_millis(700);
    change(&mut config);
    (Emulator::start(config).await.unwrap(), ms)
}

pub(crate) async fn emulator() -> Emulator {
    emulator_with(|_| {}).await.0
}

pub(crate) fn http(emulator: &Emulator) -> Http {
    HttpBuilder::new(format!("Bot {TOKEN}"))
        .proxy(emulator.base_url())
        .ratelimiter_disabled(true)
        .build()
}

pub(crate) fn container(parts: Value) -> Value {
    json!([{ "type": 17, "accent_color": 255, "components": parts }])
}

pub(crate) fn panel() -> Value {
    json!({ "flags": V2, "components": container(json!([
        { "type": 10, "content": "# The shop" },
        { "type": 14 },
        { "type": 1, "components": [
            { "type": 2, "style": 1, "label": "Buy", "custom_id": "v1.buy" },
            { "type": 2, "style": 2, "label": "Silent", "custom_id": "silent" },
            { "type": 2, "style": 2, "label": "Later", "custom_id": "later" },
            { "type": 2, "style": 4, "label": "Closed", "custom_id": "closed", "disabled": true },
        ] },
        { "type": 1, "components": [
            { "type": 2, "style": 4, "label": "Decline", "custom_id": "v1.decline" },
        ] },
    ])) })
}

struct Shop;

fn private(text: &str) -> Value {
    json!({ "type": 4, "data": { "flags": V2 | PRIVATE, "components": container(json!([
        { "type": 10, "content": text },
    ])) } })
}

fn plans() -> Value {
    json!({ "type": 4, "data": { "flags": V2 | PRIVATE, "components": container(json!([
        { "type": 10, "content": "Which plan?" },
        { "type": 1, "components": [{ "type": 3, "custom_id": "v1.plan", "options": [
            { "label": "Basic, 30 days", "value": "basic-30" },
            { "label": "Big, 90 days", "value": "big-90" },
        ] }] },
    ])) } })
}

fn modal() -> Value {
    json!({ "type": 9, "data": { "custom_id": "v1.decline-reason", "title": "Decline", "components": [
        { "type": 1, "components": [
            { "type": 4, "custom_id": "reason", "label": "Why", "style": 2, "max_length": 200 },
        ] },
    ] } })
}

#[serenity::async_trait]
impl EventHandler for Shop {
    async fn interaction_create(&self, ctx: Context, interaction: Interaction) {
        let (id, token) = (interaction.id(), interaction.token().to_owned());
        let answer = match &interaction {
            Interaction::Component(click) => match click.data.custom_id.as_str() {
                "v1.buy" => plans(),
                "v1.plan" => {
                    let mut answer = private("Ordered.");
                    answer["type"] = json!(7);
                    answer["data"]["flags"] = json!(V2);
                    answer
                }
                "v1.decline" => modal(),
                "later" => json!({ "type": 5, "data": { "flags": PRIVATE } }),
                _ => return,
            },
            Interaction::Modal(_) => private("Declined."),
            Interaction::Command(command) => {
                let files: Vec<&str> = command
                    .data
                    .resolved
                    .attachments
                    .values()
                    .map(|file| file.filename.as_str())
                    .collect();
                private(&format!("/{} with {}", command.data.name, files.join(" ")))
            }
            _ => return,
        };
        let later = answer["type"] == json!(5);
        let first = ctx.http.create_interaction_response(id, &token, &answer, vec![]).await;
        if later && first.is_ok() {
            let edit = json!({ "flags": V2, "components": container(json!([
                { "type": 10, "content": "Here it is." },
                { "type": 12, "items": [{ "media": { "url": "attachment://qr.png" } }] },
            ])), "attachments": [{ "id": 0, "filename": "qr.png" }] });
            let qr = serenity::all::CreateAttachment::bytes(png(), "qr.png");
            ctx.http.edit_original_interaction_response(&token, &edit, vec![qr]).await.unwrap();
        }
    }
}

/// A picture of one pixel.
pub(crate) fn png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = png::Encoder::new(&mut bytes, 1, 1).write_header().unwrap();
    writer.write_image_data(&[0]).unwrap();
    writer.finish().unwrap();
    bytes
}

/// Everything the gateway tells, in order, as serenity decodes it.
pub(crate) struct Heard(pub(crate) tokio::sync::mpsc::UnboundedReceiver<Event>);

impl Heard {
    /// The next event of a kind; every one before it must be one that serenity can read.
    pub(crate) async fn next(&mut self, kind: &str) -> Event {
        let found = tokio::time::timeout(SOON, async {
            loop {
                let event = self.0.recv().await.unwrap();
                assert!(!matches!(event, Event::Unknown(_)), "serenity cannot read {event:?}");
                if event.name().as_deref() == Some(kind) {
                    return event;
                }
            }
        });
        found.await.unwrap_or_else(|_| panic!("no {kind} came"))
    }
}

struct Ear(tokio::sync::mpsc::UnboundedSender<Event>);

#[serenity::async_trait]
impl RawEventHandler for Ear {
    async fn raw_event(&self, _: Context, event: Event) {
        // A test that ended no longer listens.
        let _ = self.0.send(event);
    }
}

/// A bot that only listens.
pub(crate) async fn listen(emulator: &Emulator, intents: GatewayIntents) -> (Running, Heard) {
    let (sink, heard) = tokio::sync::mpsc::unbounded_channel();
    let client = ClientBuilder::new_with_http(http(emulator), intents).raw_event_handler(Ear(sink));
    (run(emulator, client.await.unwrap()).await, Heard(heard))
}

async fn run(emulator: &Emulator, mut client: Client) -> Running {
    let (http, shards) = (client.http.clone(), client.shard_manager.clone());
    let task = tokio::spawn(async move { client.start().await });
    emulator.wait_for_bot(SOON).await.unwrap();
    Running { http, shards, task }
}

/// A connected bot; it ends with this value.
pub(crate) struct Running {
    pub(crate) http: Arc<Http>,
    shards: Arc<ShardManager>,
    task: tokio::task::JoinHandle<Result<(), serenity::Error>>,
}

impl Running {
    pub(crate) async fn stop(self) {
        self.shards.shutdown_all().await;
        self.task.await.unwrap().unwrap();
    }
}

pub(crate) async fn client(emulator: &Emulator, intents: GatewayIntents) -> Client {
    let http = http(emulator);
    http.set_application_id(emulator.layout().application.into());
    ClientBuilder::new_with_http(http, intents).event_handler(Shop).await.unwrap()
}

pub(crate) async fn connect(emulator: &Emulator) -> Running {
    let intents =
        GatewayIntents::GUILDS | GatewayIntents::GUILD_MESSAGES | GatewayIntents::DIRECT_MESSAGES;
    run(emulator, client(emulator, intents).await).await
}
