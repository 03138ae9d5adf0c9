//! What helps a customer without waiting for a person: the shop's questions and answers, and the guide.

use super::{Draft, Pages, button};
use crate::catalog::Faq;
use crate::model::CustomerId;
use crate::view::format::clip;
use crate::view::{Accent, Action, ButtonStyle, Choice, Message};
use nebulalinks_protocol::hex;
use sha2::{Digest, Sha256};

/// Bytes of a question's hash that tell it from 24 others.
const KEY_BYTES: usize = 8;

impl Pages<'_> {
    /// The questions of the shop, and where a person is asked. The value is a question's key.
    #[must_use]
    pub fn support(&self, customer: impl Into<Option<CustomerId>>) -> Message {
        let draft = Draft::new(Accent::Neutral).text(self.texts.support_title());
        self.with_questions(draft, customer.into())
    }

    /// The answer to a question; the questions once more where it is none of the shop's any more.
    #[must_use]
    pub fn question(&self, customer: impl Into<Option<CustomerId>>, key: &str) -> Message {
        let Some(asked) = self.catalog.shop.faq.iter().find(|entry| self.key_of(entry) == key)
        else {
            return self.support(customer);
        };
        let question = self.texts.support_question(self.own(&asked.question).to_owned());
        let draft = Draft::new(Accent::Neutral).text(question).text(self.own(&asked.answer));
        self.with_questions(draft, customer.into())
    }

    fn with_questions(&self, draft: Draft, customer: Option<CustomerId>) -> Message {
        let t = &self.texts;
        let choice = |entry: &Faq| Choice {
            value: self.key_of(entry),
            label: clip(self.own(&entry.question), self.front.choice),
            description: None,
        };
        let questions: Vec<Choice> = self.catalog.shop.faq.iter().map(choice).collect();
        let draft = match questions.is_empty() {
            true => draft,
            false => draft.select(&Action::PickQuestion, t.support_placeholder(), questions),
        };
        // One at a time: who has an open one goes on there.
        let open = customer.and_then(|customer| self.snapshot.open_ticket(customer));
        let may_open = self.front.private_threads && open.is_none();
        let ask = match open {
            Some(ticket) => self.way_to(ticket.id),
            None if may_open => t.support_ask_person(),
            None => t.support_ask(),
        };
        let label = || t.button_ask_person();
        let person = may_open.then(|| button(&Action::AskPerson, label(), ButtonStyle::Primary));
        // Whoever has left its thread closes it here, and asks anew.
        let close = open.map(|ticket| self.close_button(ticket.id));
        let buttons = person.into_iter().chain(close).chain([self.guide_button()]).collect();
        draft.text(ask).buttons(buttons).done()
    }

    /// The keys of the shop's questions.
    #[cfg(test)]
    pub(super) fn question_keys(&self) -> Vec<String> {
        self.catalog.shop.faq.iter().map(|entry| self.key_of(entry)).collect()
    }

    /// A question by what it says in the shop's language: a place in the list would be another question
    /// after an edit.
    fn key_of(&self, entry: &Faq) -> String {
        let default = self.catalog.default_language();
        let digest: [u8; 32] = Sha256::digest(entry.question.get(default, default)).into();
        digest.get(..KEY_BYTES).map(hex).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
