//! A client's next step as calls to the panel, and what is told when it cannot go on.

use serde_json::{Value, json};

use super::Gen3;
use super::steps::Step;
use super::wanted::Wanted;
use super::wire::denied;
use crate::failure::Failure;
use crate::hooks::Call;
use crate::panel::common::http::CallError;
use crate::panel::common::json::field;
use crate::panel::common::outcome::{after_a_write, answered, idle, segment};
use crate::panel::common::state::{ClientObject, Found};
use crate::panel::permit::Permit;

/// A step, what was there before it, and what was answered.
pub(super) type Taken = (Step, Option<Found>, Result<(), CallError>);

impl Gen3 {
    /// What to do instead of a step that had no effect: the panel's tables have drifted apart.
    pub(super) async fn instead(
        &self,
        permit: &Permit,
        before: Option<&Taken>,
        step: &Step,
        found: Option<&Found>,
        email: &str,
    ) -> Result<Option<Step>, Failure> {
        let Some((last, was, done)) = before else { return Ok(None) };
        let idle = match done {
            Ok(()) => last == step,
            Err(error) => matches!(error, CallError::Refused(_)),
        };
        if !idle || found.is_none() || was.as_ref() != found || *last == Step::Remove {
            return Ok(None);
        }
        permit.check().map_err(after_a_write)?;
        let path = format!("panel/api/clients/get/{}", segment(email));
        if self.wire.read_or_refused(&path).await.map_err(after_a_write)?.is_none() {
            return Ok(Some(Step::Remove));
        }
        // The table says that it is on an inbound whose settings lack it.
        Ok(match last {
            Step::Attach(ids) => Some(Step::AddTo(ids.clone())),
            _ => None,
        })
    }

    /// Does a step. `Ok(Err(_))` when it must be read back to know what it did; `Err` when nothing
    /// was done and nothing will be.
    pub(super) async fn take(
        &self,
        permit: &Permit,
        step: &Step,
        wanted: &Wanted,
        found: Option<&Found>,
        earlier: bool,
    ) -> Result<Result<(), CallError>, Failure> {
        let mut calls: Vec<(Call, String, Value)> = Vec::new();
        let email = segment(&wanted.email);
        let emails = json!({ "emails": [wanted.email] });
        let bulk = |what: &str| format!("panel/api/clients/bulk{what}");
        let change = |what: &str, ids: &[i64]| {
            (format!("panel/api/clients/{email}/{what}"), json!({ "inboundIds": ids }))
        };
        match step {
            Step::Add | Step::AddTo(_) => {
                let ids: Vec<i64> = match step {
                    Step::AddTo(ids) => ids.clone(),
                    _ => wanted.targets.iter().map(|t| t.id).collect(),
                };
                let object = self.revived(permit, &email, wanted, earlier).await?;
                let body = json!({"client": object, "inboundIds": ids});
                calls.push((Call::Add, "panel/api/clients/add".to_owned(), body));
                if !wanted.enable {
                    calls.push((Call::Disable, bulk("Disable"), emails));
                }
            }
            Step::Disable => calls.push((Call::Disable, bulk("Disable"), emails)),
            Step::Enable => calls.push((Call::Enable, bulk("Enable"), emails)),
            Step::Update | Step::Touch => {
                let path = format!("panel/api/clients/update/{email}");
                let Some(kept) = self.kept(permit, &email, found, earlier).await? else {
                    return Ok(Err(CallError::Refused("it has no record of the client".into())));
                };
                let object = wanted.object(kept);
                if *step == Step::Touch {
                    let mut touched = object.clone();
                    touched.insert("comment".to_owned(), json!("nl: being repaired"));
                    calls.push((Call::Update, path.clone(), Value::Object(touched)));
                }
                calls.push((Call::Update, path, Value::Object(object)));
            }
            Step::Attach(ids) => {
                let (path, body) = change("attach", ids);
                calls.push((Call::Attach, path, body));
            }
            Step::Detach(ids) => {
                let (path, body) = change("detach", ids);
                calls.push((Call::Detach, path, body));
            }
            Step::Remove => {
                let path = format!("panel/api/clients/del/{email}?keepTraffic=1");
                calls.push((Call::Delete, path, Value::Null));
            }
            Step::Rebuild(id) => {
                let (path, body) = change("detach", &[*id]);
                calls.push((Call::Detach, path, body));
                let (path, body) = change("attach", &[*id]);
                calls.push((Call::Attach, path, body));
            }
        }
        let mut written = earlier;
        for (call, path, body) in calls {
            permit.check().map_err(|f| if written { after_a_write(f) } else { f })?;
            let answer = self.wire.write(call, &path, Some(&body)).await;
            if let Err(error) = answered(answer, written, denied)? {
                return Ok(Err(error));
            }
            written = true;
        }
        Ok(Ok(()))
    }

    /// The object to create. A record may have outlived its inbounds, and the counters with it: the
    /// panel takes the name only with the record's subscription key, which the next step rotates,
    /// and the counters go on from when they began.
    async fn revived(
        &self,
        permit: &Permit,
        email: &str,
        wanted: &Wanted,
        earlier: bool,
    ) -> Result<ClientObject, Failure> {
        let after = |f| if earlier { after_a_write(f) } else { f };
        permit.check().map_err(after)?;
        let path = format!("panel/api/clients/get/{email}");
        let mut object = wanted.new_object();
        let answer = self.wire.read_or_refused(&path).await.map_err(after)?.unwrap_or_default();
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
        email: &str,
        found: Option<&Found>,
        earlier: bool,
    ) -> Result<Option<ClientObject>, Failure> {
        let after = |f| if earlier { after_a_write(f) } else { f };
        let copy = found.and_then(|f| f.copies.first()).map(|(_, c)| c.clone());
        let mut kept = copy.unwrap_or_default();
        permit.check().map_err(after)?;
        let path = format!("panel/api/clients/get/{email}");
        let Some(record) = self.wire.read_or_refused(&path).await.map_err(after)? else {
            return Ok(None);
        };
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

/// Whether the last step failed to do what it was for.
pub(super) fn stuck(
    before: Option<Taken>,
    step: &Step,
    found: Option<&Found>,
    wanted: &Wanted,
) -> Result<(), Failure> {
    match before {
        // Its effect is seen, so it is over, whatever was answered.
        Some((last, was, done)) if was.as_ref() == found => {
            idle(done, last == *step, |prose| wanted.redact(prose))
        }
        _ => Ok(()),
    }
}
