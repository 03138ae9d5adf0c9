//! A share link as an app reads it: scheme, who, where, how, and what it is called.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a link says.
#[derive(Debug, PartialEq, Eq)]
pub struct Link {
    /// `vless` and the like.
    pub scheme: String,
    /// Who comes in: a uuid, a secret, or a cipher with its keys.
    pub who: String,
    /// Where to.
    pub host: String,
    /// At which port.
    pub port: u16,
    /// How: each parameter once.
    pub params: BTreeMap<String, String>,
    /// What an app shows.
    pub label: String,
}

/// Reads a link; `None` where an app would misread it.
#[must_use]
pub fn read(url: &str) -> Option<Link> {
    if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let (scheme, rest) = url.split_once("://")?;
    if scheme == "vmess" {
        return vmess(rest);
    }
    let (rest, label) = rest.split_once('#')?;
    let (authority, query) = rest.split_once('?')?;
    let (who, at) = authority.split_once('@')?;
    let (host, port) = at.rsplit_once(':')?;
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    if !(who.is_ascii() && query.is_ascii() && label.is_ascii()) {
        return None;
    }
    if bare.is_empty() || bare.contains(['/', '@', '?', '#', '[', ']', '%', '\\', '"']) {
        return None;
    }
    if bare.contains(':') != host.starts_with('[') {
        return None;
    }
    let mut params = BTreeMap::new();
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=')?;
        if params.insert(key.to_owned(), decoded(value)?).is_some() {
            return None;
        }
    }
    let who = match scheme {
        "ss" if !who.contains(':') => String::from_utf8(URL_SAFE_NO_PAD.decode(who).ok()?).ok()?,
        _ => decoded(who)?,
    };
    let (scheme, host, port) = (scheme.to_owned(), bare.to_owned(), port.parse().ok()?);
    Some(Link { scheme, who, host, port, params, label: decoded(label)? })
}

fn vmess(base64: &str) -> Option<Link> {
    let object: Value = serde_json::from_slice(&STANDARD.decode(base64).ok()?).ok()?;
    let text = |key: &str| Some(object.get(key)?.as_str()?.to_owned());
    let port = u16::try_from(object.get("port")?.as_u64()?).ok()?;
    let known = ["ps", "id", "add", "port"];
    let params = object.as_object()?.iter().filter(|(key, _)| !known.contains(&key.as_str()));
    let params = params.map(|(key, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (key.clone(), value)
    });
    let params = params.collect();
    Some(Link {
        scheme: "vmess".into(),
        who: text("id")?,
        host: text("add")?,
        port,
        params,
        label: text("ps")?,
    })
}

/// Percent-encoding undone; `None` where it is not whole, or not UTF-8.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first != b'%' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let hex = std::str::from_utf8(after.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(hex, 16).ok()?);
        rest = after.get(2..)?;
    }
    String::from_utf8(bytes).ok()
}
