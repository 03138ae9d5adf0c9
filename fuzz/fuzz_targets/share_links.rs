//! Whatever a panel says of an inbound, a link that is given out is read by an app as it was meant: the
//! same customer, an address and a port that the panel named, each parameter once, the label.
//!
//! Input: an inbound's facts as JSON.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use nebulalinks_core::model::{InboundFacts, ServerFacts};
use nebulalinks_core::view::{links, sample};
use nebulalinks_fuzz::links::read;
use serde_json::Value;

fuzz_target!(|data: &[u8]| -> Corpus {
    let Ok(mut inbound) = serde_json::from_slice::<InboundFacts>(data) else {
        return Corpus::Reject;
    };
    (inbound.enable, inbound.remark) = (true, "vless-reality".to_owned());
    check(inbound);
    Corpus::Keep
});

fn check(inbound: InboundFacts) {
    let facts = ServerFacts { server: sample::facts().server, inbounds: vec![inbound.clone()] };
    let snapshot = sample::snapshot([sample::served_account(1, true), sample::put(facts)]);
    let catalog = sample::catalog();
    let account = sample::account_id(1);
    let credentials = &snapshot.account(account).expect("it is there").credentials;
    let mut ports = vec![u64::from(inbound.port)];
    let proxies = inbound.stream.get("externalProxy").and_then(Value::as_array);
    ports.extend(proxies.into_iter().flatten().filter_map(|p| p.get("port")?.as_u64()));
    for link in links(&snapshot, &catalog, account) {
        let Some(said) = read(&link.url) else { panic!("no app reads {:?}", link.url) };
        assert_eq!(said.label, link.label);
        assert!(ports.contains(&u64::from(said.port)) && said.port != 0);
        let named = inbound_names(&inbound, &said.host);
        assert!(named || said.host == "fra1.vpn.example.net", "{:?}", said.host);
        let who = match said.scheme.as_str() {
            "vless" | "vmess" => credentials.uuid.to_string(),
            "trojan" | "hysteria2" => credentials.secret.clone(),
            _ => said.who.clone(),
        };
        assert_eq!(said.who, who);
        if inbound.protocol == "shadowsocks" {
            let method = inbound.settings["method"].as_str().unwrap_or_default();
            assert!(said.who.starts_with(&format!("{method}:")), "{}", said.who);
        }
        // What the panel says is passed on letter for letter.
        for (key, at) in [("pbk", "publicKey"), ("serviceName", "serviceName")] {
            if let Some(value) = said.params.get(key).filter(|_| said.scheme != "vmess") {
                assert!(says(&inbound.stream, at, value), "{key}: {value}");
            }
        }
    }
}

fn inbound_names(inbound: &InboundFacts, host: &str) -> bool {
    [&inbound.listen, &inbound.share_address].iter().any(|text| text.contains(host))
        || says(&inbound.stream, "dest", host)
}

/// Whether a field of this name, at any depth, has this text in it.
fn says(value: &Value, name: &str, text: &str) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(key, value)| {
            (key == name && value.as_str().is_some_and(|v| v.contains(text)))
                || says(value, name, text)
        }),
        Value::Array(all) => all.iter().any(|value| says(value, name, text)),
        _ => false,
    }
}
