//! A step as calls to a gen-2 panel, and what the write engine needs to know of this generation.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use nebulalinks_protocol::Panel;
use serde_json::{Value, json};

use super::sentinel;
use super::session::denied;
use super::steps::{self, By, Step};
use super::wanted::{Wanted, key};
use super::{Gen2, LIST};
use crate::failure::Failure;
use crate::hooks::Call;
use crate::panel::common::client_object::{ClientObject, text};
use crate::panel::common::http::CallError;
use crate::panel::common::outcome::{classify_answer, segment};
use crate::panel::common::state::PanelState;
use crate::panel::converge::{Generation, Job, StepAnswer};
use crate::panel::permit::Permit;

const ADD: &str = "panel/api/inbounds/addClient";

/// For how long a 404 to a delete by email is believed to be the version's, in ms.
const BY_KEY_MS: u64 = 5 * 60_000;

/// What a step may change beside a client: how many clients have no name, and how many sentinels
/// there are.
#[derive(Clone, Copy, PartialEq)]
pub(in crate::panel) struct Beside {
    nameless: usize,
    sentinels: usize,
}

#[async_trait]
impl Generation for Gen2 {
    type Wanted = Wanted;
    type Step = Step;
    type Beside = Beside;

    /// A panel of this generation reads, changes and stores an inbound's text without a lock.
    const LOSES_CROSSED_WRITES: bool = true;

    async fn writable(&self, permit: &Permit) -> Result<Panel, Failure> {
        let panel = self.status().await?;
        self.identity.admit(panel, permit)
    }

    async fn state(&self) -> Result<PanelState, Failure> {
        PanelState::read_gen2(self.session.read(LIST).await?)
    }

    fn beside(state: &PanelState) -> Beside {
        let clients = || state.inbounds.iter().flat_map(|i| i.clients.iter().map(|c| (i.id, c)));
        Beside {
            nameless: clients().filter(|(_, c)| text(c, "email").is_empty()).count(),
            sentinels: clients().filter(|(id, c)| sentinel::is_one(*id, text(c, "email"))).count(),
        }
    }

    fn next(state: &PanelState, job: &Job<'_, Self>) -> Result<Option<Step>, Failure> {
        if let Some(wanted) = job.wanted() {
            return steps::next(state, wanted, job.email());
        }
        match steps::gone(state, job.email())? {
            Some(step) => Ok(Some(step)),
            None => steps::rest(state, job.taken()),
        }
    }

    fn serves(step: &Step) -> bool {
        *step != Step::Zero
    }

    /// One call with an effect of its own.
    fn goes_with_others(step: &Step) -> bool {
        matches!(step, Step::Add | Step::Update { .. } | Step::Remove { .. })
    }

