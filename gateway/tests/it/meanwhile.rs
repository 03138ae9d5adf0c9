//! What happens in the world between two calls of one write.

use nebulalinks_model_panel::{Fault, PanelVersion, Scope};
use nebulalinks_protocol::{BatchItem, BatchPut, ErrorCode, Expect};

use crate::batches::{again, codes, create, delete, email};
use crate::support::{EMAIL, World, uuid};

hold_for_all! {
    a_refused_delete_is_sent_once_however_much_flows_meanwhile
    a_delete_is_not_done_while_its_inbound_cannot_be_read_back
    a_batch_ends_where_its_signature_does
    a_step_of_two_calls_ends_where_its_signature_does
}

impl World {
    /// The signature of every request ends at this point.
    fn signatures_end_at(&self, point: &'static str) {
        let clock = self.clock.clone();
        let late = move || {
            clock.0.fetch_add(31_000, std::sync::atomic::Ordering::SeqCst);
        };
        self.points.at(point, late);
    }
}

async fn a_refused_delete_is_sent_once_however_much_flows_meanwhile(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
    let panel = world.panel.clone();
    world.points.at("gateway.delete.after_panel", move || {
        assert!(panel.add_traffic(EMAIL, 1_000, 1_000));
    });
    let refused = Fault::Refused("database is locked".to_owned());
    world.panel.faults().set_for(refused, Scope::path(world.paths().1), None);
    let problem = world.delete(fence, uuid()).await.unwrap_err();
    assert_eq!(problem.code, ErrorCode::PanelRefused, "{}", problem.detail);
    assert_eq!(world.points.count("gateway.delete.before_panel"), 1);
}

async fn a_delete_is_not_done_while_its_inbound_cannot_be_read_back(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    let items = [create(1), create(2)].map(|item| {
        let BatchItem::Put(mut put) = item else { return item };
        put.inbounds = vec!["ws".to_owned()];
        BatchItem::Put(put)
    });
    world.batch(fence, items.to_vec()).await.unwrap();
    let delete_many = if world.is_gen2() {
        "gateway.delete.before_panel"
    } else {
        "gateway.bulk_delete.before_panel"
    };
    for (point, several) in [("gateway.delete.before_panel", false), (delete_many, true)] {
        let panel = world.panel.clone();
        world.points.at(point, move || assert!(panel.break_inbound(2, true)));
        let refused = Fault::Refused("database is locked".to_owned());
        world.panel.faults().set_for(refused.clone(), Scope::path("/del"), None);
        world.panel.faults().set_for(refused, Scope::path("bulkDel"), None);
        let items = if several { vec![delete(1), delete(2)] } else { vec![delete(1)] };
        let answer = world.batch(fence, items).await.unwrap();
        assert!(codes(&answer).iter().all(Option::is_some), "{several} {answer:?}");
        world.points.calm();
        world.panel.faults().clear();
        assert!(world.panel.break_inbound(2, false));
        assert!([1, 2].iter().all(|n| world.panel.client(&email(*n)).is_some()));
    }
    let answer = world.batch(fence, vec![delete(1), delete(2)]).await.unwrap();
    assert_eq!(codes(&answer), [None; 2], "{answer:?}");
}

async fn a_batch_ends_where_its_signature_does(version: PanelVersion) {
    let world = World::of(version).await;
    let fence = world.claim().await;
    world.batch(fence, (0..3).map(create).collect()).await.unwrap();
    world.signatures_end_at("gateway.update.after_panel");
    let more = |n| again(n, |put: &mut BatchPut| put.client.ip_limit += 1);
    let answer = world.batch(fence, (0..3).map(more).collect()).await.unwrap();
    let rest = Some(ErrorCode::NotAttempted);
    assert_eq!(codes(&answer), [Some(ErrorCode::UnknownOutcome), rest, rest], "{answer:?}");
    let passed = world.points.passed();
    let end = passed.iter().rposition(|point| *point == "gateway.update.after_panel").unwrap();
    let started = passed[end..].iter().filter(|point| point.ends_with("before_panel"));
    assert_eq!(started.count(), 0, "{:?}", &passed[end..]);
    assert_eq!(world.points.count("gateway.update.before_panel"), 1);
}

async fn a_step_of_two_calls_ends_where_its_signature_does(version: PanelVersion) {
    let world = World::of(version).await;
    let mut request = world.wish(world.claim().await, Expect::Absent);
    request.client.enable = false;
    world.signatures_end_at("gateway.add.after_panel");
    let problem = world.put(&request).await.unwrap_err();
    assert_eq!(problem.code, ErrorCode::UnknownOutcome, "{}", problem.detail);
    assert_eq!(world.panel.api_writes(), 1);
    assert_eq!(world.points.count("gateway.disable.before_panel"), 0);
}
