//! How to reach Discord.

use secrecy::SecretString;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How to reach Discord.
#[derive(Debug, Clone)]
pub struct Config {
    /// The bot's token, with or without `Bot ` before it.
    pub token: SecretString,
    /// An emulator's address instead of Discord's, such as `http://127.0.0.1:8080`.
    pub api_base: Option<url::Url>,
    /// Hosts (with `:port` where it is not the scheme's own) that proofs are fetched from.
    pub cdn_hosts: BTreeSet<String>,
    /// Where proofs of payment lie.
    pub proofs_dir: PathBuf,
}

impl Config {
    /// The hosts from which Discord serves attachments.
    #[must_use]
    pub fn discord_cdn_hosts() -> BTreeSet<String> {
        ["cdn.discordapp.com", "media.discordapp.net"].map(str::to_owned).into()
    }
}
