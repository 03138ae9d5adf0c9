//! The controller's side of the wire, through a real gateway to a model panel; and answers that
//! must not be believed.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests may panic")]

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use nebulalinks::model::{
    Bytes, Cap, Coverage, DesiredClient, DurationMs, End, HistoryPoint, Lineage, Moment, UnixMs,
    Witness, XrayState,
};
use nebulalinks::panel::{
    HttpPanels, Incoming, KeyRing, Outgoing, ReqwestTransport, TlsOptions, Transport,
    TransportError,
};
use nebulalinks::ports::{
    Claim, Claimed, Clock, Endpoint, ErrorClass, GatewayCode, PanelApi as _, PanelCode, PanelError,
    Precondition, Write, WriteToken,
};
use nebulalinks_gateway::{KeySource, PanelTarget, Parts, router};
use nebulalinks_model_panel::{Fault, InboundSeed, ModelPanel, PanelConfig, PanelServer};
use nebulalinks_protocol::{BatchRequest, KeySet, MasterKey};
use nebulalinks_testkit::time::Believing;
use tokio::net::TcpListener;

const START_MS: u64 = 1_795_255_200_000;
const EMAIL: &str = "nl-main-01jz8q5v9m3kaaaaaaaaaaaaaa";

#[derive(Clone)]
struct TestClock(Arc<AtomicU64>);

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> UnixMs {
        UnixMs(self.0.load(Ordering::SeqCst))
    }
    fn moment(&self) -> Moment {
        Moment { wall: self.now(), monotonic: DurationMs(self.now().0) }
    }
    async fn sleep_until(&self, moment: UnixMs) {
        self.0.fetch_max(moment.0, Ordering::SeqCst);
    }
    fn crash_point(&self, _: &'static str) {}
}

impl nebulalinks_gateway::Clock for TestClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

type Tamper = Box<dyn FnMut(&Incoming) -> Option<Result<Incoming, TransportError>> + Send>;

/// Real HTTP, with somebody in the middle.
struct Middle {
    real: ReqwestTransport,
    tamper: Mutex<Tamper>,
    sent: AtomicU64,
    /// How many writes each batch had, and how many bytes.
    batches: Mutex<Vec<(usize, usize)>>,
}

#[async_trait]
impl Transport for Middle {
    async fn exchange(&self, request: Outgoing) -> Result<Incoming, TransportError> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        if let Ok(batch) = serde_json::from_slice::<BatchRequest>(&request.body) {
            self.batches.lock().unwrap().push((batch.items.len(), request.body.len()));
        }
        let answer = self.real.exchange(request).await?;
        let altered = (self.tamper.lock().unwrap())(&answer);
        altered.unwrap_or(Ok(answer))
    }
}

struct World {
    panel: ModelPanel,
    _server: PanelServer,
    _state: tempfile::TempDir,
    gateway_clock: TestClock,
    clock: TestClock,
    to: Endpoint,
    middle: Arc<Middle>,
    api: HttpPanels,
}

fn ring(seed: u8) -> KeyRing {
    KeyRing::new(Box::new(|_| None), None, Some(MasterKey::new([seed; 32])))
}

