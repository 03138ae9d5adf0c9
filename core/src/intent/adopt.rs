//! A client that is somebody's own becomes an account's: with the same uuid, subscription key, usage and
//! end. Everything is on record before the panel is told, by one update of that client.

use super::approve::{NewTerm, extend, opened};
use super::records::{Decided, Records, kind_of};
use super::{Adopt, FreshIds, Rejection, Reply};
use super::{customer, places};
use crate::catalog::{Catalog, Mode, Places, Plan, Server};
use crate::model::{
    Account, AccountId, Adopted, Binding, Custody, CustomerId, CustomerRef, Disposition,
    DurationMs, Edits, Mark, ObservedClient, Selector, Served, ServerId, ShopId, Snapshot,
    TermSource, UnixMs, UsageLedger, numbers_of,
};
use nebulalinks_protocol::{
    CLIENT_MARK, LAST_END_MS, LONGEST_OLD_NAME, MOST_DEVICES, is_subscription_key,
};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// So much of what stands beside a client on its panel is kept, in characters.
const LONGEST_COMMENT: usize = 128;

/// Who has which uuid and subscription key already: whose a client with one of those is nobody can say. It
/// walks over all accounts, once for all rows that are asked for; a decision does not.
#[derive(Debug)]
pub struct Others<'a> {
    uuids: BTreeSet<Uuid>,
    keys: BTreeSet<&'a str>,
}

impl<'a> Others<'a> {
    /// Those of all accounts that are the shop's, and what more than one of a panel's strangers has.
    #[must_use]
    pub fn of(snapshot: &'a Snapshot, strangers: &'a [ObservedClient]) -> Self {
        let accounts = || snapshot.accounts().filter(|account| account.released().is_none());
        let mut others = Self {
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

/// Whose client it is already, by our mark or by the uuid that it was adopted with: an account that its
/// server serves, or why this client is none of that account's.
#[must_use]
pub fn known(
    snapshot: &Snapshot,
    shop: &ShopId,
    server: &ServerId,
    client: &ObservedClient,
) -> Option<Result<AccountId, Rejection>> {
    let marked = own_mark(shop, &client.email);
    let account = match marked {
        Some(account) => snapshot.account(account),
        None => client.uuid.and_then(|uuid| snapshot.adopted_as(uuid)),
    }?;
    let id = account.id;
    if account.released().is_some() {
        return Some(Err(Rejection::Released));
    }
    if snapshot.binding(id, server).is_some() {
        return Some(Ok(id));
    }
    let on = match snapshot.serving(id) {
        Some(binding) => format!("which is served on {}", binding.server),
        None => "which no server serves".to_owned(),
    };
    let from_backup = "it came back without a record, as from a backup of the panel, and nobody counts what \
                       it uses: delete it in the panel";
    let why = match account.adopted() {
        _ if marked.is_some() => format!("it is the client of account {id}, {on}: {from_backup}"),
        Some(adopted) if adopted.server == *server => {
            format!("it was adopted here as account {id}, {on}: {from_backup}")
        }
        _ => format!(
            "a client with its uuid was adopted elsewhere as account {id}, {on}: give this one another uuid \
             in the panel"
        ),
    };
    Some(Err(Rejection::CannotAdopt(why.into())))
}

/// Those whose account is served here, by the names that they had: they have the shop's by now.
#[must_use]
pub fn renamed<'s>(snapshot: &'s Snapshot, server: &ServerId) -> BTreeMap<&'s str, AccountId> {
    let here = |account: &&Account| snapshot.binding(account.id, server).is_some();
    let all = snapshot.adopted().filter(here);
    all.filter_map(|account| Some((account.adopted_on(server)?, account.id))).collect()
}

/// The account of a name with this shop's mark, where it is served here.
#[must_use]
pub fn marked(
    snapshot: &Snapshot,
    shop: &ShopId,
    server: &ServerId,
    email: &str,
) -> Option<AccountId> {
    own_mark(shop, email).filter(|id| snapshot.binding(*id, server).is_some())
}

/// The account in a name with this shop's mark.
fn own_mark(shop: &ShopId, email: &str) -> Option<AccountId> {
    Mark::parse(email).filter(|mark| mark.shop == *shop).map(|mark| mark.account)
}

/// Why a client cannot be adopted as it is on its panel, whatever is asked.
#[must_use]
pub fn unfit(
    snapshot: &Snapshot,
    shop: &ShopId,
    server: &Server,
    client: &ObservedClient,
) -> Option<&'static str> {
    let facts = snapshot.server_facts(&server.id);
    let wanted = facts.and_then(|facts| numbers_of(&server.inbounds, &facts.inbounds));
    let on: BTreeSet<i64> = client.inbounds.iter().copied().collect();
    if client.email.starts_with(CLIENT_MARK) && own_mark(shop, &client.email).is_none() {
        Some("it carries the mark of another shop")
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
    } else if client.renews {
        Some("it renews itself: set its auto renew to 0 in the panel")
    } else if !client.consistent {
        Some("the panel's settings and counters disagree about it: save it once in the panel")
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
        return Err(cannot(
            "its server is being left, retired, only observed, or in no file any more",
        ));
    }
    if let Some(why) = unfit(snapshot, &catalog.shop.id, server, &asked.client) {
        return Err(cannot(why));
    }
    check_customer(snapshot, asked.customer)?;
    let plan = catalog.plans.iter().find(|plan| plan.id == asked.plan);
    let plan = plan.ok_or(cannot("plans.yaml has no such plan"))?;
    if !plan.servers.matches(&server.id, &server.labels) {
        return Err(cannot("its plan is not served on this server"));
    }
    if kind_of(plan.traffic) != kind_of(asked.granted) {
        return Err(cannot("its plan counts traffic and it is unlimited, or the other way round"));
    }
    if asked.ends_at <= now {
        return Err(cannot("it has ended: write an end that is to come"));
    }
    if asked.ends_at.0 > LAST_END_MS {
        return Err(cannot("its end is after the year 9999"));
    }
    Ok((server, plan))
}

