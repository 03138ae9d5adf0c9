use super::*;
use crate::catalog::Daily;
use crate::model::*;
use crate::view::sample::{NOW, account, account_id, catalog, put, served_account, snapshot};
use std::collections::BTreeMap;

const HOUR: DurationMs = DurationMs(HOUR_MS);
const ID: u128 = 1;
/// When the account's first term ends.
const END: UnixMs = UnixMs(NOW.0 + 30 * DAY_MS);

const fn ms(days: u64) -> DurationMs {
    DurationMs(days * DAY_MS)
}

/// A shop, an account and what was told of it.
struct Shop {
    catalog: Catalog,
    snapshot: Snapshot,
    revision: u64,
}

impl Shop {
    fn new() -> Self {
        let mut catalog = catalog();
        catalog.shop.reminders = vec![ms(3), ms(1), ms(0)];
        Self { catalog, snapshot: snapshot([served_account(ID, true)]), revision: 1 }
    }

    fn quiet(mut self, hours: &str) -> Self {
        self.catalog.shop.notices.quiet = Some(hours.parse().unwrap());
        self
    }

    fn reminders(mut self, before: &[DurationMs]) -> Self {
        self.catalog.shop.reminders = before.to_vec();
        self
    }

    fn put(&mut self, record: impl Into<Record>) {
        self.revision += 1;
        self.snapshot = self.snapshot.after(&put(record), self.revision);
    }

    /// A further term of so many days and GiB.
    fn term(&mut self, seq: u32, days: u64, gib: u64, at: UnixMs) {
        let first = self.snapshot.terms(account_id(ID)).next().unwrap().clone();
        let source = TermSource::Order(OrderId::new(ulid::Ulid(u128::from(seq))));
        let quota = Quota::Bytes(Bytes(gib << 30));
        self.put(Term { seq, source, quota, length: ms(days), at, ..first });
    }

    fn use_up(&mut self, gib: u64) {
        let ledger = self.snapshot.ledgers(account_id(ID)).next().unwrap().clone();
        self.put(UsageLedger { total: Bytes(gib << 30), ..ledger });
    }

    /// The panel was read back with so much.
    fn opened(&mut self, gib: u64) {
        let fra = "fra-1".parse().unwrap();
        let mut status = self.snapshot.binding_status(account_id(ID), &fra).unwrap().clone();
        status.applied.as_mut().unwrap().granted = Quota::Bytes(Bytes(gib << 30));
        self.put(status);
    }

    fn suspended(&mut self, since: Option<UnixMs>) {
        let suspension = since.map(|since| Box::new(Suspension { reason: String::new(), since }));
        self.put(Account { suspension, ..account(ID) });
    }

    fn ready(&mut self) {
        let kind = ConditionKind::Ready;
        let conditions = vec![Condition { kind, reason: String::new(), since: NOW }];
        self.put(AccountStatus { account: account_id(ID), conditions });
    }

    fn due(&self, now: UnixMs) -> Vec<Told> {
        due(&self.snapshot, &self.catalog, account_id(ID), now)
    }

    /// What is due, and is told.
    fn told(&mut self, now: UnixMs) -> Vec<Told> {
        let due = self.due(now);
        for (run, kind) in due.clone() {
            let (account, state) = (account_id(ID), NoticeState::Sent);
            self.put(Notice { account, run, kind, state, at: now });
        }
        due
    }

    /// All that is told until then, looked at each `step`.
    fn told_until(&mut self, from: UnixMs, until: UnixMs, step: DurationMs) -> Vec<(UnixMs, Told)> {
        let mut all = Vec::new();
        let mut now = from;
        while now < until {
            all.extend(self.told(now).into_iter().map(|told| (now, told)));
            now = now + step;
        }
        all
    }

    /// The same, looked at when it says that something falls due.
    fn told_by_itself(&mut self, from: UnixMs, until: UnixMs) -> Vec<(UnixMs, Told)> {
        let mut all = Vec::new();
        let mut now = from;
        while now < until {
            all.extend(self.told(now).into_iter().map(|told| (now, told)));
            // The end wakes the account by itself.
            let end = Some(END).filter(|end| *end > now);
            let next = next(&self.snapshot, &self.catalog, account_id(ID), now);
            let Some(next) = next.into_iter().chain(end).min() else { break };
            now = next;
        }
        all
    }
}

fn reminder(days: u64) -> NoticeKind {
    NoticeKind::reminder(ms(days))
}

