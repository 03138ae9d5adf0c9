//! What a customer was last sent, as a fingerprint of what the links mean: to whom they lead and
//! what they say, whatever else is known of an inbound and whatever they are labelled.

use super::{Source, nobody, source};
use crate::catalog::Catalog;
use crate::model::{
    AccountId, Binding, Delivery, Disposition, InboundFacts, ServerFacts, ServerId, Snapshot,
    UnixMs,
};
use nebulalinks_protocol::facts::STREAM;
use nebulalinks_protocol::hex;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Begins a fingerprint of links' meaning. Those without it were made of all facts.
const OF_MEANING: &str = "m1-";

/// Begins a fingerprint of a subscription address: whoever holds one is told of no move.
const OF_ADDRESS: &str = "s1-";

/// Hash of what is delivered: the subscription address where the shop has them, else what the
/// account's links mean: what they say with nobody's credentials in them, and the version of the
/// credentials. `None` while there is nothing to deliver.
#[must_use]
pub fn delivery_fingerprint(
    snapshot: &Snapshot,
    catalog: &Catalog,
    account: AccountId,
) -> Option<String> {
    let plain = meaning(&source(snapshot, catalog, account)?)?;
    Some(of_address(snapshot, catalog, account).unwrap_or(plain))
}

/// The subscription address of an account, where the shop has them. It opens the door: it never goes
/// into a log.
#[must_use]
pub(crate) fn address(
    snapshot: &Snapshot,
    catalog: &Catalog,
    account: AccountId,
) -> Option<String> {
    let settings = catalog.shop.subscription.as_ref()?;
    let end = snapshot.account(account)?.address_end();
    Some(format!("{}/sub/{end}", settings.url))
}

fn of_address(snapshot: &Snapshot, catalog: &Catalog, account: AccountId) -> Option<String> {
    let hash = hash(&address(snapshot, catalog, account)?)?;
    Some(format!("{OF_ADDRESS}{hash}"))
}

/// Whether a fingerprint is of a subscription address, which is the same whichever server serves it.
#[must_use]
pub fn is_of_address(fingerprint: &str) -> bool {
    fingerprint.starts_with(OF_ADDRESS)
}

/// Whether the app of a customer who holds an address may still go to a server that was lost since he was
/// told last. One that was left in peace before is none: his app has asked again by then.
#[must_use]
pub fn misses_a_loss(
    snapshot: &Snapshot,
    catalog: &Catalog,
    delivery: &Delivery,
    now: UnixMs,
) -> bool {
    let (id, told) = (delivery.account, delivery.at);
    let moved = snapshot.serving(id).is_some_and(|binding| binding.bound_at > told);
    let mut left = snapshot.bindings(id).filter(|b| catalog.is_lost(&b.server));
    is_of_address(&delivery.fingerprint)
        && left.any(|binding| match binding.disposition {
            Disposition::Tombstoned { since } => {
                told < since && since <= now && (moved || since < told + Binding::OLD_KEPT)
            }
            Disposition::Serving | Disposition::Leaving => false,
        })
}

/// Whether the customer was sent, or shown, what the fingerprint of now stands for. What an older
/// version delivered counts as long as nothing changed since, unless its link left out what links
/// say now.
#[must_use]
pub fn is_delivered(
    snapshot: &Snapshot,
    catalog: &Catalog,
    delivery: &Delivery,
    fingerprint: &str,
) -> bool {
    let source = || source(snapshot, catalog, delivery.account);
    if is_of_address(fingerprint) && !is_of_address(&delivery.fingerprint) {
        // Who got a plain link before there were addresses goes on with it until it changes: the message
        // that tells so brings the address.
        let Some(plain) = source().and_then(|source| meaning(&source)) else { return false };
        return is_delivered(snapshot, catalog, delivery, &plain);
    }
    if is_of_address(&delivery.fingerprint) || delivery.fingerprint.starts_with(OF_MEANING) {
        return *delivery.fingerprint == *fingerprint;
    }
    let Some(source) = source() else { return false };
    of_facts(&source).as_deref() == Some(&*delivery.fingerprint)
        && meaning_before(&source).as_deref() == Some(fingerprint)
}

fn meaning(source: &Source<'_>) -> Option<String> {
    let links = source.links(&nobody(), |_, _| String::new());
    let mut urls: Vec<_> = links.into_iter().map(|link| link.url).collect();
    urls.sort_unstable();
    let hash = hash(&(source.credentials.version, &urls))?;
    (!urls.is_empty()).then(|| format!("{OF_MEANING}{hash}"))
}

/// Half a SHA-256 of the JSON.
fn hash(of: &impl Serialize) -> Option<String> {
    let json = serde_json::to_vec(of).ok()?;
    let digest: [u8; 32] = Sha256::digest(json).into();
    Some(hex(&digest[..16]))
}

