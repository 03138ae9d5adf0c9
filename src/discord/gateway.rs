//! The connection: made, kept, made again; and what comes over it.

use super::api::Api;
use super::config::Config;
use super::errors::BotError;
use super::posted::Posted;
use super::shared::Shared;
use super::tap::{self, Tap};
use super::{commands, heard, http, intake, posted};
use crate::model::DurationMs;
use crate::ports::Hint;
use crate::ports::{ChatCode, ChatError};
use async_trait::async_trait;
use serde_json::{Value, json};
use serenity::all::{Event, GatewayError, GatewayIntents, Interaction, Message, MessageType};
use serenity::client::{Client, ClientBuilder, Context, RawEventHandler};
use serenity::http::Route;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const FIRST_WAIT: DurationMs = DurationMs::from_secs(1);
const LONGEST_WAIT: DurationMs = DurationMs::from_secs(60);
/// Interactions in hand may finish within this at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// Nothing privileged but what the shop asks for: members' roles come with each interaction.
fn intents(message_content: bool) -> GatewayIntents {
    let plain =
        GatewayIntents::GUILDS | GatewayIntents::GUILD_MESSAGES | GatewayIntents::DIRECT_MESSAGES;
    if message_content { plain | GatewayIntents::MESSAGE_CONTENT } else { plain }
}

/// Why a connection was ended from here.
enum Closed {
    /// The bot ends.
    Shutdown,
    /// The shop now wants to hear more, or less.
    OtherIntents,
}

pub(super) async fn run(shared: &Arc<Shared>, shutdown: CancellationToken) -> Result<(), BotError> {
    let mut wait = FIRST_WAIT;
    // What the shop wanted when Discord refused it. Asking again before somebody changed something only uses up
    // the day's identifies.
    let mut refused = false;
    let mut wanted = false;
    while !shutdown.is_cancelled() {
        let wants = shared.catalog.borrow().shop.message_content;
        refused &= wants == wanted;
        wanted = wants;
        shared.unread.send_replace(refused);
        let ended = connect(shared, (wanted, wanted && !refused), &shutdown).await;
        let was_up = shared.connected.send_replace(false);
        match ended {
            Ok(Closed::Shutdown) => break,
            Ok(Closed::OtherIntents) => {}
            Err(BotError::Intents(why)) if wanted && !refused => {
                tracing::error!(
                    why,
                    "connecting without Message Content: posted pictures are not read"
                );
                refused = true;
            }
            Err(
                fatal @ (BotError::Fatal(_)
                | BotError::Intents(_)
                | BotError::Version(_)
                | BotError::Setup(_)),
            ) => return Err(fatal),
            Err(BotError::Ended(why)) => {
                if was_up {
                    wait = FIRST_WAIT;
                }
                tracing::warn!(why, wait_ms = wait.0, "connecting to Discord again");
                tokio::select! {
                    () = shared.clock.sleep_until(shared.clock.now() + wait) => {}
                    () = shutdown.cancelled() => break,
                }
                wait = DurationMs(wait.0 * 2).min(LONGEST_WAIT);
            }
        }
    }
    shared.handling.close();
    let _ = tokio::time::timeout(LAST_ANSWERS, shared.handling.wait()).await;
    Ok(())
}

/// One connection, until it ends, or the shop wants other than it `wanted`.
async fn connect(
    shared: &Arc<Shared>,
    (wanted, message_content): (bool, bool),
    shutdown: &CancellationToken,
) -> Result<Closed, BotError> {
    // The hop goes last: what closes the connection passes through it.
    let (_tap, mut client) = tokio::select! {
        client = prepare(shared, message_content) => client?,
        () = shutdown.cancelled() => return Ok(Closed::Shutdown),
    };
    let shards = Arc::clone(&client.shard_manager);
    let closed = tokio::select! {
        ended = client.start() => return Err(match ended {
            Ok(()) => BotError::Ended("it was closed".to_owned()),
            Err(error) => sort(&error),
        }),
        () = shutdown.cancelled() => Closed::Shutdown,
        () = wants_other(shared, wanted) => Closed::OtherIntents,
    };
    shards.shutdown_all().await;
    Ok(closed)
}

/// Returns when the shop wants other than this.
async fn wants_other(shared: &Shared, wanted: bool) {
    let mut catalog = shared.catalog.clone();
    if catalog.wait_for(|c| c.shop.message_content != wanted).await.is_err() {
        // No catalog comes any more.
        std::future::pending().await
    }
}

/// A client that will dial the gateway we asked for, through a hop that lasts as long as it is kept.
async fn prepare(shared: &Arc<Shared>, message_content: bool) -> Result<(Tap, Client), BotError> {
    let handler = Handler(Arc::clone(shared));
    client(&shared.config, message_content, &shared.bg, handler).await
}

