//! Problems as people and tools get them.

use super::super::DesiredFile::{Plans, Servers, Shop};
use super::super::*;
use super::{edited, shipped};
use serde_json::{Value, json};

fn problems(file: DesiredFile, from: &str, to: &str) -> Problems {
    parse(&edited(file, from, to)).unwrap_err().in_folder("desired/")
}

fn report(problems: &Problems, format: ReportFormat) -> String {
    check_report(Some(problems), None, format)
}

fn json(problems: &Problems, format: ReportFormat) -> Value {
    serde_json::from_str(&report(problems, format)).unwrap()
}

#[test]
fn a_report_shows_the_line_and_marks_what_is_meant() {
    let found = problems(Plans, "duration: 30d", "duration: 30");
    let text = report(&found, ReportFormat::Text);
    insta::assert_snapshot!(text, @r"
    error: `duration` is the bare number `30`: it needs a unit
     --> desired/plans.yaml:8:15
      |
    8 |     duration: 30
      |               ^^
      |
      = help: write days, hours, minutes, seconds, such as 30d or 1d 12h (units: d, h, m, s)

    1 problem
    ");
    let coloured = report(&found, ReportFormat::Coloured);
    assert!(coloured.contains("\u{1b}[") && !text.contains('\u{1b}'), "{coloured}");
    let github = report(&found, ReportFormat::Github);
    let expected = "::error file=desired/plans.yaml,line=8,col=15,endColumn=16::`duration` is";
    assert!(github.starts_with(expected), "{github}");
    let json = json(&found, ReportFormat::Json);
    let place = ["line", "column", "end_column"].map(|key| json[0][key].as_u64());
    assert_eq!(place, [Some(8), Some(15), Some(17)]);
}

#[test]
fn what_has_to_do_with_another_line_shows_both() {
    let twice = problems(Plans, "id: basic-90", "id: basic-30");
    insta::assert_snapshot!(report(&twice, ReportFormat::Text), @r"
    error: the id `basic-30` is here twice
      --> desired/plans.yaml:14:9
       |
    14 |   - id: basic-30
       |         ^^^^^^^^
       |
      ::: desired/plans.yaml:4:9
       |
     4 |   - id: basic-30
       |         -------- first here
       |
       = help: it is also on line 4: rename one

    1 problem
    ");
    let found = problems(Servers, "keys: ams-1", "keys: fra-1");
    let json = json(&found, ReportFormat::Json);
    assert_eq!(json[0]["beside"]["label"], "first here");
    assert!(json[0]["beside"]["line"].as_u64() < json[0]["line"].as_u64(), "{json}");
}

#[test]
fn a_mark_stands_under_what_it_marks_in_wide_and_in_long_lines() {
    let wide = problems(Plans, "name: {en: Basic, ar:", "name: {en: 基本プラン, de: Basis, ar:");
    insta::assert_snapshot!(report(&wide, ReportFormat::Text), @r"
    error: `de` is not a language of the shop
     --> desired/plans.yaml:6:23
      |
    6 |     name: {en: 基本プラン, de: Basis, ar: الأساسية, ru: Базовый}
      |                            ^^
      |
      = help: use one of: en, ar, ru

    1 problem
    ");
    let far = format!("name: {{en: {}, de: Basis, ar:", "Basic ".repeat(11).trim());
    let far = problems(Plans, "name: {en: Basic, ar:", &far);
    insta::assert_snapshot!(report(&far, ReportFormat::Text), @r"
    error: `de` is not a language of the shop
     --> desired/plans.yaml:6:83
      |
    6 |     name: {en: Basic Basic Basic Basic Basic Basic Basic Basic Basic Basic Basic, de: Basis, ar: الأساسية, ru: Базовый}
      |                                                                                   ^^
      |
      = help: use one of: en, ar, ru

    1 problem
    ");
}

#[test]
fn nothing_in_a_line_reaches_the_terminal_as_a_command() {
    let found = problems(Plans, "duration: 30d", "duration: \"30d\u{1b}[2J\"");
    for format in [ReportFormat::Text, ReportFormat::Github] {
        let text = report(&found, format);
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }
    assert!(!report(&found, ReportFormat::Coloured).contains("\u{1b}[2J"));
}

#[test]
fn a_report_without_problems_says_so_to_tools_and_nothing_to_people() {
    let of = |format| check_report(None, None, format);
    assert_eq!((of(ReportFormat::Text), of(ReportFormat::Json)), (String::new(), "[]\n".into()));
    let log: Value = serde_json::from_str(&of(ReportFormat::Sarif)).unwrap();
    assert_eq!(log["runs"][0]["results"], json!([]));
}

#[test]
fn warnings_come_after_problems_and_are_called_so_everywhere() {
    let found = problems(Plans, "duration: 30d", "duration: 30");
    let idle = "space: private_thread, categories: [\"100000000000000006\"]";
    let slip = edited(Shop, "space: private_thread", idle);
    let warnings = check(&slip, &Options::default()).warnings.unwrap();
    let both = |format| check_report(Some(&found), Some(&warnings), format);
    let text = both(ReportFormat::Text);
    assert!(
        text.contains("\n1 problem\n\nwarning: no channel is made in these categories"),
        "{text}"
    );
    assert!(text.ends_with("\n1 warning\n"), "{text}");
    let json: Value = serde_json::from_str(&both(ReportFormat::Json)).unwrap();
    assert_eq!([&json[0]["severity"], &json[1]["severity"]], ["error", "warning"]);
    let github = both(ReportFormat::Github);
    assert!(github.contains("\n::warning file=shop.yaml,"), "{github}");
    let log: Value = serde_json::from_str(&both(ReportFormat::Sarif)).unwrap();
    let results = &log["runs"][0]["results"];
    assert_eq!([&results[0]["level"], &results[1]["level"]], ["error", "warning"]);
}

#[test]
fn sarif_names_places_as_code_scanning_reads_them() {
    let found = problems(Plans, "id: basic-90", "id: basic-30").in_folder("a b");
    let log = json(&found, ReportFormat::Sarif);
    assert_eq!((&log["version"], log["runs"].as_array().map(Vec::len)), (&json!("2.1.0"), Some(1)));
    let result = &log["runs"][0]["results"][0];
    let physical = &result["locations"][0]["physicalLocation"];
    assert_eq!(physical["artifactLocation"]["uri"], "a%20b/desired/plans.yaml");
    for (folder, uri) in [("/srv/a b", "file:///srv/a%20b/"), ("../shop", "../shop/"), ("", "")] {
        let found = parse(&edited(Plans, "id: basic-90", "id: basic-30")).unwrap_err();
        let log = json(&found.in_folder(folder), ReportFormat::Sarif);
        let physical = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(physical["artifactLocation"]["uri"], format!("{uri}plans.yaml"));
    }
    let region = &physical["region"];
    assert_eq!(region["endColumn"].as_u64(), region["startColumn"].as_u64().map(|n| n + 8));
    let related = &result["relatedLocations"][0];
    assert_eq!(related["message"]["text"], "first here");
    let rule = &log["runs"][0]["tool"]["driver"]["rules"][0]["id"];
    assert_eq!(rule, &result["ruleId"]);
    let missing = Files { plans: Source::Missing, ..shipped() };
    let log = json(&parse(&missing).unwrap_err(), ReportFormat::Sarif);
    let physical = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(physical.get("region"), None, "nothing of it can be marked");
}
