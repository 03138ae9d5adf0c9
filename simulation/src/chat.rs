//! Discord as the loop sees it, in memory, with its moods.

use super::counts::Counts;
use super::mutation::Mutation;
use super::process::Process;
use super::rng::Rng;
use super::time::Time;
use async_trait::async_trait;
use nebulalinks::discord::{PROFILE, by_answer};
use nebulalinks::model::{DurationMs, Identity, MINUTE_MS, OrderId, UnixMs};
use nebulalinks::ports::{Chat, ChatClass, ChatCode, ChatError, Opened, Place, Posted, Space};
use nebulalinks::view::{FrontProfile, Message};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// So long Discord knows a nonce (`enforce_nonce`: "the past few minutes").
const NONCE_LIFE: DurationMs = DurationMs(5 * MINUTE_MS);

pub(super) struct Post {
    pub(super) id: u64,
    nonce: String,
    at: UnixMs,
    pub(super) text: String,
}

#[derive(Default)]
struct Guild {
    ids: u64,
    posts: BTreeMap<u64, Vec<Post>>,
    threads: BTreeMap<(u64, String), u64>,
    /// Channels of orders, by their names.
    channels: BTreeMap<String, u64>,
    /// Threads and channels that there were.
    deleted: BTreeSet<u64>,
    directs: BTreeMap<Identity, u64>,
    closed: BTreeSet<Identity>,
    forbidden: BTreeSet<u64>,
    /// How often something was refused for want of a permission, by channel.
    refusals: BTreeMap<u64, u64>,
}

/// The guild; it outlives every process.
pub(super) struct Discord {
    guild: Mutex<Guild>,
    rng: Rng,
    time: Arc<Time>,
    counts: Arc<Counts>,
    mutation: Mutation,
    review: u64,
    pub(super) troubled: AtomicBool,
}

fn failed(class: ChatClass, code: ChatCode) -> ChatError {
    ChatError { class, code, detail: "in the simulation".to_owned(), retry_after_ms: None }
}

impl Discord {
    pub(super) fn new(
        rng: Rng,
        time: Arc<Time>,
        counts: Arc<Counts>,
        mutation: Mutation,
        review: u64,
    ) -> Self {
        let guild = Mutex::new(Guild { ids: 1 << 40, ..Guild::default() });
        Self { guild, rng, time, counts, mutation, review, troubled: AtomicBool::new(false) }
    }

    pub(super) fn close_direct(&self, who: Identity) {
        self.guild.lock().unwrap().closed.insert(who);
    }

    /// The bot loses its permissions in a channel.
    pub(super) fn forbid(&self, channel: u64) {
        self.guild.lock().unwrap().forbidden.insert(channel);
    }

    /// It has all of them again.
    pub(super) fn permit(&self) {
        self.guild.lock().unwrap().forbidden.clear();
    }

    /// How often something was refused there for want of a permission.
    pub(super) fn refusals(&self, channel: u64) -> u64 {
        self.guild.lock().unwrap().refusals.get(&channel).copied().unwrap_or(0)
    }

    /// Nobody finds anything in a thread or channel that was deleted.
    fn is_there(&self, channel: u64) -> Result<(), ChatError> {
        match self.guild.lock().unwrap().deleted.contains(&channel) {
            true => Err(failed(ChatClass::ChannelGone, ChatCode::ChannelGone)),
            false => Ok(()),
        }
    }

    fn may_write(&self, channel: u64) -> Result<(), ChatError> {
        self.is_there(channel)?;
        let mut guild = self.guild.lock().unwrap();
        // A planted mutation: nobody asks again, which looks as if it were refused again.
        let given_up =
            self.mutation == Mutation::GivesUpSurfaces && guild.refusals.contains_key(&channel);
        if guild.forbidden.contains(&channel) || given_up {
            *guild.refusals.entry(channel).or_default() += 1;
            self.counts.met("a permission was missing");
            return Err(failed(ChatClass::Refused, ChatCode::MissingPermission));
        }
        Ok(())
    }

    /// Somebody deletes a message in a channel: which one.
    pub(super) fn delete_one(&self, channel: u64) -> Option<u64> {
        let mut guild = self.guild.lock().unwrap();
        let posts = guild.posts.get_mut(&channel)?;
        let n = self.rng.below(posts.len() as u64);
        (!posts.is_empty()).then(|| posts.remove(usize::try_from(n).unwrap()).id)
    }

