//! The processes: which run, how often each was started, and which alerts fire.

use super::super::person::Person;
use super::super::world::World;
use crate::process::Process;
use serde_json::{Value, json};

/// The processes and the alerts.
pub(super) async fn state(world: &World, _: Person) -> Value {
    let system = world.system();
    let metrics = format!("http://{}/metrics", system.settings.metrics);
    let mut processes = vec![process(&system.controller, &metrics)];
    for server in system.servers.values() {
        let metrics = format!("http://{}/metrics", server.metrics_at);
        processes.push(process(&server.gateway, &metrics));
    }
    json!({ "processes": processes, "alerts": world.beside().alerts() })
}

fn process(process: &Process, metrics: &str) -> Value {
    let state = process.state();
    json!({
        "name": process.spec.name,
        "running": state.running,
        "starts": state.starts,
        "pid": state.pid,
        "ended": state.ended,
        "keeps_dying": process.keeps_dying(),
        "metrics": metrics,
    })
}
