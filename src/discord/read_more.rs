//! What a click needs of the store beyond the snapshot, read a bounded piece at a time.

use super::profile::PROFILE;
use super::reader::{Reader, with_fetched};
use super::setup;
use super::shared::Shared;
use crate::front::{Click, Fetched, Step, Wanted};
use crate::model::{Audience, Key, Kind, Order, OrderId, OrderReference, Reach, Record};
use crate::ports::{Span, StoreError};
use crate::view::{AuditPage, ExportAsked, ExportFailure, Exported};

/// So many pieces are read for one click at the most.
const PIECES: usize = 4;
/// Lines of the audit that are read at once.
const LINES: usize = 200;
/// Customers that are looked at before others go on.
const CUSTOMERS: usize = 500;

/// What a click leads to, once what it needs is read.
///
/// # Errors
/// The store could not be read.
pub(super) async fn step(shared: &Shared, click: &Click) -> Result<Step, StoreError> {
    let (mut fetched, reader) = (Fetched::default(), Reader::of(click));
    for _ in 0..PIECES {
        let wanted = with_fetched(shared, reader, &fetched, |router| router.wants(click));
        match wanted {
            Some(Wanted::References(first, last)) => {
                fetched.orders = Some(references(shared, first, last).await?);
            }
            Some(Wanted::Order(id)) => fetched.order = Some(order(shared, id).await?),
            Some(Wanted::Audit(before)) => fetched.audit = Some(audit(shared, before).await?),
            Some(Wanted::Reasons) => fetched.reasons = Some(shared.health.reasons()),
            Some(Wanted::Setup) => fetched.setup = Some(setup::of_the_shop(shared).await),
            Some(Wanted::Export(asked)) => {
                fetched.export = Some(export(shared, click, &asked).await);
            }
            Some(Wanted::Devices(account)) => {
                fetched.devices = Some(match shared.devices.get() {
                    Some(devices) => devices.connected_from(account).await,
                    None => Vec::new(),
                });
            }
            Some(Wanted::Reach(audience)) => fetched.reach = Some(reach(shared, &audience).await),
            None => break,
        }
    }
    Ok(with_fetched(shared, reader, &fetched, |router| router.step(click)))
}

/// A list, no larger than a file may be.
async fn export(
    shared: &Shared,
    click: &Click,
    asked: &ExportAsked,
) -> Result<Exported, ExportFailure> {
    let exports = shared.exports.get().ok_or(ExportFailure::Failed)?;
    let most = usize::try_from(PROFILE.file_bytes).unwrap_or(usize::MAX);
    exports.export(asked, click.person.identity, most).await
}

/// How many customers are meant: all are looked at in one snapshot, and others go on in between.
async fn reach(shared: &Shared, audience: &Audience) -> Reach {
    let (snapshot, catalog) = (shared.store.snapshot(), shared.catalog.borrow().clone());
    let now = shared.time.reading().now;
    let (mut reach, mut after) = (Reach::default(), None);
    loop {
        let part = (after, CUSTOMERS);
        after = catalog.count_reach((&snapshot, now), audience, part, &mut reach);
        if after.is_none() {
            return reach;
        }
        tokio::task::yield_now().await;
    }
}

async fn order(shared: &Shared, id: OrderId) -> Result<Option<Order>, StoreError> {
    Ok(shared.store.get(&Key::Order(id)).await?.and_then(|found| match found.value {
        Record::Order(order) => Some(order),
        _ => None,
    }))
}

/// A page of the audit: as many pieces as it takes.
async fn audit(shared: &Shared, before: Option<String>) -> Result<AuditPage, StoreError> {
    let mut page = AuditPage::before(before);
    loop {
        let span = Span::of(Kind::Audit, LINES).backwards();
        let span = page.older.iter().fold(span, |span, id| span.before(&Key::Audit(id.clone())));
        let piece = shared.store.scan(span).await?;
        let last = piece.len() < LINES;
        let lines = piece.into_iter().filter_map(|found| match found.value {
            Record::Audit(line) => Some(line),
            _ => None,
        });
        if page.take(lines, last) {
            return Ok(page);
        }
    }
}

/// The orders of a range of references.
async fn references(
    shared: &Shared,
    first: OrderReference,
    last: OrderReference,
) -> Result<Vec<OrderId>, StoreError> {
    let span = Span::of(Kind::OrderByReference, PROFILE.choices);
    let found = shared.store.scan(span.from(&Key::OrderByReference(first))).await?;
    let orders = found.into_iter().filter_map(|record| match record.value {
        Record::OrderByReference(index) if index.reference <= last => Some(index.order),
        _ => None,
    });
    Ok(orders.collect())
}
