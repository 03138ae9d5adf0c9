//! What an edit does to whom, put together.

use super::edit::{Edit, effect};
use super::fates::Fates;
use super::types::{Effect, Weight};
use super::{accounts, links, orders, pictures, places, servers};
use crate::catalog::Catalog;
use crate::model::{Snapshot, UnixMs};

/// All of it, what matters most first.
pub(super) fn all(
    snapshot: &Snapshot,
    before: &Catalog,
    after: &Catalog,
    now: UnixMs,
) -> Vec<Effect> {
    let anyway = Fates::under(snapshot, before, now);
    let then = Fates::under(snapshot, after, now);
    let edit = Edit { snapshot, before, after, now, anyway: &anyway, then: &then };
    let mut effects = accounts::effects(&edit);
    effects.extend(links::effects(&edit));
    effects.extend(orders::effects(&edit));
    effects.extend(servers::effects(&edit));
    effects.extend(places::effects(&edit));
    effects.extend(pictures::effects(&edit));
    if snapshot.in_amnesia() && !then.of.is_empty() {
        let text = "the store is in Amnesia: nobody moves, and nothing is taken away, until it is \
                    resolved";
        effects.push(effect(Weight::Warning, "amnesia", 0, None, text.to_owned()));
    }
    effects.sort_by_key(|effect| effect.weight);
    effects
}
