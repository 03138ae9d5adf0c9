//! What is offered while somebody types an option of a command.

use super::shop::*;
use nebulalinks::model::{OrderByReference, SurfaceKey};
use nebulalinks_model_discord::{DispatchFault, Effect, Fault, Outcome};
use nebulalinks_testkit::store::put_now;
use std::time::Duration;

const CALLBACK: &str = "/interactions/{interaction_id}/{interaction_token}/callback";

fn names(came: &Outcome) -> Vec<&str> {
    came.offers().iter().map(|offer| offer.name.as_str()).collect()
}

/// A shop in which alice has an order that waits for her payment.
async fn with_an_order() -> World {
    let world = World::start().await;
    let panel = world.pages(|p| p.store_panel());
    let layout = world.emulator.layout();
    let store = nebulalinks::ports::Place::Channel(layout.store);
    world.bot.chat().post(store, &panel, "store-panel.0").await.unwrap();
    let alice = world.emulator.user("alice");
    alice.press(layout.store, "Buy").await.unwrap();
    alice.pick("basic-30").await.unwrap();
    alice.pick("vodafone-cash").await.unwrap();
    let index = OrderByReference { reference: order_id().reference(), order: order_id() };
    put_now(&world.records, index);
    assert!(world.pages(|p| p.surface(SurfaceKey::OrderThread(order_id()))).is_some());
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_offered_what_is_theirs_to_see_in_their_own_language() {
    let mut world = with_an_order().await;
    let store = world.emulator.layout().store;
    let (alice, sam) = (world.emulator.user("alice"), world.emulator.staff("sam", "support"));
    alice.set_locale("ru").unwrap();
    let came = alice.types(store, "/pay", &[], ("order", "")).await.unwrap();
    assert_eq!(names(&came), ["NL-00000A · Basic · 100.00 EGP · ждёт оплаты"]);
    assert_eq!(came.offers()[0].value, "NL-00000A");
    let came = alice.types(store, "/admin account show", &[], ("account", "al")).await.unwrap();
    assert_eq!(came, Outcome::Offered(Vec::new()));
    let bob = world.emulator.user("bob");
    let came = bob.types(store, "/pay", &[], ("order", "NL-")).await.unwrap();
    assert_eq!(came, Outcome::Offered(Vec::new()));
    let came = sam.types(store, "/admin account show", &[], ("account", "al")).await.unwrap();
    assert_eq!(came, Outcome::Offered(Vec::new()), "she has no account yet");
    let came = sam.types(store, "/admin order show", &[], ("order", "nl-0000")).await.unwrap();
    assert_eq!(names(&came), ["NL-00000A · alice · Basic · 100.00 EGP · waiting for payment"]);
    let shown = sam.slash("/admin order show", &[("order", "NL-00000A")], None).await.unwrap();
    assert!(shown.text().contains("waiting for payment"), "{shown:?}");
    assert_eq!(world.intents.verbs(), ["place"], "typing changes nothing");
    world.emulator.assert_clean();
    world.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_fails_or_comes_late_hinders_nothing() {
    let mut world = with_an_order().await;
    let store = world.emulator.layout().store;
    let alice = world.emulator.user("alice");
    let slow = Effect::Latency(Duration::from_secs(30));
    world.emulator.fault(Fault::on("POST", CALLBACK, slow).times(1));
    let typing = alice.types(store, "/pay", &[], ("order", "x"));
    assert!(typing.await.unwrap().is_failed());
    world
        .emulator
        .fault(Fault::on("POST", CALLBACK, Effect::Refuse(500, 0, "not now".into())).times(1));
    assert!(alice.types(store, "/pay", &[], ("order", "x")).await.unwrap().is_failed());
    world.emulator.dispatch_fault("INTERACTION_CREATE", DispatchFault::Duplicate, 1);
    let came = alice.types(store, "/pay", &[], ("order", "")).await.unwrap();
    assert_eq!(came.offers().len(), 1);
    let picture = nebulalinks_testkit::picture::png(8, 8).into();
    let paid =
        alice.slash("/pay", &[("order", "NL-00000A")], Some(("a.png", picture))).await.unwrap();
    assert!(paid.text().contains("We have your proof"), "{paid:?}");
    world.end().await.unwrap();
}
