//! Which language a reader gets, and which languages the bot itself can speak.

use super::DesiredFile;
use super::draft::Draft;
use super::findings::Findings;
use super::types::Catalog;
use crate::model::{Language, Reads, base_language};

/// The languages that the bot's own texts are written in; one file of `core/src/view/texts/` each.
pub const WRITTEN: &[&str] = &["en", "ar", "ru"];

/// The language of [`WRITTEN`] for a language of the shop: itself, or what it is a kind of.
#[must_use]
pub fn written(language: &str) -> Option<&'static str> {
    best(WRITTEN.iter().copied(), language)
}

/// The tag that is this language, or else what it is a kind of.
fn best<'k>(known: impl Iterator<Item = &'k str> + Clone, language: &str) -> Option<&'k str> {
    let named = |tag: &str| known.clone().find(|known| known.eq_ignore_ascii_case(tag));
    named(language).or_else(|| named(base_language(language)))
}

impl Catalog {
    /// Of what somebody reads, the one that counts: what they chose, while the shop has it.
    #[must_use]
    pub fn language_read(&self, reads: Reads) -> Option<Language> {
        let own = || self.shop.languages.iter().map(String::as_str);
        reads.chosen.filter(|chosen| best(own(), chosen.as_str()).is_some()).or(reads.told)
    }

    /// The shop's language for a reader: their own, what it is a kind of (`pt` of `pt-BR`), or the
    /// shop's default. A language that is not in the shop's list is never taken.
    #[must_use]
    pub fn language_for(&self, reader: Option<Language>) -> &str {
        let own = self.shop.languages.iter().map(String::as_str);
        reader.and_then(|r| best(own, r.as_str())).unwrap_or_else(|| self.default_language())
    }
}

/// Warns of each language of the shop that the bot cannot speak.
pub(super) fn warn(draft: &Draft, findings: &mut Findings<'_>) {
    let Some(shop) = &draft.shop else { return };
    let languages = &shop.value.languages;
    let instead = languages.first().and_then(|default| written(default)).unwrap_or("en");
    for (n, language) in languages.iter().enumerate().filter(|(_, l)| written(l).is_none()) {
        let message = format!(
            "the bot has no texts in `{language}`: whoever speaks it reads your own texts in \
             `{language}`, and the bot's in `{instead}`"
        );
        let help = format!("there are texts in: {}", WRITTEN.join(", "));
        findings.warn(DesiredFile::Shop, shop.place(&format!("languages.{n}")), message, help);
    }
}

#[cfg(test)]
#[cfg(feature = "sample")]
mod tests {
    use super::*;
    use crate::view::sample::catalog;

    #[test]
    fn a_reader_gets_their_language_its_base_or_the_shops_and_never_another() {
        let mut shop = catalog();
        for (languages, reader, gets) in [
            (&["en", "ar", "ru"][..], "ru", "ru"),
            (&["en", "ar", "ru"], "en-GB", "en"),
            (&["ar", "en"], "en-US", "en"),
            (&["ar", "en"], "ru", "ar"),
            (&["en", "pt"], "pt-BR", "pt"),
            (&["en", "pt-BR", "pt"], "pt-BR", "pt-BR"),
            (&["ru"], "ar", "ru"),
        ] {
            shop.shop.languages = languages.iter().map(|l| (*l).to_owned()).collect();
            assert_eq!(shop.language_for(reader.parse().ok()), gets, "{languages:?} {reader}");
            assert_eq!(shop.language_for(None), languages[0]);
        }
        assert_eq!(
            [written("ru"), written("ar-EG"), written("pt")],
            [Some("ru"), Some("ar"), None]
        );
    }
}
