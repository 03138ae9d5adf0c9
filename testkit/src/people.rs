//! Who asks, and what they draw.

use super::shop::ADMIN_ROLE;
use nebulalinks::intent::{
    Adopt, Forgive, FreshIds, Grant, Intent, LeapOf, NewCredentials, OfAccount, Person, Placement,
    Proof, Redemption, Staff, TrialRequest,
};
use nebulalinks::model::{
    Account, AccountId, Bytes, Cap, Customer, CustomerId, CustomerIdentity, CustomerRef, DAY_MS,
    DurationMs, Edits, End, EvidenceKind, Front, Identity, ObservedClient, OrderId, Quota,
    RequestKey, ServerId, Snapshot, Target, UnixMs,
};
use std::collections::BTreeSet;
use ulid::Ulid;

/// What customers read.
const LANGUAGES: [Option<&str>; 4] = [None, Some("en-US"), Some("ar"), Some("ru")];

/// The number of the first customer.
const FIRST: u64 = 1_000;

/// Where the n-th customer is known.
pub fn there(n: u64) -> Identity {
    Identity::Discord(FIRST + n)
}

/// The n-th customer.
pub fn customer(n: u64) -> Person {
    Person { identity: there(n), name: format!("customer-{n}"), roles: BTreeSet::new() }
}

/// Who the n-th is in these records; nobody before the first order.
pub fn customer_in(snapshot: &Snapshot, n: u64) -> Option<CustomerId> {
    snapshot.customer_of(there(n))
}

/// What the n-th has.
pub fn accounts_of(snapshot: &Snapshot, n: u64) -> impl Iterator<Item = &Account> {
    customer_in(snapshot, n).into_iter().flat_map(|customer| snapshot.accounts_of(customer))
}

/// The how many-th a customer of these records is.
pub fn number(snapshot: &Snapshot, customer: CustomerId) -> u64 {
    match snapshot.reached_at(customer) {
        Some(Identity::Discord(id)) => id - FIRST,
        None => panic!("no customer {customer}"),
    }
}

/// The id of somebody whom a test makes a customer by hand.
pub fn customer_id(identity: Identity) -> CustomerId {
    let Identity::Discord(id) = identity;
    CustomerId::new(Ulid((1 << 100) + u128::from(id)))
}

/// Somebody becomes a customer by hand.
pub fn put_customer(edits: &mut Edits, identity: Identity, name: &str, at: UnixMs) -> CustomerId {
    let id = customer_id(identity);
    edits.put(CustomerIdentity { identity, customer: id });
    let (name, identities) = (name.into(), [identity].into());
    edits.put(Customer {
        id,
        identities,
        name,
        language: None,
        created_at: at,
        own: None,
        note: None,
    });
    id
}

/// What Discord calls the n-th thing that somebody did.
pub fn asked(n: u64) -> RequestKey {
    RequestKey::of(Front::Discord, n)
}

/// The n-th of those who may decide orders.
pub fn staff(n: u64) -> Staff {
    Staff::Member(Person {
        identity: Identity::Discord(10 + n),
        name: "staff".into(),
        roles: BTreeSet::from([ADMIN_ROLE]),
    })
}

/// Somebody who has a role, and not one that may decide.
pub fn outsider() -> Person {
    Person {
        identity: Identity::Discord(66),
        name: "outsider".into(),
        roles: BTreeSet::from([100_000_000_000_000_023]),
    }
}

/// The n-th picture: equal numbers are the same picture.
pub fn proof(n: u64) -> Proof {
    Proof {
        sha256: format!("{n:064x}"),
        size_bytes: 1_000,
        kind: EvidenceKind::Png,
        look: None,
        alike: Vec::new(),
        stated: None,
    }
}

/// The n-th customer orders, to be paid in cash.
pub fn place(n: u64, plan: &str, target: Target, interaction: u64) -> Intent {
    place_by(n, plan, target, interaction, "cash")
}

/// The n-th customer orders, to be paid by a method of the shop.
pub fn place_by(n: u64, plan: &str, target: Target, interaction: u64, method: &str) -> Intent {
    Intent::Place(Placement {
        customer: customer(n),
        // The same customer may come with another device, set to another language.
        language: LANGUAGES[usize::try_from(interaction % 4).unwrap()].and_then(|l| l.parse().ok()),
        target,
        plan: plan.parse().unwrap(),
        method: method.parse().unwrap(),
        interaction: asked(interaction),
    })
}

/// The n-th customer takes a trial with this plan.
pub fn try_out(n: u64, plan: &str, interaction: u64) -> Intent {
    Intent::Try(TrialRequest {
        customer: customer(n),
        language: None,
        plan: plan.parse().unwrap(),
        interaction: asked(interaction),
    })
}

/// The n-th customer enters a promo code for an order.
pub fn enter(n: u64, order: OrderId, code: &str) -> Intent {
    Intent::EnterCode { order, code: code.to_owned(), by: customer(n) }
}

/// The n-th customer enters a promo code that gives an account days.
pub fn redeem(n: u64, account: AccountId, code: &str, interaction: u64) -> Intent {
    let (code, interaction) = (code.to_owned(), asked(interaction));
    Intent::Redeem(Redemption { account, code, by: customer(n), interaction })
}

