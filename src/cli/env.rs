//! What a process has around it: the real clock, the real randomness, the disk.

use crate::intent::{FreshIds, NewCredentials};
use crate::model::{AccountId, CustomerId, DurationMs, Moment, OrderId, UnixMs};
use crate::ports::{Clock, Entropy};
use crate::store::{FreeBytes, Hooks};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng as _;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use ulid::Ulid;

/// What a test or the sandbox may replace.
#[derive(Clone)]
pub struct Env {
    /// The time, and the points at which a test ends the process.
    pub clock: Arc<dyn Clock>,
    /// Ids and credentials.
    pub entropy: Arc<dyn Entropy>,
    /// Bytes free on the disk of a folder.
    pub free_bytes: FreeBytes,
}

impl Env {
    /// The machine's clock and randomness.
    #[must_use]
    pub fn real() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            free_bytes: Hooks::default().free_bytes,
        }
    }
}

/// The machine's clock. Wall time may step; a wait re-reads it each second.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the adapter that reads the real clock")]
    fn now(&self) -> UnixMs {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        UnixMs(since.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX)))
    }

    /// Monotonic is `CLOCK_MONOTONIC`, which stands still while the machine is suspended, and not
    /// `CLOCK_BOOTTIME`: so a machine that slept sees its wall clock step, and believes it only
    /// once somebody has told the time anew.
    fn moment(&self) -> Moment {
        Moment { wall: self.now(), monotonic: DurationMs(since_first_asked()) }
    }

    async fn sleep_until(&self, moment: UnixMs) {
        loop {
            let left = moment.since(self.now());
            if left.0 == 0 {
                return;
            }
            tokio::time::sleep(left.to_std().min(Duration::from_secs(1))).await;
        }
    }

    fn crash_point(&self, _point: &'static str) {}
}

/// Milliseconds of monotonic time since this was first asked.
#[allow(clippy::disallowed_methods, reason = "this is the adapter that reads the real clock")]
fn since_first_asked() -> u64 {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let first = *FIRST.get_or_init(Instant::now);
    u64::try_from(first.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

#[allow(clippy::disallowed_methods, reason = "this is the adapter that draws randomness")]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill(&mut bytes[..]);
    bytes
}

impl Entropy for SystemEntropy {
    fn fresh_ids(&self, now: UnixMs) -> FreshIds {
        fresh_ids(now, random::<138>())
    }

    fn ulid(&self, now: UnixMs) -> String {
        let random = random::<10>().iter().fold(0_u128, |n, b| (n << 8) | u128::from(*b));
        Ulid::from_parts(now.0, random).to_string().to_ascii_lowercase()
    }

    fn fraction(&self) -> f64 {
        f64::from(u32::from_be_bytes(random())) / f64::from(u32::MAX)
    }
}

/// Ids and credentials from random bytes: the same bytes give the same ids.
#[must_use]
pub fn fresh_ids(now: UnixMs, random: [u8; 138]) -> FreshIds {
    let mut rest = random.as_slice();
    let mut take = |n: usize| {
        let (head, tail) = rest.split_at_checked(n).unwrap_or((rest, &[]));
        rest = tail;
        head
    };
    let ten = |bytes: &[u8]| bytes.iter().fold(0_u128, |n, b| (n << 8) | u128::from(*b));
    let (order, account, audit) = (ten(take(10)), ten(take(10)), ten(take(10)));
    let ulid = |random| Ulid::from_parts(now.0, random);
    let uuid_bytes: [u8; 16] = take(16).try_into().unwrap_or_default();
    // 36 letters do not divide 256: the bias is below 3 bits of the 82.
    let sub_id: String =
        take(16).iter().map(|b| char::from_digit(u32::from(b % 36), 36).unwrap_or('0')).collect();
    let credentials = NewCredentials {
        uuid: uuid::Builder::from_random_bytes(uuid_bytes).into_uuid(),
        sub_id,
        secret: URL_SAFE_NO_PAD.encode(take(32)),
        subscription_token: URL_SAFE_NO_PAD.encode(take(32)),
    };
    let customer = ten(take(10));
    FreshIds {
        order: OrderId::new(ulid(order)),
        account: AccountId::new(ulid(account)),
        customer: CustomerId::new(ulid(customer)),
        credentials,
        audit: ulid(audit).to_string().to_ascii_lowercase(),
    }
}

/// 32 random bytes for a key.
#[must_use]
pub(super) fn random_key() -> [u8; 32] {
    random()
}
