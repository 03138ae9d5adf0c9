//! Files that are YAML and mean something that must not be.

use super::super::DesiredFile::{Payments, Plans, Promos, Servers, Shop};
use super::super::*;
use super::{edited, golden, lines, shipped, text};

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
        (Shop, "tombstones: 7d", "tombstones: 7d, proofs: 29d 23h"),
        (Shop, "  reminders:", "  referral: {reward: 36h, limit: 10}\n  reminders:"),
        (Shop, "  reminders:", "  referral: {reward: 3d, limit: 0}\n  reminders:"),
        (Shop, "  reminders:", "  referral: {reward: 366d, limit: 10}\n  reminders:"),
        (Plans, "traffic: 50GiB", "traffic: 50"),
        (Plans, "traffic: 50GiB", "traffic: 50gib"),
        (Plans, "traffic: 50GiB", "traffic: 8193TiB"),
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
        (Plans, "    devices: 2", "    trial: true\n    devices: 2"),
        (Plans, "    prices: [100.00 EGP, 2.10 USD]\n", ""),
        (Plans, "    prices: [100.00 EGP, 2.10 USD]\n", "    trial: yes\n"),
        (
            Plans,
            "    prices: [100.00 EGP, 2.10 USD]\n    duration: 30d\n    traffic: 50GiB\n    devices: 2\n    \
             servers: {labels: {tier: basic}}\n    lifecycle: active\n\n  - id: basic-90\n    family: basic\n    \
             name: {en: \"Basic, three months\", ar: \"الأساسية، ثلاثة أشهر\", ru: \"Базовый, три месяца\"}\n    \
             prices: [270.00 EGP, 5.70 USD]\n",
            "    trial: true\n    duration: 30d\n    traffic: 50GiB\n    devices: 2\n    servers: {labels: {tier: \
             basic}}\n\n  - id: basic-90\n    family: basic\n    name: {en: Basic}\n    trial: true\n",
        ),
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
        (Plans, "{labels: {tier: basic}}", "{labels: {tier: basik}}"),
        (Plans, "{labels: {tier: basic}}", "{labels: {teir: basic}}"),
        (Plans, "{labels: {tier: basic}}", "{labels: {tier: basic, region: us}}"),
        (Plans, "duration: 30d", "duration: 30 days"),
        (Plans, "duration: 30d", "duration: 2w"),
        (Plans, "traffic: 50GiB", "traffic: 50G"),
        (Plans, "name: {en: Basic, ar:", "name: {en: \"Ba\\nsic\", ar:"),
        (Plans, "name: {en: Basic, ar:", "name: {en: \"Ba\\u200Bsic\", ar:"),
        (Plans, "name: {en: Basic, ar:", "name: {en: \"\\u202Ecisab\", ar:"),
        (Plans, "name: {en: Basic, ar:", "name: {en: \"Ba\\tsic\", ar:"),
        (Plans, "id: basic-90", "id: \"basic\\u200b-90\""),
        (Plans, "{labels: {tier: basic}}", "{labels: {tier: \"basic\\u00a0\"}}"),
        (Plans, "prices: [100.00 EGP,", "prices: [100.00\u{a0}EGP,"),
        (Plans, "prices: [100.00 EGP,", "prices: [\"100.00\\u00a0EGP\","),
        (Plans, "duration: 30d", "duration:\u{a0}30d"),
        (Plans, "    devices: 2", "\u{a0}\u{a0}  devices: 2"),
        (Servers, "line: 1Gbit", "line: 1gbit"),
        (Servers, "keys: ams-1", "keys: fra-1"),
        (Servers, "inbounds: [vless-reality]", "inbounds: [\"vless\\u200breality\"]"),
        (Servers, "gateway: http://127.0.0.1:18443", "gateway: \"http://127.0.0.1:18\\t443\""),
        (Payments, "\"01000000000\"", "\"0100\\u200e0000000\""),
        (Payments, "Send {amount} to", "Send\\t{amount} to"),
        (Shop, "id: main", "id: main-shop"),
        (Shop, "time_zone: Africa/Cairo", "time_zone: Africa/Kairo"),
        (Shop, "guild: \"100000000000000001\"", "guild: 100000000000000001"),
        (Shop, "    channels:\n", "    message_content: yes\n    channels:\n"),
        (Shop, "    roles:\n", "    ping: {review: [admin]}\n    roles:\n"),
        (Shop, "    roles:\n", "    ping: {review: \"100000000000000022\"}\n    roles:\n"),
        (Shop, "    roles:\n", "    ping: {reviews: admin}\n    roles:\n"),
        (Shop, "      support: [\"100000000000000023\"]\n", "    ping: {tickets: support}\n"),
        (Shop, "guild: \"100000000000000001\"", "guild: \"main\""),
        (Shop, "languages: [en, ar, ru]", "languages: [en, ar, ru, english]"),
        (Shop, "{USDT: 6}", "{USD: 6}"),
        (Shop, "pay_within: 24h", "pay_within: 24"),
        (Shop, "{open_orders: 2,", "{open_orders: 2, presses_per_minute: 4,"),
        (Shop, "{open_orders: 2,", "{open_orders: 2, block: [\"100000000000000031\"],"),
        (Shop, "{open_orders: 2,", "{open_orders: 2, block: [discord:31], allow: [discord:31],"),
        (Shop, "{open_orders: 2,", "{open_orders: 2, allow: [],"),
        (Shop, "[3d, 1d, 0d]", "[3d, 1d, 24h]"),
        (Shop, "23:00-08:00", "23-8"),
        (Shop, "23:00-08:00", "23:00-23:05"),
        (Shop, "[80, 90, 100]", "[80, 90, 101]"),
        (Shop, "[80, 90, 100]", "[80, 80]"),
        (Shop, "[80, 90, 100]", "[80%]"),
        (Shop, "notices: {quiet:", "notices: {silent:"),
        (Shop, "destructive_percent: 10", "destructive_percent: 110"),
        (Shop, "      owner: [\"100000000000000021\"]\n", ""),
        (Promos, "percent: 25", "percent: 100"),
        (Promos, "percent: 25", "percent: 25%"),
        (Promos, "{percent: 25}", "{percent: 25, days: 7}"),
        (Promos, "{percent: 25}", "{per_cent: 25}"),
        (Promos, "amount: 20.00 EGP", "amount: 100.00 EGP"),
        (Promos, "amount: 20.00 EGP", "amount: 20.00"),
        (Promos, "amount: 20.00 EGP", "amount: 0.00 EGP"),
        (Promos, "amount: 20.00 EGP", "amount: 20.00 EUR"),
        (Promos, "days: 7", "days: 366"),
        (Promos, "days: 7", "days: 7d"),
        (Promos, "code: RAMADAN25", "code: 25"),
        (Promos, "code: RAMADAN25", "code: R5"),
        (Promos, "code: RAMADAN25", "code: RAMADAN 25"),
        (Promos, "code: RAMADAN25", "code: رمضان25"),
        (Promos, "code: RAMADAN25", "code: welcome"),
        (Promos, "id: ramadan", "id: welcome"),
        (Promos, "families: [basic]", "families: [basik]"),
        (Promos, "ids: [basic-30, pro-30]", "ids: [basic-31]"),
        (Promos, "{families: [basic]}", "{}"),
        (Promos, "{families: [basic]}", "{any: \"true\"}"),
        (Promos, "2026-03-01..2026-04-01", "[2026-03-01, 2026-04-01]"),
        (Promos, "limit: 100", "limit: 0"),
        (Promos, "per_customer: 2", "percustomer: 2"),
        (Promos, "2026-03-01..2026-04-01", "2026-03-01"),
        (Promos, "2026-03-01..2026-04-01", "2026-03-01..2026-02-29"),
        (Promos, "2026-03-01..2026-04-01", "2026-04-01..2026-03-01"),
        (Promos, "2026-03-01..2026-04-01", "1.3.2026..1.4.2026"),
    ];
    let twice = parse(&edited(Plans, "id: basic-90", "id: basic-30")).unwrap_err();
    let example = check_report(Some(&twice.in_folder("desired")), None, ReportFormat::Text);
    let mut seen = include_str!("bad_edits.md").replace("{example}", &example);
    let cell = |text: &str| text.replace('|', "\\|");
    for (file, from, to) in slips {
        let found = lines(&edited(*file, from, to)).join("<br>");
        assert!(!found.is_empty(), "{to} was accepted");
        let code = |text: &str| match text.trim_end() {
            "" => "nothing".to_owned(),
            text => format!("`{}`", cell(&text.escape_debug().to_string().replace("\\\"", "\""))),
        };
        seen += &format!("| {} | {} | {} |\n", code(from), code(to), cell(&found));
    }
    golden("docs/BAD-EDITS.md", &seen);
}

