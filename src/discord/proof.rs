//! A proof of payment on its way in: fetched with care, told by its content, and durable under the
//! folder of proofs before anybody gets an answer.

use super::config::Config;
use super::http::{DownloadError, Downloads};
use super::interaction::Attachment;
use super::{look, metadata};
use crate::files;
use crate::intent::Proof;
use crate::model::{Bytes, EvidenceKind, PictureCuts};
use crate::view::ProofProblem;
use image::{ImageFormat, ImageReader};
use nebulalinks_protocol::hex;
use sha2::{Digest, Sha256};
use std::fs::{self, File, TryLockError};
use std::io::{self, Cursor, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A proof may have 10 MiB.
pub const MAX_PROOF_BYTES: u64 = 10 << 20;
/// Pixels on a side, and in all: a picture beyond is not a screenshot, and a trap to decode.
const MAX_SIDE: u32 = 20_000;
const MAX_PIXELS: u64 = 100_000_000;

/// Why a proof was not taken.
#[derive(Debug)]
pub(super) enum ProofError {
    /// What the customer can do something about.
    Problem(ProofProblem),
    /// Our disk.
    Storage(io::Error),
}

/// A proof whose file is durable.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) proof: Proof,
    /// There was no such file before: nobody else needs it.
    new: bool,
}

/// Fetches an attachment.
pub(super) async fn fetch(
    downloads: &Downloads,
    config: &Config,
    file: &Attachment,
) -> Result<Vec<u8>, ProofError> {
    let too_large = || ProofError::Problem(ProofProblem::TooLarge(Bytes(MAX_PROOF_BYTES)));
    if file.size > MAX_PROOF_BYTES {
        return Err(too_large());
    }
    let failed = || ProofError::Problem(ProofProblem::DownloadFailed);
    let url = allowed(&file.url, config).ok_or_else(failed)?;
    let most = usize::try_from(MAX_PROOF_BYTES).unwrap_or(usize::MAX);
    downloads.fetch(url, most).await.map_err(|e| match e {
        DownloadError::TooLarge => too_large(),
        DownloadError::Failed => failed(),
    })
}

/// A picture that was fetched, told by its content, and without what it tells beside what it shows.
pub(super) struct Picture {
    content: Arc<Vec<u8>>,
    pub(super) proof: Proof,
}

impl Picture {
    /// Reads what it is; the pixels are not decoded, but for a GIF's. The very same file is known again by the sum of
    /// what was sent.
    pub(super) async fn read(content: Vec<u8>) -> Result<Self, ProofError> {
        blocking(move || {
            let problem = |problem| Err(ProofError::Problem(problem));
            let picture = kind_of(&content).and_then(|kind| metadata::without(kind, &content));
            let Some((kind, picture)) = picture else { return problem(ProofProblem::NotAnImage) };
            let size_bytes = picture.len() as u64;
            if size_bytes > MAX_PROOF_BYTES {
                return problem(ProofProblem::TooLarge(Bytes(MAX_PROOF_BYTES)));
            }
            let proof = Proof {
                sha256: hex(&Sha256::digest(&content)),
                size_bytes,
                kind,
                look: None,
                alike: Vec::new(),
                stated: None,
            };
            Ok(Self { content: Arc::new(picture), proof })
        })
        .await?
    }

    /// Looks at it, which takes a while. One that cannot be decoded is a proof all the same: staff look at it.
    pub(super) async fn look(&mut self) -> Option<PictureCuts> {
        let content = Arc::clone(&self.content);
        let cuts = blocking(move || look::of(&content)).await.ok().flatten();
        self.proof.look = cuts.as_ref().map(|cuts| Box::new(cuts.look().clone()));
        cuts
    }

    /// Makes it durable.
    pub(super) async fn store(self, folder: &Path) -> Result<Kept, ProofError> {
        let Self { content, proof } = self;
        let folder = folder.to_owned();
        blocking(move || {
            let name = file_name(&proof);
            let new = !folder.join(&name).exists();
            keep(&folder, &name, &content).map_err(ProofError::Storage)?;
            Ok(Kept { proof, new })
        })
        .await?
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ProofError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| ProofError::Storage(io::Error::other(e)))
}

/// Removes the file of a proof that no order took; one that was there before stays.
pub(super) async fn discard(folder: &Path, kept: &Kept) {
    if kept.new
        && let Err(error) = tokio::fs::remove_file(folder.join(file_name(&kept.proof))).await
    {
        tracing::warn!(%error, "a refused proof's file could not be removed");
    }
}

