//! What can still be sold, and which promises can be kept.

use super::edit::{Edit, by, counted, effect, number};
use super::fates::Fates;
use super::types::Effect;
use super::types::Weight::{Info, Notice, Warning};
use crate::catalog::{Catalog, Places, PlanLifecycle};
use std::collections::BTreeMap;

pub(super) fn effects(edit: &Edit<'_>) -> Vec<Effect> {
    let places = |fates: &'_ Fates, catalog| -> (Vec<usize>, usize) {
        let places = Places::with_stranded(&fates.settled, catalog, edit.now);
        let plans = edit.after.plans.iter();
        (plans.map(|plan| room(&places, catalog, plan.id.as_str())).collect(), places.unmet())
    };
    let (room_before, unmet_before) = places(edit.anyway, edit.before);
    let (room_after, unmet_after) = places(edit.then, edit.after);
    let mut effects = Vec::new();
    let rooms = edit.after.plans.iter().zip(room_before.into_iter().zip(room_after));
    let mut changed: BTreeMap<(usize, usize), Vec<&str>> = BTreeMap::new();
    for (plan, (was, is)) in rooms {
        let sold =
            |c: &Catalog| c.plan(&plan.id).is_some_and(|p| p.lifecycle != PlanLifecycle::Retired);
        if was != is && sold(edit.before) && sold(edit.after) {
            changed.entry((was, is)).or_default().push(plan.id.as_str());
        }
    }
    for ((was, is), plans) in changed {
        let plans = plans.join(", ");
        let (weight, end) = match (was, is) {
            (1.., 0) => (Warning, ": no new customer finds one"),
            _ if is < was => (Notice, ""),
            _ => (Info, ""),
        };
        let text =
            format!("places for new customers of {plans}: {} → {}{end}", number(was), number(is));
        effects.push(effect(weight, "places", is, Some(&plans), text));
    }
    let broken = unmet_after.saturating_sub(unmet_before);
    if broken > 0 {
        let text = format!(
            "{} that {} promised or waited for cannot be given: no server that the plans allow has room",
            counted(broken, "place"),
            by(broken, "was", "were")
        );
        effects.push(effect(Warning, "promises", broken, None, text));
    }
    effects
}

/// How many new accounts of a plan would find a place.
fn room(places: &Places<'_>, catalog: &Catalog, plan: &str) -> usize {
    let plan = catalog.plans.iter().find(|p| p.id.as_str() == plan);
    plan.map_or(0, |plan| places.room_for(&plan.servers))
}