impl World {
    async fn new() -> Self {
        let gateway_clock = TestClock(Arc::new(AtomicU64::new(START_MS)));
        let time = gateway_clock.clone();
        let panel = ModelPanel::new(PanelConfig::new(
            "guid-1",
            "token",
            Arc::new(move || i64::try_from(time.now().0).unwrap()),
        ));
        let server = panel.serve(([127, 0, 0, 1], 0).into()).await.unwrap();
        let state = tempfile::tempdir().unwrap();
        let app = router(Parts {
            panel: PanelTarget::with_token(
                format!("http://{}/", server.addr()).parse().unwrap(),
                "token",
            ),
            panel_transport: None,
            keys: KeySource::Inline(KeySet::one(MasterKey::new([5; 32]).derive("fra-1"))),
            claim: Arc::new(nebulalinks_gateway::claim::StateFolder::at(state.path().to_owned())),
            window_s: 30,
            edge: nebulalinks_gateway::Edge::default(),
            clock: Arc::new(gateway_clock.clone()),
            hook: Arc::new(|_| {}),
            entropy: Arc::new(nebulalinks_gateway::SystemEntropy),
            registry: prometheus::Registry::new(),
        })
        .unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let gateway = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        gateway_clock.0.fetch_add(1_000, Ordering::SeqCst);
        let clock = TestClock(Arc::new(AtomicU64::new(START_MS + 1_000)));
        let middle = Arc::new(Middle {
            real: ReqwestTransport::new(&TlsOptions::default()).unwrap(),
            tamper: Mutex::new(Box::new(|_| None)),
            sent: AtomicU64::new(0),
            batches: Mutex::new(Vec::new()),
        });
        let to = Endpoint {
            server: "fra-1".parse().unwrap(),
            gateway,
            keys: "fra".to_owned(),
            shop: "main".parse().unwrap(),
        };
        let transport: Arc<dyn Transport> = middle.clone();
        let api = HttpPanels::over(ring(5), Arc::new(clock.clone()), transport);
        Self { panel, _server: server, _state: state, gateway_clock, clock, to, middle, api }
    }

    async fn claim(&self) -> WriteToken<'static> {
        token(&self.api.claim(&self.to, &claim("p1")).await.unwrap())
    }

    async fn put(&self, fence: WriteToken<'_>) -> Result<(), ErrorClass> {
        let wanted = desired();
        let put = self.api.put(&self.to, fence, Precondition::Absent, &wanted);
        put.await.map(|_| ()).map_err(|e| e.class)
    }

    fn tamper(
        &self,
        with: impl FnMut(&Incoming) -> Option<Result<Incoming, TransportError>> + Send + 'static,
    ) {
        *self.middle.tamper.lock().unwrap() = Box::new(with);
    }
}

fn claim(process: &str) -> Claim {
    Claim {
        store_id: "store".to_owned(),
        process: process.to_owned(),
        at: here(),
        shows: Vec::new(),
        gives_up: Vec::new(),
        take_over: false,
    }
}

fn here() -> HistoryPoint {
    HistoryPoint { revision: 3, lineage: Some(Lineage([3; 32])) }
}

fn token(claimed: &Claimed) -> WriteToken<'static> {
    WriteToken { fence: claimed.fence, at: here(), panel: "guid-1" }
}

/// As one whose claim was replaced.
fn old(token: WriteToken<'_>) -> WriteToken<'_> {
    WriteToken { fence: token.fence + 1, ..token }
}

fn desired() -> DesiredClient {
    DesiredClient {
        email: EMAIL.to_owned(),
        uuid: uuid::Uuid::from_u128(77),
        sub_id: "k3v9q2m8x7c1b5n4".to_owned(),
        secret: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".to_owned(),
        enable: true,
        end: End::at(UnixMs(START_MS + 86_400_000)),
        cap: Cap::Bytes(NonZeroU64::new(1 << 30).unwrap()),
        ip_limit: 2,
        comment: "nl: somebody".to_owned(),
        inbounds: vec!["vless-reality".to_owned()],
        from: None,
        to: None,
    }
}

fn unsigned(status: u16, headers: &[(&str, &str)]) -> Incoming {
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), v.as_bytes().to_vec())).collect();
    Incoming { status, headers, body: Vec::new() }
}

