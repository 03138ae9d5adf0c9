//! A channel for each order, for shops that want channels instead of threads: made in the first category with
//! room, seen by the customer, the staff and the bot alone.

use super::api::Api;
use super::call::{id_of, valid, within};
use super::errors::chat as failure;
use super::interaction::as_u64;
use super::permissions::bits_of;
use super::shared::Shared;
use crate::catalog::{CHANNELS_IN_A_CATEGORY, Roles};
use crate::model::Identity;
use crate::ports::{ChatClass, ChatCode, ChatError, Opened};
use crate::view::Permission;
use serde_json::{Value, json};
use serenity::http::{LightMethod, Route};
use serenity::model::id::GuildId;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

/// Discord's kinds of channels.
const TEXT: u64 = 0;
const CATEGORY: u64 = 4;

/// What everybody who is let in may do there. Discord lets a bot allow only what it may do itself.
pub(super) const MAY: [Permission; 4] = [
    Permission::ViewChannel,
    Permission::SendMessages,
    Permission::AttachFiles,
    Permission::ReadHistory,
];

/// The channel of this name, or a new one. It has no nonce and is found by its name: whoever may see it was
/// said with the same call that made it, so one that is there needs nothing more.
pub(super) async fn open(
    shared: &Shared,
    categories: &[u64],
    name: &str,
    member: Identity,
) -> Result<Opened, ChatError> {
    let shop = shared.catalog.borrow().shop.clone();
    let guild_id = GuildId::new(valid(shop.guild)?);
    let name = channel_name(name);
    let all = within(shared.bg.get(Route::GuildChannels { guild_id }, Vec::new())).await?;
    let all = all.as_array().map(Vec::as_slice).unwrap_or_default();
    if let Some(thread) = named(all, &name) {
        return Ok(Opened { thread, new: false });
    }
    let parent = with_room(all, categories)?;
    let roles = within(existing(&shared.bg, guild_id, &shop.roles)).await?;
    let me = match shared.me.load(Ordering::Relaxed) {
        0 => return Err(failure(ChatClass::Later, ChatCode::Unavailable, "not connected yet")),
        me => me,
    };
    let body = json!({
        "name": name, "type": TEXT, "parent_id": parent.to_string(),
        "permission_overwrites": overwrites(shop.guild, &roles, me, member),
    });
    shared.clock.crash_point("discord.before_channel");
    let route = Route::GuildChannels { guild_id };
    let made = within(shared.bg.send(LightMethod::Post, route, &body, &[])).await;
    shared.clock.crash_point("discord.after_channel");
    let thread = id_of(&made.map_err(full)?)?;
    Ok(Opened { thread, new: true })
}

