//! Who is at the other end of the control socket: the kernel tells, not the caller.

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::net::UnixListener;

/// The user of the process that connected.
#[derive(Debug, Clone)]
pub(super) struct Peer(Option<u32>);

impl Connected<IncomingStream<'_, UnixListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        Self(stream.io().peer_cred().ok().map(|peer| peer.uid()))
    }
}

impl Peer {
    /// A user by its number.
    #[cfg(test)]
    pub(super) const fn of(uid: u32) -> Self {
        Self(Some(uid))
    }

    /// The user's name, as decisions and the audit keep it.
    pub(super) fn user(&self) -> String {
        let Some(uid) = self.0 else { return "unknown".to_owned() };
        let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        name_of(uid, &accounts).unwrap_or_else(|| format!("uid-{uid}"))
    }
}

/// The name of the user whose process this is.
#[must_use]
pub fn user_of_this_process() -> String {
    let uid =
        std::fs::metadata("/proc/self").ok().map(|of| std::os::unix::fs::MetadataExt::uid(&of));
    Peer(uid).user()
}

/// A user's name in the text of `/etc/passwd`.
fn name_of(uid: u32, accounts: &str) -> Option<String> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(uid) && !name.is_empty()).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_known_by_the_hosts_name_for_it() {
        let accounts = "root:x:0:0::/root:/bin/sh\nnebulalinks:x:990:990::/:/bin/false\nbad\n";
        assert_eq!(name_of(990, accounts).as_deref(), Some("nebulalinks"));
        assert_eq!(name_of(0, accounts).as_deref(), Some("root"));
        assert_eq!(name_of(1, accounts), None);
        assert_eq!(Peer(Some(4_000_000_001)).user(), "uid-4000000001");
        assert_eq!(Peer(None).user(), "unknown");
    }
}