async fn client(
    config: &Config,
    message_content: bool,
    api: &Api,
    handler: impl RawEventHandler + 'static,
) -> Result<(Tap, Client), BotError> {
    let tap = Tap::before(&gateway_url(config, api).await?).await;
    let tap = tap.map_err(|e| BotError::Ended(format!("no port of this machine: {e}")))?;
    let client = ClientBuilder::new_with_http(http::connection(config)?, intents(message_content))
        .raw_event_handler(handler)
        .await
        .map_err(|e| sort(&e))?;
    // The builder falls back to the real gateway when its own look-up fails: ours counts.
    *client.ws_url.lock().await = tap.url();
    Ok((tap, client))
}

/// Connects once, and returns when Discord has let the bot in; then the connection ends.
pub(super) async fn try_once(
    config: &Config,
    message_content: bool,
    api: &Api,
) -> Result<(), BotError> {
    let (ready, mut is_ready) = tokio::sync::mpsc::unbounded_channel();
    let (_tap, mut client) = client(config, message_content, api, LetIn(ready)).await?;
    let shards = Arc::clone(&client.shard_manager);
    tokio::select! {
        ended = client.start() => match ended {
            Ok(()) => Err(BotError::Ended("it was closed".to_owned())),
            Err(error) => Err(sort(&error)),
        },
        _ = is_ready.recv() => {
            shards.shutdown_all().await;
            Ok(())
        }
    }
}

/// Tells that the bot is in.
struct LetIn(tokio::sync::mpsc::UnboundedSender<()>);

#[async_trait]
impl RawEventHandler for LetIn {
    async fn raw_event(&self, _: Context, event: Event) {
        if matches!(event, Event::Ready(_)) {
            let _ = self.0.send(());
        }
    }
}

/// Where the gateway is. With an emulator configured, never anywhere but there. What gives no
/// address is trouble that passes: only Discord's own word about the token is final.
async fn gateway_url(config: &Config, api: &Api) -> Result<String, BotError> {
    let answer = match api.get(Route::Gateway, Vec::new()).await {
        // Not everything on the way, and not every emulator, knows both addresses.
        Err(e) if e.code == ChatCode::NotDiscord => api.get(Route::GatewayBot, Vec::new()).await,
        answer => answer,
    };
    let answer = answer.map_err(|e: ChatError| match e.code {
        ChatCode::Unauthorized => BotError::Fatal("the token is not valid (401)".to_owned()),
        _ => BotError::Ended(format!("the gateway's address cannot be had: {e}")),
    })?;
    let url = answer.get("url").and_then(Value::as_str).unwrap_or_default();
    if allowed(config, url) {
        return Ok(url.to_owned());
    }
    // The address may be anybody's: it is not repeated.
    Err(BotError::Ended(
        "what was answered as the gateway's address is none of Discord's: something on the way, or \
         an emulator that names another host than it is called by"
            .to_owned(),
    ))
}

fn allowed(config: &Config, url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else { return false };
    match &config.api_base {
        Some(base) => url.host_str() == base.host_str() && matches!(url.scheme(), "ws" | "wss"),
        None => {
            let host = url.host_str().unwrap_or_default();
            url.scheme() == "wss" && (host == "discord.gg" || host.ends_with(".discord.gg"))
        }
    }
}

/// 4004, 4013 and 4014 end the bot: asking again would only use up the day's identifies.
fn sort(error: &serenity::Error) -> BotError {
    let serenity::Error::Gateway(error) = error else {
        return BotError::Ended(super::errors::classify(error).to_string());
    };
    match error {
        GatewayError::InvalidAuthentication => BotError::Fatal(
            "the token is not valid (4004); set the bot's token from the developer portal".into(),
        ),
        GatewayError::InvalidGatewayIntents => BotError::Version(
            "the intents are not valid (4013); this version does not fit Discord any more".into(),
        ),
        GatewayError::DisallowedGatewayIntents => BotError::Intents(
            "the intents are not allowed (4014); switch them on in the developer portal".into(),
        ),
        other => BotError::Ended(other.to_string()),
    }
}

/// What comes over the connection, each event in a task of its own and in no order.
struct Handler(Arc<Shared>);

