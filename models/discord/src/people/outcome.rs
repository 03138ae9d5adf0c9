//! What comes of what people do.

use crate::components::modal_fields;
use crate::emulator::Emulator;
use crate::json::text_of;
use crate::state::interaction::Stage;
use crate::view::{MessageView, view};
use serde_json::Value;

/// A dialog as somebody reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModalView {
    /// What stands above its fields.
    pub title: String,
    /// Its fields' ids and labels.
    pub fields: Vec<(String, String)>,
}

/// What came of an interaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A new message, ephemeral or not; put off or at once.
    Replied(MessageView),
    /// The message with the control became this.
    Updated(MessageView),
    /// A dialog opened.
    Modal(ModalView),
    /// What may be meant by what they are typing.
    Offered(Vec<Offer>),
    /// Acknowledged, and nothing was shown.
    Acknowledged,
    /// "… is thinking", and nothing came in time.
    Thinking,
    /// No answer in time: "This interaction failed".
    Failed,
}

/// One thing that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What is shown.
    pub name: String,
    /// What is sent when it is picked; a number as its digits.
    pub value: String,
}

impl Outcome {
    /// What was offered, if something was asked for while typing.
    #[must_use]
    pub fn offers(&self) -> &[Offer] {
        match self {
            Self::Offered(offers) => offers,
            _ => &[],
        }
    }
    /// The message, if one was shown.
    #[must_use]
    pub const fn message(&self) -> Option<&MessageView> {
        match self {
            Self::Replied(message) | Self::Updated(message) => Some(message),
            _ => None,
        }
    }
    /// The message as plain text; empty when none was shown.
    #[must_use]
    pub fn text(&self) -> &str {
        self.message().map(|message| message.text.as_str()).unwrap_or_default()
    }
    /// The dialog, if one opened.
    #[must_use]
    pub const fn modal(&self) -> Option<&ModalView> {
        match self {
            Self::Modal(modal) => Some(modal),
            _ => None,
        }
    }
    /// Whether Discord showed the user that it failed.
    #[must_use]
    pub const fn is_failed(&self) -> bool {
        matches!(self, Self::Failed)
    }
}

impl Emulator {
    /// Waits for what comes of an interaction.
    pub(super) async fn outcome(&self, id: u64) -> Outcome {
        let failing = self.clone();
        let within = self.0.answer_within;
        tokio::spawn(async move {
            tokio::time::sleep(within).await;
            failing.change(|discord| discord.fail_unanswered(id));
        });
        let stage = |emulator: &Self| {
            emulator.read(|discord| discord.interactions.get(&id).map(|i| (i.stage, i.settled)))
        };
        // The task above ends this wait in any case; the margin is for a busy machine.
        let margin = within * 4;
        let answered = self
            .wait_for("an answer", margin, |emulator| {
                stage(emulator).map(|(stage, _)| stage).filter(|stage| *stage != Stage::Waiting)
            })
            .await;
        let Ok(Stage::Answered(callback)) = answered else { return Outcome::Failed };
        // What was put off may never come: that is an outcome too.
        let settled = self
            .wait_for("what was put off", self.0.settle_within, |emulator| {
                stage(emulator).filter(|(_, settled)| *settled)
            })
            .await
            .is_ok();
        self.read(|discord| {
            let Some(interaction) = discord.interactions.get(&id) else { return Outcome::Failed };
            let original = interaction.original;
            let message = original.and_then(|m| discord.message(interaction.channel, m));
            let message = message.map(|message| view(discord, message));
            if let Some(choices) = &interaction.choices {
                return Outcome::Offered(choices.iter().map(offer).collect());
            }
            match (callback, message, &interaction.modal) {
                (9, _, Some(modal)) => Outcome::Modal(modal_view(modal)),
                (5, _, _) if !settled => Outcome::Thinking,
                (4 | 5, Some(message), _) => Outcome::Replied(message),
                (6, Some(message), _) if settled => Outcome::Updated(message),
                (7, Some(message), _) => Outcome::Updated(message),
                _ => Outcome::Acknowledged,
            }
        })
    }
}

fn offer(choice: &Value) -> Offer {
    let value = match choice.get("value") {
        Some(Value::String(text)) => text.clone(),
        other => other.map(Value::to_string).unwrap_or_default(),
    };
    Offer { name: text_of(choice, "name").to_owned(), value }
}

fn modal_view(modal: &Value) -> ModalView {
    let fields = modal_fields(modal);
    ModalView {
        title: text_of(modal, "title").to_owned(),
        fields: fields.into_iter().map(|field| (field.custom_id, field.label)).collect(),
    }
}
