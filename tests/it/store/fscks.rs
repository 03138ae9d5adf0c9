//! The check of a store finds what is wrong, says it by its record, and changes nothing.

use super::journal::{open, state, tail};
use super::support::{put, raw_sled};
use super::transfers::off;
use nebulalinks::model::{
    Actor, AllTakings, Binding, Currency, Decision, Deleting, Edits, InteractionOrder, Key,
    OrderByReference, PaymentReference, ProofOrder, Record, Served, SourceTerm, StoreIdentity,
    Takings, Target, TermSource, UnpaidOrder, Verdict, day_of,
};
use nebulalinks::ports::Store;
use nebulalinks::store::{Checked, SledStore, fsck};
use nebulalinks::view::sample::{self, account_id, evidence, order_id};
use nebulalinks_testkit::people::asked;
use std::fs;
use std::path::{Path, PathBuf};

/// The SHA-256 of "a picture".
const PROOF: &str = "92b2fa58028958317e408bd84ecfa70f5ee35b121991dbc232c49d166353708b";

/// An account that was sold and renewed, an order that was declined, one that is open.
fn shop() -> Edits {
    let mut edits = sample::served_account(1, true);
    edits.puts.extend(sample::alice().puts);
    let (id, sold) = (account_id(1), order_id(1_001));
    let Some(Record::Order(order)) = edits.puts.get_mut(&Key::Order(sold)) else { panic!() };
    order.evidence[0].sha256 = PROOF.to_owned();
    edits.put(StoreIdentity {
        store_id: "01jd0000000000000000000000".into(),
        created_at: sample::NOW,
    });
    edits.put(SourceTerm { source: TermSource::Order(sold), account: id, term: 0, asked: None });
    let mut books = AllTakings::default();
    edits.puts.values().for_each(|record| {
        if let Record::Order(order) = record {
            books.add(order);
        }
    });
    books.takings().for_each(|takings| edits.put(takings.clone()));
    edits.put(ProofOrder { sha256: PROOF.to_owned(), order: sold });
    edits.put(InteractionOrder { interaction: asked(1), order: sold });
    let mut renewal = sample::order(2, Target::Renew(id), "bank");
    let verdict = Verdict::Declined { reason: "unpaid".into() };
    renewal.decision = Some(Decision { by: Actor::Cli("omar".into()), at: sample::NOW, verdict });
    renewal.archived = true;
    edits.put(UnpaidOrder { customer: renewal.customer, order: renewal.id });
    edits.put(InteractionOrder { interaction: asked(2), order: renewal.id });
    edits.put(renewal);
    edits.put(sample::order(3, Target::New, "bank"));
    for order in [sold, order_id(2), order_id(3)] {
        edits.put(OrderByReference { reference: order.reference(), order });
    }
    edits
}

async fn with(folder: &Path, edits: Edits) -> SledStore {
    let store = open(folder);
    let proofs = state(folder).join("proofs");
    fs::create_dir(&proofs).unwrap();
    fs::write(proofs.join(format!("{PROOF}.png")), "a picture").unwrap();
    store.txn(shop()).await.unwrap();
    store.txn(edits).await.unwrap();
    store
}

async fn check(path: PathBuf) -> Checked {
    off(move || fsck(&path)).await.unwrap()
}

fn named(checked: &Checked) -> Vec<&str> {
    checked.faults.iter().map(|fault| &*fault.what).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_whole_has_no_faults_running_or_not_and_is_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let store = with(folder.path(), Edits::new()).await;
    let path = state(folder.path());
    fs::write(path.join("proofs").join(format!(".{PROOF}.png.1")), "a pict").unwrap();
    let checked = check(path.clone()).await;
    assert_eq!(named(&checked), [""; 0]);
    assert_eq!((checked.with_sled, checked.proofs, checked.revision), (false, 1, 1));
    assert!(checked.records > 10);
    store.close().await.unwrap();
    let before = fs::read(tail(folder.path())).unwrap();
    let checked = check(path.clone()).await;
    assert_eq!(named(&checked), [""; 0]);
    assert!(checked.with_sled);
    assert_eq!(fs::read(tail(folder.path())).unwrap(), before, "looking changes nothing");
    assert!(!path.join("backup-under-way").exists());
}

