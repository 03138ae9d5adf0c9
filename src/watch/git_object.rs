//! Who wrote a commit and what it says first, from git's own files: loose objects, and packs of
//! version 2 (gitformat-pack). A commit that a pack keeps as a difference from another one is not put
//! together; git keeps the newest one of a branch whole. Best effort, never a reason to fail.

use flate2::read::ZlibDecoder;
use std::cmp::Ordering;
use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// The most bytes of a commit that are read: author and subject stand behind its signature at most.
const MAX_BYTES: u64 = 64 << 10;

/// What a commit says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) author: String,
    pub(super) subject: String,
}

/// Author and subject of a commit of these objects; its id is in hex.
pub(super) fn said(objects: &Path, id: &str) -> Option<Said> {
    let text = loose(objects, id).or_else(|| packed(objects, &bytes(id)?))?;
    let text = String::from_utf8_lossy(&text);
    let (head, message) = text.split_once("\n\n")?;
    // A name holds no "<": git takes it out.
    let author = head.lines().find_map(|line| line.strip_prefix("author "))?.split('<').next()?;
    let subject = message.lines().find(|line| !line.trim().is_empty())?;
    Some(Said { author: author.trim().to_owned(), subject: subject.trim().to_owned() })
}

fn bytes(id: &str) -> Option<Vec<u8>> {
    let pairs = (0..id.len()).step_by(2).map(|at| id.get(at..at + 2));
    pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
}

fn loose(objects: &Path, id: &str) -> Option<Vec<u8>> {
    let (folder, file) = id.split_at_checked(2)?;
    let object = inflate(File::open(objects.join(folder).join(file)).ok()?)?;
    let end = object.iter().position(|byte| *byte == 0)?;
    let (head, text) = object.split_at_checked(end + 1)?;
    head.starts_with(b"commit ").then(|| text.to_owned())
}

fn inflate(from: impl Read) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    ZlibDecoder::new(from).take(MAX_BYTES).read_to_end(&mut text).ok()?;
    Some(text)
}

fn packed(objects: &Path, id: &[u8]) -> Option<Vec<u8>> {
    let files = std::fs::read_dir(objects.join("pack")).ok()?.flatten().map(|file| file.path());
    let mut indexes = files.filter(|path| path.extension().is_some_and(|e| e == "idx"));
    indexes.find_map(|index| {
        let at = offset(&File::open(&index).ok()?, id)?;
        whole_commit(File::open(index.with_extension("pack")).ok()?, at)
    })
}

/// Where in its pack an object lies, by the pack's index: a table of how many ids begin with which
/// byte, the ids in order, their checksums, and their offsets.
fn offset(index: &File, id: &[u8]) -> Option<u64> {
    const HEAD: u64 = 8;
    const TABLE: u64 = 4 * 256;
    const ELSEWHERE: u64 = 1 << 31;
    if u32_at(index, 0)? != u64::from(u32::from_be_bytes(*b"\xfftOc")) || u32_at(index, 4)? != 2 {
        return None;
    }
    let up_to = |byte: u64| u32_at(index, HEAD + 4 * byte);
    let (first, count) = (u64::from(*id.first()?), up_to(255)?);
    let mut low = first.checked_sub(1).map_or(Some(0), up_to)?;
    let mut high = up_to(first)?.min(count);
    let (ids, width) = (HEAD + TABLE, u64::try_from(id.len()).ok()?);
    let mut found = vec![0; id.len()];
    while low < high {
        let middle = low.midpoint(high);
        index.read_exact_at(&mut found, ids + middle * width).ok()?;
        match found.as_slice().cmp(id) {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => {
                let offsets = ids + count * (width + 4);
                let at = u32_at(index, offsets + 4 * middle)?;
                // Beyond 2 GiB it stands in a table of its own.
                let large = at.checked_sub(ELSEWHERE).map(|n| offsets + 4 * count + 8 * n);
                return large.map_or(Some(at), |place| u64_at(index, place));
            }
        }
    }
    None
}

/// The text of a commit that stands there whole: a byte with the kind, the length in 7 bits a byte, and
/// the deflated text.
fn whole_commit(mut pack: File, at: u64) -> Option<Vec<u8>> {
    const COMMIT: u8 = 1;
    const MORE: u8 = 0x80;
    pack.seek(SeekFrom::Start(at)).ok()?;
    let mut pack = BufReader::new(pack);
    let mut bytes = pack.by_ref().bytes().map_while(Result::ok);
    let first = bytes.next()?;
    if (first >> 4) & 7 != COMMIT {
        return None;
    }
    let mut last = first;
    while last & MORE != 0 {
        last = bytes.next()?;
    }
    inflate(pack)
}