/// The address, if it is one of Discord's: nobody makes us call another host.
fn allowed(url: &str, config: &Config) -> Option<url::Url> {
    let url = url::Url::parse(url).ok()?;
    let host = url.host_str()?;
    let with_port = url.port().map_or_else(|| host.to_owned(), |p| format!("{host}:{p}"));
    // Plain HTTP only towards an emulator on this machine.
    let loopback = matches!(host, "127.0.0.1" | "[::1]" | "localhost");
    let scheme = match url.scheme() {
        "https" => true,
        "http" => loopback && config.api_base.is_some(),
        _ => false,
    };
    let named = config.cdn_hosts.contains(&with_port);
    (scheme && named && url.username().is_empty() && url.password().is_none()).then_some(url)
}

/// What a file is by its content: a picture with sane dimensions, or nothing. Its pixels are not
/// decoded.
fn kind_of(content: &[u8]) -> Option<EvidenceKind> {
    let format = image::guess_format(content).ok()?;
    let kind = match format {
        ImageFormat::Png => EvidenceKind::Png,
        ImageFormat::Jpeg => EvidenceKind::Jpeg,
        ImageFormat::WebP => EvidenceKind::Webp,
        ImageFormat::Gif => EvidenceKind::Gif,
        _ => return None,
    };
    let (width, height) =
        ImageReader::with_format(Cursor::new(content), format).into_dimensions().ok()?;
    let sane = (1..=MAX_SIDE).contains(&width)
        && (1..=MAX_SIDE).contains(&height)
        && u64::from(width) * u64::from(height) <= MAX_PIXELS;
    sane.then_some(kind)
}

/// The name under the folder of proofs: the same as the record's.
fn file_name(proof: &Proof) -> String {
    proof.kind.file_name(&proof.sha256)
}

/// Written beside, synced, renamed, and the folder synced: after that it survives a power cut.
fn keep(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    static WRITES: AtomicU64 = AtomicU64::new(0);
    files::narrow_folder(folder)?;
    let beside = folder.join(format!(".{name}.{}", WRITES.fetch_add(1, Ordering::Relaxed)));
    // Left by a process that was killed.
    let _ = fs::remove_file(&beside);
    let written = write_synced(&beside, content)
        .and_then(|()| fs::rename(&beside, folder.join(name)))
        .and_then(|()| File::open(folder)?.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    // A picture of a payment is for the customer and staff, and for nobody on this machine.
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Removes a kept proof's file, durably; answers whether it was there. Not while somebody copies the folder with
/// the records: both must be of one time.
pub(super) async fn remove(folder: &Path, name: &str) -> io::Result<bool> {
    let (folder, name) = (folder.to_owned(), name.to_owned());
    let removed = tokio::task::spawn_blocking(move || {
        let held = match File::open(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened?,
        };
        held.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                io::Error::new(io::ErrorKind::WouldBlock, "the pictures are being copied")
            }
            TryLockError::Error(error) => error,
        })?;
        let there = match fs::remove_file(folder.join(&name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            removed => removed.map(|()| true)?,
        };
        // Also where it is gone: a crash may have come before the folder was synced.
        held.sync_all().map(|()| there)
    });
    removed.await.map_err(io::Error::other)?
}

