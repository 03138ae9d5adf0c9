//! The language that somebody reads, by the tag that their front told: `ar`, `pt-BR`.

use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The longest tag that is kept, in characters: Discord's longest is `es-419`.
const MOST: usize = 6;

/// A language tag of 2 to 6 characters. Kept in place, since every order and account has one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language([u8; MOST]);

/// The languages that somebody reads, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reads {
    /// The one they chose.
    pub chosen: Option<Language>,
    /// The one that their front told.
    pub told: Option<Language>,
}

/// It is no language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no language tag such as en, ar or pt-BR")]
pub struct NoLanguage;

impl Language {
    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|b| *b == 0).unwrap_or(MOST);
        self.0.get(..end).and_then(|tag| std::str::from_utf8(tag).ok()).unwrap_or_default()
    }
}

/// What a language tag is a kind of: `pt` of `pt-BR`, and of `pt` itself.
#[must_use]
pub fn base_language(tag: &str) -> &str {
    tag.split_once('-').map_or(tag, |(base, _)| base)
}

impl FromStr for Language {
    type Err = NoLanguage;
    /// A longer tag is kept as what it is a kind of.
    fn from_str(tag: &str) -> Result<Self, NoLanguage> {
        let tag = if tag.len() > MOST { base_language(tag) } else { tag };
        let fits = (2..=MOST).contains(&tag.len())
            && base_language(tag).bytes().all(|b| b.is_ascii_alphabetic())
            && base_language(tag).len() >= 2
            && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !fits {
            return Err(NoLanguage);
        }
        let mut bytes = [0; MOST];
        bytes.iter_mut().zip(tag.bytes()).for_each(|(to, from)| *to = from);
        Ok(Self(bytes))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({self})")
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Tag;
        impl Visitor<'_> for Tag {
            type Value = Language;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a language tag")
            }
            fn visit_str<E: serde::de::Error>(self, tag: &str) -> Result<Language, E> {
                tag.parse().map_err(E::custom)
            }
        }
        from.deserialize_str(Tag).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_kept_as_it_was_told_and_what_is_none_is_refused() {
        for tag in ["en", "ar", "pt-BR", "es-419", "fil"] {
            let language: Language = tag.parse().unwrap();
            assert_eq!(language.as_str(), tag);
            let json = serde_json::to_string(&language).unwrap();
            assert_eq!(json, format!("\"{tag}\""));
            assert_eq!(serde_json::from_str::<Language>(&json).unwrap(), language);
        }
        assert_eq!("zh-Hant-TW".parse::<Language>().unwrap().as_str(), "zh");
        for none in ["", "e", "-BR", "1234", "русски", "englisch", "e-US", "en us"] {
            assert_eq!(none.parse::<Language>(), Err(NoLanguage), "{none}");
        }
        assert_eq!(std::mem::size_of::<Option<Language>>(), 7);
    }
}
