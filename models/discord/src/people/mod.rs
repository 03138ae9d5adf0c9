//! People in this process, who do what Discord's own program lets them do.

mod actor;
mod controls;
mod dialogs;
mod life;
mod outcome;
mod screen;
mod slash;

pub use actor::Actor;
pub use controls::{ActorError, Place};
pub use outcome::{ModalView, Offer, Outcome};
