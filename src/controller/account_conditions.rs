//! What is true of an account, said from what is stored. Pure: a table for the account and one for
//! each of its places, one row per condition.

use crate::catalog::{Catalog, Mode};
use crate::model::{
    AccountId, BindingStatus, Bytes, Condition, ConditionKind, DeliveryState, Disposition, End,
    Entitlement, ServerId, ServerStatus, Snapshot, Standing, UnixMs,
};
use crate::planner::another_panel;

/// An account as it is stored.
struct Account<'a> {
    entitlement: Entitlement,
    /// The version of its credentials.
    credentials: u32,
    standing: Standing,
    /// Its client was given back.
    released: bool,
    /// No server that the plan allows has room.
    no_room: bool,
    delivery: Option<&'a DeliveryState>,
}

/// The account at one of its servers.
struct Place<'a> {
    account: &'a Account<'a>,
    server: &'a ServerId,
    in_a_file: bool,
    /// The file says to compute and not to change.
    observed: bool,
    /// Nobody asks that server for anything any more.
    retired: bool,
    seen: Option<&'a ServerStatus>,
    /// The panel there is another one than its clients belong on: so it calls itself.
    another: Option<&'a str>,
    client: Option<&'a BindingStatus>,
}

/// A condition, and why it is true of an account; `None`: it is not.
type AccountRow = (ConditionKind, fn(&Account<'_>) -> Option<String>);
/// The same of an account at one of its servers.
type PlaceRow = (ConditionKind, fn(&Place<'_>) -> Option<String>);

const OF_AN_ACCOUNT: &[AccountRow] = &[
    (ConditionKind::Suspended, |a| a.stands(Standing::Suspended, "switched off by staff")),
    (ConditionKind::Depleted, |a| a.stands(Standing::Depleted, "nothing of the allowance is left")),
    (ConditionKind::Expired, |a| {
        let why = match a.released {
            true => "it was given back: its client is not the shop's any more",
            false => "the end is reached",
        };
        a.stands(Standing::Expired, why)
    }),
    (ConditionKind::Stalled, |a| {
        let reason = "no server that the plan allows has room: raise a capacity or add a server";
        a.no_room.then(|| reason.to_owned())
    }),
    (ConditionKind::Undelivered, |a| match a.delivery {
        Some(DeliveryState::Undelivered(code)) => {
            Some(format!("the link could not be sent ({code}); the button shows it"))
        }
        _ => None,
    }),
];

const AT_A_PLACE: &[PlaceRow] = &[
    (ConditionKind::Unreachable, |p| {
        p.unreachable()?;
        let code = p.seen?.failure.as_deref().unwrap_or("unknown");
        Some(format!("{} does not answer ({code})", p.server))
    }),
    (ConditionKind::Stalled, |p| {
        p.seen?.lacks_keys().then(|| {
            format!(
                "{}: its gateway's keys are missing or cannot be used, so nothing is written there; \
                 `nebulalinks describe server {}` has the command",
                p.server, p.server
            )
        })
    }),
    (ConditionKind::Stalled, |p| {
        // A server that does not answer says that of itself.
        let outage = p.seen?.outage.filter(|_| p.account.is_on() && p.unreachable().is_none())?;
        Some(format!("{}: {}: {}", p.server, outage.name(), outage.of_an_account()))
    }),
    (ConditionKind::Stalled, |p| {
        p.retired.then(|| {
            format!(
                "{} is retired, and nobody is served or cut off there any more: set it to draining \
                 until nobody is left",
                p.server
            )
        })
    }),
    (ConditionKind::Stalled, |p| {
        let gone = !p.in_a_file;
        gone.then(|| format!("{} is in no file any more: put it back, or retire it", p.server))
    }),
    (ConditionKind::Stalled, |p| {
        (p.observed && p.account.is_on() && !p.is_settled()).then(|| {
            format!(
                "servers.yaml says `mode: observe` of {}: nothing is changed there; set \
                 `mode: manage` to serve it",
                p.server
            )
        })
    }),
    (ConditionKind::Stalled, |p| {
        let identity = p.another.filter(|_| p.account.is_on() && !p.is_settled())?;
        Some(another_panel(p.server, identity))
    }),
    (ConditionKind::Stalled, |p| {
        let problem = p.client?.problem.as_ref()?;
        Some(format!("{}: {problem}", p.server))
    }),
    (ConditionKind::Stalled, |p| {
        p.is_unseen().then(|| {
            format!(
                "{}: its client is not in the panel's list, and an inbound there cannot be read, \
                 so it is not known whether it is gone",
                p.server
            )
        })
    }),
    (ConditionKind::Implausible, |p| {
        p.client?.implausible?;
        Some(format!("{}: the counter jumped faster than its line carries", p.server))
    }),
    (ConditionKind::StillConnected, |p| {
        let open = p.client?.still_connected.as_ref()?;
        Some(format!(
            "{}: it is off there, and a session that was open before goes on, over {} so far: it ends \
             when Xray is started anew",
            p.server,
            rounded(open.by)
        ))
    }),
];

/// A power of two below: what grows is news each time it has doubled, not with each list.
fn rounded(bytes: Bytes) -> Bytes {
    Bytes(bytes.0.checked_ilog2().map_or(0, |power| 1 << power))
}

impl Account<'_> {
    fn stands(&self, standing: Standing, reason: &str) -> Option<String> {
        (self.standing == standing).then(|| reason.to_owned())
    }

    /// Whether its client is meant to be switched on.
    fn is_on(&self) -> bool {
        self.standing == Standing::Active
    }
}

impl Place<'_> {
    fn unreachable(&self) -> Option<&Condition> {
        self.seen?.conditions.iter().find(|c| c.kind == ConditionKind::Unreachable)
    }

    fn is_unseen(&self) -> bool {
        self.account.is_on() && self.client.is_some_and(|s| s.unseen_since.is_some())
    }

    /// Whether nobody can use what they have there. A server that fell silent since is still as it
    /// was seen last: no link goes out for it.
    fn is_useless(&self) -> bool {
        self.account.is_on() && (self.retired || self.seen.is_some_and(|s| s.outage.is_some()))
    }

    /// Whether the client is as it was asked.
    fn is_settled(&self) -> bool {
        let Some(client) = self.client else { return false };
        let Some(applied) = &client.applied else { return false };
        let Account { entitlement, credentials, .. } = self.account;
        let on = self.account.is_on();
        let as_sold = || {
            applied.end == End::at(entitlement.ends_at)
                && applied.granted == entitlement.granted
                && applied.credentials == *credentials
        };
        applied.enable == on
            && applied.run == entitlement.run
            && (!on || as_sold())
            && client.missing_since.is_none()
            && !self.is_unseen()
    }
}

/// The conditions of an account, in the order of their kinds.
pub(super) fn account_conditions(
    snapshot: &Snapshot,
    catalog: &Catalog,
    id: AccountId,
    no_room: bool,
    now: UnixMs,
) -> Vec<Condition> {
    let Some(entitlement) = Entitlement::of(snapshot, id) else {
        return Vec::new();
    };
    let standing = entitlement.standing(now);
    let delivery = snapshot.delivery(id).map(|d| &d.state);
    let credentials = snapshot.account(id).map_or(0, |a| a.credentials.version);
    let released = snapshot.account(id).is_some_and(|a| a.released().is_some());
    let account = Account { entitlement, credentials, standing, released, no_room, delivery };
    let live = |d: &Disposition| !matches!(d, Disposition::Tombstoned { .. });
    let bindings = snapshot.bindings(id).filter(|b| live(&b.disposition));
    let places: Vec<Place<'_>> = bindings
        .map(|binding| Place {
            account: &account,
            server: &binding.server,
            in_a_file: catalog.servers.contains_key(&binding.server),
            observed: catalog.servers.get(&binding.server).is_some_and(|s| s.mode == Mode::Observe),
            retired: catalog.servers.contains_key(&binding.server)
                && catalog.served(&binding.server).is_none(),
            seen: snapshot.server_status(&binding.server),
            another: snapshot
                .server_status(&binding.server)
                .and_then(|status| Some(status.panel.as_ref()?.identity.as_str()))
                .filter(|identity| snapshot.is_another_panel(&binding.server, identity)),
            client: snapshot.binding_status(id, &binding.server),
        })
        .collect();
    let of_all = OF_AN_ACCOUNT.iter().filter_map(|(kind, why)| Some((*kind, why(&account)?)));
    let of_places = places.iter().flat_map(|place| {
        AT_A_PLACE.iter().filter_map(move |(kind, why)| Some((*kind, why(place)?)))
    });
    let settled = places.iter().any(Place::is_settled);
    let serves = |place: &Place<'_>| place.is_settled() && !place.is_useless();
    let progress = if !account.is_on() {
        None
    } else if places.iter().any(serves) {
        Some((ConditionKind::Ready, "served as sold".to_owned()))
    } else if !settled && !no_room {
        Some((ConditionKind::Reconciling, "on its way to the panel".to_owned()))
    } else {
        None
    };
    let mut list: Vec<Condition> = progress
        .into_iter()
        .chain(of_all)
        .chain(of_places)
        .map(|(kind, reason)| Condition { kind, reason, since: now })
        .collect();
    list.sort_by_key(|c| c.kind);
    list
}
