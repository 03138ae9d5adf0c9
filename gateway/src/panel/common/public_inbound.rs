//! The public part of inbounds: what share links are built from, by the one list in the protocol.

use nebulalinks_protocol::{Inbound, facts};
use serde_json::{Map, Value};

use super::behind;
use super::inbound::InboundState;
use super::json::field;

/// All inbounds as they go over the wire.
pub(in crate::panel) fn all(inbounds: &[InboundState]) -> Vec<Inbound> {
    let shown = |inbound| {
        let own = public(inbound);
        match behind::front_of(inbound, inbounds) {
            Some(front) => behind::seen_through(own, inbound, &public(front)),
            None => own,
        }
    };
    inbounds.iter().map(shown).collect()
}

/// An inbound as it stands, whatever is in front of it.
fn public(inbound: &InboundState) -> Inbound {
    Inbound {
        id: inbound.id,
        remark: inbound.remark.clone(),
        protocol: inbound.protocol.clone(),
        port: inbound.port,
        listen: inbound.listen.clone(),
        share_strategy: inbound.share_strategy.clone(),
        share_address: inbound.share_address.clone(),
        enable: inbound.enable,
        settings: Value::Object(settings(inbound)),
        stream: Value::Object(facts::public_part(&inbound.stream, facts::STREAM)),
    }
}

fn settings(inbound: &InboundState) -> Map<String, Value> {
    let mut kept = facts::public_part(&inbound.settings, facts::SETTINGS);
    // It stands beside the settings on the panel, and decides whether links carry a flow.
    kept.remove("disableFlow");
    if let Some(disable_flow) = inbound.disable_flow {
        kept.insert("disableFlow".to_owned(), Value::Bool(disable_flow));
    }
    // With the ciphers of 2022 the inbound's own password is part of every customer's link.
    let method = field(&inbound.settings, "method").as_str().unwrap_or_default();
    if !method.starts_with("2022-") {
        kept.remove("password");
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::common::state::PanelState;

    const LINKS: [&str; 4] = [
        include_str!("../../../../tests/fixtures/3x-ui/links-gen2-v2.6.5.json"),
        include_str!("../../../../tests/fixtures/3x-ui/links-gen2-v2.9.4.json"),
        include_str!("../../../../tests/fixtures/3x-ui/links-gen3-v3.4.2.json"),
        include_str!("../../../../tests/fixtures/3x-ui/links-gen3-head.json"),
    ];
    const INBOUNDS: [&str; 2] = [
        include_str!("../../../../tests/fixtures/3x-ui/gen3-v3.4.2/inbounds.json"),
        include_str!("../../../../tests/fixtures/3x-ui/gen3-head/inbounds.json"),
    ];

    fn told(inbound: &Value) -> String {
        let state = PanelState::parse(Value::Array(vec![inbound.clone()])).unwrap();
        let told = all(&state.inbounds).remove(0);
        format!("{}{}", told.settings, told.stream)
    }

    #[test]
    fn what_recorded_links_are_made_of_is_told() {
        let mut seen = 0;
        for text in LINKS {
            let recorded: Value = serde_json::from_str(text).unwrap();
            for pair in recorded["pairs"].as_array().unwrap() {
                let mut inbound = pair["inbound"].clone();
                inbound["streamSettings"] = inbound["stream"].take();
                let told = told(&inbound);
                let Ok(link) = url::Url::parse(pair["links"][0].as_str().unwrap()) else {
                    continue;
                };
                for (field, value) in link.query_pairs() {
                    let public = ["pbk", "sni", "sid", "host", "path", "serviceName", "pqv"];
                    if public.contains(&&*field) && !value.is_empty() {
                        assert!(told.contains(&*value), "{} lacks {field} {value}", pair["name"]);
                        seen += 1;
                    }
                }
            }
        }
        assert!(seen > 100, "{seen}");
    }

    #[test]
    fn what_shadowsocks_and_hysteria_links_are_made_of_is_told() {
        let inbound = |protocol: &str, settings: Value, stream: Value| {
            let inbound = serde_json::json!({
                "id": 1, "remark": "a", "protocol": protocol, "port": 443, "enable": true,
                "settings": settings, "streamSettings": stream,
            });
            let state = PanelState::parse(Value::Array(vec![inbound])).unwrap();
            all(&state.inbounds).remove(0)
        };
        let cipher = |method: &str| {
            let settings = serde_json::json!({"method": method, "password": "own", "clients": []});
            inbound("shadowsocks", settings, serde_json::json!({})).settings
        };
        let modern = cipher("2022-blake3-aes-128-gcm");
        assert_eq!(modern["password"], "own");
        assert_eq!(modern["method"], "2022-blake3-aes-128-gcm");
        let old = cipher("aes-256-gcm");
        assert_eq!((&old["method"], old.get("password")), (&"aes-256-gcm".into(), None));
        let mask = serde_json::json!({
            "udp": [{"type": "salamander", "settings": {"password": "noise"}}],
        });
        let hysteria = inbound(
            "hysteria",
            serde_json::json!({"version": 2, "clients": []}),
            serde_json::json!({
                "security": "tls",
                "finalmask": mask,
                "tlsSettings": {"alpn": ["h3"], "settings": {"allowInsecure": true}},
            }),
        );
        assert_eq!(hysteria.settings["version"], 2);
        assert_eq!(hysteria.stream["finalmask"], mask);
        assert_eq!(hysteria.stream["tlsSettings"]["settings"]["allowInsecure"], true);
    }

    #[test]
    fn a_forbidden_flow_is_told_where_the_panel_can_forbid_it() {
        let told = |text: &str, forbid: Option<bool>| {
            let recorded: Value = serde_json::from_str(text).unwrap();
            let mut inbound = recorded["exchanges"][0]["response"]["json"]["obj"].clone();
            if let Some(forbid) = forbid {
                inbound["disableFlow"] = Value::Bool(forbid);
            }
            let state = PanelState::parse(Value::Array(vec![inbound])).unwrap();
            all(&state.inbounds)[0].settings.get("disableFlow").cloned()
        };
        let [old, head] = INBOUNDS;
        assert_eq!(told(old, None), None);
        assert_eq!(told(head, None), Some(Value::Bool(false)));
        assert_eq!(told(head, Some(true)), Some(Value::Bool(true)));
    }

    #[test]
    fn no_key_of_a_recorded_inbound_is_told() {
        let mut with_keys = 0;
        for text in INBOUNDS {
            let recorded: Value = serde_json::from_str(text).unwrap();
            for exchange in recorded["exchanges"].as_array().unwrap() {
                let inbound = &exchange["response"]["json"]["obj"];
                if !inbound["streamSettings"].is_object() {
                    continue;
                }
                let (all, told) = (inbound.to_string(), told(inbound));
                let secrets = ["privateKey", "-key}", "key-line", "BEGIN", "Seed", "\"key\""];
                with_keys += usize::from(secrets.iter().any(|s| all.contains(s)));
                for secret in secrets {
                    assert!(!told.contains(secret), "{} tells {secret}", exchange["name"]);
                }
            }
        }
        assert!(with_keys > 10, "{with_keys}");
    }
}
