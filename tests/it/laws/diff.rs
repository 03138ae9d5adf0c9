//! What an edit of the files is said to do is what it then does.

use super::two_servers::on_fra;
use nebulalinks::catalog::{Catalog, DesiredFile, Files, Source, load};
use nebulalinks::diff::{Became, CatalogDiff, Refused, Weight, judge};
use nebulalinks::intent::Reply;
use nebulalinks::model::*;
use nebulalinks_testkit::shop::{self, server};
use nebulalinks_testkit::world::World;
use nebulalinks_testkit::{people, shop::catalog};

/// The shop's files with one text of a file replaced; that text is there once.
fn edited(file: DesiredFile, was: &str, is: &str) -> Files {
    again(shop::files(), file, was, is)
}

fn again(mut files: Files, file: DesiredFile, was: &str, is: &str) -> Files {
    let Source::Text(text) = files.get(file) else { panic!("{file:?}") };
    assert_eq!(text.matches(was).count(), 1, "{was}");
    let text = text.replace(was, is);
    files.set(file, Source::Text(text));
    files
}

fn of(world: &World, after: &Files) -> CatalogDiff {
    let found = judge(&world.snapshot, &world.catalog, None, after, world.now);
    found.unwrap_or_else(|problems| panic!("{problems:#?}")).0
}

/// The sentences of a kind, with how many each counts.
fn said<'d>(diff: &'d CatalogDiff, code: &str) -> Vec<(usize, &'d str)> {
    diff.effects.iter().filter(|e| e.code == code).map(|e| (e.count, &*e.text)).collect()
}

const FRA: &str =
    "keys: fra-1, inbounds: [vless-reality], labels: {region: eu}, capacity: 1000, weight: 1,
     line: 1Gbit, lifecycle: active";
const AMS: &str = "keys: ams-1, inbounds: [vless-reality], labels: {region: eu}, capacity: 1000";

/// The catalog that the files of an edit stand for, put into the world as the service would take it up.
fn take_up(world: &mut World, files: &Files) {
    world.catalog = load(files, &Default::default()).unwrap();
}

#[test]
fn the_same_files_and_other_comments_change_nothing() {
    let world = World::settled(catalog(), 3, "basic-30");
    assert!(of(&world, &shop::files()).is_empty());
    let commented = of(&world, &edited(DesiredFile::Plans, "plans:", "# Ours.\nplans:"));
    assert!(commented.is_empty() && commented.from.revision != commented.to.revision);
    assert!(commented.to_string().contains("nothing changes: only comments"), "{commented}");
}

#[test]
fn who_is_said_to_move_is_who_moves_and_who_is_said_to_have_no_room_has_none() {
    for (accounts, room) in [(7, 1_000), (7, 3), (7, 0), (45, 30)] {
        let (mut world, fra, ams) = on_fra(accounts, room);
        let drain = FRA.replace("lifecycle: active", "lifecycle: draining");
        let files = edited(DesiredFile::Servers, FRA, &drain);
        let small = AMS.replace("capacity: 1000", &format!("capacity: {}", room.max(1)));
        let files = again(files, DesiredFile::Servers, AMS, &small);
        // A capacity of nothing cannot be written: nobody new, then.
        let files = match room {
            0 => again(
                files,
                DesiredFile::Servers,
                &format!("{small}, weight: 1,\n     line: 1Gbit, lifecycle: active"),
                &format!("{small}, weight: 1,\n     line: 1Gbit, lifecycle: cordoned"),
            ),
            _ => files,
        };
        let diff = of(&world, &files);
        let moves: usize = said(&diff, "move").iter().map(|(count, _)| count).sum();
        let stays: usize = said(&diff, "no_room").iter().map(|(count, _)| count).sum();
        take_up(&mut world, &files);
        assert_eq!(
            (moves, stays),
            world.drain(&fra),
            "{accounts} accounts, room for {room}\n{diff}"
        );
        let there = world.snapshot.bound_count(&ams);
        assert_eq!(there, moves, "{diff}");
        assert_eq!(said(&diff, "nobody_cut_off").len(), 1, "{diff}");
    }
}

