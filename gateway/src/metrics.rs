//! What an operator sees. Labels are bounded: verbs, codes, reasons, calls.

use nebulalinks_protocol::{Notice, Panel, Refusal, UnreadableInbound, Xray};
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
};

/// The gateway's metrics.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    pub(crate) requests: IntCounterVec,
    pub(crate) refusals: IntCounterVec,
    pub(crate) panel_seconds: HistogramVec,
    pub(crate) panel_reachable: IntGauge,
    pub(crate) xray: IntGaugeVec,
    pub(crate) nonces: IntGauge,
    pub(crate) rate_limited: IntCounterVec,
    pub(crate) connections_rejected: IntCounterVec,
    pub(crate) certificate_ends: IntGauge,
    pub(crate) certificate_refused: IntGauge,
    pub(crate) session_renewals: IntCounter,
    pub(crate) login_refused: IntGauge,
    pub(crate) notices: IntGaugeVec,
    pub(crate) claim_renewed: IntGauge,
    unreadable: IntGauge,
    panel_info: IntGaugeVec,
}

const XRAY: [(Xray, &str); 4] = [
    (Xray::Running, "running"),
    (Xray::Stopped, "stopped"),
    (Xray::Error, "error"),
    (Xray::Unknown, "unknown"),
];

impl Metrics {
    /// Makes and registers them.
    pub(crate) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let name = |n: &str| format!("nebulalinks_gateway_{n}");
        let metrics = Self {
            requests: IntCounterVec::new(
                Opts::new(name("requests_total"), "Answered requests, by verb and code."),
                &["verb", "code"],
            )?,
            refusals: IntCounterVec::new(
                Opts::new(name("refusals_total"), "Refused signatures, by reason."),
                &["reason"],
            )?,
            panel_seconds: HistogramVec::new(
                HistogramOpts::new(name("panel_call_seconds"), "Calls to the panel, by kind.")
                    .buckets(vec![0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 35.0]),
                &["call"],
            )?,
            panel_reachable: IntGauge::new(
                name("panel_reachable"),
                "1 when the panel's last answer could be used.",
            )?,
            xray: IntGaugeVec::new(
                Opts::new(name("xray_state"), "1 at the state the panel last told of Xray."),
                &["state"],
            )?,
            nonces: IntGauge::new(name("nonces"), "Nonces kept against replays.")?,
            rate_limited: IntCounterVec::new(
                Opts::new(name("rate_limited_total"), "Requests over a limit, by whose it is."),
                &["whose"],
            )?,
            connections_rejected: IntCounterVec::new(
                Opts::new(name("connections_rejected_total"), "Closed at once, by reason."),
                &["reason"],
            )?,
            certificate_ends: IntGauge::new(
                name("certificate_ends_timestamp_seconds"),
                "When the certificate in force ends; 0 without TLS.",
            )?,
            certificate_refused: IntGauge::new(
                name("certificate_refused"),
                "1 while the files hold a pair that cannot be used, and the old one stays.",
            )?,
            session_renewals: IntCounter::new(
                name("session_renewals_total"),
                "Logins to a gen-2 panel after the first one.",
            )?,
            login_refused: IntGauge::new(
                name("panel_login_refused"),
                "1 while the panel's last answer to our login was no.",
            )?,
            notices: IntGaugeVec::new(
                Opts::new(name("panel_notice"), "1 where the operator should look at the panel."),
                &["notice"],
            )?,
            claim_renewed: IntGauge::new(
                name("claim_renewed_timestamp_seconds"),
                "When a controller claimed last; 0 before the first claim since the start.",
            )?,
            unreadable: IntGauge::new(
                name("unreadable_inbounds"),
                "Inbounds of the last list whose text on the panel cannot be read.",
            )?,
            panel_info: IntGaugeVec::new(
                Opts::new(name("panel_info"), "1 with what the panel last told of itself."),
                &["generation", "version"],
            )?,
        };
        registry.register(Box::new(metrics.requests.clone()))?;
        registry.register(Box::new(metrics.refusals.clone()))?;
        registry.register(Box::new(metrics.panel_seconds.clone()))?;
        registry.register(Box::new(metrics.panel_reachable.clone()))?;
        registry.register(Box::new(metrics.xray.clone()))?;
        registry.register(Box::new(metrics.nonces.clone()))?;
        registry.register(Box::new(metrics.rate_limited.clone()))?;
        registry.register(Box::new(metrics.connections_rejected.clone()))?;
        registry.register(Box::new(metrics.certificate_ends.clone()))?;
        registry.register(Box::new(metrics.certificate_refused.clone()))?;
        registry.register(Box::new(metrics.session_renewals.clone()))?;
        registry.register(Box::new(metrics.login_refused.clone()))?;
        registry.register(Box::new(metrics.notices.clone()))?;
        registry.register(Box::new(metrics.claim_renewed.clone()))?;
        registry.register(Box::new(metrics.unreadable.clone()))?;
        registry.register(Box::new(metrics.panel_info.clone()))?;
        for reason in Refusal::ALL {
            metrics.refusals.with_label_values(&[reason.as_str()]);
        }
        for whose in ["address", "key"] {
            metrics.rate_limited.with_label_values(&[whose]);
        }
        Ok(metrics)
    }

    /// Notes which inbounds of a list cannot be read; said once for as many.
    pub(crate) fn could_not_read(&self, inbounds: &[UnreadableInbound]) {
        let count = i64::try_from(inbounds.len()).unwrap_or(i64::MAX);
        if self.unreadable.get() != count {
            self.unreadable.set(count);
            for UnreadableInbound { id, remark, why } in inbounds.iter().take(8) {
                tracing::warn!(inbound.id = id, inbound.remark = ?remark, "cannot be read: {why}");
            }
        }
    }

    /// Notes what the panel said of itself.
    pub(crate) fn saw(&self, panel: &Panel) {
        for (state, label) in XRAY {
            self.xray.with_label_values(&[label]).set(i64::from(panel.xray == state));
        }
        for notice in Notice::ALL {
            let shown = panel.notices.contains(&notice);
            self.notices.with_label_values(&[notice.as_str()]).set(i64::from(shown));
        }
        // One series at a time, and of a word that a panel cannot make long.
        let plain = |c: &char| c.is_ascii_alphanumeric() || ".+-".contains(*c);
        let version: String = panel.version.chars().filter(plain).take(32).collect();
        self.panel_info.reset();
        self.panel_info.with_label_values(&[&panel.generation, &version]).set(1);
    }
}
