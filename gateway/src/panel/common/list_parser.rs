//! Parses `inbounds/list` for lists: one pass over the answer, because 10,000 clients as a tree of
//! values are 100 MB and most of the time.

use std::collections::BTreeMap;

use nebulalinks_protocol::{Client, Inbound, UnreadableInbound};
use serde::de::{IgnoredAny, MapAccess};
use serde_json::{Map, Value};

use super::client_view::{ClientEntry, ClientView};
use super::counters::Counter;
use super::http::{CallError, NOT_JSON, envelope, not_json, refused};
use super::inbound::{Flaw, InboundState};
use super::json::{Nested, Object, Read, Scalar};
use super::public_inbound;
use super::state::PanelState;

/// What a list says.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The inbounds that can be read.
    pub inbounds: Vec<Inbound>,
    /// Those that cannot: who is on them is not among the clients.
    pub unreadable: Vec<UnreadableInbound>,
    /// The clients, by name.
    pub clients: Vec<Client>,
}

/// Reads the answer to `inbounds/list`: all of it but the inbounds that cannot be read and can be
/// named, or nothing. With `gen2`, clients are judged by the rules of that generation.
///
/// # Errors
/// [`CallError::Unknown`] when it is not JSON or not the panel's list; [`CallError::Refused`].
pub(in crate::panel) fn read(body: &[u8], identity: &str, gen2: bool) -> Result<Rows, CallError> {
    read_keeping(body, identity, gen2, |_| ())
}

/// The same; who `keeps` gets the inbounds without their clients, where all could be read.
///
/// # Errors
/// As for [`read`].
pub(in crate::panel) fn read_keeping(
    body: &[u8],
    identity: &str,
    gen2: bool,
    keeps: impl FnOnce(Vec<InboundState>),
) -> Result<Rows, CallError> {
    match read_whole(body, identity, gen2)? {
        Some((rows, inbounds)) => {
            keeps(inbounds);
            Ok(rows)
        }
        None => read_what_can_be(body, identity, gen2),
    }
}

/// Inbound by inbound, as trees of values: rarely, and until somebody mends the panel.
fn read_what_can_be(body: &[u8], identity: &str, gen2: bool) -> Result<Rows, CallError> {
    let list = envelope(body)?;
    let state = PanelState::parse(list).map_err(unreadable)?.of_generation(gen2);
    let (inbounds, clients) = state.all(identity);
    Ok(Rows { inbounds, unreadable: state.unreadable, clients })
}

/// In one pass; `None` when something in it is not what a panel tells.
fn read_whole(
    body: &[u8],
    identity: &str,
    gen2: bool,
) -> Result<Option<(Rows, Vec<InboundState>)>, CallError> {
    let Read(answer) = match serde_json::from_slice::<Read<Answer>>(body) {
        Ok(answer) => answer,
        Err(error) if error.is_data() => return Ok(None),
        Err(_) => return Err(not_json(body)),
    };
    match answer.success {
        Some(true) => {}
        Some(false) => return Err(refused(&answer.msg)),
        None => return Err(not_json(body)),
    }
    let rows = answer.rows.ok_or_else(|| unreadable("it is not a list"))?;
    let (mut inbounds, mut copies, mut stats) = (Vec::new(), Vec::new(), Vec::new());
    for Read(row) in rows {
        stats.reserve(row.counters.len());
        for Read(counter) in row.counters {
            let (email, counter) = counter.checked().map_err(unreadable)?;
            stats.push((email, counter));
        }
        let mut own = row.own;
        own.insert("settings".to_owned(), Value::Object(row.settings.own));
        let inbound = match InboundState::parse(Value::Object(own)) {
            Ok(inbound) => inbound,
            Err(Flaw::Inbound(_)) => return Ok(None),
            Err(Flaw::List(why)) => return Err(unreadable(why)),
        };
        copies.extend(row.settings.clients.into_iter().map(|Read(copy)| (inbound.id, copy)));
        inbounds.push(inbound);
    }
    // In one piece, which is cheaper than name by name.
    let stats: BTreeMap<_, _> = stats.into_iter().collect();
    let public = public_inbound::all(&inbounds);
    let clients = ClientView { inbounds: &inbounds, stats: &stats, identity, gen2 }.all(copies);
    Ok(Some((Rows { inbounds: public, unreadable: Vec::new(), clients }, inbounds)))
}

