//! The handle scenarios and tests hold: look into the panel, act in it by hand, break it.

use super::config::{InboundSeed, PanelConfig};
use super::faults::Faults;
use super::journal::{Actor, ClientSnapshot, JournalEntry, PanelEvent, events_between};
use super::sessions::Sessions;
use super::state::{ApiToken, Db, Refusal};
use super::wire::{SettingsClient, StatsRow};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// State of the Xray process beside the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XrayState {
    /// As it should be.
    Running,
    /// Switched off.
    Stopped,
    /// Could not start.
    Failed,
}

/// Everything in the panel's database at one moment.
#[derive(Clone)]
pub struct Backup(Db);

/// One model panel; clones are handles of the same panel.
#[derive(Clone)]
pub struct ModelPanel {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) config: PanelConfig,
    pub(crate) faults: Faults,
    pub(crate) live: Mutex<Live>,
    events: broadcast::Sender<PanelEvent>,
}

/// What the one lock of the panel holds: every call is served one after the other.
pub(crate) struct Live {
    pub(crate) db: Db,
    pub(crate) sessions: Sessions,
    pub(crate) xray: XrayState,
    own_rule: bool,
    polled_at: Option<i64>,
    journal: Vec<JournalEntry>,
    calls: u64,
}

impl ModelPanel {
    /// A panel as configured, not served yet.
    #[must_use]
    pub fn new(config: PanelConfig) -> Self {
        let mut db = Db::new(&config);
        db.tokens.push(ApiToken {
            id: 0,
            name: "preset".to_owned(),
            token: config.token.clone(),
            enabled: true,
            created_at_s: 0,
            scope: "admin".to_owned(),
            expires_at: 0,
        });
        let live = Live {
            db,
            sessions: Sessions::default(),
            xray: XrayState::Running,
            own_rule: config.own_rule,
            polled_at: None,
            journal: Vec::new(),
            calls: 0,
        };
        Self {
            inner: Arc::new(Inner {
                config,
                faults: Faults::default(),
                live: Mutex::new(live),
                events: broadcast::channel(4096).0,
            }),
        }
    }

