//! The numbers of `/metrics`, read at each scrape. Labels are server ids and enums, nothing else.

mod servers;

use super::backups;
use super::counted::Counted;
use super::readiness;
use super::sources::Admin;
use crate::controller::{Histogram, LoopStats};
use crate::model::{
    ClockDoubt, ConditionKind, OrderState, Outage, ReasonCode, Snapshot, Surface, SurfaceKey,
    SurfaceState, UnixMs, Witness,
};
use prometheus::{Encoder, GaugeVec, IntCounterVec, Opts, Registry, TextEncoder};

/// The text of one scrape.
pub(super) fn render(admin: &Admin) -> Result<String, prometheus::Error> {
    let page = Page { registry: Registry::new() };
    let snapshot = admin.store.snapshot();
    page.catalog_and_store(admin, &snapshot)?;
    page.readiness(admin)?;
    page.servers(admin)?;
    page.server_conditions(admin, &snapshot)?;
    page.records(&snapshot, admin.time.reading().now)?;
    page.clocks(admin)?;
    page.moves(admin)?;
    page.wanted(admin)?;
    page.loop_numbers(admin)?;
    backups::register(&page.registry, admin)?;
    page.subscriptions(admin)?;
    let mut out = Vec::new();
    TextEncoder::new().encode(&page.registry.gather(), &mut out)?;
    String::from_utf8(out).map_err(|e| prometheus::Error::Msg(e.to_string()))
}

pub(super) struct Page {
    registry: Registry,
}

