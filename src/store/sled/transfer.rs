//! All records as lines of JSON, out of a store and into a new one.

use super::super::MAX_RECORD_BYTES;
use super::super::journal::FOLDER;
use super::archived::{COPY, begin, room};
use super::backup::{BackupError, copy_state, verify};
use super::migrations::Older;
use super::open::Raw;
use super::restore::{RestoreError, mark_restored, put_in_place, standing};
use super::{OpenOptions, SledStore, codec, files};
use crate::model::{Audit, Edits, Kind, Record, Revision, SCHEMA_VERSION, UnixMs};
use crate::ports::Store as _;
use nebulalinks_protocol::hex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead, Read as _, Write};
use std::path::{Path, PathBuf};

/// The version of the lines' own form.
const FORM: u32 = 1;
/// Hashes lines as they are written and read, their ends included.
#[derive(Default)]
struct Lines(Sha256);

impl Lines {
    fn add(&mut self, line: &str) {
        self.0.update(line);
    }

    fn hash(self) -> String {
        hex(&self.0.finalize())
    }
}

/// Records of one transaction of an import.
const AT_ONCE: usize = 500;
/// The most bytes of a line: a record is a quarter of that at most.
const LONGEST: u64 = 4 * MAX_RECORD_BYTES as u64;
/// What of an account opens the service for its customer.
const SECRETS: [&str; 2] = ["credentials", "subscription_token"];

/// The first line of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportHead {
    /// The version of the form.
    pub nebulalinks_export: u32,
    /// The schema version of the records.
    pub schema: u32,
    /// The shop's id.
    pub shop: Option<String>,
    /// The store's id.
    pub store_id: Option<String>,
    /// The revision that it shows.
    pub revision: Revision,
    /// When it was made.
    pub made_at: UnixMs,
    /// Whether customers' credentials are in it: without them it cannot be imported.
    pub secrets: bool,
}

/// The first line of an export.
///
/// # Errors
/// [`ImportError::Line`] when it is none, or nothing that can be imported.
pub fn look_at_export(from: &mut dyn BufRead) -> Result<ExportHead, ImportError> {
    let wrong = |why: String| ImportError::Line { line: 1, why };
    let mut text = String::new();
    let read = from.take(LONGEST).read_line(&mut text).map_err(|error| wrong(error.to_string()))?;
    if read == 0 {
        return Err(wrong("the file is empty".to_owned()));
    }
    first(&text).map_err(wrong)
}

/// What an export holds.
pub struct Export<'a> {
    /// The state folder. The service may run.
    pub state: &'a Path,
    /// The shop's id, where its files tell it.
    pub shop: Option<String>,
    /// With customers' credentials.
    pub with_secrets: bool,
    /// What time it is.
    pub now: UnixMs,
}

/// Writes every record of one revision, a line each, between a first line that says what it is and a
/// last one that says how many there are and the hash of all before. Answers with how many.
///
/// # Errors
/// See [`BackupError`].
pub fn export(wanted: &Export<'_>, out: &mut dyn Write) -> Result<u64, BackupError> {
    let Export { state, shop, with_secrets, now } = wanted;
    if !state.join(FOLDER).is_dir() {
        return Err(BackupError::NoJournal(state.to_path_buf()));
    }
    let staging = state.join(files::STAGING);
    let lock = begin(state, &staging)?;
    let copy = staging.join(COPY);
    let written = room(state).and_then(|()| {
        copy_state(state, &copy)?;
        let verified = verify(state, &copy, false)?;
        let head = ExportHead {
            nebulalinks_export: FORM,
            schema: SCHEMA_VERSION,
            shop: shop.clone(),
            store_id: verified.store_id,
            revision: verified.revision,
            made_at: *now,
            secrets: *with_secrets,
        };
        let head = serde_json::to_string(&head).map_err(io::Error::from)?;
        lines(&copy, head, *with_secrets, out)
    });
    let removed = fs::remove_dir_all(&staging);
    drop(lock);
    let written = written?;
    removed?;
    Ok(written)
}

