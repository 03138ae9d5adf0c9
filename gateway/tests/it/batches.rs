//! Many writes in one request, on both ends of both generations.

use std::sync::Arc;
use std::time::Duration;

use nebulalinks_model_panel::{Fault, Generation, PanelVersion, Scope};
use nebulalinks_protocol::{
    BatchAnswer, BatchDelete, BatchItem, BatchPut, BatchRequest, BatchResult, Cap, Client, End,
    ErrorCode, Expect, Problem, WriteOutcome,
};

use crate::support::{DAY_MS, START_MS, World, claim, desired};

const ALL: [PanelVersion; 4] = PanelVersion::SUPPORTED;
const GEN3: [PanelVersion; 2] = [PanelVersion::V3_4_2, PanelVersion::Head];

pub(crate) fn email(n: usize) -> String {
    format!("nl-main-{n:026}")
}

pub(crate) fn item(n: usize, expect: Expect) -> BatchPut {
    let mut client = desired();
    client.email = email(n);
    client.uuid = uuid(n);
    client.sub_id = format!("sub{n:013}");
    client.secret = format!("{n:043}");
    BatchPut {
        expect,
        client,
        inbounds: vec!["vless-reality".to_owned(), "ws".to_owned()],
        from: None,
        to: None,
    }
}

pub(crate) fn uuid(n: usize) -> uuid::Uuid {
    uuid::Uuid::from_u128(0x5783_c26d_7a1b_4c3e_9f00_0000_0000_0000 + n as u128)
}

pub(crate) fn create(n: usize) -> BatchItem {
    BatchItem::Put(Box::new(item(n, Expect::Absent)))
}

pub(crate) fn again(n: usize, change: impl FnOnce(&mut BatchPut)) -> BatchItem {
    let mut put = item(n, Expect::Uuid(uuid(n)));
    change(&mut put);
    BatchItem::Put(Box::new(put))
}

pub(crate) fn delete(n: usize) -> BatchItem {
    BatchItem::Delete(BatchDelete { email: email(n), uuid: uuid(n) })
}

impl World {
    pub(crate) async fn batch(
        &self,
        fence: u64,
        items: Vec<BatchItem>,
    ) -> Result<BatchAnswer, Box<Problem>> {
        let asked = items.len();
        let items = items.into_iter().map(|item| self.fit(item)).collect();
        let body = BatchRequest { fence, items, store: None };
        let answer: Result<BatchAnswer, _> =
            self.ask("POST", "/v1/clients/batch", &body).await.result();
        assert!(answer.as_ref().is_ok_and(|a| a.results.len() == asked) || answer.is_err());
        answer
    }

    /// The same client on one inbound, where a panel takes no more.
    fn fit(&self, mut item: BatchItem) -> BatchItem {
        if let (BatchItem::Put(put), Generation::Two) = (&mut item, self.generation()) {
            put.inbounds.truncate(1);
        }
        item
    }

    fn generation(&self) -> Generation {
        self.panel.version().generation()
    }

    /// The call that makes many.
    fn creates(&self) -> Scope {
        Scope::path(match self.generation() {
            Generation::Two => "addClient",
            Generation::Three => "bulkCreate",
        })
    }

    /// The call that changes this client.
    fn updates(&self, n: usize) -> Scope {
        Scope::path(&match self.generation() {
            Generation::Two => format!("updateClient/{}", uuid(n)),
            Generation::Three => format!("update/{}", email(n)),
        })
    }

    fn is_unlimited(&self, n: usize) -> bool {
        self.panel.client(&email(n)).unwrap().total == 0
    }

    /// How often a point was passed.
    pub(crate) fn passed(&self, point: &str) -> usize {
        self.points.passed().iter().filter(|p| **p == point).count()
    }
}

#[track_caller]
pub(crate) fn done(result: &BatchResult) -> (WriteOutcome, Option<&Client>) {
    match result {
        BatchResult::Done { outcome, client } => (*outcome, client.as_ref()),
        BatchResult::Failed(problem) => panic!("{problem:?}"),
    }
}

fn code(result: &BatchResult) -> Option<ErrorCode> {
    match result {
        BatchResult::Done { .. } => None,
        BatchResult::Failed(problem) => Some(problem.code),
    }
}

pub(crate) fn codes(answer: &BatchAnswer) -> Vec<Option<ErrorCode>> {
    answer.results.iter().map(code).collect()
}

