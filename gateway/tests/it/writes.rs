//! What a write leaves on a panel, of both ends of both generations.

use nebulalinks_model_panel::PanelVersion;
use nebulalinks_protocol::{Cap, End, ErrorCode, Expect, PutRequest, WriteOutcome};
use serde_json::{Map, Value, json};

use crate::support::{DAY_MS, EMAIL, START_MS, World, uuid};

hold_for_all! {
    a_create_is_whole_and_a_second_one_conflicts
    a_client_created_off_is_off
    an_update_changes_ours_and_keeps_what_is_not_ours
    switching_off_and_on_and_never_ending_all_hold
    inbounds_follow_exactly
    every_drift_between_settings_and_counters_is_mended
    a_depleted_client_comes_back_with_more_and_not_without
    a_delete_expects_its_uuid_and_is_done_once
    what_could_hurt_the_panel_is_not_sent
    a_secret_takes_the_form_its_cipher_needs
}

impl World {
    /// A call of a person with the panel's token.
    pub(crate) async fn by_hand(&self, method: &str, way: &str, body: &Value) -> Value {
        let url = self.target().url.join(way).unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let call = client.request(method.parse().unwrap(), url).bearer_auth("panel-token");
        let answer: Value = call.json(body).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["success"], true, "{answer}");
        answer["obj"].clone()
    }

    /// The client's object as a panel of generation 2 keeps it.
    pub(crate) fn object(&self) -> Map<String, Value> {
        let seen = std::cell::RefCell::new(Map::new());
        self.panel.corrupt_client(EMAIL, |object| seen.borrow_mut().clone_from(object));
        seen.into_inner()
    }
}

fn again(world: &World, fence: u64) -> PutRequest {
    world.wish(fence, Expect::Uuid(uuid()))
}

/// After a write everything is as wanted, and writing it again calls nothing.
pub(crate) async fn settled(world: &World, request: &PutRequest) {
    let writes = world.panel.api_writes();
    let request = PutRequest { expect: Expect::Uuid(request.client.uuid), ..request.clone() };
    let answer = world.put(&request).await.unwrap();
    assert_eq!(answer.outcome, WriteOutcome::Unchanged);
    assert_eq!(world.panel.api_writes(), writes);
    let seen = world.panel.client(EMAIL).unwrap();
    assert_eq!(seen.is_on(), request.client.enable);
    assert_eq!(seen.uuid, request.client.uuid.to_string());
    assert_eq!(seen.entries, seen.inbounds.len());
    let client = answer.client.unwrap();
    assert!(client.consistent, "{client:?}");
    assert_eq!(client.enable, request.client.enable);
    assert_eq!((client.end, client.cap), (Some(request.client.end), request.client.cap));
}

async fn a_create_is_whole_and_a_second_one_conflicts(version: PanelVersion) {
    let world = World::of(version).await;
    let request = world.wish(world.claim().await, Expect::Absent);
    let answer = world.put(&request).await.unwrap();
    assert_eq!(answer.outcome, WriteOutcome::Applied);
    let seen = world.panel.client(EMAIL).unwrap();
    assert_eq!(seen.inbounds, if world.is_gen2() { vec![1] } else { vec![1, 2] });
    assert_eq!(seen.flow, "xtls-rprx-vision");
    assert_eq!(world.put(&request).await.unwrap_err().code, ErrorCode::Conflict);
    settled(&world, &request).await;
    assert_eq!(world.panel.times_created(EMAIL), 1);
}

async fn a_client_created_off_is_off(version: PanelVersion) {
    let world = World::of(version).await;
    let mut request = world.wish(world.claim().await, Expect::Absent);
    request.client.enable = false;
    world.put(&request).await.unwrap();
    settled(&world, &request).await;
}

