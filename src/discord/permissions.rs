//! What somebody may do in a channel, by Discord's rule: the roles' permissions, then the channel's overwrites
//! for everybody, for the roles, for the member.

use super::interaction::as_u64;
use crate::view::Permission;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Everything at once.
const ADMINISTRATOR: u64 = 1 << 3;

/// A role of the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) permissions: u64,
    /// Everybody may mention it.
    pub(super) mentionable: bool,
}

/// What a server says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) id: u64,
    pub(super) owner: u64,
    pub(super) roles: BTreeMap<u64, Role>,
}

/// A member of the server, by their roles beside the one that everybody has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) id: u64,
    pub(super) roles: BTreeSet<u64>,
}

/// What a channel allows and denies to a role or a member beyond that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overwrite {
    pub(super) of_member: bool,
    pub(super) id: u64,
    pub(super) allow: u64,
    pub(super) deny: u64,
}

/// A channel or thread; a thread has the overwrites of its parent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Channel {
    pub(super) kind: u64,
    pub(super) parent: Option<u64>,
    pub(super) overwrites: Vec<Overwrite>,
}

impl Channel {
    /// Whether it hangs below a channel of its own.
    pub(super) const fn is_thread(&self) -> bool {
        matches!(self.kind, 10..=12)
    }
}

/// The bit of a permission.
const fn bit(permission: Permission) -> u64 {
    1 << match permission {
        Permission::ManageChannels => 4,
        Permission::ViewChannel => 10,
        Permission::SendMessages => 11,
        Permission::AttachFiles => 15,
        Permission::ReadHistory => 16,
        Permission::MentionRoles => 17,
        Permission::ManageThreads => 34,
        Permission::CreatePrivateThreads => 36,
        Permission::SendInThreads => 38,
    }
}

/// Permissions as Discord writes them.
pub(super) fn bits_of(permissions: &[Permission]) -> u64 {
    permissions.iter().fold(0, |all, permission| all | bit(*permission))
}

/// All that a member may do where these overwrites stand, as Discord's bits.
fn bits(server: &Server, member: &Member, overwrites: &[Overwrite]) -> u64 {
    let of_role = |id: &u64| server.roles.get(id).map_or(0, |role| role.permissions);
    let base = member.roles.iter().fold(of_role(&server.id), |all, id| all | of_role(id));
    if member.id == server.owner || base & ADMINISTRATOR != 0 {
        return u64::MAX;
    }
    let everybody = |o: &&Overwrite| !o.of_member && o.id == server.id;
    let roles = |o: &&Overwrite| !o.of_member && o.id != server.id && member.roles.contains(&o.id);
    let own = |o: &&Overwrite| o.of_member && o.id == member.id;
    let written = |base: u64, which: &dyn Fn(&&Overwrite) -> bool| {
        let these = || overwrites.iter().filter(|o| which(o));
        let deny = these().fold(0, |all, o| all | o.deny);
        (base & !deny) | these().fold(0, |all, o| all | o.allow)
    };
    written(written(written(base, &everybody), &roles), &own)
}

/// Whether a member has a permission in a channel. Who does not see it may do nothing there, and who may not
/// write there neither attaches nor calls. In a thread the word for writing is another one.
pub(super) fn has(
    server: &Server,
    member: &Member,
    channel: &Channel,
    permission: Permission,
) -> bool {
    let all = bits(server, member, &channel.overwrites);
    let has = |permission: Permission| all & bit(permission) != 0;
    let writes = match channel.is_thread() {
        true => Permission::SendInThreads,
        false => Permission::SendMessages,
    };
    let needs: &[Permission] = match permission {
        Permission::SendMessages => &[writes],
        Permission::AttachFiles | Permission::MentionRoles => &[writes, permission],
        _ => &[permission],
    };
    has(Permission::ViewChannel) && needs.iter().all(|needed| has(*needed))
}

/// A server as Discord's JSON has it.
pub(super) fn server(json: &Value) -> Option<Server> {
    let role = |json: &Value| {
        let id = json.get("id").and_then(as_u64)?;
        let permissions = json.get("permissions").and_then(as_u64)?;
        let mentionable = json.get("mentionable").and_then(Value::as_bool).unwrap_or(false);
        Some((id, Role { permissions, mentionable }))
    };
    let roles = json.get("roles")?.as_array()?.iter().filter_map(role).collect();
    let owner = json.get("owner_id").and_then(as_u64)?;
    Some(Server { id: json.get("id").and_then(as_u64)?, owner, roles })
}

/// A member as Discord's JSON has it.
pub(super) fn member(id: u64, json: &Value) -> Option<Member> {
    let roles = json.get("roles")?.as_array()?.iter().filter_map(as_u64).collect();
    Some(Member { id, roles })
}

/// A channel or thread as Discord's JSON has it.
pub(super) fn channel(json: &Value) -> Option<Channel> {
    let overwrite = |json: &Value| {
        Some(Overwrite {
            of_member: json.get("type").and_then(as_u64)? == 1,
            id: json.get("id").and_then(as_u64)?,
            allow: json.get("allow").and_then(as_u64)?,
            deny: json.get("deny").and_then(as_u64)?,
        })
    };
    let written = json.get("permission_overwrites").and_then(Value::as_array);
    Some(Channel {
        kind: json.get("type").and_then(as_u64)?,
        parent: json.get("parent_id").and_then(as_u64),
        overwrites: written.into_iter().flatten().filter_map(overwrite).collect(),
    })
}

#[cfg(test)]
mod tests;
