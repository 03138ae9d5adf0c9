//! Everything that can be wrong with a request before it is read, and what that meets.

use nebulalinks_protocol::{ErrorCode, Key, KeyPair, content_digest, keys::MasterKey};

use crate::support::{Caller, Raw, START_MS, script_keys};

/// What is done to a good request, by whom it is signed.
pub(super) type Spoil = fn(&Caller, &mut Raw);

/// What a spoilt request meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meets {
    /// The verifier: an unsigned 401, the same for all, and this reason in the metrics.
    Reason(&'static str),
    /// The same when it is sent once more; the first time it is a good one.
    Twice(&'static str),
    /// The verifier, once the head is proven: a signed problem of this code.
    Told(ErrorCode),
    /// The reader of HTTP itself: a bare 400, or a closed connection.
    NoHttp,
}
use Meets::{NoHttp, Reason, Told, Twice};

/// All of them.
pub(super) fn all() -> Vec<(&'static str, Meets, Spoil)> {
    [MISSING, TWICE, ALTERED, TIMES, BODIES, PLACES].concat()
}

/// Replaces in a header's value.
fn mend(raw: &mut Raw, name: &str, from: &str, to: &str) {
    let value = raw.header(name).to_owned();
    assert!(value.contains(from), "{name}: {value} has no {from}");
    raw.set(name, &value.replace(from, to));
}

/// The same request, signed once more after a change.
fn signed_again(world: &Caller, raw: &mut Raw, method: &str, path: &str, body: &[u8]) {
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
    ("more headers than anybody needs", NoHttp, |_, r| {
        (0..150).for_each(|n| r.add(&format!("X-{n}"), "1"));
    }),
    ("a zero byte in a header", NoHttp, |_, r| mend(r, "Signature", "gw=", "gw=\0")),
];

const ALTERED: &[(&str, Meets, Spoil)] = &[
    ("another type", Reason("content_type"), |_, r| {
        r.set("Content-Type", "application/json; charset=utf-8");
    }),
    ("another method", Reason("mac"), |_, r| r.method = "PATCH".into()),
    ("a method in lower case", Reason("mac"), |_, r| r.method = r.method.to_lowercase()),
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

const TIMES: &[(&str, Meets, Spoil)] = &[
    ("stale", Told(ErrorCode::Clock), |w, r| dated(w, r, w.now() / 1000 - 31)),
    ("expired", Told(ErrorCode::Clock), |w, r| {
        *r = w.signed_for(1, &r.method, &r.path, &r.body, &w.keys, w.now() / 1000 - 2);
    }),
    ("of the future", Told(ErrorCode::Clock), |w, r| dated(w, r, w.now() / 1000 + 31)),
    ("of the far future", Told(ErrorCode::Clock), |w, r| dated(w, r, u64::from(u32::MAX))),
    ("signed before the start", Told(ErrorCode::TooEarly), |w, r| {
        dated(w, r, START_MS / 1000 - 1);
    }),
    ("sent again", Twice("replayed"), |_, _| {}),
    ("the key of another role", Told(ErrorCode::Forbidden), |w, r| {
        let scripts = script_keys();
        let is_script = w.keys.request.id() == scripts.request.id();
        let other = if is_script { MasterKey::new([9; 32]).derive("fra-1") } else { scripts };
        *r = w.signed(&r.method, &r.path, &r.body, &other, w.now() / 1000);
    }),
];

/// Signed at another time, in seconds since 1970.
fn dated(world: &Caller, raw: &mut Raw, created: u64) {
    *raw = world.signed(&raw.method, &raw.path, &raw.body, &world.keys, created);
}

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

fn last_slash(raw: &mut Raw, to: &str) {
    let at = raw.path.rfind('/').unwrap();
    raw.path.replace_range(at..=at, to);
}

const PLACES: &[(&str, Meets, Spoil)] = &[
    ("another path", Reason("mac"), |_, r| r.path = "/v1/clients/nl-b".into()),
    ("another spelling of a letter", Reason("mac"), |_, r| {
        let letter = r.path.pop().unwrap();
        r.path += &format!("%{:02x}", u32::from(letter));
    }),
    ("an encoded slash", Reason("mac"), |_, r| last_slash(r, "%2F")),
    ("an encoded slash in lower case", Reason("mac"), |w, r| {
        signed_again(w, r, "GET", "/v1/clients/a%2Fb", b"");
        r.path = "/v1/clients/a%2fb".into();
    }),
    ("a plain slash for an encoded one", Reason("mac"), |w, r| {
        signed_again(w, r, "GET", "/v1/clients/a%2Fb", b"");
        r.path = "/v1/clients/a/b".into();
    }),
    ("a double slash", Reason("mac"), |_, r| last_slash(r, "//")),
    ("a dot segment", Reason("mac"), |_, r| last_slash(r, "/./")),
    ("two dots", Reason("mac"), |_, r| last_slash(r, "/x/../")),
    ("encoded dots", Reason("mac"), |_, r| last_slash(r, "/x/%2e%2e/")),
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
    ("a space in the path", NoHttp, |_, r| last_slash(r, "/ ")),
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
