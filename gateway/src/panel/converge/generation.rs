//! What one generation of panels adds to the engine.

use async_trait::async_trait;
use nebulalinks_protocol::Panel;

use super::client_job::{ClientJob, StepAnswer};
use super::goal::Wanted;
use crate::failure::Failure;
use crate::panel::common::state::PanelState;
use crate::panel::permit::Permit;

/// One client's way to what is asked of it, on a panel of this generation.
pub(in crate::panel) type Job<'a, G> =
    ClientJob<'a, <G as Generation>::Wanted, <G as Generation>::Step, <G as Generation>::Beside>;

/// What one generation of panels adds to the engine.
#[async_trait]
pub(in crate::panel) trait Generation: Sized + Send + Sync {
    /// How a client is to be.
    type Wanted: Wanted;
    /// One call, or an inseparable pair.
    type Step: Clone + PartialEq + Send + Sync;
    /// What a step may change beside the client and its counters.
    type Beside: Copy + PartialEq + Send + Sync;

    /// The panel loses one of two writes that cross. After the first step of each client of a batch
    /// the engine then finishes the clients one after the other, and it sends nothing more while a
    /// call may still be under way. What the panel refuses in the first step may be another
    /// client's fault, and is asked once more.
    const LOSES_CROSSED_WRITES: bool;

    /// What the panel says of itself, if it may be written by this right.
    async fn writable(&self, permit: &Permit) -> Result<Panel, Failure>;

    /// Everything on the panel.
    async fn state(&self) -> Result<PanelState, Failure>;

    /// The panel as far as one client goes, by calls about it alone; `None` where this panel tells
    /// less of it so than a list does, or something is odd. With `before`, such a reading of the same
    /// write, its inbounds are not asked for again. The permit is checked before the calls.
    async fn alone(
        &self,
        _permit: &Permit,
        _email: &str,
        _before: Option<&PanelState>,
    ) -> Result<Option<PanelState>, Failure> {
        Ok(None)
    }

    /// What a step may change beside its client, as one reading shows it.
    fn beside(state: &PanelState) -> Self::Beside;

    /// The next step; `None` when all is as asked.
    ///
    /// # Errors
    /// What no call of this generation can mend.
    fn next(state: &PanelState, job: &Job<'_, Self>) -> Result<Option<Self::Step>, Failure>;

    /// What to do instead of a step that had no effect, where there is a way round.
    async fn instead(
        &self,
        _permit: &Permit,
        _job: &Job<'_, Self>,
        _step: &Self::Step,
    ) -> Result<Option<Self::Step>, Failure> {
        Ok(None)
    }

    /// Whether a step may bring its client into service.
    fn serves(step: &Self::Step) -> bool;

    /// Whether a step may be taken from a reading that is older than the steps of other clients.
    fn goes_with_others(_step: &Self::Step) -> bool {
        true
    }

    /// Takes the steps of several clients that fit into one call.
    ///
    /// # Errors
    /// That of all clients which were not tried.
    async fn take_many(&self, permit: &Permit, jobs: &mut [Job<'_, Self>]) -> Result<(), Failure>;

    /// Takes one step. `Ok` when a reading must tell what it did; `Err` when nothing was done and
    /// nothing will be.
    async fn take(
        &self,
        permit: &Permit,
        state: &PanelState,
        job: &Job<'_, Self>,
        step: &Self::Step,
    ) -> Result<StepAnswer, Failure>;
}