fn u32_at(file: &File, at: u64) -> Option<u64> {
    let mut bytes = [0; 4];
    file.read_exact_at(&mut bytes, at).ok()?;
    Some(u64::from(u32::from_be_bytes(bytes)))
}

fn u64_at(file: &File, at: u64) -> Option<u64> {
    let mut bytes = [0; 8];
    file.read_exact_at(&mut bytes, at).ok()?;
    Some(u64::from_be_bytes(bytes))
}

/// Repositories as git makes them, for tests.
#[cfg(test)]
pub(super) mod testing {
    use std::path::{Path, PathBuf};
    use std::process::Command;

    /// A repository as git makes it.
    pub(in crate::watch) fn repository() -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        git(root.path(), &["init", "--quiet"]);
        let objects = root.path().join(".git/objects");
        (root, objects)
    }

    pub(in crate::watch) fn git(dir: &Path, words: &[&str]) -> String {
        let mut git = Command::new("git");
        git.current_dir(dir).args(words).env("GIT_CONFIG_GLOBAL", "/dev/null");
        for (name, value) in
            [("NAME", "Nadia Sélim"), ("EMAIL", "n@example.com"), ("DATE", "1795255200 +0000")]
        {
            git.env(format!("GIT_AUTHOR_{name}"), value);
            git.env(format!("GIT_COMMITTER_{name}"), value);
        }
        let out = git.output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    pub(in crate::watch) fn commit(root: &Path, message: &str) -> String {
        git(root, &["commit", "--quiet", "--allow-empty", "-m", message]);
        git(root, &["rev-parse", "HEAD"])
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{commit, git, repository};
    use super::*;
    use crate::catalog::Commit;
    use std::path::PathBuf;

    #[test]
    fn author_and_subject_are_read_from_loose_objects_and_from_packs_as_git_writes_them() {
        let (root, objects) = repository();
        let subject = |n: usize| format!("Raise the price of plan {n}");
        let ids: Vec<String> =
            (0..60).map(|n| commit(root.path(), &format!("{}\n\nWhy.\n", subject(n)))).collect();
        let read = |n: usize| said(&objects, &ids[n]);
        let expected = |n| Some(Said { author: "Nadia Sélim".to_owned(), subject: subject(n) });
        let checked_out = || super::super::git::commit(root.path());
        let last = Commit::of_id(ids[59].clone()).saying("Nadia Sélim", &subject(59));
        assert_eq!((read(0), read(59)), (expected(0), expected(59)), "loose");
        assert_eq!(checked_out().as_ref(), Some(&last));
        git(root.path(), &["gc", "--quiet", "--prune=now"]);
        assert!(loose(&objects, &ids[59]).is_none(), "nothing is loose any more");
        assert_eq!(read(59), expected(59), "packed");
        assert_eq!(checked_out().as_ref(), Some(&last));
        // Those that are kept whole; of the others nothing wrong is said.
        let known = (0..60).filter(|n| read(*n).is_some()).count();
        assert!((1..60).all(|n| read(n).is_none_or(|s| Some(s) == expected(n))));
        assert!(known > 0);
        assert_eq!(said(&objects, &"0".repeat(40)), None, "of no commit");
        assert_eq!(said(&objects, &git(root.path(), &["rev-parse", "HEAD^{tree}"])), None);
    }

    #[test]
    fn files_of_git_that_are_cut_off_or_damaged_say_nothing_and_do_no_harm() {
        let (root, objects) = repository();
        let id = commit(root.path(), "A commit");
        git(root.path(), &["gc", "--quiet", "--prune=now"]);
        let files: Vec<PathBuf> = std::fs::read_dir(objects.join("pack"))
            .unwrap()
            .map(|file| file.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "idx" || e == "pack"))
            .collect();
        assert_eq!(files.len(), 2);
        let whole = said(&objects, &id).unwrap();
        for file in files {
            let content = std::fs::read(&file).unwrap();
            std::fs::remove_file(&file).unwrap();
            for cut in (0..content.len()).step_by(7) {
                std::fs::write(&file, &content[..cut]).unwrap();
                assert!(said(&objects, &id).is_none_or(|s| s == whole));
            }
            for at in (0..content.len()).step_by(7) {
                let mut flipped = content.clone();
                flipped[at] ^= 0xff;
                std::fs::write(&file, flipped).unwrap();
                let _ = said(&objects, &id);
            }
            std::fs::write(&file, content).unwrap();
            assert_eq!(said(&objects, &id).as_ref(), Some(&whole));
        }
    }
}