fn lines(
    copy: &Path,
    head: String,
    with_secrets: bool,
    out: &mut dyn Write,
) -> Result<u64, BackupError> {
    let mut hashed = Lines::default();
    let mut put = |mut line: String| {
        line.push('\n');
        hashed.add(&line);
        out.write_all(line.as_bytes())
    };
    put(head)?;
    let raw = Raw::open(&copy.join(files::DB), OpenOptions::at(copy).cache_mib)?;
    let mut count = 0_u64;
    for (kind, tree) in &raw.trees {
        for entry in tree {
            let (_, bytes) = entry.map_err(io::Error::other)?;
            let (_, json) = codec::split(&bytes).unwrap_or_default();
            let mut record: Value = serde_json::from_slice(json).map_err(io::Error::from)?;
            if *kind == Kind::Account && !with_secrets {
                redact(&mut record);
            }
            put(json!({ "kind": kind.tree(), "record": record }).to_string())?;
            count = count.saturating_add(1);
        }
    }
    writeln!(out, "{}", json!({ "records": count, "sha256": hashed.hash() }))?;
    out.flush()?;
    Ok(count)
}

fn redact(record: &mut Value) {
    let value = record.get_mut("value").and_then(Value::as_object_mut);
    let Some(value): Option<&mut Map<String, Value>> = value else { return };
    for secret in SECRETS {
        if let Some(found) = value.get_mut(secret) {
            *found = json!("redacted");
        }
    }
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A line is none of an export's.
    #[error("line {line}: {why}. Nothing was changed")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// There is a store.
    #[error(
        "there is a store in {path} (revision {revision}), and an import makes a new one: name another folder by --state, or move that one away. Nothing was changed"
    )]
    NotEmpty {
        /// The state folder.
        path: PathBuf,
        /// How far it had come.
        revision: Revision,
    },
    /// The new store cannot be made or put in place.
    #[error(transparent)]
    Place(#[from] RestoreError),
}

/// A line of an export, after the first.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, untagged)]
enum Line {
    Record { kind: String, record: Value },
    End { records: u64, sha256: String },
}

/// Makes a store of an export in a state folder without one. Answers with its first line.
///
/// # Errors
/// See [`ImportError`]; then the state folder is as it was.
pub fn import(
    from: &mut dyn BufRead,
    state: &Path,
    audit: Audit,
) -> Result<ExportHead, ImportError> {
    let was_there = state.is_dir();
    let place = |error: RestoreError| ImportError::Place(error);
    files::not_as_root(state).map_err(|error| place(error.into()))?;
    files::make_folder(state).map_err(|error| place(error.into()))?;
    let done = (|| {
        let lock = files::lock(state).map_err(|error| place(error.into()))?;
        if let Some(there) = standing(state).map_err(|error| place(error.into()))? {
            let (path, revision) = (state.to_owned(), there.revision);
            return Err(ImportError::NotEmpty { path, revision });
        }
        let young = state.join(files::RESTORING);
        if young.exists() {
            fs::remove_dir_all(&young).map_err(|error| place(error.into()))?;
        }
        let made = fill(from, &young, audit);
        let made = made.and_then(|head| {
            put_in_place(&young, state).map_err(|error| place(error.into()))?;
            Ok(head)
        });
        if made.is_err() && young.exists() {
            let _ = fs::remove_dir_all(&young);
        }
        drop(lock);
        made
    })();
    if done.is_err() && !was_there {
        let _ = fs::remove_file(state.join(files::LOCK));
        let _ = fs::remove_dir(state);
    }
    done
}

fn fill(from: &mut dyn BufRead, young: &Path, audit: Audit) -> Result<ExportHead, ImportError> {
    let place = |error: RestoreError| ImportError::Place(error);
    let mut options = OpenOptions::at(young);
    options.ballast_mib = 0;
    SledStore::init(&options).map_err(|error| place(error.into()))?;
    let store = SledStore::open(options).map_err(|error| place(error.into()))?;
    let filled = read_into(from, &store)
        .and_then(|head| mark_restored(&store, audit).map(|()| head).map_err(place));
    store.close_now();
    let _ = fs::remove_file(young.join(files::LOCK));
    filled
}

