//! What a decision is given because it may draw nothing itself.

use crate::model::{AccountId, CustomerId, OrderId};

/// Everything random a decision may need, drawn before it is asked.
#[derive(Clone)]
pub struct FreshIds {
    /// For a new order.
    pub order: OrderId,
    /// For a new account.
    pub account: AccountId,
    /// For a new customer.
    pub customer: CustomerId,
    /// For a new account.
    pub credentials: NewCredentials,
    /// For the audit line.
    pub audit: String,
}

/// Credentials for an account that does not exist yet.
#[derive(Clone)]
pub struct NewCredentials {
    /// The client's uuid on every panel.
    pub uuid: uuid::Uuid,
    /// The client's subscription id: 16 of a–z and 0–9.
    pub sub_id: String,
    /// For the protocols that need one: 32 bytes, base64url.
    pub secret: String,
    /// For the shop's own subscription page: 32 bytes, base64url.
    pub subscription_token: String,
}