#[async_trait]
impl RawEventHandler for Handler {
    async fn raw_event(&self, _: Context, event: Event) {
        let shared = &self.0;
        match event {
            Event::Ready(e) => {
                shared.threads.doubt();
                shared.me.store(e.ready.user.id.get(), Ordering::Relaxed);
                shared.connected.send_replace(true);
                tracing::info!("connected to Discord");
                self.hint(Hint::Missed);
                self.register(e.ready.application.id.get()).await;
            }
            Event::Resumed(_) => {
                shared.threads.doubt();
                shared.connected.send_replace(true);
                self.hint(Hint::Missed);
            }
            Event::InteractionCreate(e) => {
                self.interaction(as_sent(&e.interaction)).await;
            }
            Event::Unknown(e) if e.kind == "INTERACTION_CREATE" || e.kind == tap::DIALOG => {
                self.interaction(serde_json::to_value(e.value).ok()).await;
            }
            Event::Unknown(e) => {
                tracing::debug!(kind = e.kind, "an event that serenity does not read");
            }
            Event::MessageCreate(e) => {
                self.0.handling.track_future(heard::handle(shared, &e.message)).await;
                self.posted(&e.message).await;
            }
            Event::MessageDelete(e) => {
                self.message_gone(e.channel_id.get(), e.message_id.get());
            }
            Event::MessageDeleteBulk(e) => {
                for id in e.ids {
                    self.message_gone(e.channel_id.get(), id.get());
                }
            }
            Event::ChannelDelete(e) => {
                self.hint(Hint::ChannelGone { channel: e.channel.id.get() });
            }
            Event::ThreadDelete(e) => self.hint(Hint::ChannelGone { channel: e.thread.id.get() }),
            _ => {}
        }
    }
}

impl Handler {
    async fn interaction(&self, raw: Option<Value>) {
        let Some(raw) = raw else { return };
        let shared = Arc::clone(&self.0);
        self.0.handling.track_future(intake::handle(shared, &raw)).await;
    }

    async fn posted(&self, message: &Message) {
        let hidden = *self.0.unread.borrow() && shows_nothing(message);
        if message.attachments.is_empty() && !hidden {
            return;
        }
        let raw = serde_json::to_value(message).ok();
        if let Some(posted) = raw.and_then(|raw| Posted::read(&raw, hidden)) {
            let handled = posted::handle(Arc::clone(&self.0), posted);
            self.0.handling.track_future(handled).await;
        }
    }

    fn message_gone(&self, channel: u64, message: u64) {
        self.hint(Hint::MessageGone { channel, message });
    }

    fn hint(&self, hint: Hint) {
        // Nobody may be listening yet.
        let _ = self.0.hints.send(hint);
    }

    async fn register(&self, application: u64) {
        let mut wait = FIRST_WAIT;
        while let Err(error) = commands::register(&self.0, application).await {
            tracing::warn!(code = error.code.name(), %error, "the commands could not be registered");
            if error.class == crate::ports::ChatClass::Refused {
                return;
            }
            self.0.clock.sleep_until(self.0.clock.now() + wait).await;
            wait = DurationMs(wait.0 * 2).min(LONGEST_WAIT);
        }
    }
}

/// A message as Discord sends it to a bot that may not see what is in it. Nobody can post one.
fn shows_nothing(message: &Message) -> bool {
    let posted = matches!(message.kind, MessageType::Regular | MessageType::InlineReply);
    let empty = message.content.is_empty() && message.attachments.is_empty();
    posted && empty && message.sticker_items.is_empty()
}

/// Serenity's interaction as the JSON it came from; its types leave the number of the type out.
fn as_sent(interaction: &Interaction) -> Option<Value> {
    let kind = match interaction {
        Interaction::Ping(_) => 1,
        Interaction::Command(_) => 2,
        Interaction::Component(_) => 3,
        Interaction::Autocomplete(_) => 4,
        Interaction::Modal(_) => 5,
        _ => 0,
    };
    let mut value = serde_json::to_value(interaction).ok()?;
    value.as_object_mut()?.insert("type".to_owned(), json!(kind));
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(base: Option<&str>) -> Config {
        Config {
            token: "t".into(),
            api_base: base.map(|b| b.parse().unwrap()),
            cdn_hosts: Config::discord_cdn_hosts(),
            proofs_dir: std::path::PathBuf::new(),
        }
    }

    #[test]
    fn with_an_emulator_the_real_gateway_is_never_dialled() {
        let emulator = config(Some("http://127.0.0.1:9"));
        assert!(allowed(&emulator, "ws://127.0.0.1:10"));
        assert!(!allowed(&emulator, "wss://gateway.discord.gg"));
        let real = config(None);
        assert!(allowed(&real, "wss://gateway.discord.gg"));
        for bad in ["ws://gateway.discord.gg", "wss://discord.gg.evil.example", "", "x"] {
            assert!(!allowed(&real, bad), "{bad}");
        }
    }

    #[test]
    fn refused_tokens_and_intents_end_the_bot_and_other_ends_do_not() {
        let token = serenity::Error::Gateway(GatewayError::InvalidAuthentication);
        assert!(matches!(sort(&token), BotError::Fatal(_)));
        // Only what is not allowed can be done without.
        let refused = serenity::Error::Gateway(GatewayError::DisallowedGatewayIntents);
        assert!(matches!(sort(&refused), BotError::Intents(_)));
        let unknown = serenity::Error::Gateway(GatewayError::InvalidGatewayIntents);
        assert!(matches!(sort(&unknown), BotError::Version(_)));
        let ended = serenity::Error::Gateway(GatewayError::HeartbeatFailed);
        assert!(matches!(sort(&ended), BotError::Ended(_)));
    }
}