impl Page {
    pub(super) fn gauge(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> Result<GaugeVec, prometheus::Error> {
        let gauge = GaugeVec::new(Opts::new(name, help), labels)?;
        self.registry.register(Box::new(gauge.clone()))?;
        Ok(gauge)
    }

    fn counter(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> Result<IntCounterVec, prometheus::Error> {
        let counter = IntCounterVec::new(Opts::new(name, help), labels)?;
        self.registry.register(Box::new(counter.clone()))?;
        Ok(counter)
    }

    /// What the loop counted so far, one histogram for each value of the label.
    fn histogram(
        &self,
        name: &str,
        help: &str,
        label: &str,
        counted: impl IntoIterator<Item = (impl Into<String>, Histogram)>,
    ) -> Result<(), prometheus::Error> {
        self.registry.register(Box::new(Counted::new(name, help, label, counted)?))
    }

    fn catalog_and_store(
        &self,
        admin: &Admin,
        snapshot: &Snapshot,
    ) -> Result<(), prometheus::Error> {
        let catalog = (admin.catalog)();
        let commit = catalog.commit.as_deref().unwrap_or_default();
        self.gauge(
            "nebulalinks_catalog_info",
            "1, with the revision in force and the commit that it comes from.",
            &["revision", "commit"],
        )?
        .with_label_values(&[catalog.revision.as_str(), commit])
        .set(1.0);
        let valid = catalog.problems.is_empty();
        self.gauge("nebulalinks_catalog_valid", "1 while the files on disk are valid.", &[])?
            .with_label_values::<&str>(&[])
            .set(f64::from(u8::from(valid)));
        if let Some(connected) = (admin.discord_connected)() {
            let name = "nebulalinks_discord_connected";
            self.gauge(name, "1 while Discord has accepted the bot.", &[])?
                .with_label_values::<&str>(&[])
                .set(f64::from(u8::from(connected)));
        }
        let store =
            self.gauge("nebulalinks_store", "The store: revision, resident records.", &["what"])?;
        store.with_label_values(&["revision"]).set(float(snapshot.revision()));
        store.with_label_values(&["resident_records"]).set(float(snapshot.len() as u64));
        let amnesia = snapshot.amnesia().is_some_and(|a| a.resolved_at.is_none());
        self.gauge(
            "nebulalinks_amnesia",
            "1 while the store lacks a history that a gateway has seen.",
            &[],
        )?
        .with_label_values::<&str>(&[])
        .set(f64::from(u8::from(amnesia)));
        Ok(())
    }

    fn subscriptions(&self, admin: &Admin) -> Result<(), prometheus::Error> {
        let asked = self.counter(
            "nebulalinks_subscription_requests_total",
            "Requests of customers' apps for their links, by the form and how they ended.",
            &["format", "outcome"],
        )?;
        for (format, outcome, n) in (admin.subscriptions)() {
            asked.with_label_values(&[format, outcome]).inc_by(n);
        }
        Ok(())
    }

    /// What `/readyz` says, each reason with a series of its own.
    fn readiness(&self, admin: &Admin) -> Result<(), prometheus::Error> {
        let gauge = self.gauge(
            "nebulalinks_not_ready",
            "1 while the shop is not as it should be, by the reason that /readyz says.",
            &["reason"],
        )?;
        for code in ReasonCode::ALL {
            gauge.with_label_values(&[code.name()]).set(0.0);
        }
        for (reason, _) in readiness::reasons(admin) {
            gauge.with_label_values(&[reason.code.name()]).set(1.0);
        }
        if let Some(disk) = (admin.state_disk)() {
            self.gauge(
                "nebulalinks_state_disk_free_bytes",
                "Bytes that may still be written on the disk of the state folder.",
                &[],
            )?
            .with_label_values::<&str>(&[])
            .set(float(disk.free));
        }
        Ok(())
    }

    fn clocks(&self, admin: &Admin) -> Result<(), prometheus::Error> {
        let verdict = admin.time.reading().verdict;
        let doubt = self.gauge(
            "nebulalinks_clock_doubt",
            "1 while our clock is in doubt, by reason: nothing timed happens.",
            &["reason"],
        )?;
        for reason in ClockDoubt::ALL {
            let is_it = verdict.doubt() == Some(reason);
            doubt.with_label_values(&[reason.name()]).set(f64::from(u8::from(is_it)));
        }
        self.gauge("nebulalinks_clock_vouched", "1 while Discord confirms our clock.", &[])?
            .with_label_values::<&str>(&[])
            .set(f64::from(u8::from(verdict.is_vouched())));
        let servers = self.gauge(
            "nebulalinks_server_clock_difference_seconds",
            "The gateway's clock minus ours, by its signed dates; refusals count.",
            &["server"],
        )?;
        let discord = self.gauge(
            "nebulalinks_discord_clock_difference_seconds",
            "Discord's clock minus ours.",
            &[],
        )?;
        for (witness, ahead) in admin.time.differences() {
            #[allow(clippy::cast_precision_loss, reason = "a clock difference is small")]
            let seconds = ahead as f64 / 1000.0;
            match witness {
                Witness::Discord => discord.with_label_values::<&str>(&[]).set(seconds),
                Witness::Gateway(id) => servers.with_label_values(&[id.as_str()]).set(seconds),
            }
        }
        Ok(())
    }

    /// What is wrong with servers that were seen, by what is stored of them.
    fn server_conditions(
        &self,
        admin: &Admin,
        snapshot: &Snapshot,
    ) -> Result<(), prometheus::Error> {
        let conditions = self.gauge(
            "nebulalinks_server_conditions",
            "1 while a condition of a server is true.",
            &["server", "type"],
        )?;
        let outages = self.gauge(
            "nebulalinks_server_outage",
            "1 while a server answers and nobody can use what they have there, by why.",
            &["server", "reason"],
        )?;
        let keys = self.gauge(
            "nebulalinks_server_keys_missing",
            "1 while the keys of a server's gateway are missing or cannot be used.",
            &["server"],
        )?;
        // Those that are served; what was seen of a server that is gone stays in the records.
        let served = admin.stats.servers();
        for status in snapshot.server_statuses().filter(|s| served.contains_key(&s.server)) {
            let server = status.server.as_str();
            keys.with_label_values(&[server]).set(f64::from(u8::from(status.lacks_keys())));
            for kind in ConditionKind::ALL {
                let is = status.conditions.iter().any(|c| c.kind == kind);
                conditions.with_label_values(&[server, kind.name()]).set(f64::from(u8::from(is)));
            }
            for outage in Outage::ALL {
                let is = status.outage == Some(outage);
                outages.with_label_values(&[server, outage.name()]).set(f64::from(u8::from(is)));
            }
        }
        Ok(())
    }

    fn records(&self, snapshot: &Snapshot, now: UnixMs) -> Result<(), prometheus::Error> {
        let orders = self.gauge("nebulalinks_orders", "Orders by state.", &["state"])?;
        for state in OrderState::ALL {
            let count = snapshot.orders_in(state, now);
            orders.with_label_values(&[state.name()]).set(float(count as u64));
        }
        let oldest = snapshot.reviews_waiting().next().map(|(since, _)| since);
        self.gauge(
            "nebulalinks_review_oldest_seconds",
            "How long the oldest proof has waited for staff.",
            &[],
        )?
        .with_label_values::<&str>(&[])
        .set(oldest.map_or(0.0, |at| float(now.since(at).0) / 1000.0));
        self.surfaces(snapshot, now)?;
        let conditions =
            self.gauge("nebulalinks_account_conditions", "Accounts by condition.", &["type"])?;
        for kind in ConditionKind::ALL {
            let count = snapshot.accounts_with(kind);
            conditions.with_label_values(&[kind.name()]).set(float(count as u64));
        }
        self.gauge("nebulalinks_tickets_open", "Customers' questions that are open.", &[])?
            .with_label_values(&[] as &[&str])
            .set(float(snapshot.open_ticket_count() as u64));
        self.gauge(
            "nebulalinks_ticket_unanswered_oldest_seconds",
            "How long the customer waits who has waited the longest for an answer to a question.",
            &[],
        )?
        .with_label_values::<&str>(&[])
        .set(snapshot.ticket_waits_since().map_or(0.0, |at| float(now.since(at).0) / 1000.0));
        let deliveries = self.gauge(
            "nebulalinks_deliveries",
            "Accounts by how the last link went.",
            &["state"],
        )?;
        for word in ["none", "delivered", "shown", "undelivered"] {
            let count = snapshot.accounts_delivered(word);
            deliveries.with_label_values(&[word]).set(float(count as u64));
        }
        self.gauge("nebulalinks_accounts_unbound", "Accounts without a server.", &[])?
            .with_label_values::<&str>(&[])
            .set(float(snapshot.accounts_unbound() as u64));
        Ok(())
    }

    /// What should be seen in Discord and how it stands, also what was never tried.
    fn surfaces(&self, snapshot: &Snapshot, now: UnixMs) -> Result<(), prometheus::Error> {
        let surfaces = self.gauge(
            "nebulalinks_surfaces",
            "Messages kept in Discord, by kind and state: shown, pending, refused.",
            &["kind", "state"],
        )?;
        let panel = snapshot.surface(SurfaceKey::StorePanel);
        let panel = panel.map_or(SurfaceState::Pending, Surface::state);
        // Not every shop has channels for these.
        let others = [SurfaceKey::Alerts, SurfaceKey::Stats].map(|key| snapshot.surface(key));
        for state in SurfaceState::ALL {
            for kind in ["order-thread", "review-card", "ticket-thread", "ticket-card"] {
                let count = snapshot.order_surfaces(kind, state);
                surfaces.with_label_values(&[kind, state.name()]).set(float(count as u64));
            }
            let is = f64::from(u8::from(panel == state));
            surfaces.with_label_values(&[SurfaceKey::StorePanel.kind(), state.name()]).set(is);
            for other in others.into_iter().flatten() {
                let is = f64::from(u8::from(other.state() == state));
                surfaces.with_label_values(&[other.key.kind(), state.name()]).set(is);
            }
        }
        self.gauge(
            "nebulalinks_review_card_missing_oldest_seconds",
            "How long the oldest proof has waited for a card that staff can see.",
            &[],
        )?
        .with_label_values::<&str>(&[])
        .set(snapshot.unseen_proof_since().map_or(0.0, |at| float(now.since(at).0) / 1000.0));
        Ok(())
    }

    fn loop_numbers(&self, admin: &Admin) -> Result<(), prometheus::Error> {
        let changes = self.counter(
            "nebulalinks_changes_applied_total",
            "Changes applied and read back.",
            &["server", "verb"],
        )?;
        for ((server, verb), count) in admin.stats.changes() {
            changes.with_label_values(&[server.as_str(), verb]).inc_by(count);
        }
        let runs = self.counter(
            "nebulalinks_reconcile_total",
            "Runs by kind and result.",
            &["kind", "result"],
        )?;
        for ((kind, result), count) in admin.stats.runs() {
            runs.with_label_values(&[kind, result]).inc_by(count);
        }
        self.counter(
            "nebulalinks_proofs_deleted_total",
            "Files of proofs deleted since their time was over.",
            &[],
        )?
        .with_label_values::<&str>(&[])
        .inc_by(admin.stats.deleted_proofs());
        let broadcast = self.counter(
            "nebulalinks_broadcast_messages_total",
            "Customers whose turn to get a broadcast came, by what came of it.",
            &["result"],
        )?;
        for (result, n) in admin.stats.broadcasts() {
            broadcast.with_label_values(&[result]).inc_by(n);
        }
        let lag = self.gauge(
            "nebulalinks_cutoff_lag_worst_seconds",
            "The longest a client stayed on after its end, since the start.",
            &["server"],
        )?;
        for (server, ms) in admin.stats.cut_off_lags_ms() {
            lag.with_label_values(&[server.as_str()]).set(float(ms) / 1000.0);
        }
        let (depth, waited_ms) = admin.stats.queue_state();
        self.gauge("workqueue_depth", "Keys that wait in the queue.", &[])?
            .with_label_values::<&str>(&[])
            .set(float(depth as u64));
        self.gauge(
            "workqueue_longest_wait_seconds",
            "The longest any key waited past its time, since the start.",
            &[],
        )?
        .with_label_values::<&str>(&[])
        .set(float(waited_ms) / 1000.0);
        self.waits(&admin.stats)
    }

    /// How long customers and keys waited, since the start.
    fn waits(&self, stats: &LoopStats) -> Result<(), prometheus::Error> {
        self.histogram(
            "nebulalinks_approve_to_served_seconds",
            "From an approval or a grant until its run was first served.",
            "server",
            stats
                .approve_to_served()
                .into_iter()
                .map(|(id, times)| (id.as_str().to_owned(), times)),
        )?;
        self.histogram(
            "nebulalinks_approve_to_delivered_seconds",
            "From an approval or a grant until the account's first link arrived, by how.",
            "state",
            stats.approve_to_delivered(),
        )?;
        self.histogram(
            "workqueue_wait_seconds",
            "How long keys waited past their time.",
            "lane",
            stats.queue_waits().into_iter().map(|(lane, times)| (lane.name(), times)),
        )
    }
}

/// Whether Discord shows a surface.
#[allow(clippy::cast_precision_loss, reason = "a metric is a float by its format")]
pub(super) fn float(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests;
