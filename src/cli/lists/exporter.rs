//! The same lists for staff who ask for them elsewhere, written within the process.

use super::writing::{Writing, zone_path};
use crate::admin::Admin;
use crate::model::{Actor, Audit, Edits, Identity, Outcome};
use crate::ports::Exports;
use crate::view::{ExportAsked, ExportFailure, Exported};
use async_trait::async_trait;

/// Writes lists of what these pages tell.
pub(crate) struct Exporter(pub(crate) Admin);

#[async_trait]
impl Exports for Exporter {
    async fn export(
        &self,
        asked: &ExportAsked,
        by: Identity,
        most: usize,
    ) -> Result<Exported, ExportFailure> {
        let content = self.write(asked, most).await?;
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
    async fn write(&self, asked: &ExportAsked, most: usize) -> Result<Exported, ExportFailure> {
        let ask = async |path: &str| self.0.ask(path).await.map_err(|why| failed(&why));
        let zone = ask(&zone_path()).await?;
        let now = self.0.time.reading().now;
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
        let (at, page) = (self.0.time.reading().now, (self.0.catalog)());
        let mut edits = Edits::new();
        edits.insert(Audit {
            id: self.0.entropy.ulid(at),
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
        self.0.store.txn(edits).await.map(|_| ()).map_err(|error| failed(&error.to_string()))
    }
}

#[cfg(test)]
mod tests;
