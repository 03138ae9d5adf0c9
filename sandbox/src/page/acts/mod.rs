//! What can be done at the page: each family is one file with `act`, and one row here.
//!
//! An act is JSON such as `{"act": "guild.press", "as": "alice", …}`; a family reads its acts into an
//! enum with `#[serde(tag = "act")]`. What comes back is the answer to the browser: `{}` when there
//! is nothing to say. An act that scenarios know too calls the same function as they do.

mod account;
mod clock;
mod file;
pub(super) mod guild;
mod panel;
mod process;
pub(super) mod story;

use super::lines::{Line, line};
use super::refused::Refused;
use super::world::World;
use serde_json::Value;

/// Does what a tab asks for. Where somebody writes it down, what came before is over first.
pub(super) async fn act(world: &World, asked: Value) -> Result<Value, Refused> {
    let Some(recorder) = world.recorder() else { return done(world, asked).await };
    let line = line(world, &asked);
    match &line {
        Line::Says(said) => recorder.step(said).await,
        Line::Lacks => {
            let what = asked.get("act").and_then(Value::as_str).unwrap_or_default();
            recorder.note(format!("Here {what} was done, for which there is no line.")).await;
        }
        Line::Nothing => {}
    }
    let came = done(world, asked).await;
    if came.is_err() && matches!(line, Line::Says(_)) {
        recorder.undone().await;
    }
    came
}

async fn done(world: &World, asked: Value) -> Result<Value, Refused> {
    let name = asked.get("act").and_then(Value::as_str).unwrap_or_default().to_owned();
    let family = name.split_once('.').map_or("", |(family, _)| family);
    let came = match family {
        "account" => account::act(world, serde_json::from_value(asked)?).await,
        "clock" => clock::act(world, serde_json::from_value(asked)?).await,
        "file" => file::act(world, serde_json::from_value(asked)?).await,
        "guild" => guild::act(world, serde_json::from_value(asked)?).await,
        "panel" => panel::act(world, serde_json::from_value(asked)?).await,
        "process" => process::act(world, serde_json::from_value(asked)?).await,
        "story" => story::act(world, &serde_json::from_value(asked)?),
        _ => Err(Refused::because(format!("there is no act {name}"))),
    };
    world.nudge();
    came
}