/// Fingerprints before `m1-`: server, credentials, host and every fact of its inbounds, as the
/// records had them then.
pub(super) fn of_facts(source: &Source<'_>) -> Option<String> {
    #[derive(Serialize)]
    struct All<'a> {
        server: &'a ServerId,
        credentials: u32,
        host: &'a str,
        inbounds: Vec<Inbound<'a>>,
    }
    #[derive(Serialize)]
    struct Inbound<'a> {
        id: i64,
        remark: &'a str,
        protocol: &'a str,
        port: u16,
        enable: bool,
        settings: &'a Value,
        stream: &'a Value,
    }
    let inbounds = source.inbounds().map(|facts| Inbound {
        id: facts.id,
        remark: &facts.remark,
        protocol: &facts.protocol,
        port: facts.port,
        enable: facts.enable,
        settings: &facts.settings,
        stream: &facts.stream,
    });
    hash(&All {
        server: &source.server.id,
        credentials: source.credentials.version,
        host: &source.server.host,
        inbounds: inbounds.collect(),
    })
}

/// What the links of that time meant, in links of now: made of the facts that they used.
fn meaning_before(source: &Source<'_>) -> Option<String> {
    let facts = ServerFacts {
        server: source.facts.server.clone(),
        inbounds: source.facts.inbounds.iter().map(used_before).collect(),
    };
    meaning(&Source { facts: &facts, ..*source })
}

/// What stood in the records and in no link.
pub(super) const UNUSED_BEFORE: [&str; 9] = [
    "externalProxy",
    "xhttpSettings/extra",
    "xhttpSettings/xPaddingObfsMode",
    "xhttpSettings/xPaddingKey",
    "xhttpSettings/xPaddingHeader",
    "xhttpSettings/xPaddingPlacement",
    "xhttpSettings/xPaddingMethod",
    "tlsSettings/settings/pinnedPeerCertSha256",
    "tlsSettings/settings/verifyPeerCertByName",
];

fn used_before(inbound: &InboundFacts) -> InboundFacts {
    let mut used = InboundFacts {
        listen: String::new(),
        share_strategy: String::new(),
        share_address: String::new(),
        ..inbound.clone()
    };
    let later = STREAM.iter().filter(|field| field.if_said).map(|field| field.path);
    for path in UNUSED_BEFORE.into_iter().chain(later) {
        remove(&mut used.stream, path);
    }
    if inbound.protocol.starts_with("hysteria") {
        remove(&mut used.stream, "finalmask/quicParams");
    }
    // The first entry was taken, whether it said anything or not.
    for path in ["/realitySettings/serverNames", "/realitySettings/shortIds"] {
        if let Some(Value::Array(list)) = used.stream.pointer_mut(path) {
            list.truncate(1);
        }
    }
    used
}

fn remove(from: &mut Value, path: &str) {
    let (outer, name) = path.rsplit_once('/').unwrap_or(("", path));
    let outer = if outer.is_empty() { String::new() } else { format!("/{outer}") };
    if let Some(Value::Object(object)) = from.pointer_mut(&outer) {
        object.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ServerLifecycle;
    use crate::model::{DAY_MS, DeliveryState, DurationMs, HOUR_MS, MINUTE_MS};
    use crate::view::sample::{self, NOW, account_id, served_account};

    #[test]
    fn a_loss_is_told_to_whose_app_still_goes_there_and_to_nobody_who_left_in_peace() {
        let mut catalog = sample::catalog();
        let mut lost = catalog.servers.values().next().unwrap().clone();
        lost.id = "ams-1".parse().unwrap();
        lost.lifecycle = ServerLifecycle::Lost;
        catalog.servers.insert(lost.id.clone(), lost.clone());
        let at = |ms: u64| NOW + DurationMs(ms);
        let (day, soon) = (DAY_MS, MINUTE_MS);
        for (what, kind, moved, told, left, now, misses) in [
            ("it dies", OF_ADDRESS, 5 * day, 0, 5 * day, 5 * day, true),
            ("he was told", OF_ADDRESS, 5 * day, 5 * day, 5 * day, 6 * day, false),
            ("drained before", OF_ADDRESS, 5 * day, 5 * day + soon, 6 * day + soon, 9 * day, false),
            (
                "dies in a drain",
                OF_ADDRESS,
                5 * day,
                5 * day + soon,
                5 * day + HOUR_MS,
                6 * day,
                true,
            ),
            ("the clock is set back", OF_ADDRESS, 5 * day, 0, 5 * day, 4 * day, false),
            ("he has a plain link", OF_MEANING, 5 * day, 0, 5 * day, 5 * day, false),
        ] {
            let account = account_id(1);
            let mut edits = served_account(1, true);
            let serving = Binding {
                account,
                server: "fra-1".parse().unwrap(),
                disposition: Disposition::Serving,
                bound_at: at(moved),
            };
            let disposition = Disposition::Tombstoned { since: at(left) };
            edits.put(Binding { server: lost.id.clone(), disposition, ..serving.clone() });
            edits.put(serving);
            let snapshot = sample::snapshot([edits]);
            let state = DeliveryState::Delivered;
            let delivery = Delivery::after(None, account, format!("{kind}x"), state, at(told));
            assert_eq!(misses_a_loss(&snapshot, &catalog, &delivery, at(now)), misses, "{what}");
        }
    }
}
