//! Which panel this is. A database that is replaced while the gateway runs shows as another
//! identity; nothing is written to it that was decided before the controller has listed it.

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

/// The identity that the panel reported first, or that was written last after a list showed it; clones
/// share it.
#[derive(Debug, Clone, Default)]
pub(in crate::panel) struct Identity(Arc<Mutex<Option<First>>>);

#[derive(Debug)]
struct First {
    identity: String,
    generation: String,
    /// The panel reported none, and its address stands for one.
    by_address: bool,
    /// The identity that the last list came from.
    listed: Option<String>,
}

impl Identity {
    /// Takes the first identity as ours, and notes on the panel when it is another by now.
    ///
    /// A panel of v3 that has just started may not tell its identity yet. Its address, which stands
    /// for one then, is replaced by the first identity that the panel reports, and is never taken for another
    /// one after that. Between generations neither holds: a v2 panel never tells one, so what answers
    /// there is another program, and every difference is one.
    ///
    /// # Errors
    /// [`ErrorCode::PanelUnreachable`]: the panel reported an identity before and reports none now, and is of the
    /// same generation.
    pub(in crate::panel) fn note(&self, panel: &mut Panel) -> Result<(), Failure> {
        let by_address = panel.notices.contains(&Notice::KnownByAddress);
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *first {
            None => {
                let (identity, generation) = (panel.identity.clone(), panel.generation.clone());
                *first = Some(First { identity, generation, by_address, listed: None });
            }
            Some(first) if first.identity == panel.identity => {
                first.generation.clone_from(&panel.generation);
            }
            Some(first) if first.generation != panel.generation => {
                panel.notices.push(Notice::IdentityChanged);
            }
            Some(first) if first.by_address => {
                first.identity.clone_from(&panel.identity);
                first.by_address = by_address;
            }
            Some(_) if by_address => {
                let detail = "the panel told its identity before and tells none now: it has just \
                              started, or something else answers in its place";
                return Err(Failure::new(ErrorCode::PanelUnreachable, detail));
            }
            Some(_) => panel.notices.push(Notice::IdentityChanged),
        }
        Ok(())
    }

    /// The controller gets a list of this panel: what it writes from now on it has decided for it.
    pub(in crate::panel) fn listed(&self, panel: &Panel) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = &mut *first {
            first.listed = Some(panel.identity.clone());
        }
    }

    /// This panel, if it may be written: another one becomes ours once it was listed. Whether anybody is
    /// made there is the controller's to say.
    ///
    /// # Errors
    /// [`ErrorCode::PanelRefused`] when it is another one, and what is to be written was decided before a
    /// list showed that.
    pub(in crate::panel) fn admit(&self, mut panel: Panel) -> Result<Panel, Failure> {
        if !panel.notices.contains(&Notice::IdentityChanged) {
            return Ok(panel);
        }
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(first) = first.as_mut().filter(|f| f.listed.as_ref() == Some(&panel.identity))
        else {
            let detail = format!(
                "the panel's identity is {} now and was another before, so its database was \
                 replaced: what was decided for the other is not written",
                panel.identity.escape_debug()
            );
            return Err(Failure::new(ErrorCode::PanelRefused, detail));
        };
        panel.notices.retain(|notice| *notice != Notice::IdentityChanged);
        first.identity.clone_from(&panel.identity);
        first.generation.clone_from(&panel.generation);
        first.by_address = panel.notices.contains(&Notice::KnownByAddress);
        Ok(panel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nebulalinks_protocol::Xray;

    fn panel(generation: &str, identity: &str, by_address: bool) -> Panel {
        Panel {
            identity: identity.to_owned(),
            generation: generation.to_owned(),
            version: String::new(),
            xray: Xray::Running,
            xray_up_s: None,
            notices: if by_address { vec![Notice::KnownByAddress] } else { Vec::new() },
        }
    }

    #[test]
    fn an_identity_that_is_not_told_for_a_moment_is_no_other_panel() {
        let identity = Identity::default();
        let note = |told: &str, by_address| {
            let mut panel = panel("gen3", told, by_address);
            identity.note(&mut panel).map(|()| identity.admit(panel).is_ok())
        };
        assert_eq!(note("address-1", true), Ok(true), "it has just started");
        assert_eq!(note("guid-1", false), Ok(true), "and tells its name now");
        assert_eq!(note("address-1", true).unwrap_err().code, ErrorCode::PanelUnreachable);
        assert_eq!(note("guid-2", false), Ok(false), "that one is another");
        assert_eq!(note("guid-1", false), Ok(true), "the right one is back");
    }

    #[test]
    fn another_panel_is_written_once_it_was_listed_and_is_ours_then() {
        let identity = Identity::default();
        let seen = |told: &str| {
            let mut panel = panel("gen3", told, false);
            identity.note(&mut panel).unwrap();
            panel
        };
        identity.listed(&seen("guid-1"));
        assert!(identity.admit(seen("guid-2")).is_err(), "decided for the first");
        identity.listed(&seen("guid-2"));
        assert!(identity.admit(seen("guid-3")).is_err(), "decided for the second");
        assert_eq!(seen("guid-2").notices, [Notice::IdentityChanged], "nothing was written yet");
        assert_eq!(identity.admit(seen("guid-2")).unwrap().notices, []);
        assert_eq!(seen("guid-2").notices, []);
        assert!(identity.admit(seen("guid-1")).is_err(), "the first is another now");
    }

    #[test]
    fn a_panel_of_another_generation_is_another_panel_until_the_first_is_back() {
        let note = |identity: &Identity, generation, told, by_address| {
            let mut panel = panel(generation, told, by_address);
            identity.note(&mut panel).map(|()| identity.admit(panel).is_ok())
        };
        let (up, down, twice) = (Identity::default(), Identity::default(), Identity::default());
        assert_eq!(note(&up, "gen2", "address-1", true), Ok(true));
        assert_eq!(note(&up, "gen3", "guid-1", false), Ok(false), "v3 stands where v2 stood");
        assert_eq!(note(&up, "gen2", "address-1", true), Ok(true), "the right one is back");
        assert_eq!(note(&down, "gen3", "guid-1", false), Ok(true));
        assert_eq!(note(&down, "gen2", "address-1", true), Ok(false), "v2 stands where v3 stood");
        assert_eq!(note(&down, "gen3", "guid-1", false), Ok(true), "the right one is back");
        // Nothing tells these two apart, but what comes after v2 is not what was before it.
        assert_eq!(note(&twice, "gen3", "address-1", true), Ok(true));
        assert_eq!(note(&twice, "gen2", "address-1", true), Ok(true));
        assert_eq!(note(&twice, "gen3", "guid-1", false), Ok(false));
    }
}
