//! Looks once at a gateway and its certificate: for `doctor`.

use super::{HttpPanels, READ, SignedRequest, TlsError, TlsOptions};
use crate::model::UnixMs;
use crate::ports::{Endpoint, PanelError};
use nebulalinks_protocol as wire;
use std::time::Duration;

/// A look at a certificate takes no longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a gateway says of itself and its panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewaySeen {
    /// Its clock.
    pub clock: UnixMs,
    /// Its version.
    pub version: String,
    /// The panel's version, where the panel answers.
    pub panel: Option<String>,
    /// Why the panel does not answer, as a code.
    pub panel_error: Option<&'static str>,
}

impl HttpPanels {
    /// Asks a gateway how it and its panel are.
    ///
    /// # Errors
    /// The code is `auth` when it does not take our keys, `clock` when our clocks differ too much.
    pub async fn examine(&self, to: &Endpoint) -> Result<GatewaySeen, PanelError> {
        let health: wire::Health =
            self.call(to, &SignedRequest::read("GET", "/v1/health", READ)).await?;
        Ok(GatewaySeen {
            clock: UnixMs(health.clock_ms),
            version: health.version,
            panel: health.panel.map(|panel| panel.version),
            panel_error: health.panel_error.map(wire::ErrorCode::as_str),
        })
    }
}

/// When the certificate ends that a gateway shows; `None` where it shows none, because it speaks plain
/// HTTP or is not to be reached.
///
/// # Errors
/// When the options cannot be used.
pub async fn certificate_ends(tls: &TlsOptions, gateway: &str) -> Result<Option<UnixMs>, TlsError> {
    if !gateway.starts_with("https://") {
        return Ok(None);
    }
    // It is not believed, only looked at: one that ended is what we want to know of.
    let client = super::transport::looking_client(tls)?;
    let answer = client.get(gateway).timeout(PATIENCE).send().await;
    let Ok(answer) = answer else { return Ok(None) };
    let info = answer.extensions().get::<reqwest::tls::TlsInfo>();
    let Some(der) = info.and_then(|info| info.peer_certificate()) else { return Ok(None) };
    let Ok((_, certificate)) = x509_parser::parse_x509_certificate(der) else { return Ok(None) };
    let seconds = certificate.validity().not_after.timestamp();
    Ok(Some(UnixMs(u64::try_from(seconds).unwrap_or(0).saturating_mul(1000))))
}
