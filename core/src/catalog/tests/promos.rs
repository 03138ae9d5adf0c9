//! Promo codes: what is read, when they hold, and what they take off.

use super::super::*;
use super::{edited, shipped, text, with_promos};
use crate::model::{Currency, DAY_MS, DurationMs, HOUR_MS, Money, UnixMs};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const CAIRO: &str = "Africa/Cairo";

fn codes() -> Vec<Promo> {
    parse(&with_promos()).unwrap_or_else(|problems| panic!("{problems}")).promos
}

fn egp(minor: u64) -> Money {
    Money { minor, currency: Currency { code: "EGP".into(), decimals: 2 } }
}

#[test]
fn codes_are_read_with_what_is_left_out() {
    let codes = codes();
    let of = |n: usize| (codes[n].id.as_str(), codes[n].code.as_str(), &codes[n].gives);
    assert_eq!(of(0), ("ramadan", "RAMADAN25", &Gives::Percent(25)));
    assert_eq!(of(1), ("sorry", "Sorry-7", &Gives::Days(7)));
    assert_eq!(of(2), ("welcome", "WELCOME", &Gives::Amount(egp(2_000))));
    let uses = |n: usize| (codes[n].limit, codes[n].per_customer);
    assert_eq!([uses(0), uses(1), uses(2)], [(Some(100), 1), (None, 2), (None, 1)]);
    assert_eq!(codes[1].gift(), Some(DurationMs(7 * DAY_MS)));
    assert!(codes[1].valid.is_none() && codes[1].plans == Covers::Any);
}

/// The revision of the shipped files as programs had it that knew four.
fn revision_of_before() -> String {
    let mut hash = Sha256::new();
    for file in DesiredFile::REQUIRED {
        let text = text(&shipped(), file);
        hash.update(file.name());
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    nebulalinks_protocol::hex(&hash.finalize()[..6])
}

#[test]
fn a_shop_without_the_file_has_no_codes_and_the_revision_that_it_had() {
    let mut catalog = parse(&with_promos()).unwrap();
    let without = parse(&shipped()).unwrap();
    assert_eq!(without.revision, revision_of_before(), "what was kept under it is found again");
    assert_ne!(catalog.revision, without.revision);
    (catalog.promos, catalog.revision) = (Vec::new(), without.revision.clone());
    assert_eq!(catalog, without);
}

#[test]
fn codes_are_compared_without_the_case_of_ascii_alone() {
    assert!(same_code("ramadan25", "RAMADAN25"));
    for other in ["RAMADAN2", "RAMADAN25 ", "ramadan２5", "ramad\u{e0}n25"] {
        assert!(!same_code("RAMADAN25", other), "{other}");
    }
    // U+212A is no K, although its lower case is.
    assert!(!same_code("KEY-1", "\u{212a}EY-1"));
}

#[test]
fn the_last_day_is_included_by_the_shops_clocks() {
    let at = |text: &str| {
        UnixMs(u64::try_from(text.parse::<jiff::Timestamp>().unwrap().as_millisecond()).unwrap())
    };
    let ramadan = &codes()[0];
    // Two hours ahead of UTC on both days.
    let (first, over) = (at("2026-02-28T22:00:00Z"), at("2026-04-01T22:00:00Z"));
    for (now, valid) in
        [(UnixMs(first.0 - 1), false), (first, true), (UnixMs(over.0 - 1), true), (over, false)]
    {
        assert_eq!(ramadan.is_valid(now, CAIRO), valid, "{now:?}");
    }
    // The clocks go forward at midnight: that day begins at one o'clock, and has 23 hours.
    let spring: Days = "2026-04-24..2026-04-24".parse().unwrap();
    assert_eq!(spring.begin(CAIRO), at("2026-04-23T22:00:00Z"));
    assert_eq!(spring.end(CAIRO).0 - spring.begin(CAIRO).0, 23 * HOUR_MS);
    let [all, none]: [Days; 2] =
        ["0001-01-01..9999-12-31", "0001-01-01..1960-01-01"].map(|days| days.parse().unwrap());
    assert!(all.begin(CAIRO) == UnixMs(0) && all.end(CAIRO).0 > at("9000-01-01T00:00:00Z").0);
    assert_eq!(none.end(CAIRO), UnixMs(0));
}

#[test]
fn a_code_is_for_its_plans_and_for_no_trial() {
    let trial = "    trial: true\n    duration: 30d\n    traffic: unlimited";
    let mut files = edited(
        DesiredFile::Plans,
        "    prices: [250.00 EGP, 5.20 USD]\n    duration: 30d\n    traffic: unlimited",
        trial,
    );
    files.promos = with_promos().promos;
    let catalog = parse(&files).unwrap_or_else(|problems| panic!("{problems}"));
    let covered = |n: usize| -> Vec<&str> {
        let plans = catalog.plans.iter().filter(|plan| plan.takes(&catalog.promos[n]));
        plans.map(|plan| plan.id.as_str()).collect()
    };
    assert_eq!(covered(0), ["basic-30", "basic-90"]);
    assert_eq!(covered(1), ["basic-30", "basic-90"], "any plan but the trial");
    assert_eq!(covered(2), ["basic-30"]);
    let alone =
        text(&files, DesiredFile::Promos).replace("ids: [basic-30, pro-30]", "ids: [pro-30]");
    files.promos = alone.as_str().into();
    let refused = parse(&files).unwrap_err().to_string();
    assert!(refused.contains("the code `WELCOME` is for trials alone"), "{refused}");
}

proptest! {
    #[test]
    fn what_is_due_is_less_than_the_price_and_never_nothing(
        minor in 1u64.., percent in 1u32..100, amount in 1u64..,
    ) {
        let mut code = codes().swap_remove(0);
        let price = egp(minor);
        for gives in [Gives::Percent(percent), Gives::Amount(egp(amount))] {
            code.gives = gives.clone();
            match code.reduced(&price) {
                None => prop_assert!(minor == 1 || matches!(gives, Gives::Percent(p) if minor * u64::from(p) < 100)),
                Some(due) => {
                    prop_assert!((1..minor).contains(&due.minor) && due.currency == price.currency);
                    let off = u128::from(minor - due.minor);
                    match gives {
                        // Rounded down: never more than the percent says, and less by under one unit.
                        Gives::Percent(p) => {
                            let exact = u128::from(minor) * u128::from(p);
                            prop_assert!(off * 100 <= exact && exact < (off + 1) * 100);
                        }
                        _ => prop_assert!(due.minor == 1 || off == u128::from(amount)),
                    }
                }
            }
        }
        code.gives = Gives::Amount(Money { minor: amount, currency: Currency { code: "USD".into(), decimals: 2 } });
        prop_assert_eq!(code.reduced(&price), None);
    }
}