#[tokio::test]
async fn a_client_goes_to_the_panel_and_comes_back_as_it_was_asked() {
    let world = World::new().await;
    let claimed = world.api.claim(&world.to, &claim("p1")).await.unwrap();
    assert_eq!((claimed.clock, &claimed.unshown), (world.clock.now(), &Vec::new()));
    let fence = token(&claimed);
    world.panel.add_foreign("bob").unwrap();
    let wanted = desired();
    let put = world.api.put(&world.to, fence, Precondition::Absent, &wanted);
    let written = put.await.unwrap().client.unwrap();
    world.panel.add_traffic(EMAIL, 30, 12);
    let seen = world.api.list(&world.to).await.unwrap();
    assert_eq!((&seen.coverage, seen.foreign.len()), (&Coverage::Full, 1));
    assert_eq!((seen.panel.identity.as_str(), seen.panel.xray), ("guid-1", XrayState::Running));
    assert_eq!(seen.inbounds.len(), 1);
    let (_, ours) = seen.ours.first_key_value().unwrap();
    assert_eq!(ours.uuid, Some(wanted.uuid));
    assert_eq!((ours.end, ours.cap), (Some(wanted.end), wanted.cap));
    assert!(ours.enable && ours.consistent);
    assert_eq!((written.counter, ours.counter), (Bytes(0), Bytes(42)));
    for n in [1, 5, 20] {
        let mut emails = vec![EMAIL.to_owned()];
        emails.resize(n, "nl-main-nobody".to_owned());
        let looked = world.api.observe(&world.to, &emails).await.unwrap();
        assert_eq!(looked.ours, seen.ours);
        assert_eq!(looked.coverage, Coverage::Only(emails));
        assert!(looked.inbounds.is_empty(), "{n} single reads are no list");
    }
    let gone = world.api.delete(&world.to, fence, EMAIL, wanted.uuid).await.unwrap();
    assert_eq!(gone.client, None);
    assert!(world.api.list(&world.to).await.unwrap().ours.is_empty());
}

#[tokio::test]
async fn a_list_with_an_unreadable_inbound_says_which_and_proves_no_absence() {
    let world = World::new().await;
    let fence = world.claim().await;
    world.put(fence).await.unwrap();
    let id = world.panel.add_inbound(&InboundSeed::vless_ws("theirs ", 8_444));
    assert!(world.panel.break_inbound(id, true));
    let seen = world.api.list(&world.to).await.unwrap();
    let [broken] = seen.coverage.unreadable() else { panic!("{:?}", seen.coverage) };
    assert_eq!((broken.id, broken.remark.as_str()), (id, "theirs "));
    assert_eq!((seen.ours.len(), seen.inbounds.len()), (1, 1));
    let mut emails = vec![EMAIL.to_owned(), "nl-main-nobody".to_owned()];
    emails.extend((0..5).map(|n| format!("nl-main-nobody{n}")));
    let nobody = emails.split_off(2);
    assert!(world.api.observe(&world.to, &nobody).await.is_err(), "of them nothing is known");
    let looked = world.api.observe(&world.to, &emails).await.unwrap();
    assert_eq!(looked.coverage, Coverage::Only(vec![EMAIL.to_owned()]));
}

