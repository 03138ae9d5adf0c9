//! Many clients at once: the first step of each from one reading, with the new clients of an
//! inbound in one call, and one reading after it. What is not as asked by then, or needs more than
//! one step, is done alone. After a call of which it is not known whether the panel is still at it,
//! nothing more is sent: two writes at once lose each other's work here.

use std::collections::BTreeMap;

use nebulalinks_protocol::{BatchItem, ErrorCode, Expect, Panel, WriteOutcome};
use serde_json::json;

use super::Gen2;
use super::session::denied;
use super::steps::{self, Step};
use super::wanted::Wanted;
use crate::failure::Failure;
use crate::hooks::Call;
use crate::panel::adapter::Written;
use crate::panel::common::http::CallError;
use crate::panel::common::outcome::{after_a_write, answered, expected, spent};
use crate::panel::common::state::{ClientObject, Found, PanelState};
use crate::panel::permit::Permit;

/// What is kept of a request's time for reading back what it wrote, beside twice the time that
/// reading took before, in ms.
const SPARE_MS: u64 = 2_000;

/// One client on its way to what is asked.
struct Job<'a> {
    item: &'a BatchItem,
    /// `None` for a delete.
    wanted: Option<Wanted>,
    found: Option<Found>,
    /// As it was before its step.
    was: Option<Found>,
    step: Option<Step>,
    /// What the step answered, once it was taken.
    done: Option<Result<(), CallError>>,
    over: Option<Result<Written, Failure>>,
}

impl Gen2 {
    /// Makes all these clients as asked; a result for each, in their order.
    pub(super) async fn write_all(
        &self,
        permit: &Permit,
        items: &[BatchItem],
    ) -> Vec<Result<Written, Failure>> {
        let mut jobs: Vec<Job<'_>> = items.iter().map(Job::new).collect();
        let mut gone = match self.first_steps(permit, &mut jobs).await {
            Ok(()) => jobs.iter().find_map(|job| keeps_others(job.over.as_ref()?)),
            Err(failure) => Some(failure),
        };
        let mut results = Vec::with_capacity(jobs.len());
        let mut longest_ms = 0_u64;
        for mut job in jobs {
            let began = permit.now_ms();
            if gone.is_none() && permit.left_ms() < longest_ms.saturating_mul(2) {
                gone = Some(Failure::out_of_time());
            }
            let result = match (job.over.take(), &gone) {
                (Some(result), _) => result,
                (None, Some(failure)) if job.done.is_some() => Err(after_a_write(failure.clone())),
                (None, Some(failure)) => Err(failure.clone()),
                (None, None) => {
                    let result = self.alone(permit, &job).await;
                    longest_ms = longest_ms.max(permit.now_ms().saturating_sub(began));
                    gone = keeps_others(&result);
                    result
                }
            };
            results.push(result);
        }
        results
    }

    /// Settles one client by itself, whatever was sent for it before.
    async fn alone(&self, permit: &Permit, job: &Job<'_>) -> Result<Written, Failure> {
        let written = job.done.is_some();
        let result = match job.item {
            BatchItem::Put(put) => {
                let mut request = put.request(permit.fence());
                if written {
                    let there = job.found.as_ref().and_then(Found::uuid);
                    request.expect = there.map_or(Expect::Absent, Expect::Uuid);
                }
                self.put_client(permit, &request, job.was.as_ref()).await
            }
            BatchItem::Delete(delete) => {
                self.delete_client(permit, &delete.email, Some(delete.uuid)).await
            }
        };
        match result {
            Ok(mut done) if written => {
                done.outcome = WriteOutcome::Applied;
                Ok(done)
            }
            // What the panel itself refused now was refused before as well.
            Err(failure) if written && failure.code != ErrorCode::PanelRefused => {
                Err(after_a_write(failure))
            }
            result => result,
        }
    }