#[test]
fn moves_that_happen_anyway_are_not_the_edits_doing_and_those_that_stop_are() {
    let (mut world, fra, _) = on_fra(5, 10);
    let drain = FRA.replace("lifecycle: active", "lifecycle: draining");
    let draining = edited(DesiredFile::Servers, FRA, &drain);
    take_up(&mut world, &draining);
    let dearer = again(draining, DesiredFile::Plans, "[250.00 EGP]", "[260.00 EGP]");
    assert!(said(&of(&world, &dearer), "move").is_empty());
    let back = of(&world, &shop::files());
    assert_eq!(said(&back, "stays"), [(5, "5 accounts stay on fra-1, which is not left any more")]);
    assert_eq!(world.drain(&fra), (5, 0));
}

#[test]
fn a_price_is_for_new_orders_and_open_ones_keep_theirs() {
    let mut world = World::settled(catalog(), 2, "basic-30");
    for n in 10..13 {
        world.submit(&people::place(n, "basic-30", Target::New, n)).unwrap();
    }
    world.submit(&people::place(20, "pro-30", Target::New, 20)).unwrap();
    let diff =
        of(&world, &edited(DesiredFile::Plans, "[100.00 EGP, 2.10 USD]", "[120.00 EGP, 2.10 USD]"));
    assert_eq!(
        said(&diff, "orders_keep_price"),
        [(3, "3 open orders of basic-30 keep the old price")]
    );
    assert_eq!(said(&diff, "terms_stay").len(), 1);
    let [change] = &diff.changes[..] else { panic!("{diff}") };
    assert_eq!((&*change.kind, &*change.id, change.became), ("plan", "basic-30", Became::Changed));
    let [field] = &change.fields[..] else { panic!("{diff}") };
    let shown = (&*field.name, field.was.as_deref(), field.is.as_deref(), field.line);
    assert_eq!(
        shown,
        ("prices", Some("[100.00 EGP, 2.10 USD]"), Some("[120.00 EGP, 2.10 USD]"), Some(3))
    );
    // A price in another currency is no concern of theirs.
    let other =
        of(&world, &edited(DesiredFile::Plans, "[100.00 EGP, 2.10 USD]", "[100.00 EGP, 2.20 USD]"));
    assert!(said(&other, "orders_keep_price").is_empty(), "{other}");
    // The open orders do keep it.
    let price = |world: &World| {
        let open =
            world.snapshot.orders().filter(|o| o.state(world.now) == OrderState::AwaitingPayment);
        open.map(|o| o.method.price.to_string()).collect::<Vec<_>>()
    };
    let before = price(&world);
    take_up(
        &mut world,
        &edited(DesiredFile::Plans, "[100.00 EGP, 2.10 USD]", "[120.00 EGP, 2.10 USD]"),
    );
    assert_eq!(price(&world), before);
}

#[test]
fn a_plan_that_becomes_a_trial_keeps_what_was_sold_and_is_renewed_with_no_more() {
    let mut world = World::settled(catalog(), 2, "basic-30");
    world.submit(&people::place(10, "basic-30", Target::New, 10)).unwrap();
    let diff =
        of(&world, &edited(DesiredFile::Plans, "prices: [100.00 EGP, 2.10 USD]", "trial: true"));
    let [(2, text)] = said(&diff, "plan_becomes_trial")[..] else { panic!("{diff}") };
    assert!(text.contains("go on as sold") && text.contains("its other plans only"), "{text}");
    assert_eq!(
        said(&diff, "orders_keep_price"),
        [(1, "1 open order of basic-30 keeps the old price")]
    );
    assert!(diff.to_string().contains("trial"), "{diff}");
}

