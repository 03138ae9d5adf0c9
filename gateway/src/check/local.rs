//! What this machine holds.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use nebulalinks_protocol::{KeySet, Role};

use super::Finding;
use crate::claim::{CLAIM_FILE, fence_in};
use crate::clock::http_date;
use crate::config::{Config, KeySource};
use crate::edge::tls::Loaded;
use crate::edge::{TlsError, TlsFiles};
use crate::files::{self, MAX_FILE_BYTES, read_secret};

const DAY_MS: u64 = 86_400_000;
/// A certificate is looked at when it ends within this time: what the alert says, too.
const ENDS_SOON_MS: u64 = 14 * DAY_MS;
/// No clock that is right says less: 2026-01-01.
const OLDEST_MS: u64 = 1_767_225_600_000;

pub(super) fn configuration(config: &Config) -> Finding {
    if let Err(error) = config.check() {
        return Finding::failed(error.to_string(), "mend the flag or the variable");
    }
    let how = match (&config.tls, config.plain_http_behind_proxy) {
        (Some(files), _) if files.client_ca.is_some() => "TLS with client certificates",
        (Some(_), _) => "TLS",
        (None, false) => "plain HTTP for a proxy on this host",
        (None, true) => "plain HTTP for a proxy elsewhere",
    };
    Finding::ok(format!("{} listens on {}: {how}", config.server, config.listen))
}

pub(super) fn knocking(config: &Config) -> Finding {
    let edge = &config.edge;
    let loopback = config.listen.ip().to_canonical().is_loopback();
    let behind_proxy = loopback || config.plain_http_behind_proxy;
    if edge.allow.is_empty() {
        return match (behind_proxy, edge.trusted_proxies.is_empty()) {
            (false, _) => Finding::warning(
                "everybody may knock; signatures alone keep strangers out",
                "name the controller's address: --allow 203.0.113.7",
            ),
            (true, true) => Finding::warning(
                "every caller looks like the proxy, so none has an address of its own",
                "let the proxy set X-Forwarded-For and name it: --trusted-proxy 127.0.0.1, and the \
                 controller: --allow 203.0.113.7",
            ),
            (true, false) => Finding::warning(
                "everybody may knock, through the proxy; signatures alone keep strangers out",
                "name the controller's address: --allow 203.0.113.7",
            ),
        };
    }
    if behind_proxy && edge.trusted_proxies.is_empty() {
        return Finding::warning(
            format!("from {}, and callers through a proxy have the proxy's address", edge.allow),
            "name the proxy, or all of them are refused: --trusted-proxy 127.0.0.1",
        );
    }
    Finding::ok(format!("from {}, {} requests a minute and key", edge.allow, edge.rate_per_minute))
}

pub(super) fn name(config: &Config) -> Finding {
    let given = &config.edge.own;
    if !given.is_empty() {
        return Finding::ok(format!("called {given}, and by where it listens"));
    }
    if config.tls.is_some() {
        return Finding::ok("called by the names of its certificate, and by where it listens");
    }
    Finding::warning(
        format!("called {} alone", config.listen),
        "what is signed for another host is refused: behind a proxy say what `gateway:` in \
         servers.yaml has, --name gw-fra1.example.net:8443",
    )
}

pub(super) fn keys(source: &KeySource) -> Finding {
    let path = match source {
        KeySource::Inline(set) => return pairs(set, "the environment"),
        KeySource::File(path) => path,
    };
    let shown = path.display();
    let text = match read_secret(path) {
        Ok(text) => text,
        Err(error) => return unreadable(&shown.to_string(), &error),
    };
    match KeySet::parse(&text) {
        Ok(set) => pairs(&set, &shown.to_string()),
        Err(error) => {
            let advice = "make it with `nebulalinks keygen`, the same text on both sides";
            Finding::failed(format!("{shown}: {error}"), advice)
        }
    }
}
fn pairs(set: &KeySet, place: &str) -> Finding {
    let Some(first) = set.first(Role::Controller) else {
        let found = format!("{place} holds no pair for the controller");
        return Finding::failed(found, "make one: `nebulalinks keygen`");
    };
    let scripts = set.first(Role::Scripts).map_or_else(
        || "scripts have none".to_owned(),
        |pair| format!("scripts' {}", pair.request.id()),
    );
    Finding::ok(format!("{place}; answers the controller's key {}, {scripts}", first.request.id()))
}

fn unreadable(place: &str, error: &std::io::Error) -> Finding {
    let advice = match error.kind() {
        ErrorKind::NotFound => "make it, or mend the path".to_owned(),
        ErrorKind::PermissionDenied => {
            format!(
                "run this as the gateway's user, and let that own it and nobody else read it: \
                 chown, chmod 0400 {place}; if others could, rotate what is in it"
            )
        }
        _ => "mend it".to_owned(),
    };
    Finding::failed(format!("{place}: {error}"), advice)
}

