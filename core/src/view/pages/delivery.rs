//! The link as it goes to the customer, and the notices about an account.

use super::{Draft, Pages, button};
use crate::model::{
    AccountId, Binding, CustomerId, Delivery, DurationMs, Entitlement, NoticeKind, Outage,
    Rejection, Standing, Term, TermSource,
};
use crate::view::format::code_block;
use crate::view::{
    Accent, Action, Answer, Attachment, ButtonStyle, FileSource, Message, ShareLink, links, qr,
};

const QR_NAME: &str = "link.png";
/// Hundredths of a message's text that its links may have.
const LINKS_PERCENT: usize = 75;

impl Pages<'_> {
    /// Whether there is a link to deliver. The message with it has a picture, which takes time to draw.
    #[must_use]
    pub fn has_link(&self, account: AccountId) -> bool {
        !self.links_to_deliver(account).is_empty()
    }

    fn links_to_deliver(&self, account: AccountId) -> Vec<ShareLink> {
        // What was last known of the inbounds leads nowhere now.
        if self.outage(account).is_some_and(Outage::leaves_no_link) {
            return Vec::new();
        }
        links::links(self.snapshot, self.catalog, account)
    }

    /// The message with the link; `None` while there is none to deliver.
    #[must_use]
    pub fn link_message(&self, account: AccountId) -> Option<Message> {
        let links = self.links_to_deliver(account);
        let (first, more) = links.split_first()?;
        let t = &self.texts;
        // The address alone: a link beside it would be dead after a move of which nobody is told.
        let address = links::address(self.snapshot, self.catalog, account);
        let url = address.as_ref().unwrap_or(&first.url);
        let mut draft = Draft::new(Accent::Good)
            .text(t.link_title())
            .maybe(self.replaced_note(account))
            .maybe(address.as_ref().and_then(|_| self.lost_note(account)))
            .maybe(self.off_note(account))
            .text(code_block(url));
        if let Some(png) = qr::png(url) {
            let source = FileSource::Bytes(png);
            draft = draft.picture(Attachment { name: QR_NAME.to_owned(), source });
        }
        let buttons = vec![self.link_button(account), self.guide_button()];
        if address.is_some() {
            return Some(draft.text(t.link_address_how_to()).buttons(buttons).done());
        }
        draft = draft.text(t.link_how_to());
        let more =
            within(more, self.front.part_of_text(LINKS_PERCENT).saturating_sub(first.url.len()));
        if !more.is_empty() {
            draft = draft.rule().text(t.link_more()).text(more);
        }
        Some(draft.buttons(buttons).done())
    }

    /// The answer to *Show my link*: the link, or that it is being prepared.
    #[must_use]
    pub fn show_link(&self, customer: impl Into<Option<CustomerId>>, account: AccountId) -> Answer {
        if self.own_account(customer, account).is_none() {
            return Answer::Private(self.refused(Rejection::UnknownAccount));
        }
        Answer::Private(self.link_message(account).unwrap_or_else(|| {
            let t = &self.texts;
            let ready = links::delivery_fingerprint(self.snapshot, self.catalog, account);
            let ended = Entitlement::of(self.snapshot, account)
                .is_some_and(|e| e.standing(self.now) == Standing::Expired);
            let text = match self.outage(account) {
                _ if ended && ready.is_none() => t.link_ended(),
                None if ready.is_some() => t.link_unsupported(),
                None if self.is_replacing(account) => t.link_replacing(),
                _ => self.link_waits(account),
            };
            Draft::new(Accent::Waiting).text(text).buttons(vec![self.link_button(account)]).done()
        }))
    }

    /// Says so when there was a link before this one, and whether that one still works.
    fn replaced_note(&self, account: AccountId) -> Option<String> {
        let delivered = self.snapshot.delivery(account);
        let keeps = delivered.is_some_and(|d| links::is_of_address(&d.fingerprint));
        if !keeps
            && self.snapshot.old_server_kept_until(account).is_some()
            && delivered.is_some_and(|d| d.earlier || d.state.arrived())
        {
            let told = self.snapshot.told_of_new_server_at(account).unwrap_or(self.now);
            return (!self.snapshot.link_leads_to_old(account))
                .then(|| self.texts.link_moving(self.when(told + Binding::OLD_KEPT)));
        }
        let today = links::delivery_fingerprint(self.snapshot, self.catalog, account)?;
        let other = |d: &Delivery| !links::is_delivered(self.snapshot, self.catalog, d, &today);
        let replaced =
            self.snapshot.account(account)?.credentials.version > 1 || delivered.is_some_and(other);
        replaced.then(|| self.texts.link_replaced())
    }

    /// Says so to who holds the address when the server was lost that his app still goes to.
    fn lost_note(&self, account: AccountId) -> Option<String> {
        let delivered = self.snapshot.delivery(account)?;
        let is_late = links::misses_a_loss(self.snapshot, self.catalog, delivered, self.now);
        is_late.then(|| self.texts.link_address_lost())
    }

    /// Whether no message is to bring the link yet: nobody can use the server that it leads to. While the
    /// account moves and it leads to the old one, the new one has it already, or is about to: an outage
    /// there that comes and goes sends nothing.
    #[must_use]
    pub fn link_can_wait(&self, account: AccountId) -> bool {
        if !self.snapshot.link_leads_to_old(account) {
            return self.outage(account).is_some();
        }
        let Some(new) = self.snapshot.serving(account) else { return false };
        let today = self.snapshot.account(account).map(|a| a.credentials.version);
        let status = self.serving_status(account);
        let applied = status.and_then(|s| s.applied.as_ref()).map(|a| a.credentials);
        (applied.is_some() && applied == today) || self.snapshot.is_usable(&new.server)
    }

    /// Whether the account has credentials that no server has read back yet.
    fn is_replacing(&self, account: AccountId) -> bool {
        let Some(today) = self.snapshot.account(account).map(|a| a.credentials.version) else {
            return false;
        };
        let statuses = self.snapshot.bindings(account);
        let mut applied = statuses
            .filter_map(|b| self.snapshot.binding_status(account, &b.server)?.applied.as_ref());
        today > 1 && applied.any(|a| a.credentials < today)
    }

    /// Says so when the link does not work at the moment.
    fn off_note(&self, account: AccountId) -> Option<String> {
        let t = &self.texts;
        match Entitlement::of(self.snapshot, account)?.standing(self.now) {
            Standing::Active => self.outage(account).map(|_| t.link_off_outage()),
            Standing::Suspended => Some(t.link_off_suspended()),
            off => Some(t.link_off(t.standing(off))),
        }
    }

    /// Whether its customer has an order of it, in whose place they can ask: whoever only tried has none.
    fn has_place_to_ask(&self, account: AccountId) -> bool {
        self.snapshot.terms(account).any(|term| matches!(term.source, TermSource::Order(_)))
    }

    /// How long the days are that a friend brought last.
    fn last_reward(&self, account: AccountId) -> Option<DurationMs> {
        let is_reward = |term: &&Term| matches!(term.source, TermSource::Referral(_));
        self.snapshot.terms(account).rev().find(is_reward).map(|term| term.length)
    }

    /// A notice about an account; `None` when the account never had a term.
    #[must_use]
    pub fn notice(&self, account: AccountId, kind: NoticeKind) -> Option<Message> {
        let t = &self.texts;
        let e = Entitlement::of(self.snapshot, account)?;
        let plan = self.account_plan(account);
        let renew = button(&Action::Renew(account), t.button_renew(), ButtonStyle::Primary);
        let ends = self.when(e.ends_at);
        let (accent, text, button) = match kind {
            NoticeKind::Expired => (Accent::Waiting, t.notice_expired(plan, ends), Some(renew)),
            NoticeKind::Lapsed => (Accent::Waiting, t.notice_lapsed(plan, ends), Some(renew)),
            NoticeKind::Reminder(_) => {
                let soon = t.about(e.ends_at.since(self.now));
                let text = t.notice_reminder(plan, soon, ends, t.traffic(e.left));
                (Accent::Waiting, text, Some(renew))
            }
            NoticeKind::Depleted => {
                (Accent::Waiting, t.notice_depleted(plan, t.left(e.granted)), Some(renew))
            }
            NoticeKind::Traffic(_) => {
                let text = t.notice_traffic(plan, t.left(e.left), ends);
                (Accent::Waiting, text, Some(renew))
            }
            NoticeKind::Renewed => {
                let text = t.notice_renewed(plan, ends, t.left(e.left));
                (Accent::Good, text, Some(self.link_button(account)))
            }
            NoticeKind::NotConnected => {
                let text = match self.has_place_to_ask(account) {
                    true => t.notice_not_connected(plan),
                    false => t.notice_not_connected_no_thread(plan),
                };
                (Accent::Neutral, text, Some(self.link_button(account)))
            }
            NoticeKind::Suspended if self.has_place_to_ask(account) => {
                (Accent::Bad, t.notice_suspended(plan, ends), None)
            }
            NoticeKind::Suspended => (Accent::Bad, t.notice_suspended_no_thread(plan, ends), None),
            NoticeKind::Rewarded => {
                let text = t.notice_rewarded(plan, t.length(self.last_reward(account)?), ends);
                (Accent::Good, text, None)
            }
            NoticeKind::Resumed => {
                let text = t.notice_resumed(plan, ends);
                (Accent::Good, text, Some(self.link_button(account)))
            }
        };
        Some(Draft::new(accent).text(text).buttons(button.into_iter().collect()).done())
    }
}

/// As many of the further links as fit, each in its own block.
fn within(links: &[ShareLink], most: usize) -> String {
    let mut out = String::new();
    for link in links {
        let block = format!("{}\n{}\n", link.label, code_block(&link.url));
        if out.len() + block.len() > most {
            break;
        }
        out.push_str(&block);
    }
    out
}
