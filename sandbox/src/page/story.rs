//! A scenario that plays on the page by itself, step by step, with a rest before each so that one can read.

use super::telling::{Narration, Stage};
use super::world::World;
use crate::scenario::{Scenario, Steps};
use crate::system::Desired;
use crate::trouble::Trouble;
use std::time::Duration;

/// So long somebody has to open the page before it begins without them.
const TO_OPEN: Duration = Duration::from_secs(60);
/// Somebody reads what is said before a step happens, and sees what came of it afterwards.
const TO_READ: Duration = Duration::from_millis(2_600);
const TO_SEE: Duration = Duration::from_millis(1_900);

/// Plays a scenario to its end. Where the four files are a copy, it may edit them, and what is seen is
/// compared with what the file says.
pub(crate) async fn tell(
    world: &World,
    desired: Option<Desired>,
    scenario: Scenario,
) -> Result<(), Trouble> {
    let of = scenario.script.steps.len();
    let mut told = Narration {
        name: scenario.name(),
        caption: String::new(),
        step: String::new(),
        who: None,
        at: 0,
        of,
        stage: Stage::Playing,
        trouble: None,
    };
    let steps: Vec<_> = scenario.script.steps.clone();
    // From here on it leads: nobody else moves the clock.
    world.telling().tell(told.clone());
    world.telling().until_watched(TO_OPEN).await;
    let moves: Vec<_> = steps.iter().map(|step| scenario.lets_pass(step) > 0).collect();
    let who: Vec<_> = steps.iter().map(|step| scenario.who(step)).collect();
    let mut playing = Steps::of(world.system(), desired, scenario);
    for (n, ((step, who), moves)) in steps.into_iter().zip(who).zip(moves).enumerate() {
        let said = caption(&step.lead);
        told.at = n + 1;
        told.who = who;
        told.caption = said.unwrap_or(told.caption);
        told.step = step.text;
        let telling = world.telling();
        telling.tell(told.clone());
        telling.rest(if n == 0 { TO_READ * 2 } else { TO_READ }).await;
        let played = match moves {
            true => world.beside().moving(playing.step()).await,
            false => playing.step().await,
        };
        if let Err(trouble) = played {
            told.stage = Stage::Failed;
            told.trouble = Some(trouble.to_string());
            telling.tell(told);
            return Err(trouble);
        }
        telling.rest(TO_SEE).await;
    }
    told.stage = Stage::Done;
    world.telling().tell(told);
    Ok(())
}

/// The last paragraph of comments before a step.
fn caption(lead: &[String]) -> Option<String> {
    let paragraph: Vec<&str> = lead
        .iter()
        .rev()
        .skip_while(|line| line.is_empty())
        .map_while(|line| line.strip_prefix('#').map(str::trim))
        .collect();
    let words: Vec<&str> = paragraph.into_iter().rev().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::caption;

    #[test]
    fn what_stands_right_above_a_step_is_said_about_it() {
        let lead = ["# The file.", "", "# Alice buys.", "# Only she sees it."].map(str::to_owned);
        assert_eq!(caption(&lead).as_deref(), Some("Alice buys. Only she sees it."));
        assert_eq!(caption(&[]), None);
    }
}
