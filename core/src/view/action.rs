//! What a button, select or dialog does, as the text that Discord keeps for us and hands back.
//!
//! `v1.<act>[.<argument>…]`, at most 100 characters, no secrets and no prices. It is not a
//! security boundary: who clicked is checked against the records each time.

use super::question::Question;
use crate::model::{AccountId, BroadcastId, NoticeTopic, OrderId, PlanId, TicketId};
use std::fmt;
use std::str::FromStr;

/// What a click asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Show the plans.
    Buy,
    /// Show this page of the plans, from 0.
    Plans(u16),
    /// Show this page of the methods for a new account of this plan.
    Methods(PlanId, u16),
    /// Show this page of the plans that renew this account.
    RenewPlans(AccountId, u16),
    /// Show this page of the methods for a renewal.
    RenewMethods(AccountId, PlanId, u16),
    /// Show this page of my accounts.
    Accounts(u16),
    /// A plan was picked; the value of the select is its id.
    PickPlan,
    /// A method was picked for a new account of this plan; the value is the method's id.
    PickMethod(PlanId),
    /// Yes, give me my trial with this plan.
    TakeTrial(PlanId),
    /// A renewal of this account: show its family's plans, or the methods if there is one plan.
    Renew(AccountId),
    /// Another plan for this account: show those of its family, or the methods if there is one.
    ChangePlan(AccountId),
    /// Show this page of the other plans for this account.
    ChangePlans(AccountId, u16),
    /// A plan was picked to renew with; the value is its id.
    PickRenewPlan(AccountId),
    /// A method was picked for a renewal; the value is its id.
    PickRenewMethod(AccountId, PlanId),
    /// Show my accounts.
    MyAccounts,
    /// Show one of my accounts.
    MyAccount(AccountId),
    /// One of my accounts was picked; the value is its id.
    PickAccount,
    /// Show my link.
    ShowLink(AccountId),
    /// Replace my link; asks once more.
    ReplaceLink(AccountId),
    /// Yes, replace the credentials of this version; and the second, of Unix time, in which it was asked.
    ConfirmReplaceLink(AccountId, u32, u64),
    /// Show from where my account was connected.
    Devices(AccountId),
    /// Show what I hear of.
    Notices,
    /// I want to hear of this, or not.
    SetNotices(NoticeTopic, bool),
    /// Show the languages.
    Languages,
    /// A language was picked; the value is its tag.
    PickLanguage,
    /// Ask what I want to use it on.
    Guide,
    /// A platform was picked; the value is its key.
    PickPlatform,
    /// Show what helps: questions with answers, the guide.
    Support,
    /// A question was picked; the value is its key.
    PickQuestion,
    /// Ask a person of the staff.
    AskPerson,
    /// My question is answered; staff: so is this one.
    CloseTicket(TicketId),
    /// How I invite a friend.
    Invite,
    /// Enter a promo code, or who invited me, for my unpaid order: the button, and the dialog that it opens.
    Code(OrderId),
    /// Enter a promo code that gives my account days: the button, and the dialog that it opens.
    Redeem(AccountId),
    /// I have paid my order: the button, and the dialog in which the pictures of it are chosen.
    Paid(OrderId),
    /// Give my unpaid order up.
    Cancel(OrderId),
    /// Staff: approve this order; asks once more.
    Approve(OrderId),
    /// Staff: decline it; asks for the reason.
    Decline(OrderId),
    /// Staff: the reason was typed.
    DeclineReason(OrderId),
    /// Staff: approve it with the payment's own number; asks for that.
    ApproveReference(OrderId),
    /// Staff: the news were typed, and to whom.
    WriteBroadcast,
    /// Staff: it goes to nobody more.
    StopBroadcast(BroadcastId),
    /// Staff: yes to what they were asked once, or the reason for it was typed.
    Sure(Question),
    /// Staff: show this page of the plans as they are written.
    AdminPlans(u16),
    /// Staff: show this page of the servers as they are written.
    AdminServers(u16),
    /// Staff: show the lines of the audit before the one of this id.
    AuditBefore(String),
}

