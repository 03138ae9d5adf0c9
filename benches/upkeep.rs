//! How long it takes to keep a large shop safe: a backup, a restore, an export, an import, a check and a
//! compaction of a store on disk, and to say whom an edit of the files would meet.
//!
//! `cargo bench --bench upkeep` prints the table (docs/PERFORMANCE.md) for 100,000 accounts; a number behind
//! `--` is another size, and a folder's path is where the stores are made. The files are in the kernel's cache.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "it fails so")]
#![allow(clippy::disallowed_methods, reason = "it measures real time and reads its environment")]
#![allow(clippy::cast_possible_truncation, reason = "a table")]

#[path = "scale/shop.rs"]
#[allow(dead_code, reason = "the benchmark scale uses the rest")]
mod shop;

use nebulalinks::ports::Store as _;
use nebulalinks::store::{
    Export, Fault, Identities, OpenOptions, Opening, Plan, Recipients, Restoring, SledStore,
    archive, compact, export, fsck, import, restore,
};
use nebulalinks_core::catalog::{Catalog, Files, Lines, ServerLifecycle};
use nebulalinks_core::diff::{CatalogDiff, Compared, diff};
use nebulalinks_core::model::{
    Actor, Audit, Edits, Front, InteractionOrder, Outcome, ProofOrder, Record, RequestKey,
    SourceTerm, StoreIdentity,
};
use shop::{FIRST, NOW, Sale};
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Accounts whose records are put with one commit.
const A_COMMIT: u64 = 200;
/// For whom the encrypted backup is made, and who opens it: a pair for this benchmark alone.
const PUBLIC: &str = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";
const SECRET: &str = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";

fn options(folder: &Path) -> OpenOptions {
    let mut options = OpenOptions::at(folder);
    options.ballast_mib = 0;
    options
}

/// What somebody's purchase left beside [`Sale`]: the indexes.
fn indexes(n: u64, edits: &mut Edits) {
    let ids = shop::fresh_ids(n);
    if let Record::Term(term) = Sale::of_the_sample().record(n, 2, true) {
        edits.put(SourceTerm { source: term.source, account: ids.account, term: 0, asked: None });
    }
    edits.put(ProofOrder { sha256: format!("{n:064x}"), order: ids.order });
    edits
        .put(InteractionOrder { interaction: RequestKey::of(Front::Discord, n), order: ids.order });
}

/// A store in which so many have bought.
fn make(folder: &Path, accounts: u64) {
    SledStore::init(&options(folder)).unwrap();
    let store = SledStore::open(options(folder)).unwrap();
    let sale = Sale::of_the_sample();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut first = Edits::new();
    first.put(StoreIdentity { store_id: "01jd0000000000000000000000".into(), created_at: NOW });
    runtime.block_on(store.txn(first)).unwrap();
    for first in (FIRST..FIRST + accounts).step_by(A_COMMIT as usize) {
        let mut edits = Edits::new();
        for n in first..(first + A_COMMIT).min(FIRST + accounts) {
            (0..Sale::KINDS).for_each(|kind| edits.put(sale.record(n, kind, true)));
            indexes(n, &mut edits);
        }
        runtime.block_on(store.txn(edits)).unwrap();
    }
    store.close_now();
}

fn audit(verb: &str) -> Audit {
    Audit {
        id: "01jd0000000000000000000007".into(),
        actor: Actor::Cli("bench".into()),
        verb: verb.into(),
        subject: "store".into(),
        outcome: Outcome::Done,
        of: None,
        reason: None,
        catalog: String::new(),
        commit: None,
        at: NOW,
    }
}

/// Prints how long a step took, and what it came to.
fn row<T>(what: &str, work: impl FnOnce() -> T, came_to: impl FnOnce(&T) -> String) -> T {
    let begun = Instant::now();
    let done = work();
    println!("| {what} | {:.2} | {} |", begun.elapsed().as_secs_f64(), came_to(&done));
    done
}

fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(1 << 20))
}

fn size(file: &Path) -> u64 {
    std::fs::metadata(file).unwrap().len()
}

