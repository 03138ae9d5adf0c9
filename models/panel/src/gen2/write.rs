//! How a client write becomes one: read, wait, write back. There is no lock between the two, and
//! the connection to Xray is one for all calls: whoever is done with it closes it for everybody.

use super::draft::{Draft, Failure, HotChange, RowChange};
use crate::control::{Live, ModelPanel};
use crate::journal::Actor;
use crate::state::{Db, Refusal};
use crate::wire::{SettingsClient, StatsRow};

impl ModelPanel {
    /// Drafts a write, and makes it a moment later over whatever others wrote in between. The
    /// work goes on when the caller is gone.
    pub(super) async fn write(
        &self,
        draft: impl FnOnce(&Db, i64) -> Result<Draft, Failure> + Send + 'static,
    ) -> Result<(), Failure> {
        let panel = self.clone();
        let work = tokio::spawn(async move {
            panel.pause().await;
            let draft = {
                let now = panel.now_ms();
                let mut guard = panel.live();
                let live = &mut *guard;
                let draft = draft(&live.db, now)?;
                live.xray.connect();
                draft
            };
            panel.pause().await;
            let emails = panel.emails_with(&draft);
            panel.commit_live(Actor::Api, &emails, |live, _| live.write(&draft))
        });
        work.await.unwrap_or(Err(Failure::Panicked))
    }

    /// The same at once, for a hand in the panel's pages when nobody else writes.
    pub(super) fn write_by_hand(
        &self,
        draft: impl FnOnce(&Db, i64) -> Result<Draft, Failure>,
    ) -> Result<(), Refusal> {
        let now = self.now_ms();
        // In a statement of its own, or the lock is held while the emails are looked up.
        let draft = draft(&self.live().db, now);
        let made = draft.and_then(|draft| {
            let emails = self.emails_with(&draft);
            self.commit_live(Actor::Hand, &emails, |live, _| {
                live.xray.connect();
                live.write(&draft)
            })
        });
        made.map_err(|failure| match failure {
            Failure::Refused(refusal) => refusal,
            Failure::Panicked => Refusal::raw("the panel answered with an empty page"),
        })
    }

    /// Lets others on, for as long as the work here would take: not always the same.
    async fn pause(&self) {
        let turns = self.live().db.generate.below(4);
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }

    /// Whom this write can change: also whoever it has not seen.
    fn emails_with(&self, draft: &Draft) -> Vec<String> {
        let live = self.live();
        let there = live.db.inbounds.get(&draft.inbound.id).into_iter();
        let there = there.flat_map(|inbound| &inbound.clients).chain(&draft.clients);
        let mut emails: Vec<String> = there.map(|client| client.email.clone()).collect();
        emails.extend(draft.rows.iter().flat_map(RowChange::emails));
        emails
    }
}

impl Live {
    /// Changes the traffic rows, applies the change to Xray and replaces the inbound's clients.
    fn write(&mut self, draft: &Draft) -> Result<(), Failure> {
        draft.rows.iter().try_for_each(|change| self.db.change_row(draft.inbound.id, change))?;
        // Another call closed the connection in the meantime: this one panics on it, and what it
        // has done to the rows is committed all the same.
        if draft.calls_xray() && !self.xray.is_connected() {
            return Err(Failure::Panicked);
        }
        for change in &draft.hot {
            match change {
                HotChange::Add(client) => self.xray.add(&draft.inbound, client),
                HotChange::Remove => self.xray.remove(&draft.inbound),
                HotChange::Restart => self.xray.flag(),
            }
        }
        self.xray.disconnect();
        if let Some(inbound) = self.db.inbounds.get_mut(&draft.inbound.id) {
            inbound.clients.clone_from(&draft.clients);
        }
        Ok(())
    }
}

impl Db {
    fn change_row(&mut self, inbound_id: i64, change: &RowChange) -> Result<(), Failure> {
        match change {
            RowChange::Insert(client) => {
                if !self.rows.contains_key(&client.email) {
                    let id = self.next_row();
                    let row = self.new_row(id, inbound_id, client);
                    self.rows.insert(client.email.clone(), row);
                }
            }
            RowChange::Update(old, client) => {
                if *old != client.email
                    && self.rows.contains_key(old)
                    && self.rows.contains_key(&client.email)
                {
                    let text = "UNIQUE constraint failed: client_traffics.email";
                    return Err(Refusal::raw(text).into());
                }
                if let Some(mut row) = self.rows.remove(old) {
                    row.email.clone_from(&client.email);
                    row.take_limits(client);
                    row.enable |= self.version.is_early();
                    self.rows.insert(client.email.clone(), row);
                }
            }
            RowChange::Delete(email) => {
                self.rows.remove(email);
            }
        }
        Ok(())
    }

    fn new_row(&self, id: i64, inbound_id: i64, client: &SettingsClient) -> StatsRow {
        StatsRow {
            id,
            inbound_id,
            enable: client.enable || self.version.is_early(),
            email: client.email.clone(),
            up: 0,
            down: 0,
            expiry_time: client.expiry_time,
            total: client.total_gb,
            reset: client.reset,
            last_online: 0,
            all_time: 0,
        }
    }
}

impl RowChange {
    fn emails(&self) -> Vec<String> {
        match self {
            Self::Insert(client) => vec![client.email.clone()],
            Self::Update(old, client) => vec![old.clone(), client.email.clone()],
            Self::Delete(email) => vec![email.clone()],
        }
    }
}

impl Draft {
    fn calls_xray(&self) -> bool {
        self.hot.iter().any(|change| !matches!(change, HotChange::Restart))
    }
}
