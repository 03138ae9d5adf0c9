//! `nebulalinks-gateway token`.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use clap::Args;
use nebulalinks_gateway::{StartError, make_token};
use secrecy::{ExposeSecret, SecretString};

use super::panel::{Address, User};

#[derive(Debug, Args)]
pub(super) struct Token {
    #[command(flatten)]
    address: Address,
    #[command(flatten)]
    user: User,
    /// The code that the user's authenticator shows, where the panel asks for one.
    #[arg(long, value_name = "CODE")]
    two_factor_code: Option<SecretString>,
    /// What the token is called in the panel's settings. Each gateway has its own.
    #[arg(long, default_value = "nebulalinks-gateway")]
    name: String,
    /// The file to write. It may not exist yet.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Token {
    /// Says what was done.
    pub(super) async fn make(self) -> Result<String, StartError> {
        let Some(login) = self.user.login()? else {
            return Err(StartError::Other(
                "whose token? --panel-user NAME and --panel-password-file FILE".to_owned(),
            ));
        };
        let shown = self.out.display();
        let failed = |e: std::io::Error| StartError::Other(format!("{shown}: {e}"));
        // Before the token: it is shown once.
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.out)
            .map_err(failed)?;
        let target = self.address.with(login)?;
        let made = make_token(
            &target,
            self.two_factor_code.as_ref().map(ExposeSecret::expose_secret),
            &self.name,
        )
        .await;
        let token = match made {
            Ok(token) => token,
            Err(error) => {
                // Nothing is in it.
                std::fs::remove_file(&self.out).map_err(failed)?;
                return Err(StartError::Other(error.to_string()));
            }
        };
        file.write_all(token.expose_secret().as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(failed)?;
        Ok(format!(
            "made the API token \"{name}\" and wrote it to {shown} (mode 0600).\n\
             Give it to the gateway with --panel-token-file {shown}, and make the file readable to \
             the user it runs as. It ends when \"{name}\" is deleted in the panel's settings.",
            name = self.name
        ))
    }
}
