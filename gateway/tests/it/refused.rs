//! Every kind of request that may not ask: one answer for all of them, and the panel is not called.

use nebulalinks_protocol::{ErrorCode, Key, KeyPair, Problem, content_digest, keys::MasterKey};
use nebulalinks_sandbox::panel::PanelVersion;

use crate::support::{EMAIL, Raw, World};

type Spoil = fn(&World, &mut Raw);

/// What a spoilt request meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meets {
    /// The verifier: an unsigned 401, the same for all, and this reason in the metrics.
    Reason(&'static str),
    /// The reader of HTTP itself: a bare 400, or a closed connection.
    NoHttp,
}
use Meets::{NoHttp, Reason};

/// Replaces in a header's value.
fn mend(raw: &mut Raw, name: &str, from: &str, to: &str) {
    let value = raw.header(name).to_owned();
    assert!(value.contains(from), "{name}: {value} has no {from}");
    raw.set(name, &value.replace(from, to));
}

/// The same request, signed once more after a change.
fn signed_again(world: &World, raw: &mut Raw, method: &str, path: &str, body: &[u8]) {
    *raw = world.request(method, path, body);
}

const MISSING: &[(&str, Meets, Spoil)] = &[
    ("no signature", Reason("missing_header"), |_, r| r.remove("Signature")),
    ("no input", Reason("missing_header"), |_, r| r.remove("Signature-Input")),
    ("no digest", Reason("missing_header"), |_, r| r.remove("Content-Digest")),
    ("no type", Reason("missing_header"), |_, r| r.remove("Content-Type")),
    ("no length", Reason("length_missing"), |_, r| r.remove("Content-Length")),
    ("no host", Reason("authority"), |_, r| r.remove("Host")),
    ("an empty host", Reason("authority"), |_, r| r.set("Host", "")),
    ("an empty signature", Reason("signature_form"), |_, r| r.set("Signature", "")),
    ("no headers at all", Reason("length_missing"), |_, r| r.headers.truncate(2)),
];

const TWICE: &[(&str, Meets, Spoil)] = &[
    ("two signatures", Reason("duplicate_header"), |_, r| r.double("Signature")),
    ("two inputs", Reason("duplicate_header"), |_, r| r.double("Signature-Input")),
    ("two digests", Reason("duplicate_header"), |_, r| r.double("Content-Digest")),
    ("two types", Reason("duplicate_header"), |_, r| r.add("content-type", "application/json")),
    ("two hosts", Reason("duplicate_header"), |_, r| r.double("Host")),
    ("another host after the first", Reason("duplicate_header"), |_, r| r.add("host", "other")),
    ("two lengths that differ", NoHttp, |_, r| r.add("content-length", "4")),
    ("two lengths in one", NoHttp, |_, r| r.set("Content-Length", "11, 11")),
    ("two signatures in one", Reason("signature_form"), |_, r| {
        let value = r.header("Signature").to_owned();
        r.set("Signature", &format!("{value}, {value}"));
    }),
    ("two labels in one", Reason("input_form"), |_, r| {
        let value = r.header("Signature-Input").to_owned();
        r.set("Signature-Input", &format!("{value}, {}", value.replace("gw=", "gx=")));
    }),
    ("a folded header", NoHttp, |_, r| mend(r, "Signature-Input", ";expires", "\r\n ;expires")),
    ("a folded header after a tab", NoHttp, |_, r| mend(r, "Signature", "gw=", "gw=\r\n\t")),
    ("a space before the colon", NoHttp, |_, r| {
        let value = r.header("Signature").to_owned();
        r.remove("Signature");
        r.add("Signature ", &value);
    }),
    ("a zero byte in a header", NoHttp, |_, r| mend(r, "Signature", "gw=", "gw=\0")),
];

