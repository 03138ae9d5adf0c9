//! Which account, order or customer somebody means: by its id, by how it begins, by the name of its client; an
//! account also by one of its orders.

use super::super::sources::Admin;
use super::asked::{Refused, short};
use crate::model::{
    AccountId, CustomerId, CustomerRef, Key, Mark, Order, OrderId, OrderReference, Record, Snapshot,
};
use serde_json::{Value, json};

/// So many characters of an id are typed at least.
const LEAST: usize = 4;
/// So many candidates are named.
const NAMED: usize = 6;

/// How an id begins, in lower case.
fn beginning(text: &str) -> Result<String, Refused> {
    let text = text.trim().to_ascii_lowercase();
    if text.chars().count() < LEAST {
        let why =
            format!("`{}` is too short: type at least {LEAST} characters of an id", short(&text));
        return Err(Refused::bad(why));
    }
    Ok(text)
}

/// The only one, none, or who they could be.
fn only<T: Copy + ToString>(
    what: &str,
    text: &str,
    found: impl Iterator<Item = T>,
) -> Result<Option<T>, Refused> {
    let found: Vec<T> = found.take(NAMED.saturating_add(1)).collect();
    match found[..] {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        _ => {
            let named: Vec<String> = found.iter().take(NAMED).map(T::to_string).collect();
            let more = if found.len() > NAMED { " and more" } else { "" };
            Err(Refused::bad(format!(
                "`{text}` begins the ids of several {what}: {}{more}; type more of one",
                named.join(", ")
            )))
        }
    }
}

/// The account that is meant.
pub(super) async fn account(
    admin: &Admin,
    snapshot: &Snapshot,
    asked: &str,
) -> Result<AccountId, Refused> {
    let text = beginning(asked)?;
    let text = Mark::parse(&text).map_or(text, |mark| mark.account.to_string());
    let accounts = snapshot.accounts_beginning_with(&text).map(|account| account.id);
    if let Some(found) = only("accounts", &text, accounts)? {
        return Ok(found);
    }
    let Some(order) = order_of(admin, snapshot, &text).await? else {
        return Err(Refused::unknown(format!(
            "there is no account `{}`: `nebulalinks get accounts` lists them",
            short(&text)
        )));
    };
    let account = by_id(admin, snapshot, order).await?.and_then(|order| order.approved_account());
    account.filter(|id| snapshot.account(*id).is_some()).ok_or_else(|| {
        Refused::unknown(format!(
            "order {order} has no account: `nebulalinks describe order {order}` says how it stands"
        ))
    })
}

/// The customer that is meant: by where they are known, or by their own id.
pub(super) fn customer(snapshot: &Snapshot, asked: &str) -> Result<CustomerId, Refused> {
    let text = asked.trim();
    let unknown = || {
        Refused::unknown(format!(
            "there is no customer `{}`: `nebulalinks get customers` lists them",
            short(text)
        ))
    };
    match text.parse::<CustomerRef>() {
        Ok(CustomerRef::Known(identity)) => snapshot.customer_of(identity).ok_or_else(unknown),
        Err(wrong) if text.contains(':') => Err(Refused::bad(wrong.to_string())),
        Ok(CustomerRef::Id(_)) | Err(_) => {
            let text = beginning(text)?;
            let found = only("customers", &text, snapshot.customers_beginning_with(&text))?;
            found.ok_or_else(unknown)
        }
    }
}

/// The order that is meant.
pub(super) async fn order(
    admin: &Admin,
    snapshot: &Snapshot,
    asked: &str,
) -> Result<Order, Refused> {
    let text = beginning(asked)?;
    let unknown = || {
        Refused::unknown(format!(
            "there is no order `{}`: `nebulalinks get orders` lists them",
            short(&text)
        ))
    };
    let id = order_of(admin, snapshot, &text).await?.ok_or_else(unknown)?;
    by_id(admin, snapshot, id).await?.ok_or_else(unknown)
}

/// The order of a reference, or the only one whose id begins so.
async fn order_of(
    admin: &Admin,
    snapshot: &Snapshot,
    text: &str,
) -> Result<Option<OrderId>, Refused> {
    if let Ok(reference) = text.parse::<OrderReference>() {
        let found = admin.store.get(&Key::OrderByReference(reference)).await?;
        if let Some(Record::OrderByReference(index)) = found.map(|record| record.value) {
            return Ok(Some(index.order));
        }
    }
    only("orders", text, snapshot.orders_beginning_with(text))
}

/// Puts whole ids in the place of what an operator typed for an account or an order. What is a whole
/// id stays as it is: whether there is such a thing is for the decision to say.
pub(in super::super) async fn fill_in(admin: &Admin, asked: &mut Value) -> Result<(), Refused> {
    let snapshot = admin.store.snapshot();
    let typed = |value: &Value| {
        let text = value.as_str().filter(|text| text.parse::<OrderId>().is_err());
        text.map(str::to_owned)
    };
    if let Some(place) = asked.get_mut("order")
        && let Some(text) = typed(place)
    {
        *place = json!(order(admin, &snapshot, &text).await?.id);
    }
    for at in ["/account", "/of/account"] {
        if let Some(place) = asked.pointer_mut(at)
            && let Some(text) = typed(place)
        {
            *place = json!(account(admin, &snapshot, &text).await?);
        }
    }
    Ok(())
}

/// An order by its id: from memory, or from the store where it is archived.
pub(super) async fn by_id(
    admin: &Admin,
    snapshot: &Snapshot,
    id: OrderId,
) -> Result<Option<Order>, Refused> {
    if let Some(order) = snapshot.order(id) {
        return Ok(Some(order.clone()));
    }
    Ok(admin.store.get(&Key::Order(id)).await?.and_then(|found| match found.value {
        Record::Order(order) => Some(order),
        _ => None,
    }))
}
