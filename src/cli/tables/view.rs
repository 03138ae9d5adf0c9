//! How tables are drawn.

use super::super::out;

/// How tables are drawn.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct View {
    /// With every column, and moments beside distances.
    pub(in super::super) every: bool,
    /// What time it is for the shop.
    pub(in super::super) now_ms: u64,
    /// Whether a terminal shows it.
    pub(in super::super) colours: bool,
}

impl View {
    /// With the columns that are always there, in colours where a terminal shows them.
    pub(in super::super) fn plain(now_ms: u64) -> Self {
        Self { every: false, now_ms, colours: out::takes_colours() }
    }
}
