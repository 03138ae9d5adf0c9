//! Deleting and detaching. The last client of an inbound may go.

use super::Bulk;
use crate::state::{Db, Refusal};

impl Db {
    /// `clients/del/{email}`: tolerates drift between the stores.
    pub(crate) fn delete(&mut self, email: &str, keep_traffic: bool) -> Result<(), Refusal> {
        let mut found = self.records.remove(email).is_some();
        for inbound in self.inbounds.values_mut() {
            let before = inbound.clients.len();
            inbound.clients.retain(|client| client.email != email);
            found |= inbound.clients.len() != before;
        }
        if !found {
            return Err(Refusal::own(format!(
                "client \"{email}\" not found in any inbound or client record"
            )));
        }
        if !keep_traffic {
            self.rows.remove(email);
        }
        Ok(())
    }

    /// `clients/bulkDel`: a client whose stores drifted apart is skipped.
    pub(crate) fn bulk_delete(&mut self, emails: &[String], keep_traffic: bool) -> Bulk {
        Bulk::over(emails, |email| {
            self.check_present(email)?;
            self.delete(email, keep_traffic).map_err(|refusal| refusal.to_string())
        })
    }

    /// `clients/{email}/detach`: the record and the usage stay.
    pub(crate) fn detach(&mut self, email: &str, ids: &[i64]) -> Result<(), Refusal> {
        let record = self.records.get_mut(email).ok_or_else(Refusal::not_found)?;
        for id in ids {
            record.inbounds.remove(id);
            if let Some(inbound) = self.inbounds.get_mut(id) {
                inbound.clients.retain(|client| client.email != email);
            }
        }
        Ok(())
    }

    /// The two reasons every bulk call skips a client for: no record, or an inbound it is
    /// attached to does not have it. One attached to nothing is fine.
    pub(crate) fn check_present(&self, email: &str) -> Result<(), String> {
        let record = self.records.get(email).ok_or("client not found")?;
        let stands_in = |id: &i64| {
            let inbound = self.inbounds.get(id);
            inbound.is_some_and(|inbound| inbound.clients.iter().any(|c| c.email == email))
        };
        if record.inbounds.iter().all(stands_in) {
            return Ok(());
        }
        Err("Client Not Found In Inbound".to_owned())
    }
}
