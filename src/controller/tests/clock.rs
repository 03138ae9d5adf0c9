//! A clock over tokio's paused time that can be set wrong and skip ahead.

use crate::model::{DurationMs, Moment, UnixMs};
use crate::ports::Clock;
use crate::view::sample::NOW;
use async_trait::async_trait;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

pub(super) struct TestClock {
    start: Instant,
    offset_ms: AtomicI64,
    skipped_ms: AtomicU64,
}

impl TestClock {
    pub(super) fn new() -> Self {
        let (offset_ms, skipped_ms) = (AtomicI64::default(), AtomicU64::default());
        Self { start: Instant::now(), offset_ms, skipped_ms }
    }
    /// Sets the wall clock wrong, or right again.
    pub(super) fn step(&self, ms: i64) {
        self.offset_ms.fetch_add(ms, Ordering::SeqCst);
    }
    /// So much time has gone by, for everybody.
    pub(super) fn skip(&self, ms: u64) {
        self.skipped_ms.fetch_add(ms, Ordering::SeqCst);
    }
    fn passed(&self) -> DurationMs {
        let elapsed = u64::try_from(self.start.elapsed().as_millis()).unwrap();
        DurationMs(elapsed + self.skipped_ms.load(Ordering::SeqCst))
    }
    /// What time it is, whatever our clock says.
    pub(super) fn truth(&self) -> UnixMs {
        NOW + self.passed()
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> UnixMs {
        let offset = self.offset_ms.load(Ordering::SeqCst);
        UnixMs(self.truth().0.checked_add_signed(offset).unwrap())
    }
    fn moment(&self) -> Moment {
        Moment { wall: self.now(), monotonic: self.passed() }
    }
    async fn sleep_until(&self, moment: UnixMs) {
        while self.now() < moment {
            let left = moment.since(self.now()).to_std();
            tokio::time::sleep(left.min(Duration::from_secs(1))).await;
        }
    }
    fn crash_point(&self, _: &'static str) {}
}
