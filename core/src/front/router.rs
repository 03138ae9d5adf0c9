//! What each click and command leads to: a page, or an intent.

use super::{Click, Fetched, Input, Right};
use crate::catalog::{Catalog, Delivery as DeliverBy};
use crate::intent::{
    Choice, Intent, Person, Placement, Redemption, TicketRequest, TrialRequest, proof_target,
    typed_number,
};
use crate::model::{
    AccountId, CustomerId, DeliveryState, IdError, Identity, MethodId, OrderId, OrderReference,
    PlanId, Rejection, Snapshot, Target,
};
use crate::view::{
    Action, Answer, FIELD_CODE, FIELD_REASON, Pages, Platform, ProofProblem, delivery_fingerprint,
    is_delivered,
};
use std::collections::BTreeMap;

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Show this page, and change nothing.
    Show(Answer),
    /// Submit an intent; its reply is shown.
    Submit(Intent),
    /// Submit what somebody decides as one of the staff; its reply is shown in staff's words.
    Decide(Intent),
    /// Take the attached proof for this order, or the newest one that can take it.
    TakeProof(Option<OrderId>),
    /// Look for the order that has this reference, and go on with [`Router::pay_for`].
    FindOrder(OrderReference),
}

/// What somebody typed as an order's number.
enum Typed {
    Order(OrderId),
    Reference(OrderReference),
}

/// Whether it is on the way to an order, a renewal or a trial. What asks for one is decided on: a redelivery
/// of it finds what it asked for.
const fn orders(action: &Action) -> bool {
    use Action::{Buy, ChangePlan, ChangePlans, Methods, PickPlan, PickRenewPlan, Plans};
    use Action::{Renew, RenewMethods, RenewPlans};
    matches!(
        action,
        Buy | Plans(_)
            | Methods(..)
            | PickPlan
            | ChangePlan(_)
            | ChangePlans(..)
            | Renew(_)
            | RenewPlans(..)
            | RenewMethods(..)
            | PickRenewPlan(_)
    )
}

/// What a step is chosen from.
pub struct Router<'a> {
    /// The pages of this moment.
    pub pages: &'a Pages<'a>,
    /// The catalog in force.
    pub catalog: &'a Catalog,
    /// The records.
    pub snapshot: &'a Snapshot,
    /// What was read for this click beyond them: see [`Router::wants`].
    pub fetched: &'a Fetched,
}

