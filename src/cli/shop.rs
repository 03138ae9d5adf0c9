//! The shop: its parts, put together once, and run together.

use super::env::Env;
use super::lists::Exporter;
use super::readyz;
use super::scheduled::BackupJob;
use super::secrets::{self, SecretsError};
use crate::admin::{Admin, AdminError};
use crate::catalog::Problems;
use crate::config::{GitPull, RunConfig};
use crate::controller::{
    AskDevices, Cadence, Controller, Failure, Parts, WitnessedClock, publish_with_retained,
    recount_if_short,
};
use crate::discord::{self, Bot};
use crate::files;
use crate::model::Actor;
use crate::panel::{HttpPanels, TlsError};
use crate::ports::{Hint, IntentHandler, PanelApi, Store, StoreError, Timekeeper};
use crate::store::{OpenError, OpenOptions, SledStore, StoreIntentHandler, StoreStats};
use crate::watch::{self, CatalogFeed, NotPulled, NowMs, PullSettings, WatchSettings};
use crate::web::{SubscriptionStats, Web, WebError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Why the shop cannot run, or ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A folder cannot be made or narrowed.
    #[error("cannot use {path}: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system answered.
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
    /// Keys, certificates or the bot's token cannot be read.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The certificates cannot be used.
    #[error("TLS to the gateways: {0}")]
    Tls(#[from] TlsError),
    /// Discord refuses the bot for good.
    #[error(transparent)]
    Discord(#[from] discord::BotError),
    /// A listener cannot be opened.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// The service's own backups cannot be made so.
    #[error("backups: {0}")]
    Backups(String),
    /// The listener for customers cannot be opened.
    #[error(transparent)]
    Web(#[from] WebError),
    /// The loop ended.
    #[error("the loop ended: {0}")]
    Loop(#[from] Failure),
}

/// A shop that is open and does not run yet.
pub struct Shop {
    store: Arc<SledStore>,
    parts: Assembled,
    /// Ends what was started while the shop was opened.
    stop: CancellationToken,
}

/// The parts on top of the store.
struct Assembled {
    controller: Controller,
    hints: mpsc::UnboundedSender<Hint>,
    bot: Option<Bot>,
    admin: Admin,
    backups: Option<BackupJob>,
    listen: SocketAddr,
    socket: PathBuf,
    /// What customers reach, and where.
    public: Option<(Web, SocketAddr)>,
}

impl Shop {
    /// Opens the store, reads the files, and puts the parts together. Only the files are followed
    /// from here on.
    ///
    /// # Errors
    /// See [`RunError`]; the store is closed then.
    pub async fn open(config: RunConfig, env: Env) -> Result<Self, RunError> {
        private_if_there(&config.places.state)?;
        let store = open_store(&config, &env).await?;
        let stop = CancellationToken::new();
        match assemble(&config, &env, Arc::clone(&store), stop.clone()).await {
            Ok(parts) => Ok(Self { store, parts, stop }),
            Err(error) => {
                stop.cancel();
                close(&store).await;
                Err(error)
            }
        }
    }

    /// Runs until `shutdown`, or until one of the parts ends: half a shop is worse than a restart.
    ///
    /// # Errors
    /// The first error of a part; a supervisor starts the process again, and nothing is lost.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), RunError> {
        let Self { store, parts, stop } = self;
        let mut tasks = parts.spawn(&stop);
        let mut result = Ok(());
        loop {
            tokio::select! {
                () = shutdown.cancelled(), if !stop.is_cancelled() => stop.cancel(),
                ended = tasks.join_next() => {
                    let Some(ended) = ended else { break };
                    stop.cancel();
                    if let (Ok(()), Ok(Err(error))) = (&result, ended) {
                        result = Err(error);
                    }
                }
            }
        }
        close(&store).await;
        result
    }
}

/// Opens the shop and runs it until `shutdown`.
///
/// # Errors
/// See [`RunError`].
pub async fn run(config: RunConfig, env: Env, shutdown: CancellationToken) -> Result<(), RunError> {
    Shop::open(config, env).await?.run(shutdown).await
}

async fn assemble(
    config: &RunConfig,
    env: &Env,
    store: Arc<SledStore>,
    stop: CancellationToken,
) -> Result<Assembled, RunError> {
    let store: Arc<dyn Store> = store;
    let (clock, entropy) = (Arc::clone(&env.clock), Arc::clone(&env.entropy));
    let proofs = config.places.proofs();
    at(&proofs, files::narrow_folder)?;
    let keys = secrets::key_ring(&config.keys)?;
    let tls = secrets::tls_options(&config.gateway_tls)?;
    let dating = Arc::clone(&clock);
    let now: NowMs = Arc::new(move || dating.now().0);
    let pulled = pulled(config, &now, &stop);
    let settings = WatchSettings::new(&config.places.desired, &config.places.state, now);
    let feed = watch::start(settings, stop.clone()).await.map_err(RunError::Catalog)?;
    let CatalogFeed { catalog, invalid, not_taken_up, history, task: _ } = feed;
    let catalog =
        publish_with_retained(catalog, history, Arc::clone(&store), Arc::clone(&clock), stop)
            .await?;
    let time: Arc<dyn Timekeeper> =
        Arc::new(WitnessedClock::new(Arc::clone(&clock), Arc::clone(&store), catalog.clone()));
    let panels = HttpPanels::new(keys, Arc::clone(&clock), &tls)?.telling(Arc::clone(&time));
    let panels: Arc<dyn PanelApi> = Arc::new(panels);
    let intents: Arc<dyn IntentHandler> = Arc::new(StoreIntentHandler::new(
        Arc::clone(&store),
        catalog.clone(),
        Arc::clone(&clock),
        Arc::clone(&entropy),
        Arc::clone(&time),
    ));
    let bot = secrets::chat_config(&config.chat, proofs)?.map(|chat| {
        Bot::new(discord::Parts {
            config: chat,
            store: Arc::clone(&store),
            intents: Arc::clone(&intents),
            catalog: catalog.clone(),
            clock: Arc::clone(&clock),
            time: Arc::clone(&time),
        })
    });
    let bot = bot.transpose()?;
    let state_disk = readyz::state_disk(config.places.state.clone(), Arc::clone(&env.free_bytes));
    let reasons = vec![
        readyz::files(invalid.clone(), not_taken_up),
        readyz::pulled(pulled),
        readyz::addresses(catalog.clone(), config.public.public_listen.is_some()),
        readyz::disk(Arc::clone(&state_disk)),
        readyz::posts(bot.as_ref().map(Bot::unread)),
    ];
    let (controller, hints) = Controller::new(Parts {
        store: Arc::clone(&store),
        panels: Arc::clone(&panels),
        chat: bot.as_ref().map(Bot::chat),
        catalog: catalog.clone(),
        clock,
        time: Arc::clone(&time),
        entropy: Arc::clone(&entropy),
        take_over: config.take_over,
        cadence: tokio::sync::watch::channel(Cadence::default()).1,
        reasons: reasons.clone(),
    });
    let backups = BackupJob::of(&config.backups, &config.places.state, Arc::clone(&env.clock))
        .map_err(RunError::Backups)?;
    if let Some(bot) = &bot {
        let devices = AskDevices::new(Arc::clone(&store), panels, catalog.clone());
        bot.tell_devices(Arc::new(devices));
    }
    let connected = bot.as_ref().map(Bot::connected);
    let asked = Arc::new(SubscriptionStats::default());
    let proxies = config.public.public_proxies.clone();
    let public = config.public.public_listen.map(|at| {
        let (store, time, catalog) = (Arc::clone(&store), Arc::clone(&time), catalog.clone());
        (Web::new(store, time, catalog, Arc::clone(&asked), proxies), at)
    });
    let admin = Admin {
        store,
        intents,
        discord_connected: Arc::new(move || connected.as_ref().map(|c| *c.borrow())),
        stats: controller.stats(),
        passes: controller.recent_passes(),
        ahead: controller.ahead(),
        look_now: controller.look_now(),
        time,
        reasons,
        in_force: readyz::in_force(catalog.clone()),
        catalog: readyz::catalog(catalog, invalid),
        state_disk,
        backups: backups.as_ref().map(BackupJob::seen),
        first_seen: Arc::default(),
        entropy,
        subscriptions: Arc::new(move || asked.counted()),
    };
    if let Some(bot) = &bot {
        let admin = admin.clone();
        bot.tell_exports(Arc::new(Exporter::new(admin.clone())));
        bot.tell_health(Arc::new(move || admin.reasons_now()));
    }
    let (listen, socket) = (config.shown.listen, config.control.path(&config.places.state));
    Ok(Assembled { controller, hints, bot, admin, backups, listen, socket, public })
}

/// Follows the repository where that is asked for.
fn pulled(
    config: &RunConfig,
    now: &NowMs,
    stop: &CancellationToken,
) -> Option<tokio::sync::watch::Receiver<Option<NotPulled>>> {
    let GitPull { git_pull, git_key, git_known_hosts, git_verify } = config.git.clone();
    let settings = PullSettings {
        dir: config.places.desired.clone(),
        every: git_pull?,
        key: git_key,
        known_hosts: git_known_hosts,
        verify: git_verify,
    };
    Some(watch::follow(settings, Arc::clone(now), stop.clone()))
}

impl Assembled {
    /// Starts every part; each ends with `stop`.
    fn spawn(self, stop: &CancellationToken) -> JoinSet<Result<(), RunError>> {
        let Self { controller, hints, bot, admin, backups, listen, socket, public } = self;
        let mut tasks = JoinSet::new();
        tasks.spawn(keep_books(admin.clone(), stop.clone()));
        let token = stop.clone();
        tasks.spawn(async move { Ok(controller.run(token).await?) });
        let token = stop.clone();
        tasks.spawn(async move { Ok(admin.serve(listen, socket, token).await?) });
        if let Some(backups) = backups {
            let token = stop.clone();
            tasks.spawn(async move {
                backups.run(token).await;
                Ok(())
            });
        }
        if let Some((web, at)) = public {
            let token = stop.clone();
            tasks.spawn(async move { Ok(web.serve(at, token).await?) });
        }
        let Some(bot) = bot else {
            tracing::warn!(
                "no Discord token (NEBULALINKS_DISCORD_TOKEN or --discord-token-file): the loop \
                 runs, and nobody can order"
            );
            return tasks;
        };
        tasks.spawn(forward(bot.hints(), hints, stop.clone()));
        let (asker, token) = (bot.clone(), stop.clone());
        tasks.spawn(async move { Ok(asker.ask_the_time(token).await?) });
        tasks.spawn(serve_orders(bot, stop.clone()));
        tasks
    }
}

/// How long after a count of what was taken that failed the next is tried.
const COUNT_AGAIN: Duration = Duration::from_secs(300);

/// Counts what was taken where that was not kept yet, or not all of it is there.
async fn keep_books(admin: Admin, stop: CancellationToken) -> Result<(), RunError> {
    let line = |days| admin.recounted(Actor::Controller, days);
    loop {
        match recount_if_short(&*admin.store, &line).await {
            Ok(0) => break,
            Ok(days) => {
                tracing::info!(days, "counted what was taken from the orders");
                break;
            }
            Err(error) => tracing::error!(
                %error,
                "what was taken could not be counted, so `nebulalinks revenue` lacks some of it: tried again in 5 min"
            ),
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(COUNT_AGAIN) => {}
        }
    }
    stop.cancelled().await;
    Ok(())
}

/// Runs the bot. What was sold goes on being served, and cut off, without one.
async fn serve_orders(bot: Bot, stop: CancellationToken) -> Result<(), RunError> {
    if let Err(error) = bot.run(stop.clone()).await {
        tracing::error!(
            "Discord refuses the bot, and nobody can order until it is restarted with what it \
             needs: {error}"
        );
        stop.cancelled().await;
    }
    Ok(())
}

/// What Discord tells of deleted messages and channels, as the loop hears it.
async fn forward(
    mut from: broadcast::Receiver<Hint>,
    to: mpsc::UnboundedSender<Hint>,
    stop: CancellationToken,
) -> Result<(), RunError> {
    loop {
        let hint = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            hint = from.recv() => hint,
        };
        let hint = match hint {
            Ok(hint) => hint,
            Err(broadcast::error::RecvError::Lagged(_)) => Hint::Missed,
            Err(broadcast::error::RecvError::Closed) => {
                stop.cancelled().await;
                return Ok(());
            }
        };
        if to.send(hint).is_err() {
            return Ok(());
        }
    }
}

async fn open_store(config: &RunConfig, env: &Env) -> Result<Arc<SledStore>, RunError> {
    let clock = Arc::clone(&env.clock);
    let mut options = OpenOptions::at(&config.places.state);
    options.cache_mib = config.store.store_cache_mib;
    let dating = Arc::clone(&clock);
    options.hooks.free_bytes = Arc::clone(&env.free_bytes);
    options.hooks.now = Arc::new(move || dating.now());
    options.hooks.crash_point = Arc::new(move |point| clock.crash_point(point));
    let store = match tokio::task::spawn_blocking(move || SledStore::open(options)).await {
        Ok(store) => store?,
        Err(_) => return Err(RunError::Store(StoreError::Closed)),
    };
    let StoreStats { load, revision, unread, .. } = store.stats();
    tracing::info!(
        revision,
        records = load.records,
        took_ms = u64::try_from(load.took.as_millis()).unwrap_or(u64::MAX),
        checkpoint = load.checkpoint,
        replayed = load.replayed,
        still_reading = unread,
        "the store is open"
    );
    Ok(Arc::new(store))
}

async fn close(store: &SledStore) {
    if store.close().await.is_err() {
        tracing::debug!("the store was closed before");
    }
}

/// Narrows the state folder to us. Where there is none, the store says so when it is opened.
fn private_if_there(state: &Path) -> Result<(), RunError> {
    if state.exists() { at(state, files::private_folder) } else { Ok(()) }
}

/// What went wrong with a folder, with its path.
fn at(path: &Path, work: impl FnOnce(&Path) -> std::io::Result<()>) -> Result<(), RunError> {
    work(path).map_err(|source| RunError::Folder { path: path.to_owned(), source })
}
