//! Commands, read from plain English.

use super::apps;
use super::by_hand::{HandChange, Whose};
use super::clocks;
use super::command::{Act, Channel, Check, Command, FileChange, PanelChange, Spot};
use super::inbound::InboundChange;
use super::mishaps;
use super::quantity::{bytes, length_ms};
use super::words::{BadCommand, words};

impl Command {
    /// Reads a command.
    pub(crate) fn parse(text: &str) -> Result<Self, BadCommand> {
        let words = words(text)?;
        let row: Vec<&str> = words.iter().map(String::as_str).collect();
        let own = |text: &str| text.to_owned();
        let length = |parts: &[&str]| {
            let text = parts.join(" ");
            length_ms(&text)
                .ok_or_else(|| BadCommand(format!("{text} is no length of time: 30d, 1h 5m, 45s")))
        };
        Ok(match row.as_slice() {
            ["wait", rest @ ..] => Self::Wait(length(rest)?),
            ["the", "clock", "of", rest @ ..] => {
                let (whose, ahead) = clocks::setting(rest, &length)?;
                Self::ClockSet(whose, ahead)
            }
            ["the", "controller", "sleeps", rest @ ..] => Self::Sleeps(length(rest)?),
            ["panel", server, "goes", "down"] => Self::Panel(own(server), PanelChange::Down),
            ["panel", server, "comes", "back"] => Self::Panel(own(server), PanelChange::Up),
            ["panel", server, "own", "rule", state @ ("on" | "off")] => {
                Self::Panel(own(server), PanelChange::OwnRule(*state == "on"))
            }
            ["panel", server, "answers", rest @ .., "late"] => {
                Self::Panel(own(server), PanelChange::Slow(length(rest)?))
            }
            ["panel", server, "database", "is", "locked"] => {
                Self::Panel(own(server), PanelChange::Locked)
            }
            ["panel", server, "is", "wiped"] => Self::Panel(own(server), PanelChange::Wiped),
            ["panel", server, "is", "set", "up", "anew"] => {
                Self::Panel(own(server), PanelChange::SetUpAnew)
            }
            ["panel", server, "is", "backed", "up"] => {
                Self::Panel(own(server), PanelChange::BackedUp)
            }
            ["panel", server, "is", "put", "back", "as", "backed", "up"] => {
                Self::Panel(own(server), PanelChange::PutBack)
            }
            ["panel", server, "becomes", version] => {
                let version = version.parse().map_err(BadCommand)?;
                Self::Panel(own(server), PanelChange::Installed(version))
            }
            ["counters", "on", server, "are", "set", "to", "0"] => {
                Self::Panel(own(server), PanelChange::CountersToZero)
            }
            ["xray", "on", server, "breaks"] => Self::Panel(own(server), PanelChange::Xray(false)),
            ["xray", "on", server, "crashes", "every", rest @ ..] => {
                Self::Panel(own(server), PanelChange::XrayCrashes(length(rest)?))
            }
            ["xray", "on", server, "runs"] => Self::Panel(own(server), PanelChange::Xray(true)),
            ["inbound", remark, change @ .., "on", server] => {
                Self::Inbound(own(server), own(remark), InboundChange::read(change)?)
            }
            [who, "uses", amount, "on", server] => {
                let amount = bytes(amount)
                    .ok_or_else(|| BadCommand(format!("{amount} is no amount: 50GiB, 700MB")))?;
                Self::Uses(Whose::Customer(own(who)), amount, own(server))
            }
            ["foreign", "client", name, "uses", amount, "on", server] => {
                let amount = bytes(amount)
                    .ok_or_else(|| BadCommand(format!("{amount} is no amount: 50GiB, 700MB")))?;
                Self::Uses(Whose::Foreign(own(name)), amount, own(server))
            }
            [who, "keeps", "a", "connection", "open", "on", server] => {
                Self::KeepsOpen(Whose::Customer(own(who)), own(server))
            }
            [who, "connects", "to", server, "from", address] => {
                let address = address
                    .parse()
                    .map_err(|_| BadCommand(format!("{address} is no address: 192.0.2.7")))?;
                Self::Connects(Whose::Customer(own(who)), own(server), address)
            }
            ["client", "of", who, "is", change, "by", "hand", "on", server, rest @ ..] => {
                let change = HandChange::read(change, rest)?;
                Self::ByHand(Whose::Customer(own(who)), own(server), change)
            }
            ["foreign", "client", name, "is", change, "by", "hand", "on", server, rest @ ..] => {
                let change = HandChange::read(change, rest)?;
                Self::ByHand(Whose::Foreign(own(name)), own(server), change)
            }
            ["foreign", "client", name, "is", "made", "on", server] => {
                Self::Foreign(own(name), own(server))
            }
            ["kill", rest @ ..] => Self::Kill(process(rest)?),
            ["restart", rest @ ..] => Self::Restart(process(rest)?),
            ["stop", rest @ ..] => Self::Stop(process(rest)?),
            ["start", rest @ ..] => Self::Start(process(rest)?),
            ["crash", rest @ .., "at", point] => Self::Crash(process(rest)?, own(point)),
            ["in", "the", "draft,", ..] => {
                let edit = text.trim_start().trim_start_matches("in the draft,");
                match Self::parse(edit)? {
                    Self::File(file, change) => Self::Draft(file, change),
                    _ => return Err(BadCommand(format!("{edit} edits no file"))),
                }
            }
            ["the", "draft", "is", "dropped"] => Self::DraftDropped,
            ["edit", file, "replace", old, "with", new] => {
                Self::File(own(file.trim_end_matches(':')), FileChange::Replace(own(old), own(new)))
            }
            ["edit", file, "cut", "from", first, "to", end] => {
                Self::File(own(file.trim_end_matches(':')), FileChange::Cut(own(first), own(end)))
            }
            ["server", id, "becomes", lifecycle] => Self::File(
                "servers.yaml".to_owned(),
                FileChange::Server(own(id), "lifecycle", own(lifecycle)),
            ),
            ["server", id, "is", mode @ ("observed" | "managed")] => {
                let mode = if *mode == "observed" { "observe" } else { "manage" };
                let change = FileChange::Server(own(id), "mode", own(mode));
                Self::File("servers.yaml".to_owned(), change)
            }
            ["write", file, text] => {
                Self::File(own(file.trim_end_matches(':')), FileChange::Write(own(text)))
            }
            ["empty", file] => Self::File(own(file), FileChange::Empty),
            ["delete", file] => Self::File(own(file), FileChange::Delete),
            ["restore", file] => Self::File(own(file), FileChange::Restore),
            [who, "writes", text, "in", place @ ..] => {
                Self::Writes(own(who), own(text), channel(place)?)
            }
            [who, "leaves", "the", "guild"] => Self::Member(own(who), false),
            [who, "joins", "the", "guild"] => Self::Member(own(who), true),
            [who, "closes", "DMs"] => Self::Dms(own(who), false),
            [who, "opens", "DMs"] => Self::Dms(own(who), true),
            [who, "speaks", locale] => Self::Speaks(own(who), own(locale)),
            ["second", "controller", "starts"] => {
                Self::SecondStarts { copied: false, takes_over: false }
            }
            ["second", "controller", "starts", "and", "takes", "over"] => {
                Self::SecondStarts { copied: false, takes_over: true }
            }
            ["second", "controller", "starts", "with", "a", "copy", "of", "the", "store"] => {
                Self::SecondStarts { copied: true, takes_over: false }
            }
            ["second", "controller", "stops"] => Self::SecondStops,
            ["everybody", "can", "see", channel] => Self::Shown(own(channel)),
            ["operator", "runs", rest @ ..] if !rest.is_empty() => {
                Self::Operator(rest.iter().copied().map(own).collect())
            }
            ["operator", "writes", file, text] => {
                Self::OperatorWrites(own(file.trim_end_matches(':')), own(text))
            }
            ["look"] => Self::Look,
            ["check", rest @ ..] => Self::Check(check(rest, &length)?),
            row => match (mishaps::parse(row), apps::parse(row)) {
                (Some(mishap), _) => Self::Mishap(mishap?),
                (None, Some((who, act))) => Self::App(who, act),
                (None, None) => return people(text),
            },
        })
    }
}

