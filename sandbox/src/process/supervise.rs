//! Keeping a child alive: started again when it dies, killed or stopped when asked to.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// How long a child that died waits before it is started again.
const BACKOFF: Duration = Duration::from_millis(150);
/// How long a child may take to end when asked to.
const TO_END: Duration = Duration::from_millis(1_500);

/// Ending within this time of its start, a child did not start at all.
const SOON: Duration = Duration::from_secs(2);

/// What to start.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    /// Its name, as in scenarios.
    pub(crate) name: String,
    /// The arguments of this very program.
    pub(crate) args: Vec<OsString>,
    /// What it finds in its environment, and nothing else of ours.
    pub(crate) env: Vec<(&'static str, String)>,
    /// Where its output goes.
    pub(crate) log: PathBuf,
    /// Whether it is started again when it dies.
    pub(crate) restart: bool,
}

/// What is known of a child.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// How often it was started.
    pub(crate) starts: u32,
    /// Whether it runs.
    pub(crate) running: bool,
    /// Its process id while it runs.
    pub(crate) pid: Option<u32>,
    /// How often in a row it ended soon after its start without being told to.
    pub(crate) died: u32,
    /// How it ended last.
    pub(crate) ended: Option<String>,
}

enum Order {
    Kill(oneshot::Sender<()>),
    Stop(oneshot::Sender<()>),
    Start(oneshot::Sender<()>),
}

/// A child under supervision; dropping it kills the child.
#[derive(Debug)]
pub(crate) struct Process {
    /// What it was started from.
    pub(crate) spec: Spec,
    orders: mpsc::Sender<Order>,
    state: watch::Receiver<State>,
    keeper: JoinHandle<()>,
}

impl Process {
    /// Starts the process and keeps it running.
    pub(crate) fn start(spec: Spec) -> Self {
        let (orders, received) = mpsc::channel(8);
        let (sender, state) = watch::channel(State::default());
        let keeper = Keeper { spec: spec.clone(), orders: received, state: sender };
        Self { spec, orders, state, keeper: tokio::spawn(keeper.run()) }
    }

    /// What is known of it.
    pub(crate) fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Whether it ended again and again by itself, so that waiting does not help.
    pub(crate) fn keeps_dying(&self) -> bool {
        self.state.borrow().died >= 5
    }

    /// `kill -9`; it is started again if it is to be. Returns when it is dead.
    pub(crate) async fn kill(&self) {
        self.ask(Order::Kill).await;
    }

    /// Asks it to end, and kills it if it does not. Returns when it is gone; it stays down.
    pub(crate) async fn stop(&self) {
        self.ask(Order::Stop).await;
    }

    /// Starts it after [`Process::stop`].
    pub(crate) async fn start_again(&self) {
        self.ask(Order::Start).await;
    }

    async fn ask(&self, order: impl FnOnce(oneshot::Sender<()>) -> Order) {
        let (done, answered) = oneshot::channel();
        // A keeper that is gone has no child either.
        if self.orders.send(order(done)).await.is_ok() {
            let _ = answered.await;
        }
    }

    /// The last lines of its log.
    pub(crate) fn log_tail(&self, lines: usize) -> String {
        let text = std::fs::read_to_string(&self.spec.log).unwrap_or_default();
        let all: Vec<&str> = text.lines().collect();
        all.get(all.len().saturating_sub(lines)..).unwrap_or_default().join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The child is killed as its handle is dropped with the task.
        self.keeper.abort();
    }
}

struct Keeper {
    spec: Spec,
    orders: mpsc::Receiver<Order>,
    state: watch::Sender<State>,
}

impl Keeper {
    async fn run(mut self) {
        loop {
            let again = match spawn(&self.spec) {
                Ok(child) => self.watch(child).await,
                Err(error) => {
                    self.ended(&format!("it cannot be started: {error}"));
                    self.spec.restart
                }
            };
            if again {
                tokio::time::sleep(BACKOFF).await;
            } else if !self.wait_for_start().await {
                return;
            }
        }
    }

    /// Until the child is gone; whether it is to be started again.
    async fn watch(&mut self, mut child: Child) -> bool {
        self.state.send_modify(|state| {
            state.starts += 1;
            state.running = true;
            state.pid = child.id();
        });
        // Held apart, because waiting for a child closes its input, and that asks it to end.
        let mut input = child.stdin.take();
        let started = tokio::time::Instant::now();
        tokio::select! {
            status = child.wait() => {
                let soon = started.elapsed() < SOON;
                self.state.send_modify(|state| state.died = if soon { state.died + 1 } else { 0 });
                self.ended(&spell(status));
                self.spec.restart
            }
            order = self.orders.recv() => match order {
                Some(Order::Kill(done)) => {
                    let _ = child.kill().await;
                    self.ended("killed");
                    let _ = done.send(());
                    self.spec.restart
                }
                Some(Order::Stop(done)) => {
                    end(&mut child, input.take()).await;
                    self.ended("stopped");
                    let _ = done.send(());
                    false
                }
                Some(Order::Start(done)) => {
                    // It runs: it is started anew, and what it did before is past.
                    end(&mut child, input.take()).await;
                    self.state.send_modify(|state| state.died = 0);
                    self.ended("stopped");
                    let _ = done.send(());
                    true
                }
                None => {
                    end(&mut child, input.take()).await;
                    self.ended("stopped");
                    false
                }
            }
        }
    }

    async fn wait_for_start(&mut self) -> bool {
        while let Some(order) = self.orders.recv().await {
            match order {
                Order::Kill(done) | Order::Stop(done) => {
                    let _ = done.send(());
                }
                Order::Start(done) => {
                    self.state.send_modify(|state| state.died = 0);
                    let _ = done.send(());
                    return true;
                }
            }
        }
        false
    }

    fn ended(&self, how: &str) {
        self.state.send_modify(|state| {
            state.running = false;
            state.pid = None;
            state.ended = Some(how.to_owned());
        });
    }
}

fn spell(status: io::Result<ExitStatus>) -> String {
    status.map_or_else(|error| error.to_string(), |status| status.to_string())
}

/// Closes its input, which asks it to end, and kills it if that takes too long.
async fn end(child: &mut Child, input: Option<ChildStdin>) {
    drop(input);
    if tokio::time::timeout(TO_END, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}

fn spawn(spec: &Spec) -> io::Result<Child> {
    let log = OpenOptions::new().create(true).append(true).open(&spec.log)?;
    Command::new(std::env::current_exe()?)
        .args(&spec.args)
        .env_clear()
        .env("RUST_BACKTRACE", "1")
        .envs(spec.env.iter().map(|(name, value)| (*name, value)))
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log)
        // Ctrl-C in the terminal is for the sandbox, which then ends its children in order.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}
