//! A shop in the emulator's guild, a store and an intent handler in memory, and the bot between them.

use async_trait::async_trait;
use nebulalinks::catalog::Catalog;
use nebulalinks::discord::{Bot, BotError, Config, PROFILE, Parts};
use nebulalinks::intent::{Intent, Person, Rejection, Reply, Staff};
use nebulalinks::model::*;
use nebulalinks::ports::{Clock, IntentHandler, Store, Timekeeper};
use nebulalinks::store::MemoryStore;
use nebulalinks_model_discord::{Emulator, EmulatorConfig, GuildLayout};
use nebulalinks_testkit::people;
use nebulalinks_testkit::store::{commit_now, put_now};
use nebulalinks_testkit::time::Believing;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) const SOON: Duration = Duration::from_secs(15);

pub(crate) fn catalog(layout: &GuildLayout) -> Catalog {
    let text = |t: &str| json!({"en": t});
    let money = |minor: u64| json!({"minor": minor, "currency": {"code": "EGP", "decimals": 2}});
    let catalog = json!({
        "revision": "abc", "commit": null,
        "shop": {
            "id": "main", "guild": layout.guild,
            "channels": {"store": layout.store, "orders": layout.orders, "review": layout.review,
                "stats": null, "alerts": null},
            "roles": {"owner": [layout.owner], "admin": [layout.admin],
                "support": [layout.support]},
            "languages": ["en", "ar", "ru"], "time_zone": "Africa/Cairo",
            "orders": {"pay_within": 86_400_000, "review_within": 259_200_000, "space": "private_thread", "deliver": "dm"},
            "limits": {"open_orders": 2},
            "reminders": [],
            "retention": {"threads": 1, "tombstones": 1},
            "guard": {"destructive_percent": 10, "destructive_floor": 5},
        },
        "plans": [{"id": "basic-30", "family": "basic", "name": {"en": "Basic", "ru": "Базовый"},
            "prices": [money(10_000)], "duration": 2_592_000_000_u64,
            "traffic": {"bytes": 53_687_091_200_u64}, "devices": 2, "servers": "any",
            "lifecycle": "active"}],
        "servers": {"fra-1": {"id": "fra-1", "name": text("Frankfurt 1"),
            "host": "fra1.vpn.example.net", "gateway": "http://127.0.0.1:1", "keys": "fra-1",
            "inbounds": ["vless-reality"], "labels": {}, "capacity": 10, "weight": 1,
            "line_bits_per_second": 1_000_000_000_u64, "lifecycle": "active", "mode": "manage",
            "drift": "repair", "confirm": null}},
        "methods": [{"id": "vodafone-cash", "name": text("Vodafone Cash"), "currencies": ["EGP"],
            "account": "01000000000", "proof": "required", "reference": "optional",
            "instructions": text("Send {amount} to {account} and write {reference} in the note."),
            "lifecycle": "active"}],
        "promos": [{"id": "eid", "code": "EID-25", "gives": {"percent": 25}, "plans": "any",
            "per_customer": 1}],
        "retained_plans": [], "retained_servers": [],
    });
    serde_json::from_value(catalog).unwrap()
}

/// How the handler behaves beyond deciding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Quick,
    Panics,
    Slow(Duration),
}

/// A handler that believes everybody, and remembers what it was asked.
pub(crate) struct MemoryIntents {
    records: Arc<MemoryStore>,
    admin: u64,
    pub(crate) asked: Mutex<Vec<Intent>>,
    pub(crate) mood: Mutex<Mood>,
}

pub(crate) fn order_id() -> OrderId {
    "01j0000000000000000000000a".parse().unwrap()
}
pub(crate) fn account_id() -> AccountId {
    "01j0000000000000000000000b".parse().unwrap()
}

