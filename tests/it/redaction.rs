//! What must never be read in a log is not shown by `{:?}`, whoever writes that by mistake.

use std::fmt::Debug;

use nebulalinks::cli::fresh_ids;
use nebulalinks::config::{Chat, Keys};
use nebulalinks::discord;
use nebulalinks::model::{Account, Cap, Credentials, DesiredClient, End, UnixMs};
use nebulalinks::panel::rotation::standing;
use nebulalinks::panel::{HttpPanels, Incoming, KeyRing, Outgoing, TlsOptions};
use nebulalinks::ports::{Precondition, Write};
use nebulalinks::view::ConnectedFrom;
use nebulalinks_gateway::{Config, Edge, KeySource, PanelTarget};
use nebulalinks_protocol as wire;
use nebulalinks_protocol::{KeySet, MasterKey, RequestParts};
use secrecy::ExposeSecret as _;

use crate::architecture::source::crate_sources;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;

/// The texts that may be read nowhere.
struct Secrets(Vec<String>);

impl Secrets {
    #[track_caller]
    fn stay_out_of(&self, what: &dyn Debug) {
        for shown in [format!("{what:?}"), format!("{what:#?}")] {
            // A list of numbers is as good as the text.
            let packed: String = shown.chars().filter(|c| !c.is_whitespace()).collect();
            for secret in &self.0 {
                let numbers: Vec<String> = secret.bytes().map(|b| b.to_string()).collect();
                assert!(!shown.contains(secret), "{secret} is shown in {shown}");
                assert!(!packed.contains(&numbers.join(",")), "{secret} is shown in {shown}");
            }
        }
    }
}

#[test]
fn keys_tokens_passwords_and_addresses_of_panels_stay_out_of_debug() {
    let master = "5e".repeat(32);
    let of_file = KeySet::one(MasterKey::parse(&master).unwrap().derive("fra-1")).text();
    let mut secrets: Vec<String> =
        ["the-panel-token", "the-password", "the-user", "base-path", "the-bot-token", "the-pem"]
            .map(str::to_owned)
            .to_vec();
    let lines = of_file.expose_secret().lines();
    secrets.extend(lines.filter_map(|l| Some(l.split_once('=')?.1.to_owned())));
    secrets.push(master.clone());
    assert_eq!(secrets.len(), 9);
    let secrets = Secrets(secrets);

    let master_key = MasterKey::parse(&master).unwrap();
    let set = KeySet::parse(of_file.expose_secret()).unwrap();
    let pair = set.pairs().next().unwrap().1.clone();
    let url: url::Url = "http://the-user:the-password@127.0.0.1/base-path/".parse().unwrap();
    let mut with_token = PanelTarget::with_token(url.clone(), "the-panel-token");
    let with_login = PanelTarget::with_login(url, "the-user", "the-password");
    let text = of_file.clone();
    let ring = || {
        let (text, master) = (text.clone(), MasterKey::parse(&master).unwrap());
        KeyRing::new(Box::new(move |_| Some(text.clone())), None, Some(master))
    };
    let tls = TlsOptions { authorities: None, identity: Some(b"the-pem".to_vec().into()) };
    let clock = std::sync::Arc::new(nebulalinks::cli::SystemClock);
    let panels = HttpPanels::new(ring(), clock, &TlsOptions::default()).unwrap();
    let config = Config {
        server: "fra-1".to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        tls: None,
        plain_http_behind_proxy: false,
        edge: Edge::default(),
        metrics_listen: None,
        panel: with_token.clone(),
        keys: KeySource::Inline(set.clone()),
        state: "state".into(),
        window_s: 30,
    };
    let bot = discord::Config {
        token: "the-bot-token".into(),
        api_base: None,
        cdn_hosts: discord::Config::discord_cdn_hosts(),
        proofs_dir: "proofs".into(),
    };
    let chat = Chat {
        discord_token_file: None,
        discord_token: Some("the-bot-token".into()),
        discord_api: None,
    };
    let keys =
        Keys { keys_dir: None, master_key_file: None, master_key: Some(master.clone().into()) };
    let shown: [&dyn Debug; 15] = [
        &of_file,
        &master_key,
        &set,
        &pair,
        &pair.request,
        &ring(),
        &panels,
        &tls,
        &standing(&set, None).unwrap(),
        &with_token,
        &with_login,
        &with_login.login,
        &config,
        &bot,
        &(chat, keys),
    ];
    for what in shown {
        secrets.stay_out_of(what);
    }
    // Nor out of the errors about them.
    for scheme in ["http", "ftp"] {
        let url = format!("{scheme}://the-user:the-password@203.0.113.7/base-path/");
        with_token.url = url.parse().unwrap();
        let error = with_token.check().unwrap_err();
        secrets.stay_out_of(&error);
        secrets.stay_out_of(&error.to_string());
    }
}

