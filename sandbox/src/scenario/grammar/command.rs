//! What a scenario can do and check.

use super::apps::AppAct;
use super::by_hand::{HandChange, Whose};
use super::clocks::Party;
use super::inbound::InboundChange;
use super::mishaps::Mishap;
use nebulalinks_model_panel::PanelVersion;
use std::net::IpAddr;

/// One line of a scenario: what somebody does, what happens, or what is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// People act, one act after the other; several people each at the same time.
    Acts(Vec<String>, Vec<Act>),
    /// Time passes, in ms.
    Wait(u64),
    /// Somebody's wall clock is set so many ms ahead of the true time; 0 is right.
    ClockSet(Party, i64),
    /// The controller's machine sleeps so many ms.
    Sleeps(u64),
    /// Something happens to a panel.
    Panel(String, PanelChange),
    /// An inbound of a server, by its remark, is changed in the panel's pages.
    Inbound(String, String, InboundChange),
    /// The traffic of a client on a server, in bytes.
    Uses(Whose, i64, String),
    /// A client's connection to a server stays open, whatever becomes of the client.
    KeepsOpen(Whose, String),
    /// A customer's device connects to a server from an address.
    Connects(Whose, String, IpAddr),
    /// Somebody does something to a client in a panel's pages.
    ByHand(Whose, String, HandChange),
    /// A client that is not ours is made on a server.
    Foreign(String, String),
    /// `kill -9` of the controller or a gateway.
    Kill(String),
    /// A process ends itself at a crash point.
    Crash(String, String),
    /// A process is stopped and started again.
    Restart(String),
    /// A process is stopped, and stays down.
    Stop(String),
    /// It is started after that.
    Start(String),
    /// A file of `desired/` changes.
    File(String, FileChange),
    /// The same in a copy of the folder that nobody has taken up: the draft.
    Draft(String, FileChange),
    /// The draft is thrown away.
    DraftDropped,
    /// Somebody writes a message.
    Writes(String, String, Channel),
    /// Somebody is in the guild, or is not any more.
    Member(String, bool),
    /// Direct messages are taken, or not.
    Dms(String, bool),
    /// A person's Discord is set to this language.
    Speaks(String, String),
    /// A second controller starts, with a store of its own or with a copy of the first one's.
    SecondStarts {
        /// Whether it has a copy.
        copied: bool,
        /// Whether it takes over at once.
        takes_over: bool,
    },
    /// The second controller stops.
    SecondStops,
    /// A channel is shown to everybody.
    Shown(String),
    /// Something that people on call are woken by, or its end.
    Mishap(Mishap),
    /// An operator runs `nebulalinks` with these words.
    Operator(Vec<String>),
    /// An operator writes a file of their own, with this text.
    OperatorWrites(String, String),
    /// A customer's VPN app does something.
    App(String, AppAct),
    /// Shows what is there now.
    Look,
    /// Says whether something holds.
    Check(Check),
}

/// What a person does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// Presses the newest such button at a place.
    Press(String, Spot),
    /// Picks an option.
    Pick(String),
    /// Enters `/pay` with a file.
    Upload(String),
    /// Chooses files in the dialog that they were shown, types the payment's own number or none, and sends it.
    Choose(Vec<String>, Option<String>),
    /// Posts a file in their newest order thread.
    Post(String),
    /// Uses their newest message with a file there as a proof, from its menu.
    UseAsProof,
    /// Enters a command, with options.
    Enter(String, Vec<(String, String)>),
    /// Types in the last of these options of a command, and is offered what may be meant.
    Type(String, Vec<(String, String)>),
    /// Fills the dialog in.
    Fill(String),
}

impl Act {
    /// `a.png and b.png with number TX 77`.
    pub(super) fn choose(said: &str) -> Self {
        let (files, number) = said.split_once(" with number ").unzip();
        let files = files.unwrap_or(said).split(" and ").map(str::to_owned).collect();
        Self::Choose(files, number.map(str::to_owned))
    }
}

/// Where a button is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spot {
    /// Wherever they see one.
    Anywhere,
    /// In the store's channel.
    Store,
    /// In their newest order thread.
    Thread,
    /// In the direct messages.
    Direct,
}

/// Where a message is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Channel {
    /// A channel by what it is for: `store`, `review`, `alerts`.
    Named(String),
    /// Their newest order thread.
    Thread,
    /// To the bot.
    Direct,
}

/// What happens to a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PanelChange {
    /// Nobody answers any more.
    Down,
    /// It answers again.
    Up,
    /// Its own cut-off.
    OwnRule(bool),
    /// Xray runs, or does not start; the panel answers all the same.
    Xray(bool),
    /// Every counter is at 0.
    CountersToZero,
    /// It crashes each time it has run so long, ms, and is started again at once.
    XrayCrashes(u64),
    /// Each answer comes so many ms late, the work is done at once.
    Slow(u64),
    /// Another process holds its database.
    Locked,
    /// Its clients are gone; inbounds and settings stay.
    Wiped,
    /// It was set up anew: its clients are gone, and it tells another identity.
    SetUpAnew,
    /// Its database is copied.
    BackedUp,
    /// The copy is put back; without one it is the database as it was at the start.
    PutBack,
    /// Another version is installed over it.
    Installed(PanelVersion),
}

/// What happens to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FileChange {
    /// A text is replaced.
    Replace(String, String),
    /// Everything from one text up to before another is taken out.
    Cut(String, String),
    /// It gets this text, whatever it had.
    Write(String),
    /// Nothing is left in it.
    Empty,
    /// It is gone.
    Delete,
    /// It is as it was at first.
    Restore,
    /// A server of `servers.yaml` gets another word: its id, the field, the word.
    Server(String, &'static str, String),
}

/// What is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Check {
    /// How many clients a customer has on a server.
    Clients(usize, String, String),
    /// Nobody got the same direct message twice.
    NoDmTwice,
    /// `/readyz` contains this.
    Ready(String),
    /// `/readyz` says that the files are valid.
    ReadyValid,
    /// The controller's log contains this.
    Log(String),
    /// What `nebulalinks get servers -o json` prints contains this.
    Servers(String),
    /// `/metrics` contains this.
    Metrics(String),
    /// The second controller's log contains this.
    SecondLog(String),
    /// A client that is not ours is as it was made.
    ForeignUntouched(String, String),
    /// Nothing is written to any panel for so long, in ms.
    NothingWritten(u64),
    /// An alert fires, or is silent, when what is shown now stays so.
    Alert(String, bool),
}
