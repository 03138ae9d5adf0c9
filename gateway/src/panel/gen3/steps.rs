//! From what is there to what is wanted, one call at a time. Pure: the loop asks again after each
//! reading, so that whatever a call really did is what the next step starts from.

use nebulalinks_protocol::ErrorCode;

use super::wanted::Wanted;
use crate::failure::Failure;
use crate::panel::common::client_object::flag;
use crate::panel::common::located_client::LocatedClient;
use crate::panel::common::outcome::require_client;

/// One call (or an inseparable pair) to the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::panel) enum Step {
    /// Create; and switch off at once when it must be off, for a panel creates everything enabled.
    Add,
    /// Switch the client off.
    Disable,
    /// Switch the client on.
    Enable,
    /// Write the whole object.
    Update,
    /// Write a changed object and then the right one: what mends limits in the table of counters,
    /// since a panel skips an update that changes nothing.
    Touch,
    /// Put on inbounds.
    Attach(Vec<i64>),
    /// Create on inbounds once more: what mends a table that says it is there already.
    AddTo(Vec<i64>),
    /// Take off inbounds.
    Detach(Vec<i64>),
    /// Take off and put on again: what mends a double entry or a missing row of counters.
    Rebuild(i64),
    /// Delete with the counters kept, to be created again: what mends a lost record, without which
    /// a panel neither updates nor switches.
    Remove,
    /// Delete with the counters.
    Delete,
}

impl Wanted {
    /// Whether a step may be taken: of one that is not the shop's yet, or will not be, too little is known to make it
    /// once more.
    pub(super) fn may(&self, step: &Step, found: Option<&LocatedClient>) -> Result<(), Failure> {
        // Until it is adopted it is somebody's own.
        let is_ours = self.ours && found.is_none_or(|found| found.is_named(&self.email));
        match step {
            Step::Disable | Step::Enable | Step::Update | Step::Touch => Ok(()),
            _ if is_ours => Ok(()),
            Step::Add => require_client(None).map(|_| ()),
            _ => Err(Failure::new(
                ErrorCode::PanelRefused,
                "the panel's settings and tables do not agree about this client: save it once in \
                 the panel's own pages",
            )),
        }
    }
}

impl Step {
    /// Whether it may bring a client into service.
    pub(super) const fn serves(&self) -> bool {
        !matches!(self, Self::Disable | Self::Detach(_))
    }
}

/// The next step; `None` when all is as wanted.
pub(super) fn next(found: Option<&LocatedClient>, wanted: &Wanted) -> Option<Step> {
    let Some(found) = found else { return Some(Step::Add) };
    let settings_on = found.copies.iter().any(|(_, c)| flag(c, "enable"));
    let row_on = found.stats.as_ref().is_some_and(|s| s.enable);
    if !wanted.enable && (settings_on || row_on) {
        return Some(Step::Disable);
    }
    if let Some(inbound) = found.duplicated_on() {
        return Some(Step::Rebuild(inbound));
    }
    if !found.copies.iter().all(|(id, c)| wanted.matches(*id, c)) {
        return Some(Step::Update);
    }
    let is_on = |id: i64| found.copies.iter().any(|(on, _)| *on == id);
    let missing: Vec<i64> = wanted.targets.iter().map(|t| t.id).filter(|id| !is_on(*id)).collect();
    if !missing.is_empty() {
        return Some(Step::Attach(missing));
    }
    let is_target = |id: i64| wanted.targets.iter().any(|t| t.id == id);
    let extra: Vec<i64> =
        found.copies.iter().map(|(id, _)| *id).filter(|id| !is_target(*id)).collect();
    if !extra.is_empty() {
        return Some(Step::Detach(extra));
    }
    let Some(stats) = &found.stats else {
        return wanted.targets.first().map(|t| Step::Rebuild(t.id));
    };
    if (stats.total, stats.expiry) != (wanted.total, wanted.expiry) || !wanted.renews_as(stats) {
        return Some(Step::Touch);
    }
    (stats.enable != wanted.enable).then_some(Step::Enable)
}
