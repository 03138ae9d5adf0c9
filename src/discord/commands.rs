//! The commands, and their registration: one overwrite for the shop's server, and only when the
//! definitions changed since they were last sent.

mod admin;
mod described;

use super::shared::Shared;
use crate::catalog::Catalog;
use crate::ports::ChatError;
use crate::view::Texts;
use described::{Languages, Say};
use serde_json::{Value, json};
use serenity::http::{LightMethod, Route};
use serenity::model::id::{ApplicationId, GuildId};
use sha2::{Digest, Sha256};

/// The commands' definitions.
fn definitions(catalog: &Catalog) -> Value {
    let all = Languages::of(catalog);
    let pay = json!([
        all.option(11, "proof", Texts::command_pay_proof, true),
        all.typed("order", Texts::command_pay_order, false),
        all.option(3, "number", Texts::command_pay_number, false),
    ]);
    let admin = admin::options(&all);
    let command = |name: &str, say: Say, contexts: Value, options: Value| {
        all.named(name, say, json!({"type": 1, "contexts": contexts, "options": options}))
    };
    json!([
        command("pay", Texts::command_pay, json!([0, 1]), pay),
        command("admin", Texts::command_admin, json!([0]), admin),
        all.on_a_message(Texts::command_use_as_proof),
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
    let hash = hash(guild, &body);
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

fn hash(guild: u64, body: &Value) -> String {
    format!("{guild}:{:x?}", Sha256::digest(body.to_string()))
}

/// Whether Discord took the definitions as they are now.
pub(super) fn are_known(shared: &Shared) -> bool {
    let catalog = shared.catalog.borrow().clone();
    shared.commands.is(&hash(catalog.shop.guild, &definitions(&catalog)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::WRITTEN;
    use crate::view::sample::catalog;
    use serde_json::Map;

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
        assert_eq!(found.len(), 64);
        for (text, others) in found {
            let others = others.unwrap();
            assert_eq!(others.keys().collect::<Vec<_>>(), ["ar", "ru"]);
            for text in others.values().chain([text]).map(|t| t.as_str().unwrap()) {
                assert!((1..=100).contains(&text.chars().count()), "{text}");
            }
        }
    }

    #[test]
    fn the_command_on_a_message_is_called_in_each_language_as_discord_takes_it() {
        let mut catalog = catalog();
        catalog.shop.languages = WRITTEN.iter().map(|l| (*l).to_owned()).collect();
        let all = definitions(&catalog);
        let on_a_message = all.as_array().unwrap().iter().find(|c| c["type"] == 3).unwrap();
        assert!(on_a_message.get("description").is_none());
        let names = on_a_message["name_localizations"].as_object().unwrap();
        assert_eq!(names.keys().collect::<Vec<_>>(), ["ar", "ru"]);
        for name in names.values().chain([&on_a_message["name"]]) {
            let length = name.as_str().unwrap().chars().count();
            assert!((1..=32).contains(&length), "{name}");
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
