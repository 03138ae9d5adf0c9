//! One seeded random source per component, and the controller's entropy from one of them.

use nebulalinks::intent::{FreshIds, NewCredentials};
use nebulalinks::model::{AccountId, CustomerId, OrderId, UnixMs};
use nebulalinks::ports::Entropy;
use rand::rngs::StdRng;
use rand::{Rng as _, RngCore as _, SeedableRng as _};
use std::sync::Mutex;
use ulid::Ulid;

/// A random source.
pub struct Rng(Mutex<StdRng>);

impl Rng {
    /// The source of a component, by the seed of the run.
    pub fn new(seed: u64, component: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(
            seed.wrapping_mul(1_000_003).wrapping_add(component),
        )))
    }

    /// A number below `n`.
    pub fn below(&self, n: u64) -> u64 {
        self.0.lock().unwrap().random_range(0..n.max(1))
    }

    /// True once in `n`.
    pub fn once_in(&self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn wide(&self) -> u128 {
        self.0.lock().unwrap().random()
    }
}

impl Entropy for Rng {
    fn fresh_ids(&self, now: UnixMs) -> FreshIds {
        let ulid = || Ulid::from_parts(now.0, self.wide());
        let order = ulid();
        FreshIds {
            order: OrderId::new(order),
            // Nothing of the stream: a seed that is known stays the same.
            customer: CustomerId::new(Ulid(order.0 ^ 1)),
            account: AccountId::new(ulid()),
            credentials: NewCredentials {
                uuid: uuid::Builder::from_random_bytes(self.wide().to_be_bytes()).into_uuid(),
                sub_id: format!("{:016x}", self.wide() & 0xffff_ffff_ffff_ffff),
                secret: format!("{:043}", self.wide() % 1_000_000_007),
                subscription_token: format!("{:043}", self.wide() % 1_000_000_007),
            },
            audit: ulid().to_string().to_lowercase(),
        }
    }

    /// It takes as much of the stream as all ids of a decision: a seed that is known stays the same.
    fn ulid(&self, now: UnixMs) -> String {
        self.fresh_ids(now).audit
    }

    fn fraction(&self) -> f64 {
        self.0.lock().unwrap().random()
    }
}

impl nebulalinks_gateway::Entropy for Rng {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap().fill_bytes(bytes);
    }
}

impl Rng {
    /// A source of its own, seeded from this one.
    pub fn child(&self) -> Self {
        let seed = self.0.lock().unwrap().random();
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}
