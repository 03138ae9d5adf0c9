//! Small inputs that the targets start from, beyond those of signatures and panels: one of each kind.

use crate::catalog::shipped;
use crate::store::write;
use nebulalinks_core::catalog::{DesiredFile, Source};
use nebulalinks_core::model::{Identity, InboundFacts, UnixMs};
use nebulalinks_core::view::{Action, AskedOnce, Question, sample};
use serde_json::{Value, json};

/// A name and its bytes.
pub type Seed = (String, Vec<u8>);

/// The shop's own files, each after its number, whole and cut.
#[must_use]
pub fn catalog_files() -> Vec<Seed> {
    let files = shipped();
    let mut seeds = Vec::new();
    for (n, file) in (0..).zip(DesiredFile::ALL) {
        let Source::Text(text) = files.get(file) else { continue };
        // Comments are no more than a reader skips.
        let text: String = text
            .lines()
            .filter(|l| !l.starts_with('#'))
            .fold(String::new(), |all, line| all + line + "\n");
        let seed = |part: &str| [&[n], part.as_bytes()].concat();
        let half = text.floor_char_boundary(text.len() / 2);
        seeds.push((file.name().to_owned(), seed(&text)));
        seeds.push((format!("half-{}", file.name()), seed(&text[..half])));
    }
    seeds
}

/// One body of each kind, after its number: what a controller sends, and what a gateway answers.
#[must_use]
pub fn gateway_json() -> Vec<Seed> {
    let uuid = "5783c26d-7a1b-4c3e-9f00-0123456789ab";
    let lineage = "ab".repeat(32);
    let at = json!({"revision": 7, "lineage": lineage});
    let wanted = json!({"email": "nl-b", "uuid": uuid, "sub_id": "k3v9q2m8", "secret": "s",
        "enable": true, "end": {"at_ms": 1_782_000_000_123_u64}, "cap": {"bytes": 5},
        "ip_limit": 2, "comment": "nl:1"});
    let client = json!({"email": "nl-b", "uuid": uuid, "sub_id": "k3v9q2m8", "enable": true,
        "end": "never", "cap": "unlimited", "ip_limit": 0, "comment": "", "inbounds": [1],
        "used_bytes": 9, "incarnation": {"panel": "p", "row": 3, "created_at_ms": 4},
        "consistent": true});
    let panel = json!({"identity": "p", "generation": "gen3", "version": "3.6.0",
        "xray": "running", "xray_up_s": 9, "notices": ["known_by_address"]});
    let inbound = json!({"id": 1, "remark": "main", "protocol": "vless", "port": 443,
        "enable": true, "settings": {"decryption": "none"}, "stream": {"network": "tcp"}});
    let put = json!({"expect": {"uuid": uuid}, "client": wanted, "inbounds": ["main"]});
    let delete = json!({"email": "nl-a", "uuid": uuid});
    let problem = json!({"type": "about:blank", "title": "t", "status": 409, "code": "conflict",
        "detail": "d"});
    let bodies = [
        json!({"store_id": "s", "process": "p", "revision": 7, "lineage": lineage,
            "shows": [at], "gives_up": [{"revision": 5}], "take_over": true}),
        json!({"fence": 3, "expect": "absent", "client": wanted, "inbounds": ["1"], "store": at}),
        json!({"fence": 3, "uuid": uuid, "store": at}),
        json!({"fence": 3, "items": [{"put": put}, {"delete": delete}], "store": at}),
        json!({"fence": 3, "clock_ms": 1, "highest_revision": 6, "unshown": [at], "panel": panel}),
        json!({"clock_ms": 1, "panel": panel, "inbounds": [inbound],
            "unreadable": [{"id": 2, "remark": "r", "why": "w"}], "clients": [client]}),
        json!({"clock_ms": 1, "panel": panel, "client": client}),
        json!({"outcome": "applied", "clock_ms": 1, "panel": panel, "client": client}),
        json!({"clock_ms": 1, "panel": panel, "results": [
            {"done": {"outcome": "unchanged", "client": client}}, {"failed": problem}]}),
        problem.clone(),
        json!({"clock_ms": 1, "version": "0.1.0", "panel": null, "panel_error": "panel_auth"}),
    ];
    let seed =
        |(n, body): (u8, &Value)| (format!("{n:02}"), [&[n], body.to_string().as_bytes()].concat());
    (0..).zip(&bodies).map(seed).collect()
}

