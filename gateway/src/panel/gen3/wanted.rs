//! What is asked of a client, in the panel's own terms.

use nebulalinks_protocol::{Cap, Desired, End, ErrorCode};
use serde_json::{Value, json};

use crate::panel::Failure;
use crate::panel::common::state::{ClientObject, PanelState, VISION, flag, int, text};
use crate::panel::common::target::{Secret, Target, password, resolve};

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
