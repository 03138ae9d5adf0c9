//! Each kind of inbound that recordings of real panels have, on the model of its version: a client
//! is made there, changed, and removed, and nothing that Xray would not start with is left.

use nebulalinks_model_panel::{InboundSeed, PanelVersion, XrayState};
use nebulalinks_protocol::{End, Expect, WriteOutcome};
use serde_json::Value;

use crate::support::{DAY_MS, EMAIL, START_MS, World, uuid};
use crate::writes::settled;

hold_for_all! {
    a_client_lives_its_life_on_each_recorded_kind_of_inbound
}

fn recording(version: PanelVersion) -> Value {
    let text = match version {
        PanelVersion::V2_6_5 => {
            include_str!("../../../tests/fixtures/3x-ui/gen2-v2.6.5/inbounds.json")
        }
        PanelVersion::V2_9_4 => {
            include_str!("../../../tests/fixtures/3x-ui/gen2-v2.9.4/inbounds.json")
        }
        PanelVersion::V3_4_2 => {
            include_str!("../../../tests/fixtures/3x-ui/gen3-v3.4.2/inbounds.json")
        }
        PanelVersion::Head => {
            include_str!("../../../tests/fixtures/3x-ui/gen3-head/inbounds.json")
        }
        other => panic!("{other:?} is not recorded"),
    };
    serde_json::from_str(text).unwrap()
}

/// The inbounds that the recorded panel made, as they were asked for.
fn kinds(version: PanelVersion) -> Vec<InboundSeed> {
    let object = |part: &Value| match part {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        part => part.clone(),
    };
    let text = |part: &Value| part.as_str().unwrap().to_owned();
    let recording = recording(version);
    let made = recording["exchanges"].as_array().unwrap().iter().filter(|exchange| {
        exchange["name"].as_str().unwrap().starts_with("add inbound ")
            && exchange["response"]["json"]["success"] == true
    });
    let seed = |exchange: &Value| {
        let asked = &exchange["request"]["json"];
        InboundSeed {
            remark: text(&asked["remark"]),
            port: u16::try_from(asked["port"].as_u64().unwrap()).unwrap(),
            protocol: text(&asked["protocol"]),
            settings: object(&asked["settings"]),
            stream: object(&asked["streamSettings"]),
            node_id: None,
        }
    };
    made.map(seed).collect()
}

async fn a_client_lives_its_life_on_each_recorded_kind_of_inbound(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    let kinds = kinds(version);
    assert_eq!(kinds.len(), 22);
    for kind in kinds {
        let name = &kind.remark;
        if version == PanelVersion::V2_6_5 && kind.protocol == "hysteria" {
            // It takes the inbound, and its Xray does not know the protocol.
            continue;
        }
        let id = world.panel.add_inbound(&kind);
        let restarts = world.panel.xray_restarts();
        let mut request = world.wish(fence, Expect::Absent);
        request.inbounds = vec![name.clone()];
        let made = world.put(&request).await.unwrap();
        assert_eq!(made.outcome, WriteOutcome::Applied, "{name}");
        let seen = world.panel.client(EMAIL).unwrap();
        assert_eq!(seen.inbounds, [id], "{name}");
        let secured = ["tls", "reality"].map(Value::from).contains(&kind.stream["security"]);
        let flows = kind.protocol == "vless" && kind.stream["network"] == "tcp" && secured;
        assert_eq!(seen.flow == "xtls-rprx-vision", flows, "{name}");
        settled(&world, &request).await;
        request.expect = Expect::Uuid(uuid());
        for enable in [false, true] {
            request.client.enable = enable;
            world.put(&request).await.unwrap();
            settled(&world, &request).await;
        }
        request.client.end = End::AtMs((START_MS + 90 * DAY_MS).try_into().unwrap());
        world.put(&request).await.unwrap();
        settled(&world, &request).await;
        world.advance(60_000);
        world.panel.poll_if_due();
        // A panel of generation 2 cannot tell a running Xray of most Shadowsocks clients.
        if !(world.is_gen2() && kind.protocol == "shadowsocks") {
            assert_eq!(world.panel.xray_restarts(), restarts, "{name}");
        }
        world.panel.restart_xray();
        assert_eq!(world.panel.xray(), XrayState::Running, "{name}");
        world.delete(fence, uuid()).await.unwrap();
        assert_eq!(world.panel.client(EMAIL), None, "{name}");
        world.panel.restart_xray();
        assert_eq!(world.panel.xray(), XrayState::Running, "{name}");
    }
}
