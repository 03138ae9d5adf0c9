//! The write engine, one for all panels: read, take a step for each client, read back; until every
//! client is as asked or its result says why not.
//!
//! - `generation`: what the next step is, which calls a step is made of, and which steps of several
//!   clients fit into one call
//! - `goal`: what is to become of a client
//! - `client_job`: one client's way from the request to its result
//!
//! # Guarantees
//! - A result of [`WriteOutcome::Applied`] was read back from the panel.
//! - Whatever a call really did is what the next step starts from.
//! - Each reading is of the panel that the write names: after each it is asked once more which one it is. Only
//!   a first reading of one client alone goes out together with that question.
//! - A step that had no effect is not repeated: the write fails, and says what is known.
//! - Only one client that is to be made, and is not there, is made and read back without the list: an
//!   update, a removal, a batch and whatever is odd need what only the list shows, entries that are
//!   doubled or differ from the panel's own record among them.
//!
//! # Assumptions
//! One write at a time: the caller serialises.
//!
//! [`WriteOutcome::Applied`]: nebulalinks_protocol::WriteOutcome::Applied

mod client_job;
mod generation;
mod goal;

use nebulalinks_protocol::{ErrorCode, Panel};

use super::adapter::{ClientWrite, Written};
use super::common::outcome::{already_exhausted, did_not_converge};
use super::common::state::PanelState;
use super::permit::Permit;
use crate::failure::Failure;
pub(in crate::panel) use client_job::{Last, StepAnswer};
pub(in crate::panel) use generation::{Generation, Job};
pub(in crate::panel) use goal::Wanted;

/// No client needs more steps than this.
const MOST_STEPS: usize = 12;
/// What is kept of a request's time for reading back what it wrote, beside twice the time that
/// reading took before, in ms.
const SPARE_MS: u64 = 2_000;

/// Does all these writes, each about another client; a result for each, in their order.
pub(in crate::panel) async fn write_all<G: Generation>(
    panel: &G,
    permit: &Permit,
    writes: &[ClientWrite],
) -> Vec<Result<Written, Failure>> {
    let several = writes.len() > 1;
    let then_alone = G::LOSES_CROSSED_WRITES && several;
    let new = |write| Job::<G>::new(write, several, then_alone);
    let mut jobs: Vec<Job<'_, G>> = writes.iter().map(new).collect();
    match converge(panel, permit, &mut jobs, then_alone).await {
        Ok(()) if then_alone => one_by_one(panel, permit, &mut jobs).await,
        Ok(()) => {}
        Err(failure) => {
            open::<G>(&mut jobs).for_each(|job| job.fail(failure.clone()));
        }
    }
    jobs.into_iter().map(Job::<G>::into_result).collect()
}

fn open<'j, 'a, G: Generation>(
    jobs: &'j mut [Job<'a, G>],
) -> impl Iterator<Item = &'j mut Job<'a, G>> {
    jobs.iter_mut().filter(|job| !job.is_over())
}

