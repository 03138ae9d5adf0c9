//! Clocks that are wrong: one party's wall clock is set, or its machine sleeps.

use super::grammar::Party;
use super::player::Player;
use crate::trouble::Trouble;

impl Player<'_> {
    /// Sets somebody's wall clock wrong, or right again.
    pub(super) fn set_clock(&self, whose: &Party, ahead: i64) -> Result<(), Trouble> {
        let servers = || self.system.servers.keys();
        let known = |party: &String| {
            party == "controller"
                || party == "discord"
                || servers()
                    .any(|id| [format!("gateway-{id}"), format!("panel-{id}")].contains(party))
        };
        let parties: Vec<String> = match whose {
            Party::One(party) if known(party) => vec![party.clone()],
            Party::One(party) => return Err(Trouble(format!("there is no {party} here"))),
            Party::EveryHost => servers()
                .flat_map(|id| [format!("gateway-{id}"), format!("panel-{id}")])
                .chain(["controller".to_owned()])
                .collect(),
        };
        for party in parties {
            let set = self.system.clock.set_apart(&party, ahead);
            set.map_err(Trouble::while_doing("set a clock"))?;
        }
        Ok(())
    }

    /// The controller's machine is suspended for so long, and wakes up.
    pub(super) fn sleep(&self, length: u64) -> Result<(), Trouble> {
        let slept = self.system.clock.sleep_of("controller", length);
        slept.map_err(Trouble::while_doing("let the controller sleep"))?;
        self.system.poll_panels();
        Ok(())
    }
}
