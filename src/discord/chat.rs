//! The surfaces' side: post, edit, find, threads. Each call has an end, also when Discord asks us
//! to wait for very long.

use super::call::{id_of, valid, within};
use super::errors::chat as failure;
use super::interaction::as_u64;
use super::multipart::Upload;
use super::profile::PROFILE;
use super::render;
use super::shared::Shared;
use super::uploads::uploads;
use super::{order_channels, take};
use crate::model::{Identity, OrderId};
use crate::ports::{Chat, ChatClass, ChatCode, ChatError, Opened, Place, Posted, Space};
use crate::view::{FrontProfile, Message};
use async_trait::async_trait;
use serde_json::{Value, json};
use serenity::http::{LightMethod, Route};
use serenity::model::id::{ChannelId, GuildId, MessageId, UserId};
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

/// Pages of archived threads that are searched, 100 each.
const ARCHIVE_PAGES: usize = 20;
/// A week, in minutes: the longest a quiet thread stays open.
const ARCHIVE_AFTER: u32 = 10_080;

/// Markers that are remembered.
const MARKERS: usize = 4_096;

/// Discord, as the controller sees it.
pub(super) struct DiscordChat {
    shared: Arc<Shared>,
    /// Message → marker, for those posted or found by this process: an edit replaces the container
    /// that carries it, and a crash right after must still find the message by its nonce.
    markers: Mutex<BTreeMap<u64, i32>>,
}

