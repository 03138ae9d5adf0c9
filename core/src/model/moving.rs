//! Accounts that move: two servers serve them for a while.

use super::{
    AccountId, Binding, Condition, ConditionKind, Delivery, Disposition, Edits, Key, Reservations,
    ServerId, Snapshot, UnixMs,
};

impl Snapshot {
    /// Another server for an account, as edits that hold while nothing of it has changed: `both` serve it
    /// until the new one does, else the old one is left at once. The caller has looked for room.
    #[must_use]
    pub fn move_to(&self, old: &Binding, to: ServerId, both: bool, now: UnixMs) -> Edits {
        let id = old.account;
        let mut edits = Edits::new();
        for key in [
            Key::Binding(id, old.server.clone()),
            Key::Binding(id, to.clone()),
            Key::Account(id),
            Key::Reservations(),
        ] {
            let version = self.version(&key);
            edits.expect(key, version);
        }
        let taken = self.reservations().map_or(0, |r| r.taken);
        edits.put(Reservations { taken: taken + 1 });
        let disposition =
            if both { Disposition::Leaving } else { Disposition::Tombstoned { since: now } };
        edits.put(Binding { disposition, ..old.clone() });
        let (server, disposition) = (to, Disposition::Serving);
        edits.put(Binding { account: id, server, disposition, bound_at: now });
        edits
    }

    /// Until when an account that moves keeps its old server at least; `None` when it does not move.
    #[must_use]
    pub fn old_server_kept_until(&self, id: AccountId) -> Option<UnixMs> {
        self.leaving(id)?;
        let new = self.serving(id)?;
        let told = self.told_of_new_server_at(id).map(|at| at + Binding::OLD_KEPT);
        Some(told.unwrap_or(new.bound_at + Binding::OLD_KEPT_UNTOLD))
    }

    /// When the customer got a link to the server that serves the account now, since it was given that.
    #[must_use]
    pub fn told_of_new_server_at(&self, id: AccountId) -> Option<UnixMs> {
        let new = self.serving(id)?;
        let of_new = |d: &&Delivery| d.state.arrived() && !d.to_old && d.at >= new.bound_at;
        self.delivery(id).filter(of_new).map(|d| d.at)
    }

    /// Whether the link of an account that moves still leads to the server that it leaves: on the new one
    /// it was not read back as on with the credentials of today, or nobody can use that server.
    #[must_use]
    pub fn link_leads_to_old(&self, id: AccountId) -> bool {
        if self.leaving(id).is_none() {
            return false;
        }
        let Some(new) = self.serving(id) else { return true };
        let today = self.account(id).map(|a| a.credentials.version);
        let status = self.binding_status(id, &new.server);
        let on = status.filter(|s| s.missing_since.is_none()).and_then(|s| s.applied.as_ref());
        let is_on = on.is_some_and(|a| a.enable && Some(a.credentials) == today);
        !is_on || !self.is_usable(&new.server)
    }

    /// Whether customers can use a server, as far as it was seen: it can be asked, it answers, and nothing
    /// makes it useless.
    #[must_use]
    pub fn is_usable(&self, server: &ServerId) -> bool {
        self.server_status(server).is_none_or(|status| {
            let down = |c: &Condition| c.kind == ConditionKind::Unreachable;
            status.outage.is_none() && !status.lacks_keys() && !status.conditions.iter().any(down)
        })
    }

    /// Whether a server answered when it was last asked, with an Xray that runs and all its inbounds: more
    /// than [`Snapshot::is_usable`].
    #[must_use]
    pub fn is_serving(&self, server: &ServerId) -> bool {
        let down = [ConditionKind::Stalled, ConditionKind::Unreachable];
        let status = self.server_status(server);
        !status.is_some_and(|status| status.conditions.iter().any(|c| down.contains(&c.kind)))
    }
}
