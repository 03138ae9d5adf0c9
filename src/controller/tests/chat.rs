use super::world::World;
use crate::model::{AccountStatus, DAY_MS};
use crate::model::{Condition, ConditionKind, DeliveryState, NoticeKind};
use crate::ports::Store as _;
use crate::view::sample::{ALICE, NOW, account_id, put, served_account};

#[tokio::test(start_paused = true)]
async fn a_link_is_sent_when_its_customer_opens_their_direct_messages_again() {
    let world = World::prepared(false, [served_account(1, true)], |d| d.dms_closed = true).await;
    world.wait(60).await;
    let state = world.store.snapshot().delivery(account_id(1)).map(|d| d.state.clone());
    assert!(matches!(state, Some(DeliveryState::Undelivered(_))), "{state:?}");
    world.chat.lock().dms_closed = false;
    world.wait(7 * 3600).await;
    assert_eq!(world.messages(ALICE.0).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_notice_whose_answer_was_lost_is_not_sent_twice() {
    let ready = Condition { kind: ConditionKind::Ready, reason: String::new(), since: NOW };
    let status = AccountStatus { account: account_id(1), conditions: vec![ready] };
    let world = World::start(false, [served_account(1, true), put(status)]).await;
    world.wait(60).await;
    assert_eq!(world.messages(ALICE.0).len(), 1, "the link");
    {
        let mut discord = world.chat.lock();
        discord.lose_answers = 1;
        discord.put_off = 20;
    }
    world.clock.skip(31 * DAY_MS);
    world.wait(30 * 60).await;
    let notice = world.store.snapshot().notice(account_id(1), 0, NoticeKind::Expired).cloned();
    assert!(notice.is_some());
    assert_eq!(world.messages(ALICE.0).len(), 2, "the link and one notice");
}
