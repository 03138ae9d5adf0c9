//! A panel's `inbounds/list`, read the slow and plain way.

use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What must be made of an answer.
#[derive(Debug)]
pub enum Verdict {
    /// The plain reading stumbles over what nobody looks at: numbers out of range, half
    /// surrogates, deep nesting.
    Unclear,
    /// It is not a list, or not a whole one.
    Refused,
    /// The clients, and the same answer without names that stand twice in an object.
    Told { plain: Value, clients: Vec<Value> },
}

/// Reads an answer of the panel with this identity; with `gen2`, by the rules of that generation.
pub fn judge(body: &[u8], identity: &str, gen2: bool) -> Verdict {
    let Ok(mut answer) = serde_json::from_slice::<Value>(body) else {
        let json = serde_json::from_slice::<IgnoredAny>(body).is_ok();
        return if json { Verdict::Unclear } else { Verdict::Refused };
    };
    if answer.get("success") != Some(&Value::Bool(true)) {
        return Verdict::Refused;
    }
    let Some(list) = answer.get_mut("obj").and_then(Value::as_array_mut) else {
        return Verdict::Refused;
    };
    let mut panel = Panel::default();
    for inbound in list {
        match panel.add(inbound) {
            Ok(()) => {}
            Err(verdict) => return verdict,
        }
    }
    let clients = panel.clients.iter();
    let clients = clients.map(|(email, copies)| panel.client(email, copies, identity, gen2));
    Verdict::Told { clients: clients.collect(), plain: answer }
}

/// An inbound's number, and one of its clients.
type Copy = (i64, Map<String, Value>);

/// What an inbound wants of its clients.
struct Wants {
    flow: bool,
    /// In gen-2: this `method` of each.
    cipher: Option<String>,
}

#[derive(Default)]
struct Panel {
    clients: BTreeMap<String, Vec<Copy>>,
    counters: BTreeMap<String, Value>,
    inbounds: BTreeMap<i64, Wants>,
}

impl Panel {
    fn add(&mut self, inbound: &mut Value) -> Result<(), Verdict> {
        let inbound = inbound.as_object_mut().ok_or(Verdict::Refused)?;
        let id = inbound.get("id").and_then(Value::as_i64).ok_or(Verdict::Refused)?;
        for name in ["settings", "streamSettings"] {
            let object = unfold(inbound.get(name).unwrap_or(&Value::Null))?;
            inbound.insert(name.into(), Value::Object(object));
        }
        for row in list(inbound.get("clientStats"))? {
            let numbers = ["id", "total", "expiryTime", "up", "down"];
            let whole = numbers.iter().all(|name| row[*name].is_i64())
                && row["enable"].is_boolean()
                && row["email"].is_string();
            let email = row["email"].as_str().filter(|_| whole).ok_or(Verdict::Refused)?;
            self.counters.insert(email.into(), row.clone());
        }
        let stream = &inbound["streamSettings"];
        let protocol = inbound.get("protocol").and_then(Value::as_str);
        let flow = protocol == Some("vless")
            && inbound.get("disableFlow") != Some(&json!(true))
            && ["tcp", "raw"].iter().any(|n| stream["network"] == *n)
            && ["tls", "reality"].iter().any(|s| stream["security"] == *s);
        let method = inbound["settings"]["method"].as_str().unwrap_or_default();
        // Those of 2022 have one for all.
        let method = if method.starts_with("2022-") { "" } else { method };
        let cipher = (protocol == Some("shadowsocks")).then(|| method.to_owned());
        // A number belongs to one inbound; of two the first counts, and a flow is wanted by any.
        let wants = self.inbounds.entry(id).or_insert(Wants { flow, cipher });
        wants.flow |= flow;
        for client in list(inbound["settings"].get("clients"))? {
            let client = client.as_object().ok_or(Verdict::Refused)?;
            let email = text(client, "email");
            self.clients.entry(email).or_default().push((id, client.clone()));
        }
        Ok(())
    }

