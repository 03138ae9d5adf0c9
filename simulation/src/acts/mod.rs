//! Faults that a seed of ordinary days would seldom bring, or that end a cluster in another way: each
//! act brings one on purpose, varied by its seed, under the same monitors.

pub mod clocks;
pub mod places;
pub mod restores;
pub mod servers;
pub mod usage;

use super::cluster::Cluster;
use super::mutation::Mutation;
use super::run::{Met, paused};
use futures::future::LocalBoxFuture;

/// Plays an act in a cluster with a mutation, or none.
pub type Play = fn(u64, Mutation) -> LocalBoxFuture<'static, Cluster>;

/// Plays one seed of an act: the breaches, and the faults that it met.
pub fn played(play: Play, seed: u64, mutation: Mutation) -> (Vec<String>, Met) {
    paused(async {
        let cluster = play(seed, mutation).await;
        let mut met = Met::new();
        cluster.counts.add_to(&mut met);
        (cluster.monitors.breaches(), met)
    })
}