/// Whose it becomes is somebody who can be told of it.
fn check_customer(snapshot: &Snapshot, asked: CustomerRef) -> Result<(), Rejection> {
    let (id, why) = match asked {
        CustomerRef::Id(id) => {
            (id, "no customer has this id: `nebulalinks get customers` lists them")
        }
        CustomerRef::Known(identity) => match snapshot.customer_of(identity) {
            Some(id) => (id, "its customer's record is lost: `nebulalinks fsck` names it"),
            None => return Ok(()),
        },
    };
    snapshot.customer(id).map(drop).ok_or(cannot(why))
}

const fn cannot(why: &'static str) -> Rejection {
    Rejection::CannotAdopt(Cow::Borrowed(why))
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
    let (snapshot, client) = (records.snapshot, &asked.client);
    if let Some(known) = known(snapshot, &catalog.shop.id, &asked.server, client) {
        return known.map(|account| (Edits::new(), Reply::AlreadyAdopted(account)));
    }
    // All accounts' keys were looked at for all rows together. Since then only another adoption brings one
    // that is not drawn, and of two at once one is decided anew: both take a place.
    if snapshot.adopted_with_key(&client.sub_id).is_some() {
        return Err(cannot(SHARED_KEY));
    }
    let (server, plan) = check(snapshot, catalog, asked, now)?;
    let mut edits = Edits::new();
    let there = Selector::Ids([server.id.clone()].into());
    let places = Places::with_stranded(snapshot, catalog, now);
    let free = places.with_room(&there).next().is_some();
    if !free || places.met_without(&server.id) < places.met() {
        return Err(Rejection::NoCapacity);
    }
    places::bump(records, &mut edits);
    let marked = own_mark(&catalog.shop.id, &client.email);
    if marked.is_some_and(|id| snapshot.records_of(id).is_some()) {
        return Err(cannot(
            "its account is lost and some of its records are not: `nebulalinks fsck` names them",
        ));
    }
    let customer = match asked.customer {
        CustomerRef::Id(id) => id,
        CustomerRef::Known(identity) => snapshot.customer_of(identity).unwrap_or_else(|| {
            // A name with our mark is nobody's.
            let name = client.email.chars().take(if marked.is_some() { 0 } else { 64 });
            let name: String = name.collect();
            customer::made(identity, (&name, None), (now, ids), &mut edits)
        }),
    };
    let account = account(asked, (customer, marked), plan, (now, ids));
    let term = NewTerm {
        source: TermSource::of_adoption(account.id),
        family: plan.family.clone(),
        length: DurationMs(asked.ends_at.0.saturating_sub(now.0)),
        quota: asked.granted,
        devices: client.ip_limit,
        selector: plan.servers.clone().into(),
        price: None,
        revision: catalog.revision.as_str().into(),
        asked: None,
    };
    let id = extend(records, account, term, now, &mut edits)?;
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
    Ok((edits, Reply::Adopted(id)))
}

fn account(
    asked: &Adopt,
    (customer, marked): (CustomerId, Option<AccountId>),
    plan: &Plan,
    (now, ids): (UnixMs, &FreshIds),
) -> Account {
    let client = &asked.client;
    let mut account = opened(customer, plan.family.clone(), now, ids);
    account.credentials.uuid = client.uuid.unwrap_or_default();
    account.credentials.sub_id = client.sub_id.clone();
    if let Some(id) = marked {
        // It was this account's, and the record is lost.
        account.id = id;
        return account;
    }
    let adopted = Adopted {
        server: asked.server.clone(),
        email: client.email.clone(),
        comment: client.comment.chars().take(LONGEST_COMMENT).collect(),
        at: now,
        source: TermSource::of_client(account.credentials.uuid),
    };
    account.custody = Some(Box::new(Custody { adopted: Some(adopted), ..Custody::default() }));
    account
}
