//! The rows: a name, who, and what they send.

use super::Who::{Admin, Other, Outsider, Owner, Stranger, Support};
use super::{Ids, Sent, Who};
use nebulalinks::model::{AccountId, UnixMs};
use nebulalinks::view::{AskedOnce, Question};

pub(super) type Row = (&'static str, Who, Sent);

fn press(id: impl Into<String>) -> Sent {
    Sent::Press(id.into(), Vec::new())
}

fn pick(id: impl Into<String>, value: impl Into<String>) -> Sent {
    Sent::Press(id.into(), vec![value.into()])
}

fn dialog(id: impl Into<String>, field: &'static str, text: impl Into<String>) -> Sent {
    Sent::Dialog(id.into(), field, text.into())
}

/// The end of a question's id: that an admin was asked, in this second.
fn asked(at_s: u64) -> String {
    let of = AskedOnce::Suspend(AccountId::MAX);
    let question = Question::new(of, Admin.person().identity, UnixMs(at_s.saturating_mul(1_000)));
    question.to_string().splitn(3, '.').last().unwrap().to_owned()
}

fn admin(sub: &'static str, options: Vec<(&'static str, String)>) -> Sent {
    Sent::Command("admin", sub, options)
}

/// All rows, about these ids.
pub(super) fn rows(ids: &Ids) -> Vec<Row> {
    let parts = [
        anothers(ids),
        staffs_by_customers(ids),
        beyond_support(ids),
        stale(ids),
        misspelt(ids),
        typed(ids),
    ];
    parts.into_iter().flatten().collect()
}

/// Who a row is refused to for who they are, and to whom it would not be.
pub(super) fn who_may(name: &str) -> Option<Who> {
    let (by, _) = name.split_once(": ")?;
    match by {
        "another's" => Some(Owner),
        "staff's" | "beyond support" => Some(Admin),
        _ => None,
    }
}

/// Each verb of a customer, for what is somebody else's.
fn anothers(ids: &Ids) -> Vec<Row> {
    let Ids { account, unpaid, reference, ticket, now, .. } = ids;
    let pay = |order: &str| Sent::Command("pay", "", vec![("order", order.to_owned())]);
    vec![
        ("another's: renew", Other, press(format!("v1.renew.{account}"))),
        ("another's: renew, by who never ordered", Stranger, press(format!("v1.renew.{account}"))),
        ("another's: plans to renew", Other, press(format!("v1.renew-plans.{account}.0"))),
        (
            "another's: ways to renew",
            Other,
            press(format!("v1.renew-methods.{account}.basic-30.0")),
        ),
        ("another's: plan to renew", Other, pick(format!("v1.renew-plan.{account}"), "basic-30")),
        (
            "another's: way to renew",
            Other,
            pick(format!("v1.renew-method.{account}.basic-30"), "cash"),
        ),
        ("another's: account", Other, press(format!("v1.account.{account}"))),
        (
            "another's: account, by who never ordered",
            Stranger,
            press(format!("v1.account.{account}")),
        ),
        ("another's: account that is picked", Other, pick("v1.pick-account", account)),
        ("another's: link", Other, press(format!("v1.link.{account}"))),
        ("another's: link, by who never ordered", Stranger, press(format!("v1.link.{account}"))),
        ("another's: link, by who has a role", Outsider, press(format!("v1.link.{account}"))),
        ("another's: replace", Other, press(format!("v1.replace.{account}"))),
        ("another's: replace, yes", Other, press(format!("v1.replace-yes.{account}.1.{now}"))),
        ("another's: change of plan", Other, press(format!("v1.change.{account}"))),
        ("another's: plans to change to", Other, press(format!("v1.change-plans.{account}.0"))),
        ("another's: devices", Other, press(format!("v1.devices.{account}"))),
        (
            "another's: devices, by who never ordered",
            Stranger,
            press(format!("v1.devices.{account}")),
        ),
        ("the dialog of days for another's", Other, press(format!("v1.redeem.{account}"))),
        (
            "days by a code for another's",
            Other,
            dialog(format!("v1.redeem.{account}"), "code", "AB-12"),
        ),
        ("the dialog of a code for another's", Other, press(format!("v1.code.{unpaid}"))),
        ("a code for another's", Stranger, dialog(format!("v1.code.{unpaid}"), "code", "AB-12")),
        ("another's: pay", Other, press(format!("v1.paid.{unpaid}"))),
        ("another's: pay, by who never ordered", Stranger, press(format!("v1.paid.{unpaid}"))),
        ("another's: pictures", Other, dialog(format!("v1.paid.{unpaid}"), "proof", "77")),
        ("another's: cancel", Other, press(format!("v1.cancel.{unpaid}"))),
        ("another's: cancel, by who never ordered", Stranger, press(format!("v1.cancel.{unpaid}"))),
        ("another's: ticket to close", Other, press(format!("v1.close-ticket.{ticket}"))),
        (
            "another's: ticket to close, by who has a role",
            Outsider,
            press(format!("v1.close-ticket.{ticket}")),
        ),
        ("pay for another's", Other, pay(unpaid)),
        ("pay for another's by its reference", Other, pay(reference)),
        ("pay for another's, by who never ordered", Stranger, pay(reference)),
    ]
}

