//! What the benchmark is made of.

pub(crate) mod child;
pub(crate) mod measure;
pub(crate) mod panel;