#[test]
fn of_trials_nothing_is_said_about_renewals() {
    let trial = edited(DesiredFile::Plans, "prices: [100.00 EGP, 2.10 USD]", "trial: true");
    let mut world = World::empty(load(&trial, &Default::default()).unwrap());
    world.submit(&people::try_out(1, "basic-30", 1)).unwrap();
    let shorter = ("trial: true, duration: 30d", "trial: true, duration: 14d", "terms_stay");
    let active = "devices: 2, servers: {any: true}, lifecycle: active";
    let retired = (active, "devices: 2, servers: {any: true}, lifecycle: retired", "plan_retired");
    for (was, is, code) in [shorter, retired] {
        let diff = of(&world, &again(trial.clone(), DesiredFile::Plans, was, is));
        let [(1, text)] = said(&diff, code)[..] else { panic!("{diff}") };
        assert!(text.starts_with("1 trial of basic-30 goes on as it was given"), "{text}");
        assert!(!diff.to_string().contains("renew"), "{diff}");
    }
}

#[test]
fn who_has_the_only_plan_of_a_family_that_becomes_a_trial_is_warned_of() {
    let world = World::settled(catalog(), 2, "pro-30");
    let diff = of(&world, &edited(DesiredFile::Plans, "prices: [250.00 EGP]", "trial: true"));
    let [(2, text)] = said(&diff, "plan_becomes_trial")[..] else { panic!("{diff}") };
    assert!(text.contains("cannot renew any more"), "{text}");
}

#[test]
fn a_server_that_is_removed_in_use_goes_on_serving_and_one_that_is_retired_in_use_is_warned_of() {
    let (world, _, _) = on_fra(4, 10);
    let servers = {
        let Source::Text(text) = shop::files().servers else { panic!() };
        let (start, rest) = text.split_once("  - {id: fra-1").unwrap();
        let (_, ams) = rest.split_once("  - {id: ams-1").unwrap();
        format!("{start}  - {{id: ams-1{ams}")
    };
    let mut removed = edited(
        DesiredFile::Plans,
        "  - {id: fra-30, family: basic, name: {en: Frankfurt}, prices: [100.00 EGP], duration: 30d,
     traffic: 50GiB, devices: 2, servers: {ids: [fra-1]}, lifecycle: active}\n",
        "",
    );
    removed.set(DesiredFile::Servers, Source::Text(servers));
    let diff = of(&world, &removed);
    let [(4, text)] = said(&diff, "server_removed_in_use")[..] else { panic!("{diff}") };
    assert!(text.contains("4 are served on by its last definition"), "{text}");
    assert!(said(&diff, "move").is_empty() && said(&diff, "nobody_cut_off").len() == 1);
    let retired = FRA.replace("lifecycle: active", "lifecycle: retired");
    let retired = again(
        removed.clone(),
        DesiredFile::Servers,
        "servers:\n",
        &format!(
            "servers:\n  - {{id: fra-1, name: {{en: Frankfurt}}, host: fra1.example.net, gateway: \
         'http://127.0.0.1:18443',\n     {retired}, mode: manage, drift: repair}}\n"
        ),
    );
    let diff = of(&world, &retired);
    let [(4, _)] = said(&diff, "retired_in_use")[..] else { panic!("{diff}") };
    assert!(said(&diff, "nobody_cut_off").is_empty(), "{diff}");
    assert_eq!(diff.effects[0].weight, Weight::Warning);
}

#[test]
fn a_capacity_below_what_is_used_moves_nobody_and_says_from_when_on_somebody_may_come() {
    let (mut world, _, _) = on_fra(8, 1_000);
    let small = FRA.replace("capacity: 1000", "capacity: 5");
    let files = edited(DesiredFile::Servers, FRA, &small);
    let diff = of(&world, &files);
    let [(3, text)] = said(&diff, "oversold")[..] else { panic!("{diff}") };
    assert!(text.contains("nobody is moved") && text.contains("before 3 are gone"), "{text}");
    assert!(said(&diff, "move").is_empty());
    let places: Vec<_> = said(&diff, "places").into_iter().map(|(_, text)| text).collect();
    assert!(
        places.contains(&"places for new customers of fra-30: 992 → 0: no new customer finds one"),
        "{places:?}"
    );
    // As many as it says can be sold, and no more.
    take_up(&mut world, &files);
    let room = said(&diff, "places").iter().find(|(_, t)| t.contains("pro-30")).unwrap().0;
    world.catalog.servers.get_mut(&server("ams-1")).unwrap().capacity = 3;
    let diff = judge(&world.snapshot, &world.catalog, None, &shop::files(), world.now).unwrap().0;
    assert!(diff.effects.iter().any(|e| e.text.contains("pro-30: 3 → 1,992")), "{room}: {diff}");
    for n in 100..103 {
        world.submit(&people::place(n, "pro-30", Target::New, n)).unwrap();
    }
    assert!(world.submit(&people::place(104, "pro-30", Target::New, 104)).is_err());
}

