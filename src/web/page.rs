//! The page that a browser shows at a subscription address. It needs no script, and asks nobody else for
//! anything.

use crate::view::SubscriptionPage;
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("../../templates/subscription.css");

#[derive(Template)]
#[template(path = "subscription.html")]
struct Drawn<'a> {
    page: &'a SubscriptionPage,
    picture: Option<String>,
    style: &'static str,
}

/// The page as HTML; `None` where it cannot be drawn.
pub(super) fn html(page: &SubscriptionPage) -> Option<String> {
    let picture = page.qr.as_ref().map(|png| STANDARD.encode(png));
    match (Drawn { page, picture, style: STYLE }).render() {
        Ok(html) => Some(html),
        Err(error) => {
            tracing::error!(%error, "the page of a subscription cannot be drawn");
            None
        }
    }
}

/// What the page may do: show its own style and pictures that stand in it. Nothing is loaded.
pub(super) fn policy() -> String {
    let digest: [u8; 32] = Sha256::digest(STYLE).into();
    let style = STANDARD.encode(digest);
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src data:; form-action 'none'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}
