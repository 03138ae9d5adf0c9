//! Where the panel is, and the credentials it is spoken to with.

use std::path::{Path, PathBuf};

use clap::Args;
use nebulalinks_gateway::files::{self, MAX_FILE_BYTES, read_secret};
use nebulalinks_gateway::{PanelLogin, PanelTarget, PanelTls, StartError};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

/// The panel, spoken to with an API token (v3.4.2 or later) or as a user (v2.6.5 to v2.9.4).
#[derive(Debug, Args)]
pub(super) struct PanelOptions {
    #[command(flatten)]
    address: Address,
    /// A file with the API token of a panel of v3 (`nebulalinks-gateway token` makes one; scope
    /// admin). Mode 0400.
    #[arg(long, env = "NEBULALINKS_PANEL_TOKEN_FILE")]
    panel_token_file: Option<PathBuf>,
    /// The token itself; from the environment, never as an argument that others can list.
    #[arg(long, env = "NEBULALINKS_PANEL_TOKEN", hide_env_values = true)]
    panel_token: Option<SecretString>,
    #[command(flatten)]
    user: User,
    /// Write also to inbounds of nodes, which are other panels that this one hands its changes to.
    /// A write then is verified on this panel only.
    #[arg(long, env = "NEBULALINKS_PANEL_ALLOW_NODES")]
    allow_nodes: bool,
}

/// Where the panel is.
#[derive(Debug, Args)]
pub(super) struct Address {
    /// The panel's address with its base path, such as http://127.0.0.1:2053/secret/.
    #[arg(long, env = "NEBULALINKS_PANEL_URL")]
    panel_url: Url,
    /// The authority of an https panel's certificate, PEM, where it is not a public one; for a
    /// certificate that it signed itself, that certificate.
    #[arg(long, env = "NEBULALINKS_PANEL_CA")]
    panel_ca: Option<PathBuf>,
    /// The name in the panel's certificate, where it is not the host of --panel-url, such as when
    /// that is 127.0.0.1.
    #[arg(long, env = "NEBULALINKS_PANEL_NAME")]
    panel_name: Option<String>,
}

/// One of the panel's users.
#[derive(Debug, Args)]
pub(super) struct User {
    /// The name of the panel's user: a panel of v2 has no API tokens.
    #[arg(long, env = "NEBULALINKS_PANEL_USER")]
    panel_user: Option<SecretString>,
    /// A file with the user's password. Mode 0400.
    #[arg(long, env = "NEBULALINKS_PANEL_PASSWORD_FILE", requires = "panel_user")]
    panel_password_file: Option<PathBuf>,
    /// The password itself; from the environment, never as an argument that others can list.
    #[arg(
        long,
        env = "NEBULALINKS_PANEL_PASSWORD",
        hide_env_values = true,
        requires = "panel_user"
    )]
    panel_password: Option<SecretString>,
}

impl PanelOptions {
    pub(super) fn target(self) -> Result<PanelTarget, StartError> {
        let token = secret("the panel's API token", self.panel_token_file, self.panel_token)?;
        let login = self.user.login()?;
        if token.is_none() && login.is_none() {
            return Err(StartError::Other(
                "the panel's credentials are missing. For a panel of v3: --panel-token-file FILE, \
                 or NEBULALINKS_PANEL_TOKEN in the environment (`nebulalinks-gateway token` makes \
                 one). For a panel of v2: --panel-user NAME and --panel-password-file FILE, or \
                 NEBULALINKS_PANEL_PASSWORD in the environment"
                    .to_owned(),
            ));
        }
        let (tls, allow_nodes) = (self.address.tls()?, self.allow_nodes);
        let url = self.address.panel_url;
        Ok(PanelTarget { url, token, login, allow_nodes, tls })
    }
}

impl Address {
    pub(super) fn with(self, login: PanelLogin) -> Result<PanelTarget, StartError> {
        let tls = self.tls()?;
        Ok(PanelTarget {
            tls,
            ..PanelTarget::with_login(self.panel_url, login.user, login.password)
        })
    }

    fn tls(&self) -> Result<PanelTls, StartError> {
        let bytes = |path: &PathBuf| match files::read(path, MAX_FILE_BYTES) {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(e) => Err(StartError::Other(format!("--panel-ca {}: {e}", path.display()))),
        };
        let authorities = self.panel_ca.as_ref().map(bytes).transpose()?;
        Ok(PanelTls { authorities, name: self.panel_name.clone() })
    }
}

impl User {
    pub(super) fn login(self) -> Result<Option<PanelLogin>, StartError> {
        let Some(user) = self.panel_user else { return Ok(None) };
        let what = "the panel's password";
        let Some(password) = secret(what, self.panel_password_file, self.panel_password)? else {
            return Err(StartError::Other(format!(
                "{what} is missing: --panel-password-file FILE, or NEBULALINKS_PANEL_PASSWORD in \
                 the environment"
            )));
        };
        Ok(Some(PanelLogin { user, password }))
    }
}

/// From the file, or as given.
fn secret(
    what: &str,
    file: Option<PathBuf>,
    given: Option<SecretString>,
) -> Result<Option<SecretString>, StartError> {
    let secret = match (file, given) {
        (Some(path), _) => read(&path)?,
        (None, Some(secret)) => secret,
        (None, None) => return Ok(None),
    };
    if secret.expose_secret().is_empty() {
        return Err(StartError::Other(format!("{what} is empty")));
    }
    Ok(Some(secret))
}

fn read(path: &Path) -> Result<SecretString, StartError> {
    let text =
        read_secret(path).map_err(|e| StartError::Other(format!("{}: {e}", path.display())))?;
    // A line break at the end is the editor's, blanks may be a password's.
    Ok(text.trim_end_matches(['\r', '\n']).into())
}
