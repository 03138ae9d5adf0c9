//! Connections of a listener that strangers reach. They are few at once and end soon: whoever holds them
//! open must not use up the files that the store and the keys need.

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How many connections, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// What the listener is for, in logs.
    pub what: &'static str,
    /// Connections at once. Who comes then waits for a place.
    pub connections: usize,
}

/// How long a connection may take to send a request's head, from its start or from the last answer:
/// less than a scrape waits, so that half-sent requests hold a place for less than one.
const HEAD_TIME: Duration = Duration::from_secs(3);
/// How long a connection takes requests, whatever it does. A caller makes another one then.
const LIFE: Duration = Duration::from_secs(20);
/// How long the answer under way may take at its end.
const LAST_ANSWER: Duration = Duration::from_secs(5);
/// How long to wait when no connection can be taken: mostly for files, of which too many are open.
const BREATH: Duration = Duration::from_millis(50);

/// Serves until `stop`, then until the answers under way have ended. A request has its caller's address
/// as [`ConnectInfo`].
pub async fn serve(listener: TcpListener, app: Router, bounds: Bounds, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(bounds.connections));
    let mut talks = JoinSet::new();
    let mut failing = false;
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let Some((place, taken)) = stop.run_until_cancelled(next).await else { break };
        while talks.try_join_next().is_some() {}
        match taken {
            Ok((stream, caller)) => {
                let (app, stop) = (app.clone(), stop.clone());
                talks.spawn(async move {
                    talk(stream, caller, app, &stop).await;
                    drop(place);
                });
                failing = false;
            }
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::error!(%error, "no connection for {} can be taken", bounds.what);
                }
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    while talks.join_next().await.is_some() {}
}

/// Answers the requests of a connection until its caller, its time or the service ends.
async fn talk(stream: TcpStream, caller: SocketAddr, app: Router, stop: &CancellationToken) {
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(caller));
        app.call(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
    let talk = http.serve_connection(TokioIo::new(stream), service);
    let mut talk = std::pin::pin!(talk);
    let lives = tokio::time::timeout(LIFE, talk.as_mut());
    if let Some(Ok(_)) = stop.run_until_cancelled(lives).await {
        return;
    }
    talk.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(LAST_ANSWER, talk).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const BOUNDS: Bounds = Bounds { what: "tests", connections: 32 };

    #[tokio::test(start_paused = true)]
    async fn who_holds_connections_open_takes_few_and_not_for_long() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().route("/healthz", get(|| async { "ok\n" }));
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, app, BOUNDS, stop.clone()));
        let mut held = Vec::new();
        for _ in 0..BOUNDS.connections {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n").await.unwrap();
            held.push(stream);
        }
        let begun = tokio::time::Instant::now();
        let mut late = TcpStream::connect(address).await.unwrap();
        late.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut answer = [0; 15];
        late.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
        let waited = begun.elapsed();
        assert!(HEAD_TIME <= waited && waited < 2 * HEAD_TIME, "no place before: {waited:?}");
        for mut stream in held {
            assert_eq!(stream.read(&mut [0; 1]).await.unwrap_or(0), 0, "it was closed");
        }
        stop.cancel();
        serving.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_is_used_all_the_time_ends_too() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().route("/healthz", get(|| async { "ok\n" }));
        tokio::spawn(serve(listener, app, BOUNDS, CancellationToken::new()));
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut answers = 0;
        let request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
        while stream.write_all(request).await.is_ok()
            && stream.read(&mut [0; 1024]).await.unwrap_or(0) > 0
        {
            answers += 1;
            assert!(answers < 60, "it is still answered");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert!(answers >= 15, "{answers}");
    }
}
