//! What an edit of the files would do here: asked with the texts of the files, answered from a snapshot, and
//! nothing is changed. The walk over all accounts runs beside the loop.

use super::sources::Admin;
use crate::catalog::{Commit, DesiredFile, Files, Problem, Problems, Source};
use crate::diff::{CatalogDiff, Refused, judge};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// The most bytes of a question: four files on each side, and what JSON adds to them.
pub(super) const MOST_BYTES: usize = 20 << 20;

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiffQuestion {
    /// The files to compare with; those in force where it is left out.
    pub before: Option<Texts>,
    /// The edited files.
    pub after: Texts,
}

/// The four files as texts.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Each file by its name; one that is left out is missing.
    pub files: BTreeMap<String, String>,
    /// The commit they come from.
    pub commit: Option<Commit>,
}

/// What is answered: a diff, or why the files would be refused.
#[derive(Debug, Serialize, Deserialize)]
pub struct DiffAnswer {
    /// What the edit would do; `None` when the files are refused.
    pub diff: Option<CatalogDiff>,
    /// Why the files are refused.
    pub problems: Vec<Problem>,
    /// Whether it is those to compare with that are refused.
    #[serde(default)]
    pub refused_before: bool,
    /// What of the files has no effect.
    pub warnings: Vec<Problem>,
}

impl From<&Files> for Texts {
    fn from(files: &Files) -> Self {
        let text = |file: DesiredFile| match files.get(file) {
            Source::Text(text) => Some((file.name().to_owned(), text.clone())),
            _ => None,
        };
        let texts = DesiredFile::ALL.into_iter().filter_map(text).collect();
        Self { files: texts, commit: files.commit.clone() }
    }
}

impl Texts {
    fn into_files(mut self) -> Files {
        let mut files = Files { commit: self.commit, ..Files::default() };
        for file in DesiredFile::ALL {
            if let Some(text) = self.files.remove(file.name()) {
                files.set(file, Source::from_bytes(text.into_bytes()));
            }
        }
        files
    }
}

impl DiffAnswer {
    /// From what was found.
    #[must_use]
    pub fn of(found: Result<(CatalogDiff, Option<Problems>), Refused>) -> Self {
        let list = |problems: Option<Problems>| {
            problems.iter().flat_map(Problems::iter).cloned().collect::<Vec<_>>()
        };
        let (diff, problems, warnings, refused_before) = match found {
            Ok((diff, warnings)) => (Some(diff), None, warnings, false),
            Err(Refused::After(problems)) => (None, Some(problems), None, false),
            Err(Refused::Before(problems)) => (None, Some(problems), None, true),
        };
        Self { diff, problems: list(problems), warnings: list(warnings), refused_before }
    }
}

/// Answers with 200 in either case: files that are refused are an answer.
pub(super) async fn answer(
    State(admin): State<Admin>,
    Json(DiffQuestion { before, after }): Json<DiffQuestion>,
) -> Response {
    let (snapshot, in_force) = (admin.store.snapshot(), (admin.in_force)());
    let now = admin.time.reading().now;
    let compare = move || {
        let (before, after) = (before.map(Texts::into_files), after.into_files());
        DiffAnswer::of(judge(&snapshot, &in_force, before.as_ref(), &after, now))
    };
    match tokio::task::spawn_blocking(compare).await {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => {
            let why = json!({ "error": format!("the comparison ended early: {error}") });
            (StatusCode::INTERNAL_SERVER_ERROR, Json(why)).into_response()
        }
    }
}
