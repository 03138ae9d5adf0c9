//! What of the shop needs a person now, and of which of it staff are to be told. Pure.
//!
//! The names are those of the Prometheus rules and of the runbook's entries, `docs/OPERATIONS.md`.

mod reasons;
#[cfg(test)]
mod tests;
mod times;
mod untold;

pub use reasons::reasons_of_records;
pub use times::Times;
pub use untold::{lowered, untold};

use crate::catalog::Catalog;
use crate::model::{
    ConditionKind, DurationMs, HOUR_MS, MINUTE_MS, Reason, ReasonCode, ServerId, Snapshot, UnixMs,
};

/// Of what an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertKind {
    /// The files are invalid.
    CatalogInvalid,
    /// An edit of the files is not taken up.
    EditNotTakenUp,
    /// The repository of the files cannot be followed.
    GitPullFailed,
    /// Nobody answers at customers' subscription addresses.
    AddressUnserved,
    /// Discord does not let the bot read what customers post.
    PicturesUnread,
    /// The disk of the state folder is nearly full.
    DiskNearlyFull,
    /// Something of the store cannot be had.
    StoreDamaged,
    /// The store lacks a history that a gateway has seen.
    StoreAmnesia,
    /// Our clock is not believed.
    ClockDoubt,
    /// A server does not answer, or not acceptably.
    ServerUnreachable,
    /// A server cannot go on as the files say without a person.
    ServerStalled,
    /// Destructive changes wait for a confirmation.
    ChangesHeld,
    /// Counters grew faster than a line carries.
    ImplausibleCounters,
    /// Sessions go on of clients that are switched off.
    StillConnected,
    /// Accounts cannot go on without a person.
    AccountsStalled,
    /// Links could not be sent.
    LinksUndelivered,
    /// A proof has waited for staff for long.
    ReviewWaiting,
    /// A customer has waited for long for an answer to a question.
    QuestionWaiting,
}

impl AlertKind {
    /// Every kind.
    pub const ALL: [Self; 18] = [
        Self::CatalogInvalid,
        Self::EditNotTakenUp,
        Self::GitPullFailed,
        Self::AddressUnserved,
        Self::PicturesUnread,
        Self::DiskNearlyFull,
        Self::StoreDamaged,
        Self::StoreAmnesia,
        Self::ClockDoubt,
        Self::ServerUnreachable,
        Self::ServerStalled,
        Self::ChangesHeld,
        Self::ImplausibleCounters,
        Self::StillConnected,
        Self::AccountsStalled,
        Self::LinksUndelivered,
        Self::ReviewWaiting,
        Self::QuestionWaiting,
    ];

    /// The runbook's entry.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CatalogInvalid => "CatalogInvalid",
            Self::EditNotTakenUp => "EditNotTakenUp",
            Self::GitPullFailed => "GitPullFailed",
            Self::AddressUnserved => "AddressUnserved",
            Self::PicturesUnread => "PicturesUnread",
            Self::DiskNearlyFull => "DiskNearlyFull",
            Self::StoreDamaged => "StoreDamaged",
            Self::StoreAmnesia => "StoreAmnesia",
            Self::ClockDoubt => "ClockDoubt",
            Self::ServerUnreachable => "ServerUnreachable",
            Self::ServerStalled => "ServerStalled",
            Self::ChangesHeld => "ChangesHeld",
            Self::ImplausibleCounters => "ImplausibleCounters",
            Self::StillConnected => "StillConnected",
            Self::AccountsStalled => "AccountsStalled",
            Self::LinksUndelivered => "LinksUndelivered",
            Self::ReviewWaiting => "ReviewWaiting",
            Self::QuestionWaiting => "QuestionWaiting",
        }
    }

    /// For how long something must be so before it is an alert: as in `dashboards/alerts.yaml`. What passes
    /// by itself within that is nobody's work.
    #[must_use]
    pub const fn after(self) -> DurationMs {
        DurationMs(match self {
            Self::CatalogInvalid | Self::GitPullFailed | Self::ServerStalled => 5 * MINUTE_MS,
            Self::ServerUnreachable => 3 * MINUTE_MS,
            Self::EditNotTakenUp
            | Self::AddressUnserved
            | Self::PicturesUnread
            | Self::DiskNearlyFull => 2 * MINUTE_MS,
            Self::ClockDoubt | Self::ChangesHeld => MINUTE_MS,
            Self::StillConnected => HOUR_MS,
            Self::ReviewWaiting => HOUR_MS / 2,
            Self::QuestionWaiting => 12 * HOUR_MS,
            Self::LinksUndelivered => 15 * MINUTE_MS,
            Self::AccountsStalled => 2 * MINUTE_MS,
            Self::StoreDamaged | Self::StoreAmnesia | Self::ImplausibleCounters => 0,
        })
    }

    const fn of_reason(code: ReasonCode) -> Option<Self> {
        Some(match code {
            ReasonCode::CatalogInvalid => Self::CatalogInvalid,
            ReasonCode::EditNotTakenUp => Self::EditNotTakenUp,
            ReasonCode::GitPullFailed => Self::GitPullFailed,
            ReasonCode::AddressUnserved => Self::AddressUnserved,
            ReasonCode::PicturesUnread => Self::PicturesUnread,
            ReasonCode::DiskNearlyFull => Self::DiskNearlyFull,
            ReasonCode::Damaged => Self::StoreDamaged,
            ReasonCode::Amnesia => Self::StoreAmnesia,
            ReasonCode::ClockInDoubt => Self::ClockDoubt,
            // Nobody could read it there.
            ReasonCode::DiscordDisconnected => return None,
        })
    }

    const fn of_condition(kind: ConditionKind) -> Option<Self> {
        Some(match kind {
            ConditionKind::Unreachable => Self::ServerUnreachable,
            ConditionKind::Stalled => Self::ServerStalled,
            ConditionKind::Held => Self::ChangesHeld,
            ConditionKind::Implausible => Self::ImplausibleCounters,
            ConditionKind::StillConnected => Self::StillConnected,
            _ => return None,
        })
    }
}

