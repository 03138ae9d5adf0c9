//! Days are those of the shop's clocks, and sums of them are exact.

use super::*;
use crate::model::{Actor, AllTakings, Decision, Money, Order, Reversed, Target, Verdict, day_of};
use crate::view::sample;
use proptest::prelude::*;

fn at(text: &str) -> UnixMs {
    let zoned: jiff::Zoned = text.parse().unwrap();
    UnixMs(u64::try_from(zoned.timestamp().as_millisecond()).unwrap())
}

fn currency(code: &str, decimals: u8) -> Currency {
    Currency { code: code.into(), decimals }
}

/// An order that was approved then, for so much, and perhaps taken back.
fn sold(n: u128, approved: UnixMs, price: (u64, Currency), reversed: Option<UnixMs>) -> Order {
    let mut order = sample::order(n, Target::New, "bank");
    order.method.price = Money { minor: price.0, currency: price.1 };
    let verdict = Verdict::Approved { reference: None, account: sample::account_id(n) };
    order.decision = Some(Decision { by: Actor::Controller, at: approved, verdict });
    order.reversed =
        reversed.map(|at| Reversed { by: Actor::Controller, at, reason: String::new() });
    order
}

fn books<'a>(orders: impl IntoIterator<Item = &'a Order>) -> AllTakings {
    let mut books = AllTakings::default();
    orders.into_iter().for_each(|order| books.add(order));
    books
}

fn rows(books: &AllTakings, by: Period, days: Days) -> Vec<(String, String)> {
    let rows = by_period(books.takings(), "Africa/Cairo", by, days);
    rows.into_iter()
        .map(|row| {
            (row.period, format!("{} {}", row.currency.number(row.sums.net()), row.currency.code))
        })
        .collect()
}

#[test]
fn a_day_is_that_of_the_shops_clocks_and_a_reversal_counts_on_its_own() {
    let egp = || currency("EGP", 2);
    let orders = [
        // In UTC these are of one day, in Cairo of two, of two months and of two years.
        sold(1, at("2026-12-31T23:59+02[Africa/Cairo]"), (10_000, egp()), None),
        sold(2, at("2027-01-01T00:00+02[Africa/Cairo]"), (5_000, egp()), None),
        sold(
            3,
            at("2027-01-02T12:00+02[Africa/Cairo]"),
            (7_005, egp()),
            Some(at("2027-04-01T00:10+02[Africa/Cairo]")),
        ),
        sold(4, at("2027-01-02T12:01+02[Africa/Cairo]"), (3, currency("JPY", 0)), None),
    ];
    let books = books(&orders);
    let row = |period: &str, sum: &str| (period.to_owned(), sum.to_owned());
    assert_eq!(
        rows(&books, Period::Day, Days::ALL),
        [
            row("2026-12-31", "100.00 EGP"),
            row("2027-01-01", "50.00 EGP"),
            row("2027-01-02", "70.05 EGP"),
            row("2027-01-02", "3 JPY"),
            row("2027-04-01", "-70.05 EGP"),
        ]
    );
    assert_eq!(
        rows(&books, Period::Quarter, Days::ALL),
        [
            row("2026-Q4", "100.00 EGP"),
            row("2027-Q1", "120.05 EGP"),
            row("2027-Q1", "3 JPY"),
            row("2027-Q2", "-70.05 EGP"),
        ]
    );
    assert_eq!(
        rows(&books, Period::Year, Days::parse(Some("2027-01-01"), None).unwrap()),
        [row("2027", "50.00 EGP"), row("2027", "3 JPY")]
    );
    let month = Days::today(at("2027-01-31T23:59+02[Africa/Cairo]"), "Africa/Cairo").this_month();
    let sums = total(books.takings(), "Africa/Cairo", month);
    assert_eq!(sums.first().map(|(_, sums)| (sums.approved, sums.net())), Some((2, 12_005)));
    let day = |text: &str| Days::today(at(text), "Africa/Cairo");
    let of = |first, last| Days::parse(Some(first), Some(last)).unwrap();
    for (today, quarter, year, lately) in [
        ("2027-01-31T12:00+00[UTC]", "2027-01-01", "2027-01-01", "2026-12-01"),
        ("2027-06-30T12:00+00[UTC]", "2027-04-01", "2027-01-01", "2027-01-01"),
        ("2026-12-31T12:00+00[UTC]", "2026-10-01", "2026-01-01", "2026-01-01"),
    ] {
        let (days, last) = (day(today), &today[..10]);
        assert_eq!(days.this_quarter(), of(quarter, last));
        assert_eq!(days.this_year(), of(year, last));
        assert_eq!(days.lately(), of(lately, last));
    }
    let before = total(books.takings(), "Africa/Cairo", month.last_month());
    assert_eq!(before.first().map(|(_, sums)| sums.net()), Some(10_000));
}

#[test]
fn nobodys_day_is_left_out_of_the_days_of_utc_that_are_read() {
    for zone in ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "Africa/Cairo"] {
        let days = Days::parse(Some("2026-11-30"), Some("2026-11-30")).unwrap();
        let (first, last) = days.of_utc();
        for (time, day) in [("00:00", first), ("23:59", last)] {
            let moment = at(&format!("2026-11-30T{time}[{zone}]"));
            assert!((first..=last).contains(&day_of(moment)), "{zone} {time} {day}");
        }
    }
    for bad in ["2026-13-01", "yesterday", "2026-1-1", "20261130"] {
        assert!(Days::parse(Some(bad), None).unwrap_err().contains("is no day"), "{bad}");
    }
    assert!(Days::parse(Some("2026-11-30"), Some("2026-11-29")).is_err());
}

proptest! {
    #[test]
    fn the_days_of_a_year_come_to_the_year_in_any_zone(
        sales in proptest::collection::vec(
            (0..800_u64, 0..96_u64, any::<u64>(), 0..3_usize, proptest::option::of(0..400_u64)),
            0..40,
        ),
        zone in proptest::sample::select(vec!["UTC", "Africa/Cairo", "Asia/Kathmandu", "America/St_Johns"]),
    ) {
        let day = 86_400_000;
        let all = [currency("EGP", 2), currency("USDT", 6), currency("JPY", 0)];
        let orders: Vec<Order> = sales.iter().enumerate().map(|(n, (on, quarter, minor, of, back))| {
            let moment = UnixMs(1_767_225_600_000 + on * day + quarter * 900_000);
            let back = back.map(|days| UnixMs(moment.0 + days * day));
            sold(n as u128, moment, (*minor, all[*of].clone()), back)
        }).collect();
        let books = books(&orders);
        let by = |by| by_period(books.takings(), zone, by, Days::ALL);
        let mut walked: BTreeMap<(String, Currency), i128> = BTreeMap::new();
        for booking in orders.iter().flat_map(Order::bookings) {
            let year = day_in(booking.at, &zone_of(zone)).year().to_string();
            let sum = walked.entry((year, booking.amount.currency.clone())).or_default();
            let minor = i128::from(booking.amount.minor);
            *sum += if booking.returned { -minor } else { minor };
        }
        for shorter in [Period::Day, Period::Month, Period::Quarter, Period::Year] {
            let mut sums: BTreeMap<(String, Currency), i128> = BTreeMap::new();
            for row in by(shorter) {
                *sums.entry((row.period[..4].to_owned(), row.currency)).or_default() += row.sums.net();
            }
            prop_assert_eq!(&sums, &walked, "{:?}", shorter);
        }
    }
}