impl Router<'_> {
    /// The step for a click.
    #[must_use]
    pub fn step(&self, click: &Click) -> Step {
        match &click.input {
            Input::Command { name, sub, options } => self.command(click, name, sub, options),
            Input::Typing { name, sub, option, options } => {
                let text = options.get(option).map_or("", String::as_str);
                Step::Show(self.suggest(click, (name, sub, option), text))
            }
            Input::UseAsProof { author, in_thread } => {
                self.use_as_proof(click, *author, *in_thread)
            }
            Input::Component { id, values } => {
                self.click(click, id, values.first().map(String::as_str), None)
            }
            Input::Modal { id, fields } => self.click(click, id, None, Some(fields)),
        }
    }

    fn command(
        &self,
        click: &Click,
        name: &str,
        sub: &str,
        options: &BTreeMap<String, String>,
    ) -> Step {
        let person = &click.person;
        match (name, sub) {
            ("pay", _) => self.pay(person.identity, click.channel, options.get("order")),
            ("admin", command) => self.admin(click, command, options),
            _ => self.unknown(),
        }
    }

    /// The order that was typed, or the one whose thread this is, or the newest. Without an order
    /// that could take a proof nothing is fetched: strangers must not fill our disk.
    fn pay(&self, by: Identity, channel: Option<u64>, typed: Option<&String>) -> Step {
        let Some(typed) = typed.filter(|t| !t.trim().is_empty()) else {
            return self.pay_for(by, self.order_of_thread(channel));
        };
        match self.typed_order(by, &typed_number(typed)) {
            Ok(Typed::Order(order)) => self.pay_for(by, Some(order)),
            // Nothing is looked up for who never ordered.
            Ok(Typed::Reference(_)) if self.snapshot.customer_of(by).is_none() => {
                self.refuse(Rejection::UnknownOrder)
            }
            Ok(Typed::Reference(reference)) => Step::FindOrder(reference),
            Err(_) => Step::Show(Answer::Private(self.pages.bad_order_number(typed))),
        }
    }

    /// A message of one's own: what somebody else posted is no proof of theirs. In the thread of an order that
    /// is not known any more it is of that order, and of no other.
    fn use_as_proof(&self, click: &Click, author: Identity, in_thread: bool) -> Step {
        let by = click.person.identity;
        let no = |why| Step::Show(Answer::Private(self.pages.proof_problem(why)));
        match self.order_of_thread(click.channel) {
            _ if author != by => no(ProofProblem::NotOwn),
            None if self.is_ticket(click.channel) => no(ProofProblem::InTicket),
            None if in_thread => no(ProofProblem::OldThread),
            order => self.pay_for(by, order),
        }
    }

    /// The step for a proof of this order, or of the newest that can take one.
    #[must_use]
    pub fn pay_for(&self, by: Identity, order: Option<OrderId>) -> Step {
        match proof_target(self.snapshot, order, by, self.pages.now()) {
            Ok(_) => Step::TakeProof(order),
            Err(Rejection::WrongState(order, _)) => Step::Show(self.pages.what_became_of(order)),
            Err(why) => self.refuse(why),
        }
    }

    /// The button asks for the dialog where one can be, the dialog brings the pictures.
    fn paid(&self, by: Identity, order: OrderId, chosen: bool) -> Step {
        match self.pay_for(by, Some(order)) {
            Step::TakeProof(_) if !chosen => Step::Show(self.pages.paid_modal(order)),
            step => step,
        }
    }

    /// The step for a proof of the order that a reference was looked up for.
    #[must_use]
    pub fn pay_for_found(&self, by: Identity, found: Option<OrderId>) -> Step {
        match found {
            Some(order) => self.pay_for(by, Some(order)),
            None => self.refuse(Rejection::UnknownOrder),
        }
    }

    /// The order of that number: its id, the reference of one of theirs that may take a proof, or one
    /// that memory does not know by its reference.
    fn typed_order(&self, by: Identity, typed: &str) -> Result<Typed, IdError> {
        if let Ok(id) = typed.parse() {
            return Ok(Typed::Order(id));
        }
        let reference: OrderReference = typed.parse()?;
        let customer = self.snapshot.customer_of(by).into_iter();
        let mut theirs = customer.flat_map(|customer| {
            let undecided = self.snapshot.undecided_orders(customer).map(|order| order.id);
            undecided.chain(self.snapshot.last_lapsed(customer))
        });
        let known = theirs.find(|id| id.reference() == reference);
        Ok(known.map_or(Typed::Reference(reference), Typed::Order))
    }

    /// Who somebody is to the shop: nobody before their first order, and then they own nothing.
    fn customer(&self, person: &Person) -> Option<CustomerId> {
        self.snapshot.customer_of(person.identity)
    }

    fn is_ticket(&self, channel: Option<u64>) -> bool {
        channel.is_some_and(|channel| self.snapshot.ticket_of_thread(channel).is_some())
    }

    fn order_of_thread(&self, channel: Option<u64>) -> Option<OrderId> {
        self.snapshot.order_of_thread(channel?)
    }

    fn click(
        &self,
        click: &Click,
        id: &str,
        value: Option<&str>,
        fields: Option<&BTreeMap<String, String>>,
    ) -> Step {
        let Ok(action) = id.parse::<Action>() else { return self.unknown() };
        let (pages, person) = (self.pages, &click.person);
        let customer = self.customer(person);
        let place = |target, plan, method| {
            let (customer, interaction, language) = (person.clone(), click.id, click.language);
            Step::Submit(Intent::Place(Placement {
                customer,
                language,
                target,
                plan,
                method,
                interaction,
            }))
        };
        // An open order is shown to whoever has one.
        let has_open = || action == Action::Buy && pages.open_order(customer).is_some();
        // The dialog's answer is decided on: a redelivery of it finds its days.
        let asks_code = || matches!(action, Action::Redeem(_)) && fields.is_none();
        let asks = orders(&action) || asks_code();
        if asks && !self.catalog.shop.limits.admits(person.identity) && !has_open() {
            return self.refuse(Rejection::NotAdmitted);
        }
        match action {
            Action::Buy => Step::Show(match pages.open_order(customer) {
                Some(order) => pages.order_already_open(order),
                None => pages.plan_picker(),
            }),
            Action::Plans(page) => Step::Show(pages.plan_page(page)),
            Action::Methods(plan, page) => Step::Show(pages.method_page(&plan, page)),
            Action::RenewPlans(account, page) => {
                Step::Show(pages.renew_page(customer, account, page))
            }
            Action::RenewMethods(account, plan, page) => {
                Step::Show(pages.renew_method_picker(customer, account, &plan, page))
            }
            Action::Accounts(page) => Step::Show(pages.accounts_page(customer, page)),
            Action::PickPlan => match parse::<PlanId>(value) {
                Some(plan) => Step::Show(pages.method_picker(&plan)),
                None => self.unknown(),
            },
            Action::PickMethod(plan) => match parse::<MethodId>(value) {
                Some(method) => place(Target::New, plan, method),
                None => self.unknown(),
            },
            Action::TakeTrial(plan) => {
                let (customer, interaction, language) = (person.clone(), click.id, click.language);
                Step::Submit(Intent::Try(TrialRequest { customer, language, plan, interaction }))
            }
            Action::Renew(account) => Step::Show(pages.renew(customer, account)),
            Action::ChangePlan(account) => Step::Show(pages.change_plan(customer, account)),
            Action::ChangePlans(account, page) => {
                Step::Show(pages.change_page(customer, account, page))
            }
            Action::PickRenewPlan(account) => match parse::<PlanId>(value) {
                Some(plan) => Step::Show(pages.renew_method_picker(customer, account, &plan, 0)),
                None => self.unknown(),
            },
            Action::PickRenewMethod(account, plan) => match parse::<MethodId>(value) {
                Some(method) => place(Target::Renew(account), plan, method),
                None => self.unknown(),
            },
            Action::MyAccounts => Step::Show(pages.my_accounts(customer)),
            Action::MyAccount(account) => Step::Show(pages.my_account(customer, account)),
            Action::PickAccount => match parse::<AccountId>(value) {
                Some(account) => Step::Show(pages.my_account(customer, account)),
                None => self.unknown(),
            },
            Action::ShowLink(account) => self.show_link(person, account),
            Action::ReplaceLink(account) => {
                Step::Show(Answer::Private(pages.ask_replace_link(customer, account)))
            }
            Action::ConfirmReplaceLink(account, _, asked) if !pages.may_answer(asked) => {
                Step::Show(Answer::Replace(pages.replace_too_late(account)))
            }
            Action::ConfirmReplaceLink(account, version, _) => {
                let by = person.clone();
                Step::Submit(Intent::ReplaceLink { account, by, version })
            }
            Action::Devices(account) => {
                let told = self.fetched.devices.as_deref().unwrap_or_default();
                Step::Show(Answer::Private(pages.devices(customer, account, told)))
            }
            Action::Invite => Step::Show(Answer::Private(pages.invite(customer))),
            Action::Notices => Step::Show(Answer::Private(pages.notices(customer))),
            Action::Languages => Step::Show(Answer::Private(pages.languages(customer))),
            Action::SetNotices(topic, on) => self.choose(person, Choice::Notices(topic, on)),
            Action::PickLanguage => match value.and_then(|value| pages.picked_language(value)) {
                Some(language) => self.choose(person, Choice::Language(language)),
                None => self.unknown(),
            },
            Action::Guide => Step::Show(Answer::Private(pages.guide())),
            Action::PickPlatform => match value.and_then(Platform::of_key) {
                Some(platform) => Step::Show(Answer::Replace(pages.guide_for(platform))),
                None => self.unknown(),
            },
            Action::Support => Step::Show(Answer::Private(pages.support(customer))),
            Action::PickQuestion => Step::Show(Answer::Replace(match value {
                Some(key) => pages.question(customer, key),
                None => pages.support(customer),
            })),
            // Nowhere else would a person be asked in a thread.
            Action::AskPerson if !pages.front().private_threads => {
                Step::Show(Answer::Replace(pages.support(customer)))
            }
            Action::AskPerson => {
                let (customer, interaction, language) = (person.clone(), click.id, click.language);
                Step::Submit(Intent::OpenTicket(TicketRequest { customer, language, interaction }))
            }
            Action::CloseTicket(ticket) => {
                Step::Submit(Intent::CloseTicket { ticket, by: person.clone().into() })
            }
            // The button asks for the dialog, the dialog brings the code.
            Action::Code(order) => match fields {
                Some(fields) => {
                    let code = fields.get(FIELD_CODE).cloned().unwrap_or_default();
                    Step::Submit(Intent::EnterCode { order, code, by: person.clone() })
                }
                None => Step::Show(pages.code_modal(order)),
            },
            Action::Redeem(account) => match fields {
                Some(fields) => Step::Submit(Intent::Redeem(Redemption {
                    account,
                    code: fields.get(FIELD_CODE).cloned().unwrap_or_default(),
                    by: person.clone(),
                    interaction: click.id,
                })),
                None => Step::Show(pages.days_modal(account)),
            },
            Action::Paid(order) => self.paid(person.identity, order, fields.is_some()),
            Action::Cancel(order) => {
                Step::Submit(Intent::Cancel { order, by: person.clone().into() })
            }
            Action::Sure(question) => self.answered(click, &question, fields),
            Action::WriteBroadcast => self.write_broadcast(click, fields),
            Action::StopBroadcast(broadcast) => self.stop_broadcast(click, broadcast),
            action => match Right::of_list(&action) {
                Some(right) => self.list(click, right, &action),
                None => self.staff_click(person, &action, fields),
            },
        }
    }

    fn choose(&self, person: &Person, choice: Choice) -> Step {
        Step::Submit(Intent::Choose { by: person.clone(), choice })
    }

    /// What only staff do; anybody else is refused, here or by the decision.
    fn staff_click(
        &self,
        person: &Person,
        action: &Action,
        fields: Option<&BTreeMap<String, String>>,
    ) -> Step {
        let (pages, by) = (self.pages, person.identity);
        match *action {
            Action::Approve(order) => self.staff(person, || pages.confirm_approve(order, by)),
            Action::Decline(order) => self.staff(person, || pages.decline_modal(order)),
            Action::ApproveReference(order) => {
                self.staff(person, || pages.reference_modal(order, by))
            }
            Action::DeclineReason(order) => match typed(fields, FIELD_REASON) {
                Some(reason) => {
                    Step::Submit(Intent::Decline { order, staff: person.clone().into(), reason })
                }
                None => self.staff(person, || Answer::Private(pages.reason_missing())),
            },
            _ => self.unknown(),
        }
    }

    /// Where the DM is closed or not wanted, showing the link is what delivers it: that is written
    /// down before it is shown.
    fn show_link(&self, person: &Person, account: AccountId) -> Step {
        let customer = self.customer(person);
        let theirs = self.snapshot.account(account).is_some_and(|a| Some(a.customer) == customer);
        let fingerprint = delivery_fingerprint(self.snapshot, self.catalog, account);
        // While there is none to show, showing delivers nothing.
        let fingerprint = fingerprint.filter(|_| self.pages.has_link(account));
        if let Some(fingerprint) = fingerprint.filter(|f| theirs && self.is_owed(account, f)) {
            return Step::Submit(Intent::LinkShown { account, by: person.clone(), fingerprint });
        }
        Step::Show(self.pages.show_link(customer, account))
    }

    fn is_owed(&self, account: AccountId, fingerprint: &str) -> bool {
        let last = self.snapshot.delivery(account);
        let last = last.filter(|d| is_delivered(self.snapshot, self.catalog, d, fingerprint));
        match last.map(|d| &d.state) {
            Some(DeliveryState::Undelivered(_)) => true,
            Some(DeliveryState::Delivered | DeliveryState::Shown) => false,
            None => self.catalog.shop.orders.deliver == DeliverBy::Button,
        }
    }

    fn staff(&self, person: &Person, page: impl FnOnce() -> Answer) -> Step {
        if self.catalog.shop.roles.may_decide(&person.roles) {
            Step::Show(page())
        } else if self.catalog.shop.roles.may_look(&person.roles) {
            Step::Show(Answer::Private(self.pages.refused_staff(Rejection::NotStaff)))
        } else {
            self.refuse(Rejection::NotStaff)
        }
    }

    /// Another page of a list of staff's.
    fn list(&self, click: &Click, right: Right, action: &Action) -> Step {
        if let Some(refused) = self.refused_right(click, right) {
            return refused;
        }
        Step::Show(Answer::Replace(match action {
            Action::AdminPlans(page) => self.pages.admin_plans(*page),
            Action::AdminServers(page) => self.pages.admin_servers(*page),
            _ => self.audit_page(),
        }))
    }

    pub(super) fn refuse(&self, why: Rejection) -> Step {
        Step::Show(Answer::Private(self.pages.refused(why)))
    }

    pub(super) fn unknown(&self) -> Step {
        Step::Show(Answer::Private(self.pages.unknown_click()))
    }
}

fn parse<T: std::str::FromStr>(value: Option<&str>) -> Option<T> {
    value.and_then(|v| v.parse().ok())
}

pub(super) fn typed(fields: Option<&BTreeMap<String, String>>, key: &str) -> Option<String> {
    let text = fields?.get(key)?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
