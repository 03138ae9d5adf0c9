//! `/admin broadcast`: the dialog, what was typed in it, and the button that stops one.

use super::rights::Right;
use super::{Click, Router, Step};
use crate::intent::{BroadcastRequest, Intent, Staff};
use crate::model::{Audience, BroadcastId, IdError};
use crate::view::{Answer, FIELD_NEWS, FIELD_TO};
use std::collections::BTreeMap;

type Fields = BTreeMap<String, String>;

impl Router<'_> {
    /// What goes out, to be stopped; while nothing does, the dialog for the next.
    pub(super) fn broadcast(&self) -> Answer {
        let sending = self.pages.broadcasts_sending();
        sending.map_or_else(|| self.pages.broadcast_modal(), Answer::Private)
    }

    /// What was typed in the dialog is written down, with whom it reaches as that was counted for this click.
    pub(super) fn write_broadcast(&self, click: &Click, fields: Option<&Fields>) -> Step {
        if let Some(refused) = self.refused_broadcast(click) {
            return refused;
        }
        let Some(fields) = fields else { return self.unknown() };
        let text = fields.get(FIELD_NEWS).cloned().unwrap_or_default();
        let to = match typed_audience(fields) {
            Ok(to) => to,
            Err(bad) => {
                return Step::Show(Answer::Private(self.pages.bad_audience(&bad.text, &text)));
            }
        };
        let reach = self.fetched.reach.unwrap_or_default();
        let (id, staff) = (click.id.broadcast_id(), Staff::from(click.person.clone()));
        let asked = BroadcastRequest { id, text, to, reach, staff };
        Step::Decide(Intent::DraftBroadcast(Box::new(asked)))
    }

    /// Nobody more gets it.
    pub(super) fn stop_broadcast(&self, click: &Click, id: BroadcastId) -> Step {
        let refused = self.refused_broadcast(click);
        refused.unwrap_or_else(|| {
            Step::Decide(Intent::StopBroadcast(id, Staff::from(click.person.clone())))
        })
    }

    fn refused_broadcast(&self, click: &Click) -> Option<Step> {
        Right::of("broadcast").and_then(|right| self.refused_right(click, right))
    }
}

/// To whom, as it was typed in the dialog; nothing is everybody with an account.
pub(super) fn typed_audience(fields: &Fields) -> Result<Audience, IdError> {
    match fields.get(FIELD_TO).map_or("", |typed| typed.trim()) {
        "" => Ok(Audience::All),
        typed => typed.parse(),
    }
}

