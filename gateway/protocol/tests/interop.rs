//! An independent implementation of RFC 9421 signs what we verify, and verifies what we sign.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may panic")]

use httpsig::prelude::message_component::{HttpMessageComponent, HttpMessageComponentId};
use httpsig::prelude::{
    AlgorithmName, HttpSignatureBase, HttpSignatureHeaders, HttpSignatureParams, SharedKey,
    VerifyingKey as _,
};
use nebulalinks_protocol::{
    Key, RequestHead, RequestParts, SignedRequest, Stamp, content_digest, sign_request,
    sign_response,
};

const KEY: [u8; 32] = [0x5a; 32];
const BODY: &[u8] = br#"{"fence":7}"#;

fn lines() -> Vec<String> {
    vec![
        "\"@method\": PUT".into(),
        "\"@authority\": gw.example.net".into(),
        "\"@path\": /v1/clients/nl-a".into(),
        "\"@query\": ?".into(),
        "\"content-type\": application/json".into(),
        format!("\"content-digest\": {}", content_digest(BODY)),
    ]
}

fn components(lines: &[String]) -> (Vec<HttpMessageComponent>, Vec<HttpMessageComponentId>) {
    let components: Vec<HttpMessageComponent> =
        lines.iter().map(|l| HttpMessageComponent::try_from(l.as_str()).unwrap()).collect();
    let ids = components.iter().map(|c| c.id.clone()).collect();
    (components, ids)
}

fn parts() -> RequestParts<'static> {
    RequestParts {
        method: "PUT",
        authority: "gw.example.net",
        path: "/v1/clients/nl-a",
        query: None,
        body: BODY,
    }
}

#[test]
fn we_verify_what_httpsig_signs() {
    let (components, ids) = components(&lines());
    let mut params = HttpSignatureParams::try_new(&ids).unwrap();
    params
        .set_created(5000)
        .set_expires(5030)
        .set_nonce("AAECAwQFBgcICQoLDA0ODw")
        .set_alg(&AlgorithmName::HmacSha256)
        .set_keyid("ctl-1")
        .set_tag("nebulalinks-gw-v1");
    let base = HttpSignatureBase::try_new(&components, &params).unwrap();
    let key = SharedKey::HmacSha256(KEY.to_vec());
    let signed = base.build_signature_headers(&key, Some("gw")).unwrap();
    let (digest, input, signature) = (
        content_digest(BODY),
        signed.signature_input_header_value(),
        signed.signature_header_value(),
    );
    let headers = [
        ("content-type", b"application/json".as_slice()),
        ("content-digest", digest.as_bytes()),
        ("signature-input", input.as_bytes()),
        ("signature", signature.as_bytes()),
    ];
    let head = RequestHead {
        method: "PUT",
        authority: "gw.example.net",
        path: "/v1/clients/nl-a",
        query: None,
        headers: &headers,
    };
    let request = SignedRequest::read(&head).unwrap();
    request.authenticate(&Key::new(KEY)).unwrap();
    assert!(request.authenticate(&Key::new([0; 32])).is_err());
}

#[test]
fn httpsig_verifies_our_requests_and_answers() {
    let stamp =
        Stamp { created: 5000, expires: 5030, nonce: "AAECAwQFBgcICQoLDA0ODw", keyid: "ctl-1" };
    let request = sign_request(&Key::new(KEY), &parts(), &stamp);
    verifies(&lines(), &request.signature, &request.signature_input, "gw");

    let binding = request.binding("PUT", "/v1/clients/nl-a");
    let answer = sign_response(&Key::new(KEY), 200, BODY, &binding, 5001, "gw-1");
    let lines = vec![
        "\"@status\": 200".into(),
        "\"content-type\": application/json".into(),
        format!("\"content-digest\": {}", content_digest(BODY)),
        "\"@method\";req: PUT".into(),
        "\"@path\";req: /v1/clients/nl-a".into(),
        format!("\"signature\";req;key=\"gw\": :{}:", binding.signature),
    ];
    verifies(&lines, &answer.signature, &answer.signature_input, "gwr");
}

/// Below `verify_signature_headers`, which would look at the real clock.
fn verifies(lines: &[String], signature: &str, input: &str, label: &str) {
    use base64::Engine as _;
    let parsed = HttpSignatureHeaders::try_parse(signature, input).unwrap();
    let (components, _) = components(lines);
    let base = HttpSignatureBase::try_new(&components, parsed[label].signature_params()).unwrap();
    let text = signature.strip_prefix(label).unwrap().trim_matches(['=', ':']);
    let raw = base64::engine::general_purpose::STANDARD_NO_PAD.decode(text).unwrap();
    SharedKey::HmacSha256(KEY.to_vec()).verify(&base.as_bytes(), &raw).unwrap();
}
