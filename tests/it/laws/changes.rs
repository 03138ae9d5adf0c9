//! Another plan of the family: what is shown before paying is what the account reads once it is approved.

use nebulalinks::catalog::{DesiredFile, ServerLifecycle, Source, parse};
use nebulalinks::discord::PROFILE;
use nebulalinks::model::*;
use nebulalinks::view::{Answer, Pages};
use nebulalinks_testkit::people::{customer_in, try_out};
use nebulalinks_testkit::shop::{self, catalog, server};
use nebulalinks_testkit::world::World;

const DAY: DurationMs = DurationMs(DAY_MS);

/// Somebody who has a plan of the family.
fn sold() -> (World, AccountId) {
    let mut world = World::empty(catalog());
    let account = world.sell(1, "basic-30");
    world.settle();
    (world, account)
}

/// The text of a page drawn now.
fn drawn(world: &World, page: impl FnOnce(&Pages<'_>, CustomerId) -> Answer) -> String {
    let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
    page(&pages, customer_in(&world.snapshot, 1).unwrap()).plain()
}

fn shown(world: &World, account: AccountId, plan: &str) -> String {
    let plan = plan.parse().unwrap();
    drawn(world, |pages, customer| pages.renew_method_picker(customer, account, &plan, 0))
}

/// What stands behind a word of a page, such as `Ends`.
fn said(page: &str, word: &str) -> String {
    let label = format!("**{word}** · ");
    let line = page.lines().find_map(|line| line.strip_prefix(label.as_str()));
    line.unwrap_or_else(|| panic!("no {word} in:\n{page}")).to_owned()
}

/// What the account says of itself: its end, what is left, devices, server.
fn account_page(world: &World, account: AccountId) -> [String; 4] {
    let page = drawn(world, |pages, customer| pages.my_account(customer, account));
    let ends = page.replace("**Ended**", "**Ends**");
    [said(&ends, "Ends"), said(&page, "Left"), said(&page, "Devices"), said(&page, "Server")]
}

/// Shows a change, does it at the same moment, and holds each word against the account's own page.
fn holds(world: &mut World, account: AccountId, plan: &str, link: &str) -> String {
    let page = shown(world, account, plan);
    let runs = world.entitlement(account).takes_terms(world.now);
    let before = account_page(world, account);
    world.renew(1, plan, account);
    let after = account_page(world, account);
    for (n, word) in ["Ends", "Left", "Devices"].into_iter().enumerate() {
        let (old, new) = (&before[n], &after[n]);
        let line = said(&page, word);
        let expected = match (word, runs) {
            ("Ends", false) => format!("{new}. Your old time is over: the new time begins"),
            ("Left", false) => new.clone(),
            ("Devices", _) if old == new => format!("{new}, as now"),
            _ => format!("{old} → {new}"),
        };
        assert!(line.starts_with(&expected), "{line}, not {expected}\n{page}");
    }
    let line = said(&page, "Server");
    assert!(line.contains(&after[3]), "{line}, and then {}", after[3]);
    let stays = before[3] == after[3];
    assert_eq!(line.starts_with(&format!("{}, as now", before[3])), stays, "{line}");
    assert!(said(&page, "Link").starts_with(link), "{page}");
    page
}

#[test]
fn what_a_change_of_plan_shows_is_what_the_account_reads_once_it_is_approved() {
    let (mut world, account) = sold();
    world.wait(DurationMs(10 * DAY_MS));
    let page = holds(&mut world, account, "basic-90", "stays the same");
    assert!(page.starts_with("## From Basic to Longer\nYou add **Longer** · 90 days"), "{page}");
    assert!(page.contains(" · 270.00 EGP\n") && !page.contains("Fewer devices"), "{page}");
    // Fewer devices apply at once, whatever time is left of the plan that had more.
    let page = holds(&mut world, account, "old-30", "stays the same");
    assert!(page.contains("Fewer devices than now.** From the approval on, this many"), "{page}");
    // Used traffic is gone before and after.
    world.put(UsageLedger {
        account,
        server: world.server_of(account),
        incarnation: world.client(account).incarnation.clone(),
        baseline: Bytes(0),
        total: Bytes(30 << 30),
        disputed: Bytes(0),
        at: world.now,
    });
    assert_eq!(world.entitlement(account).used, Bytes(30 << 30));
    holds(&mut world, account, "basic-90", "stays the same");
}

#[test]
fn a_change_after_the_end_begins_anew_and_says_so() {
    let (mut world, account) = sold();
    world.wait(DurationMs(31 * DAY_MS));
    world.bind(account);
    // Its tombstone keeps the place, and the link.
    holds(&mut world, account, "basic-90", "stays the same");
    // Its client is deleted: any server of the plan may be next.
    world.settle();
    world.wait(DurationMs(121 * DAY_MS));
    world.bind(account);
    let mut edits = Edits::new();
    let gone: Vec<ServerId> = world.snapshot.bindings(account).map(|b| b.server.clone()).collect();
    for server in gone {
        edits.delete(Key::Binding(account, server));
    }
    assert!(world.commit(&edits));
    let page = shown(&world, account, "fra-30");
    assert!(said(&page, "Server").starts_with("chosen after the approval: Frankfurt"), "{page}");
    assert!(said(&page, "Link").starts_with("changes with the server"), "{page}");
    world.renew(1, "fra-30", account);
    assert_eq!(world.server_of(account), server("fra-1"));
}

#[test]
fn a_change_moves_nobody_and_names_the_servers_that_the_plan_is_for() {
    let mut world = World::empty(shop::catalog_with_room(0, 5));
    let account = world.sell(1, "basic-30");
    world.settle();
    assert_eq!(world.server_of(account), server("ams-1"));
    let mut open = shop::catalog();
    std::mem::swap(&mut world.catalog, &mut open);
    let page = holds(&mut world, account, "fra-30", "stays the same");
    assert!(page.contains("Amsterdam, as now. The plan's own servers are others: Frankfurt."));
    // A server that is emptied is left by whoever is on it, and the link with it.
    let ams = world.catalog.servers.get_mut(&server("ams-1")).unwrap();
    ams.lifecycle = ServerLifecycle::Draining;
    let page = shown(&world, account, "basic-90");
    assert!(said(&page, "Server").starts_with("Amsterdam is being emptied"), "{page}");
    assert!(said(&page, "Server").ends_with(": Frankfurt"), "{page}");
    assert!(said(&page, "Link").starts_with("changes with the server"), "{page}");
    assert_eq!(world.drain(&server("ams-1")), (1, 0));
}

#[test]
fn a_change_is_offered_to_who_has_a_plan_and_of_what_is_on_sale() {
    const TRIAL: &str = "plans:
  - {id: try-3, family: basic, name: {en: Taste}, trial: true, duration: 3d, traffic: 5GiB, devices: 1,
     servers: {any: true}}
";
    let mut files = shop::files();
    let Source::Text(plans) = files.get(DesiredFile::Plans).clone() else { panic!() };
    files.set(DesiredFile::Plans, Source::Text(plans.replace("plans:\n", TRIAL)));
    let mut world = World::empty(parse(&files).unwrap());
    world.submit(&try_out(1, "try-3", 1)).unwrap();
    let account = world.account(0);
    world.bind(account);
    let offers = |world: &World, account| {
        let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
        let customer = customer_in(&world.snapshot, 1).unwrap();
        let button = pages.my_account(customer, account).plain().contains("[Change plan]");
        let list = pages.change_plan(customer, account).plain();
        (
            button,
            ["basic-30", "basic-90", "fra-30", "old-30", "pro-30", "try-3"]
                .map(|p| list.contains(p)),
        )
    };
    // Who tries buys by a renewal, which says what becomes of the trial.
    assert_eq!(offers(&world, account), (false, [false; 6]));
    world.settle();
    let page = holds(&mut world, account, "basic-30", "stays the same");
    assert!(page.starts_with("## From Taste to Basic\n"), "{page}");
    // Not its own, none for renewals alone, no other family's, no trial.
    assert_eq!(offers(&world, account), (true, [false, true, true, false, false, false]));
    world.now = world.now + DAY;
    world
        .catalog
        .plans
        .retain(|plan| plan.id.as_str() != "basic-90" && plan.id.as_str() != "fra-30");
    assert_eq!(offers(&world, account), (false, [false; 6]));
}
