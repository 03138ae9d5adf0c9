//! The design's table "who may use whom", and the house rules that a compiler does not hold.

#[path = "architecture/crates.rs"]
mod crates;
#[path = "architecture/cycles.rs"]
mod cycles;
#[path = "architecture/settings.rs"]
mod settings;
#[path = "architecture/source.rs"]
pub(crate) mod source;
#[path = "architecture/table.rs"]
mod table;
#[path = "architecture/words.rs"]
mod words;

use source::{Source, crate_sources, read};
use std::collections::{BTreeMap, BTreeSet};
use table::{
    ANY, CRATES, IMPURE, MODULE_EXCEPTIONS, MODULES, NAMES_A_FRONT, PANICKING_FILES,
    PROTOCOL_DEPENDENCIES,
};

const TABLE: &str = "tests/it/architecture/table.rs";

/// Fails with every problem at once.
fn none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

fn production(folder: &str) -> Vec<Source> {
    crate_sources(folder).into_iter().filter(|s| !s.test_only).collect()
}

/// The folders with sources of our crates.
const CRATE_FOLDERS: [&str; 7] = [
    "core/src",
    "src",
    "gateway/src",
    "gateway/protocol/src",
    "models/discord/src",
    "models/panel/src",
    "sandbox/src",
];

/// The controller: ring 0, which is a crate of its own, and the rest.
fn controller() -> Vec<Source> {
    [production("core/src"), production("src")].into_iter().flatten().collect()
}

fn top(source: &Source) -> &str {
    source.module.first().map_or("", String::as_str)
}

#[test]
fn a_module_uses_only_what_its_row_allows() {
    let rows: BTreeMap<&str, &[&str]> = MODULES.iter().copied().collect();
    let mut problems = Vec::new();
    for source in controller() {
        let from = top(&source);
        let Some(allowed) = rows.get(from) else {
            problems.push(format!(
                "{}: `{from}` has no row. Give it one in {TABLE}: its ring, and what it may use",
                source.path
            ));
            continue;
        };
        for (to, line) in source.top_modules("nebulalinks") {
            let excepted =
                MODULE_EXCEPTIONS.iter().any(|(path, m, _)| *path == source.path && *m == to);
            let fine = to == from
                || *allowed == ANY
                || allowed.contains(&to.as_str())
                || !rows.contains_key(to.as_str())
                || excepted;
            if !fine {
                problems.push(format!(
                    "{}:{line}: `{from}` may not use `{to}`. Take what is needed as an argument or \
                     through a port, or move it down to `model`; the table is {TABLE}",
                    source.path
                ));
            }
        }
    }
    none(&problems);
}

#[test]
fn an_exception_is_dropped_when_nothing_needs_it() {
    let sources = controller();
    let mut problems = Vec::new();
    for (path, module, _) in MODULE_EXCEPTIONS {
        let used = sources
            .iter()
            .filter(|s| s.path == *path)
            .any(|s| s.top_modules("nebulalinks").iter().any(|(m, _)| m == module));
        if !used {
            problems.push(format!("{path} uses `{module}` no more: take the row out of {TABLE}"));
        }
    }
    none(&problems);
}

/// What belongs to one front alone, in code.
const OF_A_FRONT: [&str; 2] = ["discord", "snowflake"];

#[test]
fn a_front_is_named_only_in_its_folder_and_where_a_row_says_why() {
    let mut problems = Vec::new();
    let mut needed = BTreeSet::new();
    for source in controller() {
        if source.path.starts_with("src/discord/") {
            continue;
        }
        let code = source.code.to_lowercase();
        let Some(at) = OF_A_FRONT.iter().filter_map(|word| code.find(word)).min() else { continue };
        if !NAMES_A_FRONT.iter().any(|(path, _)| *path == source.path) {
            let line = code[..at].matches('\n').count() + 1;
            problems.push(format!(
                "{}:{line} names a front. Ask `FrontProfile` for what it offers, or an `Identity` \
                 for who it is, or say in {TABLE} why not",
                source.path
            ));
        }
        needed.insert(source.path);
    }
    for (path, _) in NAMES_A_FRONT.iter().filter(|(path, _)| !needed.contains(*path)) {
        problems.push(format!("{path} names no front any more: take the row out of {TABLE}"));
    }
    none(&problems);
}

