//! `nebulalinks keys`: the guide through a rotation. It does what it can on this host, asks the
//! gateway how far it is, and says what a person has to do; run again, it goes on from there.

use super::env::{SystemClock, random_key};
use super::key_files::{read, remove, replace};
use super::secrets::tls_options;
use crate::catalog::{Catalog, Options, load};
use crate::config::{GatewayTls, Keys};
use crate::panel::rotation::{self, Standing};
use crate::panel::{HttpPanels, KeyRing, keyring};
use crate::ports::{Endpoint, PanelCode, PanelError};
use crate::watch::read_files;
use clap::{Args, Subcommand};
use nebulalinks_protocol::{Key, KeyPair, KeySet};
use secrecy::SecretString;
use std::path::PathBuf;
use std::sync::Arc;

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Replace the pair of one gateway while it and the controller go on working. Does one step at
    /// a time, as far as it can, and says what is left for you; run it again to go on
    Rotate(Box<Rotate>),
}

/// The rotation of one pair.
#[derive(Debug, Args)]
pub struct Rotate {
    /// The name of the keys: `keys:` of the server in servers.yaml
    name: String,
    /// Folder with the four files: it says where the gateway is
    #[arg(long, env = "NEBULALINKS_DESIRED", default_value = "desired", value_name = "DIR")]
    desired: PathBuf,
    /// The keys that sign for the gateways.
    #[command(flatten)]
    keys: Keys,
    /// TLS to the gateways.
    #[command(flatten)]
    tls: GatewayTls,
}

/// What a gateway makes of a pair.
enum Heard {
    Takes,
    Refuses,
    Silent(String),
}

struct Files {
    own: PathBuf,
    staged: PathBuf,
}

impl Rotate {
    /// What was done, and what is to be done.
    pub(super) async fn guide(&self) -> Result<String, String> {
        let gateways = self.gateways()?;
        let files = self.files()?;
        let own = self.own(&files, &gateways)?;
        let staged = read(&files.staged)?;
        let at = rotation::standing(&own, staged.as_ref());
        let at = at.map_err(|e| match staged {
            Some(_) => format!("{}: {e}", files.staged.display()),
            None => format!("{}: {e}", files.own.display()),
        })?;
        match at {
            Standing::Idle(old) => self.begin(&files, &own, &old, &gateways).await,
            Standing::Adding { old, new } => match self.heard(&new, &gateways).await? {
                Heard::Takes => {
                    let own = rotation::switch(&own, &new).map_err(|e| e.to_string())?;
                    replace(&files.own, &own)?;
                    replace(&files.staged, &rotation::end(&own, &old))?;
                    Ok(self.switched(&files, &old, &new))
                }
                Heard::Refuses => Ok(format!(
                    "Step 1 of 3, waiting: the gateway does not take {} yet. The controller signs \
                     with {} meanwhile.\n{}",
                    new.request.id(),
                    old.request.id(),
                    files.copy()
                )),
                Heard::Silent(why) => Err(silent(&why)),
            },
            Standing::Removing { old, new } => {
                let last = rotation::end(&own, &old);
                match self.heard(&new, &gateways).await? {
                    Heard::Takes => {}
                    Heard::Silent(why) => return Err(silent(&why)),
                    Heard::Refuses => {
                        replace(&files.staged, &last)?;
                        return Err(format!(
                            "the gateway refuses {}, which the controller signs with.\n{}",
                            new.request.id(),
                            files.copy()
                        ));
                    }
                }
                match self.heard(&old, &gateways).await? {
                    Heard::Refuses => {
                        replace(&files.own, &last)?;
                        remove(&files.staged)?;
                        Ok(format!(
                            "Done: the gateway takes {} and refuses {}. {} holds the new pair \
                             alone. Run again, this begins the next rotation.",
                            new.request.id(),
                            old.request.id(),
                            files.own.display()
                        ))
                    }
                    Heard::Takes => {
                        // A run that was cut off may have left what belongs to step 1.
                        replace(&files.staged, &last)?;
                        Ok(format!(
                            "Step 3 of 3, waiting: the gateway still takes the old pair {}.\n{}",
                            old.request.id(),
                            files.copy()
                        ))
                    }
                    Heard::Silent(why) => Err(silent(&why)),
                }
            }
            Standing::Ended(signs) => {
                remove(&files.staged)?;
                Ok(format!("Done: {} signs alone.", signs.request.id()))
            }
        }
    }

    async fn begin(
        &self,
        files: &Files,
        own: &KeySet,
        old: &KeyPair,
        gateways: &[Endpoint],
    ) -> Result<String, String> {
        match self.heard(old, gateways).await? {
            Heard::Takes => {}
            Heard::Refuses => {
                return Err(format!(
                    "the gateway refuses {}, which the controller signs with: mend that first, \
                     there is nothing to keep working. Nothing was changed",
                    old.request.id()
                ));
            }
            Heard::Silent(why) => return Err(silent(&why)),
        }
        let (request, response) = (Key::new(random_key()), Key::new(random_key()));
        let id = request.id().to_owned();
        let staged = rotation::begin(own, request, response).map_err(|e| e.to_string())?;
        replace(&files.staged, &staged)?;
        Ok(format!(
            "Step 1 of 3: the gateway learns the new pair {id}. The controller goes on signing \
             with {}.\n{}\nTo give it up, delete {}: nothing else was changed.",
            old.request.id(),
            files.copy(),
            files.staged.display()
        ))
    }

