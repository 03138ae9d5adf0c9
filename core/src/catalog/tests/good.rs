//! What is accepted, and as what.

use super::super::*;
use super::{edited, shipped, text, with_promos};
use crate::model::{DAY_MS, DurationMs, Quota, Selector};

#[test]
fn the_shipped_files_are_valid() {
    let catalog = parse(&shipped()).unwrap_or_else(|problems| panic!("{problems}"));
    let ids: Vec<&str> = catalog.plans.iter().map(|p| p.id.as_str()).collect();
    assert_eq!(ids, ["basic-30", "basic-90", "pro-30"]);
    let basic = &catalog.plans[0];
    assert_eq!(basic.prices[0].to_string(), "100.00 EGP");
    assert_eq!(basic.prices[1].to_string(), "2.10 USD");
    assert_eq!(basic.duration, DurationMs(30 * DAY_MS));
    assert_eq!(basic.traffic.to_string(), "50GiB");
    assert_eq!(catalog.plans[2].traffic, Quota::Unlimited);
    assert_eq!(catalog.plans[2].servers, Selector::Any);
    assert_eq!(catalog.plans[0].name.get("ru", "en"), "Базовый");
    let gateways: Vec<&str> = catalog.servers.values().map(|s| s.gateway.as_str()).collect();
    assert_eq!(gateways, ["http://127.0.0.1:18444", "http://127.0.0.1:18443"]);
    assert_eq!(catalog.shop.guild, 100_000_000_000_000_001);
    assert_eq!(catalog.default_language(), "en");
    assert_eq!(catalog.methods[0].account, "01000000000");
    assert_eq!(catalog.revision.len(), 12);
}

#[test]
fn yes_and_no_are_words_of_yaml_or_text() {
    for (written, read) in [("true", true), ("false", false), ("\"true\"", true)] {
        let to = format!("    message_content: {written}\n    channels:\n");
        let files = edited(DesiredFile::Shop, "    channels:\n", &to);
        let catalog = parse(&files).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(catalog.shop.message_content, read, "{written}");
    }
    assert!(!parse(&shipped()).unwrap().shop.message_content);
}

#[test]
fn staff_are_called_as_the_file_says_else_the_lowest_role_that_may_do_it() {
    use Called::{Admin, Nobody, Owner, Support};
    let of = |from: &str, to: &str| {
        let files = edited(DesiredFile::Shop, from, to);
        let shop = parse(&files).unwrap_or_else(|problems| panic!("{problems}")).shop;
        (shop.ping.review, shop.ping.tickets, shop.ping.alerts)
    };
    let ping = |what: &str| of("    roles:\n", &format!("    ping: {what}\n    roles:\n"));
    assert_eq!(of("id: main", "id: main"), (Admin, Support, Owner));
    assert_eq!(of("      admin: [\"100000000000000022\"]\n", ""), (Owner, Support, Owner));
    assert_eq!(of("      support: [\"100000000000000023\"]\n", ""), (Admin, Admin, Owner));
    assert_eq!(ping("{review: support, alerts: nobody}"), (Support, Support, Nobody));
    let shop = parse(&shipped()).unwrap().shop;
    assert_eq!(shop.roles.called(Admin), [100_000_000_000_000_022]);
    assert!(shop.roles.called(Nobody).is_empty());
    assert!(Roles::default().called(Admin).is_empty());
}

#[test]
fn every_change_of_a_byte_is_another_revision() {
    let catalog = parse(&shipped()).unwrap();
    let next = parse(&edited(DesiredFile::Plans, "100.00 EGP", "110.00 EGP")).unwrap();
    assert_ne!(catalog.revision, next.revision);
    assert_eq!(catalog.revision, parse(&shipped()).unwrap().revision);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing_but_the_revision() {
    let mut files = with_promos();
    for file in DesiredFile::ALL {
        let text = text(&files, file);
        files.set(file, Source::Text(format!("\u{feff}{}", text.replace('\n', "\r\n"))));
    }
    let mut catalog = parse(&files).unwrap_or_else(|problems| panic!("{problems}"));
    catalog.revision = parse(&with_promos()).unwrap().revision;
    assert_eq!(catalog, parse(&with_promos()).unwrap());
}

#[test]
fn what_is_left_out_has_the_documented_default() {
    let plans = "plans:\n- {id: a, name: A, prices: [1 EGP], duration: 1d, traffic: 1GB, devices: 0, servers: {any: true}}\n";
    let servers = "servers:\n- {id: s, name: S, host: s.example.net, gateway: \"https://s.example.net\", inbounds: [1], capacity: 5}\n";
    let files = Files { plans: plans.into(), servers: servers.into(), ..shipped() };
    let catalog = parse(&files).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(catalog.plans[0].family.as_str(), "a");
    assert_eq!(catalog.plans[0].lifecycle, PlanLifecycle::Active);
    let server = catalog.servers.values().next().unwrap();
    assert_eq!((server.keys.as_str(), server.weight), ("s", 1));
    assert_eq!(server.line_bits_per_second, 10_000_000_000);
    assert_eq!(server.inbounds, ["1"]);
}
