//! What needs a person, and of what staff are told.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::model::{
    Condition, Delivery, DeliveryState, Edits, SECOND_MS, ServerStatus, Telling, Ticket, ToldAlerts,
};
use crate::view::sample::{NOW, account_id, catalog, put, served_account, snapshot, ticket};
use std::collections::{BTreeMap, BTreeSet};

const LONG_AGO: UnixMs = UnixMs(1);

fn status(conditions: &[(ConditionKind, &str, UnixMs)]) -> ServerStatus {
    let condition = |(kind, reason, since): &(ConditionKind, &str, UnixMs)| Condition {
        kind: *kind,
        reason: (*reason).to_owned(),
        since: *since,
    };
    let conditions = conditions.iter().map(condition).collect();
    ServerStatus { conditions, ..ServerStatus::new("fra-1".parse().unwrap()) }
}

fn of(conditions: &[(ConditionKind, &str, UnixMs)]) -> Vec<Alert> {
    everything(&snapshot([put(status(conditions))]), &catalog(), &[])
}

fn alert(kind: AlertKind, count: usize) -> Alert {
    Alert { kind, server: None, since: None, says: Says::Count(count) }
}

fn names(alerts: &[Alert]) -> Vec<String> {
    alerts.iter().map(Alert::name).collect()
}

fn told(names: &[(&str, u32)], at: UnixMs) -> ToldAlerts {
    let names = names.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    ToldAlerts { at, names, telling: None }
}

/// The process's clock so many seconds after its start.
const fn at(seconds: u64) -> DurationMs {
    DurationMs(seconds * SECOND_MS)
}

#[test]
fn what_passes_by_itself_is_no_alert() {
    let so = of(&[(ConditionKind::Unreachable, "connection refused", NOW)]);
    let nobody = ToldAlerts::default();
    let mut times = Times::default();
    times.note(&so, &nobody, at(0));
    let after = |ms: u64| times.standing(so.clone(), &nobody, NOW + DurationMs(ms), at(0));
    assert_eq!(after(3 * MINUTE_MS - 1), []);
    assert_eq!(names(&after(3 * MINUTE_MS)), ["ServerUnreachable:fra-1"]);
    // Staff know of it: it stands while it is so, though it began anew.
    let known = told(&[("ServerUnreachable:fra-1", 0)], NOW);
    assert_eq!(times.standing(so.clone(), &known, NOW, at(0)).len(), 1);
}

#[test]
fn what_nobody_wrote_down_counts_from_when_it_was_first_seen_and_from_the_start_again_if_it_went() {
    let so = [alert(AlertKind::DiskNearlyFull, 0)];
    let nobody = ToldAlerts::default();
    let mut times = Times::default();
    let stands = |times: &Times, s| !times.standing(so.to_vec(), &nobody, NOW, at(s)).is_empty();
    times.note(&so, &nobody, at(10));
    assert!(!stands(&times, 129) && stands(&times, 130));
    times.note(&[], &nobody, at(140));
    times.note(&so, &nobody, at(150));
    assert!(!stands(&times, 200), "it comes and goes");
}

#[test]
fn a_clock_that_was_set_back_hides_its_own_doubt_from_nobody() {
    let since = NOW;
    let doubt = Reason {
        code: ReasonCode::ClockInDoubt,
        since: Some(since),
        detail: "it went back".to_owned(),
        remedy: "set it".to_owned(),
    };
    let so = everything(&snapshot([]), &catalog(), &[doubt]);
    let nobody = ToldAlerts::default();
    let mut times = Times::default();
    times.note(&so, &nobody, at(0));
    let a_year_before = UnixMs(NOW.0 - 365 * 24 * HOUR_MS);
    assert_eq!(names(&times.standing(so, &nobody, a_year_before, at(61))), ["ClockDoubt"]);
}

#[test]
fn a_server_that_is_well_or_of_no_file_needs_nobody() {
    let well = status(&[
        (ConditionKind::Ready, "in agreement", LONG_AGO),
        (ConditionKind::Reconciling, "one is made again", LONG_AGO),
    ]);
    let mut gone = status(&[(ConditionKind::Unreachable, "no route", LONG_AGO)]);
    gone.server = "old-9".parse().unwrap();
    let snapshot = snapshot([put(well), put(gone)]);
    assert_eq!(everything(&snapshot, &catalog(), &[]), []);
}

#[test]
fn several_reasons_of_one_kind_are_one_alert_that_says_them_all() {
    let all = of(&[
        (ConditionKind::Stalled, "no inbound 3", LONG_AGO),
        (ConditionKind::Stalled, "no inbound 4", LONG_AGO),
        (ConditionKind::Held, "5 changes wait", LONG_AGO),
    ]);
    assert_eq!(names(&all), ["ServerStalled:fra-1", "ChangesHeld:fra-1"]);
    let Says::Words { detail, .. } = &all[0].says else { panic!("no words") };
    assert_eq!(detail, "no inbound 3; no inbound 4");
}

#[test]
fn links_that_could_not_be_sent_are_counted() {
    let closed = DeliveryState::Undelivered("dm_closed".into());
    let delivery = Delivery::after(None, account_id(1), "f".into(), closed, NOW);
    let snapshot = snapshot([served_account(1, true), put(delivery)]);
    let all = everything(&snapshot, &catalog(), &[]);
    assert_eq!((names(&all), all[0].count()), (vec!["LinksUndelivered".to_owned()], 1));
}

