//! A client that is somebody's own becomes an account's: with the same uuid, subscription key, usage and
//! end. Everything is on record before the panel is told, by one update of that client.

use super::approve::{NewTerm, extend, opened};
use super::places;
use super::records::{Decided, Records, kind_of};
use super::{Adopt, FreshIds, Rejection, Reply};
use crate::catalog::{Catalog, Mode, Places, Plan, Server};
use crate::model::{
    Account, AccountId, Adopted, Binding, Custody, Disposition, DurationMs, Edits, Key,
    ObservedClient, Record, Selector, Served, ServerId, Snapshot, TermSource, UnixMs, UsageLedger,
    numbers_of,
};
use nebulalinks_protocol::{
    CLIENT_MARK, LAST_END_MS, LONGEST_OLD_NAME, MOST_DEVICES, is_subscription_key,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// So much of what stands beside a client on its panel is kept, in characters.
const LONGEST_COMMENT: usize = 128;

/// The one term that a client's adoption gives: the same client again adds nothing, under whatever name
/// and on whatever server.
pub(super) fn source(client: &ObservedClient) -> TermSource {
    TermSource::of_adoption(client.uuid.unwrap_or_default())
}

/// Who has which uuid and subscription key already: whose a client with one of those is nobody can say. It
/// walks over all accounts, once for all rows that are asked for; a decision does not.
#[derive(Debug)]
pub struct Others<'a> {
    adopted: BTreeMap<TermSource, AccountId>,
    uuids: BTreeSet<Uuid>,
    keys: BTreeSet<&'a str>,
}

impl<'a> Others<'a> {
    /// Those of all accounts, and what more than one of a panel's strangers has.
    #[must_use]
    pub fn of(snapshot: &'a Snapshot, strangers: &'a [ObservedClient]) -> Self {
        let accounts = || snapshot.accounts();
        let adopted = accounts().filter_map(|account| Some((account.adoption()?, account.id)));
        let mut others = Self {
            adopted: adopted.collect(),
            uuids: accounts().map(|account| account.credentials.uuid).collect(),
            keys: accounts().map(|account| &*account.credentials.sub_id).collect(),
        };
        let (mut uuids, mut keys) = (BTreeSet::new(), BTreeSet::new());
        for client in strangers.iter().filter(|client| !client.sub_id.is_empty()) {
            others.uuids.extend(client.uuid.filter(|uuid| !uuids.insert(*uuid)));
            others.keys.extend(Some(&*client.sub_id).filter(|key| !keys.insert(*key)));
        }
        others
    }

    /// The account that this client was adopted as on a server; an error says that the account is elsewhere.
    #[must_use]
    pub fn before(
        &self,
        snapshot: &Snapshot,
        client: &ObservedClient,
        server: &ServerId,
    ) -> Option<Result<AccountId, &'static str>> {
        let account = *self.adopted.get(&source(client))?;
        Some(snapshot.binding(account, server).map(|_| account).ok_or(ADOPTED_ELSEWHERE))
    }

    /// Why it cannot be told from another.
    #[must_use]
    pub fn shares(&self, client: &ObservedClient) -> Option<&'static str> {
        if client.uuid.is_some_and(|uuid| self.uuids.contains(&uuid)) {
            Some(SHARED_UUID)
        } else if self.keys.contains(&*client.sub_id) {
            Some(SHARED_KEY)
        } else {
            None
        }
    }
}

const SHARED_UUID: &str = "another client, here or of this shop, has the same uuid: give one of them another in the panel";
const SHARED_KEY: &str = "another client, here or of this shop, has the same subscription key: give \
                          one of them another in the panel";
const ADOPTED_ELSEWHERE: &str = "a client with its uuid was adopted, and its account is not on this \
                                 server: give this one another uuid in the panel";

/// Why a client cannot be adopted as it is on its panel, whatever is asked.
#[must_use]
pub fn unfit(
    snapshot: &Snapshot,
    server: &Server,
    client: &ObservedClient,
) -> Option<&'static str> {
    let facts = snapshot.server_facts(&server.id);
    let wanted = facts.and_then(|facts| numbers_of(&server.inbounds, &facts.inbounds));
    let on: BTreeSet<i64> = client.inbounds.iter().copied().collect();
    if client.email.starts_with(CLIENT_MARK) {
        Some("it carries the mark of a shop")
    } else if client.email.len() > LONGEST_OLD_NAME {
        Some("its name is longer than 256 bytes: give it a shorter one in the panel")
    } else if client.ip_limit > MOST_DEVICES {
        Some("its limit of devices is over 1,000,000: write 0 in the panel for no limit")
    } else if client.uuid.is_none_or(|uuid| uuid.is_nil()) {
        Some("it has no uuid: a client of Trojan, Shadowsocks or Hysteria cannot be taken over")
    } else if !is_subscription_key(&client.sub_id) {
        Some("its subscription key is not 8 to 64 of a-z A-Z 0-9 - _: give it another in the panel")
    } else if client.end.is_none() {
        Some("its end starts with its first use: give it a date in the panel")
    } else if !client.consistent {
        Some(
            "it renews itself, or the panel's settings and counters disagree about it: save it in the \
              panel with auto renew 0",
        )
    } else if wanted.is_none_or(|wanted| wanted != on) {
        Some("it is not on exactly the inbounds that servers.yaml names")
    } else {
        None
    }
}

