//! The way to the gateways, with everything that can happen on it. Behind it stand the real
//! gateway routers, and behind those the model panels, all in this process.

use super::counts::Counts;
use super::disk::Disk;
use super::effects::EffectFault;
use super::monitors::Monitors;
use super::mutation::Mutation;
use super::panel_link::PanelLink;
use super::process::Process;
use super::rng::Rng;
use super::time::{GatewayClock, Party, Time};
use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use nebulalinks::model::ServerId;
use nebulalinks::panel::{Incoming, Outgoing, Transport, TransportError};
use nebulalinks_gateway::{KeySource, PanelTarget, Parts};
use nebulalinks_protocol::{
    BatchAnswer, BatchResult, ClaimResponse, KeySet, MasterKey, named_panel,
};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::AbortHandle;
use tower::ServiceExt as _;

/// A gateway and its panel.
pub(super) struct Gate {
    panel: Arc<PanelLink>,
    disk: Arc<Disk>,
    entropy: Arc<Rng>,
    router: Option<Router>,
    under_way: Vec<AbortHandle>,
    /// The newest fence that it gave to anybody.
    fence: u64,
    /// The store that claimed last.
    store: Option<String>,
}

/// What a gateway had on its disk.
#[derive(Clone)]
pub struct GatewayBackup(Option<Vec<u8>>);

/// The gateways, and the way to them.
pub struct Net {
    pub(super) gates: Mutex<BTreeMap<ServerId, Gate>>,
    time: Arc<Time>,
    rng: Rng,
    counts: Arc<Counts>,
    monitors: Arc<Monitors>,
    mutation: Mutation,
    pub(super) troubled: AtomicBool,
}

/// Where a gateway is asked to start Xray anew.
const RESTART: &str = "/v1/xray/restart";

/// What happens to one request.
enum Fate {
    Arrives,
    IsLost,
    LosesItsAnswer,
    ArrivesTwice,
    /// It is overtaken by others, and answered all the same.
    IsSlow(Duration),
    ArrivesLate(Duration),
}

impl Net {
    pub(super) fn new(
        gates: BTreeMap<ServerId, Gate>,
        time: Arc<Time>,
        rng: Rng,
        counts: Arc<Counts>,
        monitors: Arc<Monitors>,
        mutation: Mutation,
    ) -> Self {
        let net = Self {
            gates: Mutex::new(gates),
            time,
            rng,
            counts,
            monitors,
            mutation,
            troubled: AtomicBool::new(false),
        };
        let ids: Vec<ServerId> = net.gates.lock().unwrap().keys().cloned().collect();
        for id in ids {
            net.start_gateway(&id);
        }
        net
    }

    /// Starts a gateway, or starts it again: what it was doing is cut off.
    pub fn start_gateway(&self, id: &ServerId) {
        let mut gates = self.gates.lock().unwrap();
        let gate = gates.get_mut(id).unwrap();
        for call in gate.under_way.drain(..) {
            call.abort();
        }
        let pair = MasterKey::new([7; 32]).derive(id.as_str());
        let parts = Parts {
            panel: target(),
            panel_transport: Some(gate.panel.clone()),
            keys: KeySource::Inline(KeySet::one(pair)),
            claim: gate.disk.clone(),
            window_s: 300,
            edge: nebulalinks_gateway::Edge::default(),
            clock: Arc::new(GatewayClock(Arc::clone(&self.time), id.clone())),
            hook: Arc::new(|_| {}),
            entropy: Arc::clone(&gate.entropy) as _,
            registry: prometheus::Registry::new(),
        };
        gate.router = Some(nebulalinks_gateway::router(parts).unwrap());
    }

    /// A copy of what a gateway has on its disk.
    pub fn backup(&self, id: &ServerId) -> GatewayBackup {
        GatewayBackup(self.gates.lock().unwrap()[id].disk.content())
    }

    /// A gateway starts with another disk than it left.
    pub fn restore(&self, id: &ServerId, backup: &GatewayBackup) {
        self.stop_gateway(id);
        if let Some(gate) = self.gates.lock().unwrap().get_mut(id) {
            gate.disk.restore(backup.0.clone());
            // Fences of before mean nothing to what comes now.
            gate.fence = 0;
        }
        self.start_gateway(id);
    }

