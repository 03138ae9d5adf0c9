//! The hours in which no advice goes out.

use crate::catalog::{Catalog, Daily};
use crate::model::{DurationMs, MINUTE_MS, UnixMs};

/// A shop's quiet hours, by its clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quiet<'a> {
    hours: Option<Daily>,
    zone: &'a str,
}

/// Sent so long before the quiet hours at the latest, and not in the minute in which they begin.
const BEFORE: DurationMs = DurationMs(10 * MINUTE_MS);

impl<'a> Quiet<'a> {
    pub(super) fn of(catalog: &'a Catalog) -> Self {
        Self { hours: catalog.shop.notices.quiet, zone: &catalog.shop.time_zone }
    }

    fn around(&self, at: UnixMs) -> Option<(UnixMs, UnixMs)> {
        self.hours.and_then(|hours| hours.around(at, self.zone))
    }

    /// The first moment from `at` on outside of them.
    pub(super) fn after(&self, at: UnixMs) -> UnixMs {
        self.around(at).map_or(at, |(_, ends)| ends)
    }

    /// When to tell what is to be told at `at` and is of no use at `end`: after the quiet hours, or
    /// before them where they last until then.
    pub(super) fn before(&self, at: UnixMs, end: UnixMs) -> UnixMs {
        match self.around(at) {
            None => at,
            Some((_, ends)) if ends < end => ends,
            Some((began, _)) => began - BEFORE,
        }
    }
}
