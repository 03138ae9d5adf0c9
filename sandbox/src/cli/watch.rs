//! `play --watch`: a scenario on the page, step by step, and afterwards what it left behind.
//! `play --record`: the other way round.

use crate::page::{Page, Recorder, World, tell};
use crate::scenario::{Scenario, Stage, receipts_of, record, recordable};
use crate::trouble::Trouble;
use nebulalinks_model_panel::PanelVersion;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Plays each in a system of its own; what the last one left stays until Ctrl-C.
pub(super) async fn watch(
    files: &[PathBuf],
    at: SocketAddr,
    shipped: &Path,
    panel: PanelVersion,
    log: &str,
) -> Result<ExitCode, Trouble> {
    let scenarios: Vec<Scenario> =
        files.iter().map(|file| Scenario::read(file)).collect::<Result<_, _>>()?;
    let page = Page::open(at).await?;
    say!("The page: {}", page.address());
    let mut code = ExitCode::SUCCESS;
    let last = scenarios.len();
    for (n, scenario) in (1..).zip(scenarios) {
        say!("{}: it waits on the page; Ctrl-C ends it", scenario.name());
        let stage = Stage::set(shipped, panel, log).await?;
        let world = World::of(Arc::clone(&stage.system));
        page.show(world.clone());
        let told = tokio::select! {
            told = tell(&world, Some(stage.desired.clone()), scenario) => told,
            () = nebulalinks::cli::stop_signal() => {
                stage.system.stop().await;
                return Ok(code);
            }
        };
        match told {
            Ok(()) => say!("ok"),
            Err(trouble) => {
                complain!("FAIL  {trouble}");
                code = ExitCode::FAILURE;
            }
        }
        if n == last {
            say!("What it left is on the page; Ctrl-C stops.");
            nebulalinks::cli::stop_signal().await;
        }
        stage.system.stop().await;
    }
    Ok(code)
}

/// Writes what is done at the page into a file until Ctrl-C; `play` plays it then.
pub(super) async fn write(
    file: &Path,
    at: SocketAddr,
    shipped: &Path,
    panel: PanelVersion,
    log: &str,
) -> Result<ExitCode, Trouble> {
    recordable(file)?;
    let page = Page::open(at).await?;
    say!("The page: {}", page.address());
    let stage = Stage::set(shipped, panel, log).await?;
    let (to, from) = mpsc::channel(16);
    let receipts = receipts_of(file);
    let kept = receipts.display().to_string();
    let recorder = Recorder::to(to, receipts, stage.desired.clone());
    page.show(World::recorded(Arc::clone(&stage.system), Some(recorder)));
    say!("What you do there is written to {}; Ctrl-C ends it.", file.display());
    say!("Pictures that you send are kept in {kept}.");
    let stop = nebulalinks::cli::stop_signal();
    let wrote = record(Arc::clone(&stage.system), file, from, stop).await;
    stage.system.stop().await;
    wrote.map(|()| ExitCode::SUCCESS)
}
