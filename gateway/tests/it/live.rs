//! The gateway before a real 3x-ui panel of either generation, when one is named:
//!
//! ```text
//! NEBULALINKS_LIVE_PANEL=http://user:password@127.0.0.1:2053/base/ \
//!     cargo test -p nebulalinks-gateway --tests -- --ignored live
//! ```
//! Instead of the user, on gen-3, an API token of scope admin: `NEBULALINKS_LIVE_TOKEN`. The laws make
//! inbounds and clients of their own and remove them. Name a panel that serves nobody: an Xray
//! beside it would be told of each inbound.

mod batches;
mod deed;
mod hand;
mod kind;
mod panel;
mod traps;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use nebulalinks_gateway::{Clock as _, SystemClock};
use nebulalinks_protocol::{
    Cap, Client, ClientAnswer, ClientList, DeleteRequest, End, ErrorCode, Expect, MasterKey,
    Problem, PutRequest, WriteAnswer, WriteOutcome,
};
use serde_json::{Value, json};

use self::kind::{KINDS, Kind};
use self::panel::{LivePanel, Made, segment};
use crate::support::{Caller, DAY_MS, Points, TestClock, put, start_gateway, uuid};

/// One law at a time: each counts what is on the panel.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

const GB: u64 = 1 << 30;

/// A live panel with a gateway before it and one inbound of each kind.
struct Live {
    panel: LivePanel,
    caller: Caller,
    inbounds: Vec<Made>,
    /// What the names of this run's clients begin with, after the mark.
    run: String,
    fence: u64,
}

#[allow(clippy::disallowed_methods, reason = "a live panel is named by whoever runs the test")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Holds a law against the panel and cleans up, whatever comes of it.
async fn holds(law: impl AsyncFnOnce(&Live)) {
    let Some(address) = setting("NEBULALINKS_LIVE_PANEL") else {
        eprintln!("skipped: NEBULALINKS_LIVE_PANEL names no panel (see tests/it/live.rs)");
        return;
    };
    let _turn = TURN.lock().await;
    let now = SystemClock.now_ms();
    let run = format!("live{now}");
    let panel = LivePanel::open(&address, setting("NEBULALINKS_LIVE_TOKEN"), &run).await;
    let keys = MasterKey::new([9; 32]).derive("fra-1");
    let clock = TestClock(Arc::new(now.into()));
    let state = tempfile::tempdir().unwrap();
    let points = Arc::new(Points::default());
    let gateway = start_gateway(panel.target(), &keys, state.path(), &clock, &points).await;
    let caller = Caller::new(clock, keys, gateway);
    let mut inbounds = Vec::new();
    for kind in KINDS.into_iter().filter(|kind| kind.is_on(&panel)) {
        inbounds.push(panel.add_inbound(kind, &format!("{run}-{}", kind.name())).await);
    }
    let fence = caller.claim().await;
    let live = Live { panel, caller, inbounds, run, fence };
    let mut law = pin!(law(&live));
    let held = std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| law.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(())) => Poll::Ready(Ok(())),
            Err(why) => Poll::Ready(Err(why)),
        }
    })
    .await;
    // From the records: one may have lost its inbounds. On gen-2 all goes with the inbounds.
    let records = if live.panel.gen3 { live.panel.get("clients/list").await } else { Value::Null };
    for client in records.as_array().into_iter().flatten() {
        let email = client["email"].as_str().unwrap_or_default();
        if email.to_lowercase().contains(&live.run) {
            live.panel.remove_client(email).await;
        }
    }
    live.panel.clean(&live.inbounds).await;
    if let Err(why) = held {
        resume_unwind(why);
    }
}

impl Live {
    fn on(&self, kind: Kind) -> &Made {
        self.inbounds.iter().find(|i| i.kind == kind).unwrap()
    }

    /// The kinds that this panel has.
    fn kinds(&self) -> Vec<Kind> {
        self.inbounds.iter().map(|i| i.kind).collect()
    }

    /// These kinds together where a client can be on several inbounds; each by itself elsewhere.
    fn sets(&self, kinds: &[Kind]) -> Vec<Vec<Kind>> {
        if self.panel.gen3 {
            return vec![vec![kinds[0]], kinds.to_vec()];
        }
        kinds.iter().filter(|k| self.kinds().contains(k)).map(|k| vec![*k]).collect()
    }

    fn email(&self, name: &str) -> String {
        format!("nl-{}-{name}", self.run)
    }

