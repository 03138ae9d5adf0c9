//! The operators' folder of YAML files, and what the process keeps of it beside its store: both in
//! memory, read by the shipped reader and under the shipped rule of what is in force.

use super::monitors::Monitors;
use super::mutation::Mutation;
use super::process::Process;
use nebulalinks::catalog::{Catalog, DesiredFile, Files, Options, Source, load};
use nebulalinks::controller::publish_with_retained;
use nebulalinks::ports::{Clock as _, Store};
use nebulalinks::watch::{InForce, KeepsLastGood};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How often the files are read.
const POLL: Duration = Duration::from_secs(5);

/// What an edit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    /// It must be taken up.
    Good,
    /// It must change nothing.
    Bad,
    /// A cut may leave less that is valid.
    Either,
}

/// What catalogs are like here, whatever the files say of lengths and addresses.
pub(super) type Adjust = Box<dyn Fn(Catalog) -> Catalog + Send + Sync>;

/// The folder and the state folder; both outlive every process.
pub(super) struct Folder {
    files: Mutex<Files>,
    kept: Mutex<Vec<Files>>,
    /// The revision that must be in force.
    expected: Mutex<Catalog>,
    adjust: Adjust,
    mutation: Mutation,
}

impl Folder {
    pub(super) fn new(files: Files, adjust: Adjust, mutation: Mutation) -> Self {
        let expected = Mutex::new(load(&files, &Options::default()).unwrap());
        Self { files: Mutex::new(files), kept: Mutex::default(), expected, adjust, mutation }
    }

    pub(super) fn text(&self, file: DesiredFile) -> String {
        match self.files.lock().unwrap().get(file) {
            Source::Text(text) => text.clone(),
            other => panic!("{} is {other:?}", file.name()),
        }
    }

    pub(super) fn files(&self) -> Files {
        self.files.lock().unwrap().clone()
    }

    /// Somebody edits the files.
    pub(super) fn edit(&self, files: Files, edit: Edit) {
        let mut expected = self.expected.lock().unwrap();
        let previous = expected.clone();
        let judged = load(&files, &Options { previous: Some(&previous), keys: None });
        match (edit, judged) {
            (Edit::Good, judged) => *expected = judged.unwrap(),
            (Edit::Either, Ok(catalog)) => *expected = catalog,
            (Edit::Bad, _) | (Edit::Either, Err(_)) => {}
        }
        *self.files.lock().unwrap() = files;
    }

    /// The files as a process sees them while it lives, with what is retained.
    pub(super) async fn follow(
        self: &Arc<Self>,
        process: &Arc<Process>,
        store: Arc<dyn Store>,
        monitors: &Arc<Monitors>,
    ) -> watch::Receiver<Arc<Catalog>> {
        let kept = Box::new(Kept(Arc::clone(self)));
        let now = Arc::clone(process);
        let now = Arc::new(move || now.now().0);
        let started = InForce::start(kept, &self.files(), "the folder".to_owned(), now);
        let in_force = started.inspect_err(|problems| {
            let what = format!("a process cannot start: {problems}");
            monitors.breach("P10", &what);
        });
        let history = in_force.as_ref().map(InForce::history).unwrap_or_default();
        let history = history.iter().map(|c| Arc::new((self.adjust)((**c).clone()))).collect();
        let (seen, files) = watch::channel(Arc::new(self.expected.lock().unwrap().clone()));
        self.publish(in_force.as_ref().ok(), &seen, monitors);
        let (folder, alive) = (Arc::clone(self), Arc::clone(process));
        let watched = Arc::clone(monitors);
        tokio::spawn(async move {
            while alive.is_alive() {
                tokio::time::sleep(POLL).await;
                if let Ok(in_force) = &in_force {
                    in_force.take(&folder.files());
                }
                folder.publish(in_force.as_ref().ok(), &seen, &watched);
            }
        });
        let stop = CancellationToken::new();
        publish_with_retained(files, history, store, process.clone(), stop).await.unwrap()
    }

    /// P10: what is in force is the last good revision, at each reading.
    fn publish(
        &self,
        in_force: Option<&InForce>,
        seen: &watch::Sender<Arc<Catalog>>,
        monitors: &Monitors,
    ) {
        let expected = self.expected.lock().unwrap().clone();
        let mut catalog =
            in_force.map_or_else(|| expected.clone(), |i| (**i.catalog().borrow()).clone());
        let empty =
            |file: &DesiredFile| matches!(self.files().get(*file), Source::Text(t) if t.is_empty());
        if self.mutation == Mutation::EmptyIsAnEmptyList && DesiredFile::ALL.iter().any(empty) {
            "empty".clone_into(&mut catalog.revision);
            catalog.servers.clear();
        }
        if catalog.revision != expected.revision {
            let what = format!("{} is in force, not {}", catalog.revision, expected.revision);
            monitors.breach("P10", &what);
        }
        seen.send_if_modified(|now| {
            let next = (self.adjust)(catalog);
            let differs = **now != next;
            *now = Arc::new(next);
            differs
        });
    }
}

/// The state folder.
struct Kept(Arc<Folder>);

impl KeepsLastGood for Kept {
    fn read(&self) -> Vec<Files> {
        if self.0.mutation == Mutation::ForgetsTheLastGood {
            return Vec::new();
        }
        self.0.kept.lock().unwrap().clone()
    }

    fn write(&self, files: &Files) -> io::Result<()> {
        let mut kept = self.0.kept.lock().unwrap();
        kept.retain(|known| known != files);
        kept.insert(0, files.clone());
        kept.truncate(20);
        Ok(())
    }
}
