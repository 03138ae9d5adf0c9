//! Reading files that people put there: never more of one than it may hold, and a secret only from
//! a file that nobody else on the machine can use.

use nebulalinks_protocol::secret_file::{MAX_SECRET_BYTES, open_to_others};
use secrecy::zeroize::Zeroizing;
use std::fs::{File, Permissions};
use std::io::{Error, ErrorKind, Read as _, Result};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

/// A file's bytes, at most `limit` of them; what is behind is never read.
///
/// # Errors
/// As of the file system; [`ErrorKind::InvalidData`] when the file is larger.
pub fn read(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>> {
    read_open(File::open(path)?, limit)
}

/// A file's text, at most `limit` bytes of it.
///
/// # Errors
/// As [`read`]; also [`ErrorKind::InvalidData`] when it is not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<String> {
    std::str::from_utf8(&read(path, limit)?).map(str::to_owned).map_err(not_text)
}

/// The bytes of a file with a secret in it.
///
/// # Errors
/// As [`read`], for [`MAX_SECRET_BYTES`]; [`ErrorKind::PermissionDenied`] when others can use the
/// file, with the command that mends it.
pub fn read_secret_bytes(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode();
    if let Some(why) = open_to_others(&path.to_string_lossy(), mode) {
        return Err(Error::new(ErrorKind::PermissionDenied, why));
    }
    read_open(file, MAX_SECRET_BYTES)
}

/// The text of a file with a secret in it.
///
/// # Errors
/// As [`read_secret_bytes`]; also [`ErrorKind::InvalidData`] when it is not UTF-8.
pub fn read_secret(path: &Path) -> Result<Zeroizing<String>> {
    let bytes = read_secret_bytes(path)?;
    let text = std::str::from_utf8(&bytes).map_err(not_text)?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Makes a folder that only this user can enter. One that is there is left as it is.
///
/// # Errors
/// As of the file system; [`ErrorKind::PermissionDenied`] when others can use the folder that is
/// there, with the command that mends it.
pub fn private_folder(path: &Path) -> Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o007 != 0 {
        let why = format!(
            "others on this machine can enter it (mode {:04o}), and what is in it opens the \
             service for customers: `chmod 0700 {}`",
            mode & 0o7777,
            path.display()
        );
        return Err(Error::new(ErrorKind::PermissionDenied, why));
    }
    Ok(())
}

/// Narrows a folder of ours to its user, whatever it was made with.
///
/// # Errors
/// As of the file system.
pub fn narrow_folder(path: &Path) -> Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    if std::fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        std::fs::set_permissions(path, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

fn read_open(file: File, limit: u64) -> Result<Zeroizing<Vec<u8>>> {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let said = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    let too_large =
        || Error::new(ErrorKind::InvalidData, format!("it is larger than {limit} bytes"));
    if said > most {
        return Err(too_large());
    }
    // Room for all of it, so that growing leaves no copy of a secret behind. A pipe says 0.
    let room = if said == 0 { most.min(4096) } else { said };
    let mut bytes = Zeroizing::new(Vec::with_capacity(room.saturating_add(1)));
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() > most { Err(too_large()) } else { Ok(bytes) }
}

fn not_text(_: std::str::Utf8Error) -> Error {
    Error::new(ErrorKind::InvalidData, "it is not text (UTF-8)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8], mode: u32) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, bytes).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    #[test]
    fn a_file_over_its_limit_is_refused_and_never_read_whole() {
        let (_folder, path) = file(b"12345", 0o644);
        assert_eq!(*read(&path, 5).unwrap(), b"12345");
        assert_eq!(read(&path, 4).unwrap_err().to_string(), "it is larger than 4 bytes");
        // A file that tells no size: were it read whole, this would never end.
        let endless = read(Path::new("/dev/zero"), 1024).unwrap_err();
        assert_eq!(endless.to_string(), "it is larger than 1024 bytes");
        // A sparse file of a tebibyte takes no time and no memory.
        let sparse = File::options().write(true).open(&path).unwrap();
        sparse.set_len(1 << 40).unwrap();
        assert!(read_text(&path, 1 << 20).is_err());
        assert!(read_secret(&path).is_err());
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused_with_the_command_that_mends_it() {
        let (_folder, path) = file(b"secret", 0o644);
        let error = read_secret(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        let command = format!("`chmod 0400 {}`", path.display());
        assert!(error.to_string().ends_with(&command), "{error}");
        for mode in [0o400, 0o440] {
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert_eq!(read_secret(&path).unwrap().as_str(), "secret");
        }
    }

    #[test]
    fn a_folder_that_others_can_enter_is_refused_with_the_command_that_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let mode = |mode| std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        private_folder(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        for open in [0o755, 0o701, 0o704] {
            mode(open);
            let error = private_folder(&path).unwrap_err().to_string();
            assert!(error.ends_with(&format!("`chmod 0700 {}`", path.display())), "{error}");
        }
        mode(0o750);
        private_folder(&path).unwrap();
        narrow_folder(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
