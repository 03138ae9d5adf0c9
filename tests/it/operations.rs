//! Operations rules as tests: what the docs, the dashboards and the units name is really there.

#[path = "operations/text.rs"]
mod text;

use crate::architecture::MANIFESTS;
use crate::architecture::source::{files_below, read, root};
use nebulalinks::alerts::AlertKind;
use std::collections::{BTreeMap, BTreeSet};
use text::{commands, inline_code, kebab, links, quoted, tokens};

const RUNBOOK: &str = "docs/OPERATIONS.md";
const ALERTS: &str = "dashboards/alerts.yaml";

/// Fails with every problem at once.
fn none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

fn with_ending(folders: &[&str], endings: &[&str]) -> Vec<String> {
    folders
        .iter()
        .flat_map(|folder| files_below(folder))
        .filter(|path| endings.iter().any(|e| path.ends_with(e)) && !path.contains("/target/"))
        .collect()
}

/// The pages people read.
fn pages() -> Vec<String> {
    let mut pages =
        with_ending(&["docs", "deploy", "dashboards", "state", "tests/scenarios"], &[".md"]);
    pages.push("README.md".to_owned());
    pages
}

/// As a function, or as a row of a macro's table.
fn names_test(source: &str, name: &str) -> bool {
    source.contains(&format!("fn {name}(")) || source.contains(&format!("\n    {name}:"))
}

#[test]
fn docs_name_real_paths() {
    const TOPS: [&str; 15] = [
        "core/",
        "src/",
        "gateway/",
        "models/",
        "sandbox/",
        "testkit/",
        "tests/",
        "desired/",
        "docs/",
        "deploy/",
        "dashboards/",
        ".ci/",
        "benches/",
        "state/README",
        "fuzz/",
    ];
    const ROOT_FILES: [&str; 7] = [
        "justfile",
        "deny.toml",
        "clippy.toml",
        "Cargo.toml",
        "README.md",
        "rustfmt.toml",
        "rust-toolchain.toml",
    ];
    let mut problems = Vec::new();
    for page in pages() {
        let text = read(&page);
        for code in inline_code(&text) {
            let (path, item) = code.split_once("::").map_or((code, None), |(p, i)| (p, Some(i)));
            let is_path = TOPS.iter().any(|t| path.starts_with(t)) || ROOT_FILES.contains(&path);
            if !is_path || path.contains(['*', ' ', '<', '…']) {
                continue;
            }
            if !root().join(path).exists() {
                problems.push(format!("{page}: `{path}` does not exist: mend the page"));
            } else if let Some(item) = item
                && !names_test(&read(path), item)
            {
                problems.push(format!("{page}: {path} has no `{item}`: was the test renamed?"));
            }
        }
        let folder = root().join(&page).parent().unwrap().to_path_buf();
        for link in links(&text) {
            let path = link.split('#').next().unwrap();
            if !link.contains("://") && !path.is_empty() && !folder.join(path).exists() {
                problems.push(format!("{page}: the link to {link} leads nowhere"));
            }
        }
    }
    none(&problems);
}

#[test]
fn code_and_configuration_name_real_docs() {
    let mut problems = Vec::new();
    let mut files = with_ending(
        &[
            "core",
            "src",
            "gateway",
            "models",
            "sandbox",
            "testkit",
            "tests",
            "desired",
            "deploy",
            "dashboards",
        ],
        &[".rs", ".toml", ".yaml", ".yml", ".service", ".conf", ".json"],
    );
    files.extend(
        ["Cargo.toml", "deny.toml", "clippy.toml", "justfile", ".ci/run"].map(String::from),
    );
    let docs = files_below("docs");
    for file in files.iter().filter(|f| !f.starts_with("tests/it/operations")) {
        for named in tokens(&read(file), "docs/", |c| c.is_alphanumeric() || "/-_.".contains(c)) {
            let named = named.trim_end_matches(['.', '-', '/']);
            if named.len() > "docs".len() && !docs.iter().any(|d| d.starts_with(named)) {
                problems.push(format!("{file} names {named}, which does not exist"));
            }
        }
    }
    none(&problems);
}

/// Where the controller's metrics are named.
const OURS: [&str; 3] =
    ["src/admin/metrics.rs", "src/admin/metrics/servers.rs", "src/admin/backups.rs"];

