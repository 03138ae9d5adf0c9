//! The panels, through their gateways: [`HttpPanels`] signs its requests, and believes only what is
//! signed and bound to its question.
//!
//! - [`keyring`]: whose keys sign for which gateway
//! - [`rotation`]: where the replacement of a gateway's keys stands
//! - [`transport`]: bytes over HTTP, replaceable by an in-process gateway
//! - `batch`: many writes in one question
//! - `call`: one signed question and its checked answer
//! - `errors`: what a failure means for the loop
//! - `http_panels`: what the adapter works with
//! - `convert`: wire types to the model's and back

mod batch;
mod call;
mod convert;
mod errors;
mod examine;
mod http_panels;
pub mod keyring;
pub mod rotation;
pub mod transport;

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use nebulalinks_protocol as wire;

use crate::model::{
    Coverage, DesiredClient, DurationMs, Mark, Observation, ObservedClient, SECOND_MS, UnixMs,
};
use crate::ports::{
    Claim, Claimed, Endpoint, GatewayCode, PanelApi, PanelCode, PanelError, Precondition, Write,
    WriteToken, Written,
};
use call::SignedRequest;
pub use examine::{GatewaySeen, certificate_ends};
pub use http_panels::HttpPanels;
pub use keyring::{KeyProblem, KeyRing};
pub use transport::{
    Incoming, Outgoing, ReqwestTransport, TlsError, TlsOptions, Transport, TransportError,
};

/// How long a list, or a claim, may take.
const READ: Duration = Duration::from_secs(60);
/// How long a write may take: a panel's 35 s and a margin.
const WRITE: Duration = Duration::from_secs(40);

impl HttpPanels {
    /// Asks whether the gateway takes our keys, whatever its panel does.
    ///
    /// # Errors
    /// The code is `auth` when it does not.
    pub async fn ping(&self, to: &Endpoint) -> Result<(), PanelError> {
        let _: wire::Health =
            self.call(to, &SignedRequest::read("GET", "/v1/health", READ)).await?;
        Ok(())
    }

    async fn whole_list(
        &self,
        to: &Endpoint,
    ) -> Result<(wire::ClientList, Vec<ObservedClient>), PanelError> {
        let mut list: wire::ClientList =
            self.call(to, &SignedRequest::read("GET", &list_path(), READ)).await?;
        let clients = std::mem::take(&mut list.clients);
        Ok((list, clients.into_iter().map(convert::observed).collect()))
    }

    fn observation(
        &self,
        to: &Endpoint,
        coverage: Coverage,
        gateway_clock: u64,
        panel: wire::Panel,
        inbounds: Vec<wire::Inbound>,
        clients: Vec<ObservedClient>,
    ) -> Observation {
        let (ours, foreign) = Observation::sort_clients(&to.shop, clients);
        Observation {
            server: to.server.clone(),
            at: self.clock.now(),
            gateway_clock: UnixMs(gateway_clock),
            coverage,
            xray_up: panel.xray_up_s.map(|s| DurationMs(s.saturating_mul(SECOND_MS))),
            panel: convert::panel(panel),
            inbounds: inbounds.into_iter().map(convert::inbound).collect(),
            ours,
            foreign,
        }
    }

    /// Sends a write between its two crash points.
    async fn write(
        &self,
        to: &Endpoint,
        request: &SignedRequest,
        points: (&'static str, &'static str),
    ) -> Result<Written, PanelError> {
        self.clock.crash_point(points.0);
        let answer: Result<wire::WriteAnswer, _> = self.call(to, request).await;
        self.clock.crash_point(points.1);
        let answer = answer?;
        Ok(Written {
            client: answer.client.map(convert::observed),
            panel: convert::panel(answer.panel),
        })
    }
}

/// Every crash point of this adapter.
pub const CRASH_POINTS: [&str; 10] = [
    "panel.claim.before_send",
    "panel.claim.after_answer",
    "panel.restart_xray.before_send",
    "panel.restart_xray.after_answer",
    "panel.put.before_send",
    "panel.put.after_answer",
    "panel.delete.before_send",
    "panel.delete.after_answer",
    "panel.batch.before_send",
    "panel.batch.after_answer",
];

#[async_trait]
impl PanelApi for HttpPanels {
    async fn claim(&self, to: &Endpoint, claim: &Claim) -> Result<Claimed, PanelError> {
        let body = wire::ClaimRequest {
            store_id: claim.store_id.clone(),
            process: claim.process.clone(),
            revision: claim.at.revision,
            lineage: convert::history(claim.at).lineage,
            shows: claim.shows.iter().copied().map(convert::history).collect(),
            gives_up: claim.gives_up.iter().copied().map(convert::history).collect(),
            take_over: claim.take_over,
        };
        self.clock.crash_point("panel.claim.before_send");
        let request = SignedRequest::read("POST", "/v1/claim", READ).body(&body)?;
        let answer: Result<wire::ClaimResponse, _> = self.call(to, &request).await;
        self.clock.crash_point("panel.claim.after_answer");
        let answer = answer?;
        Ok(Claimed {
            fence: answer.fence,
            clock: UnixMs(answer.clock_ms),
            unshown: answer.unshown.into_iter().map(convert::seen_history).collect(),
        })
    }

