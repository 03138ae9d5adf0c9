//! Connections: TLS, who is let in at all, and those that say nothing.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use nebulalinks_gateway::edge::TlsFiles;
use nebulalinks_gateway::{Config, Env, Gateway};
use nebulalinks_model_panel::PanelVersion;
use nebulalinks_protocol::{ErrorCode, Problem, RequestParts, Stamp, sign_request};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Raw, World, private, told};

/// An authority, and what it signed.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate for a name, and its key, as PEM.
    fn sign(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }

    /// Writes a pair for loopback, and who may sign callers' certificates.
    fn files(&self, folder: &Path, client_ca: Option<&Self>) -> TlsFiles {
        let (cert, key) = self.sign("127.0.0.1");
        let put = |name: &str, text: String| {
            let path = folder.join(name);
            private(&path, &text);
            path
        };
        TlsFiles {
            cert: put("cert.pem", cert),
            key: put("key.pem", key),
            client_ca: client_ca.map(|ca| put("ca.pem", ca.0.pem())),
        }
    }

    /// A caller that believes this authority, with or without a certificate of its own.
    fn client(&self, own: Option<(String, String)>) -> reqwest::Client {
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .add_root_certificate(reqwest::Certificate::from_pem(self.0.pem().as_bytes()).unwrap());
        if let Some((cert, key)) = own {
            let pem = format!("{cert}{key}");
            builder = builder.identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap());
        }
        builder.build().unwrap()
    }
}

async fn over_tls(world: &World, client: &reqwest::Client, raw: &Raw) -> Option<(u16, String)> {
    let method = raw.method.parse().unwrap();
    let mut request = client.request(method, format!("https://{}{}", world.gateway, raw.path));
    for (name, value) in &raw.headers {
        if !["Host", "Connection"].contains(&name.as_str()) {
            request = request.header(name, value);
        }
    }
    let answer = request.body(raw.body.clone()).send().await.ok()?;
    let version = format!("{:?}", answer.version());
    Some((answer.status().as_u16(), version))
}

#[tokio::test]
async fn over_tls_a_request_is_answered_in_http_1_and_plain_http_is_not_spoken_there() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let files = authority.files(folder.path(), None);
    let world = World::with(PanelVersion::Head, |c| c.tls = Some(files)).await;
    let client = authority.client(None);
    let raw = world.request("GET", "/v1/health", b"");
    assert_eq!(over_tls(&world, &client, &raw).await, Some((200, "HTTP/1.1".to_owned())));
    assert_eq!(over_tls(&world, &client, &raw).await.unwrap().0, 401, "a nonce counts once");
    let calls = world.panel.calls();
    let plain = world.send(&world.request("GET", "/v1/health", b"")).await;
    assert_eq!(plain.status, 0, "{plain:?}");
    let stranger = Authority::new().client(None);
    let raw = world.request("GET", "/v1/health", b"");
    assert_eq!(over_tls(&world, &stranger, &raw).await, None, "an unknown authority");
    assert_eq!(world.panel.calls(), calls);
}

#[tokio::test]
async fn without_a_client_certificate_of_the_authority_no_request_gets_in() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let (clients, strangers) = (Authority::new(), Authority::new());
    let files = authority.files(folder.path(), Some(&clients));
    let world = World::with(PanelVersion::Head, |c| c.tls = Some(files)).await;
    let raw = || world.request("GET", "/v1/health", b"");
    for own in [None, Some(strangers.sign("controller")), Some(authority.sign("controller"))] {
        let client = authority.client(own);
        assert_eq!(over_tls(&world, &client, &raw()).await, None);
    }
    assert_eq!(world.panel.calls(), 0);
    let turned_away = "nebulalinks_gateway_connections_rejected_total{reason=\"handshake\"}";
    assert_eq!(world.metric(turned_away).await, 3.0);
    let client = authority.client(Some(clients.sign("controller")));
    assert_eq!(over_tls(&world, &client, &raw()).await.unwrap().0, 200);
}