#[test]
fn every_kind_of_edit_says_its_field_with_its_line_and_what_it_does_to_whom() {
    let mut world = World::settled(catalog(), 3, "basic-30");
    world.submit(&people::place(10, "basic-90", Target::New, 10)).unwrap();
    let (plans, servers) = (DesiredFile::Plans, DesiredFile::Servers);
    let (shop, payments) = (DesiredFile::Shop, DesiredFile::Payments);
    let fra = |what: &str, is: &str| FRA.replace(what, is);
    for (file, was, is, field, code) in [
        (plans, "duration: 90d", "duration: 60d", "duration", Some("orders_keep_terms")),
        (plans, "traffic: 150GiB", "traffic: 100GiB", "traffic", Some("orders_keep_terms")),
        (
            plans,
            "servers: {ids: [fra-1]}",
            "servers: {labels: {region: eu}}",
            "servers",
            Some("places"),
        ),
        (plans, "{en: Longer}", "{en: Long}", "name.en", None),
        (servers, FRA, &*fra("region: eu", "region: us"), "labels.region", None),
        (
            servers,
            FRA,
            &*fra("lifecycle: active", "lifecycle: cordoned"),
            "lifecycle",
            Some("lifecycle"),
        ),
        (servers, FRA, &*fra("keys: fra-1", "keys: fra-new"), "keys", Some("asked_otherwise")),
        (servers, FRA, &*fra("line: 1Gbit", "line: 100Mbit"), "line", None),
        (servers, "host: fra1.example.net", "host: fra9.example.net", "host", None),
        (payments, "'01000000000'", "'01099999999'", "account", Some("pay_elsewhere")),
        (shop, "deliver: dm", "deliver: button", "orders.deliver", Some("deliver")),
        (shop, "pay_within: 24h", "pay_within: 36h", "orders.pay_within", None),
        (shop, "destructive_floor: 5", "destructive_floor: 2", "guard.destructive_floor", None),
        (
            shop,
            "store: '100000000000000011'",
            "store: '100000000000000031'",
            "discord.channels.store",
            None,
        ),
        (shop, "[en, ar, ru]", "[en, ar]", "languages", None),
    ] {
        let files = edited(file, was, is);
        let diff = of(&world, &files);
        let [change] = &diff.changes[..] else { panic!("{field}: {diff}") };
        let [found] = &change.fields[..] else { panic!("{field}: {diff}") };
        assert_eq!((&*change.file, &*found.name), (file.name(), field), "{diff}");
        let Source::Text(text) = files.get(file) else { panic!() };
        let line = text.lines().nth(found.line.unwrap() - 1).unwrap();
        let last = field.rsplit('.').next().unwrap();
        assert!(line.contains(last), "{field} is not on line {:?}: {line}", found.line);
        assert!(found.was != found.is && found.was.is_some() && found.is.is_some(), "{diff}");
        if let Some(code) = code {
            assert!(!said(&diff, code).is_empty(), "{field}: no `{code}`\n{diff}");
        }
        // Nothing of it is lost in the other forms.
        let (json, markdown) = (serde_json::to_value(&diff).unwrap(), diff.markdown());
        assert_eq!(serde_json::from_value::<CatalogDiff>(json).unwrap(), diff);
        assert!(
            markdown.contains(found.is.as_deref().unwrap()) && markdown.contains(field),
            "{markdown}"
        );
    }
}

