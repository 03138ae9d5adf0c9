//! The roles of the staff are called once by what needs them.

use super::world::World;
use crate::catalog::{Called, Catalog, Pings};
use crate::model::{Reason, ReasonCode, SurfaceKey, Target, UnixMs};
use crate::ports::{Hint, Store as _};
use crate::view::sample::{
    ADMIN_ROLE, NOW, SUPPORT_ROLE, catalog, evidence, order, order_id, put, ticket,
};
use std::sync::Arc;

const REVIEW: u64 = 13;
const ALERTS: u64 = 15;
const OWNER_ROLE: u64 = 77;

fn calling() -> Catalog {
    let mut catalog = catalog();
    catalog.shop.channels.alerts = Some(ALERTS);
    catalog.shop.roles.owner.insert(OWNER_ROLE);
    catalog.shop.ping =
        Pings { review: Called::Admin, tickets: Called::Support, alerts: Called::Owner };
    catalog
}

async fn world() -> World {
    let world = World::start(true, []).await;
    world.catalog.send_replace(Arc::new(calling()));
    world.wait(20).await;
    world
}

fn called(world: &World) -> Vec<(u64, Vec<u64>)> {
    world.chat.lock().called.clone()
}

#[tokio::test(start_paused = true)]
async fn a_card_calls_those_who_decide_once_whatever_becomes_of_its_message() {
    let world = world().await;
    // Its answer is lost, and so it is looked for and found.
    (world.chat.lock().lose_answers, world.chat.lock().put_off) = (1, 2);
    let mut placed = order(1, Target::New, "vodafone-cash");
    placed.evidence.push(evidence(1));
    world.put(placed.clone()).await;
    world.wait(10 * 60).await;
    assert_eq!(world.messages(REVIEW).len(), 1);
    let once = [(REVIEW, vec![ADMIN_ROLE])];
    assert_eq!(called(&world), once, "when it appears");

    placed.evidence.push(evidence(2));
    world.put(placed.clone()).await;
    world.wait(60).await;
    assert!(world.chat.lock().edits_in(REVIEW) > 0);
    assert_eq!(called(&world), once, "not by another picture");

    let message = world.messages(REVIEW)[0].id;
    world.chat.lock().channels.clear();
    world.hints.send(Hint::MessageGone { channel: REVIEW, message }).unwrap();
    world.wait(60).await;
    let shown = world.messages(REVIEW);
    assert_eq!(shown.len(), 1, "somebody deleted it, and it is posted again");
    assert!(shown[0].text.contains(&format!("<@&{ADMIN_ROLE}>")), "{}", shown[0].text);
    assert_eq!(called(&world), once, "not by a repost");

    let mut moved = calling();
    moved.shop.channels.review = 23;
    world.catalog.send_replace(Arc::new(moved));
    world.hints.send(Hint::Missed).unwrap();
    world.wait(60).await;
    assert_eq!(world.messages(23).len(), 1);
    assert_eq!(called(&world), once, "nor where the channel is another one");
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_what_stands_calls_nobody_and_what_is_new_does() {
    let first = world().await;
    let mut placed = order(1, Target::New, "vodafone-cash");
    placed.evidence.push(evidence(1));
    first.put(placed.clone()).await;
    first.wait(60).await;
    let card = first.store.snapshot().surface(SurfaceKey::ReviewCard(order_id(1))).cloned();
    // Meanwhile somebody has deleted the message.
    let world = World::start(true, [put(placed), put(card.unwrap())]).await;
    world.catalog.send_replace(Arc::new(calling()));
    world.wait(60).await;
    assert_eq!(world.messages(REVIEW).len(), 1);
    assert!(called(&world).is_empty(), "{:?}", called(&world));
    let mut next = order(2, Target::New, "vodafone-cash");
    next.evidence.push(evidence(2));
    world.put(next).await;
    world.wait(60).await;
    assert_eq!(called(&world), [(REVIEW, vec![ADMIN_ROLE])]);
}

#[tokio::test(start_paused = true)]
async fn a_question_calls_support_and_an_alert_its_owner_once_each() {
    let world = world().await;
    world.put(ticket(1)).await;
    world.wait(60).await;
    let reason = Reason {
        code: ReasonCode::CatalogInvalid,
        since: Some(UnixMs(NOW.0)),
        detail: "plans.yaml:3:5: no such key".to_owned(),
        remedy: "mend or revert the edit".to_owned(),
    };
    world.chat.lock().lose_answers = 1;
    world.troubles.lock().unwrap().push(reason);
    world.wait(3600).await;
    world.troubles.lock().unwrap().clear();
    world.wait(600).await;
    assert_eq!(called(&world), [(REVIEW, vec![SUPPORT_ROLE]), (ALERTS, vec![OWNER_ROLE])]);
}