#[test]
fn questions_are_no_more_and_no_longer_than_discord_takes_and_each_is_there_once() {
    let said = |faq: &str| {
        let mut files = shipped();
        let shop = text(&files, Shop);
        let (before, rest) = shop.split_once("  faq:").unwrap();
        let (_, after) = rest.split_once("  retention:").unwrap();
        let shop = format!("{before}  faq: {faq}\n  retention:{after}");
        files.set(Shop, Source::Text(shop));
        lines(&files)
    };
    let one = |n: usize| format!("{{q: {{en: Question {n}}}, a: {{en: Answer}}}}");
    let faq = |entries: &[String]| said(&format!("[{}]", entries.join(", ")));
    let many = |n: usize| (0..n).map(one).collect::<Vec<_>>();
    assert_eq!(faq(&many(25)), Vec::<String>::new());
    assert!(faq(&many(26)).concat().contains("`faq` has 26 entries, and 25 fit"));
    let long = format!("{{q: {{en: {}}}, a: {{en: Answer}}}}", "w".repeat(101));
    assert!(faq(&[long]).concat().contains("101 characters, and 100 fit"));
    let long = format!("{{q: {{en: Q}}, a: {{en: {}}}}}", "w".repeat(3_001));
    assert!(faq(&[long]).concat().contains("3001 characters, and 3000 fit"));
    let again = faq(&[one(1), one(2), one(1)]).concat();
    assert!(
        again.contains("this question is here twice") && again.contains("shop.yaml:"),
        "{again}"
    );
    assert!(faq(&["{q: {ar: Q}, a: {en: A}}".into()]).concat().contains("default language"));
    assert!(faq(&["{q: {en: Q}}".into()]).concat().contains("`a` is missing"));
    assert!(
        faq(&["{q: {en: Q}, a: {en: \"by {amount}\"}}".into()]).concat().contains("{`amount`}")
    );
    assert!(said("[]").concat().contains("empty list"));
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
    let keys = |server: &Server| {
        let trouble = ("there are no keys".to_owned(), "make them".to_owned());
        (server.keys == "ams-1").then_some(trouble)
    };
    let options = Options { keys: Some(&keys), ..Options::default() };
    let problems = load(&shipped(), &options).unwrap_err();
    let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(found, ["servers.yaml:23:11: there are no keys; make them"]);
    assert!(load(&shipped(), &Options::default()).is_ok(), "files alone are judged alone");
}

