//! The catalog as its users see it: texts in, a catalog or problems out.

mod bad_meaning;
mod bad_yaml;
mod fuzz;
mod good;
mod over_time;
mod promos;
mod reports;
mod schemas;

use super::{DesiredFile, Files, Source};

/// The shipped files.
pub(super) fn shipped() -> Files {
    Files {
        plans: include_str!("../../../../desired/plans.yaml").into(),
        servers: include_str!("../../../../desired/servers.yaml").into(),
        payments: include_str!("../../../../desired/payments.yaml").into(),
        shop: include_str!("../../../../desired/shop.yaml").into(),
        promos: Source::Missing,
        commit: None,
    }
}

/// The same with promo codes.
pub(super) fn with_promos() -> Files {
    let promos = include_str!("../../../../tests/fixtures/catalog/promos.yaml").into();
    Files { promos, ..shipped() }
}

/// The text of one of them.
pub(super) fn text(files: &Files, file: DesiredFile) -> String {
    match files.get(file) {
        Source::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    }
}

/// The shipped files, with promo codes where these are it, one of them with a part replaced.
pub(super) fn edited(file: DesiredFile, from: &str, to: &str) -> Files {
    let mut files = if file == DesiredFile::Promos { with_promos() } else { shipped() };
    let text = text(&files, file);
    assert!(text.contains(from), "{from}");
    files.set(file, Source::Text(text.replacen(from, to, 1)));
    files
}

/// The problems of files, each as its one line.
pub(super) fn lines(files: &Files) -> Vec<String> {
    match super::parse(files) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

/// Holds what was seen equal to a file of the workspace; `UPDATE_FIXTURES=1` rewrites it.
pub(super) fn golden(name: &str, seen: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(&path, seen).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), seen, "{}", path.display());
}
