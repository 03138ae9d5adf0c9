//! A flood, against the gateway as a process of its own: for a few seconds by default, and of ten
//! times the limit at the least. The whole of it, a hundred times:
//!
//! ```text
//! NEBULALINKS_LOAD_SECONDS=60 cargo test -p nebulalinks-gateway --test it -- load --nocapture
//! ```

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nebulalinks_gateway::{Clock as _, SystemClock};
use nebulalinks_model_panel::PanelVersion;
use nebulalinks_protocol::KeyPair;
use nebulalinks_protocol::{MasterKey, key_file};
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::support::{Caller, Raw, TestClock, World, private};

/// The default limit, per second.
const LIMIT_PER_S: f64 = 100.0 / 60.0;
/// What the kept nonces, buckets and buffers of a flood may take, in KiB.
const ROOM_KIB: u64 = 16 * 1024;

/// The gateway's binary, ended when it is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// Its memory, in KiB.
    fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn caller(keys: &KeyPair, gateway: SocketAddr) -> Caller {
    let clock = TestClock(Arc::new(SystemClock.now_ms().into()));
    Caller::new(clock, keys.clone(), (gateway, gateway))
}

/// A request of this moment, over a connection that stays open.
fn request(caller: &Caller, path: &str) -> Raw {
    caller.clock.0.store(SystemClock.now_ms(), Ordering::SeqCst);
    let mut raw = caller.request("GET", path, b"");
    raw.remove("Connection");
    raw
}

/// One exchange on a connection that stays open; `None` when it was closed.
async fn exchange(stream: &mut TcpStream, raw: &Raw) -> Option<u16> {
    stream.write_all(&raw.bytes()).await.ok()?;
    let mut heard = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&heard);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|l| l.strip_prefix("content-length: "))?;
            if body.len() >= length.parse().ok()? {
                return head.split(' ').nth(1)?.parse().ok();
            }
        }
        let mut chunk = [0; 16 * 1024];
        let read = stream.read(&mut chunk).await.ok()?;
        if read == 0 {
            return None;
        }
        heard.extend_from_slice(&chunk[..read]);
    }
}

/// What came of a flood: answers by status, 0 for a connection that was closed.
type Statuses = Arc<Mutex<BTreeMap<u16, u64>>>;

/// Sends what `next` makes, one after the other, until the flag stops it.
async fn flood(
    gateway: SocketAddr,
    stop: Arc<AtomicBool>,
    statuses: Statuses,
    mut next: impl FnMut(u64) -> Raw,
) {
    let mut stream = None;
    for n in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let mut open = match stream.take() {
            Some(open) => open,
            None => TcpStream::connect(gateway).await.unwrap(),
        };
        let status = exchange(&mut open, &next(n)).await;
        if status.is_some() {
            stream = Some(open);
        }
        *statuses.lock().unwrap().entry(status.unwrap_or(0)).or_default() += 1;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::disallowed_methods, reason = "whoever runs the test says for how long")]
