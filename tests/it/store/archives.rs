//! Backups as one file, and stores restored from them.

use super::golden::unpacked;
use super::journal::{fill, open, state};
use super::support::{audit_line, options, put, taken};
use age::secrecy::ExposeSecret as _;
use nebulalinks::model::{Kind, SCHEMA_VERSION, StoreIdentity, UnixMs};
use nebulalinks::ports::{Span, Store};
use nebulalinks::store::{
    Archived, BackupError, Identities, Opening, Plan, Recipients, RestoreError, Restored,
    Restoring, SledStore, Whose, archive, list_backups, look, restore, standing,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// A key for tests, and whom it opens for: made by `age-keygen`.
const SECRET: &str = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";
const PUBLIC: &str = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";

fn make(from: &Path, to: &Path, recipients: &Recipients, at: u64) -> Result<Archived, BackupError> {
    archive(&Plan {
        state: from,
        folder: to,
        shop: Some("main".to_owned()),
        recipients,
        now: UnixMs(at),
        keep: Some(2),
        prune: true,
        report: &|_, _, _| {},
    })
}

fn put_back(
    file: &Path,
    identities: Identities,
    to: &Path,
    replace: bool,
) -> Result<Restored, RestoreError> {
    restore(Restoring {
        opening: &Opening { path: file.to_owned(), identities },
        state: to,
        replace,
        audit: audit_line("restore", 77),
        report: &|_| {},
    })
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

async fn off<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// A store with ten records and a proof, closed, and a backup of it.
async fn sample(folder: &Path, recipients: Recipients) -> PathBuf {
    let store = open(folder);
    fill(&store).await;
    store.close().await.unwrap();
    let proofs = state(folder).join("proofs");
    fs::create_dir(&proofs).unwrap();
    fs::write(proofs.join("abc"), "a picture").unwrap();
    let (from, to) = (state(folder), folder.join("backups"));
    off(move || make(&from, &to, &recipients, 1_795_255_200_000)).await.unwrap().path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_store_is_restored_whole_and_takes_nothing_away_until_it_is_resolved()
{
    for recipients in [Recipients::default(), Recipients::parse([PUBLIC]).unwrap()] {
        let folder = tempfile::tempdir().unwrap();
        let sealed = !recipients.is_empty();
        let identities =
            if sealed { Identities::parse(SECRET).unwrap() } else { Identities::default() };
        let store = open(folder.path());
        let lineages = fill(&store).await;
        let before = store.snapshot();
        let (from, to) = (state(folder.path()), folder.path().join("backups"));
        let made = off(move || make(&from, &to, &recipients, 1_000)).await.unwrap();
        assert_eq!(made.verified.revision, before.revision());
        assert_eq!(names(&state(folder.path())).iter().filter(|n| n.contains("backup")).count(), 0);
        let bytes = fs::read(&made.path).unwrap();
        assert_eq!(bytes.starts_with(b"age-encryption.org/v1"), sealed);
        store.txn(put(taken(77))).await.unwrap();
        store.close().await.unwrap();
        let to = folder.path().join("other");
        let (file, target) = (made.path.clone(), to.clone());
        let done = off(move || put_back(&file, identities, &target, false)).await.unwrap();
        assert_eq!((done.header.revision, done.kept), (before.revision(), None));
        let mut options = options(folder.path());
        options.path = to;
        let restored = SledStore::open(options).unwrap();
        let snapshot = restored.snapshot();
        super::journal::whole(&restored, &lineages).await;
        assert_eq!(snapshot.revision(), before.revision() + 1);
        assert_ne!(snapshot.reservations(), Some(&taken(77)));
        assert!(snapshot.in_amnesia());
        let lines = restored.scan(Span::of(Kind::Audit, 10)).await.unwrap();
        assert_eq!(lines.len(), 1, "{lines:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_cut_off_at_any_byte_is_refused_and_changes_nothing() {
    for recipients in [Recipients::default(), Recipients::parse([PUBLIC]).unwrap()] {
        let folder = tempfile::tempdir().unwrap();
        let sealed = !recipients.is_empty();
        let file = sample(folder.path(), recipients).await;
        let whole = fs::read(&file).unwrap();
        let (cut, to) = (folder.path().join("cut"), folder.path().join("new"));
        off(move || {
            let identities =
                || if sealed { Identities::parse(SECRET).unwrap() } else { Identities::default() };
            for end in (0..whole.len()).step_by(3) {
                fs::write(&cut, &whole[..end]).unwrap();
                let refused = put_back(&cut, identities(), &to, false).unwrap_err();
                let text = refused.to_string();
                assert!(text.contains("cut off or damaged"), "{end} of {}: {text}", whole.len());
                assert!(!to.exists(), "{end}");
            }
            // Every byte counts, too. Of a bit that says nothing, as zstd has some, the same store comes.
            let mut same = 0;
            for at in (0..whole.len()).step_by(19) {
                let mut other = whole.clone();
                other[at] ^= 0x10;
                fs::write(&cut, &other).unwrap();
                match put_back(&cut, identities(), &to, false) {
                    Ok(restored) => {
                        assert_eq!(restored.header.revision, 10, "{at}");
                        assert!(!sealed, "age covers every bit");
                        fs::remove_dir_all(&to).unwrap();
                        same += 1;
                    }
                    Err(_) => assert!(!to.exists(), "{at}"),
                }
            }
            assert!(same < 3, "{same} bytes may be others");
            fs::write(&cut, [&whole[..], b"more"].concat()).unwrap();
            put_back(&cut, identities(), &to, false).unwrap_err();
            fs::write(&cut, &whole).unwrap();
            put_back(&cut, identities(), &to, false).unwrap();
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_backup_opens_for_its_recipients_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = sample(folder.path(), Recipients::parse([PUBLIC]).unwrap()).await;
    let open = |identities| look(&Opening { path: file.clone(), identities });
    let error = open(Identities::default()).unwrap_err().to_string();
    assert!(error.contains("--identity"), "{error}");
    let other = age::x25519::Identity::generate().to_string();
    let other = Identities::parse(other.expose_secret()).unwrap();
    let error = open(other).unwrap_err().to_string();
    assert!(error.contains("other keys"), "{error}");
    assert_eq!(open(Identities::parse(SECRET).unwrap()).unwrap().shop.as_deref(), Some("main"));
    let text = folder.path().join("text");
    fs::write(&text, "hello, this is no backup").unwrap();
    let error = look(&Opening { path: text, identities: Identities::default() }).unwrap_err();
    assert!(error.to_string().contains("is no backup"), "{error}");
}

/// A backup as the program of before made it: what today's says of itself, with the files of before.
fn of_before(today: &Path, files: &Path) -> Vec<u8> {
    let plain = zstd::stream::decode_all(fs::File::open(today).unwrap()).unwrap();
    let mut tar = tar::Archive::new(&*plain);
    let mut said = String::new();
    tar.entries().unwrap().next().unwrap().unwrap().read_to_string(&mut said).unwrap();
    let said = said.replace(&format!("\"schema\": {SCHEMA_VERSION}"), "\"schema\": 1");
    let mut all = vec![("BACKUP.json".to_owned(), said.into_bytes())];
    let mut list = Vec::new();
    for name in names(&files.join("journal")).iter().map(|name| format!("journal/{name}")) {
        all.push((name.clone(), fs::read(files.join(name)).unwrap()));
    }
    for name in ["lineage", "mark"] {
        all.push((name.to_owned(), fs::read(files.join(name)).unwrap()));
    }
    for (path, bytes) in &all[1..] {
        let sha256 = nebulalinks_protocol::hex(&Sha256::digest(bytes));
        list.push(json!({"path": path, "bytes": bytes.len(), "sha256": sha256}));
    }
    all.push(("CONTENTS.json".to_owned(), serde_json::to_vec(&list).unwrap()));
    let mut out = tar::Builder::new(Vec::new());
    for (path, bytes) in all {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        out.append_data(&mut header, path, &*bytes).unwrap();
    }
    zstd::stream::encode_all(&*out.into_inner().unwrap(), 3).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_before_an_upgrade_is_restored_beside_the_copy_of_that_upgrade() {
    let (folder, before) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let old = unpacked(before.path()).path;
    let options = unpacked(folder.path());
    SledStore::open(options.clone()).unwrap().close().await.unwrap();
    let copy = options.path.join("backup-schema-1");
    assert!(copy.is_dir());
    let (from, to) = (options.path.clone(), folder.path().join("backups"));
    let today = off(move || make(&from, &to, &Recipients::default(), 1_000)).await.unwrap();
    let file = folder.path().join("of-before");
    fs::write(&file, of_before(&today.path, &old)).unwrap();
    let to = options.path.clone();
    let done = off(move || put_back(&file, Identities::default(), &to, true)).await.unwrap();
    assert_eq!((done.header.schema, done.header.revision), (1, 12));
    assert!(copy.join("db").is_dir(), "it is the way back of what was there");
    assert!(!names(&options.path).iter().any(|name| name.starts_with("restoring")));
    let store = SledStore::open(options).unwrap();
    assert_eq!(store.snapshot().revision(), 13, "and that it was restored");
    assert!(store.snapshot().in_amnesia() && store.snapshot().damaged().is_none());
    store.close().await.unwrap();
}

/// The same archive with entries changed by hand, as no program of ours writes it.
fn rewritten(
    file: &Path,
    change: impl Fn(&str, Vec<u8>) -> (tar::EntryType, String, Vec<u8>),
) -> Vec<u8> {
    let plain = zstd::stream::decode_all(fs::File::open(file).unwrap()).unwrap();
    let mut out = tar::Builder::new(Vec::new());
    for entry in tar::Archive::new(&*plain).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        let (kind, path, bytes) = change(&path, bytes);
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        // By hand: the library refuses to write a path that leads out.
        header.as_mut_bytes()[..100].fill(0);
        header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
        if kind == tar::EntryType::Symlink {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        out.append(&header, &*bytes).unwrap();
    }
    zstd::stream::encode_all(&*out.into_inner().unwrap(), 3).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_newer_or_leads_out_of_the_folder_or_is_not_what_it_lists_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = sample(folder.path(), Recipients::default()).await;
    let regular = tar::EntryType::Regular;
    let newer = format!("\"schema\": {}", SCHEMA_VERSION + 1);
    let now = format!("\"schema\": {SCHEMA_VERSION}");
    let edits: [(&str, Vec<u8>); 5] = [
        (
            "knows up to",
            rewritten(&file, |path, bytes| {
                let text = String::from_utf8_lossy(&bytes).replace(&now, &newer);
                let bytes = if path == "BACKUP.json" { text.into_bytes() } else { bytes };
                (regular, path.to_owned(), bytes)
            }),
        ),
        (
            "leads out",
            rewritten(&file, |path, bytes| (regular, path.replace("proofs/abc", "../abc"), bytes)),
        ),
        (
            "leads out",
            rewritten(&file, |path, bytes| {
                (regular, path.replace("proofs/abc", "/tmp/abc"), bytes)
            }),
        ),
        (
            "a link",
            rewritten(&file, |path, bytes| match path {
                "proofs/abc" => (tar::EntryType::Symlink, path.to_owned(), Vec::new()),
                _ => (regular, path.to_owned(), bytes),
            }),
        ),
        (
            "not those that it names",
            rewritten(&file, |path, bytes| {
                let bytes = if path == "proofs/abc" { b"another!!".to_vec() } else { bytes };
                (regular, path.to_owned(), bytes)
            }),
        ),
    ];
    let to = folder.path().join("new");
    for (why, bytes) in edits {
        let bad = folder.path().join("bad");
        fs::write(&bad, bytes).unwrap();
        let target = to.clone();
        let refused = off(move || put_back(&bad, Identities::default(), &target, false)).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(why), "{why}: {refused}");
        assert!(!to.exists() && !folder.path().join("abc").exists(), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_there_is_never_lost_to_a_restore() {
    let folder = tempfile::tempdir().unwrap();
    let file = sample(folder.path(), Recipients::default()).await;
    let at = state(folder.path());
    let store = open(folder.path());
    store.txn(put(taken(9))).await.unwrap();
    let before = store.snapshot();
    let (from, to) = (file.clone(), at.clone());
    let running = off(move || put_back(&from, Identities::default(), &to, true)).await;
    assert!(running.unwrap_err().to_string().contains("in use by process"));
    store.close().await.unwrap();
    let listed = names(&at);
    let (from, to) = (file.clone(), at.clone());
    let refused =
        off(move || put_back(&from, Identities::default(), &to, false)).await.unwrap_err();
    assert!(refused.to_string().contains("--replace"), "{refused}");
    assert_eq!(names(&at), listed);
    assert_eq!(standing(&at).unwrap().unwrap().revision, before.revision());
    let (from, to) = (file, at.clone());
    let done = off(move || put_back(&from, Identities::default(), &to, true)).await.unwrap();
    let kept = done.kept.unwrap();
    assert_eq!(fs::read(at.join("proofs/abc")).unwrap(), b"a picture");
    let store = open(folder.path());
    assert!(store.snapshot().in_amnesia());
    assert_ne!(store.snapshot().reservations(), Some(&taken(9)));
    store.close().await.unwrap();
    let mut options = options(folder.path());
    options.path = kept;
    let old = SledStore::open(options).unwrap();
    assert_eq!(old.snapshot().reservations(), Some(&taken(9)));
    assert_eq!(old.snapshot().revision(), before.revision());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_moves_nothing_while_a_backup_is_made_and_all_of_it_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = sample(folder.path(), Recipients::default()).await;
    let at = state(folder.path());
    let listed = names(&at);
    // A backup that another process makes.
    let staging = at.join("backup-under-way");
    fs::create_dir(&staging).unwrap();
    let lock = fs::File::create(staging.join("lock")).unwrap();
    lock.lock().unwrap();
    let (from, to) = (file.clone(), at.clone());
    let refused = off(move || put_back(&from, Identities::default(), &to, true)).await.unwrap_err();
    assert!(matches!(refused, RestoreError::UnderWay(_)), "{refused}");
    drop(lock);
    fs::remove_dir_all(&staging).unwrap();
    assert_eq!(names(&at), listed);
    // A store half of which somebody moved away.
    fs::rename(at.join("journal"), folder.path().join("journal-of-before")).unwrap();
    let (from, to) = (file, at.clone());
    let done = off(move || put_back(&from, Identities::default(), &to, true)).await.unwrap();
    let aside = names(&done.kept.unwrap());
    assert!(aside.contains(&"mark".to_owned()) && !aside.contains(&"lock".to_owned()), "{aside:?}");
    let store = open(folder.path());
    assert!(store.snapshot().in_amnesia());
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_backups_stay_and_those_of_others_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    fill(&store).await;
    let to = folder.path().join("backups");
    fs::create_dir(&to).unwrap();
    let others = [
        "nl-other-20200101T000000Z-r1.tar.zst",
        "nl-main-20200101T000000Z-r1.tar.zst",
        "notes.txt",
    ];
    for other in others {
        fs::write(to.join(other), "mine").unwrap();
    }
    let mut removed = Vec::new();
    for n in 1..=4_u64 {
        let (from, to) = (state(folder.path()), to.clone());
        let made = off(move || make(&from, &to, &Recipients::default(), n * 1_000)).await.unwrap();
        removed.extend(made.removed);
    }
    assert_eq!(removed.len(), 2);
    let left = names(&to);
    assert_eq!(left.len(), 5, "{left:?}");
    assert!(
        left.iter().any(|n| n.contains("000004Z")) && left.iter().any(|n| n.contains("000003Z"))
    );
    // The same second once more, and a place that would be lost with the store.
    let (from, again) = (state(folder.path()), to.clone());
    let taken = off(move || make(&from, &again, &Recipients::default(), 4_000)).await.unwrap_err();
    assert!(matches!(taken, BackupError::Taken(_)), "{taken}");
    let (from, inside) = (state(folder.path()), state(folder.path()).join("b"));
    let inside =
        off(move || make(&from, &inside, &Recipients::default(), 5_000)).await.unwrap_err();
    assert!(matches!(inside, BackupError::Inside(_)), "{inside}");
    assert_eq!(names(&to), left);
    store.close().await.unwrap();
}

fn named(store_id: &str) -> nebulalinks::model::Edits {
    put(StoreIdentity { store_id: store_id.into(), created_at: UnixMs(1) })
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_of_one_shop_in_one_folder_keep_their_own_backups() {
    for recipients in [Recipients::default(), Recipients::parse([PUBLIC]).unwrap()] {
        let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let to = ours.path().join("backups");
        let ids = ["01jd0000000000000000000aaa", "01jd0000000000000000000bbb"];
        let stores = [open(ours.path()), open(theirs.path())];
        for (store, id) in stores.iter().zip(ids) {
            store.txn(named(id)).await.unwrap();
        }
        for (n, of) in [1, 0, 0, 0, 1, 0].into_iter().enumerate() {
            let from = state([&ours, &theirs][of].path());
            let (to, recipients) = (to.clone(), recipients.clone());
            let at = (n as u64 + 1) * 1_000;
            off(move || make(&from, &to, &recipients, at)).await.unwrap();
        }
        let left = names(&to);
        let of = |id: &str| left.iter().filter(|name| name.contains(&id[18..])).count();
        assert_eq!((of(ids[0]), of(ids[1]), left.len()), (2, 2, 4), "{left:?}");
        // The newest of another store is no good backup of ours.
        let listed = |id: &str| {
            let whose = Whose { shop: Some("main".into()), store_id: Some(id.to_owned()) };
            list_backups(&to, &whose).unwrap().into_iter().map(|(at, _)| at.0).collect::<Vec<_>>()
        };
        assert_eq!(listed(ids[0]), [4_000, 6_000]);
        assert_eq!(listed(ids[1]), [1_000, 5_000]);
        assert!(listed("01jd0000000000000000000ccc").is_empty());
        for store in stores {
            store.close().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_backup_left_half_written_goes_with_the_next_one_and_what_is_written_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    fill(&store).await;
    let to = folder.path().join("backups");
    fs::create_dir(&to).unwrap();
    let gone = [
        "nl-main-20200101T000000Z-r1.tar.zst.partial",
        "nl-main-20200101T000000Z-r1-0000aaaa.tar.zst.age.partial",
    ];
    let stays = [
        "nl-main-20200101T000000Z-r2.tar.zst.partial",
        "nl-other-20200101T000000Z-r1.tar.zst.partial",
        "thesis.partial",
    ];
    for name in gone.iter().chain(&stays) {
        fs::write(to.join(name), "half").unwrap();
    }
    // Another process writes this one.
    let written = fs::File::open(to.join(stays[0])).unwrap();
    written.lock().unwrap();
    let (from, target) = (state(folder.path()), to.clone());
    let made = off(move || make(&from, &target, &Recipients::default(), 1_000)).await.unwrap();
    let mut left = names(&to);
    left.retain(|name| to.join(name) != made.path);
    let mut expected: Vec<String> = stays.iter().map(|name| (*name).to_owned()).collect();
    expected.sort();
    assert_eq!(left, expected);
    store.close().await.unwrap();
}
