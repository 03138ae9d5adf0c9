//! Customers ask that the shop forgets them.

use super::cluster::Cluster;
use super::plan::Duties;
use super::script::{CUSTOMERS, Script};
use nebulalinks::intent::{ForgetRequest, Intent, Rejection, Reply};
use nebulalinks::model::CustomerId;
use nebulalinks_testkit::people;

/// An operator forgets a customer.
pub(super) fn forget(customer: CustomerId) -> Intent {
    Intent::Forget(ForgetRequest { customer, staff: people::operator() })
}

impl Script {
    /// Now and then somebody is to be forgotten: who has nothing any more is, and may come again as somebody new.
    /// It is drawn last, so that it changes nothing of what else happens.
    pub(super) async fn forget_somebody(&self, cluster: &Cluster) {
        if self.duties < Duties::Customers || !self.rng.once_in(12) {
            return;
        }
        let who = people::customer_in(&cluster.snapshot(), self.rng.below(CUSTOMERS));
        let Some(customer) = who else { return };
        match cluster.submit(forget(customer)).await {
            Some(Ok(Reply::Forgot(_))) => cluster.counts.met("a customer was forgotten"),
            Some(Err(Rejection::StillCustomer(_))) => {
                cluster.counts.met("a customer with something open was not forgotten");
            }
            _ => {}
        }
    }
}
