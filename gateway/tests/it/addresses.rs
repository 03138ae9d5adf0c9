//! From where a client was connected, as each panel tells it.

use nebulalinks_model_panel::{Fault, PanelVersion, Scope};
use nebulalinks_protocol::{AddressesAnswer, ErrorCode, Expect, Problem};
use std::net::IpAddr;

use crate::support::{EMAIL, World};

hold_for_all! {
    from_where_a_client_was_connected_is_told
    where_clients_that_are_not_the_shops_are_is_told_to_nobody
}

async fn asked(world: &World, email: &str) -> Result<Vec<IpAddr>, ErrorCode> {
    let path = format!("/v1/clients/{email}/addresses");
    let answer = world.send(&world.request("GET", &path, b"")).await;
    if answer.status == 200 {
        return Ok(answer.json::<AddressesAnswer>().addresses);
    }
    Err(answer.json::<Problem>().code)
}

async fn from_where_a_client_was_connected_is_told(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
    assert_eq!(asked(&world, EMAIL).await, Ok(Vec::new()), "nobody was connected yet");
    let both = ["192.0.2.7", "2001:db8::1"].map(|address| address.parse().unwrap());
    both.iter().for_each(|address| world.panel.connect_from(EMAIL, *address));
    assert_eq!(asked(&world, EMAIL).await, Ok(both.to_vec()));
    world.panel.faults().set_for(Fault::ErrorBeforeCommit, Scope::path("ps/nl-"), None);
    assert!(asked(&world, EMAIL).await.is_err(), "a panel that refuses does not mean nobody");
}

async fn where_clients_that_are_not_the_shops_are_is_told_to_nobody(version: PanelVersion) {
    let world = World::of(version).await;
    world.panel.add_foreign("bob").unwrap();
    world.panel.connect_from("bob", "192.0.2.7".parse().unwrap());
    let calls = world.panel.calls();
    assert_eq!(asked(&world, "bob").await, Err(ErrorCode::Invalid));
    assert_eq!(world.panel.calls(), calls);
}
