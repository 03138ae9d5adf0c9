//! News from staff to many customers: written, sent by whoever wrote it, and stopped by whoever of the staff
//! may send one.

use super::records::{Decided, Records};
use super::{BroadcastRequest, Rejection, Reply, Staff};
use crate::catalog::{Catalog, characters};
use crate::model::{
    Broadcast, BroadcastId, BroadcastState, DurationMs, Edits, HOUR_MS, Key, Progress, UnixMs,
};

/// How long a draft is remembered: longer than it may be sent.
const DRAFTS: DurationMs = DurationMs(HOUR_MS);
/// So many of those that ended are remembered, the newest.
const ENDED: usize = 20;

/// Keeps what somebody wrote. Nothing goes out by it; their earlier drafts are forgotten.
pub(super) fn draft(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &BroadcastRequest,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    if !asked.staff.may_decide(catalog) {
        return Err(Rejection::NotStaff);
    }
    // A redelivered dialog finds what it wrote, sent since or not.
    if let Some(stands) = records.snapshot.broadcast(asked.id) {
        return Ok((Edits::new(), reply(stands)));
    }
    let text = characters::as_read(&asked.text);
    if !(1..=Broadcast::MOST_CHARS).contains(&text.chars().count()) {
        return Err(Rejection::BroadcastText);
    }
    if !catalog.knows_audience(&asked.to) {
        return Err(Rejection::UnknownAudience);
    }
    let mut edits = Edits::new();
    let by = asked.staff.actor();
    for id in outlived(records, &by, now) {
        records.pin(&mut edits, Key::Broadcast(id));
        edits.delete(Key::Broadcast(id));
    }
    edits.insert(Broadcast {
        id: asked.id,
        text: text.into(),
        to: asked.to.clone(),
        by,
        drafted_at: now,
        reach: asked.reach,
        state: BroadcastState::Draft,
        progress: Progress::default(),
        told: false,
    });
    Ok((edits, Reply::BroadcastDrafted(asked.id)))
}

/// What is to be forgotten when somebody writes the next one.
fn outlived(records: &Records<'_>, by: &crate::model::Actor, now: UnixMs) -> Vec<BroadcastId> {
    let is_old = |b: &&Broadcast| b.by == *by || b.drafted_at + DRAFTS <= now;
    let drafts = records.snapshot.broadcasts().filter(|b| b.state == BroadcastState::Draft);
    let mut old: Vec<BroadcastId> = drafts.filter(is_old).map(|b| b.id).collect();
    let told = records.snapshot.broadcasts().filter(|b| b.told);
    let mut ended: Vec<_> = told.filter_map(|b| Some((b.ended_at()?, b.id))).collect();
    ended.sort_unstable();
    old.extend(ended.iter().rev().skip(ENDED).map(|(_, id)| *id));
    old
}

/// Sends a draft, once: by whoever wrote it.
pub(super) fn send(
    records: &Records<'_>,
    catalog: &Catalog,
    (id, staff): (BroadcastId, &Staff),
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let broadcast = of_staff(records, catalog, id, staff)?;
    if broadcast.by != staff.actor() {
        return Err(Rejection::UnknownBroadcast);
    }
    let mut edits = Edits::new();
    if broadcast.state != BroadcastState::Draft {
        return Ok((edits, reply(broadcast)));
    }
    // What the store may lack is who has news already, and who does not want them.
    if records.snapshot.in_amnesia() {
        return Err(Rejection::StoreDamaged);
    }
    records.pin(&mut edits, Key::Broadcast(id));
    edits.put(Broadcast { state: BroadcastState::Sending(now), ..broadcast.clone() });
    Ok((edits, Reply::BroadcastSending(id)))
}

/// Stops one that goes out: whoever has it keeps it. One that has ended stays as it is.
pub(super) fn stop(
    records: &Records<'_>,
    catalog: &Catalog,
    (id, staff): (BroadcastId, &Staff),
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let broadcast = of_staff(records, catalog, id, staff)?;
    let mut edits = Edits::new();
    match broadcast.state {
        BroadcastState::Sending(_) => {
            records.pin(&mut edits, Key::Broadcast(id));
            let state = BroadcastState::Stopped { by: staff.actor(), at: now };
            edits.put(Broadcast { state, ..broadcast.clone() });
            Ok((edits, Reply::BroadcastEnded(id)))
        }
        // Nothing of it goes out.
        BroadcastState::Draft => Err(Rejection::UnknownBroadcast),
        BroadcastState::Sent(_) | BroadcastState::Stopped { .. } => Ok((edits, reply(broadcast))),
    }
}

fn of_staff<'a>(
    records: &Records<'a>,
    catalog: &Catalog,
    id: BroadcastId,
    staff: &Staff,
) -> Result<&'a Broadcast, Rejection> {
    if !staff.may_decide(catalog) {
        return Err(Rejection::NotStaff);
    }
    records.snapshot.broadcast(id).ok_or(Rejection::UnknownBroadcast)
}

/// What is answered of one that stands.
const fn reply(broadcast: &Broadcast) -> Reply {
    match broadcast.state {
        BroadcastState::Draft => Reply::BroadcastDrafted(broadcast.id),
        BroadcastState::Sending(_) => Reply::BroadcastSending(broadcast.id),
        BroadcastState::Sent(_) | BroadcastState::Stopped { .. } => {
            Reply::BroadcastEnded(broadcast.id)
        }
    }
}
