//! What the fuzz targets compare the product with: the same rules, written a second time from
//! their description and sharing no code with it.

pub mod panel;
pub mod profile;
