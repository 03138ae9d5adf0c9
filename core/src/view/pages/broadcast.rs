//! News to many customers: the dialog for it, what it comes to, and the message that customers get.

use super::{Draft, Pages, button};
use crate::model::{
    Actor, Audience, Broadcast, BroadcastId, BroadcastState, CustomerId, DurationMs, Progress,
    Rejection,
};
use crate::view::format::{actor, clip, code, code_block, harmless_lines};
use crate::view::{
    Accent, Action, Answer, AskedOnce, Block, ButtonStyle, Message, Modal, Question, TextField,
};

/// The key of the text in the dialog for a broadcast.
pub const FIELD_NEWS: &str = "text";
/// The key of who gets it.
pub const FIELD_TO: &str = "to";

/// Characters of what somebody typed as an audience.
const TO_CHARS: u16 = 200;
/// Characters of an audience that a page shows.
const TO_SHOWN: usize = 120;
/// Hundredths of a page's text that what was typed may have.
const TYPED_PERCENT: usize = 40;
/// Broadcasts on a page.
const SHOWN: usize = 5;

impl Pages<'_> {
    /// The dialog for a broadcast; sending it shows what customers will read.
    #[must_use]
    pub fn broadcast_modal(&self) -> Answer {
        let t = &self.texts;
        let most = u16::try_from(Broadcast::MOST_CHARS).unwrap_or(u16::MAX);
        let field = |id: &str, label, required, max_length| TextField {
            id: id.to_owned(),
            label,
            required,
            paragraph: required,
            max_length,
        };
        let fields = vec![
            field(FIELD_TO, t.broadcast_modal_to(), false, TO_CHARS),
            field(FIELD_NEWS, t.broadcast_modal_text(), true, most),
        ];
        let (id, title) = (Action::WriteBroadcast.to_string(), t.broadcast_modal_title());
        Answer::Modal(self.front.fit_modal(&Modal { id, title, fields, files: None }))
    }

    /// What was typed is no audience; the text comes back, so that nobody types it twice.
    #[must_use]
    pub fn bad_audience(&self, typed: &str, text: &str) -> Message {
        let t = &self.texts;
        let most = Broadcast::MOST_CHARS.min(self.front.part_of_text(TYPED_PERCENT));
        let text = clip(text.trim(), most);
        let copy = (!text.is_empty()).then(|| code_block(&text));
        Draft::new(Accent::Bad)
            .text(t.broadcast_bad_to(code(&clip(typed, 60))))
            .text(t.broadcast_audiences())
            .maybe(copy)
            .done()
    }

    /// A draft as its author looks at it before they send it: whom it reaches, how long it takes, and what
    /// customers read, with the frame of each of the shop's languages.
    #[must_use]
    pub fn broadcast_preview(&self, id: BroadcastId) -> Message {
        let t = &self.texts;
        let Some(broadcast) = self.snapshot.broadcast(id) else {
            return self.refused_staff(Rejection::UnknownBroadcast);
        };
        let reach = broadcast.reach;
        let mut lines = vec![
            t.broadcast_to(self.audience(&broadcast.to)),
            t.broadcast_gets(reach.gets),
            t.broadcast_muted(reach.muted),
        ];
        let nobody = reach.gets == 0;
        if !nobody {
            let every = self.catalog.shop.notices.news_every().0;
            let long = DurationMs(every.saturating_mul(reach.gets.into()));
            lines.push(t.broadcast_takes(t.length(long)));
        }
        let quiet = self.catalog.shop.notices.quiet.filter(|_| !nobody);
        lines.extend(quiet.map(|hours| t.broadcast_quiet(hours.to_string())));
        let draft = Draft::new(Accent::Waiting)
            .text(t.broadcast_preview_title())
            .text(lines.join("\n"))
            .rule()
            .text(self.frames().join("\n"))
            .text(news(broadcast));
        let by = match &broadcast.by {
            Actor::Person(by) => *by,
            Actor::Customer(_) | Actor::Cli(_) | Actor::Controller => return draft.done(),
        };
        if nobody {
            return draft.rule().text(t.broadcast_nobody()).done();
        }
        let question = Question::new(AskedOnce::Broadcast(id), by, self.now);
        let send = button(&Action::Sure(question), t.button_send(), ButtonStyle::Danger);
        draft.rule().text(t.ask_note()).buttons(vec![send]).done()
    }

    /// The first and last line of a broadcast in each of the shop's languages.
    fn frames(&self) -> Vec<String> {
        let in_each = self.catalog.shop.languages.iter().take(SHOWN).map(|language| {
            let pages = self.for_reader(language.parse().ok());
            let t = &pages.texts;
            format!("{}\n{}", t.news_title(), t.news_stop(t.button_notices()))
        });
        in_each.collect()
    }

    /// The broadcasts that go out or wait for their turn, each with a button that stops it; `None` while
    /// there is none.
    #[must_use]
    pub fn broadcasts_sending(&self) -> Option<Message> {
        let all = self.snapshot.broadcasts();
        let mut sending: Vec<_> = all.filter_map(|b| Some((b.sending_since()?, b))).collect();
        sending.sort_by_key(|(since, broadcast)| (*since, broadcast.id));
        let pages = sending.into_iter().take(SHOWN).map(|(_, b)| self.broadcast_page(b));
        pages.reduce(|mut all, more| {
            all.blocks.push(Block::Separator);
            all.blocks.extend(more.blocks);
            all
        })
    }

    /// One broadcast: how far it is, or how it ended.
    #[must_use]
    pub fn broadcast_of(&self, id: BroadcastId) -> Message {
        match self.snapshot.broadcast(id) {
            Some(broadcast) => self.broadcast_page(broadcast),
            None => self.refused_staff(Rejection::UnknownBroadcast),
        }
    }

    fn broadcast_page(&self, broadcast: &Broadcast) -> Message {
        let t = &self.texts;
        let Progress { sent, closed, unknown, muted, .. } = broadcast.progress;
        let (accent, title) = match &broadcast.state {
            BroadcastState::Draft => (Accent::Neutral, t.broadcast_preview_title()),
            BroadcastState::Sending(_) => (Accent::Waiting, t.broadcast_sending()),
            BroadcastState::Sent(at) => (Accent::Good, t.broadcast_sent(self.when(*at))),
            BroadcastState::Stopped { by, at } => {
                (Accent::Neutral, t.broadcast_stopped(actor(by), self.when(*at)))
            }
        };
        let mut lines = vec![
            t.broadcast_to(self.audience(&broadcast.to)),
            t.broadcast_by(actor(&broadcast.by)),
            t.broadcast_sent_of(sent, broadcast.reach.gets),
            t.broadcast_closed(closed),
            t.broadcast_muted(muted),
        ];
        lines.extend((unknown > 0).then(|| t.broadcast_unknown(unknown)));
        let first = broadcast.text.lines().next().unwrap_or_default();
        let stop = Action::StopBroadcast(broadcast.id);
        let stop = button(&stop, t.button_stop(), ButtonStyle::Danger);
        let goes_out = broadcast.sending_since().is_some();
        Draft::new(accent)
            .text(title)
            .text(harmless_lines(&clip(first, 100)))
            .text(lines.join("\n"))
            .buttons(goes_out.then_some(stop).into_iter().collect())
            .done()
    }

    /// A broadcast as one customer gets it, in the language that they read.
    #[must_use]
    pub fn broadcast_message(&self, broadcast: &Broadcast, to: CustomerId) -> Message {
        let pages = self.for_customer(self.snapshot.reads(to));
        let t = &pages.texts;
        let notices = button(&Action::Notices, t.button_notices(), ButtonStyle::Secondary);
        Draft::new(Accent::Neutral)
            .text(t.news_title())
            .text(news(broadcast))
            .rule()
            .text(t.news_stop(t.button_notices()))
            .buttons(vec![notices])
            .done()
    }

    fn audience(&self, audience: &Audience) -> String {
        code(&clip(&audience.to_string(), TO_SHOWN))
    }
}

/// The text as it stands in a message: it formats, mentions and links nothing.
fn news(broadcast: &Broadcast) -> String {
    harmless_lines(&broadcast.text)
}
