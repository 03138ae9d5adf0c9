//! Indexes and counters: whatever is committed they equal a rebuild and a walk, and what people
//! and passes ask reads no more records in a larger shop.

use crate::random::cases;
use nebulalinks::discord::PROFILE;
use nebulalinks::intent::Intent;
use nebulalinks::model::*;
use nebulalinks::planner::{Scheduled, schedule};
use nebulalinks::view::Pages;
use nebulalinks_testkit::people;
use nebulalinks_testkit::shop::{catalog_with_room, server};
use nebulalinks_testkit::world::{NOON, World};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

#[derive(Debug, Clone)]
enum Edit {
    Order { n: u64, step: u8, at: u64, archived: bool },
    Account { n: u64, customer: u64, held: bool },
    Term { n: u64, seq: u32, late: bool },
    Run { n: u64, served: bool },
    Bind { n: u64, fra: bool, kind: u8 },
    Unbind { n: u64, fra: bool },
    Conditions { n: u64, kinds: BTreeSet<usize> },
    Deliver { n: u64, state: u8 },
    Surface { n: u64, card: bool, channel: u64, message: Option<u64>, state: u8 },
}

fn edits() -> impl Strategy<Value = Vec<Vec<Edit>>> {
    let n = 0..6_u64;
    let one = prop_oneof![
        4 => (n.clone(), 0..8_u8, 0..5 * DAY_MS, any::<bool>())
            .prop_map(|(n, step, at, archived)| Edit::Order { n, step, at, archived }),
        2 => (n.clone(), 0..3_u64, any::<bool>())
            .prop_map(|(n, customer, held)| Edit::Account { n, customer, held }),
        2 => (n.clone(), 0..3_u32, any::<bool>())
            .prop_map(|(n, seq, late)| Edit::Term { n, seq, late }),
        2 => (n.clone(), any::<bool>()).prop_map(|(n, served)| Edit::Run { n, served }),
        2 => (n.clone(), any::<bool>(), 0..3_u8).prop_map(|(n, fra, kind)| Edit::Bind { n, fra, kind }),
        1 => (n.clone(), any::<bool>()).prop_map(|(n, fra)| Edit::Unbind { n, fra }),
        1 => (n.clone(), prop::collection::btree_set(0..13_usize, 0..4))
            .prop_map(|(n, kinds)| Edit::Conditions { n, kinds }),
        1 => (n.clone(), 0..3_u8).prop_map(|(n, state)| Edit::Deliver { n, state }),
        3 => (n, any::<bool>(), 0..3_u64, prop::option::of(0..8_u64), 0..3_u8).prop_map(
            |(n, card, channel, message, state)| Edit::Surface { n, card, channel, message, state }),
    ];
    prop::collection::vec(prop::collection::vec(one, 1..5), 1..30)
}

/// Records of a real sale, to be written over and over under other ids.
struct Sale {
    order: Order,
    account: Account,
    run: Run,
    term: Term,
    binding: Binding,
}

impl Sale {
    fn made() -> (World, Self) {
        let mut world = World::settled(catalog_with_room(u32::MAX, u32::MAX), 1, "basic-30");
        world.now = NOON;
        let id = world.account(0);
        let sale = Self {
            order: world.snapshot.orders().next().unwrap().clone(),
            account: world.snapshot.account(id).unwrap().clone(),
            run: world.snapshot.runs(id).next().unwrap().clone(),
            term: world.snapshot.terms(id).next().unwrap().clone(),
            binding: world.snapshot.bindings(id).next().unwrap().clone(),
        };
        (world, sale)
    }

