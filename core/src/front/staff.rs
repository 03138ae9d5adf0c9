//! The commands of `/admin`: a page, or an intent. What destroys is asked once.

use super::rights::Right;
use super::router::typed;
use super::{Click, Router, Step};
use crate::catalog::typed_traffic;
use crate::intent::{
    ForgetRequest, Grant, Intent, NoteRequest, OfAccount, Person, Staff, typed_number,
};
use crate::model::{
    AccountId, CustomerId, DAY_MS, DurationMs, Identity, Order, OrderId, OrderReference, Quota,
    Rejection, ServerId,
};
use crate::view::{
    Answer, AskedOnce, AuditPage, ExportAsked, ExportFailure, FIELD_REASON, FIELD_REFERENCE,
    Message, Question, Setup,
};
use std::collections::BTreeMap;

type Options = BTreeMap<String, String>;

/// The fewest characters by which an account's id is told from others.
const LEAST: usize = 4;
/// So many customers are looked at for a name.
const LOOKED: usize = 200;
/// The most days that are granted at once.
const MOST_DAYS: u64 = 36_500;

impl Router<'_> {
    /// A command of `/admin`.
    pub(super) fn admin(&self, click: &Click, command: &str, options: &Options) -> Step {
        if !self.may_look(click) {
            return self.refuse(Rejection::NotStaff);
        }
        let Some(right) = Right::of(command) else { return self.unknown() };
        if let Some(refused) = self.refused_right(click, right) {
            return refused;
        }
        let pages = self.pages;
        match command.split_once(' ') {
            Some(("order", what)) => match self.meant_order(options) {
                Ok(order) => self.order_command(click, what, order),
                Err(why) => private(why),
            },
            Some(("account", "show")) => private(self.shown_account(&click.person, options)),
            Some(("account", what)) => match self.meant_account(options) {
                Ok(account) => self.account_command(click, what, account, options),
                Err(why) => private(why),
            },
            Some(("user", "find")) => private(pages.found_customers(
                option(options, "name"),
                self.snapshot.customers_named(option(options, "name")),
            )),
            Some(("user", "note")) => self.note(click, options),
            Some(("user", "forget")) => self.forget(click, option(options, "customer")),
            Some(("user", _)) => private(self.shown_customer(click, option(options, "customer"))),
            Some(("plan", "list")) => private(pages.admin_plans(0)),
            Some(("plan", _)) => private(pages.admin_plan(option(options, "plan"))),
            Some(("server", "list")) => private(pages.admin_servers(0)),
            Some(("server", _)) => private(pages.admin_server(option(options, "server"))),
            None if command == "broadcast" => Step::Show(self.broadcast()),
            _ => private(match command {
                "health" => pages.health(self.fetched.reasons.as_deref().unwrap_or_default()),
                "setup" => pages.setup(self.fetched.setup.as_ref().unwrap_or(&Setup::Unknown)),
                "export" => self.exported(options),
                "stats" => pages.stats(),
                "audit" => self.audit_page(),
                _ => pages.pending(),
            }),
        }
    }

    /// The list that was written for this click.
    fn exported(&self, options: &Options) -> Message {
        let Some(asked) = ExportAsked::read(options) else {
            return self.pages.export_not_understood();
        };
        let came = self.fetched.export.as_ref().unwrap_or(&Err(ExportFailure::Failed));
        self.pages.export(&asked, came)
    }

    /// The page of the audit that was read for this click.
    pub(super) fn audit_page(&self) -> Message {
        self.fetched
            .audit
            .as_ref()
            .map_or_else(|| self.pages.audit(&AuditPage::default()), |page| self.pages.audit(page))
    }

    /// The refusal, where this person may not.
    pub(super) fn refused_right(&self, click: &Click, right: Right) -> Option<Step> {
        let (roles, theirs) = (&self.catalog.shop.roles, &click.person.roles);
        if right.allows(roles, theirs) {
            return None;
        }
        if !roles.may_look(theirs) {
            return Some(self.refuse(Rejection::NotStaff));
        }
        Some(private(self.pages.refused_right(right.lowest())))
    }

    fn order_command(&self, click: &Click, what: &str, id: OrderId) -> Step {
        let Some(order) = self.order(id) else {
            return private(self.pages.refused_staff(Rejection::UnknownOrder));
        };
        let ask = |of| Step::Show(self.pages.ask_once(&self.question(click, of), Some(order)));
        match what {
            "approve" => Step::Show(self.pages.confirm_approve(id, click.person.identity)),
            "decline" => Step::Show(self.pages.decline_modal(id)),
            "cancel" => ask(AskedOnce::Cancel(id)),
            "reverse" => ask(AskedOnce::Reverse(id)),
            _ => private(self.pages.admin_order(order)),
        }
    }

    fn account_command(
        &self,
        click: &Click,
        what: &str,
        account: AccountId,
        options: &Options,
    ) -> Step {
        let ask = |of| Step::Show(self.pages.ask_once(&self.question(click, of), None));
        let reason = option(options, FIELD_REASON).to_owned();
        let staff = || Staff::from(click.person.clone());
        match what {
            "suspend" => ask(AskedOnce::Suspend(account)),
            "rotate" => {
                let version = self.snapshot.account(account).map(|a| a.credentials.version);
                ask(AskedOnce::Rotate(account, version.unwrap_or_default()))
            }
            "move" => match option(options, "server").parse::<ServerId>() {
                Ok(server) if self.catalog.servers.contains_key(&server) => {
                    ask(AskedOnce::Move(account, server))
                }
                _ => private(self.pages.refused_staff(Rejection::UnknownServer)),
            },
            "resume" => Step::Decide(Intent::Resume(OfAccount { account, reason, staff: staff() })),
            _ => match granted(options) {
                Ok((length, traffic)) => {
                    let id = click.id.grant_id();
                    let staff = staff();
                    Step::Decide(Intent::Grant(Grant {
                        id,
                        account,
                        length,
                        traffic,
                        reason,
                        staff,
                    }))
                }
                Err(typed) => private(self.pages.bad_amount(typed)),
            },
        }
    }

    fn question(&self, click: &Click, of: AskedOnce) -> Question {
        Question::new(of, click.person.identity, self.pages.now())
    }

    /// The answer to a question: the button opens the dialog for the reason, where one is wanted, and the
    /// dialog brings it.
    pub(super) fn answered(
        &self,
        click: &Click,
        question: &Question,
        fields: Option<&Options>,
    ) -> Step {
        let (pages, by) = (self.pages, click.person.identity);
        let right = Right::of(question.of.command());
        if let Some(refused) = right.and_then(|right| self.refused_right(click, right)) {
            return refused;
        }
        if !question.is_of(by) {
            return private(pages.asked_another());
        }
        if let Some(no) = self.counts_no_more(question) {
            // The dialog for a payment's number may have been opened from the card, which stays.
            let of_card = fields.is_some() && matches!(question.of, AskedOnce::Approve(..));
            return Step::Show(if of_card { Answer::Private(no) } else { Answer::Replace(no) });
        }
        let staff = Staff::from(click.person.clone());
        let because =
            |decide: &dyn Fn(String) -> Intent| match (fields, typed(fields, FIELD_REASON)) {
                (None, _) => Step::Show(pages.why_modal(question)),
                (Some(_), None) => private(pages.why_missing()),
                (Some(_), Some(reason)) => Step::Decide(decide(reason)),
            };
        let of = |account: AccountId, reason| OfAccount { account, reason, staff: staff.clone() };
        match question.of.clone() {
            AskedOnce::Forget(customer) => {
                Step::Decide(Intent::Forget(ForgetRequest { customer, staff }))
            }
            AskedOnce::Approve(order, _) => {
                let reference = typed(fields, FIELD_REFERENCE);
                Step::Submit(Intent::Approve { order, staff, reference })
            }
            AskedOnce::Cancel(order) => Step::Decide(Intent::Cancel { order, by: staff }),
            AskedOnce::Reverse(order) => {
                because(&|reason| Intent::Reverse { order, staff: staff.clone(), reason })
            }
            AskedOnce::Suspend(account) => because(&|reason| Intent::Suspend(of(account, reason))),
            AskedOnce::Rotate(account, version) => {
                because(&|reason| Intent::Rotate { of: of(account, reason), version })
            }
            AskedOnce::Move(account, to) => {
                because(&|reason| Intent::Move { of: of(account, reason), to: to.clone() })
            }
            AskedOnce::Broadcast(id) => Step::Decide(Intent::SendBroadcast(id, staff)),
        }
    }

    /// Why an answer to it counts no more: it comes late, or a promo code has changed what is due.
    fn counts_no_more(&self, question: &Question) -> Option<Message> {
        if !question.counts_at(self.pages.now()) {
            return Some(self.pages.asked_long_ago());
        }
        let AskedOnce::Approve(order, due) = question.of else { return None };
        let changed = self.snapshot.order(order).filter(|order| order.method.price.minor != due);
        changed.map(|order| self.pages.due_changed(order))
    }

    /// An order, from memory or as it was read for this click.
    fn order(&self, id: OrderId) -> Option<&Order> {
        let read = self.fetched.order.iter().flatten().find(|order| order.id == id);
        self.snapshot.order(id).or(read)
    }

    /// The order that was typed: by its id, or by its reference once that was looked for.
    fn meant_order(&self, options: &Options) -> Result<OrderId, Message> {
        let typed = option(options, "order");
        if let Ok(id) = typed_number(typed).parse() {
            return Ok(id);
        }
        if typed_number(typed).parse::<OrderReference>().is_err() {
            return Err(self.pages.staff_bad_order_number(typed));
        }
        match self.fetched.orders.as_deref() {
            Some([order]) => Ok(*order),
            _ => Err(self.pages.refused_staff(Rejection::UnknownOrder)),
        }
    }

    /// The account that was typed: by its id, or by how that begins where no other does.
    fn meant_account(&self, options: &Options) -> Result<AccountId, Message> {
        let typed = typed_number(option(options, "account"));
        let begun = typed.len() >= LEAST;
        let mut found =
            begun.then(|| self.snapshot.accounts_beginning_with(&typed)).into_iter().flatten();
        match (found.next(), found.next()) {
            (Some(account), None) => Ok(account.id),
            _ if typed.parse::<AccountId>().is_ok() => {
                Err(self.pages.refused_staff(Rejection::UnknownAccount))
            }
            _ => Err(self.pages.bad_account_number(&typed)),
        }
    }

    /// The account that was typed, or a customer's newest.
    fn shown_account(&self, staff: &Person, options: &Options) -> Message {
        if options.contains_key("account") {
            return self
                .meant_account(options)
                .map_or_else(|why| why, |account| self.pages.admin_account(account));
        }
        // Whoever asks picks from those of their own front.
        let picked = |typed: &String| Identity::on(staff.identity.front(), typed).ok();
        match options.get("customer").and_then(picked) {
            Some(picked) => self.pages.admin_customer(self.snapshot.customer_of(picked)),
            None => self.pages.refused_staff(Rejection::UnknownAccount),
        }
    }

    /// What staff write down of a customer; left out, what was written is taken away.
    fn note(&self, click: &Click, options: &Options) -> Step {
        let typed = option(options, "customer");
        let meant = self.meant_customer(click, typed).or_else(|| self.customer_called(typed));
        let Some(customer) = meant else { return private(self.shown_customer(click, typed)) };
        let text = option(options, "note").to_owned();
        let staff = Staff::from(click.person.clone());
        Step::Decide(Intent::Note(NoteRequest { customer, text, staff }))
    }

    /// What becomes of a customer who is forgotten, asked once. Who is meant by a name alone is shown first: one
    /// that begins alike must not be taken for another.
    fn forget(&self, click: &Click, typed: &str) -> Step {
        match self.meant_customer(click, typed) {
            Some(customer) => {
                let question = self.question(click, AskedOnce::Forget(customer));
                Step::Show(self.pages.ask_once(&question, None))
            }
            None => private(self.shown_customer(click, typed)),
        }
    }

    /// The customer that was typed, or those who may be meant where they are several.
    fn shown_customer(&self, click: &Click, typed: &str) -> Message {
        let meant = self.meant_customer(click, typed).or_else(|| self.customer_called(typed));
        let mut named = self.snapshot.customers_named(typed).peekable();
        match meant {
            None if named.peek().is_some() => self.pages.found_customers(typed, named),
            meant => self.pages.admin_user(meant),
        }
    }

    /// The one whose whole name it is, or else the only one of whose name a word begins so.
    fn customer_called(&self, typed: &str) -> Option<CustomerId> {
        let named = || self.snapshot.customers_named(typed).take(LOOKED);
        only(named().filter(|id| self.snapshot.is_named(*id, typed))).or_else(|| only(named()))
    }

    /// The customer that was typed: by their id, or as the front calls them.
    fn meant_customer(&self, click: &Click, typed: &str) -> Option<CustomerId> {
        let known = |id: &CustomerId| self.snapshot.customer(*id).is_some();
        if let Some(id) = typed_number(typed).parse().ok().filter(known) {
            return Some(id);
        }
        if let Some(id) = self.known_customer(click.person.identity, typed) {
            return Some(id);
        }
        typed.parse::<Identity>().ok().and_then(|who| self.snapshot.customer_of(who))
    }
}

/// The one that comes, however often, where no other does.
fn only(mut all: impl Iterator<Item = CustomerId>) -> Option<CustomerId> {
    all.next().filter(|first| all.all(|other| other == *first))
}

fn private(page: Message) -> Step {
    Step::Show(Answer::Private(page))
}

fn option<'o>(options: &'o Options, name: &str) -> &'o str {
    options.get(name).map_or("", |text| text.trim())
}

/// The length and traffic to grant, or what was typed that is neither.
fn granted(options: &Options) -> Result<(DurationMs, Option<Quota>), &str> {
    let (days, traffic) = (option(options, "days"), option(options, "traffic"));
    let days = match days {
        "" => 0,
        typed => typed.parse().ok().filter(|days| *days <= MOST_DAYS).ok_or(typed)?,
    };
    let traffic = match traffic {
        "" => None,
        typed => Some(typed_traffic(typed).map_err(|_| typed)?),
    };
    Ok((DurationMs(days * DAY_MS), traffic))
}

#[cfg(test)]
mod tests;
