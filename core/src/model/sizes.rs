//! What each record weighs in memory, without what it points at.

use super::*;
use std::mem::size_of;

macro_rules! sizes {
    ($($record:ty: $most:literal),* $(,)?) => {
        [$((stringify!($record), size_of::<Versioned<$record>>(), $most)),*]
    };
}

/// A field more in a record of which there is one for each account costs as many bytes times the
/// accounts. Raise a bound on purpose, or put what is rare into a box.
#[test]
fn no_record_of_an_account_or_order_grows_unnoticed() {
    let sizes = sizes! {
        Order: 416,
        Account: 184,
        Run: 48,
        Term: 152,
        Reversal: 64,
        Served: 40,
        Overrun: 40,
        Forgiveness: 80,
        Binding: 64,
        BindingStatus: 248,
        UsageLedger: 104,
        AccountStatus: 48,
        Delivery: 80,
        Notice: 72,
        Surface: 152,
        UnpaidOrder: 40,
        Customer: 88,
        CustomerIdentity: 40,
        Ticket: 88,
        ServerStatus: 368,
        AccountRecords: 96,
        tables::OrderRecords: 32,
        tables::TicketRecords: 32,
    };
    let table = |(name, size, most): &(&str, usize, usize)| format!("{name}: {size} of {most}");
    let all: Vec<String> = sizes.iter().map(table).collect();
    let grown: Vec<&String> =
        all.iter().zip(&sizes).filter(|(_, (_, size, most))| size > most).map(|(t, _)| t).collect();
    assert!(grown.is_empty(), "grown: {grown:?}; all: {all:#?}");
}
