//! Discord: the token, what the bot may hear and where it may write; and by its date our clock.

use super::super::env::Env;
use super::finding::Finding;
use crate::catalog::Catalog;
use crate::discord::{self, Ailment};
use crate::view::{SetupProblem, Texts};

/// Beyond this the shop does not believe our clock.
const CLOCK_OFF_MS: u64 = 5_000;
/// Discord's date has no more than seconds.
const SECOND_MS: u64 = 1_000;

/// Our clock beside Discord's.
pub(super) async fn clock(chat: Option<&discord::Config>, env: &Env) -> Option<Finding> {
    let theirs = discord::date_of_discord(chat?).await?;
    let ours = env.clock.now().0;
    let (ahead, off) = (ours >= theirs, ours.abs_diff(theirs));
    if off <= CLOCK_OFF_MS + SECOND_MS {
        return Some(Finding::ok("clock", "ours and Discord's agree"));
    }
    let word = if ahead { "ahead of" } else { "behind" };
    let said =
        format!("ours is {} s {word} Discord's: nobody is cut off or decided on", off / 1_000);
    Some(Finding::failed("clock", said, "timedatectl set-ntp true; chronyc makestep"))
}

/// What Discord says of the bot.
pub(super) async fn examine(
    chat: Option<&discord::Config>,
    catalog: Option<&Catalog>,
    running: bool,
) -> Vec<Finding> {
    let Some(chat) = chat else {
        let said = "there is no bot's token: nobody can order";
        let mend = "--discord-token-file FILE, with the token of discord.com/developers, mode 0400";
        return vec![Finding::failed("discord token", said, mend)];
    };
    let shop = catalog.map(|catalog| &catalog.shop);
    let message_content = shop.is_some_and(|shop| shop.message_content);
    let ailments = match discord::examine(chat, shop, (!running, message_content)).await {
        Ok(ailments) => ailments,
        Err(error) => {
            let mend = "mend the flag";
            return vec![Finding::failed("discord", error.to_string(), mend)];
        }
    };
    if ailments.is_empty() {
        let said = "the bot is taken, and may do in its channels what it must";
        return vec![Finding::ok("discord", said)];
    }
    ailments.into_iter().map(finding).collect()
}

fn finding(ailment: Ailment) -> Finding {
    match ailment {
        Ailment::Unreachable(why) => Finding::failed(
            "discord",
            format!("Discord cannot be asked: {why}"),
            "curl -sv https://discord.com/api/v10/gateway shows what is on the way",
        ),
        Ailment::Token(why) => Finding::failed(
            "discord token",
            format!("Discord does not know the bot's token: {why}"),
            "make a new one at discord.com/developers, Bot, Reset Token, and put it into the token's file",
        ),
        Ailment::Intents(why) => Finding::failed(
            "discord intents",
            format!("Discord does not let the bot listen: {why}"),
            "switch them on at discord.com/developers, Bot, Privileged Gateway Intents",
        ),
        Ailment::Version(why) => Finding::failed(
            "discord intents",
            format!("Discord does not know what the bot asks to hear: {why}"),
            "install the newest NebulaLinks",
        ),
        Ailment::Setup(problem) => {
            let (found, mend) = problem.said(&Texts::of("en", "en"));
            Finding::failed(word(&problem), found, mend)
        }
    }
}

/// What was looked at, for tools.
const fn word(problem: &SetupProblem) -> &'static str {
    match problem {
        SetupProblem::NoRole(..) => "discord roles",
        SetupProblem::Unread => "discord intents",
        SetupProblem::NoCommands => "discord commands",
        SetupProblem::NoServer(_)
        | SetupProblem::NoChannel(..)
        | SetupProblem::WrongKind(..)
        | SetupProblem::Lacks(..)
        | SetupProblem::Public(..)
        | SetupProblem::NoMessage(..) => "discord permissions",
    }
}
