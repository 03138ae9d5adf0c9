//! What a client waits for, in sentences: why, and what helps.

use crate::planner::Waiting;

/// Why something was left alone.
pub(super) struct Why {
    /// A sentence.
    pub(super) why: &'static str,
    /// What a person can do; nothing where it ends by itself.
    pub(super) helps: Option<&'static str>,
}

/// The sentences of a reason to wait.
pub(super) const fn of(waiting: Waiting) -> Why {
    let (why, helps) = match waiting {
        Waiting::Compensation => (
            "It was not served for too long: the days it lost are added before it is switched on.",
            None,
        ),
        Waiting::SecondLook => (
            "Its client was on the panel, and the last list lacks it: a second full list, 30 s \
             later, must agree before it is made again.",
            None,
        ),
        Waiting::PanelRule => (
            "It is so close to an end or a cap that the panel acts by its own rule: a write now \
             would fight it.",
            None,
        ),
        Waiting::CoolingDown => (
            "The outcome of its last write is unknown (72 s), or the panel refused it (1 s, then up \
             to 60 s): nothing is written to it before that is over.",
            None,
        ),
        Waiting::ImplausibleCounter => (
            "Its counter grew by more than the server's line carries: one more list must confirm it.",
            None,
        ),
        Waiting::NotObserved => (
            "The last list did not cover it: an inbound of the panel cannot be read.",
            Some(
                "open that inbound in the panel and save it; `nebulalinks describe server` names it",
            ),
        ),
        Waiting::DriftReported => (
            "Somebody changed it by hand, and servers.yaml says `drift: report`: that is shown and \
             not undone.",
            Some("set `drift: repair` in servers.yaml, or undo it by hand"),
        ),
        Waiting::ObserveOnly => (
            "servers.yaml says `mode: observe`: nothing is changed there.",
            Some("set `mode: manage` in servers.yaml"),
        ),
        Waiting::AnotherPanel => (
            "Its server answers as another panel than the one its accounts were made on, and nobody \
             is made there.",
            Some(
                "find out which panel that is; if it is the right one, `nebulalinks accept-panel`, \
                 which `nebulalinks describe server` spells out",
            ),
        ),
        Waiting::Held => (
            "The guard holds what would be taken from it: no record explains it, and the hour's \
             budget of such changes is spent.",
            Some(
                "look at the list in `nebulalinks describe server`; if it is right, write its \
                 fingerprint as `confirm:` in servers.yaml",
            ),
        ),
        Waiting::Amnesia => (
            "A gateway has seen a history of this store that the store lacks: nothing is taken from \
             anybody.",
            Some("find out whether this is the right store; then `nebulalinks resolve-amnesia`"),
        ),
        Waiting::ClockDoubt => (
            "Our clock is in doubt: nothing that depends on the time is done.",
            Some("`/readyz` says who tells another time, and what to do"),
        ),
        Waiting::NoInbound => (
            "An inbound that servers.yaml names is missing, ambiguous, off or unreadable on the \
             panel.",
            Some("mend it in the panel, or `inbounds:` in servers.yaml"),
        ),
        Waiting::Malformed => (
            "Its uuid on the panel is not a uuid: it cannot be named in a write.",
            Some("mend or delete that client in the panel"),
        ),
        Waiting::Tombstone => (
            "It is off, and kept for as many days as `retention.tombstones` in shop.yaml says.",
            None,
        ),
    };
    Why { why, helps }
}
