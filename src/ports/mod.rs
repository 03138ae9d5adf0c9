//! The few traits the loop needs of the world, a file each. Adapters implement them; nothing else
//! crosses.

mod chat;
mod chat_code;
mod devices;
mod entropy;
mod exports;
mod intents;
mod panel;
mod reasons;
mod store;
mod time;

pub use chat::{Chat, ChatClass, ChatError, Hint, Opened, Place, Posted, Space};
pub use chat_code::ChatCode;
pub use devices::Devices;
pub use entropy::Entropy;
pub use exports::Exports;
pub use intents::IntentHandler;
pub use panel::{
    Claim, Claimed, Endpoint, ErrorClass, GatewayCode, PanelApi, PanelCode, PanelError,
    Precondition, Write, WriteToken, Written,
};
pub use reasons::ReasonSource;
pub use store::{Span, Store, StoreError};
pub use time::{Clock, Timekeeper};
