//! Inbounds that nobody reaches from outside, because they listen on a socket or on loopback only,
//! and that another inbound hands connections on to (its fallbacks). Their links name the one in
//! front: its address, its port and its security; the transport stays their own.

use nebulalinks_protocol::Inbound;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};

use super::inbound::InboundState;
use super::json::field;

/// The inbound in front, if this one needs one and has one.
pub(super) fn front_of<'a>(
    inbound: &InboundState,
    all: &'a [InboundState],
) -> Option<&'a InboundState> {
    let proxies = field(&inbound.stream, "externalProxy").as_array();
    if !is_inner(&inbound.listen) || proxies.is_some_and(|all| !all.is_empty()) {
        return None;
    }
    let mut others = all.iter().filter(|other| other.id != inbound.id && other.enable);
    match inbound.fallback_of {
        Some(id) => others.find(|other| other.id == id),
        None => others.find(|other| hands_on(other, inbound)),
    }
}

/// The inbound as it is seen from outside through the one in front.
pub(super) fn seen_through(own: Inbound, state: &InboundState, front: &Inbound) -> Inbound {
    let mut seen = Inbound {
        port: front.port,
        listen: front.listen.clone(),
        share_strategy: front.share_strategy.clone(),
        share_address: front.share_address.clone(),
        ..own
    };
    if let Value::Object(stream) = &mut seen.stream {
        for name in ["security", "tlsSettings", "realitySettings", "externalProxy"] {
            stream.remove(name);
            if let Some(value) = front.stream.get(name) {
                stream.insert(name.to_owned(), value.clone());
            }
        }
    }
    // Whether its clients have a flow follows from its own security, which shows no more.
    if let Value::Object(settings) = &mut seen.settings
        && !state.takes_flow()
    {
        settings.insert("disableFlow".to_owned(), Value::Bool(true));
    }
    seen
}

/// On a socket, or on loopback: whoever is not on the host does not reach it.
fn is_inner(listen: &str) -> bool {
    is_socket(listen)
        || listen == "localhost"
        || listen.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn is_socket(listen: &str) -> bool {
    listen.starts_with(['@', '/'])
}

/// Whether one of the fallbacks of `front` leads to where `inbound` listens.
fn hands_on(front: &InboundState, inbound: &InboundState) -> bool {
    let fallbacks = field(&front.settings, "fallbacks").as_array();
    fallbacks.into_iter().flatten().any(|fallback| leads_to(field(fallback, "dest"), inbound))
}

/// A `dest` is a socket, a port of this host, or an address of it and a port.
fn leads_to(dest: &Value, inbound: &InboundState) -> bool {
    let dest = match dest {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(port) => port.to_string(),
        _ => return false,
    };
    if is_socket(&inbound.listen) {
        // What follows a comma are the socket's permissions.
        return Some(dest.as_str()) == inbound.listen.split(',').next();
    }
    let (host, port) = dest.rsplit_once(':').unwrap_or(("", &dest));
    let host = host.trim_matches(['[', ']']);
    let here = host.is_empty()
        || host == "localhost"
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip == Ipv4Addr::UNSPECIFIED);
    here && inbound.port != 0 && port.parse() == Ok(inbound.port)
}

#[cfg(test)]
mod tests {
    use super::super::public_inbound;
    use super::super::state::PanelState;
    use super::*;
    use serde_json::json;

    fn front(dest: &Value) -> Value {
        json!({"id": 1, "remark": "front", "protocol": "vless", "port": 443, "enable": true,
            "listen": "", "shareAddrStrategy": "custom", "shareAddr": "share.example.org",
            "settings": {"fallbacks": [{"path": "/other", "dest": 8001}, {"dest": dest}]},
            "streamSettings": {"network": "tcp", "security": "tls",
                "tlsSettings": {"serverName": "front.example.org", "certificates": ["KEY"]}}})
    }

    fn behind(listen: &str, port: u16) -> Value {
        json!({"id": 2, "remark": "behind", "protocol": "vless", "port": port, "enable": true,
            "listen": listen, "settings": {},
            "streamSettings": {"network": "ws", "security": "none", "wsSettings": {"path": "/ws"}}})
    }

    fn told(list: Vec<Value>) -> Inbound {
        let state = PanelState::parse(Value::Array(list)).unwrap();
        public_inbound::all(&state.inbounds).remove(1)
    }

    #[test]
    fn an_inbound_behind_another_is_told_as_it_is_reached() {
        for (dest, listen, port) in [
            (json!("@ws"), "@ws", 0),
            (json!("/dev/shm/ws.sock"), "/dev/shm/ws.sock,0666", 0),
            (json!(8080), "127.0.0.1", 8080),
            (json!("8080"), "localhost", 8080),
            (json!("127.0.0.1:8080"), "127.0.0.1", 8080),
            (json!("[::1]:8080"), "::1", 8080),
        ] {
            let seen = told(vec![front(&dest), behind(listen, port)]);
            assert_eq!((seen.id, seen.port, seen.listen.as_str()), (2, 443, ""), "{dest}");
            assert_eq!(seen.share_address, "share.example.org");
            assert_eq!(seen.stream["security"], "tls");
            assert_eq!(seen.stream["tlsSettings"]["serverName"], "front.example.org");
            assert_eq!(seen.stream["wsSettings"]["path"], "/ws", "its transport is its own");
            assert!(!seen.stream.to_string().contains("KEY"));
            assert_eq!(seen.settings["disableFlow"], true, "its clients have none");
        }
        let mut named = behind("127.0.0.1", 9);
        named["fallbackParent"] = json!({"masterId": 1, "path": "/ws"});
        assert_eq!(told(vec![front(&json!("@else")), named]).port, 443, "the panel says so");
    }

    #[test]
    fn what_is_reached_by_itself_or_by_nobody_is_told_as_it_is() {
        let mut off = front(&json!("@ws"));
        off["enable"] = json!(false);
        let mut proxied = behind("@ws", 0);
        proxied["streamSettings"]["externalProxy"] = json!([{"dest": "a", "port": 1}]);
        for (front, inbound) in [
            (front(&json!("@other")), behind("@ws", 0)),
            (front(&json!("8081")), behind("127.0.0.1", 8080)),
            (front(&json!("198.51.100.1:8080")), behind("127.0.0.1", 8080)),
            (front(&json!("8080")), behind("", 8080)),
            (front(&json!("8080")), behind("203.0.113.7", 8080)),
            (off, behind("@ws", 0)),
            (front(&json!("@ws")), proxied),
        ] {
            let own = inbound.clone();
            let seen = told(vec![front, inbound]);
            assert_eq!(
                (json!(seen.port), json!(seen.listen)),
                (own["port"].clone(), own["listen"].clone())
            );
            assert_eq!(seen.stream["security"], "none", "{own}");
        }
    }
}
