//! Whatever the bytes: no panic, and a refusal always has a place.

use super::super::*;
use super::{text, with_promos};
use proptest::prelude::*;

fn holds(files: &Files) -> Result<(), TestCaseError> {
    match parse(files) {
        Ok(catalog) => {
            prop_assert!(!catalog.plans.is_empty() && !catalog.servers.is_empty());
            means_the_same_to_libyaml(&catalog, files)?;
        }
        Err(problems) => {
            prop_assert!(problems.count() > 0);
            for p in problems.iter() {
                prop_assert!(p.at.line >= 1 && p.at.column >= 1 && p.at.end_column >= p.at.column);
                prop_assert!(!p.message.is_empty());
                prop_assert!(p.file.ends_with(".yaml"));
            }
            use ReportFormat::{Coloured, Github, Json, Sarif, Text};
            for format in [Text, Coloured, Json, Github, Sarif] {
                prop_assert!(!check_report(Some(&problems), None, format).is_empty());
            }
        }
    }
    Ok(())
}

/// What we accept, the other YAML reader accepts, and reads the same in it.
fn means_the_same_to_libyaml(catalog: &Catalog, files: &Files) -> Result<(), TestCaseError> {
    let plans: serde_yaml::Value = serde_yaml::from_str(&text(files, DesiredFile::Plans)).unwrap();
    let plans = plans["plans"].as_sequence().unwrap();
    prop_assert_eq!(plans.len(), catalog.plans.len());
    for (value, plan) in plans.iter().zip(&catalog.plans) {
        prop_assert_eq!(value["id"].as_str(), Some(plan.id.as_str()));
        let name = value["name"]["en"].as_str().or(value["name"].as_str());
        prop_assert_eq!(name, Some(plan.name.get("en", "en")));
        prop_assert_eq!(value["devices"].as_u64(), Some(u64::from(plan.devices)));
    }
    let shop: serde_yaml::Value = serde_yaml::from_str(&text(files, DesiredFile::Shop)).unwrap();
    prop_assert_eq!(shop["shop"]["time_zone"].as_str(), Some(catalog.shop.time_zone.as_str()));
    Ok(())
}

fn any_file() -> impl Strategy<Value = DesiredFile> {
    prop::sample::select(DesiredFile::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(file in any_file(), bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut files = with_promos();
        files.set(file, Source::from_bytes(bytes));
        holds(&files)?;
    }

    #[test]
    fn text_of_yaml_signs_never_panics(file in any_file(), text in "[-a-c0-2:{}\\[\\],&*!|>'\"%@` \t\n#?~.\u{feff}é]{0,200}") {
        let mut files = with_promos();
        files.set(file, Source::Text(text));
        holds(&files)?;
    }

    #[test]
    fn a_mutated_file_never_panics(
        file in any_file(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..4, "[-a-z0-9:{}\\[\\],&*!|>'\" \t\n#]{0,3}"), 1..6),
    ) {
        let mut files = with_promos();
        let mut text: Vec<char> = text(&files, file).chars().collect();
        for (at, cut, insert) in edits {
            let at = at.index(text.len().max(1)).min(text.len());
            let end = (at + cut).min(text.len());
            text.splice(at..end, insert.chars());
        }
        files.set(file, Source::Text(text.into_iter().collect()));
        holds(&files)?;
    }
}

#[test]
fn a_bomb_is_refused_before_it_costs_anything() {
    for bomb in [
        "[".repeat(500_000),
        "- ".repeat(300_000),
        "{a: ".repeat(200_000),
        "? ".repeat(300_000),
        "\u{1}".repeat(500_000),
    ] {
        let files = Files { plans: Source::Text(bomb + "\n"), ..with_promos() };
        assert!(parse(&files).is_err_and(|p| p.count() < 200));
    }
}

#[test]
fn a_thousand_mistakes_are_cut_short() {
    let many = format!("plans:\n{}", "  - {x: 1}\n".repeat(1000));
    let problems = parse(&Files { plans: Source::Text(many), ..with_promos() }).unwrap_err();
    assert_eq!(problems.count(), 101);
}
