//! Of every kind a record, filled in as far as it goes.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test's furniture: the names say it")]

use super::{NOW, account, account_id, evidence, order, order_id, served_account};
use crate::model::*;
use serde_json::json;
use std::num::NonZeroU64;
use std::sync::Arc;

/// Of each resident kind at least one record, with whatever it may have filled in. They do not fit together.
pub fn every_resident_kind() -> Edits {
    let mut edits = served_account(1, true);
    let (id, fra) = (account_id(1), "fra-1".parse::<ServerId>().unwrap());
    let (other, at) = (account_id(2), NOW);
    let point = HistoryPoint { revision: 9, lineage: Some(Lineage([7; Lineage::BYTES])) };
    edits.put(StoreIdentity { store_id: "01jd0000000000000000000000".into(), created_at: at });
    edits.put(Reservations { taken: 3 });
    edits.put(Amnesia {
        ours: 1,
        seen: 2,
        server: Some(fra.clone()),
        since: at,
        lacking: vec![Lacking { server: fra.clone(), point, given_up: true }],
        resolved_at: Some(at),
    });
    edits.put(ClockSeen { at });
    let lost = Lost {
        what: "some".into(),
        first: Some(1),
        last: None,
        kinds: vec!["order".into()],
        passing: true,
    };
    let kept = vec!["damaged".into()];
    edits.put(Damage { since: at, lost: vec![lost], kept, resolved_at: Some(at) });
    orders(&mut edits);
    edits.put(Account {
        custody: Some(Box::new(Custody {
            adopted: Some(Adopted {
                server: fra.clone(),
                email: "a phone".into(),
                comment: "by hand".into(),
                at,
                source: TermSource::of_client(uuid::Uuid::from_u128(7)),
            }),
            released: Some(Released { server: fra.clone(), at, reason: "why".into() }),
            tried: "try-3".parse().ok(),
        })),
        suspension: Some(Box::new(Suspension { reason: "why".into(), since: at })),
        ..account(2)
    });
    let labels = [("zone".to_owned(), "eu".to_owned())].into();
    for (seq, selector) in [(0, Selector::Labels(labels)), (1, Selector::Ids([fra.clone()].into()))]
    {
        let source =
            TermSource::Compensation(Box::new(MadeGood { account: other, run: 0, n: seq }));
        edits.put(Term {
            account: other,
            seq,
            run: 0,
            source,
            length: DurationMs(5),
            quota: Quota::Unlimited,
            devices: 0,
            selector: Arc::new(selector),
            price: None,
            revision: "r".into(),
            at,
        });
    }
    let given = PromoTerm {
        promo: "sorry".parse().unwrap(),
        customer: super::ALICE,
        asked: RequestKey::of(Front::Discord, 7),
    };
    for (seq, source) in
        [(2, TermSource::Promo(Box::new(given))), (3, TermSource::Referral(order_id(1_001)))]
    {
        edits.put(Term {
            account: other,
            seq,
            run: 0,
            source,
            length: DurationMs(5),
            quota: Quota::Unlimited,
            devices: 0,
            selector: Arc::new(Selector::Any),
            price: None,
            revision: "r".into(),
            at,
        });
    }
    edits.put(Reversal { account: other, term: 0, at, reason: "wrong".into() });
    edits.put(Overrun { account: other, run: 0, over: Bytes(u64::MAX) });
    let by = Bytes(1);
    let own = order_id(77);
    edits.put(Forgiveness { account: other, id: own, run: 0, by, leap: Some(at), at });
    edits.put(Binding {
        account: other,
        server: "ams-1".parse().unwrap(),
        disposition: Disposition::Tombstoned { since: at },
        bound_at: at,
    });
    let cap = Cap::Bytes(NonZeroU64::new(u64::MAX).unwrap());
    edits.put(BindingStatus {
        implausible: Some(Bytes(4)),
        missing_since: Some(at),
        unseen_since: Some(at),
        problem: Some("none".into()),
        leapt: Some(Box::new(Leapt { run: 0, by, at })),
        opening: Some(Box::new(Opening { granted: Quota::Unlimited, over: by, cap })),
        sending: Some(Box::new(Sending { intent: "i".into(), verb: "enable".into() })),
        still_connected: Some(Box::new(StillConnected { since: at, last: at, by })),
        incarnation: Some(Incarnation { panel: "p:1".into(), row: -1, created_at: -5 }),
        ..BindingStatus::new(other, "ams-1".parse().unwrap())
    });
    let condition = |kind| Condition { kind, reason: "r".into(), since: at };
    let conditions = ConditionKind::ALL.map(condition).to_vec();
    edits.put(AccountStatus { account: id, conditions: conditions.clone() });
    servers(&mut edits, conditions, &fra);
    for (account, state) in
        [(id, DeliveryState::Delivered), (other, DeliveryState::Undelivered("dm".into()))]
    {
        edits.put(Delivery::after(None, account, "f".into(), state, at));
    }
    for (kind, state) in [
        (NoticeKind::Expired, NoticeState::Sending),
        (NoticeKind::Depleted, NoticeState::Sent),
        (NoticeKind::Renewed, NoticeState::Undelivered("dm".into())),
        (NoticeKind::Rewarded, NoticeState::Sent),
        (NoticeKind::Reminder(86_400), NoticeState::Sent),
        (NoticeKind::Traffic(80), NoticeState::Sending),
    ] {
        edits.put(Notice { account: id, run: 0, kind, state, at });
    }
    let closed = Some(Box::new(TicketClosing { by: Actor::Cli("op".into()), at }));
    edits.put(Ticket { closed, ..super::ticket(1) });
    edits.put(Ticket { waits_since: Some(at), ..super::ticket(2) });
    for key in SurfaceKey::of_ticket(super::ticket_id(2)) {
        edits.put(Surface { channel: Some(7), message: Some(8), ..Surface::new(key) });
    }
    let turn = BroadcastTurn { customer: CustomerId::MAX, since: at, claimed_at: Some(at) };
    let progress = Progress {
        after: Some(CustomerId::MAX),
        turn: Some(turn),
        last_at: Some(at),
        sent: 3,
        closed: 2,
        unknown: 1,
        muted: 4,
    };
    for (n, to, state) in [
        (1, "all", BroadcastState::Draft),
        (2, "plan:a,b", BroadcastState::Sending(at)),
        (3, "ended:30", BroadcastState::Sent(at)),
        (4, "language:ar", BroadcastState::Stopped { by: Actor::Cli("op".into()), at }),
    ] {
        let to = to.parse().unwrap();
        edits.put(Broadcast { to, state, progress, told: n == 3, ..super::broadcast(n) });
    }
    edits.put(UnpaidOrder { customer: CustomerId::MAX, order: own });
    edits.puts.extend(super::alice().puts);
    let identity = Identity::Discord(u64::MAX);
    edits.put(CustomerIdentity { identity, customer: CustomerId::MAX });
    edits.put(Customer {
        id: CustomerId::MAX,
        identities: [identity, Identity::Discord(7)].into(),
        name: "\u{645} \"x\"".into(),
        language: "pt-BR".parse().ok(),
        created_at: at,
        own: Some(Box::new(OwnSettings { opened_tickets: vec![at], ..OwnSettings::default() })),
        note: None,
    });
    edits
}

