//! What hands do to a live panel's clients, by whatever calls its generation has.

use super::*;

impl Live {
    /// Makes a client as given on one inbound.
    pub(super) async fn make(&self, on: &Made, mut client: Value) {
        if self.panel.gen3 {
            let body = json!({"client": client, "inboundIds": [on.id]});
            return self.by_hand("clients/add", body).await;
        }
        let email = client["email"].as_str().unwrap().to_owned();
        let defaults = json!({
            "id": uuid::Uuid::from_u128(hash(&email) + 1).to_string(), "enable": true,
            "totalGB": 0, "expiryTime": 0, "limitIp": 0, "tgId": 0, "reset": 0, "subId": "",
            "flow": "", "password": format!("hand-{}", hash(&email)),
            "auth": format!("hand-{}", hash(&email)),
        });
        for (name, value) in defaults.as_object().unwrap() {
            if client.get(name).is_none() {
                client[name] = value.clone();
            }
        }
        let settings = json!({"clients": [client]}).to_string();
        self.by_hand("inbounds/addClient", json!({"id": on.id, "settings": settings})).await;
    }

    /// A client that is not ours.
    pub(super) async fn foreign(&self, email: &str, kind: Kind) {
        let client = json!({"email": email, "enable": true, "totalGB": GB,
            "comment": "not ours, ü%20", "tgId": 5});
        self.make(self.on(kind), client).await;
    }

    pub(super) async fn by_hand(&self, path: &str, body: Value) {
        self.panel.post(path, &body).await.unwrap();
    }

    /// Edits a client as the panel's own form does.
    pub(super) async fn edit(&self, email: &str, edit: impl FnOnce(&mut Value)) {
        let (on, mut object) = self.find(email).await;
        let key = segment(object[self.kind_of(on).key()].as_str().unwrap());
        edit(&mut object);
        if self.panel.gen3 {
            return self.by_hand(&format!("clients/update/{}", segment(email)), object).await;
        }
        let body = json!({"id": on, "settings": json!({"clients": [object]}).to_string()});
        self.by_hand(&format!("inbounds/updateClient/{key}"), body).await;
    }

    /// Switches a client off or on.
    pub(super) async fn switch(&self, email: &str, on: bool) {
        if self.panel.gen3 {
            let path = if on { "clients/bulkEnable" } else { "clients/bulkDisable" };
            return self.by_hand(path, json!({"emails": [email]})).await;
        }
        self.edit(email, |c| c["enable"] = json!(on)).await;
    }

    /// Deletes a client with its counters.
    pub(super) async fn remove(&self, email: &str) {
        if self.panel.gen3 {
            return self.by_hand(&format!("clients/del/{}", segment(email)), Value::Null).await;
        }
        let (on, object) = self.find(email).await;
        self.remove_from(on, object[self.kind_of(on).key()].as_str().unwrap()).await;
    }

    /// Deletes by key, on gen-2.
    pub(super) async fn remove_from(&self, inbound: i64, key: &str) {
        self.by_hand(&format!("inbounds/{inbound}/delClient/{}", segment(key)), Value::Null).await;
    }

    /// Sets a client's counters.
    pub(super) async fn count(&self, email: &str, up: u64, down: u64) {
        let moved = json!({"upload": up, "download": down});
        let what =
            if self.panel.gen3 { "clients/updateTraffic" } else { "inbounds/updateClientTraffic" };
        self.by_hand(&format!("{what}/{email}"), moved).await;
    }

    /// Every way to set a client's counters to zero.
    pub(super) async fn resets(&self, email: &str) -> Vec<(String, Value)> {
        if self.panel.gen3 {
            return vec![
                (format!("clients/resetTraffic/{email}"), Value::Null),
                ("clients/bulkResetTraffic".to_owned(), json!({"emails": [email]})),
            ];
        }
        let (on, _) = self.find(email).await;
        vec![(format!("inbounds/{on}/resetClientTraffic/{email}"), Value::Null)]
    }

    /// The first inbound with a client, and its object there.
    pub(super) async fn find(&self, email: &str) -> (i64, Value) {
        for inbound in self.panel.inbounds().await {
            let clients = inbound["settings"]["clients"].as_array().cloned().unwrap_or_default();
            if let Some(client) = clients.into_iter().find(|c| c["email"] == email) {
                return (inbound["id"].as_i64().unwrap(), client);
            }
        }
        panic!("{email} is nowhere")
    }

    fn kind_of(&self, inbound: i64) -> Kind {
        self.inbounds.iter().find(|i| i.id == inbound).map_or(Kind::Reality, |i| i.kind)
    }
}
