//! A delivery is of the links' meaning.

use super::fields::{example, put};
use super::*;
use crate::model::{Delivery, DeliveryState};
use crate::view::links::fingerprint::{UNUSED_BEFORE, of_facts};
use crate::view::sample;
use nebulalinks_protocol::facts::{STREAM, Use};

/// Alice's account on a server with this inbound.
fn world(inbound: &InboundFacts) -> Snapshot {
    let mut facts = sample::facts();
    facts.inbounds = vec![InboundFacts { remark: "vless-reality".into(), ..inbound.clone() }];
    sample::snapshot([sample::served_account(1, true), sample::put(facts)])
}

fn print(snapshot: &Snapshot) -> Option<String> {
    delivery_fingerprint(snapshot, &sample::catalog(), sample::account_id(1))
}

/// Whether the link that the customer got under this old fingerprint is the one of now.
fn counts(old: &str, snapshot: &Snapshot) -> bool {
    let (account, state, at) = (sample::account_id(1), DeliveryState::Delivered, sample::NOW);
    let delivery = Delivery::after(None, account, old.to_owned(), state, at);
    is_delivered(snapshot, &sample::catalog(), &delivery, &print(snapshot).unwrap())
}

/// The fingerprint that an older version would have written down.
fn old_print(snapshot: &Snapshot) -> String {
    let catalog = sample::catalog();
    of_facts(&source(snapshot, &catalog, sample::account_id(1)).unwrap()).unwrap()
}

#[test]
fn a_fact_that_no_link_uses_is_no_news_and_one_that_a_link_uses_is() {
    for field in STREAM {
        let (mut inbound, value) = example(field.path);
        let before = print(&world(&inbound));
        assert!(before.is_some());
        put(&mut inbound.stream, field.path, &value);
        let news = print(&world(&inbound)) != before;
        assert_eq!(news, field.used != Use::ServerOnly, "{}", field.path);
    }
    let inbound = sample::facts().inbounds.remove(0);
    let before = print(&world(&inbound));
    let same = |edit: fn(&mut InboundFacts)| {
        let mut inbound = inbound.clone();
        edit(&mut inbound);
        print(&world(&inbound)) == before
    };
    assert!(same(|i| i.id = 9));
    assert!(same(|i| i.listen = "0.0.0.0".into()));
    assert!(same(|i| i.share_strategy = "listen".into()));
    assert!(same(|i| i.settings["network"] = json!("tcp")));
    assert!(same(|i| i.stream["realitySettings"]["shortIds"] = json!(["", "ab12", "cd34"])));
    assert!(!same(|i| i.listen = "203.0.113.7".into()));
    assert!(!same(|i| i.port = 8443));
}

/// What the version before wrote down for the sample account's link.
const OLD: &str = "687d39f3c5a7c32458f596c80be28f7e";

#[test]
fn what_an_older_version_delivered_counts_while_nothing_changed() {
    let inbound = sample::facts().inbounds.remove(0);
    assert_eq!(old_print(&world(&inbound)), OLD);
    assert!(counts(OLD, &world(&inbound)));
    // A gateway of now tells more of the same inbound.
    let told = InboundFacts { share_strategy: "node".into(), ..inbound.clone() };
    assert!(counts(OLD, &world(&told)));
    assert!(!counts(OLD, &world(&InboundFacts { port: 8443, ..inbound.clone() })));
    assert!(!counts("", &world(&inbound)) && !counts("f", &world(&inbound)));
}

#[test]
fn a_link_that_an_older_version_wrote_without_what_it_needs_is_sent_again() {
    let news = |field: &str, later: bool| later || UNUSED_BEFORE.contains(&field);
    let mut again = 0;
    for field in STREAM.iter().filter(|field| field.used != Use::ServerOnly) {
        let (mut inbound, value) = example(field.path);
        put(&mut inbound.stream, field.path, &value);
        let snapshot = world(&inbound);
        let Some(_) = print(&snapshot) else { continue };
        let expected = news(field.path, field.if_said);
        // The padding's own fields need the mode that no old link said.
        let of_padding = field.path.contains("xhttpSettings")
            && inbound.stream["xhttpSettings"]["xPaddingObfsMode"] == true;
        if !expected && of_padding {
            continue;
        }
        assert_eq!(!counts(&old_print(&snapshot), &snapshot), expected, "{}", field.path);
        again += usize::from(expected);
    }
    assert!(again > 20, "{again}");
    let mut inbound = sample::facts().inbounds.remove(0);
    inbound.stream["realitySettings"]["serverNames"] = json!(["", "www.example.com"]);
    let snapshot = world(&inbound);
    assert!(!counts(&old_print(&snapshot), &snapshot), "the old link named no server");
}

/// The shop of the samples with subscription addresses.
fn with_addresses(url: &str) -> Catalog {
    let mut catalog = sample::catalog();
    catalog.shop.subscription = Some(crate::catalog::SubscriptionSettings {
        url: url.to_owned(),
        update_every: crate::model::DurationMs(crate::model::HOUR_MS),
        title: None,
        support: None,
    });
    catalog
}

/// Whether what was delivered in one shop and world is still so in another.
fn still(of: (&Catalog, &Snapshot), now: (&Catalog, &Snapshot)) -> bool {
    let id = sample::account_id(1);
    let sent = delivery_fingerprint(of.1, of.0, id).unwrap();
    let delivery = Delivery::after(None, id, sent, DeliveryState::Delivered, sample::NOW);
    is_delivered(now.1, now.0, &delivery, &delivery_fingerprint(now.1, now.0, id).unwrap())
}

#[test]
fn who_holds_an_address_is_told_of_no_change_and_who_holds_a_link_of_each() {
    let inbound = &sample::facts().inbounds[0];
    let (here, there) = (world(inbound), world(&InboundFacts { port: 8443, ..inbound.clone() }));
    let (plain, new) = (sample::catalog(), with_addresses("https://vpn.example.net"));
    assert!(!still((&plain, &here), (&plain, &there)));
    assert!(still((&new, &here), (&new, &there)), "its app asks again");
    // Turned on later: nobody is written to until their link changes.
    assert!(still((&plain, &here), (&new, &here)));
    assert!(!still((&plain, &here), (&new, &there)));
    let old = Delivery::after(
        None,
        sample::account_id(1),
        old_print(&here),
        DeliveryState::Delivered,
        sample::NOW,
    );
    let address = delivery_fingerprint(&here, &new, sample::account_id(1)).unwrap();
    assert!(is_of_address(&address) && is_delivered(&here, &new, &old, &address));
    // Turned off, or elsewhere: the address is dead.
    assert!(!still((&new, &here), (&plain, &here)));
    assert!(!still((&new, &here), (&with_addresses("https://vpn.example.org"), &here)));
}

#[test]
fn another_token_is_another_address() {
    let new = with_addresses("https://vpn.example.net");
    let here = world(&sample::facts().inbounds[0]);
    let mut rotated = sample::account(1);
    rotated.subscription_token = "ANOTHER".to_owned();
    assert!(!still((&new, &here), (&new, &here.after(&sample::put(rotated), 9))));
}
