//! Of news to many customers.

use super::*;
use crate::model::{Broadcast, BroadcastState, Progress, Reach};
use crate::view::{Block, FIELD_NEWS};

/// News as they stand in a shop: the worst text there may be, written, on their way, and over.
pub(super) fn broadcasts() -> Edits {
    let mut edits = Edits::new();
    let reach = |n| Reach { gets: if n == 5 { 0 } else { u32::MAX }, muted: u32::MAX };
    let most = u32::MAX;
    let progress =
        Progress { sent: most, closed: most, unknown: most, muted: most, ..Progress::default() };
    let stopped = BroadcastState::Stopped { by: Actor::Cli("W".repeat(200)), at: NOW };
    let names: Vec<String> = (0..20).map(|n| format!("{}{n:02}", "p".repeat(30))).collect();
    for (n, state) in [
        (1, BroadcastState::Draft),
        (2, BroadcastState::Sending(NOW)),
        (3, BroadcastState::Sent(NOW)),
        (4, stopped),
        (5, BroadcastState::Draft),
        (6, BroadcastState::Sending(NOW)),
    ] {
        let text = "*".repeat(Broadcast::MOST_CHARS).into();
        let to = format!("plan:{}", names.join(",")).parse().unwrap();
        edits.put(Broadcast { text, to, reach: reach(n), state, progress, ..broadcast(n) });
    }
    edits
}

pub(super) fn pages_of_broadcasts(pages: &Pages<'_>) -> Vec<(&'static str, Option<Answer>)> {
    let private = |page| Some(Answer::Private(page));
    let mut all = vec![("write news", Some(pages.broadcast_modal()))];
    all.push(("news to nobody", private(pages.bad_audience(&"`".repeat(200), &"*".repeat(9_999)))));
    all.push(("news to stop", pages.broadcasts_sending().map(Answer::Private)));
    for n in 1..=7 {
        all.push(("news", private(pages.broadcast_of(broadcast_id(n)))));
        all.push(("news before", private(pages.broadcast_preview(broadcast_id(n)))));
        if let Some(news) = pages.snapshot.broadcast(broadcast_id(n)) {
            all.push(("news of the shop", private(pages.broadcast_message(news, ALICE))));
        }
    }
    all
}

#[test]
fn news_stand_in_a_message_as_they_were_typed_and_call_format_and_link_nothing() {
    let text = "**Hi** @everyone <@101> <#7>\n# not a title\n\n[here](https://example.org) `x`";
    let text: Box<str> = text.into();
    let snapshot = snapshot([put(Broadcast { text: text.clone(), ..broadcast(1) })]);
    let catalog = catalog();
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let news = snapshot.broadcast(broadcast_id(1)).unwrap();
    let message = pages.broadcast_message(news, ALICE);
    let body = message.blocks.iter().find_map(|block| match block {
        Block::Text(text) if text.contains("Hi") => Some(text.clone()),
        _ => None,
    });
    let body = body.unwrap();
    assert_eq!(body.lines().count(), text.lines().count());
    assert_eq!(body.replace('\\', ""), *text);
    for (n, c) in body.char_indices().filter(|(_, c)| "*@<[]()#`".contains(*c)) {
        assert_eq!(body[..n].chars().next_back(), Some('\\'), "{c} at {n}: {body}");
    }
    assert!(!body.contains("://"), "{body}");
    assert_eq!((message.calls, message.calls_roles.len()), (None, 0));
    let plain = message.plain();
    assert!(plain.contains("News from the shop") && plain.contains("[Notifications]"), "{plain}");
    let Answer::Modal(modal) = pages.broadcast_modal() else { panic!("no dialog") };
    assert!(modal.fields.iter().any(|field| field.id == FIELD_NEWS && field.required));
}

#[test]
fn each_customer_reads_news_in_the_frame_of_their_language_and_staff_see_all_frames() {
    let mut catalog = catalog();
    catalog.shop.languages = ["en", "ru"].map(str::to_owned).to_vec();
    let snapshot = snapshot([put(broadcast(1)), alice_reads("ru")]);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let news = snapshot.broadcast(broadcast_id(1)).unwrap();
    let message = pages.broadcast_message(news, ALICE).plain();
    assert!(message.contains("Новости магазина") && message.contains("Уведомления"), "{message}");
    let preview = pages.broadcast_preview(broadcast_id(1)).plain();
    for part in ["News from the shop", "Новости магазина", "The new servers", "[Send]", "1 minute"]
    {
        assert!(preview.contains(part), "{part}: {preview}");
    }
    let nobody = Broadcast { reach: Reach::default(), ..broadcast(1) };
    let snapshot = self::snapshot([put(nobody)]);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let preview = pages.broadcast_preview(broadcast_id(1)).plain();
    assert!(preview.contains("Nobody would get it") && !preview.contains("[Send]"), "{preview}");
}
