//! Whom a message mentions: by what stands in it, and by what its sender allows.

use super::Discord;
use super::records::Mentions;
use crate::components::walk;
use crate::error::ApiError;
use crate::json::text_of;
use serde_json::Value;
use std::collections::BTreeSet;

/// What `allowed_mentions` lets through of one kind: all that stand there, or these.
enum Allows {
    All,
    These(BTreeSet<u64>),
}

impl Allows {
    fn lets(&self, id: u64) -> bool {
        match self {
            Self::All => true,
            Self::These(ids) => ids.contains(&id),
        }
    }
}

impl Discord {
    /// Whom text and components mention. Without `allowed_mentions` everybody who is named there is.
    pub(crate) fn mentions(
        &self,
        content: &str,
        components: &[Value],
        allowed: Option<&Value>,
    ) -> Result<Mentions, ApiError> {
        let allowed = allowed.filter(|allowed| !allowed.is_null());
        let (users, roles) = (allows(allowed, "users")?, allows(allowed, "roles")?);
        let mut texts = vec![content];
        texts.extend(walk(components).into_iter().map(|component| text_of(component, "content")));
        let named = |mention: String| texts.iter().any(|text| text.contains(&mention));
        let everyone = ["@everyone", "@here"].map(str::to_owned).into_iter().any(named);
        let is_named = |id: u64| named(format!("<@{id}>")) || named(format!("<@!{id}>"));
        let of_roles = self.layout.roles().into_iter().map(|(id, _)| id);
        Ok(Mentions {
            users: self
                .users
                .keys()
                .copied()
                .filter(|id| users.lets(*id) && is_named(*id))
                .collect(),
            roles: of_roles.filter(|id| roles.lets(*id) && named(format!("<@&{id}>"))).collect(),
            everyone: everyone && allowed.is_none_or(|allowed| parses(allowed, "everyone")),
        })
    }
}

fn parses(allowed: &Value, kind: &str) -> bool {
    let parse = allowed.get("parse").and_then(Value::as_array);
    parse.into_iter().flatten().any(|word| word.as_str() == Some(kind))
}

fn allows(allowed: Option<&Value>, kind: &str) -> Result<Allows, ApiError> {
    let Some(allowed) = allowed else { return Ok(Allows::All) };
    let ids = allowed.get(kind).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !parses(allowed, kind) {
        let ids = ids.iter().filter_map(|id| id.as_str()?.parse().ok());
        return Ok(Allows::These(ids.collect()));
    }
    if ids.is_empty() {
        return Ok(Allows::All);
    }
    let words = format!("parse:[\"{kind}\"] and {kind}: [ids...] are mutually exclusive.");
    Err(ApiError::form("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", &words))
}