/// Each of these clients stands there once, on or off, and asking again writes nothing.
pub(crate) async fn settled(world: &World, fence: u64, items: &[BatchItem]) {
    let writes = world.panel.api_writes();
    let asked_again = items
        .iter()
        .map(|item| match item.clone() {
            BatchItem::Put(mut put) => {
                put.expect = Expect::Uuid(put.client.uuid);
                BatchItem::Put(put)
            }
            delete @ BatchItem::Delete(_) => delete,
        })
        .collect();
    let answer = world.batch(fence, asked_again).await.unwrap();
    for (item, result) in items.iter().zip(&answer.results) {
        let (outcome, client) = done(result);
        let item = &world.fit(item.clone());
        assert_eq!(outcome, WriteOutcome::Unchanged);
        let seen = world.panel.client(item.email());
        match item {
            BatchItem::Put(put) => {
                let (client, seen) = (client.unwrap(), seen.unwrap());
                assert!(client.consistent && client.email == put.client.email, "{client:?}");
                assert_eq!(client.enable, put.client.enable);
                assert_eq!((client.end, client.cap), (Some(put.client.end), put.client.cap));
                assert_eq!(seen.is_on(), put.client.enable);
                assert_eq!(seen.entries, put.inbounds.len());
                assert_eq!(world.panel.times_created(&put.client.email), 1);
            }
            BatchItem::Delete(_) => assert_eq!((client, seen), (None, None)),
        }
    }
    assert_eq!(world.panel.api_writes(), writes);
}

#[tokio::test]
async fn a_batch_makes_switches_and_deletes_in_one_call_each_and_reads_twice() {
    for version in GEN3 {
        let world = World::of(version).await;
        let fence = world.claim().await;
        let all = 0..100;
        let creates: Vec<_> = all.clone().map(create).collect();
        let off: Vec<_> = all.clone().map(|n| again(n, |p| p.client.enable = false)).collect();
        let gone: Vec<_> = all.clone().map(delete).collect();
        for (items, call) in [(creates, "bulk_create"), (off, "disable"), (gone, "bulk_delete")] {
            let calls = world.panel.calls();
            let answer = world.batch(fence, items.clone()).await.unwrap();
            for (item, result) in items.iter().zip(&answer.results) {
                let (outcome, client) = done(result);
                assert_eq!(outcome, WriteOutcome::Applied);
                assert!(client.is_none_or(|c| c.email == item.email()), "in their order");
            }
            assert_eq!(world.passed(&format!("gateway.{call}.before_panel")), 1, "{version:?}");
            // Status, list, the call, list. The first time, a look at what the panel can.
            assert!(world.panel.calls() - calls <= 5, "{call}: {}", world.panel.calls() - calls);
            settled(&world, fence, &items).await;
        }
    }
}

#[tokio::test]
async fn every_item_has_its_own_result_and_a_bad_one_harms_no_other() {
    for version in ALL {
        let world = World::of(version).await;
        let fence = world.claim().await;
        world.batch(fence, vec![create(1), create(2), create(3), create(4)]).await.unwrap();
        world.panel.add_foreign("friend").unwrap();
        let longer = End::AtMs((START_MS + 90 * DAY_MS).try_into().unwrap());
        let foreign = BatchItem::Delete(BatchDelete { email: "friend".into(), uuid: uuid(1) });
        let other_uuid = BatchItem::Delete(BatchDelete { email: email(4), uuid: uuid(5) });
        let items = vec![
            create(10),
            again(11, |p| p.client.uuid = uuid::Uuid::nil()),
            again(1, |p| p.client.end = longer),
            create(2),
            foreign,
            delete(3),
            create(12),
            delete(12),
            again(2, |p| p.inbounds = vec!["nowhere".into()]),
            again(13, |_| {}),
            other_uuid,
            delete(14),
            create(15),
        ];
        let answer = world.batch(fence, items).await.unwrap();
        let (invalid, conflict) = (Some(ErrorCode::Invalid), Some(ErrorCode::Conflict));
        assert_eq!(
            codes(&answer),
            [
                None, invalid, None, // Named twice, by a create and by a change.
                invalid, invalid, None, invalid, invalid, invalid, conflict, conflict, None, None
            ],
            "{version:?}"
        );
        let outcome = |n: usize| done(&answer.results[n]).0;
        assert_eq!(outcome(11), WriteOutcome::Unchanged, "it was not there");
        assert!([0, 2, 5, 12].iter().all(|n| outcome(*n) == WriteOutcome::Applied));
        let left = [create(10), again(1, |p| p.client.end = longer), delete(3), create(15)];
        settled(&world, fence, &left).await;
        assert!(world.panel.client("friend").is_some());
        assert!(world.panel.client(&email(4)).is_some());
        assert!(world.panel.client(&email(12)).is_none());
        let problem = world.batch(fence, vec![create(20); 2]).await.unwrap();
        assert_eq!(codes(&problem), [invalid, invalid]);
        assert_eq!(problem.panel, None);
    }
}