#[tokio::test]
async fn every_failure_has_its_class() {
    let world = World::new().await;
    let fence = world.claim().await;
    assert_eq!(world.put(old(fence)).await, Err(ErrorClass::Fenced));
    assert_eq!(world.put(fence).await, Ok(()));
    assert_eq!(world.put(fence).await, Err(ErrorClass::Conflict));
    let nowhere = DesiredClient { inbounds: vec!["nowhere".into()], ..desired() };
    let before = Precondition::Uuid(nowhere.uuid);
    let refused = world.api.put(&world.to, fence, before, &nowhere).await.unwrap_err();
    assert_eq!(
        (refused.class, refused.code),
        (ErrorClass::Refused, PanelCode::Gateway(GatewayCode::NoInbound))
    );
    let foreign = DesiredClient { email: "bob".into(), ..desired() };
    let sent = world.middle.sent.load(Ordering::SeqCst);
    let refused = world.api.put(&world.to, fence, before, &foreign).await.unwrap_err();
    assert_eq!((refused.class, refused.code), (ErrorClass::Refused, PanelCode::Defect));
    assert_eq!(world.middle.sent.load(Ordering::SeqCst), sent, "nothing was sent");
    let other = Claim { store_id: "another".into(), ..claim("q") };
    let claimed = world.api.claim(&world.to, &other).await.unwrap_err();
    assert_eq!(
        (claimed.class, claimed.code),
        (ErrorClass::Fenced, PanelCode::Gateway(GatewayCode::Claimed))
    );
    world.panel.faults().set(Fault::Down);
    let down = world.api.list(&world.to).await.unwrap_err();
    assert_eq!(
        (down.class, down.code),
        (ErrorClass::Unreachable, PanelCode::Gateway(GatewayCode::PanelUnreachable))
    );
    world.panel.faults().clear();

    let clock: Arc<dyn Clock> = Arc::new(world.clock.clone());
    let tls = TlsOptions::default();
    let strangers = HttpPanels::new(ring(6), Arc::clone(&clock), &tls).unwrap();
    let error = strangers.list(&world.to).await.unwrap_err();
    assert_eq!((error.class, error.code), (ErrorClass::Operator, PanelCode::Auth));
    let keyless = KeyRing::new(Box::new(|_| None), None, None);
    let error = HttpPanels::new(keyless, clock, &tls).unwrap().list(&world.to).await.unwrap_err();
    assert_eq!((error.class, error.code), (ErrorClass::Operator, PanelCode::Keys));
    let nobody = Endpoint { gateway: "http://127.0.0.1:1".into(), ..world.to.clone() };
    let error = world.api.list(&nobody).await.unwrap_err();
    assert_eq!((error.class, error.code), (ErrorClass::Unreachable, PanelCode::Unreachable));
}

#[tokio::test]
async fn two_clocks_that_differ_are_an_operators_matter() {
    let world = World::new().await;
    world.gateway_clock.0.fetch_add(90_000, Ordering::SeqCst);
    let error = world.api.list(&world.to).await.unwrap_err();
    assert_eq!(
        (error.class, error.code),
        (ErrorClass::Operator, PanelCode::Gateway(GatewayCode::Clock))
    );
    assert!(error.detail.contains("90000 ms ahead"), "{}", error.detail);
    let date = "Sat, 21 Nov 2026 10:05:01 GMT";
    world.tamper(move |_| Some(Ok(unsigned(401, &[("date", date)]))));
    let error = world.api.list(&world.to).await.unwrap_err();
    assert_eq!((error.class, error.code), (ErrorClass::Operator, PanelCode::Auth));
    assert!(error.detail.contains("300 s"), "{}", error.detail);
}

#[tokio::test]
async fn every_signed_answer_tells_the_gateways_time_a_refusal_too() {
    let world = World::new().await;
    let time = Believing::of(Arc::new(world.clock.clone()));
    let transport: Arc<dyn Transport> = world.middle.clone();
    let api =
        HttpPanels::over(ring(5), Arc::new(world.clock.clone()), transport).telling(time.clone());
    let heard = || std::mem::take(&mut *time.heard.lock().unwrap());
    let gateway = || Witness::Gateway(world.to.server.clone());
    let second = |clock: &TestClock| UnixMs(clock.now().0 / 1_000 * 1_000);
    api.list(&world.to).await.unwrap();
    assert_eq!(heard(), [(gateway(), second(&world.gateway_clock))]);
    // It refuses us for our clock: signed, with its own.
    world.gateway_clock.0.fetch_add(34_560_000_000, Ordering::SeqCst);
    assert_eq!(
        api.claim(&world.to, &claim("p1")).await.unwrap_err().code,
        PanelCode::Gateway(GatewayCode::Clock)
    );
    assert_eq!(heard(), [(gateway(), second(&world.gateway_clock))]);
    // What nobody signed tells nothing.
    world.tamper(|_| Some(Ok(unsigned(401, &[("date", "Sun, 06 Nov 1994 08:49:37 GMT")]))));
    api.list(&world.to).await.unwrap_err();
    assert_eq!(heard(), []);
}

