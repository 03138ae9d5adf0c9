//! What is read of a body that a controller sends, or a gateway answers, is what stands in it; and a
//! request says nothing that is not read.
//!
//! Input: which body in the first byte, then the body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nebulalinks_fuzz::wire::difference;
use nebulalinks_protocol::{
    BatchAnswer, BatchRequest, ClaimRequest, ClaimResponse, ClientAnswer, ClientList,
    DeleteRequest, Health, Problem, PutRequest, WriteAnswer,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Debug;

fuzz_target!(|data: &[u8]| {
    let Some((which, body)) = data.split_first() else { return };
    match which % 11 {
        0 => hold::<ClaimRequest>(body, true),
        1 => hold::<PutRequest>(body, true),
        2 => hold::<DeleteRequest>(body, true),
        3 => hold::<BatchRequest>(body, true),
        4 => hold::<ClaimResponse>(body, false),
        5 => hold::<ClientList>(body, false),
        6 => hold::<ClientAnswer>(body, false),
        7 => hold::<WriteAnswer>(body, false),
        8 => hold::<BatchAnswer>(body, false),
        9 => hold::<Problem>(body, false),
        _ => hold::<Health>(body, false),
    }
});

fn hold<T: Serialize + DeserializeOwned + PartialEq + Debug>(body: &[u8], strict: bool) {
    let Ok(read) = serde_json::from_slice::<T>(body) else { return };
    let said = serde_json::to_value(&read).expect("what was read is JSON");
    assert_eq!(serde_json::from_value::<T>(said.clone()).ok().as_ref(), Some(&read));
    let sent = serde_json::to_vec(&read).expect("what was read is JSON");
    assert_eq!(serde_json::from_slice::<T>(&sent).ok().as_ref(), Some(&read));
    // A plain reading stumbles over numbers and surrogates that nobody looks at.
    if let Ok(written) = serde_json::from_slice::<Value>(body) {
        assert_eq!(difference(&written, &said, strict), None);
    }
}
