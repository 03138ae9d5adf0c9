//! What open orders and sold terms keep.

use super::edit::{Edit, by, counted, effect};
use super::types::Effect;
use super::types::Weight::{Info, Notice, Warning};
use crate::catalog::{MethodLifecycle, Plan, PlanLifecycle};
use crate::model::{MethodId, Order, OrderState, PlanId, PromoId};
use std::collections::{BTreeMap, BTreeSet};

/// What of a plan an edit takes from open orders: nothing, each keeps its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kept {
    Price,
    Terms,
    Plan,
}

pub(super) fn effects(edit: &Edit<'_>) -> Vec<Effect> {
    let open = [OrderState::AwaitingPayment, OrderState::AwaitingReview];
    let open: Vec<&Order> =
        edit.snapshot.orders().filter(|o| open.contains(&o.state(edit.now))).collect();
    let mut effects = open_orders(edit, &open);
    effects.extend(methods(edit, &open));
    effects.extend(sold(edit));
    effects.extend(renamed_codes(edit));
    effects
}

/// A code's uses are counted under its id.
fn renamed_codes(edit: &Edit<'_>) -> Vec<Effect> {
    let was: BTreeMap<String, &PromoId> = edit
        .before
        .promos
        .iter()
        .map(|promo| (promo.code.to_ascii_lowercase(), &promo.id))
        .collect();
    let renamed = edit.after.promos.iter().filter_map(|promo| {
        let was = was.get(&promo.code.to_ascii_lowercase()).filter(|was| **was != &promo.id)?;
        let uses = |id: &PromoId| edit.snapshot.code_uses(id, edit.now);
        let (used, counts) = (uses(was), uses(&promo.id));
        if used <= counts {
            return None;
        }
        let text = format!(
            "code {} had the id {was}, with {}: with the id {} it counts {counts}, and the others may \
             be had again",
            promo.code,
            counted(used, "use"),
            promo.id,
        );
        Some(effect(Warning, "code_renamed", used - counts, Some(&promo.id), text))
    });
    renamed.collect()
}

fn open_orders(edit: &Edit<'_>, open: &[&Order]) -> Vec<Effect> {
    let mut kept: BTreeMap<(PlanId, Kept), usize> = BTreeMap::new();
    for order in open {
        for what in keeps(edit, order) {
            *kept.entry((order.plan.id.clone(), what)).or_default() += 1;
        }
    }
    let line = |((plan, what), count): ((PlanId, Kept), usize)| {
        let who = format!("{} of {plan}", counted(count, "open order"));
        let text = match what {
            Kept::Price => format!("{who} {} the old price", by(count, "keeps", "keep")),
            Kept::Terms => format!(
                "{who} {} what {} shown: length, traffic, devices, servers",
                by(count, "keeps", "keep"),
                by(count, "it was", "they were")
            ),
            Kept::Plan => format!("{who} can still be paid and approved, as the plan was"),
        };
        let code = match what {
            Kept::Price => "orders_keep_price",
            Kept::Terms => "orders_keep_terms",
            Kept::Plan => "orders_keep_plan",
        };
        effect(Info, code, count, Some(&plan), text)
    };
    kept.into_iter().map(line).collect()
}

/// What of an order differs from what its plan becomes by this edit.
fn keeps(edit: &Edit<'_>, order: &Order) -> Vec<Kept> {
    let Some(was) = edit.before.plan(&order.plan.id) else { return Vec::new() };
    let is_sold = |plan: &Plan| plan.lifecycle == PlanLifecycle::Active;
    let Some(is) = edit.after.plan(&order.plan.id) else { return vec![Kept::Plan] };
    let mut kept = Vec::new();
    if is_sold(was) && !is_sold(is) {
        kept.push(Kept::Plan);
    }
    let code = &order.method.price.currency.code;
    let price = |plan: &Plan| plan.prices.iter().find(|p| p.currency.code == *code).cloned();
    let asked = order.promo.as_ref().map_or(&order.method.price, |reduced| &reduced.full);
    if price(was) != price(is) && Some(asked) != price(is).as_ref() {
        kept.push(Kept::Price);
    }
    if terms(was) != terms(is) {
        kept.push(Kept::Terms);
    }
    kept
}

fn terms(plan: &Plan) -> impl PartialEq {
    (plan.duration, plan.traffic, plan.devices, plan.servers.clone())
}