/// Every metric that we export.
fn metrics() -> BTreeSet<String> {
    let ours: String = OURS.iter().map(|file| read(file)).collect();
    let gateway = read("gateway/src/metrics.rs");
    let mut names: BTreeSet<String> =
        quoted(&ours).filter(|s| is_metric(s)).map(str::to_owned).collect();
    for (at, _) in gateway.match_indices("name(\"") {
        let name = quoted(&gateway[at..]).next().unwrap();
        names.insert(format!("nebulalinks_gateway_{name}"));
    }
    assert!(names.len() > 10, "the metrics were not found in the sources: {names:?}");
    names
}

fn is_metric(word: &str) -> bool {
    (word.starts_with("nebulalinks_") || word.starts_with("workqueue_"))
        && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

/// Metrics that a text names, without what Prometheus adds to a histogram's name.
fn named_metrics(text: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    ["nebulalinks_", "workqueue_"]
        .iter()
        .flat_map(|start| tokens(text, start, word))
        .map(|name| {
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|e| name.strip_suffix(e));
            base.filter(|b| b.ends_with("_seconds")).unwrap_or(name).to_owned()
        })
        .collect()
}

#[test]
fn dashboards_alerts_and_the_runbook_use_metrics_that_exist() {
    let known = metrics();
    let mut problems = Vec::new();
    let mut files = with_ending(&["dashboards"], &[".json", ".yaml"]);
    files.push(RUNBOOK.to_owned());
    for file in &files {
        for name in named_metrics(&read(file)).difference(&known) {
            problems.push(format!("{file}: nothing exports `{name}`"));
        }
    }
    let explained = named_metrics(&read(RUNBOOK));
    for name in known.difference(&explained) {
        problems.push(format!("{RUNBOOK}: say what `{name}` means"));
    }
    none(&problems);
}

#[test]
fn every_metric_has_bounded_labels() {
    // Server ids and enums; of `revision` and `commit` one value at a time. Never an account, an order, an email or a Discord id.
    const LABELS: [&str; 19] = [
        "server",
        "what",
        "whose",
        "reason",
        "state",
        "type",
        "verb",
        "kind",
        "lane",
        "result",
        "code",
        "call",
        "commit",
        "revision",
        "generation",
        "version",
        "notice",
        "format",
        "outcome",
    ];
    let mut problems = Vec::new();
    for file in OURS.iter().copied().chain(["gateway/src/metrics.rs"]) {
        let text = read(file);
        let lists = text
            .match_indices("&[\"")
            .filter(|(at, _)| !text[..*at].ends_with("with_label_values("))
            .map(|(at, _)| &text[at..]);
        for list in lists.map(|rest| &rest[..rest.find(']').unwrap()]) {
            for label in quoted(list).filter(|l| !LABELS.contains(l)) {
                problems.push(format!(
                    "{file}: the label `{label}` is new. If its values are server ids or an enum, \
                     add it to this test; otherwise it belongs into a log line or `/v1/*`"
                ));
            }
        }
    }
    none(&problems);
}

#[test]
fn every_alert_has_a_runbook_entry_and_every_entry_an_alert() {
    let alerts: BTreeSet<String> = read(ALERTS)
        .lines()
        .filter_map(|l| l.trim().strip_prefix("- alert:"))
        .map(|name| name.trim().to_owned())
        .collect();
    assert!(!alerts.is_empty(), "no alerts in {ALERTS}");
    let runbook = read(RUNBOOK);
    let entries: BTreeSet<String> = section(&runbook, "## Alerts")
        .lines()
        .filter_map(|l| l.strip_prefix("### "))
        .map(|name| name.trim().to_owned())
        .collect();
    let mut problems = Vec::new();
    for alert in alerts.difference(&entries) {
        problems
            .push(format!("{RUNBOOK}: below \"## Alerts\" an entry \"### {alert}\" is missing"));
    }
    for entry in entries.difference(&alerts) {
        problems.push(format!("{RUNBOOK}: \"### {entry}\" belongs to no alert in {ALERTS}"));
    }
    for kind in AlertKind::ALL {
        if !alerts.contains(kind.name()) {
            problems.push(format!("{} in the channel for alerts is none of {ALERTS}", kind.name()));
        }
    }
    let rules = read(ALERTS);
    for alert in &alerts {
        let link = format!("runbook: docs/OPERATIONS.md#{}", alert.to_lowercase());
        if !rules.contains(&link) {
            problems.push(format!("{ALERTS}: {alert} needs the annotation `{link}`"));
        }
        if !read("dashboards/alerts.test.yaml").contains(&format!("alertname: {alert}\n")) {
            problems.push(format!("dashboards/alerts.test.yaml: no case for {alert}"));
        }
    }
    none(&problems);
}

