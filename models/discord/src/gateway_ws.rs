//! The gateway's websocket: opcodes in, frames out.

use crate::emulator::Emulator;
use crate::state::gateway::{ALL_INTENTS, Frame, PRIVILEGED};
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// How often the bot is asked to say that it lives, in milliseconds.
const HEARTBEAT_MS: u64 = 41_250;

pub(crate) async fn upgrade(State(emulator): State<Emulator>, ws: WebSocketUpgrade) -> Response {
    ws.on_upgrade(move |socket| serve(emulator, socket))
}

/// Why a connection ends.
enum End {
    /// The bot or the network left.
    Left,
    /// We close it, with Discord's code and words.
    Close(u16, &'static str),
}

struct Connection {
    emulator: Emulator,
    socket: WebSocket,
    frames: mpsc::UnboundedReceiver<Frame>,
    sink: mpsc::UnboundedSender<Frame>,
    session: Option<String>,
}

async fn serve(emulator: Emulator, socket: WebSocket) {
    let stopping = emulator.stopping();
    let (sink, frames) = mpsc::unbounded_channel();
    let mut connection = Connection { emulator, socket, frames, sink, session: None };
    let end = tokio::select! {
        end = connection.run() => end,
        () = stopping.cancelled() => End::Close(1001, "The emulator stops."),
    };
    if let Some(session) = connection.session.take() {
        let sink = &connection.sink;
        connection.emulator.change(|discord| discord.gateway.detach(&session, sink));
    }
    if let End::Close(code, reason) = end {
        let frame = CloseFrame { code, reason: reason.into() };
        // The other side may be gone already.
        let _ = connection.socket.send(Message::Close(Some(frame))).await;
    }
}

impl Connection {
    async fn run(&mut self) -> End {
        let hello =
            json!({ "op": 10, "s": null, "t": null, "d": { "heartbeat_interval": HEARTBEAT_MS } });
        if self.send(&hello).await.is_err() {
            return End::Left;
        }
        loop {
            let step = tokio::select! {
                frame = self.frames.recv() => match frame {
                    Some(Frame::Text(text)) => {
                        self.socket.send(Message::text(text)).await.map_err(|_| End::Left)
                    }
                    Some(Frame::Close(code, reason)) => Err(End::Close(code, reason)),
                    None => Err(End::Left),
                },
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Text(text))) => self.receive(text.as_str()).await,
                    Some(Ok(Message::Binary(bytes))) => {
                        let text = String::from_utf8_lossy(&bytes).into_owned();
                        self.receive(&text).await
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Left),
                    Some(Ok(_)) => Ok(()),
                },
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn send(&mut self, value: &Value) -> Result<(), End> {
        self.socket.send(Message::text(value.to_string())).await.map_err(|_| End::Left)
    }

    async fn receive(&mut self, text: &str) -> Result<(), End> {
        let Ok(payload) = serde_json::from_str::<Value>(text) else {
            return Err(End::Close(4002, "Error while decoding payload."));
        };
        let data = payload.get("d").unwrap_or(&Value::Null);
        match payload.get("op").and_then(Value::as_u64) {
            Some(1) => self.send(&json!({ "op": 11, "s": null, "t": null, "d": null })).await,
            Some(2) => self.identify(data),
            Some(6) => self.resume(data).await,
            Some(_) if self.session.is_none() => Err(End::Close(4003, "Not authenticated.")),
            // Presence, voice state and member requests change nothing here.
            Some(3 | 4 | 8) => Ok(()),
            _ => Err(End::Close(4001, "Unknown opcode.")),
        }
    }

    fn identify(&mut self, data: &Value) -> Result<(), End> {
        if self.session.is_some() {
            return Err(End::Close(4005, "Already authenticated."));
        }
        let token = data.get("token").and_then(Value::as_str).unwrap_or_default();
        let intents = data.get("intents").and_then(Value::as_u64);
        if data.get("properties").is_none_or(|properties| !properties.is_object()) {
            return Err(End::Close(4002, "Error while decoding payload."));
        }
        let sink = self.sink.clone();
        let session = self.emulator.change(|discord| {
            if !discord.gateway.token_fits(token) {
                return Err(End::Close(4004, "Authentication failed."));
            }
            let Some(intents) = intents.filter(|bits| bits & !ALL_INTENTS == 0) else {
                return Err(End::Close(4013, "Invalid intent(s)."));
            };
            let privileged = PRIVILEGED | discord.gateway.privileged;
            if intents & privileged & !discord.gateway.allowed != 0 {
                return Err(End::Close(4014, "Disallowed intent(s)."));
            }
            Ok(discord.identify(intents, sink))
        })?;
        self.session = Some(session);
        Ok(())
    }

    async fn resume(&mut self, data: &Value) -> Result<(), End> {
        let text = |key: &str| data.get(key).and_then(Value::as_str).unwrap_or_default();
        let (token, session) = (text("token"), text("session_id"));
        let seq = data.get("seq").and_then(Value::as_u64).unwrap_or(0);
        let sink = self.sink.clone();
        let resumed = self.emulator.change(|discord| {
            if !discord.gateway.token_fits(token) {
                return Err(End::Close(4004, "Authentication failed."));
            }
            Ok(discord.resume(session, seq, sink))
        })?;
        if resumed {
            self.session = Some(session.to_owned());
            return Ok(());
        }
        self.send(&json!({ "op": 9, "s": null, "t": null, "d": false })).await
    }
}