impl DiscordChat {
    pub(super) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared, markers: Mutex::new(BTreeMap::new()) }
    }

    fn remember(&self, message: u64, nonce: &str) {
        if let Ok(mut markers) = self.markers.lock() {
            markers.insert(message, render::marker(nonce));
            // Ids rise with time: the first is the oldest.
            while markers.len() > MARKERS {
                markers.pop_first();
            }
        }
    }

    fn marker_of(&self, message: u64) -> Option<i32> {
        self.markers.lock().ok()?.get(&message).copied()
    }

    async fn send(
        &self,
        method: LightMethod,
        route: Route<'_>,
        body: &Value,
        files: &[Upload],
    ) -> Result<Value, ChatError> {
        within(self.shared.bg.send(method, route, body, files)).await
    }

    async fn get(
        &self,
        route: Route<'_>,
        params: Vec<(&'static str, String)>,
    ) -> Result<Value, ChatError> {
        within(self.shared.bg.get(route, params)).await
    }

    async fn channel(&self, place: Place) -> Result<u64, ChatError> {
        match place {
            Place::Channel(id) => valid(id),
            Place::Direct(Identity::Discord(user)) => {
                let body = json!({"recipient_id": user.to_string()});
                let channel = self.send(LightMethod::Post, Route::UserMeDmChannels, &body, &[]);
                id_of(&channel.await?)
            }
        }
    }

    async fn let_in(&self, thread: u64, member: Identity) -> Result<(), ChatError> {
        let Identity::Discord(user) = member;
        let route = Route::ChannelThreadMember {
            channel_id: ChannelId::new(thread),
            user_id: UserId::new(valid(user)?),
        };
        self.send(LightMethod::Put, route, &json!({}), &[]).await.map(|_| ())
    }

    /// Our thread of this name below a channel, open or archived. All are listed when nothing is
    /// known of them yet, or what was is doubted.
    async fn find_thread(&self, parent: u64, name: &str) -> Result<Option<u64>, ChatError> {
        let threads = &self.shared.threads;
        let mut names = threads.names().await;
        let doubts = threads.doubts();
        if !names.is_known(parent, doubts) {
            names.list(parent, doubts, self.list_threads(parent).await?);
        }
        Ok(names.get(name))
    }

    async fn list_threads(&self, parent: u64) -> Result<Vec<(String, u64)>, ChatError> {
        let parent = valid(parent)?;
        let guild = valid(self.shared.catalog.borrow().shop.guild)?;
        let route = Route::GuildThreadsActive { guild_id: GuildId::new(guild) };
        let mut all = named(&self.get(route, Vec::new()).await?, parent);
        let mut before: Option<String> = None;
        for _ in 0..ARCHIVE_PAGES {
            let mut params = vec![("limit", "100".to_owned())];
            params.extend(before.take().map(|b| ("before", b)));
            let route = Route::ChannelArchivedPrivateThreads { channel_id: ChannelId::new(parent) };
            let page = self.get(route, params).await?;
            all.extend(named(&page, parent));
            let more = page.get("has_more").and_then(Value::as_bool).unwrap_or(false);
            let last = page.get("threads").and_then(Value::as_array).and_then(|t| t.last());
            before = last
                .and_then(|t| t.pointer("/thread_metadata/archive_timestamp"))
                .and_then(Value::as_str)
                .map(|t| t.replace('+', "%2B"));
            if !more || before.is_none() {
                break;
            }
        }
        Ok(all)
    }

    async fn new_thread(&self, parent: u64, name: &str) -> Result<u64, ChatError> {
        let body = json!({"name": name, "type": 12, "invitable": false,
            "auto_archive_duration": ARCHIVE_AFTER});
        let route = Route::ChannelThreads { channel_id: ChannelId::new(valid(parent)?) };
        self.shared.clock.crash_point("discord.before_thread");
        let opened = self.send(LightMethod::Post, route, &body, &[]).await;
        self.shared.clock.crash_point("discord.after_thread");
        let opened = opened.and_then(|thread| id_of(&thread));
        match &opened {
            Ok(thread) => self.shared.threads.names().await.add(name.to_owned(), *thread),
            Err(error) if error.class == ChatClass::Unknown => self.shared.threads.doubt(),
            Err(_) => {}
        }
        opened
    }

    /// Lets a person in, also where the thread went to sleep.
    async fn let_in_awake(&self, thread: u64, member: Identity) -> Result<(), ChatError> {
        match self.let_in(thread, member).await {
            Err(e) if e.code == ChatCode::ThreadArchived => {
                self.reopen(thread).await?;
                self.let_in(thread, member).await
            }
            other => other,
        }
    }

    /// Opens it, or finds the one of this name and lets the person in again: a crash between the
    /// two is healed by calling it once more.
    async fn open_thread(
        &self,
        parent: u64,
        name: &str,
        member: Identity,
    ) -> Result<Opened, ChatError> {
        if let Some(thread) = self.find_thread(parent, name).await? {
            match self.let_in_awake(thread, member).await {
                // Deleted since it was listed.
                Err(e) if e.class == ChatClass::ChannelGone => self.shared.threads.doubt(),
                other => return other.map(|()| Opened { thread, new: false }),
            }
            if self.find_thread(parent, name).await?.is_some() {
                let detail = "Discord lists a thread that it does not know";
                return Err(failure(ChatClass::Later, ChatCode::ThreadGone, detail));
            }
        }
        let thread = self.new_thread(parent, name).await?;
        self.let_in_awake(thread, member).await?;
        Ok(Opened { thread, new: true })
    }

    async fn reopen(&self, thread: u64) -> Result<(), ChatError> {
        self.set_archived(thread, false).await
    }

    async fn set_archived(&self, thread: u64, archived: bool) -> Result<(), ChatError> {
        let route = Route::Channel { channel_id: ChannelId::new(valid(thread)?) };
        let body = json!({"archived": archived});
        self.send(LightMethod::Patch, route, &body, &[]).await.map(|_| ())
    }
}

