//! What must hold once every trouble is over.

use super::cluster::Cluster;
use super::monitors::left;
use super::time::pass_seconds;
use nebulalinks::model::*;
use nebulalinks_model_panel::{Actor, ClientSnapshot, ModelPanel};
use nebulalinks_testkit::world::email;
use std::collections::BTreeSet;

pub(super) async fn check(cluster: &mut Cluster) {
    settle(cluster).await;
    stays(cluster).await;
    cut_off(cluster).await;
    the_whole(cluster);
}

/// At the end of a run everybody is looked at, and every line of the audit.
pub(super) fn the_whole(cluster: &Cluster) {
    cluster.monitors.check_all(&cluster.snapshot());
    cluster.monitors.check_told(&cluster.snapshot());
    cluster.check_books();
    cluster.monitors.audit_anew();
    cluster.check_audit();
}

/// The troubles are over, and all agrees soon.
pub(super) async fn settle(cluster: &mut Cluster) {
    cluster.heal().await;
    // P1 says 120 s; a second more for the process to start.
    pass_seconds(121).await;
    converged(cluster, "P1");
    cluster.look_at_addresses(Some(DurationMs(0))).await;
    delivered(cluster);
    cluster.monitors.check_nothing_forgotten(&cluster.snapshot());
    cluster.monitors.check_orphans(&cluster.snapshot());
    cluster.monitors.check_adopted_for_good(&cluster.snapshot());
    cluster.monitors.check_released_for_good();
    cluster.check_audit();
    let (snapshot, discord) = (cluster.snapshot(), &cluster.discord);
    cluster.monitors.check_news_told(&snapshot, discord);
    cluster.monitors.check_forgotten(&cluster.store, &snapshot, discord);
    cluster.monitors.check_told(&cluster.snapshot());
}

/// P1 and P7: every client is what was sold.
pub(super) fn converged(cluster: &Cluster, law: &str) {
    let (snapshot, now) = (cluster.snapshot(), cluster.now());
    for account in snapshot.accounts() {
        let entitlement = Entitlement::of(&snapshot, account.id).unwrap();
        let Some(binding) = snapshot.home(account.id) else {
            // Whoever left long ago has given the place back.
            if entitlement.standing(now) != Standing::Active {
                continue;
            }
            cluster.monitors.breach(law, &format!("{} has no server", account.id));
            continue;
        };
        everywhere(cluster, &snapshot, account, law);
        let client = cluster.monitors.client(&snapshot, account.id);
        let (counter, left) = left(&snapshot, account.id, &binding.server, client.as_ref());
        let near = entitlement.ends_at.0.abs_diff(now.0) < 20 * SECOND_MS;
        if near || is_held(&snapshot, account.id, &binding.server) {
            continue;
        }
        let active = now < entitlement.ends_at && !left.is_empty() && !entitlement.suspended;
        let wrong = match client {
            None if active => Some("is missing".to_owned()),
            None => None,
            Some(c) if c.is_on() != active => Some(format!("is on: {}, not {active}", c.is_on())),
            Some(c) if active => difference(&c, account, &entitlement, counter, left),
            Some(_) => None,
        };
        if let Some(wrong) = wrong {
            let status = snapshot.account_status(account.id).map(|s| &s.conditions);
            let of_server = snapshot.server_status(&binding.server).map(|s| &s.conditions);
            cluster.monitors.breach(
                law,
                &format!("{} on {} {wrong}; {status:?}; {of_server:?}", account.id, binding.server),
            );
        }
        if active && !is(&snapshot, account.id, ConditionKind::Ready) {
            cluster.monitors.breach(law, &format!("{} is served and not Ready", account.id));
        }
    }
}

/// On each of an account's servers that answer there are only today's credentials, and where it has left it
/// is off.
fn everywhere(cluster: &Cluster, snapshot: &Snapshot, account: &Account, law: &str) {
    let down = |server: &ServerId| cluster.panels[server].faults().is_down();
    for binding in snapshot.bindings(account.id).filter(|b| !down(&b.server)) {
        let Some(client) = cluster.panels[&binding.server].client(&email(account.id)) else {
            continue;
        };
        let place = format!("{} on {}", account.id, binding.server);
        if client.uuid != account.credentials.uuid.to_string() {
            cluster.monitors.breach("P20", &format!("the old credentials of {place} are alive"));
        }
        let left = matches!(binding.disposition, Disposition::Tombstoned { .. });
        if left && client.is_on() && !is_held(snapshot, account.id, &binding.server) {
            cluster.monitors.breach(law, &format!("{place} was left and is on"));
        }
    }
}

/// P1 and P8 speak of clients of which nothing is held.
fn is_held(snapshot: &Snapshot, account: AccountId, server: &ServerId) -> bool {
    let held = snapshot.server_status(server).and_then(|s| s.held.as_ref());
    held.is_some_and(|held| held.items.iter().any(|item| item.account == account))
}

