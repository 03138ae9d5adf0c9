//! Which panel this is. A database that is replaced while the gateway runs shows as another
//! identity; nothing is written to it until somebody has looked.

use std::sync::{Arc, Mutex, PoisonError};

use nebulalinks_protocol::{ErrorCode, Notice, Panel, content_digest};

use crate::config::PanelTarget;
use crate::failure::Failure;

/// What stands for the identity of a panel that tells none: stable while the address is, and blind
/// to a replaced database, which then shows only by the clients' row numbers and times.
pub(in crate::panel) fn by_address(target: &PanelTarget) -> String {
    let digest = content_digest(target.base().as_bytes());
    let short: String =
        digest.chars().filter(char::is_ascii_alphanumeric).skip(6).take(16).collect();
    format!("address-{short}")
}

/// The identity that the panel told first; clones share it.
#[derive(Debug, Clone, Default)]
pub(in crate::panel) struct Identity(Arc<Mutex<Option<String>>>);

impl Identity {
    /// Takes the first identity as ours, and notes on the panel when it is another by now.
    pub(in crate::panel) fn note(&self, panel: &mut Panel) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *first.get_or_insert_with(|| panel.identity.clone()) != panel.identity {
            panel.notices.push(Notice::IdentityChanged);
        }
    }

    /// Whether this panel may be written.
    ///
    /// # Errors
    /// [`ErrorCode::PanelRefused`] when it is not the one that we began with.
    pub(in crate::panel) fn admit(panel: &Panel) -> Result<(), Failure> {
        if !panel.notices.contains(&Notice::IdentityChanged) {
            return Ok(());
        }
        let detail = format!(
            "the panel's identity is {} now and was another when the gateway started, so its \
             database was replaced: nothing is written. If that is what you want, restart the \
             gateway",
            panel.identity.escape_debug()
        );
        Err(Failure::new(ErrorCode::PanelRefused, detail))
    }
}
