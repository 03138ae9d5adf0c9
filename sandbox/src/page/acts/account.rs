//! A closer look at one account.

use super::super::refused::Refused;
use super::super::world::World;
use serde::Deserialize;
use serde_json::Value;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(tag = "act")]
pub(in crate::page) enum Act {
    /// All that `nebulalinks describe account <id>` says.
    #[serde(rename = "account.show")]
    Show { id: String },
}

/// Asks the controller.
pub(in crate::page) async fn act(world: &World, asked: Act) -> Result<Value, Refused> {
    let Act::Show { id } = asked;
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Refused::because(format!("{id} is no account")));
    }
    let said = world.beside().ask(&format!("/v1/accounts/{id}")).await;
    said.ok_or_else(|| Refused::because("the controller does not answer, or knows no such account"))
}
