//! What was found in the four files, so that they are read and checked once for all tabs.

use crate::system::Desired;
use nebulalinks::catalog::DesiredFile;
use serde_json::Value;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// What was found in the files, and of which files it was.
#[derive(Debug, Default)]
pub(super) struct Found(Mutex<Option<(Stamps, Value)>>);

/// What tells a file from the one that was there before: when it was written, its length, its inode.
type Stamps = [Option<(SystemTime, u64, u64)>; 5];

impl Found {
    /// What was found, or is: `of` looks when a file is another one.
    pub(super) fn look(&self, desired: &Desired, of: impl Fn(&Desired) -> Value) -> Value {
        let now = stamps(&desired.folder);
        let mut found = locked(&self.0);
        match &*found {
            Some((before, value)) if *before == now => value.clone(),
            _ => found.insert((now, of(desired))).1.clone(),
        }
    }
}

fn stamps(folder: &Path) -> Stamps {
    DesiredFile::ALL.map(|file| {
        let about = std::fs::metadata(folder.join(file.name())).ok()?;
        Some((about.modified().ok()?, about.len(), about.ino()))
    })
}

/// A lock of which nobody leaves a half-made change behind.
pub(super) fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::cell::Cell;

    const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../desired");

    #[test]
    fn the_files_are_read_again_only_when_one_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let desired = Desired::copy(Path::new(SHIPPED), folder.path(), &[]).unwrap();
        let (found, reads) = (Found::default(), Cell::new(0));
        let look = || {
            found.look(&desired, |desired| {
                reads.set(reads.get() + 1);
                json!(desired.text("plans.yaml").ok())
            })
        };
        assert_eq!(look(), look());
        assert_eq!(reads.get(), 1);
        desired.write("plans.yaml", "other").unwrap();
        assert_eq!((look(), reads.get()), (json!("other"), 2));
        desired.delete("plans.yaml").unwrap();
        assert_eq!((look(), look(), reads.get()), (Value::Null, Value::Null, 3));
    }
}