#[tokio::test]
async fn who_is_not_on_the_list_is_closed_without_a_word() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    for tls in [None, Some(authority.files(folder.path(), None))] {
        let world = World::with(PanelVersion::Head, |c| {
            c.edge.allow = "203.0.113.7, 2001:db8::/32".parse().unwrap();
            c.tls = tls;
        })
        .await;
        let mut stream = TcpStream::connect(world.gateway).await.unwrap();
        let mut heard = Vec::new();
        let end = stream.read_to_end(&mut heard).await;
        assert!(end.is_err() || heard.is_empty(), "{heard:?}");
        let turned_away = "nebulalinks_gateway_connections_rejected_total{reason=\"address\"}";
        assert_eq!(world.metric(turned_away).await, 1.0);
        assert_eq!(world.panel.calls(), 0);
    }
}

/// Sends bytes, and then nothing; returns what is heard and after how many seconds the other side
/// has closed.
async fn say_and_wait(to: SocketAddr, bytes: &[u8]) -> (String, u64) {
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    // The other side's timers run in this runtime: what is waited for here is virtual.
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    let mut heard = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(120), stream.read_to_end(&mut heard)).await;
    let waited = start.elapsed().as_secs();
    tokio::time::resume();
    (String::from_utf8_lossy(&heard).into_owned(), waited)
}

#[tokio::test]
async fn a_caller_that_never_ends_its_head_its_body_or_its_handshake_is_closed() {
    let world = World::new().await;
    let (heard, waited) =
        say_and_wait(world.gateway, b"PUT /v1/clients/nl-a HTTP/1.1\r\nHost: a\r\n").await;
    assert_eq!(waited, 17, "{heard}");
    let (heard, waited) = say_and_wait(world.gateway, b"").await;
    assert_eq!((heard.as_str(), waited), ("", 17));
    let mut raw = world.request("PUT", "/v1/clients/nl-a", b"{\"fence\":1}");
    raw.body.truncate(4);
    let (heard, waited) = say_and_wait(world.gateway, &raw.bytes()).await;
    assert!(heard.starts_with("HTTP/1.1 401"), "{heard}");
    assert_eq!(waited, 10, "{heard}");
    assert_eq!(world.panel.calls(), 0);

    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let files = authority.files(folder.path(), None);
    let world = World::with(PanelVersion::Head, |c| c.tls = Some(files)).await;
    let (heard, waited) = say_and_wait(world.gateway, b"\x16\x03\x01").await;
    assert_eq!((heard.as_str(), waited), ("", 10));
}

#[tokio::test]
async fn who_holds_the_metrics_open_takes_few_of_the_gateways_files_and_not_for_long() {
    let world = World::new().await;
    let half = b"GET /metrics HTTP/1.1\r\nHost: a\r\n";
    let (heard, waited) = say_and_wait(world.metrics, half).await;
    assert_eq!(waited, 17, "{heard}");
    // As many as there may be, and one more, which is closed at once.
    let mut held = Vec::new();
    for _ in 0..512 {
        let mut stream = TcpStream::connect(world.metrics).await.unwrap();
        stream.write_all(half).await.unwrap();
        held.push(stream);
    }
    let mut late = TcpStream::connect(world.metrics).await.unwrap();
    let end = tokio::time::timeout(Duration::from_secs(10), late.read(&mut [0; 1])).await;
    assert_eq!(end.expect("it is closed before any of those").unwrap_or(0), 0);
}