#[test]
fn each_alert_is_told_once_and_once_that_it_is_over() {
    let first = [alert(AlertKind::CatalogInvalid, 0)];
    let nobody = ToldAlerts::default();
    let news = untold(&first, BTreeSet::new(), &nobody, NOW).unwrap();
    assert_eq!(news.new, BTreeMap::from([("CatalogInvalid".to_owned(), 0)]));
    let known = ToldAlerts { telling: Some(news), ..nobody }.told();
    assert_eq!(known, told(&[("CatalogInvalid", 0)], NOW));
    let later = NOW + DurationMs(HOUR_MS);
    assert_eq!(untold(&first, BTreeSet::new(), &known, later), None, "it was told");
    // Another one, and the first is over: in one message, not within a minute of the last.
    let then = [alert(AlertKind::GitPullFailed, 0)];
    let over = || BTreeSet::from(["CatalogInvalid".to_owned()]);
    assert_eq!(untold(&then, over(), &known, NOW + DurationMs(MINUTE_MS - 1)), None);
    let news = untold(&then, over(), &known, NOW + DurationMs(MINUTE_MS)).unwrap();
    assert_eq!((news.new.len(), &news.over), (1, &over()));
    let known = ToldAlerts { telling: Some(news), ..known }.told();
    assert_eq!(known, told(&[("GitPullFailed", 0)], NOW + DurationMs(MINUTE_MS)));
}

#[test]
fn what_a_wrong_clock_told_keeps_nobody_from_the_next() {
    let ahead = told(&[("ClockDoubt", 0)], NOW + DurationMs(365 * 24 * HOUR_MS));
    let next = [alert(AlertKind::CatalogInvalid, 0)];
    assert!(untold(&next, BTreeSet::new(), &ahead, NOW).is_some());
}

#[test]
fn a_number_that_grows_is_told_again_an_hour_later_and_one_that_fell_counts_from_there() {
    let undelivered = |count| [alert(AlertKind::LinksUndelivered, count)];
    let known = told(&[("LinksUndelivered", 3)], NOW);
    let none = BTreeSet::new;
    let (soon, later) = (NOW + DurationMs(HOUR_MS - 1), NOW + DurationMs(HOUR_MS));
    assert_eq!(untold(&undelivered(4), none(), &known, soon), None);
    let news = untold(&undelivered(4), none(), &known, later).unwrap();
    assert_eq!(
        news,
        Telling { at: later, new: [("LinksUndelivered".into(), 4)].into(), over: none() }
    );
    assert_eq!(untold(&undelivered(2), none(), &known, later), None);
    let lower = lowered(&undelivered(2), known.clone());
    assert!(untold(&undelivered(3), none(), &lower, later).is_some());
    assert_eq!(lowered(&undelivered(3), known.clone()), known);
}

#[test]
fn a_number_that_grows_is_told_with_other_news_however_often_these_come() {
    let mut known = told(&[("LinksUndelivered", 3)], NOW);
    let both = [alert(AlertKind::CatalogInvalid, 0), alert(AlertKind::LinksUndelivered, 4)];
    let soon = NOW + DurationMs(MINUTE_MS);
    let news = untold(&both, BTreeSet::new(), &known, soon).unwrap();
    assert_eq!(news.new, [("CatalogInvalid".into(), 0), ("LinksUndelivered".into(), 4)].into());
    // And with what is over.
    known.names.insert("GitPullFailed".into(), 0);
    let over = BTreeSet::from(["GitPullFailed".to_owned()]);
    let news = untold(&both[1..], over, &known, soon).unwrap();
    assert_eq!(news.new, [("LinksUndelivered".into(), 4)].into());
}

#[test]
fn what_comes_and_goes_is_not_over_and_of_a_silent_server_nobody_knows() {
    let stalled = of(&[(ConditionKind::Stalled, "no inbound 3", LONG_AGO)]);
    let silent = of(&[(ConditionKind::Unreachable, "no answer", LONG_AGO)]);
    let known = told(&[("ServerStalled:fra-1", 0)], NOW);
    let mut times = Times::default();
    times.note(&stalled, &known, at(0));
    times.note(&[], &known, at(10));
    assert!(times.over(&[], at(129)).is_empty());
    assert_eq!(times.over(&[], at(130)).len(), 1);
    assert!(times.over(&silent, at(500)).is_empty(), "it does not answer");
    times.note(&stalled, &known, at(120));
    assert!(times.over(&stalled, at(500)).is_empty(), "it came back");
}

#[test]
fn a_question_that_waits_for_twelve_hours_is_an_alert_and_one_that_nobody_waits_in_is_none() {
    let asked = |waits_since| put(Ticket { waits_since, ..ticket(1) });
    let alerts = |edits: [Edits; 2]| everything(&snapshot(edits), &catalog(), &[]);
    let waits = alerts([asked(Some(NOW)), put(ticket(2))]);
    let expected = Alert { since: Some(NOW), ..alert(AlertKind::QuestionWaiting, 1) };
    assert_eq!(waits, [expected]);
    let (nobody, times) = (ToldAlerts::default(), Times::default());
    let after = |ms: u64| times.standing(waits.clone(), &nobody, NOW + DurationMs(ms), at(0));
    assert_eq!(after(12 * HOUR_MS - 1), []);
    assert_eq!(after(12 * HOUR_MS), waits);
    assert_eq!(alerts([asked(Some(NOW)), asked(None)]), [], "staff answered");
}