    /// A request for a client of this run.
    fn wish(&self, name: &str, kinds: &[Kind]) -> PutRequest {
        let mut request = put(self.fence, Expect::Absent);
        request.client.email = self.email(name);
        request.client.uuid = uuid::Uuid::from_u128(uuid().as_u128() ^ hash(name));
        request.client.sub_id = format!("{}{:016x}", self.run, hash(name));
        request.client.end = self.days(30);
        request.inbounds = kinds.iter().map(|k| self.on(*k).remark.clone()).collect();
        request
    }

    fn days(&self, days: u64) -> End {
        End::AtMs((self.caller.now() + days * DAY_MS).try_into().unwrap())
    }

    async fn put(&self, request: &PutRequest) -> Result<WriteAnswer, Box<Problem>> {
        self.caller.put(request).await
    }

    /// Writes what must change something, and holds that it then is as wanted.
    async fn apply(&self, request: &PutRequest) -> Client {
        let answer = self.put(request).await.unwrap();
        assert_eq!(answer.outcome, WriteOutcome::Applied);
        self.settled(request).await
    }

    /// All is as wanted, and writing it again changes nothing.
    async fn settled(&self, request: &PutRequest) -> Client {
        let request = PutRequest { expect: Expect::Uuid(request.client.uuid), ..request.clone() };
        let before = self.raw(&request.client.email).await;
        let answer = self.put(&request).await.unwrap();
        assert_eq!(answer.outcome, WriteOutcome::Unchanged);
        assert_eq!(self.raw(&request.client.email).await, before);
        let client = answer.client.unwrap();
        assert!(client.consistent, "{before}");
        let wanted = &request.client;
        assert_eq!((client.enable, client.uuid), (wanted.enable, Some(wanted.uuid)));
        assert_eq!((client.end, client.cap), (Some(wanted.end), wanted.cap));
        assert_eq!((&client.sub_id, &client.comment), (&wanted.sub_id, &wanted.comment));
        assert_eq!(client.ip_limit, wanted.ip_limit);
        assert_eq!(client.inbounds.len(), request.inbounds.len());
        client
    }

    async fn delete(&self, email: &str, uuid: uuid::Uuid) -> Result<WriteAnswer, Box<Problem>> {
        let body = DeleteRequest { fence: self.fence, uuid, store: None };
        self.caller.ask("DELETE", &format!("/v1/clients/{email}"), &body).await.result()
    }

    async fn list(&self) -> ClientList {
        self.caller.list().await.unwrap()
    }

    async fn get(&self, email: &str) -> Option<Client> {
        let path = format!("/v1/clients/{}", segment(email));
        let answer: ClientAnswer = self.caller.ask("GET", &path, &()).await.json();
        answer.client
    }

    /// What the panel holds of a client: each object in the settings, and the row of counters.
    async fn raw(&self, email: &str) -> Value {
        let inbounds = self.panel.inbounds().await;
        let of = |items: &Value| -> Vec<Value> {
            let items = items.as_array().cloned().unwrap_or_default();
            items.into_iter().filter(|c| c["email"] == email).collect()
        };
        let objects: Vec<Value> =
            inbounds.iter().flat_map(|i| of(&i["settings"]["clients"])).collect();
        let row = inbounds.iter().flat_map(|i| of(&i["clientStats"])).next();
        json!({"objects": objects, "row": row})
    }
}

fn hash(name: &str) -> u128 {
    name.bytes().fold(7, |h, b| (h * 31 + u128::from(b)) & 0xffff_ffff)
}

