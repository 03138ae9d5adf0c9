//! Each panel: its clients, its inbounds, and what ails it.

use super::super::person::Person;
use super::super::world::World;
use crate::system::Server;
use nebulalinks::model::Mark;
use nebulalinks_model_panel::{ClientSnapshot, Fault, InboundView, PanelVersion, XrayState};
use nebulalinks_protocol::CLIENT_MARK;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Who had traffic within this time is online, ms: a panel counts every few seconds.
const ONLINE_MS: i64 = 20_000;

/// All panels, by server.
pub(super) async fn state(world: &World, _: Person) -> Value {
    let servers = world.system().servers.iter();
    Value::Array(servers.map(|(id, server)| panel(id, server)).collect())
}

fn panel(id: &str, server: &Server) -> Value {
    let panel = &server.panel;
    let (inbounds, now) = (panel.inbounds(), panel.now_ms());
    let version = panel.version();
    let same = |other: &PanelVersion| other.generation() == version.generation();
    let versions: Vec<&str> =
        PanelVersion::SUPPORTED.iter().filter(|v| same(v)).map(|v| v.label()).collect();
    let xray = match panel.xray() {
        XrayState::Running => "running",
        XrayState::Stopped => "stopped",
        XrayState::Failed => "failed",
    };
    let clients = panel.clients();
    json!({
        "id": id,
        "address": server.panel_at.to_string(),
        "version": version.label(),
        "versions": versions,
        "down": panel.faults().is_down(),
        "faults": panel.faults().standing().iter().map(fault).collect::<Vec<_>>(),
        "xray": xray,
        "backed_up_ms": server.backed_up_at(),
        "inbounds": inbounds.iter().map(|inbound| json!({
            "remark": inbound.remark, "protocol": inbound.protocol, "port": inbound.port,
            "on": inbound.enable, "broken": inbound.broken,
        })).collect::<Vec<_>>(),
        "clients": rows(&clients, &inbounds, &panel.last_online(), now),
    })
}

/// What ails a panel, in a word or two.
fn fault(fault: &Fault) -> String {
    match fault {
        Fault::SlowAfterCommit(by) => format!("answers {} s late", by.as_secs()),
        Fault::DatabaseLocked => "database locked".to_owned(),
        Fault::Unauthorized => "refuses the gateway".to_owned(),
        other => format!("{other:?}"),
    }
}

/// A row for each client: ours first, both by name.
fn rows(
    clients: &[ClientSnapshot],
    inbounds: &[InboundView],
    online: &BTreeMap<String, i64>,
    now: i64,
) -> Vec<Value> {
    let remarks: BTreeMap<i64, &str> =
        inbounds.iter().map(|inbound| (inbound.id, inbound.remark.as_str())).collect();
    let row = |client: &ClientSnapshot| {
        let at: Vec<&str> =
            client.inbounds.iter().filter_map(|id| remarks.get(id)).copied().collect();
        let seen = online.get(&client.email);
        json!({
            "email": client.email,
            "account": Mark::parse(&client.email).map(|mark| mark.account.to_string()),
            "inbounds": at,
            "on": client.is_on(),
            "used": client.up.saturating_add(client.down),
            "cap": client.total,
            "ends_ms": client.expiry_ms,
            "devices": client.limit_ip,
            "online": seen.is_some_and(|at| (now - at).abs() <= ONLINE_MS),
            "comment": client.comment,
        })
    };
    let (ours, others): (Vec<_>, Vec<_>) =
        clients.iter().partition(|client| client.email.starts_with(CLIENT_MARK));
    ours.into_iter().chain(others).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(email: &str) -> ClientSnapshot {
        ClientSnapshot {
            email: email.to_owned(),
            uuid: "2f1c7a04-0d0c-4b7e-9a5e-0d9f3a0c1b2d".to_owned(),
            sub_id: "secret".to_owned(),
            flow: String::new(),
            entries: 1,
            enabled_in_settings: true,
            enabled_in_record: true,
            enabled_in_stats: Some(true),
            total: 100,
            expiry_ms: 9_000,
            limit_ip: 2,
            inbounds: vec![1, 7],
            up: 3,
            down: 4,
            comment: "a friend".to_owned(),
            created_at: 0,
            row_id: Some(1),
        }
    }

    #[test]
    fn a_row_has_what_people_look_for_and_no_secret() {
        let inbound = InboundView {
            id: 1,
            remark: "vless-reality".to_owned(),
            protocol: "vless".to_owned(),
            port: 443,
            enable: true,
            broken: false,
        };
        let clients = [client("bobs-phone"), client("nl-main-01jd7k9xq2v5w8y3z4a6b7c8d9")];
        let online = BTreeMap::from([("bobs-phone".to_owned(), 1_000)]);
        let rows = rows(&clients, &[inbound], &online, 21_000);
        assert_eq!(rows[0]["account"], "01jd7k9xq2v5w8y3z4a6b7c8d9");
        assert_eq!((&rows[0]["online"], &rows[1]["online"]), (&json!(false), &json!(true)));
        assert_eq!((&rows[1]["account"], &rows[1]["used"]), (&Value::Null, &json!(7)));
        assert_eq!(rows[1]["inbounds"], json!(["vless-reality"]));
        let text = serde_json::to_string(&rows).unwrap();
        assert!(!text.contains("secret") && !text.contains("2f1c7a04"), "{text}");
    }
}
