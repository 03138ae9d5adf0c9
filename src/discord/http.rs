//! The HTTP clients: two of serenity's for Discord, and one that fetches proofs.

use super::api::Api;
use super::config::Config;
use super::errors::BotError;
use super::multipart::DISCORD;
use reqwest::{Client, ClientBuilder, redirect};
use secrecy::ExposeSecret;
use serenity::http::{Http, HttpBuilder};
use std::time::Duration;

/// Discord waits 3 s for the first answer to an interaction.
const INTERACTION_TIMEOUT: Duration = Duration::from_millis(2_500);
const BACKGROUND_TIMEOUT: Duration = Duration::from_secs(20);
const DATE_TIMEOUT: Duration = Duration::from_secs(10);
const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

fn client_builder(timeout: Duration) -> ClientBuilder {
    Client::builder()
        .use_rustls_tls()
        .no_proxy()
        .timeout(timeout)
        .connect_timeout(CONNECT_TIMEOUT.min(timeout))
        .redirect(redirect::Policy::none())
}

fn client(timeout: Duration) -> Result<Client, BotError> {
    client_builder(timeout)
        .build()
        .map_err(|e| BotError::Setup(format!("the HTTP client cannot be made: {e}")))
}

fn builder(config: &Config, client: Client) -> Result<HttpBuilder, BotError> {
    let builder = HttpBuilder::new(config.token.expose_secret()).client(client);
    Ok(match &config.api_base {
        // With its rate limiter on, serenity ignores the proxy and would call Discord itself.
        Some(base) => builder.proxy(plain_base(base)?).ratelimiter_disabled(true),
        None => builder,
    })
}

/// Scheme, host and port: what serenity puts in the place of Discord's.
fn plain_base(base: &url::Url) -> Result<String, BotError> {
    let plain = matches!(base.scheme(), "http" | "https")
        && base.host_str().is_some()
        && matches!(base.path(), "" | "/")
        && base.query().is_none();
    if plain {
        Ok(base.as_str().trim_end_matches('/').to_owned())
    } else {
        Err(BotError::Setup(format!("{base} is not an address like http://127.0.0.1:8080")))
    }
}

/// For asking Discord's date: `GET /gateway` needs no token, and costs little.
pub(super) fn for_the_date(config: &Config) -> Result<(Client, url::Url), BotError> {
    let base = match &config.api_base {
        Some(base) => plain_base(base)?,
        None => DISCORD.to_owned(),
    };
    let url = format!("{base}/api/v10/gateway").parse();
    let url = url.map_err(|e| BotError::Setup(format!("{base} is no address: {e}")))?;
    Ok((client(DATE_TIMEOUT)?, url))
}

/// For answers to interactions, which Discord does not count against the global limit.
pub(super) fn interactions(config: &Config) -> Result<Api, BotError> {
    let client = client(INTERACTION_TIMEOUT)?;
    let http = builder(config, client.clone())?.ratelimiter_disabled(true).build();
    Ok(Api::new(http, client))
}

/// The client for surfaces: rate limited.
pub(super) fn background(config: &Config) -> Result<Api, BotError> {
    background_by(config, client(BACKGROUND_TIMEOUT)?)
}

fn background_by(config: &Config, client: Client) -> Result<Api, BotError> {
    Ok(Api::new(builder(config, client.clone())?.build(), client))
}

/// For the gateway's own few calls.
pub(super) fn connection(config: &Config) -> Result<Http, BotError> {
    Ok(builder(config, client(BACKGROUND_TIMEOUT)?)?.ratelimiter_disabled(true).build())
}

/// Why a file was not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DownloadError {
    /// It is larger than allowed.
    TooLarge,
    /// Anything else: refused, not found, broken off.
    Failed,
}

/// Fetches files: no redirects, no cookies, and never more than was allowed.
pub(super) struct Downloads(Client);

impl Downloads {
    pub(super) fn new() -> Result<Self, BotError> {
        client(DOWNLOAD_TIMEOUT).map(Self)
    }

    /// The file's content, at most `most` bytes.
    pub(super) async fn fetch(&self, url: url::Url, most: usize) -> Result<Vec<u8>, DownloadError> {
        let mut answer = self.0.get(url).send().await.map_err(|_| DownloadError::Failed)?;
        if !answer.status().is_success() {
            return Err(DownloadError::Failed);
        }
        if answer.content_length().is_some_and(|n| n > most as u64) {
            return Err(DownloadError::TooLarge);
        }
        let mut content = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|_| DownloadError::Failed)? {
            if content.len() + part.len() > most {
                return Err(DownloadError::TooLarge);
            }
            content.extend_from_slice(&part);
        }
        Ok(content)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
