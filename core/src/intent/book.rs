//! The books follow each decision over money, in the same commit.

use super::records::Records;
use crate::model::{
    Booking, Currency, Edits, Key, Order, OrderId, Record, Takings, UnixMs, day_of,
};

/// The record that an approval or a reversal at this moment is booked in.
pub(super) fn key(records: &Records<'_>, order: OrderId, now: UnixMs) -> Option<Key> {
    let order = records.order(order)?;
    Some(key_at(now, &order.method.price.currency))
}

fn key_at(at: UnixMs, currency: &Currency) -> Key {
    Key::Takings(day_of(at), currency.clone())
}

/// AllTakings what an order came to now and had not come to before.
pub(super) fn book(records: &Records<'_>, edits: &mut Edits, before: &Order, after: &Order) {
    for booking in after.bookings().skip(before.bookings().count()) {
        add(records, edits, &booking);
    }
}

fn add(records: &Records<'_>, edits: &mut Edits, booking: &Booking<'_>) {
    let key = key_at(booking.at, &booking.amount.currency);
    let mut takings = match records.outside(&key).map(|found| &found.value) {
        Some(Record::Takings(takings)) => takings.clone(),
        _ => Takings::none_at(booking.at, booking.amount.currency.clone()),
    };
    takings.add(booking);
    records.pin_outside(edits, key);
    edits.put(takings);
}