#[tokio::test]
#[ignore = "needs a live panel"]
async fn a_create_is_whole_on_every_kind_of_inbound() {
    holds(async |live| {
        for kind in live.kinds() {
            let request = live.wish(kind.name(), &[kind]);
            let client = live.apply(&request).await;
            assert_eq!(client.inbounds, [live.on(kind).id]);
            assert!(client.incarnation.row > 0);
            assert_eq!(client.incarnation.created_at_ms > 0, live.panel.stamps);
            assert_eq!(live.put(&request).await.unwrap_err().code, ErrorCode::Conflict);
            let mut other = request.clone();
            other.expect = Expect::Uuid(uuid::Uuid::from_u128(1));
            assert_eq!(live.put(&other).await.unwrap_err().code, ErrorCode::Conflict);
            let object = &live.raw(&request.client.email).await["objects"][0];
            let flow = if kind == Kind::Reality { "xtls-rprx-vision" } else { "" };
            assert_eq!(object["flow"].as_str().unwrap_or_default(), flow, "{kind:?}");
            let secret = match kind {
                Kind::Shadowsocks2022 => "AAECAwQFBgcICQoLDA0ODw==",
                _ => request.client.secret.as_str(),
            };
            if !live.panel.gen3 {
                let method = if kind == Kind::Shadowsocks { "chacha20-ietf-poly1305" } else { "" };
                assert_eq!(object["method"].as_str().unwrap_or_default(), method, "{kind:?}");
            }
            if let Some(field) = kind.secret() {
                assert_eq!(object[field], secret, "{kind:?}");
            }
        }
        let mut off = live.wish("off", &[Kind::Reality]);
        off.client.enable = false;
        live.apply(&off).await;
        let mut lone = live.wish("nowhere", &[Kind::Ws]);
        lone.inbounds = vec!["no such inbound".into()];
        assert_eq!(live.put(&lone).await.unwrap_err().code, ErrorCode::NoInbound);
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a live panel"]
async fn every_wish_for_a_client_holds() {
    type Change = fn(&Live, &mut PutRequest);
    let changes: [Change; 10] = [
        |l, r| r.client.end = l.days(60),
        |l, r| r.client.end = l.days(2),
        |_, r| r.client.cap = Cap::Bytes((90 * GB).try_into().unwrap()),
        |_, r| r.client.cap = Cap::Unlimited,
        |_, r| r.client.enable = false,
        |_, r| (r.client.end, r.client.ip_limit) = (End::Never, 0),
        |_, r| r.client.enable = true,
        |_, r| r.client.comment = "nl: 100 % ü+&=/\\\"' {}".into(),
        |_, r| r.client.secret = "another_secret-0123456789abcdefghijklmnopqr".into(),
        |_, r| r.client.sub_id = r.client.sub_id.chars().rev().collect(),
    ];
    holds(async |live| {
        for (n, kinds) in live.sets(&[Kind::Ws, Kind::Trojan, Kind::Reality]).iter().enumerate() {
            let mut request = live.wish(&n.to_string(), kinds);
            live.apply(&request).await;
            live.edit(&request.client.email, |c| c["tgId"] = json!(77)).await;
            for (index, change) in changes.iter().enumerate() {
                request.expect = Expect::Uuid(request.client.uuid);
                let before = live.raw(&request.client.email).await;
                change(live, &mut request);
                let answer = live.put(&request).await.unwrap();
                let after = live.raw(&request.client.email).await;
                let changed =
                    if before == after { WriteOutcome::Unchanged } else { WriteOutcome::Applied };
                assert_eq!(answer.outcome, changed, "{index}");
                live.settled(&request).await;
                assert_eq!(after["objects"][0]["tgId"], 77, "{index}");
                assert_eq!(after["row"]["id"], before["row"]["id"], "{index}");
            }
            // A rotation: the same name and row with another uuid.
            request.client.uuid = uuid::Uuid::from_u128(request.client.uuid.as_u128() ^ 1);
            live.apply(&request).await;
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a live panel"]
async fn inbounds_follow_exactly() {
    holds(async |live| {
        let all = [Kind::Reality, Kind::Ws, Kind::Trojan, Kind::Shadowsocks, Kind::Hysteria];
        let mut request = live.wish("moves", &all[..1]);
        let row = live.apply(&request).await.incarnation;
        request.expect = Expect::Uuid(request.client.uuid);
        let several = [&all[..], &all[1..2], &all[..2], &all[2..4], &[Kind::Shadowsocks2022]];
        let single = [&all[3..4], &all[1..2], &all[2..3], &all[..1], &[Kind::Shadowsocks2022]];
        for kinds in if live.panel.gen3 { several } else { single } {
            request.inbounds = kinds.iter().map(|k| live.on(*k).id.to_string()).collect();
            let client = live.apply(&request).await;
            // A gen-2 panel can only delete and create, with a counter that starts anew.
            assert_eq!(client.incarnation == row, live.panel.gen3);
            let mut ids: Vec<i64> = kinds.iter().map(|k| live.on(*k).id).collect();
            ids.sort_unstable();
            assert_eq!(client.inbounds, ids);
        }
        request.inbounds = [Kind::Trojan, Kind::Shadowsocks2022]
            .iter()
            .map(|k| live.on(*k).remark.clone())
            .collect();
        let two_forms = live.put(&request).await.unwrap_err();
        assert_eq!(two_forms.code, ErrorCode::NoInbound);
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a live panel"]
async fn a_list_is_complete_and_strangers_are_left_alone() {
    holds(async |live| {
        let strange: Vec<String> = ["%41 b", "é%2F", "+a&b=c?d#e", "Über:@;", "'\"<x>"]
            .iter()
            .map(|odd| format!("{}{}", live.run, odd.replace(' ', "_")))
            .collect();
        for email in &strange {
            live.foreign(email, Kind::Reality).await;
        }
        let many = (0..200).map(|n| {
            json!({"email": live.email(&format!("many{n:03}")), "totalGB": n, "enable": true,
                "expiryTime": 0, "id": uuid::Uuid::from_u128(n + 7).to_string()})
        });
        if live.panel.gen3 {
            let ids = json!([live.on(Kind::Ws).id, live.on(Kind::Trojan).id]);
            let many = many.map(|client| json!({"client": client, "inboundIds": ids})).collect();
            let made = live.panel.post("clients/bulkCreate", &Value::Array(many)).await.unwrap();
            assert_eq!(made["created"], 200, "{made}");
        } else {
            let settings = json!({"clients": many.collect::<Vec<_>>()}).to_string();
            let body = json!({"id": live.on(Kind::Ws).id, "settings": settings});
            live.by_hand("inbounds/addClient", body).await;
        }
        let mut before = Vec::new();
        for email in &strange {
            before.push(live.raw(email).await);
        }
        let sets = live.sets(&[Kind::Reality, Kind::Ws]);
        let mut request = live.wish("ours", sets.last().unwrap());
        live.apply(&request).await;
        request.expect = Expect::Uuid(request.client.uuid);
        request.client.end = End::Never;
        live.apply(&request).await;

        let inbounds = live.panel.inbounds().await;
        let on = |i: &Value| i["settings"]["clients"].as_array().cloned().unwrap_or_default();
        let direct: std::collections::BTreeSet<String> =
            inbounds.iter().flat_map(on).map(|c| c["email"].as_str().unwrap().to_owned()).collect();
        let direct: Vec<&str> = direct.iter().map(String::as_str).collect();
        let list = live.list().await;
        let told: Vec<&str> = list.clients.iter().map(|c| c.email.as_str()).collect();
        assert_eq!(told, direct);
        for (email, before) in strange.iter().zip(before) {
            assert!(live.get(email).await.is_some(), "{email}");
            assert_eq!(live.raw(email).await, before);
            assert_eq!(
                live.delete(&segment(email), uuid()).await.unwrap_err().code,
                ErrorCode::Invalid
            );
        }
        for inbound in &live.inbounds {
            let told = list.inbounds.iter().find(|i| i.id == inbound.id).unwrap();
            let facts = format!("{}{}", told.settings, told.stream);
            assert!(told.enable && !facts.contains("privateKey"), "{facts}");
        }
        let live_reality = live.panel.inbound(live.on(Kind::Reality).id).await;
        let reality = list.inbounds.iter().find(|i| i.id == live.on(Kind::Reality).id).unwrap();
        assert_eq!(
            reality.settings.get("disableFlow"),
            live_reality.get("disableFlow"),
            "told where the panel has it"
        );
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a live panel"]
async fn a_delete_expects_its_uuid_and_is_done_once() {
    holds(async |live| {
        for kinds in live.sets(&[Kind::Ws, Kind::Trojan, Kind::Shadowsocks]) {
            let request = live.wish("gone", &kinds);
            let (email, uuid) = (request.client.email.clone(), request.client.uuid);
            live.apply(&request).await;
            let other = live.delete(&email, uuid::Uuid::from_u128(9)).await.unwrap_err();
            assert_eq!(other.code, ErrorCode::Conflict);
            let outcome = async || live.delete(&email, uuid).await.unwrap().outcome;
            assert_eq!(outcome().await, WriteOutcome::Applied);
            assert_eq!(live.raw(&email).await, json!({"objects": [], "row": null}));
            assert_eq!(outcome().await, WriteOutcome::Unchanged);
            // And it can come back under the same name.
            live.apply(&request).await;
            assert_eq!(outcome().await, WriteOutcome::Applied);
        }
    })
    .await;
}
