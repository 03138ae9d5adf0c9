//! A store that the program of before left, with orders of each state, archived ones, accounts, an
//! adopted one and what was shown: it opens as what it was, whatever becomes of the first try.
//!
//! `tests/fixtures/store/schema-1.tar.zst` was written by the program of revision 720a3df, and
//! `schema-1.jsonl` is what that program exported of it. Neither is made again.

use super::support::{audit_line, options, raw_sled};
use super::transfers::off;
use nebulalinks::controller::{recount_if_short, takings_of};
use nebulalinks::discord::PROFILE;
use nebulalinks::model::{
    AllTakings, CustomerId, Identity, Key, Kind, Record, SCHEMA_VERSION, Snapshot, UnixMs,
};
use nebulalinks::ports::{Span, Store};
use nebulalinks::store::{
    AddsNothing, Export, Migration, OpenError, OpenOptions, SledStore, back_up, export, fsck,
    import, verify,
};
use nebulalinks::view::Pages;
use nebulalinks_testkit::store::recounted;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use ulid::Ulid;

const ANN: u64 = 812_345_678_901_234_567;
const BEN: u64 = 1_175_928_847_299_117_063;
/// Whom Discord numbered in the same millisecond.
const BEN_TOO: u64 = BEN + 1;

pub(super) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/store").join(name)
}

/// The old store's folder, as its program closed it.
pub(super) fn unpacked(folder: &Path) -> OpenOptions {
    let packed = fs::File::open(fixture("schema-1.tar.zst")).unwrap();
    let plain = zstd::stream::read::Decoder::new(packed).unwrap();
    tar::Archive::new(plain).unpack(folder).unwrap();
    options(folder)
}

/// The id that somebody of before has: Discord's moment, then Discord's number.
fn id(snowflake: u64) -> String {
    let at = (snowflake >> 22) + 1_420_070_400_000;
    Ulid::from_parts(at, snowflake.into()).to_string().to_lowercase()
}

/// Every record that there must be: what was exported, a kind at a time, with its people apart.
fn expected() -> BTreeMap<String, Vec<Value>> {
    let text = fs::read_to_string(fixture("schema-1.jsonl")).unwrap();
    let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in text.lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let Some(kind) = line["kind"].as_str().map(str::to_owned) else { continue };
        let mut value = line["record"]["value"].take();
        let fields: &mut Map<String, Value> = value.as_object_mut().unwrap();
        if let Some(customer) = fields.get_mut("customer") {
            *customer = id(customer.as_str().unwrap().parse().unwrap()).into();
        }
        if let Some(number) = fields.get_mut("interaction") {
            *number = format!("discord:{number}").into();
        }
        if ["order", "account"].contains(&&*kind) {
            fields.remove("customer_name").unwrap();
            fields.remove("language");
        }
        if kind == "order" {
            let order = value["id"].as_str().unwrap();
            let reference = format!("NL-{}", order[20..].to_uppercase());
            let index = json!({"reference": reference, "order": order});
            all.entry("order-reference".into()).or_default().push(index);
        }
        all.entry(kind).or_default().push(value);
    }
    // What each said last of themselves, and when they came.
    for (who, name, language, created_at) in [
        (ANN, "ann again", Some("ar"), 1_795_255_200_000_u64),
        (BEN, "ben", Some("ru"), 1_795_262_405_000),
        (BEN_TOO, "بن", None, 1_795_435_205_000),
        (1_003, "customer-3", Some("en-US"), 1_795_435_206_000),
        (1_007, "a friend's phone", None, 1_795_435_206_000),
    ] {
        let identity = format!("discord:{who}");
        let index = json!({"identity": identity, "customer": id(who)});
        all.entry("customer-identity".into()).or_default().push(index);
        let mut customer = json!({"id": id(who), "identities": [identity], "name": name,
            "created_at": created_at});
        if let Some(language) = language {
            customer["language"] = language.into();
        }
        all.entry("customer".into()).or_default().push(customer);
    }
    sorted(all)
}

fn sorted(mut all: BTreeMap<String, Vec<Value>>) -> BTreeMap<String, Vec<Value>> {
    all.values_mut().for_each(|values| values.sort_by_key(ToString::to_string));
    all
}

