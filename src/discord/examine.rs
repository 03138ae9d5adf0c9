//! Looks once whether Discord takes the bot, and how the shop's server is: for `doctor`.

use super::api::Api;
use super::config::Config;
use super::date;
use super::errors::BotError;
use super::gateway;
use super::{http, setup};
use crate::catalog::Shop;
use crate::ports::ChatCode;
use crate::view::SetupProblem;
use serenity::http::Route;
use std::time::Duration;

/// Discord tells that the bot is in within this, or not at all.
const READY_WITHIN: Duration = Duration::from_secs(10);

/// What is wrong with the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ailment {
    /// Discord cannot be asked.
    Unreachable(String),
    /// It does not know the token.
    Token(String),
    /// It does not let the bot listen: intents that are not switched on.
    Intents(String),
    /// The bot asks to hear what Discord does not know.
    Version(String),
    /// The server has not what the shop needs.
    Setup(SetupProblem),
}

/// Asks Discord; `connect`: also whether the bot is let in, which nobody needs to try while it is.
/// And how the server of a shop is, as `/admin setup` has it: all but the messages that stand there, which the
/// controller keeps.
///
/// # Errors
/// When no HTTP client can be made as asked.
pub async fn examine(
    config: &Config,
    shop: Option<&Shop>,
    (connect, message_content): (bool, bool),
) -> Result<Vec<Ailment>, BotError> {
    let api = http::background(config)?;
    match api.get(Route::UserMe, Vec::new()).await {
        Ok(_) => {}
        Err(error) if error.code == ChatCode::Unauthorized => {
            return Ok(vec![Ailment::Token(error.to_string())]);
        }
        Err(error) => return Ok(vec![Ailment::Unreachable(error.to_string())]),
    }
    let mut found = Vec::new();
    if connect {
        found.extend(let_in(config, message_content, &api).await);
    }
    let looked = match shop {
        Some(shop) => setup::look(&api, shop).await,
        None => return Ok(found),
    };
    match looked {
        Ok((_, problems)) => found.extend(problems.into_iter().map(Ailment::Setup)),
        Err(error) => found.push(Ailment::Unreachable(error.to_string())),
    }
    Ok(found)
}

/// Discord's own time, in ms since 1970.
pub async fn date_of_discord(config: &Config) -> Option<u64> {
    let (client, url) = http::for_the_date(config).ok()?;
    let answer = client.get(url).send().await.ok()?;
    let text = answer.headers().get("date")?.to_str().ok()?.to_owned();
    date::read(&text).map(|at| at.0)
}

async fn let_in(config: &Config, message_content: bool, api: &Api) -> Option<Ailment> {
    let tried = gateway::try_once(config, message_content, api);
    match tokio::time::timeout(READY_WITHIN, tried).await {
        Ok(Ok(())) => None,
        Ok(Err(BotError::Fatal(why))) => Some(Ailment::Token(why)),
        Ok(Err(BotError::Intents(why))) => Some(Ailment::Intents(why)),
        Ok(Err(BotError::Version(why))) => Some(Ailment::Version(why)),
        Ok(Err(other)) => Some(Ailment::Unreachable(other.to_string())),
        Err(_) => {
            let why = format!("it did not let the bot in within {} s", READY_WITHIN.as_secs());
            Some(Ailment::Unreachable(why))
        }
    }
}
