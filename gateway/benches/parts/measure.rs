//! The measuring, and the goals.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use nebulalinks_protocol::headers::Header;
use nebulalinks_protocol::{
    ClientList, RequestBinding, RequestParts, SignedHeaders, Stamp, sign_request, verify_response,
};

use super::child::{Child, keys};
use super::panel::{Target, now_ms};

/// Lists of each kind, after two that do not count.
const LISTS: usize = 15;
/// Requests of one round; all are signed within the window.
const REQUESTS: usize = 3_000;
const ROUNDS: usize = 5;
/// Connections at once.
const CALLERS: usize = 16;

/// A figure, and what it should be.
#[derive(Debug)]
pub(crate) struct Goal {
    what: &'static str,
    figure: f64,
    limit: f64,
    at_most: bool,
}

impl Goal {
    pub(crate) const fn at_most(what: &'static str, figure: f64, limit: f64) -> Self {
        Self { what, figure, limit, at_most: true }
    }

    pub(crate) const fn at_least(what: &'static str, figure: f64, limit: f64) -> Self {
        Self { what, figure, limit, at_most: false }
    }

    pub(crate) fn is_met(&self) -> bool {
        if self.at_most { self.figure <= self.limit } else { self.figure >= self.limit }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.at_most { "<=" } else { ">=" };
        let met = if self.is_met() { "met" } else { "MISSED" };
        let Self { what, figure, limit, .. } = self;
        write!(f, "{what:<46} {figure:>8.2}  (goal {sign} {limit}: {met})")
    }
}

/// A signed request, ready to be sent.
struct Ready {
    path: &'static str,
    signed: SignedHeaders,
}

/// The panel and the gateway beside it, from a caller's side.
pub(crate) struct Bench {
    http: reqwest::Client,
    target: Target,
    gateway: String,
}

impl Bench {
    pub(crate) fn new(target: &Target, gateway: &Child) -> Self {
        let http = reqwest::Client::builder().no_proxy().http1_only().build().unwrap();
        Self { http, target: target.clone(), gateway: gateway.address.to_string() }
    }

    /// Lists from the panel and through the gateway by turns.
    pub(crate) async fn lists(&self) -> Vec<Goal> {
        let (through, direct) = self.median_lists().await;
        let ratio = through.as_secs_f64() / direct.as_secs_f64();
        vec![Goal::at_most("list through the gateway / direct", ratio, 1.15)]
    }

    /// How long a list takes through the gateway, and how long from the panel.
    pub(crate) async fn median_lists(&self) -> (Duration, Duration) {
        let (mut direct, mut through) = (Vec::new(), Vec::new());
        let mut sizes = (0, 0);
        for _ in 0..LISTS + 2 {
            let begun = Instant::now();
            sizes.0 = self.direct().await.len();
            direct.push(begun.elapsed());
            let begun = Instant::now();
            sizes.1 = self.listed().await.len();
            through.push(begun.elapsed());
        }
        let list: ClientList = serde_json::from_slice(&self.listed().await).unwrap();
        println!("{} clients; {} bytes direct, {} signed", list.clients.len(), sizes.0, sizes.1);
        let (direct, through) = (median(direct.split_off(2)), median(through.split_off(2)));
        println!("list: {direct:?} direct, {through:?} through the gateway (medians of {LISTS})");
        (through, direct)
    }

    /// Four at once, a few times over.
    pub(crate) async fn four_at_once(&self) {
        for _ in 0..5 {
            tokio::join!(self.listed(), self.listed(), self.listed(), self.listed());
        }
    }

    async fn direct(&self) -> Bytes {
        let url = format!("{}panel/api/inbounds/list", self.target.url);
        let answer = self.http.get(url).bearer_auth(&self.target.token).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap()
    }

    /// The body, verified.
    async fn listed(&self) -> Bytes {
        self.send(&self.sign("/v1/clients"), true).await
    }

    fn sign(&self, path: &'static str) -> Ready {
        let (keys, created) = (keys(), now_ms() / 1000);
        let nonce = nonce();
        let signed = sign_request(
            &keys.request,
            &RequestParts { method: "GET", authority: &self.gateway, path, query: None, body: b"" },
            &Stamp { created, expires: created + 60, nonce: &nonce, keyid: keys.request.id() },
        );
        Ready { path, signed }
    }

    async fn send(&self, ready: &Ready, verify: bool) -> Bytes {
        let signed = &ready.signed;
        let answer = self
            .http
            .get(format!("http://{}{}", self.gateway, ready.path))
            .header("content-type", "application/json")
            .header("content-length", "0")
            .header("content-digest", &signed.content_digest)
            .header("signature-input", &signed.signature_input)
            .header("signature", &signed.signature)
            .send()
            .await
            .unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await.unwrap();
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        if verify {
            let headers: Vec<Header<'_>> =
                headers.iter().map(|(n, v)| (n.as_str(), v.as_bytes())).collect();
            let binding: RequestBinding<'_> = signed.binding("GET", ready.path);
            let key = keys().response;
            verify_response(&key, key.id(), status, &headers, &body, &binding).unwrap();
        }
        body
    }
}

/// Requests a second for `/v1/health`, signed and not, each from a process that just started.
pub(crate) async fn signed_against_unsigned(target: &Target) -> Goal {
    let (mut signed, mut unsigned) = (Vec::new(), Vec::new());
    let mut cpu_ms = [0, 0];
    for _ in 0..ROUNDS {
        for (n, (kind, times)) in
            [("unsigned", &mut unsigned), ("gateway", &mut signed)].into_iter().enumerate()
        {
            let child = Child::start(kind, target).await;
            let bench = Arc::new(Bench::new(target, &child));
            let before_ms = child.cpu_ms();
            times.push(flood(bench).await);
            cpu_ms[n] += child.cpu_ms() - before_ms;
        }
    }
    let [plain, ours] = cpu_ms.map(|ms| ms as f64 * 1_000.0 / (ROUNDS * REQUESTS) as f64);
    println!(
        "processor time of the process: {ours:.0} us a request signed, {plain:.0} us unsigned"
    );
    let rate = |times: Vec<Duration>| REQUESTS as f64 / median(times).as_secs_f64();
    let (signed, unsigned) = (rate(signed), rate(unsigned));
    println!(
        "/v1/health, {CALLERS} callers: {signed:.0}/s signed, {unsigned:.0}/s unsigned \
         (medians of {ROUNDS} rounds of {REQUESTS})"
    );
    Goal::at_least("signed requests a second / unsigned", signed / unsigned, 0.7)
}

/// How long all requests take. They are signed before, and the answers are not verified: the
/// caller's own work is not the gateway's.
async fn flood(bench: Arc<Bench>) -> Duration {
    let mut ready: Vec<Ready> = (0..REQUESTS).map(|_| bench.sign("/v1/health")).collect();
    let shares: Vec<Vec<Ready>> =
        (0..CALLERS).map(|n| ready.split_off(ready.len() - ready.len() / (CALLERS - n))).collect();
    let begun = Instant::now();
    let callers: Vec<_> = shares
        .into_iter()
        .map(|share| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move {
                for ready in &share {
                    bench.send(ready, false).await;
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    *times.get(times.len() / 2).unwrap()
}

fn nonce() -> String {
    use base64::Engine as _;
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let bytes = [n.to_be_bytes(), now_ms().to_be_bytes()].concat();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
