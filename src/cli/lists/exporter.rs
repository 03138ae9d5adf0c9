//! The same lists for staff who ask for them elsewhere, written within the process.

use super::writing::{Writing, zone_path};
use crate::admin::Admin;
use crate::model::{Actor, Audit, Edits, Identity, Outcome};
use crate::ports::Exports;
use crate::view::{ExportAsked, ExportFailure, Exported};
use async_trait::async_trait;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a list may take, waiting for others included: whoever asked gets an answer within 14 minutes.
const WITHIN: Duration = Duration::from_secs(10 * 60);

/// Writes lists of what these pages tell, one at a time.
pub(crate) struct Exporter {
    admin: Admin,
    turn: Semaphore,
}

#[async_trait]
impl Exports for Exporter {
    async fn export(
        &self,
        asked: &ExportAsked,
        by: Identity,
        most: usize,
    ) -> Result<Exported, ExportFailure> {
        let written = async {
            let _turn = self.turn.acquire().await;
            self.write(asked, most).await
        };
        // What takes so long is too large to be given here.
        let content = tokio::time::timeout(WITHIN, written).await;
        let content = content.unwrap_or(Err(ExportFailure::TooLarge))?;
        self.note(asked, by).await?;
        Ok(content)
    }
}

/// Why it failed is for the log: who asked can do nothing about it.
fn failed(why: &str) -> ExportFailure {
    tracing::error!(why, "a list could not be written for somebody of the staff");
    ExportFailure::Failed
}

impl Exporter {
    pub(crate) const fn new(admin: Admin) -> Self {
        Self { admin, turn: Semaphore::const_new(1) }
    }

    async fn write(&self, asked: &ExportAsked, most: usize) -> Result<Exported, ExportFailure> {
        let ask = async |path: &str| self.admin.ask(path).await.map_err(|why| failed(&why));
        let zone = ask(&zone_path()).await?;
        let now = self.admin.time.reading().now;
        let mut writing = Writing::begin(asked, &zone, now).map_err(|why| failed(&why))?;
        let mut content = writing.head().into_bytes();
        while let Some(path) = writing.next_path() {
            let page = writing.take(&ask(&path).await?).map_err(|why| failed(&why))?;
            if content.len().saturating_add(page.len()) > most {
                return Err(ExportFailure::TooLarge);
            }
            content.extend_from_slice(page.as_bytes());
        }
        content.extend_from_slice(writing.tail().as_bytes());
        if content.len() > most {
            return Err(ExportFailure::TooLarge);
        }
        Ok(Exported { rows: writing.rows(), content })
    }

    /// Writes down who was given what.
    async fn note(&self, asked: &ExportAsked, by: Identity) -> Result<(), ExportFailure> {
        let (at, page) = (self.admin.time.reading().now, (self.admin.catalog)());
        let mut edits = Edits::new();
        edits.insert(Audit {
            id: self.admin.entropy.ulid(at),
            actor: Actor::Person(by),
            verb: "export".to_owned(),
            subject: asked.kind.name().to_owned(),
            outcome: Outcome::Done,
            of: None,
            reason: Some(asked.file_name()),
            catalog: page.revision,
            commit: page.commit,
            at,
        });
        self.admin.store.txn(edits).await.map(|_| ()).map_err(|error| failed(&error.to_string()))
    }
}

#[cfg(test)]
mod tests;
