//! Where the claim's bytes are kept. A trait, so that a simulation can lose power without a disk.

use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;

/// The claim file's name in the state folder.
pub const CLAIM_FILE: &str = "claim.json";

/// One small file that is replaced as a whole.
///
/// # Errors
/// What the system says; after a failed [`ClaimDisk::replace`] the old content or the new is there.
#[async_trait]
pub trait ClaimDisk: Send + Sync {
    /// The content, if there is one.
    fn read(&self) -> io::Result<Option<Vec<u8>>>;
    /// Replaces it. When this returns the new content is durable.
    async fn replace(&self, content: Vec<u8>) -> io::Result<()>;
    /// Where it is, for people.
    fn place(&self) -> &Path;
}

/// The claim file in a state folder.
#[derive(Debug)]
pub struct StateFolder(PathBuf);

impl StateFolder {
    /// In this folder, which is made when it is not there.
    #[must_use]
    pub const fn at(folder: PathBuf) -> Self {
        Self(folder)
    }
}

#[async_trait]
impl ClaimDisk for StateFolder {
    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        std::fs::create_dir_all(&self.0)?;
        match crate::files::read(&self.0.join(CLAIM_FILE), crate::files::MAX_FILE_BYTES) {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    async fn replace(&self, content: Vec<u8>) -> io::Result<()> {
        let file = self.0.join(CLAIM_FILE);
        let written = tokio::task::spawn_blocking(move || write(&file, &content)).await;
        written.unwrap_or_else(|_| Err(io::Error::other("its writer died")))
    }

    fn place(&self) -> &Path {
        &self.0
    }
}

/// Temporary file, fsync, rename, fsync of the folder.
fn write(file: &Path, content: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let temporary = file.with_extension("tmp");
    let mut out = std::fs::File::create(&temporary)?;
    out.write_all(content)?;
    out.sync_all()?;
    std::fs::rename(&temporary, file)?;
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}