/// An order for a new account.
pub(crate) fn placed(customer: CustomerId, now: UnixMs) -> Order {
    let currency = Currency { code: "EGP".into(), decimals: 2 };
    Order {
        id: order_id(),
        customer,
        target: Target::New,
        plan: Arc::new(OrderPlan {
            id: "basic-30".parse().unwrap(),
            family: "basic".parse().unwrap(),
            revision: "abc".into(),
            commit: None,
            name: Arc::new([("en".to_owned(), "Basic".to_owned())].into()),
            length: DurationMs(30 * DAY_MS),
            quota: Quota::Bytes(Bytes(50 << 30)),
            devices: 2,
            selector: Arc::new(Selector::Any),
        }),
        method: MethodChoice {
            method: "vodafone-cash".parse().unwrap(),
            price: Money { minor: 10_000, currency },
            at: now,
        },
        placed_at: now,
        pay_by: now + DurationMs(DAY_MS),
        place_until: None,
        evidence: Vec::new(),
        decision: None,
        cancelled: None,
        reversed: None,
        reopened: None,
        promo: None,
        archived: false,
        deleting: None,
    }
}

pub(crate) fn intents(records: &Arc<MemoryStore>, admin: u64) -> Arc<MemoryIntents> {
    Arc::new(MemoryIntents {
        records: Arc::clone(records),
        admin,
        asked: Mutex::default(),
        mood: Mutex::new(Mood::Quick),
    })
}

/// A bot that calls an emulator.
pub(crate) fn bot(
    emulator: &Emulator,
    catalog: &Arc<Catalog>,
    store: Arc<dyn Store>,
    intents: Arc<dyn IntentHandler>,
    proofs: &Path,
) -> Bot {
    let time = Believing::of(Arc::new(WallClock));
    let catalog = watch::channel(Arc::clone(catalog)).1;
    bot_with("right", emulator, catalog, store, intents, time, proofs)
}

fn bot_with(
    token: &str,
    emulator: &Emulator,
    catalog: watch::Receiver<Arc<Catalog>>,
    store: Arc<dyn Store>,
    intents: Arc<dyn IntentHandler>,
    time: Arc<dyn Timekeeper>,
    proofs: &Path,
) -> Bot {
    let base: url::Url = emulator.base_url().parse().unwrap();
    let cdn = format!("{}:{}", base.host_str().unwrap(), base.port().unwrap());
    Bot::new(Parts {
        config: Config {
            token: token.into(),
            api_base: Some(base),
            cdn_hosts: BTreeSet::from([cdn]),
            proofs_dir: PathBuf::from(proofs),
        },
        store,
        intents,
        catalog,
        clock: Arc::new(WallClock),
        time,
    })
    .unwrap()
}