#[test]
fn what_the_service_would_refuse_is_refused_here_with_its_place() {
    let world = World::settled(catalog(), 1, "basic-30");
    for (file, was, is, says) in [
        (DesiredFile::Shop, "id: main", "id: other", "the shop's id was `main` and is now `other`"),
        (
            DesiredFile::Plans,
            "id: pro-30, family: pro",
            "id: pro-30, family: gold",
            "the family of plan `pro-30`",
        ),
        (DesiredFile::Plans, "duration: 90d", "duration: 90", "it needs a unit"),
    ] {
        let files = edited(file, was, is);
        let refused = judge(&world.snapshot, &world.catalog, None, &files, world.now).unwrap_err();
        let Refused::After(problems) = &refused else { panic!("{refused:?}") };
        let text: String = problems.iter().map(|p| format!("{p}\n")).collect();
        assert!(text.contains(says) && !text.contains(":1:1"), "{text}");
    }
}

#[test]
fn values_of_a_file_are_no_markup_of_a_comment() {
    let world = World::settled(catalog(), 1, "basic-30");
    let bad = "{en: \"a|b `c` @everyone <img src=x> [x](http://y) \"}";
    let diff = of(&world, &edited(DesiredFile::Plans, "{en: Longer}", bad));
    let markdown = diff.markdown();
    let row = markdown.lines().find(|line| line.contains("name.en")).unwrap();
    assert_eq!(row.matches('|').count(), 6, "{row}");
    assert!(row.contains("`a¦b ´c´ @everyone <img src=x> [x](http://y)"), "{row}");
}

/// A catalog with what the files of another lack of what is in use is the same as that catalog.
#[test]
fn what_is_retained_is_no_change_of_the_files() {
    let (mut world, fra, _) = on_fra(2, 10);
    let retained: Catalog = {
        let mut catalog = world.catalog.clone();
        catalog.retained_servers.insert(fra.clone());
        catalog
    };
    world.catalog = retained;
    let diff = of(&world, &shop::files());
    let added: Vec<_> = diff.changes.iter().map(|c| (&*c.id, c.became)).collect();
    assert!(added.contains(&("fra-1", Became::Added)), "{diff}");
}

#[test]
fn a_draining_server_that_becomes_lost_is_said_to_leave_those_without_room_without_service() {
    let (mut world, _, _) = on_fra(3, 1);
    let drain = FRA.replace("lifecycle: active", "lifecycle: draining");
    let draining = edited(DesiredFile::Servers, FRA, &drain);
    let one = AMS.replace("capacity: 1000", "capacity: 1");
    let draining = again(draining, DesiredFile::Servers, AMS, &one);
    take_up(&mut world, &draining);
    let lost = drain.replace("lifecycle: draining", "lifecycle: lost");
    let diff = of(&world, &again(draining, DesiredFile::Servers, &drain, &lost));
    let [(count, text)] = said(&diff, "no_room")[..] else { panic!("{diff}") };
    assert!(count == 2 && text.contains("without service"), "{text}");
    assert!(said(&diff, "nobody_cut_off").is_empty(), "{diff}");
}

#[test]
fn files_to_compare_with_that_are_refused_are_told_from_the_edited_ones() {
    let world = World::settled(catalog(), 1, "basic-30");
    let bad = edited(DesiredFile::Plans, "duration: 90d", "duration: 90");
    let asked = |before: &Files, after: &Files| {
        judge(&world.snapshot, &world.catalog, Some(before), after, world.now).unwrap_err()
    };
    assert!(matches!(asked(&bad, &shop::files()), Refused::Before(_)));
    assert!(matches!(asked(&shop::files(), &bad), Refused::After(_)));
}

#[test]
fn a_label_is_no_markup_of_a_comment_either() {
    let world = World::settled(catalog(), 1, "basic-30");
    let labels = FRA.replace("{region: eu}", "{region: eu, \"a|b @x <img src=x>\": q}");
    let text = of(&world, &edited(DesiredFile::Servers, FRA, &labels)).markdown();
    let row = text.lines().find(|line| line.contains("@x")).unwrap();
    assert_eq!(row.matches('|').count(), 6, "{row}");
    assert!(row.contains("`labels.a¦b @x <img src=x>`"), "{row}");
}

