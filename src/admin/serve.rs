//! The listeners and routes.

use super::peer::Peer;
use super::sources::Admin;
use super::{adopt, diff, intents, metrics, read, readiness, release};
use crate::listen::{self, Bounds};
use crate::model::{Actor, Audit, Outcome};
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, PermissionsExt as _};
use std::path::{Path as FsPath, PathBuf};
use std::time::Duration;
use tokio::net::{TcpListener, UnixListener};
use tokio_util::sync::CancellationToken;

/// A scraper and an uptime check use one connection each.
const NUMBERS: Bounds = Bounds { what: "numbers", connections: 32 };
/// Requests under way may take this long to end.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

/// Why the listeners could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {place}: {source}; is another `nebulalinks run` using it?")]
pub struct AdminError {
    place: String,
    source: std::io::Error,
}

impl Admin {
    /// Serves both listeners until `shutdown`.
    ///
    /// # Errors
    /// When an address or the socket's path is taken.
    pub async fn serve(
        self,
        listen: SocketAddr,
        socket: PathBuf,
        shutdown: CancellationToken,
    ) -> Result<(), AdminError> {
        let fail = |place: String| move |source| AdminError { place, source };
        let tcp = TcpListener::bind(listen).await.map_err(fail(listen.to_string()))?;
        let unix = open_socket(&socket).map_err(fail(socket.display().to_string()))?;
        let ended = shutdown.clone();
        let public = listen::serve(tcp, public(self.clone()), NUMBERS, shutdown.clone());
        let control =
            axum::serve(unix, control(self).into_make_service_with_connect_info::<Peer>())
                .with_graceful_shutdown(async move { shutdown.cancelled().await });
        let served = async { tokio::join!(public, control.into_future()).1 };
        // Somebody who connects and says nothing must not keep the shop from ending.
        let late = async {
            ended.cancelled().await;
            tokio::time::sleep(LAST_ANSWERS).await;
        };
        let ended = tokio::select! {
            ended = served => ended,
            () = late => Ok(()),
        };
        let _ = std::fs::remove_file(&socket);
        ended.map_err(fail(socket.display().to_string()))
    }
}

