//! What somebody asks for by one click, found again when that is delivered twice.

use super::staff::Person;
use crate::model::{Language, PlanId, RequestKey};

/// A free trial to give at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialRequest {
    /// Who tries.
    pub customer: Person,
    /// The language they read, as far as their front tells.
    pub language: Option<Language>,
    /// Which plan: one with `trial: true`.
    pub plan: PlanId,
    /// What the front calls what they did: a redelivery finds its account again.
    pub interaction: RequestKey,
}

/// A question to a person of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketRequest {
    /// Who asks.
    pub customer: Person,
    /// The language they read, as far as their front tells.
    pub language: Option<Language>,
    /// What the front calls what they did: a redelivery finds its ticket again.
    pub interaction: RequestKey,
}