#[test]
fn before_its_end_an_account_is_spoken_of_at_each_time_once_and_after_it_twice() {
    let hours = |told: Vec<(UnixMs, Told)>| -> Vec<(i64, NoticeKind)> {
        let hours = |at: UnixMs| (at.0 as i64 - END.0 as i64) / HOUR_MS as i64;
        told.into_iter().map(|(at, (_, kind))| (hours(at), kind)).collect()
    };
    let told = Shop::new().told_until(NOW, END + ms(9), HOUR);
    let all = [
        (-72, reminder(3)),
        (-24, reminder(1)),
        (0, NoticeKind::Expired),
        (24, NoticeKind::Lapsed),
    ];
    assert_eq!(hours(told), all);
    assert_eq!(hours(Shop::new().told_by_itself(NOW, END + ms(9))), all);
}

#[test]
fn who_renews_is_reminded_of_the_new_end_and_of_no_other() {
    let mut shop = Shop::new();
    let bought = END - ms(2);
    assert_eq!(shop.told_until(NOW, bought, HOUR).len(), 1);
    shop.term(1, 30, 50, bought);
    let told = shop.told_until(bought, END + ms(40), HOUR);
    let kinds: Vec<Told> = told.iter().map(|(_, told)| *told).collect();
    let run = NoticeKind::Expired;
    assert_eq!(kinds, [(1, reminder(3)), (1, reminder(1)), (0, run), (0, NoticeKind::Lapsed)]);
    assert_eq!(told[0].0, END + ms(27));
    assert_eq!(outlived(&shop.snapshot, account_id(ID)), [], "the renewal may be taken back");
    shop.term(2, 30, 50, END + ms(10));
    assert_eq!(outlived(&shop.snapshot, account_id(ID)), [(0, reminder(3))]);
}

#[test]
fn who_bought_less_than_a_reminders_time_ago_is_not_reminded() {
    let mut shop = Shop::new().reminders(&[ms(30), ms(29), ms(1)]);
    let told = shop.told_until(NOW, END, HOUR);
    assert_eq!(told.iter().map(|(_, t)| t.1).collect::<Vec<_>>(), [reminder(29), reminder(1)]);
}

#[test]
fn what_comes_late_is_the_nearest_reminder_alone_and_none_after_the_end() {
    let mut shop = Shop::new();
    assert_eq!(shop.told(END - ms(1) + HOUR), [(0, reminder(1))]);
    assert_eq!(shop.due(END - HOUR), []);
    assert_eq!(Shop::new().due(END + HOUR), [(0, NoticeKind::Expired)]);
    let mut late = Shop::new();
    let told = [(0, NoticeKind::Expired), (0, NoticeKind::Lapsed)];
    assert_eq!(late.told(END + ms(1)), told);
    assert_eq!(Shop::new().due(END + ms(5)), [(0, NoticeKind::Expired)], "a day after, or never");
}

#[test]
fn an_edit_of_the_reminders_says_nothing_twice() {
    let mut shop = Shop::new();
    assert_eq!(shop.told(END - ms(3)), [(0, reminder(3))]);
    shop = shop.reminders(&[ms(4), ms(2), ms(1)]);
    assert_eq!(shop.due(END - ms(3) + HOUR), [], "the fourth day before is spoken of");
    assert_eq!(shop.due(END - ms(2)), [(0, reminder(2))]);
}

#[test]
fn a_notice_that_was_claimed_is_due_until_it_has_come_to_an_end() {
    let mut shop = Shop::new();
    let (account, run, kind, at) = (account_id(ID), 0, reminder(3), END - ms(3));
    shop.put(Notice { account, run, kind, state: NoticeState::Sending, at });
    assert_eq!(shop.due(at + HOUR), [(0, kind)]);
    assert_eq!(shop.due(END - ms(1)), [(0, reminder(1))]);
}

#[test]
fn nobody_is_reminded_while_switched_off_or_before_the_first_service() {
    let mut shop = Shop::new();
    shop.suspended(Some(NOW));
    assert!(shop.due(END - ms(3)).is_empty());
    shop.suspended(None);
    shop.use_up(50);
    assert_eq!(shop.due(END - ms(3)), [(0, NoticeKind::Depleted)]);
    let mut unserved = Shop::new();
    unserved.snapshot = snapshot([served_account(ID, false)]);
    assert!(unserved.due(END - ms(3)).is_empty() && unserved.due(END).is_empty());
}