/// Each verb of staff, by who is none.
fn staffs_by_customers(ids: &Ids) -> Vec<Row> {
    let Ids { account, sold, review, unpaid, line, due, .. } = ids;
    let why = |id: String| dialog(id, "reason", "because");
    let at = asked(ids.now);
    let order = |id: &str| vec![("order", id.to_owned())];
    let of = |id: &str| vec![("account", id.to_owned()), ("reason", "because".to_owned())];
    let note = [("customer", account.to_owned()), ("text", "was loud".to_owned())].to_vec();
    vec![
        ("staff's: approve", Other, press(format!("v1.approve.{review}"))),
        ("staff's: approve, one's own", Owner, press(format!("v1.approve.{review}"))),
        ("staff's: approve, by another role", Outsider, press(format!("v1.approve.{review}"))),
        ("staff's: approve, yes", Owner, press(format!("v1.sure.approve.{review}.{due}.{at}"))),
        ("staff's: approve with a number", Owner, press(format!("v1.approve-ref.{review}"))),
        (
            "by its owner: approve, the number typed",
            Owner,
            dialog(format!("v1.sure.approve.{review}.{due}.{at}"), "reference", "A-1"),
        ),
        ("staff's: decline", Other, press(format!("v1.decline.{review}"))),
        ("decline, the reason typed", Stranger, why(format!("v1.decline-reason.{review}"))),
        ("staff's: cancel for them", Other, press(format!("v1.sure.cancel.{unpaid}.{at}"))),
        ("staff's: reverse", Owner, why(format!("v1.sure.reverse.{sold}.{at}"))),
        ("staff's: suspend", Other, why(format!("v1.sure.suspend.{account}.{at}"))),
        ("staff's: rotate", Owner, why(format!("v1.sure.rotate.{account}.1.{at}"))),
        ("staff's: move", Owner, why(format!("v1.sure.move.{account}.ams-1.{at}"))),
        ("staff's: plans", Other, press("v1.plan-list.0")),
        ("staff's: news", Owner, dialog("v1.write-news", "text", "hello")),
        ("staff's: stop news", Other, press(format!("v1.stop-news.{line}"))),
        ("staff's: send news", Owner, press(format!("v1.sure.news.{line}.{at}"))),
        ("staff's: /admin broadcast", Outsider, admin("broadcast", Vec::new())),
        ("staff's: servers", Outsider, press("v1.server-list.0")),
        ("staff's: audit", Stranger, press(format!("v1.audit.{line}"))),
        ("staff's: /admin pending", Other, admin("pending", Vec::new())),
        ("staff's: /admin order show", Other, admin("order show", order(unpaid))),
        ("staff's: /admin order approve", Owner, admin("order approve", order(review))),
        ("staff's: /admin account show", Owner, admin("account show", of(account))),
        ("staff's: /admin account grant", Owner, admin("account grant", of(account))),
        ("staff's: /admin account resume", Outsider, admin("account resume", of(account))),
        ("staff's: /admin user find", Other, admin("user find", vec![("name", "customer".into())])),
        ("staff's: /admin user note", Owner, admin("user note", note.clone())),
        (
            "for owners alone: /admin user forget, by a customer",
            Owner,
            admin("user forget", vec![note[0].clone()]),
        ),
        ("/admin of no such name", Stranger, admin("burn", Vec::new())),
    ]
}

