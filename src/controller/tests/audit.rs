use super::world::World;
use crate::model::{Actor, Audit, BindingStatus, Edits, Kind, Outcome, Record, Sending};
use crate::view::sample::{NOW, account_id, served_account};

async fn lines(world: &World) -> Vec<Audit> {
    let found = world.store.records(Kind::Audit);
    let lines = found.into_iter().filter_map(|found| match found.value {
        Record::Audit(line) => Some(line),
        _ => None,
    });
    lines.collect()
}

/// A process that noted an intent and then ended.
fn left_open(intent: &str) -> Edits {
    let mut edits = Edits::new();
    let sending = Sending { intent: intent.to_owned(), verb: "create".to_owned() };
    let status = BindingStatus::new(account_id(1), "fra-1".parse().unwrap());
    edits.put(BindingStatus { sending: Some(Box::new(sending)), ..status });
    edits.insert(Audit {
        id: intent.to_owned(),
        actor: Actor::Controller,
        verb: "create".to_owned(),
        subject: format!("client:fra-1/{}", account_id(1)),
        outcome: Outcome::Started,
        of: None,
        reason: None,
        catalog: String::new(),
        commit: None,
        at: NOW,
    });
    edits
}

#[tokio::test(start_paused = true)]
async fn each_write_has_an_intent_and_an_outcome_that_names_it() {
    let world = World::start(true, [served_account(1, false)]).await;
    world.wait(100).await;
    let lines = lines(&world).await;
    let started: Vec<&Audit> = lines.iter().filter(|l| l.outcome == Outcome::Started).collect();
    assert!(!started.is_empty());
    for intent in started {
        let outcomes = lines.iter().filter(|l| l.of.as_ref() == Some(&intent.id)).count();
        assert_eq!(outcomes, 1, "{intent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_intent_whose_sender_died_gets_its_outcome_with_the_next_list() {
    let records = [served_account(1, false), left_open("an-intent")];
    let world = World::start(true, records).await;
    world.wait(20).await;
    let lines = lines(&world).await;
    let of: Vec<_> = lines.iter().filter(|l| l.of.as_deref() == Some("an-intent")).collect();
    assert_eq!(of.len(), 1, "{lines:?}");
    assert_eq!((&of[0].outcome, of[0].verb.as_str()), (&Outcome::Interrupted, "create"));
}