    /// The failure is that of all which are not over.
    async fn first_steps(&self, permit: &Permit, jobs: &mut [Job<'_>]) -> Result<(), Failure> {
        permit.check()?;
        let panel = self.writable().await?;
        permit.check()?;
        let began = permit.now_ms();
        let state = self.state().await?;
        let spare_ms = SPARE_MS + permit.now_ms().saturating_sub(began).saturating_mul(2);
        for job in jobs.iter_mut() {
            if let Err(failure) = job.plan(&state, &panel, permit.now_ms()) {
                job.over = Some(Err(failure));
            }
        }
        self.add_many(permit, jobs).await?;
        let mut some_written = jobs.iter().any(|job| job.done.is_some());
        let mut open = jobs.iter().any(Job::is_open);
        for job in jobs.iter_mut().filter(|job| job.over.is_none() && job.done.is_none()) {
            let Some(step) = &job.step else { continue };
            if open {
                break;
            }
            // What cannot be read back in time would be unknown; not begun, it is sent again.
            if some_written && permit.left_ms() < spare_ms {
                job.over = Some(Err(Failure::out_of_time()));
                continue;
            }
            permit.check()?;
            let email = job.item.email();
            match self.take(permit, step, job.wanted.as_ref(), email, &state, false).await {
                Ok(done) => {
                    job.done = Some(done);
                    open = job.is_open();
                }
                Err(failure) => {
                    let others = failure.is_of_the_panel().then(|| failure.kept_from_trying());
                    job.over = Some(Err(failure));
                    others.map_or(Ok(()), Err)?;
                }
            }
            some_written = true;
        }
        if some_written {
            permit.check()?;
            let state = self.state().await?;
            jobs.iter_mut().for_each(|job| job.look_back(&state, &panel));
        }
        Ok(())
    }

    /// The new clients of each inbound, where there are several.
    async fn add_many(&self, permit: &Permit, jobs: &mut [Job<'_>]) -> Result<(), Failure> {
        let mut groups: BTreeMap<i64, Vec<&mut Job<'_>>> = BTreeMap::new();
        for job in jobs.iter_mut().filter(|job| job.step == Some(Step::Add)) {
            if let Some(inbound) = job.wanted.as_ref().map(|wanted| wanted.inbound) {
                groups.entry(inbound).or_default().push(job);
            }
        }
        for (inbound, group) in groups.into_iter().filter(|(_, group)| group.len() > 1) {
            let new = |job: &&mut Job<'_>| Some(job.wanted.as_ref()?.new_object());
            let clients: Vec<ClientObject> = group.iter().filter_map(new).collect();
            // The settings are text: an object there is refused.
            let settings = json!({ "clients": clients }).to_string();
            let body = json!({ "id": inbound, "settings": settings });
            permit.check()?;
            let path = "panel/api/inbounds/addClient";
            let answer = self.session.write(permit, Call::Add, path, Some(&body)).await;
            match answered(answer, false, denied) {
                Ok(done) => {
                    let open = matches!(done, Err(CallError::Unknown(_)));
                    group.into_iter().for_each(|job| job.done = Some(done.clone()));
                    if open {
                        return Ok(());
                    }
                }
                Err(failure) => {
                    let others = failure.kept_from_trying();
                    group.into_iter().for_each(|job| job.over = Some(Err(failure.clone())));
                    return Err(others);
                }
            }
        }
        Ok(())
    }
}

/// What is told of those that are not tried because of this one.
fn keeps_others(result: &Result<Written, Failure>) -> Option<Failure> {
    let failure = result.as_ref().err()?;
    let keeps = failure.is_of_the_panel() || failure.code == ErrorCode::UnknownOutcome;
    keeps.then(|| failure.kept_from_trying())
}

impl<'a> Job<'a> {
    const fn new(item: &'a BatchItem) -> Self {
        Self { item, wanted: None, found: None, was: None, step: None, done: None, over: None }
    }

    /// Whether the panel may still be at its step.
    const fn is_open(&self) -> bool {
        matches!(self.done, Some(Err(CallError::Unknown(_))))
    }

    /// What is to be done first, where that is one call with an effect of its own.
    fn plan(&mut self, state: &PanelState, panel: &Panel, now_ms: u64) -> Result<(), Failure> {
        let email = self.item.email();
        self.found = state.find(email);
        let next = match self.item {
            BatchItem::Put(put) => {
                expected(state, self.found.as_ref(), put.expect)?;
                let wanted = Wanted::new(&put.client, &put.inbounds, state)?;
                let next = steps::next(state, &wanted)?;
                let used = state.stats(email).map_or(0, |row| row.used);
                let spends = wanted.enable && wanted.is_spent(used, now_ms);
                if spends && next.as_ref().is_some_and(|step| *step != Step::Zero) {
                    return Err(spent());
                }
                self.wanted = Some(wanted);
                next
            }
            BatchItem::Delete(delete) => {
                state.proves_absence()?;
                if self.found.is_some() {
                    expected(state, self.found.as_ref(), Expect::Uuid(delete.uuid))?;
                }
                steps::gone(state, email)?
            }
        };
        match next {
            None => self.is_done(state, panel, WriteOutcome::Unchanged),
            Some(step @ (Step::Add | Step::Update { .. } | Step::Remove { .. })) => {
                self.step = Some(step);
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// What the step came to. Left open, it is settled alone.
    fn look_back(&mut self, state: &PanelState, panel: &Panel) {
        let (None, Some(done)) = (&self.over, &self.done) else { return };
        let email = self.item.email();
        self.was = std::mem::replace(&mut self.found, state.find(email));
        let is_so = match &self.wanted {
            Some(wanted) => matches!(steps::next(state, wanted), Ok(None)),
            None => self.found.is_none() && state.proves_absence().is_ok(),
        };
        if is_so {
            self.is_done(state, panel, WriteOutcome::Applied);
        } else if let Err(CallError::Unknown(why)) = done
            && self.was == self.found
        {
            // It may still be done: a second write now could cross it.
            let detail = format!("{why}, and what was asked is not there yet: read again");
            self.over = Some(Err(Failure::new(ErrorCode::UnknownOutcome, detail)));
        }
    }

    fn is_done(&mut self, state: &PanelState, panel: &Panel, outcome: WriteOutcome) {
        let found = self.found.as_ref().filter(|_| self.wanted.is_some());
        let client = found.and_then(|f| state.client(&panel.identity, f));
        self.over = Some(Ok(Written { outcome, panel: panel.clone(), client }));
    }
}
