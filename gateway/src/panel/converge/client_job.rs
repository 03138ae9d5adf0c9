//! One client on its way to what a write asks of it: what was seen, sent and answered.

use nebulalinks_protocol::{BatchItem, ErrorCode, Expect, Panel, WriteOutcome};

use super::goal::{Goal, Wanted};
use crate::failure::Failure;
use crate::panel::adapter::{ClientWrite, Written};
use crate::panel::common::counters::Stats;
use crate::panel::common::http::CallError;
use crate::panel::common::located_client::LocatedClient;
use crate::panel::common::outcome::{after_a_write, check_precondition, no_effect, still_unknown};
use crate::panel::common::state::PanelState;
use crate::panel::permit::Permit;

/// What the panel answered to a step, where only a reading tells what the step did.
pub(in crate::panel) type StepAnswer = Result<(), CallError>;

/// What one reading shows of what a step may change.
#[derive(PartialEq)]
struct Seen<B> {
    found: Option<LocatedClient>,
    row: Option<Stats>,
    beside: B,
}

/// The last step: what was seen before it, and what the panel answered.
pub(in crate::panel) struct Last<S, B> {
    pub(in crate::panel) step: S,
    pub(in crate::panel) answer: StepAnswer,
    before: Option<Seen<B>>,
}

/// One client on its way to what is asked.
pub(in crate::panel) struct ClientJob<'a, W, S, B> {
    write: &'a ClientWrite,
    /// The name that it has on the panel: another one until it is adopted.
    email: &'a str,
    /// `None` until the first reading.
    goal: Option<Goal<W>>,
    seen: Option<Seen<B>>,
    next: Option<S>,
    last: Option<Last<S, B>>,
    taken: Vec<S>,
    /// Something was sent that may have changed it.
    written: bool,
    /// The same, before it went on alone.
    written_before: bool,
    /// Its steps may be taken in one call with others'.
    in_company: bool,
    then_alone: bool,
    result: Option<Result<Written, Failure>>,
}

impl<'a, W: Wanted, S: Clone + PartialEq, B: PartialEq> ClientJob<'a, W, S, B> {
    /// A job that nothing was done for. `then_alone`: after its first step it goes on by itself, and
    /// what that step answered does not count unless the panel may still be at it.
    pub(super) fn new(write: &'a ClientWrite, in_company: bool, then_alone: bool) -> Self {
        Self {
            write,
            email: write.email(),
            goal: None,
            seen: None,
            next: None,
            last: None,
            taken: Vec::new(),
            written: false,
            written_before: false,
            in_company,
            then_alone,
            result: None,
        }
    }

