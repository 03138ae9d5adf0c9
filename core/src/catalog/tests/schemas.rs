//! The generated schemas: current, complete, and true of the shipped files.

use super::super::*;
use super::{text, with_promos};
use serde_json::Value;
use std::collections::BTreeSet;

/// Regenerate with `UPDATE_SCHEMAS=1 cargo test -p nebulalinks --lib schemas`.
#[test]
fn the_schemas_in_the_repository_are_the_generated_ones() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../desired/schema");
    for file in DesiredFile::ALL {
        let path = folder.join(file.name().replace(".yaml", ".json"));
        let generated = serde_json::to_string_pretty(&schema(file)).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(&path, &generated).unwrap();
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(stored, generated, "{} is out of date", path.display());
    }
}

#[test]
fn the_schemas_name_the_keys_that_the_reader_knows() {
    let keys = |value: &Value| -> BTreeSet<String> {
        value["properties"].as_object().unwrap().keys().cloned().collect()
    };
    let known = |keys: &[&str]| keys.iter().map(|k| (*k).to_owned()).collect::<BTreeSet<_>>();
    let plan = &schema(DesiredFile::Plans)["properties"]["plans"]["items"];
    assert_eq!(keys(plan), known(plans::KEYS));
    assert_eq!(keys(&plan["properties"]["servers"]), known(plans::SELECTOR_KEYS));
    let server = &schema(DesiredFile::Servers)["properties"]["servers"]["items"];
    assert_eq!(keys(server), known(servers::KEYS));
    let cut = &server["properties"]["cut_open_sessions"];
    assert_eq!(keys(cut), known(servers::CUT_KEYS));
    let method = &schema(DesiredFile::Payments)["properties"]["methods"]["items"];
    assert_eq!(keys(method), known(payments::KEYS));
    let code = &schema(DesiredFile::Promos)["properties"]["codes"]["items"];
    assert_eq!(keys(code), known(promos::KEYS));
    assert_eq!(keys(&code["properties"]["gives"]), known(promos::GIVES_KEYS));
    assert_eq!(keys(&code["properties"]["plans"]), known(promos::PLANS_KEYS));
    let the_shop = &schema(DesiredFile::Shop)["properties"]["shop"];
    assert_eq!(keys(the_shop), known(shop::KEYS));
    assert_eq!(keys(&the_shop["properties"]["faq"]["items"]), known(faq::KEYS));
    let discord = &the_shop["properties"]["discord"];
    assert_eq!(keys(&discord["properties"]["ping"]), known(roles::PING_KEYS));
    for (part, expected) in [
        ("discord", shop::DISCORD_KEYS),
        ("orders", orders::KEYS),
        ("limits", limits::KEYS),
        ("referral", referral::KEYS),
        ("retention", shop::RETENTION_KEYS),
        ("guard", shop::GUARD_KEYS),
        ("subscription", subscription::KEYS),
    ] {
        assert_eq!(keys(&the_shop["properties"][part]), known(expected));
    }
}

/// Every key below a schema, by its path.
fn keys_below(path: &str, schema: &Value, found: &mut Vec<(String, Value)>) {
    for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{key}");
        found.push((path.clone(), schema.clone()));
        keys_below(&path, schema, found);
    }
    if let Some(items) = schema.get("items") {
        keys_below(path, items, found);
    }
}

#[test]
fn every_key_says_what_it_means_and_shows_how_it_may_look() {
    for file in DesiredFile::ALL {
        let mut keys = Vec::new();
        for content in schema(file)["properties"].as_object().unwrap().values() {
            keys_below(file.name(), content, &mut keys);
        }
        assert!(keys.len() > 8, "{file:?}: {}", keys.len());
        for (path, key) in keys {
            assert!(key["description"].as_str().is_some_and(|text| text.len() > 5), "{path}");
            let examples = key["examples"].as_array().unwrap_or_else(|| panic!("{path}"));
            for example in examples {
                // Of an object it shows a part: what it requires is not all there.
                let mut whole = key.clone();
                whole.as_object_mut().unwrap().remove("required");
                let validator = jsonschema::validator_for(&whole).unwrap();
                assert!(validator.is_valid(example), "{path}: {example}");
            }
        }
    }
}

#[test]
fn the_shipped_files_satisfy_the_schemas() {
    for file in DesiredFile::ALL {
        let text = text(&with_promos(), file);
        let stem = file.name().trim_end_matches(".yaml");
        let first = format!("# yaml-language-server: $schema=schema/{stem}.json");
        assert_eq!(text.lines().next(), Some(first.as_str()));
        let value: Value = serde_yaml::from_str(&text).unwrap();
        let validator = jsonschema::validator_for(&schema(file)).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{file:?} {errors:?}");
    }
}
