//! Status: what was last *seen* after acting. Only the controller writes these.

use super::{
    AccountId, Bytes, Cap, Condition, DurationMs, End, HOUR_MS, Incarnation, MINUTE_MS, PanelInfo,
    Quota, ServerId, SessionsCut, StillConnected, UnixMs,
};
use serde::{Deserialize, Serialize};

/// What was last written to a client and read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastApplied {
    /// On or off.
    pub enable: bool,
    /// Its end.
    pub end: End,
    /// Its cap. While the guard holds a cut, this and the end stay what was applied before it.
    pub cap: Cap,
    /// What its terms granted in all then: a cap may fall on its own only while this does not.
    pub granted: Quota,
    /// Devices at once.
    pub ip_limit: u32,
    /// The version of the credentials.
    pub credentials: u32,
    /// The last run whose enable was read back.
    pub run: u32,
    /// The store's revision that it was decided on: what was committed later is news to it. 0 where
    /// an older program did not note it.
    #[serde(default)]
    pub revision: u64,
    /// The suspension that it knew of.
    #[serde(default)]
    pub suspended_since: Option<UnixMs>,
    /// When.
    pub at: UnixMs,
}

/// An account's client on a server, as last seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BindingStatus {
    /// The account that it belongs to.
    pub account: AccountId,
    /// The server that it is about.
    pub server: ServerId,
    /// Last written and read back; `None` before the first time.
    pub applied: Option<LastApplied>,
    /// Which row counted when last seen.
    pub incarnation: Option<Incarnation>,
    /// A counter that jumped implausibly and waits for a second look.
    pub implausible: Option<Bytes>,
    /// Applied once and missing from full lists since then: a second look is owed.
    pub missing_since: Option<UnixMs>,
    /// Not in lists since then that prove no absence: an inbound of the panel cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen_since: Option<UnixMs>,
    /// Why this client could not be brought to what was asked, as a bounded code and prose.
    pub problem: Option<Box<str>>,
    /// Used up in one list, together with others there, by more than the server's line carries: a
    /// cut-off for that is not explained. Absent once it has something left again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leapt: Option<Box<Leapt>>,
    /// An enable that gives a larger allowance, durable before it is sent: when its answer is lost,
    /// what flows after it is still billed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<Box<Opening>>,
    /// The write that is on its way: the audit has its intent and not yet its outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending: Option<Box<Sending>>,
    /// It is off, and a session that was open before goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub still_connected: Option<Box<StillConnected>>,
}

/// A write whose intent is durable and whose outcome is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// The audit line of its intent.
    pub intent: String,
    /// What was to be done, as the audit calls it.
    pub verb: String,
}

impl BindingStatus {
    /// The status of a client that was never seen.
    #[must_use]
    pub const fn new(account: AccountId, server: ServerId) -> Self {
        Self {
            account,
            server,
            applied: None,
            incarnation: None,
            implausible: None,
            missing_since: None,
            unseen_since: None,
            problem: None,
            leapt: None,
            opening: None,
            sending: None,
            still_connected: None,
        }
    }
}

/// What used a run up together with others of its server, faster than the line carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leapt {
    /// Which run.
    pub run: u32,
    /// What the counter grew by in that list: billed, until somebody forgives it.
    pub by: Bytes,
    /// When it was listed.
    pub at: UnixMs,
}

/// What of the growth of a server's counters its line does not explain, in one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leap {
    /// When it was listed.
    pub at: UnixMs,
    /// How many clients.
    pub clients: u32,
    /// By how much their counters grew in all.
    pub by: Bytes,
}

impl Leap {
    /// The status shows it for so long after the list, so that somebody sees it: the doubt itself ends
    /// with the next list.
    pub const SAID_FOR: DurationMs = DurationMs(HOUR_MS);

    /// What the status says of a server after a list: its own leap, else the last one for a while.
    #[must_use]
    pub fn said(listed: Option<Self>, before: Option<&ServerStatus>, now: UnixMs) -> Option<Self> {
        let last = before.and_then(|status| status.leap.as_deref().copied());
        listed.or_else(|| last.filter(|leap| now.since(leap.at) < Self::SAID_FOR))
    }
}

/// An enable on its way that gives a run a larger allowance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// What the run's terms grant in all.
    pub granted: Quota,
    /// What was used beyond the allowance before it was sent.
    pub over: Bytes,
    /// The cap that it writes: seen on the panel, it has arrived.
    pub cap: Cap,
}

