//! What the fuzz targets compare the product with: the same rules, written a second time from
//! their description and sharing no code with it.

pub mod catalog;
pub mod discord;
pub mod links;
pub mod panel;
pub mod profile;
pub mod quantities;
pub mod seeds;
pub mod store;
pub mod wire;

// What the controller's own files name when they are compiled here.
use nebulalinks_core::{front, intent, model};

#[allow(dead_code, reason = "nothing here prepares a transaction")]
mod ports {
    //! Why a transaction cannot be prepared.

    use crate::model::Key;

    #[derive(Debug)]
    pub(crate) enum StoreError {
        TooLarge { key: Key, bytes: usize },
        Failed(String),
    }
}
