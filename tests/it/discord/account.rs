//! An account that is served, as the loop would have left it.

use super::shop::{WallClock, account_id, order_id};
use nebulalinks::model::*;
use nebulalinks::ports::Clock;
use nebulalinks::store::MemoryStore;
use nebulalinks_testkit::store::commit_now;
use std::num::NonZeroU64;

/// Gives a customer an account with one term, on `fra-1`, read back.
pub(crate) fn serve(records: &MemoryStore, customer: CustomerId) {
    let (account, now) = (account_id(), WallClock.now());
    let fra: ServerId = "fra-1".parse().unwrap();
    let quota = Quota::Bytes(Bytes(50 << 30));
    let length = DurationMs(30 * DAY_MS);
    let mut edits = Edits::new();
    edits.put(Account {
        id: account,
        customer,
        customer_name: "alice".into(),
        family: "basic".parse().unwrap(),
        suspension: None,
        credentials: Credentials {
            uuid: uuid::Uuid::from_u128(7),
            sub_id: "sub0000000000001".into(),
            secret: "secret".into(),
            version: 1,
        },
        subscription_token: "token".into(),
        created_at: now,
        terms: 1,
        runs: 1,
    });
    edits.put(Run { account, seq: 0, start: now, kind: RunKind::Capped, used_before: Bytes(0) });
    edits.put(Term {
        account,
        seq: 0,
        run: 0,
        source: TermSource::Grant(order_id()),
        length,
        quota,
        devices: 2,
        selector: Selector::Any,
        price: None,
        revision: "abc".into(),
        at: now,
    });
    edits.put(Served { account, run: 0, at: now });
    let disposition = Disposition::Serving;
    edits.put(Binding { account, server: fra.clone(), disposition, bound_at: now });
    edits.put(BindingStatus {
        applied: Some(LastApplied {
            enable: true,
            end: End::at(now + length),
            cap: Cap::Bytes(NonZeroU64::MIN),
            granted: quota,
            ip_limit: 2,
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
