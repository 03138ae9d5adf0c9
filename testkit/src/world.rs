//! Records that came to be through `decide` and `schedule`, and panels that agree with them.

use super::panel::PurePanel;
use super::people;
use super::shop;
use nebulalinks::catalog::Catalog;
use nebulalinks::intent::{Found, Intent, Records, Rejection, Reply, decide, needs};
use nebulalinks::model::*;
use nebulalinks::planner::{Counters, MoveAway, Scheduled, move_away, schedule};
use std::collections::BTreeMap;
use std::num::NonZeroU64;

/// 2026-11-21 10:00 UTC.
pub const NOON: UnixMs = UnixMs(1_795_255_200_000);

/// Records, panels, and the time.
#[derive(Clone)]
pub struct World {
    /// The four files as read.
    pub catalog: Catalog,
    /// The resident records.
    pub snapshot: Snapshot,
    /// The records outside of the snapshot.
    pub outside: BTreeMap<Key, Versioned<Record>>,
    /// A panel for each server of the catalog.
    pub panels: BTreeMap<ServerId, PurePanel>,
    /// What the panels counted at their last lists.
    pub counters: BTreeMap<ServerId, Counters>,
    /// The time, for everybody.
    pub now: UnixMs,
    /// Clients that nothing may be written to yet.
    pub cooling_down: BTreeMap<AccountId, UnixMs>,
    /// Whether the clock is believed.
    pub clock: ClockVerdict,
    drawn: u64,
}

impl World {
    /// Nobody has bought anything.
    pub fn empty(catalog: Catalog) -> Self {
        let panels = catalog.servers.keys().map(|id| (id.clone(), PurePanel::new(id.clone())));
        Self {
            panels: panels.collect(),
            counters: BTreeMap::new(),
            cooling_down: BTreeMap::new(),
            catalog,
            snapshot: Snapshot::default(),
            outside: BTreeMap::new(),
            now: NOON,
            clock: ClockVerdict::Trusted { vouched: true },
            drawn: 0,
        }
    }

    /// So many customers bought a plan each, everybody was served an hour ago, and the panels say
    /// exactly what the records say. Nothing here asks the planner what that is.
    pub fn settled(catalog: Catalog, customers: u64, plan: &str) -> Self {
        let mut world = Self::empty(catalog);
        for n in 0..customers {
            world.sell(n, plan);
        }
        world.settle();
        world.now = world.now + DurationMs(HOUR_MS);
        world
    }

    /// So many accounts on one server, settled: the records of one sale over and over, since
    /// selling one by one looks at all orders each time.
    pub fn of_many(accounts: u64) -> Self {
        let mut catalog = shop::catalog_with_room(u32::MAX, 0);
        catalog.servers.remove(&shop::server("ams-1"));
        let mut world = Self::settled(catalog, 1, "basic-30");
        world.now = NOON;
        let first = world.account(0);
        let account = world.snapshot.account(first).unwrap().clone();
        let run = world.snapshot.runs(first).next().unwrap().clone();
        let term = world.snapshot.terms(first).next().unwrap().clone();
        let binding = world.snapshot.bindings(first).next().unwrap().clone();
        let mut edits = Edits::new();
        for n in 1..accounts {
            let ids = people::fresh_ids(1_000_000 + n);
            let id = ids.account;
            let credentials = Credentials {
                uuid: ids.credentials.uuid,
                sub_id: ids.credentials.sub_id,
                ..account.credentials.clone()
            };
            edits.put(Account { id, credentials, ..account.clone() });
            edits.put(Run { account: id, ..run.clone() });
            edits.put(Term { account: id, source: TermSource::Order(ids.order), ..term.clone() });
            edits.put(Binding { account: id, ..binding.clone() });
        }
        assert!(world.commit(&edits));
        world.settle();
        world.now = world.now + DurationMs(HOUR_MS);
        world
    }

    /// Asks, and commits what was decided.
    pub fn submit(&mut self, intent: &Intent) -> Result<Reply, Rejection> {
        let (edits, reply) = self.decide(intent)?;
        assert!(self.commit(&edits), "decided on this very snapshot");
        Ok(reply)
    }

