//! What tests do to the emulator: faults, and what moderators and Discord itself do.

use crate::emulator::Emulator;
use crate::faults::{DispatchFault, Fault};
use crate::state::gateway::Frame;
use crate::state::records::Channel;
use std::collections::BTreeSet;

impl Emulator {
    /// Requests meet this fault from now on.
    pub fn fault(&self, fault: Fault) {
        self.change(|discord| discord.faults.add(fault));
    }

    /// The next dispatches of a kind, such as `INTERACTION_CREATE`, meet this fault.
    pub fn dispatch_fault(&self, kind: &str, fault: DispatchFault, times: u32) {
        self.change(|discord| discord.faults.add_dispatch(kind, fault, times));
    }

    /// No more faults, nor missing permissions.
    pub fn clear_faults(&self) {
        self.change(|discord| discord.faults.clear());
    }

    /// How often an effect such as `DropAfterCommit` met a request.
    #[must_use]
    pub fn faults_met(&self, effect: &str) -> u64 {
        self.read(|discord| discord.faults.met.get(effect).copied().unwrap_or(0))
    }

    /// Takes the bot's permission to write in a channel (50013), or gives it back.
    pub fn deny_writing(&self, channel: u64, denied: bool) {
        self.change(|discord| set(&mut discord.faults.denied, channel, denied));
    }

    /// Hides a channel from the bot (50001), or shows it again.
    pub fn hide_channel(&self, channel: u64, hidden: bool) {
        self.change(|discord| set(&mut discord.faults.hidden, channel, hidden));
    }

    /// Makes intents privileged, as Discord did with more of them over time: a bot that asks for one without
    /// leave is not let in (4014).
    pub fn make_privileged(&self, intents: u64) {
        self.change(|discord| discord.gateway.privileged = intents);
    }

    /// Closes the gateway connections with a code; 4000 can be resumed.
    pub fn disconnect_gateway(&self, code: u16) {
        self.change(|discord| discord.gateway.send_all(|| Frame::Close(code, "Asked to.")));
    }

    /// Asks the bot to reconnect (opcode 7).
    pub fn ask_reconnect(&self) {
        let frame = || Frame::Text(r#"{"op":7,"s":null,"t":null,"d":null}"#.to_owned());
        self.change(|discord| discord.gateway.send_all(frame));
    }

    /// Ends every session (opcode 9); none can be resumed.
    pub fn invalidate_sessions(&self) {
        let frame = || Frame::Text(r#"{"op":9,"s":null,"t":null,"d":false}"#.to_owned());
        self.change(|discord| {
            discord.gateway.send_all(frame);
            discord.gateway.forget_all();
        });
    }

    /// Tells the bot something of this kind, whatever it says.
    pub fn tell(&self, kind: &str, data: &serde_json::Value) {
        self.change(|discord| discord.gateway.dispatch(kind, 0, None, |_| data.clone()));
    }

    /// Lets everybody see a channel, as an administrator's slip would.
    pub fn show_to_everybody(&self, channel: u64) {
        self.change(|discord| {
            if let Some(channel) = discord.channels.get_mut(&channel) {
                channel.overwrites.clear();
            }
        });
    }

    /// Fills a category with channels of others.
    pub fn fill(&self, category: u64, channels: usize) {
        self.change(|discord| {
            for n in 0..channels {
                let (id, owner, now) = (discord.next_id(), discord.layout.owner, discord.now());
                let mut channel = Channel::text(id, &format!("room-{n}"), owner, now);
                channel.parent = Some(category);
                discord.channels.insert(id, channel);
            }
        });
    }

    /// A moderator deletes a message; `false` when there is none.
    #[must_use]
    pub fn delete_message(&self, channel: u64, message: u64) -> bool {
        self.change(|discord| discord.erase(channel, message))
    }

    /// A moderator deletes a channel or thread; `false` when there is none.
    #[must_use]
    pub fn delete_channel(&self, channel: u64) -> bool {
        self.change(|discord| discord.remove_channel(channel, 0))
    }

    /// Delivers an interaction a second time; `false` when there is none.
    #[must_use]
    pub fn redeliver(&self, interaction: u64) -> bool {
        self.change(|discord| discord.deliver_again(interaction))
    }

    /// The id and token of the newest interaction.
    #[must_use]
    pub fn last_interaction(&self) -> Option<(u64, String)> {
        self.read(|discord| {
            let newest = discord.interactions.values().next_back()?;
            Some((newest.id, newest.token.clone()))
        })
    }
}

fn set(channels: &mut BTreeSet<u64>, channel: u64, present: bool) {
    if present {
        channels.insert(channel);
    } else {
        channels.remove(&channel);
    }
}
