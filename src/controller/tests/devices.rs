//! From where an account is connected, asked of its servers.

use super::test_panels::TestPanels;
use crate::controller::AskDevices;
use crate::model::{Binding, Disposition, Edits, ServerId};
use crate::ports::{Devices as _, Store as _};
use crate::store::MemoryStore;
use crate::view::ConnectedFrom;
use crate::view::sample::{NOW, account_id, catalog, served_account};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_holds_up_nobody_and_the_others_say_what_they_know() {
    let store = Arc::new(MemoryStore::new());
    store.txn(served_account(1, true)).await.unwrap();
    let bound = |server: &str| Binding {
        account: account_id(1),
        server: server.parse().unwrap(),
        disposition: Disposition::Leaving,
        bound_at: NOW,
    };
    let mut edits = Edits::new();
    for server in ["ams-1", "not-in-the-files"] {
        edits.put(bound(server));
    }
    store.txn(edits).await.unwrap();
    let from: Vec<IpAddr> = vec![[192, 0, 2, 7].into()];
    let fra: ServerId = "fra-1".parse().unwrap();
    let connected = BTreeMap::from([(fra.clone(), from.clone())]);
    let panels = Arc::new(TestPanels { connected, ..TestPanels::default() });
    let mut catalog = catalog();
    let another = catalog.servers.get(&fra).cloned().unwrap();
    catalog.servers.insert(
        "ams-1".parse().unwrap(),
        crate::catalog::Server { id: "ams-1".parse().unwrap(), ..another },
    );
    let ask = AskDevices::new(store, panels, watch::channel(Arc::new(catalog)).1);
    let began = Instant::now();
    let told = ask.connected_from(account_id(1)).await;
    assert!(began.elapsed() < Duration::from_millis(1_500), "it is answered at once");
    let said =
        |server: &str, addresses| ConnectedFrom { server: server.parse().unwrap(), addresses };
    assert_eq!(
        told,
        [said("ams-1", None), said("fra-1", Some(from)), said("not-in-the-files", None)]
    );
    assert!(!format!("{told:?}").contains("192.0.2.7"), "no log says where somebody is");
    assert_eq!(ask.connected_from(account_id(9)).await, []);
}