fn check(
    row: &[&str],
    length: &dyn Fn(&[&str]) -> Result<u64, BadCommand>,
) -> Result<Check, BadCommand> {
    let own = |text: &str| text.to_owned();
    Ok(match row {
        [number, "client" | "clients", "of", who, "on", server] => {
            let number = match *number {
                "no" => 0,
                "one" => 1,
                other => {
                    let number = other.parse();
                    number.map_err(|_| BadCommand(format!("{other} is no number")))?
                }
            };
            Check::Clients(number, own(who), own(server))
        }
        ["no", "DM", "twice"] => Check::NoDmTwice,
        ["readyz", "says", "nothing", "is", "wrong"] => Check::ReadyValid,
        ["readyz", "says", text] => Check::Ready(own(text)),
        ["log", "says", text] => Check::Log(own(text)),
        ["servers", "say", text] => Check::Servers(own(text)),
        ["metrics", "say", text] => Check::Metrics(own(text)),
        ["second", "controller", "says", text] => Check::SecondLog(own(text)),
        ["foreign", "client", name, "on", server, "is", "untouched"] => {
            Check::ForeignUntouched(own(name), own(server))
        }
        ["alert", alert, "fires"] => Check::Alert(own(alert), true),
        ["alert", alert, "is", "silent"] => Check::Alert(own(alert), false),
        ["nothing", "is", "written", "for", rest @ ..] => Check::NothingWritten(length(rest)?),
        _ => return Err(BadCommand(format!("there is no such check: {}", row.join(" ")))),
    })
}

