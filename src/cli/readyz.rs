//! What the parts know of trouble, as `/readyz` shows it: one [`ReasonSource`] for each.

use crate::admin::{CatalogPage, StateDisk};
use crate::catalog::Catalog;
use crate::model::{Reason, ReasonCode, UnixMs};
use crate::ports::ReasonSource;
use crate::store::{FLOOR_MIB, FreeBytes, LOW_WATER_MIB};
use crate::watch::{Invalid, NotPulled, NotTakenUp};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;

/// Files that are invalid, and an edit that is not taken up.
pub(super) fn files(
    invalid: watch::Receiver<Option<Arc<Invalid>>>,
    not_taken_up: watch::Receiver<Option<NotTakenUp>>,
) -> ReasonSource {
    Arc::new(move || {
        let reason = |code, since_ms, (detail, remedy)| Reason {
            code,
            since: Some(UnixMs(since_ms)),
            detail,
            remedy,
        };
        let invalid = invalid.borrow();
        let invalid =
            invalid.as_ref().map(|i| reason(ReasonCode::CatalogInvalid, i.since_ms, i.in_words()));
        let waits = not_taken_up.borrow();
        let waits =
            waits.as_ref().map(|n| reason(ReasonCode::EditNotTakenUp, n.since_ms, n.in_words()));
        invalid.into_iter().chain(waits).collect()
    })
}

/// A repository that is to be followed and cannot be.
pub(super) fn pulled(said: Option<watch::Receiver<Option<NotPulled>>>) -> ReasonSource {
    Arc::new(move || {
        let trouble = said.as_ref().and_then(|said| said.borrow().clone());
        let reason = |NotPulled { since_ms, why, remedy }| Reason {
            code: ReasonCode::GitPullFailed,
            since: Some(UnixMs(since_ms)),
            detail: format!(
                "the repository of the files cannot be followed, what is checked out stays: {why}"
            ),
            remedy: remedy.to_owned(),
        };
        trouble.map(reason).into_iter().collect()
    })
}

/// Addresses that customers are given and nobody answers at.
pub(super) fn addresses(
    catalog: watch::Receiver<Arc<Catalog>>,
    listens_for_customers: bool,
) -> ReasonSource {
    Arc::new(move || {
        let given = !listens_for_customers && catalog.borrow().shop.subscription.is_some();
        let reason = || Reason {
            code: ReasonCode::AddressUnserved,
            since: None,
            detail: "shop.yaml gives customers subscription addresses, and the service does not \
                     listen for customers: their apps get no server"
                .to_owned(),
            remedy: "start the service with --public-listen 127.0.0.1:8780 behind your proxy, or \
                     take `subscription` out of shop.yaml"
                .to_owned(),
        };
        given.then(reason).into_iter().collect()
    })
}

/// What customers post, which is to be read and cannot be.
pub(super) fn posts(unread: Option<watch::Receiver<bool>>) -> ReasonSource {
    Arc::new(move || {
        let reason = || Reason {
            code: ReasonCode::PicturesUnread,
            since: None,
            detail:
                "shop.yaml has `discord.message_content: true`, and Discord refused the bot that \
                     asked for it (4014): pictures that customers post are no proofs"
                    .to_owned(),
            remedy:
                "switch Message Content on in the developer portal and restart the service, or \
                     take `discord.message_content` out of shop.yaml"
                    .to_owned(),
        };
        let is_so = unread.as_ref().is_some_and(|unread| *unread.borrow());
        is_so.then(reason).into_iter().collect()
    })
}

/// The catalog in force, and each problem of the files as an object.
pub(super) fn catalog(
    catalog: watch::Receiver<Arc<Catalog>>,
    invalid: watch::Receiver<Option<Arc<Invalid>>>,
) -> Arc<dyn Fn() -> CatalogPage + Send + Sync> {
    Arc::new(move || {
        let catalog = Arc::clone(&catalog.borrow());
        let invalid = invalid.borrow().clone();
        let problems = invalid.iter().flat_map(|i| i.problems.iter());
        let commit = catalog.commit.clone();
        let (author, subject) = commit.clone().map_or((None, None), |c| (c.author, c.subject));
        CatalogPage {
            revision: catalog.revision.clone(),
            commit: commit.map(|commit| commit.id),
            author,
            subject,
            // Texts and numbers: this cannot fail.
            problems: problems.filter_map(|p| serde_json::to_value(p).ok()).collect(),
        }
    })
}

/// The catalog in force itself.
pub(super) fn in_force(
    catalog: watch::Receiver<Arc<Catalog>>,
) -> Arc<dyn Fn() -> Arc<Catalog> + Send + Sync> {
    Arc::new(move || Arc::clone(&catalog.borrow()))
}

/// A disk of the state folder that is nearly full.
pub(super) fn disk(room: Arc<dyn Fn() -> Option<StateDisk> + Send + Sync>) -> ReasonSource {
    Arc::new(move || room().and_then(StateDisk::reason).into_iter().collect())
}

/// Room on the state folder's disk, by the marks at which the store refuses.
pub(super) fn state_disk(
    state: PathBuf,
    free: FreeBytes,
) -> Arc<dyn Fn() -> Option<StateDisk> + Send + Sync> {
    const MIB: u64 = 1 << 20;
    Arc::new(move || {
        Some(StateDisk {
            free: free(&state).ok()?,
            refuses_orders_below: LOW_WATER_MIB.saturating_mul(MIB),
            refuses_all_below: FLOOR_MIB.saturating_mul(MIB),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SubscriptionSettings;
    use crate::model::{DurationMs, HOUR_MS};
    use crate::view::sample;

    #[test]
    fn addresses_that_nobody_answers_at_are_a_reason() {
        let mut catalog = sample::catalog();
        for (given, listens, expected) in [
            (true, false, vec![ReasonCode::AddressUnserved]),
            (true, true, vec![]),
            (false, false, vec![]),
        ] {
            catalog.shop.subscription = given.then(|| SubscriptionSettings {
                url: "https://vpn.example.net".to_owned(),
                update_every: DurationMs(12 * HOUR_MS),
                title: None,
                support: None,
            });
            let source = addresses(watch::channel(Arc::new(catalog.clone())).1, listens);
            let codes: Vec<ReasonCode> = source().iter().map(|reason| reason.code).collect();
            assert_eq!(codes, expected, "{given} {listens}");
        }
    }
}