#[test]
fn no_advice_goes_out_in_the_quiet_hours_and_none_comes_after_what_it_is_about() {
    let zone = "Africa/Cairo";
    // Each hour of a day is the hour of the end once.
    for hour in 0..24 {
        for quiet in ["23:00-08:00", "08:00-23:00", "00:00-23:40"] {
            let all = [ms(3), ms(1), DurationMs(6 * HOUR_MS), HOUR];
            let mut shop = Shop::new().quiet(quiet).reminders(&all);
            let begin = NOW + DurationMs(hour * HOUR_MS);
            let moved = ms(30) + DurationMs(hour * HOUR_MS);
            let first = shop.snapshot.terms(account_id(ID)).next().unwrap().clone();
            shop.put(Term { length: moved, ..first });
            let end = END + DurationMs(hour * HOUR_MS);
            let told = shop.told_until(begin, end + ms(4), DurationMs(5 * MINUTE_MS));
            let stretch: Daily = quiet.parse().unwrap();
            let mut seen = BTreeMap::new();
            for (at, (_, kind)) in told {
                *seen.entry(kind).or_insert(0) += 1;
                if kind.is_advice() {
                    assert_eq!(stretch.began(at, zone), None, "{quiet} {hour} {kind}");
                }
                if let NoticeKind::Reminder(before) = kind {
                    let before = DurationMs::from_secs(u64::from(before));
                    let late = at.0.saturating_sub((end - before).0);
                    assert!(at < end && late < DAY_MS, "{quiet} {hour} {kind}");
                }
            }
            assert!(seen.values().all(|n| *n == 1), "{quiet} {hour} {seen:?}");
            let reminded = seen.keys().filter(|k| matches!(k, NoticeKind::Reminder(_))).count();
            assert!(reminded >= 2, "{quiet} {hour} {seen:?}");
            assert_eq!(seen.get(&NoticeKind::Lapsed), Some(&1), "{quiet} {hour}");
        }
    }
}

#[test]
fn a_reminder_of_an_end_in_the_night_comes_before_the_night() {
    // 02:53 in Cairo.
    let mut shop = Shop::new().quiet("23:00-08:00").reminders(&[DurationMs(2 * HOUR_MS)]);
    let first = shop.snapshot.terms(account_id(ID)).next().unwrap().clone();
    let at = |text: &str| {
        let zoned: jiff::Zoned = text.parse().unwrap();
        UnixMs(u64::try_from(zoned.timestamp().as_millisecond()).unwrap())
    };
    let end = at("2026-12-20T02:00[Africa/Cairo]");
    shop.put(Term { length: end.since(NOW), ..first });
    let evening = at("2026-12-19T22:50[Africa/Cairo]");
    assert_eq!(next(&shop.snapshot, &shop.catalog, account_id(ID), NOW), Some(evening));
    assert_eq!(shop.due(evening - HOUR), []);
    assert_eq!(shop.due(evening).len(), 1);
    // Missed then, it is not said in the night.
    assert_eq!(shop.due(at("2026-12-20T00:30[Africa/Cairo]")), []);
}

#[test]
fn of_the_traffic_the_largest_share_is_told_once_and_anew_after_a_renewal() {
    let mut shop = Shop::new();
    let traffic = |of, percent| (of, NoticeKind::Traffic(percent));
    shop.use_up(39);
    assert_eq!(shop.told(NOW + HOUR), []);
    shop.use_up(40);
    assert_eq!(shop.told(NOW + HOUR), [traffic(0, 80)]);
    assert_eq!(shop.told(NOW + HOUR), []);
    shop.use_up(49);
    assert_eq!(shop.told(NOW + HOUR), [traffic(0, 90)]);
    shop.use_up(50);
    assert_eq!(shop.told(NOW + HOUR), [(0, NoticeKind::Depleted)]);
    // 100 GiB now, and half of it used.
    shop.term(1, 30, 50, NOW + HOUR);
    shop.opened(100);
    assert_eq!(shop.told(NOW + HOUR), []);
    shop.use_up(89);
    assert_eq!(shop.told(NOW + HOUR), [], "11 of a term of 50 are left");
    shop.use_up(95);
    assert_eq!(shop.told(NOW + HOUR), [traffic(1, 90)], "not the 80 that it passed as well");
    shop.use_up(100);
    assert_eq!(shop.told(NOW + HOUR), [(1, NoticeKind::Depleted)], "used up once more");
}

