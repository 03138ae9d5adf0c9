//! A panel as a pure value: what the planner may assume of one, and an operator's hands.

use nebulalinks::model::{
    Bytes, Cap, Coverage, DesiredClient, InboundFacts, Incarnation, Observation, ObservedClient,
    PanelInfo, ServerId, UnixMs, XrayState,
};
use nebulalinks::planner::{Change, Verb};
use std::collections::BTreeMap;

/// A panel as a value: its clients, and who it says it is.
#[derive(Debug, Clone)]
pub struct PurePanel {
    /// Whose panel it is.
    pub server: ServerId,
    /// What the panel calls itself.
    pub identity: String,
    /// Its clients by email, somebody else's too.
    pub clients: BTreeMap<String, ObservedClient>,
    /// Clients that came to be by the planner's doing, and how often.
    pub created: BTreeMap<String, u32>,
    rows: i64,
}

impl PurePanel {
    /// A panel without clients.
    pub fn new(server: ServerId) -> Self {
        let identity = format!("guid-{server}");
        Self { server, identity, clients: BTreeMap::new(), created: BTreeMap::new(), rows: 0 }
    }

    /// Everything it holds.
    pub fn observe(&self, now: UnixMs) -> Observation {
        let clients = self.clients.values().cloned().collect();
        let (ours, foreign) = Observation::sort_clients(&"main".parse().unwrap(), clients);
        Observation {
            server: self.server.clone(),
            at: now,
            gateway_clock: now,
            coverage: Coverage::Full,
            panel: PanelInfo {
                identity: self.identity.clone(),
                version: "3.6.0".into(),
                one_inbound: false,
                xray: XrayState::Running,
            },
            xray_up: None,
            inbounds: vec![inbound()],
            ours,
            foreign,
        }
    }

    /// Puts a client as it is wanted, with a row of its own if it is new.
    pub fn put(&mut self, want: &DesiredClient, now: UnixMs) -> ObservedClient {
        let old = want.from.as_ref().and_then(|from| self.clients.remove(from));
        let before = self.clients.get(&want.email).or(old.as_ref());
        let (counter, incarnation) = match before {
            Some(client) => (client.counter, client.incarnation.clone()),
            None => {
                self.rows += 1;
                *self.created.entry(want.email.clone()).or_default() += 1;
                (Bytes(0), self.row(self.rows, now))
            }
        };
        let mut client = as_wanted(want, counter, incarnation);
        if let Some(to) = &want.to {
            self.clients.remove(&want.email);
            client.email.clone_from(to);
        }
        self.clients.insert(client.email.clone(), client.clone());
        client
    }

    fn row(&self, row: i64, now: UnixMs) -> Incarnation {
        let created_at = i64::try_from(now.0).unwrap();
        Incarnation { panel: self.identity.as_str().into(), row, created_at }
    }

    /// Does what a change asks; `None` after a delete.
    pub fn apply(&mut self, change: &Change, now: UnixMs) -> Option<ObservedClient> {
        if change.verbs.contains(&Verb::Delete) {
            self.clients.remove(&change.want.email);
            return None;
        }
        Some(self.put(&change.want, now))
    }

    /// The panel's own rule: who is expired or depleted is switched off.
    pub fn poll(&mut self, now: UnixMs) {
        for client in self.clients.values_mut() {
            let over = client.end.is_some_and(|e| e.reached(now));
            if over || client.cap.reached(client.counter) {
                client.enable = false;
            }
        }
    }

    /// A customer's traffic: it flows while the client is on, and stops at the cap.
    pub fn traffic(&mut self, email: &str, bytes: u64) {
        if let Some(client) = self.clients.get_mut(email).filter(|c| c.enable) {
            client.counter = client.counter + Bytes(bytes);
            if let Cap::Bytes(cap) = client.cap {
                client.counter = client.counter.min(Bytes(cap.get()));
            }
        }
    }

    /// The row of counters is lost and made anew.
    pub fn new_row(&mut self, email: &str, now: UnixMs) {
        self.rows += 1;
        let row = self.row(self.rows, now);
        if let Some(client) = self.clients.get_mut(email) {
            client.incarnation = row;
            client.counter = Bytes(0);
        }
    }

    /// The panel was set up anew from its database, under another identity.
    pub fn reidentify(&mut self, identity: &str) {
        identity.clone_into(&mut self.identity);
        for client in self.clients.values_mut() {
            client.incarnation.panel = identity.into();
        }
    }

    /// Somebody else's client.
    pub fn add_foreign(&mut self, email: &str, now: UnixMs) {
        let mut client = self.put(&foreign(email), now);
        self.created.remove(email);
        client.counter = Bytes(7);
        self.clients.insert(email.to_owned(), client);
    }
}

/// A client as a panel shows it once it is as wanted.
pub fn as_wanted(want: &DesiredClient, counter: Bytes, incarnation: Incarnation) -> ObservedClient {
    ObservedClient {
        email: want.email.clone(),
        uuid: Some(want.uuid),
        sub_id: want.sub_id.clone(),
        enable: want.enable,
        end: Some(want.end),
        cap: want.cap,
        ip_limit: want.ip_limit,
        comment: want.comment.clone(),
        inbounds: vec![1],
        counter,
        incarnation,
        consistent: true,
        renews: false,
    }
}

/// The only inbound of every panel.
pub fn inbound() -> InboundFacts {
    InboundFacts {
        id: 1,
        remark: "vless-reality".into(),
        protocol: "vless".into(),
        port: 443,
        enable: true,
        settings: serde_json::json!({}),
        stream: serde_json::json!({}),
        ..InboundFacts::default()
    }
}

fn foreign(email: &str) -> DesiredClient {
    DesiredClient {
        email: email.to_owned(),
        uuid: uuid::Uuid::from_u128(99),
        sub_id: "foreign".into(),
        secret: String::new(),
        enable: true,
        end: nebulalinks::model::End::Never,
        cap: Cap::Unlimited,
        ip_limit: 0,
        comment: "a friend".into(),
        inbounds: Vec::new(),
        from: None,
        to: None,
    }
}
