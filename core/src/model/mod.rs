//! The words of the shop as types: ids, money, bytes, and every record that is stored.
//!
//! Facts are stored, everything else is derived from them by pure functions. Nothing here reads a
//! clock, draws a random number or does I/O, and nothing here knows another module of this crate.

mod account;
mod account_records;
mod actor;
mod adoptions;
mod archived;
mod assembly;
mod audit;
mod binding;
mod broadcast;
mod checkpoint;
mod claims;
mod clock;
mod code_uses;
mod condition;
mod customer;
mod due;
mod edits;
mod entitlement;
mod forgetting;
mod forgotten;
mod identity;
mod ids;
mod inbounds;
mod indexes;
mod interned;
mod invitation;
mod invite_code;
mod key_bytes;
mod language;
mod lineage;
mod look;
mod lookup;
mod meta;
mod money;
mod moving;
mod name_start;
mod names;
mod notice;
mod order;
mod order_reference;
mod panel;
mod people;
mod quota;
mod readiness;
mod reads;
mod record;
mod rejection;
mod rows;
#[cfg(test)]
mod sizes;
mod snapshot;
mod status;
mod still_connected;
mod surface;
mod tables;
mod takings;
mod tallies;
mod term;
mod ticket;
mod time;
mod usage;
mod visits;

pub use account::{Account, Adopted, Credentials, Custody, Released, Suspension};
pub use account_records::AccountRecords;
pub use actor::Actor;
pub use archived::ArchivedOrder;
pub use assembly::Assembly;
pub use audit::{Audit, Outcome};
pub use binding::{Binding, Disposition, Selector};
pub use broadcast::{Audience, Broadcast, BroadcastState, BroadcastTurn, Progress, Reach};
pub use checkpoint::{Block, BlockReader, CheckpointError};
pub use clock::{ClockDoubt, ClockSeen, ClockVerdict, Moment, TimeReading, UndatedProof, Witness};
pub use condition::{Condition, ConditionKind, same_ignoring_time};
pub use customer::{Customer, CustomerIdentity, OwnSettings, StaffNote};
pub use edits::{Edits, Expected};
pub use entitlement::{Entitlement, Standing};
pub use forgetting::ToBeForgotten;
pub use forgotten::{Forgotten, ToForget};
pub use identity::{CustomerRef, Front, Identity, RequestKey};
pub use ids::{
    AccountId, BroadcastId, CustomerId, FamilyId, IdError, Mark, MethodId, OrderId, PlanId,
    PromoId, ServerId, ShopId, TicketId,
};
pub use inbounds::{Unusable, named_inbounds, numbers_of};
pub use indexes::Indexes;
pub use invite_code::InviteCode;
pub use language::{Language, NoLanguage, Reads, base_language};
pub use lineage::{HistoryPoint, Lineage, LineageError, Revision};
pub use look::{LOOK_SIDE, PictureCuts, PictureLook};
pub use lookup::{OrderLine, first_ulid_at};
pub use meta::{
    Amnesia, Damage, Lacking, Lost, Reservations, Retained, RetainedKind, StoreIdentity,
};
pub use money::{Currency, Money, MoneyError};
pub use notice::{Notice, NoticeKind, NoticeState, NoticeTopic};
pub use order::{
    Cancellation, Decision, Deleting, Evidence, EvidenceKind, MethodChoice, Order, OrderPlan,
    OrderPromo, OrderState, Reopened, Reversed, StatedReference, Target, Verdict,
};
pub use order_reference::OrderReference;
pub use panel::{
    Cap, Coverage, DesiredClient, End, InboundFacts, Incarnation, Observation, ObservedClient,
    PanelInfo, ServerFacts, UnreadableInbound, XrayState,
};
pub use quota::{Bytes, Quota};
pub use readiness::{Reason, ReasonCode};
pub use record::{
    InteractionOrder, Key, Kind, OrderByReference, PaymentReference, ProofOrder, Record,
    RecordError, SCHEMA_VERSION, SourceTerm, UnpaidOrder, Versioned,
};
pub use rejection::{CodeProblem, Rejection, StillCustomer};
pub use snapshot::Snapshot;
pub use status::{
    AccountStatus, BindingStatus, HeldChanges, HeldItem, LastApplied, LastList, Leap, Leapt,
    Opening, Outage, Sending, ServerHome, ServerStatus, UnexplainedChange,
};
pub use still_connected::{SessionsCut, StillConnected};
pub use surface::{
    Delivery, DeliveryState, OrderNews, Refused, Surface, SurfaceKey, SurfaceState, Telling,
    ToldAlerts, ToldNews,
};
pub use takings::{AllTakings, Booking, Sums, Takings, day_of};
pub use term::{MadeGood, PromoTerm, Reversal, Run, RunKind, Served, Term, TermSource};
pub use ticket::{Ticket, TicketClosing, Urgency};
pub use time::{DAY_MS, DurationMs, HOUR_MS, MINUTE_MS, SECOND_MS, UnixMs};
pub use usage::{Forgiveness, Overrun, UsageLedger};
pub use visits::visits;
