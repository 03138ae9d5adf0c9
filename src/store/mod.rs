//! See the crate's map.
mod desk;
pub use desk::StoreDesk;
