use super::*;
use crate::admin::doubles::admin;
use crate::model::{Kind, Record, Target};
use crate::ports::Store as _;
use crate::store::MemoryStore;
use crate::view::ExportKind;
use crate::view::sample::{ALICE, NOW, OMAR_THERE, alice, order, put};
use std::sync::Arc;

/// A shop with three orders of a customer who calls herself a formula.
async fn shop() -> (Arc<MemoryStore>, Exporter) {
    let store = Arc::new(MemoryStore::new());
    store.txn(alice()).await.unwrap();
    let mut customer = store.snapshot().customer(ALICE).cloned().unwrap();
    customer.name = "=1+1".into();
    store.txn(put(customer)).await.unwrap();
    for n in 1..=3 {
        store.txn(put(order(n, Target::New, "vodafone-cash"))).await.unwrap();
    }
    let exporter = Exporter::new(admin(Arc::clone(&store), NOW));
    (store, exporter)
}

const fn asked(kind: ExportKind, json: bool) -> ExportAsked {
    ExportAsked { kind, json, from: None, to: None }
}

fn noted(store: &MemoryStore) -> Vec<(String, String, Actor)> {
    let lines = store.records(Kind::Audit).into_iter().filter_map(|line| match line.value {
        Record::Audit(line) => Some((line.verb.clone(), line.subject.clone(), line.actor.clone())),
        _ => None,
    });
    lines.collect()
}

#[tokio::test]
async fn each_list_is_given_whole_safe_for_spreadsheets_and_written_down() {
    let (store, exporter) = shop().await;
    for (kind, title, rows) in [
        (ExportKind::Orders, "reference,id,placed_at,", 3),
        (ExportKind::Customers, "id,since,identities,name,", 1),
        (ExportKind::Accounts, "id,created_at,", 0),
        (ExportKind::Revenue, "period,currency,", 0),
        (ExportKind::Audit, "id,at,actor,verb,", 4),
    ] {
        let given = exporter.export(&asked(kind, false), OMAR_THERE, 1 << 20).await.unwrap();
        let text = String::from_utf8(given.content).unwrap();
        assert!(text.starts_with(title), "{text}");
        assert_eq!((given.rows, text.lines().count()), (rows, rows + 1), "{text}");
        assert!(!text.contains(",=1+1"), "{text}");
        if kind == ExportKind::Customers {
            assert!(text.contains(",'=1+1,"), "{text}");
        }
        let (verb, subject, by) = noted(&store).pop().unwrap();
        let subjects = noted(&store).iter().filter(|(_, of, _)| of == kind.name()).count();
        assert_eq!((&*verb, subjects, by), ("export", 1, Actor::Person(OMAR_THERE)), "{subject}");
    }
    let given = exporter.export(&asked(ExportKind::Orders, true), OMAR_THERE, 1 << 20).await;
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&given.unwrap().content).unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(noted(&store).len(), 6);
}

#[tokio::test]
async fn a_list_that_is_too_large_by_a_byte_is_not_given_and_nobody_is_said_to_have_it() {
    let (store, exporter) = shop().await;
    for json in [false, true] {
        let asked = asked(ExportKind::Orders, json);
        let whole = exporter.write(&asked, usize::MAX).await.unwrap().content.len();
        let fits = exporter.export(&asked, OMAR_THERE, whole).await;
        assert_eq!(fits.unwrap().content.len(), whole);
        let before = noted(&store).len();
        for most in [whole - 1, 1, 0] {
            let came = exporter.export(&asked, OMAR_THERE, most).await;
            assert_eq!(came, Err(ExportFailure::TooLarge), "{most}");
        }
        assert_eq!(noted(&store).len(), before);
    }
}

#[tokio::test(start_paused = true)]
async fn lists_are_written_one_after_the_other_and_one_that_is_not_in_time_is_given_to_nobody() {
    let (store, exporter) = shop().await;
    let another = exporter.turn.acquire().await.unwrap();
    let asked = asked(ExportKind::Orders, false);
    let waits = exporter.export(&asked, OMAR_THERE, 1 << 20).await;
    assert_eq!((waits, noted(&store)), (Err(ExportFailure::TooLarge), Vec::new()));
    drop(another);
    assert!(exporter.export(&asked, OMAR_THERE, 1 << 20).await.is_ok());
    assert_eq!(noted(&store).len(), 1);
}

#[tokio::test]
async fn days_are_those_of_the_shop() {
    let (_, exporter) = shop().await;
    let some = |from: &str| {
        let from = Some(from.to_owned());
        ExportAsked { from, ..asked(ExportKind::Orders, false) }
    };
    let rows = async |from| exporter.export(&some(from), OMAR_THERE, 1 << 20).await.unwrap().rows;
    assert_eq!((rows("2020-01-01").await, rows("2999-01-01").await), (3, 0));
    let until = |to: &str| {
        let to = Some(to.to_owned());
        ExportAsked { to, ..asked(ExportKind::Orders, false) }
    };
    let rows = async |to| exporter.export(&until(to), OMAR_THERE, 1 << 20).await.unwrap().rows;
    assert_eq!((rows("2020-01-01").await, rows("2999-01-01").await), (0, 3));
}
