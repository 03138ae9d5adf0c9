//! Settings whose shape is fixed and whose effect is not built yet. They are accepted, so that files
//! need not change later, and `check` says that they have no effect. A setting leaves this list
//! with the code that reads it; a test checks that each of the others has a reader.

use super::DesiredFile;
use super::draft::{Draft, Entry};
use super::findings::Findings;

/// A setting, or one word of it, that is accepted and has no effect yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotBuilt {
    /// The type's field or variant, such as `Retention.proofs`.
    pub item: &'static str,
    /// The file it stands in.
    pub file: DesiredFile,
    /// Where in an entry of the file, such as `orders.space`.
    pub part: &'static str,
    /// The only word without effect; `None` when no value has any.
    pub word: Option<&'static str>,
    /// What happens instead.
    pub instead: &'static str,
}

const fn setting(
    item: &'static str,
    file: DesiredFile,
    part: &'static str,
    word: Option<&'static str>,
    instead: &'static str,
) -> NotBuilt {
    NotBuilt { item, file, part, word, instead }
}

use DesiredFile::{Promos, Servers, Shop};

/// All of them.
#[rustfmt::skip]
pub const NOT_BUILT: &[NotBuilt] = &[
    setting("OrderSettings.space", Shop, "orders.space", Some("channel"), "each order gets a \
        private thread"),
];

/// Warns of each that the files use.
pub(super) fn warn(draft: &Draft, findings: &mut Findings<'_>) {
    for setting in NOT_BUILT {
        match setting.file {
            Shop => draft.shop.iter().for_each(|entry| one(setting, entry, findings)),
            Servers => draft.servers.entries.iter().for_each(|entry| one(setting, entry, findings)),
            DesiredFile::Plans => {
                draft.plans.entries.iter().for_each(|entry| one(setting, entry, findings));
            }
            DesiredFile::Payments => {
                draft.methods.entries.iter().for_each(|entry| one(setting, entry, findings));
            }
            Promos => draft.promos.entries.iter().for_each(|entry| one(setting, entry, findings)),
        }
    }
}

fn one<T>(setting: &NotBuilt, entry: &Entry<T>, findings: &mut Findings<'_>) {
    let Some((at, written)) = entry.given(setting.part) else { return };
    let message = match setting.word {
        Some(word) if written == Some(word) => {
            format!("`{}: {word}` is not built yet: {}", setting.part, setting.instead)
        }
        Some(_) => return,
        None => {
            let part = setting.part.trim_end_matches(|c: char| c == '.' || c.is_ascii_digit());
            format!("`{part}` is not built yet: {}", setting.instead)
        }
    };
    let help = "it is accepted, so that the file need not change later, and has no effect now";
    findings.warn(setting.file, at, message, help);
}
