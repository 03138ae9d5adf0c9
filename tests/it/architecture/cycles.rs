//! Which file of a crate uses which. A use leads from the file that names a path to the file where the
//! path's item stands, through `pub use`; that a module declares its children is no use.

use super::none;
use super::source::{Source, crate_sources, is_word, preceded_by_path, words};
use std::collections::{BTreeMap, BTreeSet};

type Module = Vec<String>;

/// Crates in which no file may use one that uses it, directly or through others.
const WITHOUT_CYCLES: [&str; 9] = [
    "core/src",
    "src",
    "gateway/src",
    "gateway/protocol/src",
    "models/discord/src",
    "models/panel/src",
    "sandbox/src",
    "simulation/src",
    "testkit/src",
];

/// Files that count as one, each group with the reason why.
const ONE_PIECE: [(&[&str], &str); 2] = [
    (
        &["model::snapshot", "model::indexes", "model::claims", "model::entitlement"],
        "a snapshot carries the indexes that are folded over it, and changes both in one place",
    ),
    (
        &[
            "monitors",
            "monitors::addresses",
            "monitors::adopted",
            "monitors::audited",
            "monitors::forgotten",
            "monitors::guarded",
            "monitors::keys",
            "monitors::news",
            "monitors::notices",
            "monitors::orphans",
            "monitors::places",
            "monitors::released",
            "monitors::restored",
            "monitors::served",
            "monitors::sessions",
            "monitors::strangers",
            "monitors::timed",
            "monitors::usage",
            "monitors::waits",
        ],
        "the simulation's monitors are one object, of which each file adds what one promise needs",
    ),
];

#[test]
fn no_file_uses_one_that_uses_it() {
    for folder in WITHOUT_CYCLES {
        let sources = crate_sources(folder);
        let sources: Vec<&Source> = sources.iter().filter(|source| !source.test_only).collect();
        none(&cycles(&sources));
    }
}

/// Each group of files that use each other, with the uses that tie it.
fn cycles(sources: &[&Source]) -> Vec<String> {
    let uses = Uses::of(sources);
    let modules: Vec<&Module> = uses.modules.iter().collect();
    let reach: BTreeMap<&Module, BTreeSet<&Module>> =
        modules.iter().map(|module| (*module, uses.reach(module))).collect();
    let tied = |a: &Module, b: &Module| reach[a].contains(b) && reach[b].contains(a);
    let mut problems = Vec::new();
    for from in &modules {
        for to in uses.of.get(*from).into_iter().flatten().filter(|to| tied(from, to)) {
            let (from, to) = (from.join("::"), to.join("::"));
            problems.push(format!("`{from}` uses `{to}`, which leads back to it"));
        }
    }
    problems
}

