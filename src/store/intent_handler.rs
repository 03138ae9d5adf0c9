//! Where intents are decided: read, decide, commit; on a conflict read and decide again.

use crate::catalog::Catalog;
use crate::intent::{Found, Intent, Records, Rejection, Reply, decide, needs};
use crate::ports::{Clock, Entropy, IntentHandler, Store, StoreError, Timekeeper};
use async_trait::async_trait;
use std::sync::Arc;
use tokio::sync::watch;

/// The intent handler over a store.
pub struct StoreIntentHandler {
    store: Arc<dyn Store>,
    catalog: watch::Receiver<Arc<Catalog>>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    time: Arc<dyn Timekeeper>,
}

impl StoreIntentHandler {
    /// A handler that decides by the newest catalog and snapshot.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        catalog: watch::Receiver<Arc<Catalog>>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        time: Arc<dyn Timekeeper>,
    ) -> Self {
        Self { store, catalog, clock, entropy, time }
    }

    async fn once(&self, intent: &Intent) -> Result<Result<Reply, Rejection>, StoreError> {
        let snapshot = self.store.snapshot();
        let mut found = Found::new();
        // The moment of the decision is that of the last look, at which nothing was missing: a day may
        // end while records are read.
        let reading = loop {
            let reading = self.time.reading();
            let keys = needs(&snapshot, &found, intent, reading.now);
            if keys.is_empty() {
                break reading;
            }
            for key in keys {
                let record = self.store.get(&key).await?;
                found.insert(key, record);
            }
        };
        let now = reading.now;
        let ids = self.entropy.fresh_ids(now);
        let catalog = Arc::clone(&self.catalog.borrow());
        let records = Records { snapshot: &snapshot, found: &found, in_doubt: reading.in_doubt() };
        let (edits, reply) = match decide(&records, &catalog, intent, now, &ids) {
            Ok(decided) => decided,
            Err(rejection) => return Ok(Err(rejection)),
        };
        if !edits.is_empty() {
            self.clock.crash_point("intents.before_commit");
            self.store.txn(edits).await?;
            self.clock.crash_point("intents.after_commit");
        }
        Ok(Ok(reply))
    }
}

#[async_trait]
impl IntentHandler for StoreIntentHandler {
    async fn submit(&self, intent: Intent) -> Result<Reply, Rejection> {
        // Somebody always wins a conflict, so this ends; there is no bound to run into.
        loop {
            match self.once(&intent).await {
                Ok(result) => {
                    if let Err(rejection) = &result {
                        tracing::info!(
                            intent.verb = intent.verb(),
                            intent.rejection = rejection.code(),
                            "an intent was refused"
                        );
                    }
                    return result;
                }
                Err(StoreError::Conflict(_)) => {}
                Err(error) => {
                    tracing::error!(intent.verb = intent.verb(), %error, "an intent was not stored");
                    return Err(Rejection::StoreUnavailable);
                }
            }
        }
    }
}