    /// A planted mutation: what was known of another store is forgotten at a claim.
    fn forget_others(&self, id: &ServerId, request: &Outgoing) {
        let Ok(claim) = serde_json::from_slice::<serde_json::Value>(&request.body) else { return };
        let store = claim["store_id"].as_str().map(str::to_owned);
        let before = {
            let mut gates = self.gates.lock().unwrap();
            let gate = gates.get_mut(id).unwrap();
            std::mem::replace(&mut gate.store, store.clone())
        };
        if before.is_some() && before != store {
            self.restore(id, &GatewayBackup(None));
        }
    }

    /// Ends a gateway.
    pub fn stop_gateway(&self, id: &ServerId) {
        let mut gates = self.gates.lock().unwrap();
        let gate = gates.get_mut(id).unwrap();
        gate.router = None;
        for call in gate.under_way.drain(..) {
            call.abort();
        }
    }

    fn fate(&self, writes: bool) -> Fate {
        let on_the_way = |fault: EffectFault| {
            !matches!(fault, EffectFault::Crash(_) | EffectFault::CrashUndurable)
        };
        match self.counts.effects.is_due(|fault| writes && on_the_way(fault)) {
            Some(EffectFault::RequestLost) => return Fate::IsLost,
            Some(EffectFault::AnswerLost) => return Fate::LosesItsAnswer,
            Some(EffectFault::Twice) => return Fate::ArrivesTwice,
            Some(EffectFault::Late) => return Fate::ArrivesLate(Duration::from_secs(20)),
            Some(EffectFault::Expired) => return Fate::ArrivesLate(Duration::from_secs(40)),
            _ => {}
        }
        if !self.troubled.load(Ordering::SeqCst) {
            return Fate::Arrives;
        }
        match self.rng.below(if writes { 15 } else { 60 }) {
            0 => Fate::IsLost,
            1 | 2 => Fate::LosesItsAnswer,
            3 => Fate::ArrivesTwice,
            4 => Fate::ArrivesLate(Duration::from_secs(1 + self.rng.below(60))),
            5 | 6 => Fate::IsSlow(Duration::from_millis(1 + self.rng.below(3_000))),
            _ => Fate::Arrives,
        }
    }

    /// A planted mutation: a gateway finds every panel to be the one that a write names.
    fn pretend(&self, id: &ServerId, request: &Outgoing) {
        let named = request.url.query().and_then(named_panel);
        if self.mutation == Mutation::IgnoresIdentity && named.is_some() {
            *self.gates.lock().unwrap()[id].panel.pretends.lock().unwrap() = named;
        }
    }

    /// Carries a request to its gateway, whoever still waits for the answer.
    async fn deliver(&self, id: ServerId, request: Outgoing) -> Result<Incoming, TransportError> {
        if self.mutation == Mutation::RemembersOneStore && request.url.path() == "/v1/claim" {
            self.forget_others(&id, &request);
        }
        let (router, newest) = {
            let gates = self.gates.lock().unwrap();
            let gate = gates.get(&id).unwrap();
            (gate.router.clone(), gate.fence)
        };
        let Some(router) = router else {
            return Err(TransportError::NotSent("no connection to the gateway".to_owned()));
        };
        // By its own clock: how far that is wrong a gateway cannot know.
        let arrived = self.time.of(&Party::Server(id.clone()));
        let mut http = axum::http::Request::builder()
            .method(request.method)
            .uri(&request.url[url::Position::BeforePath..url::Position::AfterQuery])
            .header("host", request.url.authority());
        let mut signature_input = String::new();
        for (name, value) in &request.headers {
            http = http.header(*name, value);
            if name.eq_ignore_ascii_case("signature-input") {
                value.clone_into(&mut signature_input);
            }
        }
        let http = http.body(Body::from(request.body.clone())).unwrap();
        self.pretend(&id, &request);
        let answer = router.oneshot(http).await.unwrap();
        self.gates.lock().unwrap()[&id].panel.pretends.lock().unwrap().take();
        let mut status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec();
        if request.url.path() == "/v1/claim"
            && let Ok(claim) = serde_json::from_slice::<ClaimResponse>(&body)
        {
            let mut gates = self.gates.lock().unwrap();
            let gate = gates.get_mut(&id).unwrap();
            gate.fence = gate.fence.max(claim.fence);
        }
        if writes(&request) {
            let asked: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
            let fence = asked["fence"].as_u64().unwrap();
            let expires_ms = expires(&signature_input) * 1_000;
            if status != 200 {
                if fence < newest {
                    self.counts.met("an old fence was refused");
                }
                if arrived.0 > expires_ms {
                    self.counts.met("an expired signature was refused");
                }
            }
            let taken = (self.mutation == Mutation::IgnoresFences && fence < newest)
                || (self.mutation == Mutation::IgnoresExpiry && arrived.0 > expires_ms);
            if taken {
                status = 200;
            }
            let done = serde_json::from_slice::<BatchAnswer>(&body).map_or(usize::MAX, |answer| {
                self.counts.met("a batch was sent");
                answer.results.iter().filter(|r| matches!(r, BatchResult::Done { .. })).count()
            });
            if status == 200 && request.url.path() == RESTART {
                self.monitors.restarted(&id);
            }
            if status == 200 && (taken || done > 0) {
                self.monitors.wrote(fence, newest, expires_ms, arrived);
            }
        }
        Ok(Incoming { status, headers, body })
    }
}

