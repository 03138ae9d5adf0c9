//! The published vectors of the profile, in both directions.

use nebulalinks_protocol::headers::Header;
use nebulalinks_protocol::{
    Key, KeySet, MasterKey, Refusal, RequestHead, RequestParts, Role, SignedHeaders, SignedRequest,
    Stamp, content_digest, decided_for, key_file, named_panel, normal_authority, sign_request,
    sign_response, verify_response,
};
use secrecy::ExposeSecret as _;

fn ramp(from: u8) -> [u8; 32] {
    std::array::from_fn(|i| from + u8::try_from(i).unwrap())
}

const BODY: &[u8] = br#"{"fence":1782000000123,"expect":"absent","client":{"email":"nl-01jz8q5v9m3k","uuid":"5783c26d-7a1b-4c3e-9f00-0123456789ab","sub_id":"k3v9q2m8x7c1b5n4","enable":true,"ends_at_ms":1790000000000,"cap_bytes":107374182400,"ip_limit":2},"inbounds":[3]}"#;
const PATH: &str = "/v1/clients/nl-01jz8q5v9m3k";

fn put() -> RequestParts<'static> {
    RequestParts {
        method: "PUT",
        authority: "gw-fra.example.net",
        path: PATH,
        query: None,
        body: BODY,
    }
}

fn put_stamp() -> Stamp<'static> {
    Stamp {
        created: 1_782_000_000,
        expires: 1_782_000_030,
        nonce: "q1S3mVQv2mJb0aT4yL8pYw",
        keyid: "ctl-1:2026-11",
    }
}

fn list(signed: &SignedHeaders) -> [Header<'_>; 4] {
    [
        ("Content-Type", b"application/json"),
        ("Content-Digest", signed.content_digest.as_bytes()),
        ("Signature-Input", signed.signature_input.as_bytes()),
        ("Signature", signed.signature.as_bytes()),
    ]
}

#[test]
fn the_put_vector_is_signed_to_the_published_bytes_and_verifies() {
    let key = Key::new(ramp(0));
    let signed = sign_request(&key, &put(), &put_stamp());
    assert_eq!(signed.content_digest, "sha-256=:EG5m10Xee/zR+jnmYU28G5Reyh6t5f8gQWiDtJpPtQ4=:");
    assert_eq!(signed.signature, "gw=:Db80/Kg9YmL4dZMYce4VeMW/RdjVU12ESZvHl/3LNAM=:");
    let headers = list(&signed);
    let head = RequestHead {
        method: "PUT",
        authority: "GW-fra.example.net:443",
        path: PATH,
        query: None,
        headers: &headers,
    };
    let request = SignedRequest::read(&head).unwrap();
    assert_eq!(request.stamp, put_stamp());
    request.authenticate(&key).unwrap();
    request.check_body(BODY).unwrap();
    assert_eq!(request.authenticate(&Key::new(ramp(1))), Err(Refusal::Mac));
}

#[test]
fn the_vector_of_a_put_that_names_its_panel_reproduces_and_is_of_no_other_panel() {
    let key = Key::new(ramp(0));
    let identity = "b3f1c0de-0000-4000-8000-000000000000";
    let query = decided_for(identity);
    assert_eq!(query, "panel=b3f1c0de-0000-4000-8000-000000000000");
    let parts = RequestParts { query: Some(&query), ..put() };
    let signed = sign_request(&key, &parts, &put_stamp());
    assert_eq!(signed.signature, "gw=:6pYGgty+a3wNrnicOkDfznk8gIlJVYO8xhGpiEt8fXs=:");
    let headers = list(&signed);
    let other = decided_for("c3f1c0de-0000-4000-8000-000000000000");
    for (query, good) in [(Some(&query), true), (Some(&other), false), (None, false)] {
        let query = query.map(String::as_str);
        let authority = "gw-fra.example.net";
        let head = RequestHead { method: "PUT", authority, path: PATH, query, headers: &headers };
        let verdict = SignedRequest::read(&head).unwrap().authenticate(&key);
        assert_eq!(verdict.is_ok(), good, "{query:?}");
    }
    for identity in [identity, "", "address-AbC0", "a b/c=d&e%f?", "\u{e9}"] {
        assert_eq!(named_panel(&decided_for(identity)).as_deref(), Some(identity));
    }
    for no in ["", "panel", "Panel=x", "x=1&panel=x", "panel=%ff"] {
        assert_eq!(named_panel(no), None, "{no}");
    }
}

