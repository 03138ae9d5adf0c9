//! Faults that a seed of ordinary days would seldom bring, each on purpose, and the mutations that they
//! show.

use futures::FutureExt as _;
use nebulalinks_simulation::acts::{Play, clocks, places, played, restores, servers, usage};
use nebulalinks_simulation::mutation::Mutation;

/// No monitor sees anything in these seeds, and the fault met the system.
fn holds(play: Play, seeds: &[u64], fault: &str) {
    let mut times = 0;
    for seed in seeds.iter().copied() {
        let (breaches, met) = played(play, seed, Mutation::None);
        assert!(breaches.is_empty(), "seed {seed}: {breaches:#?}");
        times += met.get(fault).copied().unwrap_or(0);
    }
    assert!(times > 0, "{fault}: that never met the system");
}

/// A seed shows the mutation under its law, or the next one of its kind.
fn is_seen(play: Play, first: u64, mutation: Mutation, law: &str) {
    let mut said = Vec::new();
    for seed in [first, first + restores::KINDS] {
        let (breaches, _) = played(play, seed, mutation);
        if breaches.iter().any(|b| b.starts_with(law)) {
            return;
        }
        said.extend(breaches);
    }
    panic!("{mutation:?} was not seen as a breach of {law}; said was {said:#?}");
}

macro_rules! acts {
    ($($name:ident: $act:path, seeds $seeds:expr, $fault:literal
       $(; $seen:ident: $mutation:ident at $at:literal breaks $law:literal)* .)*) => {
        $(
            #[test]
            fn $name() {
                holds(|seed, mutation| $act(seed, mutation).boxed_local(), &$seeds, $fault);
            }
            $(
                #[test]
                fn $seen() {
                    let play: Play = |seed, mutation| $act(seed, mutation).boxed_local();
                    is_seen(play, $at, Mutation::$mutation, $law);
                }
            )*
        )*
    };
}

acts! {
    nothing_timed_happens_by_a_wrong_clock_of_ours:
        clocks::the_controllers, seeds [0, 1], "the controller's clock was wrong";
    a_clock_that_is_always_believed_is_seen: TrustsAnyClock at 0 breaks "P17".

    servers_that_agree_cut_off_no_more_than_the_budget:
        clocks::every_servers, seeds [0, 1], "every host was ahead";
    servers_that_count_as_witnesses_are_seen: TakesServersForWitnesses at 0 breaks "P17".

    after_a_sleep_all_that_fell_due_is_done_in_a_minute:
        clocks::asleep, seeds [0], "every machine slept";
    a_doubt_that_does_not_end_is_seen: DoubtsForEver at 0 breaks "P8".

    nothing_is_written_to_a_server_whose_clock_is_off:
        clocks::one_servers, seeds [0, 1], "a server's clock was off";
    an_odd_clock_that_is_not_known_is_seen: IgnoresOddClocks at 0 breaks "P17".

    what_comes_back_from_the_past_takes_nothing:
        restores::something_old, seeds [1, 3, 4, 5], "a store came back from the past";
    histories_that_are_compared_by_number_are_seen: ComparesByNumber at 0 breaks "P15";
    a_gateway_that_remembers_one_store_is_seen: RemembersOneStore at 1 breaks "P15";
    writes_that_tell_nothing_are_seen: WritesTellNothing at 2 breaks "P15";
    a_budget_that_is_forgotten_is_seen: ForgetsItsBudget at 4 breaks "P15".

    places_come_back_and_are_promised_once:
        places::years, seeds [0], "a place came back";
    places_that_never_come_back_are_seen: KeepsPlaces at 0 breaks "P20";
    places_that_are_oversold_are_seen: Oversells at 0 breaks "P20";
    reviews_that_begin_again_are_seen: RestartsReviews at 0 breaks "P20".

    an_overrun_is_forgiven_once_and_what_was_bought_is_billed:
        usage::overrun, seeds [0], "traffic flowed beyond a cap";
    an_overrun_that_is_noted_anew_is_seen: ForgivesAnew at 0 breaks "P14".

    an_enable_that_is_refused_for_long_is_made_up_for_twice_at_most:
        usage::refused, seeds [1], "an outage was made up for";
    compensations_without_end_are_seen: CompensatesOnAndOn at 0 breaks "P4".

    nobody_is_told_of_a_link_that_cannot_work:
        servers::useless, seeds [0, 1], "a server was useless";
    outages_that_are_ignored_are_seen: IgnoresOutages at 0 breaks "P18";
    a_last_look_that_is_forgotten_is_seen: ForgetsTheLastLook at 1 breaks "P18".

    a_login_that_was_refused_in_passing_is_tried_again:
        servers::locked, seeds [0], "a login was refused";
    a_login_that_is_given_up_is_seen: GivesUpLogins at 0 breaks "P1".
}