    fn client(&self, email: &str, copies: &[Copy], identity: &str, gen2: bool) -> Value {
        let row = self.counters.get(email);
        let first = &copies[0].1;
        let on = |c: &Map<String, Value>| c.get("enable") == Some(&json!(true));
        let mut inbounds: Vec<i64> = Vec::new();
        for (id, _) in copies {
            if inbounds.last() != Some(id) {
                inbounds.push(*id);
            }
        }
        let made = copies.iter().map(|(_, c)| int(c, "created_at")).filter(|ms| *ms > 0).min();
        let (end, cap) = (int(first, "expiryTime"), int(first, "totalGB"));
        json!({
            "email": email,
            "uuid": uuid::Uuid::parse_str(&text(first, "id")).ok().map(|id| id.to_string()),
            "sub_id": text(first, "subId"),
            "enable": copies.iter().any(|(_, c)| on(c)) && row.is_none_or(|r| r["enable"] == true),
            "end": match end {
                0 => json!("never"),
                1.. => json!({"at_ms": end}),
                _ => Value::Null,
            },
            "cap": if cap > 0 { json!({"bytes": cap}) } else { json!("unlimited") },
            "ip_limit": u32::try_from(int(first, "limitIp")).unwrap_or(0),
            "comment": text(first, "comment"),
            "inbounds": inbounds,
            "used_bytes": row.map_or(0, |r| {
                let bytes = |name: &str| r[name].as_i64().map_or(0, |n| n.max(0).unsigned_abs());
                bytes("up").saturating_add(bytes("down"))
            }),
            "incarnation": {
                "panel": identity,
                "row": row.map_or(-1, |r| r["id"].as_i64().unwrap_or(-1)),
                "created_at_ms": made.unwrap_or(0),
            },
            "consistent": row.is_some_and(|row| {
                self.agree(email, copies, row)
                    && (row["enable"] == on(first) || gen2 && !on(first))
                    && (!gen2 || self.is_placed(copies, row))
            }),
        })
    }

    /// Everything says the same, but for the switches of a client and of its counter.
    fn agree(&self, email: &str, copies: &[Copy], row: &Value) -> bool {
        let says = |c: &Map<String, Value>| {
            let texts = ["id", "subId", "comment"].map(|name| text(c, name));
            let numbers = ["totalGB", "expiryTime", "limitIp"].map(|name| int(c, name));
            (texts, numbers, c.get("enable") == Some(&json!(true)))
        };
        let first = &copies[0].1;
        let limits = [int(first, "totalGB"), int(first, "expiryTime")];
        let mut on: Vec<i64> = copies.iter().map(|(id, _)| *id).collect();
        on.sort_unstable();
        on.dedup();
        let flow =
            |(id, c): &Copy| !self.inbounds[id].flow || text(c, "flow") == "xtls-rprx-vision";
        on.len() == copies.len()
            && copies.iter().all(|(_, c)| says(c) == says(first) && int(c, "reset") == 0)
            && [&row["total"], &row["expiryTime"]].map(|n| n.as_i64().unwrap_or(0)) == limits
            && row["reset"].as_i64().unwrap_or(0) == 0
            && (!email.starts_with("nl-") || copies.iter().all(flow))
    }

    /// On one inbound, counted for that one, with the cipher it wants.
    fn is_placed(&self, copies: &[Copy], row: &Value) -> bool {
        let [(id, client)] = copies else { return false };
        row["inboundId"].as_i64().is_none_or(|on| on == *id)
            && self.inbounds[id].cipher.as_ref().is_none_or(|c| *c == text(client, "method"))
    }
}

/// An object, given as such, as its text, or not at all.
fn unfold(value: &Value) -> Result<Map<String, Value>, Verdict> {
    let inner = match value {
        Value::String(text) if text.trim().is_empty() => Value::Null,
        Value::String(text) => serde_json::from_str(text).map_err(|_| {
            let json = serde_json::from_str::<IgnoredAny>(text).is_ok();
            if json { Verdict::Unclear } else { Verdict::Refused }
        })?,
        value => value.clone(),
    };
    match inner {
        Value::Null => Ok(Map::new()),
        Value::Object(object) => Ok(object),
        _ => Err(Verdict::Refused),
    }
}

fn list(value: Option<&Value>) -> Result<&[Value], Verdict> {
    match value {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(Verdict::Refused),
    }
}

fn text(client: &Map<String, Value>, name: &str) -> String {
    client.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A number that is none is like no other.
fn int(client: &Map<String, Value>, name: &str) -> i64 {
    client.get(name).map_or(0, |value| value.as_i64().unwrap_or(i64::MIN))
}
