//! Values → words: lengths, sizes, times in the shop's zone, and what makes foreign text harmless.

use super::texts::Texts;
use crate::model::{DAY_MS, DurationMs, HOUR_MS, MINUTE_MS, OrderState, Quota, Standing, UnixMs};
use jiff::Timestamp;
use jiff::tz::TimeZone;

impl Texts {
    /// `30 days`, `1 day 12 hours`; at least one minute.
    pub(crate) fn length(&self, length: DurationMs) -> String {
        let (days, rest) = (length.0 / DAY_MS, length.0 % DAY_MS);
        let (hours, rest) = (rest / HOUR_MS, rest % HOUR_MS);
        let minutes = rest / MINUTE_MS;
        let mut parts = Vec::new();
        if days > 0 {
            parts.push(self.length_days(days));
        }
        if hours > 0 {
            parts.push(self.length_hours(hours));
        }
        if minutes > 0 || parts.is_empty() {
            parts.push(self.length_minutes(minutes.max(1)));
        }
        parts.into_iter().reduce(|all, part| self.length_and(all, part)).unwrap_or_default()
    }

    /// The same, rounded up to whole days, or below one to whole hours: `3 days`.
    pub(crate) fn about(&self, length: DurationMs) -> String {
        let unit = if length.0 > DAY_MS { DAY_MS } else { HOUR_MS };
        self.length(DurationMs(length.0.div_ceil(unit).max(1).saturating_mul(unit)))
    }

    /// A moment in a time zone: `21 Dec 2026, 10:30 EET`.
    pub(crate) fn at(&self, moment: UnixMs, zone: &str) -> String {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let ms = i64::try_from(moment.0).unwrap_or(i64::MAX);
        let at = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX).to_zoned(zone);
        let (time, zone) = (at.strftime("%H:%M").to_string(), at.strftime("%Z").to_string());
        self.moment(at.day(), at.month(), at.year().to_string(), time, zone)
    }

    /// `50GiB of traffic`.
    pub(crate) fn traffic(&self, quota: Quota) -> String {
        match quota {
            Quota::Bytes(bytes) => self.traffic_bytes(bytes.to_string()),
            Quota::Unlimited => self.traffic_unlimited(),
        }
    }

    /// `50GiB`.
    pub(crate) fn left(&self, quota: Quota) -> String {
        match quota {
            Quota::Bytes(bytes) => bytes.to_string(),
            Quota::Unlimited => self.left_unlimited(),
        }
    }

    /// `2 devices`.
    pub(crate) fn devices(&self, devices: u32) -> String {
        if devices == 0 { self.devices_any() } else { self.devices_some(devices) }
    }

    /// `in review`.
    pub(crate) fn state(&self, state: OrderState) -> String {
        match state {
            OrderState::AwaitingPayment => self.state_awaiting_payment(),
            OrderState::AwaitingReview => self.state_awaiting_review(),
            OrderState::Approved => self.state_approved(),
            OrderState::Declined => self.state_declined(),
            OrderState::Expired => self.state_expired(),
            OrderState::Cancelled => self.state_cancelled(),
            OrderState::Reversed => self.state_reversed(),
        }
    }

    /// `depleted`.
    pub(crate) fn standing(&self, standing: Standing) -> String {
        match standing {
            Standing::Active => self.standing_active(),
            Standing::Suspended => self.standing_suspended(),
            Standing::Depleted => self.standing_depleted(),
            Standing::Expired => self.standing_expired(),
        }
    }
}

/// Text as it may be copied: marks of direction and what else nobody sees would go along.
pub(crate) fn copyable(text: &str) -> String {
    text.chars().filter(|c| !is_mark(*c)).collect()
}

/// Steers the direction of the text around it, takes no room at all, or is a mark of ours.
const fn is_mark(c: char) -> bool {
    let [open, close] = super::moment::MARKS;
    c == open
        || c == close
        || matches!(
            c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        )
}

/// Text in one line of code.
pub(crate) fn code(text: &str) -> String {
    format!("`{}`", copyable(text).replace('`', "'"))
}

/// Text in a block with a copy button.
pub(crate) fn code_block(text: &str) -> String {
    format!("```\n{}\n```", copyable(text).replace("```", "'''"))
}

/// Foreign text that must not format, mention, link or break a line.
pub(crate) fn harmless(text: &str, most: usize) -> String {
    let mut out = String::new();
    for c in clip(text.trim(), most).chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() || is_mark(c) => {}
            '*' | '_' | '~' | '`' | '|' | '>' | '<' | '[' | ']' | '(' | ')' | '#' | '@' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    // Discord makes links of bare addresses: staff and customers must not be led anywhere.
    out.replace("://", ":\\/\\/")
}

/// The same of several lines, which stay apart.
pub(crate) fn harmless_lines(text: &str) -> String {
    text.lines().map(|line| harmless(line, usize::MAX)).collect::<Vec<_>>().join("\n")
}

/// At most `most` characters, with an ellipsis where it was cut.
pub(crate) fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// Who did something, for staff to read.
pub(crate) fn actor(actor: &crate::model::Actor) -> String {
    match actor {
        crate::model::Actor::Person(identity) => mention(*identity),
        other => harmless(&other.to_string(), 60),
    }
}

/// Somebody's name that their front fills in; nobody is pinged.
pub(crate) fn mention(identity: crate::model::Identity) -> String {
    match identity {
        crate::model::Identity::Discord(id) => format!("<@{id}>"),
    }
}

/// The name of a role of the staff that their front fills in; nobody is pinged by that alone.
pub(crate) fn mention_role(role: u64) -> String {
    format!("<@&{role}>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_reads_in_its_largest_units() {
        let texts = Texts::of("en", "en");
        let cases = [
            (30 * DAY_MS, "30 days"),
            (DAY_MS + 12 * HOUR_MS, "1 day 12 hours"),
            (45 * MINUTE_MS, "45 minutes"),
            (5, "1 minute"),
        ];
        for (ms, text) in cases {
            assert_eq!(texts.length(DurationMs(ms)), text);
        }
    }

    #[test]
    fn foreign_text_cannot_format_or_mention() {
        assert_eq!(harmless("**bob**\n<@1>", 80), "\\*\\*bob\\*\\* \\<\\@1\\>");
        assert_eq!(harmless("\u{202e}abc", 80), "abc");
        assert_eq!(harmless("\u{e000}5\u{e001}", 80), "5");
        assert_eq!(harmless("https:\u{200b}//evil.example", 80), "https:\\/\\/evil.example");
        assert_eq!(clip("abcdef", 4), "abc…");
    }
}