#[test]
fn a_code_that_comes_changes_or_goes_is_said_with_its_line() {
    const CODES: &str =
        "codes:\n  - {id: eid, code: EID10, gives: {percent: 10}, plans: {any: true}}\n";
    let world = World::settled(catalog(), 1, "basic-30");
    let with = |text: &str| Files { promos: text.into(), ..shop::files() };
    let came = of(&world, &with(CODES));
    let [change] = &came.changes[..] else { panic!("{came}") };
    assert_eq!((&*change.file, &*change.kind, &*change.id), ("promos.yaml", "code", "eid"));
    assert_eq!((change.became, change.line), (Became::Added, Some(2)));
    let before = with(CODES);
    let judged = |after: &Files| {
        let (catalog, now) = (&world.catalog, world.now);
        judge(&world.snapshot, catalog, Some(&before), after, now)
            .unwrap_or_else(|p| panic!("{p:#?}"))
            .0
    };
    let less = judged(&with(&CODES.replace("percent: 10", "percent: 5")));
    let [change] = &less.changes[..] else { panic!("{less}") };
    let [field] = &change.fields[..] else { panic!("{less}") };
    let was_is = (field.was.as_deref(), field.is.as_deref(), field.line);
    assert_eq!(was_is, (Some("{percent: 10}"), Some("{percent: 5}"), Some(2)), "{less}");
    assert!(field.note.as_deref().is_some_and(|note| note.contains("open orders keep")), "{less}");
    let gone = judged(&shop::files());
    assert_eq!(gone.changes[0].became, Became::Removed, "{gone}");
}

#[test]
fn a_code_that_comes_under_another_id_is_said_with_the_uses_that_do_not_count_any_more() {
    const CODE: &str = "  - {id: eid, code: EID10, gives: {percent: 10}, plans: {any: true}}\n";
    let with =
        |codes: &str| Files { promos: (*format!("codes:\n{codes}")).into(), ..shop::files() };
    let (before, after) = (with(CODE), with(&CODE.replace("id: eid", "id: eid-2")));
    let mut world = World::settled(catalog(), 1, "basic-30");
    let renamed = |world: &World, from: &Files, to: &Files| {
        let judged = judge(&world.snapshot, &world.catalog, Some(from), to, world.now);
        let (diff, _) = judged.unwrap_or_else(|p| panic!("{p:#?}"));
        let lines = said(&diff, "code_renamed").into_iter();
        lines.map(|(uses, text)| (uses, text.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(renamed(&world, &before, &after), [], "nobody has used it");
    world.catalog.promos = load(&before, &Default::default()).unwrap().promos;
    let placed = world.submit(&people::place(2, "basic-30", Target::New, 50)).unwrap();
    let Reply::Placed(order) = placed else { panic!("{placed:?}") };
    world.submit(&people::enter(2, order, "EID10")).unwrap();
    let [(1, text)] = &renamed(&world, &before, &after)[..] else { panic!() };
    assert!(text.contains("had the id eid, with 1 use: with the id eid-2 it counts 0"), "{text}");
    assert_eq!(renamed(&world, &after, &before), [], "its uses are under the id that it gets");
}

#[test]
fn lengths_and_hours_are_said_as_the_files_write_them_and_a_limit_says_for_whom_it_counts() {
    let world = World::settled(catalog(), 1, "basic-30");
    let with = |more: &str| {
        let Source::Text(text) = shop::files().shop else { panic!() };
        Files { shop: Source::Text(text + more), ..shop::files() }
    };
    let said = |more: &str| {
        let diff = of(&world, &with(more));
        let fields = diff.changes.into_iter().flat_map(|change| change.fields);
        fields
            .map(|f| (f.name, f.is.unwrap_or_default(), f.note.unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    let every = &said("  limits: {replace_link_every: 2h}\n")[..];
    let [(name, is, note)] = every else { panic!("{every:?}") };
    assert_eq!((&**name, &**is), ("limits.replace_link_every", "2h"));
    assert!(note.contains("at once"), "{note}");
    let quiet = &said("  notices: {quiet: \"22:30-08:00\"}\n")[..];
    let [(name, is, _)] = quiet else { panic!("{quiet:?}") };
    assert_eq!((&**name, &**is), ("notices.quiet", "22:30-08:00"));
}
