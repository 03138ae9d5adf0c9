//! A write says which panel it was decided for, and does nothing on another one, whoever has looked at that
//! one meanwhile.

use nebulalinks_model_panel::{ModelPanel, PanelVersion};
use nebulalinks_protocol::{
    BatchAnswer, BatchItem, BatchRequest, BatchResult, DeleteRequest, ErrorCode, Expect, Health,
    Notice, Problem, PutRequest, RestartAnswer, RestartRequest, WriteAnswer, WriteOutcome,
    decided_for,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::batches::create;
use crate::scripts::{new_client, post, stats};
use crate::support::{EMAIL, World, uuid};

const VERSIONS: [PanelVersion; 2] = [PanelVersion::V3_4_2, PanelVersion::Head];
const OURS: &str = "guid-1";
const STRANGER: &str = "a guid/of a=stranger&co";

impl World {
    /// A write that was decided for the panel with this identity.
    async fn for_panel<T: DeserializeOwned>(
        &self,
        panel: &str,
        (method, path): (&str, &str),
        body: &impl Serialize,
    ) -> Result<T, Box<Problem>> {
        self.ask(method, &format!("{path}?{}", decided_for(panel)), body).await.result()
    }

    async fn put_for(&self, panel: &str, body: &PutRequest) -> Result<WriteAnswer, Box<Problem>> {
        self.for_panel(panel, ("PUT", &format!("/v1/clients/{EMAIL}")), body).await
    }

    async fn delete_for(&self, panel: &str, fence: u64) -> Result<WriteAnswer, Box<Problem>> {
        let body = DeleteRequest { fence, uuid: uuid(), store: None };
        self.for_panel(panel, ("DELETE", &format!("/v1/clients/{EMAIL}")), &body).await
    }

    async fn restart_for(&self, panel: &str, fence: u64) -> Result<RestartAnswer, Box<Problem>> {
        self.asked_to_restart.store(true, std::sync::atomic::Ordering::Relaxed);
        let body = RestartRequest { fence, store: None };
        self.for_panel(panel, ("POST", "/v1/xray/restart"), &body).await
    }

    async fn batch_for(
        &self,
        panel: &str,
        fence: u64,
        items: Vec<BatchItem>,
    ) -> Result<BatchAnswer, Box<Problem>> {
        let body = BatchRequest { fence, items, store: None };
        self.for_panel(panel, ("POST", "/v1/clients/batch"), &body).await
    }
}

/// Somebody installs the panel anew.
fn swap(panel: &ModelPanel) {
    panel.wipe();
    panel.replace_guid(STRANGER);
}

fn hundred(from: usize) -> Vec<BatchItem> {
    (from..from + 100).map(create).collect()
}

/// Why each was not done; `None` of one that was.
fn codes(answer: &BatchAnswer) -> Vec<Option<ErrorCode>> {
    let code = |result: &BatchResult| match result {
        BatchResult::Done { .. } => None,
        BatchResult::Failed(problem) => Some(problem.code),
    };
    answer.results.iter().map(code).collect()
}

#[tokio::test]
async fn a_panel_that_is_swapped_in_the_middle_of_a_pass_gets_nothing_of_its_rest() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let fence = world.claim().await;
        let scripts = world.scripts();
        let one = crate::batches::email(3);
        let first = world.batch_for(OURS, fence, hundred(0)).await.unwrap();
        assert_eq!(codes(&first), [None; 100]);
        stats(&scripts, &one).await.unwrap();
        swap(&world.panel);
        // A script polls, another controller lists, and one client is looked at.
        assert_eq!(stats(&scripts, &one).await.unwrap_err().code, ErrorCode::NotFound);
        assert_eq!(world.list().await.unwrap().panel.identity, STRANGER);
        assert_eq!(world.ask("GET", &format!("/v1/clients/{one}"), &()).await.status, 200);
        for from in [100, 200] {
            let answer = world.batch_for(OURS, fence, hundred(from)).await.unwrap();
            assert_eq!(codes(&answer), [Some(ErrorCode::AnotherPanel); 100]);
        }
        assert_eq!((world.panel.clients().len(), world.panel.api_writes()), (0, 100));
        let answer = world.batch_for(STRANGER, fence, hundred(100)).await.unwrap();
        assert_eq!(codes(&answer), [None; 100]);
        assert_eq!(world.panel.clients().len(), 100, "it was decided for this one");
    }
}