/// A socket that only its user can open, from its first moment: it is made in a folder that nobody
/// else can enter and then moved to its place. One left over by a killed process is replaced: the
/// store's lock already proves that nobody else runs. Anything else at its place stays.
fn open_socket(path: &FsPath) -> std::io::Result<UnixListener> {
    match std::fs::symlink_metadata(path) {
        Ok(there) if !there.file_type().is_socket() => {
            return Err(std::io::Error::other("something that is not a socket is there"));
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let nursery = path.with_file_name(format!(".s{}", std::process::id()));
    let young = nursery.join("s");
    // From an earlier process of the same number.
    let _ = std::fs::remove_file(&young);
    let _ = std::fs::remove_dir(&nursery);
    std::fs::DirBuilder::new().mode(0o700).create(&nursery)?;
    let opened = UnixListener::bind(&young).and_then(|listener| {
        std::fs::set_permissions(&young, std::fs::Permissions::from_mode(0o600))?;
        std::fs::rename(&young, path)?;
        Ok(listener)
    });
    let _ = std::fs::remove_file(&young);
    let _ = std::fs::remove_dir(&nursery);
    opened
}

/// What anybody on the host may read: numbers and whether we live. No customer's data.
fn public(admin: Admin) -> Router {
    Router::new()
        .route("/metrics", get(show_metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(admin)
}

/// What operators ask and say.
fn control(admin: Admin) -> Router {
    Router::new()
        .merge(read::routes(&admin))
        .route("/v1/diff", post(diff::answer).layer(DefaultBodyLimit::max(diff::MOST_BYTES)))
        .route("/v1/readiness", get(ready))
        .route("/v1/intents", post(submit))
        .route("/v1/adopt", post(adopt_clients).layer(DefaultBodyLimit::max(adopt::MOST_BYTES)))
        .route("/v1/release", post(release_clients))
        .route("/v1/amnesia/resolve", post(resolve_amnesia))
        .with_state(admin)
}

async fn show_metrics(State(admin): State<Admin>) -> Response {
    match metrics::render(&admin) {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// 200 as long as it answers: there is a catalog in force then (without one the service does not
/// start), and what was sold is served. `ready` is false while there is any reason.
async fn ready(State(admin): State<Admin>) -> Response {
    Json(readiness::page(&admin)).into_response()
}

async fn submit(
    State(admin): State<Admin>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    body: Bytes,
) -> Response {
    intents::submit_as_typed(&admin, &peer, &body).await
}

async fn adopt_clients(
    State(admin): State<Admin>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    body: Bytes,
) -> Response {
    adopt::adopt(&admin, &peer, &body).await
}

async fn release_clients(
    State(admin): State<Admin>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    body: Bytes,
) -> Response {
    release::release(&admin, &peer, &body).await
}

async fn resolve_amnesia(
    State(admin): State<Admin>,
    ConnectInfo(peer): ConnectInfo<Peer>,
) -> Response {
    let snapshot = admin.store.snapshot();
    let at = admin.time.reading().now;
    let now = Some(at);
    let mut edits = crate::model::Edits::new();
    if let Some(mut amnesia) = snapshot.amnesia().cloned().filter(|a| a.resolved_at.is_none()) {
        let key = crate::model::Key::Amnesia();
        edits.expect(key.clone(), snapshot.version(&key));
        amnesia.resolved_at = now;
        edits.put(amnesia);
    }
    if let Some(mut damage) = snapshot.damaged().cloned() {
        let key = crate::model::Key::Damage();
        edits.expect(key.clone(), snapshot.version(&key));
        damage.resolved_at = now;
        edits.put(damage);
    }
    if edits.is_empty() {
        return (StatusCode::CONFLICT, Json(json!({"error": "there is nothing to resolve"})))
            .into_response();
    }
    let page = (admin.catalog)();
    edits.insert(Audit {
        id: admin.entropy.ulid(at),
        actor: Actor::Cli(peer.user()),
        verb: "resolve-amnesia".to_owned(),
        subject: "store".to_owned(),
        outcome: Outcome::Done,
        of: None,
        reason: None,
        catalog: page.revision,
        commit: page.commit,
        at,
    });
    match admin.store.txn(edits).await {
        Ok(revision) => Json(json!({"resolved": true, "revision": revision})).into_response(),
        Err(error) => {
            (StatusCode::CONFLICT, Json(json!({"error": error.to_string()}))).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::doubles::admin;
    use crate::model::UnixMs;
    use crate::store::MemoryStore;
    use std::sync::Arc;
    use tokio::io::AsyncWriteExt as _;

    #[tokio::test]
    async fn the_socket_is_its_users_alone_and_nothing_else_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("control.sock");
        drop(open_socket(&path).unwrap());
        let _listener = open_socket(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        tokio::net::UnixStream::connect(&path).await.unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let precious = folder.path().join("shop.yaml");
        std::fs::write(&precious, "shop:").unwrap();
        assert!(open_socket(&precious).is_err());
        assert_eq!(std::fs::read_to_string(&precious).unwrap(), "shop:");
    }

    #[tokio::test]
    async fn damage_is_said_until_it_is_resolved() {
        let store = Arc::new(MemoryStore::new());
        let admin = admin(Arc::clone(&store), UnixMs(1));
        let root = || ConnectInfo(Peer::of(0));
        let resolve = || resolve_amnesia(State(admin.clone()), root());
        assert_eq!(resolve().await.status(), StatusCode::CONFLICT);
        let lost = crate::model::Lost {
            what: "the journal is damaged there".to_owned(),
            first: Some(3),
            last: Some(5),
            kinds: vec!["term".to_owned()],
            passing: false,
        };
        let mut edits = crate::model::Edits::new();
        edits.put(crate::model::Damage {
            since: UnixMs(0),
            lost: vec![lost],
            kept: vec!["damaged".to_owned()],
            resolved_at: None,
        });
        admin.store.txn(edits).await.unwrap();
        let page = readiness::page(&admin);
        assert_eq!(page["ready"], false);
        assert_eq!(page["reasons"][0]["code"], "damaged");
        let detail = page["reasons"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("(revisions 3 to 5: term)"), "{detail}");
        assert!(detail.contains("kept in damaged of the state folder"), "{detail}");
        assert!(metrics::render(&admin).unwrap().contains("reason=\"damaged\"} 1"));
        assert_eq!(resolve().await.status(), StatusCode::OK);
        let lines = store.records(crate::model::Kind::Audit);
        let [line] = &lines[..] else { panic!("{lines:?}") };
        let crate::model::Record::Audit(line) = &line.value else { panic!("{line:?}") };
        assert_eq!((&*line.verb, &line.actor), ("resolve-amnesia", &Actor::Cli("root".into())));
        assert_eq!(readiness::page(&admin)["ready"], true);
        assert!(metrics::render(&admin).unwrap().contains("reason=\"damaged\"} 0"));
    }

    #[tokio::test]
    async fn a_caller_who_says_nothing_does_not_keep_the_shop_from_ending() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("control.sock");
        let admin = admin(Arc::new(MemoryStore::new()), UnixMs(1));
        let shutdown = CancellationToken::new();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let serving = tokio::spawn(admin.serve(port, socket.clone(), shutdown.clone()));
        let mut caller = loop {
            match tokio::net::TcpStream::connect(port).await {
                Ok(caller) => break caller,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        caller.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        shutdown.cancel();
        let ended = tokio::time::timeout(Duration::from_secs(2), serving).await;
        ended.expect("it ends").unwrap().unwrap();
    }
}
