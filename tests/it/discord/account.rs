//! An account that is served, as the loop would have left it.

use super::shop::{WallClock, account_id};
use nebulalinks::intent::FreshIds;
use nebulalinks::model::*;
use nebulalinks::ports::Clock;
use nebulalinks::store::MemoryStore;
use nebulalinks_testkit::people;
use nebulalinks_testkit::sold::{DEVICES, LENGTH, QUOTA, Sale};
use nebulalinks_testkit::store::commit_now;
use std::num::NonZeroU64;

/// Gives a customer an account with one term, on `fra-1`, read back.
pub(crate) fn serve(records: &MemoryStore, customer: Identity) {
    let now = WallClock.now();
    let fra: ServerId = "fra-1".parse().unwrap();
    let mut edits = Edits::new();
    let sale = Sale {
        customer,
        customer_name: "alice".into(),
        family: "basic".parse().unwrap(),
        server: fra.clone(),
        at: now,
    };
    let account = account_id();
    sale.put_into(&mut edits, FreshIds { account, ..people::fresh_ids(7) });
    edits.put(Served { account, run: 0, at: now });
    edits.put(BindingStatus {
        applied: Some(LastApplied {
            enable: true,
            end: End::at(now + LENGTH),
            cap: Cap::Bytes(NonZeroU64::MIN),
            granted: Quota::Bytes(QUOTA),
            ip_limit: DEVICES,
            credentials: 1,
            run: 0,
            revision: 1,
            suspended_since: None,
            at: now,
        }),
        incarnation: None,
        ..BindingStatus::new(account, fra.clone())
    });
    edits.put(ServerFacts {
        server: fra,
        inbounds: vec![InboundFacts {
            id: 1,
            remark: "vless-reality".into(),
            protocol: "vless".into(),
            port: 443,
            enable: true,
            settings: serde_json::json!({"encryption": "none"}),
            stream: serde_json::json!({"network": "tcp", "security": "reality",
                "realitySettings": {"serverNames": ["www.example.com"], "shortIds": ["ab12"],
                "settings": {"publicKey": "PBK", "fingerprint": "chrome"}}}),
            ..InboundFacts::default()
        }],
    });
    commit_now(records, edits);
}
