//! `nebulalinks run`: the parts, put together.

use super::env::{SystemClock, SystemEntropy};
use super::readyz;
use crate::admin::{Admin, AdminError};
use crate::catalog::Problems;
use crate::config::{Chat as ChatConfig, GatewayTls, Keys, RunConfig};
use crate::controller::{Controller, Failure, Parts, WitnessedClock, publish_with_retained};
use crate::discord::{self, Bot};
use crate::files;
use crate::panel::{HttpPanels, KeyRing, TlsOptions, TransportError};
use crate::ports::{Clock, Entropy, Hint, IntentHandler, PanelApi, Store, StoreError, Timekeeper};
use crate::store::{FreeBytes, Hooks, OpenError, OpenOptions, SledStore, StoreIntentHandler};
use crate::watch::{self, CatalogFeed, WatchSettings};
use nebulalinks_protocol::MasterKey;
use secrecy::{ExposeSecret as _, SecretString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The most bytes of certificates: more than all public authorities take.
const MAX_PEM_BYTES: u64 = 1 << 20;

/// What a test or the sandbox may replace.
#[derive(Clone)]
pub struct World {
    /// The time, and the points at which a test ends the process.
    pub clock: Arc<dyn Clock>,
    /// Ids and credentials.
    pub entropy: Arc<dyn Entropy>,
    /// Bytes free on the disk of a folder.
    pub free_bytes: FreeBytes,
}

impl World {
    /// The machine's clock and randomness.
    #[must_use]
    pub fn real() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            free_bytes: Hooks::default().free_bytes,
        }
    }
}

/// Why the shop cannot run, or ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A folder cannot be made or a file cannot be read.
    #[error("cannot use {path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The files are invalid, and there are no last good ones.
    #[error("the files are invalid, and there are no earlier valid ones to go on with:\n{0}")]
    Catalog(Arc<Problems>),
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys cannot be used.
    #[error("the keys cannot be used: {0}")]
    Keys(String),
    /// The certificates cannot be used.
    #[error("TLS to the gateways: {0}")]
    Tls(String),
    /// Discord refuses the bot for good.
    #[error(transparent)]
    Discord(#[from] discord::BotError),
    /// A listener cannot be opened.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// The loop ended.
    #[error("the loop ended: {0}")]
    Loop(#[from] Failure),
}

/// Runs the shop until it is told to stop.
///
/// # Errors
/// See [`RunError`]; a supervisor starts the process again, and nothing is lost.
pub async fn run(
    config: RunConfig,
    world: World,
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    let proofs = config.places.proofs();
    private_if_there(&config.places.state)?;
    let store = open_store(&config, &world).await?;
    at(&proofs, files::narrow_folder)?;
    let result = run_with(&config, &world, Arc::clone(&store), proofs, shutdown.clone()).await;
    shutdown.cancel();
    if store.close().await.is_err() {
        tracing::debug!("the store was closed before");
    }
    result
}

async fn run_with(
    config: &RunConfig,
    world: &World,
    sled: Arc<SledStore>,
    proofs: PathBuf,
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    let store: Arc<dyn Store> = sled;
    let keys = key_ring(&config.keys)?;
    let clock = Arc::clone(&world.clock);
    let now = Arc::clone(&clock);
    let now = Arc::new(move || now.now().0);
    let settings = WatchSettings::new(&config.places.desired, &config.places.state, now);
    let feed = watch::start(settings, shutdown.clone()).await.map_err(RunError::Catalog)?;
    let CatalogFeed { catalog, invalid, not_taken_up, history, task: _ } = feed;
    let catalog = publish_with_retained(
        catalog,
        history,
        Arc::clone(&store),
        Arc::clone(&clock),
        shutdown.clone(),
    )
    .await?;
    let time: Arc<dyn Timekeeper> =
        Arc::new(WitnessedClock::new(Arc::clone(&clock), Arc::clone(&store), catalog.clone()));
    let panels: Arc<dyn PanelApi> = Arc::new(
        HttpPanels::new(keys, Arc::clone(&clock), &tls_options(&config.gateway_tls)?)
            .map_err(|(TransportError::NotSent(why) | TransportError::OutcomeUnknown(why))| {
                RunError::Tls(why)
            })?
            .telling(Arc::clone(&time)),
    );
    let intents: Arc<dyn IntentHandler> = Arc::new(StoreIntentHandler::new(
        Arc::clone(&store),
        catalog.clone(),
        Arc::clone(&clock),
        Arc::clone(&world.entropy),
        Arc::clone(&time),
    ));
    let bot = match chat_config(&config.chat, proofs)? {
        Some(chat) => Some(Bot::new(discord::Parts {
            config: chat,
            store: Arc::clone(&store),
            intents: Arc::clone(&intents),
            catalog: catalog.clone(),
            clock: Arc::clone(&clock),
            time: Arc::clone(&time),
        })?),
        None => {
            tracing::warn!(
                "no Discord token (NEBULALINKS_DISCORD_TOKEN or --discord-token-file): the loop \
                 runs, and nobody can order"
            );
            None
        }
    };
    let (controller, hints) = Controller::new(Parts {
        store: Arc::clone(&store),
        panels,
        chat: bot.as_ref().map(Bot::chat),
        catalog: catalog.clone(),
        clock,
        time: Arc::clone(&time),
        entropy: Arc::clone(&world.entropy),
        take_over: config.take_over,
    });
    let connected = bot.as_ref().map(Bot::connected);
    let admin = Admin {
        store,
        intents,
        discord_connected: Arc::new(move || connected.as_ref().map(|c| *c.borrow())),
        stats: controller.stats(),
        time,
        reasons: vec![readyz::files(invalid.clone(), not_taken_up)],
        catalog: readyz::catalog(catalog, invalid),
        state_disk: readyz::state_disk(config.places.state.clone(), Arc::clone(&world.free_bytes)),
        first_seen: Arc::default(),
    };
    let socket = config.control.path(&config.places.state);
    let listen = config.shown.listen;
    let mut tasks: JoinSet<Result<(), RunError>> = JoinSet::new();
    let token = shutdown.clone();
    tasks.spawn(async move { Ok(controller.run(token).await?) });
    let token = shutdown.clone();
    tasks.spawn(async move { Ok(admin.serve(listen, socket, token).await?) });
    if let Some(bot) = bot {
        tasks.spawn(forward(bot.hints(), hints, shutdown.clone()));
        let (asker, token) = (bot.clone(), shutdown.clone());
        tasks.spawn(async move { Ok(asker.ask_the_time(token).await?) });
        let token = shutdown.clone();
        tasks.spawn(async move {
            // What was sold goes on being served, and cut off, without a bot.
            if let Err(error) = bot.run(token.clone()).await {
                tracing::error!(
                    "Discord refuses the bot, and nobody can order until it is restarted with \
                     what it needs: {error}"
                );
                token.cancelled().await;
            }
            Ok(())
        });
    }
    // The first to end ends all: half a shop is worse than a restart.
    let mut result = Ok(());
    while let Some(ended) = tasks.join_next().await {
        shutdown.cancel();
        if let (Ok(()), Ok(Err(error))) = (&result, ended) {
            result = Err(error);
        }
    }
    result
}

/// What Discord tells of deleted messages and channels, as the loop hears it.
async fn forward(
    mut from: broadcast::Receiver<Hint>,
    to: mpsc::UnboundedSender<Hint>,
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    loop {
        let hint = tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            hint = from.recv() => hint,
        };
        let hint = match hint {
            Ok(hint) => hint,
            Err(broadcast::error::RecvError::Lagged(_)) => Hint::Missed,
            Err(broadcast::error::RecvError::Closed) => {
                shutdown.cancelled().await;
                return Ok(());
            }
        };
        if to.send(hint).is_err() {
            return Ok(());
        }
    }
}