#[test]
fn a_crate_is_named_only_where_its_row_allows() {
    let mut problems = Vec::new();
    for source in controller() {
        let inside = source.path.trim_start_matches("core/").strip_prefix("src/").unwrap();
        for (name, places) in CRATES {
            if places.iter().any(|place| inside.starts_with(place)) {
                continue;
            }
            if let Some(line) = source.names_crate(name) {
                problems.push(format!(
                    "{}:{line}: `{name}` belongs to {}. Keep it behind that module's own types; \
                     the table is {TABLE}",
                    source.path,
                    places.join(", "),
                ));
            }
        }
    }
    none(&problems);
}

#[test]
fn every_dependency_has_a_row_and_a_use() {
    let listed: BTreeSet<&str> = CRATES.iter().map(|(name, _)| *name).collect();
    let mut depended = dependencies("Cargo.toml");
    depended.extend(dependencies("core/Cargo.toml"));
    depended.retain(|name| name != "nebulalinks_core");
    let sources = controller();
    let mut problems = Vec::new();
    for name in &depended {
        if !listed.contains(name.as_str()) {
            problems
                .push(format!("Cargo.toml: `{name}` has no row. Say in {TABLE} who may name it"));
        } else if sources.iter().all(|s| s.names_crate(name).is_none()) {
            problems.push(format!("Cargo.toml: nothing names `{name}`: take it out"));
        }
    }
    for name in listed.iter().filter(|n| !depended.contains(**n)) {
        problems.push(format!("{TABLE}: `{name}` is no dependency any more: take its row out"));
    }
    none(&problems);
}

#[test]
fn the_pure_modules_touch_nothing_outside() {
    let mut problems = Vec::new();
    for source in production("core/src") {
        for piece in IMPURE {
            if let Some(line) = source.has(piece) {
                problems.push(format!(
                    "{}:{line}: `{piece}` in a pure module. Take the value as an argument; effects \
                     belong to an adapter behind a port",
                    source.path
                ));
            }
        }
    }
    none(&problems);
}

#[test]
fn the_protocol_is_pure_and_depends_on_little() {
    let mut problems = Vec::new();
    for name in dependencies("gateway/protocol/Cargo.toml") {
        if !PROTOCOL_DEPENDENCIES.contains(&name.as_str()) {
            problems.push(format!(
                "gateway/protocol/Cargo.toml: `{name}`: both sides of the wire carry what this \
                 crate depends on; keep it to values and hashes, or say so in {TABLE}"
            ));
        }
    }
    for source in production("gateway/protocol/src") {
        for piece in IMPURE.iter().chain(&["tokio"]) {
            if let Some(line) = source.has(piece) {
                problems.push(format!(
                    "{}:{line}: `{piece}` in the protocol: the time and the nonce are arguments",
                    source.path
                ));
            }
        }
    }
    none(&problems);
}

#[test]
fn a_gateway_carries_nothing_of_the_controller() {
    let mut problems = Vec::new();
    for manifest in ["gateway/Cargo.toml", "gateway/protocol/Cargo.toml"] {
        for name in dependencies(manifest) {
            if ["nebulalinks", "nebulalinks_sandbox", "sled", "serenity"].contains(&name.as_str()) {
                problems.push(format!(
                    "{manifest}: `{name}`: a VPN host gets the gateway and the protocol, no more. \
                     What both sides need belongs into gateway/protocol"
                ));
            }
        }
    }
    for name in dependencies("Cargo.toml") {
        if name == "nebulalinks_gateway"
            || name == "nebulalinks_simulation"
            || name == "nebulalinks_testkit"
            || name.starts_with("nebulalinks_model_")
        {
            problems.push(format!("Cargo.toml: `{name}` is for tests only: [dev-dependencies]"));
        }
    }
    none(&problems);
}

