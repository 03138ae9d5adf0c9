//! A live panel of either generation through its own API: what an operator's hands do to it, and
//! the inbounds the laws need. All that is made here is removed again.

use std::net::UdpSocket;

use nebulalinks_gateway::PanelTarget;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, SET_COOKIE};
use reqwest::{Client, Method, Response, Url};
use serde_json::{Value, json};

use super::kind::Kind;

/// The panel's own API, as one of its users.
pub(super) struct LivePanel {
    client: Client,
    base: Url,
    user: String,
    password: String,
    /// `Authorization` of gen-3, `Cookie` of gen-2.
    auth: (reqwest::header::HeaderName, String),
    pub(super) gen3: bool,
    /// It writes down when a client was made (from v2.6.7).
    pub(super) stamps: bool,
    /// The number of the token that was made for this run.
    own_token: Option<i64>,
}

/// An inbound made for one law.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Made {
    pub(super) id: i64,
    pub(super) remark: String,
    pub(super) kind: Kind,
}

impl LivePanel {
    /// Takes the given token, or logs in with the address's user; on gen-3 that makes a token.
    pub(super) async fn open(address: &str, token: Option<String>, name: &str) -> Self {
        let mut base: Url = address.parse().expect("NEBULALINKS_LIVE_PANEL is an address");
        let decoded = |text: &str| {
            percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
        };
        let user = decoded(base.username());
        let password = decoded(base.password().unwrap_or_default());
        base.set_username("").unwrap();
        base.set_password(None).unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        let csrf = client.get(base.join("csrf-token").unwrap()).send().await.unwrap();
        let gen3 = csrf.status() == 200;
        let auth = (AUTHORIZATION, String::new());
        let stamps = true;
        let mut panel = Self { client, base, user, password, auth, gen3, stamps, own_token: None };
        match token {
            Some(token) => panel.auth.1 = format!("Bearer {token}"),
            None if gen3 => panel.make_token(name).await,
            None => {
                let login = panel.login();
                let cookie = panel.session("login", Some(&login), "", "").await;
                panel.auth = (COOKIE, cookie);
                let probe = panel.base.join("panel/api/server/status").unwrap();
                let status = panel.request(panel.client.get(probe)).send().await.unwrap().status();
                panel.stamps = status == 200;
            }
        }
        panel
    }

    /// What the gateway is to be given.
    pub(super) fn target(&self) -> PanelTarget {
        match self.auth.1.strip_prefix("Bearer ") {
            Some(token) => PanelTarget::with_token(self.base.clone(), token),
            None => {
                let (user, password) = (self.user.as_str(), self.password.as_str());
                PanelTarget::with_login(self.base.clone(), user, password)
            }
        }
    }

    fn login(&self) -> Value {
        json!({"username": self.user, "password": self.password})
    }

    async fn make_token(&mut self, name: &str) {
        let cookie = self.session("csrf-token", None, "", "").await;
        let csrf = self.csrf(&cookie).await;
        let cookie = self.session("login", Some(&self.login()), &cookie, &csrf).await;
        let csrf = self.csrf(&cookie).await;
        let answer = self
            .client
            .post(self.base.join("panel/api/setting/apiTokens/create").unwrap())
            .header(COOKIE, &cookie)
            .header("X-CSRF-Token", csrf)
            .json(&json!({"name": name}))
            .send()
            .await
            .unwrap();
        let made = object(answer).await.expect("the panel makes a token");
        self.own_token = made["id"].as_i64();
        self.auth.1 = format!("Bearer {}", made["token"].as_str().unwrap());
    }

    /// The session cookie that a call sets.
    async fn session(&self, path: &str, body: Option<&Value>, cookie: &str, csrf: &str) -> String {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let mut request = self.client.request(method, self.base.join(path).unwrap());
        if let Some(body) = body {
            request = request.header(COOKIE, cookie).header("X-CSRF-Token", csrf).json(body);
        }
        let answer = request.send().await.unwrap();
        let set = answer.headers().get(SET_COOKIE).cloned();
        let prose = answer.text().await.unwrap();
        let set = set.unwrap_or_else(|| panic!("{path} sets no cookie: {prose}"));
        set.to_str().unwrap().split(';').next().unwrap().to_owned()
    }

