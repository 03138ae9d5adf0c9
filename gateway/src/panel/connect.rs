//! Which generation a panel is of, found out by asking for what only one of them has; lazily, and
//! again after the panel did not answer or did not take its credentials. The version only rules out
//! known data loss.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use nebulalinks_protocol::{Client, ErrorCode, Panel};
use reqwest::Method;
use tokio::sync::Mutex;

use super::common::http::{CallError, Http, envelope};
use super::common::identity::Identity;
use super::common::version::{self, unsupported};
use super::gen2::Gen2;
use super::gen2::session::Session;
use super::gen3::Gen3;
use super::gen3::wire::{Wire, denied};
use crate::clock::Clock;
use crate::config::PanelTarget;
use crate::entropy::Entropy;
use crate::failure::Failure;
use crate::hooks::{Call, Hook};
use crate::metrics::Metrics;
use crate::panel::adapter::{ClientWrite, Contents, PanelAdapter, Written};
use crate::panel::permit::Permit;
use crate::panel::transport::PanelTransport;

/// What only gen-3 has.
const CLIENTS: &str = "panel/api/clients/list/paged?pageSize=1";

/// A panel of whatever generation.
pub(crate) struct Connection {
    target: PanelTarget,
    over: Option<Arc<dyn PanelTransport>>,
    clock: Arc<dyn Clock>,
    hook: Hook,
    entropy: Arc<dyn Entropy>,
    metrics: Metrics,
    identity: Identity,
    /// Outlives a lost connection: refused credentials stay refused.
    session: Option<Arc<Session>>,
    attempts: AtomicU64,
    state: Mutex<State>,
}

/// The adapter, or why there is none.
#[derive(Default)]
struct State {
    adapter: Option<Arc<dyn PanelAdapter>>,
    failed: Option<Failure>,
}

impl Connection {
    pub(crate) fn new(
        target: &PanelTarget,
        over: Option<Arc<dyn PanelTransport>>,
        clock: Arc<dyn Clock>,
        hook: Hook,
        entropy: Arc<dyn Entropy>,
        metrics: Metrics,
    ) -> Result<Self, reqwest::Error> {
        let session = match &target.login {
            Some(login) => {
                let http = Http::new(target, &hook, &metrics)?.carried_by(over.clone());
                let clock = Arc::clone(&clock);
                Some(Arc::new(Session::new(http, login.clone(), clock, metrics.clone())))
            }
            None => None,
        };
        Ok(Self {
            target: target.clone(),
            over,
            clock,
            hook,
            entropy,
            metrics,
            identity: Identity::default(),
            session,
            attempts: AtomicU64::new(0),
            state: Mutex::default(),
        })
    }

    async fn adapter(&self) -> Result<Arc<dyn PanelAdapter>, Failure> {
        let attempts = self.attempts.load(Ordering::SeqCst);
        let mut state = self.state.lock().await;
        if let Some(adapter) = &state.adapter {
            return Ok(Arc::clone(adapter));
        }
        if attempts != self.attempts.load(Ordering::SeqCst)
            && let Some(failed) = &state.failed
        {
            // Somebody tried while we waited: a dead panel is not asked once per waiting request.
            return Err(failed.clone());
        }
        let found = self.probe().await;
        self.attempts.fetch_add(1, Ordering::SeqCst);
        match found {
            Ok(adapter) => {
                state.adapter = Some(Arc::clone(&adapter));
                Ok(adapter)
            }
            Err(failure) => {
                state.failed = Some(failure.clone());
                Err(failure)
            }
        }
    }

    /// A panel that did not answer may be another one when it does, and one that does not take its
    /// credentials any more may be another already.
    async fn drop_adapter_if_lost<T>(
        &self,
        adapter: &Arc<dyn PanelAdapter>,
        done: Result<T, Failure>,
    ) -> Result<T, Failure> {
        if done.as_ref().err().is_some_and(is_lost) {
            let mut state = self.state.lock().await;
            if state.adapter.as_ref().is_some_and(|held| Arc::ptr_eq(held, adapter)) {
                state.adapter = None;
            }
        }
        done
    }

    async fn probe(&self) -> Result<Arc<dyn PanelAdapter>, Failure> {
        let Some(token) = self.target.token.clone() else { return self.with_login().await };
        let wire = Wire::new(self.http()?, token);
        match wire.get(CLIENTS).await {
            Ok(_) => self.gen3(wire).await,
            Err(CallError::Denied(404)) => match wire.get("panel/api/inbounds/list").await {
                Ok(_) => Err(unsupported("a panel of v3.0.0 to v3.0.2")),
                Err(CallError::Denied(401 | 404 | 307)) if self.session.is_some() => {
                    self.with_login().await
                }
                Err(CallError::Denied(401 | 404 | 307)) if self.is_there().await? => Err(login(
                    "it takes no API tokens, so it is a panel of v2: give the gateway a user name \
                     and a password (--panel-user and --panel-password-file)",
                )),
                Err(error) => Err(error.of_read(denied)),
            },
            Err(error) => Err(error.of_read(denied)),
        }
    }

