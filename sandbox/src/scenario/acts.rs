//! What people do. Somebody who sees "This interaction failed" because a process was ended on
//! purpose does what everybody does: waits a little and tries again.

use super::grammar::{Act, Spot};
use super::plain::without_ids;
use super::player::Player;
use crate::trouble::Trouble;
use bytes::Bytes;
use nebulalinks::model::InviteCode;
use nebulalinks::view::{FIELD_CODE, FIELD_NEWS, FIELD_REASON, FIELD_REFERENCE};
use nebulalinks_model_discord::{Actor, ActorError, Emulator, MessageView, Offer, Outcome, Place};
use std::time::Duration;

/// How long somebody looks for a button before they give up.
const LOOKS: Duration = Duration::from_millis(1_500);
/// How often somebody tries again after a failure that a scenario caused.
const TRIES: usize = 6;

/// The person of this name. Who decides is known by name too.
pub(crate) fn actor(emulator: &Emulator, name: &str) -> Actor {
    match name {
        "olga" => emulator.staff(name, "owner"),
        "omar" | "sara" => emulator.staff(name, "admin"),
        "sam" => emulator.staff(name, "support"),
        _ => emulator.user(name),
    }
}

impl Player<'_> {
    /// Everybody does the first act, then everybody the second, and so on.
    pub(super) async fn act(
        &mut self,
        people: &[String],
        acts: &[Act],
    ) -> Result<Vec<String>, Trouble> {
        let mut tried = 0;
        loop {
            tried += 1;
            let again = self.crashing && tried < TRIES;
            let (said, failed) = self.act_once(people, acts).await?;
            if !failed || !again {
                return Ok(said);
            }
            self.recover().await?;
        }
    }

    async fn act_once(
        &mut self,
        people: &[String],
        acts: &[Act],
    ) -> Result<(Vec<String>, bool), Trouble> {
        let mut said = Vec::new();
        let mut failed = false;
        for act in acts {
            let names = match act {
                Act::Upload(name) | Act::Post(name) => std::slice::from_ref(name),
                Act::Choose(names, _) => names,
                Act::Press(..)
                | Act::Pick(_)
                | Act::UseAsProof
                | Act::Enter(..)
                | Act::Type(..)
                | Act::Fill(_) => &[],
            };
            let files: Vec<_> =
                names.iter().map(|name| self.file(name)).collect::<Result<_, _>>()?;
            let deeds = people.iter().map(|person| {
                let actor = self.actor(person);
                self.one(actor, act, &files)
            });
            for (person, came) in people.iter().zip(futures::future::join_all(deeds).await) {
                match came {
                    Ok(Outcome::Failed | Outcome::Thinking) => failed = true,
                    Ok(Outcome::Offered(offers)) => said.push(offered(person, &offers)),
                    Ok(_) => {}
                    Err(error) => {
                        failed = true;
                        let text = error.to_string();
                        let first = text.lines().next().unwrap_or_default();
                        let first = first.split(';').next().unwrap_or_default();
                        let what = first.strip_prefix(person.as_str()).unwrap_or(first).trim();
                        said.push(format!("{person} cannot: {what}"));
                    }
                }
            }
            if failed {
                break;
            }
        }
        Ok((said, failed))
    }

    /// The person by name.
    pub(super) fn actor(&self, name: &str) -> Actor {
        actor(&self.system.emulator, name)
    }

    async fn one(
        &self,
        actor: Actor,
        act: &Act,
        files: &[(String, Bytes)],
    ) -> Result<Outcome, ActorError> {
        let deadline = tokio::time::Instant::now() + LOOKS;
        let files: Vec<(&str, Bytes)> =
            files.iter().map(|(n, b)| (n.as_str(), b.clone())).collect();
        loop {
            let came = match act {
                Act::Press(label, spot) => actor.press(self.place(&actor, *spot), label).await,
                Act::Pick(option) => actor.pick(option).await,
                Act::Upload(_) => {
                    let here = self.thread(&actor).unwrap_or(self.system.emulator.layout().store);
                    actor.slash_in(here, "/pay", &[], files.first().cloned()).await
                }
                Act::Choose(_, number) => {
                    let number = number.as_deref().map(|number| (FIELD_REFERENCE, number));
                    actor.submit_modal_with(number.as_slice(), &files).await
                }
                Act::Post(_) => self.post(&actor, &files),
                Act::UseAsProof => self.use_as_proof(&actor).await,
                Act::Enter(command, options) => self.enter(&actor, command, options).await,
                Act::Type(command, options) => {
                    let here = self.system.emulator.layout().store;
                    let all: Vec<(&str, &str)> = texts(options);
                    let (focused, others) = all.split_last().unwrap_or((&("", ""), &[]));
                    actor.types(here, command, others, *focused).await
                }
                Act::Fill(text) => self.fill(&actor, &self.typed(text)).await,
            };
            match came {
                // The page may be a moment away.
                Err(ActorError::NotThere { .. } | ActorError::Input(_))
                    if tokio::time::Instant::now() < deadline =>
                {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                came => return came,
            }
        }
    }

    fn post(&self, actor: &Actor, files: &[(&str, Bytes)]) -> Result<Outcome, ActorError> {
        let here = self.thread(actor).unwrap_or_default();
        actor.say(here, "", files).map(|_| Outcome::Acknowledged)
    }

    async fn use_as_proof(&self, actor: &Actor) -> Result<Outcome, ActorError> {
        let here = self.thread(actor).unwrap_or_default();
        let seen = actor.visible_messages(Place::Channel(here));
        let own = |m: &&MessageView| m.author == actor.name() && !m.files.is_empty();
        let newest = seen.iter().rev().find(own).map_or(0, |message| message.id);
        actor.use_on(here, newest, "Use as proof").await
    }

    /// Enters a command. Where something is offered for an option, they pick the first of it, as people
    /// do, and send what they typed where nothing is.
    async fn enter(
        &self,
        actor: &Actor,
        command: &str,
        options: &[(String, String)],
    ) -> Result<Outcome, ActorError> {
        let here = self.system.emulator.layout().store;
        let mut picked: Vec<(String, String)> = Vec::new();
        for (option, text) in options {
            let offers = if actor.is_offered_choices(command, option) {
                actor.types(here, command, &texts(&picked), (option, text)).await?
            } else {
                Outcome::Acknowledged
            };
            let first = offers.offers().first().map(|offer| offer.value.clone());
            picked.push((option.clone(), first.unwrap_or_else(|| text.clone())));
        }
        actor.slash(command, &texts(&picked), None).await
    }

    /// What is typed for these words: for `alice's code` that by which she invites, as she was shown it last.
    fn typed(&self, text: &str) -> String {
        let shown = |name: &str| {
            let seen = self.actor(name).visible_messages(());
            let mut lines = seen.iter().rev().flat_map(|message| message.text.lines());
            let code = lines.find_map(|line| line.trim().parse::<InviteCode>().ok());
            code.map(|code| code.to_string())
        };
        text.strip_suffix("'s code").and_then(shown).unwrap_or_else(|| text.to_owned())
    }

    async fn fill(&self, actor: &Actor, text: &str) -> Result<Outcome, ActorError> {
        let mut last = Err(ActorError::NoModal(actor.name().to_owned()));
        // The dialogs ask for one thing each; its name is not what scenarios are about.
        for field in [FIELD_REASON, FIELD_REFERENCE, FIELD_NEWS, FIELD_CODE] {
            last = actor.submit_modal(&[(field, text)]).await;
            if !matches!(last, Err(ActorError::Input(_))) {
                break;
            }
        }
        last
    }

    fn place(&self, actor: &Actor, spot: Spot) -> Place {
        match spot {
            Spot::Anywhere => Place::Anywhere,
            Spot::Store => Place::Channel(self.system.emulator.layout().store),
            Spot::Direct => Place::Direct,
            Spot::Thread => self.thread(actor).map_or(Place::Anywhere, Place::Channel),
        }
    }

    /// The newest order thread of a person.
    fn thread(&self, actor: &Actor) -> Option<u64> {
        actor.threads().iter().map(|thread| thread.id).max()
    }

    /// A file for an upload: from the folder of receipts, or `a file of 30MB`.
    fn file(&self, name: &str) -> Result<(String, Bytes), Trouble> {
        if let Some(size) = name.strip_prefix("a file of ") {
            let size = super::grammar::quantity::bytes(size).and_then(|n| usize::try_from(n).ok());
            let size = size.ok_or_else(|| Trouble(format!("{name}: of which size?")))?;
            let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
            bytes.resize(size, 0);
            return Ok(("huge.png".to_owned(), bytes.into()));
        }
        let mut beside = self.receipts.iter().map(|folder| folder.join(name));
        let path = beside.find(|path| path.is_file());
        let path = path.ok_or_else(|| Trouble(format!("there is no picture {name} beside it")))?;
        let mut bytes = std::fs::read(&path)
            .map_err(|e| Trouble(format!("cannot read {}: {e}", path.display())))?;
        // In the demo the same picture is another payment at each start.
        bytes.extend_from_slice(self.salt.as_bytes());
        Ok((name.to_owned(), bytes.into()))
    }
}

fn texts(options: &[(String, String)]) -> Vec<(&str, &str)> {
    options.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

/// What somebody is offered while they type, as a line.
fn offered(who: &str, offers: &[Offer]) -> String {
    let shown: Vec<String> =
        offers.iter().map(|offer| format!("({})", without_ids(&offer.name, &|_| None))).collect();
    let shown = if shown.is_empty() { "nothing".to_owned() } else { shown.join(" ") };
    format!("{who} is offered: {shown}")
}
