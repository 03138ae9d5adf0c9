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

use super::lines::{Wording, Written, changes, line};
use super::refused::Refused;
use super::world::World;
use serde_json::Value;

/// Does what a tab asks for.
pub(super) async fn act(world: &World, asked: Value) -> Result<Value, Refused> {
    if world.recorder().is_some() && changes(&asked) {
        return written_down(world, asked).await;
    }
    done(world, asked).await
}

/// Does it where somebody writes it down: when what came before is over, and with nobody beside.
async fn written_down(world: &World, asked: Value) -> Result<Value, Refused> {
    let Some(recorder) = world.recorder() else { return done(world, asked).await };
    let turn = recorder.turn().await;
    let (of, about) = (world.clone(), asked.clone());
    // It may read and write files.
    let found = tokio::task::spawn_blocking(move || line(&of, &about)).await;
    let Written { line, made } =
        found.map_err(|broke| Refused::because(format!("the recorder broke off: {broke}")))??;
    if let Wording::Says(doing) = &line {
        turn.step(doing.clone()).await;
    }
    let came = done(world, asked).await;
    match (came.is_ok(), line) {
        (true, Wording::Says(_)) => turn.done().await,
        (true, Wording::Lacks(what)) => turn.note(what).await,
        (false, Wording::Says(_)) => turn.undone().await,
        (false, Wording::Lacks(_)) => {}
    }
    if came.is_err() {
        for picture in made {
            let _ = tokio::fs::remove_file(picture).await;
        }
    }
    came
}

async fn done(world: &World, asked: Value) -> Result<Value, Refused> {
    let name = asked.get("act").and_then(Value::as_str).unwrap_or_default().to_owned();
    let family = name.split_once('.').map_or("", |(family, _)| family);
    let nudges = changes(&asked);
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
    // What was read, and how far back, is shown as well.
    if nudges || family == "guild" {
        world.nudge();
    }
    came
}
