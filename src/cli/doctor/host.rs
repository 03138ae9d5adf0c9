//! What this machine has: the state folder, its disk, the port, and whether the service runs.

use super::super::ask;
use super::super::env::Env;
use super::super::secrets::SecretsError;
use super::finding::Finding;
use crate::config::RunConfig;
use crate::store::{FLOOR_MIB, LOW_WATER_MIB};
use serde_json::Value;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

/// Whether the service runs, and what it says of itself.
pub(super) async fn running(config: &RunConfig) -> (bool, Vec<Finding>) {
    let socket = config.control.path(&config.places.state);
    let met = std::os::unix::net::UnixStream::connect(&socket);
    if met.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied) {
        // What runs and may not be asked counts as running: nothing of it is tried beside it.
        let said = format!("{}: this user may not ask", socket.display());
        return (true, vec![Finding::failed("service", said, as_user(&config.places.state))]);
    }
    let told = tokio::task::spawn_blocking(move || ask::get(&socket, "/v1/readiness")).await;
    let Ok(Ok(told)) = told else {
        return (
            false,
            vec![Finding::ok("service", "it does not run, or not on this state folder")],
        );
    };
    let reasons = told.answer.get("reasons").and_then(Value::as_array).cloned();
    let mut found: Vec<Finding> = reasons.into_iter().flatten().map(|r| reason(&r)).collect();
    if found.is_empty() {
        found.push(Finding::ok("service", "it runs, and says that all is as it should be"));
    }
    (true, found)
}

fn reason(reason: &Value) -> Finding {
    let text = |key: &str| reason.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    Finding::failed(format!("service: {}", text("code")), text("detail"), text("do"))
}

/// The state folder with its modes, its disk and its store.
pub(super) fn folders(config: &RunConfig, env: &Env, running: bool) -> Vec<Finding> {
    let state = &config.places.state;
    let mut found = Vec::new();
    match std::fs::metadata(state) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let said = format!("{} is not there", state.display());
            let mend = format!("nebulalinks init --state {}", state.display());
            found.push(Finding::failed("state folder", said, mend));
        }
        Err(error) => {
            let said = format!("{}: {error}", state.display());
            found.push(Finding::failed("state folder", said, "run this as the service's user"));
        }
        Ok(meta) => {
            found.push(modes("state folder", state, &meta, 0o007, "0700"));
            found.push(disk(state, env));
            if !running {
                found.extend(store(state));
            }
        }
    }
    found
}

/// The same as whoever owns the state folder, where that can be seen.
fn as_user(state: &Path) -> String {
    let owner = std::fs::metadata(state).map(|meta| meta.uid());
    owner.map_or_else(
        |_| "run this as the service's user".to_owned(),
        |uid| format!("sudo -u '#{uid}' nebulalinks doctor"),
    )
}

/// Who may enter it, and whose it is.
fn modes(
    what: &str,
    path: &Path,
    meta: &std::fs::Metadata,
    forbidden: u32,
    wanted: &str,
) -> Finding {
    let mode = meta.permissions().mode() & 0o7777;
    let ours = std::fs::metadata("/proc/self").map(|own| own.uid()).unwrap_or(meta.uid());
    let shown = path.display();
    if mode & forbidden != 0 {
        let said = format!("others on this machine can use {shown} (mode {mode:04o})");
        return Finding::failed(what, said, format!("chmod {wanted} {shown}"));
    }
    if ours != 0 && ours != meta.uid() {
        let said = format!("{shown} belongs to another user (uid {})", meta.uid());
        return Finding::failed(what, said, as_user(path));
    }
    Finding::ok(what, format!("{shown}, mode {mode:04o}"))
}

/// A secret that cannot be had.
pub(super) fn unusable(what: &str, error: &SecretsError) -> Finding {
    let SecretsError::File { path, source } = error else {
        let mend = "nebulalinks keygen --master --out FILE makes one; give each gateway its pair anew then";
        return Finding::failed(what, error.to_string(), mend);
    };
    let shown = path.display();
    match source.kind() {
        ErrorKind::NotFound => Finding::failed(
            what,
            format!("{shown} is not there"),
            "mend the path, or make the file",
        ),
        ErrorKind::PermissionDenied => {
            let mend = format!("chmod 0400 {shown}, and chown it to the service's user");
            Finding::failed(what, format!("{shown}: {source}"), mend)
        }
        _ => Finding::failed(
            what,
            format!("{shown}: {source}"),
            "put what it must hold into the file",
        ),
    }
}

fn disk(state: &Path, env: &Env) -> Finding {
    let Ok(free) = (env.free_bytes)(state) else {
        return Finding::warning("disk", "nobody tells how much is free", "look at it: df -h");
    };
    let mib = free >> 20;
    let said = format!("{mib} MiB are free on the disk of {}", state.display());
    let mend = format!("free some, or give it more: du -xh --max-depth=2 {}", state.display());
    if mib < FLOOR_MIB {
        return Finding::failed("disk", format!("{said}: nothing is written any more"), mend);
    }
    if mib < LOW_WATER_MIB {
        return Finding::failed("disk", format!("{said}: no new orders"), mend);
    }
    if mib < 2 * LOW_WATER_MIB {
        let early = format!("{said}: below {LOW_WATER_MIB} no new orders");
        return Finding::warning("disk", early, mend);
    }
    Finding::ok("disk", said)
}

fn store(state: &Path) -> Option<Finding> {
    match crate::store::standing(state) {
        Ok(Some(there)) => {
            Some(Finding::ok("store", format!("it had come to revision {}", there.revision)))
        }
        Ok(None) => {
            let said = format!("there is no store in {}", state.display());
            let mend = format!(
                "nebulalinks init --state {0} for a new shop; nebulalinks restore --state {0} <file>",
                state.display()
            );
            Some(Finding::failed("store", said, mend))
        }
        Err(error) => {
            let said = format!("{}: {error}", state.display());
            Some(Finding::failed("store", said, "run this as the service's user"))
        }
    }
}

/// Whether it can be listened where `run` would. While the service runs the ports are its own.
pub(super) fn ports(config: &RunConfig, running: bool) -> Vec<Finding> {
    let shown = Some(("port", "--listen", config.shown.listen));
    let public = config.public.public_listen.map(|at| ("public port", "--public-listen", at));
    let each = shown.into_iter().chain(public);
    each.map(|(what, flag, listen)| port(what, flag, listen, running)).collect()
}

fn port(what: &str, flag: &str, listen: SocketAddr, running: bool) -> Finding {
    if running {
        return Finding::ok(what, format!("{listen} is the running service's"));
    }
    match std::net::TcpListener::bind(listen) {
        Ok(_) => Finding::ok(what, format!("{listen} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Finding::failed(
            what,
            format!("{listen} is in use by another program"),
            format!("ss -ltnp 'sport = :{}' names it; or take another by {flag}", listen.port()),
        ),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Finding::failed(
            what,
            format!("{listen} cannot be listened on: {error}"),
            format!("take a port above 1023 by {flag}"),
        ),
        Err(error) => Finding::failed(
            what,
            format!("{listen} cannot be listened on: {error}"),
            format!("ip addr lists the addresses of this host; name one of them by {flag}"),
        ),
    }
}