    /// The faults of this panel.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// The panel's clock, Unix ms.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        (self.inner.config.clock)()
    }

    pub(crate) fn live(&self) -> MutexGuard<'_, Live> {
        self.inner.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a change to these clients, and tells the journal and the listeners what came of it.
    pub(crate) fn commit<T>(
        &self,
        actor: Actor,
        emails: &[String],
        change: impl FnOnce(&mut Db, i64) -> T,
    ) -> T {
        let now = self.now_ms();
        let mut live = self.live();
        let emails: BTreeSet<&String> = emails.iter().collect();
        let before = live.db.states_of(&emails);
        let outcome = change(&mut live.db, now);
        let after = live.db.states_of(&emails);
        for email in emails {
            let (before, after) = (before.get(email), after.get(email));
            for event in events_between(email, before, after, actor) {
                live.journal.push(JournalEntry { at_ms: now, actor, event: event.clone() });
                // Nobody listening is fine.
                let _ = self.inner.events.send(event);
            }
        }
        outcome
    }

    // Looking.

    /// Every client, by email.
    #[must_use]
    pub fn clients(&self) -> Vec<ClientSnapshot> {
        self.live().db.snapshots().into_values().collect()
    }

    /// One client by its exact email.
    #[must_use]
    pub fn client(&self, email: &str) -> Option<ClientSnapshot> {
        self.live().db.snapshot(email)
    }

    /// Every change so far, oldest first.
    #[must_use]
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.live().journal.clone()
    }

    /// How many changes came through the API: equal before and after is "wrote nothing".
    #[must_use]
    pub fn api_writes(&self) -> usize {
        self.live().journal.iter().filter(|entry| entry.actor == Actor::Api).count()
    }

    /// How often this email was created: above one is a second client.
    #[must_use]
    pub fn times_created(&self, email: &str) -> usize {
        let created = PanelEvent::Created { email: email.to_owned() };
        self.live().journal.iter().filter(|entry| entry.event == created).count()
    }

    /// Calls of the API so far, reads and refused ones included.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.live().calls
    }

    pub(crate) fn count_call(&self) {
        self.live().calls += 1;
    }

    /// Changes from now on; a slow receiver loses the oldest of 4096.
    #[must_use]
    pub fn on_change(&self) -> broadcast::Receiver<PanelEvent> {
        self.inner.events.subscribe()
    }

    // The world around.

    /// A customer's traffic, bytes. Says whether it flowed: not for who is off, nor without Xray.
    pub fn add_traffic(&self, email: &str, up: i64, down: i64) -> bool {
        let now = self.now_ms();
        let mut live = self.live();
        live.xray == XrayState::Running && live.db.count(now, email, up, down)
    }

    /// Starts, stops or breaks Xray; the API goes on answering success.
    pub fn set_xray(&self, state: XrayState) {
        self.live().xray = state;
    }

    /// Switches the panel's own cut-off.
    pub fn set_own_rule(&self, on: bool) {
        self.live().own_rule = on;
    }

    /// Runs the panel's own rule as of this moment, unless Xray is down or the rule is off.
    pub fn poll(&self, now_ms: i64) {
        let targets = {
            let mut live = self.live();
            live.polled_at = Some(now_ms);
            if live.xray != XrayState::Running || !live.own_rule {
                return;
            }
            live.db.poll_targets(now_ms)
        };
        self.commit(Actor::Panel, &targets, |db, _| db.poll(now_ms, &targets));
    }

    /// Polls if a poll period has passed on the panel's clock, either way.
    pub fn poll_if_due(&self) {
        let now = self.now_ms();
        let period = self.inner.config.poll_every_ms;
        let due = self.live().polled_at.is_none_or(|last| (now - last).abs() >= period);
        if due {
            self.poll(now);
        }
    }

    // By hand.

    /// Deletes a client in the panel's pages. Says whether it was there.
    pub fn delete_by_hand(&self, email: &str) -> bool {
        self.commit(Actor::Hand, &[email.to_owned()], |db, _| db.delete(email, false).is_ok())
    }

    /// Disables a client in the panel's pages. Says whether it was there.
    pub fn disable_by_hand(&self, email: &str) -> bool {
        self.switch_by_hand(email, false)
    }

    /// Enables a client in the panel's pages. Says whether it was there.
    pub fn enable_by_hand(&self, email: &str) -> bool {
        self.switch_by_hand(email, true)
    }

    fn switch_by_hand(&self, email: &str, enable: bool) -> bool {
        let emails = [email.to_owned()];
        self.commit(Actor::Hand, &emails, |db, now| db.set_enable(now, &emails, enable).done == 1)
    }

    /// Edits a client in the panel's pages, a new email or sub id included.
    ///
    /// # Errors
    /// What the panel would say to the same edit in its pages.
    pub fn edit_by_hand(
        &self,
        email: &str,
        edit: impl FnOnce(&mut SettingsClient),
    ) -> Result<(), Refusal> {
        let (old, mut client) = {
            let live = self.live();
            let record = live.db.records.get(email).ok_or_else(Refusal::not_found)?;
            let flow = live.db.effective_flow(record).to_owned();
            (email.to_owned(), SettingsClient { flow, ..record.client.clone() })
        };
        edit(&mut client);
        let emails = [old, client.email.clone()];
        self.commit(Actor::Hand, &emails, |db, now| db.update(now, email, client, None))
    }

    /// Loses a client's record past all rules: a drift that real panels know.
    pub fn drop_record(&self, email: &str) {
        self.commit(Actor::Hand, &[email.to_owned()], |db, _| {
            db.records.remove(email);
        });
    }

    /// Loses a client from one inbound's settings, while the record says that it is there.
    pub fn drop_from_settings(&self, email: &str, inbound: i64) {
        self.commit(Actor::Hand, &[email.to_owned()], |db, _| {
            if let Some(inbound) = db.inbounds.get_mut(&inbound) {
                inbound.clients.retain(|client| client.email != email);
            }
        });
    }

    /// Takes a client off all its inbounds, as deleting them does: its record and its counters
    /// stay. Says whether it was there.
    pub fn detach_by_hand(&self, email: &str) -> bool {
        self.commit(Actor::Hand, &[email.to_owned()], |db, _| {
            let inbounds: Vec<i64> = db.inbounds.keys().copied().collect();
            db.detach(email, &inbounds).is_ok()
        })
    }

    /// Adds a client that is not ours to the first inbound, with credentials of its own.
    ///
    /// # Errors
    /// As for a create through the API.
    pub fn add_foreign(&self, email: &str) -> Result<(), Refusal> {
        let client = SettingsClient { email: email.to_owned(), ..SettingsClient::default() };
        self.commit(Actor::Hand, &[email.to_owned()], |db, now| {
            let first = db.inbounds.keys().next().copied().ok_or_else(Refusal::not_found)?;
            db.create(now, client, &[first])
        })
    }

    /// Adds a client as given, e.g. a copy of another, to these inbounds.
    ///
    /// # Errors
    /// As for a create through the API.
    pub fn add_by_hand(&self, client: SettingsClient, inbounds: &[i64]) -> Result<(), Refusal> {
        let emails = [client.email.clone()];
        self.commit(Actor::Hand, &emails, |db, now| db.create(now, client, inbounds))
    }

    /// Sets a client's counters, bytes: to zero, back, or far up. Says whether it has a row.
    pub fn set_counters(&self, email: &str, up: i64, down: i64) -> bool {
        self.commit(Actor::Hand, &[email.to_owned()], |db, _| {
            db.set_traffic(email, up, down).is_ok()
        })
    }

    /// Sets every counter to zero.
    pub fn reset_counters(&self) {
        let emails: Vec<String> = self.live().db.rows.keys().cloned().collect();
        self.commit(Actor::Hand, &emails, |db, _| {
            for row in db.rows.values_mut() {
                (row.up, row.down) = (0, 0);
            }
        });
    }

    /// Edits a traffic row in the database, past all rules: a drift.
    pub fn drift_stats(&self, email: &str, edit: impl FnOnce(&mut StatsRow)) {
        self.commit(Actor::Hand, &[email.to_owned()], |db, _| {
            if let Some(row) = db.rows.get_mut(email) {
                edit(row);
            }
        });
    }

    /// Deletes a traffic row in the database, past all rules.
    pub fn drop_stats_row(&self, email: &str) {
        self.commit(Actor::Hand, &[email.to_owned()], |db, _| db.rows.remove(email));
    }

    /// Adds an inbound and gives its number.
    pub fn add_inbound(&self, inbound: &InboundSeed) -> i64 {
        self.live().db.add_seed(inbound)
    }

    /// Switches an inbound on or off. Says whether it is there.
    pub fn set_inbound_enable(&self, id: i64, enable: bool) -> bool {
        self.live().db.inbounds.get_mut(&id).map(|inbound| inbound.enable = enable).is_some()
    }

    // The database as a whole.

    /// A copy of the database.
    #[must_use]
    pub fn backup(&self) -> Backup {
        Backup(self.live().db.clone())
    }

    /// Puts a copy back; everyone must log in again, tokens are those of the copy.
    pub fn restore(&self, backup: &Backup) {
        let mut emails: Vec<String> = self.live().db.snapshots().into_keys().collect();
        emails.extend(backup.0.snapshots().into_keys());
        self.commit(Actor::Hand, &emails, |db, _| db.clone_from(&backup.0));
        self.live().sessions = Sessions::default();
    }

    /// Gives the panel another identity.
    pub fn replace_guid(&self, guid: &str) {
        guid.clone_into(&mut self.live().db.guid);
    }

    /// Replaces every API token by this one.
    pub fn replace_token(&self, token: &str) {
        let mut live = self.live();
        live.db.tokens.truncate(1);
        if let Some(first) = live.db.tokens.first_mut() {
            token.clone_into(&mut first.token);
        }
    }
}
