//! The shop in numbers, for staff: what was taken, orders, accounts, servers. Drawn so that it changes only when
//! a number does.

use super::{Draft, Pages};
use crate::model::{ConditionKind, Currency, ServerId, Takings};
use crate::revenue::{Days, Period, by_period, total};
use crate::view::{Accent, Attachment, FileSource, Message, chart};
use std::collections::{BTreeMap, BTreeSet};

/// So many servers are named, and so many currencies.
const MOST_SERVERS: usize = 15;
const MOST_CURRENCIES: usize = 6;
/// So many days are drawn, today the last of them.
const DRAWN: u16 = 30;
/// The file of the picture of the days.
const CHART: &str = "days.png";

impl Pages<'_> {
    /// The panel in the channel for statistics. `takings` are those of [`Days::lately`].
    #[must_use]
    pub fn stats_panel(&self, takings: &[Takings]) -> Message {
        let (lines, drawn) = self.revenue(takings);
        let draft = Draft::new(Accent::Neutral).text(self.texts.stats_title()).text(lines);
        let (named, bars): (Vec<String>, Vec<_>) = drawn.into_iter().unzip();
        let draft = match chart::png(&bars) {
            Some(content) => {
                let (name, source) = (CHART.to_owned(), FileSource::Bytes(content));
                draft
                    .text(self.texts.stats_days(named.join(", ")))
                    .picture(Attachment { name, source })
            }
            None => draft,
        };
        draft
            .text(self.orders_in_numbers())
            .text(self.accounts_in_numbers())
            .text(self.server_lines())
            .done()
    }

    /// What was taken, in words, and the bars of each currency in which something was.
    fn revenue(&self, takings: &[Takings]) -> (String, Vec<(String, Vec<u32>)>) {
        let (t, zone) = (&self.texts, &self.catalog.shop.time_zone);
        let today = Days::today(self.now, zone);
        let of = |days| -> BTreeMap<Currency, i128> {
            let sums = total(takings, zone, days).into_iter();
            sums.map(|(currency, sums)| (currency, sums.net())).collect()
        };
        let [day, month, before, quarter, year] = [
            today,
            today.this_month(),
            today.last_month(),
            today.this_quarter(),
            today.this_year(),
        ]
        .map(of);
        let mut currencies: Vec<&Currency> = year.keys().chain(before.keys()).collect();
        currencies.sort();
        currencies.dedup();
        let said = |of: &BTreeMap<Currency, i128>, currency: &Currency| {
            currency.number(of.get(currency).copied().unwrap_or(0))
        };
        let (mut lines, mut drawn) = (vec![t.stats_revenue()], Vec::new());
        for currency in currencies.iter().take(MOST_CURRENCIES) {
            let [day, month, before, quarter, year] =
                [&day, &month, &before, &quarter, &year].map(|sums| said(sums, currency));
            let code = currency.code.to_string();
            lines.push(t.stats_revenue_line(code, day, month, before, quarter, year));
            let bars = self.bars(takings, today, currency);
            drawn.extend(bars.map(|bars| (currency.code.to_string(), bars)));
        }
        if let Some(more) = currencies.len().checked_sub(MOST_CURRENCIES).filter(|more| *more > 0) {
            lines.push(t.pending_more(more));
        }
        if currencies.is_empty() {
            lines.push(t.stats_revenue_none());
        }
        (lines.join("\n"), drawn)
    }

    /// A bar for each day; a day on which more was given back than taken has none.
    fn bars(&self, takings: &[Takings], today: Days, currency: &Currency) -> Option<Vec<u32>> {
        let days = today.back(DRAWN);
        let takings = takings.iter().filter(|takings| takings.currency == *currency);
        let rows = by_period(takings, &self.catalog.shop.time_zone, Period::Day, days);
        let sums: BTreeMap<String, i128> =
            rows.into_iter().map(|row| (row.period, row.sums.net().max(0))).collect();
        let best = sums.values().copied().max().filter(|best| *best > 0)?;
        let bar = |day: String| {
            let sum = sums.get(&day).copied().unwrap_or(0);
            // Rounded up: a day with any is seen.
            let height = sum.saturating_mul(chart::HIGHEST.into()).saturating_add(best - 1) / best;
            u32::try_from(height).unwrap_or(chart::HIGHEST)
        };
        Some(days.each().map(bar).collect())
    }

    fn server_lines(&self) -> String {
        let t = &self.texts;
        let servers = &self.catalog.servers;
        let mut lines = vec![t.stats_servers()];
        let shown = servers.iter().take(MOST_SERVERS);
        lines.extend(shown.map(|(id, server)| self.server_line(id, server.capacity)));
        if let Some(more) = servers.len().checked_sub(MOST_SERVERS).filter(|more| *more > 0) {
            lines.push(t.pending_more(more));
        }
        lines.join("\n")
    }

    fn server_line(&self, id: &ServerId, capacity: u32) -> String {
        let t = &self.texts;
        let status = self.snapshot.server_status(id);
        let kinds = status.into_iter().flat_map(|status| &status.conditions);
        // One word however many reasons there are.
        let kinds: BTreeSet<ConditionKind> = kinds.map(|condition| condition.kind).collect();
        let kinds: Vec<&str> = kinds.into_iter().map(ConditionKind::name).collect();
        let how = if kinds.is_empty() { t.stats_server_unseen() } else { kinds.join(", ") };
        t.stats_server(id.to_string(), self.snapshot.bound_count(id), capacity, how)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Pages;
    use crate::catalog::Server;
    use crate::model::{
        Booking, Condition, ConditionKind, Currency, DAY_MS, DurationMs, Money, ServerId,
        ServerStatus, Snapshot, Takings, UnixMs,
    };
    use crate::revenue::Days;
    use crate::view::sample::{FRONT, NOW, catalog, served_account};

    fn taken(days_ago: u64, minor: u64, returned: bool) -> Takings {
        let (at, currency) =
            (NOW - DurationMs(days_ago * DAY_MS), Currency { code: "EGP".into(), decimals: 2 });
        let amount = Money { minor, currency: currency.clone() };
        let mut takings = Takings::none_at(at, currency);
        takings.add(&Booking { at, amount: &amount, returned });
        takings
    }

    #[test]
    fn the_panel_of_a_large_shop_in_trouble_is_one_that_discord_takes() {
        let mut catalog = catalog();
        let template = catalog.servers.values().next().unwrap().clone();
        let at = NOW;
        let mut edits = crate::model::Edits::new();
        for n in 0..200 {
            let id: ServerId = format!("a-server-with-a-very-long-id-{n:03}").parse().unwrap();
            let condition = |n: usize| Condition {
                kind: [ConditionKind::Stalled, ConditionKind::Unreachable, ConditionKind::Held]
                    [n % 3],
                reason: format!("no inbound {n}"),
                since: at,
            };
            let conditions = (0..30).map(condition).collect();
            edits.put(ServerStatus { conditions, ..ServerStatus::new(id.clone()) });
            catalog.servers.insert(id.clone(), Server { id, ..template.clone() });
        }
        let takings: Vec<Takings> = (0..20)
            .map(|n| {
                let code = format!("C{n:02}");
                let currency = Currency { code: code.as_str().into(), decimals: 6 };
                let amount = Money { minor: u64::MAX / 4, currency: currency.clone() };
                let mut takings = Takings::none_at(at, currency);
                takings.add(&Booking { at, amount: &amount, returned: false });
                takings
            })
            .collect();
        let snapshot = Snapshot::default().after(&edits, 1);
        let message = Pages::new(&FRONT, &snapshot, &catalog, NOW).stats_panel(&takings);
        assert_eq!(FRONT.problems(&message), [""; 0]);
        let said = message.plain();
        assert!(said.contains("and 14 more") && !said.contains("Stalled, Stalled"), "{said}");
    }

    #[test]
    fn the_panel_says_what_was_taken_and_changes_only_when_a_number_does() {
        let snapshot = Snapshot::default().after(&served_account(1, true), 1);
        let catalog = catalog();
        let at = |now: UnixMs, takings: &[Takings]| {
            Pages::new(&FRONT, &snapshot, &catalog, now).stats_panel(takings).plain()
        };
        let none = at(NOW, &[]);
        assert!(none.contains("Nothing was taken"), "{none}");
        let takings = [taken(2, 10_000, false), taken(1, 5_000, true), taken(0, 7_050, false)];
        let said = at(NOW, &takings);
        assert!(said.contains("EGP · today 70.50"), "{said}");
        assert!(said.contains("EGP."), "whose bars: {said}");
        let bars = |takings: &[Takings]| {
            let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
            let today = Days::today(NOW, &catalog.shop.time_zone);
            let currency = &takings.first().unwrap().currency;
            pages.bars(takings, today, currency).unwrap()
        };
        let last = &bars(&takings)[27..];
        assert_eq!(last, [1_000, 0, 705], "a day of more reversals than sales has no bar");
        let files = |takings: &[Takings]| {
            let message = Pages::new(&FRONT, &snapshot, &catalog, NOW).stats_panel(takings);
            message.files
        };
        assert_eq!(files(&takings), files(&takings));
        assert_ne!(files(&takings), files(&takings[..2]));
        assert_eq!(files(&[]), [], "nothing to draw");
        assert!(said.contains("fra-1 · 1 of"), "{said}");
        assert_eq!(at(NOW + DurationMs(60_000), &takings), said);
    }
}
