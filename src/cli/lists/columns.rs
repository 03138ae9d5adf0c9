//! Which rows are exported, and what stands in the columns of their CSV.

use super::super::tables::{absolute, plain};
use crate::export::csv_line;
use serde_json::Value;

/// A column of the CSV.
pub(super) type Column = (&'static str, fn(&Value) -> String);

/// One kind of rows.
pub(super) struct List {
    /// Where they are asked for, and under which key they stand.
    pub(super) path: &'static str,
    pub(super) key: &'static str,
    pub(super) columns: &'static [Column],
    /// The moment that the days are about; none where the answer has only those of these days.
    pub(super) at: Option<fn(&Value) -> &Value>,
    /// How the rows come.
    pub(super) order: RowOrder,
}

/// By which moment rows come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowOrder {
    /// Once the last row of a page is too old all that follow are.
    NewestFirst,
    /// Once a row is too new all that follow are.
    OldestFirst,
    /// By none.
    Other,
}

pub(super) const ORDERS: List = List {
    path: "/v1/orders",
    key: "orders",
    columns: &[
        ("reference", |o| plain(&o["reference"])),
        ("id", |o| plain(&o["id"])),
        ("placed_at", |o| absolute(&o["placed_at_ms"])),
        ("state", |o| plain(&o["state"])),
        ("settled_at", |o| absolute(&o["settled_at_ms"])),
        ("customer", |o| plain(&o["customer"])),
        ("identity", |o| plain(&o["identity"])),
        ("customer_name", |o| plain(&o["customer_name"])),
        ("plan", |o| plain(&o["plan"])),
        ("family", |o| plain(&o["family"])),
        ("method", |o| plain(&o["method"])),
        ("amount", |o| price(&o["price"]).0),
        ("currency", |o| price(&o["price"]).1),
        ("proofs", |o| plain(&o["proofs"])),
        ("account", |o| plain(&o["account"])),
        ("renews", |o| plain(&o["renews"])),
        ("promo", |o| plain(&o["promo"])),
        ("full_amount", |o| price(&o["full_price"]).0),
    ],
    at: Some(|o| &o["placed_at_ms"]),
    order: RowOrder::NewestFirst,
};

pub(super) const ACCOUNTS: List = List {
    path: "/v1/accounts",
    key: "accounts",
    columns: &[
        ("id", |a| plain(&a["id"])),
        ("created_at", |a| absolute(&a["created_at_ms"])),
        ("customer", |a| plain(&a["customer"])),
        ("identity", |a| plain(&a["identity"])),
        ("customer_name", |a| plain(&a["customer_name"])),
        ("family", |a| plain(&a["family"])),
        ("standing", |a| plain(&a["standing"])),
        ("ends_at", |a| absolute(&a["ends_at_ms"])),
        ("used_bytes", |a| plain(&a["used_bytes"])),
        ("granted", |a| plain(&a["granted"])),
        ("devices", |a| plain(&a["devices"])),
        ("servers", |a| joined(&a["servers"], |server| server)),
        ("conditions", |a| joined(&a["conditions"], |condition| &condition["type"])),
    ],
    at: Some(|a| &a["created_at_ms"]),
    order: RowOrder::Other,
};

pub(super) const CUSTOMERS: List = List {
    path: "/v1/customers",
    key: "customers",
    columns: &[
        ("id", |c| plain(&c["id"])),
        ("since", |c| absolute(&c["since_ms"])),
        ("identities", |c| joined(&c["identities"], |identity| identity)),
        ("name", |c| plain(&c["name"])),
        ("accounts", |c| plain(&c["accounts"])),
        ("open_orders", |c| plain(&c["open_orders"])),
        ("families", |c| joined(&c["families"], |family| family)),
        ("note", |c| plain(&c["note"])),
        ("noted_by", |c| plain(&c["noted_by"])),
        ("noted_at", |c| absolute(&c["noted_at_ms"])),
        ("forgotten_at", |c| absolute(&c["forgotten_at_ms"])),
    ],
    at: Some(|c| &c["since_ms"]),
    order: RowOrder::Other,
};

pub(super) const REVENUE: List = List {
    path: "/v1/revenue",
    key: "revenue",
    columns: &[
        ("period", |r| plain(&r["period"])),
        ("currency", |r| plain(&r["currency"])),
        ("decimals", |r| plain(&r["decimals"])),
        ("orders", |r| plain(&r["orders"])),
        ("taken", |r| plain(&r["taken"])),
        ("reversed", |r| plain(&r["reversed"])),
        ("returned", |r| plain(&r["returned"])),
        ("net", |r| plain(&r["net"])),
    ],
    at: None,
    order: RowOrder::Other,
};

pub(super) const AUDIT: List = List {
    path: "/v1/audit",
    key: "lines",
    columns: &[
        ("id", |l| plain(&l["id"])),
        ("at", |l| absolute(&l["at_ms"])),
        ("actor", |l| plain(&l["actor"])),
        ("verb", |l| plain(&l["verb"])),
        ("subject", |l| plain(&l["subject"])),
        ("outcome", |l| plain(&l["outcome"])),
        ("code", |l| plain(&l["code"])),
        ("of", |l| plain(&l["of"])),
        ("reason", |l| plain(&l["reason"])),
        ("catalog", |l| plain(&l["catalog"])),
        ("commit", |l| plain(&l["commit"])),
    ],
    at: Some(|l| &l["at_ms"]),
    order: RowOrder::OldestFirst,
};

fn joined(list: &Value, of: fn(&Value) -> &Value) -> String {
    let parts = list.as_array().into_iter().flatten();
    parts.map(|part| plain(of(part))).collect::<Vec<_>>().join("; ")
}

/// `100.00 EGP` in two.
fn price(price: &Value) -> (String, String) {
    let price = price.as_str().unwrap_or_default();
    let (amount, currency) = price.rsplit_once(' ').unwrap_or((price, ""));
    (amount.to_owned(), currency.to_owned())
}

impl List {
    /// The titles of its columns, as a line.
    pub(super) fn titles(&self) -> String {
        csv_line(self.columns.iter().map(|(title, _)| *title))
    }

    /// A row as a line.
    pub(super) fn line(&self, row: &Value) -> String {
        let cells: Vec<String> = self.columns.iter().map(|(_, cell)| cell(row)).collect();
        csv_line(cells.iter().map(String::as_str))
    }
}
