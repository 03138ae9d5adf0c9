//! Ends the process when an operation on sled hangs: sled can deadlock under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How often the watchdog looks within the longest time an operation may take.
const LOOKS: u32 = 10;

/// Counts starts and ends of operations: odd is *at work*.
#[derive(Debug, Clone, Default)]
pub(super) struct Work(Arc<AtomicU64>);

impl Work {
    /// At work until the guard is dropped.
    pub(super) fn begin(&self) -> Working {
        self.0.fetch_add(1, Ordering::SeqCst);
        Working(self.clone())
    }
}

/// One operation.
pub(super) struct Working(Work);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Watches until it is dropped.
pub(super) struct Watchdog {
    _stop: Sender<()>,
}

impl Watchdog {
    /// Calls `fatal` once when one operation takes longer than `max`.
    pub(super) fn start(
        work: Work,
        max: Duration,
        fatal: super::options::Fatal,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = channel::<()>();
        std::thread::Builder::new().name("store-watchdog".to_owned()).spawn(move || {
            let (mut last, mut seen) = (0, 0);
            // Whole waits are counted instead of reading a clock: a paused machine adds none.
            while stopped.recv_timeout(max / LOOKS) == Err(RecvTimeoutError::Timeout) {
                let now = work.0.load(Ordering::SeqCst);
                seen = if now == last && now % 2 == 1 { seen + 1 } else { 0 };
                last = now;
                if seen >= LOOKS {
                    fatal(&format!("an operation of the store takes over {} s", max.as_secs_f32()));
                    return;
                }
            }
        })?;
        Ok(Self { _stop: stop })
    }
}