/// Every record that there is.
async fn found(store: &SledStore) -> BTreeMap<String, Vec<Value>> {
    let mut all = BTreeMap::new();
    for kind in Kind::ALL {
        let records = store.scan(Span::of(*kind, Span::MOST)).await.unwrap();
        let value = |record: Record| -> Value {
            let stored: Value = serde_json::from_slice(&record.to_json().unwrap()).unwrap();
            assert_eq!(stored["schema"], SCHEMA_VERSION);
            stored["value"].clone()
        };
        let values: Vec<Value> = records.into_iter().map(|found| value(found.value)).collect();
        if !values.is_empty() {
            all.insert(kind.tree().to_owned(), values);
        }
    }
    sorted(all)
}

pub(super) async fn check(store: &SledStore) {
    let (found, expected) = (found(store).await, expected());
    for kind in found.keys().chain(expected.keys()) {
        assert_eq!(found.get(kind), expected.get(kind), "{kind}");
    }
    let snapshot = store.snapshot();
    assert_eq!(snapshot.revision(), 12, "nothing was committed");
    assert_eq!(snapshot.rebuilt().indexes(), snapshot.indexes());
    assert!(snapshot.damaged().is_none() && !snapshot.in_amnesia());
    for who in [ANN, BEN, BEN_TOO, 1_003, 1_007] {
        let customer = customer(&snapshot, who);
        assert_eq!(snapshot.reached_at(customer), Some(Identity::Discord(who)));
        assert_eq!(customer.to_string(), id(who));
    }
}

fn customer(snapshot: &Snapshot, snowflake: u64) -> CustomerId {
    snapshot.customer_of(Identity::Discord(snowflake)).unwrap()
}

/// A program that another test starts holds the lock, too, between its fork and its exec: it is waited for.
pub(super) fn open(options: &OpenOptions) -> SledStore {
    for _ in 0..500 {
        match SledStore::open(options.clone()) {
            Err(OpenError::Locked { .. }) => std::thread::sleep(Duration::from_millis(10)),
            opened => return opened.unwrap(),
        }
    }
    panic!("{} stays locked", options.path.display())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_the_schema_before_is_what_it_was_and_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let options = unpacked(folder.path());
    let store = open(&options);
    check(&store).await;
    let load = store.stats().load;
    assert_eq!(
        (load.checkpoint, load.rebuilt),
        (None, false),
        "that of before is of another schema"
    );
    let backup = load.backup.unwrap();
    // Whoever had an account has it, and nobody has another's.
    let snapshot = store.snapshot();
    let catalog = nebulalinks_testkit::shop::catalog();
    let pages = Pages::new(&PROFILE, &snapshot, &catalog, UnixMs(1_795_435_206_000));
    let [ann, ben] = [ANN, BEN].map(|who| customer(&snapshot, who));
    assert_eq!(snapshot.accounts_of(ann).count(), 1);
    assert_eq!(snapshot.accounts_of(ben).count(), 0);
    assert!(pages.my_accounts(ann).plain().contains("Basic"));
    assert_eq!(snapshot.undecided_orders(ben).count(), 2, "given up, and under review");
    assert!(snapshot.last_lapsed(ben).is_some(), "an archived one that expired");
    store.close().await.unwrap();
    for _ in 0..2 {
        let again = open(&options);
        check(&again).await;
        let load = again.stats().load;
        assert_eq!((load.backup, load.rebuilt, load.kept), (None, false, Vec::new()));
        again.close().await.unwrap();
    }
    // Of what sled holds now the journal says the same.
    fs::remove_dir_all(options.path.join("db")).unwrap();
    let built = open(&options);
    check(&built).await;
    built.close().await.unwrap();
    let old = raw_sled(&backup.join("db"));
    let unpaid = old.open_tree("unpaid-order").unwrap();
    assert!(unpaid.contains_key(ANN.to_be_bytes()).unwrap(), "the backup holds what was");
}