    /// The name that the client has on the panel.
    pub(in crate::panel) const fn email(&self) -> &'a str {
        self.email
    }

    /// How the client is to be; `None` when it is to go.
    pub(in crate::panel) fn wanted(&self) -> Option<&W> {
        match self.goal.as_ref()? {
            Goal::Be(wanted) => Some(wanted),
            Goal::Gone => None,
        }
    }

    /// The client as the last reading found it.
    pub(in crate::panel) fn found(&self) -> Option<&LocatedClient> {
        self.seen.as_ref()?.found.as_ref()
    }

    /// The step that comes next, where its client may share a call with others.
    pub(in crate::panel) fn next_in_company(&self) -> Option<&S> {
        self.next.as_ref().filter(|_| self.in_company)
    }

    /// Whether it is to make a client, and nothing came between: nothing was sent yet, or one step
    /// with success.
    pub(super) fn is_made_as_planned(&self) -> bool {
        let makes = matches!(
            self.write,
            ClientWrite::Item(BatchItem::Put(put)) if put.expect == Expect::Absent
        );
        let last = self.last.as_ref();
        makes && self.taken.len() <= 1 && last.is_none_or(|last| last.answer.is_ok())
    }

    /// Whether its steps may still share a call with others'.
    pub(in crate::panel) const fn is_in_company(&self) -> bool {
        self.in_company
    }

    /// The last step, until its effect was judged.
    pub(in crate::panel) const fn last(&self) -> Option<&Last<S, B>> {
        self.last.as_ref()
    }

    /// All steps so far, oldest first.
    pub(in crate::panel) fn taken(&self) -> &[S] {
        &self.taken
    }

    /// Whether something was sent that may have changed the client.
    pub(in crate::panel) const fn is_written(&self) -> bool {
        self.written
    }

    /// Whether the last reading shows what was there before the last step.
    pub(in crate::panel) fn is_unchanged(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.before == self.seen)
    }

    /// The planned step was taken, with this answer.
    pub(in crate::panel) fn took_next(&mut self, answer: StepAnswer) {
        if let Some(step) = self.next.take() {
            self.took(step, answer);
        }
    }

    /// A call about many left it out, or refused them all. It may stand on some of its inbounds all
    /// the same.
    pub(in crate::panel) fn was_left_out(&mut self) {
        self.next = None;
        (self.written, self.in_company) = (true, false);
    }

    /// A failure in the light of what was sent for this client before.
    pub(in crate::panel) fn after_its_writes(&self, failure: Failure) -> Failure {
        if self.written { after_a_write(failure) } else { failure }
    }

    /// Checks the permit before one more call for this client.
    ///
    /// # Errors
    /// Those of [`Permit::check`], as after a write where there was one.
    pub(in crate::panel) fn may_call(&self, permit: &Permit) -> Result<(), Failure> {
        permit.check().map_err(|failure| self.after_its_writes(failure))
    }

    /// The job is over, with a failure in the light of what was sent before.
    pub(in crate::panel) fn fail(&mut self, failure: Failure) {
        self.refuse(self.after_its_writes(failure));
    }

    /// The job is over, with this failure as it is.
    pub(super) fn refuse(&mut self, failure: Failure) {
        self.result = Some(Err(failure));
    }

    pub(super) const fn is_over(&self) -> bool {
        self.result.is_some()
    }

    pub(super) fn failure(&self) -> Option<&Failure> {
        self.result.as_ref()?.as_ref().err()
    }

    pub(super) const fn is_to_go(&self) -> bool {
        matches!(self.goal, Some(Goal::Gone))
    }

    /// Whether the panel may still be at its last step.
    pub(super) fn is_unknown(&self) -> bool {
        let answer = self.last.as_ref().map(|last| &last.answer);
        matches!(answer, Some(Err(CallError::Unknown(_))))
    }

    /// What the client used so far, in bytes.
    pub(super) fn used(&self) -> u64 {
        self.found().and_then(|found| found.stats.as_ref()).map_or(0, |row| row.used)
    }

    pub(super) fn plan(&mut self, step: S) {
        self.next = Some(step);
    }

    pub(super) const fn take_next(&mut self) -> Option<S> {
        self.next.take()
    }

    pub(super) fn took(&mut self, step: S, answer: StepAnswer) {
        self.written = true;
        self.taken.push(step.clone());
        let may_be_anothers_fault = self.then_alone && self.in_company;
        if !may_be_anothers_fault || matches!(answer, Err(CallError::Unknown(_))) {
            self.last = Some(Last { step, answer, before: self.seen.take() });
        }
    }

    /// Takes in what the panel holds now.
    pub(super) fn observe(&mut self, state: &PanelState, beside: B) -> Result<(), Failure> {
        let own = self.write.email();
        let other = self.write.other_name().filter(|_| state.find(own).is_none());
        self.email = other.filter(|other| state.find(other).is_some()).unwrap_or(own);
        let (found, row) = (state.find(self.email()), state.stats(self.email()).cloned());
        let mut now = Seen { found, row, beside };
        match &mut self.goal {
            None => self.goal = Some(Goal::of(self.write, now.found.as_ref(), state)?),
            Some(Goal::Be(wanted)) => {
                let before = self.last.as_ref().map_or(self.seen.as_ref(), |l| l.before.as_ref());
                if let (Some(row), None) = (before.and_then(|b| b.row.as_ref()), &now.row) {
                    wanted.starts_anew_after(row.used);
                }
            }
            Some(Goal::Gone) => {}
        }
        if self.is_to_go() {
            // Traffic is no effect of a delete.
            let rows = now.row.iter_mut().chain(now.found.iter_mut().flat_map(|f| &mut f.stats));
            rows.for_each(|row| row.used = 0);
        }
        self.seen = Some(now);
        Ok(())
    }

    /// Checks that a client which is to be made is not somebody else's who came meanwhile.
    pub(super) fn is_its_own(&self, state: &PanelState) -> Result<(), Failure> {
        match (self.write, self.found()) {
            (ClientWrite::Item(BatchItem::Put(put)), Some(found))
                if put.expect == Expect::Absent =>
            {
                check_precondition(state, Some(found), Expect::Uuid(put.client.uuid))
            }
            _ => Ok(()),
        }
    }

    /// Why the job is over, where the panel may still be at its last step and nothing shows of it.
    pub(super) fn judge_first_step(&mut self) {
        let unchanged = self.is_unchanged();
        if let Some(Last { answer: Err(CallError::Unknown(why)), .. }) = self.last.take()
            && unchanged
        {
            self.refuse(still_unknown(&why));
        }
    }

    /// Checks that the last step was not in vain, before `step` is taken.
    pub(super) fn had_effect(&mut self, step: &S) -> Result<(), Failure> {
        let unchanged = self.is_unchanged();
        match (self.last.take(), &self.goal) {
            (Some(last), Some(goal)) if unchanged => {
                no_effect(last.answer, last.step == *step, |prose| goal.redact(prose))
            }
            // Its effect is seen, so it is over, whatever was answered.
            _ => Ok(()),
        }
    }

    /// The client is as asked.
    pub(super) fn finish(&mut self, panel: &Panel, state: &PanelState) {
        let found = self.found().filter(|_| !self.is_to_go());
        let client = found.and_then(|found| state.client(&panel.identity, found));
        let outcome = if self.written { WriteOutcome::Applied } else { WriteOutcome::Unchanged };
        self.result = Some(Ok(Written { outcome, panel: panel.clone(), client }));
    }

    /// Goes on without the others, from a reading of its own.
    pub(super) fn begin_alone(&mut self) {
        if !self.written {
            self.goal = None;
        }
        (self.written_before, self.written) = (self.written, false);
        (self.in_company, self.last) = (false, None);
    }

    /// Takes into account what was sent before it went on alone.
    pub(super) fn end_alone(&mut self) {
        match &mut self.result {
            Some(Ok(written)) if self.written_before => written.outcome = WriteOutcome::Applied,
            // What the panel itself refused now was refused before as well.
            Some(Err(failure))
                if self.written_before
                    && !matches!(
                        failure.code,
                        ErrorCode::PanelRefused | ErrorCode::UnknownOutcome
                    ) =>
            {
                *failure = after_a_write(failure.clone());
            }
            _ => {}
        }
    }

    pub(super) fn into_result(self) -> Result<Written, Failure> {
        self.result.unwrap_or_else(|| {
            let detail = "the gateway lost sight of this client: read again";
            Err(Failure::new(ErrorCode::UnknownOutcome, detail))
        })
    }
}
