//! Many clients in one request.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nebulalinks_protocol::{
    BatchAnswer, BatchDelete, BatchItem, BatchRequest, BatchResult, Expect, PutRequest,
    WriteOutcome,
};

use super::{Live, holds};

/// As many clients on each kind of inbound.
const EACH: usize = 8;

impl Live {
    /// Writes them in one request; each must change something.
    async fn apply_all(&self, items: Vec<BatchItem>) {
        let asked = items.len();
        let body = BatchRequest { fence: self.fence, items, store: None };
        let answer = self.caller.ask("POST", "/v1/clients/batch", &body).await;
        let answer: BatchAnswer = answer.result().unwrap();
        assert_eq!(answer.results.len(), asked);
        for (n, result) in answer.results.iter().enumerate() {
            assert!(
                matches!(result, BatchResult::Done { outcome: WriteOutcome::Applied, .. }),
                "{n}: {result:?}"
            );
        }
    }
}

#[tokio::test]
#[ignore = "needs a live panel"]
async fn a_batch_is_as_if_each_were_written_alone() {
    holds(async |live| {
        let mut wishes: Vec<PutRequest> = Vec::new();
        for kind in live.kinds() {
            let names = (0..EACH).map(|n| format!("{}-{n}", kind.name()));
            wishes.extend(names.map(|name| {
                let mut wish = live.wish(&name, &[kind]);
                wish.client.secret = URL_SAFE_NO_PAD.encode(wish.client.uuid.as_bytes().repeat(2));
                wish
            }));
        }
        live.apply_all(wishes.iter().cloned().map(BatchItem::from).collect()).await;
        for wish in &wishes {
            live.settled(wish).await;
        }
        // Half of them are changed while the others go.
        let mut stay = Vec::new();
        let mut items = Vec::new();
        for (n, mut wish) in wishes.into_iter().enumerate() {
            let uuid = wish.client.uuid;
            if n % 2 == 0 {
                items.push(BatchItem::Delete(BatchDelete { email: wish.client.email, uuid }));
                continue;
            }
            wish.expect = Expect::Uuid(uuid);
            match n % 4 {
                1 => wish.client.enable = false,
                _ => wish.client.end = live.days(60),
            }
            items.push(wish.clone().into());
            stay.push(wish);
        }
        live.apply_all(items).await;
        for wish in &stay {
            live.settled(wish).await;
        }
        let of_this_run = async || {
            let list = live.list().await;
            list.clients.iter().filter(|c| c.email.starts_with(&live.email(""))).count()
        };
        assert_eq!(of_this_run().await, stay.len());
        // Also whoever is the last of an inbound.
        let last = stay.into_iter().map(|wish| {
            let (email, uuid) = (wish.client.email, wish.client.uuid);
            BatchItem::Delete(BatchDelete { email, uuid })
        });
        live.apply_all(last.collect()).await;
        assert_eq!(of_this_run().await, 0);
    })
    .await;
}