/// One button of each kind.
#[must_use]
pub fn component_ids() -> Vec<Seed> {
    let (account, order) = (sample::account_id(1), sample::order_id(1));
    let plan = sample::catalog().plans[0].id.clone();
    let all = [
        Action::Buy,
        Action::Plans(0),
        Action::Methods(plan.clone(), 65_535),
        Action::RenewPlans(account, 1),
        Action::RenewMethods(account, plan.clone(), 10),
        Action::Accounts(2),
        Action::PickPlan,
        Action::PickMethod(plan.clone()),
        Action::TakeTrial(plan.clone()),
        Action::Renew(account),
        Action::ChangePlan(account),
        Action::ChangePlans(account, 3),
        Action::PickRenewPlan(account),
        Action::PickRenewMethod(account, plan),
        Action::MyAccounts,
        Action::MyAccount(account),
        Action::ShowLink(account),
        Action::Guide,
        Action::PickPlatform,
        Action::Support,
        Action::PickQuestion,
        Action::AskPerson,
        Action::CloseTicket(nebulalinks_core::model::TicketId::MAX),
        Action::WriteBroadcast,
        Action::StopBroadcast(nebulalinks_core::model::BroadcastId::MAX),
        Action::Invite,
        Action::Code(order),
        Action::Redeem(account),
        Action::Paid(order),
        Action::Cancel(order),
        Action::Approve(order),
        Action::Decline(order),
        Action::DeclineReason(order),
        Action::ApproveReference(order),
        Action::Sure(Question::new(AskedOnce::Approve(order, 10_000), Identity::Discord(7), UnixMs(0))),
    ];
    let named = all.iter().map(ToString::to_string);
    named.map(|id| (id.split('.').take(2).collect::<Vec<_>>().join("-"), id.into_bytes())).collect()
}

/// Sizes, amounts and lengths, each after its kind.
#[must_use]
pub fn quantities() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for (kind, texts) in [
        (&[0][..], ["50GiB", "1.5 TB", "unlimited", "8192TiB", "0.000000000001TB"]),
        (&[1, 2][..], ["100.00", "0.05", "184467440737095516.15", "5.", "1.234"]),
        (&[2][..], ["30d", "1d 12h 45m 30s", "36500d", "1h 2d", "0s"]),
    ] {
        for text in texts {
            seeds.push((format!("{}-{}", kind[0], seeds.len()), [kind, text.as_bytes()].concat()));
        }
    }
    seeds
}

/// Bodies of transactions, left alone, cut, flipped; and a whole segment.
#[must_use]
pub fn journal() -> Vec<Seed> {
    let tree = nebulalinks_core::model::Kind::ALL[0].tree();
    let part = |text: &str| {
        [&u32::try_from(text.len()).unwrap_or(0).to_be_bytes(), text.as_bytes()].concat()
    };
    let one = 1_u32.to_be_bytes();
    let put =
        [one.to_vec(), part(tree), part("k"), part("{}"), 0_u32.to_be_bytes().to_vec()].concat();
    let delete = [0_u32.to_be_bytes().to_vec(), one.to_vec(), part(tree), part("k")].concat();
    let listed: Vec<u8> = [&put, &delete, &b"no body".to_vec()]
        .into_iter()
        .flat_map(|body| [&[u8::try_from(body.len()).unwrap_or(0)], body.as_slice()].concat())
        .collect();
    let seed = |what: [u8; 4]| [&what, listed.as_slice()].concat();
    let whole = [&[3, 0, 0, 0], write(&[&put, &delete]).bytes.as_slice()].concat();
    vec![
        ("alone".to_owned(), seed([0, 0, 0, 0])),
        ("cut".to_owned(), seed([1, 0, 200, 0])),
        ("flipped".to_owned(), seed([2, 1, 20, 3])),
        ("flipped-checkpoint".to_owned(), seed([2, 0, 40, 7])),
        ("whole".to_owned(), whole),
    ]
}