/// A name as Discord writes those of text channels: small letters, digits and hyphens.
fn channel_name(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

fn named(all: &[Value], name: &str) -> Option<u64> {
    let ours = |c: &&Value| is_of(c, TEXT) && c.get("name").and_then(Value::as_str) == Some(name);
    all.iter().filter(ours).filter_map(|c| c.get("id").and_then(as_u64)).min()
}

fn is_of(channel: &Value, kind: u64) -> bool {
    channel.get("type").and_then(Value::as_u64) == Some(kind)
}

/// The first category with room. Orders that come together may fill it beyond
/// [`CHANNELS_IN_A_CATEGORY`]; Discord takes some more.
fn with_room(all: &[Value], categories: &[u64]) -> Result<u64, ChatError> {
    let is_there = |id: &&u64| {
        let found = all.iter().find(|c| c.get("id").and_then(as_u64) == Some(**id));
        found.is_some_and(|c| is_of(c, CATEGORY))
    };
    let there: Vec<u64> = categories.iter().filter(is_there).copied().collect();
    let count = |parent: u64| {
        all.iter().filter(|c| c.get("parent_id").and_then(as_u64) == Some(parent)).count()
    };
    match there.iter().find(|id| count(**id) < CHANNELS_IN_A_CATEGORY) {
        Some(id) => Ok(*id),
        None if there.is_empty() => {
            let detail = "none of `orders: categories` is a category of the server";
            Err(failure(ChatClass::Refused, ChatCode::ChannelGone, detail))
        }
        None => {
            let detail = "every category of `orders: categories` is full";
            Err(failure(ChatClass::Later, ChatCode::TooManyChannels, detail))
        }
    }
}

/// A category that somebody has filled meanwhile is no fault of what was sent: the next try takes another.
fn full(error: ChatError) -> ChatError {
    if error.detail.contains("CHANNEL_PARENT_MAX_CHANNELS") {
        return ChatError { class: ChatClass::Later, code: ChatCode::TooManyChannels, ..error };
    }
    error
}

/// The roles of the staff that the server has: one that it does not have must not keep orders from their channels.
async fn existing(api: &Api, guild_id: GuildId, roles: &Roles) -> Result<BTreeSet<u64>, ChatError> {
    let all = api.get(Route::GuildRoles { guild_id }, Vec::new()).await?;
    let there = all.as_array().into_iter().flatten();
    let there: BTreeSet<u64> = there.filter_map(|r| r.get("id").and_then(as_u64)).collect();
    let staff = [&roles.owner, &roles.admin, &roles.support].into_iter().flatten();
    Ok(staff.filter(|id| there.contains(*id)).copied().collect())
}

/// Who sees it. The role of everybody has the server's own id.
fn overwrites(everybody: u64, staff: &BTreeSet<u64>, me: u64, member: Identity) -> Value {
    let Identity::Discord(customer) = member;
    let (may, see) = (bits_of(&MAY), bits_of(&[Permission::ViewChannel]));
    let allowed =
        |id: u64, kind: u8| json!({"id": id.to_string(), "type": kind, "allow": may, "deny": 0});
    let hidden = json!({"id": everybody.to_string(), "type": 0, "allow": 0, "deny": see});
    let roles = staff.iter().map(|id| allowed(*id, 0));
    let members = [me, customer].map(|id| allowed(id, 1));
    Value::Array([hidden].into_iter().chain(roles).chain(members).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(id: u64, kind: u64, name: &str, parent: u64) -> Value {
        json!({"id": id.to_string(), "type": kind, "name": name, "parent_id": parent.to_string()})
    }

    #[test]
    fn a_name_is_written_as_discord_gives_it_back() {
        assert_eq!(channel_name("NL-7K3QX2 · 01ARZ3NDEK"), "nl-7k3qx2-01arz3ndek");
    }

    #[test]
    fn a_category_that_was_filled_meanwhile_is_tried_again_and_another_mistake_is_not() {
        let refused = |word: &str| {
            let errors = json!({"parent_id": {"_errors": [{"code": word, "message": "no"}]}});
            let body = json!({"code": 50_035, "message": "Invalid Form Body", "errors": errors});
            let error = full(super::super::errors::by_answer(400, &body));
            (error.class, error.code)
        };
        let later = (ChatClass::Later, ChatCode::TooManyChannels);
        assert_eq!(refused("CHANNEL_PARENT_MAX_CHANNELS"), later);
        assert_eq!(
            refused("CHANNEL_PARENT_INVALID"),
            (ChatClass::Refused, ChatCode::InvalidContent)
        );
    }

    #[test]
    fn the_first_category_with_room_is_taken_and_a_deleted_one_is_passed_over() {
        let mut all = vec![channel(7, CATEGORY, "orders 2", 0), channel(8, TEXT, "no category", 0)];
        assert_eq!(with_room(&all, &[6, 8, 7]).unwrap(), 7);
        all.push(channel(6, CATEGORY, "orders", 0));
        let fill =
            |parent: u64| (0..45).map(move |n| channel(parent * 100 + n, TEXT, "nl", parent));
        all.extend(fill(6).skip(1));
        assert_eq!(with_room(&all, &[6, 7]).unwrap(), 6, "44 are not all");
        all.extend(fill(6).take(1));
        assert_eq!(with_room(&all, &[6, 7]).unwrap(), 7);
        all.extend(fill(7));
        let error = with_room(&all, &[6, 7]).unwrap_err();
        assert_eq!((error.class, error.code), (ChatClass::Later, ChatCode::TooManyChannels));
        let error = with_room(&all, &[5]).unwrap_err();
        assert_eq!((error.class, error.code), (ChatClass::Refused, ChatCode::ChannelGone));
    }
}