async fn an_update_changes_ours_and_keeps_what_is_not_ours(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
    world.panel.edit_by_hand(EMAIL, |c| c.tg_id = 77).unwrap();
    if world.is_gen2() {
        world.panel.corrupt_client(EMAIL, |object| {
            object.insert("security".into(), "auto".into());
            object.insert("ofALaterVersion".into(), json!({"n": [1.5, "x"]}));
        });
    } else {
        world.panel.edit_by_hand(EMAIL, |c| c.group = "friends".into()).unwrap();
        let way = format!("panel/api/clients/get/{EMAIL}");
        let mut record = world.by_hand("GET", &way, &Value::Null).await["client"].clone();
        for (name, value) in [("limitHwid", json!(4)), ("security", json!("auto"))] {
            record[name] = value;
        }
        record["id"] = record["uuid"].clone();
        record["allowedIPs"] = json!([]);
        world.by_hand("POST", &format!("panel/api/clients/update/{EMAIL}"), &record).await;
    }
    let mut request = again(&world, fence);
    request.client.end = End::AtMs((START_MS + 60 * DAY_MS).try_into().unwrap());
    request.client.cap = Cap::Unlimited;
    request.client.uuid = uuid::Uuid::from_u128(5);
    request.client.sub_id = "rotated000000000".into();
    request.client.comment = "nl: another".into();
    assert_eq!(world.put(&request).await.unwrap().outcome, WriteOutcome::Applied);
    settled(&world, &request).await;
    let mut kept = 0;
    world.panel.edit_by_hand(EMAIL, |c| kept = c.tg_id).unwrap();
    assert_eq!(kept, 77);
    if world.is_gen2() {
        let seen = world.object();
        assert_eq!(seen["security"], "auto");
        assert_eq!(seen["ofALaterVersion"], json!({"n": [1.5, "x"]}));
    } else {
        let way = format!("panel/api/clients/get/{EMAIL}");
        let record = world.by_hand("GET", &way, &Value::Null).await["client"].clone();
        assert_eq!((&record["group"], &record["security"]), (&json!("friends"), &json!("auto")));
        if version == PanelVersion::Head {
            assert_eq!(record["limitHwid"], 4);
        }
    }
}

async fn switching_off_and_on_and_never_ending_all_hold(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
    let mut request = again(&world, fence);
    for (enable, end) in [(false, End::Never), (true, End::Never), (false, End::Never)] {
        (request.client.enable, request.client.end) = (enable, end);
        assert_eq!(world.put(&request).await.unwrap().outcome, WriteOutcome::Applied);
        settled(&world, &request).await;
    }
}

async fn inbounds_follow_exactly(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
    let second = if world.is_gen2() {
        (vec!["3", "trojan"], vec![3])
    } else {
        (vec!["1", "trojan"], vec![1, 3])
    };
    for (names, ids) in [(vec!["ws"], vec![2]), second] {
        let mut request = again(&world, fence);
        request.inbounds = names.into_iter().map(str::to_owned).collect();
        world.put(&request).await.unwrap();
        assert_eq!(world.panel.client(EMAIL).unwrap().inbounds, ids);
        settled(&world, &request).await;
    }
}

async fn every_drift_between_settings_and_counters_is_mended(version: PanelVersion) {
    for drift in 0..5 {
        let world = World::of(version).await;
        let fence = world.claim().await;
        world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
        match drift {
            0 => world.panel.drift_stats(EMAIL, |row| row.enable = false),
            1 => world.panel.drift_stats(EMAIL, |row| (row.total, row.expiry_time) = (5, 6)),
            2 => world.panel.drop_stats_row(EMAIL),
            3 => assert!(world.panel.disable_by_hand(EMAIL)),
            _ => world.panel.edit_by_hand(EMAIL, |c| c.reset = 30).unwrap(),
        }
        let list = world.list().await.unwrap();
        let seen = list.clients.first().unwrap();
        assert!(!seen.consistent || !seen.enable, "{version:?} drift {drift} shows");
        let request = again(&world, fence);
        assert_eq!(world.put(&request).await.unwrap().outcome, WriteOutcome::Applied);
        settled(&world, &request).await;
    }
}

