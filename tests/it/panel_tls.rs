//! TLS from the controller to a real gateway.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use nebulalinks::model::{DurationMs, HistoryPoint, Moment, UnixMs};
use nebulalinks::panel::{HttpPanels, KeyRing, ReqwestTransport, TlsOptions};
use nebulalinks::ports::{Claim, Claimed, Clock, Endpoint, PanelApi as _, PanelError};
use nebulalinks_gateway::edge::{Edge, TlsFiles};
use nebulalinks_gateway::{Config, Env, Gateway, KeySource, PanelTarget};
use nebulalinks_protocol::{KeySet, MasterKey};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// Later than the gateway's start, and within its window.
struct AMomentLater;

#[async_trait]
impl Clock for AMomentLater {
    fn now(&self) -> UnixMs {
        UnixMs(nebulalinks_gateway::Clock::now_ms(&nebulalinks_gateway::SystemClock) + 1_500)
    }
    fn moment(&self) -> Moment {
        Moment { wall: self.now(), monotonic: DurationMs(self.now().0) }
    }
    async fn sleep_until(&self, _: UnixMs) {}
    fn crash_point(&self, _: &'static str) {}
}

/// An authority, and what it signed.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    /// A certificate for a name, and its key, as PEM.
    fn sign(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }
}

/// A gateway that ends TLS and asks callers for a certificate of `callers`. Its panel is away.
fn gateway(folder: &Path, authority: &Authority, callers: &Authority) -> Endpoint {
    let (cert, key) = authority.sign("127.0.0.1");
    let put = |name: &str, text: String| -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        path
    };
    let config = Config {
        server: "fra-1".to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        tls: Some(TlsFiles {
            cert: put("cert.pem", cert),
            key: put("key.pem", key),
            client_ca: Some(put("callers.pem", callers.0.pem())),
        }),
        plain_http_behind_proxy: false,
        edge: Edge::default(),
        metrics_listen: None,
        panel: PanelTarget::with_token("http://127.0.0.1:9/".parse().unwrap(), "token"),
        keys: KeySource::Inline(KeySet::one(MasterKey::new([5; 32]).derive("fra-1"))),
        state: folder.to_owned(),
        window_s: 30,
    };
    let gateway = Gateway::open(&config, Env::default()).unwrap();
    let listener = TcpListener::bind(config.listen).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(gateway.run(listener, None, std::future::pending()));
    Endpoint {
        server: "fra-1".parse().unwrap(),
        gateway: format!("https://{address}"),
        keys: "fra".to_owned(),
        shop: "main".parse().unwrap(),
    }
}

async fn claim(to: &Endpoint, tls: &TlsOptions) -> Result<Claimed, PanelError> {
    let ring = KeyRing::new(Box::new(|_| None), None, Some(MasterKey::new([5; 32])));
    let panels = HttpPanels::new(ring, Arc::new(AMomentLater), tls).unwrap();
    let claim = Claim {
        store_id: "store".to_owned(),
        process: "p1".to_owned(),
        at: HistoryPoint { revision: 1, lineage: None },
        shows: Vec::new(),
        gives_up: Vec::new(),
        take_over: false,
    };
    panels.claim(to, &claim).await
}

#[tokio::test]
async fn a_gateway_of_an_own_authority_is_believed_only_where_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (authority, callers) = (Authority::new(), Authority::new());
    let to = gateway(folder.path(), &authority, &callers);
    let (cert, key) = callers.sign("controller");
    let identity = || Some(format!("{cert}\n{key}").into_bytes().into());

    let both = TlsOptions { authorities: Some(authority.pem()), identity: identity() };
    claim(&to, &both).await.unwrap();

    let public = TlsOptions { authorities: None, identity: identity() };
    let error = claim(&to, &public).await.unwrap_err().to_string();
    assert!(error.contains("UnknownIssuer"), "it says why: {error}");

    let nameless = TlsOptions { authorities: Some(authority.pem()), identity: None };
    claim(&to, &nameless).await.unwrap_err();
    let (cert, key) = Authority::new().sign("controller");
    let stranger = Some(format!("{cert}\n{key}").into_bytes().into());
    claim(&to, &TlsOptions { identity: stranger, ..both }).await.unwrap_err();
}

#[test]
fn a_file_that_holds_no_certificate_is_said_at_the_start() {
    let no_authority = TlsOptions { authorities: Some(b"nothing".to_vec()), identity: None };
    let error = ReqwestTransport::new(&no_authority).unwrap_err().to_string();
    assert!(error.contains("holds no certificate"), "{error}");
    let no_key = TlsOptions { authorities: None, identity: Some(b"nothing".to_vec().into()) };
    let error = ReqwestTransport::new(&no_key).unwrap_err().to_string();
    assert!(error.contains("our certificate"), "{error}");
}
