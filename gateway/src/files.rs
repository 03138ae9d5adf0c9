//! Reading files that people put there: never more of one than it may hold, and a secret only from
//! a file that nobody else on the machine can use.

use std::fs::File;
use std::io::{Error, ErrorKind, Read as _, Result};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use nebulalinks_protocol::secret_file::{MAX_SECRET_BYTES, open_to_others};
use secrecy::zeroize::Zeroizing;

/// The most bytes of certificates, authorities and our own state.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// At most `limit` bytes of a file; what is behind is never read.
///
/// # Errors
/// As of the file system; [`ErrorKind::InvalidData`] when the file is larger.
pub fn read(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>> {
    bounded(File::open(path)?, limit)
}

/// The text of a file with a secret in it.
///
/// # Errors
/// As [`read`]; [`ErrorKind::PermissionDenied`] when others can use the file, with the command that
/// mends it; [`ErrorKind::InvalidData`] when it is not UTF-8.
pub fn read_secret(path: &Path) -> Result<Zeroizing<String>> {
    let file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode();
    if let Some(why) = open_to_others(&path.to_string_lossy(), mode) {
        return Err(Error::new(ErrorKind::PermissionDenied, why));
    }
    let bytes = bounded(file, MAX_SECRET_BYTES)?;
    let text = std::str::from_utf8(&bytes);
    text.map(|text| Zeroizing::new(text.to_owned()))
        .map_err(|_| Error::new(ErrorKind::InvalidData, "it is not text (UTF-8)"))
}

fn bounded(file: File, limit: u64) -> Result<Zeroizing<Vec<u8>>> {
    let said = file.metadata()?.len();
    let too_large =
        || Error::new(ErrorKind::InvalidData, format!("it is larger than {limit} bytes"));
    if said > limit {
        return Err(too_large());
    }
    // Room for all of it, so that growing leaves no copy of a secret behind. A pipe says 0.
    let room = usize::try_from(said.max(4096)).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(room.saturating_add(1)));
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > limit { Err(too_large()) } else { Ok(bytes) }
}
