//! Whether our clock is believed: by everybody who tells the time, and by nothing else.

use nebulalinks::catalog::Catalog;
use nebulalinks::intent::{Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::planner::clocks::{Clocks, Hosts};
use nebulalinks::planner::{Verb, Waiting};
use nebulalinks_testkit::people::{approve, cancel, decline, pay, place};
use nebulalinks_testkit::shop;
use nebulalinks_testkit::world::{NOON, World};

const YEAR: u64 = 400 * DAY_MS;
const VOUCHED: ClockVerdict = ClockVerdict::Trusted { vouched: true };
const UNVOUCHED: ClockVerdict = ClockVerdict::Trusted { vouched: false };
const DOUBT: ClockVerdict = ClockVerdict::Doubt { reason: ClockDoubt::Servers, since: NOON };

/// A shop with a server on each of these hosts, and a controller that has run for a while.
struct Shop {
    clocks: Clocks,
    hosts: Hosts,
    servers: Vec<ServerId>,
    seen: Option<UnixMs>,
    /// What time it really is.
    truth: UnixMs,
    /// How far our wall clock is ahead of that, in ms.
    ahead: i64,
    monotonic: u64,
}

fn catalog(gateways: &[&str]) -> Catalog {
    let mut catalog = shop::catalog();
    let one = catalog.servers.values().next().unwrap().clone();
    catalog.servers = gateways
        .iter()
        .enumerate()
        .map(|(n, gateway)| {
            let mut server = one.clone();
            server.id = format!("s-{n}").parse().unwrap();
            server.host = format!("s-{n}.vpn.example.net");
            server.gateway = (*gateway).to_owned();
            (server.id.clone(), server)
        })
        .collect();
    catalog
}

impl Shop {
    fn of(gateways: &[&str]) -> Self {
        let catalog = catalog(gateways);
        let mut shop = Self {
            clocks: Clocks::default(),
            hosts: Hosts::of(&catalog),
            servers: catalog.servers.keys().cloned().collect(),
            seen: None,
            truth: NOON,
            ahead: 0,
            monotonic: 5_000,
        };
        shop.read();
        shop
    }

    fn of_three_hosts() -> Self {
        Self::of(&["https://a.example.net:8443", "https://b.example.net", "https://c.example.net"])
    }

    fn moment(&self) -> Moment {
        let wall = UnixMs(self.truth.0.checked_add_signed(self.ahead).unwrap());
        Moment { wall, monotonic: DurationMs(self.monotonic) }
    }

    fn read(&mut self) -> TimeReading {
        self.clocks.judge(self.moment(), &self.hosts, self.seen)
    }

    fn doubt(&mut self) -> Option<ClockDoubt> {
        self.read().verdict.doubt()
    }

    /// Somebody whose clock is off by so much answers.
    fn hears(&mut self, witness: Witness, off: i64) {
        let date = UnixMs(self.truth.0.checked_add_signed(off).unwrap() / 1000 * 1000);
        let asked = DurationMs(self.monotonic);
        self.clocks.hear(witness, date, asked, self.moment());
    }

    fn discord(&mut self) {
        self.hears(Witness::Discord, 0);
    }

    fn gateway(&mut self, n: usize, off: i64) {
        self.hears(Witness::Gateway(self.servers[n].clone()), off);
    }

    fn gateways(&mut self, off: i64) {
        (0..self.servers.len()).for_each(|n| self.gateway(n, off));
    }

    /// Time passes, and everybody's clock goes on.
    fn pass(&mut self, ms: u64) {
        self.truth = self.truth + DurationMs(ms);
        self.monotonic += ms;
    }
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap()
}

#[test]
fn nobody_is_believed_before_somebody_has_told_the_time() {
    let mut shop = Shop::of_three_hosts();
    assert_eq!(shop.doubt(), Some(ClockDoubt::NoReference));
    shop.pass(HOUR_MS);
    assert_eq!(shop.doubt(), Some(ClockDoubt::NoReference));
    shop.discord();
    assert_eq!(shop.read(), TimeReading::vouched(shop.truth));
}

#[test]
fn the_controllers_clock_400_days_ahead_is_doubted_and_the_time_stands_still() {
    let mut shop = Shop::of_three_hosts();
    shop.discord();
    shop.gateways(0);
    shop.read();
    let before = shop.truth;
    shop.pass(SECOND_MS);
    shop.ahead = signed(YEAR);
    assert_eq!(shop.doubt(), Some(ClockDoubt::Stepped), "before anybody was asked");
    // The gateways refuse us, and their refusals are dated.
    shop.gateways(0);
    assert_eq!(shop.doubt(), Some(ClockDoubt::Servers));
    shop.discord();
    for _ in 0..3 {
        shop.pass(20 * MINUTE_MS);
        shop.discord();
        let reading = shop.read();
        assert_eq!(reading.verdict.doubt(), Some(ClockDoubt::Discord));
        assert_eq!(reading.now, before, "nothing falls due");
    }
    shop.ahead = 0;
    shop.read();
    shop.discord();
    assert_eq!(shop.read(), TimeReading::vouched(shop.truth), "it ends by itself");
}

#[test]
fn host_gateways_and_panels_400_days_ahead_together_are_doubted_where_discord_is_right() {
    let mut shop = Shop::of_three_hosts();
    shop.discord();
    shop.gateways(0);
    shop.read();
    shop.ahead = signed(YEAR);
    shop.gateways(signed(YEAR));
    shop.discord();
    assert_eq!(shop.doubt(), Some(ClockDoubt::Discord));
}

#[test]
fn without_discord_the_same_is_believed_and_nobody_outside_vouches() {
    let mut shop = Shop::of_three_hosts();
    shop.gateways(0);
    assert_eq!(shop.read().verdict, ClockVerdict::Trusted { vouched: false });
    shop.ahead = signed(YEAR);
    shop.gateways(signed(YEAR));
    assert_eq!(shop.read().verdict, ClockVerdict::Trusted { vouched: false });
}

#[test]
fn a_clock_that_is_wrong_at_boot_is_doubted_and_discords_time_is_the_one_that_counts() {
    let mut shop = Shop::of_three_hosts();
    shop.ahead = signed(YEAR);
    let mut shop = Shop { clocks: Clocks::default(), ..shop };
    shop.read();
    shop.discord();
    let reading = shop.read();
    assert_eq!(reading.verdict.doubt(), Some(ClockDoubt::Discord));
    assert_eq!(reading.now, shop.truth);
    // And where a time was confirmed before the start, that one.
    shop.seen = Some(UnixMs(NOON.0 + 1));
    assert_eq!(shop.read().now, UnixMs(NOON.0 + 1));
}

#[test]
fn one_gateway_that_disagrees_with_the_others_is_no_doubt_and_most_of_them_are() {
    let mut shop = Shop::of_three_hosts();
    shop.gateway(0, 0);
    shop.gateway(1, 0);
    shop.gateway(2, signed(HOUR_MS));
    assert_eq!(shop.doubt(), None);
    let odd = shop.clocks.differences(shop.moment())[&Witness::Gateway(shop.servers[2].clone())];
    assert!(odd > signed(HOUR_MS) - 2_000, "{odd}");
    shop.gateway(1, signed(HOUR_MS));
    assert_eq!(shop.doubt(), Some(ClockDoubt::Servers), "our own host and one against two");
    shop.discord();
    assert_eq!(shop.doubt(), None, "whoever they are, Discord's word counts");
}

#[test]
fn gateways_of_one_host_are_one_witness() {
    let two_hosts = ["https://a.example.net", "https://a.example.net:444", "https://b.example.net"];
    let mut shop = Shop::of(&two_hosts);
    shop.gateway(0, signed(HOUR_MS));
    shop.gateway(1, signed(HOUR_MS));
    shop.gateway(2, 0);
    assert_eq!(shop.doubt(), None, "our own host and b against a");
    // A name of a link's host is a name of that host, too.
    let mut catalog = catalog(&two_hosts);
    for server in catalog.servers.values_mut() {
        server.host = "b.example.net".to_owned();
    }
    let mut one = Shop { hosts: Hosts::of(&catalog), ..Shop::of(&two_hosts) };
    one.gateways(signed(HOUR_MS));
    assert_eq!(one.doubt(), Some(ClockDoubt::Servers), "one against one is not most");
    one.gateway(0, 0);
    one.gateway(1, 0);
    assert_eq!(one.doubt(), None);
}

#[test]
fn gateways_on_the_controllers_own_host_confirm_nothing_that_our_clock_does_not_say_itself() {
    for own in ["http://127.0.0.1:18443", "http://localhost:1", "http://[::1]:18443"] {
        let mut shop = Shop::of(&[own, own, own, "https://far.example.net"]);
        for n in 0..3 {
            shop.gateway(n, 0);
        }
        assert_eq!(shop.doubt(), None, "nobody says anything else");
        shop.gateway(3, signed(HOUR_MS));
        assert_eq!(shop.doubt(), Some(ClockDoubt::Servers), "{own}: one host against one");
    }
}

#[test]
fn a_machine_that_slept_a_week_is_doubted_until_somebody_tells_the_time() {
    for discord in [true, false] {
        let mut shop = Shop::of_three_hosts();
        shop.discord();
        shop.gateways(0);
        shop.read();
        let before = shop.truth;
        // Its monotonic clock stood still.
        shop.truth = shop.truth + DurationMs(7 * DAY_MS);
        let reading = shop.read();
        assert_eq!(reading.verdict.doubt(), Some(ClockDoubt::Stepped));
        assert_eq!(reading.now, before);
        if discord {
            shop.discord()
        } else {
            shop.pass(MINUTE_MS);
            shop.gateways(0)
        }
        let reading = shop.read();
        assert_eq!(reading.verdict, ClockVerdict::Trusted { vouched: discord });
        assert_eq!(reading.now, shop.truth);
    }
}

/// Every host may have been set together, and only Discord would say so.
#[test]
fn after_a_step_or_a_start_the_servers_are_believed_only_when_discord_had_a_minute_to_answer() {
    for start in [true, false] {
        let mut shop = Shop::of_three_hosts();
        let reason = if start { ClockDoubt::NoReference } else { ClockDoubt::Stepped };
        if start {
            shop.clocks = Clocks::default();
            shop.clocks.expect_discord();
        } else {
            shop.discord();
            shop.read();
            shop.pass(2 * HOUR_MS);
        }
        shop.ahead = signed(YEAR);
        shop.gateways(signed(YEAR));
        assert_eq!(shop.doubt(), Some(reason), "they agree with each other");
        shop.pass(MINUTE_MS - 1);
        shop.gateways(signed(YEAR));
        assert_eq!(shop.doubt(), Some(reason));
        let mut told = Shop { clocks: shop.clocks.clone(), ..Shop::of_three_hosts() };
        (told.truth, told.ahead, told.monotonic) = (shop.truth, shop.ahead, shop.monotonic);
        told.discord();
        assert_eq!(told.doubt(), Some(ClockDoubt::Discord), "it answered in time");
        shop.pass(1);
        assert_eq!(shop.read().verdict, UNVOUCHED, "Discord is silent: most servers count");
    }
}

#[test]
fn a_clock_that_is_set_back_is_doubted() {
    let mut shop = Shop::of_three_hosts();
    shop.discord();
    shop.read();
    shop.ahead = -signed(HOUR_MS);
    assert_eq!(shop.doubt(), Some(ClockDoubt::Stepped));
    shop.discord();
    let reading = shop.read();
    assert_eq!((reading.verdict.doubt(), reading.now), (Some(ClockDoubt::Discord), shop.truth));
}

#[test]
fn a_clock_that_is_slewed_step_by_step_is_found_out() {
    let mut shop = Shop::of_three_hosts();
    shop.discord();
    shop.read();
    let mut doubted_at = None;
    for step in 1..=5 {
        shop.pass(MINUTE_MS);
        shop.ahead += 12_000;
        if doubted_at.is_none() && shop.doubt().is_some() {
            doubted_at = Some(step);
        }
    }
    assert_eq!(doubted_at, Some(3), "36 s off what Discord said three minutes ago");
}

#[test]
fn a_correction_within_the_tolerance_is_no_doubt() {
    let mut shop = Shop::of_three_hosts();
    shop.discord();
    shop.read();
    for off in [25_000, -25_000] {
        shop.ahead = off;
        shop.discord();
        assert_eq!(shop.doubt(), None, "{off} ms");
    }
    shop.ahead = 0;
    shop.read();
    shop.ahead = 32_000;
    shop.read();
    shop.discord();
    assert_eq!(shop.doubt(), Some(ClockDoubt::Discord));
}

#[test]
fn when_everybody_falls_silent_the_clock_goes_on_and_nobody_vouches() {
    let mut shop = Shop::of_three_hosts();
    shop.discord();
    shop.gateways(0);
    shop.read();
    shop.pass(50 * MINUTE_MS);
    assert!(shop.read().verdict.is_vouched(), "carried along for an hour");
    shop.pass(7 * DAY_MS);
    assert_eq!(shop.read().verdict, ClockVerdict::Trusted { vouched: false });
    shop.ahead = signed(HOUR_MS);
    assert_eq!(shop.doubt(), Some(ClockDoubt::Stepped), "and a step is a step");
}

#[test]
fn a_doubt_does_not_end_because_nobody_can_be_asked_any_more() {
    let mut shop = Shop::of_three_hosts();
    shop.gateways(signed(HOUR_MS));
    assert_eq!(shop.doubt(), Some(ClockDoubt::Servers));
    shop.pass(2 * HOUR_MS);
    assert_eq!(shop.doubt(), Some(ClockDoubt::NoReference));
}

#[test]
fn below_what_a_witness_vouched_for_no_server_is_believed_and_discord_is() {
    let mut shop = Shop::of_three_hosts();
    shop.seen = Some(shop.truth + DurationMs(HOUR_MS));
    shop.gateways(0);
    assert_eq!(shop.doubt(), Some(ClockDoubt::BehindSeen));
    assert_eq!(shop.read().now, shop.truth + DurationMs(HOUR_MS));
    shop.discord();
    assert_eq!(shop.read(), TimeReading::vouched(shop.truth), "a wrong day is no poison");
}

#[test]
fn an_answer_that_was_long_on_its_way_counts_for_what_it_can_tell() {
    let mut shop = Shop::of_three_hosts();
    let asked = DurationMs(shop.monotonic);
    let date = shop.truth;
    shop.pass(70_000);
    // Made at any moment of the 70 s: our clock fits.
    shop.clocks.hear(Witness::Discord, date, asked, shop.moment());
    assert_eq!(shop.doubt(), None);
    let mut shop = Shop::of_three_hosts();
    let asked = DurationMs(shop.monotonic);
    shop.pass(3 * MINUTE_MS);
    shop.clocks.hear(Witness::Discord, shop.truth, asked, shop.moment());
    assert_eq!(shop.doubt(), Some(ClockDoubt::NoReference), "that tells too little");
}

#[test]
fn in_doubt_no_timed_fact_is_accepted_and_a_proof_is_kept_without_a_date() {
    let mut world = World::empty(shop::catalog());
    let Ok(Reply::Placed(order)) = world.submit(&place(1, "basic-30", Target::New, 1)) else {
        panic!("not placed")
    };
    world.clock = DOUBT;
    let staff = Err(Rejection::ClockInDoubt { staff: true });
    let customer = Err(Rejection::ClockInDoubt { staff: false });
    assert_eq!(world.submit(&place(2, "basic-30", Target::New, 2)), customer);
    assert_eq!(world.submit(&cancel(1, order)), customer);
    assert_eq!(world.submit(&decline(order)), staff);
    assert_eq!(world.submit(&pay(1, order, 3)), Ok(Reply::ProofTaken(order)));
    assert_eq!(world.submit(&approve(order)), staff);
    let kept = world.snapshot.order(order).unwrap();
    assert!(kept.evidence[0].undated);
    assert_eq!(kept.state(world.now), OrderState::AwaitingReview);
    assert_eq!(world.snapshot.undated_proofs().collect::<Vec<_>>(), [order]);
    world.clock = VOUCHED;
    assert!(matches!(world.submit(&approve(order)), Ok(Reply::Approved(..))));
}

/// Twenty on one server whose panel leaves ends to us, a week after all of them were reached.
fn all_over() -> (World, ServerId) {
    let mut catalog = shop::catalog_with_room(50, 0);
    catalog.servers.remove(&shop::server("ams-1"));
    let mut world = World::settled(catalog, 20, "basic-30");
    world.now = world.now + DurationMs(37 * DAY_MS);
    (world, shop::server("fra-1"))
}

#[test]
fn in_doubt_nothing_is_taken_from_anybody_and_what_gives_passes() {
    let (mut world, server) = all_over();
    let renewed = world.account(0);
    world.renew(0, "basic-30", renewed);
    world.clock = DOUBT;
    let pass = world.pass(&server);
    assert!(pass.sent().iter().all(|change| !change.is_destructive()), "{:?}", pass.sent());
    let given: Vec<AccountId> = pass.sent().iter().map(|change| change.account).collect();
    assert_eq!(given, [renewed], "the renewal goes on");
    let waiting = &pass.guarded.proposal.report.notes;
    assert_eq!(waiting.iter().filter(|n| n.waiting == Waiting::ClockDoubt).count(), 19);
    assert_eq!(pass.guarded.held, None, "nothing to confirm: it ends by itself");
    world.clock = VOUCHED;
    assert_eq!(world.pass(&server).sent().len(), 19);
}

#[test]
fn many_ends_at_once_share_the_budget_while_nobody_vouches_and_vouched_time_needs_none() {
    let (mut world, server) = all_over();
    world.clock = UNVOUCHED;
    let pass = world.pass(&server);
    assert_eq!(pass.sent().len(), 5, "the budget of an hour");
    assert_eq!(pass.guarded.held.as_ref().map(|held| held.items.len()), Some(15));
    assert!(world.pass(&server).sent().is_empty());
    world.clock = VOUCHED;
    let cut = world.pass(&server).sent().to_vec();
    assert_eq!(cut.len(), 15, "at once: a week of ends needs no more than one pass");
    assert!(cut.iter().all(|change| change.main_verb() == Verb::Disable));
    assert!(world.pass(&server).sent().is_empty());
}

#[test]
fn a_suspension_and_an_allowance_need_no_witness() {
    let (mut world, server) = all_over();
    world.now = NOON + DurationMs(DAY_MS);
    for n in 0..10 {
        let mut account = world.snapshot.account(world.account(n)).unwrap().clone();
        account.suspension =
            Some(Box::new(Suspension { since: world.now, reason: "asked".to_owned() }));
        world.put(account);
    }
    world.clock = UNVOUCHED;
    assert_eq!(world.pass(&server).sent().len(), 10, "decided by staff, not by a clock");
}