fn read_into(from: &mut dyn BufRead, store: &SledStore) -> Result<ExportHead, ImportError> {
    let (mut head, mut ended, mut count) = (None, false, 0_u64);
    let mut older = Older::of(SCHEMA_VERSION);
    let (mut edits, mut seen) = (Edits::new(), BTreeSet::new());
    let mut line = 0;
    let mut text = String::new();
    let mut hashed = Lines::default();
    loop {
        hashed.add(&text);
        text.clear();
        line += 1;
        let wrong = |why: String| ImportError::Line { line, why };
        let read = (&mut *from).take(LONGEST).read_line(&mut text);
        match read.map_err(|error| wrong(error.to_string()))? {
            0 => break,
            long if u64::try_from(long).is_ok_and(|long| long == LONGEST) => {
                return Err(wrong("it is longer than any record".to_owned()));
            }
            _ => {}
        }
        if ended {
            return Err(wrong("there is something behind the last line".to_owned()));
        }
        if head.is_none() {
            let said = first(&text).map_err(wrong)?;
            older = Older::of(said.schema);
            head = Some(said);
            continue;
        }
        let parsed: Line = serde_json::from_str(&text).map_err(|_| {
            wrong("it is no line of an export: it is cut off, or another file".into())
        })?;
        match parsed {
            Line::End { records, .. } if records != count => {
                return Err(wrong(format!("{count} records came before it, and not {records}")));
            }
            Line::End { sha256, .. } => {
                if std::mem::take(&mut hashed).hash() != sha256 {
                    let why = "the lines before it are others than were exported: the file was edited \
                               or damaged";
                    return Err(wrong(why.to_owned()));
                }
                ended = true;
            }
            Line::Record { kind, record } => {
                let record = older.one(&kind, record).and_then(|record| one(&kind, &record));
                let record = record.map_err(wrong)?;
                if !seen.insert(record.key()) {
                    return Err(wrong(format!("this record of {kind} came before")));
                }
                count = count.saturating_add(1);
                edits.insert(record);
                if edits.puts.len() >= AT_ONCE {
                    commit(store, std::mem::take(&mut edits)).map_err(wrong)?;
                }
            }
        }
    }
    let wrong = |why: &str| ImportError::Line { line, why: why.to_owned() };
    let head = head.ok_or_else(|| wrong("the file is empty"))?;
    if !ended {
        return Err(wrong(
            "the file ends early: its last line, with how many there are, is missing",
        ));
    }
    for (kind, record) in older.derived().map_err(|why| wrong(&why))? {
        edits.insert(one(kind, &record.stored).map_err(|why| wrong(&why))?);
        if edits.puts.len() >= AT_ONCE {
            commit(store, std::mem::take(&mut edits)).map_err(|why| wrong(&why))?;
        }
    }
    commit(store, edits).map_err(|why| wrong(&why))?;
    Ok(head)
}

fn commit(store: &SledStore, edits: Edits) -> Result<(), String> {
    if edits.is_empty() {
        return Ok(());
    }
    let done = futures::executor::block_on(store.txn(edits));
    done.map(drop).map_err(|error| format!("up to here: {error}"))
}

fn first(text: &str) -> Result<ExportHead, String> {
    let said: Value = serde_json::from_str(text).map_err(|_| "it is no line of JSON".to_owned())?;
    let number = |key: &str| said.get(key).and_then(Value::as_u64);
    if number("nebulalinks_export").is_some_and(|form| form > u64::from(FORM)) {
        return Err("a newer program made this export: import it with that".to_owned());
    }
    let takes = |schema: &u64| (1..=u64::from(SCHEMA_VERSION)).contains(schema);
    if let Some(schema) = number("schema").filter(|schema| !takes(schema)) {
        return Err(format!(
            "its records have schema version {schema}, and this program takes up to {SCHEMA_VERSION}: import \
             it with a program of the version that made it, and start this one on that store then"
        ));
    }
    let head: ExportHead = serde_json::from_value(said)
        .map_err(|_| "it is not the first line of an export".to_owned())?;
    if !head.secrets {
        return Err(
            "it has no credentials: only an export made with --with-secrets is a shop".into()
        );
    }
    Ok(head)
}

fn one(kind: &str, record: &Value) -> Result<Record, String> {
    let kind = Kind::ALL.iter().copied().find(|known| known.tree() == kind);
    let kind = kind.ok_or_else(|| "there is no such kind of record".to_owned())?;
    let json = serde_json::to_vec(record).map_err(|error| error.to_string())?;
    Record::from_json(kind, &json).map_err(|error| error.to_string())
}
