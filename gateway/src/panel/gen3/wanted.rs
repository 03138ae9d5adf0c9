//! What is asked of a client, in the panel's own terms.

use nebulalinks_protocol::{Desired, ErrorCode};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::panel::adapter::Edit;
use crate::panel::common::client_object::{ClientObject, VISION, flag, int, text};
use crate::panel::common::counters::Stats;
use crate::panel::common::limits::{are_exhausted, expiry, total};
use crate::panel::common::located_client::LocatedClient;
use crate::panel::common::state::PanelState;
use crate::panel::common::target::{Secret, Target, password};
use crate::panel::converge;

/// The whole of what is wanted.
#[derive(Clone)]
pub(in crate::panel) struct Wanted {
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
    flow: Option<String>,
    /// The client as it stands in the settings, in case it must be made again.
    kept: ClientObject,
    /// The shop's: all that stands here is. Else only the switch, the end and the cap are asked.
    pub(super) ours: bool,
}

impl converge::Wanted for Wanted {
    /// Derives the secrets that the inbounds need.
    fn new(desired: &Desired, targets: Vec<Target>, _: &PanelState) -> Result<Self, Failure> {
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
            total: total(desired.cap),
            expiry: expiry(desired.end),
            made_at: None,
            id: desired.uuid.to_string(),
            sub_id: desired.sub_id.clone(),
            limit_ip: i64::from(desired.ip_limit),
            comment: desired.comment.clone(),
            password: passwords.pop(),
            auth: auth.then(|| desired.secret.clone()),
            // The panel itself drops the flow on inbounds that cannot carry it.
            flow: targets.iter().any(|t| t.flow).then(|| VISION.to_owned()),
            targets,
            kept: ClientObject::new(),
            ours: true,
        })
    }

    /// A client as it is found, with what is changed of it.
    fn edited(email: &str, found: &LocatedClient, edit: &Edit) -> Result<Self, Failure> {
        found.is_whole()?;
        let first = found.copies.first().map(|(_, c)| c.clone()).unwrap_or_default();
        let on = found.copies.iter().any(|(_, c)| flag(c, "enable"))
            && found.stats.as_ref().is_none_or(|s| s.enable);
        let mut targets: Vec<Target> = Vec::new();
        for (id, _) in &found.copies {
            if targets.iter().all(|t| t.id != *id) {
                targets.push(Target { id: *id, flow: false, secret: Secret::Uuid });
            }
        }
        let flows = found.copies.iter().map(|(_, c)| text(c, "flow"));
        Ok(Self {
            email: email.to_owned(),
            enable: edit.enable.unwrap_or(on),
            total: edit.cap.map_or_else(|| int(&first, "totalGB"), total),
            expiry: edit.end.map_or_else(|| int(&first, "expiryTime"), expiry),
            targets,
            made_at: found.made_at(),
            id: text(&first, "id").to_owned(),
            sub_id: text(&first, "subId").to_owned(),
            limit_ip: int(&first, "limitIp"),
            comment: text(&first, "comment").to_owned(),
            password: None,
            auth: None,
            // An inbound that carries none must not take it from one that does.
            flow: flows.filter(|f| !f.is_empty()).map(str::to_owned).next(),
            kept: ClientObject::new(),
            ours: false,
        })
    }

    fn keep_of(&mut self, found: &LocatedClient) {
        self.made_at = found.made_at();
        if let Some((_, client)) = found.copies.first() {
            self.kept.clone_from(client);
        }
    }

    fn is_on(&self) -> bool {
        self.enable
    }

    fn is_exhausted(&self, used: u64, now_ms: u64) -> bool {
        are_exhausted(self.total, self.expiry, used, now_ms)
    }

    fn redact(&self, prose: &str) -> String {
        let secrets =
            [Some(&self.id), Some(&self.sub_id), self.password.as_ref(), self.auth.as_ref()];
        // A client made by hand may lack some of them.
        let secrets = secrets.into_iter().flatten().filter(|secret| !secret.is_empty());
        secrets.fold(prose.to_owned(), |p, s| p.replace(s.as_str(), "..."))
    }
}

impl Wanted {
    /// Whether the table of counters renews a client as it should: one of the shop's never.
    pub(super) const fn renews_as(&self, stats: &Stats) -> bool {
        !self.ours || stats.reset == 0
    }

    /// Whether a client's object is so, on its inbound.
    pub(super) fn matches(&self, inbound: i64, client: &ClientObject) -> bool {
        let asked = flag(client, "enable") == self.enable
            && int(client, "totalGB") == self.total
            && int(client, "expiryTime") == self.expiry;
        if !self.ours {
            return asked;
        }
        let target = self.targets.iter().find(|t| t.id == inbound);
        let secret = match target.map(|t| t.secret) {
            Some(Secret::Plain | Secret::Key(_)) => {
                self.password.as_deref() == Some(text(client, "password"))
            }
            Some(Secret::Auth) => self.auth.as_deref() == Some(text(client, "auth")),
            Some(Secret::Uuid) | None => true,
        };
        asked
            && secret
            && text(client, "email") == self.email
            && text(client, "id") == self.id
            && text(client, "subId") == self.sub_id
            && text(client, "comment") == self.comment
            && int(client, "limitIp") == self.limit_ip
            && int(client, "reset") == 0
            && target.is_none_or(|t| !t.flow || text(client, "flow") == VISION)
    }

    /// The object to create.
    pub(super) fn new_object(&self) -> ClientObject {
        self.object(self.kept.clone())
    }

    /// The object to send: ours over what is kept of the panel's.
    pub(super) fn object(&self, kept: ClientObject) -> ClientObject {
        let mut object = kept;
        object.remove("updated_at");
        let mut set = |name: &str, value: Value| object.insert(name.to_owned(), value);
        set("email", json!(self.email));
        set("enable", json!(self.enable));
        set("totalGB", json!(self.total));
        set("expiryTime", json!(self.expiry));
        if self.ours {
            set("id", json!(self.id));
            set("subId", json!(self.sub_id));
            set("limitIp", json!(self.limit_ip));
            set("comment", json!(self.comment));
            set("reset", json!(0));
        }
        if let Some(password) = &self.password {
            set("password", json!(password));
        }
        if let Some(auth) = &self.auth {
            set("auth", json!(auth));
        }
        if let Some(flow) = &self.flow {
            set("flow", json!(flow));
        }
        object.entry("flow").or_insert_with(|| json!(""));
        object.entry("tgId").or_insert_with(|| json!(0));
        object.entry("group").or_insert_with(|| json!(""));
        object
    }
}