impl MemoryIntents {
    pub(crate) fn verbs(&self) -> Vec<&'static str> {
        self.asked.lock().unwrap().iter().map(Intent::verb).collect()
    }

    fn decide(&self, intent: Intent) -> Result<Reply, Rejection> {
        let order = self.records.snapshot().order(order_id()).cloned();
        match intent {
            Intent::Place(p) => {
                let now = WallClock.now();
                let Person { identity, name, .. } = p.customer;
                let mut edits = Edits::new();
                let customer = people::put_customer(&mut edits, identity, &name, now);
                commit_now(&self.records, edits);
                let mut order = placed(customer, now);
                order.target = p.target;
                Arc::make_mut(&mut order.plan).id = p.plan;
                order.method.method = p.method;
                put_now(&self.records, order);
                Ok(Reply::Placed(order_id()))
            }
            Intent::AddProof { proof, .. } => {
                let mut order = order.ok_or(Rejection::NoOrderForProof)?;
                if order.evidence.iter().any(|had| had.sha256 == proof.sha256) {
                    return Err(Rejection::DuplicateProof(order.id));
                }
                order.evidence.push(Evidence {
                    sha256: proof.sha256,
                    size_bytes: proof.size_bytes,
                    kind: proof.kind,
                    at: WallClock.now(),
                    undated: false,
                    look: proof.look,
                    resembles: proof.alike.first().copied(),
                    stated: proof.stated.map(|typed| {
                        Box::new(StatedReference { typed: typed.into(), own: None, seen: None })
                    }),
                    deleted_at: None,
                });
                put_now(&self.records, order);
                Ok(Reply::ProofTaken(order_id()))
            }
            Intent::Approve { staff, reference, .. } => {
                if !matches!(&staff, Staff::Member(p) if p.roles.contains(&self.admin)) {
                    return Err(Rejection::NotStaff);
                }
                let mut order = order.ok_or(Rejection::UnknownOrder)?;
                let verdict = Verdict::Approved { reference, account: account_id() };
                order.decision = Some(Decision { by: staff.actor(), at: WallClock.now(), verdict });
                put_now(&self.records, order);
                Ok(Reply::Approved(order_id(), account_id()))
            }
            Intent::Decline { staff, reason, .. } => {
                let mut order = order.ok_or(Rejection::UnknownOrder)?;
                let verdict = Verdict::Declined { reason };
                order.decision = Some(Decision { by: staff.actor(), at: WallClock.now(), verdict });
                put_now(&self.records, order);
                Ok(Reply::Declined(order_id()))
            }
            Intent::Cancel { .. } => Ok(Reply::Cancelled(order_id())),
            Intent::EnterCode { order, code, .. } => match code.as_str() {
                "EID-25" => Ok(Reply::Reduced(order)),
                _ => Err(Rejection::Code(CodeProblem::Unknown)),
            },
            Intent::Redeem(asked) => Ok(Reply::DaysGiven(asked.account)),
            Intent::Try(_) => Ok(Reply::TrialGiven(account_id())),
            Intent::Reopen { .. }
            | Intent::Reverse { .. }
            | Intent::Grant(_)
            | Intent::Forgive(_)
            | Intent::Suspend(_)
            | Intent::Resume(_)
            | Intent::Move { .. }
            | Intent::Release(_)
            | Intent::Note(_)
            | Intent::DraftBroadcast(_)
            | Intent::SendBroadcast(..)
            | Intent::StopBroadcast(..)
            | Intent::Forget(_)
            | Intent::Rotate { .. } => Err(Rejection::NotStaff),
            Intent::Adopt(_) => Err(Rejection::CannotAdopt("by the command line only".into())),
            Intent::AcceptPanel { server, .. } => Ok(Reply::PanelAccepted(server)),
            Intent::ReplaceLink { account, by, .. } => {
                Ok(Reply::LinkReplaced(people::customer_id(by.identity), account))
            }
            Intent::Choose { by, choice } => {
                Ok(Reply::Chosen(people::customer_id(by.identity), choice))
            }
            Intent::OpenTicket(asked) => Ok(Reply::TicketOpened(asked.interaction.ticket_id())),
            Intent::HeardInTicket(word) => Ok(Reply::TicketHeard(word.ticket)),
            Intent::CloseTicket { ticket, .. } => Ok(Reply::TicketClosed(ticket)),
            Intent::LinkShown { account, by, .. } => {
                Ok(Reply::LinkShown(people::customer_id(by.identity), account))
            }
        }
    }
}

#[async_trait]
impl IntentHandler for MemoryIntents {
    async fn submit(&self, intent: Intent) -> Result<Reply, Rejection> {
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Quick => {}
            Mood::Panics => panic!("a planted defect"),
            Mood::Slow(by) => tokio::time::sleep(by).await,
        }
        self.asked.lock().unwrap().push(intent.clone());
        self.decide(intent)
    }
}

pub(crate) struct WallClock;

/// The machine's time.
pub(crate) fn wall_now() -> UnixMs {
    UnixMs(EmulatorConfig::system_clock()().0)
}

