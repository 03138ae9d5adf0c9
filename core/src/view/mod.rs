//! Records → what people read: messages, share links, receipts, texts. Data in, data out.
//!
//! Every text a person sees is made here, in the shop's languages; no other module has prose for
//! customers or staff. [`Pages`] has one function per page; [`links()`] builds the links.

mod action;
mod audit_page;
mod bar;
mod chart;
mod connected;
mod export;
mod fit;
mod format;
mod limits;
mod links;
mod message;
mod moment;
mod pages;
mod pixels;
mod plain;
mod profile;
mod qr;
mod question;
#[cfg(feature = "sample")]
pub mod sample;
mod setup;
mod subscription;
mod texts;

pub use action::{Action, ActionError};
pub use audit_page::AuditPage;
pub use connected::ConnectedFrom;
pub use export::{ExportAsked, ExportFailure, ExportKind, Exported};
pub use links::{
    Access, Endpoint, Security, ShareLink, Tls, Transport, delivery_fingerprint, is_delivered,
    is_of_address, link_fault, links, misses_a_loss,
};
pub use message::{
    Accent, Answer, Attachment, Block, Button, ButtonStyle, Choice, FileField, FileSource, Link,
    Message, Modal, Select, TextField,
};
pub use moment::with_moments;
pub use pages::{
    FIELD_CODE, FIELD_NEWS, FIELD_PROOF, FIELD_REASON, FIELD_REFERENCE, FIELD_TO, Pages,
    ProofProblem,
};
pub use pages::{SubscriptionPage, SubscriptionWords};
pub use profile::FrontProfile;
pub use question::{AskedOnce, Question, QuestionError};
pub use setup::{Permission, Setup, SetupPlace, SetupProblem};
pub use subscription::{AppButton, Document, Entries, Format, Platform, Subscription};
pub use texts::Texts;