/// What its program never kept is counted from its orders once, archived ones too.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_shop_of_before_took_is_counted_at_the_first_start() {
    let folder = tempfile::tempdir().unwrap();
    let options = unpacked(folder.path());
    let store = open(&options);
    let mut books = AllTakings::default();
    for found in store.scan(Span::of(Kind::Order, Span::MOST)).await.unwrap() {
        if let Record::Order(order) = found.value {
            books.add(&order);
        }
    }
    let expected: Vec<_> = books.takings().cloned().collect();
    assert!(!expected.is_empty(), "somebody bought something");
    assert_eq!(takings_of(&store, (0, u32::MAX)).await.unwrap(), []);
    assert_eq!(recount_if_short(&store, &recounted).await.unwrap(), expected.len());
    assert_eq!(takings_of(&store, (0, u32::MAX)).await.unwrap(), expected);
    store.close().await.unwrap();
    let again = open(&options);
    assert_eq!(recount_if_short(&again, &recounted).await.unwrap(), 0);
    assert_eq!(takings_of(&again, (0, u32::MAX)).await.unwrap(), expected);
    again.close().await.unwrap();
    let state = options.path;
    let checked = off(move || fsck(&state)).await.unwrap();
    let books = |what: &str| what.starts_with("takings:");
    assert!(!checked.faults.iter().any(|fault| books(&fault.what)), "{checked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_without_sleds_files_is_migrated_from_its_journal() {
    let folder = tempfile::tempdir().unwrap();
    let options = unpacked(folder.path());
    for gone in ["db", "checkpoint"] {
        let path = options.path.join(gone);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }
    let store = open(&options);
    check(&store).await;
    store.close().await.unwrap();
    check(&open(&options)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_forgets_the_customers_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = unpacked(folder.path());
    let rewrite = options.migrations[0].rewrite;
    options.migrations =
        vec![Migration { from: 1, name: "it forgets", rewrite, gather: || Box::new(AddsNothing) }];
    let store = open(&options);
    assert!(found(&store).await != expected());
    store.close().await.unwrap();
    let (state, lacks) = (options.path, format!("needs customer:{}, which is not there", id(ANN)));
    let checked = off(move || fsck(&state)).await.unwrap();
    assert!(checked.faults.iter().any(|fault| fault.what.contains(&lacks)), "{checked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_before_is_imported_as_todays_shop() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("state");
    let target = to.clone();
    off(move || {
        let from = fs::read(fixture("schema-1.jsonl")).unwrap();
        import(&mut &*from, &target, audit_line("import", 9)).unwrap();
    })
    .await;
    let store = open(&options(folder.path()));
    let mut found = found(&store).await;
    // Of its own it has that it was imported, and that what the panels know may be more.
    assert!(found.remove("amnesia").is_some());
    found.get_mut("audit").unwrap().retain(|line| line["verb"] != "import");
    for (kind, values) in expected() {
        assert_eq!(found.get(&kind), Some(&values), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_looks_at_an_old_store_leaves_it_old() {
    let folder = tempfile::tempdir().unwrap();
    let options = unpacked(folder.path());
    let (state, copy) = (options.path.clone(), folder.path().join("copy"));
    off(move || {
        // A check, an export and a backup come before the first start of the new program.
        let checked = fsck(&state).unwrap();
        let named: Vec<&str> = checked.faults.iter().map(|fault| &*fault.what).collect();
        // No pictures came with the fixture.
        assert!(named.iter().all(|what| what.contains("proofs are not there")), "{named:?}");
        let mut out = Vec::new();
        let wanted = Export { state: &state, shop: None, with_secrets: true, now: UnixMs(5) };
        export(&wanted, &mut out).unwrap();
        let head: Value =
            serde_json::from_slice(out.split(|b| *b == b'\n').next().unwrap()).unwrap();
        assert_eq!((&head["schema"], &head["revision"]), (&SCHEMA_VERSION.into(), &12.into()));
        back_up(&state, &copy).unwrap();
        let verified = verify(&state, &copy, true).unwrap();
        assert_eq!(
            (verified.revision, verified.pruned),
            (12, 0),
            "the old program reads its journal"
        );
        let left: Vec<String> = fs::read_dir(&copy)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("backup-") || name.starts_with("damaged"))
            .collect();
        assert_eq!(left, [""; 0], "what was migrated in the copy is no part of it");
        let bases = fs::read_dir(state.join("journal")).unwrap().map(|e| e.unwrap().path());
        let base = bases.filter(|path| path.extension().is_some_and(|end| end == "base"));
        assert_eq!(base.count(), 0, "a base of today's schema is nothing that it could read");
        let sled = raw_sled(&state.join("db"));
        let schema = sled.open_tree("store").unwrap().get("schema").unwrap().unwrap();
        assert_eq!(&*schema, 1_u64.to_be_bytes(), "looking changes nothing");
    })
    .await;
    let store = open(&options);
    check(&store).await;
    assert!(store.get(&Key::Reservations()).await.unwrap().is_some());
}
