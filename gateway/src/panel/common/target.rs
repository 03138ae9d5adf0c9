//! The inbounds a client is to be on, and the secret that their protocol needs.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use nebulalinks_protocol::{ErrorCode, Listed, NoSuchInbound, UnreadableInbound, meant};

use super::inbound::InboundState;
use super::json::field;
use super::located_client::LocatedClient;
use super::state::PanelState;
use crate::failure::Failure;

/// An inbound a client must be on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::panel) struct Target {
    pub(in crate::panel) id: i64,
    /// Clients here carry a flow.
    pub(in crate::panel) flow: bool,
    pub(in crate::panel) secret: Secret,
}

/// Which secret an inbound's protocol needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::panel) enum Secret {
    /// None but the uuid.
    Uuid,
    /// `password`, as it is.
    Plain,
    /// `password`, base64 of this many bytes.
    Key(usize),
    /// `auth`.
    Auth,
}

/// Finds an inbound by remark or number. `serves`: for a client that is to be on, so the inbound
/// must be; one that is to be off can be switched off anywhere.
///
/// # Errors
/// [`ErrorCode::NoInbound`]: absent, ambiguous, off, on a node, or of a kind without clients.
pub(in crate::panel) fn resolve(
    name: &str,
    serves: bool,
    state: &PanelState,
) -> Result<Target, Failure> {
    let no = |why: &str| no_inbound(name, why);
    let read = state.inbounds.iter().map(Listed::Read);
    let listed: Vec<_> = read.chain(state.unreadable.iter().map(Listed::Unreadable)).collect();
    let inbound = match meant(name, listed.iter()) {
        Ok(Listed::Read(inbound)) => *inbound,
        Ok(Listed::Unreadable(UnreadableInbound { why, .. })) => {
            return Err(no(&format!("cannot be read, because {why}: mend it in the panel")));
        }
        Err(NoSuchInbound::Missing) => return Err(no("is not on the panel")),
        Err(NoSuchInbound::Ambiguous(ids)) => {
            let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
            let ids = ids.join(", ");
            return Err(no(&format!("is the remark of several (numbers {ids}): use a number")));
        }
    };
    if !inbound.enable && serves {
        return Err(no("is switched off on the panel"));
    }
    target(name, inbound)
}

/// The inbound as one that takes clients of ours.
fn target(name: &str, inbound: &InboundState) -> Result<Target, Failure> {
    if inbound.on_node {
        return Err(no_inbound(name, ON_NODE));
    }
    let secret = secret(inbound)
        .ok_or_else(|| no_inbound(name, "is of a kind that takes no clients of ours"))?;
    Ok(Target { id: inbound.id, flow: inbound.takes_flow(), secret })
}