/// The recorded inbounds, each by itself.
///
/// # Panics
/// When the recording is not as it was made.
#[must_use]
pub fn share_links() -> Vec<Seed> {
    let text = include_str!("../../tests/fixtures/3x-ui/links-gen3-head.json");
    let recording: Value = serde_json::from_str(text).expect("the recording is JSON");
    let mut seeds: Vec<Seed> = Vec::new();
    for pair in recording["pairs"].as_array().into_iter().flatten() {
        let mut inbound = pair["inbound"].clone();
        inbound["enable"] = true.into();
        let inbound: InboundFacts = serde_json::from_value(inbound).expect("facts of an inbound");
        let name = pair["name"].as_str().unwrap_or_default().to_owned();
        seeds.push((name, serde_json::to_vec(&inbound).unwrap_or_default()));
    }
    let mut proxied = sample::facts().inbounds.remove(0);
    proxied.stream["externalProxy"] = json!([
        {"forceTls": "same", "dest": "relay.example.org", "port": 8443, "remark": "relay"},
        {"forceTls": "tls", "dest": "[2001:db8::1]", "port": 443, "sni": "x.example"}
    ]);
    seeds.push(("proxied".to_owned(), serde_json::to_vec(&proxied).unwrap_or_default()));
    seeds
}

/// A click, a dialog, a command with a file, and one of staff.
#[must_use]
pub fn discord_payloads() -> Vec<Seed> {
    let account = sample::account_id(1);
    let raw = |kind: u64, data: Value| {
        json!({"id": "5", "application_id": "6", "token": "a-token-of-discord", "type": kind,
            "guild_id": "1", "channel_id": "12", "message": {"flags": 64}, "data": data,
            "member": {"nick": null, "roles": ["9001"],
                "user": {"id": "101", "username": "alice", "global_name": "Alice"}}})
    };
    let typed =
        json!([{"type": 18, "component": {"type": 4, "custom_id": "reason", "value": "no"}}]);
    let order = sample::order_id(1_001);
    let all = [
        ("buy", raw(3, json!({"custom_id": "v1.buy", "values": []}))),
        ("plan", raw(3, json!({"custom_id": "v1.plan", "values": ["basic-30"]}))),
        ("link", raw(3, json!({"custom_id": format!("v1.link.{account}")}))),
        (
            "decline",
            raw(
                5,
                json!({"custom_id": format!("v1.decline-reason.{order}"),
            "components": typed}),
            ),
        ),
        (
            "paid",
            raw(
                5,
                json!({"custom_id": format!("v1.paid.{order}"),
            "components": [{"type": 18, "component":
                {"type": 19, "custom_id": "proof", "values": ["77"]}}],
            "resolved": {"attachments": {"77": {"url": "https://cdn.example/x", "size": 9}}}}),
            ),
        ),
        (
            "pay",
            raw(
                2,
                json!({"name": "pay",
            "options": [{"name": "proof", "type": 11, "value": "77"}],
            "resolved": {"attachments": {"77": {"url": "https://cdn.example/x", "size": 9}}}}),
            ),
        ),
        (
            "admin",
            raw(
                2,
                json!({"name": "admin", "options": [{"name": "account", "type": 1,
            "options": [{"name": "account", "type": 3, "value": account.to_string()}]}]}),
            ),
        ),
    ];
    all.into_iter().map(|(name, raw)| (name.to_owned(), raw.to_string().into_bytes())).collect()
}
