use super::*;
use crate::catalog::ServerLifecycle;
use crate::model::{Snapshot, Target};
use crate::view::sample::*;

#[test]
fn the_store_panel_shows_what_is_on_sale_and_only_that() {
    let catalog = catalog();
    let snapshot = Snapshot::default();
    let shown = Pages::new(&FRONT, &snapshot, &catalog, NOW).store_panel().plain();
    insta::assert_snapshot!(shown, @r#"
    # VPN access
    Pick a plan, pay the way you like, and send us the proof of payment. When it is checked you get your link here on Discord.
    ---
    **Basic** · 100.00 EGP / 2.10 USD
    30 days · 50GiB of traffic · 2 devices
    [Buy] [My account] [Support]
    "#);
}

#[test]
fn the_store_panel_tells_the_places_of_a_plan_where_they_are_few() {
    let promised = put(order(1, Target::New, "vodafone-cash"));
    for (capacity, orders, said) in [
        (6, false, None),
        (6, true, Some("Only 5 places are left.")),
        (5, false, Some("Only 5 places are left.")),
        (1, false, Some("Only one place is left.")),
        (1, true, Some("All places are taken at the moment.")),
        (0, false, Some("All places are taken at the moment.")),
    ] {
        let mut catalog = catalog();
        catalog.servers.values_mut().for_each(|server| server.capacity = capacity);
        let snapshot = snapshot(orders.then(|| promised.clone()));
        let shown = Pages::new(&FRONT, &snapshot, &catalog, NOW).store_panel().plain();
        let told = shown.lines().map(str::trim).find(|line| line.contains("place"));
        assert_eq!(told, said, "{capacity} places, {orders}");
    }
}

#[test]
fn the_store_panel_counts_places_as_whoever_gives_them_does() {
    let mut catalog = catalog();
    let fra = catalog.servers.keys().next().unwrap().clone();
    let mut ams = catalog.servers[&fra].clone();
    ams.id = "ams-9".parse().unwrap();
    ams.capacity = 1;
    catalog.servers.insert(ams.id.clone(), ams);
    catalog.servers.get_mut(&fra).unwrap().lifecycle = ServerLifecycle::Lost;
    // Who is on the lost one comes first.
    let snapshot = snapshot([served_account(1, true)]);
    let shown = Pages::new(&FRONT, &snapshot, &catalog, NOW).store_panel().plain();
    assert!(shown.contains("All places are taken"), "{shown}");
}
