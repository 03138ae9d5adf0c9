//! Many clients at once: read the panel once, take a step for each client, in the panel's bulk
//! calls where there are such, read once more; until every client is as asked or said to fail.
//!
//! One client is the same with one: then only calls about one client are made. What a bulk call
//! leaves out, or refuses as a whole, is done once more by the call for one.

use std::collections::BTreeSet;

use nebulalinks_protocol::{BatchItem, ErrorCode, Expect, Panel, WriteOutcome};
use serde_json::{Value, json};

use super::Gen3;
use super::steps::{self, Step};
use super::wanted::Wanted;
use super::wire::denied;
use super::write::{Taken, stuck};
use crate::failure::Failure;
use crate::hooks::Call;
use crate::panel::adapter::{Edit, Written};
use crate::panel::common::http::CallError;
use crate::panel::common::json::field;
use crate::panel::common::outcome::{
    after_a_write, answered, expected, restless, segment, spent, there,
};
use crate::panel::common::state::{Found, PanelState};
use crate::panel::common::target::is_local;
use crate::panel::permit::Permit;

/// No client needs more steps than this.
const MOST_ROUNDS: usize = 10;
/// What is kept of a request's time for reading back what it wrote, beside twice the time that
/// reading took before, in ms.
const SPARE_MS: u64 = 2_000;

/// What is asked of one client.
#[derive(Clone, Copy)]
enum Ask<'a> {
    Item(&'a BatchItem),
    /// Of one that is not the shop's.
    Edit(&'a str, &'a Edit),
    /// The same.
    Remove(&'a str),
}

impl<'a> Ask<'a> {
    fn email(self) -> &'a str {
        match self {
            Self::Item(item) => item.email(),
            Self::Edit(email, _) | Self::Remove(email) => email,
        }
    }
}

/// One client on its way to what is asked.
struct Job<'a> {
    ask: Ask<'a>,
    aim: Aim,
    found: Option<Found>,
    next: Option<Next>,
    /// Something was sent that may have changed it.
    written: bool,
    /// A bulk call left it out.
    alone: bool,
    over: Option<Result<Written, Failure>>,
}

/// What is to become of it, and what was done last.
enum Aim {
    /// Not looked at yet.
    Unknown,
    Be(Box<Wanted>, Option<Taken>),
    /// With the number of its copies before the last delete, and what that answered.
    Go(Option<(usize, Result<(), CallError>)>),
}

#[derive(Debug, PartialEq, Eq)]
enum Next {
    Take(Step),
    Delete,
}

/// A call about many clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bulk {
    Create,
    Enable,
    Disable,
    Delete,
}

impl Bulk {
    /// What gives comes before what takes.
    const ALL: [Self; 4] = [Self::Create, Self::Enable, Self::Disable, Self::Delete];

    const fn call(self) -> (Call, &'static str) {
        match self {
            Self::Create => (Call::BulkCreate, "panel/api/clients/bulkCreate"),
            Self::Enable => (Call::Enable, "panel/api/clients/bulkEnable"),
            Self::Disable => (Call::Disable, "panel/api/clients/bulkDisable"),
            Self::Delete => (Call::BulkDelete, "panel/api/clients/bulkDel"),
        }
    }

    const fn does(self, next: &Next) -> bool {
        matches!(
            (self, next),
            (Self::Create, Next::Take(Step::Add))
                | (Self::Enable, Next::Take(Step::Enable))
                | (Self::Disable, Next::Take(Step::Disable))
                | (Self::Delete, Next::Delete)
        )
    }

