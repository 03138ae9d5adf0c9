//! What the files are held against.

use super::types::{Catalog, Server};

/// Says what is wrong with a server's keys, and what to do; nothing when they can be used.
pub type LookAtKeys<'l> = dyn Fn(&Server) -> Option<(String, String)> + 'l;

/// What the files are held against, beside each other.
#[derive(Clone, Copy, Default)]
pub struct Options<'o> {
    /// The last good catalog: some words never change.
    pub previous: Option<&'o Catalog>,
    /// Looks at each server's keys; not asked where keys do not matter.
    pub keys: Option<&'o LookAtKeys<'o>>,
}