#[tokio::test]
async fn a_connection_for_numbers_that_is_used_all_the_time_ends_too() {
    let world = World::new().await;
    let mut stream = TcpStream::connect(world.metrics).await.unwrap();
    tokio::time::pause();
    let mut answers = 0;
    let request = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
    while stream.write_all(request).await.is_ok()
        && stream.read(&mut vec![0; 1 << 20]).await.unwrap_or(0) > 0
    {
        answers += 1;
        assert!(answers < 20, "it is still answered");
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    assert!((4..=6).contains(&answers), "{answers}");
}

#[tokio::test]
async fn a_head_without_end_is_closed_long_before_it_is_large() {
    let world = World::new().await;
    for begun in ["GET /v1/health HTTP/1.1\r\nX-Long: ", "GET /", "G"] {
        let mut stream = TcpStream::connect(world.gateway).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let mut sent = 0;
        while stream.write_all(&[b'a'; 4096]).await.is_ok() {
            sent += 4096;
            assert!(sent < 64 << 20, "{begun}: still taken after {sent} bytes");
        }
    }
    assert_eq!(world.panel.calls(), 0);
}

#[tokio::test]
async fn a_caller_that_says_nothing_does_not_keep_the_gateway_from_ending() {
    let world = World::new().await;
    let state = tempfile::tempdir().unwrap();
    let config: Config = told(world.target(), &world.keys, state.path());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let gateway = Gateway::open(&config, Env::default()).unwrap();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(gateway.run(listener, None, async move {
        let _ = ended.await;
    }));
    let mut silent = TcpStream::connect(address).await.unwrap();
    silent.write_all(b"PUT /v1/cl").await.unwrap();
    let mut other = TcpStream::connect(address).await.unwrap();
    other.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    assert!(other.read(&mut [0; 64]).await.unwrap() > 0, "both are taken by now");
    end.send(()).unwrap();
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    running.await.unwrap().unwrap();
    assert!(start.elapsed() <= Duration::from_secs(6), "{:?}", start.elapsed());
    assert!(TcpStream::connect(address).await.is_err());
}

/// A question that was signed for this host, and is sent to the gateway all the same.
fn signed_for_host(world: &World, host: &str, nonce: &str) -> Raw {
    let created = world.now() / 1000;
    let key = &world.keys.request;
    let parts =
        RequestParts { method: "GET", authority: host, path: "/v1/health", query: None, body: b"" };
    let stamp = Stamp { created, expires: created + 30, nonce, keyid: key.id() };
    let signed = sign_request(key, &parts, &stamp);
    let mut raw = world.request("GET", "/v1/health", b"");
    raw.set("Host", host);
    raw.set("Content-Digest", &signed.content_digest);
    raw.set("Signature-Input", &signed.signature_input);
    raw.set("Signature", &signed.signature);
    raw
}

#[tokio::test]
async fn what_was_signed_for_another_gateway_is_refused_and_says_for_whom_it_was() {
    let world = World::new().await;
    let raw = signed_for_host(&world, "gw-ams1.example.net:8443", "AAECAwQFBgcICQoLDA0ODw");
    let answer = world.send(&raw).await;
    assert!(world.is_signed(&raw, &answer), "{answer:?}");
    let problem: Problem = answer.json();
    assert_eq!((answer.status, problem.code), (403, ErrorCode::Forbidden));
    let own = world.gateway.to_string();
    for said in ["signed for gw-ams1.example.net:8443", "--name gw-ams1.example.net:8443", &own] {
        assert!(problem.detail.contains(said), "{}", problem.detail);
    }
    assert_eq!(world.panel.calls(), 0);
    let refused = "nebulalinks_gateway_refusals_total{reason=\"authority\"}";
    assert_eq!(world.metric(refused).await, 1.0);
    // The same port of this machine by its other name is where it listens.
    let local = format!("localhost:{}", world.gateway.port());
    let raw = signed_for_host(&world, &local, "AAECAwQFBgcICQoLDA0OEA");
    assert_eq!(world.send(&raw).await.status, 200);
}

#[tokio::test]
async fn a_gateway_behind_a_proxy_is_told_the_proxys_name() {
    let told = "gw-fra1.example.net:8443";
    let world = World::with(PanelVersion::Head, |c| c.edge.own = told.parse().unwrap()).await;
    for (host, status, nonce) in [
        (told, 200, "AAECAwQFBgcICQoLDA0ODw"),
        ("GW-FRA1.example.net:8443", 200, "AAECAwQFBgcICQoLDA0OEA"),
        ("gw-fra1.example.net", 403, "AAECAwQFBgcICQoLDA0OEQ"),
        ("gw-ams1.example.net:8443", 403, "AAECAwQFBgcICQoLDA0OEg"),
    ] {
        let answer = world.send(&signed_for_host(&world, host, nonce)).await;
        assert_eq!(answer.status, status, "{host}: {answer:?}");
    }
}