/// What an alert says beside its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// What happened, and what to do where that is not in it.
    Words {
        /// What happened.
        detail: String,
        /// What a person has to do.
        remedy: Option<String>,
    },
    /// So many accounts or orders.
    Count(usize),
}

/// Something that needs a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Of what it is.
    pub kind: AlertKind,
    /// The server that it is about, where it is about one.
    pub server: Option<ServerId>,
    /// Since when it is so; `None` where nobody wrote it down.
    pub since: Option<UnixMs>,
    /// What it says.
    pub says: Says,
}

impl Alert {
    /// What tells it from others: `ServerUnreachable:fra-1`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.server {
            Some(server) => format!("{}:{server}", self.kind.name()),
            None => self.kind.name().to_owned(),
        }
    }

    /// How many accounts or orders it counts; 0 where it counts none.
    #[must_use]
    pub fn count(&self) -> u32 {
        match &self.says {
            Says::Words { .. } => 0,
            Says::Count(count) => u32::try_from(*count).unwrap_or(u32::MAX),
        }
    }
}

/// Everything that is so and needs a person if it stays: of the shop first, then by server, each name once.
/// `reasons` are those of the shop as a whole. [`Times`] says for how long each has been so.
#[must_use]
pub fn everything(snapshot: &Snapshot, catalog: &Catalog, reasons: &[Reason]) -> Vec<Alert> {
    let shop = reasons.iter().filter_map(of_reason);
    let all = shop.chain(of_servers(snapshot, catalog)).chain(of_counts(snapshot));
    let mut all: Vec<Alert> = all.collect();
    all.sort_by_key(|alert| (alert.kind, alert.server.clone()));
    all.dedup_by_key(|alert| alert.name());
    all
}

fn of_reason(reason: &Reason) -> Option<Alert> {
    let says = Says::Words { detail: reason.detail.clone(), remedy: Some(reason.remedy.clone()) };
    let kind = AlertKind::of_reason(reason.code)?;
    // What the clock says of its own doubt is no measure.
    let since = reason.since.filter(|_| kind != AlertKind::ClockDoubt);
    Some(Alert { kind, server: None, since, says })
}

/// Of each server of the files one alert of a kind, with all that is said of that kind.
fn of_servers<'a>(
    snapshot: &'a Snapshot,
    catalog: &'a Catalog,
) -> impl Iterator<Item = Alert> + 'a {
    let served = catalog.servers.keys().filter(|id| catalog.served(id).is_some());
    served.filter_map(|id| snapshot.server_status(id)).flat_map(|status| {
        let mut alerts: Vec<Alert> = Vec::new();
        for condition in &status.conditions {
            let Some(kind) = AlertKind::of_condition(condition.kind) else { continue };
            let said = alerts.iter_mut().find(|alert| alert.kind == kind);
            if let Some(Alert { says: Says::Words { detail, .. }, .. }) = said {
                detail.push_str("; ");
                detail.push_str(&condition.reason);
                continue;
            }
            let says = Says::Words { detail: condition.reason.clone(), remedy: None };
            let (server, since) = (Some(status.server.clone()), Some(condition.since));
            alerts.push(Alert { kind, server, since, says });
        }
        alerts
    })
}

fn of_counts(snapshot: &Snapshot) -> impl Iterator<Item = Alert> + use<> {
    let alert = |kind, count: usize, since| {
        (count > 0).then_some(Alert { kind, server: None, since, says: Says::Count(count) })
    };
    let waiting = snapshot.reviews_waiting();
    let count = waiting.len();
    let oldest = snapshot.reviews_waiting().next().map(|(since, _)| since);
    let (unanswered, asked) = (snapshot.tickets_waiting(), snapshot.ticket_waits_since());
    let stalled = snapshot.accounts_with(ConditionKind::Stalled);
    let undelivered = snapshot.accounts_delivered("undelivered");
    [
        alert(AlertKind::AccountsStalled, stalled, None),
        alert(AlertKind::LinksUndelivered, undelivered, None),
        alert(AlertKind::ReviewWaiting, count, oldest),
        alert(AlertKind::QuestionWaiting, unanswered, asked),
    ]
    .into_iter()
    .flatten()
}
