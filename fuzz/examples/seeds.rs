//! Writes the seed corpora below `corpus/`, from the profile's vectors and the recorded panels.

use std::fs;
use std::path::Path;

use nebulalinks_protocol::{
    Key, RequestParts, Stamp, normal_authority, sign_request, sign_response,
};

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
    Ok(())
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
        format!(
            "{first}\ncontent-type: application/json\ncontent-digest: {digest}\n\
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
        (
            "doubled",
            text("200", &answer, body).replacen("signature: ", "Signature: x\nsignature: ", 1),
        ),
    ]
}
