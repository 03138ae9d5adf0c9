//! The loop: read, take a step, read back; and what is told when it cannot go on.

use nebulalinks_protocol::{DeleteRequest, ErrorCode, Expect, PutRequest, WriteOutcome};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::Gen3;
use super::json::field;
use super::state::{ClientObject, Found};
use super::steps::{self, Step};
use super::wanted::Wanted;
use super::wire::{CallError, denied};
use crate::hooks::Call;
use crate::panel::{Failure, Permit, Written};

/// No client needs more steps than this.
const MAX_STEPS: usize = 10;

impl Gen3 {
    pub(super) async fn put_client(
        &self,
        permit: &Permit,
        request: &PutRequest,
    ) -> Result<Written, Failure> {
        let email = request.client.email.as_str();
        permit.check()?;
        let panel = self.status().await?;
        permit.check()?;
        let mut state = self.state().await?;
        let mut found = state.find(email);
        expected(found.as_ref(), request.expect)?;
        let wanted = Wanted::new(&request.client, &request.inbounds, &state)?;

        let mut before: Option<(Step, Option<Found>, Result<(), CallError>)> = None;
        for taken in 0..MAX_STEPS {
            let Some(step) = steps::next(found.as_ref(), &wanted) else {
                let client = found.and_then(|f| state.client(&panel.identity, email, &f));
                let outcome =
                    if taken == 0 { WriteOutcome::Unchanged } else { WriteOutcome::Applied };
                return Ok(Written { outcome, panel, client });
            };
            stuck(before.take(), &step, found.as_ref(), &wanted)?;
            let used = found.as_ref().and_then(|f| f.stats.as_ref()).map_or(0, |s| s.used);
            if wanted.enable && step.serves() && wanted.is_spent(used, permit.now_ms()) {
                let detail = "the end has passed or the cap is used up, so the panel would switch \
                              it off again: read again";
                return Err(Failure::new(ErrorCode::Conflict, detail));
            }
            let done = self.take(permit, &step, &wanted, found.as_ref(), taken > 0).await?;
            permit.check().map_err(after_a_write)?;
            state = self.state().await.map_err(after_a_write)?;
            let now = state.find(email);
            before = Some((step, std::mem::replace(&mut found, now), done));
        }
        Err(Failure::new(ErrorCode::UnknownOutcome, "the panel did not come to rest: read again"))
    }

    pub(super) async fn delete_client(
        &self,
        permit: &Permit,
        email: &str,
        request: &DeleteRequest,
    ) -> Result<Written, Failure> {
        permit.check()?;
        let panel = self.status().await?;
        permit.check()?;
        let Some(found) = self.state().await?.find(email) else {
            return Ok(Written { outcome: WriteOutcome::Unchanged, panel, client: None });
        };
        expected(Some(&found), Expect::Uuid(request.uuid))?;
        permit.check()?;
        let path = format!("panel/api/clients/del/{}", segment(email));
        let done = answered(self.wire.write(Call::Delete, &path, None).await, false)?;
        permit.check().map_err(after_a_write)?;
        let left = self.state().await.map_err(after_a_write)?.find(email);
        match (left, done) {
            (None, _) => Ok(Written { outcome: WriteOutcome::Applied, panel, client: None }),
            (Some(_), Err(CallError::Refused(_))) => {
                Err(Failure::new(ErrorCode::PanelRefused, "the panel refused to delete the client"))
            }
            (Some(_), _) => Err(Failure::new(
                ErrorCode::UnknownOutcome,
                "the client was still there after the delete: read again",
            )),
        }
    }

