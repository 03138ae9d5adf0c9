//! From where a client was connected, as panels keep it to count devices.
//!
//! v2.6.5 gives the text of a JSON list as it stands in its database, v2.9.4 a list of texts with the panel's local
//! time behind each address, generation 3 a list of objects, and both of generation 2 words where there is none
//! (`web/controller/inbound.go`, `internal/web/service/inbound_node_ips.go`). The time has no zone, so it is left out.

use std::net::IpAddr;

use nebulalinks_protocol::ErrorCode;
use serde_json::Value;

use crate::failure::Failure;

/// So many are told at most.
const MOST: usize = 100;
/// What generation 2 says where there is no list.
const NONE: &str = "No IP Record";

/// The addresses in what a panel tells of a client. What is no address is left out: nobody's text goes on.
pub(in crate::panel) fn addresses(told: &Value) -> Result<Vec<IpAddr>, Failure> {
    match told {
        Value::Null => Ok(Vec::new()),
        Value::String(words) if words == NONE => Ok(Vec::new()),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(Value::Array(listed)) => Ok(of(&listed)),
            _ => Err(strange()),
        },
        Value::Array(listed) => Ok(of(listed)),
        _ => Err(strange()),
    }
}

fn of(listed: &[Value]) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for item in listed {
        let text = item.as_str().or_else(|| item.get("ip").and_then(Value::as_str));
        let first = text.and_then(|text| text.split_whitespace().next());
        let address = first.and_then(|text| text.trim_matches(['[', ']']).parse().ok());
        found.extend(address.filter(|address| !found.contains(address)));
        if found.len() == MOST {
            break;
        }
    }
    found
}

fn strange() -> Failure {
    let detail = "the panel tells a client's addresses in a form that is not known";
    Failure::new(ErrorCode::PanelProtocol, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn addresses_are_read_however_a_panel_tells_them_and_nothing_else_is() {
        let both: Vec<IpAddr> = ["192.0.2.7", "2001:db8::1"].map(|a| a.parse().unwrap()).to_vec();
        for told in [
            json!("[\"192.0.2.7\",\"2001:db8::1\"]"),
            json!(["192.0.2.7 (2026-01-02 03:04:05)", "2001:db8::1"]),
            json!([{"ip": "192.0.2.7", "time": "2026-01-02 03:04:05", "node": ""}, {"ip": "[2001:db8::1]"}]),
            json!(["192.0.2.7", "192.0.2.7", "@everyone", "**2001**", 7, null, "2001:db8::1"]),
        ] {
            assert_eq!(addresses(&told).unwrap(), both, "{told}");
        }
        for none in [json!("No IP Record"), json!([]), Value::Null, json!("[]")] {
            assert_eq!(addresses(&none).unwrap(), [] as [IpAddr; 0], "{none}");
        }
        for strange in [json!("nonsense"), json!(7), json!({"ip": "192.0.2.7"}), json!("{}")] {
            assert_eq!(
                addresses(&strange).unwrap_err().code,
                ErrorCode::PanelProtocol,
                "{strange}"
            );
        }
        let many: Vec<String> = (0..250).map(|n| format!("192.0.2.{n}")).collect();
        assert_eq!(addresses(&json!(many)).unwrap().len(), MOST);
    }
}
