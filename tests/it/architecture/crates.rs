//! What a crate of ours is built with, as cargo resolves it: the walls that stand between crates.

use super::source::root;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// What a crate of ours is built without, however many steps away.
struct Wall {
    of: &'static str,
    /// Whether its tests and benches stand behind the wall too.
    tests_too: bool,
    never: &'static [&'static str],
    why: &'static str,
}

const WALLS: &[Wall] = &[
    Wall {
        of: "nebulalinks-gateway",
        tests_too: true,
        never: &["nebulalinks", "nebulalinks-core", "sled", "serenity", "twilight-model"],
        why: "a VPN host gets the gateway and the protocol; who works on it builds no more either",
    },
    Wall {
        of: "nebulalinks-core",
        tests_too: false,
        never: &[
            "tokio",
            "tokio-util",
            "futures",
            "futures-util",
            "async-trait",
            "tracing",
            "reqwest",
            "hyper",
            "axum",
            "serenity",
            "sled",
            "notify",
            "rustix",
            "backoff",
        ],
        why: "ring 0 decides on values: no runtime, no log, no I/O",
    },
];

/// Models of other systems: none of them depends on a crate of the workspace, tests included.
const MODELS: [&str; 2] = ["nebulalinks-model-discord", "nebulalinks-model-panel"];

/// What depends on what, as this machine builds it.
struct Graph {
    names: BTreeMap<String, String>,
    members: BTreeSet<String>,
    /// From a package to a package; whether only tests and benches of the first want it.
    edges: BTreeMap<String, Vec<(String, bool)>>,
}

impl Graph {
    fn read() -> Self {
        let cargo = |args: &[&str]| {
            let output = Command::new(env!("CARGO")).args(args).current_dir(root()).output();
            let output = output.unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        // Without a platform cargo wants the crates of all platforms, which nobody has fetched.
        let version = cargo(&["-vV"]);
        let host = version.lines().find_map(|l| l.strip_prefix("host: ")).unwrap();
        let form = ["metadata", "--format-version", "1", "--locked", "--offline"];
        let text = cargo(&[&form[..], &["--filter-platform", host]].concat());
        Self::of(&serde_json::from_str(&text).unwrap())
    }

    fn of(metadata: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let list = |value: &Value| value.as_array().unwrap().clone();
        let packages = list(&metadata["packages"]);
        let names = packages.iter().map(|p| (text(&p["id"]), text(&p["name"]))).collect();
        let members = list(&metadata["workspace_members"]).iter().map(text).collect();
        let only_dev = |dep: &Value| list(&dep["dep_kinds"]).iter().all(|k| k["kind"] == "dev");
        let edges = list(&metadata["resolve"]["nodes"])
            .iter()
            .map(|node| {
                let to = list(&node["deps"]);
                let to = to.iter().map(|dep| (text(&dep["pkg"]), only_dev(dep))).collect();
                (text(&node["id"]), to)
            })
            .collect();
        Self { names, members, edges }
    }

    fn member(&self, name: &str) -> &str {
        let found = self.members.iter().find(|id| self.names[*id] == name);
        found.unwrap_or_else(|| panic!("no crate of the workspace is called {name}"))
    }

    /// Everything that is built for a crate, and for its tests if asked, each with the way there.
    fn built_for(&self, name: &str, tests_too: bool) -> BTreeMap<String, String> {
        let start = self.member(name).to_owned();
        let mut ways = BTreeMap::new();
        let mut open = vec![(start, name.to_owned())];
        while let Some((id, way)) = open.pop() {
            let own = way == name;
            for (to, only_dev) in &self.edges[&id] {
                let called = &self.names[to];
                // Tests of a dependency are not built.
                if (own && tests_too || !only_dev) && !ways.contains_key(called) {
                    let way = format!("{way} → {called}");
                    ways.insert(called.clone(), way.clone());
                    open.push((to.clone(), way));
                }
            }
        }
        ways
    }
}

#[test]
fn a_crate_is_built_without_what_its_wall_keeps_out() {
    let graph = Graph::read();
    let mut problems = Vec::new();
    for wall in WALLS {
        let built = graph.built_for(wall.of, wall.tests_too);
        for way in wall.never.iter().filter_map(|name| built.get(*name)) {
            problems.push(format!("{way}: {}", wall.why));
        }
    }
    super::none(&problems);
}

#[test]
fn a_model_of_another_system_depends_on_nothing_of_ours() {
    let graph = Graph::read();
    let mut problems = Vec::new();
    for model in MODELS {
        let built = graph.built_for(model, true);
        for ours in graph.members.iter().map(|id| &graph.names[id]) {
            if let Some(way) = built.get(ours) {
                problems.push(format!(
                    "{way}: what a model shares with us it cannot check; give it a type of its own"
                ));
            }
        }
    }
    super::none(&problems);
}

/// What is wrong when a file of a target that cargo does not test holds a test, or an example that
/// rustdoc would run.
fn left_out(path: &str, text: &str, tests: bool, examples: bool) -> Vec<String> {
    let mut problems = Vec::new();
    let mut inside = false;
    for (n, line) in text.lines().enumerate() {
        let (line, at) = (line.trim(), n + 1);
        if tests && line.starts_with("#[") && (line == "#[test]" || line.contains("::test")) {
            problems.push(format!(
                "{path}:{at}: a test that is never run: its target says `test = false`"
            ));
        }
        let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
        let Some(fence) = doc.and_then(|doc| doc.trim().strip_prefix("```")) else { continue };
        inside = !inside;
        if examples && inside && matches!(fence, "" | "rust" | "should_panic" | "no_run") {
            problems.push(format!(
                "{path}:{at}: an example that is never run: its target says `doctest = false`"
            ));
        }
    }
    problems
}

#[test]
fn what_cargo_does_not_test_holds_no_test() {
    let mut problems = Vec::new();
    for manifest in super::MANIFESTS {
        let folder = manifest.trim_end_matches("Cargo.toml");
        let text = super::read(manifest);
        for target in text.split("\n[").filter(|t| t.starts_with("lib]") || t.starts_with("[bin]"))
        {
            let says = |wanted: &str| target.lines().any(|line| line == wanted);
            let (tests, examples) = (says("test = false"), says("doctest = false"));
            let sources = super::source::files_below(&format!("{folder}src"));
            let main = |path: &String| path.ends_with("src/main.rs") == target.starts_with("[bin]");
            for path in sources.iter().filter(|path| path.ends_with(".rs") && main(path)) {
                problems.extend(left_out(path, &super::read(path), tests, examples));
            }
        }
    }
    super::none(&problems);
}

#[test]
fn a_test_or_an_example_that_is_never_run_is_found() {
    let text = "/// ```\n/// f();\n/// ```\n#[test]\nfn f() {}\n    #[tokio::test]\n/// ```text\n/// ```\n";
    let found = left_out("x.rs", text, true, true);
    let lines: Vec<&str> = found.iter().filter_map(|p| p.split(':').nth(1)).collect();
    assert_eq!(lines, ["1", "4", "6"]);
    assert!(left_out("x.rs", text, false, false).is_empty());
}