/// The identity is asked for after the list that the gateway judges by, so that no list is too long.
#[tokio::test]
async fn a_panel_that_is_swapped_while_the_gateway_reads_it_gets_nothing() {
    for version in VERSIONS {
        for reads in 0..3_u32 {
            let world = World::of(version).await;
            let fence = world.claim().await;
            world.list().await.unwrap();
            let (panel, mut left) = (world.panel.clone(), reads);
            world.points.at("gateway.read.before_panel", move || match left {
                0 => swap(&panel),
                _ => left -= 1,
            });
            let answer = world.batch_for(OURS, fence, hundred(0)).await.unwrap();
            world.points.calm();
            // Before the list, between the list and the identity, or after both, once it was written.
            let refused = codes(&answer) == [Some(ErrorCode::AnotherPanel); 100];
            assert_eq!(refused, reads < 2, "{:?}", answer.results[0]);
            assert_eq!(world.panel.api_writes(), if refused { 0 } else { 100 });
        }
    }
}

/// What was sent went to the panel that was named, and what became of it nobody knows: whoever answers by
/// then is asked for nothing, and vouches for nothing.
#[tokio::test]
async fn a_panel_that_is_swapped_between_a_write_and_its_reading_gets_no_further_step() {
    for version in VERSIONS {
        // One client, whether read alone or in the list, and many.
        for listed in [false, true] {
            let world = World::of(version).await;
            let fence = world.claim().await;
            if listed {
                world.list().await.unwrap();
            }
            let panel = world.panel.clone();
            world.points.at("gateway.add.after_panel", move || swap(&panel));
            let wish = world.wish(fence, Expect::Absent);
            let problem = world.put_for(OURS, &wish).await.unwrap_err();
            assert_eq!(problem.code, ErrorCode::UnknownOutcome, "{}", problem.detail);
            assert_eq!((world.panel.clients().len(), world.panel.api_writes()), (0, 1));
        }
        let world = World::of(version).await;
        let fence = world.claim().await;
        let panel = world.panel.clone();
        world.points.at("gateway.bulk_create.after_panel", move || swap(&panel));
        let answer = world.batch_for(OURS, fence, hundred(0)).await.unwrap();
        world.points.calm();
        assert_eq!(codes(&answer), [Some(ErrorCode::UnknownOutcome); 100]);
        assert_eq!(world.panel.clients().len(), 0, "all went to the one that was named");
        // The same clients, under another identity: what it says of them is no answer.
        let world = World::of(version).await;
        let fence = world.claim().await;
        world.put_for(OURS, &world.wish(fence, Expect::Absent)).await.unwrap();
        let mut off = world.wish(fence, Expect::Uuid(uuid()));
        off.client.enable = false;
        let panel = world.panel.clone();
        world.points.at("gateway.disable.after_panel", move || panel.replace_guid(STRANGER));
        let problem = world.put_for(OURS, &off).await.unwrap_err();
        assert_eq!(problem.code, ErrorCode::UnknownOutcome, "{}", problem.detail);
    }
}

