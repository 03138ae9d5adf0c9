//! How long a start takes as the shop grows: sled and its journal opened, every record read, the
//! first pass over every server; beside sled alone, opened and walked once.
//!
//! `cargo bench --bench start` prints the table (docs/PERFORMANCE.md); numbers behind `--` are more
//! sizes, such as 1000000, and a folder's path is where stores are made. Each start is a process of
//! its own, so that its memory is its own; the files are in the kernel's cache.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "it fails so")]
#![allow(clippy::disallowed_methods, reason = "it measures real time and reads its environment")]
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a table")]

#[path = "scale/passes.rs"]
mod passes;
#[path = "scale/shop.rs"]
#[allow(dead_code, reason = "the benchmark scale uses the rest")]
mod shop;

use nebulalinks::ports::Store;
use nebulalinks::store::{OpenOptions, SledStore};
use nebulalinks_core::model::Edits;
use passes::{resident_mib, round};
use shop::{FIRST, Sale};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Accounts whose records are put with one commit.
const A_COMMIT: u64 = 200;

fn options(folder: &Path) -> OpenOptions {
    let mut options = OpenOptions::at(folder);
    options.ballast_mib = 0;
    // A machine that is busy with ten other things is no fault of the disk.
    options.max_operation = Duration::from_secs(120);
    options
}

/// A store in which so many have bought, closed as a process closes it that ends.
fn make(folder: &Path, accounts: u64) {
    SledStore::init(&options(folder)).unwrap();
    let store = SledStore::open(options(folder)).unwrap();
    let sale = Sale::of_the_sample();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let commits = (FIRST..FIRST + accounts).step_by(A_COMMIT as usize).map(|first| {
        let mut edits = Edits::new();
        for n in first..(first + A_COMMIT).min(FIRST + accounts) {
            (0..Sale::KINDS).for_each(|kind| edits.put(sale.record(n, kind, true)));
        }
        edits
    });
    for edits in commits {
        runtime.block_on(store.txn(edits)).unwrap();
    }
    store.close_now();
}

/// A process that measures one thing of a store, and the numbers that it says.
fn measured(what: &str, folder: &Path, accounts: u64) -> Vec<f64> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([what, folder.to_str().unwrap(), &accounts.to_string()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    said.split_whitespace().map(|number| number.parse().unwrap()).collect()
}

/// Seconds of the open and of the first pass, MiB on disk and in memory, records.
fn start(folder: &Path, accounts: u64) {
    let begun = Instant::now();
    let store = SledStore::open(options(folder)).unwrap();
    let opened = begun.elapsed();
    let snapshot = store.snapshot();
    let first = round(&snapshot, &shop::catalog(accounts));
    let stats = store.stats();
    assert_eq!((stats.load.replayed, stats.load.rebuilt), (0, false), "it was closed in order");
    let (open, pass) = (opened.as_secs_f64(), first.as_secs_f64());
    let disk = stats.bytes_on_disk / (1 << 20);
    println!("{open} {pass} {disk} {} {}", resident_mib(), snapshot.len());
}

/// Seconds that sled alone takes for its open and one walk, and its memory in MiB.
fn sled_alone(folder: &Path) {
    let begun = Instant::now();
    let cache = options(folder).cache_mib << 20;
    let db = sled::Config::new().path(folder.join("db")).cache_capacity(cache).open().unwrap();
    let opened = begun.elapsed();
    let trees = db.tree_names().into_iter().map(|name| db.open_tree(name).unwrap());
    let bytes: usize = trees
        .flat_map(|tree| tree.iter().map(Result::unwrap))
        .map(|(k, v)| k.len() + v.len())
        .sum();
    let walked = begun.elapsed() - opened;
    let (open, walk) = (opened.as_secs_f64(), walked.as_secs_f64());
    println!("{open} {walk} {} {}", bytes >> 20, resident_mib());
}

fn table(arguments: &[String]) {
    println!(
        "| accounts | records in memory | on disk MiB | open s | first pass s | RSS MiB | \
         sled alone: open s | walk s | bytes of records MiB | RSS MiB |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let more = arguments.iter().filter_map(|argument| argument.parse::<u64>().ok());
    let place = arguments.iter().map(PathBuf::from).find(|path| path.is_dir());
    let place = place.unwrap_or_else(std::env::temp_dir);
    for accounts in [10_000, 100_000].into_iter().chain(more) {
        let folder = tempfile::tempdir_in(&place).unwrap();
        make(folder.path(), accounts);
        let alone = measured("sled-alone", folder.path(), accounts);
        let whole = measured("start", folder.path(), accounts);
        println!(
            "| {accounts} | {} | {} | {:.2} | {:.2} | {} | {:.2} | {:.2} | {} | {} |",
            whole[4],
            whole[2],
            whole[0],
            whole[1],
            whole[3],
            alone[0],
            alone[1],
            alone[2],
            alone[3],
        );
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["start", folder, accounts] => start(Path::new(folder), accounts.parse().unwrap()),
        ["sled-alone", folder, _] => sled_alone(Path::new(folder)),
        _ => table(&arguments),
    }
}
