//! Why the shop as a whole is not as it should be: what `/readyz`, the metric
//! `nebulalinks_not_ready` and the alerts say. One server's or one account's trouble is a
//! [`Condition`](super::Condition).

use super::UnixMs;

/// Which trouble. A closed list: the metric has a series for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonCode {
    /// The files on disk are invalid; the last good ones are in force.
    CatalogInvalid,
    /// An edit of the files is there and not taken up, because they do not hold still or git is
    /// at work.
    EditNotTakenUp,
    /// The repository of the files is to be followed and cannot be.
    GitPullFailed,
    /// Customers are given subscription addresses, and this service does not listen for them.
    AddressUnserved,
    /// Pictures that customers post are to be read, and Discord does not let the bot.
    PicturesUnread,
    /// The disk of the state folder is nearly full.
    DiskNearlyFull,
    /// Something of the store cannot be had.
    Damaged,
    /// The store lacks a history that a gateway has seen.
    Amnesia,
    /// Our clock is not believed.
    ClockInDoubt,
    /// Discord does not accept the bot.
    DiscordDisconnected,
}

impl ReasonCode {
    /// Every code, for metrics.
    pub const ALL: [Self; 10] = [
        Self::CatalogInvalid,
        Self::EditNotTakenUp,
        Self::GitPullFailed,
        Self::AddressUnserved,
        Self::PicturesUnread,
        Self::DiskNearlyFull,
        Self::Damaged,
        Self::Amnesia,
        Self::ClockInDoubt,
        Self::DiscordDisconnected,
    ];

    /// The word in JSON and metrics; it never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CatalogInvalid => "catalog_invalid",
            Self::EditNotTakenUp => "edit_not_taken_up",
            Self::GitPullFailed => "git_pull_failed",
            Self::AddressUnserved => "address_unserved",
            Self::PicturesUnread => "pictures_unread",
            Self::DiskNearlyFull => "disk_nearly_full",
            Self::Damaged => "damaged",
            Self::Amnesia => "amnesia",
            Self::ClockInDoubt => "clock_in_doubt",
            Self::DiscordDisconnected => "discord_disconnected",
        }
    }
}

/// One trouble that is there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The kind of trouble.
    pub code: ReasonCode,
    /// Since when; `None` where nobody wrote it down, and then it counts from the first look.
    pub since: Option<UnixMs>,
    /// What happened, and where; no secrets, nothing of a customer.
    pub detail: String,
    /// What a person has to do.
    pub remedy: String,
}