#[test]
fn the_runbook_explains_every_condition_code_and_reason() {
    const WORDS: [(&str, &str); 5] = [
        ("core/src/model/condition.rs", "## Conditions"),
        ("core/src/model/readiness.rs", "## Reasons"),
        ("core/src/planner/report.rs", "## Waiting"),
        ("gateway/protocol/src/problem.rs", "## Codes"),
        ("gateway/protocol/src/refusal.rs", "## Codes"),
    ];
    let runbook = read(RUNBOOK);
    let mut problems = Vec::new();
    for (file, heading) in WORDS {
        let text = read(file);
        let names: Vec<&str> = text
            .lines()
            .filter(|l| l.trim().starts_with("Self::") && l.contains("=> \""))
            .filter_map(|l| quoted(l).next())
            .filter(|name| !name.contains(' '))
            .collect();
        assert!(names.len() > 4, "{file}: the names were not found: {names:?}");
        let first_cells: Vec<&str> = section(&runbook, heading)
            .lines()
            .filter_map(|l| l.strip_prefix("| ")?.split(" | ").next())
            .collect();
        for name in names {
            if !first_cells.iter().any(|cell| cell.contains(&format!("`{name}`"))) {
                problems
                    .push(format!("{RUNBOOK}: below \"{heading}\" a row for `{name}` is missing"));
            }
        }
    }
    none(&problems);
}

fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let start = text.find(heading).unwrap_or_else(|| panic!("{RUNBOOK} has no \"{heading}\""));
    let rest = &text[start + heading.len()..];
    &rest[..rest.find("\n## ").unwrap_or(rest.len())]
}

/// Names of a clap enum's commands and of all `long` flags in a source.
fn command_line(
    files: &[impl AsRef<str>],
) -> (BTreeSet<String>, BTreeSet<String>, BTreeSet<String>) {
    let (mut commands, mut flags, mut variables) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for file in files {
        let text = read(file.as_ref());
        if let Some(at) = text.find("enum Command {") {
            let body = &text[at..];
            for line in body[..body.find("\n}").unwrap()].lines().skip(1) {
                let name: String =
                    line.trim().chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
                let of_the_enum = line.len() - line.trim_start().len() == 4;
                if of_the_enum && name.starts_with(|c: char| c.is_ascii_uppercase()) {
                    commands.insert(kebab(&name));
                }
            }
        }
        let mut long = false;
        for line in text.lines().map(str::trim) {
            long |= line == "long," || line.starts_with("#[arg(long") || line.contains("(long,");
            let field = line.trim_start_matches("pub ").split(':').next().unwrap();
            let is_field = line.ends_with(',')
                && line.contains(": ")
                && field.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit());
            if long && is_field {
                flags.insert(field.replace('_', "-"));
                long = false;
            }
        }
        variables.extend(
            tokens(&text, "NEBULALINKS_", |c| c.is_ascii_uppercase() || c == '_')
                .map(str::to_owned),
        );
    }
    flags.extend(["help", "version"].map(str::to_owned));
    (commands, flags, variables)
}

const CONTROLLER: [&str; 17] = [
    "src/cli/lists/mod.rs",
    "src/cli/revenue.rs",
    "src/cli/get.rs",
    "src/cli/describe.rs",
    "src/cli/show.rs",
    "src/cli/man.rs",
    "src/cli/staff.rs",
    "src/cli/mod.rs",
    "src/cli/backup.rs",
    "src/cli/restore.rs",
    "src/cli/transfer.rs",
    "src/cli/keygen.rs",
    "src/cli/keys.rs",
    "src/cli/check.rs",
    "src/config.rs",
    "src/telemetry.rs",
    "src/panel/keyring.rs",
];

