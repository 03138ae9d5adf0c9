//! Malformed YAML: each kind with the place and the words an operator sees.

use super::super::*;
use super::{golden, lines, shipped};

/// `plans.yaml` with this text, the others as shipped.
fn plans(text: &str) -> Vec<String> {
    lines(&Files { plans: text.into(), ..shipped() })
}

#[test]
fn each_kind_of_malformed_yaml_is_refused_at_its_place() {
    let deep = format!("plans: {}{}\n", "[".repeat(200), "]".repeat(200));
    let kinds: [&str; 30] = [
        "plans:\n  - id: \"basic\n    name: x\n",
        "plans:\n\t- id: basic\n",
        "plans:\n  - id: basic\n   name: x\n",
        "plans:\n  - {id: basic, name: x\n",
        "plans:\n  - prices: [1 EGP\n    id: x\n",
        "plans:\n",
        "plans: []\n",
        "",
        "\n# nothing\n",
        "plans: [&a {id: x}]\n",
        "plans: &a\n  - *a\n",
        "plans: !!set [a]\n",
        "---\nplans: [a]\n---\nplans: [b]\n",
        &deep,
        "plans:\n  - just text\n",
        "- id: basic\n",
        "plans: [a]\nplans: [b]\n",
        "plans: [a]\u{0}\n",
        "plans:\n  - id: a\u{2028}b\n",
        "plans:\n  - id: a: b\n",
        "? [a, b]\n: x\n",
        "plans:\n\u{a0}\u{a0}- id: basic\n",
        "plans:\n  -\u{a0}id: basic\n",
        "plans:\n  - id:\u{3000}basic\n    name: x\n",
        "plans:\n  - id: basic\n\u{a0}\u{a0}\u{a0}\u{a0}name: x\n",
        "plans:\n  - id: basic\n    \tname: x\n",
        "plans:\n  - id: basic\n\t\tname: x\n",
        "plans:\n  -\tid: basic\n\tname: x\n",
        "plans: [{id: a,\n\tname: b}]\n",
        "plans:\n  - id: a\u{200b}\n",
    ];
    let mut seen = String::new();
    for text in kinds {
        let found = plans(text).join("\n");
        assert!(!found.is_empty(), "{text} was accepted");
        seen += &format!("{text:.60?}\n{found}\n\n");
    }
    golden("tests/fixtures/catalog/bad-yaml.txt", &seen);
}
