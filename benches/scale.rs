//! What records cost as the shop grows: bytes, time and allocations an account, of a pass and of a
//! decision, beside a plain `Vec` of the same structs walked once.
//!
//! `cargo bench -p nebulalinks-core --bench scale` prints the table (docs/PERFORMANCE.md); numbers
//! behind `--` are more sizes, such as 1000000. Under `cargo test` it checks that a pass and a click
//! allocate what they did when the numbers below were written down.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "it fails so")]
#![allow(clippy::disallowed_methods, reason = "it measures real time and reads its environment")]
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a table")]

#[path = "scale/passes.rs"]
mod passes;
#[path = "scale/shop.rs"]
mod shop;

use nebulalinks_core::catalog::Catalog;
use nebulalinks_core::model::{Record, ServerId, Snapshot};
use nebulalinks_core::planner::Counters;
use passes::{pass, resident_mib, round};
use shop::{A_SERVER, FIRST, NOW, Sale, Structs, observation};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::convert::Infallible;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations, as counted when this was last changed on purpose: of a pass over 1,000 accounts
/// that finds nothing to do, of the commit of a placed order, and of that of an approval.
const PASS: usize = 27;
const PLACE: usize = 83;
const APPROVE: usize = 75;
/// How far from them fails, in percent: a gain is written down as well, so that it stays.
const TOLERANCE: usize = 10;
/// The most bytes an account may take in the snapshot and its indexes.
const MOST_BYTES: usize = 1_323;
/// The same of a customer, by whom there may be several accounts.
const MOST_CUSTOMER_BYTES: usize = 346;

/// What is allocated and not freed again by `make`, in bytes, with what it made.
fn bytes_of<T>(make: impl FnOnce() -> T) -> (usize, T) {
    let region = Region::new(ALLOCATOR);
    let made = make();
    let change = region.change();
    (change.bytes_allocated.saturating_sub(change.bytes_deallocated), made)
}

/// How often `run` allocates.
fn allocations_of(run: impl FnOnce()) -> usize {
    let region = Region::new(ALLOCATOR);
    run();
    let change = region.change();
    change.allocations + change.reallocations
}

/// A snapshot as an open makes it, from JSON and kind by kind; and how long that took without
/// making the JSON up.
fn load(
    accounts: u64,
    kinds: usize,
    record: impl Fn(u64, usize) -> Record,
) -> (Snapshot, Duration) {
    let mut made_up = Duration::ZERO;
    let begun = Instant::now();
    let all = (0..kinds).flat_map(|kind| (FIRST..FIRST + accounts).map(move |n| (n, kind)));
    let stored = all.map(|(n, kind)| {
        let begun = Instant::now();
        let record = record(n, kind);
        let json = record.to_json().unwrap();
        made_up += begun.elapsed();
        Ok::<_, Infallible>(shop::read(record.kind(), &json))
    });
    let Ok(snapshot) = Snapshot::load(stored);
    (snapshot, begun.elapsed() - made_up)
}

/// The median time of a placed order and of an approval, each with the snapshot that follows.
fn decisions(snapshot: &Snapshot, catalog: &Catalog) -> (Duration, Duration) {
    let (mut placing, mut approving) = (Vec::new(), Vec::new());
    let mut snapshot = snapshot.clone();
    for n in 1..=201_u64 {
        let fresh = shop::fresh_ids(n);
        let begun = Instant::now();
        snapshot = shop::submit(&snapshot, catalog, &shop::place(n), &fresh);
        placing.push(begun.elapsed());
        snapshot = shop::submit(&snapshot, catalog, &shop::pay(n, fresh.order), &fresh);
        let begun = Instant::now();
        snapshot = shop::submit(&snapshot, catalog, &shop::approve(fresh.order), &fresh);
        approving.push(begun.elapsed());
    }
    (median(placing), median(approving))
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}

/// Walks the structs as a planner must at the least: who is not as it should be.
fn walk(all: &[Structs]) -> usize {
    let differs = |s: &&Structs| {
        let applied = s.status.applied.as_ref();
        let end = applied.map(|a| a.end);
        let same = end == Some(nebulalinks_core::model::End::at(s.run.start + s.term.length));
        !same
            || s.served.account != s.account.id
            || s.ledger.total != s.run.used_before
            || s.binding.server != s.status.server
    };
    all.iter().filter(differs).count()
}