/// A kept proof's content, by its file name.
pub(super) async fn read(folder: &Path, name: &str) -> io::Result<Vec<u8>> {
    let plain = Path::new(name).file_name().is_some_and(|f| f == name);
    if !plain {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file name"));
    }
    let path: PathBuf = folder.join(name);
    let read = tokio::task::spawn_blocking(move || files::read(&path, MAX_PROOF_BYTES));
    read.await.map_err(io::Error::other)?.map(|bytes| bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use nebulalinks_testkit::picture::png;
    use std::collections::BTreeSet;
    use std::os::unix::fs::PermissionsExt as _;

    fn config(api_base: Option<&str>, hosts: &[&str]) -> Config {
        Config {
            token: "t".into(),
            api_base: api_base.map(|b| b.parse().unwrap()),
            cdn_hosts: hosts.iter().map(|h| (*h).to_owned()).collect::<BTreeSet<_>>(),
            proofs_dir: PathBuf::new(),
        }
    }

    fn picture(format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        image::RgbImage::new(30, 20).write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    /// A PNG of one bit a pixel.
    fn large(width: u32, height: u32) -> Vec<u8> {
        let mut out = Vec::new();
        let mut picture = png::Encoder::new(&mut out, width, height);
        picture.set_color(png::ColorType::Grayscale);
        picture.set_depth(png::BitDepth::One);
        let mut writer = picture.write_header().unwrap();
        let bytes = usize::try_from(width.div_ceil(8) * height).unwrap();
        writer.write_image_data(&vec![0; bytes]).unwrap();
        writer.finish().unwrap();
        out
    }

    #[test]
    fn only_discords_own_hosts_are_called() {
        let real = config(None, &["cdn.discordapp.com"]);
        assert!(allowed("https://cdn.discordapp.com/a.png?ex=1", &real).is_some());
        for bad in [
            "http://cdn.discordapp.com/a.png",
            "https://cdn.discordapp.com:8443/a.png",
            "https://cdn.discordapp.com.evil.example/a.png",
            "https://user@cdn.discordapp.com/a.png",
            "https://127.0.0.1/a.png",
            "file:///etc/passwd",
            "nonsense",
        ] {
            assert!(allowed(bad, &real).is_none(), "{bad}");
        }
        let fake = config(Some("http://127.0.0.1:9"), &["127.0.0.1:9"]);
        assert!(allowed("http://127.0.0.1:9/a.png", &fake).is_some());
        assert!(allowed("http://127.0.0.1:10/a.png", &fake).is_none());
        let no_emulator = config(None, &["127.0.0.1:9"]);
        assert!(allowed("http://127.0.0.1:9/a.png", &no_emulator).is_none());
    }

    #[test]
    fn a_file_is_what_its_content_says() {
        assert_eq!(kind_of(&png(3, 2)), Some(EvidenceKind::Png));
        assert_eq!(kind_of(b"<svg/>"), None);
        assert_eq!(kind_of(b"%PDF-1.7 not a picture"), None);
        // The right first bytes and nothing behind them.
        assert_eq!(kind_of(b"\x89PNG\r\n\x1a\n"), None);
        assert_eq!(kind_of(b""), None);
        assert_eq!(kind_of(&large(20_000, 5_000)), Some(EvidenceKind::Png));
        for (width, height) in [(20_001, 1), (1, 20_001), (20_000, 5_001)] {
            assert_eq!(kind_of(&large(width, height)), None, "{width} x {height}");
        }
    }

    #[test]
    fn every_legal_picture_of_the_four_formats_is_taken_and_no_other_is() {
        for (format, kind) in [
            (ImageFormat::Png, EvidenceKind::Png),
            (ImageFormat::Jpeg, EvidenceKind::Jpeg),
            (ImageFormat::WebP, EvidenceKind::Webp),
            (ImageFormat::Gif, EvidenceKind::Gif),
        ] {
            let whole = picture(format);
            assert_eq!(kind_of(&whole), Some(kind));
            assert_eq!(kind_of(&whole[..9]), None, "{format:?}, cut");
        }
        // Bytes that fill up before a marker, as the standard allows.
        let jpeg = picture(ImageFormat::Jpeg);
        let filled = [&jpeg[..2], b"\xff\xff\xff", &jpeg[2..]].concat();
        assert_eq!(kind_of(&filled), Some(EvidenceKind::Jpeg));
        // A lossy WebP of 3 x 2 pixels that is to be scaled up when it is shown: bits above the sides.
        let frame = b"\x10\x00\x00\x9d\x01\x2a\x03\x40\x02\x40";
        let webp = [b"RIFF\x16\x00\x00\x00WEBPVP8 \x0a\x00\x00\x00", &frame[..]].concat();
        assert_eq!(kind_of(&webp), Some(EvidenceKind::Webp));
        let mut broken = picture(ImageFormat::Png);
        broken[16..20].copy_from_slice(&7_u32.to_be_bytes());
        assert_eq!(kind_of(&broken), None, "a head that its own sum denies");
        let bmp = b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00";
        assert_eq!(kind_of(bmp), None);
    }

    #[tokio::test]
    async fn a_discarded_proof_leaves_nothing_and_never_takes_an_older_one_along() {
        let folder = tempfile::tempdir().unwrap();
        let stored = async || {
            let picture = Picture::read(png(3, 2)).await.unwrap();
            picture.store(folder.path()).await.unwrap()
        };
        let (first, again) = (stored().await, stored().await);
        let name = file_name(&first.proof);
        discard(folder.path(), &again).await;
        assert!(folder.path().join(&name).exists());
        discard(folder.path(), &first).await;
        assert!(!folder.path().join(&name).exists());
    }

    #[tokio::test]
    async fn what_is_kept_reads_back_and_no_other_path_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("proofs");
        // A folder of an older version, which anybody could enter.
        fs::create_dir(&inside).unwrap();
        fs::set_permissions(&inside, fs::Permissions::from_mode(0o755)).unwrap();
        keep(&inside, "a.png", b"one").unwrap();
        keep(&inside, "a.png", b"one").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&inside), mode(&inside.join("a.png"))), (0o700, 0o600));
        assert_eq!(read(&inside, "a.png").await.unwrap(), b"one");
        fs::write(folder.path().join("secret"), b"x").unwrap();
        assert!(read(&inside, "../secret").await.is_err());
        assert_eq!(fs::read_dir(&inside).unwrap().count(), 1, "nothing is left beside it");
    }
}
