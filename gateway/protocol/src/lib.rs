//! What controller and gateway say to each other: the wire types, and the signatures on both
//! directions. Pure; the only crate both sides share.
//!
//! - [`types`](crate::ClaimRequest): bodies of `/v1/*`, [`Problem`] and [`ErrorCode`]
//! - [`batch`](crate::BatchRequest): many writes in one request
//! - [`callers`]: who asks, by addresses and as trusted proxies tell
//! - [`facts`]: which fields of an inbound gateways report, and what for
//! - [`history`](crate::HistoryPoint): where the history of a store stands
//! - [`meant`]: which inbound a name means
//! - [`keys`]: keys, their roles and derivation, and the text of a key file
//! - [`secret_file`]: what a file that holds a secret may be
//! - [`sign`]: what the sender of a request or an answer does
//! - [`verify`]: what its receiver does, in steps, each with a typed [`Refusal`]
//!
//! The profile is `nebulalinks-gw-v1`: HTTP Message Signatures (RFC 9421) with Content-Digest
//! (RFC 9530) and HMAC-SHA256, one fixed list of components in one fixed order.

mod addresses;
mod base;
mod batch;
pub mod callers;
pub mod facts;
pub mod headers;
mod history;
mod inbound_name;
mod key_set;
pub mod keys;
mod problem;
mod refusal;
mod role;
#[cfg(feature = "openapi")]
mod schema;
pub mod secret_file;
pub mod sign;
mod text;
mod types;
pub mod verify;

pub use addresses::AddressesAnswer;
pub use base::{RequestBinding, Stamp, content_digest, normal_authority};
pub use batch::*;
pub use history::{HistoryPoint, Lineage};
pub use inbound_name::{HasRemark, Listed, NoSuchInbound, meant};
pub use key_set::{KeySet, generate_key_file, key_file};
pub use keys::{Key, KeyPair, MasterKey};
pub use problem::{ErrorCode, Problem};
pub use refusal::Refusal;
pub use role::Role;
pub use sign::{RequestParts, SignedHeaders, sign_request, sign_response};
pub use text::{CLIENT_MARK, hex, is_subscription_key, percent_encoded};
pub use types::*;
pub use verify::{RequestHead, SignedRequest, verify_response};