    /// Decides without committing.
    pub fn decide(&mut self, intent: &Intent) -> Result<(Edits, Reply), Rejection> {
        self.drawn += 1;
        let mut found = Found::new();
        loop {
            let keys = needs(&self.snapshot, &found, intent, self.now);
            if keys.is_empty() {
                break;
            }
            found
                .extend(keys.into_iter().map(|key| (key.clone(), self.outside.get(&key).cloned())));
        }
        let records = Records {
            snapshot: &self.snapshot,
            found: &found,
            in_doubt: self.clock.doubt().is_some(),
        };
        decide(&records, &self.catalog, intent, self.now, &people::fresh_ids(self.drawn))
    }

    /// Commits as a store does: all or nothing, by versions. Says whether it held.
    pub fn commit(&mut self, edits: &Edits) -> bool {
        if edits.is_empty() {
            return true;
        }
        let version = |key: &Key| {
            self.snapshot.version(key).or_else(|| self.outside.get(key).map(|r| r.version))
        };
        let holds = edits.expect.iter().all(|(key, expected)| match expected {
            Expected::Absent => version(key).is_none(),
            Expected::Version(wanted) => version(key) == Some(*wanted),
        });
        if !holds {
            return false;
        }
        let revision = self.snapshot.revision() + 1;
        let next = self.snapshot.after(edits, revision);
        for (key, record) in edits.puts.iter().filter(|(key, _)| !next.covers(key)) {
            let stored = Versioned { version: revision, value: record.clone() };
            self.outside.insert(key.clone(), stored);
            // The surfaces of an order that is archived leave memory with it.
            if let Key::Order(order) = key {
                let surfaces = SurfaceKey::of_order(*order).map(Key::Surface);
                let there =
                    surfaces.into_iter().filter_map(|key| Some((self.snapshot.get(&key)?, key)));
                self.outside.extend(there.map(|(record, key)| (key, record)));
            }
        }
        self.outside.retain(|key, _| !edits.deletes.contains(key));
        self.snapshot = next;
        true
    }

    /// Commits one record, whatever stood there.
    pub fn put(&mut self, record: impl Into<Record>) {
        let mut edits = Edits::new();
        edits.put(record);
        assert!(self.commit(&edits));
    }

    /// A customer places, pays, is approved, and gets a server.
    pub fn sell(&mut self, n: u64, plan: &str) -> AccountId {
        self.buy(n, plan, Target::New)
    }

    /// The same for a further term.
    pub fn renew(&mut self, n: u64, plan: &str, account: AccountId) {
        self.buy(n, plan, Target::Renew(account));
    }

    fn buy(&mut self, n: u64, plan: &str, target: Target) -> AccountId {
        let interaction = self.drawn + 1_000_000;
        let Ok(Reply::Placed(order)) = self.submit(&people::place(n, plan, target, interaction))
        else {
            panic!("not placed")
        };
        self.submit(&people::pay(n, order, interaction)).unwrap();
        let Ok(Reply::Approved(_, account)) = self.submit(&people::approve(order)) else {
            panic!("not approved")
        };
        self.bind(account);
        account
    }

    /// Finds a server, if one is needed and there is room, and says whether it did; what has ended
    /// gets its tombstone.
    pub fn bind(&mut self, account: AccountId) -> bool {
        match schedule(&self.snapshot, &self.catalog, account, self.now) {
            Scheduled::Bind(edits) => self.commit(&edits),
            Scheduled::End(edits) | Scheduled::Leave(edits) | Scheduled::Forget(edits) => {
                assert!(self.commit(&edits));
                false
            }
            _ => false,
        }
    }

    /// Moves those of a server that is to be left; says how many went, and for how many there is no room.
    pub fn drain(&mut self, server: &ServerId) -> (usize, usize) {
        let bound: Vec<AccountId> = self.snapshot.bound_to(server).map(|b| b.account).collect();
        let (mut moved, mut no_room) = (0, 0);
        for account in bound {
            match move_away(&self.snapshot, &self.catalog, account, server, self.now) {
                MoveAway::Move(edits) => {
                    assert!(self.commit(&edits));
                    moved += 1;
                }
                MoveAway::NoRoom => no_room += 1,
                MoveAway::Stays => {}
            }
        }
        (moved, no_room)
    }