/// What stands for a file: itself, or the first of its [`ONE_PIECE`].
fn piece(module: &Module) -> Module {
    let name = module.join("::");
    let group = ONE_PIECE.iter().find(|(files, _)| files.contains(&name.as_str()));
    let first = group.map_or(name.as_str(), |(files, _)| files[0]);
    first.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The use-graph of a crate.
struct Uses {
    modules: BTreeSet<Module>,
    /// Where an item of a module really stands: its module, and what is left of the path there.
    reexports: BTreeMap<(Module, String), (Module, Vec<String>)>,
    of: BTreeMap<Module, BTreeSet<Module>>,
}

impl Uses {
    fn of(sources: &[&Source]) -> Self {
        let modules = sources.iter().map(|source| source.module.clone()).collect();
        let mut uses = Self { modules, reexports: BTreeMap::new(), of: BTreeMap::new() };
        let paths: Vec<_> = sources.iter().map(|source| (source, paths(&source.code))).collect();
        for (source, paths) in &paths {
            for path in paths.iter().filter(|path| path.reexported) {
                let name = path.names.last().cloned().unwrap_or_default();
                if let Some(target) = uses.resolve(&source.module, &path.names) {
                    uses.reexports.insert((source.module.clone(), name), target);
                }
            }
        }
        for (source, paths) in &paths {
            for path in paths.iter().filter(|path| !path.reexported) {
                let Some((mut module, mut rest)) = uses.resolve(&source.module, &path.names) else {
                    continue;
                };
                while let Some(name) = rest.first()
                    && let Some((real, left)) = uses.reexports.get(&(module.clone(), name.clone()))
                {
                    (module, rest) = (real.clone(), left.clone());
                }
                let (from, to) = (piece(&source.module), piece(&module));
                if from != to {
                    uses.of.entry(from).or_default().insert(to);
                }
            }
        }
        uses
    }

    /// The module that a path leads to, and what it names there.
    fn resolve(&self, from: &Module, path: &[String]) -> Option<(Module, Vec<String>)> {
        let mut at = from.clone();
        let mut names = path.iter().peekable();
        match path.first()?.as_str() {
            "crate" => {
                at.clear();
                names.next();
            }
            "self" => drop(names.next()),
            "super" => {}
            child => {
                at.push(child.to_owned());
                let is_child = self.modules.contains(&at);
                at.pop();
                if !is_child {
                    return None;
                }
            }
        }
        while names.next_if(|name| *name == "super").is_some() {
            at.pop();
        }
        let mut rest: Vec<String> = names.cloned().collect();
        while let Some(name) = rest.first() {
            at.push(name.clone());
            if !self.modules.contains(&at) {
                at.pop();
                break;
            }
            rest.remove(0);
        }
        self.modules.contains(&at).then_some((at, rest))
    }

    /// All that a module uses, directly and through others.
    fn reach<'a>(&'a self, from: &'a Module) -> BTreeSet<&'a Module> {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(module) = open.pop() {
            let used = self.of.get(module).into_iter().flatten();
            open.extend(used.filter(|used| seen.insert(*used)));
        }
        seen
    }
}

/// A path as code names it.
struct Path {
    names: Vec<String>,
    reexported: bool,
}

/// All paths that may lead to a module of the crate.
fn paths(code: &str) -> Vec<Path> {
    let mut found = Vec::new();
    let mut end = 0;
    for (at, word) in words(code).collect::<Vec<_>>() {
        let before = code[..at].trim_end();
        if at < end || preceded_by_path(code, at) {
            continue;
        }
        if word == "use" {
            let stop = code[at..].find(';').map_or(code.len(), |n| at + n);
            let mut trees = Vec::new();
            expand(&[], &code[at + word.len()..stop], &mut trees);
            let reexported = before.ends_with("pub") || before.ends_with(')');
            found.extend(trees.into_iter().map(|names| Path { names, reexported }));
            end = stop;
        } else if code[at + word.len()..].starts_with("::") && !before.ends_with("(in") {
            let is_path = |c: char| is_word(c) || c == ':';
            let chain: String = code[at..].chars().take_while(|c| is_path(*c)).collect();
            let names = chain.split("::").filter(|n| !n.is_empty()).map(str::to_owned).collect();
            found.push(Path { names, reexported: false });
        }
    }
    found
}

/// `a::{b, c::d as e}` as `a::b` and `a::c::d`.
fn expand(prefix: &[String], tree: &str, out: &mut Vec<Vec<String>>) {
    let tree = tree.split(" as ").next().filter(|_| !tree.contains('{')).unwrap_or(tree);
    let (path, group) = match tree.split_once('{') {
        Some((path, group)) => (path, group.trim_end().strip_suffix('}')),
        None => (tree, None),
    };
    let tight: String = path.split_whitespace().collect();
    let named = tight.split("::").filter(|name| !name.is_empty()).map(str::to_owned);
    let names: Vec<String> = prefix.iter().cloned().chain(named).collect();
    let Some(group) = group else { return out.push(names) };
    let (mut depth, mut start) = (0_usize, 0);
    for (at, c) in group.char_indices().chain([(group.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let item = group[start..at].trim();
                if item == "self" {
                    out.push(names.clone());
                } else if !item.is_empty() {
                    expand(&names, item, out);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

#[test]
fn a_cycle_is_found_through_nested_uses_and_reexports() {
    let file = |module: &str, code: &str| Source {
        path: String::new(),
        module: module.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        lines: 1,
        code: code.to_owned(),
        test_switches: Vec::new(),
        test_only: false,
    };
    let crate_with = |c: &str| {
        [
            file("", "mod a; mod b; pub use b::Shown;"),
            file("a", "mod inner; use crate::{b::{Thing, Other as O}, std::x}; fn f(x: Shown) {}"),
            file("a::inner", "pub(in crate::a) struct S; use super::super::b;"),
            file("b", c),
        ]
    };
    let found = |c: &str| cycles(&crate_with(c).iter().collect::<Vec<_>>());
    assert_eq!(found("use std::fmt; struct Thing; fn a() {}"), Vec::<String>::new());
    assert_eq!(found("fn f() { crate::a::g() }").len(), 2, "a and b");
    assert_eq!(found("use crate::a::inner::S;").len(), 2, "b and a::inner");
    assert_eq!(found("use crate::Shown;"), Vec::<String>::new(), "its own, through the root");
}
