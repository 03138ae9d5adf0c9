//! The loop: read, take a step, read back; and what is told when it cannot go on.

use std::sync::atomic::Ordering;

use nebulalinks_protocol::{Expect, Panel, PutRequest, WriteOutcome};
use serde_json::json;

use super::Gen2;
use super::sentinel;
use super::session::denied;
use super::steps::{self, By, Step};
use super::wanted::{Wanted, key};
use crate::failure::Failure;
use crate::hooks::Call;
use crate::panel::adapter::{Edit, Written};
use crate::panel::common::http::CallError;
use crate::panel::common::outcome::{
    after_a_write, answered, expected, idle, restless, segment, spent, there,
};
use crate::panel::common::state::{ClientObject, Found, PanelState, Stats, text};
use crate::panel::permit::Permit;

/// No client needs more steps than this.
const MAX_STEPS: usize = 12;

/// For how long a 404 to a delete by email is believed to be the version's, in ms.
const BY_KEY_MS: u64 = 5 * 60_000;

/// What a step may change: how its effect is seen.
#[derive(Clone, PartialEq)]
struct View {
    found: Option<Found>,
    row: Option<Stats>,
    nameless: usize,
    sentinels: usize,
}

/// A step, what was there before it, and what was answered.
type Taken = (Step, View, Result<(), CallError>);

impl View {
    fn of(state: &PanelState, email: &str) -> Self {
        let count = |is: &dyn Fn(i64, &str) -> bool| {
            let clients = state.inbounds.iter().flat_map(|i| i.clients.iter().map(|c| (i.id, c)));
            clients.filter(|(id, c)| is(*id, text(c, "email"))).count()
        };
        Self {
            found: state.find(email),
            row: state.stats(email).cloned(),
            nameless: count(&|_, name| name.is_empty()),
            sentinels: count(&|id, name| name == sentinel::name(id)),
        }
    }

    fn used(&self) -> u64 {
        self.row.as_ref().map_or(0, |row| row.used)
    }
}

impl Gen2 {
    /// Makes a client so. `was`: as it was before an earlier step took it away.
    pub(super) async fn put_client(
        &self,
        permit: &Permit,
        request: &PutRequest,
        was: Option<&Found>,
    ) -> Result<Written, Failure> {
        let (panel, state) = self.look(permit).await?;
        let found = state.find(&request.client.email);
        expected(&state, found.as_ref(), request.expect)?;
        let mut wanted = Wanted::new(&request.client, &request.inbounds, &state)?;
        wanted.keep_of(found.as_ref().or(was));
        self.make_so(permit, panel, state, wanted).await
    }

    /// Changes a client that is not the shop's.
    pub(super) async fn edit_client(
        &self,
        permit: &Permit,
        email: &str,
        edit: &Edit,
    ) -> Result<Written, Failure> {
        let (panel, state) = self.look(permit).await?;
        let wanted = Wanted::edited(email, there(state.find(email).as_ref())?, edit)?;
        self.make_so(permit, panel, state, wanted).await
    }

    /// What is there before a write.
    async fn look(&self, permit: &Permit) -> Result<(Panel, PanelState), Failure> {
        permit.check()?;
        let panel = self.writable().await?;
        permit.check()?;
        Ok((panel, self.state().await?))
    }

    async fn make_so(
        &self,
        permit: &Permit,
        panel: Panel,
        mut state: PanelState,
        mut wanted: Wanted,
    ) -> Result<Written, Failure> {
        let email = wanted.email.clone();
        let email = email.as_str();
        let mut view = View::of(&state, email);
        let mut before: Option<Taken> = None;
        for taken in 0..MAX_STEPS {
            let after = |f| if taken > 0 { after_a_write(f) } else { f };
            let Some(step) = steps::next(&state, &wanted).map_err(after)? else {
                let client = view.found.and_then(|f| state.client(&panel.identity, &f));
                let outcome =
                    if taken == 0 { WriteOutcome::Unchanged } else { WriteOutcome::Applied };
                return Ok(Written { outcome, panel, client });
            };
            stuck(before.take(), &step, &view, |prose| wanted.redact(prose))?;
            if wanted.enable && wanted.is_spent(view.used(), permit.now_ms()) && step != Step::Zero
            {
                return Err(after(spent()));
            }
            let done = self.take(permit, &step, Some(&wanted), email, &state, taken > 0).await?;
            permit.check().map_err(after_a_write)?;
            state = self.state().await.map_err(after_a_write)?;
            let was = std::mem::replace(&mut view, View::of(&state, email));
            if was.row.is_some() && view.row.is_none() {
                wanted.starts_anew_after(was.used());
            }
            before = Some((step, was, done));
        }
        Err(restless())
    }