    /// An order with these facts: unpaid, with a proof, approved, declined, cancelled before or
    /// after its proof, reversed, or a renewal that is not decided.
    fn order(&self, n: u64, step: u8, at: u64) -> Order {
        let at = NOON + DurationMs(at);
        let (actor, reason) = (Actor::Cli("op".into()), String::from("why"));
        let bare = Order {
            id: people::fresh_ids(2_000_000 + n).order,
            customer: customer(n % 3),
            placed_at: at,
            pay_by: at + DurationMs(DAY_MS),
            place_until: Some(at + DurationMs(DAY_MS)),
            evidence: Vec::new(),
            decision: None,
            target: Target::New,
            ..self.order.clone()
        };
        let proof = Evidence { at, ..self.order.evidence[0].clone() };
        let paid = Order { evidence: vec![proof], ..bare.clone() };
        let decided = |verdict| Order {
            decision: Some(Decision { by: actor.clone(), at, verdict }),
            ..paid.clone()
        };
        let account = account_id(n);
        let approved = decided(Verdict::Approved { reference: None, account });
        let cancelled = |at| Some(Cancellation { by: actor.clone(), at });
        match step {
            0 => bare,
            1 => paid,
            2 => approved,
            3 => decided(Verdict::Declined { reason }),
            4 => Order { cancelled: cancelled(at), ..bare },
            5 => Order { cancelled: cancelled(at + DurationMs(1)), ..paid },
            6 => Order { reversed: Some(Reversed { by: actor, at, reason }), ..approved },
            _ => Order { target: Target::Renew(account), ..paid },
        }
    }
}

fn customer(n: u64) -> CustomerId {
    people::customer_id(Identity::Discord(n))
}

fn account_id(n: u64) -> AccountId {
    people::fresh_ids(2_000_000 + n).account
}

fn carry_out(edit: &Edit, sale: &Sale, edits: &mut Edits) {
    let to = |fra| server(if fra { "fra-1" } else { "ams-1" });
    match edit.clone() {
        Edit::Order { n, step, at, archived } => {
            let order = sale.order(n, step, at);
            // An unpaid one once it has expired.
            let settled = !matches!(step, 1 | 5 | 7);
            let archived = archived && settled;
            let mut order = Order {
                archived,
                deleting: (at % 5 == 0 && settled)
                    .then(|| Box::new(Deleting { intent: "x".into() })),
                ..order
            };
            for proof in order.evidence.iter_mut().filter(|_| at % 2 == 0) {
                proof.deleted_at = Some(NOON);
            }
            edits.put(order);
        }
        Edit::Account { n, customer, held } => edits.put(Account {
            id: account_id(n),
            customer: self::customer(customer),
            subscription_token: format!("token-{customer}"),
            custody: None,
            suspension: held.then(|| Box::new(Suspension { reason: "why".into(), since: NOON })),
            ..sale.account.clone()
        }),
        Edit::Term { n, seq, late } => {
            // No term without an approved order: approved in time, or when its place was given up.
            let order = sale.order(n, 2, 0);
            let id = people::fresh_ids(3_000_000 + n).order;
            let place_until = order.place_until.map(|until| if late { NOON } else { until });
            edits.put(Order { id, place_until, ..order });
            let (account, source) = (account_id(n), TermSource::Order(id));
            edits.put(Term { account, seq, source, ..sale.term.clone() });
        }
        Edit::Run { n, served } => {
            edits.put(Run { account: account_id(n), ..sale.run.clone() });
            if served {
                edits.put(Served { account: account_id(n), run: 0, at: NOON });
            }
        }
        Edit::Bind { n, fra, kind } => edits.put(Binding {
            account: account_id(n),
            server: to(fra),
            disposition: match kind {
                0 => Disposition::Serving,
                1 => Disposition::Leaving,
                _ => Disposition::Tombstoned { since: NOON },
            },
            ..sale.binding.clone()
        }),
        Edit::Unbind { n, fra } => {
            let key = Key::Binding(account_id(n), to(fra));
            if !edits.puts.contains_key(&key) {
                edits.delete(key);
            }
        }
        Edit::Conditions { n, kinds } => {
            let condition = |kind: usize| Condition {
                kind: ConditionKind::ALL[kind],
                reason: "why".into(),
                since: NOON,
            };
            let conditions = kinds.into_iter().map(condition).collect();
            edits.put(AccountStatus { account: account_id(n), conditions });
        }
        Edit::Deliver { n, state } => edits.put(Delivery {
            account: account_id(n),
            fingerprint: "f".into(),
            state: match state {
                0 => DeliveryState::Delivered,
                1 => DeliveryState::Shown,
                _ => DeliveryState::Undelivered("dm_closed".into()),
            },
            at: NOON,
            earlier: false,
            to_old: false,
        }),
        Edit::Surface { n, card, channel, message, state } => {
            let order = people::fresh_ids(2_000_000 + n).order;
            let key =
                if card { SurfaceKey::ReviewCard(order) } else { SurfaceKey::OrderThread(order) };
            edits.put(Surface {
                channel: Some(channel),
                message,
                shown: (state > 0).then(|| "hash".into()),
                refused: (state > 1)
                    .then(|| Refused { code: "forbidden".into(), content: "f".into() }),
                ..Surface::new(key)
            });
        }
    }
}

