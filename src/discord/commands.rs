//! The commands, and their registration: one overwrite for the shop's server, and only when the
//! definitions changed since they were last sent.

use super::shared::Shared;
use crate::catalog::Catalog;
use crate::ports::ChatError;
use crate::view::Texts;
use serde_json::{Map, Value, json};
use serenity::http::{LightMethod, Route};
use serenity::model::id::{ApplicationId, GuildId};
use sha2::{Digest, Sha256};

/// The languages that Discord can be set to.
const LOCALES: [&str; 34] = [
    "ar", "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "he",
    "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru", "sv-SE",
    "th", "tr", "uk", "vi", "zh-CN", "zh-TW",
];

/// Which text.
type Say = fn(&Texts) -> String;

/// What the descriptions are written in: the shop's default language, and for each of Discord's
/// languages the shop's that its readers get, where that is another.
struct Languages {
    default: Texts,
    others: Vec<(&'static str, Texts)>,
}

impl Languages {
    fn of(catalog: &Catalog) -> Self {
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
    fn named(&self, name: &str, say: Say, more: Value) -> Value {
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
}

/// The commands' definitions.
fn definitions(catalog: &Catalog) -> Value {
    let all = Languages::of(catalog);
    let option = |kind: u8, name: &str, say: Say, required: bool| {
        all.named(name, say, json!({"type": kind, "required": required}))
    };
    let sub = |name: &str, say: Say, options: Value| {
        all.named(name, say, json!({"type": 1, "options": options}))
    };
    let pay = json!([
        option(11, "proof", Texts::command_pay_proof, true),
        option(3, "order", Texts::command_pay_order, false),
    ]);
    let of_an_account = json!([
        option(3, "account", Texts::command_admin_account_account, false),
        option(6, "customer", Texts::command_admin_account_customer, false),
    ]);
    let admin = json!([
        sub("pending", Texts::command_admin_pending, json!([])),
        sub("account", Texts::command_admin_account, of_an_account),
    ]);
    let command = |name: &str, say: Say, contexts: Value, options: Value| {
        all.named(name, say, json!({"type": 1, "contexts": contexts, "options": options}))
    };
    json!([
        command("pay", Texts::command_pay, json!([0, 1]), pay),
        command("admin", Texts::command_admin, json!([0]), admin),
    ])
}

/// Sends the definitions unless this very set was sent before.
pub(super) async fn register(shared: &Shared, application: u64) -> Result<(), ChatError> {
    let catalog = shared.catalog.borrow().clone();
    let guild = catalog.shop.guild;
    if [application, guild].iter().any(|id| matches!(*id, 0 | u64::MAX)) {
        return Ok(());
    }
    let body = definitions(&catalog);
    let hash = format!("{guild}:{:x?}", Sha256::digest(body.to_string()));
    if shared.commands.is(&hash) {
        return Ok(());
    }
    let route = Route::GuildCommands {
        application_id: ApplicationId::new(application),
        guild_id: GuildId::new(guild),
    };
    shared.bg.send(LightMethod::Put, route, &body, &[]).await?;
    shared.commands.keep(hash);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::WRITTEN;
    use crate::view::sample::catalog;

    /// Every description of the commands, options and subcommands, in each language.
    fn descriptions(all: &Value) -> Vec<(&Value, Option<&Map<String, Value>>)> {
        let mut left = vec![all];
        let mut found = Vec::new();
        while let Some(value) = left.pop() {
            if let Some(text) = value.get("description") {
                let others = value.get("description_localizations");
                found.push((text, others.and_then(Value::as_object)));
            }
            left.extend(value.get("options").and_then(Value::as_array).into_iter().flatten());
            left.extend(value.as_array().into_iter().flatten());
        }
        found
    }

    #[test]
    fn every_description_in_every_language_is_within_what_discord_takes() {
        let mut catalog = catalog();
        catalog.shop.languages = WRITTEN.iter().map(|l| (*l).to_owned()).collect();
        let all = definitions(&catalog);
        let found = descriptions(&all);
        assert_eq!(found.len(), 8);
        for (text, others) in found {
            let others = others.unwrap();
            assert_eq!(others.keys().collect::<Vec<_>>(), ["ar", "ru"]);
            for text in others.values().chain([text]).map(|t| t.as_str().unwrap()) {
                assert!((1..=100).contains(&text.chars().count()), "{text}");
            }
        }
    }

    #[test]
    fn a_shop_of_one_language_describes_its_commands_in_that_alone() {
        let mut catalog = catalog();
        catalog.shop.languages = vec!["ru".to_owned()];
        let all = definitions(&catalog);
        assert!(descriptions(&all).iter().all(|(_, others)| others.is_none()));
        assert_eq!(all[1]["description"], "Для сотрудников");
        catalog.shop.languages = ["ru", "en"].map(str::to_owned).to_vec();
        let all = definitions(&catalog);
        let english = &all[1]["description_localizations"];
        assert_eq!(english, &json!({"en-GB": "For staff", "en-US": "For staff"}));
    }
}
