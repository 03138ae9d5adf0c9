//! A step as calls to a gen-3 panel, and what the write engine needs to know of this generation.

use async_trait::async_trait;
use nebulalinks_protocol::Panel;
use serde_json::{Value, json};

use super::steps::{self, Step};
use super::wanted::Wanted;
use super::wire::denied;
use super::{Gen3, LIST};
use crate::failure::Failure;
use crate::hooks::Call;
use crate::panel::common::client_object::ClientObject;
use crate::panel::common::http::CallError;
use crate::panel::common::inbound::InboundState;
use crate::panel::common::json::field;
use crate::panel::common::outcome::{after_a_write, classify_answer, segment};
use crate::panel::common::state::PanelState;
use crate::panel::converge::{Generation, Job, Last, StepAnswer};
use crate::panel::permit::Permit;

#[async_trait]
impl Generation for Gen3 {
    type Wanted = Wanted;
    type Step = Step;
    type Beside = ();

    const LOSES_CROSSED_WRITES: bool = false;

    async fn writable(&self, permit: &Permit) -> Result<Panel, Failure> {
        let panel = self.status().await?;
        self.identity.admit(panel, permit)
    }

    async fn state(&self) -> Result<PanelState, Failure> {
        let state = PanelState::read(self.wire.read(LIST).await?, self.allow_nodes)?;
        if state.unreadable.is_empty() {
            let shapes = state.inbounds.iter().map(InboundState::without_clients).collect();
            self.last_list.shows(shapes, state.made(), state.emails());
        } else {
            self.last_list.lacks_some();
        }
        Ok(state)
    }

    async fn alone(
        &self,
        permit: &Permit,
        email: &str,
        before: Option<&PanelState>,
    ) -> Result<Option<PanelState>, Failure> {
        self.with_one(permit, email, before.and_then(PanelState::of_nobody)).await
    }

    fn beside(_state: &PanelState) {}

    fn next(_state: &PanelState, job: &Job<'_, Self>) -> Result<Option<Step>, Failure> {
        Ok(match job.wanted() {
            Some(wanted) => steps::next(job.found(), wanted),
            None => job.found().map(|_| Step::Delete),
        })
    }

    /// The way round for a panel whose tables have drifted apart.
    async fn instead(
        &self,
        permit: &Permit,
        job: &Job<'_, Self>,
        step: &Step,
    ) -> Result<Option<Step>, Failure> {
        let Some(Last { step: last, answer, .. }) = job.last() else { return Ok(None) };
        let in_vain = match answer {
            Ok(()) => last == step,
            Err(error) => matches!(error, CallError::Refused(_)),
        };
        let is_there = job.wanted().is_some() && job.found().is_some();
        if !in_vain || !is_there || !job.is_unchanged() || *last == Step::Remove {
            return Ok(None);
        }
        if self.record(permit, job).await?.is_none() {
            return Ok(Some(Step::Remove));
        }
        // The table says that it is on an inbound whose settings lack it.
        Ok(match last {
            Step::Attach(ids) => Some(Step::AddTo(ids.clone())),
            _ => None,
        })
    }

    fn serves(step: &Step) -> bool {
        step.serves()
    }

