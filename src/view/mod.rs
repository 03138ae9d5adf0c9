//! Records → what people read: messages, share links, receipts, texts. Data in, data out.
//!
//! Every text a person sees is made here, in the shop's languages; no other module has prose for
//! customers or staff.

mod action;
mod message;

pub use action::{Action, ActionError};
pub use message::{
    Accent, Answer, Attachment, Block, Button, ButtonStyle, Choice, FileSource, Message, Modal,
    Select, TextField,
};
