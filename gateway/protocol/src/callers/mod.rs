//! Who asks, by addresses: networks as operators write them, and whom trusted proxies name. Both sides listen
//! behind proxies.

mod forwarded;
mod nets;

pub use forwarded::caller;
pub use nets::{NetError, Nets, customer};