    async fn list(&self, to: &Endpoint) -> Result<Observation, PanelError> {
        let (list, clients) = self.whole_list(to).await?;
        let unreadable: Vec<_> = list.unreadable.into_iter().map(convert::unreadable).collect();
        let coverage =
            if unreadable.is_empty() { Coverage::Full } else { Coverage::Except(unreadable) };
        Ok(self.observation(to, coverage, list.clock_ms, list.panel, list.inbounds, clients))
    }

    async fn observe(&self, to: &Endpoint, emails: &[String]) -> Result<Observation, PanelError> {
        // All at once: a gateway asks its panel about a few alone, and answers the others from one list.
        let requests: Vec<SignedRequest> = emails
            .iter()
            .map(|email| SignedRequest::read("GET", &convert::client_path(email), READ))
            .collect();
        let answers = requests.iter().map(|request| self.call::<wire::ClientAnswer>(to, request));
        let (mut clients, mut last, mut unproven) = (Vec::new(), None, None);
        let mut covered = Vec::new();
        for (email, answer) in emails.iter().zip(futures::future::join_all(answers).await) {
            match answer {
                Ok(answer) => {
                    covered.push(email.clone());
                    clients.extend(answer.client.map(convert::observed));
                    last = Some((answer.clock_ms, answer.panel));
                }
                // An inbound cannot be read, and this client is not on the others.
                Err(error) if error.code == PanelCode::Gateway(GatewayCode::PanelProtocol) => {
                    unproven = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        let (clock_ms, panel) = last
            .ok_or_else(|| unproven.unwrap_or_else(|| errors::defect("nothing was looked at")))?;
        let coverage = Coverage::Only(covered);
        Ok(self.observation(to, coverage, clock_ms, panel, Vec::new(), clients))
    }

    async fn addresses(&self, to: &Endpoint, email: &str) -> Result<Vec<IpAddr>, PanelError> {
        let path = format!("{}/addresses", convert::client_path(email));
        let answer: wire::AddressesAnswer =
            self.call(to, &SignedRequest::read("GET", &path, READ)).await?;
        Ok(answer.addresses)
    }

    async fn put(
        &self,
        to: &Endpoint,
        token: WriteToken<'_>,
        before: Precondition,
        client: &DesiredClient,
    ) -> Result<Written, PanelError> {
        is_ours(to, &client.email)?;
        let body = wire::PutRequest {
            fence: token.fence,
            store: Some(convert::history(token.at)),
            expect: convert::expect(before),
            client: convert::desired(client),
            inbounds: client.inbounds.clone(),
            from: client.from.clone(),
            to: client.to.clone(),
        };
        let request = SignedRequest::write("PUT", &convert::client_path(&client.email), WRITE)
            .on(token.panel)
            .body(&body)?;
        self.write(to, &request, ("panel.put.before_send", "panel.put.after_answer")).await
    }

    async fn delete(
        &self,
        to: &Endpoint,
        token: WriteToken<'_>,
        email: &str,
        uuid: uuid::Uuid,
    ) -> Result<Written, PanelError> {
        is_ours(to, email)?;
        let body = wire::DeleteRequest {
            fence: token.fence,
            uuid,
            store: Some(convert::history(token.at)),
        };
        let request = SignedRequest::write("DELETE", &convert::client_path(email), WRITE)
            .on(token.panel)
            .body(&body)?;
        self.write(to, &request, ("panel.delete.before_send", "panel.delete.after_answer")).await
    }

    async fn restart_xray(&self, to: &Endpoint, token: WriteToken<'_>) -> Result<(), PanelError> {
        let body =
            wire::RestartRequest { fence: token.fence, store: Some(convert::history(token.at)) };
        self.clock.crash_point("panel.restart_xray.before_send");
        let request =
            SignedRequest::write("POST", "/v1/xray/restart", WRITE).on(token.panel).body(&body)?;
        let answer: Result<wire::RestartAnswer, _> = self.call(to, &request).await;
        self.clock.crash_point("panel.restart_xray.after_answer");
        answer.map(drop)
    }

    async fn batch(
        &self,
        to: &Endpoint,
        token: WriteToken<'_>,
        writes: &[Write],
    ) -> Vec<Result<Written, PanelError>> {
        self.write_all(to, token, writes).await
    }
}

/// The list, with what cannot be read of it named.
fn list_path() -> String {
    format!("/v1/clients?{}", wire::NAME_UNREADABLE)
}

/// A client without this shop's mark is neither written nor deleted.
fn is_ours(to: &Endpoint, email: &str) -> Result<(), PanelError> {
    if Mark::parse(email).is_some_and(|mark| mark.shop == to.shop) {
        return Ok(());
    }
    Err(errors::defect("a client without this shop's mark is never written"))
}
