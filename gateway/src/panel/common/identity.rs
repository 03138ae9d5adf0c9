//! Which panel this is. A database that is replaced while the gateway runs shows as another
//! identity; nothing is written to it but what names it.

use std::sync::{Arc, Mutex, PoisonError};

use nebulalinks_protocol::{ErrorCode, Notice, Panel, content_digest};

use crate::config::PanelTarget;
use crate::failure::Failure;
use crate::panel::permit::Permit;

/// What stands for the identity of a panel that tells none: stable while the address is, and blind
/// to a replaced database, which then shows only by the clients' row numbers and times.
pub(in crate::panel) fn by_address(target: &PanelTarget) -> String {
    let digest = content_digest(target.base().as_bytes());
    let short: String =
        digest.chars().filter(char::is_ascii_alphanumeric).skip(6).take(16).collect();
    format!("address-{short}")
}

/// The identity that the panel reported first, or that the controller named when it wrote last; clones share
/// it.
#[derive(Debug, Clone, Default)]
pub(in crate::panel) struct Identity(Arc<Mutex<Option<First>>>);

#[derive(Debug)]
struct First {
    identity: String,
    generation: String,
    /// The panel reported none, and its address stands for one.
    by_address: bool,
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
                *first = Some(First { identity, generation, by_address });
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

    /// This panel, if it may be written: the one that the write names, or where it names none, the one that
    /// was there before. Another one becomes ours once the controller names it. Whether anybody is made
    /// there is the controller's to say.
    ///
    /// # Errors
    /// [`ErrorCode::AnotherPanel`]: the write names another one. [`ErrorCode::PanelRefused`]: it names none, and
    /// this is another one than before.
    pub(in crate::panel) fn admit(
        &self,
        mut panel: Panel,
        permit: &Permit,
    ) -> Result<Panel, Failure> {
        let is_another = panel.notices.contains(&Notice::IdentityChanged);
        let shown = panel.identity.escape_debug();
        match permit.panel() {
            Some(named) if named != panel.identity => {
                let detail = format!(
                    "the panel that answers is {shown}, and this was decided for another: nothing was done"
                );
                Err(Failure::new(ErrorCode::AnotherPanel, detail))
            }
            None if is_another => {
                let detail = format!(
                    "the panel's identity is {shown} now and was another before, so its database was \
                     replaced: only what names this panel is written (`?panel=`), until a \
                     controller has done so or the gateway was restarted"
                );
                Err(Failure::new(ErrorCode::PanelRefused, detail))
            }
            Some(_) if is_another && permit.is_the_controllers() => {
                panel.notices.retain(|notice| *notice != Notice::IdentityChanged);
                let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                let (identity, generation) = (panel.identity.clone(), panel.generation.clone());
                let by_address = panel.notices.contains(&Notice::KnownByAddress);
                *first = Some(First { identity, generation, by_address });
                Ok(panel)
            }
            _ => Ok(panel),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::Claims;
    use crate::clock::{Clock, SystemClock};
    use nebulalinks_protocol::Xray;

    type Right = fn(Arc<Claims>, Arc<dyn Clock>) -> Permit;
    const CONTROLLERS: Right = |claims, clock| Permit::new(claims, clock, 1, u64::MAX);
    const SCRIPTS: Right = |claims, clock| Permit::of_script(claims, clock, u64::MAX);

    /// A right to write to the panel with this identity, or to any.
    fn naming(panel: Option<&str>, right: Right) -> Permit {
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let claims = Claims::open(folder.path(), Arc::clone(&clock), Arc::new(|_| {})).unwrap();
        right(Arc::new(claims), clock).on(panel.map(str::to_owned))
    }

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
            identity
                .note(&mut panel)
                .map(|()| identity.admit(panel, &naming(None, CONTROLLERS)).is_ok())
        };
        assert_eq!(note("address-1", true), Ok(true), "it has just started");
        assert_eq!(note("guid-1", false), Ok(true), "and tells its name now");
        assert_eq!(note("address-1", true).unwrap_err().code, ErrorCode::PanelUnreachable);
        assert_eq!(note("guid-2", false), Ok(false), "that one is another");
        assert_eq!(note("guid-1", false), Ok(true), "the right one is back");
    }

    #[test]
    fn another_panel_is_written_by_what_names_it_and_is_ours_once_the_controller_does() {
        let identity = Identity::default();
        let seen = |told: &str| {
            let mut panel = panel("gen3", told, false);
            identity.note(&mut panel).unwrap();
            panel
        };
        let code = |told: &str, permit: &Permit| {
            identity.admit(seen(told), permit).map_err(|failure| failure.code)
        };
        let (first, second) =
            (naming(Some("guid-1"), CONTROLLERS), naming(Some("guid-2"), CONTROLLERS));
        assert!(
            code("guid-1", &first).is_ok() && code("guid-1", &naming(None, CONTROLLERS)).is_ok()
        );
        assert_eq!(code("guid-1", &second), Err(ErrorCode::AnotherPanel));
        assert_eq!(code("guid-2", &first), Err(ErrorCode::AnotherPanel));
        assert_eq!(
            code("guid-2", &naming(None, CONTROLLERS)),
            Err(ErrorCode::PanelRefused),
            "it names none"
        );
        let script = naming(Some("guid-2"), SCRIPTS);
        assert_eq!(code("guid-2", &script).unwrap().notices, [Notice::IdentityChanged]);
        assert_eq!(seen("guid-2").notices, [Notice::IdentityChanged], "no script makes it ours");
        assert_eq!(code("guid-2", &second).unwrap().notices, []);
        assert_eq!(seen("guid-2").notices, []);
        assert!(code("guid-2", &naming(None, CONTROLLERS)).is_ok());
        assert_eq!(
            code("guid-1", &naming(None, CONTROLLERS)),
            Err(ErrorCode::PanelRefused),
            "another by now"
        );
    }

    #[test]
    fn a_panel_of_another_generation_is_another_panel_until_the_first_is_back() {
        let note = |identity: &Identity, generation, told, by_address| {
            let mut panel = panel(generation, told, by_address);
            identity
                .note(&mut panel)
                .map(|()| identity.admit(panel, &naming(None, CONTROLLERS)).is_ok())
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