fn table(place: &Path, accounts: u64) {
    let folder = tempfile::tempdir_in(place).unwrap();
    let (state, backups) = (folder.path().join("state"), folder.path().join("backups"));
    make(&state, accounts);
    println!("| {accounts} accounts | s | |\n| --- | --- | --- |");
    diffs(&state, accounts);
    let back_up = |recipients: &Recipients, prune: bool| {
        archive(&Plan {
            state: &state,
            folder: &backups,
            shop: Some("main".to_owned()),
            recipients,
            now: NOW,
            keep: None,
            prune,
            report: &|_, _, _| {},
        })
        .unwrap()
    };
    let plain = Recipients::default();
    let file = row("backup", || back_up(&plain, false), |made| mib(made.bytes)).path;
    let sealed = Recipients::parse([PUBLIC]).unwrap();
    let sealed = row("backup, encrypted", || back_up(&sealed, false), |made| mib(made.bytes)).path;
    let put_back = |file: &Path, identities: Identities, to: &str| {
        let opening = Opening { path: file.to_owned(), identities };
        let to = folder.path().join(to);
        let restoring = Restoring {
            opening: &opening,
            state: &to,
            replace: false,
            audit: audit("restore"),
            report: &|_| {},
        };
        let done = restore(restoring).unwrap();
        std::fs::remove_dir_all(to).unwrap();
        done
    };
    let revision =
        |done: &nebulalinks::store::Restored| format!("revision {}", done.header.revision);
    row("restore", || put_back(&file, Identities::default(), "restored"), revision);
    let opens = Identities::parse(SECRET).unwrap();
    row("restore, encrypted", || put_back(&sealed, opens, "restored"), revision);
    let lines = folder.path().join("lines");
    let wanted = Export { state: &state, shop: Some("main".into()), with_secrets: true, now: NOW };
    let out = || export(&wanted, &mut BufWriter::new(File::create(&lines).unwrap())).unwrap();
    row("export", out, |count| format!("{count} records, {}", mib(size(&lines))));
    let to = folder.path().join("imported");
    let read = || {
        let mut from = BufReader::new(File::open(&lines).unwrap());
        import(&mut from, &to, audit("import")).unwrap()
    };
    row("import", read, |head| format!("revision {}", head.revision));
    std::fs::remove_dir_all(&to).unwrap();
    let checked = row("fsck", || fsck(&state).unwrap(), |done| format!("{} records", done.records));
    // Nobody uploaded the pictures of these proofs.
    let strange = |fault: &&Fault| !fault.what.contains("proofs are not there");
    assert_eq!(checked.faults.iter().find(strange), None);
    row(
        "compact",
        || compact(&state).unwrap(),
        |done| {
            let line = |(before, after)| format!("{} → {}", mib(before), mib(after));
            format!("journal {}, records {}", line(done.journal), line(done.sled))
        },
    );
}

/// An edit of the files: its name, and what it does to them.
type Edit = (&'static str, fn(&mut Catalog));

/// What an edit would do to so many accounts.
fn diffs(state: &Path, accounts: u64) {
    let store = SledStore::open(options(state)).unwrap();
    let snapshot = store.snapshot();
    let before = shop::catalog(accounts);
    let lines = &Lines::of(&Files::default());
    let edits: [Edit; 3] = [
        ("diff, a price", |files| {
            files.plans[0].prices[0].minor += 100;
        }),
        ("diff, a server drained", |files| {
            files.servers.values_mut().next().unwrap().lifecycle = ServerLifecycle::Draining;
        }),
        ("diff, a server removed", |files| drop(files.servers.pop_first())),
    ];
    for (what, edit) in edits {
        let mut after = before.clone();
        edit(&mut after);
        after.revision = "edited".into();
        let compared =
            Compared { snapshot: &snapshot, before: &before, after: &after, lines, now: NOW };
        let met = |diff: &CatalogDiff| diff.effects[0].text.clone();
        row(what, || diff(&compared), met);
    }
    store.close_now();
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let accounts = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let place = arguments.iter().map(PathBuf::from).find(|path| path.is_dir());
    table(&place.unwrap_or_else(std::env::temp_dir), accounts);
}