    /// Whether a message in a channel holds this text.
    pub(super) fn shows(&self, channel: u64, text: &str) -> bool {
        let guild = self.guild.lock().unwrap();
        // What is asked for is new, mostly.
        let mut posts = guild.posts.get(&channel).into_iter().flatten().rev();
        posts.any(|post| post.text.contains(text))
    }

    /// Whether there is a thread or a channel of this id.
    pub(super) fn has_place(&self, id: u64) -> bool {
        let guild = self.guild.lock().unwrap();
        guild.threads.values().chain(guild.channels.values()).any(|known| *known == id)
    }

    /// How many messages with this text somebody was sent; `None` where they cannot be written to.
    pub(super) fn times_told(&self, who: Identity, text: &str) -> Option<usize> {
        let guild = self.guild.lock().unwrap();
        let posts = guild.directs.get(&who).and_then(|channel| guild.posts.get(channel));
        let told = posts.into_iter().flatten().filter(|post| post.text.contains(text)).count();
        (told > 0 || !guild.closed.contains(&who)).then_some(told)
    }

    /// Every message outside of direct messages with this text: its channel, and all that it says.
    pub(super) fn texts_with(&self, text: &str) -> Vec<(u64, String)> {
        let guild = self.guild.lock().unwrap();
        let direct: BTreeSet<u64> = guild.directs.values().copied().collect();
        let open = guild.posts.iter().filter(|(channel, _)| !direct.contains(channel));
        let posts = open.flat_map(|(channel, posts)| posts.iter().map(|post| (*channel, post)));
        let with = posts.filter(|(_, post)| post.text.contains(text));
        with.map(|(channel, post)| (channel, post.text.clone())).collect()
    }

    fn mood(&self) -> Result<Option<ChatError>, ChatError> {
        if !self.troubled.load(Ordering::SeqCst) {
            return Ok(None);
        }
        match self.rng.below(25) {
            0 => {
                self.counts.met("discord said later");
                Err(failed(ChatClass::Later, ChatCode::Unavailable))
            }
            1 => {
                self.counts.met("discord lost an answer");
                Ok(Some(failed(ChatClass::Unknown, ChatCode::Timeout)))
            }
            2 => {
                self.counts.met("an edge answered for discord");
                let page = serde_json::Value::from("<html>404 Not Found</html>");
                Err(failed(by_answer(404, &page).class, ChatCode::NotDiscord))
            }
            _ => Ok(None),
        }
    }

    fn channel(&self, place: Place) -> Result<u64, ChatError> {
        let mut guild = self.guild.lock().unwrap();
        match place {
            Place::Channel(id) => Ok(id),
            Place::Direct(customer) if guild.closed.contains(&customer) => {
                self.counts.met("a DM was closed");
                Err(failed(ChatClass::Closed, ChatCode::DmClosed))
            }
            Place::Direct(customer) => {
                guild.ids += 1;
                let next = guild.ids;
                Ok(*guild.directs.entry(customer).or_insert(next))
            }
        }
    }
}

/// One connection to the guild, for one life of the controller.
pub(super) struct Connection {
    pub(super) discord: Arc<Discord>,
    pub(super) process: Arc<Process>,
}

