//! What is asked of a client, in the panel's own terms.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use nebulalinks_protocol::{Cap, Desired, End, ErrorCode};
use serde_json::{Value, json};

use super::json::field;
use super::state::{ClientObject, InboundState, PanelState, VISION, flag, int, text};
use crate::panel::Failure;

/// An inbound the client must be on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) id: i64,
    flow: bool,
    secret: Secret,
}

/// Which secret an inbound's protocol needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Secret {
    /// None but the uuid.
    Uuid,
    /// `password`, as it is.
    Plain,
    /// `password`, base64 of this many bytes.
    Key(usize),
    /// `auth`.
    Auth,
}

/// The whole of what is wanted.
#[derive(Clone)]
pub(super) struct Wanted {
    pub(super) email: String,
    pub(super) enable: bool,
    pub(super) total: i64,
    pub(super) expiry: i64,
    pub(super) targets: Vec<Target>,
    /// When the client that is there was made, in ms since 1970.
    pub(super) made_at: Option<i64>,
    id: String,
    sub_id: String,
    limit_ip: i64,
    comment: String,
    password: Option<String>,
    auth: Option<String>,
}

impl Wanted {
    /// Finds the inbounds by remark or number, and derives the secrets.
    pub(super) fn new(
        desired: &Desired,
        inbounds: &[String],
        state: &PanelState,
    ) -> Result<Self, Failure> {
        let mut targets = Vec::new();
        for name in inbounds {
            let target = resolve(name, state)?;
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        let mut passwords: Vec<String> = Vec::new();
        for target in &targets {
            if let Some(password) = password(target.secret, &desired.secret)?
                && !passwords.contains(&password)
            {
                passwords.push(password);
            }
        }
        if passwords.len() > 1 {
            return Err(Failure::new(
                ErrorCode::NoInbound,
                "these inbounds need passwords of different forms, and a client has only one: use \
                 one cipher, or separate servers",
            ));
        }
        let auth = targets.iter().any(|t| t.secret == Secret::Auth);
        Ok(Self {
            email: desired.email.clone(),
            enable: desired.enable,
            total: match desired.cap {
                Cap::Bytes(n) => i64::try_from(n.get()).unwrap_or(i64::MAX),
                Cap::Unlimited => 0,
            },
            expiry: match desired.end {
                End::AtMs(at) => i64::try_from(at.get()).unwrap_or(i64::MAX),
                End::Never => 0,
            },
            targets,
            made_at: None,
            id: desired.uuid.to_string(),
            sub_id: desired.sub_id.clone(),
            limit_ip: i64::from(desired.ip_limit),
            comment: desired.comment.clone(),
            password: passwords.pop(),
            auth: auth.then(|| desired.secret.clone()),
        })
    }

    /// Whether the panel itself would switch such a client off at once.
    pub(super) fn is_spent(&self, used: u64, now_ms: u64) -> bool {
        let past =
            |limit: i64, value: u64| limit > 0 && u64::try_from(limit).is_ok_and(|l| l <= value);
        past(self.expiry, now_ms) || past(self.total, used)
    }

    /// Whether a client's object is so, on its inbound.
    pub(super) fn matches(&self, inbound: i64, client: &ClientObject) -> bool {
        let target = self.targets.iter().find(|t| t.id == inbound);
        let secret = match target.map(|t| t.secret) {
            Some(Secret::Plain | Secret::Key(_)) => {
                self.password.as_deref() == Some(text(client, "password"))
            }
            Some(Secret::Auth) => self.auth.as_deref() == Some(text(client, "auth")),
            Some(Secret::Uuid) | None => true,
        };
        secret
            && text(client, "id") == self.id
            && text(client, "subId") == self.sub_id
            && text(client, "comment") == self.comment
            && flag(client, "enable") == self.enable
            && int(client, "totalGB") == self.total
            && int(client, "expiryTime") == self.expiry
            && int(client, "limitIp") == self.limit_ip
            && int(client, "reset") == 0
            && target.is_none_or(|t| !t.flow || text(client, "flow") == VISION)
    }

    /// The object to send: ours over what is kept of the panel's.
    pub(super) fn object(&self, kept: ClientObject) -> ClientObject {
        let mut object = kept;
        object.remove("updated_at");
        let mut set = |name: &str, value: Value| object.insert(name.to_owned(), value);
        set("email", json!(self.email));
        set("id", json!(self.id));
        set("subId", json!(self.sub_id));
        set("enable", json!(self.enable));
        set("totalGB", json!(self.total));
        set("expiryTime", json!(self.expiry));
        set("limitIp", json!(self.limit_ip));
        set("comment", json!(self.comment));
        set("reset", json!(0));
        if let Some(password) = &self.password {
            set("password", json!(password));
        }
        if let Some(auth) = &self.auth {
            set("auth", json!(auth));
        }
        // The panel itself drops the flow on inbounds that cannot carry it.
        if self.targets.iter().any(|t| t.flow) {
            set("flow", json!(VISION));
        }
        object.entry("flow").or_insert_with(|| json!(""));
        object.entry("tgId").or_insert_with(|| json!(0));
        object.entry("group").or_insert_with(|| json!(""));
        object
    }

    /// Replaces what must not be read in an operator's log by three dots.
    pub(super) fn redact(&self, prose: &str) -> String {
        let secrets =
            [Some(&self.id), Some(&self.sub_id), self.password.as_ref(), self.auth.as_ref()];
        secrets.into_iter().flatten().fold(prose.to_owned(), |p, s| p.replace(s.as_str(), "..."))
    }
}

fn resolve(name: &str, state: &PanelState) -> Result<Target, Failure> {
    let no = |why: &str| {
        Failure::new(ErrorCode::NoInbound, format!("the inbound `{}` {why}", name.escape_debug()))
    };
    let mut by_remark = state.inbounds.iter().filter(|i| i.remark == name);
    let inbound = match (by_remark.next(), by_remark.next()) {
        (Some(inbound), None) => inbound,
        (Some(_), Some(_)) => return Err(no("is there twice: use its number")),
        (None, _) => name
            .parse()
            .ok()
            .and_then(|id: i64| state.inbounds.iter().find(|i| i.id == id))
            .ok_or_else(|| no("is not on the panel"))?,
    };
    if !inbound.enable {
        return Err(no("is switched off on the panel"));
    }
    if inbound.on_node {
        return Err(no("lives on another panel (a node): put a gateway beside that one"));
    }
    let secret = secret(inbound).ok_or_else(|| no("is of a kind that takes no clients of ours"))?;
    Ok(Target { id: inbound.id, flow: inbound.takes_flow(), secret })
}

fn secret(inbound: &InboundState) -> Option<Secret> {
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

fn password(kind: Secret, secret: &str) -> Result<Option<String>, Failure> {
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
