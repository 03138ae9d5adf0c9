//! Writes the seed corpora below `corpus/`, from the profile's vectors and the recorded panels.

use std::fs;
use std::path::Path;

use nebulalinks_fuzz::seeds;
use nebulalinks_protocol::headers::media_type;
use nebulalinks_protocol::{
    Key, RequestParts, Stamp, normal_authority, sign_request, sign_response,
};
use serde_json::{Value, json};

const KEY: [u8; 32] = [7; 32];
const PATH: &str = "/v1/clients/nl-01jz8q5v9m3k";
const BODY: &str = r#"{"fence":1782000000123,"expect":"absent"}"#;
const NONCE: &str = "q1S3mVQv2mJb0aT4yL8pYw";
const KEYID: &str = "ctl-1:2026-11";

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let write = |target: &str, name: &str, seed: &[u8]| {
        let folder = root.join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), seed)
    };
    for (name, seed) in signature_base() {
        write("signature_base", name, seed.as_bytes())?;
    }
    for (name, seed) in header_parser() {
        write("header_parser", name, seed.as_bytes())?;
    }
    for (name, seed) in panel_answers()? {
        write("panel_answers", &name, seed.as_bytes())?;
    }
    for (target, all) in [
        ("catalog_files", seeds::catalog_files()),
        ("component_ids", seeds::component_ids()),
        ("gateway_json", seeds::gateway_json()),
        ("quantities", seeds::quantities()),
        ("journal", seeds::journal()),
        ("share_links", seeds::share_links()),
        ("discord_payloads", seeds::discord_payloads()),
    ] {
        for (name, seed) in all {
            write(target, &name, &seed)?;
        }
    }
    Ok(())
}

/// The lists of the recorded panels, whole and by inbound, and what is no list.
fn panel_answers() -> std::io::Result<Vec<(String, String)>> {
    let mut seeds = Vec::new();
    for (version, file) in [
        ("gen2-v2.6.5", "inbounds.json"),
        ("gen2-v2.9.4", "inbounds.json"),
        ("gen3-v3.4.2", "clients.json"),
        ("gen3-head", "clients.json"),
    ] {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/3x-ui");
        let text = fs::read_to_string(fixtures.join(version).join(file))?;
        let recording: Value = serde_json::from_str(&text)?;
        for exchange in recording["exchanges"].as_array().into_iter().flatten() {
            let is_list = exchange["request"]["path"]
                .as_str()
                .is_some_and(|path| path.ends_with("inbounds/list"));
            let answer = &exchange["response"]["json"];
            if !is_list || answer.is_null() {
                continue;
            }
            let number = seeds.len();
            seeds.push((format!("{version}-{number}"), answer.to_string()));
            // Each inbound by itself, small enough to be changed often; and its settings as text.
            for (index, inbound) in answer["obj"].as_array().into_iter().flatten().enumerate() {
                let mut inbound = inbound.clone();
                let one = json!({"success": true, "msg": "", "obj": [inbound]});
                seeds.push((format!("{version}-{number}-{index}"), one.to_string()));
                inbound["settings"] = inbound["settings"].to_string().into();
                let one = json!({"success": true, "msg": "", "obj": [inbound]});
                seeds.push((format!("{version}-{number}-{index}-text"), one.to_string()));
            }
        }
    }
    let client = r#"{"email":"nl-a","id":"5783c26d-7a1b-4c3e-9f00-0123456789ab","enable":true}"#;
    let list = |rest: &str| format!(r#"{{"success":true,"obj":[{{"id":1{rest}}}]}}"#);
    for (name, seed) in [
        ("nothing", r#"{"success":true,"msg":"","obj":null}"#.to_owned()),
        ("refused", r#"{"success":false,"msg":"no","obj":null}"#.to_owned()),
        ("login", "<!DOCTYPE html><html>".to_owned()),
        ("small", list(&format!(r#","settings":{{"clients":[{client}]}},"clientStats":[]"#))),
        ("text", list(&format!(r#","settings":{:?}"#, format!(r#"{{"clients":[{client}]}}"#)))),
        ("twice", list(&format!(r#","settings":{{"clients":[{client},{client}]}}"#))),
    ] {
        seeds.push((name.to_owned(), seed));
    }
    Ok(seeds)
}

/// A request and the one that is shown in its place.
fn signature_base() -> Vec<(&'static str, String)> {
    let put = ["PUT", "gw-fra.example.net", PATH, "", BODY];
    let list = ["GET", "gw-fra.example.net:8443", "/v1/clients", "?after=nl-a%2Fb&limit=200", ""];
    let stamp = ["1782000000", "30", NONCE, KEYID];
    let pair =
        |sent: [&str; 5], shown: [&str; 5]| [sent.as_slice(), &stamp, &shown].concat().join("\0");
    let host = |authority| ["PUT", authority, PATH, "", BODY];
    vec![
        ("put", pair(put, put)),
        ("list", pair(list, list)),
        ("another", pair(put, list)),
        ("case-and-port", pair(put, host("GW-fra.example.net:443"))),
        ("empty-query", pair(put, ["PUT", "gw-fra.example.net", PATH, "?", BODY])),
        // Two heads, and without a rule against line breaks one base.
        (
            "split-base",
            pair(
                ["GET", "a", "/\n\"@query\": ?x", "", ""],
                ["GET", "a", "/", "?x\n\"@query\": ?", ""],
            ),
        ),
    ]
}

fn header_parser() -> Vec<(&'static str, String)> {
    let key = Key::new(KEY);
    let block = |first: &str, headers: [&str; 3], body: &str| {
        let [digest, input, signature] = headers;
        let media_type = media_type(first.parse().unwrap_or(200));
        format!(
            "{first}\ncontent-type: {media_type}\ncontent-digest: {digest}\n\
             signature-input: {input}\nsignature: {signature}\n\n{body}"
        )
    };
    let authority = normal_authority("gw-fra.example.net:443");
    let request = |method, path, query, body: &str| {
        sign_request(
            &key,
            &RequestParts { method, authority: &authority, path, query, body: body.as_bytes() },
            &Stamp { created: 1_782_000_000, expires: 1_782_000_030, nonce: NONCE, keyid: KEYID },
        )
    };
    let put = request("PUT", PATH, None, BODY);
    let list = request("GET", "/v1/clients", Some("limit=200"), "");
    let bound = put.binding("PUT", PATH);
    let body = r#"{"outcome":"applied"}"#;
    let answer = sign_response(&key, 200, body.as_bytes(), &bound, 1_782_000_001, "gw-fra:2026-11");
    let no = r#"{"code":"clock"}"#;
    let refusal = sign_response(&key, 401, no.as_bytes(), &bound, 1_782_000_001, "gw-fra:2026-11");
    let headers = |s: &nebulalinks_protocol::SignedHeaders| {
        [s.content_digest.clone(), s.signature_input.clone(), s.signature.clone()]
    };
    let text = |first: &str, s: &nebulalinks_protocol::SignedHeaders, body: &str| {
        let all = headers(s);
        block(first, [&all[0], &all[1], &all[2]], body)
    };
    vec![
        ("put", text(&format!("PUT gw-fra.example.net {PATH}"), &put, BODY)),
        ("list", text("GET gw-fra.example.net /v1/clients?limit=200", &list, "")),
        ("answer", text("200", &answer, body)),
        ("refusal", text("401", &refusal, no)),
        (
            "doubled",
            text("200", &answer, body).replacen("signature: ", "Signature: x\nsignature: ", 1),
        ),
    ]
}