#[test]
fn who_renews_early_again_and_again_is_not_told_that_most_of_it_is_used() {
    let mut shop = Shop::new();
    for n in 1..=10_u32 {
        let at = NOW + DurationMs(u64::from(n) * HOUR_MS);
        // All but 2 GiB of what there was, and 50 more.
        shop.use_up(50 * u64::from(n) - 2);
        shop.told(at);
        shop.term(n, 30, 50, at);
        shop.opened(50 * u64::from(n + 1));
        assert_eq!(shop.told(at + HOUR), [], "{n}");
    }
}

#[test]
fn whose_payment_waits_for_staff_is_not_asked_to_pay() {
    use crate::view::sample::{evidence, order};
    let mut shop = Shop::new();
    shop.use_up(45);
    let mut renewal = order(7, Target::Renew(account_id(ID)), "vodafone-cash");
    shop.put(renewal.clone());
    assert_eq!(shop.due(END - ms(1)).len(), 2, "nothing was sent yet");
    renewal.evidence = vec![evidence(1)];
    shop.put(renewal);
    assert_eq!(shop.due(END - ms(1)), []);
    assert_eq!(shop.due(END + ms(1)), [(0, NoticeKind::Expired)]);
}

#[test]
fn what_an_earlier_version_told_of_a_run_is_not_told_again() {
    let mut shop = Shop::new();
    shop.term(1, 30, 50, NOW + HOUR);
    shop.opened(100);
    shop.use_up(100);
    let (account, kind, state) = (account_id(ID), NoticeKind::Depleted, NoticeState::Sent);
    let at = NOW + DurationMs(2 * HOUR_MS);
    shop.put(Notice { account, run: 0, kind, state, at });
    assert_eq!(shop.due(at + HOUR), []);
}

#[test]
fn the_files_say_at_which_shares() {
    let mut shop = Shop::new();
    shop.catalog.shop.notices.traffic = vec![50];
    shop.use_up(30);
    assert_eq!(shop.told(NOW + HOUR), [(0, NoticeKind::Traffic(50))]);
    shop.use_up(50);
    assert_eq!(shop.told(NOW + HOUR), [], "100 is not among them");
}

#[test]
fn who_has_not_connected_within_a_day_is_asked_once() {
    let mut shop = Shop::new();
    shop.ready();
    let id = account_id(ID);
    let arrived = Delivery::after(None, id, "f".into(), DeliveryState::Delivered, NOW);
    shop.put(arrived.clone());
    assert_eq!(shop.due(NOW + ms(1)), [], "it has used something");
    shop.use_up(0);
    assert_eq!(shop.due(NOW + ms(1) - HOUR), []);
    assert_eq!(shop.due(NOW + ms(1)), [(0, NoticeKind::NotConnected)]);
    assert_eq!(shop.due(NOW + ms(3)), [], "nobody is asked of last week");
    let closed = DeliveryState::Undelivered("dm_closed".into());
    shop.put(Delivery::after(None, id, "f".into(), closed, NOW));
    assert_eq!(shop.due(NOW + ms(1)), [], "without a link nobody connects");
    shop.put(arrived);
    shop.put(AccountStatus { account: id, conditions: Vec::new() });
    assert_eq!(shop.due(NOW + ms(1)), [], "while its server has a fault nobody is asked");
    shop.ready();
    assert_eq!(shop.told(NOW + ms(1)), [(0, NoticeKind::NotConnected)]);
    assert_eq!(shop.told(NOW + ms(1) + HOUR), []);
}

#[test]
fn a_suspension_and_its_end_are_told_and_each_one_anew() {
    let mut shop = Shop::new();
    for n in 1..=2 {
        let since = NOW + DurationMs(n * HOUR_MS);
        let of = second(since);
        shop.suspended(Some(since));
        assert_eq!(shop.told(since), [(of, NoticeKind::Suspended)]);
        assert_eq!(shop.told(since), []);
        shop.suspended(None);
        assert_eq!(shop.told(since), [(of, NoticeKind::Resumed)]);
        assert_eq!(shop.told(since), []);
    }
    // Once it was renewed, that tells itself.
    let since = NOW + DurationMs(3 * HOUR_MS);
    shop.suspended(Some(since));
    assert_eq!(shop.told(since).len(), 1);
    shop.suspended(None);
    shop.term(1, 30, 50, since + HOUR);
    assert_eq!(shop.told(since + HOUR), []);
    // Of what was long so when this version came nothing is said, and nothing of its end.
    let mut old = Shop::new();
    old.suspended(Some(NOW));
    assert_eq!(old.told(NOW + ms(2)), []);
    old.suspended(None);
    assert_eq!(old.told(NOW + ms(2)), []);
}

