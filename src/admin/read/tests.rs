//! The routes as the command line meets them: what they answer, what they refuse, what they never say.

use super::super::doubles::admin;
use super::{NOW as HEADER, ROUTES, routes};
use crate::model::{
    Actor, Audit, Bytes, Cap, Customer, CustomerId, Decision, DurationMs, Edits, HOUR_MS, Identity,
    Incarnation, MINUTE_MS, ObservedClient, Order, OrderByReference, OrderId, Outcome,
    ServerStatus, Target, Ticket, UnixMs, Verdict,
};
use crate::ports::Store as _;
use crate::store::MemoryStore;
use crate::view::sample::{
    ALICE, NOW, account, account_id, alice, order, order_id, put, served_account, ticket, ticket_id,
};
use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use std::sync::Arc;
use tower::ServiceExt as _;
use ulid::Ulid;

/// The n-th line of the audit, a minute after the one before.
fn line(n: u64, subject: &str, outcome: Outcome) -> Audit {
    let at = NOW + DurationMs(n * MINUTE_MS);
    Audit {
        id: Ulid::from_parts(at.0, n.into()).to_string().to_lowercase(),
        actor: Actor::Cli("omar".into()),
        verb: "grant".to_owned(),
        subject: subject.to_owned(),
        outcome,
        of: None,
        reason: Some("an outage".to_owned()),
        catalog: "abc123".to_owned(),
        commit: None,
        at,
    }
}

fn declined(n: u128, archived: bool) -> Order {
    let verdict = Verdict::Declined { reason: "not paid".into() };
    let decision = Some(Decision { by: Actor::Controller, at: NOW, verdict });
    Order { decision, archived, ..order(n, Target::New, "vodafone-cash") }
}

/// Two accounts of alice's, served; an order that waits to be paid, a declined one, and two that are
/// archived, of which one is that of the second account.
async fn store() -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::new());
    store.txn(alice()).await.unwrap();
    for n in [1, 2] {
        store.txn(served_account(n, true)).await.unwrap();
    }
    let sold = store.snapshot().order(order_id(1_002)).unwrap().clone();
    let mut edits = Edits::new();
    edits.put(Order { archived: true, ..sold });
    edits.put(declined(2_001, true));
    edits.put(declined(2_002, false));
    edits.put(order(2_003, Target::New, "vodafone-cash"));
    edits.put(ServerStatus::new("fra-1".parse().unwrap()));
    edits.put(line(1, &format!("account:{}", account_id(1)), Outcome::Done));
    store.txn(edits).await.unwrap();
    store
}

/// Somebody's own client, which alice's account has the credentials of.
fn stranger() -> ObservedClient {
    let theirs = account(1).credentials;
    ObservedClient {
        email: "bobs-phone".to_owned(),
        uuid: Some(theirs.uuid),
        sub_id: theirs.sub_id,
        enable: true,
        end: None,
        cap: Cap::Unlimited,
        ip_limit: 0,
        comment: "by hand".to_owned(),
        inbounds: vec![1],
        counter: Bytes(7),
        incarnation: Incarnation { panel: "p:1".into(), row: 1, created_at: 1 },
        consistent: true,
        renews: false,
    }
}

/// An hour after all that.
const LATER: UnixMs = UnixMs(NOW.0 + HOUR_MS);

async fn ask(store: &Arc<MemoryStore>, path: &str) -> (u16, Value) {
    let admin = admin(Arc::clone(store), LATER);
    admin.stats.server(&"fra-1".parse().unwrap(), |seen| {
        (seen.listed_at, seen.strangers) = (LATER, Arc::new(vec![stranger()]));
    });
    let request = Request::get(path).body(Body::empty()).unwrap();
    let answer = routes(&admin).with_state(admin).oneshot(request).await.unwrap();
    assert_eq!(answer.headers()[HEADER], LATER.0.to_string().as_str(), "{path}");
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let body = serde_json::from_slice(&body);
    (status, body.unwrap_or_else(|_| panic!("{path} answers with JSON")))
}

