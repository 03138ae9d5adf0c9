//! `nebulalinks-gateway call`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use nebulalinks_gateway::StartError;
use nebulalinks_gateway::files::{self, MAX_FILE_BYTES, read_secret};
use nebulalinks_protocol::{KeyPair, KeySet, MAX_BODY_BYTES, Problem, Role};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::exchange::{Answer, Question, Trust, exchange};

/// Exits 0 when the gateway did it, 1 when it did not or may not have.
#[derive(Debug, Args)]
pub(super) struct Call {
    /// What to do with the path.
    #[arg(value_enum, ignore_case = true)]
    method: Method,
    /// The path with its query, percent-encoded, such as /api/vpn/stats/bob.
    path: String,
    /// The JSON to send: a file, or - for standard input.
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// The gateway's address, such as https://gw-fra1.example.net:8443.
    #[arg(long, env = "NEBULALINKS_GATEWAY_URL")]
    url: Url,
    /// The file with the keys to sign with: for scripts a `script-request=` and a
    /// `script-response=` line, which the gateway has as well. Mode 0400.
    #[arg(long, env = "NEBULALINKS_SCRIPT_KEYS_FILE")]
    keys_file: Option<PathBuf>,
    /// The same text, `;` between the lines; from the environment, never as an argument.
    #[arg(long, env = "NEBULALINKS_SCRIPT_KEYS", hide_env_values = true)]
    keys: Option<SecretString>,
    /// Whose pair of the file signs: scripts have /api/, the controller has /v1/.
    #[arg(long, value_enum, default_value = "scripts")]
    role: Asker,
    /// Authorities, PEM, whose certificates are believed besides those of the public ones.
    #[arg(long, env = "NEBULALINKS_GATEWAY_CA", value_name = "FILE")]
    gateway_ca: Option<PathBuf>,
    /// The certificate to show to a gateway with --tls-client-ca, PEM.
    #[arg(long, env = "NEBULALINKS_CLIENT_CERT", value_name = "FILE", requires = "client_key")]
    client_cert: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, env = "NEBULALINKS_CLIENT_KEY", value_name = "FILE", requires = "client_cert")]
    client_key: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "UPPER")]
enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Asker {
    Scripts,
    Controller,
}

impl Call {
    /// Prints the body of a verified answer.
    pub(super) async fn make(self) -> Result<(), StartError> {
        let trust = Trust {
            authorities: self.gateway_ca.as_deref().map(read).transpose()?,
            cert: self.client_cert.as_deref().map(read).transpose()?,
            key: self.client_key.as_deref().map(private_key).transpose()?,
        };
        let question = Question {
            method: self.method.as_str(),
            url: self.address()?,
            body: self.body()?,
            pair: self.pair()?,
        };
        let Answer { status, body } = exchange(&question, &trust).await.map_err(other)?;
        super::out::print(&[body.as_slice(), b"\n"].concat())?;
        if status == 200 {
            return Ok(());
        }
        Err(other(match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) => format!("{}: {}", problem.code.as_str(), problem.detail),
            Err(_) => format!("the gateway's answer {status} has an unexpected form"),
        }))
    }

    fn address(&self) -> Result<Url, StartError> {
        let mut base = self.url.clone();
        if !base.username().is_empty() || base.password().is_some() {
            // Not shown: a password may stand there.
            return Err(other(
                "--url holds a user or a password: a gateway knows neither, it asks for signatures"
                    .to_owned(),
            ));
        }
        if nebulalinks_gateway::config::is_in_clear(&base) {
            return Err(other(format!(
                "{} is plain HTTP and not loopback, and answers hold customers' credentials: use \
                 https://",
                base.authority()
            )));
        }
        base.set_query(None);
        base.set_fragment(None);
        let text = format!("{}{}", base.as_str().trim_end_matches('/'), self.path);
        let url = Url::parse(&text).ok().filter(|url| {
            let web = matches!(url.scheme(), "http" | "https") && url.has_host();
            web && self.path.starts_with('/') && url.fragment().is_none()
        });
        url.ok_or_else(|| {
            other(format!(
                "{text} is no address to ask: --url is https:// and a host, and the path begins \
                 with / and is percent-encoded (# as %23, ? in a name as %3F)"
            ))
        })
    }

    fn body(&self) -> Result<Vec<u8>, StartError> {
        let Some(path) = &self.body else { return Ok(Vec::new()) };
        let bytes = if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            // One byte more than a gateway takes tells that there is more.
            let most = u64::try_from(MAX_BODY_BYTES).unwrap_or(u64::MAX).saturating_add(1);
            let done = std::io::stdin().lock().take(most).read_to_end(&mut bytes);
            done.map_err(|e| other(format!("standard input: {e}")))?;
            bytes
        } else {
            read(path)?.to_vec()
        };
        if bytes.len() > MAX_BODY_BYTES {
            return Err(other(format!(
                "the body has more than the {MAX_BODY_BYTES} bytes that a gateway takes"
            )));
        }
        Ok(bytes)
    }

    fn pair(&self) -> Result<KeyPair, StartError> {
        let (shown, set) = match (&self.keys_file, &self.keys) {
            (Some(path), _) => {
                let text = read_secret(path).map_err(|e| unread(path, &e))?;
                (path.display().to_string(), KeySet::parse(&text))
            }
            (None, Some(text)) => {
                ("NEBULALINKS_SCRIPT_KEYS".to_owned(), KeySet::parse(text.expose_secret()))
            }
            (None, None) => {
                return Err(other(
                    "the keys to sign with are missing: --keys-file FILE, or \
                     NEBULALINKS_SCRIPT_KEYS in the environment. `nebulalinks keygen --scripts` \
                     makes a pair; its two lines also stand in the gateway's key file"
                        .to_owned(),
                ));
            }
        };
        let set = set.map_err(|e| other(format!("{shown}: {e}")))?;
        let (role, line) = match self.role {
            Asker::Scripts => (Role::Scripts, "script-request="),
            Asker::Controller => (Role::Controller, "request="),
        };
        set.first(role).cloned().ok_or_else(|| {
            other(format!(
                "{shown} has no `{line}` pair, which --role {} signs with",
                role.as_str()
            ))
        })
    }
}

fn private_key(path: &Path) -> Result<Zeroizing<Vec<u8>>, StartError> {
    let text = read_secret(path).map_err(|e| unread(path, &e))?;
    Ok(Zeroizing::new(text.as_bytes().to_vec()))
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, StartError> {
    files::read(path, MAX_FILE_BYTES).map_err(|e| unread(path, &e))
}

fn unread(path: &Path, error: &std::io::Error) -> StartError {
    other(format!("{}: {error}", path.display()))
}

const fn other(text: String) -> StartError {
    StartError::Other(text)
}
