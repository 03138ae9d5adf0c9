//! A list that somebody of the staff takes with them.

use super::{Draft, Pages};
use crate::view::{Accent, Attachment, ExportAsked, ExportFailure, Exported, FileSource, Message};

/// Bytes of a MiB.
const MIB: u64 = 1 << 20;

impl Pages<'_> {
    /// The file, or why there is none and which command writes it.
    #[must_use]
    pub fn export(&self, asked: &ExportAsked, came: &Result<Exported, ExportFailure>) -> Message {
        let t = &self.texts;
        let no =
            |accent, why| Draft::new(accent).text(why).text(t.export_command(asked.words())).done();
        match came {
            Ok(Exported { rows, content }) => {
                let name = asked.file_name();
                let source = FileSource::Bytes(content.clone());
                Draft::new(Accent::Good)
                    .text(t.export_done(name.clone(), *rows))
                    .text(t.export_private())
                    .file(Attachment { name, source })
                    .done()
            }
            Err(ExportFailure::TooLarge) => {
                no(Accent::Neutral, t.export_too_large(self.front.file_bytes / MIB))
            }
            Err(ExportFailure::Failed) => no(Accent::Bad, t.export_failed()),
        }
    }

    /// To whom a word or a day of theirs is none.
    #[must_use]
    pub fn export_not_understood(&self) -> Message {
        Message::text(Accent::Bad, self.texts.export_not_understood())
    }
}