#[test]
fn commands_flags_and_variables_in_the_docs_exist() {
    let (ours, our_flags, mut variables) = command_line(&CONTROLLER);
    let (gateways, gateway_flags, more) =
        command_line(&with_ending(&["gateway/src/cli"], &[".rs"]));
    variables.extend(more);
    assert!(ours.contains("keygen") && our_flags.contains("state"), "{ours:?} {our_flags:?}");
    assert!(gateways.contains("check") && gateway_flags.contains("panel-url"), "{gateway_flags:?}");
    let recipes: BTreeSet<String> = read("justfile")
        .lines()
        .filter(|l| !l.starts_with([' ', '#']) && l.contains(':') && !l.contains(":="))
        .map(|l| l.split([' ', ':']).next().unwrap().to_owned())
        .collect();
    let mut files = pages();
    files.extend(with_ending(
        &["deploy", "dashboards"],
        &[".service", ".conf", ".yaml", ".example"],
    ));
    // What the program itself tells people to type.
    files.extend(with_ending(&["core/src", "src", "gateway/src"], &[".rs"]));
    let mut problems = Vec::new();
    for file in &files {
        let text = read(file);
        for words in commands(&text, file.ends_with(".rs") || file.ends_with(".md")) {
            let (known, flags) = match words[0] {
                "nebulalinks" => (&ours, &our_flags),
                "nebulalinks-gateway" => (&gateways, &gateway_flags),
                "just" => (&recipes, &our_flags),
                _ => continue,
            };
            if let Some(command) = words.get(1).filter(|w| !w.starts_with(['-', '…', '<']))
                && !known.contains(*command)
            {
                problems.push(format!("{file}: `{} {command}` is no command", words[0]));
            }
            for flag in words.iter().filter_map(|w| w.strip_prefix("--")) {
                let flag = flag.split('=').next().unwrap();
                if words[0] != "just" && !flag.is_empty() && !flags.contains(flag) {
                    problems.push(format!("{file}: `{}` has no flag --{flag}", words[0]));
                }
            }
        }
        if !file.ends_with(".rs") {
            let named = tokens(&text, "NEBULALINKS_", |c| c.is_ascii_uppercase() || c == '_');
            for name in named
                .filter(|n| !n.starts_with("NEBULALINKS_KEYS_") || *n == "NEBULALINKS_KEYS_DIR")
            {
                if !variables.contains(name) {
                    problems.push(format!("{file}: nothing reads {name}"));
                }
            }
        }
    }
    none(&problems);
}

#[test]
fn cargo_commands_in_the_docs_name_real_packages() {
    let packages: BTreeSet<String> = MANIFESTS
        .iter()
        .map(|m| read(m))
        .map(|t| quoted(&t[t.find("\n[package]").map_or(0, |n| n)..]).next().unwrap().to_owned())
        .collect();
    let mut problems = Vec::new();
    for page in pages() {
        let text = read(&page);
        for words in commands(&text, true).filter(|w| w[0] == "cargo") {
            for pair in words.windows(2).filter(|p| p[0] == "-p" || p[0] == "--bin") {
                if !packages.contains(pair[1]) {
                    problems.push(format!("{page}: there is no package {}", pair[1]));
                }
            }
        }
    }
    none(&problems);
}

#[test]
fn the_invitation_asks_for_the_permissions_that_the_readme_lists() {
    let text = read("README.md");
    let mut sum = 0_u64;
    for line in text.lines().filter(|l| l.starts_with("| `") && l.contains("| 2^")) {
        let bit = line.split("2^").nth(1).unwrap();
        sum += 1
            << bit
                .chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
                .parse::<u64>()
                .unwrap();
    }
    assert!(sum > 0, "README.md lists no permissions");
    assert!(
        text.contains(&format!("permissions={sum}")),
        "the invitation must say permissions={sum}"
    );
}

#[test]
fn the_dashboard_is_json_with_a_title_and_a_query_on_every_panel() {
    let text = read("dashboards/nebulalinks.json");
    let board: serde_json::Value = serde_json::from_str(&text).unwrap();
    let panels = board["panels"].as_array().unwrap();
    assert!(panels.len() > 6);
    for panel in panels.iter().filter(|p| p["type"] != "row") {
        assert!(panel["title"].as_str().is_some_and(|t| !t.is_empty()), "{panel}");
        let targets = panel["targets"].as_array().unwrap();
        assert!(
            targets.iter().all(|t| t["expr"].as_str().is_some_and(|e| !e.is_empty())),
            "{panel}"
        );
    }
}

/// Seconds of a rule's `for`, as far as rules here have them.
fn waits(rule: &str) -> u64 {
    let Some(wait) = rule.lines().find_map(|line| line.trim().strip_prefix("for: ")) else {
        return 0;
    };
    let (count, unit) = wait.split_at(wait.len() - 1);
    count.parse::<u64>().unwrap() * if unit == "h" { 3_600 } else { 60 }
}

#[test]
fn the_channel_tells_after_as_long_as_prometheus_does() {
    let rules = read(ALERTS);
    let rules: BTreeMap<&str, &str> = rules
        .split("- alert: ")
        .skip(1)
        .map(|rule| rule.split_once('\n').expect("a name and more"))
        .collect();
    for kind in AlertKind::ALL {
        let rule = rules[kind.name()];
        // What it measures may be an age already.
        let age = rule.split_once("_seconds > ").and_then(|(_, rest)| rest.lines().next());
        let seconds = waits(rule) + age.map_or(0, |age| age.trim().parse().unwrap());
        assert_eq!(kind.after().0, seconds * 1_000, "{}: {rule}", kind.name());
    }
}
