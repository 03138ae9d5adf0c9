//! Of an adopted client one alone lives, under whatever name, and what it used before goes on (P3, P14); nobody
//! lives on with what it had before a rotation (P20).

use super::Monitors;
use nebulalinks::model::*;
use nebulalinks_model_panel::ClientSnapshot;
use nebulalinks_testkit::world::email;
use std::collections::BTreeSet;

/// Whose usage from before the adoption was noted.
#[derive(Default)]
pub(super) struct Adoptions(BTreeSet<AccountId>);

impl Monitors {
    /// Just before these edits are applied: what a client used before its adoption has flowed.
    pub(super) fn note_adoptions(&self, edits: &Edits) {
        for record in edits.puts.values() {
            let Record::Account(account) = record else { continue };
            let Some(adopted) = account.adopted() else { continue };
            let panel = self.panels.get(&adopted.server);
            let client = panel.and_then(|panel| panel.client(&adopted.email));
            let used = client.map_or(0, |c| u64::try_from(c.up + c.down).unwrap_or(0));
            let is_new = self.seen.lock().unwrap().adoptions.0.insert(account.id);
            if is_new {
                self.flowed_before(account.id, used);
            }
        }
    }

    /// Everything on all panels that has credentials which the account ever had.
    fn living(&self, account: &Account) -> Vec<(ServerId, ClientSnapshot)> {
        let had = self.uuids_of(account);
        let mut living = Vec::new();
        for (server, panel) in &self.panels {
            let theirs = panel.clients().into_iter().filter(|c| c.is_on() && had.contains(&c.uuid));
            living.extend(theirs.map(|client| (server.clone(), client)));
        }
        living
    }

    /// After each write: never a second one that lives.
    pub(super) fn check_adopted(&self, snapshot: &Snapshot) {
        for account in snapshot.accounts().filter(|account| account.adopted().is_some()) {
            let most = if self.leaves_one(snapshot, account.id) { 2 } else { 1 };
            let living = self.living(account);
            if living.len() > most {
                let names: Vec<_> =
                    living.iter().map(|(at, c)| format!("{} on {at}", c.email)).collect();
                self.breach("P3", &format!("two living clients of {}: {names:?}", account.id));
            }
        }
    }

    /// When all is calm: it has its account's name, and what its account has now.
    pub(in super::super) fn check_adopted_for_good(&self, snapshot: &Snapshot) {
        let is_ours = |a: &&Account| a.adopted().is_some() && a.released().is_none();
        for account in snapshot.accounts().filter(is_ours) {
            let (name, uuid) = (email(account.id), account.credentials.uuid.to_string());
            for (server, client) in self.living(account) {
                let what = format!("{} on {server} is a client of {}", client.email, account.id);
                if client.uuid != uuid {
                    self.breach("P20", &format!("{what} with credentials that it had before"));
                } else if client.email != name {
                    self.breach("P3", &format!("{what}, under another name"));
                }
            }
        }
    }
}