/// Both ways in: the panel's generation decides which is used.
fn target() -> PanelTarget {
    let url: url::Url = "http://127.0.0.1:2053/".parse().unwrap();
    let login = PanelTarget::with_login(url.clone(), "admin", "admin").login;
    PanelTarget { login, ..PanelTarget::with_token(url, "token") }
}

fn writes(request: &Outgoing) -> bool {
    matches!(request.method, "PUT" | "DELETE")
        || ["/v1/clients/batch", RESTART].contains(&request.url.path())
}

/// The signature's end, in seconds.
fn expires(signature_input: &str) -> u64 {
    let rest = signature_input.split("expires=").nth(1).unwrap_or_default();
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

/// One end of the net, for one life of the controller.
pub(super) struct Wire {
    pub(super) net: Arc<Net>,
    pub(super) process: Arc<Process>,
}

#[async_trait]
impl Transport for Wire {
    async fn exchange(&self, request: Outgoing) -> Result<Incoming, TransportError> {
        let net = Arc::clone(&self.net);
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let id: ServerId = host.trim_end_matches(".test").parse().unwrap();
        let timeout = request.timeout;
        let writes = writes(&request);
        let fate = net.fate(writes);
        if matches!(fate, Fate::IsLost) {
            net.counts.met("a request was lost");
            return Err(TransportError::OutcomeUnknown("lost on the way".to_owned()));
        }
        if let Fate::ArrivesTwice = fate {
            net.counts.met("a request came twice");
            let (net, id, request) = (Arc::clone(&net), id.clone(), request.clone());
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(300)).await;
                let _ = net.deliver(id, request).await;
            });
        }
        if let Fate::IsSlow(later) = fate {
            net.counts.met("a request was overtaken");
            tokio::time::sleep(later).await;
        }
        if let Fate::ArrivesLate(later) = fate {
            net.counts.met("a request came late");
            if writes && net.rng.once_in(2) {
                // Its sender dies meanwhile, and the next one claims.
                self.process.kill();
            }
            tokio::spawn(async move {
                tokio::time::sleep(later).await;
                let _ = net.deliver(id, request).await;
            });
            tokio::time::sleep(Duration::from_secs(2)).await;
            return Err(TransportError::OutcomeUnknown("no answer in time".to_owned()));
        }
        // On a task of its own: what was sent arrives, whether or not its sender lives on.
        let carrier = Arc::clone(&net);
        let to = id.clone();
        let call = tokio::spawn(async move { carrier.deliver(to, request).await });
        net.gates.lock().unwrap().get_mut(&id).unwrap().under_way.push(call.abort_handle());
        let answer = match tokio::time::timeout(timeout, call).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => {
                net.counts.met("a gateway died in mid-call");
                Err(TransportError::OutcomeUnknown("the gateway cut the connection".to_owned()))
            }
            Err(_) => {
                Err(TransportError::OutcomeUnknown("the gateway did not answer in time".to_owned()))
            }
        };
        net.gates.lock().unwrap().get_mut(&id).unwrap().under_way.retain(|c| !c.is_finished());
        if let Fate::LosesItsAnswer = fate {
            net.counts.met("an answer was lost");
            return Err(TransportError::OutcomeUnknown("the answer was lost".to_owned()));
        }
        answer
    }
}

impl Gate {
    /// A gateway that is not started: how fast its panel answers, and what it draws itself, come from
    /// sources of their own.
    pub(super) fn open(
        server: &ServerId,
        answers: Rng,
        entropy: Rng,
        monitors: &Arc<Monitors>,
    ) -> Self {
        Self {
            panel: Arc::new(PanelLink::to(server, answers, monitors)),
            entropy: Arc::new(entropy),
            disk: Arc::default(),
            router: None,
            under_way: Vec::new(),
            fence: 0,
            store: None,
        }
    }
}