/// What admins may and support may not.
fn beyond_support(ids: &Ids) -> Vec<Row> {
    let Ids { account, sold, review, unpaid, due, .. } = ids;
    let why = |id: String| dialog(id, "reason", "because");
    let at = asked(ids.now);
    let of = |id: &str| vec![("account", id.to_owned()), ("reason", "because".to_owned())];
    vec![
        ("beyond support: news", Support, dialog("v1.write-news", "text", "hello")),
        ("beyond support: stop news", Support, press(format!("v1.stop-news.{unpaid}"))),
        ("beyond support: send news", Support, press(format!("v1.sure.news.{unpaid}.{at}"))),
        ("beyond support: approve", Support, press(format!("v1.approve.{review}"))),
        (
            "beyond support: approve, yes",
            Support,
            press(format!("v1.sure.approve.{review}.{due}.{at}")),
        ),
        ("beyond support: decline", Support, press(format!("v1.decline.{review}"))),
        ("decline by support", Support, why(format!("v1.decline-reason.{review}"))),
        ("beyond support: cancel", Support, press(format!("v1.sure.cancel.{unpaid}.{at}"))),
        ("beyond support: reverse", Support, why(format!("v1.sure.reverse.{sold}.{at}"))),
        ("beyond support: suspend", Support, why(format!("v1.sure.suspend.{account}.{at}"))),
        ("beyond support: rotate", Support, why(format!("v1.sure.rotate.{account}.1.{at}"))),
        ("beyond support: /admin account grant", Support, admin("account grant", of(account))),
        ("beyond support: /admin account move", Support, admin("account move", of(account))),
        (
            "for owners alone: /admin user forget, by support",
            Support,
            admin("user forget", Vec::new()),
        ),
        ("beyond support: a customer's cancel", Support, press(format!("v1.cancel.{unpaid}"))),
    ]
}

/// What counted once, or for somebody else, or of another version.
fn stale(ids: &Ids) -> Vec<Row> {
    let Ids { account, sold, review, unpaid, declined, due, now, .. } = ids;
    let yes = |version: &str, at: u64| press(format!("v1.replace-yes.{account}.{version}.{at}"));
    let sure = |what: &str, at: u64| dialog(format!("v1.sure.{what}.{}", asked(at)), "reason", "x");
    let approve = |order: &str, due: &str, at: u64| {
        press(format!("v1.sure.approve.{order}.{due}.{}", asked(at)))
    };
    vec![
        ("approved before", Admin, approve(sold, due, *now)),
        (
            "approved before, with a number",
            Admin,
            dialog(format!("v1.sure.approve.{sold}.{due}.{}", asked(*now)), "reference", "A"),
        ),
        ("declined before", Admin, dialog(format!("v1.decline-reason.{declined}"), "reason", "x")),
        ("approve what was declined", Admin, approve(declined, due, *now)),
        ("approve what nobody paid", Admin, approve(unpaid, due, *now)),
        ("pay what is sold", Owner, press(format!("v1.paid.{sold}"))),
        ("pictures for what is sold", Owner, dialog(format!("v1.paid.{sold}"), "proof", "77")),
        ("pay what was declined", Owner, press(format!("v1.paid.{declined}"))),
        ("cancel what is sold", Owner, press(format!("v1.cancel.{sold}"))),
        ("cancel what is under review", Owner, press(format!("v1.cancel.{review}"))),
        ("cancel what was declined", Owner, press(format!("v1.cancel.{declined}"))),
        ("replace another version", Owner, yes("2", *now)),
        ("replace version 0", Owner, yes("0", *now)),
        ("replace, asked five minutes ago", Owner, yes("1", now - 300)),
        ("replace, asked tomorrow", Owner, yes("1", now + 86_400)),
        ("replace, asked at the end of time", Owner, yes("1", u64::MAX)),
        ("approve at what is not due", Admin, approve(review, "1", *now)),
        ("approve, asked five minutes ago", Admin, approve(review, due, now - 300)),
        ("approve, asked tomorrow", Admin, approve(review, due, now + 86_400)),
        (
            "approve, which another of the staff was asked",
            Admin,
            press(format!("v1.sure.approve.{review}.{due}.{:08x}.{now}", 7)),
        ),
        (
            "what another of the staff was asked",
            Admin,
            dialog(format!("v1.sure.suspend.{account}.{:08x}.{now}", 7), "reason", "x"),
        ),
        ("what staff were asked long ago", Admin, sure(&format!("suspend.{account}"), 0)),
        ("what staff are asked tomorrow", Admin, sure(&format!("reverse.{sold}"), now + 86_400)),
        (
            "no reason",
            Admin,
            dialog(format!("v1.decline-reason.{review}"), "reason", " \u{200b}\n"),
        ),
        (
            "a reason in another field",
            Admin,
            dialog(format!("v1.decline-reason.{review}"), "x", "y"),
        ),
        (
            "a reason that is too long",
            Admin,
            dialog(format!("v1.decline-reason.{review}"), "reason", "x".repeat(10_000)),
        ),
    ]
}

