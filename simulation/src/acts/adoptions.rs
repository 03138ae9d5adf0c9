//! An operator adopts clients that were on a server before (P3, P6, P7, P14, P20): they are never off, keep
//! what they are, and nobody gets a second one.

use super::super::cluster::{Cluster, Setting};
use super::super::effects::{GOES_ASTRAY, ROUND_A_CALL};
use super::super::final_checks;
use super::super::monitors::Knows;
use super::super::mutation::Mutation;
use super::super::rng::Rng;
use super::super::storefront::{A_WHILE, Storefront};
use super::super::time::pass_seconds;
use nebulalinks::intent::{Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::store::MemoryStore;
use nebulalinks_model_panel::{Backup, ClientSnapshot, Fault, ModelPanel, PanelVersion};
use nebulalinks_testkit::people;
use nebulalinks_testkit::world::email;

/// The process dies between the record and the new name; the new name's request or answer goes astray; new
/// credentials come before the new name; a panel, and a store, of before the adoption come back; somebody
/// gives it another name by hand first; and a hand edits it while it is asked for.
pub(super) const KINDS: u64 = 7;
const DYING: u64 = 0;
const ASTRAY: u64 = 1;
const ROTATED: u64 = 2;
const OLD_PANEL: u64 = 3;
const OLD_STORE: u64 = 4;
const RENAMED: u64 = 5;

const STRANGERS: u64 = 4;
const MIB: i64 = 1 << 20;
const GIB: i64 = 1 << 30;
/// P7 gives that long, and a cooldown less.
const SOON: u64 = 130;

pub(super) async fn of_strangers(seed: u64, mutation: Mutation) -> Cluster {
    let (kind, way) = (seed % KINDS, usize::try_from(seed / KINDS).unwrap());
    let rng = Rng::new(seed, 12);
    let version = if rng.once_in(3) { PanelVersion::V2_9_4 } else { PanelVersion::Head };
    let setting = Setting {
        room: [100, 0],
        term: DurationMs(120 * MINUTE_MS),
        versions: [version, PanelVersion::V3_4_2],
        ..Setting::default()
    };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    shop.sell(3).await;
    let server = shop.servers().remove(0);
    let panel = shop.cluster.panels[&server].clone();
    let mut act = Act { server, panel, rng, shop, clients: Vec::new() };
    act.were_there_before().await;
    let (store, old) = (act.shop.cluster.backup(), act.panel.backup());
    let is_down = match kind {
        ROTATED | OLD_STORE => way.is_multiple_of(2),
        RENAMED => true,
        _ => false,
    };
    if is_down {
        act.panel.faults().set(Fault::Down);
    }
    match kind {
        DYING => act.shop.cluster.process.die_at(ROUND_A_CALL[way % ROUND_A_CALL.len()]),
        ASTRAY => {
            act.shop.cluster.counts.effects.arm(GOES_ASTRAY[way % GOES_ASTRAY.len()], "update")
        }
        _ => {}
    }
    let held =
        (kind == ROTATED && !is_down).then(|| act.shop.cluster.counts.effects.hold("update"));
    if kind > RENAMED {
        act.edits();
    }
    for n in 0..act.clients.len() {
        act.adopts(n).await;
    }
    act.shop.cluster.counts.met("clients were adopted");
    let known = act.shop.cluster.backup();
    if let Some(held) = &held {
        held.came().await;
    }
    if kind == ROTATED {
        act.rotate().await;
    }
    if let Some(held) = held {
        held.go_on();
    }
    if kind == RENAMED {
        act.renames();
    }
    act.lives(30).await;
    act.panel.faults().clear();
    act.lives(SOON).await;
    match kind {
        OLD_PANEL => act.panel_comes_back(&old, way % 2 == 1).await,
        // A store that knows of the adoption, and one that does not.
        OLD_STORE if is_down => act.store_comes_back(known).await,
        OLD_STORE => {
            act.store_comes_back(store).await;
            act.are_as_they_were();
            return act.shop.cluster;
        }
        _ => {}
    }
    final_checks::settle(&mut act.shop.cluster).await;
    act.kept_all();
    final_checks::stays(&act.shop.cluster).await;
    act.shop.cluster
}

/// A client that is adopted.
struct Theirs {
    name: String,
    /// As it was on its panel.
    before: ClientSnapshot,
    seen: ObservedClient,
    account: Option<AccountId>,
    rotated: bool,
}

struct Act {
    shop: Storefront,
    server: ServerId,
    panel: ModelPanel,
    clients: Vec<Theirs>,
    rng: Rng,
}

impl Act {
    /// Somebody made clients by hand, and they are used. An operator's proposal lists them.
    async fn were_there_before(&mut self) {
        let now = i64::try_from(self.shop.cluster.now().0).unwrap();
        let mut names = Vec::new();
        for n in 0..STRANGERS {
            let name = format!("Bobs.Phone+{n}@home");
            self.panel.add_foreign(&name).unwrap();
            let day = i64::try_from(DAY_MS).unwrap();
            let days = 1 + i64::try_from(self.rng.below(40)).unwrap();
            let edited = self.panel.edit_by_hand(&name, |client| {
                (client.total_gb, client.limit_ip) = (50 * GIB, 3);
                client.expiry_time = now + days * day;
                client.comment = "since 2023".to_owned();
            });
            edited.unwrap();
            let used = i64::try_from(self.rng.below(20)).unwrap() * GIB;
            self.panel.add_traffic(&name, used, 7 * MIB);
            names.push(name);
        }
        pass_seconds(70).await;
        let listed = self.shop.cluster.somebody_lists(&self.server).await;
        for name in names {
            let seen = listed.foreign.iter().find(|client| client.email == name).cloned().unwrap();
            let before = self.panel.client(&name).unwrap();
            self.clients.push(Theirs { name, before, seen, account: None, rotated: false });
        }
    }

    /// Since the list a hand has changed what may be changed of a client without anybody's harm.
    fn edits(&self) {
        let day = i64::try_from(DAY_MS).unwrap();
        for Theirs { name, .. } in &self.clients {
            let which = self.rng.below(4);
            let edited = self.panel.edit_by_hand(name, |client| match which {
                0 => client.total_gb += GIB,
                1 => client.limit_ip = 5,
                2 => client.expiry_time += day,
                _ => client.comment = "her daughter's".to_owned(),
            });
            edited.unwrap();
        }
    }

    /// Asks until somebody answers.
    async fn adopts(&mut self, n: usize) {
        let by = people::adopt(40 + n as u64, &self.server, &self.clients[n].seen, "basic-30");
        for _ in 0..20 {
            match self.shop.cluster.submit(by.clone()).await {
                Some(Ok(Reply::Adopted(account) | Reply::AlreadyAdopted(account))) => {
                    self.clients[n].account = Some(account);
                    return;
                }
                // The process died meanwhile.
                Some(Err(Rejection::StoreUnavailable)) | None => self.shop.cluster.revive().await,
                Some(other) => panic!("{other:?}"),
            }
            pass_seconds(1).await;
        }
        panic!("nobody answers");
    }

    /// Some get new credentials.
    async fn rotate(&mut self) {
        for n in 0..self.clients.len() {
            // The first always: it is that whose new name waits.
            if n > 0 && self.rng.once_in(2) {
                continue;
            }
            let account = self.clients[n].account.unwrap();
            self.shop.cluster.submit(people::rotate(account, 1)).await.unwrap().unwrap();
            self.clients[n].rotated = true;
        }
    }

    /// A hand gives them other names.
    fn renames(&mut self) {
        for client in &mut self.clients {
            let name = format!("{}-2", client.name);
            let renamed = self.panel.edit_by_hand(&client.name, |c| c.email.clone_from(&name));
            renamed.unwrap();
            client.name = name;
        }
    }

    /// Those that live with what a client had or has.
    fn living(&self, client: &Theirs) -> Vec<ClientSnapshot> {
        let snapshot = self.shop.cluster.snapshot();
        let account = client.account.and_then(|id| snapshot.account(id));
        let now = account.map(|account| account.credentials.uuid.to_string());
        let is = |c: &ClientSnapshot| c.uuid == client.before.uuid || Some(&c.uuid) == now.as_ref();
        self.panel.clients().into_iter().filter(|c| c.is_on() && is(c)).collect()
    }

    /// Time passes, and they are used all along.
    async fn lives(&mut self, seconds: u64) {
        for _ in 0..seconds {
            for client in &self.clients {
                let [one] = &self.living(client)[..] else {
                    let what = format!("{}: {:?}", client.name, self.living(client));
                    self.shop.breach_unless(false, "P7", &format!("not one of it is on: {what}"));
                    continue;
                };
                if self.rng.once_in(5) {
                    self.flows(client, one);
                }
            }
            pass_seconds(1).await;
            self.shop.cluster.revive().await;
        }
    }

    fn flows(&self, client: &Theirs, one: &ClientSnapshot) {
        let mib = 1 + self.rng.below(3);
        let bytes = i64::try_from(mib).unwrap() * MIB;
        if self.panel.add_traffic(&one.email, 0, bytes)
            && let Some(id) = client.account
        {
            let snapshot = self.shop.cluster.snapshot();
            let bytes = bytes.unsigned_abs();
            self.shop.cluster.monitors.flowed(&snapshot, (&self.server, id), one, bytes);
        }
    }

    /// The panel is of before the adoption.
    async fn panel_comes_back(&mut self, old: &Backup, rotated: bool) {
        if rotated {
            self.rotate().await;
            self.lives(20).await;
        }
        self.shop.cluster.restore_panel(&self.server, old);
        self.lives(SOON).await;
    }

    /// The store is of before the new names, or of before the adoption.
    async fn store_comes_back(&mut self, store: MemoryStore) {
        self.shop.cluster.restore(store, Knows::OneSide).await;
        self.shop.cluster.counts.met("a store came back from the past");
        self.lives(A_WHILE).await;
        self.shop.cluster.resolve_amnesia().await;
        self.lives(SOON).await;
        self.shop.cluster.monitors.restore_is_over();
    }

    /// What nobody knows any more lives on under the name that it has.
    fn are_as_they_were(&self) {
        for client in &self.clients {
            let name = client.account.map(email).unwrap();
            let lives = self.panel.client(&name).is_some_and(|c| is_the_row(&c, &client.before));
            self.shop.breach_unless(lives, "P15", &format!("{name} is not what it was"));
        }
    }

    /// Its own row, credentials, end and usage.
    fn kept_all(&self) {
        let snapshot = self.shop.cluster.snapshot();
        for client in &self.clients {
            let id = client.account.unwrap();
            let account = snapshot.account(id).unwrap();
            let entitlement = Entitlement::of(&snapshot, id).unwrap();
            let there = self.panel.client(&email(id));
            let row = there.as_ref().is_some_and(|c| is_the_row(c, &client.before));
            self.shop.breach_unless(row, "P3", &format!("{id} has another client: {there:?}"));
            let keys = &account.credentials;
            let same = (keys.uuid.to_string(), &keys.sub_id)
                == (client.before.uuid.clone(), &client.before.sub_id);
            let what = format!("{id} has other credentials: {}", client.rotated);
            self.shop.breach_unless(same != client.rotated, "P20", &what);
            let end = Some(End::at(entitlement.ends_at)) == client.seen.end;
            self.shop.breach_unless(end, "P6", &format!("{id} has another end"));
            let used = entitlement.used >= client.seen.counter;
            let what =
                format!("{id} used {} and more, not {}", client.seen.counter, entitlement.used);
            self.shop.breach_unless(used, "P14", &what);
        }
    }
}

/// The same row of counters, which never fell.
fn is_the_row(now: &ClientSnapshot, before: &ClientSnapshot) -> bool {
    (now.row_id, now.created_at) == (before.row_id, before.created_at)
        && now.up + now.down >= before.up + before.down
}
