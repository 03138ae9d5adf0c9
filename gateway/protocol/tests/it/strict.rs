//! Strictness: what is not literally the profile is refused.

use nebulalinks_protocol::headers::Header;
use nebulalinks_protocol::{
    BatchResult, ErrorCode, Key, KeySet, Problem, Refusal, RequestBinding, RequestHead,
    RequestParts, Role, SignedHeaders, SignedRequest, Stamp, normal_authority, sign_request,
    sign_response, verify_response,
};
use proptest::prelude::*;

const KEY: [u8; 32] = [7; 32];
const BODY: &[u8] = br#"{"fence":1}"#;

#[derive(Clone)]
struct Wire {
    method: String,
    authority: String,
    path: String,
    query: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

fn wire() -> Wire {
    let parts = RequestParts {
        method: "PUT",
        authority: "gw.example.net:8443",
        path: "/v1/clients/nl-a%2Fb",
        query: Some("a=1&b=2"),
        body: BODY,
    };
    let stamp =
        Stamp { created: 1000, expires: 1030, nonce: "AAECAwQFBgcICQoLDA0ODw", keyid: "ctl-1" };
    let signed = sign_request(&Key::new(KEY), &parts, &stamp);
    Wire {
        method: parts.method.into(),
        authority: parts.authority.into(),
        path: parts.path.into(),
        query: "a=1&b=2".into(),
        headers: owned(&signed),
        body: BODY.to_vec(),
    }
}

fn owned(signed: &SignedHeaders) -> Vec<(String, Vec<u8>)> {
    vec![
        ("content-type".into(), b"application/json".to_vec()),
        ("content-digest".into(), signed.content_digest.clone().into_bytes()),
        ("signature-input".into(), signed.signature_input.clone().into_bytes()),
        ("signature".into(), signed.signature.clone().into_bytes()),
    ]
}

fn borrowed(headers: &[(String, Vec<u8>)]) -> Vec<Header<'_>> {
    headers.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect()
}

fn check(wire: &Wire) -> Result<(), Refusal> {
    let headers = borrowed(&wire.headers);
    let head = RequestHead {
        method: &wire.method,
        authority: &wire.authority,
        path: &wire.path,
        query: Some(&wire.query),
        headers: &headers,
    };
    let request = SignedRequest::read(&head)?;
    request.authenticate(&Key::new(KEY))?;
    request.check_time(1_005_000, 30)?;
    request.check_body(&wire.body)
}

fn flip(text: &mut String, at: usize, bit: u8) -> bool {
    let mut bytes = text.clone().into_bytes();
    let at = at % bytes.len();
    bytes[at] ^= 1 << (bit % 8);
    String::from_utf8(bytes).map(|t| *text = t).is_ok()
}

proptest! {
    #[test]
    fn any_flipped_bit_of_a_request_is_refused(part in 0..9_usize, at in 0..4096_usize, bit in 0..8_u8) {
        let mut wire = wire();
        check(&wire).unwrap();
        let valid = match part {
            0 => flip(&mut wire.method, at, bit),
            1 => flip(&mut wire.authority, at, bit)
                && normal_authority(&wire.authority) != "gw.example.net:8443",
            2 => flip(&mut wire.path, at, bit),
            3 => flip(&mut wire.query, at, bit),
            4 => {
                let at = at % wire.body.len();
                wire.body[at] ^= 1 << bit;
                true
            }
            n => {
                let value = &mut wire.headers[n - 5].1;
                let at = at % value.len();
                value[at] ^= 1 << bit;
                true
            }
        };
        prop_assume!(valid);
        prop_assert!(check(&wire).is_err());
    }

    #[test]
    fn any_flipped_bit_of_an_answer_is_refused(part in 0..5_usize, at in 0..4096_usize, bit in 0..8_u8) {
        let request = sign_request(
            &Key::new(KEY),
            &RequestParts { method: "GET", authority: "h", path: "/v1/health", query: None, body: b"" },
            &Stamp { created: 1, expires: 2, nonce: "AAECAwQFBgcICQoLDA0ODw", keyid: "c" },
        );
        let binding = request.binding("GET", "/v1/health");
        let key = Key::new([9; 32]);
        let mut headers = owned(&sign_response(&key, 200, BODY, &binding, 5, "g"));
        let mut body = BODY.to_vec();
        prop_assert!(verify_response(&key, "g", 200, &borrowed(&headers), &body, &binding).is_ok());
        let bytes = if part == 4 { &mut body } else { &mut headers[part].1 };
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        prop_assert!(verify_response(&key, "g", 200, &borrowed(&headers), &body, &binding).is_err());
    }
}

