//! Values → words: lengths, sizes, times in the shop's zone, and what makes foreign text harmless.

use super::texts::Texts;
use crate::catalog::{Catalog, Method, Plan};
use crate::model::{
    DAY_MS, DurationMs, HOUR_MS, MINUTE_MS, Order, OrderPlan, OrderState, Quota, Standing, UnixMs,
};
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
        parts.join(" ")
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

/// A moment in the shop's zone: `21 Dec 2026, 10:30 EET`.
pub(crate) fn when(catalog: &Catalog, moment: UnixMs) -> String {
    let zone = TimeZone::get(&catalog.shop.time_zone).unwrap_or(TimeZone::UTC);
    let ms = i64::try_from(moment.0).unwrap_or(i64::MAX);
    let at = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
    at.to_zoned(zone).strftime("%-d %b %Y, %H:%M %Z").to_string()
}

/// A plan's name in the shop's language.
pub(crate) fn plan_name(catalog: &Catalog, plan: &Plan) -> String {
    let language = catalog.default_language();
    plan.name.get(language, language).to_owned()
}

/// The name of the plan an order was placed for, as it was then.
pub(crate) fn ordered_plan(catalog: &Catalog, order: &Order) -> String {
    sold_plan(catalog, &order.plan)
}

/// A plan's name as it was when it was sold.
pub(crate) fn sold_plan(catalog: &Catalog, plan: &OrderPlan) -> String {
    let names = &plan.name;
    names
        .get(catalog.default_language())
        .or_else(|| names.values().next())
        .cloned()
        .unwrap_or_else(|| plan.id.to_string())
}

/// A method's name, or its id when it is gone from the file.
pub(crate) fn method_name(catalog: &Catalog, order: &Order) -> String {
    let language = catalog.default_language();
    catalog.method(&order.method.method).map_or_else(
        || order.method.method.to_string(),
        |m| m.name.get(language, language).to_owned(),
    )
}

/// What to do to pay, with the amount, account and reference put in.
pub(crate) fn instructions(catalog: &Catalog, method: &Method, order: &Order) -> String {
    let language = catalog.default_language();
    method
        .instructions
        .get(language, language)
        .replace("{amount}", &format!("**{}**", order.method.price))
        .replace("{account}", &code(&method.account))
        .replace("{reference}", &code(&order.id.to_string()))
}

/// Text in one line of code.
pub(crate) fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

/// Text in a block with a copy button.
pub(crate) fn code_block(text: &str) -> String {
    format!("```\n{}\n```", text.replace("```", "'''"))
}

/// Foreign text that must not format, mention, link or break a line.
pub(crate) fn harmless(text: &str, most: usize) -> String {
    let mut out = String::new();
    for c in clip(text.trim(), most).chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() || ('\u{200b}'..='\u{200f}').contains(&c) => {}
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
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
        crate::model::Actor::Discord(id) => mention(*id),
        other => harmless(&other.to_string(), 60),
    }
}

/// Somebody's name that Discord fills in; nobody is pinged.
pub(crate) fn mention(customer: crate::model::CustomerId) -> String {
    format!("<@{customer}>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_reads_in_its_largest_units() {
        let texts = Texts::of("en");
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
        assert_eq!(harmless("https:\u{200b}//evil.example", 80), "https:\\/\\/evil.example");
        assert_eq!(clip("abcdef", 4), "abc…");
    }
}
