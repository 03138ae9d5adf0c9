//! A hop in this process between serenity and Discord's gateway. Serenity dials the hop, on this machine alone; the hop
//! dials Discord, with the TLS that everything else here has. Every frame passes as it is, but a dialog that somebody
//! sent: serenity drops of one what it does not know, the files among them, and so it comes under a name that serenity
//! hands on unread.

use flate2::read::ZlibDecoder;
use futures::future::{Either, select};
use futures::{Sink, SinkExt as _, Stream, StreamExt as _};
use serde_json::Value;
use std::future::Future;
use std::io::{self, Read as _};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{Connector, accept_async_with_config, connect_async_tls_with_config};

/// What a dialog that somebody sent comes as.
pub(super) const DIALOG: &str = "DIALOG_AS_SENT";
/// What Discord calls everything that somebody does.
const INTERACTION: &str = "INTERACTION_CREATE";
/// Discord's type of a dialog that was sent.
const SENT: u64 = 5;
/// No interaction has as many bytes: what is larger passes unread.
const MOST_BYTES: u64 = 1 << 20;
/// As serenity asks for it.
const VERSION: &str = "v=10";
const CONNECT: Duration = Duration::from_secs(20);
/// How long the other side may take to close after one did.
const LINGER: Duration = Duration::from_secs(5);

/// The hop; it ends when it is dropped.
pub(super) struct Tap {
    url: String,
    _serving: JoinSet<()>,
}

impl Tap {
    /// Listens, for connections to this gateway.
    ///
    /// # Errors
    /// There is no port to listen at, or `gateway` is no address.
    pub(super) async fn before(gateway: &str) -> io::Result<Self> {
        Self::through(gateway, None).await
    }

    /// The same with other trust than in the authorities that browsers know.
    async fn through(gateway: &str, tls: Option<Connector>) -> io::Result<Self> {
        let mut gateway: url::Url = gateway.parse().map_err(io::Error::other)?;
        gateway.set_query(Some(VERSION));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("ws://{}", listener.local_addr()?);
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, gateway.into(), tls));
        Ok(Self { url, _serving: serving })
    }

    /// Where serenity dials.
    pub(super) fn url(&self) -> String {
        self.url.clone()
    }
}

async fn serve(listener: TcpListener, gateway: String, tls: Option<Connector>) {
    let gateway: Arc<str> = gateway.into();
    let mut relays = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        let (gateway, tls) = (Arc::clone(&gateway), tls.clone());
        relays.spawn(async move {
            if let Err(error) = relay(near, &gateway, tls).await {
                tracing::warn!(%error, "the connection to Discord's gateway failed");
            }
        });
        while relays.try_join_next().is_some() {}
    }
}

/// As serenity takes and sends them: of any size.
fn config() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(None).max_frame_size(None)
}

/// One connection, until a side ends it. Where Discord cannot be reached, serenity's is not answered.
async fn relay(near: TcpStream, gateway: &str, tls: Option<Connector>) -> Result<(), Error> {
    let dialled = connect_async_tls_with_config(gateway, Some(config()), true, tls);
    let dialled = tokio::time::timeout(CONNECT, dialled).await;
    let (far, _) = dialled.map_err(|_| Error::Io(io::ErrorKind::TimedOut.into()))??;
    let near = accept_async_with_config(near, Some(config())).await?;
    let ((near_sink, near_stream), (far_sink, far_stream)) = (near.split(), far.split());
    let up = pin!(pass(near_stream, far_sink, |message| message));
    let down = pin!(pass(far_stream, near_sink, as_sent));
    match select(up, down).await {
        Either::Left((ended, down)) => linger(ended, down).await,
        Either::Right((ended, up)) => linger(ended, up).await,
    }
    Ok(())
}

/// How one direction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// With a word, which was passed on.
    Closed,
    /// Without.
    Lost,
}

/// Whoever was told that the other side closed reads that, and closes too.
async fn linger(ended: Ended, other: impl Future<Output = Ended>) {
    if ended == Ended::Closed {
        let _ = tokio::time::timeout(LINGER, other).await;
    }
}

/// Passes on what comes. Both ends answer pings themselves.
async fn pass(
    mut from: impl Stream<Item = Result<Message, Error>> + Unpin,
    mut to: impl Sink<Message> + Unpin,
    change: impl Fn(Message) -> Message,
) -> Ended {
    while let Some(Ok(message)) = from.next().await {
        let (passes, closes) = match &message {
            Message::Text(_) | Message::Binary(_) => (true, false),
            Message::Close(_) => (true, true),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => (false, false),
        };
        if passes && to.send(change(message)).await.is_err() {
            return Ended::Lost;
        }
        if closes {
            return Ended::Closed;
        }
    }
    Ended::Lost
}

/// A dialog under the name that serenity hands on, anything else as it is.
fn as_sent(message: Message) -> Message {
    let renamed = match &message {
        Message::Text(text) => renamed(text),
        Message::Binary(bytes) => inflated(bytes).and_then(|text| renamed(&text)),
        Message::Close(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => None,
    };
    renamed.map_or(message, Message::text)
}

/// A frame that was compressed by itself, unless it is too large for an interaction.
fn inflated(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    ZlibDecoder::new(bytes).take(MOST_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

fn renamed(text: &str) -> Option<String> {
    // Most frames are something else.
    if text.len() as u64 >= MOST_BYTES || !text.contains(INTERACTION) {
        return None;
    }
    let mut frame: Value = serde_json::from_str(text).ok()?;
    let is_dialog = frame.get("t").and_then(Value::as_str) == Some(INTERACTION)
        && frame.pointer("/d/type").and_then(Value::as_u64) == Some(SENT);
    if !is_dialog {
        return None;
    }
    *frame.get_mut("t")? = DIALOG.into();
    Some(frame.to_string())
}

#[cfg(test)]
mod tests;