#[test]
fn no_two_heads_have_one_base() {
    // Unread, the line break would move the border between two components, and the MAC would hold.
    let sign = |method, authority, path, query| {
        let parts = RequestParts { method, authority, path, query, body: b"" };
        let stamp =
            Stamp { created: 1000, expires: 1030, nonce: "AAECAwQFBgcICQoLDA0ODw", keyid: "c" };
        owned(&sign_request(&Key::new(KEY), &parts, &stamp))
    };
    let signed = sign("GET", "h", "/\n\"@query\": ?x", None);
    for (method, authority, path, query, refusal) in [
        ("GET", "h", "/", Some("x\n\"@query\": ?"), Refusal::Target),
        ("GET\n\"@authority\": h", "h", "/", None, Refusal::Target),
        ("GET", "h\n\"@path\": /", "/", None, Refusal::Authority),
        ("GET", "h", "/a b", None, Refusal::Target),
        ("GET", "h", "/\u{e9}", None, Refusal::Target),
        ("GET", "h\t", "/", None, Refusal::Authority),
    ] {
        let headers = borrowed(&signed);
        let head = RequestHead { method, authority, path, query, headers: &headers };
        assert_eq!(SignedRequest::read(&head).err(), Some(refusal), "{head:?}");
    }
}

#[test]
fn an_answers_type_follows_from_its_status_and_is_signed() {
    let key = Key::new([9; 32]);
    let binding = RequestBinding { method: "GET", path: "/v1/health", signature: "abc" };
    for (status, own, other) in [
        (200, "application/json", "application/problem+json"),
        (409, "application/problem+json", "application/json"),
        (503, "application/problem+json", "text/html"),
    ] {
        let mut headers = owned(&sign_response(&key, status, BODY, &binding, 5, "g"));
        let verdict = |headers: &[(String, Vec<u8>)]| {
            verify_response(&key, "g", status, &borrowed(headers), BODY, &binding)
        };
        headers[0].1 = own.into();
        assert_eq!(verdict(&headers), Ok(5));
        headers[0].1 = other.into();
        assert_eq!(verdict(&headers), Err(Refusal::ContentType));
    }
    let headers = owned(&sign_response(&key, 200, BODY, &binding, 5, "g"));
    let other = verify_response(&key, "g", 201, &borrowed(&headers), BODY, &binding);
    assert_eq!(other, Err(Refusal::Mac), "the status is signed too");
}

#[test]
fn a_problem_says_the_same_thing_in_all_its_members() {
    let mut statuses = std::collections::BTreeSet::new();
    for code in ErrorCode::ALL {
        let json = serde_json::to_value(Problem::new(code, "why")).unwrap();
        assert_eq!(json["code"], code.as_str());
        assert_eq!(json["type"], format!("urn:nebulalinks:problem:{}", code.as_str()));
        assert_eq!(json["status"], code.status());
        assert!(json["title"].as_str().unwrap().len() > 10);
        assert_eq!(json["detail"], "why");
        assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), Problem::new(code, "why"));
        statuses.insert(code.status());
        assert!((400..600).contains(&code.status()));
    }
    assert!(statuses.len() > 10);
    let short: Problem = serde_json::from_str(r#"{"code":"conflict","detail":"x"}"#).unwrap();
    assert_eq!(short.code, ErrorCode::Conflict, "a reader needs the code only");
}

#[test]
fn a_newer_gateways_code_is_read_and_its_detail_kept() {
    let newer = r#"{"failed":{"code":"panel_asleep","detail":"wake it"}}"#;
    let BatchResult::Failed(problem) = serde_json::from_str(newer).unwrap() else {
        panic!("it failed")
    };
    assert_eq!((problem.code, problem.detail.as_str()), (ErrorCode::Other, "wake it"));
}

