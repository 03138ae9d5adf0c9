//! What a person does in Discord: the same functions by which scenarios act, so that nobody presses
//! what Discord would not show them.

use super::super::person::Person;
use super::super::refused::Refused;
use super::super::world::World;
use bytes::Bytes;
use nebulalinks_model_discord::{Actor, Outcome};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a person does. Ids are text: they are too long for a browser's numbers.
#[derive(Debug, Deserialize)]
#[serde(tag = "act")]
pub(in crate::page) enum Act {
    /// A button is pressed, or options of a select are picked.
    #[serde(rename = "guild.press")]
    Press {
        r#as: Person,
        message: String,
        custom_id: String,
        #[serde(default)]
        values: Vec<String>,
    },
    /// The dialog is sent.
    #[serde(rename = "guild.submit")]
    Submit {
        r#as: Person,
        #[serde(default)]
        fields: BTreeMap<String, String>,
        #[serde(default)]
        files: Vec<u64>,
    },
    /// The dialog is closed.
    #[serde(rename = "guild.dismiss")]
    Dismiss { r#as: Person },
    /// A slash command is entered.
    #[serde(rename = "guild.slash")]
    Slash {
        r#as: Person,
        channel: String,
        command: String,
        #[serde(default)]
        options: BTreeMap<String, String>,
        file: Option<u64>,
    },
    /// Somebody types in an option of a command.
    #[serde(rename = "guild.typing")]
    Typing {
        r#as: Person,
        channel: String,
        command: String,
        #[serde(default)]
        options: BTreeMap<String, String>,
        focused: String,
    },
    /// A message is written.
    #[serde(rename = "guild.say")]
    Say { r#as: Person, channel: String, text: String },
    /// A channel was read up to a message.
    #[serde(rename = "guild.read")]
    Read { r#as: Person, channel: String, message: String },
    /// Somebody scrolls up to older messages of a channel.
    #[serde(rename = "guild.older")]
    Older { r#as: Person, channel: String },
    /// The language of a person's Discord.
    #[serde(rename = "guild.locale")]
    Locale { r#as: Person, locale: String },
    /// Direct messages are taken, or not.
    #[serde(rename = "guild.dms")]
    Dms { r#as: Person, open: bool },
    /// A person leaves the guild, or comes back.
    #[serde(rename = "guild.member")]
    Member { r#as: Person, joined: bool },
}

/// Does it; what came of it is said in a word.
pub(in crate::page) async fn act(world: &World, asked: Act) -> Result<Value, Refused> {
    match asked {
        Act::Press { r#as, message, custom_id, values } => {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let came = actor(world, r#as)?.click(id(&message)?, &custom_id, &values).await?;
            Ok(outcome(&came))
        }
        Act::Submit { r#as, fields, files } => {
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            let files: Vec<(String, Bytes)> =
                files.into_iter().map(|id| upload(world, id)).collect::<Result<_, _>>()?;
            let files: Vec<(&str, Bytes)> =
                files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
            let came = actor(world, r#as)?.submit_modal_with(&fields, &files).await?;
            Ok(outcome(&came))
        }
        Act::Slash { r#as, channel, command, options, file } => {
            let file = file.map(|id| upload(world, id)).transpose()?;
            let options: Vec<(&str, &str)> =
                options.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            let file = file.as_ref().map(|(name, bytes)| (name.as_str(), bytes.clone()));
            let who = actor(world, r#as)?;
            let came = who.slash_in(id(&channel)?, &command, &options, file).await?;
            Ok(outcome(&came))
        }
        Act::Typing { r#as, channel, command, options, focused } => {
            let text = options.get(&focused).map_or("", String::as_str);
            let others: Vec<(&str, &str)> = options
                .iter()
                .filter(|(name, _)| **name != focused)
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let who = actor(world, r#as)?;
            let came = who.types(id(&channel)?, &command, &others, (&focused, text)).await?;
            let offers = came.offers().iter();
            let choices: Vec<Value> =
                offers.map(|o| json!({ "name": o.name, "value": o.value })).collect();
            Ok(json!({ "failed": came.is_failed(), "choices": choices }))
        }
        Act::Say { r#as, channel, text } => {
            actor(world, r#as)?.say(id(&channel)?, &text, &[])?;
            Ok(json!({}))
        }
        Act::Read { r#as, channel, message } => {
            world.reads(r#as, id(&channel)?, id(&message)?);
            Ok(json!({}))
        }
        Act::Older { r#as, channel } if !world.scrolls_up(r#as, id(&channel)?) => {
            Err(Refused::because("the page shows no more than a thousand messages of a channel"))
        }
        Act::Older { .. } => Ok(json!({})),
        Act::Dismiss { r#as } => of(world, r#as, Actor::close_modal),
        Act::Locale { .. } if world.telling().goes_on() => Err(Refused {
            message: "The story presses buttons by their English names.".to_owned(),
            help: Some("Choose a language when it is over, or skip it to its end.".to_owned()),
        }),
        Act::Locale { r#as, locale } => {
            actor(world, r#as)?.set_locale(&locale)?;
            Ok(json!({}))
        }
        Act::Dms { r#as, open: true } => of(world, r#as, Actor::open_dms),
        Act::Dms { r#as, open: false } => of(world, r#as, Actor::close_dms),
        Act::Member { r#as, joined: true } => of(world, r#as, Actor::join_guild),
        Act::Member { r#as, joined: false } => of(world, r#as, Actor::leave_guild),
    }
}

fn of(world: &World, who: Person, does: impl FnOnce(&Actor)) -> Result<Value, Refused> {
    does(actor(world, who)?);
    Ok(json!({}))
}

fn actor(world: &World, who: Person) -> Result<&Actor, Refused> {
    world.actor(who).ok_or_else(|| Refused::because("nobody is called that"))
}

fn id(text: &str) -> Result<u64, Refused> {
    text.parse().map_err(|_| Refused::because(format!("{text} is no id")))
}

fn upload(world: &World, id: u64) -> Result<(String, Bytes), Refused> {
    let gone = || Refused::because("the file is not there any more: choose it again");
    world.take_upload(id).ok_or_else(gone)
}

fn outcome(came: &Outcome) -> Value {
    let word = match came {
        Outcome::Replied(_) => "replied",
        Outcome::Updated(_) => "updated",
        Outcome::Modal(_) => "dialog",
        Outcome::Acknowledged => "acknowledged",
        Outcome::Offered(_) => "offered",
        Outcome::Thinking => "thinking",
        Outcome::Failed => "failed",
    };
    let at = came.message();
    let message = at.map(|message| message.id.to_string());
    json!({ "came": word, "message": message, "channel": at.map(|at| at.channel.to_string()) })
}
