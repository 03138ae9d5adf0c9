//! Whether the server has what the shop needs: channels of the right kind, the bot's permissions there, roles,
//! and the messages that stand for good. For `/admin setup`, and most of it for `doctor`.

use super::api::Api;
use super::call::valid;
use super::interaction::as_u64;
use super::permissions::{self, Channel, Member, Server, has};
use super::shared::Shared;
use super::{call, commands, order_channels};
use crate::catalog::{Pings, Shop};
use crate::model::SurfaceKey;
use crate::ports::{ChatCode, ChatError, Hint};
use crate::view::{Permission, Setup, SetupPlace, SetupProblem};
use serde_json::Value;
use serenity::http::Route;
use serenity::model::id::{ChannelId, GuildId, MessageId, UserId};
use std::collections::{BTreeMap, BTreeSet};

/// The channels that were looked at, and what is not as it should be.
pub(super) type Looked = (Vec<(SetupPlace, u64)>, Vec<SetupProblem>);

/// Looks at the server by Discord's own answers; nothing is changed there.
///
/// # Errors
/// Discord could not be asked.
pub(super) async fn look(api: &Api, shop: &Shop) -> Result<Looked, ChatError> {
    let places = places(shop);
    let guild_id = GuildId::new(valid(shop.guild)?);
    let Some(json) = member_of(api.get(Route::Guild { guild_id }, Vec::new()).await)? else {
        return Ok((Vec::new(), vec![SetupProblem::NoServer(shop.guild)]));
    };
    let server = permissions::server(&json).ok_or_else(unreadable)?;
    let me = api.get(Route::UserMe, Vec::new()).await?;
    let me = me.get("id").and_then(as_u64).ok_or_else(unreadable)?;
    let user_id = UserId::new(valid(me)?);
    let json = api.get(Route::GuildMember { guild_id, user_id }, Vec::new()).await?;
    let member = permissions::member(me, &json).ok_or_else(unreadable)?;
    let json = api.get(Route::GuildChannels { guild_id }, Vec::new()).await?;
    let channels: BTreeMap<u64, Channel> = json
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|json| Some((json.get("id").and_then(as_u64)?, permissions::channel(json)?)))
        .collect();
    let mut problems = Vec::new();
    for (place, id) in &places {
        match found(api, &channels, *id).await? {
            Found::Channel(channel) => {
                let needs = needs(*place, shop, &server);
                problems.extend(of_channel((*place, *id), &channel, &server, &member, &needs));
            }
            Found::Hidden => {
                problems.push(SetupProblem::Lacks(*place, *id, vec![Permission::ViewChannel]));
            }
            Found::Nothing => problems.push(SetupProblem::NoChannel(*place, *id)),
        }
    }
    problems.extend(unknown_roles(shop, &server));
    Ok((places, problems))
}

fn unreadable() -> ChatError {
    let class = crate::ports::ChatClass::Unknown;
    super::errors::chat(class, ChatCode::Undecodable, "Discord's answer lacks what it should have")
}

/// The answer about a server, unless the bot is no member of it.
fn member_of(answer: Result<Value, ChatError>) -> Result<Option<Value>, ChatError> {
    match answer {
        Ok(json) => Ok(Some(json)),
        Err(e) if matches!(e.code, ChatCode::MissingAccess | ChatCode::Refused) => Ok(None),
        Err(e) => Err(e),
    }
}

/// The channels that the file names.
fn places(shop: &Shop) -> Vec<(SetupPlace, u64)> {
    let channels = &shop.channels;
    let ids = |place| match place {
        SetupPlace::Store => vec![channels.store],
        SetupPlace::Orders => vec![channels.orders],
        SetupPlace::Category if shop.orders.most_channels().is_none() => Vec::new(),
        SetupPlace::Category => shop.orders.categories.clone(),
        SetupPlace::Review => vec![channels.review],
        SetupPlace::Stats => channels.stats.into_iter().collect(),
        SetupPlace::Alerts => channels.alerts.into_iter().collect(),
    };
    let of = |place| ids(place).into_iter().map(move |id| (place, id));
    SetupPlace::ALL.into_iter().flat_map(of).collect()
}

enum Found {
    Channel(Channel),
    Hidden,
    Nothing,
}

/// A channel of the list, or a thread, which is in none and has the overwrites of its parent.
async fn found(api: &Api, channels: &BTreeMap<u64, Channel>, id: u64) -> Result<Found, ChatError> {
    if let Some(channel) = channels.get(&id) {
        return Ok(Found::Channel(channel.clone()));
    }
    let Ok(id) = valid(id) else { return Ok(Found::Nothing) };
    let route = Route::Channel { channel_id: ChannelId::new(id) };
    let thread = match api.get(route, Vec::new()).await {
        Ok(json) => permissions::channel(&json).filter(Channel::is_thread),
        Err(e) if e.code == ChatCode::MissingAccess => return Ok(Found::Hidden),
        Err(e) if e.code == ChatCode::ChannelGone => return Ok(Found::Nothing),
        Err(e) => return Err(e),
    };
    let parent = thread.as_ref().and_then(|thread| channels.get(&thread.parent?));
    Ok(match (thread, parent) {
        (Some(thread), Some(parent)) => {
            Found::Channel(Channel { overwrites: parent.overwrites.clone(), ..thread })
        }
        // A direct channel, or a thread of another server.
        _ => Found::Nothing,
    })
}

