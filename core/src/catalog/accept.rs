//! What may follow the last good catalog: some words of the files never change.

use super::draft::Draft;
use super::files::DesiredFile;
use super::findings::Findings;
use super::place::Place;
use super::problem::Problems;
use super::types::Catalog;
use crate::model::{FamilyId, Quota};

/// Where a part stands, if that is known.
pub(super) type Locate<'l> = &'l dyn Fn(DesiredFile, &str, &str) -> Option<Place>;

/// Whether a catalog may follow another. Without the files at hand, every place is 1:1;
/// [`super::load`] knows the places.
///
/// # Errors
/// When it sells or serves nothing where the previous one did, when the shop has another id, or
/// when a plan's family or a family's kind changed.
pub fn accept(previous: Option<&Catalog>, next: Catalog) -> Result<Catalog, Problems> {
    let mut findings = Findings::default();
    if let Some(previous) = previous {
        check(previous, &next, &|_, _, _| None, &mut findings);
    }
    findings.finish().map_or(Ok(next), Err)
}

/// Adds a finding for each word that must not change and did.
pub(super) fn check_draft(
    previous: &Catalog,
    next: &Catalog,
    draft: &Draft,
    findings: &mut Findings<'_>,
) {
    check(previous, next, &|file, id, part| draft.find(file, id, part), findings);
}

fn check(previous: &Catalog, next: &Catalog, locate: Locate<'_>, findings: &mut Findings<'_>) {
    let at = |file, id: &str, part| locate(file, id, part).unwrap_or(Place::START);
    for (file, gone) in [
        (DesiredFile::Plans, next.plans.is_empty() && !previous.plans.is_empty()),
        (DesiredFile::Servers, next.servers.is_empty() && !previous.servers.is_empty()),
        (DesiredFile::Payments, next.methods.is_empty() && !previous.methods.is_empty()),
    ] {
        if gone {
            let help = "restore the file from git; to stop selling, use `lifecycle: retired`";
            findings.add(file, Place::START, "nothing is left where there was something", help);
        }
    }
    if previous.shop.id != next.shop.id {
        let message =
            format!("the shop's id was `{}` and is now `{}`", previous.shop.id, next.shop.id);
        let help = "write the old one back: it is part of every client's name on the panels";
        findings.add(DesiredFile::Shop, at(DesiredFile::Shop, "", "id"), message, help);
    }
    for plan in &next.plans {
        let id = plan.id.as_str();
        if let Some(was) = previous.plan(&plan.id).filter(|was| was.family != plan.family) {
            let message = format!(
                "the family of plan `{id}` was `{}` and is now `{}`",
                was.family, plan.family
            );
            let help = "write the old one back, or give the plan a new id";
            findings.add(DesiredFile::Plans, at(DesiredFile::Plans, id, "family"), message, help);
            continue;
        }
        let unlimited = plan.traffic == Quota::Unlimited;
        if kind_of(previous, &plan.family).is_some_and(|was| was != unlimited) {
            let is = |unlimited| if unlimited { "unlimited" } else { "capped" };
            let message = format!(
                "the family `{}` was {} and is now {}",
                plan.family,
                is(!unlimited),
                is(unlimited)
            );
            let help = "write the old traffic back, or use a new id and a new family";
            findings.add(DesiredFile::Plans, at(DesiredFile::Plans, id, "traffic"), message, help);
        }
    }
}

/// Whether a family is without a cap; `None` for one that does not exist.
fn kind_of(catalog: &Catalog, family: &FamilyId) -> Option<bool> {
    let plan = catalog.plans.iter().find(|p| p.family == *family)?;
    Some(plan.traffic == Quota::Unlimited)
}
