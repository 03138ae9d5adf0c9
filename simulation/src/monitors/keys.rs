//! P3 and P20: an account's client has its account's credentials, and after a rotation no older ones.

use super::Monitors;
use nebulalinks::model::*;
use nebulalinks_model_panel::ClientSnapshot;
use std::collections::BTreeMap;

/// Nothing is written any more with credentials that were replaced so long ago.
const WRITTEN_FOR: DurationMs = DurationMs(2 * MINUTE_MS);

/// Credentials that an account had.
struct Had {
    uuid: uuid::Uuid,
    sub_id: String,
    since: UnixMs,
}

/// The credentials that each account ever had, the newest last.
#[derive(Default)]
pub(super) struct Keys(BTreeMap<AccountId, Vec<Had>>);

impl Keys {
    /// Notes an account's credentials of now, and gives all that it had. A store of before has those of
    /// then anew.
    fn of(&mut self, account: &Account, now: UnixMs) -> &[Had] {
        let all = self.0.entry(account.id).or_default();
        let Credentials { uuid, sub_id, .. } = &account.credentials;
        if all.last().is_none_or(|last| last.uuid != *uuid) {
            all.push(Had { uuid: *uuid, sub_id: sub_id.clone(), since: now });
        }
        all
    }
}

impl Monitors {
    /// After a commit that touched the account.
    pub(super) fn note_keys(&self, account: &Account) {
        let now = self.time.now();
        self.seen.lock().unwrap().keys.of(account, now);
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
        let now = self.time.now();
        let (written, held, replaced) = {
            let mut seen = self.seen.lock().unwrap();
            let all = seen.keys.of(account, now);
            let is_written = |had: &Had| (had.uuid, &had.sub_id) == (want.uuid, &want.sub_id);
            let written = all.iter().rposition(is_written);
            let held =
                there.and_then(|c| all.iter().rposition(|had| had.uuid.to_string() == c.uuid));
            (written, held, written.and_then(|n| Some(all.get(n + 1)?.since)))
        };
        let old = replaced.is_some_and(|at| now.since(at) > WRITTEN_FOR);
        match written {
            None => self.breach("P3", &format!("other credentials for {}", want.email)),
            Some(_) if written < held || old => {
                self.breach("P20", &format!("old credentials for {} again", want.email));
            }
            Some(_) => {}
        }
        let replaces = there.is_some_and(|c| c.uuid != want.uuid.to_string());
        if replaces && snapshot.in_amnesia() {
            self.breach("P15", &format!("{} lost its credentials in amnesia", want.email));
        }
    }

    /// All uuids that an account had.
    pub(super) fn uuids_of(&self, account: &Account) -> Vec<String> {
        let now = self.time.now();
        let mut seen = self.seen.lock().unwrap();
        seen.keys.of(account, now).iter().map(|had| had.uuid.to_string()).collect()
    }

    /// Whatever is on a panel: credentials that its account had.
    pub(super) fn check_client(&self, account: &Account, client: &ClientSnapshot) {
        let now = self.time.now();
        let known = {
            let mut seen = self.seen.lock().unwrap();
            seen.keys.of(account, now).iter().any(|had| had.uuid.to_string() == client.uuid)
        };
        if !known {
            self.breach("P3", &format!("another uuid for {}", account.id));
        }
    }
}