fn orders(edits: &mut Edits) {
    let at = NOW;
    let (by, reason) = (Actor::Cli("op".into()), String::from("why"));
    let grey: Vec<u8> =
        (0..251).chain(0..251).cycle().step_by(7).take(LOOK_SIDE * LOOK_SIDE).collect();
    let look = PictureLook::of(&grey, &grey).map(Box::new);
    let resembles = Some(order_id(1));
    let stated =
        Some(Box::new(StatedReference { typed: "TX 77".into(), own: None, seen: resembles }));
    let evidence = vec![Evidence {
        undated: true,
        look,
        resembles,
        stated,
        deleted_at: Some(at),
        ..evidence(3)
    }];
    let renews = Target::Renew(account_id(9));
    let verdict = Verdict::Declined { reason: reason.clone() };
    let open = order(1, renews, "bank");
    edits.put(Order {
        evidence: evidence.clone(),
        decision: Some(Decision { by: by.clone(), at, verdict }),
        cancelled: Some(Cancellation { by: Actor::Controller, at }),
        reopened: Some(Reopened { by: by.clone(), at, reason: reason.clone() }),
        reversed: Some(Reversed { by, at, reason }),
        place_until: Some(at),
        deleting: Some(Box::new(Deleting { intent: "i".into() })),
        ..order(2, Target::New, "bank")
    });
    let archived = |n| Order { archived: true, ..order(n, Target::New, "bank") };
    edits.put(Order { evidence: vec![super::evidence(4)], ..archived(3) });
    let mut other = archived(4);
    // Its code counts as used for good.
    let verdict = Verdict::Approved { reference: None, account: account_id(2) };
    other.decision = Some(Decision { by: Actor::Controller, at, verdict });
    let promo = || "ramadan".parse().unwrap();
    let full = super::egp(20_000);
    other.promo = Some(Box::new(OrderPromo { promo: promo(), full: full.clone() }));
    other.plan = Arc::new(OrderPlan { revision: "later".into(), ..(*other.plan).clone() });
    edits.put(other);
    edits.put(UndatedProof { order: open.id });
    let seen = |key| Surface {
        channel: Some(u64::MAX),
        message: Some(1),
        shown: Some("hash".into()),
        ..Surface::new(key)
    };
    edits.put(seen(SurfaceKey::StorePanel));
    let new = [("LinksUndelivered".to_owned(), 2)].into();
    let telling = Some(Telling { at: NOW, new, over: ["CatalogInvalid".to_owned()].into() });
    let names = [("CatalogInvalid".to_owned(), 0)].into();
    let alerts = Some(Box::new(ToldAlerts { at: NOW, names, telling }));
    edits.put(Surface { alerts, ..seen(SurfaceKey::Alerts) });
    edits.put(seen(SurfaceKey::Stats));
    edits.put(Surface { own_channel: true, ..seen(SurfaceKey::OrderThread(open.id)) });
    let thread = seen(SurfaceKey::OrderThread(order_id(3)));
    edits.put(Surface { put_away: true, own_channel: true, ..thread });
    let refused = Some(Refused { code: "gone".into(), content: "c".into() });
    edits.put(Surface { refused, ..seen(SurfaceKey::ReviewCard(open.id)) });
    edits.put(Order { evidence, ..open });
}

