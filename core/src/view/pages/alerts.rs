//! What needs a person, for staff: the card that says it all, and the message that tells what is new.

use super::{Draft, Pages};
use crate::alerts::{Alert, AlertKind, Says, Untold};
use crate::view::format::clip;
use crate::view::{Accent, Message};

/// So many of them are said; a message holds 4,000 characters.
const MOST: usize = 10;
/// Characters of one of them.
const MOST_EACH: usize = 360;

impl Pages<'_> {
    /// The card in the channel for alerts.
    #[must_use]
    pub fn alerts(&self, alerts: &[Alert]) -> Message {
        let accent = if alerts.is_empty() { Accent::Good } else { Accent::Waiting };
        let draft = Draft::new(accent).text(self.texts.alerts_heading());
        if alerts.is_empty() {
            return draft.text(self.texts.alerts_none()).done();
        }
        self.listed(draft, &alerts.iter().collect::<Vec<_>>()).done()
    }

    /// What tells staff of alerts that are new, and of those that are over.
    #[must_use]
    pub fn alerts_news(&self, untold: &Untold<'_>) -> Message {
        let accent = if untold.new.is_empty() { Accent::Good } else { Accent::Bad };
        let mut draft = Draft::new(accent);
        if !untold.new.is_empty() {
            draft = self.listed(draft.text(self.texts.alerts_new()), &untold.new);
        }
        if !untold.over.is_empty() {
            let names = untold.over.iter().take(MOST).map(|name| named(name));
            let names = names.collect::<Vec<_>>().join("\n");
            draft = draft.text(format!("{}\n{names}", self.texts.alerts_over()));
            draft = draft.maybe(self.more(untold.over.len()));
        }
        draft.done()
    }

    fn listed(&self, draft: Draft, alerts: &[&Alert]) -> Draft {
        let shown =
            alerts.iter().take(MOST).fold(draft, |draft, alert| draft.text(self.alert(alert)));
        shown.maybe(self.more(alerts.len()))
    }

    fn more(&self, count: usize) -> Option<String> {
        count.checked_sub(MOST).filter(|more| *more > 0).map(|more| self.texts.alerts_more(more))
    }

    fn alert(&self, alert: &Alert) -> String {
        let head = named(&alert.name());
        let since = alert.since.map(|since| self.texts.alerts_since(self.when(since)));
        let since = since.map(|since| format!(", {since}")).unwrap_or_default();
        let said = match &alert.says {
            Says::Words { detail, remedy: None } => clip(detail, MOST_EACH),
            Says::Words { detail, remedy: Some(remedy) } => {
                let remedy = self.texts.alerts_do(clip(remedy, MOST_EACH / 2));
                format!("{}\n{remedy}", clip(detail, MOST_EACH / 2))
            }
            Says::Count(n) => match alert.kind {
                AlertKind::LinksUndelivered => self.texts.alerts_links_undelivered(*n),
                AlertKind::ReviewWaiting => self.texts.alerts_review_waiting(*n),
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
