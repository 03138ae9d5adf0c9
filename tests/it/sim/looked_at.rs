//! The monitors look only at what a commit touched, and at all of it.

use futures::FutureExt as _;
use nebulalinks::model::*;
use nebulalinks_simulation::acts::played;
use nebulalinks_simulation::cluster::{Cluster, Setting};
use nebulalinks_simulation::mutation::Mutation;
use nebulalinks_simulation::storefront::Storefront;
use nebulalinks_simulation::time::pass_seconds;

async fn open() -> Storefront {
    Storefront::open(7, Mutation::None, &Setting::default()).await
}

/// A breach of this promise was seen.
fn breaks(breaches: &[String], law: &str) {
    assert!(breaches.iter().any(|b| b.starts_with(&format!("{law}:"))), "{law}: {breaches:?}");
}

fn without_its_term(cluster: &Cluster, account: AccountId) -> Edits {
    let mut edits = Edits::new();
    let term = cluster.snapshot().terms(account).next().expect("it was sold").clone();
    edits.delete(Record::from(term).key());
    edits
}

/// By the audit somebody else did something.
async fn rewrite_a_line(cluster: &Cluster) {
    let lines = cluster.backup().records(Kind::Audit);
    let Some(Versioned { value: Record::Audit(line), .. }) = lines.into_iter().next() else {
        panic!("nothing was done")
    };
    cluster.put(Audit { verb: "nothing".to_owned(), ..line }).await;
}

#[tokio::test(start_paused = true)]
async fn an_approval_whose_term_is_deleted_is_missed_at_once() {
    let mut shop = open().await;
    let account = shop.sell(1).await[0];
    shop.cluster.commit(without_its_term(&shop.cluster, account)).await;
    breaks(&shop.cluster.monitors.breaches(), "P4");
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_nobody_waits_for_is_looked_at_once_it_is_durable() {
    let mut shop = open().await;
    let accounts = shop.sell(2).await;
    let mut edits = without_its_term(&shop.cluster, accounts[0]);
    let snapshot = shop.cluster.snapshot();
    let order = snapshot.orders().find(|order| order.approved_account() == Some(accounts[0]));
    edits.put(order.unwrap().clone());
    let gave_up = shop.cluster.commit(edits).now_or_never();
    assert_eq!(gave_up, None, "it is not durable at once");
    assert_eq!(shop.cluster.monitors.breaches(), Vec::<String>::new());
    let other = shop.cluster.snapshot().account(accounts[1]).unwrap().clone();
    shop.cluster.put(other).await;
    assert_eq!(
        shop.cluster.snapshot().terms(accounts[0]).count(),
        0,
        "it is durable with this one"
    );
    breaks(&shop.cluster.monitors.breaches(), "P4");
}

#[tokio::test(start_paused = true)]
async fn a_line_that_a_store_lost_is_missed_before_another_is_put_in_its_place() {
    let mut shop = open().await;
    let backup = shop.cluster.backup();
    shop.sell(1).await;
    rewrite_a_line(&shop.cluster).await;
    assert_eq!(shop.cluster.monitors.breaches(), Vec::<String>::new());
    shop.restore(backup).await;
    breaks(&shop.cluster.monitors.breaches(), "P19");
}

#[tokio::test(start_paused = true)]
async fn a_panel_that_was_put_back_allows_no_second_count_where_nobody_set_a_counter() {
    let mut shop = open().await;
    let account = shop.sell(1).await[0];
    let server = shop.cluster.snapshot().bindings(account).next().unwrap().server.clone();
    let panel = shop.cluster.panels[&server].clone();
    let gib = 1 << 30;
    assert!(shop.cluster.traffic(account, &panel, gib));
    pass_seconds(70).await;
    // No list shows these.
    assert!(shop.cluster.traffic(account, &panel, 2 * gib));
    shop.cluster.restore_panel(&server, &panel.backup());
    let ledger = shop.cluster.snapshot().ledgers(account).next().unwrap().clone();
    assert_eq!(ledger.total, Bytes(gib));
    shop.cluster.put(UsageLedger { total: Bytes(4 * gib), ..ledger }).await;
    breaks(&shop.cluster.monitors.breaches(), "P14");
}

#[test]
fn an_act_ends_with_a_look_at_the_whole() {
    let act = |_, _| {
        async {
            let mut shop = open().await;
            shop.sell(1).await;
            rewrite_a_line(&shop.cluster).await;
            shop.cluster
        }
        .boxed_local()
    };
    breaks(&played(act, 0, Mutation::None).0, "P19");
}
