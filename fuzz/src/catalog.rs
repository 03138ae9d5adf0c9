//! What must hold of the four files, in the plainest way, on what was accepted and on the text itself.

use nebulalinks_core::catalog::{
    Catalog, DesiredFile, Files, MethodLifecycle, Problem, ServerLifecycle, Source,
};
use nebulalinks_core::model::{Quota, Selector};
use serde_yaml::Value;
use std::collections::BTreeSet;

/// The files that the shop ships with.
#[must_use]
pub fn shipped() -> Files {
    Files {
        plans: include_str!("../../desired/plans.yaml").into(),
        servers: include_str!("../../desired/servers.yaml").into(),
        payments: include_str!("../../desired/payments.yaml").into(),
        shop: include_str!("../../desired/shop.yaml").into(),
        promos: Source::Missing,
        commit: None,
    }
}

/// One of the four files, by a number.
#[must_use]
pub fn file(n: u8) -> DesiredFile {
    DesiredFile::ALL[usize::from(n) % DesiredFile::ALL.len()]
}

/// The text of a file, where there is one.
fn text(files: &Files, file: DesiredFile) -> &str {
    match files.get(file) {
        Source::Text(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        _ => "",
    }
}

/// A problem names a file, says something, and lies inside of the file's text.
pub fn check_problem(files: &Files, problem: &Problem) {
    let file = DesiredFile::ALL.into_iter().find(|f| f.name() == problem.file);
    let file = file.expect("a problem is in one of the four files");
    assert!(!problem.message.is_empty());
    if problem.at.source.is_none() {
        assert!(problem.at.line >= 1 && problem.at.column >= 1);
        return;
    }
    // Every line break that YAML or an editor knows ends a line at the most.
    let text = text(files, file);
    let lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count();
    assert!((1..=lines).contains(&problem.at.line), "line {} of {lines}", problem.at.line);
    let longest = text.split('\n').map(|line| line.chars().count()).max().unwrap_or(0);
    assert!((1..=longest + 1).contains(&problem.at.column), "column {}", problem.at.column);
}

/// What was accepted passes every rule once more.
pub fn check_accepted(files: &Files, catalog: &Catalog) {
    let unique = |ids: Vec<String>| {
        let all: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(all.len(), ids.len(), "twice: {ids:?}");
        assert!(!ids.is_empty());
    };
    unique(catalog.plans.iter().map(|p| p.id.to_string()).collect());
    unique(catalog.methods.iter().map(|m| m.id.to_string()).collect());
    let in_use = || catalog.servers.values().filter(|s| s.lifecycle != ServerLifecycle::Retired);
    let gateways: BTreeSet<&str> = in_use().map(|s| s.gateway.as_str()).collect();
    let keys: BTreeSet<&str> = in_use().map(|s| s.keys.as_str()).collect();
    assert_eq!((gateways.len(), keys.len()), (in_use().count(), in_use().count()));
    for server in catalog.servers.values() {
        assert!(!server.inbounds.is_empty() && server.line_bits_per_second > 0);
        assert!(!server.host.is_empty() && !server.host.contains(['/', ' ', '@']));
    }
    for plan in &catalog.plans {
        assert!((1..=36_500 * 86_400_000).contains(&plan.duration.0));
        assert_ne!(plan.traffic, Quota::Bytes(nebulalinks_core::model::Bytes(0)));
        let codes: BTreeSet<&str> = plan.prices.iter().map(|p| &*p.currency.code).collect();
        assert_eq!(codes.len(), plan.prices.len(), "two prices in one currency");
        assert!(plan.prices.iter().all(|price| price.minor > 0));
        let open = |code: &str| {
            let mut methods = catalog.methods.iter();
            methods.any(|m| m.lifecycle == MethodLifecycle::Active && m.currencies.contains(code))
        };
        assert!(codes.iter().all(|code| open(code)), "nobody can pay");
        if let Selector::Ids(ids) = &plan.servers {
            assert!(ids.iter().all(|id| catalog.servers.contains_key(id)));
        }
        let mut meant = in_use().filter(|s| plan.servers.matches(&s.id, &s.labels));
        assert!(meant.next().is_some(), "nowhere to serve it");
        let mut family = catalog.plans.iter().filter(|p| p.family == plan.family);
        let unlimited = plan.traffic == Quota::Unlimited;
        assert!(family.all(|p| (p.traffic == Quota::Unlimited) == unlimited));
    }
    // As the other reader of YAML has it.
    let listed = |file, key: &str| -> Vec<String> {
        let value: Value = serde_yaml::from_str(text(files, file)).expect("accepted");
        let entries = value[key].as_sequence().cloned().unwrap_or_default();
        entries.iter().filter_map(|e| Some(e["id"].as_str()?.to_owned())).collect()
    };
    let plans: Vec<String> = catalog.plans.iter().map(|p| p.id.to_string()).collect();
    assert_eq!(listed(DesiredFile::Plans, "plans"), plans);
    let methods: Vec<String> = catalog.methods.iter().map(|m| m.id.to_string()).collect();
    assert_eq!(listed(DesiredFile::Payments, "methods"), methods);
    let servers: BTreeSet<String> = listed(DesiredFile::Servers, "servers").into_iter().collect();
    assert_eq!(servers, catalog.servers.keys().map(ToString::to_string).collect());
}
