//! Every text that people read, in one place: `texts/<language>.ftl`, one function per text.
//!
//! The functions' names and arguments are checked against the files by a test, so a text that is
//! missing, or wants an argument nobody gives, never reaches a release.

use crate::catalog::{OrderSpace, written};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::{Arc, LazyLock};
use unic_langid::LanguageIdentifier;

/// The files. A further language is a line here, its name in [`crate::catalog::WRITTEN`], and the file.
const FILES: &[(&str, &str)] = &[
    ("en", include_str!("en.ftl")),
    ("ar", include_str!("ar.ftl")),
    ("ru", include_str!("ru.ftl")),
];

/// Read once: a language costs its file's size in memory, and a page nothing.
static ALL: LazyLock<Vec<(&str, Texts)>> = LazyLock::new(|| {
    FILES.iter().map(|(language, file)| (*language, Texts::load(language, file))).collect()
});

/// Buttons that stand where everybody sees them, in the shop's default language, and what texts in any
/// language call them by: `press **{ $buy }** in the store`.
const PUBLIC: [(&str, &str); 5] = [
    ("buy", "button-buy"),
    ("my_account", "button-my-account"),
    ("support", "button-support"),
    ("approve", "button-approve"),
    ("decline", "button-decline"),
];

/// Where an order is talked about, to texts of every kind: `{ $space -> [channel] … *[thread] … }`.
const SPACE: &str = "space";

/// The texts of one language.
#[derive(Clone)]
pub struct Texts {
    bundle: Arc<FluentBundle<FluentResource>>,
    /// What the buttons of [`PUBLIC`] say.
    public: Arc<[String; PUBLIC.len()]>,
    /// Of [`SPACE`].
    space: &'static str,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Texts")
    }
}

impl Texts {
    /// The texts for readers of a language in a shop of another: in the first of the two that there
    /// are texts in, else in English.
    #[must_use]
    pub fn of(language: &str, default: &str) -> Self {
        let own = Self::find(language);
        let shops = Self::find(default).or_else(|| Self::find("en"));
        match (own, shops) {
            (Some(own), Some(shops)) => Self { public: Arc::clone(&shops.public), ..own.clone() },
            (own, shops) => own.or(shops).cloned().unwrap_or_else(|| Self::load("en", "")),
        }
    }

    /// The same for a shop whose orders are talked about there.
    #[must_use]
    pub fn in_space(self, space: OrderSpace) -> Self {
        let space = match space {
            OrderSpace::PrivateThread => "thread",
            OrderSpace::Channel => "channel",
        };
        Self { space, ..self }
    }

    fn find(language: &str) -> Option<&'static Self> {
        let written = written(language)?;
        ALL.iter().find(|(name, _)| *name == written).map(|(_, texts)| texts)
    }

    fn load(language: &str, source: &str) -> Self {
        let language: LanguageIdentifier = language.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Isolation marks would end up inside links and code blocks. Where a line of another direction
        // than its values needs help, the text puts a word between them, or each on a line of its own.
        bundle.set_use_isolating(false);
        // A broken line loses that text only, and the test below names it.
        let resource =
            FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
        bundle.add_resource_overriding(resource);
        let mut texts = Self { bundle: Arc::new(bundle), public: Arc::default(), space: "thread" };
        texts.public = Arc::new(PUBLIC.map(|(_, key)| texts.say(key, FluentArgs::new())));
        texts
    }

    fn say<'a>(&'a self, key: &'static str, mut args: FluentArgs<'a>) -> String {
        let pattern = self.bundle.get_message(key).and_then(|m| m.value());
        for ((name, _), label) in PUBLIC.iter().zip(&*self.public) {
            args.set(*name, label.as_str());
        }
        args.set(SPACE, self.space);
        let mut errors = Vec::new();
        pattern.map_or_else(
            || key.to_owned(),
            |p| self.bundle.format_pattern(p, Some(&args), &mut errors).into_owned(),
        )
    }
}

macro_rules! texts {
    ($table:ident: $( $name:ident($($arg:ident),*) = $key:literal; )*) => {
        impl Texts {
            $(
                #[allow(clippy::too_many_arguments, reason = "one for each blank in the text")]
                #[doc = concat!("The text `", $key, "`.")]
                pub fn $name(&self $(, $arg: impl Into<FluentValue<'static>>)*) -> String {
                    #[allow(unused_mut)]
                    let mut args = FluentArgs::new();
                    $( args.set(stringify!($arg), $arg); )*
                    self.say($key, args)
                }
            )*
        }
        /// Each text's key and the arguments it is given.
        #[cfg(test)]
        const $table: &[(&str, &[&str])] = &[$( ($key, &[$(stringify!($arg)),*]), )*];
    };
}

include!("table/everybody.rs");
include!("table/staff.rs");

#[cfg(test)]
mod tests;