#[test]
fn the_get_vector_with_query_port_and_empty_body_reproduces() {
    let key = Key::new(ramp(0));
    let parts = RequestParts {
        method: "GET",
        authority: "gw-fra.example.net:8443",
        path: "/v1/clients",
        query: Some("after=nl-a%2Fb&limit=200"),
        body: b"",
    };
    let stamp = Stamp {
        created: 1_782_000_100,
        expires: 1_782_000_130,
        nonce: "AAECAwQFBgcICQoLDA0ODw",
        keyid: "ctl-1:2026-11",
    };
    let signed = sign_request(&key, &parts, &stamp);
    assert_eq!(signed.content_digest, "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
    assert_eq!(signed.signature, "gw=:m6TqMq+JdnvuYIpinJXBSeSj73UGVw4USVQUuCl/ln0=:");
    let headers = list(&signed);
    for (query, good) in [
        (Some("after=nl-a%2Fb&limit=200"), true),
        (Some("after=nl-a/b&limit=200"), false),
        (Some("limit=200&after=nl-a%2Fb"), false),
        (None, false),
    ] {
        let head = RequestHead {
            method: "GET",
            authority: "gw-fra.example.net:8443",
            path: "/v1/clients",
            query,
            headers: &headers,
        };
        let verdict = SignedRequest::read(&head).unwrap().authenticate(&key);
        assert_eq!(verdict.is_ok(), good, "{query:?}");
    }
}

#[test]
fn the_response_vector_is_signed_to_the_published_bytes_and_is_bound_to_its_request() {
    let (ctl, gw) = (Key::new(ramp(0)), Key::new(ramp(0x20)));
    let request = sign_request(&ctl, &put(), &put_stamp());
    let binding = request.binding("PUT", PATH);
    let body = br#"{"outcome":"applied"}"#;
    let signed = sign_response(&gw, 200, body, &binding, 1_782_000_001, "gw-fra:2026-11");
    assert_eq!(signed.content_digest, "sha-256=:xWnMjgNtgE5GmAWnQKXYQ9SjwkZ7ZcPqsiYkfWpsZkg=:");
    assert_eq!(signed.signature, "gwr=:9Tpel0p8mpHlsyC7gXZxgmrTvEZ9LyAcY8X0kGHbpd0=:");

    let headers = list(&signed);
    let check = |status, binding: &_, body: &[u8], keyid| {
        verify_response(&gw, keyid, status, &headers, body, binding)
    };
    assert_eq!(check(200, &binding, body, "gw-fra:2026-11"), Ok(1_782_000_001));
    assert_eq!(check(201, &binding, body, "gw-fra:2026-11"), Err(Refusal::Mac));
    assert_eq!(check(200, &binding, b"{}", "gw-fra:2026-11"), Err(Refusal::Digest));
    assert_eq!(check(200, &binding, body, "another"), Err(Refusal::UnknownKey));
    let second = Stamp { nonce: "AAECAwQFBgcICQoLDA0ODw", ..put_stamp() };
    let other = sign_request(&ctl, &put(), &second);
    assert_eq!(
        check(200, &other.binding("PUT", PATH), body, "gw-fra:2026-11"),
        Err(Refusal::Mac),
        "an old answer cannot be replayed to a new request"
    );
}

#[test]
fn derived_keys_are_the_published_ones() {
    let pair = MasterKey::new(ramp(0x40)).derive("fra-1");
    let text = key_file(&pair);
    assert_eq!(
        text.expose_secret(),
        &format!(
            "# controller, {}\n\
             request=b126f1a853323989e31bd4746ccd44ab611d0a5337cb39f312d4b5421d060bf0\n\
             response=90d2a5271f43098ad6402c1de1b9e1b63bc67b5b60e85ddcde0978f31d3fff9c\n",
            pair.request.id()
        )
    );
    let read = KeySet::parse(text.expose_secret()).unwrap();
    assert_eq!(read.first(Role::Controller).unwrap().request.id(), pair.request.id());
}

#[test]
fn an_authority_is_signed_in_lower_case_without_the_default_ports() {
    for (host, normal) in [
        ("GW.example.net", "gw.example.net"),
        ("gw.example.net:443", "gw.example.net"),
        ("gw.example.net:80", "gw.example.net"),
        ("gw.example.net:8443", "gw.example.net:8443"),
        ("[::1]:4433", "[::1]:4433"),
    ] {
        assert_eq!(normal_authority(host), normal);
    }
    assert_eq!(content_digest(b"").len(), "sha-256=::".len() + 44);
}

#[test]
fn the_hmac_example_of_rfc_9421_b_2_5_reproduces() {
    use base64::Engine as _;
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let standard = base64::engine::general_purpose::STANDARD;
    let key = standard
        .decode("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==")
        .unwrap();
    let base = "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@authority\": example.com\n\
        \"content-type\": application/json\n\"@signature-params\": (\"date\" \"@authority\" \
        \"content-type\");created=1618884473;keyid=\"test-shared-secret\"";
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
    mac.update(base.as_bytes());
    let text = standard.encode(mac.finalize().into_bytes());
    assert_eq!(text, "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=");
}
