use super::world::World;
use crate::model::{AccountStatus, DAY_MS, Damage, HOUR_MS};
use crate::model::{Condition, ConditionKind, Delivery, DeliveryState, NoticeKind};
use crate::model::{Customer, Edits, Key, Target};
use crate::ports::Store as _;
use crate::view::sample::{
    ALICE, ALICE_THERE, NOW, account_id, evidence, facts, order, put, served_account,
};

/// Where staff see cards.
const REVIEW: u64 = 13;

#[tokio::test(start_paused = true)]
async fn a_link_is_sent_when_its_customer_opens_their_direct_messages_again() {
    let world = World::prepared(false, [served_account(1, true)], |d| d.dms_closed = true).await;
    world.wait(60).await;
    let state = world.store.snapshot().delivery(account_id(1)).map(|d| d.state.clone());
    assert!(matches!(state, Some(DeliveryState::Undelivered(_))), "{state:?}");
    world.chat.lock().dms_closed = false;
    world.wait(7 * 3600).await;
    assert_eq!(world.alices_messages().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_notice_whose_answer_was_lost_is_not_sent_twice() {
    let ready = Condition { kind: ConditionKind::Ready, reason: String::new(), since: NOW };
    let status = AccountStatus { account: account_id(1), conditions: vec![ready] };
    let world = World::start(false, [served_account(1, true), put(status)]).await;
    world.wait(60).await;
    assert_eq!(world.alices_messages().len(), 1, "the link");
    {
        let mut discord = world.chat.lock();
        discord.lose_answers = 1;
        discord.put_off = 20;
    }
    world.clock.skip(30 * DAY_MS + HOUR_MS);
    world.wait(30 * 60).await;
    let notice = world.store.snapshot().notice(account_id(1), 0, NoticeKind::Expired).cloned();
    assert!(notice.is_some());
    assert_eq!(world.alices_messages().len(), 2, "the link and one notice");
}

#[tokio::test(start_paused = true)]
async fn neither_an_upgrade_nor_a_fact_that_no_link_uses_sends_the_same_link_again() {
    let ready = Condition { kind: ConditionKind::Ready, reason: String::new(), since: NOW };
    let status = AccountStatus { account: account_id(1), conditions: vec![ready] };
    let told = |delivery: Delivery, facts: crate::model::ServerFacts| {
        let status = status.clone();
        async move {
            let records = [served_account(1, true), put(facts), put(status), put(delivery)];
            let world = World::start(false, records).await;
            world.wait(60).await;
            let delivery = world.store.snapshot().delivery(account_id(1)).cloned().unwrap();
            (world.alices_messages().len(), delivery)
        }
    };
    // As the version before wrote it down for this link.
    let old = Delivery {
        account: account_id(1),
        fingerprint: "687d39f3c5a7c32458f596c80be28f7e".into(),
        state: DeliveryState::Delivered,
        at: NOW,
        earlier: false,
        to_old: false,
    };
    let (sent, new) = told(old.clone(), facts()).await;
    assert_eq!((sent, &new.state, new.at), (0, &DeliveryState::Delivered, NOW));
    assert_ne!(new.fingerprint, old.fingerprint, "said in today's words");
    let mut unused = facts();
    unused.inbounds[0].stream["realitySettings"]["settings"]["spiderX"] = "/x".into();
    assert_eq!(told(new.clone(), unused).await, (0, new.clone()));
    let mut moved = facts();
    moved.inbounds[0].port = 8443;
    assert_eq!(told(new, moved.clone()).await.0, 1);
    assert_eq!(told(old, moved).await.0, 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_lacks_something_tells_nobody_that_it_is_over_until_it_is_resolved() {
    let ready = Condition { kind: ConditionKind::Ready, reason: String::new(), since: NOW };
    let status = AccountStatus { account: account_id(1), conditions: vec![ready] };
    let world = World::start(false, [served_account(1, true), put(status)]).await;
    world.wait(60).await;
    let mut damage = Damage { since: NOW, lost: Vec::new(), kept: Vec::new(), resolved_at: None };
    world.put(damage.clone()).await;
    world.clock.skip(30 * DAY_MS + HOUR_MS);
    world.wait(30 * 60).await;
    assert_eq!(world.alices_messages().len(), 1, "the link");
    damage.resolved_at = Some(NOW);
    world.put(damage).await;
    world.wait(10 * 60).await;
    assert_eq!(world.alices_messages().len(), 2, "the link and the notice");
}

#[tokio::test(start_paused = true)]
async fn a_change_of_a_customers_record_wakes_what_is_said_to_them_and_of_them() {
    let alice = |identity, name: &str| Customer {
        id: ALICE,
        identities: [identity].into(),
        name: name.into(),
        language: None,
        created_at: NOW,
        own: None,
        note: None,
    };
    let ready = Condition { kind: ConditionKind::Ready, reason: String::new(), since: NOW };
    let status = AccountStatus { account: account_id(1), conditions: vec![ready] };
    let mut lost = Edits::new();
    lost.delete(Key::Customer(ALICE));
    let mut waits = order(1, Target::New, "vodafone-cash");
    waits.evidence.push(evidence(1));
    let records = [lost, served_account(1, true), put(status), put(waits)];
    let world = World::start(false, records).await;
    world.wait(60).await;
    assert_eq!(world.alices_messages().len(), 0, "nobody knows where she is");
    let card = || world.messages(REVIEW).iter().map(|shown| shown.text.clone()).collect::<String>();
    assert!(!card().contains("alicia"));
    world.put(alice(ALICE_THERE, "alicia")).await;
    world.wait(5).await;
    assert_eq!(world.alices_messages().len(), 1, "the link");
    assert!(card().contains("alicia"), "{}", card());
    world.put(alice(ALICE_THERE, "lady")).await;
    world.wait(5).await;
    assert!(card().contains("lady"), "{}", card());
    assert_eq!(world.alices_messages().len(), 1, "and no link twice");
}