    fn body(self, jobs: &[&mut Job<'_>]) -> Value {
        match self {
            Self::Create => jobs.iter().filter_map(|job| job.create()).collect(),
            Self::Enable | Self::Disable => emails(jobs),
            Self::Delete => {
                let mut body = emails(jobs);
                if let Some(body) = body.as_object_mut() {
                    body.insert("keepTraffic".to_owned(), json!(false));
                }
                body
            }
        }
    }
}

fn emails(jobs: &[&mut Job<'_>]) -> Value {
    json!({ "emails": jobs.iter().map(|job| job.ask.email()).collect::<Vec<_>>() })
}

impl Gen3 {
    /// Makes all these clients as asked; a result for each, in their order.
    pub(super) async fn write_all(
        &self,
        permit: &Permit,
        items: &[BatchItem],
    ) -> Vec<Result<Written, Failure>> {
        self.write_jobs(permit, items.iter().map(Ask::Item).map(Job::new).collect()).await
    }

    /// Changes a client that is not the shop's.
    pub(super) async fn edit_one(
        &self,
        permit: &Permit,
        email: &str,
        edit: &Edit,
    ) -> Result<Written, Failure> {
        self.fulfil(permit, Ask::Edit(email, edit)).await
    }

    /// Removes a client that is not the shop's.
    pub(super) async fn remove_one(
        &self,
        permit: &Permit,
        email: &str,
    ) -> Result<Written, Failure> {
        self.fulfil(permit, Ask::Remove(email)).await
    }

    async fn fulfil(&self, permit: &Permit, ask: Ask<'_>) -> Result<Written, Failure> {
        let mut results = self.write_jobs(permit, vec![Job::new(ask)]).await;
        results.pop().unwrap_or_else(|| Err(lost()))
    }

    async fn write_jobs(
        &self,
        permit: &Permit,
        mut jobs: Vec<Job<'_>>,
    ) -> Vec<Result<Written, Failure>> {
        if let Err(failure) = self.rounds(permit, &mut jobs).await {
            for job in jobs.iter_mut().filter(|job| job.over.is_none()) {
                job.fail(failure.clone());
            }
        }
        jobs.into_iter().map(Job::result).collect()
    }

    /// Until all are over; the failure is that of all which are not.
    async fn rounds(&self, permit: &Permit, jobs: &mut [Job<'_>]) -> Result<(), Failure> {
        permit.check()?;
        let panel = self.writable().await?;
        for _ in 0..=MOST_ROUNDS {
            permit.check()?;
            let began = permit.now_ms();
            let state = self.state().await?;
            let reading_ms = permit.now_ms().saturating_sub(began);
            for job in jobs.iter_mut().filter(|job| job.over.is_none()) {
                let next = match job.look(&state) {
                    Ok(()) => self.next(permit, job).await,
                    Err(failure) => Err(failure),
                };
                match next {
                    Ok(Some(next)) => job.next = Some(next),
                    Ok(None) => job.is_done(&panel, &state),
                    Err(failure) => job.over = Some(Err(failure)),
                }
            }
            if jobs.iter().all(|job| job.over.is_some()) {
                return Ok(());
            }
            self.act(permit, jobs, SPARE_MS.saturating_add(reading_ms.saturating_mul(2))).await?;
        }
        Err(restless())
    }

    /// What to do with a client next; `None` when it is as asked.
    async fn next(&self, permit: &Permit, job: &mut Job<'_>) -> Result<Option<Next>, Failure> {
        let found = job.found.as_ref();
        let (wanted, before) = match &mut job.aim {
            Aim::Unknown => return Ok(None),
            Aim::Go(before) => return next_delete(found, before.take()),
            Aim::Be(wanted, before) => (wanted, before),
        };
        let Some(mut step) = steps::next(found, wanted) else { return Ok(None) };
        let email = wanted.email.as_str();
        match self.instead(permit, before.as_ref(), &step, found, email).await? {
            Some(other) => step = other,
            None => stuck(before.take(), &step, found, wanted)?,
        }
        wanted.may(&step).map_err(|f| if job.written { after_a_write(f) } else { f })?;
        let used = found.and_then(|f| f.stats.as_ref()).map_or(0, |s| s.used);
        if wanted.enable && step.serves() && wanted.is_spent(used, permit.now_ms()) {
            return Err(spent());
        }
        Ok(Some(Next::Take(step)))
    }

    /// Takes every client's next step. An error is that of all that were not tried.
    async fn act(
        &self,
        permit: &Permit,
        jobs: &mut [Job<'_>],
        spare_ms: u64,
    ) -> Result<(), Failure> {
        for bulk in Bulk::ALL {
            let group: Vec<_> = jobs
                .iter_mut()
                .filter(|job| !job.alone && job.next.as_ref().is_some_and(|n| bulk.does(n)))
                .collect();
            if group.len() > 1 {
                self.take_many(permit, bulk, group).await?;
            }
        }
        let mut some_written = jobs.iter().any(|job| job.written);
        for job in jobs {
            let Some(next) = job.next.take() else { continue };
            // What cannot be read back in time would be unknown; not begun, it is simply sent again.
            if some_written && !job.written && permit.left_ms() < spare_ms {
                job.over = Some(Err(Failure::out_of_time()));
                continue;
            }
            self.take_one(permit, job, next).await?;
            some_written = true;
        }
        Ok(())
    }

    async fn take_one(
        &self,
        permit: &Permit,
        job: &mut Job<'_>,
        next: Next,
    ) -> Result<(), Failure> {
        permit.check()?;
        let taken = match (&job.aim, &next) {
            (Aim::Be(wanted, _), Next::Take(step)) => {
                self.take(permit, step, wanted, job.found.as_ref(), job.written).await
            }
            _ => {
                let path = format!("panel/api/clients/del/{}", segment(job.ask.email()));
                answered(self.wire.write(Call::Delete, &path, None).await, job.written, denied)
            }
        };
        match taken {
            Ok(done) => job.took(next, done),
            Err(failure) => {
                let others = failure.is_of_the_panel() || failure.code == ErrorCode::UnknownOutcome;
                let told = failure.kept_from_trying();
                job.over = Some(Err(failure));
                if others {
                    return Err(told);
                }
            }
        }
        Ok(())
    }

    async fn take_many(
        &self,
        permit: &Permit,
        bulk: Bulk,
        mut group: Vec<&mut Job<'_>>,
    ) -> Result<(), Failure> {
        let said_success = self.call_many(permit, bulk, &mut group).await?;
        if bulk == Bulk::Create && said_success {
            // A panel creates everything enabled.
            let mut off: Vec<_> =
                group.into_iter().filter(|job| !job.alone && !job.wants_on()).collect();
            if !off.is_empty() {
                self.call_many(permit, Bulk::Disable, &mut off).await?;
            }
        }
        Ok(())
    }

    /// One call, and what it means for each client. Whether the panel said success.
    async fn call_many(
        &self,
        permit: &Permit,
        bulk: Bulk,
        group: &mut [&mut Job<'_>],
    ) -> Result<bool, Failure> {
        permit.check()?;
        let (call, path) = bulk.call();
        let answer = self.wire.write(call, path, Some(&bulk.body(group))).await;
        let failure = match &answer {
            Err(CallError::NotSent(why)) => {
                Some(Failure::new(ErrorCode::PanelUnreachable, why.as_str()))
            }
            Err(CallError::Denied(status)) => Some(denied(*status)),
            _ => None,
        };
        if let Some(failure) = failure {
            for job in group.iter_mut() {
                job.fail(failure.clone());
            }
            return Err(failure.kept_from_trying());
        }
        let left_out: BTreeSet<&str> = match &answer {
            Ok(obj) => skipped(obj),
            // Its prose may be about any of them.
            Err(CallError::Refused(_)) => group.iter().map(|job| job.ask.email()).collect(),
            Err(_) => BTreeSet::new(),
        };
        let done = answer.as_ref().map(|_| ()).map_err(Clone::clone);
        for job in group.iter_mut() {
            let next = job.next.take();
            if left_out.contains(job.ask.email()) {
                // It may stand on some of its inbounds all the same.
                (job.written, job.alone) = (true, true);
            } else if let Some(next) = next {
                job.took(next, done.clone());
            }
        }
        Ok(done.is_ok())
    }
}

/// Whom a bulk call left out.
fn skipped(obj: &Value) -> BTreeSet<&str> {
    let items = field(obj, "skipped").as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| field(item, "email").as_str()).collect()
}

fn lost() -> Failure {
    let detail = "the gateway lost sight of this client: read again";
    Failure::new(ErrorCode::UnknownOutcome, detail)
}

fn next_delete(
    found: Option<&Found>,
    before: Option<(usize, Result<(), CallError>)>,
) -> Result<Option<Next>, Failure> {
    let Some(found) = found else { return Ok(None) };
    match before {
        None => Ok(Some(Next::Delete)),
        // Without a record, old panels take it off one inbound and refuse the rest.
        Some((copies, Err(_))) if found.copies.len() < copies => Ok(Some(Next::Delete)),
        Some((_, Err(CallError::Refused(_)))) => {
            Err(Failure::new(ErrorCode::PanelRefused, "the panel refused to delete the client"))
        }
        Some(_) => Err(Failure::new(
            ErrorCode::UnknownOutcome,
            "the client was still there after the delete: read again",
        )),
    }
}

impl<'a> Job<'a> {
    const fn new(ask: Ask<'a>) -> Self {
        Self {
            ask,
            aim: Aim::Unknown,
            found: None,
            next: None,
            written: false,
            alone: false,
            over: None,
        }
    }

    /// Takes in what the panel holds now.
    fn look(&mut self, state: &PanelState) -> Result<(), Failure> {
        self.found = state.find(self.ask.email());
        if self.found.is_none() && matches!(self.aim, Aim::Go(Some(_))) {
            state.proves_absence().map_err(after_a_write)?;
        }
        if matches!(self.aim, Aim::Unknown) {
            self.aim = self.prepare(state)?;
        }
        Ok(())
    }

    fn prepare(&self, state: &PanelState) -> Result<Aim, Failure> {
        let found = self.found.as_ref();
        match self.ask {
            Ask::Item(BatchItem::Put(put)) => {
                expected(state, found, put.expect)?;
                let mut wanted = Wanted::new(&put.client, &put.inbounds, state)?;
                wanted.is_now(found);
                Ok(Aim::Be(Box::new(wanted), None))
            }
            Ask::Item(BatchItem::Delete(delete)) => {
                // That it is gone could not be read back.
                state.proves_absence()?;
                if found.is_some() {
                    expected(state, found, Expect::Uuid(delete.uuid))?;
                }
                Ok(Aim::Go(None))
            }
            Ask::Edit(email, edit) => {
                let found = there(found)?;
                is_local(found, state)?;
                Ok(Aim::Be(Box::new(Wanted::edited(email, found, edit)?), None))
            }
            Ask::Remove(_) => {
                state.proves_absence()?;
                found.map_or(Ok(()), |found| is_local(found, state))?;
                Ok(Aim::Go(None))
            }
        }
    }

    fn wants_on(&self) -> bool {
        matches!(&self.aim, Aim::Be(wanted, _) if wanted.enable)
    }

    /// What `bulkCreate` takes.
    fn create(&self) -> Option<Value> {
        let Aim::Be(wanted, _) = &self.aim else { return None };
        let mut object = wanted.new_object();
        if let Some(made_at) = wanted.made_at {
            object.insert("created_at".to_owned(), json!(made_at));
        }
        let ids: Vec<i64> = wanted.targets.iter().map(|target| target.id).collect();
        Some(json!({ "client": object, "inboundIds": ids }))
    }

    /// A step was taken, with this answer.
    fn took(&mut self, next: Next, done: Result<(), CallError>) {
        self.written = true;
        match (&mut self.aim, next) {
            (Aim::Be(_, before), Next::Take(step)) => {
                *before = Some((step, self.found.clone(), done));
            }
            (Aim::Go(before), _) => {
                let copies = self.found.as_ref().map_or(0, |found| found.copies.len());
                *before = Some((copies, done));
            }
            _ => {}
        }
    }

    fn is_done(&mut self, panel: &Panel, state: &PanelState) {
        let client = self.found.as_ref().and_then(|f| state.client(&panel.identity, f));
        let outcome = if self.written { WriteOutcome::Applied } else { WriteOutcome::Unchanged };
        self.over = Some(Ok(Written { outcome, panel: panel.clone(), client }));
    }

    fn fail(&mut self, failure: Failure) {
        self.over = Some(Err(if self.written { after_a_write(failure) } else { failure }));
    }

    fn result(self) -> Result<Written, Failure> {
        self.over.unwrap_or_else(|| Err(lost()))
    }
}