#[test]
fn who_ends_within_three_days_was_served_and_has_what_was_not_taken_back() {
    use nebulalinks::view::sample::{account_id, served_account};
    let id = account_id(1);
    let served = Snapshot::default().after(&served_account(1, true), 1);
    let ends = Entitlement::of(&served, id).unwrap().ends_at;
    let counted = |snapshot: &Snapshot, hours: u64| {
        snapshot.accounts_ending(UnixMs(ends.0 - hours * HOUR_MS), 72)
    };
    assert_eq!([71, 73, 0].map(|hours| counted(&served, hours)), [1, 0, 1]);
    let mut never = Edits::new();
    never.delete(Key::Served(id, 0));
    assert_eq!(counted(&served.after(&never, 2), 71), 0, "it does not end");
    let term = served.terms(id).next().unwrap();
    let mut back = Edits::new();
    back.put(Reversal { account: id, term: term.seq, reason: "charge back".into(), at: NOON });
    let back = served.after(&back, 2);
    let end = Entitlement::of(&back, id).unwrap().ends_at;
    assert_eq!(back.accounts_ending(UnixMs(end.0 - HOUR_MS), 72), 0, "it has nothing");
}

/// What the indexes answer, asked of every record instead.
fn check_by_walking(snapshot: &Snapshot, now: UnixMs) -> Result<(), TestCaseError> {
    for state in OrderState::ALL {
        let walk = snapshot.orders().filter(|o| o.state(now) == state).count();
        let ids = (0..6).map(|n| people::fresh_ids(2_000_000 + n).order);
        let archived = ids.filter_map(|id| snapshot.archived_order(id));
        let archived = archived.filter(|order| order.state == state).count();
        prop_assert_eq!(snapshot.orders_in(state, now), walk + archived, "{:?}", state);
    }
    let reviewed = |o: &&Order| o.state(now) == OrderState::AwaitingReview;
    let waits: BTreeSet<(UnixMs, OrderId)> = snapshot
        .orders()
        .filter(reviewed)
        .map(|o| (o.first_proof().unwrap_or(o.placed_at), o.id))
        .collect();
    prop_assert!(snapshot.reviews_waiting().eq(waits.iter().copied()));
    let kept: BTreeSet<(UnixMs, OrderId, usize)> = snapshot
        .orders()
        .filter_map(|o| Some((o.pictures_since()?.0.div_ceil(SECOND_MS), o)))
        .map(|(since_s, o)| (UnixMs(since_s * SECOND_MS), o.id, o.kept_proofs().count().max(1)))
        .collect();
    let resident = |(.., id, _): &(UnixMs, OrderId, usize)| snapshot.order(*id).is_some();
    prop_assert!(snapshot.pictures_kept().filter(resident).eq(kept));
    let state_of = |key| snapshot.surface(key).map_or(SurfaceState::Pending, Surface::state);
    let unseen = waits
        .iter()
        .filter(|(_, id)| state_of(SurfaceKey::ReviewCard(*id)) != SurfaceState::Shown)
        .map(|(since, _)| *since);
    prop_assert_eq!(snapshot.unseen_proof_since(), unseen.min());
    for state in SurfaceState::ALL {
        let threads = snapshot.orders().map(|o| SurfaceKey::OrderThread(o.id));
        let walk = threads.filter(|key| state_of(*key) == state).count();
        prop_assert_eq!(snapshot.order_surfaces("order-thread", state), walk);
        let wants = |o: &&Order| {
            !o.evidence.is_empty() || snapshot.surface(SurfaceKey::ReviewCard(o.id)).is_some()
        };
        let cards = snapshot.orders().filter(wants).map(|o| SurfaceKey::ReviewCard(o.id));
        let walk = cards.filter(|key| state_of(*key) == state).count();
        prop_assert_eq!(snapshot.order_surfaces("review-card", state), walk);
    }
    for kind in ConditionKind::ALL {
        let has = |a: &&Account| {
            snapshot
                .account_status(a.id)
                .is_some_and(|s| s.conditions.iter().any(|c| c.kind == kind))
        };
        prop_assert_eq!(snapshot.accounts_with(kind), snapshot.accounts().filter(has).count());
    }
    let hour = now.0 / HOUR_MS;
    let ends = snapshot.accounts().filter(|account| account.released().is_none());
    let ends = ends.filter_map(|account| Entitlement::of(snapshot, account.id));
    let ends = ends.filter(|run| run.standing && run.served).map(|run| run.ends_at.0 / HOUR_MS);
    let walk = ends.filter(|end| (hour..hour + 72).contains(end)).count();
    prop_assert_eq!(snapshot.accounts_ending(now, 72), walk);
    for word in ["none", "delivered", "shown", "undelivered"] {
        let has = |a: &&Account| snapshot.delivery(a.id).map_or("none", Delivery::word) == word;
        prop_assert_eq!(snapshot.accounts_delivered(word), snapshot.accounts().filter(has).count());
    }
    let serves =
        |a: &&Account| !snapshot.bindings(a.id).any(|b| b.disposition == Disposition::Serving);
    prop_assert_eq!(snapshot.accounts_unbound(), snapshot.accounts().filter(serves).count());
    for channel in 0..3 {
        let here =
            |s: &&Surface| s.channel == Some(channel) && snapshot.order(order_of(s)).is_some();
        let walk: BTreeSet<SurfaceKey> = snapshot.surfaces().filter(here).map(|s| s.key).collect();
        let found: BTreeSet<SurfaceKey> =
            snapshot.surfaces_in_channel(channel).iter().map(|s| s.key).collect();
        prop_assert!(walk.is_subset(&found), "{:?} {:?}", walk, found);
        for message in 0..8 {
            let shows = |s: &&Surface| s.channel == Some(channel) && s.message == Some(message);
            let walk: BTreeSet<_> = snapshot.surfaces().filter(shows).map(|s| s.key).collect();
            let found: BTreeSet<_> =
                snapshot.surfaces_of_message(channel, message).iter().map(|s| s.key).collect();
            prop_assert!(walk.is_subset(&found), "{:?} {:?}", walk, found);
        }
    }
    Ok(())
}