/// Finds several inbounds by remark or number, each once.
///
/// # Errors
/// Those of [`resolve`].
pub(in crate::panel) fn resolve_all(
    names: &[String],
    serves: bool,
    state: &PanelState,
) -> Result<Vec<Target>, Failure> {
    let mut targets = Vec::new();
    for name in names {
        let target = resolve(name, serves, state)?;
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    Ok(targets)
}

/// The inbounds that a client is on, whatever they are called and whether on or off.
///
/// # Errors
/// [`ErrorCode::NoInbound`]: one is on a node, or of a kind without clients.
pub(in crate::panel) fn where_it_is(
    found: &LocatedClient,
    state: &PanelState,
) -> Result<Vec<Target>, Failure> {
    let mut targets: Vec<Target> = Vec::new();
    for inbound in found.copies.iter().filter_map(|(id, _)| state.inbound(*id)) {
        if targets.iter().all(|target| target.id != inbound.id) {
            targets.push(target(&inbound.remark, inbound)?);
        }
    }
    Ok(targets)
}

const ON_NODE: &str = "lives on another panel (a node): put a gateway beside that one, or start \
                       this one with --allow-nodes";

fn no_inbound(name: &str, why: &str) -> Failure {
    Failure::new(ErrorCode::NoInbound, format!("the inbound `{}` {why}", name.escape_debug()))
}

/// Checks that a client that is not the shop's is on this panel's own inbounds.
///
/// # Errors
/// [`ErrorCode::NoInbound`].
pub(in crate::panel) fn is_local(found: &LocatedClient, state: &PanelState) -> Result<(), Failure> {
    let inbounds = found.copies.iter().filter_map(|(id, _)| state.inbound(*id));
    let mut on_nodes = inbounds.filter(|inbound| inbound.on_node);
    on_nodes.next().map_or(Ok(()), |inbound| Err(no_inbound(&inbound.remark, ON_NODE)))
}

/// The secret of an inbound's kind; `None` where it takes no clients of ours.
pub(in crate::panel) fn secret(inbound: &InboundState) -> Option<Secret> {
    let method = field(&inbound.settings, "method").as_str().unwrap_or_default();
    match inbound.protocol.as_str() {
        "vless" | "vmess" => Some(Secret::Uuid),
        "trojan" => Some(Secret::Plain),
        "hysteria" | "hysteria2" => Some(Secret::Auth),
        "shadowsocks" => match method {
            "2022-blake3-aes-128-gcm" => Some(Secret::Key(16)),
            "2022-blake3-aes-256-gcm" => Some(Secret::Key(32)),
            // One user only.
            m if m.starts_with("2022-") => None,
            _ => Some(Secret::Plain),
        },
        _ => None,
    }
}

/// The `password` of this kind that an account's secret makes, where the kind has one.
///
/// # Errors
/// [`ErrorCode::Invalid`]: the cipher needs more bytes than there are.
pub(in crate::panel) fn password(kind: Secret, secret: &str) -> Result<Option<String>, Failure> {
    match kind {
        Secret::Uuid | Secret::Auth => Ok(None),
        Secret::Plain => Ok(Some(secret.to_owned())),
        Secret::Key(length) => URL_SAFE_NO_PAD
            .decode(secret)
            .ok()
            .and_then(|bytes| bytes.get(..length).map(|key| Some(STANDARD.encode(key))))
            .ok_or_else(|| {
                let detail = format!("this inbound's cipher needs a secret of {length} bytes");
                Failure::new(ErrorCode::Invalid, detail)
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn an_inbound_on_a_node_is_refused_unless_opted_in() {
        let inbound = json!([{
            "id": 1, "remark": "a", "protocol": "vless", "port": 443, "enable": true, "nodeId": 2,
            "settings": {"clients": []}, "streamSettings": {},
        }]);
        let resolved =
            |allow| resolve("a", true, &PanelState::read(inbound.clone(), allow).unwrap());
        let refused = resolved(false).unwrap_err();
        assert_eq!(refused.code, ErrorCode::NoInbound);
        assert!(refused.detail.contains("--allow-nodes"));
        assert_eq!(resolved(true).unwrap().id, 1);
    }

    /// The product's links carry the same passwords, and its tests hold to the same file.
    #[test]
    fn a_clients_password_is_the_one_that_its_link_carries() {
        let text = include_str!("../../../../tests/fixtures/links/shadowsocks-passwords.json");
        let file: Value = serde_json::from_str(text).unwrap();
        let passwords = file["passwords"].as_array().unwrap();
        assert!(passwords.len() > 5);
        for case in passwords {
            let inbound = json!([{
                "id": 1, "remark": "a", "protocol": "shadowsocks", "port": 443, "enable": true,
                "settings": {"method": case["method"], "clients": []}, "streamSettings": {},
            }]);
            let state = PanelState::parse(inbound).unwrap();
            let ours = secret(&state.inbounds[0])
                .and_then(|kind| password(kind, case["secret"].as_str().unwrap()).ok().flatten());
            assert_eq!(ours.as_deref(), case["password"].as_str(), "{case}");
        }
    }
}
