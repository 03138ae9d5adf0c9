//! What git says, by reading its files: best effort, never a reason to fail.

use crate::catalog::Commit;
use crate::files;
use std::path::{Path, PathBuf};

/// The most bytes of git's files that are read; a repository with more packed branches than that
/// shows no commit.
const MAX_BYTES: u64 = 16 << 20;

fn read(path: &Path) -> Option<String> {
    files::read_text(path, MAX_BYTES).ok()
}

/// The git folder of the work tree around a folder.
pub(super) fn folder(dir: &Path) -> Option<PathBuf> {
    let dir = dir.canonicalize().ok()?;
    let dot_git = dir.ancestors().map(|d| d.join(".git")).find(|p| p.exists())?;
    if dot_git.is_dir() {
        return Some(dot_git);
    }
    // A linked work tree has a file that names its folder.
    let text = read(&dot_git)?;
    let path = text.trim().strip_prefix("gitdir:")?.trim();
    Some(dot_git.parent()?.join(path))
}

/// The lock that git holds while it changes the work tree, if it is there now.
pub(super) fn lock(dir: &Path) -> Option<PathBuf> {
    folder(dir).map(|git| git.join("index.lock")).filter(|lock| lock.exists())
}

/// The commit that is checked out, with its author and subject where they can be read.
pub(super) fn commit(dir: &Path) -> Option<Commit> {
    let git = folder(dir)?;
    let common = common(&git);
    let commit = Commit::of_id(head(&git, &common)?);
    let said = super::git_object::said(&common.join("objects"), &commit.id);
    Some(match said {
        Some(said) => commit.saying(&said.author, &said.subject),
        None => commit,
    })
}

/// Branches and objects of a linked work tree live in the common folder.
fn common(git: &Path) -> PathBuf {
    read(&git.join("commondir")).map_or_else(|| git.to_owned(), |c| git.join(c.trim()))
}

fn head(git: &Path, common: &Path) -> Option<String> {
    let head = read(&git.join("HEAD"))?;
    let Some(name) = head.trim().strip_prefix("ref:").map(str::trim) else {
        return hash(&head);
    };
    if Path::new(name).components().any(|c| !matches!(c, std::path::Component::Normal(_))) {
        return None;
    }
    let loose = [git, common].into_iter().find_map(|d| read(&d.join(name)));
    if let Some(text) = loose {
        return hash(&text);
    }
    let packed = read(&common.join("packed-refs"))?;
    let line = packed.lines().find(|l| l.split_whitespace().nth(1) == Some(name))?;
    hash(line.split_whitespace().next()?)
}

fn hash(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn commit(dir: &Path) -> Option<String> {
        super::commit(dir).map(|commit| commit.id)
    }

    fn repository() -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let desired = root.path().join("desired");
        std::fs::create_dir_all(&desired).unwrap();
        std::fs::create_dir_all(root.path().join(".git/refs/heads")).unwrap();
        (root, desired)
    }

    #[test]
    fn the_commit_is_found_loose_packed_and_detached() {
        let (root, desired) = repository();
        let git = root.path().join(".git");
        assert_eq!(commit(&desired), None);
        std::fs::write(git.join("HEAD"), format!("{COMMIT}\n")).unwrap();
        assert_eq!(commit(&desired).as_deref(), Some(COMMIT));
        std::fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        assert_eq!(commit(&desired), None);
        let packed = format!("# pack-refs with: peeled\n{COMMIT} refs/heads/main\n");
        std::fs::write(git.join("packed-refs"), packed).unwrap();
        assert_eq!(commit(&desired).as_deref(), Some(COMMIT));
        let newer = COMMIT.replace('0', "f");
        std::fs::write(git.join("refs/heads/main"), &newer).unwrap();
        assert_eq!(commit(&desired), Some(newer));
        std::fs::write(git.join("HEAD"), "ref: ../../../etc/passwd\n").unwrap();
        assert_eq!(commit(&desired), None);
    }

    #[test]
    fn a_linked_work_tree_reads_its_branch_from_the_common_folder() {
        let (root, _) = repository();
        let git = root.path().join(".git");
        let tree = root.path().join("tree");
        let private = git.join("worktrees/tree");
        std::fs::create_dir_all(&tree).unwrap();
        std::fs::create_dir_all(&private).unwrap();
        std::fs::write(tree.join(".git"), format!("gitdir: {}\n", private.display())).unwrap();
        std::fs::write(private.join("HEAD"), "ref: refs/heads/side\n").unwrap();
        std::fs::write(private.join("commondir"), "../..\n").unwrap();
        std::fs::write(git.join("refs/heads/side"), COMMIT).unwrap();
        assert_eq!(commit(&tree).as_deref(), Some(COMMIT));
    }
}