fn methods(edit: &Edit<'_>, open: &[&Order]) -> Vec<Effect> {
    let mut chose: BTreeMap<&MethodId, usize> = BTreeMap::new();
    for order in open {
        *chose.entry(&order.method.method).or_default() += 1;
    }
    let mut effects = Vec::new();
    for (id, count) in chose {
        let Some(was) = edit.before.method(id) else { continue };
        let who = format!("{} that chose {id}", counted(count, "open order"));
        let Some(is) = edit.after.method(id) else {
            let text = format!(
                "{who} {} {} instructions, and {} approved only with a proof: keep the method with \
                 `lifecycle: retired` until they are done",
                by(count, "loses", "lose"),
                by(count, "its", "their"),
                by(count, "is", "are")
            );
            effects.push(effect(Warning, "method_removed", count, Some(id), text));
            continue;
        };
        if was.lifecycle != is.lifecycle && is.lifecycle == MethodLifecycle::Retired {
            let text = format!("{who} {} on with it", by(count, "goes", "go"));
            effects.push(effect(Info, "orders_keep_method", count, Some(id), text));
        }
        if was.account != is.account || was.instructions != is.instructions {
            let text = format!(
                "{who} {} where to pay as the file says it then; whoever pays by the old text pays there",
                by(count, "shows", "show")
            );
            effects.push(effect(Notice, "pay_elsewhere", count, Some(id), text));
        }
    }
    effects
}

/// A plan that was paid for becomes a trial: how its accounts go on.
fn becomes_trial(edit: &Edit<'_>, is: &Plan, terms: &str, count: usize) -> Effect {
    let Plan { id, family, .. } = is;
    let goes = by(count, "goes", "go");
    if edit.after.plans.iter().any(|p| p.family == *family && edit.after.renews(p, false)) {
        let text = format!(
            "{terms} of {id} {goes} on as sold; it becomes a trial, so accounts of family {family} renew \
             with its other plans only"
        );
        return effect(Info, "plan_becomes_trial", count, Some(id), text);
    }
    let text = format!(
        "{terms} of {id} {goes} on as sold; it becomes a trial, and accounts of family {family} cannot \
         renew any more: no other plan of it is on sale"
    );
    effect(Warning, "plan_becomes_trial", count, Some(id), text)
}

/// What becomes of the trials of a plan. Nobody renews with one.
fn trials(was: &Plan, is: &Plan, gone: bool, count: usize) -> Option<Effect> {
    let (id, trials) = (&is.id, counted(count, "trial"));
    let goes_on = by(count, "goes on as it was given", "go on as they were given");
    let retired = was.lifecycle != is.lifecycle && is.lifecycle == PlanLifecycle::Retired;
    let (code, text) = if gone {
        ("plan_removed_in_use", format!("{trials} of {id} {goes_on}; nobody new gets one"))
    } else if retired {
        ("plan_retired", format!("{trials} of {id} {goes_on}; nobody new gets one"))
    } else if terms(was) != terms(is) {
        ("terms_stay", format!("{trials} of {id} {goes_on}; the next one is by the new plan"))
    } else {
        return None;
    };
    Some(effect(Info, code, count, Some(id), text))
}

/// What was sold of plans that change or go.
fn sold(edit: &Edit<'_>) -> Vec<Effect> {
    let mut effects = Vec::new();
    let gone: BTreeSet<&PlanId> =
        edit.after.retained_plans.difference(&edit.before.retained_plans).collect();
    for was in &edit.before.plans {
        let count = edit.snapshot.terms_sold_as(&was.id);
        let (id, terms_text) = (&was.id, counted(count, "sold term"));
        let Some(is) = edit.after.plan(id).filter(|_| count > 0) else { continue };
        if was.trial && is.trial {
            effects.extend(trials(was, is, gone.contains(id), count));
            continue;
        }
        let (code, text) = if gone.contains(id) {
            let text = format!(
                "{terms_text} of {id} {} on as sold; the plan is neither sold nor renewed any more",
                by(count, "goes", "go")
            );
            ("plan_removed_in_use", text)
        } else if was.lifecycle != is.lifecycle && is.lifecycle == PlanLifecycle::Retired {
            let text = format!(
                "{terms_text} of {id} {} on as sold; accounts of family {} still renew with it, \
                 nobody new gets it",
                by(count, "goes", "go"),
                is.family
            );
            ("plan_retired", text)
        } else if !was.trial && is.trial {
            effects.push(becomes_trial(edit, is, &terms_text, count));
            continue;
        } else if was.prices != is.prices || terms(was) != terms(is) {
            let text = format!(
                "{terms_text} of {id} {} as {}; renewals are by the new plan",
                by(count, "stays", "stay"),
                by(count, "it is", "they are")
            );
            ("terms_stay", text)
        } else {
            continue;
        };
        effects.push(effect(Info, code, count, Some(id), text));
    }
    effects
}
