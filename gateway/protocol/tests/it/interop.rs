//! What an independent implementation of RFC 9421 signs, we verify, and what it makes of our headers is
//! what we signed. Recorded from the crate `httpsig` 0.0.26 (`HttpSignatureBase::try_new` over the lines
//! below, `SharedKey::HmacSha256`): it brings the curves of every other algorithm, half a minute of building
//! for answers that never change. Whoever changes what is covered derives the base by the RFC's section 2.5.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use nebulalinks_protocol::{
    Key, RequestHead, RequestParts, SignedRequest, Stamp, content_digest, sign_request,
    sign_response,
};

const KEY: [u8; 32] = [0x5a; 32];
const BODY: &[u8] = br#"{"fence":7}"#;
const DIGEST: &str = "sha-256=:tRgo0iLdXjWfGALA2nWeBG05cq03LmADP3XxStbS8RU=:";

/// What the crate wrote, and the text that it signed.
struct Recorded {
    input: &'static str,
    signature: &'static str,
    base: &'static str,
}

const REQUEST: Recorded = Recorded {
    input: r#"gw=("@method" "@authority" "@path" "@query" "content-type" "content-digest");created=5000;expires=5030;nonce="AAECAwQFBgcICQoLDA0ODw";alg="hmac-sha256";keyid="ctl-1";tag="nebulalinks-gw-v1""#,
    signature: "gw=:WUNC/coGEMeKowmEg3plhQ9/wC0HLPD3F4eZHepih7g=:",
    base: r#""@method": PUT
"@authority": gw.example.net
"@path": /v1/clients/nl-a
"@query": ?
"content-type": application/json
"content-digest": sha-256=:tRgo0iLdXjWfGALA2nWeBG05cq03LmADP3XxStbS8RU=:
"@signature-params": ("@method" "@authority" "@path" "@query" "content-type" "content-digest");created=5000;expires=5030;nonce="AAECAwQFBgcICQoLDA0ODw";alg="hmac-sha256";keyid="ctl-1";tag="nebulalinks-gw-v1""#,
};

const ANSWER: Recorded = Recorded {
    input: r#"gwr=("@status" "content-type" "content-digest" "@method";req "@path";req "signature";req;key="gw");created=5001;alg="hmac-sha256";keyid="gw-1";tag="nebulalinks-gw-v1-response""#,
    signature: "gwr=:1fEK6iosiEgcGJyS24aN7eLtn2E7jWVZ/NmdmQi7Lyk=:",
    base: r#""@status": 200
"content-type": application/json
"content-digest": sha-256=:tRgo0iLdXjWfGALA2nWeBG05cq03LmADP3XxStbS8RU=:
"@method";req: PUT
"@path";req: /v1/clients/nl-a
"signature";req;key="gw": :WUNC/coGEMeKowmEg3plhQ9/wC0HLPD3F4eZHepih7g=:
"@signature-params": ("@status" "content-type" "content-digest" "@method";req "@path";req "signature";req;key="gw");created=5001;alg="hmac-sha256";keyid="gw-1";tag="nebulalinks-gw-v1-response""#,
};

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
fn the_recordings_are_signatures_of_their_texts() {
    assert_eq!(content_digest(BODY), DIGEST);
    for recorded in [REQUEST, ANSWER] {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&KEY).unwrap();
        mac.update(recorded.base.as_bytes());
        let (_, signature) = recorded.signature.split_once("=:").unwrap();
        let raw = STANDARD.decode(signature.trim_end_matches(':')).unwrap();
        mac.verify_slice(&raw).unwrap();
        // The last line of the text is the header's value.
        let (_, params) = recorded.input.split_once('=').unwrap();
        assert!(recorded.base.ends_with(&format!("\n\"@signature-params\": {params}")));
    }
}

#[test]
fn we_verify_what_httpsig_signs() {
    let headers = [
        ("content-type", b"application/json".as_slice()),
        ("content-digest", DIGEST.as_bytes()),
        ("signature-input", REQUEST.input.as_bytes()),
        ("signature", REQUEST.signature.as_bytes()),
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
fn httpsig_signs_our_requests_and_answers_as_we_do() {
    let stamp =
        Stamp { created: 5000, expires: 5030, nonce: "AAECAwQFBgcICQoLDA0ODw", keyid: "ctl-1" };
    let request = sign_request(&Key::new(KEY), &parts(), &stamp);
    assert_eq!(request.signature_input, REQUEST.input);
    assert_eq!(request.signature, REQUEST.signature);

    let binding = request.binding("PUT", "/v1/clients/nl-a");
    let answer = sign_response(&Key::new(KEY), 200, BODY, &binding, 5001, "gw-1");
    assert_eq!(answer.signature_input, ANSWER.input);
    assert_eq!(answer.signature, ANSWER.signature);
}