    /// Everybody who moves gets the link that leads to the new server.
    pub fn tell(&mut self) {
        let moves = |a: &&Account| self.snapshot.old_server_kept_until(a.id).is_some();
        let moving: Vec<AccountId> = self.snapshot.accounts().filter(moves).map(|a| a.id).collect();
        for account in moving {
            let before = self.snapshot.delivery(account).cloned();
            let (state, print) = (DeliveryState::Delivered, "m1-new".to_owned());
            self.put(Delivery::after(before.as_ref(), account, print, state, self.now));
        }
    }

    /// Every bound and active account is on its panel as sold, and the records know it.
    pub fn settle(&mut self) {
        let bindings: Vec<Binding> = self
            .snapshot
            .accounts()
            .flat_map(|a| self.snapshot.bindings(a.id).cloned().collect::<Vec<_>>())
            .collect();
        for binding in bindings {
            self.settle_one(&binding);
        }
    }

    fn settle_one(&mut self, binding: &Binding) {
        let account = self.snapshot.account(binding.account).unwrap().clone();
        let (mut end, mut cap, mut devices) = (self.now, 0, 0);
        let mut unlimited = false;
        for term in self.snapshot.terms(account.id) {
            end = end + term.length;
            devices = term.devices;
            match term.quota {
                Quota::Bytes(bytes) => cap += bytes.0,
                Quota::Unlimited => unlimited = true,
            }
        }
        let granted = if unlimited { Quota::Unlimited } else { Quota::Bytes(Bytes(cap)) };
        let cap = match granted {
            Quota::Unlimited => Cap::Unlimited,
            Quota::Bytes(cap) => Cap::Bytes(NonZeroU64::new(cap.0).unwrap()),
        };
        let want = DesiredClient {
            email: email(account.id),
            uuid: account.credentials.uuid,
            sub_id: account.credentials.sub_id.clone(),
            secret: account.credentials.secret.clone(),
            enable: true,
            end: End::at(end),
            cap,
            ip_limit: devices,
            comment: format!("nl:{}", account.family),
            inbounds: vec!["vless-reality".into()],
            from: None,
            to: None,
        };
        let now = self.now;
        let seen = self.panels.get_mut(&binding.server).unwrap().put(&want, now);
        let mut edits = Edits::new();
        edits.put(Served { account: account.id, run: 0, at: now });
        edits.put(UsageLedger {
            account: account.id,
            server: binding.server.clone(),
            incarnation: seen.incarnation.clone(),
            baseline: Bytes(0),
            total: Bytes(0),
            disputed: Bytes(0),
            at: now,
        });
        edits.put(BindingStatus {
            applied: Some(LastApplied {
                enable: true,
                end: want.end,
                cap,
                granted,
                ip_limit: devices,
                credentials: 1,
                run: 0,
                revision: self.snapshot.revision(),
                suspended_since: None,
                at: now,
            }),
            incarnation: Some(seen.incarnation),
            ..BindingStatus::new(account.id, binding.server.clone())
        });
        assert!(self.commit(&edits));
    }

    /// The n-th account that was made.
    pub fn account(&self, n: usize) -> AccountId {
        self.snapshot.accounts().nth(n).unwrap().id
    }

    /// Where an account is served, or was.
    pub fn server_of(&self, account: AccountId) -> ServerId {
        self.snapshot.home(account).unwrap().server.clone()
    }

    /// An account's client on its panel.
    pub fn client(&self, account: AccountId) -> &ObservedClient {
        &self.panels[&self.server_of(account)].clients[&email(account)]
    }

    /// The same, to be changed by hand.
    pub fn client_mut(&mut self, account: AccountId) -> &mut ObservedClient {
        let server = self.server_of(account);
        self.panels.get_mut(&server).unwrap().clients.get_mut(&email(account)).unwrap()
    }

    /// What an account is entitled to.
    pub fn entitlement(&self, account: AccountId) -> Entitlement {
        Entitlement::of(&self.snapshot, account).unwrap()
    }
}

/// An account's name on the panels.
pub fn email(account: AccountId) -> String {
    Mark { shop: "main".parse().unwrap(), account }.to_string()
}
