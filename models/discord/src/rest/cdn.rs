//! The CDN: what was uploaded, at signed addresses that run out.

use crate::emulator::Emulator;
use crate::faults::Effect;
use crate::json::messages::address_holds;
use crate::wire_conn::Scissors;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The CDN's route as faults name it.
const ROUTE: &str = "/attachments/{channel_id}/{attachment_id}/{filename}";

pub(crate) async fn serve(
    State(emulator): State<Emulator>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    Path((channel, id, name)): Path<(u64, u64, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let path = format!("/attachments/{channel}/{id}/{name}");
    let gone = || (StatusCode::NOT_FOUND, "This content is no longer available.").into_response();
    for effect in emulator.change(|discord| discord.faults.take("GET", ROUTE, &path)) {
        match effect {
            Effect::Latency(length) => tokio::time::sleep(length).await,
            Effect::Refuse(status, _, words) | Effect::Page(status, words) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND);
                return (status, words).into_response();
            }
            Effect::RateLimit(..) => return StatusCode::TOO_MANY_REQUESTS.into_response(),
            Effect::DropBefore | Effect::DropAfterCommit => {
                scissors.cut();
                return gone();
            }
        }
    }
    let file = emulator.read(|discord| {
        let holds = address_holds(id, query.as_deref().unwrap_or_default(), discord.now());
        discord
            .files
            .get(&id)
            .filter(|file| holds && file.channel == channel && file.name == name)
            .cloned()
    });
    match file {
        Some(file) => {
            let headers = [(header::CONTENT_TYPE, file.content_type.clone())];
            (headers, Body::from(file.bytes)).into_response()
        }
        None => gone(),
    }
}
