//! Faults that a seed of ordinary days would seldom bring, or that end a cluster in another way: each
//! act brings one on purpose, varied by its seed, under the same monitors.

mod addresses;
mod adoptions;
mod clocks;
mod dead;
pub mod drains;
mod effects;
mod files;
mod forgetting;
mod hands;
mod inbounds;
mod news;
mod orphans;
mod places;
mod refusals;
mod releases;
mod reminders;
mod restores;
mod servers;
mod sessions;
mod strangers;
mod taken_back;
mod usage;
mod weeks;

use super::cluster::Cluster;
use super::final_checks;
use super::mutation::Mutation;
use super::run::{Met, paused};
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use nebulalinks::catalog::ServerLifecycle;

/// Plays an act in a cluster with a mutation, or none.
pub type Play = fn(u64, Mutation) -> LocalBoxFuture<'static, Cluster>;

/// One fault on purpose.
#[derive(Debug)]
pub struct Act {
    /// What it is called.
    pub name: &'static str,
    /// Plays it.
    pub play: Play,
    /// It is another by each of so many seeds.
    pub kinds: u64,
    /// What is counted when the fault met the system.
    pub fault: &'static str,
}

macro_rules! act {
    ($name:literal, $play:path, $kinds:expr, $fault:literal) => {
        Act {
            name: $name,
            play: |seed, mutation| $play(seed, mutation).boxed_local(),
            kinds: $kinds,
            fault: $fault,
        }
    };
}

/// All of them.
pub const ACTS: &[Act] = &[
    act!("our clock", clocks::the_controllers, 2, "the controller's clock was wrong"),
    act!("all servers' clocks", clocks::every_servers, 2, "every host was ahead"),
    act!("a sleep", clocks::asleep, 1, "every machine slept"),
    act!("one server's clock", clocks::one_servers, 2, "a server's clock was off"),
    act!(
        "something old",
        restores::something_old,
        restores::KINDS,
        "a store came back from the past"
    ),
    act!("a client comes back", orphans::comes_back, orphans::KINDS, "a deleted client came back"),
    act!("many by hand", hands::en_masse, hands::KINDS, "many were edited by hand at once"),
    act!("another panel", strangers::set_up_anew, strangers::KINDS, "a panel was set up anew"),
    act!("an adoption", adoptions::of_strangers, adoptions::KINDS, "clients were adopted"),
    act!("a release", releases::of_clients, releases::KINDS, "clients were given back"),
    act!("reminders", reminders::of_ends, reminders::KINDS, "a customer was reminded"),
    act!("news", news::to_many, news::KINDS, "news went out"),
    act!(
        "somebody is forgotten",
        forgetting::somebody,
        forgetting::KINDS,
        "a customer was forgotten"
    ),
    act!("open sessions", sessions::outlive, sessions::KINDS, "sessions outlived their cut-offs"),
    act!("an address", addresses::asked, addresses::KINDS, "addresses were asked"),
    act!("a server to be left", drains::to_be_left, drains::KINDS, "a server was to be left"),
    act!("dead panels", dead::many, dead::KINDS, "most panels were dead"),
    act!("bad files", files::edited_badly, files::KINDS, "the files were bad"),
    act!("each effect", effects::each, effects::KINDS, "a fault met each kind of effect"),
    act!("taken back", taken_back::before_it_is_sent, taken_back::KINDS, "a gift was taken back"),
    act!("inbounds", inbounds::changed, inbounds::KINDS, "inbounds were changed by hand"),
    act!("years", places::years, 1, "a place came back"),
    act!("an overrun", usage::overrun, 1, "traffic flowed beyond a cap"),
    act!("a refused enable", usage::refused, 2, "an outage was made up for"),
    act!("a useless server", servers::useless, 2, "a server was useless"),
    act!("a refused login", servers::locked, 1, "a login was refused"),
    act!("weeks without a panel", weeks::without_a_panel, 1, "a panel was down for weeks"),
    act!("Discord refuses", refusals::for_good, refusals::KINDS, "a surface was refused for good"),
];

/// A server with so many accounts gets this lifecycle; how that went.
pub fn left_by_many(accounts: u64, lifecycle: ServerLifecycle) -> drains::DrainReport {
    paused(drains::of_many(accounts, lifecycle))
}

/// Plays one seed of an act: the breaches, and the faults that it met.
pub fn played(play: Play, seed: u64, mutation: Mutation) -> (Vec<String>, Met) {
    paused(async {
        let cluster = play(seed, mutation).await;
        final_checks::the_whole(&cluster);
        let mut met = Met::new();
        cluster.counts.add_to(&mut met);
        (cluster.monitors.breaches(), met)
    })
}