    fn switched(&self, files: &Files, old: &KeyPair, new: &KeyPair) -> String {
        format!(
            "Step 2 of 3, done: {} now signs with {}. The running controller reads it at its next \
             request, if this is its --keys-dir; a variable {} in its environment goes before the \
             file, and then you stop here and change that.\n\
             Step 3 of 3: the gateway forgets the old pair {}.\n{}",
            files.own.display(),
            new.request.id(),
            keyring::variable(&self.name),
            old.request.id(),
            files.copy()
        )
    }

    /// The gateways that have these keys.
    fn gateways(&self) -> Result<Vec<Endpoint>, String> {
        let catalog = load(&read_files(&self.desired), &Options::default()).map_err(|_| {
            format!(
                "the files in {} are invalid: `nebulalinks check` says where",
                self.desired.display()
            )
        })?;
        let Catalog { shop, servers, .. } = &catalog;
        let gateways: Vec<Endpoint> = servers
            .values()
            .filter(|server| server.keys == self.name)
            .map(|server| Endpoint {
                server: server.id.clone(),
                gateway: server.gateway.clone(),
                keys: server.keys.clone(),
                shop: shop.id.clone(),
            })
            .collect();
        if gateways.is_empty() {
            let known: Vec<&str> = servers.values().map(|s| s.keys.as_str()).collect();
            return Err(format!(
                "no server in {} has `keys: {}`; there are: {}",
                self.desired.display(),
                self.name,
                known.join(", ")
            ));
        }
        Ok(gateways)
    }

    fn files(&self) -> Result<Files, String> {
        let variable = keyring::variable(&self.name);
        #[allow(clippy::disallowed_methods, reason = "the name of the variable is the keys'")]
        if std::env::var_os(&variable).is_some() {
            return Err(format!(
                "{variable} is set, and it goes before key files: a controller with it does not \
                 read them. Put its text into the file {} in --keys-dir, and take it away",
                self.name
            ));
        }
        let folder = self.keys.keys_dir.as_ref().ok_or(
            "say where the controller's key files are: --keys-dir, as `nebulalinks run` has it",
        )?;
        // A key's name never begins with a dot, so this is nobody's key file.
        let staged = folder.join(format!(".{}.gateway", self.name));
        Ok(Files { own: folder.join(&self.name), staged })
    }

    /// What the controller has: its file, or what it derives from its master key.
    fn own(&self, files: &Files, gateways: &[Endpoint]) -> Result<KeySet, String> {
        if let Some(own) = read(&files.own)? {
            return Ok(own);
        }
        let master = super::secrets::master(&self.keys).map_err(|e| e.to_string())?;
        match (master, gateways) {
            (Some(master), [one]) => Ok(KeySet::one(master.derive(one.server.as_str()))),
            (Some(_), _) => Err(format!(
                "several servers have `keys: {}`, and with a master key each has its own pair: \
                 give each its own name in servers.yaml",
                self.name
            )),
            (None, _) => Err(format!(
                "{} does not exist, and no master key was given (--master-key-file)",
                files.own.display()
            )),
        }
    }

    /// What all the gateways make of a pair; the first that differs decides.
    async fn heard(&self, pair: &KeyPair, gateways: &[Endpoint]) -> Result<Heard, String> {
        let text: SecretString = KeySet::one(pair.clone()).text();
        let ring = KeyRing::new(Box::new(move |_| Some(text.clone())), None, None);
        let tls = tls_options(&self.tls).map_err(|e| e.to_string())?;
        let panels =
            HttpPanels::new(ring, Arc::new(SystemClock), &tls).map_err(|e| e.to_string())?;
        let (mut takes, mut refuses) = (false, false);
        for gateway in gateways {
            match panels.ping(gateway).await {
                Ok(()) => takes = true,
                Err(PanelError { code: PanelCode::Auth, .. }) => refuses = true,
                Err(error) => {
                    return Ok(Heard::Silent(format!("{}: {}", gateway.server, error.detail)));
                }
            }
        }
        Ok(match (takes, refuses) {
            (true, true) => Heard::Silent(
                "they have the same keys and do not agree: give them the same key file".to_owned(),
            ),
            (true, false) => Heard::Takes,
            _ => Heard::Refuses,
        })
    }
}

impl Files {
    fn copy(&self) -> String {
        format!(
            "Copy {} over the gateway's key file (--keys-file there), with that one's owner and \
             mode. If `script-` lines stand in that one and not in this, add them below. The \
             gateway reads it within 10 s, without a restart. Then run this again.",
            self.staged.display()
        )
    }
}

fn silent(why: &str) -> String {
    format!("how far the gateway is cannot be told: {why}. Nothing was changed; run this again")
}