/// The loop. With `first_step`, only one step for each client, and what is not as asked then stays
/// open.
///
/// # Errors
/// That of all jobs which are not over.
async fn converge<G: Generation>(
    panel: &G,
    permit: &Permit,
    jobs: &mut [Job<'_, G>],
    first_step: bool,
) -> Result<(), Failure> {
    permit.check()?;
    let mut began = permit.now_ms();
    let (mut status, mut state) = begin(panel, permit, jobs).await?;
    let most = if first_step { 1 } else { MOST_STEPS };
    for steps in 0..=most {
        let reading_ms = permit.now_ms().saturating_sub(began);
        let beside = G::beside(&state);
        for job in open::<G>(jobs) {
            if first_step && steps == most {
                reread::<G>(job, &state, beside, &status);
                continue;
            }
            match next(panel, permit, job, &state, beside).await {
                Ok(Some(step)) => job.plan(step),
                Ok(None) => job.finish(&status, &state),
                Err(failure) => job.refuse(failure),
            }
        }
        if steps == most || jobs.iter().all(Job::<G>::is_over) {
            break;
        }
        let spare_ms = SPARE_MS.saturating_add(reading_ms.saturating_mul(2));
        if !act(panel, permit, jobs, &state, spare_ms, first_step).await? {
            break;
        }
        permit.check()?;
        began = permit.now_ms();
        (status, state) = read(panel, permit, jobs, &state).await?;
    }
    if first_step || jobs.iter().all(Job::<G>::is_over) { Ok(()) } else { Err(did_not_converge()) }
}

/// What the panel says of itself, and the first reading. That is of one client alone at the same time, or of
/// everything just before.
async fn begin<G: Generation>(
    panel: &G,
    permit: &Permit,
    jobs: &mut [Job<'_, G>],
) -> Result<(Panel, PanelState), Failure> {
    if matches!(jobs, [job] if job.is_made_as_planned()) {
        let (status, alone) =
            tokio::join!(panel.writable(permit), alone(panel, permit, jobs, None));
        if let (status, Some(alone)) = (status?, alone?) {
            return Ok((status, alone));
        }
    }
    admitted(panel, permit, panel.state().await?).await
}

/// The panel as far as the jobs need it, after something was sent.
async fn read<G: Generation>(
    panel: &G,
    permit: &Permit,
    jobs: &mut [Job<'_, G>],
    before: &PanelState,
) -> Result<(Panel, PanelState), Failure> {
    if let Some(alone) = alone(panel, permit, jobs, Some(before)).await? {
        return admitted(panel, permit, alone).await;
    }
    permit.check()?;
    admitted(panel, permit, panel.state().await?).await
}

/// A reading, and what the panel says of itself just after it: what answers may be another panel by then, at
/// any reading of a request.
async fn admitted<G: Generation>(
    panel: &G,
    permit: &Permit,
    state: PanelState,
) -> Result<(Panel, PanelState), Failure> {
    Ok((panel.writable(permit).await?, state))
}

/// One client that is to be made is looked for alone where the panel can: it must not be there before,
/// and be as asked afterwards. All else is judged by the list.
async fn alone<G: Generation>(
    panel: &G,
    permit: &Permit,
    jobs: &mut [Job<'_, G>],
    before: Option<&PanelState>,
) -> Result<Option<PanelState>, Failure> {
    let [job] = jobs else { return Ok(None) };
    if !job.is_made_as_planned() {
        return Ok(None);
    }
    let alone = panel.alone(permit, job.email(), before).await?;
    Ok(alone.filter(|alone| settles::<G>(job, alone)))
}

/// Whether what was seen of a client alone is all that its job is about.
fn settles<G: Generation>(job: &mut Job<'_, G>, alone: &PanelState) -> bool {
    let (is_there, is_made) = (alone.find(job.email()).is_some(), job.is_written());
    // Where the name of an inbound means none, too, the list says why.
    let is_clear = job.observe(alone, G::beside(alone)).is_ok();
    is_clear && is_there == is_made && (!is_made || matches!(G::next(alone, job), Ok(None)))
}

/// What to do with a client next; `None` when it is as asked.
async fn next<G: Generation>(
    panel: &G,
    permit: &Permit,
    job: &mut Job<'_, G>,
    state: &PanelState,
    beside: G::Beside,
) -> Result<Option<G::Step>, Failure> {
    job.observe(state, beside)?;
    job.is_its_own(state)?;
    let Some(mut step) = G::next(state, job).map_err(|f| job.after_its_writes(f))? else {
        if job.is_to_go() {
            state.proves_absence().map_err(|f| job.after_its_writes(f))?;
        }
        return Ok(None);
    };
    match panel.instead(permit, job, &step).await? {
        Some(other) => step = other,
        None => job.had_effect(&step)?,
    }
    let on = job.wanted().filter(|wanted| wanted.is_on() && G::serves(&step));
    if on.is_some_and(|wanted| wanted.is_exhausted(job.used(), permit.now_ms())) {
        return Err(job.after_its_writes(already_exhausted()));
    }
    Ok(Some(step))
}

/// What the first step came to. Left open, the job goes on alone.
fn reread<G: Generation>(
    job: &mut Job<'_, G>,
    state: &PanelState,
    beside: G::Beside,
    status: &Panel,
) {
    if let Err(failure) = job.observe(state, beside).and_then(|()| job.is_its_own(state)) {
        return job.refuse(failure);
    }
    let is_so = matches!(G::next(state, job), Ok(None));
    if is_so && (!job.is_to_go() || state.proves_absence().is_ok()) {
        return job.finish(status, state);
    }
    job.judge_first_step();
}

/// Takes every client's next step, and says whether something was sent.
///
/// # Errors
/// That of all jobs which are not over.
async fn act<G: Generation>(
    panel: &G,
    permit: &Permit,
    jobs: &mut [Job<'_, G>],
    state: &PanelState,
    spare_ms: u64,
    first_step: bool,
) -> Result<bool, Failure> {
    panel.take_many(permit, jobs).await?;
    let mut some_written = jobs.iter().any(Job::<G>::is_written);
    let mut unknown = jobs.iter().any(Job::<G>::is_unknown);
    for job in jobs {
        let Some(step) = job.take_next() else { continue };
        if first_step && (unknown || !G::goes_with_others(&step)) {
            continue;
        }
        // What cannot be read back in time would be unknown; not begun, it is simply sent again.
        if some_written && !job.is_written() && permit.left_ms() < spare_ms {
            job.refuse(Failure::out_of_time());
            continue;
        }
        // Each call checks it, too; here it ends the rest at once, before it is read for.
        permit.check()?;
        match panel.take(permit, state, job, &step).await {
            Ok(answer) => job.took(step, answer),
            Err(failure) => {
                let others = keeps_others(&failure);
                job.refuse(failure);
                others.map_or(Ok(()), Err)?;
            }
        }
        some_written = true;
        unknown |= job.is_unknown();
    }
    Ok(some_written)
}

/// Finishes each client that is still open by itself.
async fn one_by_one<G: Generation>(panel: &G, permit: &Permit, jobs: &mut [Job<'_, G>]) {
    let mut stopped = jobs.iter().find_map(|job| keeps_others(job.failure()?));
    let mut longest_ms = 0_u64;
    for job in open::<G>(jobs) {
        let began = permit.now_ms();
        if stopped.is_none() && permit.left_ms() < longest_ms.saturating_mul(2) {
            stopped = Some(Failure::out_of_time());
        }
        if let Some(failure) = &stopped {
            job.fail(failure.clone());
            continue;
        }
        job.begin_alone();
        if let Err(failure) = converge(panel, permit, std::slice::from_mut(job), false).await {
            job.fail(failure);
        }
        job.end_alone();
        longest_ms = longest_ms.max(permit.now_ms().saturating_sub(began));
        stopped = job.failure().and_then(keeps_others);
    }
}

/// The failure of those that are not tried because of this one.
fn keeps_others(failure: &Failure) -> Option<Failure> {
    let keeps = failure.is_of_the_panel() || failure.code == ErrorCode::UnknownOutcome;
    keeps.then(|| failure.kept_from_trying())
}
