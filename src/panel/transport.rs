//! Bytes over HTTP. A trait, so that a simulation can stand the gateway's router in its place.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Certificate, Client, Identity, Method, redirect};
use secrecy::{ExposeSecret as _, SecretSlice};

/// No answer of a gateway is larger: 10,000 clients are a few MB.
const MAX_ANSWER: usize = 128 << 20;

/// A request, complete with its signature.
#[derive(Clone)]
pub struct Outgoing {
    /// `GET`, `PUT` …
    pub method: &'static str,
    /// The whole address.
    pub url: url::Url,
    /// All headers but `Host`.
    pub headers: Vec<(&'static str, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// How long the whole exchange may take.
    pub timeout: Duration,
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outgoing")
            .field("method", &self.method)
            .field("url", &self.url.as_str())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// An answer, not yet believed.
#[derive(Clone)]
pub struct Incoming {
    /// Its HTTP status.
    pub status: u16,
    /// All headers, as they came.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Incoming")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Nothing was sent.
    #[error("not sent: {0}")]
    NotSent(String),
    /// It may have arrived.
    #[error("no answer: {0}")]
    OutcomeUnknown(String),
}

/// Certificates that cannot be used, or no HTTP client with them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TlsError(String);

/// Carries a request to a gateway.
///
/// # Errors
/// [`TransportError::NotSent`] only where it is certain.
#[async_trait]
pub trait Transport: Send + Sync {
    /// One exchange; redirects are answers, never followed.
    async fn exchange(&self, request: Outgoing) -> Result<Incoming, TransportError>;
}

/// Whose certificates are believed, and which one is shown. By default those of the public
/// authorities, and none.
#[derive(Clone, Default)]
pub struct TlsOptions {
    /// Further authorities, PEM.
    pub authorities: Option<Vec<u8>>,
    /// Our certificate and its key, PEM, one after the other.
    pub identity: Option<SecretSlice<u8>>,
}

impl std::fmt::Debug for TlsOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsOptions(redacted)")
    }
}

/// The transport in production: HTTP/1.1 over TCP or TLS.
#[derive(Debug, Clone)]
pub struct ReqwestTransport {
    client: Client,
}

impl ReqwestTransport {
    /// A client that connects within 5 s, follows no redirect and uses no proxy.
    ///
    /// # Errors
    /// The options hold no usable PEM, or the TLS backend cannot be set up.
    pub fn new(tls: &TlsOptions) -> Result<Self, TlsError> {
        Ok(Self { client: client(tls, Client::builder())? })
    }
}

/// A client that tells of the certificate that it was shown, and believes any: nothing is asked with it.
pub(super) fn looking_client(tls: &TlsOptions) -> Result<Client, TlsError> {
    client(tls, Client::builder().tls_info(true).danger_accept_invalid_certs(true))
}

fn client(tls: &TlsOptions, mut client: reqwest::ClientBuilder) -> Result<Client, TlsError> {
    let unusable = |what: &str, e: reqwest::Error| {
        TlsError(format!("{what} cannot be used: {}", innermost(&e)))
    };
    if let Some(pem) = &tls.authorities {
        let what = "the file of the gateways' authorities";
        let authorities = Certificate::from_pem_bundle(pem).map_err(|e| unusable(what, e))?;
        if authorities.is_empty() {
            return Err(TlsError(format!("{what} holds no certificate")));
        }
        for authority in authorities {
            client = client.add_root_certificate(authority);
        }
    }
    if let Some(pem) = &tls.identity {
        let identity = Identity::from_pem(pem.expose_secret())
            .map_err(|e| unusable("our certificate for gateways, or its key,", e))?;
        client = client.identity(identity);
    }
    client
        .connect_timeout(Duration::from_secs(5))
        .redirect(redirect::Policy::none())
        .no_proxy()
        .http1_only()
        .build()
        .map_err(|e| unusable("the HTTP client", e))
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn exchange(&self, request: Outgoing) -> Result<Incoming, TransportError> {
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|e| TransportError::NotSent(e.to_string()))?;
        let mut builder = self.client.request(method, request.url).timeout(request.timeout);
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        let mut response = builder.body(request.body).send().await.map_err(|e| lost(&e))?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| lost(&e))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(TransportError::OutcomeUnknown("the answer is too large".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Incoming { status, headers, body })
    }
}

/// What is at the bottom of it: a refused connection, an unknown authority.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

fn lost(error: &reqwest::Error) -> TransportError {
    if error.is_connect() || error.is_builder() {
        let why = innermost(error);
        return TransportError::NotSent(format!(
            "no connection to the gateway ({why}): is it running?"
        ));
    }
    let why = if error.is_timeout() { "did not answer in time" } else { "cut the connection" };
    TransportError::OutcomeUnknown(format!("the gateway {why}"))
}
