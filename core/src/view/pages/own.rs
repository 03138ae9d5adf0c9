//! What customers decide for themselves: what they hear of, their language, and that a link dies.

use super::{Draft, Pages, button};
use crate::model::{
    AccountId, CustomerId, DurationMs, Language, MINUTE_MS, NoticeTopic, Reads, Rejection,
    SECOND_MS, UnixMs,
};
use crate::view::texts::Texts;
use crate::view::{Accent, Action, Button, ButtonStyle, Message};
use std::collections::BTreeSet;

/// How long a question may be answered.
const ANSWER_WITHIN: DurationMs = DurationMs(5 * MINUTE_MS);
/// The value of the choice that leaves the language to the front.
pub(crate) const AS_TOLD: &str = "-";

impl Pages<'_> {
    /// The ways to what somebody decides for themselves, and to the guide.
    pub(super) fn own_buttons(&self) -> Vec<Button> {
        let t = &self.texts;
        let mut buttons = vec![
            button(&Action::Notices, t.button_notices(), ButtonStyle::Secondary),
            button(&Action::Languages, t.button_language(), ButtonStyle::Secondary),
            self.guide_button(),
        ];
        if self.catalog.shop.referral.is_some() {
            buttons.push(button(&Action::Invite, t.button_invite(), ButtonStyle::Secondary));
        }
        buttons
    }

    /// What a customer hears of, with a button for each topic to change it.
    #[must_use]
    pub fn notices(&self, customer: impl Into<Option<CustomerId>>) -> Message {
        let t = &self.texts;
        let customer = customer.into().and_then(|customer| self.snapshot.customer(customer));
        let Some(customer) = customer else { return self.refused(Rejection::UnknownAccount) };
        let (mut lines, mut buttons) = (Vec::new(), Vec::new());
        for topic in NoticeTopic::ALL {
            let (hears, name) = (customer.hears(topic), t.topic(topic));
            let change = Action::SetNotices(topic, !hears);
            lines.push(if hears {
                t.notices_on(name.clone())
            } else {
                t.notices_off(name.clone())
            });
            buttons.push(if hears {
                button(&change, t.button_mute(name), ButtonStyle::Secondary)
            } else {
                button(&change, t.button_unmute(name), ButtonStyle::Success)
            });
        }
        Draft::new(Accent::Neutral)
            .text(t.notices_title())
            .text(lines.join("\n"))
            .text(t.notices_always())
            .buttons(buttons)
            .done()
    }

    /// Which language a customer reads, and a select of those that the shop has.
    #[must_use]
    pub fn languages(&self, customer: impl Into<Option<CustomerId>>) -> Message {
        let t = &self.texts;
        let customer = customer.into().and_then(|customer| self.snapshot.customer(customer));
        let Some(customer) = customer else { return self.refused(Rejection::UnknownAccount) };
        let now = match self.catalog.language_read(Reads { told: None, ..customer.reads() }) {
            Some(chosen) => {
                t.language_chosen(language_name(self.catalog.language_for(Some(chosen))))
            }
            None => t.language_as_told(),
        };
        let mut choices =
            vec![self.choice(AS_TOLD, &t.language_follow(), &t.language_follow_line())];
        let languages: BTreeSet<_> = self.catalog.shop.languages.iter().collect();
        for language in languages.into_iter().take(self.front.choices.saturating_sub(1)) {
            choices.push(self.choice(language, &language_name(language), language));
        }
        Draft::new(Accent::Neutral)
            .text(t.language_title())
            .text(now)
            .select(&Action::PickLanguage, t.language_placeholder(), choices)
            .done()
    }

    /// The language that was picked: `Some(None)` leaves it to the front, and `None` is no language of
    /// the shop.
    #[must_use]
    pub fn picked_language(&self, value: &str) -> Option<Option<Language>> {
        if value == AS_TOLD {
            return Some(None);
        }
        let known = self.catalog.shop.languages.iter().find(|known| *known == value)?;
        known.parse().ok().map(Some)
    }

    /// Whether to replace the link of one's own account: the answer is theirs alone, and counts for five
    /// minutes.
    #[must_use]
    pub fn ask_replace_link(
        &self,
        customer: impl Into<Option<CustomerId>>,
        id: AccountId,
    ) -> Message {
        let Some(account) = self.own_account(customer, id) else {
            return self.refused(Rejection::UnknownAccount);
        };
        let t = &self.texts;
        let asked = self.now.0 / SECOND_MS;
        let confirm = Action::ConfirmReplaceLink(id, account.credentials.version, asked);
        Draft::new(Accent::Waiting)
            .text(t.replace_ask(self.account_plan(id)))
            .buttons(vec![button(&confirm, t.button_replace_now(), ButtonStyle::Danger)])
            .done()
    }

    /// Whether an answer to a question of that second still counts.
    #[must_use]
    pub fn may_answer(&self, asked: u64) -> bool {
        let asked = UnixMs(asked.saturating_mul(SECOND_MS));
        asked <= self.now && self.now.since(asked) < ANSWER_WITHIN
    }

    /// The question is too old; it can be asked again.
    #[must_use]
    pub fn replace_too_late(&self, id: AccountId) -> Message {
        let t = &self.texts;
        let again =
            button(&Action::ReplaceLink(id), t.button_replace_link(), ButtonStyle::Secondary);
        Draft::new(Accent::Neutral).text(t.replace_too_late()).buttons(vec![again]).done()
    }

    /// The link is being replaced.
    #[must_use]
    pub fn link_replaced(&self, id: AccountId) -> Message {
        let text = self.texts.replace_done();
        Draft::new(Accent::Good).text(text).buttons(vec![self.link_button(id)]).done()
    }
}

/// What a language calls itself, where there are texts in it.
fn language_name(language: &str) -> String {
    let written = crate::catalog::written(language);
    written.map_or_else(|| language.to_owned(), |own| Texts::of(own, own).language_own_name())
}

impl Texts {
    fn topic(&self, topic: NoticeTopic) -> String {
        match topic {
            NoticeTopic::Reminders => self.topic_reminders(),
            NoticeTopic::Traffic => self.topic_traffic(),
            NoticeTopic::NotConnected => self.topic_not_connected(),
            NoticeTopic::News => self.topic_news(),
        }
    }
}

#[cfg(test)]
mod tests;
