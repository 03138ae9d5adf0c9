//! `subscription` of `shop.yaml`: where customers' apps fetch their links.

use super::characters::For;
use super::draft::ShopFacts;
use super::reader::Reader;
use super::texts::TextRule;
use super::tree::Node;
use super::types::SubscriptionSettings;
use super::units;
use super::words::show;
use crate::model::{DAY_MS, DurationMs, HOUR_MS};
use url::{Host, Url};

/// The keys of `subscription`.
pub(super) const KEYS: &[&str] = &["url", "update_every", "title", "support"];
/// Apps cut a longer one off.
const TITLE: TextRule = TextRule { longest: 25, whom: For::Line, placeholders: &[] };
const DEFAULT_UPDATE: DurationMs = DurationMs(12 * HOUR_MS);
/// An account that moves keeps its old server for a day: an app must have asked again by then.
const LONGEST_UPDATE: DurationMs = DurationMs(DAY_MS / 2);

pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    node: &Node,
    facts: &ShopFacts,
) -> Option<SubscriptionSettings> {
    let fields = reader.fields(node, "subscription", KEYS)?;
    let url = reader.need(&fields, "url").and_then(|n| address(reader, n, "url", base));
    let update_every = match fields.get("update_every") {
        Some(n) => update_every(reader, n),
        None => Some(DEFAULT_UPDATE),
    };
    let title = match fields.get("title") {
        Some(n) => reader.localised(n, "title", TITLE, facts).map(Some),
        None => Some(None),
    };
    let support = match fields.get("support") {
        Some(n) => address(reader, n, "support", support).map(Some),
        None => Some(None),
    };
    Some(SubscriptionSettings {
        url: url?,
        update_every: update_every?,
        title: title?,
        support: support?,
    })
}

/// Whole hours: apps are told no other.
fn update_every(reader: &mut Reader<'_, '_>, node: &Node) -> Option<DurationMs> {
    let length = reader.quantity(node, "update_every", units::LENGTH_HELP, units::length)?;
    if length.0 % HOUR_MS != 0 || !(HOUR_MS..=LONGEST_UPDATE.0).contains(&length.0) {
        let message = "`update_every` is not 1 to 12 whole hours";
        let help = "write 12h, or less: who moves keeps the old server for a day, and apps must have \
                    asked again by then";
        reader.add(node.at, message, help);
        return None;
    }
    Some(length)
}

fn address(
    reader: &mut Reader<'_, '_>,
    node: &Node,
    name: &str,
    check: impl Fn(&str) -> Result<String, (&'static str, &'static str)>,
) -> Option<String> {
    let text = reader.text(node, name)?;
    // An address drops what cannot be seen in it, and would then be another than is written.
    if !reader.seen(node.at, name, text, For::Machines) {
        return None;
    }
    match check(text) {
        Ok(address) => Some(address),
        Err((why, help)) => {
            reader.add(node.at, format!("`{name}`: {} {why}", show(text)), help);
            None
        }
    }
}

/// What tokens travel to: encrypted, but on this machine.
fn base(text: &str) -> Result<String, (&'static str, &'static str)> {
    const HELP: &str =
        "write https:// and the name that customers reach, such as https://vpn.example.net";
    let url = Url::parse(text).map_err(|_| ("is not an address", HELP))?;
    let loopback = match url.host().ok_or(("has no host", HELP))? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err(("is plain http: whoever is on the way would read every link", HELP)),
        _ => return Err(("is not https", HELP)),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(("carries a user name", HELP));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(("has a query: a token is put behind it", HELP));
    }
    if url.path().trim_end_matches('/').ends_with("/sub") {
        return Err(("ends in /sub, which is put behind it", "leave /sub out"));
    }
    // The QR code and a button's address hold a short one only.
    if url.as_str().len() > 128 {
        return Err(("is longer than 128 characters", "take a shorter name"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn support(text: &str) -> Result<String, (&'static str, &'static str)> {
    const HELP: &str = "write https://… or mailto:…";
    let url = Url::parse(text).map_err(|_| ("is not an address", HELP))?;
    match url.scheme() {
        "https" | "mailto" if text.len() <= 256 => Ok(url.into()),
        "https" | "mailto" => Err(("is longer than 256 characters", "take a shorter one")),
        _ => Err(("is neither https nor mailto", HELP)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_travel_encrypted_or_stay_on_this_machine() {
        for (text, taken) in [
            ("https://vpn.example.net", "https://vpn.example.net"),
            ("https://vpn.example.net/", "https://vpn.example.net"),
            ("https://example.net:8443/vpn/", "https://example.net:8443/vpn"),
            ("http://127.0.0.1:8780", "http://127.0.0.1:8780"),
            ("https://vpn.example.net/subs", "https://vpn.example.net/subs"),
        ] {
            assert_eq!(base(text).as_deref(), Ok(taken));
        }
        for text in [
            "vpn.example.net",
            "http://vpn.example.net",
            "ftp://vpn.example.net",
            "https://u:p@vpn.example.net",
            "https://vpn.example.net/?a=1",
            "https://vpn.example.net/#x",
            "https://vpn.example.net/sub/",
            "https://vpn.example.net/a/sub",
            "https:///",
            "",
            &format!("https://{}.example.net", "a".repeat(120)),
        ] {
            assert!(base(text).is_err(), "{text}");
        }
        assert!(support("https://discord.gg/abc").is_ok() && support("mailto:a@b.example").is_ok());
        for text in ["javascript:alert(1)", "http://a.example", "discord", ""] {
            assert!(support(text).is_err(), "{text}");
        }
    }
}