#[test]
fn each_missing_or_doubled_header_is_refused() {
    for index in 0..4 {
        let mut missing = wire();
        missing.headers.remove(index);
        assert_eq!(check(&missing), Err(Refusal::MissingHeader));
        let mut doubled = wire();
        let copy = (doubled.headers[index].0.to_uppercase(), doubled.headers[index].1.clone());
        doubled.headers.push(copy);
        assert_eq!(check(&doubled), Err(Refusal::DuplicateHeader));
    }
}

#[test]
fn parameters_and_components_have_one_form_only() {
    let good = String::from_utf8(wire().headers[2].1.clone()).unwrap();
    let cases = [
        ("\"@method\" \"@authority\"", "\"@authority\" \"@method\""),
        (
            "(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-type\" \"content-digest\")",
            "()",
        ),
        (" \"@query\"", ""),
        ("\"@path\" ", "\"@path\"  "),
        ("created=1000;expires=1030", "expires=1030;created=1000"),
        (";expires=1030", ""),
        ("created=1000", "created=01000"),
        ("created=1000", "created=+1000"),
        ("created=1000", "created=1000.0"),
        (";nonce=\"AAECAwQFBgcICQoLDA0ODw\"", ""),
        ("AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0O"),
        ("AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0ODx"),
        ("hmac-sha256", "ed25519"),
        (";alg=\"hmac-sha256\"", ""),
        ("nebulalinks-gw-v1", "nebulalinks-gw-v2"),
        ("keyid=\"ctl-1\"", "keyid=\"\""),
        ("keyid=\"ctl-1\"", "keyid=\"ctl\\\"1\""),
        ("gw=(", "sig1=("),
        ("tag=\"nebulalinks-gw-v1\"", "tag=\"nebulalinks-gw-v1\", gw2=()"),
    ];
    for (from, to) in cases {
        let mut altered = wire();
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good, "{from} is not there");
        altered.headers[2].1 = text.into_bytes();
        assert_eq!(check(&altered), Err(Refusal::InputForm), "{from} -> {to}");
    }
    let mut long = wire();
    long.headers[2].1 = good.replace("expires=1030", "expires=1061").into_bytes();
    assert_eq!(check(&long), Err(Refusal::Lifetime));
}

#[test]
fn the_window_is_closed_at_both_ends() {
    let wire = wire();
    let headers = borrowed(&wire.headers);
    let head = RequestHead {
        method: "PUT",
        authority: &wire.authority,
        path: &wire.path,
        query: Some(&wire.query),
        headers: &headers,
    };
    let request = SignedRequest::read(&head).unwrap();
    for (now_ms, verdict) in [
        (969_999, Err(Refusal::Future)),
        (970_000, Ok(())),
        (1_030_000, Ok(())),
        (1_030_001, Err(Refusal::Stale)),
    ] {
        assert_eq!(request.check_time(now_ms, 30), verdict, "{now_ms}");
    }
    assert_eq!(request.check_time(1_031_000, 300), Err(Refusal::Stale), "expires binds as well");
}

#[test]
fn a_key_file_has_one_form_and_keys_show_themselves_nowhere() {
    let (a, b) = ("11".repeat(32), "22".repeat(32));
    let b64 = "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM=";
    let good = format!("# fra\nrequest={a}\nresponse={b}\n");
    let set = KeySet::parse(&good).unwrap();
    assert!(!format!("{set:?}").contains("1111"));
    let first = set.first(Role::Controller).unwrap();
    assert_eq!(set.find(first.request.id()).unwrap().0, Role::Controller);
    assert!(set.find(first.response.id()).is_none());
    assert!(set.first(Role::Scripts).is_none());
    assert!(KeySet::parse(&format!("request={a};response={b64}")).is_ok());
    for bad in [
        String::new(),
        format!("request={a}"),
        format!("response={b}\nrequest={a}"),
        format!("request={a}\nrequest={b}"),
        format!("request={a}\nresponse={a}"),
        format!("request={a}\nresponse=abc"),
        format!("request={a}\nanswer={b}"),
        format!("{a}\n{b}"),
    ] {
        let error = KeySet::parse(&bad).unwrap_err().to_string();
        assert!(!error.contains("1111"), "{error}");
    }
}
