//! Characters that people cannot see, or take for others. They are looked for in what YAML makes of
//! the text, so that an escape (`"\u200b"`) hides nothing.

use unicode_general_category::{GeneralCategory, get_general_category};

/// Whether a reader of a message would see that the character is there, and which it is.
#[must_use]
pub fn is_seen(c: char) -> bool {
    !c.is_control() && !is_format(c) && !is_odd_space(c)
}

/// Takes no room, and changes what is around it or nothing: Unicode's format characters, its separators
/// of lines, and what else is never drawn.
fn is_format(c: char) -> bool {
    use GeneralCategory::{Format, LineSeparator, ParagraphSeparator};
    matches!(get_general_category(c), Format | LineSeparator | ParagraphSeparator)
        || matches!(
            c,
            '\u{34f}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{2065}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{ffa0}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Is drawn on the character before it.
fn is_mark(c: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark, SpacingMark};
    matches!(get_general_category(c), EnclosingMark | NonspacingMark | SpacingMark)
}

/// What scripts and emoji need of them in a text that people read: joiners, direction marks
/// (never overrides or isolates, which show a text in another order than it has), variants, flags.
const fn is_of_a_script(c: char) -> bool {
    matches!(
        c,
        '\u{200c}'..='\u{200f}'
            | '\u{61c}'
            | '\u{600}'..='\u{605}'
            | '\u{6dd}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{180b}'..='\u{180f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{e0020}'..='\u{e007f}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

/// Looks like a space and is none to YAML, to a panel and to whoever compares.
pub(super) const fn is_odd_space(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// Its number, and its name where people know it by one.
pub(super) fn name(c: char) -> String {
    let known = match c {
        '\t' => "a tab",
        '\n' => "a line break",
        '\r' => "a carriage return",
        '\u{a0}' => "a no-break space",
        '\u{202f}' => "a narrow no-break space",
        '\u{3000}' => "an ideographic space",
        '\u{200b}' => "a zero-width space",
        '\u{feff}' => "a byte order mark",
        '\u{ad}' => "a soft hyphen",
        '\u{200e}' | '\u{200f}' | '\u{61c}' => "a direction mark",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "a change of writing direction",
        '\u{85}' | '\u{2028}' | '\u{2029}' => "an invisible line break",
        c if is_odd_space(c) => "an unusual space",
        _ => "an invisible character",
    };
    format!("{known} (U+{:04X})", u32::from(c))
}

/// Who reads a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// A machine, or a person who copies it: it is compared, so nothing in it may be invisible.
    Machines,
    /// People, on one line.
    Line,
    /// People, on as many lines as it has.
    Lines,
}

impl For {
    fn allows(self, c: char) -> bool {
        match self {
            Self::Machines => is_seen(c),
            Self::Line => is_seen(c) || is_of_a_script(c) || is_odd_space(c),
            Self::Lines => c == '\n' || Self::Line.allows(c),
        }
    }
}

/// Whether nobody would see that there is a text: all of it is space, takes no room, or marks what is not
/// there.
pub(super) fn is_blank(text: &str) -> bool {
    !text.chars().any(|c| is_seen(c) && !c.is_whitespace() && !is_mark(c))
}

/// What people read of a text that somebody typed, trimmed: a control character is a space, and what
/// is neither seen nor needed by a script is left out. Empty where nobody would see anything.
pub(crate) fn as_read(text: &str) -> String {
    if is_blank(text) {
        return String::new();
    }
    let spaced = text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c });
    spaced.filter(|c| For::Lines.allows(*c)).collect::<String>().trim().to_owned()
}

/// The first character that a text may not have, after YAML's escapes were read.
pub(super) fn forbidden(text: &str, whom: For) -> Option<char> {
    text.chars().find(|c| !whom.allows(*c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_may_write_their_scripts_and_machines_get_nothing_that_cannot_be_seen() {
        // Persian needs the non-joiner, families of emoji the joiner, Arabic marks of direction.
        for text in [
            "می‌خواهم",
            "👨‍👩‍👧",
            "السعر \u{200f}(100)",
            "50\u{a0}GiB",
            "plain",
            "é",
            "e\u{301}",
            "हि",
            "🏴\u{e0067}\u{e007f}",
        ] {
            assert_eq!(forbidden(text, For::Line), None, "{text:?}");
        }
        for text in [
            "a\nb",
            "a\tb",
            "a\u{200b}",
            "\u{202e}abc",
            "a\u{2066}b",
            "\u{feff}a",
            "a\u{ad}b",
            "a\u{7}b",
            "\u{3164}",
            "\u{2800}",
            "\u{34f}",
            "\u{110cd}",
            "\u{1bca0}",
        ] {
            assert!(forbidden(text, For::Line).is_some(), "{text:?}");
        }
        for text in ["❤\u{fe0f}", "葛\u{e0100}"] {
            assert_eq!(forbidden(text, For::Line), None, "{text:?}");
            assert!(forbidden(text, For::Machines).is_some() && !is_blank(text), "{text:?}");
        }
        // Each may stand in a text, and none of them is one.
        for text in [
            "",
            " \u{a0}",
            "\u{fe0f}",
            "\u{200d}\u{200f}",
            "\u{e0062}\u{e007f}",
            "\u{301}",
            " \u{20dd}\u{93f}",
        ] {
            assert_eq!(forbidden(text, For::Line), None, "{text:?}");
            assert!(is_blank(text), "{text:?}");
        }
        assert_eq!(forbidden("a\nb", For::Lines), None);
        assert_eq!(forbidden("a\tb", For::Lines), Some('\t'));
        for text in ["a\u{200c}b", "a\u{a0}b", "a\u{200e}", "a\nb"] {
            assert!(forbidden(text, For::Machines).is_some(), "{text:?}");
        }
        assert_eq!(forbidden("vless reality ", For::Machines), None);
    }

    #[test]
    fn of_what_somebody_types_is_kept_what_people_read() {
        for (typed, read) in [
            ("  late \t", "late"),
            ("two\nlines", "two\nlines"),
            ("a\u{1b}[31mred", "a [31mred"),
            ("\u{202e}evil\u{2066}", "evil"),
            ("می\u{200c}خواهم ❤\u{fe0f}", "می\u{200c}خواهم ❤\u{fe0f}"),
            ("\u{200b}\u{200f}\u{2800}\u{3164}\u{feff}\u{ad}\u{17b4}", ""),
            ("\u{301}\u{20dd}", ""),
        ] {
            assert_eq!(as_read(typed), read, "{typed:?}");
        }
    }
}