/// An account's conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountStatus {
    /// The account that it belongs to.
    pub account: AccountId,
    /// What is true of it.
    pub conditions: Vec<Condition>,
}

/// Unexplained destructive changes that were let through, for the hourly budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnexplainedChange {
    /// When, rounded up to a full minute: an hour of a large server is 61 lines, not thousands.
    pub at: UnixMs,
    /// How many.
    pub count: u32,
}

/// Destructive changes that wait for a confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldChanges {
    /// The hash of the sorted (client, verb) list that `confirm:` must name.
    pub fingerprint: String,
    /// What they are: at most [`HeldChanges::MOST`], the rest waits for the next fingerprint.
    pub items: Vec<HeldItem>,
    /// Since when.
    pub since: UnixMs,
    /// When `confirm:` named the fingerprint: for an hour then, any of the items passes.
    pub confirmed_at: Option<UnixMs>,
}

impl HeldChanges {
    /// The most items one fingerprint stands for: a server's record holds two such lists and must
    /// stay below 16 KiB.
    pub const MOST: usize = 80;
}

/// One destructive change that is held.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeldItem {
    /// Of whom.
    pub account: AccountId,
    /// The verb, such as `disable`.
    pub verb: String,
}

/// Why nobody can use what they have on a server, though it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outage {
    /// Xray does not run, or does not stay up: links are right and connect to nothing.
    XrayDown,
    /// None of the inbounds that servers.yaml names is on the panel: there is no link.
    #[serde(alias = "no_inbound")]
    InboundMissing,
    /// The name in servers.yaml is the remark of several inbounds.
    InboundAmbiguous,
    /// The named inbound is switched off.
    InboundOff,
    /// The panel's own text of the named inbound cannot be read.
    InboundUnreadable,
    /// They listen on a socket, and no external proxy leads there.
    SocketOnly,
    /// They listen on loopback, and no external proxy leads there.
    LoopbackOnly,
    /// None of the external proxies that the panel names has an address and a port.
    NoEndpoint,
    /// They have no port.
    NoPort,
    /// What links must say is not there: REALITY's public key or server name.
    Incomplete,
    /// Their protocol or cipher has no link that we can write.
    Unsupported,
}

impl Outage {
    /// Every one, for metrics.
    pub const ALL: [Self; 11] = [
        Self::XrayDown,
        Self::InboundMissing,
        Self::InboundAmbiguous,
        Self::InboundOff,
        Self::InboundUnreadable,
        Self::SocketOnly,
        Self::LoopbackOnly,
        Self::NoEndpoint,
        Self::NoPort,
        Self::Incomplete,
        Self::Unsupported,
    ];

    /// The word for metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::XrayDown => "xray_down",
            Self::InboundMissing => "inbound_missing",
            Self::InboundAmbiguous => "inbound_ambiguous",
            Self::InboundOff => "inbound_off",
            Self::InboundUnreadable => "inbound_unreadable",
            Self::SocketOnly => "socket_only",
            Self::LoopbackOnly => "loopback_only",
            Self::NoEndpoint => "no_endpoint",
            Self::NoPort => "no_port",
            Self::Incomplete => "incomplete",
            Self::Unsupported => "unsupported",
        }
    }

    /// Whether there is no link at all, so that what was last shown leads nowhere.
    #[must_use]
    pub const fn leaves_no_link(self) -> bool {
        !matches!(self, Self::XrayDown)
    }

    /// What the report says of each account there, after the word for metrics.
    #[must_use]
    pub const fn of_an_account(self) -> &'static str {
        match self {
            Self::XrayDown => "Xray does not run there, or not for long",
            Self::InboundMissing => "no inbound that servers.yaml names is on the panel",
            Self::InboundAmbiguous => "servers.yaml names what several inbounds there are called",
            Self::InboundOff => "the inbound that servers.yaml names is switched off there",
            Self::InboundUnreadable => "the panel's text of the named inbound cannot be read",
            Self::SocketOnly => "its inbound listens on a socket, where no app connects",
            Self::LoopbackOnly => "its inbound listens on loopback, where no app connects",
            Self::NoEndpoint => "no external proxy of its inbound has an address and a port",
            Self::NoPort => "its inbound has no port",
            Self::Incomplete => "its inbound has no REALITY public key or server name",
            Self::Unsupported => "its inbound is of a kind that has no link",
        }
    }

    /// What staff do about it in the panel.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::XrayDown => "see the panel's Xray log",
            Self::InboundMissing => "name it as before, or mend `inbounds:` in servers.yaml",
            Self::InboundAmbiguous => "write its number in servers.yaml, or rename the others",
            Self::InboundOff => "switch it on, or mend `inbounds:` in servers.yaml",
            Self::InboundUnreadable => "open it in the panel and save it",
            Self::SocketOnly | Self::LoopbackOnly => {
                "name in the panel how it is reached: an external proxy, or a fallback of another \
                 inbound that leads there"
            }
            Self::NoEndpoint => "give the external proxy in the panel a host and a port",
            Self::NoPort => "give the inbound a port in the panel",
            Self::Incomplete => "fill in REALITY's server names and keys in the panel",
            Self::Unsupported => {
                "use VLESS, VMess, Trojan, Shadowsocks or Hysteria 2, and a cipher that tells \
                 customers apart"
            }
        }
    }
}

