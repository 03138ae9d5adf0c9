//! The page's own little server.

use super::acts;
use super::assets::asset;
use super::guard::guard;
use super::person::Person;
use super::refused::Refused;
use super::stream::{Had, pump};
use super::world::World;
use crate::trouble::Trouble;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

/// More than Discord takes, so that what is too big for it can be tried.
const UPLOAD: usize = 40 << 20;

/// A file of 2 MiB, however many of its characters JSON writes with six.
const ACT: usize = 13 << 20;

/// A page that is open; dropping it closes it.
pub(crate) struct Page {
    address: String,
    world: watch::Sender<Option<World>>,
    _open: DropGuard,
}

type Worlds = watch::Receiver<Option<World>>;

impl Page {
    /// Listens on a loopback address. Until there is a world, the page says that it starts.
    pub(crate) async fn open(at: SocketAddr) -> Result<Self, Trouble> {
        if !at.ip().is_loopback() {
            return Err(Trouble(format!(
                "the page is for this machine only: {at} is no loopback address"
            )));
        }
        let listener = TcpListener::bind(at).await.map_err(|e| {
            Trouble(format!(
                "the page cannot listen on {at}: {e}; say another --page, such as 127.0.0.1:0"
            ))
        })?;
        let at = listener.local_addr().map_err(Trouble::while_doing("open the page"))?;
        let token = token();
        let (world, worlds) = watch::channel(None);
        let router = router(&token, worlds);
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        tokio::spawn(async move {
            tokio::select! {
                _ = axum::serve(listener, router) => {}
                () = stopped => {}
            }
        });
        let address = format!("http://{at}/{token}/");
        Ok(Self { address, world, _open: stop.drop_guard() })
    }

    /// The one address to open.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// From now on there is something to show.
    pub(crate) fn show(&self, world: World) {
        self.world.send_replace(Some(world));
    }
}