/// The n-th customer hands a picture in.
pub fn pay(n: u64, order: OrderId, proof_of: u64) -> Intent {
    Intent::AddProof { order: Some(order), by: customer(n), proof: proof(proof_of) }
}

/// The n-th customer hands a picture in, and types the payment's own number.
pub fn pay_with(n: u64, order: OrderId, proof_of: u64, number: &str) -> Intent {
    let proof = Proof { stated: Some(number.to_owned()), ..proof(proof_of) };
    Intent::AddProof { order: Some(order), by: customer(n), proof }
}

/// Staff approve without a payment's reference.
pub fn approve(order: OrderId) -> Intent {
    Intent::Approve { order, staff: staff(0), reference: None }
}

/// The n-th of the staff approves a payment of this reference.
pub fn approve_with(order: OrderId, by: u64, reference: &str) -> Intent {
    Intent::Approve { order, staff: staff(by), reference: Some(reference.to_owned()) }
}

/// Staff decline, as if nothing had been paid.
pub fn decline(order: OrderId) -> Intent {
    Intent::Decline { order, staff: staff(1), reason: "not paid".into() }
}

/// An operator reopens what was declined.
pub fn reopen(order: OrderId) -> Intent {
    Intent::Reopen { order, staff: operator(), reason: "paid after all".into() }
}

/// An operator reverses what was approved.
pub fn reverse(order: OrderId) -> Intent {
    Intent::Reverse { order, staff: operator(), reason: "charge back".into() }
}

/// The n-th grant.
pub fn grant(n: u64, account: AccountId, days: u64, traffic: Option<Quota>) -> Intent {
    let length = DurationMs(days * DAY_MS);
    let id = fresh_ids(5_000_000 + n).order;
    Intent::Grant(Grant { id, account, length, traffic, reason: "sorry".into(), staff: operator() })
}

/// The n-th time that an operator forgives what a counter leapt by.
pub fn forgive(n: u64, of: LeapOf, traffic: Option<Bytes>) -> Intent {
    let id = fresh_ids(6_000_000 + n).order;
    Intent::Forgive(Forgive { id, of, traffic, reason: "a leap".into(), staff: operator() })
}

/// An operator switches an account off.
pub fn suspend(account: AccountId) -> Intent {
    Intent::Suspend(OfAccount { account, reason: "abuse".into(), staff: operator() })
}

/// An operator switches it on again.
pub fn resume(account: AccountId) -> Intent {
    Intent::Resume(OfAccount { account, reason: "cleared".into(), staff: operator() })
}

/// An operator replaces credentials of a version.
pub fn rotate(account: AccountId, version: u32) -> Intent {
    let of = OfAccount { account, reason: "the link leaked".into(), staff: operator() };
    Intent::Rotate { of, version }
}

/// An operator gives an account another server.
pub fn move_to(account: AccountId, to: &str) -> Intent {
    let of = OfAccount { account, reason: "she asked".into(), staff: operator() };
    Intent::Move { of, to: to.parse().unwrap() }
}

/// An operator adopts a client as it is on its panel, for the n-th customer.
pub fn adopt(n: u64, server: &ServerId, client: &ObservedClient, plan: &str) -> Intent {
    let ends_at = match client.end {
        Some(End::At(at)) => UnixMs(at.get()),
        _ => UnixMs(0),
    };
    let granted = match client.cap {
        Cap::Bytes(cap) => Quota::Bytes(Bytes(cap.get())),
        Cap::Unlimited => Quota::Unlimited,
    };
    Intent::Adopt(Box::new(Adopt {
        server: server.clone(),
        client: client.clone(),
        customer: CustomerRef::Known(there(n)),
        plan: plan.parse().unwrap(),
        ends_at,
        granted,
        staff: operator(),
    }))
}

/// An operator gives an account's client back.
pub fn release(account: AccountId) -> Intent {
    Intent::Release(OfAccount { account, reason: "it was theirs".into(), staff: operator() })
}

/// An operator says that a server's panel is the right one.
pub fn accept_panel(server: &ServerId, panel: &str) -> Intent {
    let (server, panel) = (server.clone(), panel.to_owned());
    Intent::AcceptPanel { server, panel, reason: "it was set up anew".into(), staff: operator() }
}

/// Somebody at the command line.
pub fn operator() -> Staff {
    Staff::Operator("root".into())
}

/// The n-th customer cancels.
pub fn cancel(n: u64, order: OrderId) -> Intent {
    Intent::Cancel { order, by: customer(n).into() }
}

/// An operator cancels for a customer.
pub fn cancel_for(order: OrderId) -> Intent {
    Intent::Cancel { order, by: operator() }
}

/// The n-th fresh ids: they rise with n.
pub fn fresh_ids(n: u64) -> FreshIds {
    let base = u128::from(n) << 16;
    FreshIds {
        order: OrderId::new(Ulid(base + 1)),
        account: AccountId::new(Ulid(base + 2)),
        customer: CustomerId::new(Ulid(base + 4)),
        credentials: NewCredentials {
            uuid: uuid::Uuid::from_u128(0x4000_8000_0000_0000_0000 + base),
            sub_id: format!("{n:016}"),
            secret: format!("{n:043}"),
            subscription_token: format!("{:043}", n + 1),
        },
        audit: Ulid(base + 3).to_string().to_lowercase(),
    }
}