#[async_trait]
impl Chat for Connection {
    fn front(&self) -> &'static FrontProfile {
        &PROFILE
    }
    async fn post(&self, to: Place, message: &Message, nonce: &str) -> Result<Posted, ChatError> {
        self.process.gate().await;
        let discord = &self.discord;
        let lost = discord.mood()?;
        let channel = discord.channel(to)?;
        discord.may_write(channel)?;
        let mut guild = discord.guild.lock().unwrap();
        guild.ids += 1;
        let id = guild.ids;
        if discord.mutation == Mutation::LosesCards && channel == discord.review {
            return Ok(Posted { channel, message: id });
        }
        let now = discord.time.now();
        let posts = guild.posts.entry(channel).or_default();
        let is_known = |post: &&Post| post.nonce == nonce && now.since(post.at) < NONCE_LIFE;
        let message = match posts.iter().find(is_known) {
            Some(same) => same.id,
            None => {
                let (nonce, text) = (nonce.to_owned(), message.plain());
                posts.push(Post { id, nonce, at: now, text });
                id
            }
        };
        discord.counts.note(|| format!("discord, post: {message} in {channel}"));
        lost.map_or(Ok(Posted { channel, message }), Err)
    }

    async fn edit(&self, at: &Posted, message: &Message) -> Result<(), ChatError> {
        self.process.gate().await;
        let lost = self.discord.mood()?;
        self.discord.may_write(at.channel)?;
        let mut guild = self.discord.guild.lock().unwrap();
        let posts = guild.posts.entry(at.channel).or_default();
        let Some(post) = posts.iter_mut().find(|p| p.id == at.message) else {
            if self.discord.mutation == Mutation::LosesCards {
                return Ok(());
            }
            self.discord.counts.met("a message was gone");
            return Err(failed(ChatClass::MessageGone, ChatCode::MessageGone));
        };
        post.text = message.plain();
        self.discord.counts.note(|| format!("discord, edit: {} in {}", at.message, at.channel));
        lost.map_or(Ok(()), Err)
    }

    async fn find(&self, place: Place, nonce: &str) -> Result<Option<Posted>, ChatError> {
        self.process.gate().await;
        let channel = self.discord.channel(place)?;
        self.discord.is_there(channel)?;
        let guild = self.discord.guild.lock().unwrap();
        let last = guild.posts.get(&channel).into_iter().flatten().rev().take(50);
        let found = last.into_iter().find(|p| p.nonce == nonce);
        Ok(found.map(|p| Posted { channel, message: p.id }))
    }

    async fn check_exists(&self, at: &Posted) -> Result<(), ChatError> {
        self.process.gate().await;
        self.discord.is_there(at.channel)?;
        let guild = self.discord.guild.lock().unwrap();
        let there =
            guild.posts.get(&at.channel).is_some_and(|p| p.iter().any(|p| p.id == at.message));
        if there || self.discord.mutation == Mutation::LosesCards {
            return Ok(());
        }
        self.discord.counts.met("a message was gone");
        Err(failed(ChatClass::MessageGone, ChatCode::MessageGone))
    }

    async fn open(
        &self,
        space: Space<'_>,
        name: &str,
        _member: Identity,
    ) -> Result<Opened, ChatError> {
        self.process.gate().await;
        let lost = self.discord.mood()?;
        if let Space::ThreadBelow(parent) = space {
            self.discord.may_write(parent)?;
        }
        let mut guild = self.discord.guild.lock().unwrap();
        let next = guild.ids + 1;
        let thread = match space {
            _ if self.discord.mutation == Mutation::LosesThreads => next,
            Space::ThreadBelow(parent) => {
                *guild.threads.entry((parent, name.to_owned())).or_insert(next)
            }
            Space::ChannelIn(_) => {
                self.discord.counts.met("an order got a channel");
                *guild.channels.entry(name.to_owned()).or_insert(next)
            }
        };
        guild.ids = guild.ids.max(thread);
        lost.map_or(Ok(Opened { thread, new: thread == next }), Err)
    }

    async fn close_thread(&self, thread: u64) -> Result<(), ChatError> {
        self.process.gate().await;
        let lost = self.discord.mood()?;
        self.discord.may_write(thread)?;
        lost.map_or(Ok(()), Err)
    }

    async fn open_again(&self, thread: u64) -> Result<bool, ChatError> {
        self.process.gate().await;
        let lost = self.discord.mood()?;
        self.discord.may_write(thread)?;
        lost.map_or(Ok(false), Err)
    }

    async fn put_away(&self, thread: u64) -> Result<(), ChatError> {
        self.process.gate().await;
        let lost = self.discord.mood()?;
        self.discord.may_write(thread)?;
        self.discord.counts.note(|| format!("discord, put away: {thread}"));
        lost.map_or(Ok(()), Err)
    }

    async fn delete_thread(&self, thread: u64) -> Result<(), ChatError> {
        self.process.gate().await;
        let lost = self.discord.mood()?;
        self.discord.may_write(thread)?;
        let mut guild = self.discord.guild.lock().unwrap();
        guild.posts.remove(&thread);
        guild.deleted.insert(thread);
        guild.threads.retain(|_, known| *known != thread);
        let channels = guild.channels.len();
        guild.channels.retain(|_, known| *known != thread);
        if guild.channels.len() < channels {
            self.discord.counts.met("a channel was deleted");
        }
        drop(guild);
        self.discord.counts.note(|| format!("discord, delete: {thread}"));
        lost.map_or(Ok(()), Err)
    }

    async fn delete_proofs(&self, order: OrderId) -> std::io::Result<u64> {
        self.process.gate().await;
        self.discord.counts.note(|| format!("disk, pictures deleted of order {order}"));
        Ok(1)
    }
}
