//! What needs a person, and of what staff are told.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::model::{Condition, Delivery, DeliveryState, ServerStatus, ToldAlerts};
use crate::view::sample::{NOW, account_id, catalog, put, served_account, snapshot};

fn status(conditions: &[(ConditionKind, &str, UnixMs)]) -> ServerStatus {
    let condition = |(kind, reason, since): &(ConditionKind, &str, UnixMs)| Condition {
        kind: *kind,
        reason: (*reason).to_owned(),
        since: *since,
    };
    let conditions = conditions.iter().map(condition).collect();
    ServerStatus { conditions, ..ServerStatus::new("fra-1".parse().unwrap()) }
}

fn names(standing: &Standing) -> Vec<String> {
    standing.alerts.iter().map(Alert::name).collect()
}

#[test]
fn what_passes_by_itself_is_no_alert() {
    let gone = [(ConditionKind::Unreachable, "connection refused", NOW)];
    let (snapshot, catalog) = (snapshot([put(status(&gone))]), catalog());
    let at = |after_ms: u64| standing(&snapshot, &catalog, &[], NOW + DurationMs(after_ms));
    let early = at(3 * MINUTE_MS - 1);
    assert_eq!((early.alerts.len(), early.next), (0, Some(NOW + DurationMs(3 * MINUTE_MS))));
    let stands = at(3 * MINUTE_MS);
    assert_eq!((names(&stands), stands.next), (vec!["ServerUnreachable:fra-1".to_owned()], None));
}

#[test]
fn a_server_that_is_well_or_of_no_file_needs_nobody() {
    let long_ago = UnixMs(1);
    let well = status(&[
        (ConditionKind::Ready, "in agreement", long_ago),
        (ConditionKind::Reconciling, "one is made again", long_ago),
    ]);
    let mut gone = status(&[(ConditionKind::Unreachable, "no route", long_ago)]);
    gone.server = "old-9".parse().unwrap();
    let snapshot = snapshot([put(well), put(gone)]);
    assert_eq!(standing(&snapshot, &catalog(), &[], NOW), Standing::default());
}

#[test]
fn several_reasons_of_one_kind_are_one_alert_that_says_them_all() {
    let long_ago = UnixMs(1);
    let both = [
        (ConditionKind::Stalled, "no inbound 3", long_ago),
        (ConditionKind::Stalled, "no inbound 4", long_ago),
        (ConditionKind::Held, "5 changes wait", long_ago),
    ];
    let snapshot = snapshot([put(status(&both))]);
    let standing = standing(&snapshot, &catalog(), &[], NOW);
    assert_eq!(names(&standing), ["ServerStalled:fra-1", "ChangesHeld:fra-1"]);
    let Says::Words { detail, .. } = &standing.alerts[0].says else { panic!("no words") };
    assert_eq!(detail, "no inbound 3; no inbound 4");
}

#[test]
fn links_that_could_not_be_sent_are_counted() {
    let closed = DeliveryState::Undelivered("dm_closed".into());
    let delivery = Delivery::after(None, account_id(1), "f".into(), closed, NOW);
    let snapshot = snapshot([served_account(1, true), put(delivery)]);
    let standing = standing(&snapshot, &catalog(), &[], NOW);
    assert_eq!(names(&standing), ["LinksUndelivered"]);
    assert_eq!(standing.alerts[0].says, Says::Count(1));
}

#[test]
fn each_alert_is_told_once_and_once_that_it_is_over() {
    let alert = |kind, server: Option<&str>| Alert {
        kind,
        server: server.map(|id| id.parse().unwrap()),
        since: Some(NOW),
        says: Says::Count(1),
    };
    let first = [alert(AlertKind::CatalogInvalid, None)];
    let news = untold(&first, None).unwrap();
    assert_eq!((news.new.len(), news.over.len(), news.from), (1, 0, UnixMs(0)));
    let told = news.told(None, NOW);
    assert_eq!(untold(&first, Some(&told)), None, "it was told");
    // Another one, and the first is over: in one message, not sooner than a minute after the last.
    let then = [alert(AlertKind::ServerUnreachable, Some("fra-1"))];
    let news = untold(&then, Some(&told)).unwrap();
    assert_eq!(news.new, [&then[0]]);
    assert_eq!(news.over, ["CatalogInvalid"]);
    assert_eq!(news.from, NOW + DurationMs(MINUTE_MS));
    let told = news.told(Some(&told), news.from);
    let expected = ToldAlerts {
        at: NOW + DurationMs(MINUTE_MS),
        names: ["ServerUnreachable:fra-1".to_owned()].into(),
    };
    assert_eq!(told, expected);
    // It comes back: that is news.
    assert_eq!(untold(&first, Some(&told)).unwrap().new.len(), 1);
}
