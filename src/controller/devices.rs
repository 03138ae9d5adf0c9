//! From where an account is connected, asked of its servers for whoever it belongs to. Nothing of it is kept: where
//! somebody is belongs into no record, log or metric.

use super::context::Context;
use crate::catalog::Catalog;
use crate::model::{AccountId, Mark, ServerId};
use crate::ports::{Devices, PanelApi, Store};
use crate::view::ConnectedFrom;
use async_trait::async_trait;
use futures::future::join_all;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long a server may take: a click is answered at once, or later in another way.
const PATIENCE: Duration = Duration::from_millis(1_200);

/// Asks through the gateways.
pub struct AskDevices {
    store: Arc<dyn Store>,
    panels: Arc<dyn PanelApi>,
    catalog: watch::Receiver<Arc<Catalog>>,
}

impl AskDevices {
    /// Of the accounts of this store.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        panels: Arc<dyn PanelApi>,
        catalog: watch::Receiver<Arc<Catalog>>,
    ) -> Self {
        Self { store, panels, catalog }
    }

    async fn ask(&self, account: AccountId, server: ServerId) -> ConnectedFrom {
        let catalog = self.catalog.borrow().clone();
        let known = catalog.servers.get(&server);
        let endpoint = known.map(|known| Context::endpoint(&catalog, known));
        let email = Mark { shop: catalog.shop.id.clone(), account }.to_string();
        let addresses = match endpoint {
            Some(to) => {
                let asked = self.panels.addresses(&to, &email);
                // Why not is known from the server's own looks.
                tokio::time::timeout(PATIENCE, asked).await.ok().and_then(Result::ok)
            }
            None => None,
        };
        ConnectedFrom { server, addresses }
    }
}

#[async_trait]
impl Devices for AskDevices {
    async fn connected_from(&self, account: AccountId) -> Vec<ConnectedFrom> {
        let snapshot = self.store.snapshot();
        let servers: Vec<ServerId> =
            snapshot.bindings(account).map(|binding| binding.server.clone()).collect();
        join_all(servers.into_iter().map(|server| self.ask(account, server))).await
    }
}
