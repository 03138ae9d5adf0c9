//! What was taken: read by days, and counted anew from the orders where the records of days are not what these
//! come to — a store of before they were kept, or one that lost some.

use crate::model::{
    AllTakings, Audit, Currency, Damage, Edits, Key, Kind, OrderState, Record, Sums, Takings,
    UnixMs, Versioned,
};
use crate::ports::{Span, Store, StoreError};
use std::collections::BTreeMap;

/// Records of days in one transaction: none may be long.
const AT_ONCE: usize = 100;
/// How often it is begun anew when somebody decides meanwhile. Only what is wrong is written, so each try
/// leaves less.
const TRIES: usize = 20;

/// The takings of these days of UTC, both in it, by day.
///
/// # Errors
/// The store cannot be read.
pub async fn takings_of(
    store: &dyn Store,
    (first, last): (u32, u32),
) -> Result<Vec<Takings>, StoreError> {
    let key = |day| Key::Takings(day, Currency { code: "".into(), decimals: 0 });
    let span = Span::of(Kind::Takings, Span::MOST).from(&key(first));
    let span = match last.checked_add(1) {
        Some(end) => span.before(&key(end)),
        None => span,
    };
    let mut all = Vec::new();
    each(store, span, |record| {
        if let Record::Takings(takings) = record.value {
            all.push(takings);
        }
    })
    .await?;
    Ok(all)
}

/// The line of the audit for so many days that are counted anew: it is committed with them.
pub type RecountLine<'a> = &'a (dyn Fn(usize) -> Audit + Send + Sync);

/// Writes the records of days anew where they are not what the orders come to, and answers how many were not.
/// It reads every order: not for each start or each question.
///
/// # Errors
/// The store cannot be read or written, or people decided so often meanwhile that it came to no end.
pub async fn recount(store: &dyn Store, line: RecountLine<'_>) -> Result<usize, StoreError> {
    let mut mended = 0;
    for _ in 1..TRIES {
        match once(store, line, &mut mended).await {
            Err(StoreError::Conflict(_)) => {}
            ended => return ended.map(|()| mended),
        }
    }
    once(store, line, &mut mended).await.map(|()| mended)
}

/// The same where fewer or more decisions are booked than there are orders with one: that is told without
/// reading the orders. Not in a store that something was lost of for good, whether that is resolved or not: its
/// days may know what nobody else does any more.
///
/// # Errors
/// See [`recount`].
pub async fn recount_if_short(
    store: &dyn Store,
    line: RecountLine<'_>,
) -> Result<usize, StoreError> {
    let mut booked = Sums::default();
    let all = takings_of(store, (0, u32::MAX)).await?;
    all.iter().for_each(|takings| booked = booked.plus(&takings.total()));
    let snapshot = store.snapshot();
    // Either is settled: no time makes it another.
    let count = |state| u64::try_from(snapshot.orders_in(state, UnixMs(0))).unwrap_or(u64::MAX);
    let reversed = count(OrderState::Reversed);
    let approved = count(OrderState::Approved).saturating_add(reversed);
    if (booked.approved, booked.reversed) == (approved, reversed) {
        return Ok(0);
    }
    let for_good = |damage: &Damage| damage.lost.iter().any(|lost| !lost.passing);
    if snapshot.damaged().is_some() || snapshot.damage().is_some_and(for_good) {
        tracing::warn!(
            booked.approved,
            approved,
            "what was taken is not what the orders come to, and something of the store was lost: it stays as \
             it is. `nebulalinks revenue --recount` makes it what the orders come to"
        );
        return Ok(0);
    }
    recount(store, line).await
}

/// What the days say is read before the orders: whoever decides meanwhile changes the record of a day, and with
/// it the version that the write expects.
async fn once(
    store: &dyn Store,
    line: RecountLine<'_>,
    mended: &mut usize,
) -> Result<(), StoreError> {
    let (mut days, mut versions) = (AllTakings::default(), BTreeMap::new());
    each(store, Span::of(Kind::Takings, Span::MOST), |record| {
        versions.insert(record.value.key(), record.version);
        if let Record::Takings(takings) = record.value {
            days.insert(takings);
        }
    })
    .await?;
    let mut orders = AllTakings::default();
    each(store, Span::of(Kind::Order, Span::MOST), |record| {
        if let Record::Order(order) = &record.value {
            orders.add(order);
        }
    })
    .await?;
    let wrong: Vec<_> = orders.differences(&days).collect();
    for some in wrong.chunks(AT_ONCE) {
        let mut edits = Edits::new();
        for (due, there) in some {
            match (due, there) {
                (Some(due), _) => edits.put((*due).clone()),
                (None, Some(there)) => edits.delete(Record::Takings((*there).clone()).key()),
                (None, None) => {}
            }
        }
        let keys: Vec<Key> = edits.puts.keys().chain(&edits.deletes).cloned().collect();
        for key in keys {
            let version = versions.get(&key).copied();
            edits.expect(key, version);
        }
        edits.insert(line(some.len()));
        store.txn(edits).await?;
        *mended = mended.saturating_add(some.len());
    }
    Ok(())
}

/// Every record of a span, a page at a time.
async fn each(
    store: &dyn Store,
    span: Span,
    mut act: impl FnMut(Versioned<Record>),
) -> Result<(), StoreError> {
    let mut next = span;
    loop {
        let page = store.scan(next.clone()).await?;
        let last = page.last().map(|record| record.value.key());
        let full = page.len() >= Span::MOST;
        page.into_iter().for_each(&mut act);
        match last.filter(|_| full) {
            Some(last) => next = next.after(&last),
            None => return Ok(()),
        }
    }
}