/// Ids that no button of ours has.
fn misspelt(ids: &Ids) -> Vec<Row> {
    let Ids { account, unpaid, .. } = ids;
    let mut rows = vec![
        ("nothing", Other, press("")),
        ("a version alone", Other, press("v1")),
        ("no verb", Other, press("v1.")),
        ("an older version", Other, press("v0.buy")),
        ("a later version", Other, press("v2.buy")),
        ("capitals", Other, press("V1.BUY")),
        ("a blank behind", Other, press("v1.buy ")),
        ("a blank before", Other, press(" v1.buy")),
        ("a verb that nobody has", Other, press("v1.refund-me")),
        ("a part too many", Other, press("v1.buy.now")),
        ("an id too many", Owner, press(format!("v1.cancel.{unpaid}.{unpaid}"))),
        ("a truncated id", Owner, press(format!("v1.cancel.{}", &unpaid[..20]))),
        ("a lengthened id", Owner, press(format!("v1.link.{account}0"))),
        ("an id in capitals", Owner, press(format!("v1.link.{}", account.to_uppercase()))),
        ("an order's id for a ticket", Owner, press(format!("v1.close-ticket.{unpaid}"))),
        ("a ticket that is no id", Admin, press("v1.close-ticket.now")),
        ("a question to a person about an order", Owner, press(format!("v1.ask.{unpaid}"))),
        ("an order's id for an account", Owner, press(format!("v1.account.{unpaid}"))),
        ("an account's id for an order", Owner, press(format!("v1.cancel.{account}"))),
        ("a plan's id for an account", Owner, press("v1.link.basic-30")),
        ("a person's number for an account", Owner, press("v1.account.1000")),
        ("a page below none", Other, press("v1.plans.-1")),
        ("a page with a sign", Other, press("v1.plans.+1")),
        ("a page in a second spelling", Other, press("v1.plans.01")),
        ("a page beyond numbers", Other, press("v1.plans.65536")),
        ("a page in other digits", Other, press("v1.plans.١")),
        ("a notice that nobody has", Owner, press("v1.notice.link.false")),
        ("neither on nor off", Owner, press("v1.notice.traffic.maybe")),
        ("a question of nothing", Admin, press("v1.sure.")),
        (
            "a question of what nobody asks",
            Admin,
            press(format!("v1.sure.burn.{account}.00000007.1")),
        ),
        ("a line of the audit that is a path", Admin, press("v1.audit.../../etc/passwd")),
        ("a null within", Other, press("v1.bu\0y")),
        ("a line's end behind", Other, press("v1.buy\r\n")),
        ("a mark of direction", Other, press("v1.\u{202e}yub")),
        ("an emoji", Other, press("v1.💸")),
        ("a mention", Other, press("v1.link.<@1>")),
        ("everybody", Other, press("@everyone")),
        ("Markdown", Other, press("[free](https://evil.example) **now**")),
    ];
    rows.push(("101 characters", Other, press(format!("v1.link.{}", "0".repeat(93)))));
    rows.push(("as much as fits a message", Other, press("v1.buy.".repeat(10_000))));
    rows
}

