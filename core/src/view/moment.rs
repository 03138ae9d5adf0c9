//! A moment within a text, beside the date that is written there: a front that can shows how far away it
//! is by its reader's own clock, and the others show the date alone.

use crate::model::{SECOND_MS, UnixMs};

/// Around a moment's seconds. Of Unicode's private use: foreign text is freed of both.
pub(super) const MARKS: [char; 2] = ['\u{e000}', '\u{e001}'];

/// A moment as it stands in a text, for [`with_moments`].
pub(super) fn marked(moment: UnixMs) -> String {
    let [open, close] = MARKS;
    format!("{open}{}{close}", moment.0 / SECOND_MS)
}

/// A text with its moments as `show` has them, by their seconds.
#[must_use]
pub fn with_moments(text: &str, show: impl Fn(u64) -> String) -> String {
    let [open, close] = MARKS;
    let mut parts = text.split(open);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let moment = part.split_once(close);
        let moment = moment.and_then(|(seconds, rest)| Some((seconds.parse().ok()?, rest)));
        // One that was cut off is none.
        let (shown, rest) = moment.map_or((String::new(), part), |(s, rest)| (show(s), rest));
        out.push_str(&shown);
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_shows_each_moment_in_its_own_way_and_nothing_of_the_marks() {
        let text = format!("ends {}, then {}.", marked(UnixMs(61_999)), marked(UnixMs(0)));
        assert_eq!(with_moments(&text, |s| format!("<{s}>")), "ends <61>, then <0>.");
        assert_eq!(with_moments(&text, |_| String::new()), "ends , then .");
        assert_eq!(with_moments("plain", |_| "x".to_owned()), "plain");
        let cut: String = text.chars().take(7).collect();
        assert_eq!(with_moments(&cut, |s| format!("<{s}>")), "ends 6");
    }
}