#[allow(clippy::disallowed_methods, reason = "a secret is random, also in the sandbox")]
fn token() -> String {
    let bytes: [u8; 16] = rand::random();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn router(token: &str, worlds: Worlds) -> Router {
    let to = format!("/{token}/");
    let upload = post(uploaded).layer(DefaultBodyLimit::max(UPLOAD));
    Router::new()
        .route(&format!("/{token}"), get(move || async move { Redirect::permanent(&to) }))
        .route(&format!("/{token}/"), get(|| async { file("index.html") }))
        .route(
            &format!("/{token}/{{name}}"),
            get(|Path(name): Path<String>| async move { file(&name) }),
        )
        .route(&format!("/{token}/api/events"), get(events))
        .route(&format!("/{token}/api/act"), post(act).layer(DefaultBodyLimit::max(ACT)))
        .route(&format!("/{token}/api/upload"), upload)
        .route(&format!("/{token}/api/file/{{id}}"), get(attachment))
        .layer(middleware::from_fn(guard))
        .with_state(worlds)
}

fn file(name: &str) -> Response {
    match asset(name) {
        Some(asset) => ([(header::CONTENT_TYPE, asset.content_type)], asset.text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
struct Who {
    r#as: Person,
}

#[derive(Deserialize)]
struct Tab {
    r#as: String,
}

async fn events(
    State(worlds): State<Worlds>,
    Query(tab): Query<Tab>,
    headers: HeaderMap,
) -> Response {
    let who = Person::named(&tab.r#as).unwrap_or(Person::Alice);
    let last = headers.get("last-event-id").and_then(|id| Had::read(id.to_str().ok()?));
    let (out, from) = mpsc::channel(16);
    tokio::spawn(pump(worlds, who, last.unwrap_or_default(), out));
    let events = futures::stream::unfold(from, |mut from| async move {
        let event = from.recv().await?;
        Some((Ok::<_, Infallible>(event), from))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

fn world(worlds: &Worlds) -> Result<World, Refused> {
    worlds.borrow().clone().ok_or_else(|| Refused::because("everything is still starting"))
}

async fn act(State(worlds): State<Worlds>, asked: Result<Json<Value>, JsonRejection>) -> Response {
    let asked = match asked {
        Ok(Json(asked)) => asked,
        Err(rejected) => return not_read(rejected.status(), &rejected.body_text(), ACT),
    };
    let came = match world(&worlds) {
        // It goes to its end although the tab that asked for it is gone.
        Ok(world) => tokio::spawn(async move { acts::act(&world, asked).await }).await,
        Err(refused) => Ok(Err(refused)),
    };
    answer(came.unwrap_or_else(|broke| Err(Refused::because(format!("it broke off: {broke}")))))
}

/// What was sent could not be read; the page shows what is in JSON.
fn not_read(status: StatusCode, why: &str, most: usize) -> Response {
    let refused = if status == StatusCode::PAYLOAD_TOO_LARGE {
        Refused::because(format!("that is more than the {} MiB that the page takes", most >> 20))
    } else {
        Refused::because(why)
    };
    (status, Json(refused)).into_response()
}

fn answer(came: Result<Value, Refused>) -> Response {
    match came {
        Ok(value) => Json(value).into_response(),
        Err(refused) => (StatusCode::UNPROCESSABLE_ENTITY, Json(refused)).into_response(),
    }
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

async fn uploaded(
    State(worlds): State<Worlds>,
    Query(named): Query<Named>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejected) => return not_read(rejected.status(), &rejected.body_text(), UPLOAD),
    };
    answer(world(&worlds).map(|world| json!({ "upload": world.keep_upload(named.name, body) })))
}

/// What a browser may show by itself; everything else is only to be saved.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

async fn attachment(
    State(worlds): State<Worlds>,
    Path(id): Path<u64>,
    Query(who): Query<Who>,
) -> Response {
    let found = world(&worlds).ok().and_then(|world| world.actor(who.r#as)?.file(id));
    let Some(found) = found else { return StatusCode::NOT_FOUND.into_response() };
    let kind = PICTURES.into_iter().find(|kind| *kind == found.content_type);
    let headers = [
        (header::CONTENT_TYPE, kind.unwrap_or("application/octet-stream")),
        (header::CONTENT_DISPOSITION, if kind.is_some() { "inline" } else { "attachment" }),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::CACHE_CONTROL, "private, max-age=3600"),
    ];
    (headers, found.bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sent(page: &Page, to: &str, kind: &str, body: Vec<u8>) -> (u16, Value) {
        let origin = page.address().split('/').take(3).collect::<Vec<_>>().join("/");
        let asked = reqwest::Client::new()
            .post(format!("{}{to}", page.address()))
            .header(header::ORIGIN.as_str(), origin)
            .header(header::CONTENT_TYPE.as_str(), kind)
            .body(body);
        let answer = asked.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
    }

    #[tokio::test]
    async fn the_largest_file_fits_however_json_writes_it_and_what_does_not_is_told_so() {
        let page = Page::open((std::net::Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        let act = |count: usize| {
            let text = "\\u0001".repeat(count);
            format!("{{\"act\":\"file.save\",\"text\":\"{text}\"}}").into_bytes()
        };
        let (status, said) = sent(&page, "api/act", "application/json", act(2 << 20)).await;
        assert_eq!((status, &said["message"]), (422, &json!("everything is still starting")));
        let (status, said) = sent(&page, "api/act", "application/json", act(3 << 20)).await;
        let whole = json!("that is more than the 13 MiB that the page takes");
        assert_eq!((status, &said["message"]), (413, &whole));
        let (status, said) = sent(&page, "api/act", "text/plain", act(1)).await;
        assert!(status == 415 && said["message"].is_string(), "{status} {said}");

        let picture = vec![0; UPLOAD + 1];
        let (status, said) = sent(&page, "api/upload?name=x", "image/png", picture).await;
        let whole = json!("that is more than the 40 MiB that the page takes");
        assert_eq!((status, &said["message"]), (413, &whole));
    }
}