    async fn with_login(&self) -> Result<Arc<dyn PanelAdapter>, Failure> {
        let Some(session) = &self.session else {
            return Err(login("the gateway was given neither an API token nor a user"));
        };
        session.may_try().await?;
        let http = self.http()?;
        match http.call(Call::Read, http.request(Method::GET, "csrf-token"), envelope).await {
            Ok(_) => {
                return Err(login(
                    "it hands out CSRF tokens, so it is a panel of v3, which is spoken to with an \
                     API token: make one with `nebulalinks-gateway token` and give it with \
                     --panel-token-file (v3.0.0 to v3.4.1 are not supported: install v3.5.0 or \
                     later, or v2.9.4)",
                ));
            }
            Err(CallError::Denied(404)) => {}
            Err(error) => return Err(error.of_read(denied)),
        }
        match session.get(CLIENTS).await {
            Err(CallError::Denied(404)) => {}
            Ok(_) => return Err(unsupported("a panel with the clients of v3 and no CSRF tokens")),
            Err(error) => return Err(error.of_read(denied)),
        }
        let (clock, metrics) = (Arc::clone(&self.clock), self.metrics.clone());
        let identity = self.identity.clone();
        let (session, entropy) = (Arc::clone(session), Arc::clone(&self.entropy));
        let panel = Gen2::open(session, &self.target, identity, clock, entropy, metrics).await?;
        Ok(Arc::new(panel))
    }

    async fn gen3(&self, wire: Wire) -> Result<Arc<dyn PanelAdapter>, Failure> {
        let status = wire.read("panel/api/server/status").await?;
        version::of_gen3(&status)?;
        let (identity, metrics) = (self.identity.clone(), self.metrics.clone());
        Ok(Arc::new(Gen3::new(wire, &self.target, identity, metrics)))
    }

    /// Whether the address is a panel's at all.
    async fn is_there(&self) -> Result<bool, Failure> {
        let http = self.http()?;
        let reply = http.send(Call::Read, http.request(Method::GET, "")).await;
        Ok(reply.is_ok_and(|reply| reply.status == 200))
    }

    fn http(&self) -> Result<Http, Failure> {
        Http::new(&self.target, &self.hook, &self.metrics)
            .map(|http| http.carried_by(self.over.clone()))
            .map_err(|e| Failure::new(ErrorCode::Internal, format!("HTTP client: {e}")))
    }
}

#[async_trait]
impl PanelAdapter for Connection {
    async fn info(&self) -> Result<Panel, Failure> {
        let adapter = self.adapter().await?;
        self.drop_adapter_if_lost(&adapter, adapter.info().await).await
    }

    async fn list(&self) -> Result<Contents, Failure> {
        let adapter = self.adapter().await?;
        self.drop_adapter_if_lost(&adapter, adapter.list().await).await
    }

    async fn alone(&self, email: &str) -> Result<Option<(Panel, Option<Client>)>, Failure> {
        let adapter = self.adapter().await?;
        self.drop_adapter_if_lost(&adapter, adapter.alone(email).await).await
    }

    async fn write(
        &self,
        permit: &Permit,
        writes: &[ClientWrite],
    ) -> Vec<Result<Written, Failure>> {
        let adapter = match permit.check() {
            Ok(()) => self.adapter().await,
            Err(failure) => Err(failure),
        };
        let adapter = match adapter {
            Ok(adapter) => adapter,
            Err(failure) => return writes.iter().map(|_| Err(failure.clone())).collect(),
        };
        let results = adapter.write(permit, writes).await;
        let mut failures = results.iter().filter_map(|result| result.as_ref().err());
        let lost = failures.find(|failure| is_lost(failure)).cloned();
        // Heard for the connection's sake; each item has its own.
        let _ = self.drop_adapter_if_lost(&adapter, lost.map_or(Ok(()), Err)).await;
        results
    }

    async fn restart_xray(&self, permit: &Permit) -> Result<Panel, Failure> {
        permit.check()?;
        let adapter = self.adapter().await?;
        self.drop_adapter_if_lost(&adapter, adapter.restart_xray(permit).await).await
    }

    async fn online(&self, email: &str) -> Option<bool> {
        let adapter = self.adapter().await.ok()?;
        adapter.online(email).await
    }

    async fn addresses(&self, email: &str) -> Result<Vec<IpAddr>, Failure> {
        let adapter = self.adapter().await?;
        self.drop_adapter_if_lost(&adapter, adapter.addresses(email).await).await
    }
}

/// Whether the panel must be probed again before it is spoken to.
const fn is_lost(failure: &Failure) -> bool {
    matches!(failure.code, ErrorCode::PanelUnreachable | ErrorCode::PanelAuth)
}

fn login(hint: &str) -> Failure {
    Failure::new(ErrorCode::PanelAuth, format!("the panel cannot be spoken to: {hint}"))
}
