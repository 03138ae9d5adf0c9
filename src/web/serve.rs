//! The listener and its one route.

use super::answer::{self, Answer, Asked};
use super::limits::{Limits, asking};
use super::stats::{Outcome, SubscriptionStats};
use crate::catalog::Catalog;
use crate::listen::{self, Bounds};
use crate::ports::{Store, Timekeeper};
use crate::view::{Format, FrontProfile, Pages};
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use nebulalinks_protocol::callers::Nets;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Apps and browsers of customers; each asks once and goes.
const CUSTOMERS: Bounds = Bounds { what: "customers", connections: 256 };

/// Why the listener could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen for customers on {address}: {source}; name another --public-listen")]
pub struct WebError {
    address: SocketAddr,
    source: std::io::Error,
}

/// What answers are drawn from.
#[derive(Clone)]
pub struct Web(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    time: Arc<dyn Timekeeper>,
    catalog: watch::Receiver<Arc<Catalog>>,
    stats: Arc<SubscriptionStats>,
    limits: Limits,
    proxies: Nets,
    /// It was said that a proxy names nobody.
    nobody_named: AtomicBool,
}

impl Web {
    /// Answers from these records at this time. `proxies` are believed when they name a caller.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        time: Arc<dyn Timekeeper>,
        catalog: watch::Receiver<Arc<Catalog>>,
        stats: Arc<SubscriptionStats>,
        proxies: Nets,
    ) -> Self {
        let limits = Limits::default();
        Self(Arc::new(Inner {
            store,
            time,
            catalog,
            stats,
            limits,
            proxies,
            nobody_named: AtomicBool::new(false),
        }))
    }

    /// Serves until `shutdown`.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn serve(
        self,
        address: SocketAddr,
        shutdown: CancellationToken,
    ) -> Result<(), WebError> {
        let fail = |source| WebError { address, source };
        let listener = TcpListener::bind(address).await.map_err(fail)?;
        if self.0.catalog.borrow().shop.subscription.is_none() {
            tracing::warn!(
                "shop.yaml has no `subscription`: {address} answers, and no customer is told of it"
            );
        }
        listen::serve(listener, self.router(), CUSTOMERS, shutdown).await;
        Ok(())
    }

    /// The routes, for the listener and for whoever asks without one. A request must say who asks, by
    /// `ConnectInfo`.
    pub fn router(self) -> Router {
        Router::new()
            .route("/sub/{token}", get(subscription))
            .fallback(elsewhere)
            .method_not_allowed_fallback(elsewhere)
            .with_state(self)
    }
}

impl Inner {
    /// Counts a request that got no answer of an account.
    fn refuse(&self, format: Option<Format>, outcome: Outcome, response: Response) -> Response {
        self.stats.count(format, outcome);
        response
    }

    fn limited(&self, peer: SocketAddr, headers: &HeaderMap) -> Option<Response> {
        let Some(address) = asking(peer.ip(), headers, &self.proxies) else {
            if !self.nobody_named.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    "the proxy at {} names nobody (X-Forwarded-For, Forwarded): nobody's requests are limited",
                    peer.ip()
                );
            }
            return None;
        };
        let wait = self.limits.take(address).err()?;
        let late = [(header::RETRY_AFTER, wait.to_string())];
        let response = (StatusCode::TOO_MANY_REQUESTS, late, "too many requests\n").into_response();
        Some(self.refuse(None, Outcome::Limited, response))
    }

    fn unknown(&self) -> Response {
        let response = (StatusCode::NOT_FOUND, "not found\n").into_response();
        self.refuse(None, Outcome::Unknown, response)
    }
}

async fn subscription(
    State(Web(web)): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    token: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if let Some(late) = web.limited(peer, &headers) {
        return late;
    }
    let token = token.map(|Path(token)| token).unwrap_or_default();
    let snapshot = web.store.snapshot();
    let account = snapshot.account_at_address(&token).filter(|a| a.released().is_none());
    let Some(account) = account else { return web.unknown() };
    let asked = match Asked::read(query.as_deref(), &headers) {
        Ok(asked) => asked,
        Err(none) => return web.refuse(None, Outcome::BadFormat, none.answer()),
    };
    let catalog = Arc::clone(&web.catalog.borrow());
    let pages = Pages::new(&FrontProfile::UNBOUNDED, &snapshot, &catalog, web.time.reading().now);
    let pages = pages
        .for_reader(catalog.language_read(snapshot.reads(account.customer)).or(asked.language));
    let Some(said) = pages.subscription(account.id) else { return web.unknown() };
    let wants_page = asked.format == Format::Page;
    let of = Answer {
        said: &said,
        page: wants_page.then(|| pages.subscription_page(account.id)).flatten(),
        settings: catalog.shop.subscription.as_ref(),
        token: &token,
    };
    let (outcome, response) = answer::answer(&of, &asked);
    web.stats.count(Some(asked.format), outcome);
    response
}

/// Nothing else is here, and it is said as of a token that nobody has.
async fn elsewhere(
    State(Web(web)): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    web.limited(peer, &headers).unwrap_or_else(|| web.unknown())
}

#[cfg(test)]
mod tests;
