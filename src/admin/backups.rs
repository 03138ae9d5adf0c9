//! How the service's own backups went, as numbers.

use super::sources::{Admin, Backups};
use prometheus::{Gauge, IntCounter, Registry};

pub(super) fn register(registry: &Registry, admin: &Admin) -> Result<(), prometheus::Error> {
    let Some(seen) = &admin.backups else { return Ok(()) };
    let Backups { every, last, since, failures } = seen();
    let age = admin.time.reading().now.since(last.unwrap_or(since));
    let gauge = |name: &str, help: &str, value: f64| {
        let gauge = Gauge::new(name, help)?;
        gauge.set(value);
        registry.register(Box::new(gauge))
    };
    gauge(
        "nebulalinks_backup_age_seconds",
        "Seconds since the newest good backup of the service's own was made; without any, since the start.",
        age.to_std().as_secs_f64(),
    )?;
    gauge(
        "nebulalinks_backup_every_seconds",
        "How often the service is to make a backup.",
        every.to_std().as_secs_f64(),
    )?;
    let failed = IntCounter::new(
        "nebulalinks_backup_failures_total",
        "Backups of the service's own that failed since the start; each is tried again.",
    )?;
    failed.inc_by(failures);
    registry.register(Box::new(failed))
}

#[cfg(test)]
mod tests {
    use super::super::doubles::admin;
    use super::*;
    use crate::model::{DurationMs, UnixMs};
    use crate::store::MemoryStore;
    use prometheus::{Encoder as _, TextEncoder};
    use std::sync::Arc;

    fn text(last: Option<UnixMs>) -> String {
        let mut admin = admin(Arc::new(MemoryStore::new()), UnixMs(100_000));
        let seen = Backups { every: DurationMs(60_000), last, since: UnixMs(40_000), failures: 2 };
        admin.backups = Some(Arc::new(move || seen.clone()));
        let registry = Registry::new();
        register(&registry, &admin).unwrap();
        let mut out = Vec::new();
        TextEncoder::new().encode(&registry.gather(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_shop_without_a_good_backup_counts_from_its_start() {
        assert!(text(None).contains("\nnebulalinks_backup_age_seconds 60\n"), "{}", text(None));
        let later = text(Some(UnixMs(90_000)));
        assert!(later.contains("\nnebulalinks_backup_age_seconds 10\n"), "{later}");
        assert!(later.contains("\nnebulalinks_backup_failures_total 2\n"), "{later}");
        assert!(later.contains("\nnebulalinks_backup_every_seconds 60\n"), "{later}");
    }
}