#[test]
fn what_opens_the_service_for_a_customer_stays_out_of_debug() {
    let ids = fresh_ids(UnixMs(1), std::array::from_fn(|i| u8::try_from(i).unwrap()));
    let (uuid, secret, sub_id) =
        (ids.credentials.uuid, ids.credentials.secret.clone(), ids.credentials.sub_id.clone());
    let secrets = Secrets(vec![
        uuid.to_string(),
        secret.clone(),
        sub_id.clone(),
        ids.credentials.subscription_token.clone(),
    ]);
    let credentials =
        Credentials { uuid, sub_id: sub_id.clone(), secret: secret.clone(), version: 1 };
    let world = World::settled(catalog(), 1, "basic-30");
    let account = world.snapshot.accounts().next().unwrap().clone();
    let account = Account {
        credentials: credentials.clone(),
        subscription_token: ids.credentials.subscription_token,
        ..account
    };
    let desired = DesiredClient {
        email: "nl-main-x".to_owned(),
        uuid,
        sub_id: sub_id.clone(),
        secret: secret.clone(),
        enable: true,
        end: End::Never,
        cap: Cap::Unlimited,
        ip_limit: 0,
        comment: String::new(),
        inbounds: vec!["ws".to_owned()],
        from: None,
        to: None,
    };
    let wanted = wire::Desired {
        email: desired.email.clone(),
        uuid,
        sub_id,
        secret,
        enable: true,
        end: wire::End::Never,
        cap: wire::Cap::Unlimited,
        ip_limit: 0,
        comment: String::new(),
    };
    let put = wire::PutRequest {
        fence: 1,
        expect: wire::Expect::Uuid(uuid),
        client: wanted.clone(),
        inbounds: vec!["ws".to_owned()],
        from: None,
        to: None,
        store: None,
    };
    let delete = wire::DeleteRequest { fence: 1, uuid, store: None };
    let batch = wire::BatchRequest {
        fence: 1,
        store: None,
        items: vec![
            wire::BatchItem::Put(Box::new(wire::BatchPut {
                expect: wire::Expect::Uuid(uuid),
                client: wanted,
                inbounds: vec!["ws".to_owned()],
                from: None,
                to: None,
            })),
            wire::BatchItem::Delete(wire::BatchDelete { email: "nl-main-x".to_owned(), uuid }),
        ],
    };
    let body = serde_json::to_vec(&put).unwrap();
    let parts = RequestParts {
        method: "PUT",
        authority: "gw",
        path: "/v1/clients/nl-main-x",
        query: None,
        body: &body,
    };
    let outgoing = Outgoing {
        method: "PUT",
        url: "https://gw/v1/clients/nl-main-x".parse().unwrap(),
        headers: vec![],
        body: body.clone(),
        timeout: std::time::Duration::ZERO,
    };
    let incoming = Incoming { status: 200, headers: vec![], body: body.clone() };
    let before = Precondition::Uuid(uuid);
    let writes = [
        Write::Put { before, client: desired.clone() },
        Write::Delete { email: desired.email.clone(), uuid },
    ];
    let shown: [&dyn Debug; 11] = [
        &credentials,
        &account,
        &desired,
        &put,
        &delete,
        &batch,
        &parts,
        &outgoing,
        &incoming,
        &before,
        &writes,
    ];
    for what in shown {
        secrets.stay_out_of(what);
    }
}

/// Fields that hold a secret, whatever type has them. Customers' uuids are credentials.
const SECRET_FIELDS: [&str; 11] = [
    "uuid",
    "sub_id",
    "secret",
    "subscription_token",
    "password",
    "token",
    "cookie",
    "csrf",
    "body",
    "two_factor_code",
    "headers",
];
/// Types that show what is in them. Those of secrecy, and our own, show themselves as they like.
const OPEN_TYPES: [&str; 8] =
    ["String", "Vec<", "Bytes", "&", "HeaderMap", "uuid::Uuid", "Uuid", "Option<Zeroizing"];

/// Lines of types that derive `Debug` and would show a secret.
fn leaks(code: &str) -> Vec<usize> {
    let (mut found, mut derived, mut inside) = (Vec::new(), false, false);
    for (at, line) in code.lines().enumerate() {
        let text = line.trim();
        if text.starts_with("#[derive(") {
            derived = text.contains("Debug");
        } else if text.contains("struct ") || text.contains("enum ") {
            inside = derived && text.ends_with('{');
            derived = false;
        } else if line == "}" {
            inside = false;
        } else if inside {
            let field = text.rsplit_once("pub ").map_or(text, |(_, f)| f);
            let field = field.split_once(") ").map_or(field, |(_, f)| f);
            let Some((name, kind)) = field.split_once(": ") else { continue };
            let kind = kind.trim_start_matches("Option<");
            if SECRET_FIELDS.contains(&name) && OPEN_TYPES.iter().any(|t| kind.starts_with(t)) {
                found.push(at + 1);
            }
        }
    }
    found
}

#[test]
fn no_type_with_a_secret_in_it_derives_debug() {
    let bad = "#[derive(Debug)]\nstruct A {\n    pub(super) token: Option<String>,\n}\n";
    assert_eq!(leaks(bad), [3]);
    assert_eq!(leaks(&bad.replace("Debug", "Clone")), [0; 0]);
    assert_eq!(leaks(&bad.replace("Option<String>", "SecretString")), [0; 0]);
    // What is borrowed from a request that is still to be judged: no credentials in its headers.
    const BORROWED: [&str; 1] = ["gateway/protocol/src/verify.rs"];
    let mut problems = Vec::new();
    for folder in ["core/src", "src", "gateway/src", "gateway/protocol/src"] {
        for source in crate_sources(folder).iter().filter(|s| !s.test_only) {
            for line in leaks(&source.code) {
                if !BORROWED.contains(&source.path.as_str()) {
                    problems.push(format!(
                        "{}:{line}: a derived Debug shows this secret: write one without it, or \
                         keep it in a SecretString",
                        source.path
                    ));
                }
            }
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn from_where_somebody_is_connected_stays_out_of_debug() {
    let from: std::net::IpAddr = "203.0.113.77".parse().unwrap();
    let secrets = Secrets(vec![from.to_string()]);
    secrets.stay_out_of(&wire::AddressesAnswer { clock_ms: 1, addresses: vec![from] });
    let server = "fra-1".parse().unwrap();
    secrets.stay_out_of(&ConnectedFrom { server, addresses: Some(vec![from]) });
}
