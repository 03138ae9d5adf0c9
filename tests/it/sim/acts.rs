//! Faults that a seed of ordinary days would seldom bring, each on purpose.

use nebulalinks::catalog::ServerLifecycle;
use nebulalinks_simulation::acts::{ACTS, left_by_many, played};
use nebulalinks_simulation::mutation::Mutation;

/// No monitor sees anything in these seeds, and the fault met the system.
fn holds(name: &str, seeds: &[u64]) {
    let act = ACTS.iter().find(|act| act.name == name).unwrap();
    let mut times = 0;
    for seed in seeds.iter().copied() {
        let (breaches, met) = played(act.play, seed, Mutation::None);
        assert!(breaches.is_empty(), "seed {seed}: {breaches:#?}");
        times += met.get(act.fault).copied().unwrap_or(0);
    }
    assert!(times > 0, "{}: that never met the system", act.fault);
}

macro_rules! acts {
    ($($name:ident: $act:literal, seeds $seeds:expr;)*) => {
        $(
            #[test]
            fn $name() {
                holds($act, &$seeds);
            }
        )*
    };
}

acts! {
    nothing_timed_happens_by_a_wrong_clock_of_ours: "our clock", seeds [0, 1];
    servers_that_agree_cut_off_no_more_than_the_budget: "all servers' clocks", seeds [0, 1];
    after_a_sleep_all_that_fell_due_is_done_in_a_minute: "a sleep", seeds [0];
    nothing_is_written_to_a_server_whose_clock_is_off: "one server's clock", seeds [0, 1];
    what_comes_back_from_the_past_takes_nothing: "something old", seeds [1, 3, 4, 5];
    a_client_that_a_backup_brings_back_is_reported_and_served_again: "a client comes back", seeds [0, 1];
    hands_on_many_clients_take_no_more_than_the_budget_and_hold_up_nothing: "many by hand", seeds [0, 1, 2, 3];
    nobody_is_without_service_because_a_server_is_drained_or_lost: "a server to be left", seeds [0, 1, 2, 3];
    on_another_panel_nobody_is_made_until_an_operator_accepts_it: "another panel", seeds [0, 1, 2, 3];
    an_adopted_client_is_never_off_keeps_what_it_is_and_gets_no_second_one: "an adoption", seeds [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15];
    a_client_that_is_given_back_goes_on_as_it_is: "a release", seeds [0, 1, 2, 3, 5, 6, 9, 13];
    a_reminder_goes_out_once_at_its_moment_and_never_in_the_quiet_hours: "reminders", seeds [0, 1, 2, 3];
    news_go_once_to_each_and_to_nobody_from_a_store_of_before: "news", seeds [0, 1, 2, 3, 4];
    of_a_customer_who_is_forgotten_nothing_is_left_whenever_the_process_ends: "somebody is forgotten", seeds [0, 1, 2, 3, 4, 8, 9, 10];
    a_session_that_outlives_its_cut_off_is_said_and_ended_once_in_its_hours: "open sessions", seeds [0, 1, 2, 3, 7];
    an_address_answers_what_its_account_has_now: "an address", seeds [0, 1, 2, 3, 7];
    nobody_waits_for_panels_that_are_dead: "dead panels", seeds [0, 1];
    bad_files_take_nothing_and_the_last_good_ones_stay: "bad files", seeds [0, 1, 2, 3, 4, 5, 6, 7];
    a_fault_at_each_kind_of_effect_breaks_nothing: "each effect", seeds [0, 1, 2, 3, 4, 5, 6, 7, 8];
    what_is_taken_back_before_it_is_sent_is_not_given: "taken back", seeds [0, 1];
    an_inbound_that_is_renamed_doubled_or_broken_takes_nothing: "inbounds", seeds [0, 1, 2];
    places_come_back_and_are_promised_once: "years", seeds [0];
    an_overrun_is_forgiven_once_and_what_was_bought_is_billed: "an overrun", seeds [0];
    an_enable_that_is_refused_for_long_is_made_up_for_twice_at_most: "a refused enable", seeds [1];
    nobody_is_told_of_a_link_that_cannot_work: "a useless server", seeds [0, 1];
    a_login_that_was_refused_in_passing_is_tried_again: "a refused login", seeds [0];
    after_weeks_without_a_panel_all_is_as_it_was_sold_within_a_minute: "weeks without a panel", seeds [0];
    what_discord_refuses_for_good_is_said_and_holds_up_nothing: "Discord refuses", seeds [0, 1, 2];
}

/// 2,000 of them, at the shop's own pace: docs/PERFORMANCE.md has what was measured.
#[test]
#[ignore = "minutes"]
fn two_thousand_accounts_leave_a_server_while_customers_order() {
    let left = left_by_many(2_000, ServerLifecycle::Draining);
    println!("{left:?}");
    assert_eq!((left.most, left.fewest_on), (2, 1), "{left:?}");
    assert!(left.sold > 20 && left.asked > 20, "{left:?}");
    assert!(left.breaches.is_empty(), "{:#?}", left.breaches);
}

/// Of 20 at a time, once in 10 s; of a lost server 100.
#[test]
fn accounts_leave_at_the_pace_that_the_runbook_names_and_nobody_is_without_service() {
    let drained = left_by_many(90, ServerLifecycle::Draining);
    assert!((40..50).contains(&drained.moved_s), "120 a minute: {drained:?}");
    let lost = left_by_many(150, ServerLifecycle::Lost);
    assert!((10..20).contains(&lost.moved_s), "600 a minute: {lost:?}");
    for left in [drained, lost] {
        assert_eq!((left.most, left.fewest_on), (2, 1), "{left:?}");
        assert!(left.breaches.is_empty(), "{:#?}", left.breaches);
    }
}
