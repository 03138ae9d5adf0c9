//! What is told of each server.

use super::Page;
use super::float;
use crate::admin::sources::Admin;
use crate::planner::Verb;
use std::collections::BTreeMap;

impl Page {
    pub(super) fn servers(&self, admin: &Admin) -> Result<(), prometheus::Error> {
        let label = &["server"];
        let reachable = self.gauge(
            "nebulalinks_server_reachable",
            "1 when the last list was answered.",
            label,
        )?;
        let listed = self.gauge(
            "nebulalinks_server_listed_timestamp_seconds",
            "When the last full list was taken.",
            label,
        )?;
        let wanted = self.gauge(
            "nebulalinks_server_changes_wanted",
            "Changes the last pass wanted: how far the panel is from what was asked.",
            label,
        )?;
        let held =
            self.gauge("nebulalinks_server_changes_held", "Changes the guard holds.", label)?;
        let unexplained = self.gauge(
            "nebulalinks_server_changes_unexplained",
            "Changes of this hour that took something away without a reason in the records.",
            label,
        )?;
        let still_connected = self.gauge(
            "nebulalinks_server_still_connected",
            "Clients that are switched off and whose open sessions go on until Xray is started anew.",
            label,
        )?;
        let near = self.gauge(
            "nebulalinks_server_near_cap",
            "Clients close to their caps that are read alone between two lists.",
            label,
        )?;
        let clients = self.gauge(
            "nebulalinks_server_clients",
            "Clients on the panel.",
            &["server", "whose"],
        )?;
        let unreadable = self.gauge(
            "nebulalinks_server_unreadable_inbounds",
            "Inbounds of the panel whose text cannot be read: nobody is made anew meanwhile.",
            label,
        )?;
        let waits = self.gauge(
            "nebulalinks_server_waiting",
            "Accounts the last pass left alone, by what they wait for.",
            &["server", "reason"],
        )?;
        // A list that was under way may end after its server was retired.
        let catalog = (admin.in_force)();
        let mut servers = admin.stats.servers();
        servers.retain(|id, _| catalog.served(id).is_some());
        for (id, n) in servers {
            let id = [id.as_str()];
            reachable.with_label_values(&id).set(f64::from(u8::from(n.reachable)));
            listed.with_label_values(&id).set(float(n.listed_at.0) / 1000.0);
            wanted.with_label_values(&id).set(float(n.wanted as u64));
            held.with_label_values(&id).set(float(n.held as u64));
            unreadable.with_label_values(&id).set(float(n.unreadable as u64));
            unexplained.with_label_values(&id).set(f64::from(n.unexplained));
            near.with_label_values(&id).set(float(n.near as u64));
            still_connected.with_label_values(&id).set(float(n.still_connected as u64));
            let [server] = id;
            clients.with_label_values(&[server, "ours"]).set(float(n.ours as u64));
            clients.with_label_values(&[server, "foreign"]).set(float(n.foreign as u64));
            let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
            for note in &n.report.notes {
                *reasons.entry(note.waiting.name()).or_default() += 1;
            }
            for (reason, count) in reasons {
                waits.with_label_values(&[server, reason]).set(float(count));
            }
        }
        Ok(())
    }

    /// What the last list of each server wanted.
    pub(super) fn wanted(&self, admin: &Admin) -> Result<(), prometheus::Error> {
        let wanted = self.gauge(
            "nebulalinks_changes_wanted",
            "Changes the last list wanted, by what they do: in `mode: observe` all that would be \
             done.",
            &["server", "verb"],
        )?;
        let catalog = (admin.in_force)();
        let mut servers = admin.stats.servers();
        servers.retain(|id, _| catalog.served(id).is_some());
        for (id, seen) in servers {
            for verb in Verb::ALL.map(Verb::name) {
                let count = seen.by_verb.get(verb).copied().unwrap_or_default();
                wanted.with_label_values(&[id.as_str(), verb]).set(float(count as u64));
            }
        }
        Ok(())
    }

    /// How far the moves away from servers that are to be left are.
    pub(super) fn moves(&self, admin: &Admin) -> Result<(), prometheus::Error> {
        let moves = self.gauge(
            "nebulalinks_server_moves",
            "Accounts of a server that is to be left: waiting for their turn, without room \
             elsewhere, or with both servers for a while.",
            &["server", "state"],
        )?;
        for (server, m) in admin.stats.moves_away() {
            let states = [
                ("waiting", m.waiting.saturating_sub(m.no_room)),
                ("no_room", m.no_room),
                ("under_way", m.under_way),
            ];
            for (state, count) in states {
                moves.with_label_values(&[server.as_str(), state]).set(float(count as u64));
            }
        }
        Ok(())
    }
}