fn servers(edits: &mut Edits, conditions: Vec<Condition>, fra: &ServerId) {
    let at = NOW;
    let items = vec![HeldItem { account: account_id(1), verb: "delete".into() }];
    let held = HeldChanges { fingerprint: "f".into(), items, since: at, confirmed_at: None };
    edits.put(ServerStatus {
        panel: Some(PanelInfo {
            identity: "p".into(),
            version: "3".into(),
            one_inbound: true,
            xray: XrayState::Unknown,
        }),
        conditions,
        failure: Some("no".into()),
        outage: Some(Outage::InboundMissing),
        unexplained: vec![UnexplainedChange { at, count: 1 }],
        held: Some(held.clone()),
        confirmed: Some(held),
        leap: Some(Box::new(Leap { at, clients: 1, by: Bytes(1) })),
        sessions_cut: Some(Box::new(SessionsCut { at, clients: 1, intent: Some("i".into()) })),
        foreign: 3,
        orphans: vec![account_id(5)],
        ..ServerStatus::new(fra.clone())
    });
    edits.put(LastList { server: fra.clone(), at });
    edits.put(ServerHome { server: fra.clone(), panel: "p".into(), since: at });
    edits.put(Retained {
        kind: RetainedKind::Plan,
        id: "basic-60".into(),
        definition: json!({"a": [1, -2, 1.5, null, true, {"b": u64::MAX}]}),
        since: at,
    });
}

/// Of each kind at least one record. They do not fit together.
pub fn every_kind() -> Edits {
    let mut edits = every_resident_kind();
    let (id, order) = (account_id(1), order_id(1_001));
    edits.put(InteractionOrder { interaction: RequestKey::of(Front::Discord, u64::MAX), order });
    edits.put(OrderByReference { reference: order.reference(), order });
    edits.put(SourceTerm { source: TermSource::Order(order), account: id, term: 0, asked: None });
    edits.put(SourceTerm {
        source: TermSource::Trial(super::ALICE),
        account: id,
        term: 1,
        asked: Some(RequestKey::of(Front::Discord, u64::MAX)),
    });
    edits.put(PaymentReference {
        method: "vodafone-cash".parse().unwrap(),
        reference: "ref \"7\" \u{645}".into(),
        order,
    });
    edits.put(ProofOrder { sha256: evidence(1).sha256, order });
    let sums = Sums { approved: 2, taken: u128::MAX, reversed: 1, returned: 7 };
    let currency = Currency { code: "USDT".into(), decimals: 6 };
    let quarters = [(0, sums), (95, Sums::default())].into();
    edits.put(Takings { day: 20_787, currency, quarters });
    edits.put(Audit {
        id: "01jd0000000000000000000001".into(),
        actor: Actor::Person(super::OMAR_THERE),
        verb: "approve".into(),
        subject: format!("order:{order}"),
        outcome: Outcome::Done,
        of: Some("01jd0000000000000000000000".into()),
        reason: Some("why".into()),
        catalog: "abc123".into(),
        commit: Some("4be1f0a2c7".into()),
        at: NOW,
    });
    edits
}