fn difference(
    client: &ClientSnapshot,
    account: &Account,
    entitlement: &Entitlement,
    counter: Bytes,
    left: Quota,
) -> Option<String> {
    let cap = match left {
        Quota::Unlimited => 0,
        Quota::Bytes(left) => (counter + left).0,
    };
    let wanted = (
        account.credentials.uuid.to_string(),
        account.credentials.sub_id.clone(),
        i64::try_from(entitlement.ends_at.0).unwrap(),
        i64::try_from(cap).unwrap(),
        i64::from(entitlement.devices),
        1,
    );
    let found = (
        client.uuid.clone(),
        client.sub_id.clone(),
        client.expiry_ms,
        client.total,
        client.limit_ip,
        client.entries,
    );
    (found != wanted).then(|| format!("is {found:?}, not {wanted:?}"))
}

fn is(snapshot: &Snapshot, account: AccountId, kind: ConditionKind) -> bool {
    snapshot.account_status(account).is_some_and(|s| s.conditions.iter().any(|c| c.kind == kind))
}

/// P18: staff see every proof, whoever waits has a place to talk about it, and every approved order came to an end
/// that somebody heard of.
pub(super) fn delivered(cluster: &Cluster) {
    let snapshot = cluster.snapshot();
    let review = cluster.catalog.shop.channels.review;
    let now = cluster.now();
    for order in snapshot.orders().filter(|o| o.state(now) == OrderState::AwaitingReview) {
        if !cluster.discord.shows(review, &order.id.reference().to_string()) {
            cluster.monitors.breach("P18", &format!("staff cannot see {}", order.id));
        }
    }
    let is_open = |o: &&Order| {
        matches!(o.state(now), OrderState::AwaitingPayment | OrderState::AwaitingReview)
    };
    for order in snapshot.orders().filter(is_open) {
        let place = snapshot.surface(SurfaceKey::OrderThread(order.id)).and_then(|s| s.channel);
        if !place.is_some_and(|place| cluster.discord.has_place(place)) {
            cluster.monitors.breach("P18", &format!("{} has no place", order.id));
        }
    }
    let tried = snapshot.accounts().filter(|account| account.tried().is_some()).map(|a| a.id);
    for id in snapshot.orders().filter_map(Order::approved_account).chain(tried) {
        let told = snapshot.delivery(id).is_some();
        let over = Entitlement::of(&snapshot, id)
            .is_some_and(|e| e.standing(cluster.now()) != Standing::Active);
        if !told && !over && !is(&snapshot, id, ConditionKind::Stalled) {
            cluster.monitors.breach("P18", &format!("{id} was given and forgotten"));
        }
    }
}

/// P2: five rounds write nothing, but for what ends in the meantime.
pub async fn stays(cluster: &Cluster) {
    let before: Vec<usize> = cluster.panels.values().map(ModelPanel::changes).collect();
    let (from, bound) = (cluster.now(), cluster.snapshot());
    pass_seconds(5 * 66).await;
    let snapshot = cluster.snapshot();
    let meanwhile = from - DurationMs(20 * SECOND_MS)..=cluster.now();
    let ended: BTreeSet<String> = snapshot
        .accounts()
        .filter(|a| {
            let end = Entitlement::of(&snapshot, a.id).unwrap().ends_at;
            let mut ripe = bound.bindings(a.id).filter_map(|b| ripens(cluster, &bound, b));
            meanwhile.contains(&end) || ripe.any(|at| meanwhile.contains(&at))
        })
        .map(|a| email(a.id))
        .collect();
    for (panel, before) in cluster.panels.values().zip(before) {
        for entry in panel.journal_since(before).iter().filter(|e| e.actor == Actor::Api) {
            if !ended.contains(entry.event.email()) {
                cluster.monitors.breach("P2", &format!("{:?}", entry.event));
            }
        }
    }
}

/// When a tombstone is old enough for its client to be deleted.
fn ripens(cluster: &Cluster, snapshot: &Snapshot, binding: &Binding) -> Option<UnixMs> {
    let Disposition::Tombstoned { since } = binding.disposition else { return None };
    let old = since + cluster.catalog.shop.retention.tombstones;
    Some(old.max(snapshot.renewal_keeps_place_until(binding.account).unwrap_or(old)))
}

/// P8: at each end the client is off within a second, whatever its panel does by itself.
async fn cut_off(cluster: &Cluster) {
    let snapshot = cluster.snapshot();
    let mut ends: Vec<(UnixMs, AccountId)> = snapshot
        .accounts()
        .map(|a| (Entitlement::of(&snapshot, a.id).unwrap().ends_at, a.id))
        .filter(|(end, _)| *end > cluster.now())
        .collect();
    ends.sort();
    for (end, id) in ends {
        cluster.time.until(end + DurationMs(SECOND_MS)).await;
        is_cut_off(cluster, id);
    }
    pass_seconds(70).await;
    converged(cluster, "P8");
}

/// P8, a second after an end.
pub(super) fn is_cut_off(cluster: &Cluster, id: AccountId) {
    let snapshot = cluster.snapshot();
    let held = snapshot.bindings(id).any(|binding| is_held(&snapshot, id, &binding.server));
    let renewed = Entitlement::of(&snapshot, id).is_some_and(|e| e.ends_at > cluster.now());
    let client = cluster.monitors.client(&snapshot, id);
    if !held && !renewed && client.is_some_and(|c| c.is_on()) {
        cluster.monitors.breach("P8", &format!("{id} is on a second after its end"));
    }
}
