use super::*;
use crate::admin::CatalogPage;
use crate::model::{MINUTE_MS, Refused, Target};
use crate::view::sample::{NOW, evidence, order, order_id, put, snapshot};
use std::sync::Arc;

fn scrape(snapshot: &Snapshot) -> String {
    let page = Page { registry: Registry::new() };
    page.surfaces(snapshot, UnixMs(NOW.0 + 6 * MINUTE_MS)).unwrap();
    let mut out = Vec::new();
    TextEncoder::new().encode(&page.registry.gather(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_proof_without_a_card_is_counted_until_the_card_is_seen() {
    let mut paid = order(1, Target::New, "vodafone-cash");
    paid.evidence = vec![evidence(1)];
    let placed = order(2, Target::New, "vodafone-cash");
    let key = SurfaceKey::ReviewCard(order_id(1));
    let refused = Refused { code: "missing_access".into(), content: "x".into() };
    let refused = Surface { refused: Some(refused), ..Surface::new(key) };
    let shown = Surface { message: Some(5), shown: Some("f".into()), ..Surface::new(key) };
    let orders = || [put(paid.clone()), put(placed.clone())];
    let missing = "nebulalinks_review_card_missing_oldest_seconds 300";
    for (card, state) in [(None, "pending"), (Some(refused), "refused")] {
        let page = scrape(&snapshot(orders().into_iter().chain(card.map(put))));
        let line = format!("nebulalinks_surfaces{{kind=\"review-card\",state=\"{state}\"}} 1");
        assert!(page.contains(&line) && page.contains(missing), "{page}");
    }
    let page = scrape(&snapshot(orders().into_iter().chain([put(shown)])));
    assert!(page.contains("kind=\"review-card\",state=\"shown\"} 1"), "{page}");
    assert!(page.contains("kind=\"order-thread\",state=\"pending\"} 2"), "{page}");
    assert!(!page.contains(missing), "{page}");
}

#[test]
fn the_catalog_in_force_is_one_series_and_its_author_and_subject_are_in_readyz() {
    let mut admin = crate::admin::doubles::admin(Arc::default(), NOW);
    let lines = |admin: &Admin| {
        let page = render(admin).unwrap();
        let of = page.lines().filter(|line| line.starts_with("nebulalinks_catalog_info"));
        of.map(str::to_owned).collect::<Vec<String>>()
    };
    let page = CatalogPage { revision: "0a1b".to_owned(), ..CatalogPage::default() };
    let committed = CatalogPage {
        commit: Some("c0ffee".to_owned()),
        author: Some("Nadia".to_owned()),
        subject: Some("Raise prices".to_owned()),
        ..page.clone()
    };
    let said = page.clone();
    admin.catalog = Arc::new(move || said.clone());
    let info = |commit: &str| {
        [format!("nebulalinks_catalog_info{{commit=\"{commit}\",revision=\"0a1b\"}} 1")]
    };
    assert_eq!(lines(&admin), info(""));
    admin.catalog = Arc::new(move || committed.clone());
    assert_eq!(lines(&admin), info("c0ffee"));
    let catalog = &readiness::page(&admin)["catalog"];
    let said = ["commit", "author", "subject"].map(|field| catalog[field].as_str().unwrap());
    assert_eq!(said, ["c0ffee", "Nadia", "Raise prices"]);
}
