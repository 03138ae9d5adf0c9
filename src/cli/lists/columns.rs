//! Which rows are exported, and what stands in the columns of their CSV.

use super::super::tables::absolute;
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
        ("reference", |o| text(&o["reference"])),
        ("id", |o| text(&o["id"])),
        ("placed_at", |o| absolute(&o["placed_at_ms"])),
        ("state", |o| text(&o["state"])),
        ("settled_at", |o| absolute(&o["settled_at_ms"])),
        ("customer", |o| text(&o["customer"])),
        ("identity", |o| text(&o["identity"])),
        ("customer_name", |o| text(&o["customer_name"])),
        ("plan", |o| text(&o["plan"])),
        ("family", |o| text(&o["family"])),
        ("method", |o| text(&o["method"])),
        ("amount", |o| price(o).0),
        ("currency", |o| price(o).1),
        ("proofs", |o| text(&o["proofs"])),
        ("account", |o| text(&o["account"])),
        ("renews", |o| text(&o["renews"])),
    ],
    at: Some(|o| &o["placed_at_ms"]),
    order: RowOrder::NewestFirst,
};

pub(super) const ACCOUNTS: List = List {
    path: "/v1/accounts",
    key: "accounts",
    columns: &[
        ("id", |a| text(&a["id"])),
        ("created_at", |a| absolute(&a["created_at_ms"])),
        ("customer", |a| text(&a["customer"])),
        ("identity", |a| text(&a["identity"])),
        ("customer_name", |a| text(&a["customer_name"])),
        ("family", |a| text(&a["family"])),
        ("standing", |a| text(&a["standing"])),
        ("ends_at", |a| absolute(&a["ends_at_ms"])),
        ("used_bytes", |a| text(&a["used_bytes"])),
        ("granted", |a| text(&a["granted"])),
        ("devices", |a| text(&a["devices"])),
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
        ("id", |c| text(&c["id"])),
        ("since", |c| absolute(&c["since_ms"])),
        ("identities", |c| joined(&c["identities"], |identity| identity)),
        ("name", |c| text(&c["name"])),
        ("accounts", |c| text(&c["accounts"])),
        ("open_orders", |c| text(&c["open_orders"])),
        ("families", |c| joined(&c["families"], |family| family)),
    ],
    at: Some(|c| &c["since_ms"]),
    order: RowOrder::Other,
};

pub(super) const REVENUE: List = List {
    path: "/v1/revenue",
    key: "revenue",
    columns: &[
        ("period", |r| text(&r["period"])),
        ("currency", |r| text(&r["currency"])),
        ("decimals", |r| text(&r["decimals"])),
        ("orders", |r| text(&r["orders"])),
        ("taken", |r| text(&r["taken"])),
        ("reversed", |r| text(&r["reversed"])),
        ("returned", |r| text(&r["returned"])),
        ("net", |r| text(&r["net"])),
    ],
    at: None,
    order: RowOrder::Other,
};

pub(super) const AUDIT: List = List {
    path: "/v1/audit",
    key: "lines",
    columns: &[
        ("id", |l| text(&l["id"])),
        ("at", |l| absolute(&l["at_ms"])),
        ("actor", |l| text(&l["actor"])),
        ("verb", |l| text(&l["verb"])),
        ("subject", |l| text(&l["subject"])),
        ("outcome", |l| text(&l["outcome"])),
        ("code", |l| text(&l["code"])),
        ("of", |l| text(&l["of"])),
        ("reason", |l| text(&l["reason"])),
        ("catalog", |l| text(&l["catalog"])),
        ("commit", |l| text(&l["commit"])),
    ],
    at: Some(|l| &l["at_ms"]),
    order: RowOrder::OldestFirst,
};

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn joined(list: &Value, of: fn(&Value) -> &Value) -> String {
    let parts = list.as_array().into_iter().flatten();
    parts.map(|part| text(of(part))).collect::<Vec<_>>().join("; ")
}

/// `100.00 EGP` in two.
fn price(order: &Value) -> (String, String) {
    let price = order["price"].as_str().unwrap_or_default();
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