/// What is typed or picked that no page offers.
fn typed(ids: &Ids) -> Vec<Row> {
    let Ids { account, unpaid, .. } = ids;
    let hostile = "\u{202e}<@1> **x** `y` https://evil.example\u{0}";
    let pay = |text: &str| Sent::Command("pay", "", vec![("order", text.to_owned())]);
    let of = |account: &str, rest: &[(&'static str, &str)]| {
        let rest = rest.iter().map(|(key, text)| (*key, (*text).to_owned()));
        [("account", account.to_owned())].into_iter().chain(rest).collect()
    };
    vec![
        ("nothing picked", Other, press("v1.plan")),
        ("a plan that nobody sells", Other, pick("v1.plan", "gold")),
        ("a plan that is retired", Other, pick("v1.plan", "old-30")),
        ("a plan that is no id", Other, pick("v1.plan", hostile)),
        ("a way to pay that nobody takes", Stranger, pick("v1.method.basic-30", "iou")),
        ("a way to pay that is no id", Stranger, pick("v1.method.basic-30", hostile)),
        ("a way to pay for a retired plan", Stranger, pick("v1.method.old-30", "cash")),
        ("a trial of a plan that is none", Stranger, press("v1.trial.basic-30")),
        (
            "another family to renew with",
            Owner,
            pick(format!("v1.renew-method.{account}.pro-30"), "cash"),
        ),
        ("an account that is no id", Owner, pick("v1.pick-account", hostile)),
        ("a language that the shop lacks", Owner, pick("v1.language", "xx")),
        ("a language that is none", Owner, pick("v1.language", hostile)),
        ("a number of an order that is none", Owner, pay(hostile)),
        ("a number of an order, oversized", Owner, pay(&"NL-".repeat(2_000))),
        ("a code that is none", Owner, dialog(format!("v1.code.{unpaid}"), "code", hostile)),
        (
            "a code, oversized",
            Owner,
            dialog(format!("v1.redeem.{account}"), "code", "A".repeat(9_000)),
        ),
        ("a code in another field", Owner, dialog(format!("v1.code.{unpaid}"), "x", "AB-12")),
        ("a command that is none", Other, Sent::Command("sudo", "", Vec::new())),
        ("staff's order that is none", Admin, admin("order show", vec![("order", hostile.into())])),
        ("staff's account that is none", Admin, admin("account show", of(hostile, &[]))),
        (
            "staff's customer that is none",
            Admin,
            admin("user show", vec![("customer", hostile.into())]),
        ),
        ("staff's name that nobody has", Admin, admin("user find", vec![("name", hostile.into())])),
        ("staff's plan that is none", Admin, admin("plan show", vec![("plan", hostile.into())])),
        (
            "staff's server that is none",
            Admin,
            admin("server show", vec![("server", hostile.into())]),
        ),
        ("days that are none", Admin, admin("account grant", of(account, &[("days", hostile)]))),
        ("days beyond a century", Admin, admin("account grant", of(account, &[("days", "36501")]))),
        ("days below none", Admin, admin("account grant", of(account, &[("days", "-1")]))),
        (
            "traffic that is none",
            Admin,
            admin("account grant", of(account, &[("traffic", hostile)])),
        ),
        ("nothing to grant", Admin, admin("account grant", of(account, &[("reason", "x")]))),
        (
            "a server to move to that is none",
            Admin,
            admin("account move", of(account, &[("server", hostile)])),
        ),
    ]
}
