//! What was used, per binding and incarnation of the panel's counter. It never goes down.

use super::{AccountId, Bytes, Incarnation, OrderId, ServerId, UnixMs};
use serde::{Deserialize, Serialize};

/// The account's use of one server, under one incarnation of the panel's counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageLedger {
    /// The account that it belongs to.
    pub account: AccountId,
    /// The server that it is about.
    pub server: ServerId,
    /// Which row of which panel.
    pub incarnation: Incarnation,
    /// The counter that was last taken in.
    pub baseline: Bytes,
    /// All that was used; never falls.
    pub total: Bytes,
    /// Bytes that were counted faster than the line carries: shown, not billed.
    pub disputed: Bytes,
    /// When the ledger was last moved.
    pub at: UnixMs,
}

/// What was used beyond a run's allowance while the run was depleted or ended, up to the read-back
/// of the enable that followed: shown, never billed. Never falls; absent while it is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrun {
    /// The account that it belongs to.
    pub account: AccountId,
    /// Of which run.
    pub run: u32,
    /// How much.
    pub over: Bytes,
}

/// Staff forgave what was billed: it no longer counts against the run's allowance. The ledgers stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgiveness {
    /// The account that it belongs to.
    pub account: AccountId,
    /// Its own id, drawn by who asked: the same one again changes nothing.
    pub id: OrderId,
    /// Of which run.
    pub run: u32,
    /// How much.
    pub by: Bytes,
    /// The time of the leap that it forgives, where it does: a leap is forgiven once.
    pub leap: Option<UnixMs>,
    /// When staff forgave it.
    pub at: UnixMs,
}