    async fn csrf(&self, cookie: &str) -> String {
        let path = self.base.join("csrf-token").unwrap();
        let answer = self.client.get(path).header(COOKIE, cookie).send().await.unwrap();
        object(answer).await.unwrap().as_str().unwrap().to_owned()
    }

    fn request(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.header(self.auth.0.clone(), &self.auth.1)
    }

    /// Reads; whatever is not a success fails the law.
    pub(super) async fn get(&self, path: &str) -> Value {
        let path = self.base.join(&format!("panel/api/{path}")).unwrap();
        object(self.request(self.client.get(path)).send().await.unwrap()).await.unwrap()
    }

    /// Writes; the panel's prose when it refuses.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        let path = self.base.join(&format!("panel/api/{path}")).unwrap();
        let request = self
            .request(self.client.post(path))
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        object(request.send().await.unwrap()).await
    }

    /// Adds an inbound on a free port of loopback.
    pub(super) async fn add_inbound(&self, kind: Kind, remark: &str) -> Made {
        let port = UdpSocket::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let (protocol, settings, stream) = kind.shape();
        // As text, which both generations take.
        let body = json!({
            "remark": remark, "enable": true, "listen": "127.0.0.1", "port": port,
            "protocol": protocol, "expiryTime": 0, "total": 0, "settings": settings.to_string(),
            "streamSettings": stream.to_string(), "sniffing": "{}",
        });
        let made = self.post("inbounds/add", &body).await.unwrap();
        Made { id: made["id"].as_i64().unwrap(), remark: remark.to_owned(), kind }
    }

    /// All inbounds, with what is text in gen-2 as objects.
    pub(super) async fn inbounds(&self) -> Vec<Value> {
        let mut list = self.get("inbounds/list").await;
        let list = list.as_array_mut().unwrap();
        for inbound in &mut *list {
            for field in ["settings", "streamSettings", "sniffing"] {
                if let Some(text) = inbound[field].as_str() {
                    inbound[field] = serde_json::from_str(text).unwrap_or_default();
                }
            }
        }
        std::mem::take(list)
    }

    /// An inbound as the panel lists it.
    pub(super) async fn inbound(&self, id: i64) -> Value {
        self.inbounds().await.into_iter().find(|i| i["id"] == id).unwrap()
    }

    /// Writes an inbound as the panel's own form does, clients and all.
    pub(super) async fn save_inbound(&self, mut inbound: Value) {
        inbound.as_object_mut().unwrap().remove("clientStats");
        for field in ["settings", "streamSettings", "sniffing"] {
            inbound[field] = Value::String(inbound[field].to_string());
        }
        self.post(&format!("inbounds/update/{}", inbound["id"]), &inbound).await.unwrap();
    }

    /// Removes a client with its counters, if it is there.
    pub(super) async fn remove_client(&self, email: &str) {
        // Absent is what is wanted, so a refusal is as good.
        let _ = self.post(&format!("clients/del/{}", segment(email)), &Value::Null).await;
    }

    pub(super) async fn remove_inbound(&self, inbound: &Made) {
        self.post(&format!("inbounds/del/{}", inbound.id), &Value::Null).await.unwrap();
    }

    /// Removes what was made for the run, except clients.
    pub(super) async fn clean(&self, inbounds: &[Made]) {
        for inbound in inbounds {
            self.remove_inbound(inbound).await;
        }
        if let Some(id) = self.own_token {
            let path = format!("setting/apiTokens/delete/{id}");
            self.post(&path, &json!({"expectedScope": "admin"})).await.unwrap();
        }
    }
}

/// `obj` of the panel's envelope, or what it said instead.
async fn object(answer: Response) -> Result<Value, String> {
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    let envelope: Value =
        serde_json::from_str(&text).map_err(|_| format!("{status}, not JSON: {text}"))?;
    match envelope["success"].as_bool() {
        Some(true) => Ok(envelope["obj"].clone()),
        _ => Err(envelope["msg"].as_str().unwrap_or_default().to_owned()),
    }
}

/// A name as a segment of a path.
pub(super) fn segment(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