const ALTERED: &[(&str, Meets, Spoil)] = &[
    ("another type", Reason("content_type"), |_, r| {
        r.set("Content-Type", "application/json; charset=utf-8");
    }),
    ("another method", Reason("mac"), |_, r| r.method = "DELETE".into()),
    ("a method in lower case", Reason("mac"), |_, r| r.method = "put".into()),
    ("another host", Reason("mac"), |_, r| r.set("Host", "gw.example.net")),
    ("another port", Reason("mac"), |_, r| r.set("Host", "127.0.0.1:1")),
    ("a user in the host", Reason("authority"), |w, r| {
        r.set("Host", &format!("a@{}", w.gateway));
    }),
    ("another body", Reason("digest"), |_, r| r.body = b"{\"fence\":2}".to_vec()),
    ("another digest", Reason("mac"), |_, r| {
        r.set("Content-Digest", &content_digest(b"{\"fence\":2}"));
    }),
    ("another body with its digest", Reason("mac"), |_, r| {
        r.body = b"{\"fence\":2}".to_vec();
        r.set("Content-Digest", &content_digest(b"{\"fence\":2}"));
    }),
    ("a second digest in one", Reason("digest_form"), |_, r| {
        let value = r.header("Content-Digest").to_owned();
        r.set("Content-Digest", &format!("{value}, sha-512=:AAAA:"));
    }),
    ("reordered components", Reason("input_form"), |_, r| {
        mend(r, "Signature-Input", "\"@method\" \"@authority\"", "\"@authority\" \"@method\"");
    }),
    ("one component less", Reason("input_form"), |_, r| {
        mend(r, "Signature-Input", " \"@query\"", "");
    }),
    ("one component more", Reason("input_form"), |_, r| {
        mend(r, "Signature-Input", "\"@query\"", "\"@query\" \"date\"");
    }),
    ("no components", Reason("input_form"), |_, r| {
        let tail = r.header("Signature-Input").split_once(')').unwrap().1.to_owned();
        r.set("Signature-Input", &format!("gw=(){tail}"));
    }),
    ("reordered parameters", Reason("input_form"), |_, r| {
        let input = r.header("Signature-Input").to_owned();
        let (head, tail) = input.split_once(";created=").unwrap();
        let (created, rest) = tail.split_once(';').unwrap();
        r.set("Signature-Input", &format!("{head};{rest};created={created}"));
    }),
    ("one parameter less", Reason("input_form"), |_, r| {
        mend(r, "Signature-Input", ";alg=\"hmac-sha256\"", "");
    }),
    ("another algorithm", Reason("input_form"), |_, r| {
        mend(r, "Signature-Input", "hmac-sha256", "rsa-v1_5-sha256");
    }),
    ("another tag", Reason("input_form"), |_, r| {
        mend(r, "Signature-Input", "nebulalinks-gw-v1", "nebulalinks-gw-v1-response");
    }),
    ("a longer life", Reason("lifetime"), |_, r| {
        let input = r.header("Signature-Input").to_owned();
        let (head, tail) = input.split_once(";expires=").unwrap();
        let (_, tail) = tail.split_once(';').unwrap();
        r.set("Signature-Input", &format!("{head};expires=9999999999;{tail}"));
    }),
    ("a second longer", Reason("mac"), |w, r| {
        let now = w.now() / 1000;
        mend(
            r,
            "Signature-Input",
            &format!("={};nonce", now + 30),
            &format!("={};nonce", now + 31),
        );
    }),
    ("another nonce", Reason("mac"), |_, r| {
        let input = r.header("Signature-Input").to_owned();
        let (head, tail) = input.split_once("nonce=\"").unwrap();
        r.set("Signature-Input", &format!("{head}nonce=\"B{}", &tail[1..]));
    }),
    ("a nonce that is too short", Reason("input_form"), |_, r| {
        let input = r.header("Signature-Input").to_owned();
        let (head, tail) = input.split_once("nonce=\"").unwrap();
        r.set("Signature-Input", &format!("{head}nonce=\"{}", &tail[4..]));
    }),
    ("another label", Reason("signature_form"), |_, r| mend(r, "Signature", "gw=", "xx=")),
    ("a signature cut short", Reason("signature_form"), |_, r| mend(r, "Signature", "=:", ":")),
    ("a signature of zeros", Reason("mac"), |_, r| {
        r.set("Signature", "gw=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:");
    }),
    ("an unknown key", Reason("unknown_key"), |w, r| {
        let other = MasterKey::new([1; 32]).derive("x");
        *r = w.signed("PUT", &r.path, &r.body, &other, w.now() / 1000);
    }),
    ("a wrong key of the same name", Reason("mac"), |w, r| {
        let id = w.keys.request.id().to_owned();
        let other = KeyPair { request: Key::new([3; 32]), response: Key::new([4; 32]) };
        *r = w.signed("PUT", &r.path, &r.body, &other, w.now() / 1000);
        mend(r, "Signature-Input", other.request.id(), &id);
    }),
    ("the key of answers", Reason("unknown_key"), |w, r| {
        let other = KeyPair { request: w.keys.response.clone(), response: w.keys.response.clone() };
        *r = w.signed("PUT", &r.path, &r.body, &other, w.now() / 1000);
    }),
];

