//! A list in the making: what to ask for next, and what to write of the answer. Who asks, and where it is
//! written, is somebody else's.

use super::super::show::query;
use super::columns::{ACCOUNTS, AUDIT, CUSTOMERS, List, ORDERS, REVENUE, RowOrder};
use crate::model::{HOUR_MS, OrderId, UnixMs};
use crate::revenue::Days;
use crate::view::{ExportAsked, ExportKind};
use serde_json::Value;
use ulid::Ulid;

/// Rows of one answer.
pub(super) const PAGE: usize = 500;

/// Where the shop's time zone is asked for: of one day, which nothing was taken on.
pub(super) fn zone_path() -> String {
    let day = Some("1970-01-01".to_owned());
    query("/v1/revenue", &[("from", day.clone()), ("to", day)])
}

/// Which list it is.
const fn list(kind: ExportKind) -> &'static List {
    match kind {
        ExportKind::Orders => &ORDERS,
        ExportKind::Accounts => &ACCOUNTS,
        ExportKind::Customers => &CUSTOMERS,
        ExportKind::Revenue => &REVENUE,
        ExportKind::Audit => &AUDIT,
    }
}

/// A list in the making.
pub(super) struct Writing<'a> {
    asked: &'a ExportAsked,
    list: &'static List,
    from: UnixMs,
    /// No longer in the wanted days.
    end: UnixMs,
    /// How long ago they begin by the shop's clock.
    ago_ms: u64,
    rows: usize,
    after: Option<String>,
    done: bool,
}

impl<'a> Writing<'a> {
    /// Begins it with what [`zone_path`] answered, and when.
    ///
    /// # Errors
    /// A line for whoever typed the days.
    pub(super) fn begin(asked: &'a ExportAsked, zone: &Value, now: UnixMs) -> Result<Self, String> {
        let days = Days::parse(asked.from.as_deref(), asked.to.as_deref())?;
        let zone = zone.get("time_zone").and_then(Value::as_str).unwrap_or("UTC");
        let (from, end) = days.between(zone);
        // The clock goes on until the rows are asked for.
        let ago_ms = now.0.saturating_sub(from.0).saturating_add(HOUR_MS);
        let list = list(asked.kind);
        let after = match list.order {
            RowOrder::NewestFirst => newest_before(end),
            RowOrder::OldestFirst | RowOrder::Other => None,
        };
        Ok(Self { asked, list, from, end, ago_ms, rows: 0, after, done: false })
    }

    /// What stands before the rows.
    pub(super) fn head(&self) -> String {
        if self.asked.json { "[".to_owned() } else { self.list.titles() }
    }

    /// What stands after them.
    pub(super) const fn tail(&self) -> &'static str {
        if self.asked.json { "\n]\n" } else { "" }
    }

    /// How many there are so far.
    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    /// What is to be asked for next; nothing once all of it is there.
    pub(super) fn next_path(&self) -> Option<String> {
        let limit = ("limit", Some(PAGE.to_string()));
        let after = ("after", self.after.clone());
        let ExportAsked { from, to, .. } = self.asked;
        let path = self.list.path;
        (!self.done).then(|| match path {
            "/v1/revenue" => query(path, &[("from", from.clone()), ("to", to.clone())]),
            "/v1/audit" => {
                query(path, &[("since_ms", Some(self.ago_ms.to_string())), limit, after])
            }
            path => query(path, &[limit, after]),
        })
    }

    /// The lines of an answer.
    ///
    /// # Errors
    /// It is no answer of this version's.
    pub(super) fn take(&mut self, answer: &Value) -> Result<String, String> {
        let rows = answer.get(self.list.key).and_then(Value::as_array);
        let rows = rows.ok_or("the shop's answer has no rows: it is of another version")?;
        let (mut page, mut too_old, mut too_new) = (String::new(), false, false);
        for row in rows {
            let at = self.list.at.and_then(|at| at(row).as_u64()).map(UnixMs);
            too_old = at.is_some_and(|at| at < self.from);
            too_new |= at.is_some_and(|at| at.0 >= self.end.0.saturating_add(HOUR_MS));
            if at.is_none_or(|at| self.from <= at && at < self.end) {
                let json = self.asked.json;
                let line = if json { element(row, self.rows) } else { self.list.line(row) };
                page.push_str(&line);
                self.rows = self.rows.saturating_add(1);
            }
        }
        self.after = answer.get("next").and_then(Value::as_str).map(str::to_owned);
        let done = match self.list.order {
            RowOrder::NewestFirst => too_old,
            RowOrder::OldestFirst => too_new,
            RowOrder::Other => false,
        };
        self.done = self.after.is_none() || done;
        Ok(page)
    }
}

/// The id behind which an order of before this moment is: ids begin with the time, to which an hour is added for
/// a clock that was set. Nothing where the days have no end.
fn newest_before(end: UnixMs) -> Option<String> {
    let at = end.0.checked_add(HOUR_MS).filter(|at| *at < 1 << Ulid::TIME_BITS)?;
    Some(OrderId::new(Ulid::from_parts(at, 0)).to_string())
}

/// A row within a list of JSON.
fn element(row: &Value, before: usize) -> String {
    format!("{}\n{row}", if before == 0 { "" } else { "," })
}