async fn open_store(config: &RunConfig, world: &World) -> Result<Arc<SledStore>, RunError> {
    let clock = Arc::clone(&world.clock);
    let mut options = OpenOptions::at(&config.places.state);
    options.cache_mib = config.store.store_cache_mib;
    let dating = Arc::clone(&clock);
    options.hooks.free_bytes = Arc::clone(&world.free_bytes);
    options.hooks.now = Arc::new(move || dating.now());
    options.hooks.crash_point = Arc::new(move |point| clock.crash_point(point));
    match tokio::task::spawn_blocking(move || SledStore::open(options)).await {
        Ok(store) => Ok(Arc::new(store?)),
        Err(_) => Err(RunError::Store(StoreError::Closed)),
    }
}

pub(super) fn key_ring(keys: &Keys) -> Result<KeyRing, RunError> {
    let master = master(keys)?;
    #[allow(clippy::disallowed_methods, reason = "the names of key variables come from a file")]
    let env = |name: &str| std::env::var(name).ok().map(SecretString::from);
    Ok(KeyRing::new(Box::new(env), keys.keys_dir.clone(), master))
}

pub(super) fn master(keys: &Keys) -> Result<Option<MasterKey>, RunError> {
    let master = match &keys.master_key_file {
        Some(path) => Some(read_secret(path)?),
        None => keys.master_key.clone(),
    };
    master
        .map(|text| MasterKey::parse(text.expose_secret()))
        .transpose()
        .map_err(|error| RunError::Keys(format!("the master key: {error}")))
}

pub(super) fn tls_options(tls: &GatewayTls) -> Result<TlsOptions, RunError> {
    let read = |path: &Path| at(path, |path| files::read(path, MAX_PEM_BYTES));
    let authorities = tls.gateway_ca.as_deref().map(read).transpose()?.map(|pem| pem.to_vec());
    let identity = match (&tls.client_cert, &tls.client_key) {
        (Some(cert), Some(key)) => {
            let (cert, key) = (read(cert)?, at(key, files::read_secret_bytes)?);
            Some([cert.as_slice(), b"\n", key.as_slice()].concat().into())
        }
        _ => None,
    };
    Ok(TlsOptions { authorities, identity })
}

fn chat_config(chat: &ChatConfig, proofs: PathBuf) -> Result<Option<discord::Config>, RunError> {
    let token = match &chat.discord_token_file {
        Some(path) => Some(read_secret(path)?),
        None => chat.discord_token.clone(),
    };
    let Some(token) = token else { return Ok(None) };
    // An emulator serves attachments itself.
    let cdn_hosts = match &chat.discord_api {
        Some(api) => std::iter::once(api.authority().to_owned()).collect(),
        None => discord::Config::discord_cdn_hosts(),
    };
    Ok(Some(discord::Config {
        token,
        api_base: chat.discord_api.clone(),
        cdn_hosts,
        proofs_dir: proofs,
    }))
}

fn read_secret(path: &Path) -> Result<SecretString, RunError> {
    Ok(SecretString::from(at(path, files::read_secret)?.trim()))
}

/// A state folder that is not there is the store's to tell of.
fn private_if_there(state: &Path) -> Result<(), RunError> {
    if state.exists() { at(state, files::private_folder) } else { Ok(()) }
}

/// What went wrong with a path, with the path.
fn at<T>(path: &Path, work: impl FnOnce(&Path) -> std::io::Result<T>) -> Result<T, RunError> {
    work(path).map_err(|source| RunError::File { path: path.to_owned(), source })
}