#[tokio::test]
async fn a_batch_is_of_one_to_a_hundred_items_and_of_the_current_fence() {
    let world = World::new().await;
    let fence = world.claim().await;
    for items in [Vec::new(), (0..101).map(create).collect()] {
        let problem = world.batch(fence, items).await.unwrap_err();
        assert_eq!(problem.code, ErrorCode::Invalid);
    }
    let problem = world.batch(fence + 1, vec![create(1)]).await.unwrap_err();
    assert_eq!(problem.code, ErrorCode::Fenced);
    let answer = world.ask("POST", "/v1/clients/batch", &"x").await;
    assert_eq!(answer.result::<BatchAnswer>().unwrap_err().code, ErrorCode::Invalid);
    assert_eq!(world.panel.api_writes(), 0);
}

#[tokio::test]
async fn clients_that_are_made_off_are_off_also_when_an_answer_is_lost() {
    for version in ALL {
        for lost in [None, Some("bulkCreate"), Some("bulkDisable"), Some("addClient")] {
            let world = World::of(version).await;
            let fence = world.claim().await;
            if let Some(path) = lost {
                world.panel.faults().set_for(Fault::EmptyBody, Scope::path(path), Some(1));
            }
            let off = |n| {
                let mut put = item(n, Expect::Absent);
                put.client.enable = n % 2 == 0;
                BatchItem::Put(Box::new(put))
            };
            let items: Vec<_> = (0..10).map(off).collect();
            let answer = world.batch(fence, items.clone()).await.unwrap();
            assert!(codes(&answer).iter().all(Option::is_none), "{version:?} {lost:?} {answer:?}");
            settled(&world, fence, &items).await;
        }
    }
}

#[tokio::test]
async fn whom_a_bulk_call_leaves_out_is_done_alone() {
    for version in GEN3 {
        let world = World::of(version).await;
        let fence = world.claim().await;
        let items: Vec<_> = (0..6).map(create).collect();
        world.batch(fence, items.clone()).await.unwrap();
        // A record that outlived its inbounds; and then two that were lost.
        assert!(world.panel.detach_by_hand(&email(0)));
        let created = [create(0), create(9)];
        let answer = world.batch(fence, created.to_vec()).await.unwrap();
        assert_eq!(codes(&answer), [None; 2], "{version:?} {answer:?}");
        assert_eq!(world.passed("gateway.bulk_create.before_panel"), 2);
        assert_eq!(world.passed("gateway.add.before_panel"), 1);
        for n in [1, 2] {
            world.panel.drop_record(&email(n));
        }
        let off = [1, 2].map(|n| again(n, |p| p.client.enable = false));
        let answer = world.batch(fence, off.to_vec()).await.unwrap();
        assert_eq!(codes(&answer), [None; 2], "{version:?} {answer:?}");
        assert!([0, 9].iter().all(|n| world.panel.client(&email(*n)).unwrap().is_on()));
        assert!([1, 2].iter().all(|n| !world.panel.client(&email(*n)).unwrap().is_on()));
        // The one, and the others once they are cleared away.
        assert_eq!(world.passed("gateway.add.before_panel"), 3);
    }
}

#[tokio::test]
async fn a_refused_bulk_call_is_done_one_by_one_and_tells_nobody_elses_secret() {
    let world = World::new().await;
    let fence = world.claim().await;
    let prose = format!("subId already in use: {}", item(1, Expect::Absent).client.sub_id);
    let refused = Fault::Refused(prose);
    world.panel.faults().set_for(refused.clone(), Scope::path("bulkCreate"), Some(1));
    let scope = Scope {
        path_contains: Some("clients/add".into()),
        body_contains: Some(email(1)),
        ..Scope::default()
    };
    world.panel.faults().set_for(refused, scope, Some(1));
    let items: Vec<_> = (0..3).map(create).collect();
    let answer = world.batch(fence, items).await.unwrap();
    assert_eq!(codes(&answer), [None, Some(ErrorCode::PanelRefused), None]);
    assert!(!serde_json::to_string(&answer.results[1]).unwrap().contains("sub0000000000001"));
}

