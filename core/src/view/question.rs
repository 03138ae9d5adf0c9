//! What staff are asked once before it is done, as the text that the front keeps and hands back. It says who
//! was asked and when: the answer is theirs, and counts for five minutes.

use crate::model::{
    AccountId, BroadcastId, CustomerId, Identity, MINUTE_MS, OrderId, ServerId, UnixMs,
};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// The text is no question of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a question that this version asks")]
pub struct QuestionError;

/// What would be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedOnce {
    /// An order is approved at what was due when it was asked, in the currency's smallest unit.
    Approve(OrderId, u64),
    /// An unpaid order is given up for its customer.
    Cancel(OrderId),
    /// An approval is taken back.
    Reverse(OrderId),
    /// An account is switched off.
    Suspend(AccountId),
    /// An account gets new credentials in the place of those of this version.
    Rotate(AccountId, u32),
    /// An account gets another server.
    Move(AccountId, ServerId),
    /// News go to many customers.
    Broadcast(BroadcastId),
    /// A customer is forgotten.
    Forget(CustomerId),
}

impl AskedOnce {
    /// The command of `/admin` that asks for it.
    #[must_use]
    pub const fn command(&self) -> &'static str {
        match self {
            Self::Approve(..) => "order approve",
            Self::Cancel(_) => "order cancel",
            Self::Reverse(_) => "order reverse",
            Self::Suspend(_) => "account suspend",
            Self::Rotate(..) => "account rotate",
            Self::Move(..) => "account move",
            Self::Broadcast(_) => "broadcast",
            Self::Forget(_) => "user forget",
        }
    }
}

/// A question that somebody was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// About what.
    pub of: AskedOnce,
    /// A mark of who was asked: not the security boundary, that is the roles.
    by: u32,
    /// When, in seconds since 1970.
    at_s: u64,
}

/// A mark of somebody: short enough for a button's id.
fn mark(who: Identity) -> u32 {
    let digest: [u8; 32] = Sha256::digest(who.to_string()).into();
    let [a, b, c, d, ..] = digest;
    u32::from_be_bytes([a, b, c, d])
}

impl Question {
    /// How long an answer counts, in seconds.
    const COUNTS_FOR_S: u64 = 5 * MINUTE_MS / 1_000;

    /// Asked of somebody now.
    #[must_use]
    pub fn new(of: AskedOnce, who: Identity, now: UnixMs) -> Self {
        Self { of, by: mark(who), at_s: now.0 / 1_000 }
    }

    /// Whether it was this one who was asked.
    #[must_use]
    pub fn is_of(&self, who: Identity) -> bool {
        self.by == mark(who)
    }

    /// Whether an answer still counts; one from the future does not.
    #[must_use]
    pub const fn counts_at(&self, now: UnixMs) -> bool {
        let now_s = now.0 / 1_000;
        now_s >= self.at_s && now_s - self.at_s < Self::COUNTS_FOR_S
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.of {
            AskedOnce::Approve(order, due) => write!(f, "approve.{order}.{due}")?,
            AskedOnce::Cancel(order) => write!(f, "cancel.{order}")?,
            AskedOnce::Reverse(order) => write!(f, "reverse.{order}")?,
            AskedOnce::Suspend(account) => write!(f, "suspend.{account}")?,
            AskedOnce::Rotate(account, version) => write!(f, "rotate.{account}.{version}")?,
            AskedOnce::Move(account, server) => write!(f, "move.{account}.{server}")?,
            AskedOnce::Broadcast(id) => write!(f, "news.{id}")?,
            AskedOnce::Forget(customer) => write!(f, "forget.{customer}")?,
        }
        write!(f, ".{:08x}.{}", self.by, self.at_s)
    }
}

impl FromStr for Question {
    type Err = QuestionError;

    fn from_str(text: &str) -> Result<Self, QuestionError> {
        fn read<T: FromStr>(text: &str) -> Result<T, QuestionError> {
            text.parse().map_err(|_| QuestionError)
        }
        let parts: Vec<&str> = text.split('.').collect();
        let (of, by, at) = match parts.as_slice() {
            ["approve", order, due, by, at] => {
                (AskedOnce::Approve(read(order)?, read(due)?), by, at)
            }
            ["cancel", order, by, at] => (AskedOnce::Cancel(read(order)?), by, at),
            ["reverse", order, by, at] => (AskedOnce::Reverse(read(order)?), by, at),
            ["suspend", account, by, at] => (AskedOnce::Suspend(read(account)?), by, at),
            ["rotate", account, version, by, at] => {
                (AskedOnce::Rotate(read(account)?, read(version)?), by, at)
            }
            ["move", account, server, by, at] => {
                (AskedOnce::Move(read(account)?, read(server)?), by, at)
            }
            ["news", id, by, at] => (AskedOnce::Broadcast(read(id)?), by, at),
            ["forget", customer, by, at] => (AskedOnce::Forget(read(customer)?), by, at),
            _ => return Err(QuestionError),
        };
        let by = u32::from_str_radix(by, 16).map_err(|_| QuestionError)?;
        Ok(Self { of, by, at_s: read(at)? })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_question_reads_back_within_what_a_button_can_keep_and_dies_after_five_minutes() {
        let (order, account) = (OrderId::MAX, AccountId::MAX);
        let server: ServerId = "w".repeat(32).parse().unwrap();
        let (ann, bob) = (Identity::Discord(u64::MAX), Identity::Discord(7));
        let asked = UnixMs(1_796_000_000_123);
        for of in [
            AskedOnce::Approve(order, u64::MAX),
            AskedOnce::Cancel(order),
            AskedOnce::Reverse(order),
            AskedOnce::Suspend(account),
            AskedOnce::Rotate(account, u32::MAX),
            AskedOnce::Move(account, server),
            AskedOnce::Broadcast(BroadcastId::MAX),
            AskedOnce::Forget(CustomerId::MAX),
        ] {
            let question = Question::new(of, ann, asked);
            let text = question.to_string();
            assert!(format!("v1.sure.{text}").len() <= 100, "{text}");
            assert_eq!(text.parse(), Ok(question.clone()));
            assert!(question.is_of(ann) && !question.is_of(bob));
            let at = |ms: u64| question.counts_at(UnixMs(asked.0 - 123 + ms));
            assert!(at(0) && at(299_999) && !at(300_000));
            assert!(!question.counts_at(UnixMs(asked.0 - 1_000)));
        }
        for bad in
            ["", "cancel", "cancel.x.0.1", "suspend.0.00000000.1", "burn.x.y.z", "rotate.1.2.3"]
        {
            assert!(bad.parse::<Question>().is_err(), "{bad}");
        }
    }
}
