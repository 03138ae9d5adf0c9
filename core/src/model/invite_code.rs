//! The code by which a customer invites, as people read and type it.

use super::{CustomerId, IdError};
use std::fmt;
use std::str::FromStr;

/// What a friend enters to say who invited them: the customer's id in groups of four, so that it never changes,
/// nobody shares it, and no index has to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InviteCode(CustomerId);

impl InviteCode {
    /// That of a customer's id.
    pub(super) const fn of(customer: CustomerId) -> Self {
        Self(customer)
    }

    /// Whose it would be.
    pub(super) const fn customer(self) -> CustomerId {
        self.0
    }
}

impl fmt::Display for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for (place, digit) in self.0.to_string().chars().enumerate() {
            if place > 0 && place % 4 == 0 {
                text.push('-');
            }
            text.push(digit.to_ascii_uppercase());
        }
        f.pad(&text)
    }
}

impl FromStr for InviteCode {
    type Err = IdError;

    /// As people type it: in either case, with or without hyphens, O for 0, I or L for 1.
    fn from_str(text: &str) -> Result<Self, IdError> {
        let typed = text.chars().filter(|c| *c != '-' && !c.is_whitespace());
        let digit = |c: char| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        };
        typed.map(digit).collect::<String>().parse().map(Self)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ulid::Ulid;

    #[test]
    fn a_code_is_read_as_people_type_it_and_nothing_else_is() {
        let code = InviteCode::of(CustomerId::new(Ulid((1 << 99) + 0x11_2233_4455)));
        let shown = code.to_string();
        let plain = shown.replace('-', "");
        for typed in [shown.clone(), shown.replace('-', " ").to_lowercase(), plain.clone()] {
            assert_eq!(typed.parse(), Ok(code), "{typed}");
        }
        assert_eq!(plain.replace('0', "o").replace('1', "L").parse(), Ok(code));
        let short = plain.split_at(25).0;
        for wrong in ["", short, &format!("{plain}9"), &format!("{short}U"), &format!("{short}٧")]
        {
            assert!(wrong.parse::<InviteCode>().is_err(), "{wrong}");
        }
    }
}