#[tokio::test]
async fn a_lost_answer_about_many_is_read_back() {
    use Fault::{
        DropAfterCommit, DropBeforeCommit, EmptyBody, ErrorAfterCommit, ErrorBeforeCommit,
        LoginPage, TruncatedJson,
    };
    for version in ALL {
        for fault in [ErrorAfterCommit, TruncatedJson, EmptyBody, DropAfterCommit] {
            let world = World::of(version).await;
            let fence = world.claim().await;
            let items: Vec<_> = (0..20).map(create).collect();
            world.panel.faults().set_for(fault.clone(), world.creates(), Some(1));
            let answer = world.batch(fence, items.clone()).await.unwrap();
            let applied = |r| done(r).0 == WriteOutcome::Applied;
            assert!(answer.results.iter().all(applied), "{version:?} {fault:?}");
            settled(&world, fence, &items).await;
        }
        for fault in [ErrorBeforeCommit, DropBeforeCommit, LoginPage] {
            let world = World::of(version).await;
            let fence = world.claim().await;
            let items: Vec<_> = (0..20).map(create).collect();
            world.panel.faults().set_for(fault.clone(), world.creates(), Some(1));
            let answer = world.batch(fence, items.clone()).await.unwrap();
            let unknown = [Some(ErrorCode::UnknownOutcome); 20];
            assert_eq!(codes(&answer), unknown, "{version:?} {fault:?}: it may still come");
            let adds = world.passed("gateway.add.before_panel");
            let is_the_call = usize::from(world.generation() == Generation::Two);
            assert_eq!(adds, is_the_call, "and nothing crosses it");
            world.batch(fence, items.clone()).await.unwrap();
            settled(&world, fence, &items).await;
        }
    }
}

#[tokio::test]
async fn a_panel_that_dies_in_the_middle_leaves_the_rest_untried() {
    for version in ALL {
        let world = World::of(version).await;
        let fence = world.claim().await;
        world.batch(fence, (0..4).map(create).collect()).await.unwrap();
        world.panel.faults().set_for(Fault::Unauthorized, world.updates(1), Some(1));
        let more = |p: &mut BatchPut| p.client.cap = Cap::Unlimited;
        let items: Vec<_> = (0..4).map(|n| again(n, more)).collect();
        let answer = world.batch(fence, items.clone()).await.unwrap();
        let expected = [
            // Written, and not read back.
            ErrorCode::UnknownOutcome,
            ErrorCode::PanelAuth,
            ErrorCode::NotAttempted,
            ErrorCode::NotAttempted,
        ];
        assert_eq!(codes(&answer), expected.map(Some), "{version:?}");
        world.panel.faults().set_for(Fault::Down, Scope::default(), None);
        let answer = world.batch(fence, items.clone()).await.unwrap();
        assert_eq!(codes(&answer), [Some(ErrorCode::PanelUnreachable); 4]);
        world.panel.faults().clear();
        world.batch(fence, items.clone()).await.unwrap();
        settled(&world, fence, &items).await;
    }
}

/// Four changes, the second of which is on its way to the panel and takes a while.
async fn in_the_middle(
    version: PanelVersion,
    then: impl AsyncFnOnce(&World),
) -> (Arc<World>, BatchAnswer) {
    let world = Arc::new(World::of(version).await);
    let fence = world.claim().await;
    world.batch(fence, (0..4).map(create).collect()).await.unwrap();
    let slow = Fault::SlowAfterCommit(Duration::from_millis(400));
    world.panel.faults().set_for(slow, world.updates(1), Some(1));
    let more = |p: &mut BatchPut| p.client.cap = Cap::Unlimited;
    let items: Vec<_> = (0..4).map(|n| again(n, more)).collect();
    let writer = Arc::clone(&world);
    let write = tokio::spawn(async move { writer.batch(fence, items).await });
    while !world.is_unlimited(1) {
        tokio::task::yield_now().await;
    }
    then(&world).await;
    let answer = write.await.unwrap().unwrap();
    (world, answer)
}

#[tokio::test]
async fn what_was_not_begun_when_the_fence_fell_or_the_time_was_up_is_never_sent() {
    for version in ALL {
        for fenced in [false, true] {
            let (world, answer) = in_the_middle(version, async |world| match fenced {
                true => drop(world.ask("POST", "/v1/claim", &claim("store-1", "p2", 6)).await),
                false => world.advance(31_000),
            })
            .await;
            let (begun, rest) = match fenced {
                true => (ErrorCode::Fenced, ErrorCode::Fenced),
                false => (ErrorCode::UnknownOutcome, ErrorCode::NotAttempted),
            };
            assert_eq!(codes(&answer), [begun, begun, rest, rest].map(Some), "{version:?}");
            assert!(!world.is_unlimited(2) && !world.is_unlimited(3));
        }
    }
}

#[tokio::test]
async fn time_is_kept_for_reading_back() {
    for version in ALL {
        let (_, answer) = in_the_middle(version, async |world| world.advance(29_000)).await;
        let rest = Some(ErrorCode::NotAttempted);
        assert_eq!(
            codes(&answer),
            [None, None, rest, rest],
            "{version:?}: the answer reports what was written"
        );
    }
}
