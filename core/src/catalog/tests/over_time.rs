//! From one catalog to the next: what must not change, and what outlives its file.

use super::super::DesiredFile::{Plans, Servers, Shop};
use super::super::*;
use super::{edited, shipped, text};
use crate::model::{PlanId, ServerId, UnixMs};
use std::collections::BTreeSet;

fn refused(files: &Files) -> Vec<String> {
    let previous = parse(&shipped()).unwrap();
    let options = Options { previous: Some(&previous), ..Options::default() };
    let problems = load(files, &options).unwrap_err();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn the_shops_id_never_changes() {
    assert_eq!(
        refused(&edited(Shop, "id: main", "id: main2")),
        [
            "shop.yaml:3:7: the shop's id was `main` and is now `main2`; write the old one back: it is part of every client's name on the panels"
        ]
    );
}

#[test]
fn a_plans_family_never_changes() {
    assert_eq!(
        refused(&edited(Plans, "family: basic", "family: basics")),
        [
            "plans.yaml:5:13: the family of plan `basic-30` was `basic` and is now `basics`; write the old one back, or give the plan a new id"
        ]
    );
}

#[test]
fn a_familys_kind_never_changes() {
    let found = refused(&edited(Plans, "traffic: unlimited", "traffic: 500GiB"));
    assert_eq!(
        found,
        [
            "plans.yaml:29:14: the family `pro` was unlimited and is now capped; write the old traffic back, or use a new id and a new family"
        ]
    );
}

#[test]
fn an_empty_catalog_never_follows_one_that_was_not() {
    let previous = parse(&shipped()).unwrap();
    let mut next = previous.clone();
    next.plans.clear();
    next.servers.clear();
    assert_eq!(accept(Some(&previous), next.clone()).unwrap_err().count(), 2);
    assert!(accept(None, next).is_ok());
    assert!(accept(Some(&previous), previous.clone()).is_ok());
}

fn plan_ids(catalog: &Catalog) -> BTreeSet<PlanId> {
    catalog.plans.iter().map(|p| p.id.clone()).collect()
}

fn server_ids(catalog: &Catalog) -> BTreeSet<ServerId> {
    catalog.servers.keys().cloned().collect()
}

/// The next catalog as the shop would run it: what is in use stays.
fn follow(previous: &Catalog, next: Catalog) -> Catalog {
    let (plans, servers) = (plan_ids(previous), server_ids(previous));
    let removed = newly_removed(previous, &next, &plans, &servers, UnixMs(1));
    merge_retained(next, &plans, &servers, &removed)
}

#[test]
fn what_is_removed_while_in_use_is_retained_and_not_sold() {
    let previous = parse(&shipped()).unwrap();
    let mut next = previous.clone();
    next.plans.retain(|p| p.id.as_str() != "pro-30");
    next.servers.retain(|id, _| id.as_str() != "ams-1");
    let merged = follow(&previous, next.clone());
    assert_eq!(plan_ids(&merged), plan_ids(&previous));
    assert_eq!(server_ids(&merged), server_ids(&previous));
    let pro = merged.plan(&"pro-30".parse().unwrap()).unwrap();
    assert_eq!(pro.lifecycle, PlanLifecycle::Retired);
    let ams = &merged.servers[&"ams-1".parse().unwrap()];
    assert_eq!(ams.lifecycle, ServerLifecycle::Cordoned);
    assert_eq!(merged.retained_plans.len() + merged.retained_servers.len(), 2);
    // Nothing is recorded twice, and what nobody uses goes.
    let (plans, servers) = (plan_ids(&previous), server_ids(&previous));
    assert!(newly_removed(&merged, &next, &plans, &servers, UnixMs(2)).is_empty());
    let none = newly_removed(&previous, &next, &BTreeSet::new(), &BTreeSet::new(), UnixMs(2));
    assert!(none.is_empty());
}

#[test]
fn a_removal_whose_record_was_lost_in_a_crash_is_found_in_older_catalogs() {
    let oldest = parse(&edited(Plans, "250.00 EGP", "240.00 EGP")).unwrap();
    let older = parse(&shipped()).unwrap();
    let mut now = older.clone();
    now.plans.retain(|p| p.id.as_str() != "pro-30");
    let (plans, servers) = (plan_ids(&older), server_ids(&older));
    let history = [&now, &older, &oldest];
    let found = recover_removed(history, &now, &plans, &servers, &[], UnixMs(1));
    assert_eq!(found.len(), 1);
    let merged = merge_retained(now.clone(), &plans, &servers, &found);
    let pro = merged.plan(&"pro-30".parse().unwrap()).unwrap();
    assert_eq!(pro.prices[0].to_string(), "250.00 EGP", "the newest definition counts");
    assert!(recover_removed(history, &now, &plans, &servers, &found, UnixMs(2)).is_empty());
}

#[test]
fn a_definition_that_is_back_in_the_file_wins_over_the_retained_one() {
    let previous = parse(&shipped()).unwrap();
    let mut without = previous.clone();
    without.servers.retain(|id, _| id.as_str() != "ams-1");
    let (plans, servers) = (plan_ids(&previous), server_ids(&previous));
    let removed = newly_removed(&previous, &without, &plans, &servers, UnixMs(1));
    assert_eq!(removed.len(), 1);
    assert_eq!(merge_retained(previous.clone(), &plans, &servers, &removed), previous);
}

#[test]
fn a_draining_server_that_is_removed_goes_on_draining() {
    let files = edited(Servers, "lifecycle: active", "lifecycle: draining");
    let previous = parse(&files).unwrap();
    let mut next = previous.clone();
    next.servers.retain(|id, _| id.as_str() != "fra-1");
    let merged = follow(&previous, next);
    let fra = &merged.servers[&"fra-1".parse().unwrap()];
    assert_eq!(fra.lifecycle, ServerLifecycle::Draining);
}

#[test]
fn a_file_cut_at_any_byte_never_drops_what_is_in_use() {
    let previous = parse(&shipped()).unwrap();
    let mut survivors = 0;
    for file in [Plans, Servers] {
        let whole = text(&shipped(), file);
        for cut in 0..whole.len() {
            let mut files = shipped();
            files.set(file, Source::from_bytes(whole.as_bytes()[..cut].to_vec()));
            let options = Options { previous: Some(&previous), ..Options::default() };
            match load(&files, &options) {
                Err(problems) => assert!(problems.count() > 0),
                Ok(next) => {
                    // Only a cut at the end of a line gets here: whole lines, whole values.
                    survivors += 1;
                    assert_eq!(whole.as_bytes()[cut - 1], b'\n', "{file:?} {cut}");
                    for plan in &next.plans {
                        let was = previous.plan(&plan.id).unwrap();
                        assert_eq!((&plan.prices, plan.traffic), (&was.prices, was.traffic));
                    }
                    let merged = follow(&previous, next);
                    assert_eq!(plan_ids(&merged), plan_ids(&previous));
                    assert_eq!(server_ids(&merged), server_ids(&previous));
                }
            }
        }
    }
    assert!(survivors > 0, "a cut at a record boundary parses: that is what Retained is for");
}
