//! What hands do to a live panel, and that it is mended.

use super::*;

#[tokio::test]
#[ignore = "needs a live panel"]
async fn whatever_a_hand_does_shows_and_is_mended() {
    holds(async |live| {
        let sets = live.sets(&[Kind::Ws, Kind::Reality]);
        let mut request = live.wish("edited", sets.last().unwrap());
        let email = request.client.email.clone();
        live.apply(&request).await;
        request.expect = Expect::Uuid(request.client.uuid);
        let ids = json!({"inboundIds": [live.on(Kind::Ws).id]});
        for hand in 0..if live.panel.gen3 { 9 } else { 7 } {
            let edit = async |edit: fn(&mut Value)| live.edit(&email, edit).await;
            match hand {
                0 => live.switch(&email, false).await,
                1 => edit(|c| c["totalGB"] = json!(5)).await,
                2 => edit(|c| c["expiryTime"] = json!(0)).await,
                3 => edit(|c| c["reset"] = json!(30)).await,
                4 => edit(|c| c["comment"] = json!("hello")).await,
                5 => edit(|c| c["flow"] = json!("")).await,
                6 => edit(|c| (c["enable"], c["expiryTime"]) = (json!(false), json!(-1000))).await,
                7 => live.by_hand(&format!("clients/{email}/detach"), ids.clone()).await,
                _ => {
                    let adjust = json!({"emails": [email], "addDays": 3, "addBytes": 1});
                    live.by_hand("clients/bulkAdjust", adjust).await;
                }
            }
            assert_eq!(live.put(&request).await.unwrap().outcome, WriteOutcome::Applied, "{hand}");
            live.settled(&request).await;
        }
        request.client.enable = false;
        live.apply(&request).await;
        live.switch(&email, true).await;
        assert!(live.get(&email).await.unwrap().enable);
        live.apply(&request).await;

        live.foreign(&format!("{}stays", live.run), Kind::Reality).await;
        live.remove(&email).await;
        assert_eq!(live.get(&email).await, None);
        assert_eq!(live.put(&request).await.unwrap_err().code, ErrorCode::Conflict);
        request.expect = Expect::Absent;
        request.client.enable = true;
        live.apply(&request).await;

        // Renamed: the old name is absent, and the new one is seen.
        let renamed = live.email("renamed");
        live.edit(&email, |c| c["email"] = json!(renamed)).await;
        assert_eq!(live.get(&email).await, None);
        assert!(live.get(&renamed).await.is_some());
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a live panel"]
async fn a_client_that_lost_its_inbound_comes_back() {
    holds(async |live| {
        if !live.panel.gen3 {
            return;
        }
        for (way, rotate) in [(0, false), (0, true), (1, false), (1, true)] {
            let mut request = live.wish(&format!("lost{way}{rotate}"), &[Kind::Trojan]);
            let email = request.client.email.clone();
            let lone = live.panel.add_inbound(Kind::Reality, &format!("{email}-lone")).await;
            request.inbounds = vec![lone.remark.clone()];
            let before = live.apply(&request).await;
            live.count(&email, 3, 4).await;
            if way == 0 {
                live.panel.remove_inbound(&lone).await;
            } else {
                let ids = json!({"inboundIds": [lone.id]});
                live.by_hand(&format!("clients/{email}/detach"), ids).await;
                live.panel.remove_inbound(&lone).await;
            }
            assert_eq!(live.get(&email).await, None);
            if rotate {
                request.client.uuid = uuid::Uuid::from_u128(request.client.uuid.as_u128() ^ 2);
                request.client.sub_id = request.client.sub_id.chars().rev().collect();
            }
            request.client.end = live.days(3);
            request.client.cap = Cap::Bytes(GB.try_into().unwrap());
            request.inbounds = vec![live.on(Kind::Ws).remark.clone()];
            let after = live.apply(&request).await;
            // The panel kept the counter, so it must be told as the same one.
            assert_eq!((after.used_bytes, after.incarnation), (7, before.incarnation));
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a live panel"]
async fn a_name_in_other_case_is_another_client_or_none() {
    holds(async |live| {
        let request = live.wish("case", &[Kind::Ws]);
        let shouted = request.client.email.to_uppercase();
        live.foreign(&shouted, Kind::Ws).await;
        let before = live.raw(&shouted).await;
        let refused = live.put(&request).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::PanelRefused, "{}", refused.detail);
        assert_eq!(live.raw(&shouted).await, before);
        assert_eq!(live.get(&request.client.email).await, None);
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a live panel"]
async fn a_flow_can_be_forbidden_where_the_panel_has_a_switch_for_it() {
    holds(async |live| {
        let reality = live.on(Kind::Reality);
        let mut inbound = live.panel.inbound(reality.id).await;
        if inbound.get("disableFlow").is_none() {
            return;
        }
        let mut request = live.wish("flow", &[Kind::Reality]);
        live.apply(&request).await;
        for forbidden in [true, false] {
            inbound = live.panel.inbound(reality.id).await;
            inbound["disableFlow"] = json!(forbidden);
            live.panel.save_inbound(inbound).await;
            let facts = live.list().await.inbounds;
            let facts = facts.iter().find(|i| i.id == reality.id).unwrap();
            assert_eq!(facts.settings["disableFlow"], forbidden);
            request.expect = Expect::Uuid(request.client.uuid);
            live.put(&request).await.unwrap();
            live.settled(&request).await;
            let other = live.wish(&format!("flow{forbidden}"), &[Kind::Reality]);
            live.apply(&other).await;
            let object = &live.raw(&other.client.email).await["objects"][0];
            assert_eq!(object["flow"] == "xtls-rprx-vision", !forbidden, "{object}");
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a live panel"]
async fn counters_that_a_hand_moves_are_told_and_lose_nothing() {
    holds(async |live| {
        for (n, kinds) in live.sets(&[Kind::Reality, Kind::Ws]).iter().enumerate() {
            let mut request = live.wish(&format!("used{n}"), kinds);
            let email = request.client.email.clone();
            request.client.cap = Cap::Bytes((10 * GB).try_into().unwrap());
            live.apply(&request).await;
            request.expect = Expect::Uuid(request.client.uuid);
            live.count(&email, 3 * GB, 4 * GB).await;
            assert_eq!(live.settled(&request).await.used_bytes, 7 * GB);
            // Switched off by the panel and on again with more: the counter stays.
            live.switch(&email, false).await;
            request.client.cap = Cap::Bytes((7 * GB).try_into().unwrap());
            let spent = live.put(&request).await.unwrap_err();
            assert_eq!(spent.code, ErrorCode::Conflict, "{}", spent.detail);
            request.client.cap = Cap::Bytes((9 * GB).try_into().unwrap());
            assert_eq!(live.apply(&request).await.used_bytes, 7 * GB);
            let row = live.get(&email).await.unwrap().incarnation;
            for (reset, body) in live.resets(&email).await {
                live.by_hand(&reset, body).await;
                let seen = live.get(&email).await.unwrap();
                assert_eq!((seen.used_bytes, &seen.incarnation), (0, &row), "{reset}");
                // What a reset took, such as the flow of a client on two inbounds, comes back.
                live.put(&request).await.unwrap();
                live.settled(&request).await;
            }
        }
    })
    .await;
}