    /// The new clients of each inbound, where there are several.
    async fn take_many(&self, permit: &Permit, jobs: &mut [Job<'_, Self>]) -> Result<(), Failure> {
        let mut groups: BTreeMap<i64, Vec<&mut Job<'_, Self>>> = BTreeMap::new();
        for job in jobs.iter_mut().filter(|job| job.next_in_company() == Some(&Step::Add)) {
            if let Some(inbound) = job.wanted().map(|wanted| wanted.inbound) {
                groups.entry(inbound).or_default().push(job);
            }
        }
        for (inbound, group) in groups.into_iter().filter(|(_, group)| group.len() > 1) {
            let new = |job: &&mut Job<'_, Self>| job.wanted().map(Wanted::new_object);
            let body = clients_body(inbound, group.iter().filter_map(new).collect());
            permit.check()?;
            let answer = self.session.write(permit, Call::Add, ADD, Some(&body)).await;
            match classify_answer(answer, false, denied) {
                Ok(answer) => {
                    let answer = answer.map(drop);
                    let is_unknown = matches!(answer, Err(CallError::Unknown(_)));
                    group.into_iter().for_each(|job| job.took_next(answer.clone()));
                    if is_unknown {
                        return Ok(());
                    }
                }
                Err(failure) => {
                    let others = failure.kept_from_trying();
                    group.into_iter().for_each(|job| job.fail(failure.clone()));
                    return Err(others);
                }
            }
        }
        Ok(())
    }

    async fn take(
        &self,
        permit: &Permit,
        state: &PanelState,
        job: &Job<'_, Self>,
        step: &Step,
    ) -> Result<StepAnswer, Failure> {
        let email = job.email();
        let kept = |inbound: i64| {
            let copies = job.found().into_iter().flat_map(|found| &found.copies);
            let mut on = copies.filter(|(id, _)| *id == inbound).map(|(_, c)| c.clone());
            on.next().unwrap_or_default()
        };
        let update =
            |key: &str| (Call::Update, format!("panel/api/inbounds/updateClient/{}", segment(key)));
        let ((call, path), body) = match step {
            Step::Zero => {
                let path = format!("panel/api/inbounds/updateClientTraffic/{}", segment(email));
                ((Call::Update, path), json!({"upload": 0, "download": 0}))
            }
            Step::Sentinel(id) => {
                let Some(inbound) = state.inbound(*id) else { return Ok(Ok(())) };
                let body = clients_body(*id, vec![sentinel::object(inbound, &*self.entropy)?]);
                ((Call::Add, ADD.to_owned()), body)
            }
            Step::Add => {
                let Some(wanted) = job.wanted() else { return Ok(Ok(())) };
                let body = clients_body(wanted.inbound, vec![wanted.new_object()]);
                ((Call::Add, ADD.to_owned()), body)
            }
            Step::Update { inbound, key } => {
                let Some(wanted) = job.wanted() else { return Ok(Ok(())) };
                (update(key), clients_body(*inbound, vec![wanted.object(kept(*inbound))]))
            }
            Step::Off { inbound, key } | Step::Blank { inbound, key } => {
                let mut object = kept(*inbound);
                if matches!(step, Step::Blank { .. }) {
                    object.insert("email".to_owned(), json!(""));
                }
                object.insert("enable".to_owned(), json!(false));
                (update(key), clients_body(*inbound, vec![object]))
            }
            Step::Remove { inbound, key, by } => {
                let named = (*inbound, key.as_str(), *by);
                return self.remove(permit, email, state, named, job.is_written()).await;
            }
        };
        let answer = self.session.write(permit, call, &path, Some(&body)).await;
        Ok(classify_answer(answer, job.is_written(), denied)?.map(drop))
    }
}

/// The body about clients of one inbound. Its settings are text: the panel refuses an object there.
fn clients_body(inbound: i64, clients: Vec<ClientObject>) -> Value {
    json!({ "id": inbound, "settings": json!({ "clients": clients }).to_string() })
}

impl Gen2 {
    async fn remove(
        &self,
        permit: &Permit,
        email: &str,
        state: &PanelState,
        (id, its, by): (i64, &str, By),
        earlier: bool,
    ) -> Result<StepAnswer, Failure> {
        let now_ms = permit.now_ms();
        if by == By::Email && self.deletes_by_key_until.load(Ordering::Relaxed) <= now_ms {
            let path = format!("panel/api/inbounds/{id}/delClientByEmail/{}", segment(email));
            match self.session.write(permit, Call::Delete, &path, None).await {
                Err(CallError::Denied(404)) => {
                    let until = now_ms.saturating_add(BY_KEY_MS);
                    self.deletes_by_key_until.store(until, Ordering::Relaxed);
                }
                answer => return Ok(classify_answer(answer, earlier, denied)?.map(drop)),
            }
        }
        if let Some(inbound) = state.inbound(id) {
            let named = if by == By::KeyWithoutEmail { "" } else { email };
            steps::names_it(inbound, named, its)?;
            if inbound.clients.iter().any(|c| key(inbound, c).is_empty()) {
                return Err(steps::refused(
                    "a client on the inbound has no uuid or password, which makes this panel fail \
                     at every delete there: give it one, or remove it",
                ));
            }
        }
        let path = format!("panel/api/inbounds/{id}/delClient/{}", segment(its));
        let answer = self.session.write(permit, Call::Delete, &path, None).await;
        Ok(classify_answer(answer, earlier, denied)?.map(drop))
    }
}
