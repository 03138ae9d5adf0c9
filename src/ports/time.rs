//! The machine's clocks, and whether they can be believed.

use crate::model::{DurationMs, Moment, TimeReading, UnixMs, Witness};
use async_trait::async_trait;
use std::collections::BTreeMap;
use tokio::sync::watch;

/// The machine's clocks, and the points at which a test may end the process.
///
/// # Guarantees
/// `sleep_until` returns at or after the moment by `now`, also when the wall clock is stepped.
/// Monotonic time never falls.
/// # Caveats
/// `now` can step; nothing may assume that it does not fall. Facts are decided by
/// [`Timekeeper::reading`], not by this.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The wall clock now.
    fn now(&self) -> UnixMs;
    /// Wall and monotonic time at one instant.
    fn moment(&self) -> Moment;
    /// Waits for a moment.
    async fn sleep_until(&self, moment: UnixMs);
    /// Called before and after every effect. In production nothing happens here.
    fn crash_point(&self, point: &'static str);
}

/// Whether our clock can be believed, by everybody who tells the time.
///
/// # Guarantees
/// In doubt `reading().now` stands still at a moment that has surely passed: nothing falls due.
/// # Caveats
/// The verdict may change at any moment; what is decided on one reading is committed by it.
pub trait Timekeeper: Send + Sync {
    /// Discord is going to be asked: until it answers, for a minute at most, no server's word counts.
    fn expect_discord(&self);
    /// Somebody put this date on an answer to a question that was sent at `asked`, by
    /// [`Moment::monotonic`]. Only dates that cannot be forged on the way: signed, or over TLS.
    fn heard(&self, witness: Witness, date: UnixMs, asked: DurationMs);
    /// The time by which facts are decided, and whether our clock is believed.
    fn reading(&self) -> TimeReading;
    /// Sends whenever doubt begins or ends, or its reason changes.
    fn changes(&self) -> watch::Receiver<TimeReading>;
    /// How far each witness' clock is ahead of ours, in ms, where one told the time within an hour.
    fn differences(&self) -> BTreeMap<Witness, i64>;
}
