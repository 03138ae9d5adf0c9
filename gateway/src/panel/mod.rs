//! The panel beside the gateway.
//!
//! - [`adapter`]: what a panel can do, whatever its generation
//! - `connect`: which generation it is, found out by asking
//! - `converge`: the write engine: read, step, read back
//! - `gen2`, `gen3`: every habit of a generation; `common`: what both say and take alike
//! - [`permit`]: the right to write, asked for again before each call
//! - [`validate`]: what is never sent
//! - [`transport`]: who carries requests to the panel
//! - `token`: a token of our own, made once

pub mod adapter;
mod common;
pub(crate) mod connect;
mod converge;
pub(crate) mod gen2;
pub(crate) mod gen3;
pub mod permit;
pub(crate) mod token;
pub mod transport;
pub mod validate;

pub use common::list_parser::Rows;

use crate::failure::Failure;

/// What the body of an answer to `inbounds/list` says, for a panel of this identity; with `gen2`,
/// judged by the rules of that generation. Pure; public for those who throw bytes at it.
///
/// # Errors
/// [`nebulalinks_protocol::ErrorCode::PanelProtocol`] for what is not the panel's list.
pub fn read_list(body: &[u8], identity: &str, gen2: bool) -> Result<Rows, Failure> {
    common::list_parser::read(body, identity, gen2)
        .map_err(|error| error.of_read(gen3::wire::denied))
}