#[cfg(test)]
#[cfg(feature = "sample")]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::super::{Fetched, Input, Wanted};
    use super::*;
    use crate::intent::Person;
    use crate::model::{BroadcastState, Front, Identity, Reach, RequestKey, Snapshot, UnixMs};
    use crate::view::sample::*;
    use crate::view::{Action, AskedOnce, Pages, Question};

    fn click(by: Identity, role: u64, input: Input) -> Click {
        Click {
            id: RequestKey::of(Front::Discord, 42),
            person: Person { identity: by, name: "x".into(), roles: [role].into() },
            language: None,
            channel: Some(12),
            input,
        }
    }

    fn dialog(to: &str, text: &str) -> Input {
        let fields = [(FIELD_TO, to), (FIELD_NEWS, text)];
        let fields = fields.map(|(key, typed)| (key.to_owned(), typed.to_owned())).into();
        Input::Modal { id: Action::WriteBroadcast.to_string(), fields }
    }

    fn entered() -> Input {
        Input::Command { name: "admin".into(), sub: "broadcast".into(), options: Fields::new() }
    }

    fn with<T>(
        snapshot: &Snapshot,
        fetched: &Fetched,
        now: UnixMs,
        of: impl FnOnce(&Router<'_>) -> T,
    ) -> T {
        let catalog = catalog();
        let pages = Pages::new(&FRONT, snapshot, &catalog, now);
        of(&Router { pages: &pages, catalog: &catalog, snapshot, fetched })
    }

    fn step(snapshot: &Snapshot, click: &Click) -> Step {
        with(snapshot, &Fetched::default(), NOW, |router| router.step(click))
    }

    fn said(step: Step) -> String {
        let Step::Show(answer) = step else { panic!("{step:?}") };
        assert_eq!(FRONT.answer_problems(&answer), Vec::<String>::new());
        answer.plain()
    }

    #[test]
    fn what_was_typed_is_counted_and_written_down_for_whoever_may_and_for_nobody_else() {
        let shop = snapshot([served_account(1, true)]);
        let typed = click(OMAR_THERE, ADMIN_ROLE, dialog(" plan:basic-30 ", "hello"));
        let to: Audience = "plan:basic-30".parse().unwrap();
        let wants = |click: &Click, fetched: &Fetched| {
            with(&shop, fetched, NOW, |router| router.wants(click))
        };
        assert_eq!(wants(&typed, &Fetched::default()), Some(Wanted::Reach(to.clone())));
        let reach = Reach { gets: 7, muted: 2 };
        let counted = Fetched { reach: Some(reach), ..Fetched::default() };
        assert_eq!(wants(&typed, &counted), None);
        let Step::Decide(Intent::DraftBroadcast(asked)) =
            with(&shop, &counted, NOW, |router| router.step(&typed))
        else {
            panic!("it is not decided")
        };
        assert_eq!((&asked.to, asked.reach, &*asked.text), (&to, reach, "hello"));
        assert_eq!(asked.id, typed.id.broadcast_id());
        let empty = click(OMAR_THERE, ADMIN_ROLE, dialog("  ", "hello"));
        assert_eq!(wants(&empty, &Fetched::default()), Some(Wanted::Reach(Audience::All)));
        for role in [SUPPORT_ROLE, 7] {
            let by = click(OMAR_THERE, role, dialog("all", "hello"));
            assert_eq!(wants(&by, &Fetched::default()), None);
            assert!(said(step(&shop, &by)).contains("Only"));
        }
    }

    #[test]
    fn who_types_nobody_reads_whom_there_is_and_has_their_text_back() {
        let shop = snapshot([]);
        let text = "Come `here` ```now```, @everyone";
        let typed = click(OMAR_THERE, ADMIN_ROLE, dialog("everybody`", text));
        let answer = said(step(&shop, &typed));
        for part in ["everybody", "`ended:30`", "@everyone"] {
            assert!(answer.contains(part), "{part}: {answer}");
        }
        let inside = answer.split_once("```").unwrap().1.split_once("```").unwrap();
        assert!(inside.0.contains("@everyone") && inside.1.trim().is_empty(), "{answer}");
    }

    #[test]
    fn the_command_asks_for_news_while_none_go_out_and_stops_those_that_do() {
        let by = |input| click(OMAR_THERE, ADMIN_ROLE, input);
        assert!(said(step(&snapshot([put(broadcast(1))]), &by(entered()))).contains("____"));
        let mut goes = broadcast(1);
        goes.state = BroadcastState::Sending(NOW);
        let shop = snapshot([put(goes)]);
        let page = said(step(&shop, &by(entered())));
        assert!(page.contains("[Stop]") && page.contains("The new servers"), "{page}");
        let id = Action::StopBroadcast(broadcast_id(1)).to_string();
        let press = |role| {
            step(
                &shop,
                &click(OMAR_THERE, role, Input::Component { id: id.clone(), values: vec![] }),
            )
        };
        let stops = |id| Step::Decide(Intent::StopBroadcast(id, by(entered()).person.into()));
        assert_eq!(press(ADMIN_ROLE), stops(broadcast_id(1)));
        assert!(said(press(SUPPORT_ROLE)).contains("Only owners and admins"));
    }

    #[test]
    fn send_is_of_who_was_shown_it_and_dies_after_five_minutes() {
        let shop = snapshot([put(broadcast(1))]);
        let id =
            Action::Sure(Question::new(AskedOnce::Broadcast(broadcast_id(1)), OMAR_THERE, NOW));
        let id = id.to_string();
        let press = |by, after_ms| {
            let click = click(by, ADMIN_ROLE, Input::Component { id: id.clone(), values: vec![] });
            let now = UnixMs(NOW.0 + after_ms);
            with(&shop, &Fetched::default(), now, |router| router.step(&click))
        };
        let sends = |step| matches!(step, Step::Decide(Intent::SendBroadcast(of, _)) if of == broadcast_id(1));
        assert!(sends(press(OMAR_THERE, 299_000)));
        assert!(!sends(press(OMAR_THERE, 300_000)));
        assert!(!sends(press(ALICE_THERE, 0)));
        let preview =
            with(&shop, &Fetched::default(), NOW, |r| r.pages.broadcast_preview(broadcast_id(1)));
        let preview = serde_json::to_string(&preview).unwrap();
        assert!(
            preview.contains(&id) && preview.contains("The new servers are there"),
            "{preview}"
        );
    }
}