/// `controller`, or `gateway fra-1` as `gateway-fra-1`.
fn process(row: &[&str]) -> Result<String, BadCommand> {
    match row {
        ["controller"] => Ok("controller".to_owned()),
        ["gateway", server] => Ok(format!("gateway-{server}")),
        _ => Err(BadCommand(format!("{} is no process: controller, gateway fra-1", row.join(" ")))),
    }
}

fn channel(row: &[&str]) -> Result<Channel, BadCommand> {
    match row {
        ["the", "order", "thread"] => Ok(Channel::Thread),
        ["the", "direct", "message"] => Ok(Channel::Direct),
        [name] => Ok(Channel::Named((*name).to_owned())),
        row => Err(BadCommand(format!("{} is no channel: store, the order thread", row.join(" ")))),
    }
}

/// `omar and sara press Approve, then Confirm`.
fn people(text: &str) -> Result<Command, BadCommand> {
    let unknown =
        || BadCommand(format!("{text}: there is no such command; see tests/scenarios/README.md"));
    let mut parts = text.split(", then ");
    let first = words(parts.next().unwrap_or_default())?;
    let verb = first.iter().position(|word| VERBS.contains(&word.as_str())).ok_or_else(unknown)?;
    let (who, did) = first.split_at_checked(verb).ok_or_else(unknown)?;
    let who: Vec<String> = who.iter().filter(|word| *word != "and").cloned().collect();
    if who.is_empty() {
        return Err(unknown());
    }
    let mut acts = vec![act(did)?];
    for part in parts {
        acts.push(act(&words(part)?)?);
    }
    Ok(Command::Acts(who, acts))
}

const VERBS: [&str; 12] = [
    "presses", "press", "picks", "pick", "uploads", "upload", "chooses", "posts", "marks",
    "enters", "enter", "types",
];

fn act(row: &[String]) -> Result<Act, BadCommand> {
    let row: Vec<&str> = row.iter().map(String::as_str).collect();
    let (verb, rest) = match row.as_slice() {
        [verb, rest @ ..] if VERBS.contains(verb) => (*verb, rest),
        // `then Confirm` is to press it.
        rest => ("presses", rest),
    };
    let said = rest.join(" ");
    Ok(match verb {
        "picks" | "pick" => Act::Pick(said),
        "uploads" | "upload" => Act::Upload(said),
        "chooses" => Act::choose(&said),
        "posts" => Act::Post(said),
        "marks" => match rest {
            ["her" | "his" | "their", "picture", "as", "proof"] => Act::UseAsProof,
            _ => return Err(BadCommand(format!("{said}: marks her picture as proof"))),
        },
        "enters" | "enter" => {
            let (command, options) = entered(rest);
            Act::Enter(command, options)
        }
        "types" if said.starts_with('/') => {
            let (command, options) = entered(rest);
            if options.is_empty() {
                return Err(BadCommand(format!("{said}: types in which option?")));
            }
            Act::Type(command, options)
        }
        "types" => Act::Fill(said),
        _ => press(rest)?,
    })
}

