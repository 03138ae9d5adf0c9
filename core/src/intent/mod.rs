//! What a person may ask. `decide(records, intent, now, ids)` answers with edits or a rejection.
//!
//! Discord and the command line only ever submit an [`Intent`]. Nothing here reads a
//! clock, draws a number or calls anybody: a decision is a value.

mod adopt;
mod approve;
mod book;
mod broadcast;
mod customer;
mod decide;
mod forget;
mod forgive;
mod fresh;
mod gift;
mod grant;
mod lifecycle;
mod note;
mod own;
mod panel;
mod payment;
mod place;
mod places;
mod promo;
mod proof;
mod records;
mod reference;
mod referral;
mod release;
mod requests;
mod staff;
mod ticket;
mod trial;
mod types;
mod undo;
mod words;

pub use crate::model::Rejection;
pub use adopt::{Others, check as check_adoption, known, marked, renamed, unfit};
pub use decide::{decide, needs};
pub use fresh::{FreshIds, NewCredentials};
pub use payment::came_to_nothing;
pub use proof::proof_target;
pub use records::{Decided, Found, Records};
pub use reference::typed_number;
pub use release::check as check_release;
pub use requests::{
    BroadcastRequest, Choice, ForgetRequest, Forgive, LeapOf, NoteRequest, Redemption,
    TicketRequest, TicketWord, TrialRequest,
};
pub use staff::{Person, Staff, check_reason};
pub use types::{Adopt, Grant, Intent, OfAccount, Placement, Proof, Reply};
