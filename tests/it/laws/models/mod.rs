//! Each part of the core against the same rule written a second time, as plainly as a small world
//! allows: numbers in vectors, everything tried, nothing shared with the product.

mod compile;
mod diff;
mod entitle;
mod guard;
mod ledger;
mod schedule;