#[tokio::test]
async fn what_is_not_signed_for_this_question_is_not_believed() {
    type Change = fn(&Incoming) -> Incoming;
    let changes: [Change; 5] = [
        |a| {
            let mut a = a.clone();
            a.headers.retain(|(n, _)| n != "signature");
            a
        },
        |a| {
            let mut a = a.clone();
            a.body.push(b' ');
            a
        },
        |a| Incoming { status: 201, ..a.clone() },
        |_| unsigned(200, &[("content-type", "application/json")]),
        |_| unsigned(502, &[]),
    ];
    for change in changes {
        let world = World::new().await;
        let fence = world.claim().await;
        world.tamper(move |a| Some(Ok(change(a))));
        let error = world.api.list(&world.to).await.unwrap_err();
        assert_eq!((error.class, error.code), (ErrorClass::Unreachable, PanelCode::Unsigned));
        assert_eq!(world.put(fence).await, Err(ErrorClass::UnknownOutcome));
    }
    let world = World::new().await;
    let fence = world.claim().await;
    world.tamper(|_| Some(Err(TransportError::OutcomeUnknown("cut".into()))));
    assert_eq!(world.put(fence).await, Err(ErrorClass::UnknownOutcome));
    let mut first: Option<Incoming> = None;
    world.tamper(move |a| Some(Ok(first.get_or_insert_with(|| a.clone()).clone())));
    assert!(world.api.list(&world.to).await.is_ok());
    let error = world.api.list(&world.to).await.unwrap_err();
    assert_eq!(error.code, PanelCode::Unsigned, "an old answer does not answer a new question");
}

#[tokio::test]
async fn a_gateway_that_has_just_started_is_asked_once_more() {
    let world = World::new().await;
    world.claim().await;
    let sent = world.middle.sent.load(Ordering::SeqCst);
    let mut times = 0;
    world.tamper(move |_| {
        times += 1;
        (times == 1).then(|| Ok(unsigned(425, &[])))
    });
    let before = world.clock.now();
    assert!(world.api.list(&world.to).await.is_ok());
    assert_eq!(world.middle.sent.load(Ordering::SeqCst), sent + 2);
    assert!(world.clock.now() > before, "in a later second");
    world.tamper(|_| Some(Ok(unsigned(425, &[]))));
    let error = world.api.list(&world.to).await.unwrap_err();
    assert_eq!(
        (error.class, error.code),
        (ErrorClass::Unreachable, PanelCode::Gateway(GatewayCode::TooEarly))
    );
}

#[tokio::test]
async fn a_key_that_asks_too_often_is_slowed_down_and_nothing_is_given_up() {
    let world = World::new().await;
    let (gateway, limited) = (world.gateway_clock.clone(), Arc::new(AtomicU64::new(0)));
    let seen = Arc::clone(&limited);
    world.tamper(move |answer| {
        if answer.status == 429 {
            seen.fetch_add(1, Ordering::SeqCst);
            gateway.0.fetch_add(600, Ordering::SeqCst);
        }
        None
    });
    for n in 0..230 {
        assert!(world.api.list(&world.to).await.is_ok(), "{n}");
    }
    let waited = world.clock.now().0 - (START_MS + 1_000);
    let limited = limited.load(Ordering::SeqCst);
    assert_eq!((limited, waited), (30, 30 * 600), "200 are saved up, then one each 0.6 s");
}

#[tokio::test]
async fn an_unsigned_refusal_by_address_or_number_did_nothing_and_says_what_to_look_at() {
    let world = World::new().await;
    let fence = world.claim().await;
    world.tamper(|_| Some(Ok(unsigned(429, &[]))));
    assert_eq!(world.put(fence).await, Err(ErrorClass::Unreachable));
    let error = world.api.list(&world.to).await.unwrap_err();
    assert_eq!(error.code, PanelCode::Gateway(GatewayCode::RateLimited));
    world.tamper(|_| Some(Ok(unsigned(403, &[]))));
    let error = world.api.list(&world.to).await.unwrap_err();
    assert_eq!((error.class, error.code), (ErrorClass::Operator, PanelCode::Auth));
    assert!(error.detail.contains("--allow"), "{}", error.detail);
}