#[test]
fn of_all_that_was_taken_back_nothing_is_said_a_day_after() {
    let mut shop = Shop::new();
    let account = account_id(ID);
    shop.put(Reversal { account, term: 0, at: NOW + HOUR, reason: String::new() });
    assert_eq!(shop.told(NOW + ms(1)), [(0, NoticeKind::Expired)]);
    assert_eq!(shop.told(NOW + ms(2)), []);
}

#[test]
fn what_a_customer_does_not_want_to_hear_of_is_not_said_and_all_else_is() {
    let told_with = |muted: &[NoticeTopic]| {
        let mut shop = Shop::new();
        shop.ready();
        let owner = shop.snapshot.account(account_id(ID)).unwrap().customer;
        let owner = shop.snapshot.customer(owner).unwrap().clone();
        shop.put(owner.with_own(|own| own.muted = muted.iter().copied().collect()));
        shop.use_up(45);
        let mut told = shop.told_by_itself(NOW, END + ms(3));
        shop.use_up(50);
        told.extend(shop.told_until(END - HOUR, END - HOUR, HOUR));
        told.into_iter().map(|(_, (_, kind))| kind).collect::<Vec<_>>()
    };
    let all = told_with(&[]);
    let of = |kind: &NoticeKind| NoticeTopic::of(*kind);
    for topic in [NoticeTopic::Reminders, NoticeTopic::Traffic] {
        assert!(all.iter().any(|kind| of(kind) == Some(topic)), "{topic} is not tried: {all:?}");
        let some = told_with(&[topic]);
        let rest: Vec<_> = all.iter().copied().filter(|kind| of(kind) != Some(topic)).collect();
        assert_eq!(some, rest, "{topic}");
    }
    let least = told_with(&NoticeTopic::ALL);
    assert!(least.contains(&NoticeKind::Expired) && least.iter().all(|kind| of(kind).is_none()));
}

#[test]
fn who_does_not_want_to_be_asked_whether_it_works_is_not() {
    let mut shop = Shop::new();
    shop.ready();
    let owner = shop.snapshot.account(account_id(ID)).unwrap().customer;
    let owner = shop.snapshot.customer(owner).unwrap().clone();
    shop.use_up(0);
    let state = DeliveryState::Delivered;
    shop.put(Delivery::after(None, account_id(ID), "f".to_owned(), state, NOW));
    let asked = |shop: &Shop| shop.due(NOW + ms(1)).iter().any(|t| t.1 == NoticeKind::NotConnected);
    assert!(asked(&shop));
    shop.put(owner.with_own(|own| own.muted = [NoticeTopic::NotConnected].into()));
    assert!(!asked(&shop));
    shop.put(owner.clone());
    assert!(asked(&shop), "they want it again");
}

#[test]
fn days_of_a_code_put_the_end_off_and_it_is_spoken_of_again_and_traffic_is_not() {
    let mut shop = Shop::new();
    let first = shop.snapshot.terms(account_id(ID)).next().unwrap().clone();
    let Quota::Bytes(all) = first.quota else { panic!() };
    shop.opened(all.0 >> 30);
    shop.use_up((all.0 >> 30) * 85 / 100);
    let before = END - ms(2);
    let kinds = |told: Vec<Told>| told.into_iter().map(|(_, kind)| kind).collect::<Vec<_>>();
    let told = kinds(shop.told(before));
    assert_eq!(told, [reminder(3), NoticeKind::Traffic(80)]);
    let promo = "sorry".parse().unwrap();
    let (customer, asked) = (account(ID).customer, RequestKey::of(Front::Discord, 7));
    let source = TermSource::Promo(Box::new(PromoTerm { promo, customer, asked }));
    let quota = Quota::Bytes(Bytes(0));
    shop.put(Term { seq: 1, source, length: ms(7), quota, at: before + HOUR, ..first });
    assert_eq!(shop.told(END - ms(1)), []);
    assert_eq!(kinds(shop.told(END + ms(4) + HOUR)), [reminder(3)]);
    assert_eq!(shop.told(END + ms(4) + HOUR + HOUR), []);
}
