//! Sizes, amounts and lengths are read exactly or refused, and what is printed reads the same.
//!
//! Input: a byte that says which kind, for an amount a byte with the currency's decimals, then the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nebulalinks_core::catalog::{Source, parse, typed_traffic};
use nebulalinks_core::model::{Bytes, Currency, DurationMs, Money, Quota};
use nebulalinks_fuzz::catalog::shipped;
use nebulalinks_fuzz::quantities;

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else { return };
    match kind % 3 {
        0 => {
            if let Ok(text) = std::str::from_utf8(rest) {
                size(text)
            }
        }
        1 => {
            if let Some((decimals, text)) = rest.split_first()
                && let Ok(text) = std::str::from_utf8(text)
            {
                amount(text, decimals % 19);
            }
        }
        _ => {
            if let Ok(text) = std::str::from_utf8(rest) {
                length(text)
            }
        }
    }
});

fn size(text: &str) {
    let read = typed_traffic(text);
    if text == "unlimited" {
        assert_eq!(read, Ok(Quota::Unlimited));
        return;
    }
    let expected = quantities::bytes(text);
    assert_eq!(read.as_ref().ok(), expected.map(|n| Quota::Bytes(Bytes(n))).as_ref(), "{read:?}");
    if let Some(n) = expected {
        assert_eq!(typed_traffic(&format!("{n}B")), read);
    }
}

fn amount(text: &str, decimals: u8) {
    let currency = Currency { code: "XTS".into(), decimals };
    let read = Money::parse(text, currency.clone());
    assert_eq!(read.as_ref().ok().map(|m| m.minor), quantities::minor(text, decimals), "{read:?}");
    if let Ok(money) = read {
        let printed = money.to_string();
        let number = printed.strip_suffix(" XTS").expect("the code comes last");
        assert_eq!(Money::parse(number, currency), Ok(money));
    }
}

/// Through the file that names lengths: nothing else reads them.
fn length(text: &str) {
    if !text.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
        return;
    }
    let mut files = shipped();
    files.plans = Source::Text(format!(
        "plans:\n  - {{id: a, family: a, name: {{en: A, ar: A, ru: A}}, prices: [1.00 EGP], \
         duration: '{}', traffic: 1GB, devices: 1, servers: {{any: true}}, lifecycle: active}}\n",
        text.replace('\'', "''")
    ));
    let read = parse(&files);
    let length = read.as_ref().ok().map(|catalog| catalog.plans[0].duration);
    assert_eq!(length, quantities::length_ms(text).map(DurationMs), "{:?}", read.err());
}
