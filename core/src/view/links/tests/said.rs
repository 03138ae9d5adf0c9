//! Inbounds with hardly a setting at its default: external proxies, share addresses, all that a
//! link says. What the panels' own exporters write of them is in our links, in all four versions.

use super::*;
use std::collections::BTreeMap;

const HEAD: &str = include_str!("../../../../../tests/fixtures/3x-ui/links-set-gen3-head.json");
const V3_4_2: &str = include_str!("../../../../../tests/fixtures/3x-ui/links-set-gen3-v3.4.2.json");
const V2_9_4: &str = include_str!("../../../../../tests/fixtures/3x-ui/links-set-gen2-v2.9.4.json");
const V2_6_5: &str = include_str!("../../../../../tests/fixtures/3x-ui/links-set-gen2-v2.6.5.json");

/// What a link says, name by name; what lies in `extra` under names of its own.
fn said(link: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    if link.starts_with("vmess://") {
        let object = vmess_meaning(link);
        all.extend(object.as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.to_string())));
        return all;
    }
    let (head, query) = meaning(&in_words_of_the_head(link));
    all.insert("to".to_owned(), head);
    for (key, value) in query {
        match (key.as_str(), serde_json::from_str::<Value>(&value)) {
            ("extra", Ok(Value::Object(extra))) => {
                all.extend(extra.into_iter().map(|(k, v)| (format!("extra.{k}"), v.to_string())));
            }
            _ => drop(all.insert(key, value)),
        }
    }
    all
}

/// What panels say and we do not, and why.
fn is_noise(key: &str, value: &str, theirs: &BTreeMap<String, String>) -> bool {
    let is = |key: &str, value: &str| theirs.get(key).is_some_and(|v| v == value);
    match key {
        // An empty parameter is none, in a query and in an object.
        _ if value.is_empty() || value == "\"\"" => true,
        // No app asks a connection without TLS whose certificate it has.
        "vcn" => is("security", "none") || is("tls", "\"none\""),
        // Apps for Hysteria refuse it: later versions of the panel leave it out, too.
        "fm" => theirs["to"].starts_with("hysteria"),
        // Shadowsocks without a layer of security names none.
        "security" => value == "none" && theirs["to"].starts_with("ss:"),
        _ => false,
    }
}

/// What we say and the head does not, and why.
fn is_ours_alone(key: &str, theirs: &BTreeMap<String, String>) -> bool {
    match key {
        // The head took the setting out of its pages; where a panel still tells it, apps need it.
        "allowInsecure" => true,
        // Beside the plugin: apps on Xray read it.
        "type" | "headerType" | "path" | "host" => theirs.contains_key("plugin"),
        _ => false,
    }
}

#[test]
fn each_parameter_of_the_panels_own_links_is_in_ours() {
    let mut compared = BTreeMap::new();
    for (version, text) in [("head", HEAD), ("3.4.2", V3_4_2), ("2.9.4", V2_9_4), ("2.6.5", V2_6_5)]
    {
        let recording: Value = serde_json::from_str(text).unwrap();
        for pair in recording["pairs"].as_array().unwrap() {
            let name = format!("{version} {}", pair["name"].as_str().unwrap());
            let inbound = facts(&pair["inbound"]);
            let client = credentials(&pair["client"], &inbound);
            let flow = !pair["client"]["flow"].as_str().unwrap().is_empty();
            let host = pair["host"].as_str().unwrap();
            let ours = links_of(&inbound, &client, flow, host, "My server");
            let theirs = pair["links"].as_array().unwrap();
            assert_eq!(ours.len(), theirs.len(), "{name} {ours:?}");
            for (ours, theirs) in ours.iter().zip(theirs) {
                let (ours, theirs) = (said(ours), said(theirs.as_str().unwrap()));
                for (key, value) in &theirs {
                    let there = ours.get(key) == Some(value) || is_noise(key, value, &theirs);
                    assert!(there, "{name}: {key}={value} is not in {ours:#?}");
                }
                for key in ours.keys().filter(|_| version == "head") {
                    let known = theirs.contains_key(key) || is_ours_alone(key, &theirs);
                    assert!(known, "{name}: {key} is not in {theirs:#?}");
                }
                *compared.entry(version).or_insert(0) += 1;
            }
        }
    }
    let counts: Vec<_> = compared.into_iter().collect();
    assert_eq!(counts, [("2.6.5", 33), ("2.9.4", 40), ("3.4.2", 48), ("head", 48)]);
}