async fn answered(store: &Arc<MemoryStore>, path: &str) -> Value {
    let (status, answer) = ask(store, path).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

async fn refused(store: &Arc<MemoryStore>, path: &str) -> String {
    let (status, answer) = ask(store, path).await;
    let why = answer["error"].as_str().unwrap_or_else(|| panic!("{path}: {answer}"));
    assert!(matches!(status, 400 | 404) && !why.contains('\n'), "{path}: {status} {why}");
    why.to_owned()
}

fn ids(rows: &Value) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn no_answer_says_what_opens_the_service() {
    let (store, one) = (store().await, account(1));
    let secrets = [
        one.credentials.uuid.to_string(),
        one.credentials.sub_id,
        one.credentials.secret,
        one.subscription_token,
        // Links, and what only they need.
        "://alice".to_owned(),
        "vless:".to_owned(),
        "PBK".to_owned(),
    ];
    const KEYS: [&str; 7] =
        ["uuid", "sub_id", "secret", "subscription_token", "token", "settings", "stream"];
    for (path, _) in ROUTES {
        let id = match *path {
            "/v1/orders/{id}" => order_id(1_001).to_string(),
            "/v1/servers/{id}" | "/v1/servers/{id}/foreign" => "fra-1".to_owned(),
            "/v1/plans/{id}" => "basic-30".to_owned(),
            "/v1/customers/{id}" => ALICE.to_string(),
            _ => account_id(1).to_string(),
        };
        let path = path.replace("{id}", &id);
        let answer = answered(&store, &path).await;
        let text = answer.to_string();
        assert!(
            text.len() > 20 || ["/v1/broadcasts", "/v1/due", "/v1/passes"].contains(&&*path),
            "{path}: {text}"
        );
        for secret in &secrets {
            assert!(!text.contains(secret), "{path} says {secret}");
        }
        let mut inside = vec![&answer];
        while let Some(value) = inside.pop() {
            match value {
                Value::Object(map) => {
                    let bad = map.keys().find(|key| KEYS.contains(&key.as_str()));
                    assert_eq!(bad, None, "{path}");
                    inside.extend(map.values());
                }
                Value::Array(rows) => inside.extend(rows),
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn an_account_is_found_by_its_id_its_beginning_its_clients_name_and_its_orders() {
    let store = store().await;
    let id = account_id(2).to_string();
    let (resident, archived) = (order_id(1_001).to_string(), order_id(1_002).to_string());
    for (typed, means) in [
        (id.clone(), 2),
        (id.to_ascii_uppercase(), 2),
        (format!("%20{id}"), 2),
        (format!("nl-main-{id}"), 2),
        (resident, 1),
        (archived, 2),
    ] {
        for path in ["/v1/accounts", "/v1/explain"] {
            let found = answered(&store, &format!("{path}/{typed}")).await;
            assert_eq!(found["id"], account_id(means).to_string(), "{typed}");
        }
    }
    for (order, means) in [(order_id(1_001), 1), (order_id(1_002), 2)] {
        store.txn(put(OrderByReference { reference: order.reference(), order })).await.unwrap();
        let typed = order.reference().to_string().to_ascii_lowercase();
        let found = answered(&store, &format!("/v1/accounts/{typed}")).await;
        assert_eq!(found["id"], account_id(means).to_string(), "{typed}");
        let found = answered(&store, &format!("/v1/orders/{typed}")).await;
        assert_eq!(found["id"], order.to_string(), "{typed}");
    }
    // With one account alone its first characters are enough.
    let alone = Arc::new(MemoryStore::new());
    alone.txn(served_account(1, true)).await.unwrap();
    let beginning = &account_id(1).to_string()[..6];
    let found = answered(&alone, &format!("/v1/accounts/{beginning}")).await;
    assert_eq!(found["id"], account_id(1).to_string());
    let beginning = &order_id(1_001).to_string()[..7];
    let found = answered(&alone, &format!("/v1/orders/{beginning}")).await;
    assert_eq!(
        (&found["id"], &found["state"]),
        (&order_id(1_001).to_string().into(), &"approved".into())
    );
}

#[tokio::test]
async fn what_means_nobody_or_several_is_refused_in_one_line() {
    let store = store().await;
    let several = &account_id(1).to_string()[..8];
    let why = refused(&store, &format!("/v1/accounts/{several}")).await;
    assert!(why.contains("several accounts") && why.contains(&account_id(2).to_string()), "{why}");
    let why = refused(&store, "/v1/accounts/00").await;
    assert!(why.contains("too short") && why.contains("at least 4"), "{why}");
    for nobody in
        ["7zzzzzzz", "not-an-id", "%F0%9F%90%9F%F0%9F%90%9F%F0%9F%90%9F%F0%9F%90%9F", "..%2F..%2Fx"]
    {
        assert!(refused(&store, &format!("/v1/accounts/{nobody}")).await.contains("no account"));
        assert!(refused(&store, &format!("/v1/orders/{nobody}")).await.contains("no order"));
    }
    // An order that gave nobody an account.
    let why = refused(&store, &format!("/v1/explain/{}", order_id(2_002))).await;
    assert!(why.contains("has no account"), "{why}");
}

#[tokio::test]
async fn a_word_that_is_none_of_those_that_are_known_gets_the_one_that_was_meant() {
    let store = store().await;
    for (path, meant) in [
        ("/v1/accounts?server=fra1", "did you mean `fra-1`?"),
        ("/v1/accounts?condition=Redy", "did you mean `Ready`?"),
        ("/v1/accounts?family=basik", "did you mean `basic`?"),
        ("/v1/accounts?plan=basic-3", "did you mean `basic-30`?"),
        ("/v1/orders?state=aproved", "did you mean `approved`?"),
        ("/v1/orders?state=%1b%5b2J", "use one of: awaiting-payment"),
        ("/v1/servers/fra-2", "did you mean `fra-1`?"),
        ("/v1/plans/basic-31", "did you mean `basic-30`?"),
        ("/v1/passes?server=fra-9", "did you mean `fra-1`?"),
        ("/v1/audit?subject=acount:x", "did you mean `account`?"),
        ("/v1/audit?subject=account:7zzzzzzz", "there is no account"),
        // Words and numbers of the question itself.
        ("/v1/accounts?sort=x", "unknown field"),
        ("/v1/accounts?after=x", "ULID"),
        ("/v1/orders?customer=alice", "there is no customer `alice`"),
        ("/v1/orders?customer=303", "there is no customer `303`"),
        ("/v1/accounts?customer=telegram:7", "discord:<id>: that is the only front there is"),
        ("/v1/accounts?customer=01k", "type at least 4 characters"),
        ("/v1/due?limit=-1", "invalid digit"),
        ("/v1/due?limit=0", "a limit is 1 to 1000, not 0"),
        ("/v1/tickets?after=7", "an earlier answer's next is none of these"),
        ("/v1/orders?limit=1001", "a limit is 1 to 1000, not 1001"),
        ("/v1/audit?limits=5", "unknown field"),
    ] {
        let why = refused(&store, path).await;
        assert!(why.contains(meant) && !why.contains('\u{1b}'), "{path}: {why}");
    }
}

#[tokio::test]
async fn orders_are_listed_newest_first_each_once_and_archived_ones_from_the_store() {
    let store = store().await;
    let all: Vec<OrderId> = [2_003, 2_002, 2_001, 1_002, 1_001].map(order_id).to_vec();
    let (mut told, mut after) = (Vec::new(), String::new());
    loop {
        let page = answered(&store, &format!("/v1/orders?limit=2{after}")).await;
        told.extend(ids(&page["orders"]));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(told, all.iter().map(ToString::to_string).collect::<Vec<_>>());
    let some =
        async |words: &str| ids(&answered(&store, &format!("/v1/orders?{words}")).await["orders"]);
    let texts =
        |wanted: &[u128]| wanted.iter().map(|n| order_id(*n).to_string()).collect::<Vec<_>>();
    assert_eq!(some("state=declined").await, texts(&[2_002, 2_001]));
    assert_eq!(some("state=Approved").await, texts(&[1_002, 1_001]));
    assert_eq!(some("state=reversed").await, texts(&[]));
    assert_eq!(some(&format!("state=awaiting-payment&customer={ALICE}")).await, texts(&[2_003]));
    for alice in ["101", "discord:101", &ALICE.to_string()[..18]] {
        let hers = some(&format!("state=awaiting-payment&customer={alice}")).await;
        assert_eq!(hers, texts(&[2_003]), "{alice}");
    }
    let page = answered(&store, &format!("/v1/orders/{}", order_id(2_001))).await;
    assert_eq!(
        (&page["archived"], &page["decision"]["reason"]),
        (&true.into(), &"not paid".into())
    );
}

#[tokio::test]
async fn the_audit_is_told_by_time_and_of_a_subject_all_that_was_done_to_it() {
    let store = store().await;
    let (one, two) = (account_id(1).to_string(), account_id(2).to_string());
    let mut edits = Edits::new();
    for n in 2..50 {
        let subject = match n % 3 {
            0 => format!("account:{one}"),
            1 => format!("client:fra-1/{one}"),
            _ => format!("client:fra-1/{two}"),
        };
        edits.put(line(n, &subject, Outcome::Done));
    }
    store.txn(edits).await.unwrap();
    let told = async |words: &str| -> Vec<String> {
        let (mut told, mut after) = (Vec::new(), String::new());
        loop {
            let page = answered(&store, &format!("/v1/audit?limit=7{words}{after}")).await;
            let rows = ids(&page["lines"]);
            assert!(rows.len() <= 7);
            told.extend(rows);
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return told,
            }
        }
    };
    let wanted = |is: &dyn Fn(u64) -> bool| -> Vec<String> {
        (1..50).filter(|n| is(*n)).map(|n| line(n, "", Outcome::Done).id).collect()
    };
    assert_eq!(told("").await, wanted(&|_| true));
    // It is an hour later: the last 20 minutes begin with the 40th.
    assert_eq!(told(&format!("&since_ms={}", 20 * MINUTE_MS)).await, wanted(&|n| n >= 40));
    let of_one = |n: u64| n == 1 || n % 3 != 2;
    assert_eq!(told(&format!("&subject=account:{one}")).await, wanted(&of_one));
    assert_eq!(told(&format!("&subject={one}")).await, wanted(&of_one));
    assert_eq!(told(&format!("&subject=order:{}", order_id(1_001))).await, wanted(&|_| false));
}

#[tokio::test]
async fn an_audit_of_many_lines_is_told_in_bounded_steps_that_lose_none() {
    let store = store().await;
    let subject = format!("account:{}", account_id(1));
    let mut wanted = vec![line(1, &subject, Outcome::Done).id];
    for hundred in 0..45_u64 {
        let mut edits = Edits::new();
        for n in hundred * 100 + 2..hundred * 100 + 102 {
            edits.put(Audit { at: NOW, ..line(n, "order:x", Outcome::Done) });
        }
        store.txn(edits).await.unwrap();
    }
    let last = line(4_600, &subject, Outcome::Done);
    wanted.push(last.id.clone());
    store
        .txn({
            let mut edits = Edits::new();
            edits.put(last);
            edits
        })
        .await
        .unwrap();
    let (mut told, mut steps, mut after) = (Vec::new(), 0, String::new());
    loop {
        let page = answered(&store, &format!("/v1/audit?subject={subject}{after}")).await;
        told.extend(ids(&page["lines"]));
        steps += 1;
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!((told, steps), (wanted, 3), "2,000 lines are read for an answer");
}

#[tokio::test]
async fn events_are_the_newest_in_the_order_of_time_without_what_was_only_begun() {
    let store = store().await;
    let mut edits = Edits::new();
    for n in 2..20 {
        let outcome = if n % 2 == 0 { Outcome::Started } else { Outcome::Failed("busy".into()) };
        edits.put(line(n, "client:fra-1/x", outcome));
    }
    store.txn(edits).await.unwrap();
    let page = answered(&store, "/v1/events?limit=3").await;
    let at = |n: u64| (NOW + DurationMs(n * MINUTE_MS)).0;
    let rows = page["events"].as_array().unwrap();
    let times: Vec<u64> = rows.iter().map(|row| row["at_ms"].as_u64().unwrap()).collect();
    assert_eq!(times, [at(15), at(17), at(19)]);
    assert_eq!((&rows[0]["outcome"], &rows[0]["said"]), (&"failed".into(), &"busy".into()));
    let page = answered(&store, &format!("/v1/events?since_ms={}", 43 * MINUTE_MS)).await;
    assert_eq!(page["events"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn customers_are_told_once_each_with_what_is_open() {
    let store = store().await;
    let mut other = served_account(9, true);
    let mut theirs = account(9);
    let seven = CustomerId::new(Ulid(7));
    let (name, identities) = ("bob".into(), [Identity::Discord(7)].into());
    other.put(Customer {
        id: seven,
        identities,
        name,
        language: None,
        created_at: NOW,
        own: None,
        note: None,
    });
    theirs.customer = seven;
    other.put(theirs);
    store.txn(other).await.unwrap();
    let first = answered(&store, "/v1/customers?limit=1").await;
    let id = seven.to_string();
    assert_eq!((ids(&first["customers"]), &first["next"]), (vec![id.clone()], &id.clone().into()));
    assert_eq!(first["customers"][0]["identities"], serde_json::json!(["discord:7"]));
    let second = answered(&store, &format!("/v1/customers?limit=1&after={id}")).await;
    let row = &second["customers"][0];
    assert_eq!((&row["id"], &row["accounts"]), (&ALICE.to_string().into(), &2.into()));
    assert_eq!((&row["open_orders"], &second["next"]), (&1.into(), &Value::Null));
}

#[tokio::test]
async fn a_customer_is_told_by_any_of_their_names_with_what_they_have_and_what_was_done() {
    let store = store().await;
    let mut edits = Edits::new();
    let order = |n| format!("order:{}", order_id(n));
    let somebody = |n: u64| Actor::Person(Identity::Discord(n));
    for (n, actor, subject) in [
        (2, somebody(202), order(1_002)),
        (3, somebody(101), order(9_999)),
        (4, somebody(303), order(9_999)),
        (5, Actor::Controller, format!("client:fra-1/{}", account_id(2))),
        (6, Actor::Controller, "server:fra-1".to_owned()),
    ] {
        edits.put(Audit { actor, ..line(n, &subject, Outcome::Done) });
    }
    store.txn(edits).await.unwrap();
    for named in ["101", "discord:101", &ALICE.to_string()] {
        let page = answered(&store, &format!("/v1/customers/{named}")).await;
        assert_eq!(page["id"], ALICE.to_string(), "{named}");
        assert_eq!(ids(&page["has"]), [1, 2].map(|n| account_id(n).to_string()));
        assert_eq!(ids(&page["orders"]), [order_id(2_003).to_string()]);
        assert_eq!(page["has"][0]["server"], "fra-1");
        let kind = if named.contains(':') { "" } else { "customer:" };
        let path = format!("/v1/audit?subject={kind}{named}&since_ms={}", 10 * HOUR_MS);
        let told: Vec<u64> = answered(&store, &path).await["lines"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["at_ms"].as_u64().unwrap().saturating_sub(NOW.0) / MINUTE_MS)
            .collect();
        assert_eq!(told, [1, 2, 3, 5], "{path}: an archived order is theirs, too");
    }
    let why = refused(&store, "/v1/customers/303").await;
    assert!(why.contains("there is no customer `303`: `nebulalinks get customers`"), "{why}");
}

#[tokio::test]
async fn a_server_of_the_files_is_told_before_it_was_ever_seen() {
    let store = Arc::new(MemoryStore::new());
    let servers = answered(&store, "/v1/servers").await;
    assert_eq!(
        (&servers[0]["server"], &servers[0]["lifecycle"]),
        (&"fra-1".into(), &"active".into())
    );
    let plans = answered(&store, "/v1/plans").await;
    assert_eq!(ids(&plans["plans"]), ["basic-30", "basic-60", "basic-vip"]);
    let plan = answered(&store, "/v1/plans/basic-30").await;
    assert_eq!((&plan["places"][0]["takes_new"], &plan["terms_sold"]), (&true.into(), &0.into()));
}

#[tokio::test]
async fn revenue_is_by_periods_of_the_shops_clocks_exact_and_refused_in_one_line() {
    let store = store().await;
    crate::controller::recount(&*store, &|n| crate::view::sample::audit_line(40_000 + n as u64))
        .await
        .unwrap();
    let year = answered(&store, "/v1/revenue?by=year").await;
    let [row] = &year["revenue"].as_array().unwrap()[..] else { panic!("{year}") };
    let said = |key: &str| row[key].to_string();
    assert_eq!(
        (said("orders"), said("net"), said("net_minor")),
        ("2".into(), "\"200.00\"".into(), "20000".into())
    );
    let days = answered(&store, "/v1/revenue?from=1999-01-01&to=1999-12-31").await;
    assert_eq!(days["revenue"], serde_json::json!([]));
    assert_eq!(days["by"], "day");
    assert!(refused(&store, "/v1/revenue?by=weak").await.contains("there is no period `weak`"));
    assert!(refused(&store, "/v1/revenue?from=soon").await.contains("`soon` is no day"));
    assert!(refused(&store, "/v1/revenue?from=2026-02-01&to=2026-01-01").await.contains("before"));
}

#[tokio::test]
async fn of_the_open_questions_who_waits_comes_first_and_each_page_goes_on_behind_the_last() {
    let store = store().await;
    for (n, since) in [(1, None), (2, Some(UnixMs(9))), (3, Some(UnixMs(7)))] {
        store.txn(put(Ticket { waits_since: since, ..ticket(n) })).await.unwrap();
    }
    for (words, expected) in [("", &[3, 2, 1][..]), ("&waiting=true", &[3, 2])] {
        let (mut seen, mut after) = (Vec::new(), Some(String::new()));
        while let Some(from) = after {
            let page = answered(&store, &format!("/v1/tickets?limit=1{words}{from}")).await;
            seen.extend(ids(&page["tickets"]));
            after = page["next"].as_str().map(|next| format!("&after={next}"));
        }
        assert!(expected.iter().map(|n| ticket_id(*n).to_string()).eq(seen), "{words}");
    }
}
