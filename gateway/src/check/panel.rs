//! What the panel answers.

use std::time::Duration;

use nebulalinks_protocol::{CLIENT_MARK, ErrorCode, Inbound, Panel, Xray};

use super::Finding;
use crate::failure::Failure;
use crate::panel::adapter::Contents;

/// A list that takes longer leaves little of the controller's 60 s.
const SLOW: Duration = Duration::from_secs(20);
/// Protocols whose inbounds take clients.
const WITH_CLIENTS: [&str; 6] =
    ["vless", "vmess", "trojan", "shadowsocks", "hysteria", "hysteria2"];

/// What the panel says of itself, as far as it can be asked.
pub(super) fn answers(answered: &Result<Panel, Failure>) -> Vec<(&'static str, Finding)> {
    let panel = match answered {
        Ok(panel) => panel,
        Err(failure) => return refusals(failure),
    };
    let xray = match panel.xray {
        Xray::Running => Finding::ok("it runs"),
        Xray::Stopped => {
            Finding::failed("it is stopped: nobody is connected", "start it in the panel")
        }
        Xray::Error => Finding::failed(
            "it does not start: nobody is connected",
            "the panel shows why (Xray's own log); an inbound with a wrong setting is enough",
        ),
        Xray::Unknown => {
            Finding::warning("the panel does not say whether it runs", "look at the panel's page")
        }
    };
    let generation = format!("{}, version {}", panel.generation, shown_version(&panel.version));
    let mut steps = vec![
        ("panel", Finding::ok("it answers")),
        ("credentials", Finding::ok("they are accepted")),
        ("generation", Finding::ok(generation)),
        ("xray", xray),
    ];
    steps.extend(panel.notices.iter().map(|notice| {
        ("notice", Finding::warning(notice.as_str().replace('_', " "), notice.advice()))
    }));
    steps
}

fn shown_version(version: &str) -> &str {
    if version.is_empty() { "unknown" } else { version }
}

fn refusals(failure: &Failure) -> Vec<(&'static str, Finding)> {
    let detail = failure.detail.clone();
    match failure.code {
        ErrorCode::PanelAuth => vec![
            ("panel", Finding::ok("it answers")),
            (
                "credentials",
                Finding::failed(detail, "mend that, then check again; nothing is retried"),
            ),
        ],
        ErrorCode::PanelUnsupported => vec![
            ("panel", Finding::ok("it answers")),
            (
                "generation",
                Finding::failed(detail, "install that version; back the panel up before"),
            ),
        ],
        ErrorCode::PanelUnreachable => vec![(
            "panel",
            Finding::failed(
                detail,
                "systemctl status x-ui; is the port in --panel-url the panel's?",
            ),
        )],
        _ => vec![(
            "panel",
            Finding::failed(
                detail,
                "is it the panel that answers there, and is the base path right?",
            ),
        )],
    }
}

/// What is on it.
pub(super) fn contents(
    contents: &Result<Contents, Failure>,
    took: Duration,
) -> Vec<(&'static str, Finding)> {
    let contents = match contents {
        Ok(contents) => contents,
        Err(failure) => {
            let advice = "the panel answers, and its list cannot be used: look at its log";
            return vec![("list", Finding::failed(failure.detail.clone(), advice))];
        }
    };
    let (clients, ms) = (contents.clients.len(), took.as_millis());
    let ours = contents.clients.iter().filter(|c| c.email.starts_with(CLIENT_MARK)).count();
    let found = format!("{clients} clients, {ours} of them with our mark, read in {ms} ms");
    let list = if took > SLOW {
        Finding::warning(
            found,
            "the controller waits 60 s: the panel's machine is too slow or busy",
        )
    } else {
        Finding::ok(found)
    };
    let one_only = contents.panel.generation == "gen2";
    let mut steps = vec![("inbounds", inbounds(&contents.inbounds, one_only)), ("list", list)];
    if let Err(failure) = contents.is_whole() {
        let advice = "until then nobody is made anew there, and nobody is taken for gone";
        steps.push(("unreadable", Finding::warning(failure.detail, advice)));
    }
    steps
}

/// `one_only`: the panel takes a client on one of them.
fn inbounds(all: &[Inbound], one_only: bool) -> Finding {
    let name = |inbound: &Inbound| {
        let remark: String = inbound.remark.chars().filter(|c| !c.is_control()).take(40).collect();
        format!("{} `{remark}` ({}, port {})", inbound.id, inbound.protocol, inbound.port)
    };
    let why_not = |inbound: &Inbound| {
        if !inbound.enable {
            return Some("off");
        }
        let takes = WITH_CLIENTS.contains(&inbound.protocol.as_str());
        (!takes).then_some("takes no clients")
    };
    let usable: Vec<String> = all.iter().filter(|i| why_not(i).is_none()).map(name).collect();
    let rest: Vec<String> = all
        .iter()
        .filter_map(|inbound| Some(format!("{}: {}", name(inbound), why_not(inbound)?)))
        .collect();
    let rest = if rest.is_empty() { String::new() } else { format!("; not {}", rest.join(", ")) };
    if usable.is_empty() {
        let advice = "make one in the panel, and name its remark in servers.yaml";
        return Finding::warning(format!("none can be used{rest}"), advice);
    }
    let of = if one_only { ", one only with this panel" } else { "" };
    let found = format!("to be used in servers.yaml{of}: {}{rest}", usable.join(", "));
    let twice = all
        .iter()
        .enumerate()
        .find(|(n, inbound)| all.iter().take(*n).any(|before| before.remark == inbound.remark));
    match twice {
        Some((_, inbound)) => Finding::warning(
            found,
            format!("two have the remark `{}`: use numbers, or rename one", inbound.remark),
        ),
        None => Finding::ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    fn inbound(id: i64, remark: &str, protocol: &str, enable: bool) -> Inbound {
        Inbound {
            id,
            remark: remark.to_owned(),
            protocol: protocol.to_owned(),
            port: 443,
            enable,
            ..Inbound::default()
        }
    }

    #[test]
    fn inbounds_that_can_be_used_are_named_and_the_others_with_the_reason() {
        let all = [
            inbound(1, "main", "vless", true),
            inbound(2, "old", "vmess", false),
            inbound(3, "local", "socks", true),
        ];
        assert_eq!(
            inbounds(&all, false).found,
            "to be used in servers.yaml: 1 `main` (vless, port 443); not 2 `old` (vmess, port 443): \
             off, 3 `local` (socks, port 443): takes no clients"
        );
        assert!(inbounds(&all, true).found.contains("servers.yaml, one only with this panel: 1"));
        assert_eq!(inbounds(&all[1..], false).verdict, Verdict::Warning);
        let twice = [inbound(1, "main", "vless", true), inbound(2, "main", "trojan", true)];
        assert!(inbounds(&twice, false).advice.contains("two have the remark `main`"));
    }

    #[test]
    fn what_fails_is_told_at_its_own_step() {
        let at = |code: ErrorCode| {
            let steps = answers(&Err(Failure::new(code, "why")));
            let (name, step) = steps.last().cloned().unwrap();
            assert_eq!((step.verdict, step.found.as_str()), (Verdict::Failed, "why"));
            assert!(!step.advice.is_empty());
            name
        };
        assert_eq!(at(ErrorCode::PanelUnreachable), "panel");
        assert_eq!(at(ErrorCode::PanelProtocol), "panel");
        assert_eq!(at(ErrorCode::PanelAuth), "credentials");
        assert_eq!(at(ErrorCode::PanelUnsupported), "generation");
    }
}
