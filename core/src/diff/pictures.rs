//! Which pictures of payments would be deleted.

use super::edit::{Edit, by, counted, effect};
use super::types::Effect;
use super::types::Weight::Warning;
use crate::catalog::Catalog;

pub(super) fn effects(edit: &Edit<'_>) -> Vec<Effect> {
    let (pictures_before, orders_before) = due(edit, edit.before);
    let (pictures, orders) = due(edit, edit.after);
    let pictures = pictures.saturating_sub(pictures_before);
    let orders = orders.saturating_sub(orders_before);
    if pictures == 0 {
        return Vec::new();
    }
    let text = format!(
        "{} of {} would be deleted, since {} kept longer than `retention.proofs`: nobody gets {} back",
        counted(pictures, "picture"),
        counted(orders, "order"),
        by(pictures, "it was", "they were"),
        by(pictures, "it", "them"),
    );
    vec![effect(Warning, "pictures", pictures, None, text)]
}

/// How many pictures would be deleted at once, of how many orders; those of which it is decided not counted.
fn due(edit: &Edit<'_>, catalog: &Catalog) -> (usize, usize) {
    let Some(keep) = catalog.shop.retention.proofs else { return (0, 0) };
    let kept = edit.snapshot.pictures_kept().filter(|(since, ..)| since.0 > 0);
    let due = kept.take_while(|(since, ..)| *since + keep <= edit.now);
    due.fold((0, 0), |(pictures, orders), (_, _, count)| (pictures + count, orders + 1))
}