fn unreadable(why: &str) -> CallError {
    CallError::Unknown(format!("{NOT_JSON} a list that can be read: {why}"))
}

#[derive(Default)]
struct Answer {
    success: Option<bool>,
    msg: String,
    rows: Option<Vec<Read<InboundRow>>>,
}

impl Object for Answer {
    fn field<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "success" => self.success = map.next_value::<Scalar<'_>>()?.flag(),
            "msg" => self.msg = map.next_value::<Scalar<'_>>()?.text().unwrap_or_default(),
            "obj" => self.rows = map.next_value()?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

#[derive(Default)]
struct InboundRow {
    /// All but what follows.
    own: Map<String, Value>,
    settings: Settings,
    counters: Vec<Read<Counter>>,
}

impl Object for InboundRow {
    fn field<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "clientStats" => {
                self.counters = map.next_value::<Option<Vec<_>>>()?.unwrap_or_default();
            }
            "settings" => self.settings = map.next_value::<Nested<Settings>>()?.0,
            _ => drop(self.own.insert(name.to_owned(), map.next_value()?)),
        }
        Ok(())
    }
}

#[derive(Default)]
struct Settings {
    /// All but the clients.
    own: Map<String, Value>,
    clients: Vec<Read<ClientEntry>>,
}

impl Object for Settings {
    fn field<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "clients" => self.clients = map.next_value::<Option<Vec<_>>>()?.unwrap_or_default(),
            _ => drop(self.own.insert(name.to_owned(), map.next_value()?)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn listed(list: &Value) -> Result<Rows, CallError> {
        read(json!({"success": true, "msg": "", "obj": list}).to_string().as_bytes(), "guid", false)
    }

    #[test]
    fn lists_and_writes_see_the_same_clients() {
        let mut seen = 0;
        for (text, gen2) in [
            (include_str!("../../../../tests/fixtures/3x-ui/gen2-v2.6.5/inbounds.json"), true),
            (include_str!("../../../../tests/fixtures/3x-ui/gen2-v2.9.4/inbounds.json"), true),
            (include_str!("../../../../tests/fixtures/3x-ui/gen3-v3.4.2/clients.json"), false),
            (include_str!("../../../../tests/fixtures/3x-ui/gen3-head/clients.json"), false),
        ] {
            let recording: Value = serde_json::from_str(text).unwrap();
            for exchange in recording["exchanges"].as_array().unwrap() {
                let list = &exchange["response"]["json"]["obj"];
                if !exchange["request"]["path"].as_str().unwrap().ends_with("inbounds/list") {
                    continue;
                }
                let state = match gen2 {
                    true => PanelState::read_gen2(list.clone()).unwrap(),
                    false => PanelState::read(list.clone(), false).unwrap(),
                };
                let body = exchange["response"]["json"].to_string();
                let rows = read(body.as_bytes(), "guid", gen2).unwrap();
                assert_eq!(rows, read_what_can_be(body.as_bytes(), "guid", gen2).unwrap());
                let Rows { inbounds, clients, .. } = rows;
                let public = public_inbound::all(&state.inbounds);
                assert_eq!(inbounds, public);
                assert!(clients.windows(2).all(|two| two[0].email < two[1].email));
                for client in &clients {
                    let found = state.find(&client.email).unwrap();
                    assert_eq!(state.client("guid", &found).as_ref(), Some(client));
                    seen += 1;
                }
                let copies = |i: &Value| i["settings"]["clients"].as_array().map_or(0, Vec::len);
                let on: usize = clients.iter().map(|c| c.inbounds.len()).sum();
                let all: usize = list.as_array().unwrap().iter().map(copies).sum();
                let doubled = clients.iter().filter(|c| !c.consistent).count();
                assert!(on <= all && all <= on + doubled, "{on} {all} {doubled}");
            }
        }
        assert!(seen >= 10, "{seen}");
    }

    #[test]
    fn half_a_list_is_no_list() {
        let client = json!({"email": "a", "enable": true});
        let good = json!([{"id": 1, "settings": {"clients": [client]}, "clientStats": []}]);
        let both = |list: &Value| {
            let rows = listed(list).map(|rows| (rows.clients.len(), rows.unreadable.len()));
            let state = PanelState::parse(list.clone());
            let named = state.as_ref().map(|state| state.unreadable.len()).ok();
            assert_eq!(named, rows.as_ref().map(|(_, named)| *named).ok(), "{list}");
            rows
        };
        assert_eq!(both(&good), Ok((1, 0)));
        let whole = json!({"email": "a", "id": 1, "enable": true, "total": 0, "expiryTime": 0,
                           "up": 1, "down": 2});
        let with = |path: &str, value: Value| {
            let mut list = good.clone();
            *list.pointer_mut(path).unwrap() = value;
            list
        };
        assert_eq!(both(&with("/0/clientStats", json!([whole]))), Ok((1, 0)));
        assert_eq!(both(&with("/0/clientStats", Value::Null)), Ok((1, 0)));
        for empty in [json!(null), json!(" "), json!("{}"), json!({}), json!("{\"clients\":null}")]
        {
            assert_eq!(both(&with("/0/settings", empty)), Ok((0, 0)));
        }
        let other = json!("{\"clients\":[{\"email\":\"b\"}]}");
        assert_eq!(both(&with("/0/settings", other)), Ok((1, 0)));
        for (path, bad) in [
            ("/0/settings", json!("{\"clients\":[")),
            ("/0/settings", json!("[]")),
            ("/0/settings", json!("{\"clients\":[]} x")),
            ("/0/settings", json!([])),
            ("/0/settings/clients", json!({})),
            ("/0/settings/clients/0", json!(null)),
        ] {
            assert_eq!(both(&with(path, bad)), Ok((0, 1)), "{path}");
        }
        for (path, bad) in [
            ("/0", json!(5)),
            ("/0/id", json!("1")),
            ("/0/clientStats", json!("")),
            ("/0/clientStats", json!([null])),
            ("/0/clientStats", json!([[whole]])),
        ] {
            assert!(both(&with(path, bad)).is_err(), "{path}");
        }
        for field in ["email", "id", "enable", "total", "expiryTime", "up", "down"] {
            for bad in [json!(null), json!([]), json!(1.5), json!({"a": 1})] {
                let mut row = whole.clone();
                row[field] = bad;
                assert!(both(&with("/0/clientStats", json!([row]))).is_err(), "{field}");
            }
        }
        for list in [json!({"0": 1}), Value::Null, json!("[]"), json!([null])] {
            assert!(both(&list).is_err());
        }
    }

    #[test]
    fn one_inbound_that_cannot_be_read_is_named_and_the_others_are_told() {
        let client = |email: &str| json!({"email": email, "enable": true});
        let row = |id: i64, email: &str| {
            json!({"id": id, "email": email, "enable": true,
            "total": 0, "expiryTime": 0, "up": 1, "down": 2, "inboundId": id})
        };
        let inbound = |id: i64, settings: Value| {
            json!({"id": id, "remark": format!("in {id}"),
            "settings": settings, "streamSettings": "{}", "clientStats": [row(id, &format!("c{id}"))]})
        };
        let whole = |id: i64| inbound(id, json!({"clients": [client(&format!("c{id}"))]}));
        let rest = listed(&json!([whole(1), whole(3)])).unwrap();
        for (flaw, broken) in [
            ("its settings are not JSON", inbound(2, json!("{\"clients\": [{\"email\""))),
            ("its settings are not an object", inbound(2, json!("[1]"))),
            ("its settings are not an object", inbound(2, json!(7))),
            ("its clients are not a list", inbound(2, json!({"clients": "none"}))),
            (
                "one of its clients is not an object",
                inbound(2, json!({"clients": [client("c2"), 1]})),
            ),
            ("its stream settings are not JSON", {
                let mut inbound = whole(2);
                inbound["streamSettings"] = json!("{");
                inbound
            }),
        ] {
            for gen2 in [false, true] {
                let list = json!({"success": true, "obj": [whole(1), broken, whole(3)]});
                let rows = read(list.to_string().as_bytes(), "guid", gen2).unwrap();
                let [named] = &rows.unreadable[..] else { panic!("{rows:?}") };
                assert_eq!(
                    (named.id, named.remark.as_str(), named.why.as_str()),
                    (2, "in 2", flaw)
                );
                assert_eq!(rows.inbounds, rest.inbounds, "{flaw}");
                let names: Vec<&str> = rows.clients.iter().map(|c| c.email.as_str()).collect();
                assert_eq!(names, ["c1", "c3"], "{flaw}");
            }
        }
    }

    #[test]
    fn an_answer_that_is_cut_anywhere_is_no_list() {
        let client = json!({"email": "a", "enable": true});
        let list = json!([{"id": 1, "settings": {"clients": [client]}, "clientStats": []}]);
        let body = json!({"success": true, "msg": "", "obj": list}).to_string();
        assert!(read(body.as_bytes(), "guid", false).is_ok());
        for end in 0..body.len() {
            let error = read(&body.as_bytes()[..end], "guid", false).unwrap_err();
            assert!(matches!(error, CallError::Unknown(why) if why.starts_with(NOT_JSON)), "{end}");
        }
        let refused = br#"{"success":false,"msg":"no\n more","obj":null}"#;
        assert_eq!(
            read(refused, "guid", false).err(),
            Some(CallError::Refused("no more".to_owned()))
        );
    }

    #[test]
    fn a_list_that_is_made_to_hurt_is_no_list() {
        let deep = |open: &str, n: usize| open.repeat(n);
        let inbound = |more: &str| format!(r#"{{"success":true,"obj":[{{"id":1,{more}}}]}}"#);
        for body in [
            deep("[", 1_000_000),
            deep("{\"obj\":", 1_000_000),
            format!("{{\"success\":true,\"obj\":{}", deep("[", 100_000)),
            inbound(&format!("\"tag\":{}{}", deep("[", 100_000), deep("]", 100_000))),
            inbound(&format!("\"settings\":\"{}\"", deep("[", 100_000))),
            inbound(&format!("\"settings\":{{\"a\":{}{}}}", deep("[", 1_000), deep("]", 1_000))),
            inbound("\"port\":NaN"),
            inbound("\"port\":-Infinity"),
            inbound("\"port\":1e999"),
            inbound("\"id\":1.0"),
            inbound("\"id\":1e0"),
            inbound("\"id\":99999999999999999999"),
            inbound("\"remark\":\"\\ud800\""),
        ] {
            let start: String = body.chars().take(60).collect();
            for gen2 in [false, true] {
                match read(body.as_bytes(), "guid", gen2) {
                    Err(_) => {}
                    // A text inside hurts its own inbound.
                    Ok(rows) => assert_eq!((rows.unreadable.len(), rows.clients.len()), (1, 0)),
                }
            }
            let text = start.contains("\"settings\":\"");
            assert_eq!(read(body.as_bytes(), "guid", false).is_ok(), text, "{start}");
        }
        assert!(
            read(b"{\"success\":true,\"obj\":[{\"id\":1,\"remark\":\"\xff\"}]}", "guid", false)
                .is_err()
        );
        let full = i64::MAX;
        let counter = json!({"email": "a", "id": 1, "enable": true, "total": full, "up": full,
                             "expiryTime": full, "down": full, "reset": 0, "inboundId": 1});
        let client = json!({"email": "a", "totalGB": full, "expiryTime": full, "limitIp": full});
        let list = json!([{"id": full, "port": 65_536, "settings": {"clients": [client, client]},
                           "clientStats": [counter, counter]}]);
        let Rows { inbounds, clients, .. } = listed(&list).unwrap();
        assert_eq!((inbounds[0].port, clients.len()), (0, 1));
        assert_eq!((clients[0].used_bytes, clients[0].ip_limit), (2 * full.unsigned_abs(), 0));
        assert!(!clients[0].consistent, "it is there twice");
    }

    #[test]
    fn of_two_fields_of_one_name_the_last_counts_and_no_type_is_taken_for_another() {
        let body = br#"{"success":true,"obj":[{"id":1,"settings":{"clients":[
            {"email":"x","email":"a","totalGB":"5","limitIp":2.0,"expiryTime":18446744073709551615,
             "enable":"true","id":7,"created_at":null}
        ]}}]}"#;
        let clients = read(body, "guid", false).unwrap().clients;
        let object = json!({"email": "a", "totalGB": "5", "limitIp": 2.0, "enable": "true", "id": 7,
                            "expiryTime": u64::MAX, "created_at": null});
        let list = json!([{"id": 1, "settings": {"clients": [object]}}]);
        assert_eq!(clients, listed(&list).unwrap().clients);
        let client = &clients[0];
        assert_eq!((client.email.as_str(), client.uuid, client.enable), ("a", None, false));
        assert_eq!((client.end, client.ip_limit, client.consistent), (None, 0, false));
    }
}