const BODIES: &[(&str, Meets, Spoil)] = &[
    ("a truncated body", Reason("length_wrong"), |_, r| r.body.truncate(4)),
    ("a truncated body of the right length", Reason("digest"), |_, r| {
        r.body.truncate(4);
        r.set("Content-Length", "4");
    }),
    ("no body where one was signed", Reason("digest"), |_, r| {
        r.body.clear();
        r.set("Content-Length", "0");
    }),
    ("more than the length says", Reason("digest"), |_, r| r.set("Content-Length", "4")),
    ("an oversized body", Reason("length_wrong"), |_, r| r.set("Content-Length", "1048577")),
    ("an oversized body that comes", Reason("length_wrong"), |w, r| {
        signed_again(w, r, "PUT", "/v1/clients/nl-a", &vec![b' '; (1 << 20) + 1]);
    }),
    ("a length beyond all numbers", NoHttp, |_, r| {
        r.set("Content-Length", "99999999999999999999999999");
    }),
    ("a negative length", NoHttp, |_, r| r.set("Content-Length", "-1")),
    ("a length with a sign", NoHttp, |_, r| r.set("Content-Length", "+11")),
    ("a length in hex", NoHttp, |_, r| r.set("Content-Length", "0xb")),
    ("chunked", Reason("encoded"), |_, r| {
        r.remove("Content-Length");
        chunked(r);
    }),
    ("chunked, and a length", Reason("encoded"), |_, r| chunked(r)),
    ("chunked and gzip", Reason("encoded"), |_, r| {
        r.remove("Content-Length");
        chunked(r);
        r.set("Transfer-Encoding", "gzip, chunked");
    }),
    ("gzip, not chunked", NoHttp, |_, r| {
        r.remove("Content-Length");
        r.add("Transfer-Encoding", "gzip");
    }),
    ("almost chunked", NoHttp, |_, r| {
        r.remove("Content-Length");
        r.add("Transfer-Encoding", "xchunked");
    }),
    ("gzip", Reason("encoded"), |_, r| r.add("Content-Encoding", "gzip")),
    ("identity said aloud", Reason("encoded"), |_, r| r.add("Content-Encoding", "identity")),
];

fn chunked(raw: &mut Raw) {
    raw.add("Transfer-Encoding", "chunked");
    let body = String::from_utf8(raw.body.clone()).unwrap();
    raw.body = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()).into_bytes();
}

const PLACES: &[(&str, Meets, Spoil)] = &[
    ("another path", Reason("mac"), |_, r| r.path = "/v1/clients/nl-b".into()),
    ("another spelling of a letter", Reason("mac"), |_, r| r.path = r.path.replace("nl-", "%6el-")),
    ("an encoded slash", Reason("mac"), |_, r| r.path = r.path.replace("v1/", "v1%2F")),
    ("an encoded slash in lower case", Reason("mac"), |w, r| {
        signed_again(w, r, "GET", "/v1/clients/a%2Fb", b"");
        r.path = "/v1/clients/a%2fb".into();
    }),
    ("a plain slash for an encoded one", Reason("mac"), |w, r| {
        signed_again(w, r, "GET", "/v1/clients/a%2Fb", b"");
        r.path = "/v1/clients/a/b".into();
    }),
    ("a double slash", Reason("mac"), |_, r| r.path = r.path.replace("v1/", "v1//")),
    ("a dot segment", Reason("mac"), |_, r| r.path = r.path.replace("v1/", "v1/./")),
    ("two dots", Reason("mac"), |_, r| r.path = r.path.replace("v1/", "v1/x/../")),
    ("encoded dots", Reason("mac"), |_, r| r.path = r.path.replace("v1/", "v1/x/%2e%2e/")),
    ("a slash at the end", Reason("mac"), |_, r| r.path += "/"),
    ("a parameter of the path", Reason("mac"), |_, r| r.path += ";a=1"),
    ("a query", Reason("mac"), |_, r| r.path += "?a=1"),
    ("a query in another order", Reason("mac"), |w, r| {
        signed_again(w, r, "GET", "/v1/clients?a=1&b=2", b"");
        r.path = "/v1/clients?b=2&a=1".into();
    }),
    ("a query in another spelling", Reason("mac"), |w, r| {
        signed_again(w, r, "GET", "/v1/clients?a=%20", b"");
        r.path = "/v1/clients?a=+".into();
    }),
    ("a query taken away", Reason("mac"), |w, r| {
        signed_again(w, r, "GET", "/v1/clients?a=1", b"");
        r.path = "/v1/clients".into();
    }),
    ("an absolute address", Reason("authority"), |w, r| {
        r.path = format!("http://{}{}", w.gateway, r.path);
    }),
    ("an absolute address elsewhere", Reason("authority"), |_, r| {
        r.path = format!("http://other.example.net{}", r.path);
    }),
    ("no path but a star", Reason("mac"), |_, r| {
        r.method = "OPTIONS".into();
        r.path = "*".into();
    }),
    ("a tunnel", Reason("authority"), |_, r| {
        r.method = "CONNECT".into();
        r.path = "127.0.0.1:2053".into();
    }),
    ("a space in the path", NoHttp, |_, r| r.path = r.path.replace("nl-", "nl -")),
    ("HTTP/1.0", Reason("version"), |_, r| r.version = "HTTP/1.0".into()),
    ("HTTP/2 by its name", NoHttp, |_, r| r.version = "HTTP/2.0".into()),
    ("the preface of HTTP/2", NoHttp, |_, r| {
        *r = Raw {
            method: "PRI".into(),
            path: "*".into(),
            version: "HTTP/2.0".into(),
            headers: Vec::new(),
            body: b"SM\r\n\r\n".to_vec(),
        };
    }),
];