/// What the bot does in a place.
fn needs(place: SetupPlace, shop: &Shop, server: &Server) -> Vec<Permission> {
    use Permission::{
        AttachFiles, CreatePrivateThreads, ManageThreads, MentionRoles, ReadHistory, SendInThreads,
        SendMessages, ViewChannel,
    };
    let mut needs = match place {
        SetupPlace::Store | SetupPlace::Stats | SetupPlace::Alerts => {
            vec![ViewChannel, SendMessages, ReadHistory]
        }
        SetupPlace::Review => vec![ViewChannel, SendMessages, AttachFiles, ReadHistory],
        SetupPlace::Category => {
            order_channels::MAY.into_iter().chain([Permission::ManageChannels]).collect()
        }
        SetupPlace::Orders => {
            vec![ViewChannel, ReadHistory, CreatePrivateThreads, SendInThreads, ManageThreads]
        }
    };
    let Pings { review, tickets, alerts } = shop.ping;
    let called = match place {
        SetupPlace::Review => vec![review, tickets],
        SetupPlace::Alerts => vec![alerts],
        SetupPlace::Store | SetupPlace::Orders | SetupPlace::Category | SetupPlace::Stats => {
            Vec::new()
        }
    };
    let mut roles = called.into_iter().flat_map(|whom| shop.roles.called(whom));
    if roles.any(|role| server.roles.get(&role).is_some_and(|role| !role.mentionable)) {
        needs.push(MentionRoles);
    }
    needs
}

fn of_channel(
    (place, id): (SetupPlace, u64),
    channel: &Channel,
    server: &Server,
    me: &Member,
    needs: &[Permission],
) -> Vec<SetupProblem> {
    // Private threads are opened below text channels alone; an announcement's channel takes messages.
    let fits = match place {
        SetupPlace::Orders => channel.kind == 0,
        SetupPlace::Category => channel.kind == 4,
        _ => matches!(channel.kind, 0 | 5) || channel.is_thread(),
    };
    if !fits {
        return vec![SetupProblem::WrongKind(place, id)];
    }
    let lacks: Vec<Permission> =
        needs.iter().copied().filter(|needed| !has(server, me, channel, *needed)).collect();
    let anybody = Member { id: 0, roles: BTreeSet::new() };
    // A private thread has members of its own.
    let is_public = place.is_for_staff()
        && channel.kind != 12
        && has(server, &anybody, channel, Permission::ViewChannel);
    let lacks = (!lacks.is_empty()).then_some(SetupProblem::Lacks(place, id, lacks));
    lacks.into_iter().chain(is_public.then_some(SetupProblem::Public(place, id))).collect()
}

fn unknown_roles(shop: &Shop, server: &Server) -> Vec<SetupProblem> {
    let roles = &shop.roles;
    let named = [("owner", &roles.owner), ("admin", &roles.admin), ("support", &roles.support)];
    let all = named.into_iter().flat_map(|(key, ids)| ids.iter().map(move |id| (key, *id)));
    all.filter(|(_, id)| !server.roles.contains_key(id))
        .map(|(key, id)| SetupProblem::NoRole(key, id))
        .collect()
}

/// Looks at the server, and whether what stands there for good does. What does not is posted again: the
/// controller is told to look, too.
pub(super) async fn of_the_shop(shared: &Shared) -> Setup {
    let catalog = shared.catalog.borrow().clone();
    let (places, mut problems) = match call::within(look(&shared.bg, &catalog.shop)).await {
        Ok(looked) => looked,
        Err(error) => {
            tracing::warn!(%error, "the server could not be looked at for somebody of the staff");
            return Setup::Unknown;
        }
    };
    let kept = [
        (SetupPlace::Store, SurfaceKey::StorePanel),
        (SetupPlace::Stats, SurfaceKey::Stats),
        (SetupPlace::Alerts, SurfaceKey::Alerts),
    ];
    for (place, id) in &places {
        let key = kept.iter().find(|(kept, _)| kept == place).map(|(_, key)| *key);
        let is_ill = problems.iter().any(|problem| problem.place() == Some(*place));
        if let Some(key) = key.filter(|_| !is_ill)
            && !stands(shared, key, *id).await
        {
            problems.push(SetupProblem::NoMessage(*place, *id));
        }
    }
    problems.extend(shared.unread.borrow().then_some(SetupProblem::Unread));
    problems.extend((!commands::are_known(shared)).then_some(SetupProblem::NoCommands));
    let _ = shared.hints.send(Hint::Panels);
    Setup::Looked(places, problems)
}

/// Whether the message stands in the channel, as far as Discord can be asked.
async fn stands(shared: &Shared, key: SurfaceKey, channel: u64) -> bool {
    let snapshot = shared.store.snapshot();
    let surface = snapshot.surface(key).filter(|surface| surface.channel == Some(channel));
    let Some(message) = surface.and_then(|surface| surface.message) else { return false };
    let (Ok(channel), Ok(message)) = (valid(channel), valid(message)) else { return false };
    let (channel_id, message_id) = (ChannelId::new(channel), MessageId::new(message));
    let route = Route::ChannelMessage { channel_id, message_id };
    let answer = call::within(shared.bg.get(route, Vec::new())).await;
    !matches!(answer, Err(error) if error.code == ChatCode::MessageGone)
}
