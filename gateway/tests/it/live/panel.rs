//! A live panel through its own API: what an operator's hands do to it, and the inbounds the laws
//! need. All that is made here is removed again.

use std::net::UdpSocket;

use reqwest::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use reqwest::{Client, Method, Response, Url};
use serde_json::{Value, json};

/// The panel's own API, with a token.
pub(super) struct LivePanel {
    client: Client,
    pub(super) base: Url,
    pub(super) token: String,
    /// The number of the token that was made for this run.
    own_token: Option<i64>,
}

/// An inbound made for one law.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Made {
    pub(super) id: i64,
    pub(super) remark: String,
}

/// What an inbound is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Reality,
    Ws,
    Trojan,
    Shadowsocks,
    Shadowsocks2022,
    Hysteria,
}

pub(super) const KINDS: [Kind; 6] = [
    Kind::Reality,
    Kind::Ws,
    Kind::Trojan,
    Kind::Shadowsocks,
    Kind::Shadowsocks2022,
    Kind::Hysteria,
];

impl LivePanel {
    /// Takes the given token, or logs in with the address's user and makes one.
    pub(super) async fn open(address: &str, token: Option<String>, name: &str) -> Self {
        let mut base: Url = address.parse().expect("NEBULALINKS_LIVE_PANEL is an address");
        let user = percent_encoding::percent_decode_str(base.username()).decode_utf8().unwrap();
        let password = base.password().unwrap_or_default().to_owned();
        let password = percent_encoding::percent_decode_str(&password).decode_utf8().unwrap();
        let login = json!({"username": user, "password": password});
        base.set_username("").unwrap();
        base.set_password(None).unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        let mut panel = Self { client, base, token: String::new(), own_token: None };
        match token {
            Some(token) => panel.token = token,
            None => panel.log_in(&login, name).await,
        }
        panel
    }

    async fn log_in(&mut self, login: &Value, name: &str) {
        let cookie = self.session("csrf-token", None, "", "").await;
        let csrf = self.csrf(&cookie).await;
        let cookie = self.session("login", Some(login), &cookie, &csrf).await;
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
        self.token = made["token"].as_str().unwrap().to_owned();
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

    /// Reads; whatever is not a success fails the law.
    pub(super) async fn get(&self, path: &str) -> Value {
        let path = self.base.join(&format!("panel/api/{path}")).unwrap();
        object(self.client.get(path).bearer_auth(&self.token).send().await.unwrap()).await.unwrap()
    }

    /// Writes; the panel's prose when it refuses.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        let path = self.base.join(&format!("panel/api/{path}")).unwrap();
        let request = self
            .client
            .post(path)
            .bearer_auth(&self.token)
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        object(request.send().await.unwrap()).await
    }

    /// Adds an inbound on a free port of loopback.
    pub(super) async fn add_inbound(&self, kind: Kind, remark: &str) -> Made {
        let port = UdpSocket::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let (protocol, settings, stream) = kind.shape();
        let body = json!({
            "remark": remark, "enable": true, "listen": "127.0.0.1", "port": port,
            "protocol": protocol, "expiryTime": 0, "total": 0, "settings": settings,
            "streamSettings": stream, "sniffing": {},
        });
        let made = self.post("inbounds/add", &body).await.unwrap();
        Made { id: made["id"].as_i64().unwrap(), remark: remark.to_owned() }
    }

    /// An inbound as the panel lists it.
    pub(super) async fn inbound(&self, id: i64) -> Value {
        let list = self.get("inbounds/list").await;
        list.as_array().unwrap().iter().find(|i| i["id"] == id).unwrap().clone()
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

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Reality => "reality",
            Self::Ws => "ws",
            Self::Trojan => "trojan",
            Self::Shadowsocks => "ss",
            Self::Shadowsocks2022 => "ss2022",
            Self::Hysteria => "hysteria",
        }
    }

    /// The client's field that holds its secret, where that is not the uuid.
    pub(super) const fn secret(self) -> Option<&'static str> {
        match self {
            Self::Reality | Self::Ws => None,
            Self::Trojan | Self::Shadowsocks | Self::Shadowsocks2022 => Some("password"),
            Self::Hysteria => Some("auth"),
        }
    }

    fn shape(self) -> (&'static str, Value, Value) {
        let plain = json!({"network": "tcp", "security": "none", "tcpSettings": {"header": {"type": "none"}}});
        let vless = json!({"clients": [], "decryption": "none", "encryption": "none"});
        let ss = |method: &str, password: &str| json!({"clients": [], "method": method, "password": password, "network": "tcp,udp"});
        match self {
            Self::Reality => {
                let stream = json!({"network": "tcp", "security": "reality",
                    "tcpSettings": {"header": {"type": "none"}},
                    "realitySettings": {
                        "target": "www.example.com:443", "serverNames": ["www.example.com"],
                        // 32 bytes that are no secret.
                        "privateKey": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
                        "shortIds": ["6ba85179e30d4fc2"],
                        "settings": {"publicKey": "QQ1kpZzvXZcbC_1Qb7cvAboKpnxOJfOQVYDD8x6Innk",
                            "fingerprint": "chrome", "serverName": "", "spiderX": "/"}}});
                ("vless", vless, stream)
            }
            Self::Ws => {
                let ws = json!({"path": "/live", "host": "cdn.example.org", "headers": {}});
                ("vless", vless, json!({"network": "ws", "security": "none", "wsSettings": ws}))
            }
            Self::Trojan => ("trojan", json!({"clients": [], "fallbacks": []}), plain),
            Self::Shadowsocks => ("shadowsocks", ss("chacha20-ietf-poly1305", ""), plain),
            Self::Shadowsocks2022 => {
                let method = "2022-blake3-aes-128-gcm";
                ("shadowsocks", ss(method, "AAECAwQFBgcICQoLDA0ODw=="), plain)
            }
            Self::Hysteria => {
                let stream = json!({"network": "hysteria", "security": "tls",
                    "hysteriaSettings": {"version": 2, "auth": "", "udpIdleTimeout": 60},
                    "tlsSettings": {"serverName": "vpn.example.org", "alpn": ["h3"],
                        "certificates": [], "settings": {"fingerprint": "chrome"}}});
                ("hysteria", json!({"version": 2, "clients": []}), stream)
            }
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