fn table() {
    println!(
        "| accounts | bytes an account: 7 records | with an order just decided | with an archived one | \
         plain `Vec` | RSS MiB | plan + guard µs an account | `Vec` walked, µs | place µs | approve µs | \
         load and first pass s |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let more = std::env::args().filter_map(|argument| argument.parse::<u64>().ok());
    for accounts in [1_000, 10_000, 100_000].into_iter().chain(more) {
        let catalog = shop::catalog(accounts);
        let sale = Sale::of_the_sample();
        let each = |bytes: usize| bytes / accounts as usize;
        let us = |took: Duration| took.as_secs_f64() * 1e6;
        let (plain, structs) =
            bytes_of(|| (FIRST..FIRST + accounts).map(|n| sale.structs(n)).collect::<Vec<_>>());
        let begun = Instant::now();
        black_box(walk(black_box(&structs)));
        let walked = us(begun.elapsed()) / accounts as f64;
        drop(structs);
        let loaded = |kinds, archived| {
            bytes_of(|| load(accounts, kinds, |n, kind| sale.record(n, kind, archived)))
        };
        let (seven, _) = loaded(Sale::SEVEN, false);
        let (decided, _) = loaded(Sale::KINDS, false);
        let (archived, (snapshot, loaded)) = loaded(Sale::KINDS, true);
        let first = round(&snapshot, &catalog);
        let resident = resident_mib();
        let again = round(&snapshot, &catalog);
        let (place, approve) = decisions(&snapshot, &catalog);
        println!(
            "| {accounts} | {} | {} | {} | {} | {resident} | {:.2} | {walked:.3} | {:.0} | {:.0} | {:.2} |",
            each(seven),
            each(decided),
            each(archived),
            each(plain),
            us(again) / accounts as f64,
            us(place),
            us(approve),
            (loaded + first).as_secs_f64(),
        );
    }
}

/// Fails when `counted` is not what was written down.
fn check(what: &str, counted: usize, written: usize) {
    let off = counted.abs_diff(written) * 100;
    assert!(
        off <= written * TOLERANCE,
        "{what} allocates {counted} times, and {written} is written down in benches/scale.rs: \
         find out why, then write the new number down"
    );
    println!("{what}: {counted} allocations ({written} written down)");
}

fn a_pass_and_a_click_allocate_what_is_written_down() {
    let accounts = 1_000;
    let catalog = shop::catalog(accounts);
    let sale = Sale::of_the_sample();
    let record = |n, kind| sale.record(n, kind, false);
    let (bytes, _) = bytes_of(|| load(accounts, Sale::SEVEN, record));
    let each = bytes / accounts as usize;
    println!("an account's seven records and their indexes: {each} bytes");
    let customers = |n, kind| sale.record(n, Sale::CUSTOMERS + kind, false);
    let (bytes, _) = bytes_of(|| load(accounts, Sale::KINDS - Sale::CUSTOMERS, customers));
    let customer = bytes / accounts as usize;
    println!("a customer's two records: {customer} bytes");
    let (snapshot, _) = load(accounts, Sale::KINDS, record);
    let server: ServerId = "fra-0".parse().unwrap();
    assert!(accounts <= A_SERVER);
    let seen = observation(&snapshot, &server);
    let mut before = Counters::default();
    before.note(&seen, NOW);
    let passed = allocations_of(|| assert_eq!(pass(&snapshot, &catalog, &seen, &before), 0));
    let fresh = shop::fresh_ids(1);
    let mut next = snapshot.clone();
    let placed =
        allocations_of(|| next = shop::submit(&snapshot, &catalog, &shop::place(1), &fresh));
    let paid = shop::submit(&next, &catalog, &shop::pay(1, fresh.order), &fresh);
    let approved = allocations_of(|| {
        next = shop::submit(&paid, &catalog, &shop::approve(fresh.order), &fresh);
    });
    println!("pass {passed}, place {placed}, approve {approved}");
    check("a pass over 1,000 accounts", passed, PASS);
    check("a placed order", placed, PLACE);
    check("an approval", approved, APPROVE);
    assert!(each <= MOST_BYTES, "an account takes {each} bytes, more than {MOST_BYTES}");
    let most = MOST_CUSTOMER_BYTES;
    assert!(customer <= most, "a customer takes {customer} bytes, more than {most}");
}

fn main() {
    if std::env::args().any(|argument| argument == "--bench") {
        table();
    } else {
        a_pass_and_a_click_allocate_what_is_written_down();
    }
}
