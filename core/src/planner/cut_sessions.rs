//! When Xray is started anew for sessions that outlive a cut-off: where servers.yaml says so, in its
//! hours, and once in them.

use crate::catalog::{Catalog, Mode, Server};
use crate::model::{AccountId, Snapshot, StillConnected, UnixMs};

/// For how many it is due; `None`: it is not.
pub(super) fn cut_sessions(
    snapshot: &Snapshot,
    catalog: &Catalog,
    server: &Server,
    still_connected: &[(AccountId, StillConnected)],
    now: UnixMs,
) -> Option<u32> {
    let rule = server.cut_open_sessions.filter(|_| server.mode == Mode::Manage)?;
    // One that paused may be gone: nobody reconnects for it.
    let is_long = |open: &StillConnected| open.last == now && now.since(open.since) >= rule.after;
    let count = still_connected.iter().filter(|(_, open)| is_long(open)).count();
    let began = rule.between.began(now, &catalog.shop.time_zone)?;
    let status = snapshot.server_status(&server.id)?;
    // One that lies in the future was before the clock was set back: it counts for these hours.
    let was_cut = status.sessions_cut.as_ref().is_some_and(|cut| cut.at >= began);
    let works = status.outage.is_none();
    (count > 0 && works && !was_cut).then(|| u32::try_from(count).unwrap_or(u32::MAX))
}