/// The text is not an action of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an action this version knows")]
pub struct ActionError;

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Buy => f.write_str("v1.buy"),
            Self::Plans(page) => write!(f, "v1.plans.{page}"),
            Self::Methods(plan, page) => write!(f, "v1.methods.{plan}.{page}"),
            Self::RenewPlans(account, page) => write!(f, "v1.renew-plans.{account}.{page}"),
            Self::RenewMethods(account, plan, page) => {
                write!(f, "v1.renew-methods.{account}.{plan}.{page}")
            }
            Self::Accounts(page) => write!(f, "v1.accounts-page.{page}"),
            Self::PickPlan => f.write_str("v1.plan"),
            Self::PickMethod(plan) => write!(f, "v1.method.{plan}"),
            Self::TakeTrial(plan) => write!(f, "v1.trial.{plan}"),
            Self::Renew(account) => write!(f, "v1.renew.{account}"),
            Self::ChangePlan(account) => write!(f, "v1.change.{account}"),
            Self::ChangePlans(account, page) => write!(f, "v1.change-plans.{account}.{page}"),
            Self::PickRenewPlan(account) => write!(f, "v1.renew-plan.{account}"),
            Self::PickRenewMethod(account, plan) => {
                write!(f, "v1.renew-method.{account}.{plan}")
            }
            Self::MyAccounts => f.write_str("v1.accounts"),
            Self::MyAccount(account) => write!(f, "v1.account.{account}"),
            Self::PickAccount => f.write_str("v1.pick-account"),
            Self::ShowLink(account) => write!(f, "v1.link.{account}"),
            Self::ReplaceLink(account) => write!(f, "v1.replace.{account}"),
            Self::ConfirmReplaceLink(account, version, asked) => {
                write!(f, "v1.replace-yes.{account}.{version}.{asked}")
            }
            Self::Devices(account) => write!(f, "v1.devices.{account}"),
            Self::Notices => f.write_str("v1.notices"),
            Self::SetNotices(topic, on) => write!(f, "v1.notice.{topic}.{on}"),
            Self::Languages => f.write_str("v1.languages"),
            Self::PickLanguage => f.write_str("v1.language"),
            Self::Guide => f.write_str("v1.guide"),
            Self::PickPlatform => f.write_str("v1.platform"),
            Self::Support => f.write_str("v1.support"),
            Self::PickQuestion => f.write_str("v1.question"),
            Self::AskPerson => f.write_str("v1.ask"),
            Self::CloseTicket(ticket) => write!(f, "v1.close-ticket.{ticket}"),
            Self::Invite => f.write_str("v1.invite"),
            Self::Code(order) => write!(f, "v1.code.{order}"),
            Self::Redeem(account) => write!(f, "v1.redeem.{account}"),
            Self::Paid(order) => write!(f, "v1.paid.{order}"),
            Self::Cancel(order) => write!(f, "v1.cancel.{order}"),
            Self::Approve(order) => write!(f, "v1.approve.{order}"),
            Self::Decline(order) => write!(f, "v1.decline.{order}"),
            Self::DeclineReason(order) => write!(f, "v1.decline-reason.{order}"),
            Self::ApproveReference(order) => write!(f, "v1.approve-ref.{order}"),
            Self::WriteBroadcast => f.write_str("v1.write-news"),
            Self::StopBroadcast(id) => write!(f, "v1.stop-news.{id}"),
            Self::Sure(question) => write!(f, "v1.sure.{question}"),
            Self::AdminPlans(page) => write!(f, "v1.plan-list.{page}"),
            Self::AdminServers(page) => write!(f, "v1.server-list.{page}"),
            Self::AuditBefore(line) => write!(f, "v1.audit.{line}"),
        }
    }
}

impl FromStr for Action {
    type Err = ActionError;
    fn from_str(text: &str) -> Result<Self, ActionError> {
        fn id<T: FromStr>(text: Option<&str>) -> Result<T, ActionError> {
            text.ok_or(ActionError)?.parse().map_err(|_| ActionError)
        }
        // A button is ours only as we spell it, though a ULID may be typed in either case.
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(ActionError);
        }
        let mut parts = text.strip_prefix("v1.").ok_or(ActionError)?.split('.');
        let act = parts.next().ok_or(ActionError)?;
        let first = parts.next();
        let second = parts.next();
        let third = parts.next();
        let action = match act {
            "buy" => Self::Buy,
            "plans" => Self::Plans(id(first)?),
            "methods" => Self::Methods(id(first)?, id(second)?),
            "renew-plans" => Self::RenewPlans(id(first)?, id(second)?),
            "renew-methods" => Self::RenewMethods(id(first)?, id(second)?, id(third)?),
            "accounts-page" => Self::Accounts(id(first)?),
            "plan" => Self::PickPlan,
            "method" => Self::PickMethod(id(first)?),
            "trial" => Self::TakeTrial(id(first)?),
            "renew" => Self::Renew(id(first)?),
            "change" => Self::ChangePlan(id(first)?),
            "change-plans" => Self::ChangePlans(id(first)?, id(second)?),
            "renew-plan" => Self::PickRenewPlan(id(first)?),
            "renew-method" => Self::PickRenewMethod(id(first)?, id(second)?),
            "accounts" => Self::MyAccounts,
            "account" => Self::MyAccount(id(first)?),
            "pick-account" => Self::PickAccount,
            "link" => Self::ShowLink(id(first)?),
            "devices" => Self::Devices(id(first)?),
            "replace" => Self::ReplaceLink(id(first)?),
            "replace-yes" => Self::ConfirmReplaceLink(id(first)?, id(second)?, id(third)?),
            "notices" => Self::Notices,
            "notice" => Self::SetNotices(id(first)?, id(second)?),
            "languages" => Self::Languages,
            "language" => Self::PickLanguage,
            "guide" => Self::Guide,
            "platform" => Self::PickPlatform,
            "support" => Self::Support,
            "question" => Self::PickQuestion,
            "ask" => Self::AskPerson,
            "close-ticket" => Self::CloseTicket(id(first)?),
            "invite" => Self::Invite,
            "code" => Self::Code(id(first)?),
            "redeem" => Self::Redeem(id(first)?),
            "paid" => Self::Paid(id(first)?),
            "cancel" => Self::Cancel(id(first)?),
            "approve" => Self::Approve(id(first)?),
            "decline" => Self::Decline(id(first)?),
            "decline-reason" => Self::DeclineReason(id(first)?),
            "approve-ref" => Self::ApproveReference(id(first)?),
            "write-news" => Self::WriteBroadcast,
            "stop-news" => Self::StopBroadcast(id(first)?),
            "sure" => Self::Sure(id(text.strip_prefix("v1.sure."))?),
            "plan-list" => Self::AdminPlans(id(first)?),
            "server-list" => Self::AdminServers(id(first)?),
            // A line's id is a ULID's text.
            "audit" => Self::AuditBefore(id::<OrderId>(first)?.to_string()),
            _ => return Err(ActionError),
        };
        // What reads must print as it was read, so that no second spelling exists.
        if action.to_string() == text { Ok(action) } else { Err(ActionError) }
    }
}
