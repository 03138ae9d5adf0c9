//! A payment's own number as it is compared: however it was typed or copied, one payment has one.

use icu_normalizer::ComposingNormalizer;
use unicode_general_category::{GeneralCategory, get_general_category};

/// The most characters of it that are kept.
const MOST: usize = 64;
/// The fewest letters and digits by which payments are told apart.
const LEAST: usize = 4;

/// NFKC, without format characters (marks of direction, joiners), digits and separators of all
/// scripts as ASCII, lower case, trimmed, at most 64 characters. None when nothing is left.
pub(super) fn normal(text: &str) -> Option<String> {
    normal_by(text, ascii)
}

/// As it was typed, on one line, without what is not seen; at most 64 characters. None when nothing is left.
pub(super) fn as_typed(text: &str) -> Option<String> {
    let visible = seen(text).map(|c| if c.is_control() { ' ' } else { c });
    kept(&visible.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Whether two payments do not have this in common by chance: words such as "paid" are no number.
pub(super) fn is_number(normal: &str) -> bool {
    let signs = normal.chars().filter(|c| c.is_alphanumeric()).count();
    signs >= LEAST && normal.chars().any(|c| c.is_ascii_digit())
}

/// As records before held it: with the separators that Arabic has.
pub(super) fn with_separators(text: &str) -> Option<String> {
    normal_by(text, |c| digit(c).unwrap_or(c))
}

fn normal_by(text: &str, ascii: fn(char) -> char) -> Option<String> {
    let nfkc = ComposingNormalizer::new_nfkc();
    let plain: String = seen(&nfkc.normalize(text)).map(ascii).collect();
    // Lower case may decompose a letter.
    kept(&nfkc.normalize(&plain.to_lowercase()))
}

/// An id or number as somebody typed it or copied it out of a text, in the characters that it is read
/// by: ASCII digits and separators, and nothing that is not seen.
#[must_use]
pub fn typed_number(text: &str) -> String {
    seen(text).map(ascii).collect::<String>().trim().to_owned()
}

fn seen(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| get_general_category(*c) != GeneralCategory::Format)
}

fn ascii(c: char) -> char {
    match c {
        '\u{66b}' => '.',
        '\u{66c}' | '\u{60c}' => ',',
        c => digit(c).unwrap_or(c),
    }
}

/// As records long before held it: trimmed and in lower case.
pub(super) fn as_before(text: &str) -> Option<String> {
    kept(&text.to_lowercase())
}

fn kept(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.chars().take(MOST).collect())
}

/// The ASCII digit of a decimal digit of any script. Unicode gives each script its ten digits in
/// one run, from zero.
fn digit(c: char) -> Option<char> {
    let is_digit = |c: char| get_general_category(c) == GeneralCategory::DecimalNumber;
    if !is_digit(c) {
        return None;
    }
    let before = (0..u32::from(c)).rev().map_while(char::from_u32).take_while(|c| is_digit(*c));
    let value = u32::try_from(before.count() % 10).ok()?;
    char::from_digit(value, 10)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn one_payment_number_is_one_however_it_is_typed() {
        let one = normal("TX 1234567890").unwrap();
        assert_eq!(one, "tx 1234567890");
        for same in [
            " tx 1234567890\n",
            "Tx\u{a0}1234567890",
            "\u{200f}TX 1234567890\u{200e}",
            "T\u{200d}X 123\u{2060}456\u{feff}7890",
            "ＴＸ １２３４５６７８９０",
            "TX ١٢٣٤٥٦٧٨٩٠",
            "tx ۱۲۳۴۵۶۷۸۹۰",
            "tx १२३४५६७८९०",
            "tx ๑๒๓๔๕๖๗๘๙๐",
            "𝐓𝐗 𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗𝟎",
        ] {
            assert_eq!(normal(same).as_ref(), Some(&one), "{same:?}");
        }
        for other in ["tx 1234567891", "tx 123456789", "tx1234567890"] {
            assert_ne!(normal(other).as_ref(), Some(&one), "{other:?}");
        }
        let amount = normal("1,250.50");
        for same in ["١٬٢٥٠٫٥٠", "۱٬۲۵۰٫۵۰", "\u{200f}١،٢٥٠٫٥٠"] {
            assert_eq!(normal(same), amount, "{same:?}");
            assert_eq!(typed_number(same), "1,250.50");
            assert_ne!(with_separators(same), amount, "as it was kept once");
        }
        assert_eq!(typed_number("\u{2068}01J٠Ab\u{2069} "), "01J0Ab");
        assert_eq!(normal("\u{200f} \u{2060}"), None);
        assert_eq!(normal("İstanbul 7"), normal("i\u{307}stanbul 7"));
    }

    #[test]
    fn what_a_customer_types_is_kept_on_one_line_and_words_are_no_number() {
        let typed = as_typed(" TX\n12\u{202e}34\u{7}\t ٥6 ");
        assert_eq!(typed.as_deref(), Some("TX 1234 ٥6"));
        assert_eq!(as_typed("\u{200f}\n "), None);
        assert_eq!(as_typed(&"7".repeat(500)).map(|text| text.len()), Some(MOST));
        for number in ["tx 1234", "000123", "ipn-7f"] {
            assert!(is_number(&normal(number).unwrap()), "{number}");
        }
        for word in ["paid", "vodafone", "100", "1.5", "none"] {
            assert!(!is_number(&normal(word).unwrap()), "{word}");
        }
    }

    #[test]
    fn every_scripts_digits_are_ten_in_one_run_from_zero() {
        let digits = ('\0'..=char::MAX).filter_map(|c| Some((c, digit(c)?)));
        let mut count = [0_usize; 10];
        for (c, ascii) in digits {
            let value = ascii.to_digit(10).unwrap() as usize;
            *count.get_mut(value).unwrap() += 1;
            // Where the compatibility form is ASCII already, both say the same.
            let nfkc = ComposingNormalizer::new_nfkc().normalize(&c.to_string()).into_owned();
            assert!(!nfkc.is_ascii() || nfkc == ascii.to_string(), "{c:?}");
        }
        assert!(count.iter().all(|n| *n == count[0] && *n > 50), "{count:?}");
    }

    #[test]
    fn a_normal_number_is_its_own_normal_form() {
        for text in ["ǅ 77", "ﬁ ⅳ", "ϓ\u{301}", "ß ẞ", "ΑΣ", "١\u{200d}"] {
            let once = normal(text).unwrap();
            assert_eq!(normal(&once), Some(once.clone()), "{text:?}");
        }
    }
}