async fn a_depleted_client_comes_back_with_more_and_not_without(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    let mut request = world.wish(fence, Expect::Absent);
    request.client.cap = Cap::Bytes(1_000.try_into().unwrap());
    world.put(&request).await.unwrap();
    world.panel.add_traffic(EMAIL, 600, 600);
    world.panel.poll(i64::try_from(world.now()).unwrap());
    assert!(!world.panel.client(EMAIL).unwrap().is_on());
    request.expect = Expect::Uuid(uuid());
    assert_eq!(world.put(&request).await.unwrap_err().code, ErrorCode::Conflict);
    request.client.cap = Cap::Bytes(5_000.try_into().unwrap());
    world.put(&request).await.unwrap();
    settled(&world, &request).await;
    assert_eq!(world.panel.client(EMAIL).unwrap().up, 600, "nobody resets a counter");
}

async fn a_delete_expects_its_uuid_and_is_done_once(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
    let other = world.delete(fence, uuid::Uuid::from_u128(9)).await.unwrap_err();
    assert_eq!(other.code, ErrorCode::Conflict);
    let answer = world.delete(fence, uuid()).await.unwrap();
    assert_eq!((answer.outcome, answer.client), (WriteOutcome::Applied, None));
    assert_eq!(world.panel.client(EMAIL), None);
    let answer = world.delete(fence, uuid()).await.unwrap();
    assert_eq!(answer.outcome, WriteOutcome::Unchanged);
}

async fn what_could_hurt_the_panel_is_not_sent(version: PanelVersion) {
    type Spoil = fn(&mut PutRequest);
    let spoilt: [(ErrorCode, Spoil); 10] = [
        (ErrorCode::Invalid, |r| r.client.uuid = uuid::Uuid::nil()),
        (ErrorCode::Invalid, |r| r.client.sub_id = "a b/c\u{e9}xxxxxx".into()),
        (ErrorCode::Invalid, |r| r.client.secret = "short".into()),
        (ErrorCode::Invalid, |r| r.client.comment = "a\nb".into()),
        (ErrorCode::Invalid, |r| r.client.cap = Cap::Bytes(u64::MAX.try_into().unwrap())),
        (ErrorCode::Invalid, |r| r.client.end = End::AtMs(u64::MAX.try_into().unwrap())),
        (ErrorCode::Invalid, |r| r.inbounds.clear()),
        (ErrorCode::Invalid, |r| r.inbounds = vec!["x".repeat(257)]),
        (ErrorCode::NoInbound, |r| r.inbounds = vec!["nowhere".into()]),
        (ErrorCode::NoInbound, |r| r.inbounds = vec!["trojan".into(), "ss".into()]),
    ];
    let world = World::of(version).await;
    let fence = world.claim().await;
    for (index, (code, spoil)) in spoilt.into_iter().enumerate() {
        let mut request = world.wish(fence, Expect::Absent);
        spoil(&mut request);
        assert_eq!(world.put(&request).await.unwrap_err().code, code, "{index}");
    }
    world.panel.set_inbound_enable(2, false);
    let mut request = world.wish(fence, Expect::Absent);
    request.inbounds = vec!["2".into()];
    assert_eq!(world.put(&request).await.unwrap_err().code, ErrorCode::NoInbound);
    request = world.wish(fence, Expect::Absent);
    request.client.email = "bob".into();
    assert_eq!(world.put(&request).await.unwrap_err().code, ErrorCode::Invalid);
    request = world.wish(fence, Expect::Absent);
    request.client.end = End::AtMs((START_MS - 1).try_into().unwrap());
    request.inbounds = vec!["1".into()];
    assert_eq!(world.put(&request).await.unwrap_err().code, ErrorCode::Conflict);
    assert_eq!(world.panel.api_writes(), 0);
}

async fn a_secret_takes_the_form_its_cipher_needs(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    for (name, expect) in [("ss", Expect::Absent), ("trojan", Expect::Uuid(uuid()))] {
        let mut request = world.wish(fence, expect);
        request.inbounds = vec![name.into()];
        world.put(&request).await.unwrap();
        settled(&world, &request).await;
    }
}
