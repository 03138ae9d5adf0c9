//! The emulator's beginning and end: it listens, stops, and listens again.

use crate::config::EmulatorConfig;
use crate::emulator::{Emulator, Inner, Running};
use crate::state::Discord;
use crate::state::gateway::Gateway;
use crate::wire_conn::{Scissors, WireListener};
use crate::{gateway_ws, rest};
use axum::Router;
use axum::routing::get;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

impl Emulator {
    /// Starts to listen. When this returns, a bot can be built.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(config: EmulatorConfig) -> io::Result<Self> {
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let gateway = Gateway::new(&config.token, config.privileged_intents);
        let mut discord = Discord::new(config.layout, config.limits, config.clock, gateway);
        discord.base_url = format!("http://{address}");
        let running = Running { stop: CancellationToken::new(), task: None };
        let emulator = Self(Arc::new(Inner {
            discord: Mutex::new(discord),
            version: watch::channel(0).0,
            address,
            running: Mutex::new(running),
            answer_within: config.answer_within,
            settle_within: config.settle_within,
        }));
        emulator.serve_on(listener);
        Ok(emulator)
    }

    fn serve_on(&self, listener: TcpListener) {
        let stop = CancellationToken::new();
        let router = Router::new()
            .route("/", get(gateway_ws::upgrade))
            .route("/gateway", get(gateway_ws::upgrade))
            .route("/attachments/{channel_id}/{attachment_id}/{filename}", get(rest::cdn))
            .fallback(rest::serve)
            .with_state(self.clone());
        let service = router.into_make_service_with_connect_info::<Scissors>();
        let stopped = stop.clone().cancelled_owned();
        let task = tokio::spawn(async move {
            axum::serve(WireListener(listener), service).with_graceful_shutdown(stopped).await
        });
        let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        *running = Running { stop, task: Some(task) };
    }

    /// Closes every connection and stops to listen; everything is remembered.
    pub async fn stop(&self) {
        let task = {
            let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.stop.cancel();
            running.task.take()
        };
        if let Some(mut task) = task {
            // A client that keeps its connection must not keep us.
            if tokio::time::timeout(Duration::from_secs(1), &mut task).await.is_err() {
                task.abort();
            }
        }
    }

    /// Listens again on the same port after [`Emulator::stop`].
    ///
    /// # Errors
    /// The port was taken meanwhile.
    pub async fn restart(&self) -> io::Result<()> {
        self.stop().await;
        let listener = TcpListener::bind(self.0.address).await?;
        self.serve_on(listener);
        Ok(())
    }
}
