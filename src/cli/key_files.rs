//! Key files on the disk: replaced whole or not at all, and never readable to others.

use crate::files::read_secret;
use nebulalinks_protocol::KeySet;
use secrecy::ExposeSecret as _;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::Path;

/// Reads a key file; `None` when there is none.
pub(super) fn read(path: &Path) -> Result<Option<KeySet>, String> {
    let text = match read_secret(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
    };
    KeySet::parse(&text).map(Some).map_err(|e| format!("{}: {e}", path.display()))
}

/// Puts a key file in another's place. It keeps the owner of the one before, or takes that of the
/// folder: who reads it now can read it then. Mode 0400, or what it was.
pub(super) fn replace(path: &Path, set: &KeySet) -> Result<(), String> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(format!("{} is no path of a key file", path.display()));
    };
    let mut unfinished = std::ffi::OsString::from(".");
    unfinished.push(name);
    unfinished.push(".unfinished");
    let unfinished = folder.join(unfinished);
    let done = write_as(&unfinished, path, folder, set)
        .and_then(|()| std::fs::rename(&unfinished, path))
        .and_then(|()| File::open(folder)?.sync_all());
    done.map_err(|error| {
        // What was in force still is; a half-written copy helps nobody.
        let _ = std::fs::remove_file(&unfinished);
        format!(
            "cannot replace {}: {error}. Run this as root, or as the user that `nebulalinks run` \
             runs as",
            path.display()
        )
    })
}

/// Removes a file that may have gone already.
pub(super) fn remove(path: &Path) -> Result<(), String> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

fn write_as(new: &Path, old: &Path, folder: &Path, set: &KeySet) -> std::io::Result<()> {
    let (like, mode) = match std::fs::metadata(old) {
        Ok(of_file) => {
            let mode = of_file.permissions().mode() & 0o777;
            (of_file, mode)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => (std::fs::metadata(folder)?, 0o400),
        Err(error) => return Err(error),
    };
    // Left by a run that was cut off.
    match std::fs::remove_file(new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o400).open(new)?;
    own_like(&file, &like)?;
    file.set_permissions(std::fs::Permissions::from_mode(mode))?;
    file.write_all(set.text().expose_secret().as_bytes())?;
    file.sync_all()
}

fn own_like(file: &File, like: &Metadata) -> std::io::Result<()> {
    let now = file.metadata()?;
    if (now.uid(), now.gid()) == (like.uid(), like.gid()) {
        return Ok(());
    }
    fchown(file, Some(like.uid()), Some(like.gid()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nebulalinks_protocol::MasterKey;

    #[test]
    fn a_file_is_replaced_whole_with_its_mode_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fra-1");
        let set = |n: u8| KeySet::one(MasterKey::new([n; 32]).derive("fra-1"));
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert!(read(&path).unwrap().is_none());
        replace(&path, &set(1)).unwrap();
        assert_eq!(mode(), 0o400);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o440)).unwrap();
        std::fs::write(folder.path().join(".fra-1.unfinished"), "cut off").unwrap();
        replace(&path, &set(2)).unwrap();
        assert_eq!(mode(), 0o440);
        let text = read(&path).unwrap().unwrap().text();
        assert_eq!(text.expose_secret(), set(2).text().expose_secret());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        remove(&path).unwrap();
        remove(&path).unwrap();
        std::fs::write(&path, "request=secret").unwrap();
        let error = read(&path).unwrap_err();
        let command = format!("`chmod 0400 {}`", path.display());
        assert!(error.contains(&command) && !error.contains("secret"), "{error}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
        let error = read(&path).unwrap_err();
        assert!(error.contains("fra-1") && !error.contains("secret"), "{error}");
    }
}