#[async_trait]
impl Chat for DiscordChat {
    fn front(&self) -> &'static FrontProfile {
        &PROFILE
    }
    async fn post(&self, to: Place, message: &Message, nonce: &str) -> Result<Posted, ChatError> {
        let channel = self.channel(to).await?;
        let files = uploads(&self.shared, message).await;
        let mut body = render::message(message, &files, 0, Some(render::marker(nonce)));
        if let Some(map) = body.as_object_mut() {
            map.insert("nonce".to_owned(), json!(nonce));
            map.insert("enforce_nonce".to_owned(), json!(true));
        }
        let route = Route::ChannelMessages { channel_id: ChannelId::new(channel) };
        self.shared.clock.crash_point("discord.before_post");
        let posted = self.send(LightMethod::Post, route, &body, &files).await;
        self.shared.clock.crash_point("discord.after_post");
        let message = id_of(&posted?)?;
        self.remember(message, nonce);
        Ok(Posted { channel, message })
    }

    async fn edit(&self, at: &Posted, message: &Message) -> Result<(), ChatError> {
        let (channel, id) = (valid(at.channel)?, valid(at.message)?);
        let files = uploads(&self.shared, message).await;
        let body = render::message(message, &files, 0, self.marker_of(id));
        let patch = || {
            let route = Route::ChannelMessage {
                channel_id: ChannelId::new(channel),
                message_id: MessageId::new(id),
            };
            self.send(LightMethod::Patch, route, &body, &files)
        };
        self.shared.clock.crash_point("discord.before_edit");
        let mut edited = patch().await;
        // A quiet thread archives itself, and its messages cannot be edited then.
        if matches!(&edited, Err(e) if e.code == ChatCode::ThreadArchived) {
            self.reopen(channel).await?;
            edited = patch().await;
        }
        self.shared.clock.crash_point("discord.after_edit");
        edited.map(|_| ())
    }

    async fn find(&self, place: Place, nonce: &str) -> Result<Option<Posted>, ChatError> {
        let channel = self.channel(place).await?;
        let route = Route::ChannelMessages { channel_id: ChannelId::new(channel) };
        let messages = self.get(route, vec![("limit", "50".to_owned())]).await?;
        let me = self.shared.me.load(Ordering::Relaxed);
        let ours = |m: &&Value| {
            let author = m.pointer("/author/id").and_then(as_u64);
            (me == 0 || author == Some(me)) && render::is_marked(m, nonce)
        };
        let Some(found) = messages.as_array().into_iter().flatten().find(ours) else {
            return Ok(None);
        };
        let message = id_of(found)?;
        self.remember(message, nonce);
        Ok(Some(Posted { channel, message }))
    }

    async fn check_exists(&self, at: &Posted) -> Result<(), ChatError> {
        let route = Route::ChannelMessage {
            channel_id: ChannelId::new(valid(at.channel)?),
            message_id: MessageId::new(valid(at.message)?),
        };
        self.get(route, Vec::new()).await.map(|_| ())
    }

    async fn open(
        &self,
        space: Space<'_>,
        name: &str,
        member: Identity,
    ) -> Result<Opened, ChatError> {
        match space {
            Space::ThreadBelow(parent) => self.open_thread(parent, name, member).await,
            Space::ChannelIn(categories) => {
                order_channels::open(&self.shared, categories, name, member).await
            }
        }
    }

    async fn close_thread(&self, thread: u64) -> Result<(), ChatError> {
        let route = Route::Channel { channel_id: ChannelId::new(valid(thread)?) };
        let body = json!({"archived": true, "locked": true});
        self.send(LightMethod::Patch, route, &body, &[]).await.map(|_| ())
    }

    async fn open_again(&self, thread: u64) -> Result<bool, ChatError> {
        let route = || Ok(Route::Channel { channel_id: ChannelId::new(valid(thread)?) });
        let found = self.get(route()?, Vec::new()).await?;
        if found.pointer("/thread_metadata/locked").and_then(Value::as_bool) != Some(true) {
            return Ok(false);
        }
        let body = json!({"archived": false, "locked": false});
        self.send(LightMethod::Patch, route()?, &body, &[]).await.map(|_| true)
    }

    async fn put_away(&self, thread: u64) -> Result<(), ChatError> {
        self.set_archived(thread, true).await
    }

    async fn delete_thread(&self, thread: u64) -> Result<(), ChatError> {
        let route = Route::Channel { channel_id: ChannelId::new(valid(thread)?) };
        within(self.shared.bg.delete(route)).await
    }

    async fn delete_proofs(&self, order: OrderId) -> io::Result<u64> {
        take::delete(&self.shared, order).await
    }
}

/// The threads below a channel, of a list of Discord's.
fn named(list: &Value, parent: u64) -> Vec<(String, u64)> {
    let threads = list.get("threads").and_then(Value::as_array).into_iter().flatten();
    threads
        .filter(|t| t.get("parent_id").and_then(as_u64) == Some(parent))
        .filter_map(|t| Some((t.get("name")?.as_str()?.to_owned(), t.get("id").and_then(as_u64)?)))
        .collect()
}
