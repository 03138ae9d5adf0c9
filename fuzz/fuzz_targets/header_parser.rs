//! A header block is read if and only if it is the profile's to the byte, and its MAC is right if
//! and only if it is the MAC of what it says.
//!
//! Input: a first line, `METHOD host path?query` or a status, then `name: value` lines, an empty
//! line, and the body.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use nebulalinks_fuzz::profile::{self, Head, Header};
use nebulalinks_protocol::{Key, RequestBinding, RequestHead, SignedRequest, verify_response};

const KEY: [u8; 32] = [7; 32];
/// The request that answers are bound to.
const BOUND: (&str, &str, &str) =
    ("PUT", "/v1/clients/nl-01jz8q5v9m3k", "Db80/Kg9YmL4dZMYce4VeMW/RdjVU12ESZvHl/3LNAM=");
const KEYID: &str = "gw-fra:2026-11";

fuzz_target!(|data: &[u8]| -> Corpus {
    if check(data).is_some() { Corpus::Keep } else { Corpus::Reject }
});

fn check(data: &[u8]) -> Option<()> {
    let (first, rest) = line(data);
    let first = std::str::from_utf8(first).ok()?;
    let mut headers: Vec<Header<'_>> = Vec::new();
    let mut rest = rest;
    loop {
        let (header, after) = line(rest);
        rest = after;
        if header.is_empty() {
            break;
        }
        let colon = header.iter().position(|b| *b == b':')?;
        let name = std::str::from_utf8(&header[..colon]).ok()?;
        headers.push((name, header[colon + 1..].strip_prefix(b" ").unwrap_or_default()));
    }
    if let Ok(status) = first.parse() {
        answer(status, &headers, rest);
        return Some(());
    }
    let mut parts = first.splitn(3, ' ');
    let (method, authority, target) = (parts.next()?, parts.next()?, parts.next()?);
    let (path, query) = target.split_once('?').map_or((target, None), |(p, q)| (p, Some(q)));
    request(&Head { method, authority, path, query }, &headers, rest);
    Some(())
}

fn request(head: &Head<'_>, headers: &[Header<'_>], body: &[u8]) {
    let expected = profile::request(headers).filter(|_| head.is_a_request());
    let read = read(head, headers);
    assert_eq!(read.is_ok(), expected.is_some(), "{:?}", read.err());
    let (Ok(read), Some(expected)) = (read, expected) else { return };
    let stamp = read.stamp;
    assert_eq!(stamp.created, expected.created);
    assert_eq!(Some(stamp.expires), expected.expires);
    assert_eq!(Some(stamp.nonce), expected.nonce.as_deref());
    assert_eq!(stamp.keyid, expected.keyid);
    assert_eq!(read.signature_text(), expected.signature);
    assert_eq!(read.check_body(body).is_ok(), profile::digest(body) == expected.digest);

    let mac = profile::request_mac(KEY, head, &expected);
    assert_eq!(read.authenticate(&Key::new(KEY)).is_ok(), mac == expected.signature);
    let signature = format!("gw=:{mac}:");
    let right = with(headers, &signature);
    let again = self::read(head, &right).expect("only the signature is another");
    assert_eq!(again.authenticate(&Key::new(KEY)), Ok(()));
    assert!(again.authenticate(&Key::new([8; 32])).is_err());
}

fn read<'a>(
    head: &Head<'a>,
    headers: &'a [Header<'a>],
) -> Result<SignedRequest<'a>, nebulalinks_protocol::Refusal> {
    let Head { method, authority, path, query } = *head;
    SignedRequest::read(&RequestHead { method, authority, path, query, headers })
}

fn answer(status: u16, headers: &[Header<'_>], body: &[u8]) {
    let key = Key::new(KEY);
    let binding = RequestBinding { method: BOUND.0, path: BOUND.1, signature: BOUND.2 };
    let verify = |headers: &[Header<'_>], keyid: &str| {
        verify_response(&key, keyid, status, headers, body, &binding)
    };
    let Some(expected) = profile::answer(status, headers) else {
        assert!(verify(headers, KEYID).is_err());
        return;
    };
    let honest = profile::digest(body) == expected.digest;
    let mac = profile::answer_mac(KEY, status, BOUND, &expected);
    let accepted = honest && mac == expected.signature;
    assert_eq!(verify(headers, &expected.keyid).ok(), accepted.then_some(expected.created));
    let signature = format!("gwr=:{mac}:");
    let right = with(headers, &signature);
    assert_eq!(verify(&right, &expected.keyid).ok(), honest.then_some(expected.created));
    assert_eq!(verify(&right, KEYID).is_ok(), honest && expected.keyid == KEYID);
    let other = RequestBinding { path: "/v1/clients", ..binding };
    assert!(verify_response(&key, &expected.keyid, status, &right, body, &other).is_err());
}

/// The same headers with another signature.
fn with<'a>(headers: &[Header<'a>], signature: &'a str) -> Vec<Header<'a>> {
    let replace = |(name, value): &Header<'a>| {
        let is = name.eq_ignore_ascii_case("signature");
        (*name, if is { signature.as_bytes() } else { *value })
    };
    headers.iter().map(replace).collect()
}

fn line(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.iter().position(|b| *b == b'\n').unwrap_or(data.len());
    (&data[..end], data.get(end + 1..).unwrap_or_default())
}
