//! The keys in force. A key file is read again when it changes, without a restart.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use nebulalinks_protocol::{KeySet, Role};

use crate::config::KeySource;
use crate::files::read_secret;
use crate::start_error::StartError;

/// The keys, behind a lock that is held for a clone of an `Arc`.
#[derive(Debug)]
pub(crate) struct Keys {
    file: Option<PathBuf>,
    current: RwLock<Arc<KeySet>>,
}

impl Keys {
    /// Reads them for the first time.
    pub(crate) fn open(source: &KeySource) -> Result<Self, StartError> {
        let (file, set) = match source {
            KeySource::Inline(set) => (None, set.clone()),
            KeySource::File(path) => (Some(path.clone()), read(path)?),
        };
        Ok(Self { file, current: RwLock::new(Arc::new(set)) })
    }

    pub(crate) fn current(&self) -> Arc<KeySet> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the file again. A file that cannot be read changes nothing.
    pub(crate) fn reload(&self) {
        let Some(path) = &self.file else { return };
        match read(path) {
            Ok(set) => {
                let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
                *current = Arc::new(set);
            }
            Err(error) => tracing::warn!(%error, "the key file was not taken; the old keys stay"),
        }
    }
}

fn read(path: &Path) -> Result<KeySet, StartError> {
    let text = read_secret(path)
        .map_err(|e| StartError::KeyFile { path: path.to_owned(), why: e.to_string() })?;
    let set = KeySet::parse(&text).map_err(|e| e.to_string()).and_then(|set| {
        let controllers = set.first(Role::Controller).is_some();
        if controllers { Ok(set) } else { Err("it has no pair for the controller".to_owned()) }
    });
    set.map_err(|why| StartError::KeyFile { path: path.to_owned(), why })
}
