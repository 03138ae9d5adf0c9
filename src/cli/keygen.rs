//! Making keys.

use super::world::random_key;
use clap::Args;
use nebulalinks_protocol::MasterKey;
use nebulalinks_protocol::keys::{generate_key_file, generate_master, key_file};
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
                println!("{}", text.expose_secret().trim_end());
                Ok(())
            }
            Some(path) => write_new(path, &text),
        }
    }

    fn text(&self) -> Result<SecretString, String> {
        if self.master {
            return Ok(generate_master(random_key()));
        }
        let (Some(server), Some(from)) = (&self.derive, &self.from) else {
            return Ok(generate_key_file(random_key(), random_key()));
        };
        let master = std::fs::read_to_string(from)
            .map_err(|error| format!("cannot read {}: {error}", from.display()))?;
        let master = MasterKey::parse(master.trim())
            .map_err(|error| format!("{} is not a master key: {error}", from.display()))?;
        Ok(key_file(&master.derive(server)))
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
