//! What is comparable in two answers, and where they differ.

use serde_json::{Value, json};

/// Moments that are not comparable.
const TIMES: &[&str] = &["createdAt", "updatedAt", "created_at", "updated_at"];
/// Figures of the host a panel runs on.
const HOST_FIGURES: &[&str] = &[
    "cpu",
    "cpuCores",
    "logicalPro",
    "cpuSpeedMhz",
    "mem",
    "swap",
    "disk",
    "diskIO",
    "diskTraffic",
    "uptime",
    "loads",
    "tcpCount",
    "udpCount",
    "netIO",
    "netTraffic",
    "publicIP",
    "appStats",
];
/// Those of them that generation 2 does not name.
const NEW_FIGURES: [&str; 2] = ["diskIO", "diskTraffic"];
/// Parts of an inbound that generation 2 gives as texts.
const PARTS: [&str; 3] = ["settings", "streamSettings", "sniffing"];
/// Clients whose password the panel generates: only its length is comparable.
const GENERATED_PASSWORDS: &[&str] = &["acc-9", "acc-11"];

/// Fails with each difference of two answers.
pub(crate) fn agree(place: &str, mut ours: Value, mut theirs: Value) {
    normalise(&mut ours);
    normalise(&mut theirs);
    let differences = differences(&ours, &theirs, "");
    assert!(differences.is_empty(), "{place}:\n{}", differences.join("\n"));
}

/// Whom an extract of a list is about.
pub(crate) fn whose(name: &str, extract: &Value) -> String {
    let named = name.strip_prefix("in the list: ").map(str::to_owned);
    let held = || extract["settings.clients"][0]["email"].as_str().unwrap().to_owned();
    named.unwrap_or_else(held)
}

/// What a list of inbounds says of one email.
pub(crate) fn extract(list: &Value, email: &str) -> Value {
    let of = |items: &Value| -> Vec<Value> {
        let items = items.as_array().cloned().unwrap_or_default();
        items.into_iter().filter(|item| item["email"] == email).collect()
    };
    let (mut clients, mut rows) = (Vec::new(), Vec::new());
    for inbound in list["obj"].as_array().unwrap() {
        let settings: Value = serde_json::from_str(inbound["settings"].as_str().unwrap()).unwrap();
        clients.extend(of(&settings["clients"]));
        rows.extend(of(&inbound["clientStats"]));
    }
    json!({"settings.clients": clients, "clientStats": rows})
}

/// A cookie without its value and its date.
pub(crate) fn attributes(cookie: &str) -> Vec<&str> {
    cookie.split("; ").skip(1).filter(|part| !part.starts_with("Expires=")).collect()
}

fn normalise(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(normalise),
        Value::Object(map) => {
            let generated = map
                .get("email")
                .and_then(Value::as_str)
                .is_some_and(|email| GENERATED_PASSWORDS.contains(&email));
            if let Some(Value::String(password)) = map.get_mut("password")
                && generated
            {
                *password = format!("{} characters", password.len());
            }
            if map.contains_key("xray") {
                for figure in HOST_FIGURES {
                    let is_new = NEW_FIGURES.contains(figure) && !map.contains_key("panelGuid");
                    assert!(map.remove(*figure).is_some() != is_new, "the status has {figure}");
                }
            }
            for part in PARTS {
                // The panel keeps the text it was given until it writes it itself.
                if let Some(Value::String(text)) = map.get(part) {
                    let json: Value = serde_json::from_str(text).unwrap();
                    map.insert(part.to_owned(), json);
                }
            }
            for name in ["subURI", "subJsonURI", "subClashURI"] {
                if let Some(Value::String(uri)) = map.get_mut(name) {
                    // The recording hid the port together with the host.
                    *uri = uri.replace("panel.test:2096", "panel.test");
                }
            }
            for (key, member) in map {
                if TIMES.contains(&key.as_str()) {
                    assert!(member.as_i64().unwrap() > 0, "{key} is a moment");
                    *member = json!("a moment");
                } else {
                    normalise(member);
                }
            }
        }
        _ => {}
    }
}

fn differences(ours: &Value, theirs: &Value, at: &str) -> Vec<String> {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            keys.into_iter()
                .flat_map(|key| match (a.get(key), b.get(key)) {
                    (Some(x), Some(y)) => differences(x, y, &format!("{at}.{key}")),
                    (x, y) => vec![format!("{at}.{key}: model {x:?}, recorded {y:?}")],
                })
                .collect()
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .flat_map(|(i, (x, y))| differences(x, y, &format!("{at}[{i}]")))
            .collect(),
        (a, b) if a == b => Vec::new(),
        (a, b) => vec![format!("{at}: model {a}, recorded {b}")],
    }
}
