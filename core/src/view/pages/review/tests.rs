use super::super::tests::in_every_state;
use super::*;
use crate::model::*;
use crate::view::FileSource;
use crate::view::sample::*;

#[test]
fn staff_see_customer_amount_and_pictures() {
    let catalog = catalog();
    let (_, order, now) = in_every_state().remove(1);
    let snapshot = snapshot([put(order.clone())]);
    let card = Pages::new(&FRONT, &snapshot, &catalog, now).review_card(order.id).unwrap();
    assert!(
        card.files.iter().all(|f| matches!(&f.source, FileSource::Proof(n) if n.ends_with(".png")))
    );
    assert_eq!(card.files.len(), 2);
    insta::assert_snapshot!(card.plain(), @r#"
    ## Payment to check
    **Customer** · <@101> (alice \*\*x\*\*)
    **Plan** · Basic
    **Amount** · 100.00 EGP by Vodafone Cash
    **Order** · `NL-000002`
    **Placed** · 30 Nov 2026, 02:53 EET
    **Proof** · 30 Nov 2026, 02:54 EET · 30 Nov 2026, 02:55 EET
    (picture proof-1.png)
    (picture proof-2.png)
    [Approve] [Decline]
    "#);
}

#[test]
fn a_decided_card_has_no_buttons_and_says_who_and_when() {
    let catalog = catalog();
    for (state, order, now) in in_every_state() {
        let snapshot = snapshot([put(order.clone())]);
        let card =
            Pages::new(&FRONT, &snapshot, &catalog, now).review_card(order.id).unwrap().plain();
        assert_eq!(card.contains("[Approve]"), state == OrderState::AwaitingReview, "{card}");
        let decided =
            matches!(state, OrderState::Approved | OrderState::Declined | OrderState::Reversed);
        assert_eq!(card.contains("<@202>"), decided, "{card}");
    }
}

#[test]
fn a_card_is_never_too_large_for_discord_and_always_has_the_newest_picture() {
    let catalog = catalog();
    for (megabytes, pictures) in [(1, 8), (4, 2), (10, 1), (11, 1)] {
        let mut order = order(1, Target::New, "vodafone-cash");
        order.evidence =
            (1..=8).map(|n| Evidence { size_bytes: megabytes << 20, ..evidence(n) }).collect();
        let newest = order.evidence[7].file_name();
        let snapshot = snapshot([put(order)]);
        let card = Pages::new(&FRONT, &snapshot, &catalog, NOW).review_card(order_id(1)).unwrap();
        assert_eq!(card.files.len(), pictures, "{megabytes} MiB each");
        let left_out = card.plain().contains("in the folder of proofs");
        assert_eq!(left_out, pictures < 8, "{}", card.plain());
        assert_eq!(card.files.last().unwrap().source, FileSource::Proof(newest));
    }
}

#[test]
fn staff_read_on_the_card_and_before_they_approve_where_a_picture_was_seen_before() {
    let catalog = catalog();
    let mut again = order(2, Target::New, "vodafone-cash");
    let seen = Evidence { resembles: Some(order_id(1)), ..evidence(2) };
    again.evidence = vec![evidence(1), seen.clone(), seen];
    let earlier = order(1, Target::New, "vodafone-cash");
    let thread =
        Surface { channel: Some(77), ..Surface::new(SurfaceKey::OrderThread(order_id(1))) };
    let snapshot = snapshot([served_account(1, true), put(earlier), put(again), put(thread)]);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let card = pages.review_card(order_id(2)).unwrap();
    assert!(FRONT.problems(&card).is_empty(), "{:?}", FRONT.problems(&card));
    for said in [card.plain(), pages.confirm_approve(order_id(2), OMAR_THERE).plain()] {
        assert_eq!(said.matches("NL-000001 · <#77> of <@").count(), 1, "{said}");
    }
    assert!(!pages.review_card(order_id(1)).unwrap().plain().contains("Seen before"));
}

#[test]
fn of_a_lost_order_that_had_the_picture_the_card_says_that_it_is_lost_and_no_customer() {
    let catalog = catalog();
    let mut again = order(2, Target::New, "vodafone-cash");
    again.evidence = vec![Evidence { resembles: Some(order_id(1)), ..evidence(2) }];
    let snapshot = snapshot([put(again)]);
    let card =
        Pages::new(&FRONT, &snapshot, &catalog, NOW).review_card(order_id(2)).unwrap().plain();
    assert!(card.contains("order NL-000001, which is not in the records any more"), "{card}");
}

#[test]
fn whoever_comes_second_reads_who_decided() {
    let catalog = catalog();
    let mut done = order(1, Target::New, "vodafone-cash");
    let verdict = Verdict::Declined { reason: "nothing came".into() };
    done.decision = Some(Decision { by: Actor::Person(OMAR_THERE), at: NOW, verdict });
    let snapshot = snapshot([put(done)]);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let said = pages.confirm_approve(order_id(1), OMAR_THERE).plain();
    assert!(said.contains("faster") && said.contains("by <@202>"), "{said}");
}

#[test]
fn staff_read_the_numbers_that_a_customer_typed_and_which_order_has_one_of_them_already() {
    let catalog = catalog();
    let mut again = order(2, Target::New, "vodafone-cash");
    let stated = |typed: &str, seen: Option<u128>| {
        let seen = seen.map(order_id);
        Some(Box::new(StatedReference { typed: typed.into(), own: Some(typed.into()), seen }))
    };
    again.evidence = vec![
        Evidence { stated: stated("TX `77` @everyone", None), ..evidence(1) },
        Evidence { stated: stated("TX 1234", Some(1)), ..evidence(2) },
    ];
    let earlier = order(1, Target::New, "vodafone-cash");
    let snapshot = snapshot([served_account(1, true), put(earlier), put(again)]);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let card = pages.review_card(order_id(2)).unwrap();
    assert!(FRONT.problems(&card).is_empty(), "{:?}", FRONT.problems(&card));
    for said in [card.plain(), pages.confirm_approve(order_id(2), OMAR_THERE).plain()] {
        assert!(said.contains("`TX '77' @everyone` · `TX 1234`"), "{said}");
        assert_eq!(said.matches("Number seen before").count(), 1, "{said}");
        assert!(said.contains("that order NL-000001 of <@"), "{said}");
    }
}

#[test]
fn of_pictures_that_were_deleted_staff_read_when_and_the_others_are_shown() {
    let catalog = catalog();
    let mut order = order(1, Target::New, "vodafone-cash");
    order.evidence = (1..=2).map(evidence).collect();
    order.evidence[0].deleted_at = Some(NOW + DurationMs(90 * DAY_MS));
    let snapshot = snapshot([put(order.clone())]);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    let card = pages.card_of(&order);
    let [left] = card.files.as_slice() else { panic!("{card:?}") };
    assert_eq!(left.source, FileSource::Proof(order.evidence[1].file_name()));
    for page in [card, pages.admin_order(&order)] {
        let text = page.plain();
        assert!(text.contains("The picture was deleted on 28 Feb 2027"), "{text}");
    }
    order.evidence[1].deleted_at = order.evidence[0].deleted_at;
    let card = pages.card_of(&order);
    assert!(card.files.is_empty() && card.plain().contains("2 pictures were deleted"), "{card:?}");
}