fn good(world: &World) -> Raw {
    world.request("PUT", &format!("/v1/clients/{EMAIL}"), b"{\"fence\":1}")
}

#[tokio::test]
async fn every_spoilt_request_gets_the_same_unsigned_answer_and_reaches_no_panel() {
    let world = World::with(PanelVersion::Head, |c| {
        // All of them come from one address and are meant to be looked at.
        c.edge.rate_per_minute = 10_000.try_into().unwrap();
    })
    .await;
    let unspoilt = world.send(&good(&world)).await;
    assert_eq!(unspoilt.status, 400, "signed well, though its body is not a request");
    let mut bodies = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for (name, meets, spoil) in [MISSING, TWICE, ALTERED, BODIES, PLACES].concat() {
        let mut raw = good(&world);
        spoil(&world, &mut raw);
        let reason = match meets {
            Reason(reason) => reason,
            NoHttp => "none",
        };
        let counter = format!("nebulalinks_gateway_refusals_total{{reason=\"{reason}\"}}");
        let before = world.metric(&counter).await;
        let answer = world.send(&raw).await;
        let counted = world.metric(&counter).await - before;
        let signed = answer.headers.iter().any(|(n, _)| n == "signature");
        let (status, met) = match meets {
            Reason(_) => (answer.status == 401, counted == 1.0),
            NoHttp => ([0, 400].contains(&answer.status), answer.body.is_empty()),
        };
        if signed || !status || !met {
            wrong.push(format!("{name}: wanted {meets:?}, got {answer:?}"));
        }
        if meets != NoHttp {
            bodies.insert(answer.body);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(bodies.len(), 1, "one answer for all");
    let problem: Problem = serde_json::from_slice(bodies.first().unwrap()).unwrap();
    assert_eq!(problem.code, ErrorCode::Unauthorized);
    assert_eq!(world.panel.calls(), 0);
}

#[tokio::test]
async fn what_is_signed_well_and_makes_no_sense_is_told_so_and_reaches_no_panel() {
    let world = World::new().await;
    let path = format!("/v1/clients/{EMAIL}");
    for (method, path, body, code) in [
        ("PUT", path.as_str(), "{\"fence\":1,\"fence\":1}", ErrorCode::Invalid),
        ("PUT", &path, "{\"fence\":-1}", ErrorCode::Invalid),
        ("PUT", &path, "{\"fence\":1e400}", ErrorCode::Invalid),
        ("PUT", &path, "", ErrorCode::Invalid),
        ("DELETE", &path, "[]", ErrorCode::Invalid),
        ("POST", "/v1/claim", "{\"store_id\":\"s\"}", ErrorCode::Invalid),
        ("PATCH", &path, "{}", ErrorCode::NotFound),
        ("GET", "/v1//clients", "", ErrorCode::NotFound),
        ("GET", "/v1/clients/../health", "", ErrorCode::NotFound),
        ("GET", "/V1/health", "", ErrorCode::NotFound),
        ("GET", "/metrics", "", ErrorCode::NotFound),
    ] {
        let raw = world.request(method, path, body.as_bytes());
        let answer = world.send(&raw).await;
        assert!(world.is_signed(&raw, &answer), "{method} {path} {body}: {answer:?}");
        let problem: Problem = answer.json();
        assert_eq!((problem.code, answer.status), (code, code.status()), "{method} {path} {body}");
    }
    assert_eq!(world.panel.calls(), 0);
}

#[tokio::test]
async fn what_is_not_signed_may_differ() {
    let world = World::new().await;
    let harmless: &[(&str, Spoil)] = &[
        ("headers in another order", |_, r| r.headers.reverse()),
        ("an unknown header", |_, r| r.add("X-Anything", "1")),
        ("what the answer may be packed in", |_, r| r.add("Accept-Encoding", "gzip")),
        ("an offer of HTTP/2", |_, r| {
            r.set("Connection", "close, Upgrade, HTTP2-Settings");
            r.add("Upgrade", "h2c");
            r.add("HTTP2-Settings", "AAMAAABkAAQAoAAAAAIAAAAA");
        }),
        ("a forwarded header of nobody we trust", |_, r| r.add("X-Forwarded-For", "garbage")),
        ("an empty query, which signs like none", |_, r| r.path += "?"),
    ];
    for (name, change) in harmless {
        let mut raw = world.request("GET", "/v1/health", b"");
        change(&world, &mut raw);
        let answer = world.send(&raw).await;
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        assert!(!answer.headers.iter().any(|(n, _)| n == "content-encoding"), "{name}");
    }
}

#[tokio::test]
async fn behind_a_proxy_only_its_word_counts_and_who_is_not_on_the_list_gets_403() {
    let world = World::with(PanelVersion::Head, |c| {
        c.edge.allow = "203.0.113.7, 2001:db8::/64".parse().unwrap();
        c.edge.trusted_proxies = "127.0.0.1".parse().unwrap();
    })
    .await;
    const X: &str = "X-Forwarded-For";
    for (name, value, reason) in [
        (X, "198.51.100.1", "address"),
        (X, "203.0.113.7, 198.51.100.1", "address"),
        (X, "127.0.0.1", "address"),
        (X, "2001:db8:0:1::1", "address"),
        ("X-Anything", "1", "address"),
        (X, "203.0.113.7, garbage", "forwarded"),
        (X, "garbage, 203.0.113.7", "forwarded"),
        (X, "", "forwarded"),
        ("Forwarded", "for=unknown", "forwarded"),
        ("Forwarded", "for=198.51.100.1", "address"),
    ] {
        let mut raw = world.request("GET", "/v1/health", b"");
        raw.add(name, value);
        let counter = format!("nebulalinks_gateway_refusals_total{{reason=\"{reason}\"}}");
        let before = world.metric(&counter).await;
        let answer = world.send(&raw).await;
        assert_eq!(answer.status, 403, "{name}: {value}: {answer:?}");
        assert!(!answer.headers.iter().any(|(n, _)| n == "signature"));
        assert_eq!(answer.json::<Problem>().code, ErrorCode::Forbidden);
        assert_eq!(world.metric(&counter).await - before, 1.0, "{name}: {value}");
    }
    let mut raw = world.request("GET", "/v1/health", b"");
    raw.add(X, "203.0.113.7");
    raw.add("Forwarded", "for=198.51.100.1");
    assert_eq!(world.send(&raw).await.status, 403, "two words that differ");
    assert_eq!(world.panel.calls(), 0);
    for value in
        ["203.0.113.7", "198.51.100.1, 203.0.113.7", "[2001:db8::9]:4711", "::ffff:203.0.113.7"]
    {
        let mut raw = world.request("GET", "/v1/health", b"");
        raw.add(X, value);
        assert_eq!(world.send(&raw).await.status, 200, "{value}");
    }
}

#[tokio::test]
async fn an_address_and_a_key_that_ask_too_often_wait_as_long_as_they_are_told() {
    let world = World::with(PanelVersion::Head, |c| {
        c.edge.rate_per_minute = 6.try_into().unwrap();
        c.edge.trusted_proxies = "127.0.0.1".parse().unwrap();
    })
    .await;
    let from = |address: &str, spoilt: bool| {
        let mut raw = world.request("GET", "/v1/nothing", b"");
        raw.add("X-Forwarded-For", address);
        if spoilt {
            raw.remove("Signature");
        }
        raw
    };
    for _ in 0..36 {
        assert_eq!(world.send(&from("198.51.100.1", true)).await.status, 401);
    }
    let answer = world.send(&from("198.51.100.1", false)).await;
    assert_eq!(answer.status, 429, "also for what is signed well: the address comes first");
    assert_eq!(answer.json::<Problem>().retry_after_ms, Some(3_334));
    for _ in 0..12 {
        assert_eq!(world.send(&from("203.0.113.7", false)).await.status, 404, "an honest one");
    }
    let raw = from("203.0.113.8", false);
    let answer = world.send(&raw).await;
    assert!(world.is_signed(&raw, &answer), "the key is known by then");
    assert_eq!(answer.json::<Problem>().retry_after_ms, Some(10_000));
    let header = answer.headers.iter().find(|(n, _)| n == "retry-after").unwrap();
    assert_eq!((answer.status, header.1.as_str()), (429, "10"));
    world.advance(9_999);
    assert_eq!(world.send(&from("203.0.113.7", false)).await.status, 429);
    world.advance(1);
    assert_eq!(world.send(&from("203.0.113.7", false)).await.status, 404);
    let limited =
        |whose: &str| format!("nebulalinks_gateway_rate_limited_total{{whose=\"{whose}\"}}");
    assert_eq!(world.metric(&limited("address")).await, 1.0);
    assert_eq!(world.metric(&limited("key")).await, 2.0);
    assert_eq!(world.panel.calls(), 0);
}

#[tokio::test]
async fn a_repeated_nonce_is_refused_and_a_spoilt_one_was_not_stored() {
    let world = World::new().await;
    let raw = world.request("GET", "/v1/health", b"");
    let mut spoilt = raw.clone();
    spoilt.set("Signature", world.request("GET", "/v1/health", b"").header("Signature"));
    assert_eq!(world.send(&spoilt).await.status, 401);
    assert_eq!(world.send(&raw).await.status, 200, "the failed one has not used the nonce up");
    let calls = world.panel.calls();
    assert_eq!(world.send(&raw).await.status, 401);
    world.advance(29_000);
    assert_eq!(world.send(&raw).await.status, 401);
    assert_eq!(world.panel.calls(), calls);
}

#[tokio::test]
async fn a_good_signature_at_a_wrong_time_is_told_the_time_in_a_signed_answer() {
    let world = World::new().await;
    let now_s = world.now() / 1000;
    for created in [now_s - 31, now_s + 31] {
        let raw = world.signed("GET", "/v1/health", b"", &world.keys, created);
        let answer = world.send(&raw).await;
        assert_eq!(answer.status, 401);
        assert!(world.is_signed(&raw, &answer));
        let problem: Problem = answer.json();
        assert_eq!((problem.code, problem.clock_ms), (ErrorCode::Clock, Some(world.now())));
    }
    assert_eq!(world.panel.calls(), 0);
}

#[tokio::test]
async fn what_was_signed_before_the_gateway_started_must_be_signed_again() {
    let mut world = World::new().await;
    let before = world.now() / 1000 - 1;
    world.restart_gateway("panel-token").await;
    let raw = world.signed("GET", "/v1/health", b"", &world.keys, before);
    let answer = world.send(&raw).await;
    assert_eq!(answer.status, 425);
    let date = answer.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case("date")).unwrap();
    assert_eq!(date.1, "Sat, 21 Nov 2026 10:00:01 GMT", "the date of the port, not the machine");
    assert_eq!(world.panel.calls(), 0);
}

#[tokio::test]
async fn an_unknown_path_is_told_only_to_who_may_ask() {
    let world = World::new().await;
    let raw = world.request("GET", "/v1/nothing", b"");
    let answer = world.send(&raw).await;
    assert_eq!(answer.status, 404);
    assert!(world.is_signed(&raw, &answer));
    let mut unsigned = world.request("GET", "/v1/nothing", b"");
    unsigned.remove("Signature");
    assert_eq!(world.send(&unsigned).await.status, 401);
}