fn order_of(surface: &Surface) -> OrderId {
    match surface.key {
        SurfaceKey::OrderThread(id) | SurfaceKey::ReviewCard(id) => id,
        SurfaceKey::StorePanel
        | SurfaceKey::Alerts
        | SurfaceKey::Stats
        | SurfaceKey::TicketThread(_)
        | SurfaceKey::TicketCard(_) => OrderId::MIN,
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn every_index_equals_its_rebuild_and_what_a_walk_finds(
        commits in edits(),
        later in 0..7 * DAY_MS,
    ) {
        let (mut world, sale) = Sale::made();
        for commit in &commits {
            let mut edits = Edits::new();
            commit.iter().for_each(|edit| carry_out(edit, &sale, &mut edits));
            prop_assert!(world.commit(&edits));
            let again = world.snapshot.rebuilt();
            prop_assert_eq!(world.snapshot.indexes(), again.indexes());
        }
        check_by_walking(&world.snapshot, NOON + DurationMs(later))?;
    }

    #[test]
    fn a_snapshot_that_is_read_from_its_blocks_is_the_same(
        before in edits(),
        after in edits(),
    ) {
        let (mut world, sale) = Sale::made();
        let edits_of = |commit: &Vec<Edit>| {
            let mut edits = Edits::new();
            commit.iter().for_each(|edit| carry_out(edit, &sale, &mut edits));
            edits
        };
        before.iter().for_each(|commit| assert!(world.commit(&edits_of(commit))));
        let mut snapshot = Snapshot::clone(&world.snapshot);
        let (mut assembly, mut readers) = (Assembly::default(), [BlockReader::default(), BlockReader::default()]);
        for (n, block) in snapshot.blocks().enumerate() {
            let block = readers[n % 2].read(&block.unwrap()).unwrap();
            assembly.add(block).unwrap();
        }
        let mut read = assembly.finish(readers, snapshot.revision(), snapshot.lineage());
        let bytes = |snapshot: &Snapshot| snapshot.blocks().flat_map(Result::unwrap).collect::<Vec<_>>();
        let rebuilt = snapshot.rebuilt();
        prop_assert_eq!(read.indexes(), rebuilt.indexes());
        // And whatever is committed then, both go on as one.
        for commit in [Vec::new()].iter().chain(&after) {
            let (edits, revision) = (edits_of(commit), snapshot.revision() + 1);
            snapshot = snapshot.after(&edits, revision);
            read = read.after(&edits, revision);
            prop_assert_eq!(read.indexes(), snapshot.indexes());
            prop_assert_eq!((read.len(), read.history()), (snapshot.len(), snapshot.history()));
            prop_assert_eq!(bytes(&read), bytes(&snapshot));
        }
    }

    #[test]
    fn records_may_be_loaded_in_any_order(
        commits in edits(),
        shuffled in prop::collection::vec(any::<u64>(), 128),
    ) {
        let (_, sale) = Sale::made();
        let mut records = BTreeMap::new();
        for (version, commit) in (1..).zip(&commits) {
            let mut edits = Edits::new();
            commit.iter().for_each(|edit| carry_out(edit, &sale, &mut edits));
            edits.deletes.iter().for_each(|key| drop(records.remove(key)));
            let put = |(key, value)| (key, Versioned { version, value });
            records.extend(edits.puts.into_iter().map(put));
        }
        let load = |all: Vec<(Key, Versioned<Record>)>| {
            Snapshot::load(all.into_iter().map(Ok::<_, Infallible>)).unwrap()
        };
        let sorted: Vec<_> = records.into_iter().collect();
        let mut any: Vec<_> = shuffled.iter().cycle().zip(sorted.clone()).collect();
        any.sort_by_key(|(dice, _)| **dice);
        let any = load(any.into_iter().map(|(_, record)| record).collect());
        let keys: Vec<Key> = sorted.iter().map(|(key, _)| key.clone()).collect();
        let sorted = load(sorted);
        prop_assert_eq!(any.indexes(), sorted.indexes());
        prop_assert_eq!((any.len(), any.revision()), (sorted.len(), sorted.revision()));
        for key in keys {
            prop_assert_eq!(any.get(&key), sorted.get(&key));
            if let Key::Order(id) = key {
                prop_assert_eq!(any.archived_order(id), sorted.archived_order(id));
            }
        }
    }
}

/// A shop in which so many have bought, a tenth of them wait for something, and Amsterdam serves
/// one customer.
fn shop_of(orders: u64) -> (World, AccountId) {
    let (mut world, sale) = Sale::made();
    let mut edits = Edits::new();
    for n in 0..orders {
        let at = n % 60 * MINUTE_MS;
        let step = if n % 10 == 0 { u8::try_from(n / 10 % 5).unwrap() } else { 2 };
        let order = sale.order(n, if step == 2 { 2 } else { step }, at);
        let thread = SurfaceKey::OrderThread(order.id);
        edits.put(Surface { channel: Some(1_000 + n), ..Surface::new(thread) });
        let approved = order.approved_account();
        edits.put(Order { customer: customer(5_000_000 + n), ..order });
        if let Some(id) = approved {
            for edit in [
                Edit::Account { n, customer: 5_000_000 + n, held: false },
                Edit::Term { n, seq: 0, late: false },
                Edit::Run { n, served: true },
                Edit::Bind { n, fra: true, kind: 0 },
                Edit::Deliver { n, state: 0 },
            ] {
                carry_out(&edit, &sale, &mut edits);
            }
            assert_eq!(id, account_id(n));
        }
    }
    assert!(world.commit(&edits));
    let id = world.account(0);
    let ams = server("ams-1");
    if world.server_of(id) != ams {
        let mut edits = Edits::new();
        edits.delete(Key::Binding(id, world.server_of(id)));
        edits.put(Binding { account: id, server: ams, ..sale.binding });
        assert!(world.commit(&edits));
    }
    (world, id)
}

/// How many records each thing that is asked reads, the commit of its answer included.
fn reads_of(orders: u64) -> Vec<(&'static str, u64)> {
    let (mut world, settled) = shop_of(orders);
    let mut reads = Vec::new();
    let mut ask = |world: &mut World, name, intent: &Intent| {
        let before = visits();
        let reply = world.submit(intent).unwrap();
        reads.push((name, visits() - before));
        reply
    };
    ask(&mut world, "place", &people::place(77, "basic-30", Target::New, 77));
    let order = world
        .snapshot
        .unpaid_order(people::customer_in(&world.snapshot, 77).unwrap())
        .unwrap()
        .order;
    ask(&mut world, "pay", &people::pay(77, order, 77_000));
    let unnamed =
        Intent::AddProof { order: None, by: people::customer(77), proof: people::proof(77_001) };
    ask(&mut world, "pay without a number", &unnamed);
    ask(&mut world, "decline", &people::decline(order));
    ask(&mut world, "reopen", &people::reopen(order));
    ask(&mut world, "approve", &people::approve(order));
    ask(&mut world, "reverse", &people::reverse(order));
    ask(&mut world, "place one to cancel", &people::place(78, "basic-30", Target::New, 78));
    let unpaid = world
        .snapshot
        .unpaid_order(people::customer_in(&world.snapshot, 78).unwrap())
        .unwrap()
        .order;
    ask(&mut world, "cancel", &people::cancel(78, unpaid));
    ask(&mut world, "grant", &people::grant(9_999, settled, 3, None));
    let ams = server("ams-1");
    let inbounds = vec![nebulalinks_testkit::panel::inbound()];
    world.put(ServerFacts { server: ams.clone(), inbounds });
    let panel = world.panels.get_mut(&ams).unwrap();
    panel.add_foreign("bob", NOON);
    let theirs = ObservedClient {
        uuid: Some(uuid::Uuid::from_u128(0xb0b)),
        sub_id: "bobs0subscription".into(),
        end: Some(End::at(world.now + DurationMs(12 * DAY_MS))),
        cap: Cap::Bytes((1 << 30).try_into().unwrap()),
        ..panel.clients["bob"].clone()
    };
    ask(&mut world, "adopt", &people::adopt(79, &ams, &theirs, "basic-30"));

    let mut look = |name, with: &dyn Fn()| {
        let before = visits();
        with();
        reads.push((name, visits() - before));
    };
    let (snapshot, catalog, now) = (&world.snapshot, &world.catalog, world.now);
    let observation = world.panels[&ams].observe(now);
    look("a pass over another server", &|| {
        let _ = world.plan_seen(&observation, &Default::default());
    });
    look("an account's own key", &|| {
        assert!(!matches!(schedule(snapshot, catalog, settled, now), Scheduled::Bind(_)));
    });
    look("staff's list of payments", &|| {
        let pages = Pages::new(&PROFILE, snapshot, catalog, now);
        let _ = pages.pending();
    });
    look("the order of a thread", &|| {
        assert_eq!(snapshot.order_of_thread(1_000), Some(people::fresh_ids(2_000_000).order));
    });
    look("a deleted message and thread", &|| {
        let _ = snapshot.surfaces_of_message(1_000, 1);
        let _ = snapshot.surfaces_in_channel(1_000);
    });
    look("a scrape", &|| {
        for state in OrderState::ALL {
            let _ = snapshot.orders_in(state, now);
        }
        let _ = snapshot.reviews_waiting().next();
        let _ = snapshot.unseen_proof_since();
        let _ = snapshot.accounts_unbound();
    });
    reads
}

#[test]
fn what_is_asked_reads_no_more_records_in_a_larger_shop() {
    let (small, large) = (reads_of(2_000), reads_of(10_000));
    for ((name, few), (_, many)) in small.iter().zip(&large) {
        assert!(*few < 400, "{name} reads {few} records");
        assert_eq!(few, many, "{name} reads {few} records among 2,000 orders, {many} among 10,000");
    }
    assert!(small.iter().all(|(name, few)| *few > 0 || *name == "a scrape"), "{small:?}");
}