#[test]
fn categories_without_channels_are_a_warning_and_channels_without_categories_a_problem() {
    let orders = |to: &str| check(&edited(Shop, "space: private_thread", to), &Options::default());
    let said = |problems: Option<Problems>| -> Vec<String> {
        problems.iter().flat_map(|all| all.iter()).map(ToString::to_string).collect()
    };
    let (one, two) = ("\"100000000000000006\"", "\"100000000000000007\"");
    let idle = orders(&format!("space: private_thread, categories: [{one}]"));
    let place = "shop.yaml:18:83: warning";
    assert_eq!(
        said(idle.warnings),
        [format!(
            "{place}: no channel is made in these categories: orders get private threads; write \
             `space: channel`, or leave `categories` out"
        )]
    );
    let full = orders(&format!("space: channel, categories: [{one}, {two}]"));
    assert_eq!(said(full.warnings), [""; 0]);
    assert_eq!(full.catalog.unwrap().shop.orders.most_channels(), Some(90));
    let eleven: Vec<String> = (10..21).map(|n| format!("\"1000000000000000{n}\"")).collect();
    for (written, part) in [
        ("space: channel".to_owned(), "`space: channel` needs `categories`"),
        ("space: channel, categories: []".to_owned(), "`categories` is an empty list"),
        (format!("space: channel, categories: [{one}, {one}]"), "this category is here twice"),
        ("space: channel, categories: [orders]".to_owned(), "`orders` is not a Discord id"),
        (format!("space: channel, categories: [{}]", eleven.join(", ")), "more than 10 categories"),
    ] {
        let problems = said(Some(orders(&written).catalog.unwrap_err()));
        assert!(problems.len() == 1 && problems[0].contains(part), "{written}: {problems:?}");
    }
}

