//! Making keys.

use super::env::random_key;
use super::out;
use crate::files::read_secret;
use clap::Args;
use nebulalinks_protocol::keys::generate_master;
use nebulalinks_protocol::{Key, KeyPair, KeySet, MasterKey, Role};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Makes a key and prints it, or writes it to a new file that only this user can read.
#[derive(Debug, Args)]
pub struct Keygen {
    /// Make a master key, from which every gateway's keys are derived
    #[arg(long, conflicts_with = "derive")]
    master: bool,
    /// Derive a gateway's pair from a master key: the server's `id` in servers.yaml
    #[arg(long, value_name = "SERVER", requires = "from")]
    derive: Option<String>,
    /// Make the pair of a gateway's scripts, not the controller's: `script-request=` and
    /// `script-response=`, for the scripts' own key file and, below what is there, the gateway's
    #[arg(long, conflicts_with = "master")]
    scripts: bool,
    /// The master key's file
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Write to this new file (mode 0400) instead of printing
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Keygen {
    pub(super) fn make(&self) -> Result<(), String> {
        let text = self.text()?;
        match &self.out {
            None => {
                let text = Zeroizing::new(format!("{}\n", text.expose_secret().trim_end()));
                out::print(&text)
            }
            Some(path) => write_new(path, &text),
        }
    }

    fn text(&self) -> Result<SecretString, String> {
        if self.master {
            return Ok(generate_master(random_key()));
        }
        let role = if self.scripts { Role::Scripts } else { Role::Controller };
        let (Some(server), Some(from)) = (&self.derive, &self.from) else {
            let (request, response) = (Key::new(random_key()), Key::new(random_key()));
            return Ok(KeySet::of(role, KeyPair { request, response }).text());
        };
        let master = read_secret(from)
            .map_err(|error| format!("cannot read {}: {error}", from.display()))?;
        let master = MasterKey::parse(master.trim())
            .map_err(|error| format!("{} is not a master key: {error}", from.display()))?;
        Ok(KeySet::of(role, master.derive_for(role, server)).text())
    }
}

fn write_new(path: &Path, text: &SecretString) -> Result<(), String> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o400)
        .open(path)
        .map_err(|error| format!("cannot make {}: {error}", path.display()))?;
    file.write_all(text.expose_secret().trim_end().as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Words {
        #[command(flatten)]
        keygen: Keygen,
    }

    fn made(words: &[&str]) -> KeySet {
        let words = Words::parse_from([&["keygen"], words].concat());
        KeySet::parse(words.keygen.text().unwrap().expose_secret()).unwrap()
    }

    #[test]
    fn a_pair_is_the_controllers_or_with_scripts_theirs_and_never_both() {
        let folder = tempfile::tempdir().unwrap();
        let master = folder.path().join("master");
        std::fs::write(&master, "07".repeat(32)).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o400);
        std::fs::set_permissions(&master, mode).unwrap();
        let derive = ["--derive", "fra-1", "--from", master.to_str().unwrap()];
        let scripts = [&["--scripts"], &derive[..]].concat();
        for (words, role) in [
            (&[][..], Role::Controller),
            (&["--scripts"], Role::Scripts),
            (&derive, Role::Controller),
            (&scripts, Role::Scripts),
        ] {
            let roles: Vec<Role> = made(words).pairs().map(|(role, _)| role).collect();
            assert_eq!(roles, [role], "{words:?}");
        }
        let derived = MasterKey::new([7; 32]).derive_for(Role::Scripts, "fra-1");
        assert_eq!(made(&scripts).find(derived.request.id()).unwrap().0, Role::Scripts);
    }
}
