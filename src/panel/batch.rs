//! Many writes in one signed question. What is not known of the answer is not known of any of them.

use std::time::Duration;

use nebulalinks_protocol::{
    BatchAnswer, BatchDelete, BatchItem, BatchPut, BatchRequest, BatchResult, MAX_BATCH,
    MAX_BODY_BYTES,
};

use super::call::SignedRequest;
use super::{HttpPanels, convert, errors, is_ours};
use crate::ports::{Endpoint, PanelError, Write, WriteToken, Written};

/// How long a batch may take: within 30 s of being signed its last call to the panel starts, which
/// may take 35 s; and a margin.
const BATCH: Duration = Duration::from_secs(70);

type Results = Vec<Result<Written, PanelError>>;

impl HttpPanels {
    /// Sends these writes, in as few requests as a gateway takes.
    pub(super) async fn write_all(
        &self,
        to: &Endpoint,
        token: WriteToken<'_>,
        writes: &[Write],
    ) -> Results {
        let ours: Vec<Result<BatchItem, PanelError>> =
            writes.iter().map(|write| item(to, write)).collect();
        let items: Vec<BatchItem> = ours.iter().filter_map(|i| i.as_ref().ok()).cloned().collect();
        let mut results = Vec::with_capacity(items.len());
        for some in items.chunks(MAX_BATCH) {
            results.extend(self.send(to, token, some).await);
        }
        let mut results = results.into_iter();
        ours.into_iter()
            .map(|item| match item {
                Ok(_) => results.next().unwrap_or_else(|| Err(errors::unreadable(true))),
                Err(error) => Err(error),
            })
            .collect()
    }

    /// One request; two of half the length when it would be too large.
    async fn send(&self, to: &Endpoint, token: WriteToken<'_>, items: &[BatchItem]) -> Results {
        let store = Some(convert::history(token.at));
        let body = BatchRequest { fence: token.fence, items: items.to_vec(), store };
        let request = match SignedRequest::write("POST", "/v1/clients/batch", BATCH)
            .on(token.panel)
            .body(&body)
        {
            Ok(ask) => ask,
            Err(error) => return items.iter().map(|_| Err(error.clone())).collect(),
        };
        if request.body_length() > MAX_BODY_BYTES && items.len() > 1 {
            let (first, second) = items.split_at(items.len() / 2);
            let mut results = Box::pin(self.send(to, token, first)).await;
            results.extend(Box::pin(self.send(to, token, second)).await);
            return results;
        }
        self.clock.crash_point("panel.batch.before_send");
        let answer: Result<BatchAnswer, _> = self.call(to, &request).await;
        self.clock.crash_point("panel.batch.after_answer");
        match answer {
            Ok(answer) if answer.results.len() == items.len() => self.read(answer),
            Ok(_) => items.iter().map(|_| Err(errors::unreadable(true))).collect(),
            Err(error) => items.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    fn read(&self, answer: BatchAnswer) -> Results {
        let panel = answer.panel.map(convert::panel);
        let now_ms = self.clock.now().0;
        let read = |result| match (result, &panel) {
            (BatchResult::Done { outcome: _, client }, Some(panel)) => {
                Ok(Written { client: client.map(convert::observed), panel: panel.clone() })
            }
            (BatchResult::Done { .. }, None) => Err(errors::unreadable(true)),
            (BatchResult::Failed(problem), _) => Err(errors::problem(problem, now_ms, true)),
        };
        answer.results.into_iter().map(read).collect()
    }
}

fn item(to: &Endpoint, write: &Write) -> Result<BatchItem, PanelError> {
    match write {
        Write::Put { before, client } => {
            is_ours(to, &client.email)?;
            Ok(BatchItem::Put(Box::new(BatchPut {
                expect: convert::expect(*before),
                client: convert::desired(client),
                inbounds: client.inbounds.clone(),
                from: client.from.clone(),
                to: client.to.clone(),
            })))
        }
        Write::Delete { email, uuid } => {
            is_ours(to, email)?;
            Ok(BatchItem::Delete(BatchDelete { email: email.clone(), uuid: *uuid }))
        }
    }
}
