//! The gateway reports a panel's list whole or not at all, and as a plain reading of its JSON would.
//!
//! Input: the body of an answer to `inbounds/list`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nebulalinks_fuzz::panel::{Verdict, judge};
use nebulalinks_gateway::panel::read_list;
use serde::de::IgnoredAny;
use serde_json::Value;

const IDENTITY: &str = "guid-1";

fuzz_target!(|data: &[u8]| {
    for gen2 in [false, true] {
        hold(data, gen2);
    }
});

fn hold(data: &[u8], gen2: bool) {
    let read = tell(data, gen2);
    if read.is_some() {
        assert!(serde_json::from_slice::<IgnoredAny>(data).is_ok(), "half an answer was read");
    }
    match judge(data, IDENTITY, gen2) {
        Verdict::Unclear => {}
        Verdict::Refused => assert_eq!(read, None),
        Verdict::Told { plain, clients } => {
            // A name that stands twice in one object may be refused; nothing else may.
            if read.is_some() {
                assert_eq!(read.as_ref(), Some(&clients));
            }
            assert_eq!(tell(plain.to_string().as_bytes(), gen2), Some(clients));
        }
    }
}

/// The clients as they go over the wire.
fn tell(body: &[u8], gen2: bool) -> Option<Vec<Value>> {
    let clients = read_list(body, IDENTITY, gen2).ok()?.clients;
    Some(clients.iter().map(|c| serde_json::to_value(c).expect("a client is JSON")).collect())
}
