//! Files that are YAML and mean something that must not be.

use super::super::DesiredFile::{Payments, Plans, Servers, Shop};
use super::super::*;
use super::{edited, golden, lines, shipped};

#[test]
fn each_slip_is_refused_at_its_place_and_says_what_to_do() {
    let slips: &[(DesiredFile, &str, &str)] = &[
        (Plans, "prices: [100.00 EGP,", "prices: [100.00,"),
        (Plans, "prices: [100.00 EGP,", "prices: [-5.00 EGP,"),
        (Plans, "prices: [100.00 EGP,", "prices: [-5,"),
        (Plans, "prices: [100.00 EGP,", "prices: [100.00 EGB,"),
        (Plans, "prices: [100.00 EGP,", "prices: [100.001 EGP,"),
        (Plans, "prices: [100.00 EGP, 2.10 USD]", "prices: [2.10 USD, 3.00 USD]"),
        (Plans, "prices: [100.00 EGP, 2.10 USD]", "prices: [9.00 EUR]"),
        (Plans, "prices: [100.00 EGP, 2.10 USD]", "prices: []"),
        (Plans, "duration: 30d", "duration: 30"),
        (Plans, "duration: 30d", "duration: 1 month"),
        (Plans, "duration: 30d", "duration: 0d"),
        (Plans, "traffic: 50GiB", "traffic: 50"),
        (Plans, "traffic: 50GiB", "traffic: 50gib"),
        (Plans, "traffic: 50GiB", "traffic: unlimited"),
        (Plans, "devices: 2", "devices: two"),
        (Plans, "devices: 2", "devices: -1"),
        (Plans, "devices: 2", "device: 2"),
        (Plans, "id: basic-90", "id: basic-30"),
        (Plans, "id: basic-90", "id: Basic 90"),
        (Plans, "id: basic-90", "id: 90"),
        (Plans, "{labels: {tier: basic}}", "{labels: {tier: gold}}"),
        (Plans, "{labels: {tier: basic}}", "{ids: [fra-1, fra-2]}"),
        (Plans, "{labels: {tier: basic}}", "{labels: {tier: basic}, any: true}"),
        (Plans, "{labels: {tier: basic}}", "{labels: {}}"),
        (Plans, "lifecycle: active", "lifecycle: actve"),
        (Plans, "name: {en: Basic, ar:", "name: {ar:"),
        (Plans, "name: {en: Basic, ar:", "name: {en: Basic, de: Basis, ar:"),
        (Servers, "http://127.0.0.1:18443", "http://gw.example.net"),
        (Servers, "http://127.0.0.1:18443", "http://127.0.0.1:18444"),
        (Servers, "host: fra1.vpn.example.net", "host: https://fra1.vpn.example.net"),
        (Servers, "capacity: 200", "capacity: lots"),
        (Servers, "line: 1Gbit", "line: 1000"),
        (Servers, "inbounds: [vless-reality]", "inbounds:"),
        (Payments, "account: \"01000000000\"", "account: 01000000000"),
        (Payments, "kind: manual", "kind: paypal"),
        (Payments, "Send {amount}", "Send {amout}"),
        (Payments, "currencies: [EGP]", "currencies: [EGPP]"),
        (Shop, "id: main", "id: main-shop"),
        (Shop, "time_zone: Africa/Cairo", "time_zone: Africa/Kairo"),
        (Shop, "guild: \"100000000000000001\"", "guild: 100000000000000001"),
        (Shop, "guild: \"100000000000000001\"", "guild: \"main\""),
        (Shop, "languages: [en, ar, ru]", "languages: [en, ar, ru, english]"),
        (Shop, "{USDT: 6}", "{USD: 6}"),
        (Shop, "pay_within: 24h", "pay_within: 24"),
        (Shop, "destructive_percent: 10", "destructive_percent: 110"),
        (Shop, "      owner: [\"100000000000000021\"]\n", ""),
    ];
    let mut seen = String::new();
    for (file, from, to) in slips {
        let found = lines(&edited(*file, from, to)).join("\n");
        assert!(!found.is_empty(), "{to} was accepted");
        seen += &format!("{to}\n{found}\n\n");
    }
    golden("bad-meaning.txt", &seen);
}

#[test]
fn every_problem_of_every_file_comes_at_once() {
    let mut files = edited(Plans, "duration: 30d", "duration: 30");
    files.servers = edited(Servers, "capacity: 200", "capacity: many").servers;
    files.payments = Source::Missing;
    files.shop = edited(Shop, "Africa/Cairo", "Africa/Atlantis").shop;
    let found = lines(&files);
    assert_eq!(found.len(), 4, "{found:#?}");
}

#[test]
fn a_server_without_keys_is_refused_where_keys_are_asked_for() {
    let has_keys = |name: &str| name != "ams-1";
    let options = Options { has_keys: Some(&has_keys), ..Options::default() };
    let problems = load(&shipped(), &options).unwrap_err();
    let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "servers.yaml:23:11: there are no keys named `ams-1`; set NEBULALINKS_KEYS_AMS_1, or put the keys into `ams-1` in the keys folder (`nebulalinks keygen` makes them)"
        ]
    );
}

#[test]
fn what_is_no_text_is_said_with_its_place() {
    let cases: [(Source, &str); 4] = [
        (Source::Missing, "plans.yaml:1:1: the file is missing; restore it from git"),
        (
            Source::Unreadable("permission denied".into()),
            "plans.yaml:1:1: the file cannot be read: permission denied; check the file's owner and permissions",
        ),
        (
            Source::from_bytes(b"a: b\nc: \xff\n".to_vec()),
            "plans.yaml:2:4: the text is not UTF-8 from here on; save it as UTF-8",
        ),
        (
            Source::from_bytes(vec![b'#'; (1 << 20) + 1]),
            "plans.yaml:1:1: the file is larger than 1 MiB; split off what is not needed",
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(lines(&Files { plans: source, ..shipped() }), [expected]);
    }
}

#[test]
fn a_report_shows_the_line_and_marks_the_place() {
    let files = edited(Plans, "duration: 30d", "duration: 30");
    let problems = parse(&files).unwrap_err().in_folder("desired/");
    let text = check_report(&problems, ReportFormat::Text);
    assert_eq!(
        text,
        "desired/plans.yaml:8:15: `duration` is the bare number `30`: it needs a unit\n \
         8 |     duration: 30\n   \
           |               ^\n   \
           = help: write days, hours, minutes, seconds, such as 30d or 1d 12h (units: d, h, m, s)\n\n\
         1 problem\n"
    );
    let json: serde_json::Value =
        serde_json::from_str(&check_report(&problems, ReportFormat::Json)).unwrap();
    assert_eq!((json[0]["line"].as_u64(), json[0]["column"].as_u64()), (Some(8), Some(15)));
    let github = check_report(&problems, ReportFormat::Github);
    assert!(github.starts_with("::error file=desired/plans.yaml,line=8,col=15::"), "{github}");
}