/// An edit to a store that is whole, and what is said of it.
fn broken() -> Vec<(Edits, String)> {
    let (id, none) = (account_id(1), account_id(8));
    let sold = order_id(1_001);
    let mut cases: Vec<(Edits, String)> = vec![
        (put(sample::account(9)), format!("account:{} has no term", account_id(9))),
        (
            put(Binding {
                account: none,
                server: "fra-1".parse().unwrap(),
                disposition: nebulalinks::model::Disposition::Serving,
                bound_at: sample::NOW,
            }),
            format!("binding:{none}/fra-1 needs account:{none}, which is not there"),
        ),
        (
            put(Served { account: id, run: 7, at: sample::NOW }),
            format!("served:{id}/7 needs run:{id}/7, which is not there"),
        ),
        (
            put(sample::order(4, Target::Renew(none), "bank")),
            format!("order:{} needs account:{none}", order_id(4)),
        ),
        (
            put(InteractionOrder { interaction: asked(9), order: order_id(99) }),
            format!("interaction-order needs order:{}", order_id(99)),
        ),
        (
            put(PaymentReference {
                method: "bank".parse().unwrap(),
                reference: "7".into(),
                order: order_id(99),
            }),
            format!("payment-reference needs order:{}", order_id(99)),
        ),
        (
            put(SourceTerm { source: TermSource::Grant(sold), account: id, term: 0, asked: None }),
            format!("source-term names term 0 of {id}, which has another source"),
        ),
        (
            put(ProofOrder { sha256: evidence(2).sha256, order: sold }),
            format!("proof-order names order {sold}, which has no such proof"),
        ),
        (
            put(UnpaidOrder { customer: sample::OMAR, order: sold }),
            format!("unpaid-order names order {sold}, which is another customer's"),
        ),
    ];
    cases.push((
        put(OrderByReference { reference: sold.reference(), order: order_id(2) }),
        format!("order-reference names order {}, which has another reference", order_id(2)),
    ));
    let egp = Currency { code: "EGP".into(), decimals: 2 };
    let odd = Currency { decimals: 3, ..egp.clone() };
    let day = |currency: &Currency| Key::Takings(day_of(sample::NOW), currency.clone());
    cases.push((
        put(Takings::none_at(sample::NOW, odd.clone())),
        format!("{} says 0 approved for 0, 0 taken back for 0, and its orders come to", day(&odd)),
    ));
    cases.push((
        put(Takings::none_at(sample::NOW, egp.clone())),
        format!(
            "{} says 0 approved for 0, 0 taken back for 0, and its orders come to 1",
            day(&egp)
        ),
    ));
    let there = sample::ALICE_THERE;
    let gone = [
        (
            Key::SourceTerm(TermSource::Order(sold)),
            format!("order:{sold} needs the index source-term"),
        ),
        (Key::ProofOrder(PROOF.to_owned()), format!("order:{sold} needs the index proof-order")),
        (
            Key::OrderByReference(sold.reference()),
            format!("order:{sold} needs the index of its reference {}", sold.reference()),
        ),
        (
            Key::Customer(sample::ALICE),
            format!("account:{id} needs customer:{}, which is not there", sample::ALICE),
        ),
        (
            Key::Customer(sample::ALICE),
            format!("customer-identity:{there} needs customer:{}", sample::ALICE),
        ),
        (
            Key::CustomerIdentity(there),
            format!("customer:{} is known as {there}, and the index says", sample::ALICE),
        ),
        (Key::Run(id, 0), format!("term:{id}/0 needs run:{id}/0")),
        (Key::Account(id), format!("order:{} needs account:{id}", order_id(2))),
        (Key::Order(sold), format!("term:{id}/0 needs order:{sold}")),
    ];
    for (key, what) in gone {
        let mut edits = Edits::new();
        edits.delete(key);
        cases.push((edits, what));
    }
    cases
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_without_what_it_needs_and_an_index_that_disagrees_are_named() {
    for (edits, what) in broken() {
        let folder = tempfile::tempdir().unwrap();
        let store = with(folder.path(), edits).await;
        store.close().await.unwrap();
        let checked = check(state(folder.path())).await;
        assert!(named(&checked).iter().any(|said| said.contains(&what)), "{what}: {checked:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_its_order_says_is_deleted_is_not_missing() {
    let folder = tempfile::tempdir().unwrap();
    let sold = Key::Order(order_id(1_001));
    let Some(Record::Order(mut order)) = shop().puts.remove(&sold) else { panic!() };
    let store = with(folder.path(), Edits::new()).await;
    fs::remove_file(state(folder.path()).join("proofs").join(format!("{PROOF}.png"))).unwrap();
    let checked = check(state(folder.path())).await;
    assert!(named(&checked).iter().any(|said| said.contains("1 proofs are not")), "{checked:#?}");
    for deleting in [Some(Box::new(Deleting { intent: "x".into() })), None] {
        order.deleting = deleting;
        order.evidence[0].deleted_at = Some(sample::NOW);
        store.txn(put(order.clone())).await.unwrap();
        assert_eq!(named(&check(state(folder.path())).await), [""; 0]);
    }
    store.close().await.unwrap();
}

/// It is a hint for staff of those days.
#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_was_seen_under_an_order_that_is_lost_is_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    let sold = Key::Order(order_id(1_001));
    let Some(Record::Order(mut order)) = shop().puts.remove(&sold) else { panic!() };
    order.evidence[0].resembles = Some(order_id(99));
    with(folder.path(), put(order)).await.close().await.unwrap();
    assert_eq!(named(&check(state(folder.path())).await), [""; 0]);
}

/// The next start counts it.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_never_kept_what_it_took_has_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    let mut edits = Edits::new();
    let egp = Currency { code: "EGP".into(), decimals: 2 };
    edits.delete(Key::Takings(day_of(sample::NOW), egp));
    with(folder.path(), edits).await.close().await.unwrap();
    assert_eq!(named(&check(state(folder.path())).await), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_faults_the_first_are_named_and_the_others_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut edits = Edits::new();
    for n in 0..150 {
        edits.put(InteractionOrder { interaction: asked(100 + n), order: order_id(99) });
    }
    with(folder.path(), edits).await.close().await.unwrap();
    let checked = check(state(folder.path())).await;
    assert_eq!((checked.faults.len(), checked.unnamed), (100, 50));
}

/// What was being written when the process ended is no fault: nobody was answered for it.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_was_writing_is_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    let store = with(folder.path(), Edits::new()).await;
    let path = state(folder.path());
    let before = fs::read(path.join("mark")).unwrap();
    let (tail, whole) = (tail(folder.path()), fs::read(tail(folder.path())).unwrap().len());
    let edits = put(InteractionOrder { interaction: asked(70), order: order_id(1_001) });
    store.txn(edits).await.unwrap();
    store.close().await.unwrap();
    // As it is left by kill -9: the mark of before, half an entry, and sled of before or none.
    let bytes = fs::read(&tail).unwrap();
    fs::write(&tail, &bytes[..whole + (bytes.len() - whole) / 2]).unwrap();
    fs::write(path.join("mark"), before).unwrap();
    fs::remove_dir_all(path.join("db")).unwrap();
    let checked = check(path).await;
    assert!(!named(&checked).iter().any(|said| said.contains("torn")), "{checked:#?}");
}

/// A byte that is another one after a write was acknowledged is found.
#[tokio::test(flavor = "multi_thread")]
async fn a_byte_that_is_another_one_is_found_in_the_journal_and_in_sled_and_in_a_proof() {
    let folder = tempfile::tempdir().unwrap();
    let store = with(folder.path(), Edits::new()).await;
    store.close().await.unwrap();
    let path = state(folder.path());
    let flip = |file: &Path, at: usize| {
        let mut bytes = fs::read(file).unwrap();
        bytes[at] ^= 1;
        fs::write(file, bytes).unwrap();
    };
    let tail = tail(folder.path());
    let length = fs::read(&tail).unwrap().len();
    for part in 0..8 {
        let at = length * part / 8 + 3;
        flip(&tail, at);
        let checked = check(path.clone()).await;
        let found = named(&checked).iter().any(|said| said.contains("the journal"));
        assert!(found, "byte {at} of {length}: {checked:#?}");
        flip(&tail, at);
    }
    // A value within sled, which sled itself does not notice when nobody reads it.
    let sled = raw_sled(&path.join("db"));
    let tree = sled.open_tree("interaction-order").unwrap();
    let key = Key::InteractionOrder(asked(1)).to_bytes();
    let mut stored = tree.get(&key).unwrap().unwrap().to_vec();
    stored[0] ^= 1;
    tree.insert(&key, stored).unwrap();
    sled.flush().unwrap();
    drop((tree, sled));
    let checked = check(path.clone()).await;
    assert!(named(&checked)[0].contains("sled's files"), "{checked:#?}");
    // And bytes of its file.
    let db = path.join("db").join("db");
    let mut bytes = fs::read(&db).unwrap();
    for at in (0..bytes.len()).step_by(97) {
        bytes[at] ^= 0x55;
    }
    fs::write(&db, bytes).unwrap();
    let checked = check(path.clone()).await;
    assert!(named(&checked)[0].contains("sled's files do not hold"), "{checked:#?}");
    let proof = path.join("proofs").join(format!("{PROOF}.png"));
    fs::write(&proof, "another one").unwrap();
    let checked = check(path.clone()).await;
    assert!(named(&checked).iter().any(|said| said.contains("is not what")), "{checked:#?}");
    fs::remove_file(&proof).unwrap();
    let checked = check(path.clone()).await;
    assert!(named(&checked).iter().any(|said| said.contains("1 proofs are not")), "{checked:#?}");
    let mark = fs::read(path.join("mark")).unwrap();
    fs::write(path.join("mark"), vec![0; mark.len()]).unwrap();
    let checked = check(path.clone()).await;
    assert!(named(&checked)[0].starts_with("the mark"), "{checked:#?}");
    fs::write(path.join("mark"), mark).unwrap();
    for fault in &checked.faults {
        assert!(!fault.mend.is_empty());
    }
    // Nothing of all that was mended by looking, and a start mends what can be.
    let store = open(folder.path());
    assert_eq!(store.snapshot().damaged(), None);
    let found = store.get(&Key::InteractionOrder(asked(1))).await.unwrap().unwrap();
    assert!(matches!(found.value, Record::InteractionOrder(_)));
    store.close().await.unwrap();
}
