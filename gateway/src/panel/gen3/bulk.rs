//! The calls of a gen-3 panel about many clients. What such a call leaves out, or refuses as a
//! whole, is done once more by the calls for one.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Gen3;
use super::steps::Step;
use super::wire::denied;
use crate::failure::Failure;
use crate::hooks::Call;
use crate::panel::common::http::CallError;
use crate::panel::common::json::field;
use crate::panel::common::outcome::classify_answer;
use crate::panel::converge::Job;
use crate::panel::permit::Permit;

type Gen3Job<'a> = Job<'a, Gen3>;

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

    const fn does(self, step: &Step) -> bool {
        matches!(
            (self, step),
            (Self::Create, Step::Add)
                | (Self::Enable, Step::Enable)
                | (Self::Disable, Step::Disable)
                | (Self::Delete, Step::Delete)
        )
    }

    fn body(self, jobs: &[&mut Gen3Job<'_>]) -> Value {
        let emails: Vec<&str> = jobs.iter().map(|job| job.email()).collect();
        match self {
            Self::Create => jobs.iter().filter_map(|job| create(job)).collect(),
            Self::Enable | Self::Disable => json!({ "emails": emails }),
            Self::Delete => json!({ "emails": emails, "keepTraffic": false }),
        }
    }
}

/// One client of `bulkCreate`.
fn create(job: &Gen3Job<'_>) -> Option<Value> {
    let wanted = job.wanted()?;
    let mut object = wanted.new_object();
    if let Some(made_at) = wanted.made_at {
        object.insert("created_at".to_owned(), json!(made_at));
    }
    let ids: Vec<i64> = wanted.targets.iter().map(|target| target.id).collect();
    Some(json!({ "client": object, "inboundIds": ids }))
}

impl Gen3 {
    /// Takes the steps that several clients have in common.
    ///
    /// # Errors
    /// That of all clients which were not tried.
    pub(super) async fn bulk(
        &self,
        permit: &Permit,
        jobs: &mut [Gen3Job<'_>],
    ) -> Result<(), Failure> {
        for bulk in Bulk::ALL {
            let does = |job: &&mut Gen3Job<'_>| job.next_in_company().is_some_and(|s| bulk.does(s));
            let mut group: Vec<_> = jobs.iter_mut().filter(does).collect();
            if group.len() < 2 {
                continue;
            }
            let said_success = self.call_many(permit, bulk, &mut group).await?;
            if bulk == Bulk::Create && said_success {
                // A panel creates everything enabled.
                let is_off = |job: &&mut Gen3Job<'_>| job.wanted().is_some_and(|w| !w.enable);
                let mut off: Vec<_> =
                    group.into_iter().filter(|job| job.is_in_company() && is_off(job)).collect();
                if !off.is_empty() {
                    self.call_many(permit, Bulk::Disable, &mut off).await?;
                }
            }
        }
        Ok(())
    }

    /// One call, and what it means for each client. Whether the panel said success.
    async fn call_many(
        &self,
        permit: &Permit,
        bulk: Bulk,
        group: &mut [&mut Gen3Job<'_>],
    ) -> Result<bool, Failure> {
        permit.check()?;
        let (call, path) = bulk.call();
        let answer = self.wire.write(call, path, Some(&bulk.body(group))).await;
        let answer = match classify_answer(answer, false, denied) {
            Ok(answer) => answer,
            Err(failure) => {
                group.iter_mut().for_each(|job| job.fail(failure.clone()));
                return Err(failure.kept_from_trying());
            }
        };
        let left_out: BTreeSet<&str> = match &answer {
            Ok(obj) => skipped(obj),
            // Its prose may be about any of them.
            Err(CallError::Refused(_)) => group.iter().map(|job| job.email()).collect(),
            Err(_) => BTreeSet::new(),
        };
        let done = answer.as_ref().map(|_| ()).map_err(Clone::clone);
        for job in group.iter_mut() {
            if left_out.contains(job.email()) {
                job.was_left_out();
            } else {
                job.took_next(done.clone());
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
