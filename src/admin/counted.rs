//! A histogram that was counted elsewhere, as Prometheus collects it.

use crate::controller::Histogram;
use prometheus::core::{Collector, Desc};
use prometheus::proto::{self, MetricFamily, MetricType};

/// One histogram for each value of its one label.
pub(super) struct Counted {
    desc: Desc,
    family: MetricFamily,
}

impl Counted {
    pub(super) fn new(
        name: &str,
        help: &str,
        label: &str,
        counted: impl IntoIterator<Item = (impl Into<String>, Histogram)>,
    ) -> Result<Self, prometheus::Error> {
        let metrics = counted.into_iter().map(|(value, times)| {
            let mut pair = proto::LabelPair::default();
            pair.set_name(label.to_owned());
            pair.set_value(value.into());
            let mut metric = proto::Metric::default();
            metric.set_label(vec![pair]);
            metric.set_histogram(in_seconds(&times));
            metric
        });
        let mut family = MetricFamily::default();
        family.set_name(name.to_owned());
        family.set_help(help.to_owned());
        family.set_field_type(MetricType::HISTOGRAM);
        family.set_metric(metrics.collect());
        let desc = Desc::new(name.into(), help.into(), vec![label.to_owned()], Default::default())?;
        Ok(Self { desc, family })
    }
}

fn in_seconds(times: &Histogram) -> proto::Histogram {
    let buckets = times.buckets().map(|(bound, count)| {
        let mut bucket = proto::Bucket::default();
        bucket.set_upper_bound(bound.to_std().as_secs_f64());
        bucket.set_cumulative_count(count);
        bucket
    });
    let mut histogram = proto::Histogram::default();
    histogram.set_bucket(buckets.collect());
    histogram.set_sample_count(times.count());
    histogram.set_sample_sum(times.sum().to_std().as_secs_f64());
    histogram
}

impl Collector for Counted {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.desc]
    }
    fn collect(&self) -> Vec<MetricFamily> {
        vec![self.family.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DurationMs;
    use prometheus::{Encoder as _, Registry, TextEncoder};

    #[test]
    fn a_histogram_is_written_in_seconds_with_its_label_and_nothing_is_where_nothing_was_counted() {
        let page = |counted: Vec<(&str, Histogram)>| {
            let registry = Registry::new();
            let counted = Counted::new("x_seconds", "Times.", "lane", counted).unwrap();
            registry.register(Box::new(counted)).unwrap();
            let mut out = Vec::new();
            TextEncoder::new().encode(&registry.gather(), &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let mut times = Histogram::new(&[500, 1000]);
        for ms in [400, 900, 7000] {
            times.observe(DurationMs(ms));
        }
        let expected = "# HELP x_seconds Times.\n# TYPE x_seconds histogram\n\
            x_seconds_bucket{lane=\"slow\",le=\"0.5\"} 1\n\
            x_seconds_bucket{lane=\"slow\",le=\"1\"} 2\n\
            x_seconds_bucket{lane=\"slow\",le=\"+Inf\"} 3\n\
            x_seconds_sum{lane=\"slow\"} 8.3\nx_seconds_count{lane=\"slow\"} 3\n";
        assert_eq!(page(vec![("slow", times)]), expected);
        assert_eq!(page(Vec::new()), "");
    }
}
