//! P9: a client that was given back is somebody's own. It goes on as it was when that was asked for, its name and
//! its note apart, and nobody has it twice.

use super::Monitors;
use nebulalinks::model::*;
use nebulalinks_model_panel::ClientSnapshot;
use nebulalinks_testkit::world::email;
use std::collections::BTreeMap;

/// Where a client that is given back is, and as what.
#[derive(Default)]
pub(super) struct Released(BTreeMap<AccountId, (ServerId, ClientSnapshot)>);

impl Monitors {
    /// Just before these edits are applied: what is given back by them.
    pub(super) fn note_releases(&self, edits: &Edits) {
        for record in edits.puts.values() {
            let Record::Account(account) = record else { continue };
            let Some(released) = account.released() else { continue };
            let panel = self.panels.get(&released.server);
            if let Some(client) = panel.and_then(|panel| panel.client(&email(account.id))) {
                let released = (released.server.clone(), client);
                self.seen.lock().unwrap().released.0.entry(account.id).or_insert(released);
            }
        }
    }

    /// A panel was just put back: what it brings back under our mark nobody gives back a second time.
    pub(super) fn released_came_back(&self, snapshot: &Snapshot) {
        let is_ours = |id: &AccountId, server: &ServerId| {
            let panel = self.panels.get(server);
            let is_there = panel.is_some_and(|panel| panel.client(&email(*id)).is_some());
            is_there && snapshot.binding(*id, server).is_none()
        };
        let released = &mut self.seen.lock().unwrap().released.0;
        released.retain(|id, (server, _)| !is_ours(id, server));
    }

    /// After each write.
    pub(super) fn check_released(&self) {
        let all = self.seen.lock().unwrap().released.0.clone();
        for (id, (server, before)) in all {
            let Some(panel) = self.panels.get(&server) else { continue };
            let of_it = |client: &ClientSnapshot| client.uuid == before.uuid;
            let found: Vec<_> = panel.clients().into_iter().filter(of_it).collect();
            match &found[..] {
                [now] if goes_on(now, &before) => {}
                [now] => {
                    let what = format!("{id} was given back and is another: {before:?}, {now:?}");
                    self.breach("P9", &what);
                }
                _ => {
                    let names: Vec<_> = found.iter().map(|client| &*client.email).collect();
                    self.breach("P9", &format!("{id} was given back and is there as {names:?}"));
                }
            }
        }
    }

    /// When all is calm: none of them is under our mark.
    pub(in super::super) fn check_released_for_good(&self) {
        self.check_released();
        for (id, (server, before)) in self.seen.lock().unwrap().released.0.clone() {
            let panel = self.panels.get(&server);
            if panel.is_some_and(|panel| panel.client(&before.email).is_some()) {
                self.breach("P9", &format!("{id} is under our mark on {server} still"));
            }
        }
    }
}

/// Whether a client is what it was, on its own row of counters, which never fell.
fn goes_on(now: &ClientSnapshot, before: &ClientSnapshot) -> bool {
    (now.row_id, now.created_at, now.is_on()) == (before.row_id, before.created_at, before.is_on())
        && (&now.sub_id, now.total, now.expiry_ms)
            == (&before.sub_id, before.total, before.expiry_ms)
        && (now.limit_ip, &now.inbounds) == (before.limit_ip, &before.inbounds)
        && now.up + now.down >= before.up + before.down
}
