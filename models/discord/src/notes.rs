//! Notes of what happens: for those who wait, and for the transcript.

use crate::events::{Audience, EmulatorEvent, EventKind};
use crate::render;
use crate::state::Discord;
use crate::state::records::Message;

impl Discord {
    /// Tells those who listen, and keeps it for the transcript.
    pub(crate) fn note(&mut self, event: EmulatorEvent) {
        self.history.push(event.clone());
        // Nobody listening is fine.
        let _ = self.events.send(event);
    }

    /// A note about a channel.
    pub(crate) fn note_channel(&mut self, kind: EventKind, channel: u64, by: u64, text: &str) {
        let event = EmulatorEvent {
            kind,
            at_ms: self.now().0,
            channel,
            channel_name: self.channel_name(channel),
            message: 0,
            author: self.user_name(by),
            audience: Audience::Channel,
            text: text.to_owned(),
        };
        self.note(event);
    }

    /// A note about a message.
    pub(crate) fn note_message(&mut self, kind: EventKind, message: &Message) {
        let event = EmulatorEvent {
            kind,
            at_ms: self.now().0,
            channel: message.channel,
            channel_name: self.channel_name(message.channel),
            message: message.id,
            author: self.user_name(message.author),
            audience: self.audience(message),
            text: render::message(self, message),
        };
        self.note(event);
    }
}