async fn under_a_flood_an_honest_key_is_served_memory_stays_and_nothing_fails() {
    let asked = std::env::var("NEBULALINKS_LOAD_SECONDS").ok();
    // By default other tests want the same cores, and the flood is what they leave of them.
    let (seconds, times) = asked.map_or((3, 10.0), |s| (s.parse::<u64>().unwrap(), 100.0));
    let world = World::of(PanelVersion::Head).await;
    let pair = |n: u8| MasterKey::new([n; 32]).derive("fra-1");
    let (honest, greedy) = (pair(1), pair(2));
    let folder = tempfile::tempdir().unwrap();
    let keys_file = folder.path().join("keys");
    let text: String = [&honest, &greedy].map(|k| key_file(k).expose_secret().to_owned()).concat();
    private(&keys_file, &text);
    let gateway = free_address();
    let process = Process(
        Command::new(env!("CARGO_BIN_EXE_nebulalinks-gateway"))
            .args(["run", "--server", "fra-1", "--listen", &gateway.to_string()])
            .args(["--panel-url", world.target().url.as_str()])
            .args(["--trusted-proxy", "127.0.0.1"])
            .arg("--keys-file")
            .arg(&keys_file)
            .arg("--state")
            .arg(folder.path().join("state"))
            .env("NEBULALINKS_PANEL_TOKEN", "panel-token")
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );

    // It serves once it was started in an earlier second than the request.
    let controller = caller(&honest, gateway);
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut served = false;
    while !served && Instant::now() < deadline {
        if let Ok(mut stream) = TcpStream::connect(gateway).await {
            served = exchange(&mut stream, &request(&controller, "/v1/clients")).await == Some(200);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(served, "the gateway does not serve");

    let stop = Arc::new(AtomicBool::new(false));
    let statuses: [Statuses; 4] = Default::default();
    let mut floods = Vec::new();
    for (kind, counted) in statuses.iter().enumerate() {
        let (stop, counted) = (Arc::clone(&stop), Arc::clone(counted));
        let own = caller(if kind == 1 { &greedy } else { &honest }, gateway);
        floods.push(tokio::spawn(flood(gateway, stop, counted, move |n| {
            let mut raw = request(&own, "/v1/clients");
            match kind {
                // Signatures that are wrong.
                0 => raw.set("Signature", "gw=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"),
                // Another key, far over its rate.
                1 => {}
                // One address, and ever new ones.
                2 => raw.add("X-Forwarded-For", "198.51.100.1"),
                _ => raw
                    .add("X-Forwarded-For", &format!("2001:db8:{:x}:{:x}::1", n >> 16, n & 0xffff)),
            }
            if kind > 1 {
                raw.remove("Content-Digest");
            }
            raw
        })));
    }
    let start = Instant::now();
    let length = Duration::from_secs(seconds);
    let (mut warm_kib, mut peak_kib) = (None, 0);
    let (mut answers, mut worst) = (0_u64, Duration::ZERO);
    let mut stream = TcpStream::connect(gateway).await.unwrap();
    while start.elapsed() < length {
        let asked = Instant::now();
        let status = exchange(&mut stream, &request(&controller, "/v1/clients")).await;
        assert_eq!(status, Some(200), "the honest key, after {answers} answers");
        (answers, worst) = (answers + 1, worst.max(asked.elapsed()));
        let now_kib = process.resident_kib();
        if start.elapsed() > length / 3 {
            warm_kib.get_or_insert(now_kib);
            peak_kib = peak_kib.max(now_kib);
        }
        // Under the limit: 60 a minute.
        tokio::time::sleep_until(asked + Duration::from_secs(1)).await;
    }
    stop.store(true, Ordering::SeqCst);
    for flood in floods {
        flood.await.unwrap();
    }
    let took = start.elapsed().as_secs_f64();
    let statuses = statuses.map(|s| s.lock().unwrap().clone());
    let warm_kib = warm_kib.unwrap();
    for (kind, seen) in statuses.iter().enumerate() {
        let rate = seen.values().sum::<u64>() as f64 / took;
        println!("flood {kind}: {rate:.0}/s, {:.0}× the limit: {seen:?}", rate / LIMIT_PER_S);
        let fine = [[401, 0, 0], [200, 429, 0], [401, 429, 0], [401, 429, 0]][kind];
        assert!(seen.keys().all(|status| fine.contains(status)), "flood {kind}: {seen:?}");
        assert!(rate / LIMIT_PER_S >= times, "flood {kind} was only {rate:.0}/s");
    }
    println!("honest: {answers} answers in {took:.1} s, the slowest took {worst:?}");
    println!("memory: {warm_kib} KiB after a third, {peak_kib} KiB at most after that");
    assert!(statuses[1][&200] <= 200 + (took * LIMIT_PER_S) as u64 + 1, "{:?}", statuses[1]);
    assert!(statuses[2][&401] <= 600 + (took * 3.0 * LIMIT_PER_S) as u64 + 1, "{:?}", statuses[2]);
    assert!(peak_kib.saturating_sub(warm_kib) <= ROOM_KIB, "{warm_kib} → {peak_kib} KiB");
}
