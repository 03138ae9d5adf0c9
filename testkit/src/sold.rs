//! An account right after its sale: bound to a server, and not served yet.

use crate::people;
use nebulalinks::intent::FreshIds;
use nebulalinks::model::{
    Account, Binding, Bytes, Credentials, DAY_MS, Disposition, DurationMs, Edits, FamilyId,
    Identity, Quota, Run, RunKind, Selector, ServerId, Term, TermSource, UnixMs,
};
use std::sync::Arc;

/// How long each is sold for.
pub const LENGTH: DurationMs = DurationMs(30 * DAY_MS);
/// What each may use.
pub const QUOTA: Bytes = Bytes(50 << 30);
/// How many devices each may use at once.
pub const DEVICES: u32 = 2;

/// One sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// Who bought.
    pub customer: Identity,
    /// The customer's name there.
    pub customer_name: String,
    /// Which plans can renew it.
    pub family: FamilyId,
    /// Where it is bound to.
    pub server: ServerId,
    /// When it was approved.
    pub at: UnixMs,
}

impl Sale {
    /// Puts the account's records, and its customer's, into a transaction, under these ids and credentials.
    pub fn put_into(self, edits: &mut Edits, ids: FreshIds) {
        let (account, at) = (ids.account, self.at);
        let customer = people::put_customer(edits, self.customer, &self.customer_name, at);
        edits.put(Account {
            id: account,
            customer,
            family: self.family,
            custody: None,
            suspension: None,
            credentials: Credentials {
                uuid: ids.credentials.uuid,
                sub_id: ids.credentials.sub_id,
                secret: ids.credentials.secret,
                version: 1,
            },
            subscription_token: ids.credentials.subscription_token,
            created_at: at,
            terms: 1,
            runs: 1,
        });
        edits.put(Run { account, seq: 0, start: at, kind: RunKind::Capped, used_before: Bytes(0) });
        edits.put(Term {
            account,
            seq: 0,
            run: 0,
            source: TermSource::Grant(ids.order),
            length: LENGTH,
            quota: Quota::Bytes(QUOTA),
            devices: DEVICES,
            selector: Arc::new(Selector::Any),
            price: None,
            revision: "abc".into(),
            at,
        });
        let (server, disposition) = (self.server, Disposition::Serving);
        edits.put(Binding { account, server, disposition, bound_at: at });
    }
}
