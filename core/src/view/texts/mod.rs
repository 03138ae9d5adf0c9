//! Every text that people read, in one place: `texts/<language>.ftl`, one function per text.
//!
//! The functions' names and arguments are checked against the files by a test, so a text that is
//! missing, or wants an argument nobody gives, never reaches a release.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::{Arc, LazyLock};
use unic_langid::LanguageIdentifier;

const EN: &str = include_str!("en.ftl");

static ENGLISH: LazyLock<Texts> = LazyLock::new(|| Texts::load(EN));

/// The texts of one language.
#[derive(Clone)]
pub struct Texts {
    bundle: Arc<FluentBundle<FluentResource>>,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Texts")
    }
}

impl Texts {
    /// The texts of a language; English where there is no translation.
    #[must_use]
    pub fn of(_language: &str) -> Self {
        ENGLISH.clone()
    }

    fn load(source: &str) -> Self {
        let language: LanguageIdentifier = "en".parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Isolation marks would end up inside links and code blocks.
        bundle.set_use_isolating(false);
        // A broken line loses that text only, and the test below names it.
        let resource =
            FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
        bundle.add_resource_overriding(resource);
        Self { bundle: Arc::new(bundle) }
    }

    fn say(&self, key: &'static str, args: &FluentArgs<'_>) -> String {
        let pattern = self.bundle.get_message(key).and_then(|m| m.value());
        let mut errors = Vec::new();
        pattern.map_or_else(
            || key.to_owned(),
            |p| self.bundle.format_pattern(p, Some(args), &mut errors).into_owned(),
        )
    }
}

macro_rules! texts {
    ($( $name:ident($($arg:ident),*) = $key:literal; )*) => {
        impl Texts {
            $(
                #[allow(clippy::too_many_arguments, reason = "one for each blank in the text")]
                #[doc = concat!("The text `", $key, "`.")]
                pub fn $name(&self $(, $arg: impl Into<FluentValue<'static>>)*) -> String {
                    #[allow(unused_mut)]
                    let mut args = FluentArgs::new();
                    $( args.set(stringify!($arg), $arg); )*
                    self.say($key, &args)
                }
            )*
        }
        /// Each text's key and the arguments it is given.
        #[cfg(test)]
        const TABLE: &[(&str, &[&str])] = &[$( ($key, &[$(stringify!($arg)),*]), )*];
    };
}

include!("table.rs");

#[cfg(test)]
mod tests {
    use super::{EN, TABLE};
    use std::collections::{BTreeMap, BTreeSet};

    /// Key → variables, read from the file's own text: a key at the margin, variables below it.
    fn in_file() -> BTreeMap<String, BTreeSet<String>> {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut key = String::new();
        for line in EN.lines().filter(|l| !l.starts_with('#')) {
            if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
                key = name.to_owned();
                assert!(found.insert(key.clone(), BTreeSet::new()).is_none(), "{key} twice");
            }
            for part in line.split('$').skip(1) {
                let name: String =
                    part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                found.get_mut(&key).unwrap().insert(name);
            }
        }
        found
    }

    #[test]
    fn the_file_reads_without_an_error() {
        let read = fluent_bundle::FluentResource::try_new(EN.to_owned());
        assert!(read.is_ok(), "{:?}", read.err().map(|(_, errors)| errors));
    }

    #[test]
    fn every_text_is_there_and_gets_exactly_the_arguments_it_names() {
        let file = in_file();
        let table: BTreeMap<String, BTreeSet<String>> = TABLE
            .iter()
            .map(|(k, args)| ((*k).to_owned(), args.iter().map(|a| (*a).to_owned()).collect()))
            .collect();
        assert_eq!(file, table);
    }
}
