//! Staff say that the panel a server answers as is the right one.

use super::records::{Decided, Records};
use super::{Rejection, Reply, Staff};
use crate::catalog::Catalog;
use crate::model::{Edits, Key, ServerHome, ServerId, UnixMs};

/// Only the panel that answered last can be accepted, by its name: what was looked at is what is said
/// to be right.
pub(super) fn accept(
    records: &Records<'_>,
    catalog: &Catalog,
    server: &ServerId,
    panel: &str,
    staff: &Staff,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    if !staff.may_decide(catalog) {
        return Err(Rejection::NotStaff);
    }
    let status = records.snapshot.server_status(server).ok_or(Rejection::UnknownServer)?;
    if status.panel.as_ref().is_none_or(|seen| seen.identity != panel) {
        return Err(Rejection::OtherPanel);
    }
    let mut edits = Edits::new();
    records.pin(&mut edits, Key::ServerStatus(server.clone()));
    if records.snapshot.server_home(server).is_none_or(|home| home.panel != panel) {
        records.pin(&mut edits, Key::ServerHome(server.clone()));
        edits.put(ServerHome { server: server.clone(), panel: panel.to_owned(), since: now });
    } else {
        edits = Edits::new();
    }
    Ok((edits, Reply::PanelAccepted(server.clone())))
}