    async fn take_many(&self, permit: &Permit, jobs: &mut [Job<'_, Self>]) -> Result<(), Failure> {
        self.bulk(permit, jobs).await
    }

    async fn take(
        &self,
        permit: &Permit,
        state: &PanelState,
        job: &Job<'_, Self>,
        step: &Step,
    ) -> Result<StepAnswer, Failure> {
        let calls = match job.wanted() {
            Some(wanted) => {
                wanted.may(step, job.found()).map_err(|f| job.after_its_writes(f))?;
                self.calls(permit, state, job, wanted, step).await?
            }
            None => Some(vec![delete(&segment(job.email()))]),
        };
        let Some(calls) = calls else {
            return Ok(Err(CallError::Refused("it has no record of the client".to_owned())));
        };
        let mut written = job.is_written();
        for (call, path, body) in calls {
            permit.check().map_err(|f| if written { after_a_write(f) } else { f })?;
            let body = (!body.is_null()).then_some(&body);
            let answer = self.wire.write(call, &path, body).await;
            if let Err(error) = classify_answer(answer, written, denied)? {
                return Ok(Err(error));
            }
            written = true;
        }
        Ok(Ok(()))
    }
}

/// One call: its kind, its path, and its body (`null` for none).
type PanelCall = (Call, String, Value);

impl Gen3 {
    /// The calls of a step; `None` when the panel has no record of the client to update.
    async fn calls(
        &self,
        permit: &Permit,
        state: &PanelState,
        job: &Job<'_, Self>,
        wanted: &Wanted,
        step: &Step,
    ) -> Result<Option<Vec<PanelCall>>, Failure> {
        let email = segment(job.email());
        let of_one = |call: Call, what: &str, ids: &[i64]| {
            let path = format!("panel/api/clients/{email}/{what}");
            (call, path, json!({ "inboundIds": ids }))
        };
        let attach = |ids: &[i64]| of_one(Call::Attach, "attach", ids);
        let detach = |ids: &[i64]| of_one(Call::Detach, "detach", ids);
        let switch = |call: Call, what: &str| {
            let path = format!("panel/api/clients/bulk{what}");
            (call, path, json!({ "emails": [job.email()] }))
        };
        Ok(Some(match step {
            Step::Add | Step::AddTo(_) => {
                let ids: Vec<i64> = match step {
                    Step::AddTo(ids) => ids.clone(),
                    _ => wanted.targets.iter().map(|t| t.id).collect(),
                };
                let object = self.revived(permit, state, job, wanted).await?;
                let body = json!({"client": object, "inboundIds": ids});
                let mut calls = vec![(Call::Add, "panel/api/clients/add".to_owned(), body)];
                if !wanted.enable {
                    calls.push(switch(Call::Disable, "Disable"));
                }
                calls
            }
            Step::Disable => vec![switch(Call::Disable, "Disable")],
            Step::Enable => vec![switch(Call::Enable, "Enable")],
            Step::Update | Step::Touch => {
                let Some(kept) = self.kept(permit, job).await? else { return Ok(None) };
                let path = format!("panel/api/clients/update/{email}");
                let object = wanted.object(kept);
                let mut calls = Vec::new();
                if *step == Step::Touch {
                    let mut touched = object.clone();
                    touched.insert("comment".to_owned(), json!("nl: being repaired"));
                    calls.push((Call::Update, path.clone(), Value::Object(touched)));
                }
                calls.push((Call::Update, path, Value::Object(object)));
                calls
            }
            Step::Attach(ids) => vec![attach(ids)],
            Step::Detach(ids) => vec![detach(ids)],
            Step::Rebuild(id) => vec![detach(&[*id]), attach(&[*id])],
            Step::Remove => {
                let path = format!("panel/api/clients/del/{email}?keepTraffic=1");
                vec![(Call::Delete, path, Value::Null)]
            }
            Step::Delete => vec![delete(&email)],
        }))
    }

    /// The panel's own record of a client; `None` when it has none.
    async fn record(&self, permit: &Permit, job: &Job<'_, Self>) -> Result<Option<Value>, Failure> {
        job.may_call(permit)?;
        let path = format!("panel/api/clients/get/{}", segment(job.email()));
        self.wire.read_or_refused(&path).await.map_err(|f| job.after_its_writes(f))
    }

    /// The object to create. A record may have outlived its inbounds, and the counters with it: the
    /// panel takes the name only with the record's subscription key, which the next step rotates,
    /// and the counters go on from when they began. Who was just looked for alone has no record.
    async fn revived(
        &self,
        permit: &Permit,
        state: &PanelState,
        job: &Job<'_, Self>,
        wanted: &Wanted,
    ) -> Result<ClientObject, Failure> {
        let mut object = wanted.new_object();
        let answer = match state.of_nobody() {
            Some(_) => Value::Null,
            None => self.record(permit, job).await?.unwrap_or_default(),
        };
        let record = field(&answer, "client");
        let created = field(record, "createdAt").as_i64().filter(|ms| *ms > 0);
        if let Some(created) = wanted.made_at.or(created) {
            object.insert("created_at".to_owned(), json!(created));
        }
        if let Some(sub_id) = field(record, "subId").as_str().filter(|s| !s.is_empty()) {
            object.insert("subId".to_owned(), json!(sub_id));
        }
        Ok(object)
    }

    /// The fields that are not ours, in the shape the panel takes: from the settings, and from the
    /// record what the settings do not hold. `None` when it has no record.
    async fn kept(
        &self,
        permit: &Permit,
        job: &Job<'_, Self>,
    ) -> Result<Option<ClientObject>, Failure> {
        let copy = job.found().and_then(|f| f.copies.first()).map(|(_, c)| c.clone());
        let mut kept = copy.unwrap_or_default();
        let Some(record) = self.record(permit, job).await? else { return Ok(None) };
        // `limitHwid` stands beside the settings; the rest is left out there when it is empty.
        for name in ["limitHwid", "group", "tgId", "security", "password", "auth", "secret"] {
            let value = field(field(&record, "client"), name);
            if !kept.contains_key(name) && !value.is_null() {
                kept.insert(name.to_owned(), value.clone());
            }
        }
        Ok(Some(kept))
    }
}

fn delete(email: &str) -> PanelCall {
    (Call::Delete, format!("panel/api/clients/del/{email}"), Value::Null)
}