#[tokio::test]
async fn no_put_delete_or_restart_goes_to_another_panel_than_it_names() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let fence = world.claim().await;
        world.put_for(OURS, &world.wish(fence, Expect::Absent)).await.unwrap();
        let again = world.wish(fence, Expect::Uuid(uuid()));
        assert_eq!(
            world.put_for(OURS, &again).await.unwrap().outcome,
            WriteOutcome::Unchanged,
            "and on this one"
        );
        // The same clients, under another identity: a copy of the database.
        world.panel.replace_guid(STRANGER);
        world.list().await.unwrap();
        let writes = world.panel.api_writes();
        let refused = [
            world.put_for(OURS, &again).await.unwrap_err(),
            world.delete_for(OURS, fence).await.unwrap_err(),
            world.restart_for(OURS, fence).await.unwrap_err(),
        ];
        for problem in refused {
            assert_eq!(problem.code, ErrorCode::AnotherPanel);
            assert!(problem.detail.contains("nothing was done"), "{}", problem.detail);
        }
        assert_eq!((world.panel.api_writes(), world.panel.xray_restarts()), (writes, 0));
        world.restart_for(STRANGER, fence).await.unwrap();
        assert_eq!(world.panel.xray_restarts(), 1);
        world.delete_for(STRANGER, fence).await.unwrap();
        assert!(world.panel.client(EMAIL).is_none());
    }
}

/// A script, or a controller of before, knows no identities. What it says goes to the panel that the
/// controller wrote to last, by its name.
#[tokio::test]
async fn what_names_no_panel_waits_until_the_controller_has_named_another_one() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let fence = world.claim().await;
        let scripts = world.scripts();
        world.put(&world.wish(fence, Expect::Absent)).await.unwrap();
        post(&scripts, "create", new_client()).await.unwrap();
        world.panel.replace_guid(STRANGER);
        let again = world.wish(fence, Expect::Uuid(uuid()));
        for _ in 0..2 {
            let refused = world.put(&again).await.unwrap_err();
            assert_eq!(refused.code, ErrorCode::PanelRefused);
            assert!(refused.detail.contains("was replaced"), "{}", refused.detail);
            let refused = world.restart_xray(fence).await.unwrap_err();
            assert_eq!(refused.code, ErrorCode::PanelRefused);
            let disable = serde_json::json!({ "email": "bob" });
            let refused = post(&scripts, "disable", disable).await.unwrap_err();
            assert_eq!(refused.code, ErrorCode::PanelRefused);
            let health: Health = world.ask("GET", "/v1/health", &()).await.json();
            assert_eq!(health.panel.unwrap().notices, [Notice::IdentityChanged]);
            // A look makes nothing ours, and a script that names it only does what it asks for.
            assert_eq!(world.list().await.unwrap().panel.notices, [Notice::IdentityChanged]);
            stats(&scripts, "bob").await.unwrap();
            let path = format!("disable?{}", decided_for(STRANGER));
            post(&scripts, &path, serde_json::json!({ "email": "bob" })).await.unwrap();
        }
        assert_eq!(world.panel.xray_restarts(), 0);
        world.put_for(STRANGER, &again).await.unwrap();
        let health: Health = world.ask("GET", "/v1/health", &()).await.json();
        assert_eq!(health.panel.unwrap().notices, [], "it is ours now");
        world.put(&again).await.unwrap();
        post(&scripts, "delete", serde_json::json!({ "email": "bob" })).await.unwrap();
    }
}

#[tokio::test]
async fn a_query_that_names_no_panel_is_no_write() {
    let world = World::new().await;
    let fence = world.claim().await;
    let request = world.wish(fence, Expect::Absent);
    for query in ["panel", "pannel=guid-1", "panel=%ff", "unreadable=named", ""] {
        let path = format!("/v1/clients/{EMAIL}?{query}");
        let problem: Result<WriteAnswer, Box<Problem>> =
            world.ask("PUT", &path, &request).await.result();
        assert_eq!(problem.unwrap_err().code, ErrorCode::Invalid, "{query}");
    }
    for named in ["", "guid-2", &"x".repeat(2_000)] {
        let problem = world.put_for(named, &request).await.unwrap_err();
        assert_eq!(problem.code, ErrorCode::AnotherPanel);
        assert!(problem.detail.len() < 200, "{}", problem.detail);
    }
    assert_eq!(world.panel.api_writes(), 0);
}