    /// Does a step. `Ok(Err(_))` when it must be read back to know what it did; `Err` when nothing
    /// was done and nothing will be.
    async fn take(
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
            Step::Add => {
                let ids: Vec<i64> = wanted.targets.iter().map(|t| t.id).collect();
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
                let kept = self.kept(permit, &email, found, earlier).await?;
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
            if let Err(error) = answered(answer, written)? {
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
        let mut object = wanted.object(ClientObject::new());
        let answer = self.wire.read_or_refused(&path).await.map_err(after)?.unwrap_or_default();
        let record = field(&answer, "client");
        if let Some(created) = field(record, "createdAt").as_i64().filter(|ms| *ms > 0) {
            object.insert("created_at".to_owned(), json!(created));
        }
        if let Some(sub_id) = field(record, "subId").as_str().filter(|s| !s.is_empty()) {
            object.insert("subId".to_owned(), json!(sub_id));
        }
        Ok(object)
    }

    /// The fields that are not ours, in the shape the panel takes: from the settings, and from the
    /// record what the settings do not hold.
    async fn kept(
        &self,
        permit: &Permit,
        email: &str,
        found: Option<&Found>,
        earlier: bool,
    ) -> Result<ClientObject, Failure> {
        let after = |f| if earlier { after_a_write(f) } else { f };
        let copy = found.and_then(|f| f.copies.first()).map(|(_, c)| c.clone());
        let mut kept = copy.unwrap_or_default();
        permit.check().map_err(after)?;
        let path = format!("panel/api/clients/get/{email}");
        let record = self.wire.read(&path).await.map_err(after)?;
        // `limitHwid` stands beside the settings; the rest is left out there when it is empty.
        for name in ["limitHwid", "group", "tgId", "security", "password", "auth", "secret"] {
            let value = field(field(&record, "client"), name);
            if !kept.contains_key(name) && !value.is_null() {
                kept.insert(name.to_owned(), value.clone());
            }
        }
        Ok(kept)
    }
}

/// Sorts a write's answer: certain failures end the request, all else is read back.
fn answered(
    answer: Result<Value, CallError>,
    written: bool,
) -> Result<Result<(), CallError>, Failure> {
    match answer {
        Ok(_) => Ok(Ok(())),
        Err(CallError::NotSent(why)) => {
            let failure = Failure::new(ErrorCode::PanelUnreachable, why);
            Err(if written { after_a_write(failure) } else { failure })
        }
        Err(CallError::Denied(status)) => {
            let failure = denied(status);
            Err(if written { after_a_write(failure) } else { failure })
        }
        Err(error) => Ok(Err(error)),
    }
}

/// What must be there before a write.
fn expected(found: Option<&Found>, expect: Expect) -> Result<(), Failure> {
    let conflict = |detail: &str| Err(Failure::new(ErrorCode::Conflict, detail));
    match (expect, found) {
        (Expect::Absent, None) => Ok(()),
        (Expect::Absent, Some(_)) => conflict("a client of that name is there: read again"),
        (Expect::Uuid(_), None) => conflict("no client of that name is there: read again"),
        (Expect::Uuid(uuid), Some(f)) if f.uuid() == Some(uuid) => Ok(()),
        (Expect::Uuid(_), Some(_)) => conflict("the client there has another uuid: read again"),
    }
}

/// Whether the last step failed to do what it was for.
fn stuck(
    before: Option<(Step, Option<Found>, Result<(), CallError>)>,
    step: &Step,
    found: Option<&Found>,
    wanted: &Wanted,
) -> Result<(), Failure> {
    let Some((last, was, done)) = before else { return Ok(()) };
    let changed = was.as_ref() != found;
    match done {
        // Its effect is seen, so it is over, whatever was answered.
        _ if changed => Ok(()),
        // It may still be done: a second write now could cross it.
        Err(CallError::Unknown(why)) => {
            let detail = format!("{why}, and what was asked is not there yet: read again");
            Err(Failure::new(ErrorCode::UnknownOutcome, detail))
        }
        Err(error) => {
            let prose = match error {
                CallError::Refused(prose) => wanted.redact(&prose),
                _ => String::new(),
            };
            let detail = format!("the panel refused: {prose}");
            Err(Failure::new(ErrorCode::PanelRefused, detail))
        }
        Ok(()) if last == *step => {
            let detail = "the panel said success and changed nothing: read again";
            Err(Failure::new(ErrorCode::UnknownOutcome, detail))
        }
        Ok(()) => Ok(()),
    }
}

/// A failure after something was sent: only a replaced controller is told so as it is.
fn after_a_write(failure: Failure) -> Failure {
    if failure.code == ErrorCode::Fenced {
        return failure;
    }
    let detail = format!("{}; something was written before: read again", failure.detail);
    Failure::new(ErrorCode::UnknownOutcome, detail)
}

fn segment(text: &str) -> String {
    const KEEP: &percent_encoding::AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, KEEP).to_string()
}