/// The state folder, and the fence of its claim: a time in ms since 1970.
pub(super) fn state(folder: &Path) -> (Finding, Option<u64>) {
    let shown = folder.display().to_string();
    let owner = match std::fs::metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let advice = "systemd makes it (StateDirectory=); without systemd: make it, mode 0700, \
                          owned by the gateway's user";
            return (Finding::warning(format!("{shown} is not there yet"), advice), None);
        }
        Err(error) => return (unreadable(&shown, &error), None),
        Ok(meta) => meta.uid(),
    };
    let claim = match files::read(&folder.join(CLAIM_FILE), MAX_FILE_BYTES) {
        Ok(bytes) => fence_in(&bytes).map(Some).map_err(|_| {
            let advice = "it keeps replaced controllers out: restore it, or remove it while no \
                          controller runs";
            Finding::failed(format!("{shown}/{CLAIM_FILE} is damaged"), advice)
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(&format!("{shown}/{CLAIM_FILE}"), &error)),
    };
    let claim = match claim {
        Ok(claim) => claim,
        Err(step) => return (step, None),
    };
    let fence_ms = claim;
    let probe = folder.join("check.tmp");
    let written = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe));
    if let Err(error) = written {
        return (unreadable(&shown, &error), fence_ms);
    }
    let us = std::fs::metadata("/proc/self").map(|meta| meta.uid()).ok();
    if us.is_some_and(|us| us != owner) {
        let found = format!("{shown} belongs to another user (uid {owner}) than runs this check");
        let advice = "run it as the gateway's user: sudo -u nebulalinks-gateway …";
        return (Finding::warning(found, advice), fence_ms);
    }
    let held = if claim.is_some() { "a controller has claimed" } else { "nobody has claimed yet" };
    (Finding::ok(format!("{shown} can be written; {held}")), fence_ms)
}

pub(super) fn certificate(
    files: &TlsFiles,
    loaded: &Result<Loaded, TlsError>,
    now_ms: u64,
) -> Finding {
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(error) => {
            let advice = "the certificate with its chain and the key of the same issue, PEM, \
                          readable by the gateway's user";
            return Finding::failed(error.to_string(), advice);
        }
    };
    let ends_ms = u64::try_from(loaded.certificate.not_after_s).unwrap_or(0).saturating_mul(1000);
    let begins_ms =
        u64::try_from(loaded.certificate.not_before_s).unwrap_or(0).saturating_mul(1000);
    let names = loaded.certificate.names.join(", ");
    let ends = http_date(ends_ms);
    if ends_ms <= now_ms {
        let found = format!("{} ended on {ends}", files.cert.display());
        return Finding::failed(found, "renew it; the gateway takes it up within 10 s");
    }
    if begins_ms > now_ms {
        let found = format!("{} begins on {}", files.cert.display(), http_date(begins_ms));
        return Finding::failed(
            found,
            "this machine's clock is behind, or it is the wrong certificate",
        );
    }
    if names.is_empty() {
        let found = format!("{} names no host", files.cert.display());
        return Finding::failed(
            found,
            "callers check the name of `gateway:` in servers.yaml: issue one with it",
        );
    }
    let found = format!("for {names}, until {ends}");
    if ends_ms - now_ms < ENDS_SOON_MS {
        return Finding::warning(found, "it ends within 14 days: renew it");
    }
    Finding::ok(found)
}

pub(super) fn clock(now_ms: u64, fence_ms: Option<u64>, not_before_s: Option<i64>) -> Finding {
    let shown = http_date(now_ms);
    let advice = "set it by NTP (timedatectl): requests are refused beyond --window";
    let certificate_ms = not_before_s.and_then(|s| u64::try_from(s).ok()).map(|s| s * 1000);
    let (least_ms, of) = [
        (Some(OLDEST_MS), "this program's own age"),
        (fence_ms, "the last claim"),
        (certificate_ms, "the certificate's begin"),
    ]
    .into_iter()
    .filter_map(|(ms, of)| Some((ms?, of)))
    .max()
    .unwrap_or((OLDEST_MS, ""));
    if now_ms < least_ms {
        let found = format!("{shown}, which is before {of}: {}", http_date(least_ms));
        return Finding::failed(found, advice);
    }
    Finding::ok(shown)
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn a_clock_that_runs_behind_what_was_seen_is_told() {
        let now = OLDEST_MS + 300 * DAY_MS;
        assert_eq!(clock(now, Some(now - 1), Some(0)).verdict, Verdict::Ok);
        assert!(clock(0, None, None).found.contains("this program's own age"));
        let behind = clock(now, Some(now + DAY_MS), None);
        assert!(behind.found.contains("the last claim") && behind.verdict == Verdict::Failed);
    }

    #[test]
    fn a_state_folder_is_looked_at_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let (step, fence) = state(folder.path());
        assert_eq!((step.verdict, fence), (Verdict::Ok, None), "{step:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let missing = folder.path().join("later");
        assert_eq!(state(&missing).0.verdict, Verdict::Warning);
        assert!(!missing.exists());
        std::fs::write(folder.path().join(CLAIM_FILE), "{").unwrap();
        let (step, _) = state(folder.path());
        assert!(step.found.ends_with("claim.json is damaged"), "{step:?}");
    }
}
