//! From where an account is connected, asked of its servers.

use super::test_panels::TestPanels;
use crate::controller::AskDevices;
use crate::model::{Binding, Disposition, Edits, ServerId};
use crate::ports::{Devices as _, Store as _};
use crate::store::MemoryStore;
use crate::view::sample::{NOW, account_id, catalog, connected_from, served_account};
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
    for server in ["ams-1", "not-in-the-files", "of-before"] {
        edits.put(bound(server));
    }
    store.txn(edits).await.unwrap();
    let from: Vec<IpAddr> = vec![[192, 0, 2, 7].into()];
    let fra: ServerId = "fra-1".parse().unwrap();
    let connected =
        BTreeMap::from([(fra.clone(), Some(from.clone())), ("of-before".parse().unwrap(), None)]);
    let panels = Arc::new(TestPanels { connected, ..TestPanels::default() });
    let mut catalog = catalog();
    let another = catalog.servers.get(&fra).cloned().unwrap();
    for id in ["ams-1", "of-before"].map(|id| id.parse::<ServerId>().unwrap()) {
        let server = crate::catalog::Server { id: id.clone(), ..another.clone() };
        catalog.servers.insert(id, server);
    }
    let ask = AskDevices::new(store, panels, watch::channel(Arc::new(catalog)).1);
    let began = Instant::now();
    let told = ask.connected_from(account_id(1)).await;
    assert!(began.elapsed() < Duration::from_millis(1_500), "it is answered at once");
    let expected = [
        connected_from("ams-1", None),
        connected_from("fra-1", Some(from)),
        connected_from("not-in-the-files", None),
        connected_from("of-before", None),
    ];
    assert_eq!(told, expected);
    assert!(!format!("{told:?}").contains("192.0.2.7"), "no log says where somebody is");
    assert_eq!(ask.connected_from(account_id(9)).await, []);
}
