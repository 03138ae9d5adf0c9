//! The commands, and their registration: one overwrite for the shop's server, and only when the
//! definitions changed since they were last sent.

use super::shared::Shared;
use crate::ports::ChatError;
use crate::view::Texts;
use serde_json::{Value, json};
use serenity::http::{LightMethod, Route};
use serenity::model::id::{ApplicationId, GuildId};
use sha2::{Digest, Sha256};

/// The commands' definitions.
fn definitions(t: &Texts) -> Value {
    let guild_only = json!([0]);
    let option = |kind: u8, name: &str, text: String, required: bool| json!({"type": kind, "name": name, "description": text, "required": required});
    json!([
        {"type": 1, "name": "pay", "description": t.command_pay(), "contexts": [0, 1],
         "options": [
            option(11, "proof", t.command_pay_proof(), true),
            option(3, "order", t.command_pay_order(), false),
        ]},
        {"type": 1, "name": "admin", "description": t.command_admin(), "contexts": guild_only,
         "options": [
            {"type": 1, "name": "pending", "description": t.command_admin_pending()},
            {"type": 1, "name": "account", "description": t.command_admin_account(), "options": [
                option(3, "account", t.command_admin_account_account(), false),
                option(6, "customer", t.command_admin_account_customer(), false),
            ]},
        ]},
    ])
}

/// Sends the definitions unless this very set was sent before.
pub(super) async fn register(shared: &Shared, application: u64) -> Result<(), ChatError> {
    let (guild, language) = {
        let catalog = shared.catalog.borrow();
        (catalog.shop.guild, catalog.default_language().to_owned())
    };
    if [application, guild].iter().any(|id| matches!(*id, 0 | u64::MAX)) {
        return Ok(());
    }
    let body = definitions(&Texts::of(&language));
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

    #[test]
    fn every_description_is_within_what_discord_takes() {
        let all = definitions(&Texts::of("en"));
        let mut left = vec![&all];
        let mut seen = 0;
        while let Some(value) = left.pop() {
            if let Some(text) = value.get("description").and_then(Value::as_str) {
                assert!((1..=100).contains(&text.chars().count()), "{text}");
                seen += 1;
            }
            left.extend(value.get("options").and_then(Value::as_array).into_iter().flatten());
            left.extend(value.as_array().into_iter().flatten());
        }
        assert_eq!(seen, 8);
    }
}
