//! P3 and P20: an account's client has its account's credentials, and after a rotation no older ones.

use super::Monitors;
use nebulalinks::model::*;
use nebulalinks_model_panel::ClientSnapshot;
use std::collections::BTreeMap;

/// The credentials that each account ever had, uuid and subscription id, the newest last.
#[derive(Default)]
pub(super) struct Keys(BTreeMap<AccountId, Vec<(uuid::Uuid, String)>>);

impl Keys {
    /// Notes an account's credentials of today, and gives all that it had.
    fn of(&mut self, account: &Account) -> &[(uuid::Uuid, String)] {
        let all = self.0.entry(account.id).or_default();
        let Credentials { uuid, sub_id, .. } = &account.credentials;
        if all.last().is_none_or(|(last, _)| last != uuid) {
            all.push((*uuid, sub_id.clone()));
        }
        all
    }

    /// A store of before is put in place: what it lacks never was.
    pub(super) fn begin_anew(&mut self) {
        self.0.clear();
    }
}

impl Monitors {
    /// After a commit that touched the account.
    pub(super) fn note_keys(&self, account: &Account) {
        self.seen.lock().unwrap().keys.of(account);
    }

    /// Just before a client is written: with credentials that its account had, and with none that are
    /// older than those there.
    pub(super) fn check_keys(
        &self,
        snapshot: &Snapshot,
        account: &Account,
        there: Option<&ClientSnapshot>,
        want: &DesiredClient,
    ) {
        let (written, held) = {
            let mut seen = self.seen.lock().unwrap();
            let all = seen.keys.of(account);
            let held = there.and_then(|c| all.iter().rposition(|(u, _)| u.to_string() == c.uuid));
            (all.iter().rposition(|keys| *keys == (want.uuid, want.sub_id.clone())), held)
        };
        match (written, held) {
            (None, _) => self.breach("P3", &format!("other credentials for {}", want.email)),
            (written, held) if written < held => {
                self.breach("P20", &format!("old credentials for {} again", want.email));
            }
            _ => {}
        }
        let replaces = there.is_some_and(|c| c.uuid != want.uuid.to_string());
        if replaces && snapshot.in_amnesia() {
            self.breach("P15", &format!("{} lost its credentials in amnesia", want.email));
        }
    }

    /// Whatever is on a panel: credentials that its account had.
    pub(super) fn check_client(&self, account: &Account, client: &ClientSnapshot) {
        let known = {
            let mut seen = self.seen.lock().unwrap();
            seen.keys.of(account).iter().any(|(uuid, _)| uuid.to_string() == client.uuid)
        };
        if !known {
            self.breach("P3", &format!("another uuid for {}", account.id));
        }
    }
}
