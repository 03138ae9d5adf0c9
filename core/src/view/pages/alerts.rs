//! What needs a person, for staff: the card that says it all, and the message that tells what is new.

use super::{Draft, Pages};
use crate::alerts::{Alert, AlertKind, Says};
use crate::model::Telling;
use crate::view::format::{clip, harmless};
use crate::view::{Accent, Message};

/// So many of them are said.
const MOST: usize = 10;
/// Characters of what one of them says, and of what all say: a message holds 4,000.
const MOST_EACH: usize = 360;
const MOST_SAID: usize = 1_800;

impl Pages<'_> {
    /// The card in the channel for alerts.
    #[must_use]
    pub fn alerts(&self, alerts: &[Alert]) -> Message {
        let accent = if alerts.is_empty() { Accent::Good } else { Accent::Waiting };
        let draft = Draft::new(accent).text(self.texts.alerts_heading());
        if alerts.is_empty() {
            return draft.text(self.texts.alerts_none()).done();
        }
        let lines = alerts.iter().map(|alert| (alert.name(), Some(alert)));
        self.listed(draft, lines.collect()).done()
    }

    /// What tells staff of alerts that are new, and of those that are over. `alerts` are those that are so
    /// now: what passed meanwhile is only named.
    #[must_use]
    pub fn alerts_news(&self, telling: &Telling, alerts: &[Alert]) -> Message {
        let accent = if telling.new.is_empty() { Accent::Good } else { Accent::Bad };
        let mut draft = Draft::new(accent);
        if !telling.new.is_empty() {
            let so = |name: &String| alerts.iter().find(|alert| alert.name() == *name);
            let lines = telling.new.keys().map(|name| (name.clone(), so(name)));
            draft = self.listed(draft.text(self.texts.alerts_new()), lines.collect());
            draft = draft.calls_roles(self.called_roles(|ping| ping.alerts));
        }
        if !telling.over.is_empty() {
            let names = telling.over.iter().take(MOST).map(|name| named(name));
            let names = names.collect::<Vec<_>>().join("\n");
            draft = draft.text(format!("{}\n{names}", self.texts.alerts_over()));
            draft = draft.maybe(self.more(telling.over.len()));
        }
        draft.done()
    }

    fn listed(&self, draft: Draft, alerts: Vec<(String, Option<&Alert>)>) -> Draft {
        let (count, shown) = (alerts.len(), alerts.len().clamp(1, MOST));
        let most = MOST_EACH.min(MOST_SAID / shown);
        let lines = alerts.into_iter().take(MOST);
        let draft =
            lines.fold(draft, |draft, (name, alert)| draft.text(self.alert(&name, alert, most)));
        draft.maybe(self.more(count))
    }

    fn more(&self, count: usize) -> Option<String> {
        count.checked_sub(MOST).filter(|more| *more > 0).map(|more| self.texts.alerts_more(more))
    }

    /// One of them, what it says in at most so many characters.
    fn alert(&self, name: &str, alert: Option<&Alert>, most: usize) -> String {
        let head = named(name);
        let Some(alert) = alert else { return head };
        let since = alert.since.map(|since| self.texts.alerts_since(self.when(since)));
        let since = since.map(|since| format!(", {since}")).unwrap_or_default();
        // What the outside says must format nothing, and signs that are escaped count, too.
        let said = |text: &str, most: usize| clip(&harmless(text, most), most);
        let said = match &alert.says {
            Says::Words { detail, remedy: None } => said(detail, most),
            Says::Words { detail, remedy: Some(remedy) } => {
                let remedy = self.texts.alerts_do(said(remedy, most / 2));
                format!("{}\n{remedy}", said(detail, most / 2))
            }
            Says::Count(n) => match alert.kind {
                AlertKind::LinksUndelivered => self.texts.alerts_links_undelivered(*n),
                AlertKind::ReviewWaiting => self.texts.alerts_review_waiting(*n),
                AlertKind::QuestionWaiting => self.texts.alerts_question_waiting(*n),
                _ => self.texts.alerts_accounts_stalled(*n),
            },
        };
        format!("{head}{since}\n{said}")
    }
}

/// `ServerUnreachable:fra-1` as people read it.
fn named(name: &str) -> String {
    match name.split_once(':') {
        Some((kind, server)) => format!("**{kind}** · {server}"),
        None => format!("**{name}**"),
    }
}

#[cfg(test)]
mod tests;