/// Which panel a server's clients belong on: the one of its first full list, until somebody says that it
/// is another. A gateway that is pointed at a stranger's panel must not fill that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerHome {
    /// The server that it is about.
    pub server: ServerId,
    /// The panel's own identity.
    pub panel: String,
    /// Since when.
    pub since: UnixMs,
}

/// When a server was last listed in full: what a counter grew by afterwards grew since then, however
/// long ago anybody used anything before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastList {
    /// The server that it is about.
    pub server: ServerId,
    /// When it was.
    pub at: UnixMs,
}

impl LastList {
    /// It is written anew once it is as old as this.
    pub const EVERY: DurationMs = DurationMs(15 * MINUTE_MS);
}

/// A server as last seen. Written only when something but the time has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerStatus {
    /// The server that it is about.
    pub server: ServerId,
    /// The panel behind it.
    pub panel: Option<PanelInfo>,
    /// What is true of it.
    pub conditions: Vec<Condition>,
    /// The code of what went wrong when it was last asked in vain; `None` once a list was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What makes its accounts useless, if anything does: it is a condition of theirs, too.
    #[serde(default)]
    pub outage: Option<Outage>,
    /// The hour's unexplained destructive changes.
    pub unexplained: Vec<UnexplainedChange>,
    /// What waits for a confirmation.
    pub held: Option<HeldChanges>,
    /// What was confirmed within the last hour.
    #[serde(default)]
    pub confirmed: Option<HeldChanges>,
    /// The last list whose counters grew by more than the line carries, for [`Leap::SAID_FOR`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leap: Option<Box<Leap>>,
    /// The last restart of Xray that ended open sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions_cut: Option<Box<SessionsCut>>,
    /// How many clients there are not ours.
    pub foreign: usize,
    /// Clients of ours on the panel without a record, at most [`ServerStatus::MOST_ORPHANS`].
    pub orphans: Vec<AccountId>,
}

impl ServerStatus {
    /// The most orphans that are named, so that the record stays small.
    pub const MOST_ORPHANS: usize = 50;
    /// The code in [`ServerStatus::failure`] where there are no keys for its gateway that can be used.
    pub const NO_KEYS: &str = "keys";

    /// The code in [`ServerStatus::failure`] where the gateway's clock and ours differ: whichever is wrong.
    pub const CLOCKS_DIFFER: &str = "clock";

    /// Whether its gateway only refuses us since its clock and ours differ.
    #[must_use]
    pub fn is_apart_in_time(&self) -> bool {
        self.failure.as_deref() == Some(Self::CLOCKS_DIFFER)
    }

    /// Whether nothing can be asked there because its gateway's keys are missing or cannot be used.
    #[must_use]
    pub fn lacks_keys(&self) -> bool {
        self.failure.as_deref() == Some(Self::NO_KEYS)
    }

    /// The status of a server never seen.
    #[must_use]
    pub const fn new(server: ServerId) -> Self {
        Self {
            server,
            panel: None,
            conditions: Vec::new(),
            failure: None,
            outage: None,
            unexplained: Vec::new(),
            held: None,
            confirmed: None,
            leap: None,
            sessions_cut: None,
            foreign: 0,
            orphans: Vec::new(),
        }
    }
}