/// `/admin account show account:alice` as the command and its options.
fn entered(row: &[&str]) -> (String, Vec<(String, String)>) {
    let option = |word: &str| word.split_once(':').map(|(k, v)| (k.to_owned(), v.to_owned()));
    let (options, command): (Vec<&str>, Vec<&str>) = row.iter().partition(|w| w.contains(':'));
    (command.join(" "), options.into_iter().filter_map(option).collect())
}

fn press(row: &[&str]) -> Result<Act, BadCommand> {
    let (label, spot) = match row {
        [label @ .., "on", "the", "store", "panel"] => (label, Spot::Store),
        [label @ .., "in", "the", "order", "thread"] => (label, Spot::Thread),
        [label @ .., "in", "the", "direct", "message"] => (label, Spot::Direct),
        label => (label, Spot::Anywhere),
    };
    if label.is_empty() {
        return Err(BadCommand("which button?".to_owned()));
    }
    Ok(Act::Press(label.join(" "), spot))
}

#[cfg(test)]
mod tests {
    use super::super::apps::AppAct;
    use super::super::clocks::Party;
    use super::*;
    use nebulalinks_model_panel::PanelVersion;

    fn acts(who: &[&str], acts: Vec<Act>) -> Command {
        Command::Acts(who.iter().map(|w| (*w).to_owned()).collect(), acts)
    }