/// Whether it can be adopted so, beside the place that it takes.
///
/// # Errors
/// Why not.
pub fn check<'c>(
    snapshot: &Snapshot,
    catalog: &'c Catalog,
    asked: &Adopt,
    now: UnixMs,
) -> Result<(&'c Server, &'c Plan), Rejection> {
    let server = catalog.servers.get(&asked.server).ok_or(Rejection::UnknownServer)?;
    let serves = catalog.served(&server.id).is_some()
        && !catalog.retained_servers.contains(&server.id)
        && !catalog.is_left(&server.id)
        && server.mode == Mode::Manage;
    if !serves {
        let why = "its server is being left, retired, only observed, or in no file any more";
        return Err(Rejection::CannotAdopt(why));
    }
    if let Some(why) = unfit(snapshot, server, &asked.client) {
        return Err(Rejection::CannotAdopt(why));
    }
    let plan = catalog.plans.iter().find(|plan| plan.id == asked.plan);
    let plan = plan.ok_or(Rejection::CannotAdopt("plans.yaml has no such plan"))?;
    if !plan.servers.matches(&server.id, &server.labels) {
        return Err(Rejection::CannotAdopt("its plan is not served on this server"));
    }
    if kind_of(plan.traffic) != kind_of(asked.granted) {
        let why = "its plan counts traffic and it is unlimited, or the other way round";
        return Err(Rejection::CannotAdopt(why));
    }
    if asked.ends_at <= now {
        return Err(Rejection::CannotAdopt("it has ended: write an end that is to come"));
    }
    if asked.ends_at.0 > LAST_END_MS {
        return Err(Rejection::CannotAdopt("its end is after the year 9999"));
    }
    Ok((server, plan))
}

pub(super) fn adopt(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &Adopt,
    now: UnixMs,
    ids: &FreshIds,
) -> Result<Decided, Rejection> {
    if !asked.staff.may_decide(catalog) {
        return Err(Rejection::NotStaff);
    }
    let source = source(&asked.client);
    if let Some(Record::SourceTerm(given)) =
        records.outside(&Key::SourceTerm(source.clone())).map(|r| &r.value)
    {
        return match records.snapshot.binding(given.account, &asked.server) {
            Some(_) => Ok((Edits::new(), Reply::AlreadyAdopted(given.account))),
            None => Err(Rejection::CannotAdopt(ADOPTED_ELSEWHERE)),
        };
    }
    let (server, plan) = check(records.snapshot, catalog, asked, now)?;
    let mut edits = Edits::new();
    let there = Selector::Ids([server.id.clone()].into());
    let places = Places::with_stranded(records.snapshot, catalog, now);
    let free = places.with_room(&there).next().is_some();
    if !free || places.met_without(&server.id) < places.met() {
        return Err(Rejection::NoCapacity);
    }
    places::bump(records, &mut edits);
    let client = &asked.client;
    let term = NewTerm {
        source,
        family: plan.family.clone(),
        length: DurationMs(asked.ends_at.0.saturating_sub(now.0)),
        quota: asked.granted,
        devices: client.ip_limit,
        selector: plan.servers.clone().into(),
        price: None,
        revision: catalog.revision.as_str().into(),
    };
    let account = account(asked, plan, now, ids);
    let (account, run) = extend(records, account, term, now, &mut edits)?;
    if let Some(run) = run {
        edits.insert(run);
    }
    let id = account.id;
    edits.insert(Binding {
        account: id,
        server: server.id.clone(),
        disposition: Disposition::Serving,
        bound_at: now,
    });
    // What it used is counted, and no leap.
    edits.insert(UsageLedger {
        account: id,
        server: server.id.clone(),
        incarnation: client.incarnation.clone(),
        baseline: client.counter,
        total: client.counter,
        disputed: crate::model::Bytes(0),
        at: now,
    });
    // It is served all along: no outage of ours is made good for.
    if client.enable {
        edits.insert(Served { account: id, run: 0, at: now });
    }
    edits.insert(account);
    Ok((edits, Reply::Adopted(id)))
}

fn account(asked: &Adopt, plan: &Plan, now: UnixMs, ids: &FreshIds) -> Account {
    let client = &asked.client;
    let name: String = client.email.chars().take(64).collect();
    let adopted = Adopted {
        server: asked.server.clone(),
        email: client.email.clone(),
        comment: client.comment.chars().take(LONGEST_COMMENT).collect(),
        at: now,
        source: source(client),
    };
    let mut account = opened((asked.customer, name.into(), None), plan.family.clone(), now, ids);
    account.credentials.uuid = client.uuid.unwrap_or_default();
    account.credentials.sub_id = client.sub_id.clone();
    account.custody = Some(Box::new(Custody { adopted: Some(adopted) }));
    account
}