    /// Removes a client: the one with this uuid, or whatever has the name.
    pub(super) async fn delete_client(
        &self,
        permit: &Permit,
        email: &str,
        uuid: Option<uuid::Uuid>,
    ) -> Result<Written, Failure> {
        let (panel, mut state) = self.look(permit).await?;
        // That it is gone could not be read back.
        state.proves_absence()?;
        let mut view = View::of(&state, email);
        if let (Some(uuid), Some(_)) = (uuid, &view.found) {
            expected(&state, view.found.as_ref(), Expect::Uuid(uuid))?;
        }
        let mut blanked = None;
        let mut before: Option<Taken> = None;
        for taken in 0..MAX_STEPS {
            let after = |f| if taken > 0 { after_a_write(f) } else { f };
            let step = match steps::gone(&state, email).map_err(after)? {
                Some(step) => step,
                None => match steps::rest(&state, blanked.as_ref()).map_err(after)? {
                    Some(step) => step,
                    None => {
                        state.proves_absence().map_err(after)?;
                        let outcome = if taken == 0 {
                            WriteOutcome::Unchanged
                        } else {
                            WriteOutcome::Applied
                        };
                        return Ok(Written { outcome, panel, client: None });
                    }
                },
            };
            stuck(before.take(), &step, &view, |_| String::new())?;
            if let Step::Blank { inbound, key } = &step {
                blanked = Some((*inbound, key.clone()));
            }
            let done = self.take(permit, &step, None, email, &state, taken > 0).await?;
            permit.check().map_err(after_a_write)?;
            state = self.state().await.map_err(after_a_write)?;
            let was = std::mem::replace(&mut view, View::of(&state, email));
            before = Some((step, was, done));
        }
        Err(restless())
    }

    /// Does a step. `Ok(Err(_))` when it must be read back to know what it did; `Err` when nothing
    /// was done and nothing will be.
    pub(super) async fn take(
        &self,
        permit: &Permit,
        step: &Step,
        wanted: Option<&Wanted>,
        email: &str,
        state: &PanelState,
        earlier: bool,
    ) -> Result<Result<(), CallError>, Failure> {
        let path = |what: &str| format!("panel/api/inbounds/{what}");
        let client = |inbound: i64, object: ClientObject| {
            let settings = json!({ "clients": [object] }).to_string();
            // The settings are text: an object there is refused.
            json!({ "id": inbound, "settings": settings })
        };
        let kept = |inbound: i64| {
            let found = state.find(email);
            let copies = found.into_iter().flat_map(|f| f.copies);
            copies.filter(|(id, _)| *id == inbound).map(|(_, c)| c).next().unwrap_or_default()
        };
        let ours = |kept| wanted.map_or_else(ClientObject::new, |w| w.object(kept));
        let (call, path, body) = match step {
            Step::Zero => {
                let path = path(&format!("updateClientTraffic/{}", segment(email)));
                (Call::Update, path, json!({"upload": 0, "download": 0}))
            }
            Step::Sentinel(id) => {
                let Some(inbound) = state.inbound(*id) else { return Ok(Ok(())) };
                let object = sentinel::object(inbound)?;
                (Call::Add, path("addClient"), client(*id, object))
            }
            Step::Add => {
                let inbound = wanted.map_or(0, |w| w.inbound);
                let object = wanted.map_or_else(ClientObject::new, Wanted::new_object);
                (Call::Add, path("addClient"), client(inbound, object))
            }
            Step::Update { inbound, key } => {
                let path = path(&format!("updateClient/{}", segment(key)));
                (Call::Update, path, client(*inbound, ours(kept(*inbound))))
            }
            Step::Off { inbound, key } | Step::Blank { inbound, key } => {
                let mut object = kept(*inbound);
                if matches!(step, Step::Blank { .. }) {
                    object.insert("email".to_owned(), json!(""));
                }
                object.insert("enable".to_owned(), json!(false));
                let path = path(&format!("updateClient/{}", segment(key)));
                (Call::Update, path, client(*inbound, object))
            }
            Step::Remove { inbound, key, by } => {
                return self.remove(permit, email, state, (*inbound, key, *by), earlier).await;
            }
        };
        let answer = self.session.write(permit, call, &path, Some(&body)).await;
        answered(answer, earlier, denied)
    }

    async fn remove(
        &self,
        permit: &Permit,
        email: &str,
        state: &PanelState,
        (id, its, by): (i64, &str, By),
        earlier: bool,
    ) -> Result<Result<(), CallError>, Failure> {
        let now_ms = permit.now_ms();
        if by == By::Email && self.deletes_by_key_until.load(Ordering::Relaxed) <= now_ms {
            let path = format!("panel/api/inbounds/{id}/delClientByEmail/{}", segment(email));
            match self.session.write(permit, Call::Delete, &path, None).await {
                Err(CallError::Denied(404)) => {
                    let until = now_ms.saturating_add(BY_KEY_MS);
                    self.deletes_by_key_until.store(until, Ordering::Relaxed);
                }
                answer => return answered(answer, earlier, denied),
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
        answered(answer, earlier, denied)
    }
}

/// Whether the last step failed to do what it was for.
fn stuck(
    before: Option<Taken>,
    step: &Step,
    view: &View,
    redact: impl FnOnce(&str) -> String,
) -> Result<(), Failure> {
    match before {
        // Its effect is seen, so it is over, whatever was answered.
        Some((last, was, done)) if was == *view => idle(done, last == *step, redact),
        _ => Ok(()),
    }
}
