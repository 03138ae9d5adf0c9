//! Fifty dead panels among a hundred: how long a renewal at one of the others takes, beside the same
//! shop with all of them alive. A third of the dead refuses at once, a third answers nobody for a
//! minute, and a third for half of one.

use crate::figures::{Row, Times};
use crate::memory_panels::MemoryPanels;
use crate::running::{Running, put_all, until};
use crate::sold;
use nebulalinks::cli::Env;
use nebulalinks::intent::Reply;
use nebulalinks::model::{AccountId, End, Identity, Snapshot, Target, UnixMs};
use nebulalinks::ports::Store;
use nebulalinks::store::MemoryStore;
use nebulalinks_testkit::{people, shop};
use std::sync::Arc;
use std::time::{Duration, Instant};

const SERVERS: u64 = 100;
/// These and those after them may be dead.
const ALIVE: u64 = 50;
const ACCOUNTS: u64 = 2_000;
const ROUNDS: u64 = 400;

struct Shop {
    running: Running,
    store: Arc<MemoryStore>,
}

async fn open(dead: bool) -> Shop {
    let now = Env::real().clock.now();
    let (records, panels) = sold::all(ACCOUNTS, SERVERS, |_| sold::in_days(now, 20));
    let after = |n: u64| Duration::from_secs([0, 60, 30][(n % 3) as usize]);
    let dead = (ALIVE..SERVERS).filter(|_| dead).map(|n| (sold::server(n), after(n)));
    let panels = Arc::new(MemoryPanels::new(panels, dead.collect()));
    let store = Arc::new(MemoryStore::new());
    put_all(&*store, records.into_iter()).await;
    let catalog = sold::with_servers(shop::catalog(), SERVERS);
    let running = Running::over(store.clone(), panels, catalog);
    until(&*store, "the living are known", |snapshot| {
        let mut on = (0..ALIVE).map(sold::server);
        on.all(|server| {
            snapshot.served_by(&server).all(|(b, _)| end_on(snapshot, b.account).is_some())
        })
    })
    .await;
    Shop { running, store }
}

fn end_on(snapshot: &Snapshot, account: AccountId) -> Option<UnixMs> {
    let binding = snapshot.bindings(account).next()?;
    match snapshot.binding_status(account, &binding.server)?.applied.as_ref()?.end {
        End::At(end) => Some(UnixMs(end.get())),
        _ => None,
    }
}

impl Shop {
    /// The n-th account is renewed: how long until its panel has the new end.
    async fn renew(&self, n: u64, turn: u64) -> Duration {
        let account = people::fresh_ids(sold::FIRST + n).account;
        let who = sold::FIRST + n - 1_000;
        assert_eq!(people::there(who), Identity::Discord(sold::FIRST + n));
        let interaction = 1 + turn * ACCOUNTS + n;
        let ask = |intent| self.running.intents.submit(intent);
        let place = people::place(who, "basic-30", Target::Renew(account), interaction);
        let Ok(Reply::Placed(order)) = ask(place).await else { panic!("not placed") };
        ask(people::pay(who, order, interaction)).await.unwrap();
        let before = end_on(&self.store.snapshot(), account).unwrap();
        let begun = Instant::now();
        ask(people::approve(order)).await.unwrap();
        until(&*self.store, "extended", |s| end_on(s, account).is_some_and(|end| end > before))
            .await;
        begun.elapsed()
    }
}

pub(crate) async fn rows() -> Vec<Row> {
    let (calm, troubled) = (open(false).await, open(true).await);
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for n in 0..ROUNDS {
        // One on each living server in turn; of a server every hundredth account is.
        let account = n % ALIVE + SERVERS * (n / ALIVE);
        without.push(calm.renew(account, 0).await);
        with.push(troubled.renew(account, 0).await);
        // The dead are asked again meanwhile.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let (with, without): (Times, Times) =
        (with.into_iter().collect(), without.into_iter().collect());
    [50, 99]
        .map(|part| {
            let what = format!("renewal → extended, 50 of 100 panels dead, p{part}");
            let row = Row::new(what, "ms").ours(with.at(part));
            row.beside("all alive", without.at(part)).at_most(2.0 * without.at(part))
        })
        .into()
}
