//! What verifies is what was signed: one request is signed, another one is shown with its headers.
//!
//! Input: fields between NUL bytes: method, authority, path, query, body, created, lifetime, nonce,
//! key id; then method, authority, path, query and body of the request that is shown.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use nebulalinks_fuzz::profile::{self, Head};
use nebulalinks_protocol::{Key, RequestHead, RequestParts, SignedRequest, Stamp, sign_request};

const KEY: [u8; 32] = [7; 32];

struct Message<'a> {
    head: Head<'a>,
    body: &'a str,
}

fuzz_target!(|data: &[u8]| -> Corpus {
    if check(data).is_some() { Corpus::Keep } else { Corpus::Reject }
});

fn check(data: &[u8]) -> Option<()> {
    let mut fields = std::str::from_utf8(data).ok()?.split('\0');
    let sent = message(&mut fields)?;
    let created: u64 = fields.next()?.parse().ok()?;
    let expires = created.checked_add(fields.next()?.parse().ok()?)?;
    let (nonce, keyid) = (fields.next()?, fields.next()?);
    let shown = message(&mut fields)?;

    let signed = sign_request(
        &Key::new(KEY),
        &RequestParts {
            method: sent.head.method,
            authority: sent.head.authority,
            path: sent.head.path,
            query: sent.head.query,
            body: sent.body.as_bytes(),
        },
        &Stamp { created, expires, nonce, keyid },
    );
    let headers = [
        ("Content-Type", b"application/json".as_slice()),
        ("Content-Digest", signed.content_digest.as_bytes()),
        ("Signature-Input", signed.signature_input.as_bytes()),
        ("Signature", signed.signature.as_bytes()),
    ];
    let expected = profile::request(&headers).filter(|_| shown.head.is_a_request());
    let read = SignedRequest::read(&RequestHead {
        method: shown.head.method,
        authority: shown.head.authority,
        path: shown.head.path,
        query: shown.head.query,
        headers: &headers,
    });
    assert_eq!(read.is_ok(), expected.is_some(), "{:?}", read.err());
    let (Ok(read), Some(expected)) = (read, expected) else { return Some(()) };

    let stamp = read.stamp;
    assert_eq!((stamp.created, stamp.expires), (created, expires));
    assert_eq!((stamp.nonce, stamp.keyid), (nonce, keyid));
    assert_eq!(format!("gw=:{}:", read.signature_text()), signed.signature);
    assert_eq!(read.check_body(shown.body.as_bytes()).is_ok(), sent.body == shown.body);
    assert!(read.authenticate(&Key::new([8; 32])).is_err());
    // Two requests with one base would be one to the verifier: there are none.
    let same = sent.head.meaning() == shown.head.meaning();
    assert_eq!(read.authenticate(&Key::new(KEY)).is_ok(), same, "{:?} {:?}", sent.head, shown.head);
    if same {
        assert_eq!(profile::request_mac(KEY, &shown.head, &expected), read.signature_text());
    }
    Some(())
}

fn message<'a>(fields: &mut impl Iterator<Item = &'a str>) -> Option<Message<'a>> {
    let (method, authority, path) = (fields.next()?, fields.next()?, fields.next()?);
    // `?` and what follows, or nothing.
    let query = fields.next()?.strip_prefix('?');
    Some(Message { head: Head { method, authority, path, query }, body: fields.next()? })
}
