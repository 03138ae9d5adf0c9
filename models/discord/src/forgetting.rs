//! What an emulator that runs for hours lets go of: what nobody can meet any more.

use crate::emulator::Emulator;
use crate::state::Discord;
use crate::state::interaction::TOKEN_LIFE_MS;
use crate::time::UnixMs;

impl Emulator {
    /// Forgets what happened before this moment and that nobody can meet any more: the story and the
    /// requests so far, interactions whose time is over, messages that one person saw until they
    /// closed them, and nonces. Channels, threads and their messages stay.
    pub fn forget_before(&self, moment: UnixMs) {
        self.change(|discord| discord.forget_before(moment));
    }
}

impl Discord {
    fn forget_before(&mut self, moment: UnixMs) {
        let now = self.now();
        self.history.retain(|event| event.at_ms >= moment.0);
        self.requests = Vec::new();
        self.interactions.retain(|_, i| i.opened >= moment || now.since(i.opened) < TOKEN_LIFE_MS);
        self.nonces.retain(|_, (_, at)| *at >= moment);
        let mut files = Vec::new();
        for messages in self.messages.values_mut() {
            messages.retain(|_, message| {
                let closed = message.only.is_some() && message.created < moment;
                if closed {
                    files.append(&mut message.attachments);
                }
                !closed
            });
        }
        for file in files {
            self.files.remove(&file);
        }
    }
}