fn many(count: u32) -> Vec<Write> {
    let one = |n| {
        let client = DesiredClient {
            email: format!("nl-main-{n:026}"),
            uuid: uuid::Uuid::from_u128(1_000 + u128::from(n)),
            sub_id: format!("sub{n:013}"),
            secret: format!("{n:043}"),
            ..desired()
        };
        Write::Put { before: Precondition::Absent, client }
    };
    (0..count).map(one).collect()
}

fn classes(results: &[Result<nebulalinks::ports::Written, PanelError>]) -> Vec<Option<ErrorClass>> {
    results.iter().map(|r| r.as_ref().err().map(|e| e.class)).collect()
}

#[tokio::test]
async fn many_writes_go_in_few_requests_and_each_has_its_result() {
    let world = World::new().await;
    let fence = world.claim().await;
    let mut writes = many(230);
    let foreign = DesiredClient { email: "bob".into(), ..desired() };
    writes.insert(1, Write::Put { before: Precondition::Absent, client: foreign });
    let nobody = Write::Delete { email: EMAIL.to_owned(), uuid: desired().uuid };
    writes.insert(5, nobody);
    let results = world.api.batch(&world.to, fence, &writes).await;
    let expected: Vec<_> = (0..232).map(|n| (n == 1).then_some(ErrorClass::Refused)).collect();
    assert_eq!(classes(&results), expected);
    for (write, result) in writes.iter().zip(&results) {
        if let (Write::Put { client, .. }, Ok(written)) = (write, result) {
            assert_eq!(written.client.as_ref().unwrap().email, client.email, "in their order");
            assert_eq!(written.panel.identity, "guid-1");
        }
    }
    assert_eq!(world.panel.clients().len(), 230);
    let lengths = |world: &World| -> Vec<usize> {
        world.middle.batches.lock().unwrap().drain(..).map(|(items, _)| items).collect()
    };
    assert_eq!(lengths(&world), [100, 100, 31]);
    // Names as long as a panel's may be: over 1 MiB for a hundred.
    let mut writes = many(100);
    for write in &mut writes {
        let Write::Put { client, .. } = write else { unreachable!() };
        client.inbounds = vec!["x".repeat(250); 64];
    }
    let results = world.api.batch(&world.to, fence, &writes).await;
    assert_eq!(classes(&results), [Some(ErrorClass::Conflict); 100], "they are there");
    assert!(lengths(&world).len() > 1, "cut so that each is taken");
}

#[tokio::test]
async fn what_is_unknown_of_a_batch_is_unknown_of_all_its_writes() {
    type Change = fn(&Incoming) -> Result<Incoming, TransportError>;
    let changes: [Change; 3] = [
        |_| Err(TransportError::OutcomeUnknown("cut".into())),
        |a| {
            let mut a = a.clone();
            a.body.push(b' ');
            Ok(a)
        },
        |_| Ok(unsigned(502, &[])),
    ];
    for change in changes {
        let world = World::new().await;
        let fence = world.claim().await;
        world.tamper(move |a| Some(change(a)));
        let results = world.api.batch(&world.to, fence, &many(3)).await;
        assert_eq!(classes(&results), [Some(ErrorClass::UnknownOutcome); 3]);
    }
    let world = World::new().await;
    let fence = world.claim().await;
    let results = world.api.batch(&world.to, old(fence), &many(3)).await;
    assert_eq!(classes(&results), [Some(ErrorClass::Fenced); 3]);
    world.panel.faults().set(Fault::Down);
    let results = world.api.batch(&world.to, fence, &many(3)).await;
    assert_eq!(classes(&results), [Some(ErrorClass::Unreachable); 3]);
}
