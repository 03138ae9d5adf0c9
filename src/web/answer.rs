//! A subscription as an HTTP answer.

use super::page;
use super::stats::Outcome;
use crate::catalog::SubscriptionSettings;
use crate::model::{DurationMs, HOUR_MS, Language};
use crate::view::{Document, Entries, Format, Subscription, SubscriptionPage};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nebulalinks_protocol::{hex, percent_encoded};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use url::form_urlencoded;

/// Where no file says how often apps ask.
const UPDATE_EVERY: DurationMs = DurationMs(12 * HOUR_MS);

/// What a request asks for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) format: Format,
    /// The language that a browser asks for first.
    pub(super) language: Option<Language>,
    /// What the app has already, as `If-None-Match` says.
    known: Vec<String>,
}

impl Asked {
    /// Of the query and the headers.
    ///
    /// # Errors
    /// When it asks for a form that there is not.
    pub(super) fn read(query: Option<&str>, headers: &HeaderMap) -> Result<Self, NoSuchFormat> {
        let mut pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let word = pairs.find(|(key, _)| key == "format").map(|(_, word)| word);
        let said = |name| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok());
        let (agent, accept) = (said(header::USER_AGENT), said(header::ACCEPT));
        let format = match &word {
            Some(word) => Format::named(word).ok_or(NoSuchFormat)?,
            None => Format::for_app(agent.unwrap_or_default(), accept.unwrap_or_default()),
        };
        let languages = said(header::ACCEPT_LANGUAGE).unwrap_or_default();
        let first = languages.split([',', ';']).next().unwrap_or_default();
        let lines = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok());
        let known = lines.flat_map(|line| line.split(',')).map(|tag| tag.trim().to_owned());
        Ok(Self { format, language: first.trim().parse().ok(), known: known.collect() })
    }

    fn knows(&self, tag: &str) -> bool {
        self.known.iter().any(|known| known == "*" || known.trim_start_matches("W/") == tag)
    }
}

/// There is no form of that name.
#[derive(Debug)]
pub(super) struct NoSuchFormat;

impl NoSuchFormat {
    pub(super) fn answer(&self) -> Response {
        let words: Vec<&str> = Format::ALL.into_iter().map(Format::name).collect();
        let text = format!("there is no such format; there are {}\n", words.join(", "));
        (StatusCode::BAD_REQUEST, text).into_response()
    }
}

/// What is answered: what there is, and the page of it where a browser asks.
pub(super) struct Answer<'a> {
    pub(super) said: &'a Subscription,
    pub(super) page: Option<SubscriptionPage>,
    pub(super) settings: Option<&'a SubscriptionSettings>,
    pub(super) token: &'a str,
}

/// The answer, and how it counts.
pub(super) fn answer(of: &Answer<'_>, asked: &Asked) -> (Outcome, Response) {
    let Answer { said, page, settings, token } = of;
    let html = page.as_ref().and_then(page::html);
    // A shop without addresses has no page of one.
    let form = match asked.format {
        Format::Page if html.is_none() => Format::Links,
        form => form,
    };
    let html = html.map(|text| Document { text, left_out: BTreeSet::new() });
    let Some(Document { text, left_out }) = said.document(form).or(html) else {
        return (Outcome::BadFormat, NoSuchFormat.answer());
    };
    let mut headers = about(said, *settings, token);
    if form == Format::Page {
        headers.remove(header::CONTENT_DISPOSITION);
        put(&mut headers, header::CONTENT_SECURITY_POLICY, &page::policy());
    }
    let digest: [u8; 32] = Sha256::digest(&text).into();
    let tag = format!("\"{}\"", hex(&digest[..16]));
    put(&mut headers, header::ETAG, &tag);
    put(&mut headers, header::CONTENT_TYPE, form.content_type());
    if !left_out.is_empty() {
        let what: Vec<&str> = left_out.iter().map(String::as_str).collect();
        put(&mut headers, HeaderName::from_static("x-left-out"), &what.join(", "));
    }
    if asked.knows(&tag) {
        return (Outcome::Unchanged, (StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let outcome = match said.entries {
        Entries::Served(_) => Outcome::Served,
        Entries::Told(_) => Outcome::Told,
    };
    (outcome, (headers, text).into_response())
}

/// What apps show beside the servers, whatever the form.
fn about(said: &Subscription, settings: Option<&SubscriptionSettings>, token: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut say = |name: &'static str, value: &str| {
        put(&mut headers, HeaderName::from_static(name), value);
    };
    let mut usage = format!("upload=0; download={}", said.used.0);
    if let Some(total) = said.total {
        usage.push_str(&format!("; total={}", total.0));
    }
    if let Some(end) = said.ends_at {
        usage.push_str(&format!("; expire={}", end.0 / 1_000));
    }
    say("subscription-userinfo", &usage);
    let every = settings.map_or(UPDATE_EVERY, |settings| settings.update_every);
    say("profile-update-interval", &(every.0 / HOUR_MS).max(1).to_string());
    say("profile-title", &format!("base64:{}", STANDARD.encode(&said.title)));
    let name = percent_encoded(&said.title);
    say("content-disposition", &format!("attachment; filename*=UTF-8''{name}"));
    if let Some(settings) = settings {
        say("profile-web-page-url", &format!("{}/sub/{token}", settings.url));
        if let Some(support) = &settings.support {
            say("support-url", support);
        }
    }
    // What opens the service stays with who asked, is asked for anew each time, and leads nowhere else.
    say("cache-control", "private, no-cache");
    say("referrer-policy", "no-referrer");
    say("x-content-type-options", "nosniff");
    say("x-robots-tag", "noindex");
    headers
}

/// What cannot stand in a header is left out.
fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
