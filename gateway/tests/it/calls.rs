//! What gateways may call at all: held against the journal of each test's panel when the test ends.
//! The contract's calls that are never made are not in it, and neither is anything else.

use std::collections::BTreeSet;

/// Below the base path; `*` stands for one segment.
const ALLOWED: &[&str] = &[
    "GET ",
    "GET csrf-token",
    "POST login",
    "POST server/status",
    "POST server/restartXrayService",
    "POST panel/api/server/restartXrayService",
    "POST panel/setting/all",
    "POST panel/api/setting/apiTokens/create",
    "GET panel/api/server/status",
    "GET panel/api/inbounds/list",
    "POST panel/api/inbounds/onlines",
    "POST panel/api/inbounds/clientIps/*",
    "POST panel/api/clients/ips/*",
    "POST panel/api/inbounds/addClient",
    "POST panel/api/inbounds/updateClient/*",
    "POST panel/api/inbounds/updateClientTraffic/*",
    "POST panel/api/inbounds/*/delClient/*",
    "POST panel/api/inbounds/*/delClientByEmail/*",
    "GET panel/api/clients/list/paged",
    "GET panel/api/clients/get/*",
    "GET panel/api/clients/traffic/*",
    "GET panel/api/inbounds/options",
    "POST panel/api/clients/onlines",
    "POST panel/api/clients/add",
    "POST panel/api/clients/update/*",
    "POST panel/api/clients/del/*",
    "POST panel/api/clients/*/attach",
    "POST panel/api/clients/*/detach",
    "POST panel/api/clients/bulkCreate",
    "POST panel/api/clients/bulkEnable",
    "POST panel/api/clients/bulkDisable",
    "POST panel/api/clients/bulkDel",
];

/// Those of the calls that no gateway may make; each as `METHOD /base/path`.
pub(crate) fn strange(ways: &BTreeSet<String>) -> Vec<&String> {
    ways.iter().filter(|way| !ALLOWED.iter().any(|allowed| is(way, allowed))).collect()
}

fn is(way: &str, allowed: &str) -> bool {
    let (Some((method, path)), Some((verb, below))) =
        (way.split_once(' '), allowed.split_once(' '))
    else {
        return false;
    };
    // The base path is one segment.
    let Some((_, path)) = path.trim_start_matches('/').split_once('/') else { return false };
    let (segments, patterns) = (path.split('/'), below.split('/'));
    method == verb
        && segments.clone().count() == patterns.clone().count()
        && segments.zip(patterns).all(|(s, p)| s == p || p == "*" && !s.is_empty())
}

#[test]
fn only_what_is_named_is_allowed() {
    let ways = |all: &[&str]| all.iter().map(|way| (*way).to_owned()).collect::<BTreeSet<_>>();
    let good = ways(&[
        "GET /t/",
        "POST /t/login",
        "POST /t/panel/api/inbounds/3/delClient/a%2Fb",
        "POST /t/panel/api/clients/del/nl-a",
    ]);
    assert_eq!(strange(&good), Vec::<&String>::new());
    let bad = ways(&[
        "GET /t/panel/api/clients/del/nl-a",
        "POST /t/panel/api/clients/delDepleted",
        "POST /t/panel/api/clients/del/",
        "POST /t/panel/api/clients/resetTraffic/nl-a",
        "POST /t/panel/api/inbounds/del/3",
        "POST /t/panel/api/inbounds/update/3",
        "POST /t/panel/api/server/stopXrayService",
        "POST /t/panel/api/inbounds/",
        "POST /login",
    ]);
    assert_eq!(strange(&bad).len(), bad.len());
}