#[async_trait]
impl Clock for WallClock {
    fn now(&self) -> UnixMs {
        wall_now()
    }
    fn moment(&self) -> Moment {
        Moment { wall: self.now(), monotonic: DurationMs(self.now().0) }
    }
    async fn sleep_until(&self, moment: UnixMs) {
        tokio::time::sleep(moment.since(self.now()).to_std()).await;
    }
    fn crash_point(&self, point: &'static str) {
        let known = [nebulalinks::discord::CRASH_POINTS, nebulalinks::controller::CRASH_POINTS];
        assert!(known.concat().contains(&point), "{point} is not listed");
    }
}

/// The emulator, the bot, and what is behind it.
pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) bot: Bot,
    pub(crate) time: Arc<Believing>,
    pub(crate) records: Arc<MemoryStore>,
    pub(crate) intents: Arc<MemoryIntents>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) edits: watch::Sender<Arc<Catalog>>,
    pub(crate) proofs: tempfile::TempDir,
    running: Option<JoinHandle<Result<(), BotError>>>,
    stop: CancellationToken,
}

impl World {
    /// A world whose bot has this token; the emulator wants `right`.
    pub(crate) async fn with_token(token: &str) -> Self {
        Self::with_fault(token, None).await
    }

    /// The same, with a fault in place before the bot begins.
    pub(crate) async fn with_fault(
        token: &str,
        fault: Option<nebulalinks_model_discord::Fault>,
    ) -> Self {
        Self::with_switches(token, fault, 0, |_| {}).await
    }

    /// The same, with these privileged intents switched on, and an edit of the catalog.
    pub(crate) async fn with_switches(
        token: &str,
        fault: Option<nebulalinks_model_discord::Fault>,
        privileged: u64,
        edit: impl FnOnce(&mut Catalog),
    ) -> Self {
        let mut config = EmulatorConfig::new("right", EmulatorConfig::system_clock());
        config.privileged_intents = privileged;
        let emulator = Emulator::start(config).await.unwrap();
        if let Some(fault) = fault {
            emulator.fault(fault);
        }
        let layout = emulator.layout();
        let mut catalog = catalog(&layout);
        edit(&mut catalog);
        let catalog = Arc::new(catalog);
        let (edits, in_force) = watch::channel(Arc::clone(&catalog));
        let records = Arc::new(MemoryStore::new());
        let intents = intents(&records, layout.admin);
        let proofs = tempfile::tempdir().unwrap();
        let held = Arc::clone(&records) as Arc<dyn Store>;
        let time = Believing::of(Arc::new(WallClock));
        let told = time.clone();
        let bot = bot_with(token, &emulator, in_force, held, intents.clone(), told, proofs.path());
        let stop = CancellationToken::new();
        let task = (bot.clone(), stop.clone());
        let running = Some(tokio::spawn(async move { task.0.run(task.1).await }));
        Self { emulator, bot, time, records, intents, catalog, edits, proofs, running, stop }
    }

    /// A world whose bot is connected and has its commands.
    pub(crate) async fn start() -> Self {
        let world = Self::with_token("right").await;
        world
            .emulator
            .wait_for("the commands", SOON, |e| (e.commands().len() >= 2).then_some(()))
            .await
            .unwrap();
        world
    }

    /// Ends the bot.
    pub(crate) async fn end(&mut self) -> Result<(), BotError> {
        self.stop.cancel();
        self.ended().await
    }

    /// Waits until the bot ends by itself.
    pub(crate) async fn ended(&mut self) -> Result<(), BotError> {
        let running = self.running.take().unwrap();
        tokio::time::timeout(SOON, running).await.unwrap().unwrap()
    }

    pub(crate) fn pages<T>(&self, draw: impl FnOnce(&nebulalinks::view::Pages<'_>) -> T) -> T {
        let snapshot = self.records.snapshot();
        draw(&nebulalinks::view::Pages::new(&PROFILE, &snapshot, &self.catalog, WallClock.now()))
    }
}
