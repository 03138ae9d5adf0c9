//! P21: the address of an account answers its links of today, whatever happens, and nobody else's; the
//! address of before a rotation answers nothing.

use super::Monitors;
use crate::web::Answered;
use nebulalinks::catalog::Catalog;
use nebulalinks::model::*;
use nebulalinks::view::Texts;
use nebulalinks_protocol::percent_encoded;
use nebulalinks_testkit::world::email;
use std::collections::BTreeMap;
use url::Url;

/// So close to an end it may be said either way.
const NEAR: DurationMs = DurationMs(20 * SECOND_MS);

#[derive(Default)]
pub(super) struct Addresses {
    /// What each account's addresses end with, by the version of its credentials.
    ends: BTreeMap<AccountId, BTreeMap<u32, String>>,
    /// Since when an active account's address leads nowhere.
    dark: BTreeMap<AccountId, UnixMs>,
}

impl Addresses {
    /// A store of before has the addresses of then.
    pub(super) fn restored(&mut self) {
        *self = Self::default();
    }
}

/// Why there are no links, in the words that customers read, as an address has them: in each language.
pub(super) struct Words {
    suspended: Vec<String>,
    depleted: Vec<String>,
    expired: Vec<String>,
}

impl Words {
    pub(super) fn of(catalog: &Catalog) -> Self {
        let languages = &catalog.shop.languages;
        let each = |text: fn(&Texts) -> String| {
            let text = |language: &String| percent_encoded(&text(&Texts::of(language, language)));
            languages.iter().map(text).collect()
        };
        Self {
            suspended: each(Texts::account_state_suspended),
            depleted: each(Texts::account_state_depleted),
            expired: each(Texts::account_state_expired),
        }
    }
}

/// What the one line says that leads nowhere.
fn told_in(body: &str) -> Option<String> {
    let nobody = uuid::Uuid::nil().to_string();
    let links = body.lines().filter_map(|line| line.parse::<Url>().ok());
    let told = |link: Url| (link.username() == nobody).then(|| link.fragment().map(str::to_owned));
    links.filter_map(told).find_map(|said| said)
}

impl Monitors {
    /// After a commit that touched the account.
    pub(super) fn note_address(&self, account: &Account) {
        let ends = &mut self.seen.lock().unwrap().addresses.ends;
        let ends = ends.entry(account.id).or_default();
        ends.entry(account.credentials.version).or_insert_with(|| account.address_end());
    }

    /// The addresses that an account ever had.
    pub(in super::super) fn addresses_of(&self, account: AccountId) -> Vec<(u32, String)> {
        let seen = self.seen.lock().unwrap();
        let ends = seen.addresses.ends.get(&account).into_iter().flatten();
        ends.map(|(version, end)| (*version, end.clone())).collect()
    }

    /// What an address answered, against what there is of its account.
    pub(in super::super) fn check_address(
        &self,
        snapshot: &Snapshot,
        (id, version): (AccountId, u32),
        answered: &Answered,
        within: Option<DurationMs>,
    ) {
        let Some(account) = snapshot.account(id) else { return };
        let Answered { status, body } = answered;
        // Whoever was given back is not the shop's any more.
        if version != account.credentials.version || account.released().is_some() {
            if *status != 404 {
                self.breach("P21", &format!("{status} at an address that {id} had before"));
            }
            return;
        }
        if *status != 200 {
            return self.breach("P21", &format!("{status} at the address of {id}"));
        }
        let links: Vec<Url> = body.lines().filter_map(|line| line.parse().ok()).collect();
        let nobody = uuid::Uuid::nil().to_string();
        let told = links.iter().filter(|link| link.username() == nobody).count();
        if links.is_empty() || (told > 0 && links.len() > 1) {
            self.breach("P21", &format!("the address of {id} answers {} links", links.len()));
        }
        let links = links.iter().filter(|link| link.username() != nobody);
        let mut works = false;
        for link in links.clone() {
            works |= self.check_link(snapshot, account, link);
        }
        let said = told_in(body);
        self.check_said(snapshot, id, links.count() > 0, said.as_deref());
        self.check_dark(snapshot, id, works, within);
    }

    /// A link is the account's own, of a server that serves it. Says whether it leads somewhere.
    fn check_link(&self, snapshot: &Snapshot, account: &Account, link: &Url) -> bool {
        let id = account.id;
        if link.username() != account.credentials.uuid.to_string() {
            self.breach("P21", &format!("the address of {id} answers other credentials"));
            return false;
        }
        let host = link.host_str().unwrap_or_default();
        let Some(server) = self.catalog.servers.values().find(|server| server.host == host) else {
            self.breach("P21", &format!("the address of {id} leads to {host}"));
            return false;
        };
        let serves = |server: &ServerId| {
            let client = self.panels.get(server).and_then(|panel| panel.client(&email(id)));
            client.is_some_and(|c| c.is_on() && c.uuid == account.credentials.uuid.to_string())
        };
        let binding = snapshot.binding(id, &server.id);
        let left = binding.is_none_or(|b| matches!(b.disposition, Disposition::Tombstoned { .. }));
        let elsewhere = snapshot.serving(id).is_some_and(|b| serves(&b.server));
        if left && elsewhere {
            self.breach(
                "P21",
                &format!("the address of {id} leads to {}, which it left", server.id),
            );
        }
        serves(&server.id)
    }

    /// Whoever is off reads why, and gets no link.
    fn check_said(&self, snapshot: &Snapshot, id: AccountId, has_links: bool, said: Option<&str>) {
        let now = self.time.now();
        let Some(entitlement) = Entitlement::of(snapshot, id) else { return };
        let near = entitlement.ends_at.0.abs_diff(now.0) < NEAR.0;
        let doubts = self.is_wrong() || self.just_woke_up() || self.time.is_silent();
        let unsure = doubts || snapshot.in_amnesia() || near;
        let standing = entitlement.standing(now);
        let why = match standing {
            _ if unsure => return,
            Standing::Active => return,
            Standing::Suspended => &self.words.suspended,
            Standing::Depleted => &self.words.depleted,
            Standing::Expired => &self.words.expired,
        };
        if has_links {
            self.breach("P21", &format!("{id} is off, and its address answers links"));
        } else if !why.iter().any(|why| said.is_some_and(|said| said.contains(why.as_str()))) {
            let what = format!("{id} is off, {standing:?}, and reads {said:?}, not {why:?}");
            self.breach("P21", &what);
        }
    }

    /// Whoever is active gets a link that leads somewhere.
    fn check_dark(
        &self,
        snapshot: &Snapshot,
        id: AccountId,
        works: bool,
        within: Option<DurationMs>,
    ) {
        let now = self.time.now();
        let active = Entitlement::of(snapshot, id)
            .is_some_and(|e| e.standing(now) == Standing::Active && e.ends_at.since(now) > NEAR);
        let since = {
            let dark = &mut self.seen.lock().unwrap().addresses.dark;
            if works || !active {
                dark.remove(&id);
                return;
            }
            *dark.entry(id).or_insert(now)
        };
        if within.is_some_and(|within| now.since(since) >= within) {
            let what = format!("{id} is active, and its address leads nowhere since {}", since.0);
            self.breach("P21", &what);
        }
    }
}
