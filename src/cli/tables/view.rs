//! How tables are drawn.

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
