//! `POST /v1/clients/batch`: many writes in one signed request, with a result for each.
//!
//! An item is `{"put": {…}}` or `{"delete": {…}}`; a result is `{"done": {…}}` or
//! `{"failed": {…}}`, at the same place as its item. A body that cannot be read at all is refused
//! as a whole, with a [`Problem`] as of any other request.

use serde::{Deserialize, Serialize};

use crate::HistoryPoint;
use crate::problem::Problem;
use crate::types::{Client, DeleteRequest, Desired, Expect, Panel};
use crate::{PutRequest, WriteOutcome};

/// The body of a batch: 1 to [`crate::MAX_BATCH`] items, each about another client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BatchRequest {
    /// The current claim's fence.
    pub fence: u64,
    /// What is asked. The gateway may do it in another order: no client is named twice.
    pub items: Vec<BatchItem>,
    /// Where the writing store's history stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<HistoryPoint>,
}

/// One write of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BatchItem {
    /// As `PUT /v1/clients/{email}`.
    Put(Box<BatchPut>),
    /// As `DELETE /v1/clients/{email}`.
    Delete(BatchDelete),
}

/// A [`PutRequest`] without its fence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BatchPut {
    /// What must be there before.
    pub expect: Expect,
    /// What is wanted.
    pub client: Desired,
    /// The inbounds it must be on, exactly: remarks or numeric ids.
    pub inbounds: Vec<String>,
    /// The name under which the client is there now, where that is somebody's own: it is adopted, by an
    /// update that names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The name under which it is there from now on, not one of the shop's: it is given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// A [`DeleteRequest`] without its fence.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BatchDelete {
    /// The client's name.
    pub email: String,
    /// The client that is meant.
    pub uuid: uuid::Uuid,
}

impl std::fmt::Debug for BatchDelete {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BatchDelete").field("email", &self.email).finish_non_exhaustive()
    }
}

impl BatchItem {
    /// The name of the client that this write is about.
    #[must_use]
    pub fn email(&self) -> &str {
        match self {
            Self::Put(put) => &put.client.email,
            Self::Delete(delete) => &delete.email,
        }
    }
}

impl BatchPut {
    /// The same as a request of its own.
    #[must_use]
    pub fn request(&self, fence: u64) -> PutRequest {
        PutRequest {
            fence,
            expect: self.expect,
            client: self.client.clone(),
            inbounds: self.inbounds.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            store: None,
        }
    }
}

impl From<PutRequest> for BatchItem {
    fn from(request: PutRequest) -> Self {
        let PutRequest { fence: _, expect, client, inbounds, from, to, store: _ } = request;
        Self::Put(Box::new(BatchPut { expect, client, inbounds, from, to }))
    }
}

impl BatchDelete {
    /// The same as the body of a request of its own.
    #[must_use]
    pub const fn request(&self, fence: u64) -> DeleteRequest {
        DeleteRequest { fence, uuid: self.uuid, store: None }
    }
}

/// The answer to a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchAnswer {
    /// The gateway's clock, in ms since 1970.
    pub clock_ms: u64,
    /// The panel; `None` only when no item was done.
    pub panel: Option<Panel>,
    /// A result for each item, in the order of the items.
    pub results: Vec<BatchResult>,
}

/// How one write of a batch ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BatchResult {
    /// It is as asked, and was read back.
    Done {
        /// How it ended.
        outcome: WriteOutcome,
        /// The client as read back; `None` after a delete.
        client: Option<Client>,
    },
    /// It is not. `fenced`, `expired` and `not_attempted`: this item was not begun.
    Failed(Problem),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_reads_as_it_is_documented_and_nothing_else() {
        let delete = r#"{"delete":{"email":"nl-a","uuid":"5783c26d-7a1b-4c3e-9f00-0123456789ab"}}"#;
        let put = r#"{"put":{"expect":"absent","inbounds":["1"],"client":{"email":"nl-b",
            "uuid":"5783c26d-7a1b-4c3e-9f00-0123456789ab","sub_id":"k3v9q2m8","secret":"s",
            "enable":true,"end":"never","cap":{"bytes":5},"ip_limit":0,"comment":""}}}"#;
        let read = |items: &str| {
            serde_json::from_str::<BatchRequest>(&format!(r#"{{"fence":7,"items":[{items}]}}"#))
        };
        let batch = read(&format!("{delete},{put}")).unwrap();
        assert_eq!(batch.items.iter().map(BatchItem::email).collect::<Vec<_>>(), ["nl-a", "nl-b"]);
        for bad in [
            delete.replace("delete", "drop"),
            delete.replace("\"uuid\"", "\"fence\":7,\"uuid\""),
            put.replace(r#""bytes":5"#, r#""bytes":0"#),
        ] {
            assert!(read(&bad).is_err(), "{bad}");
        }
    }
}