    #[test]
    fn people_act_in_plain_english() {
        let press = |label: &str, spot| Act::Press(label.to_owned(), spot);
        for (text, command) in [
            (
                r#"alice presses "Buy" on the store panel"#,
                acts(&["alice"], vec![press("Buy", Spot::Store)]),
            ),
            (
                "alice presses My account on the store panel",
                acts(&["alice"], vec![press("My account", Spot::Store)]),
            ),
            (r#"alice picks "basic-30""#, acts(&["alice"], vec![Act::Pick("basic-30".into())])),
            (
                "alice uploads receipt.png",
                acts(&["alice"], vec![Act::Upload("receipt.png".into())]),
            ),
            (
                r#"alice presses Paid, then chooses a.png and b.png with number "TX 77""#,
                acts(
                    &["alice"],
                    vec![
                        Act::Press("Paid".into(), Spot::Anywhere),
                        Act::Choose(vec!["a.png".into(), "b.png".into()], Some("TX 77".into())),
                    ],
                ),
            ),
            (
                "omar presses Approve, then Confirm",
                acts(
                    &["omar"],
                    vec![press("Approve", Spot::Anywhere), press("Confirm", Spot::Anywhere)],
                ),
            ),
            (
                "omar and sara press Approve",
                acts(&["omar", "sara"], vec![press("Approve", Spot::Anywhere)]),
            ),
            (
                r#"omar presses Decline, then types "wrong amount""#,
                acts(
                    &["omar"],
                    vec![press("Decline", Spot::Anywhere), Act::Fill("wrong amount".into())],
                ),
            ),
            (
                "omar enters /admin pending",
                acts(&["omar"], vec![Act::Enter("/admin pending".into(), vec![])]),
            ),
            (
                r#"omar enters /admin order decline order:alice reason:"no such payment""#,
                acts(
                    &["omar"],
                    vec![Act::Enter(
                        "/admin order decline".into(),
                        vec![
                            ("order".into(), "alice".into()),
                            ("reason".into(), "no such payment".into()),
                        ],
                    )],
                ),
            ),
            (
                r#"omar types "/admin account show" account:"al""#,
                acts(
                    &["omar"],
                    vec![Act::Type(
                        "/admin account show".into(),
                        vec![("account".into(), "al".into())],
                    )],
                ),
            ),
        ] {
            assert_eq!(Command::parse(text), Ok(command), "{text}");
        }
    }

    #[test]
    fn the_world_moves_in_plain_english() {
        for (text, command) in [
            ("wait 1h 30m", Command::Wait(5_400_000)),
            (
                "the clock of the controller is set 400d ahead",
                Command::ClockSet(Party::One("controller".into()), 400 * 86_400_000),
            ),
            (
                "the clock of gateway fra-1 is set 1h 5m back",
                Command::ClockSet(Party::One("gateway-fra-1".into()), -3_900_000),
            ),
            ("the clock of every host is set right", Command::ClockSet(Party::EveryHost, 0)),
            ("the controller sleeps 7d", Command::Sleeps(7 * 86_400_000)),
            ("panel fra-1 goes down", Command::Panel("fra-1".into(), PanelChange::Down)),
            (
                "panel fra-1 own rule off",
                Command::Panel("fra-1".into(), PanelChange::OwnRule(false)),
            ),
            (
                "panel fra-1 answers 3s late",
                Command::Panel("fra-1".into(), PanelChange::Slow(3_000)),
            ),
            (
                "panel fra-1 becomes 3.4.2",
                Command::Panel("fra-1".into(), PanelChange::Installed(PanelVersion::V3_4_2)),
            ),
            (
                "alice uses 2GiB on fra-1",
                Command::Uses(Whose::Customer("alice".into()), 2 << 30, "fra-1".into()),
            ),
            (
                "alice keeps a connection open on fra-1",
                Command::KeepsOpen(Whose::Customer("alice".into()), "fra-1".into()),
            ),
            (
                "alice connects to fra-1 from 192.0.2.7",
                Command::Connects(
                    Whose::Customer("alice".into()),
                    "fra-1".into(),
                    [192, 0, 2, 7].into(),
                ),
            ),
            (
                r#"foreign client "a b" is disabled by hand on fra-1"#,
                Command::ByHand(Whose::Foreign("a b".into()), "fra-1".into(), HandChange::Disabled),
            ),
            (
                r#"alice writes "Hello?" in the order thread"#,
                Command::Writes("alice".into(), "Hello?".into(), Channel::Thread),
            ),
            ("alice leaves the guild", Command::Member("alice".into(), false)),
            (
                r#"write plans.yaml: "plans: []\n""#,
                Command::File("plans.yaml".into(), FileChange::Write("plans: []\n".into())),
            ),
            (
                "counters on fra-1 are set to 0",
                Command::Panel("fra-1".into(), PanelChange::CountersToZero),
            ),
            ("xray on fra-1 breaks", Command::Panel("fra-1".into(), PanelChange::Xray(false))),
            (
                "inbound vless-reality is switched off on fra-1",
                Command::Inbound(
                    "fra-1".into(),
                    "vless-reality".into(),
                    InboundChange::Switched(false),
                ),
            ),
            (
                "inbound ws is reached at cdn.example.org:443 on fra-1",
                Command::Inbound(
                    "fra-1".into(),
                    "ws".into(),
                    InboundChange::ReachedAt("cdn.example.org".into(), 443),
                ),
            ),
            (
                "alice's app fetches her subscription as sing-box",
                Command::App("alice".into(), AppAct::Fetches(Some("sing-box".into()))),
            ),
            ("alice speaks pt-BR", Command::Speaks("alice".into(), "pt-BR".into())),
            ("kill gateway fra-1", Command::Kill("gateway-fra-1".into())),
            ("stop controller", Command::Stop("controller".into())),
            ("start gateway fra-1", Command::Start("gateway-fra-1".into())),
            (
                "crash controller at executor.after_call",
                Command::Crash("controller".into(), "executor.after_call".into()),
            ),
            (
                r#"edit plans.yaml: replace "a\nb" with "c""#,
                Command::File("plans.yaml".into(), FileChange::Replace("a\nb".into(), "c".into())),
            ),
            (
                "check one client of alice on fra-1",
                Command::Check(Check::Clients(1, "alice".into(), "fra-1".into())),
            ),
            ("check nothing is written for 5m", Command::Check(Check::NothingWritten(300_000))),
        ] {
            assert_eq!(Command::parse(text), Ok(command), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for text in [
            "wait a while",
            "alice dances",
            "check the weather",
            "kill postgres",
            "presses Buy",
            r#"alice picks "basic"#,
        ] {
            assert!(Command::parse(text).is_err(), "{text}");
        }
    }
}
