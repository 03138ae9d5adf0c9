//! Words of the command line of which there are a few: shells complete them, and a wrong one is said in
//! one line.

use crate::catalog::{suggest, typed_length};
use crate::model::{ConditionKind, OrderState};
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};
use std::ffi::OsStr;

/// The words of conditions.
pub(super) const CONDITIONS: fn() -> Vec<&'static str> =
    || ConditionKind::ALL.map(ConditionKind::name).to_vec();
/// The words of states.
pub(super) const STATES: fn() -> Vec<&'static str> =
    || OrderState::ALL.map(OrderState::name).to_vec();

/// Any word; help and completions name those that are known. Whoever uses it says which was meant.
#[derive(Clone)]
pub(super) struct Words(pub(super) fn() -> Vec<&'static str>);

impl TypedValueParser for Words {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.0)().into_iter().map(PossibleValue::new)))
    }
}

/// The known word that was typed, in any case.
pub(super) fn one_of<const N: usize>(
    what: &str,
    typed: Option<&str>,
    known: [&'static str; N],
) -> Result<Option<&'static str>, String> {
    let Some(typed) = typed else { return Ok(None) };
    let found = known.into_iter().find(|word| word.eq_ignore_ascii_case(typed));
    let wrong = || format!("there is no {what} `{typed}`; {}", suggest(typed, known));
    found.map(Some).ok_or_else(wrong)
}

/// A length of time, in ms.
pub(super) fn length(text: &str) -> Result<u64, String> {
    typed_length(text).map(|length| length.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_in_any_case_and_a_wrong_one_gets_the_nearest() {
        let known = ConditionKind::ALL.map(ConditionKind::name);
        assert_eq!(one_of("condition", None, known), Ok(None));
        assert_eq!(one_of("condition", Some("stalled"), known), Ok(Some("Stalled")));
        let why = one_of("condition", Some("Staled"), known).unwrap_err();
        assert_eq!(why, "there is no condition `Staled`; did you mean `Stalled`?");
        let why = one_of("condition", Some("xyz"), known).unwrap_err();
        assert!(why.contains("use one of: Ready, Reconciling"), "{why}");
        assert_eq!(length("7d"), Ok(7 * 86_400_000));
        assert!(length("7 weeks").unwrap_err().contains("did you mean `49d`?"));
    }
}
