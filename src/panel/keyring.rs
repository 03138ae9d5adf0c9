//! Whose keys sign for which gateway. For the key name `fra` of the server `fra-1`, the first of:
//! 1. the environment variable `NEBULALINKS_KEYS_FRA` (upper case, `-` and `.` as `_`)
//! 2. the file `<keys folder>/fra`, mode 0400
//! 3. keys derived from the master key for the server's id, `fra-1`
//!
//! The text of 1 and 2 is a key file: a `request=` and a `response=` line, see
//! [`nebulalinks_protocol::keys`]. It is read at each use, so a rotation needs no restart.

use std::io::ErrorKind;
use std::path::PathBuf;

use nebulalinks_protocol::keys::{KeyError, MasterKey};
use nebulalinks_protocol::{KeyPair, KeySet, Role};
use secrecy::{ExposeSecret as _, SecretString};

use crate::files::read_secret;

/// Looks up an environment variable.
pub type Lookup = Box<dyn Fn(&str) -> Option<SecretString> + Send + Sync>;

/// Why there are no keys for a gateway.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// None of the three sources has any.
    #[error("{}; {}", self.in_words().0, self.in_words().1)]
    Missing {
        /// The key name.
        name: String,
        /// The file that was looked for; `None` without a folder.
        file: Option<PathBuf>,
    },
    /// A source has something else.
    #[error("{}; {}", self.in_words().0, self.in_words().1)]
    Unusable {
        /// The key name.
        name: String,
        /// Why, without the text.
        why: String,
    },
}

impl KeyProblem {
    /// What is wrong, and what to do.
    #[must_use]
    pub fn in_words(&self) -> (String, String) {
        match self {
            Self::Missing { name, file } => {
                let place = file.as_ref().map_or_else(
                    || format!("<keys folder>/{name}` (and say --keys-dir)"),
                    |file| format!("{}`", file.display()),
                );
                let variable = variable(name);
                (
                    format!("there are no keys named `{name}`"),
                    format!(
                        "make them with `nebulalinks keygen --out {place} and give the gateway the \
                         same text; or set {variable}, or give the controller its master key"
                    ),
                )
            }
            Self::Unusable { name, why } => (
                format!("the keys `{name}` cannot be used: {why}"),
                format!(
                    "it takes a file that the user of `nebulalinks run` can read and others cannot \
                     (mode 0400), or the variable {}",
                    variable(name)
                ),
            ),
        }
    }
}

/// The keys of all gateways.
pub struct KeyRing {
    lookup: Lookup,
    folder: Option<PathBuf>,
    master: Option<MasterKey>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl KeyRing {
    /// A ring over an environment, a folder of key files, and a master key.
    #[must_use]
    pub fn new(lookup: Lookup, folder: Option<PathBuf>, master: Option<MasterKey>) -> Self {
        Self { lookup, folder, master }
    }

    /// The keys of this name, for this server. The first pair signs.
    ///
    /// # Errors
    /// See [`KeyProblem`].
    pub fn find(&self, name: &str, server: &str) -> Result<KeyPair, KeyProblem> {
        let unusable = |why: String| KeyProblem::Unusable { name: name.to_owned(), why };
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if name.is_empty() || name.starts_with('.') || !name.bytes().all(allowed) {
            return Err(unusable("a key's name is made of a-z A-Z 0-9 - _ .".to_owned()));
        }
        let parse = |text: &str| -> Result<KeyPair, KeyProblem> {
            let set = KeySet::parse(text).map_err(|e| unusable(e.to_string()))?;
            set.first(Role::Controller)
                .cloned()
                .ok_or_else(|| unusable(KeyError::Pairs.to_string()))
        };
        if let Some(text) = (self.lookup)(&variable(name)) {
            return parse(text.expose_secret());
        }
        if let Some(folder) = &self.folder {
            match read_secret(&folder.join(name)) {
                Ok(text) => return parse(&text),
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                Err(e) => return Err(unusable(e.to_string())),
            }
        }
        let master = self.master.as_ref();
        master.map(|m| m.derive(server)).ok_or_else(|| KeyProblem::Missing {
            name: name.to_owned(),
            file: self.folder.as_ref().map(|folder| folder.join(name)),
        })
    }
}

/// The environment variable that goes before the file of this name.
#[must_use]
pub fn variable(name: &str) -> String {
    format!("NEBULALINKS_KEYS_{}", name.to_ascii_uppercase().replace(['-', '.'], "_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

    fn text(digit: &str) -> String {
        let other = if digit == "f" { "e" } else { "f" };
        format!("request={}\nresponse={}\n", digit.repeat(64), other.repeat(64))
    }

    #[test]
    fn the_environment_goes_before_the_file_and_the_file_before_the_master() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fra.1");
        let ring = |env: bool, folder: bool, master: bool, at: &std::path::Path| {
            let lookup: Lookup = Box::new(move |name| {
                (env && name == "NEBULALINKS_KEYS_FRA_1").then(|| text("a").into())
            });
            let master = master.then(|| MasterKey::new([7; 32]));
            KeyRing::new(lookup, folder.then(|| at.to_owned()), master)
        };
        let id = |ring: &KeyRing| ring.find("fra.1", "fra-1").map(|p| p.request.id().to_owned());
        let of = |t: &str| {
            KeySet::parse(t).unwrap().first(Role::Controller).unwrap().request.id().to_owned()
        };
        let derived = MasterKey::new([7; 32]).derive("fra-1").request.id().to_owned();

        assert_eq!(id(&ring(false, true, true, folder.path())), Ok(derived));
        let put = |text: &str| {
            let _ = std::fs::remove_file(&file);
            let mut made = std::fs::File::options()
                .write(true)
                .create_new(true)
                .mode(0o400)
                .open(&file)
                .unwrap();
            made.write_all(text.as_bytes()).unwrap();
        };
        put(&text("b"));
        assert_eq!(id(&ring(true, true, true, folder.path())), Ok(of(&text("a"))));
        assert_eq!(id(&ring(false, true, true, folder.path())), Ok(of(&text("b"))));
        put("request=1");
        let broken = ring(false, true, true, folder.path());
        assert!(matches!(id(&broken), Err(KeyProblem::Unusable { .. })), "never the next source");
        let none = ring(false, false, false, folder.path());
        assert!(matches!(id(&none), Err(KeyProblem::Missing { .. })));
        assert!(matches!(none.find("../x", "s"), Err(KeyProblem::Unusable { .. })));
    }

    #[test]
    fn each_trouble_with_keys_says_the_command_that_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::new(Box::new(|_| None), Some(folder.path().to_owned()), None);
        let said = || ring.find("fra-1", "fra-1").unwrap_err().to_string();
        let file = folder.path().join("fra-1");
        let command = format!("`nebulalinks keygen --out {}`", file.display());
        assert!(
            said().contains(&command) && said().contains("NEBULALINKS_KEYS_FRA_1"),
            "{}",
            said()
        );
        std::fs::write(&file, text("b")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let command = format!("`chmod 0400 {}`", file.display());
        assert!(said().contains(&command) && !said().contains("bbbb"), "{}", said());
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o400)).unwrap();
        ring.find("fra-1", "fra-1").unwrap();
    }
}
