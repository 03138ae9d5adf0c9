use crate::model::*;
use crate::view::pages::Pages;
use crate::view::sample::*;

fn alice_with(change: impl FnOnce(&mut OwnSettings)) -> Snapshot {
    let before = snapshot([served_account(1, true)]);
    let changed = before.customer(ALICE).unwrap().with_own(change);
    before.after(&put(changed), 99)
}

#[test]
fn each_topic_shows_whether_it_is_on_and_a_button_for_the_other() {
    let catalog = catalog();
    let shown =
        |snapshot: &Snapshot| Pages::new(&FRONT, snapshot, &catalog, NOW).notices(ALICE).plain();
    let all = shown(&alice_with(|_| {}));
    assert!(!all.contains("off\n") && all.matches("[Switch off: ").count() == 4, "{all}");
    let some = shown(&alice_with(|own| own.muted = [NoticeTopic::Traffic].into()));
    assert!(some.contains("**Traffic** · off") && some.contains("[Switch on: Traffic]"), "{some}");
    assert!(some.contains("**Reminders** · on") && some.contains("always reach you"), "{some}");
    assert_eq!(shown(&Snapshot::default()), shown(&Snapshot::default()));
}

#[test]
fn who_chose_a_language_reads_it_whatever_their_front_tells_and_who_did_not_reads_that() {
    let mut catalog = catalog();
    catalog.shop.languages = ["en", "ar", "ru"].map(str::to_owned).to_vec();
    let chosen = alice_with(|own| own.language = "ru".parse().ok());
    let told: Option<Language> = "ar".parse().ok();
    let page = |snapshot: &Snapshot| {
        let pages = Pages::new(&FRONT, snapshot, &catalog, NOW);
        pages.for_customer(snapshot.reads_at(ALICE_THERE, told)).languages(ALICE).plain()
    };
    let russian = page(&chosen);
    assert!(russian.contains("Мы пишем вам на языке: **Русский**"), "{russian}");
    for own_name in ["English", "العربية", "Русский", "Как в Discord"] {
        assert!(russian.contains(own_name), "{own_name}: {russian}");
    }
    assert!(page(&alice_with(|_| {})).contains("نكتب إليك باللغة المختارة"));
    // What is sent later is in it as well.
    let sent = |snapshot: &Snapshot| {
        let pages = Pages::new(&FRONT, snapshot, &catalog, NOW).for_owner(account_id(1));
        pages.notice(account_id(1), NoticeKind::Expired).unwrap().plain()
    };
    assert!(sent(&chosen).contains("Продлите"), "{}", sent(&chosen));
    assert_eq!(catalog.language_read(chosen.reads(ALICE)), "ru".parse().ok());
}

#[test]
fn a_chosen_language_that_the_shop_gave_up_hides_nothing_that_the_front_tells() {
    let mut catalog = catalog();
    catalog.shop.languages = ["en", "ar"].map(str::to_owned).to_vec();
    let chosen = alice_with(|own| own.language = "ru".parse().ok());
    let pages = Pages::new(&FRONT, &chosen, &catalog, NOW);
    let told = chosen.reads_at(ALICE_THERE, "ar".parse().ok());
    assert!(pages.for_customer(told).languages(ALICE).plain().contains("العربية"));
    assert_eq!(catalog.language_read(told), "ar".parse().ok());
    // It counts again where the shop has it again.
    catalog.shop.languages.push("ru".to_owned());
    assert_eq!(catalog.language_read(told), "ru".parse().ok());
}

#[test]
fn only_a_language_of_the_shop_can_be_picked() {
    let mut catalog = catalog();
    catalog.shop.languages = ["en", "ar"].map(str::to_owned).to_vec();
    let snapshot = Snapshot::default();
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    assert_eq!(pages.picked_language("ar"), Some("ar".parse().ok()));
    assert_eq!(pages.picked_language("-"), Some(None));
    for none in ["ru", "", "AR", "en-GB"] {
        assert_eq!(pages.picked_language(none), None, "{none}");
    }
}

#[test]
fn the_question_before_a_link_dies_may_be_answered_for_five_minutes() {
    let (snapshot, catalog) = (Snapshot::default(), catalog());
    let at = |now| Pages::new(&FRONT, &snapshot, &catalog, now);
    let asked = NOW.0 / SECOND_MS;
    let later = |seconds| NOW + DurationMs(seconds * SECOND_MS);
    assert!(at(NOW).may_answer(asked) && at(later(299)).may_answer(asked));
    assert!(!at(later(300)).may_answer(asked) && !at(later(99_999)).may_answer(asked));
    assert!(!at(NOW).may_answer(asked + 1) && !at(NOW).may_answer(u64::MAX), "nobody asked yet");
}
