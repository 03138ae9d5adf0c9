//! Crash points: where a test may end the process, before and after every effect.

use std::sync::Arc;

/// Called with the name of a point as it is passed. In production it does nothing.
pub type Hook = Arc<dyn Fn(&'static str) + Send + Sync>;

/// A hook that does nothing.
#[must_use]
pub fn no_hook() -> Hook {
    Arc::new(|_| {})
}

/// Every point, in no particular order.
pub const CRASH_POINTS: [&str; 27] = [
    "gateway.claim.before_fsync",
    "gateway.claim.after_fsync",
    "gateway.read.before_panel",
    "gateway.read.after_panel",
    "gateway.add.before_panel",
    "gateway.add.after_panel",
    "gateway.update.before_panel",
    "gateway.update.after_panel",
    "gateway.enable.before_panel",
    "gateway.enable.after_panel",
    "gateway.disable.before_panel",
    "gateway.disable.after_panel",
    "gateway.attach.before_panel",
    "gateway.attach.after_panel",
    "gateway.detach.before_panel",
    "gateway.detach.after_panel",
    "gateway.delete.before_panel",
    "gateway.delete.after_panel",
    "gateway.bulk_create.before_panel",
    "gateway.bulk_create.after_panel",
    "gateway.bulk_delete.before_panel",
    "gateway.bulk_delete.after_panel",
    "gateway.restart_xray.before_panel",
    "gateway.restart_xray.after_panel",
    "gateway.write.before_answer",
    "gateway.batch.before_answer",
    "gateway.claim.before_answer",
];

/// A kind of call to a panel: the middle word of a point, and a label of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// Anything without an effect.
    Read,
    /// `clients/add`.
    Add,
    /// `clients/update`.
    Update,
    /// `clients/bulkEnable`.
    Enable,
    /// `clients/bulkDisable`.
    Disable,
    /// `clients/{email}/attach`.
    Attach,
    /// `clients/{email}/detach`.
    Detach,
    /// `clients/del`.
    Delete,
    /// `clients/bulkCreate`.
    BulkCreate,
    /// `clients/bulkDel`.
    BulkDelete,
    /// `server/restartXrayService`.
    RestartXray,
}

impl Call {
    /// The call's name in points and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Add => "add",
            Self::Update => "update",
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Attach => "attach",
            Self::Detach => "detach",
            Self::Delete => "delete",
            Self::BulkCreate => "bulk_create",
            Self::BulkDelete => "bulk_delete",
            Self::RestartXray => "restart_xray",
        }
    }

    /// The points before and after the call.
    #[must_use]
    pub const fn points(self) -> (&'static str, &'static str) {
        match self {
            Self::Read => ("gateway.read.before_panel", "gateway.read.after_panel"),
            Self::Add => ("gateway.add.before_panel", "gateway.add.after_panel"),
            Self::Update => ("gateway.update.before_panel", "gateway.update.after_panel"),
            Self::Enable => ("gateway.enable.before_panel", "gateway.enable.after_panel"),
            Self::Disable => ("gateway.disable.before_panel", "gateway.disable.after_panel"),
            Self::Attach => ("gateway.attach.before_panel", "gateway.attach.after_panel"),
            Self::Detach => ("gateway.detach.before_panel", "gateway.detach.after_panel"),
            Self::Delete => ("gateway.delete.before_panel", "gateway.delete.after_panel"),
            Self::BulkCreate => {
                ("gateway.bulk_create.before_panel", "gateway.bulk_create.after_panel")
            }
            Self::BulkDelete => {
                ("gateway.bulk_delete.before_panel", "gateway.bulk_delete.after_panel")
            }
            Self::RestartXray => {
                ("gateway.restart_xray.before_panel", "gateway.restart_xray.after_panel")
            }
        }
    }
}
