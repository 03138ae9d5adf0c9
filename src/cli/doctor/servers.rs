//! Each server: our keys for its gateway, the gateway, its certificate, its clock, its panel.

use super::super::env::Env;
use super::super::secrets;
use super::finding::Finding;
use super::host::unusable;
use crate::catalog::{Catalog, Server};
use crate::config::RunConfig;
use crate::panel::{HttpPanels, TlsOptions, certificate_ends};
use crate::ports::{Endpoint, PanelError};
use std::sync::Arc;

/// What the alert says of a gateway's certificate, too.
const ENDS_SOON_MS: u64 = 14 * 86_400_000;
/// Beyond this a gateway refuses what is signed.
const CLOCK_OFF_MS: u64 = 30_000;

pub(super) async fn examine(config: &RunConfig, env: &Env, catalog: &Catalog) -> Vec<Finding> {
    let ring = match secrets::key_ring(&config.keys) {
        Ok(ring) => ring,
        Err(error) => return vec![unusable("master key", &error)],
    };
    let tls = match secrets::tls_options(&config.gateway_tls) {
        Ok(tls) => tls,
        Err(error) => return vec![unusable("certificates", &error)],
    };
    let mut found = Vec::new();
    let mut with_keys = Vec::new();
    for server in catalog.servers.values() {
        match ring.find(&server.keys, server.id.as_str()) {
            Ok(_) => with_keys.push(server),
            Err(problem) => {
                let (said, mend) = problem.in_words();
                found.push(Finding::failed(format!("keys of {}", server.id), said, mend));
            }
        }
    }
    let panels = match HttpPanels::new(ring, Arc::clone(&env.clock), &tls) {
        Ok(panels) => panels,
        Err(error) => {
            let mend = "mend --gateway-ca, --client-cert, --client-key";
            found.push(Finding::failed("certificates", error.to_string(), mend));
            return found;
        }
    };
    let (panels, tls) = (&panels, &tls);
    let asked = with_keys.into_iter().map(|server| {
        let to = Endpoint {
            server: server.id.clone(),
            gateway: server.gateway.clone(),
            keys: server.keys.clone(),
            shop: catalog.shop.id.clone(),
        };
        async move { of_server(panels, tls, env, server, &to).await }
    });
    found.extend(futures::future::join_all(asked).await.into_iter().flatten());
    found
}

async fn of_server(
    panels: &HttpPanels,
    tls: &TlsOptions,
    env: &Env,
    server: &Server,
    to: &Endpoint,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let now = env.clock.now();
    if let Ok(Some(ends)) = certificate_ends(tls, &server.gateway).await {
        found.push(certificate(server, ends.0, now.0));
    }
    match panels.examine(to).await {
        Err(error) => found.push(unanswered(server, &error)),
        Ok(seen) => {
            let off = now.0.abs_diff(seen.clock.0);
            if off > CLOCK_OFF_MS / 6 {
                let said = format!("the clock of its host differs from ours by {} s", off / 1_000);
                let mend = "on both hosts: timedatectl set-ntp true; chronyc tracking";
                found.push(Finding::failed(format!("clock of {}", server.id), said, mend));
            }
            found.push(panel(server, &seen));
        }
    }
    found
}

fn certificate(server: &Server, ends: u64, now: u64) -> Finding {
    let what = format!("certificate of {}", server.id);
    let days = ends.saturating_sub(now) / 86_400_000;
    let mend = "certbot renew on its host, or what else renews it; the gateway takes up the files of \
                --tls-cert by itself";
    if ends <= now {
        return Finding::failed(what, "it has ended", mend);
    }
    if ends - now < ENDS_SOON_MS {
        let hours = (ends - now) / 3_600_000;
        let left = if days >= 2 { format!("{days} days") } else { format!("{hours} h") };
        return Finding::warning(what, format!("it ends in {left}"), mend);
    }
    Finding::ok(what, format!("it ends in {days} days"))
}

fn unanswered(server: &Server, error: &PanelError) -> Finding {
    let (id, code) = (&server.id, error.code.to_string());
    let said = format!("{code}: {}", error.detail);
    match &*code {
        "auth" | "unknown_key" | "bad_signature" => Finding::failed(
            format!("keys of {id}"),
            format!("its gateway does not take our keys ({said})"),
            format!(
                "give the gateway's key file the text of ours (`{}` in --keys-dir), or make both anew: \
                 nebulalinks keygen",
                server.keys
            ),
        ),
        "clock" => Finding::failed(
            format!("clock of {id}"),
            format!("its clock and ours differ too much ({said})"),
            "on both hosts: timedatectl set-ntp true; chronyc tracking",
        ),
        _ => Finding::failed(
            format!("gateway of {id}"),
            format!("{} does not answer, or not acceptably ({said})", server.gateway),
            "on its host: systemctl status nebulalinks-gateway; nebulalinks-gateway check",
        ),
    }
}

fn panel(server: &Server, seen: &crate::panel::GatewaySeen) -> Finding {
    let what = format!("panel of {}", server.id);
    match (seen.panel_error, &seen.panel) {
        (None, version) => {
            let version = version.as_deref().unwrap_or("of no known version");
            Finding::ok(what, format!("3x-ui {version}, through gateway {}", seen.version))
        }
        (Some("panel_unsupported"), _) => Finding::failed(
            what,
            "its version of 3x-ui is not supported",
            "install v3.5.0 or later (v3.4.2 at the least), or v2.9.4, from the panel's own menu: x-ui",
        ),
        (Some("panel_auth"), _) => Finding::failed(
            what,
            "it does not take the gateway's token or user",
            "on its host: nebulalinks-gateway token --out FILE, and restart the gateway with it",
        ),
        (Some(code), _) => Finding::failed(
            what,
            format!("it does not answer the gateway ({code})"),
            "on its host: systemctl status x-ui; nebulalinks-gateway check",
        ),
    }
}
