//! What people call an order by: six characters that can be read out, typed and told from each other.

use super::ids::OfText;
use super::{IdError, OrderId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// Crockford's digits, as ULIDs have them: without I, L, O and U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// So many of them; each is five bits.
const LENGTH: usize = 6;
/// Before them, so that a reference is known as one.
const BEFORE: &str = "NL-";
/// The bits that they come to.
const MASK: u128 = (1 << 30) - 1;

/// An order's reference, `NL-7K3QX2`: the last six characters of its id. No two orders that were placed
/// since there are references have the same (the record of [`super::OrderByReference`] sees to it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderReference(u32);

impl OrderReference {
    /// Four bytes that sort as the references do.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }
}

impl OrderId {
    /// What people call it by.
    #[must_use]
    pub fn reference(self) -> OrderReference {
        let bits = u128::from_be_bytes(self.to_bytes()) & MASK;
        OrderReference(u32::try_from(bits).unwrap_or_default())
    }
}

impl OrderReference {
    /// The first and the last one whose text begins so, with or without what stands before it; `None`
    /// where none does, and of fewer characters than `least`.
    #[must_use]
    pub fn beginning_with(text: &str, least: usize) -> Option<(Self, Self)> {
        let upper = text.trim().to_ascii_uppercase();
        let typed = upper.strip_prefix(BEFORE).unwrap_or(&upper);
        let missing = LENGTH.checked_sub(typed.len()).filter(|_| typed.len() >= least)?;
        let filled = |with: &str| format!("{typed}{}", with.repeat(missing)).parse().ok();
        Some((filled("0")?, filled("Z")?))
    }
}

impl fmt::Display for OrderReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(BEFORE.len().saturating_add(LENGTH));
        text.push_str(BEFORE);
        for place in (0..LENGTH).rev() {
            let digit = usize::try_from((self.0 >> (5 * place)) & 31).ok();
            text.extend(digit.and_then(|n| DIGITS.get(n)).map(|b| char::from(*b)));
        }
        f.pad(&text)
    }
}

impl FromStr for OrderReference {
    type Err = IdError;

    /// As people type it: in either case, with or without what stands before it, O for 0, I or L for 1.
    fn from_str(text: &str) -> Result<Self, IdError> {
        let upper = text.trim().to_ascii_uppercase();
        let typed = upper.strip_prefix(BEFORE).unwrap_or(&upper);
        let digit = |byte: u8| match byte {
            b'O' => Some(0),
            b'I' | b'L' => Some(1),
            other => DIGITS.iter().zip(0_u32..).find(|(d, _)| **d == other).map(|(_, n)| n),
        };
        let whole = typed.len() == LENGTH;
        let read = typed.bytes().try_fold(0_u32, |all, byte| Some((all << 5) | digit(byte)?));
        read.filter(|_| whole).map(Self).ok_or_else(|| IdError {
            kind: "order reference",
            text: text.to_owned(),
            rule: "use the six characters after NL-",
        })
    }
}

impl Serialize for OrderReference {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OrderReference {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(OfText(PhantomData))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ulid::Ulid;

    #[test]
    fn a_reference_is_the_end_of_its_orders_id_and_is_read_as_people_type_it() {
        let id: OrderId = "01jd7k9xq2v5w8y3z4a67k3qx2".parse().unwrap();
        let reference = id.reference();
        assert_eq!(reference.to_string(), "NL-7K3QX2");
        for typed in ["NL-7K3QX2", "nl-7k3qx2", " 7k3qx2\n", "Nl-7K3qX2"] {
            assert_eq!(typed.parse(), Ok(reference), "{typed}");
        }
        let ones: OrderReference = "NL-0011AB".parse().unwrap();
        for typed in ["NL-OO11AB", "oOiLab", "nl-0oliAB"] {
            assert_eq!(typed.parse(), Ok(ones), "{typed}");
        }
        for bad in ["", "NL-", "7K3QX", "NL-7K3QX22", "NL-7K3QXU", "NL7K3QX2", "NL-7K3Q X", "é7K3Q"]
        {
            assert!(bad.parse::<OrderReference>().is_err(), "{bad}");
        }
        let all = |text: &str| OrderReference::beginning_with(text, 2);
        let both = |first: &str, last: &str| Some((first.parse().unwrap(), last.parse().unwrap()));
        assert_eq!(all("nl-7k"), both("NL-7K0000", "NL-7KZZZZ"));
        assert_eq!(all("7K3QX2"), both("NL-7K3QX2", "NL-7K3QX2"));
        for none in ["", "NL-", "7", "NL-7K3QX22", "ab!"] {
            assert_eq!(all(none), None, "{none}");
        }
        for n in [0, 1, 31, 32, MASK, u128::MAX / 3, u128::MAX] {
            let reference = OrderId::new(Ulid(n)).reference();
            assert_eq!(reference.to_string().parse(), Ok(reference));
            let text = OrderId::new(Ulid(n)).to_string().to_ascii_uppercase();
            assert!(text.ends_with(&reference.to_string()[BEFORE.len()..]), "{text} {reference}");
            let json = serde_json::to_string(&reference).unwrap();
            assert_eq!(serde_json::from_str::<OrderReference>(&json).unwrap(), reference);
        }
    }
}
