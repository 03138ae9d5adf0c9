//! What commands and their options are described by, in each language.

use crate::catalog::Catalog;
use crate::view::Texts;
use serde_json::{Map, Value, json};

/// The languages that Discord can be set to.
const LOCALES: [&str; 34] = [
    "ar", "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "he",
    "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru", "sv-SE",
    "th", "tr", "uk", "vi", "zh-CN", "zh-TW",
];

/// Which text.
pub(super) type Say = fn(&Texts) -> String;

/// What the descriptions are written in: the shop's default language, and for each of Discord's
/// languages the shop's that its readers get, where that is another.
pub(super) struct Languages {
    default: Texts,
    others: Vec<(&'static str, Texts)>,
}

impl Languages {
    pub(super) fn of(catalog: &Catalog) -> Self {
        let default = catalog.default_language();
        let own = |locale: &&str| catalog.language_for(locale.parse().ok());
        let others = LOCALES.into_iter().filter(|locale| own(locale) != default);
        Self {
            default: Texts::of(default, default),
            others: others.map(|locale| (locale, Texts::of(own(&locale), default))).collect(),
        }
    }

    /// A command or option of this name and description. Names stay as they are: texts call them by
    /// it.
    pub(super) fn named(&self, name: &str, say: Say, more: Value) -> Value {
        let mut all = json!({"name": name, "description": say(&self.default)});
        let others: Map<String, Value> =
            self.others.iter().map(|(to, texts)| ((*to).to_owned(), say(texts).into())).collect();
        if let (Some(fields), Value::Object(more)) = (all.as_object_mut(), more) {
            fields.extend(more);
            if !others.is_empty() {
                fields.insert("description_localizations".to_owned(), others.into());
            }
        }
        all
    }

    /// A command on messages. It has no description: its name is what people read.
    pub(super) fn on_a_message(&self, say: Say) -> Value {
        let mut all = json!({"type": 3, "name": say(&self.default), "contexts": [0, 1]});
        let others: Map<String, Value> =
            self.others.iter().map(|(to, texts)| ((*to).to_owned(), say(texts).into())).collect();
        if let (Some(fields), false) = (all.as_object_mut(), others.is_empty()) {
            fields.insert("name_localizations".to_owned(), others.into());
        }
        all
    }

    pub(super) fn option(&self, kind: u8, name: &str, say: Say, required: bool) -> Value {
        self.named(name, say, json!({"type": kind, "required": required}))
    }

    /// A text for which there are choices while it is typed.
    pub(super) fn typed(&self, name: &str, say: Say, required: bool) -> Value {
        self.named(name, say, json!({"type": 3, "required": required, "autocomplete": true}))
    }

    pub(super) fn sub(&self, name: &str, say: Say, options: &[Value]) -> Value {
        self.named(name, say, json!({"type": 1, "options": options}))
    }

    pub(super) fn group(&self, name: &str, say: Say, subs: &[Value]) -> Value {
        self.named(name, say, json!({"type": 2, "options": subs}))
    }
}