#[test]
fn only_the_executor_changes_a_panel() {
    let mut problems = Vec::new();
    for source in controller().iter().filter(|s| s.path != "src/controller/executor.rs") {
        let tight: String = source.code.split_whitespace().collect();
        for call in ["panels.put(", "panels.delete("] {
            if tight.contains(call) {
                problems.push(format!(
                    "{}: `{call}…)`: only src/controller/executor.rs writes to a panel, and only \
                     what planner::guard let pass",
                    source.path
                ));
            }
        }
        if source.path != "core/src/planner/guard.rs" && tight.contains("GuardedChangeSet{") {
            problems.push(format!(
                "{}: only core/src/planner/guard.rs builds a GuardedChangeSet",
                source.path
            ));
        }
    }
    none(&problems);
}

#[test]
fn nothing_panics_outside_tests() {
    // `println!` panics when whoever reads has stopped reading, as `| head` does.
    const PANICS: [&str; 8] = [
        ".unwrap()",
        ".expect(\"",
        "panic!(",
        "todo!(",
        "unimplemented!(",
        "dbg!(",
        "println!(",
        " print!(",
    ];
    const LINTS: [&str; 7] = [
        "unwrap_used",
        "expect_used",
        "panic",
        "todo",
        "unimplemented",
        "indexing_slicing",
        "disallowed_types",
    ];
    let mut problems = Vec::new();
    let workspace = read("Cargo.toml");
    for lint in LINTS {
        if !workspace.contains(&format!("\n{lint} = \"deny\"")) {
            problems.push(format!("Cargo.toml: [workspace.lints.clippy] must deny `{lint}`"));
        }
    }
    for manifest in MANIFESTS {
        if !read(manifest).contains("[lints]\nworkspace = true") {
            problems.push(format!("{manifest}: [lints] workspace = true is missing"));
        }
    }
    for source in CRATE_FOLDERS.iter().flat_map(|f| production(f)) {
        if PANICKING_FILES.iter().any(|(path, _)| *path == source.path) {
            continue;
        }
        for piece in PANICS {
            if let Some(line) = source.has(piece) {
                problems.push(format!(
                    "{}:{line}: `{piece}` outside tests: return an error, or a value that needs no \
                     unwrapping; print with `cli/out.rs`",
                    source.path
                ));
            }
        }
        for lint in LINTS {
            if let Some(line) = source.has(&format!("clippy::{lint}")) {
                problems.push(format!(
                    "{}:{line}: clippy::{lint} is not switched off outside tests",
                    source.path
                ));
            }
        }
    }
    none(&problems);
}

#[test]
fn tests_run_the_code_that_production_runs() {
    let mut problems = Vec::new();
    for source in CRATE_FOLDERS.iter().flat_map(|f| production(f)) {
        for line in &source.test_switches {
            problems.push(format!(
                "{}:{line}: a cfg about tests that is more than #[cfg(test)] on an item: pass the \
                 difference in (a clock, a hook, a port) instead",
                source.path
            ));
        }
    }
    none(&problems);
}

#[test]
fn files_are_small() {
    let mut problems = Vec::new();
    for folder in CRATE_FOLDERS.into_iter().chain(["simulation/src", "testkit/src"]) {
        let sources = production(folder);
        let mut lines: Vec<usize> = sources.iter().map(|s| s.lines).collect();
        lines.sort_unstable();
        let median = lines[lines.len() / 2];
        println!(
            "{folder}: {} files, median {median} lines, longest {}",
            lines.len(),
            lines[lines.len() - 1]
        );
        if median > 170 {
            problems
                .push(format!("{folder}: the median is {median} lines; aim at 150, at most 170"));
        }
        for source in sources.iter().filter(|s| s.lines > 500) {
            problems.push(format!("{}: {} lines. Split it by concept", source.path, source.lines));
        }
    }
    none(&problems);
}

pub(crate) const MANIFESTS: [&str; 9] = [
    "Cargo.toml",
    "core/Cargo.toml",
    "gateway/Cargo.toml",
    "gateway/protocol/Cargo.toml",
    "models/discord/Cargo.toml",
    "models/panel/Cargo.toml",
    "sandbox/Cargo.toml",
    "simulation/Cargo.toml",
    "testkit/Cargo.toml",
];

/// The names below `[dependencies]`, as code says them.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let text = read(manifest);
    let (_, rest) = text.split_once("\n[dependencies]\n").expect("[dependencies]");
    rest.lines()
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .map(|name| name.replace('-', "_"))
        .collect()
}
