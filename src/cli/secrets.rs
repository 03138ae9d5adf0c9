//! Secrets from flags and files: the gateways' keys, certificates, the bot's token.

use crate::config::{Chat as ChatConfig, GatewayTls, Keys};
use crate::discord;
use crate::files;
use crate::panel::{KeyRing, TlsOptions};
use nebulalinks_protocol::MasterKey;
use secrecy::{ExposeSecret as _, SecretString};
use std::path::{Path, PathBuf};

/// The most bytes of certificates: more than all public authorities take.
const MAX_PEM_BYTES: u64 = 1 << 20;

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// A file cannot be read.
    #[error("cannot use {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What reading it answered.
        source: std::io::Error,
    },
    /// The master key is none.
    #[error("the keys cannot be used: the master key: {0}")]
    MasterKey(String),
}

/// The one ring from which every gateway's keys come.
pub(super) fn key_ring(keys: &Keys) -> Result<KeyRing, SecretsError> {
    let master = master(keys)?;
    #[allow(clippy::disallowed_methods, reason = "the names of key variables come from a file")]
    let env = |name: &str| std::env::var(name).ok().map(SecretString::from);
    Ok(KeyRing::new(Box::new(env), keys.keys_dir.clone(), master))
}

/// The master key; the file goes before the variable.
pub(super) fn master(keys: &Keys) -> Result<Option<MasterKey>, SecretsError> {
    let master = match &keys.master_key_file {
        Some(path) => Some(read_secret(path)?),
        None => keys.master_key.clone(),
    };
    master
        .map(|text| MasterKey::parse(text.expose_secret()))
        .transpose()
        .map_err(|error| SecretsError::MasterKey(error.to_string()))
}

/// Whose certificates count, and which one we show.
pub(super) fn tls_options(tls: &GatewayTls) -> Result<TlsOptions, SecretsError> {
    let read = |path: &Path| at(path, |path| files::read(path, MAX_PEM_BYTES));
    let authorities = tls.gateway_ca.as_deref().map(read).transpose()?.map(|pem| pem.to_vec());
    let identity = match (&tls.client_cert, &tls.client_key) {
        (Some(cert), Some(key)) => {
            let (cert, key) = (read(cert)?, at(key, files::read_secret_bytes)?);
            Some([cert.as_slice(), b"\n", key.as_slice()].concat().into())
        }
        _ => None,
    };
    Ok(TlsOptions { authorities, identity })
}

/// How to reach Discord; `None` without a token.
pub(super) fn chat_config(
    chat: &ChatConfig,
    proofs_dir: PathBuf,
) -> Result<Option<discord::Config>, SecretsError> {
    let token = match &chat.discord_token_file {
        Some(path) => Some(read_secret(path)?),
        None => chat.discord_token.clone(),
    };
    let Some(token) = token else { return Ok(None) };
    // An emulator serves attachments itself.
    let cdn_hosts = match &chat.discord_api {
        Some(api) => std::iter::once(api.authority().to_owned()).collect(),
        None => discord::Config::discord_cdn_hosts(),
    };
    let api_base = chat.discord_api.clone();
    Ok(Some(discord::Config { token, api_base, cdn_hosts, proofs_dir }))
}

fn read_secret(path: &Path) -> Result<SecretString, SecretsError> {
    Ok(SecretString::from(at(path, files::read_secret)?.trim()))
}

/// What went wrong with a file, with its path.
fn at<T>(path: &Path, work: impl FnOnce(&Path) -> std::io::Result<T>) -> Result<T, SecretsError> {
    work(path).map_err(|source| SecretsError::File { path: path.to_owned(), source })
}
