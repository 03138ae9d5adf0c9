//! Which path is which route.

use super::call::{Call, Handled};
use super::{callbacks, channels, commands, guild, messages, threads, users, webhooks};
use crate::state::Discord;
use std::collections::BTreeMap;

/// A route of Discord's document, and who handles it.
pub(super) struct Route {
    pub(super) method: &'static str,
    /// As the document spells it.
    pub(super) path: &'static str,
    /// Interactions carry their own token in the path.
    pub(super) needs_token: bool,
    pub(super) handler: fn(&mut Discord, &Call) -> Handled,
}

const fn bot(
    method: &'static str,
    path: &'static str,
    handler: fn(&mut Discord, &Call) -> Handled,
) -> Route {
    Route { method, path, needs_token: true, handler }
}

const fn open(
    method: &'static str,
    path: &'static str,
    handler: fn(&mut Discord, &Call) -> Handled,
) -> Route {
    Route { method, path, needs_token: false, handler }
}

const CHANNEL: &str = "/channels/{channel_id}";
const MESSAGES: &str = "/channels/{channel_id}/messages";
const MESSAGE: &str = "/channels/{channel_id}/messages/{message_id}";
const THREADS: &str = "/channels/{channel_id}/threads";
const THREAD_MEMBER: &str = "/channels/{channel_id}/thread-members/{user_id}";
const ARCHIVED: &str = "/channels/{channel_id}/threads/archived/private";
const GUILD_COMMANDS: &str = "/applications/{application_id}/guilds/{guild_id}/commands";
const CALLBACK: &str = "/interactions/{interaction_id}/{interaction_token}/callback";
const FOLLOWUP: &str = "/webhooks/{webhook_id}/{webhook_token}";
const ORIGINAL: &str = "/webhooks/{webhook_id}/{webhook_token}/messages/@original";
const FOLLOWED: &str = "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}";

/// Literal parts stand before parameters where both would fit. What the bot of a shop and the laws
/// do not call is not here: a request to it is a violation, and then a route to add.
static ROUTES: &[Route] = &[
    open("GET", "/gateway", users::gateway),
    bot("GET", "/gateway/bot", users::gateway_bot),
    bot("GET", "/users/@me", users::me),
    bot("POST", "/users/@me/channels", users::direct_channel),
    bot("PUT", GUILD_COMMANDS, commands::replace),
    bot("GET", CHANNEL, channels::get),
    bot("PATCH", CHANNEL, channels::edit),
    bot("DELETE", CHANNEL, channels::delete),
    bot("GET", MESSAGES, messages::list),
    bot("POST", MESSAGES, messages::create),
    bot("GET", MESSAGE, messages::get),
    bot("PATCH", MESSAGE, messages::edit),
    bot("POST", THREADS, threads::create),
    bot("PUT", THREAD_MEMBER, threads::add),
    bot("GET", ARCHIVED, threads::archived_private),
    bot("GET", "/guilds/{guild_id}", guild::get),
    bot("GET", "/guilds/{guild_id}/channels", guild::channels),
    bot("GET", "/guilds/{guild_id}/members/{user_id}", guild::member),
    bot("POST", "/guilds/{guild_id}/channels", guild::create_channel),
    bot("GET", "/guilds/{guild_id}/roles", guild::roles),
    bot("GET", "/guilds/{guild_id}/threads/active", guild::active_threads),
    open("POST", CALLBACK, callbacks::answer),
    open("POST", FOLLOWUP, webhooks::create),
    open("PATCH", ORIGINAL, webhooks::edit),
    open("DELETE", ORIGINAL, webhooks::delete),
    open("DELETE", FOLLOWED, webhooks::delete),
];

/// The route of a request, with its parameters.
pub(super) fn find(
    method: &str,
    path: &str,
) -> Option<(&'static Route, BTreeMap<&'static str, String>)> {
    let path = path.strip_prefix("/api/v10")?;
    ROUTES
        .iter()
        .filter(|route| route.method == method)
        .find_map(|route| Some((route, params(route.path, path)?)))
}

fn params(template: &'static str, path: &str) -> Option<BTreeMap<&'static str, String>> {
    let mut found = BTreeMap::new();
    let mut given = path.split('/');
    for part in template.split('/') {
        let text = decoded(given.next()?);
        if let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            found.insert(name, text);
        } else if part != text {
            return None;
        }
    }
    given.next().is_none().then_some(found)
}

fn decoded(part: &str) -> String {
    part.replace("%40", "@")
}

/// The pairs of a query; serenity begins it with an `&`.
pub(super) fn query(text: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(text.as_bytes())
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_part_wins_over_a_parameter() {
        let (route, _) = find("PATCH", "/api/v10/webhooks/1/t/messages/%40original").unwrap();
        assert_eq!(route.path, ORIGINAL);
        let (route, params) = find("GET", "/api/v10/channels/77").unwrap();
        assert_eq!((route.path, params["channel_id"].as_str()), (CHANNEL, "77"));
        assert!(find("GET", "/api/v10/channels/77/x").is_none());
    }

    #[test]
    fn a_query_may_begin_with_an_ampersand() {
        assert_eq!(query("&limit=50&after=3")["limit"], "50");
    }

    #[test]
    fn every_route_is_in_discords_document() {
        for route in ROUTES {
            assert!(crate::spec::knows(route.method, route.path), "{}", route.path);
        }
    }
}
