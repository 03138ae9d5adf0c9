//! The model panels answer as the recorded panels did, exchange by exchange, in order.

pub(crate) mod compare;
mod gen2;
mod gen3;
pub(crate) mod replay;
