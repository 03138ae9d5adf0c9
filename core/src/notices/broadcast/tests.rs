use super::*;
use crate::model::{
    BroadcastState, Customer, CustomerId, DAY_MS, DurationMs, Edits, Identity, MINUTE_MS,
    NoticeTopic, OwnSettings, SECOND_MS, visits,
};
use crate::view::sample::{NOW, broadcast, catalog, guest, guest_id, guest_there, put, snapshot};
use ulid::Ulid;

const SECOND: DurationMs = DurationMs(SECOND_MS);

fn sending() -> Broadcast {
    Broadcast { state: BroadcastState::Sending(NOW), ..broadcast(1) }
}

fn muted(n: u64) -> Edits {
    let own = OwnSettings { muted: [NoticeTopic::News].into(), ..OwnSettings::default() };
    put(Customer { own: Some(Box::new(own)), ..Customer::bare(guest_id(n), [guest_there(n)]) })
}

/// Whose turn it was, one after the other, and how far it came.
fn turns(snapshot: &Snapshot, catalog: &Catalog) -> (Vec<CustomerId>, Progress) {
    let (mut broadcast, mut now, mut turns) = (sending(), NOW, Vec::new());
    loop {
        match step(snapshot, catalog, &broadcast, now) {
            Step::Wait(at) => {
                assert!(at > now);
                now = at;
            }
            Step::On(progress) => {
                broadcast.progress = progress;
                if let Some(turn) = broadcast.progress.turn.take() {
                    assert_eq!((turn.since, turn.claimed_at), (now, Some(now)));
                    turns.push(turn.customer);
                }
            }
            Step::Over(progress) => return (turns, progress),
        }
    }
}

#[test]
fn each_who_is_meant_has_one_turn_in_the_order_of_their_ids_and_nobody_else_has() {
    let mut catalog = catalog();
    catalog.shop.limits.block.insert(guest_there(2));
    let snapshot = snapshot((0..6).map(guest).chain([muted(1)]));
    let (turns, progress) = turns(&snapshot, &catalog);
    assert_eq!(turns, [0, 3, 4, 5].map(guest_id));
    assert_eq!((progress.muted, progress.after), (1, Some(guest_id(5))));
}

#[test]
fn nobody_has_a_turn_in_the_quiet_hours_nor_sooner_than_the_pace() {
    let mut catalog = catalog();
    let snapshot = snapshot([guest(0)]);
    let last = |at: UnixMs| {
        let progress = Progress { last_at: Some(at), ..Progress::default() };
        Broadcast { progress, ..sending() }
    };
    let wait = |catalog: &Catalog, last_at, now| not_before(catalog, &last(last_at), now);
    assert_eq!(wait(&catalog, NOW, NOW), Some(NOW + SECOND));
    assert_eq!(wait(&catalog, NOW, NOW + SECOND), None);
    // The clock was set back.
    assert_eq!(wait(&catalog, NOW + DurationMs(DAY_MS), NOW), None);
    catalog.shop.notices.news_per_minute = std::num::NonZeroU32::new(2).unwrap();
    assert_eq!(wait(&catalog, NOW, NOW), Some(NOW + DurationMs(MINUTE_MS / 2)));
    catalog.shop.notices.quiet = Some("00:00-23:59".parse().unwrap());
    let until = not_before(&catalog, &sending(), NOW).unwrap();
    assert!(until > NOW && until.since(NOW).0 < DAY_MS);
    assert_eq!(step(&snapshot, &catalog, &sending(), NOW), Step::Wait(until));
    assert!(matches!(step(&snapshot, &catalog, &sending(), until), Step::On(_)));
}

#[test]
fn a_step_looks_at_so_many_customers_however_many_there_are() {
    let mut edits = Edits::new();
    for n in 0..3_000 {
        let id = CustomerId::new(Ulid((1 << 99) + n));
        let identity = Identity::Discord(u64::try_from(n).unwrap());
        edits.put(Customer::bare(id, [identity]));
    }
    let (snapshot, catalog) = (Snapshot::default().after(&edits, 1), catalog());
    let (mut broadcast, mut steps) = (sending(), 0);
    loop {
        let before = visits();
        let came = step(&snapshot, &catalog, &broadcast, NOW);
        assert!(visits() - before <= 2 * 500 + 2, "{}", visits() - before);
        steps += 1;
        match came {
            Step::On(progress) => broadcast.progress = progress,
            Step::Over(_) => break,
            Step::Wait(_) => panic!("nobody had a turn"),
        }
    }
    assert_eq!(steps, 6);
}

#[test]
fn a_turn_counts_while_it_goes_out_and_its_customer_is_meant() {
    let catalog = catalog();
    let turn = BroadcastTurn { customer: guest_id(0), since: NOW, claimed_at: Some(NOW) };
    let progress = Progress { turn: Some(turn), ..Progress::default() };
    let begun = Broadcast { progress, ..sending() };
    let wanted = |snapshot: &Snapshot, of: &Broadcast| is_still_wanted(snapshot, &catalog, of, NOW);
    let meant = snapshot([guest(0)]);
    assert!(wanted(&meant, &begun));
    let stopped = BroadcastState::Stopped { by: crate::model::Actor::Controller, at: NOW };
    assert!(!wanted(&meant, &Broadcast { state: stopped, ..begun.clone() }));
    assert!(!wanted(&snapshot([guest(0), muted(0)]), &begun));
    assert!(!wanted(&snapshot([guest(1)]), &begun));
}
