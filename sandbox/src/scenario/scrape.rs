//! What the processes show on their pages of metrics.

use std::collections::BTreeMap;

/// What all processes showed at a moment.
pub(super) struct Scrape {
    /// In ms since 1970.
    pub(super) at: u64,
    pub(super) series: BTreeMap<String, f64>,
}

impl Scrape {
    /// By how much a counter rises in a minute, going on as since the scrape before.
    pub(super) fn slope(&self, name: &str, value: f64, before: Option<&Self>) -> f64 {
        let counts = name.split_once('{').is_some_and(|(name, _)| name.ends_with("_total"));
        let Some(before) = before.filter(|_| counts) else { return 0.0 };
        #[allow(clippy::cast_precision_loss, reason = "minutes")]
        let minutes = self.at.saturating_sub(before.at) as f64 / 60_000.0;
        let rise = value - before.series.get(name).copied().unwrap_or(0.0);
        if minutes >= 1.0 { (rise / minutes).max(0.0) } else { 0.0 }
    }
}

/// The series of a page of metrics, each with these labels added. What is not a finite number is
/// left out: promtool has no way to write it.
pub(crate) fn series_of(page: &str, labels: &str) -> Vec<(String, f64)> {
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let mut series = Vec::new();
    for line in lines {
        let Some((name, value)) = line.rsplit_once(' ') else { continue };
        let Some(value) = value.parse::<f64>().ok().filter(|v| v.is_finite()) else { continue };
        let name = match name.strip_suffix('}') {
            Some(open) => format!("{open},{labels}}}"),
            None => format!("{name}{{{labels}}}"),
        };
        series.push((name, value));
    }
    series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_metrics_becomes_series_of_its_job() {
        let page = "# HELP a b\na 1\nb{x=\"y z\"} 2.5\nc +Inf\n";
        let found = series_of(page, "job=\"j\"");
        let wanted = [("a{job=\"j\"}", 1.0), ("b{x=\"y z\",job=\"j\"}", 2.5)];
        assert_eq!(found, wanted.map(|(name, value)| (name.to_owned(), value)));
    }

    #[test]
    fn a_counter_goes_on_as_since_the_scrape_before_and_a_gauge_stays() {
        let scrape = |at, value: f64| Scrape {
            at,
            series: [("a_total{}", value), ("b{}", value)].map(|(n, v)| (n.to_owned(), v)).into(),
        };
        let (before, now) = (scrape(0, 10.0), scrape(120_000, 16.0));
        assert!((now.slope("a_total{}", 16.0, Some(&before)) - 3.0).abs() < 1e-9);
        for (name, before) in [("b{}", Some(&before)), ("a_total{}", None)] {
            assert!(now.slope(name, 16.0, before).abs() < 1e-9, "{name}");
        }
    }
}