#[test]
fn of_the_shipped_files_nothing_is_warned() {
    assert_eq!(check(&shipped(), &Options::default()).warnings, None);
}

#[test]
fn a_trial_that_nobody_can_go_on_from_is_a_warning_at_its_place() {
    let warned = |family: &str| -> Vec<String> {
        let taste = format!(
            "plans:\n  - {{id: taste, {family}name: Taste, trial: true, duration: 3d, traffic: 5GiB, \
             devices: 1, servers: {{any: true}}}}\n"
        );
        let Checked { catalog, warnings } =
            check(&edited(Plans, "plans:\n", &taste), &Options::default());
        let catalog = catalog.unwrap_or_else(|problems| panic!("{problems}"));
        let taste = &catalog.plans[0];
        assert!(taste.trial && taste.prices.is_empty());
        warnings.iter().flat_map(|w| w.iter()).map(ToString::to_string).collect()
    };
    assert_eq!(
        warned(""),
        [
            "plans.yaml:4:37: warning: no plan of the family `taste` can be paid for; who tries it cannot \
          renew: give it the `family` of a plan with prices"
        ]
    );
    assert_eq!(warned("family: basic, "), [""; 0]);
    let hidden = warned("family: basic, lifecycle: hidden, ");
    assert!(
        hidden.len() == 1 && hidden[0].contains("a hidden trial is had by nobody"),
        "{hidden:?}"
    );
}

#[test]
fn a_language_without_texts_is_a_warning_at_its_place_that_says_which_there_are() {
    let warned = |to: &str| -> Vec<String> {
        let files = edited(Shop, "languages: [en, ar, ru]", &format!("languages: [{to}]"));
        let Checked { catalog, warnings } = check(&files, &Options::default());
        // Some texts of the files may lack the new default.
        let _ = catalog;
        warnings.iter().flat_map(|w| w.iter()).map(ToString::to_string).collect()
    };
    assert_eq!(
        warned("en, ar, ru, pt-BR"),
        ["shop.yaml:15:27: warning: the bot has no texts in `pt-BR`: whoever \
        speaks it reads your own texts in `pt-BR`, and the bot's in `en`; there are texts in: en, ar, ru"]
    );
    let first = warned("fr, ar, en, ru");
    assert!(
        first[0].starts_with("shop.yaml:15:15: ") && first[0].contains("bot's in `en`"),
        "{first:?}"
    );
    assert_eq!(warned("ar-EG, en-GB, en, ar, ru"), [""; 0], "a kind of a language that there is");
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
fn instructions_are_measured_with_everything_filled_in() {
    let with = |times: usize| {
        let text = format!("\"Send {{amount}} {}", "{reference}".repeat(times));
        lines(&edited(Payments, "\"Send {amount}", &text))
    };
    assert!(with(50).is_empty(), "{:?}", with(50));
    let [line] = &with(110)[..] else { panic!("{:?}", with(110)) };
    assert!(line.contains("filled in these are") && line.contains("2800 fit"), "{line}");
}
