//! What `check` says before a gateway serves.

use nebulalinks_gateway::check::{Report, Verdict, check};
use nebulalinks_gateway::{Config, Env, Gateway, KeySource};
use nebulalinks_model_panel::{Fault, XrayState};

use crate::support::{TestClock, World, private, told};

async fn report(world: &World, change: impl FnOnce(&mut Config)) -> Report {
    let mut config = told(world.target(), &world.keys, world.state.path());
    config.edge.trusted_proxies = "127.0.0.1".parse().unwrap();
    config.edge.allow = "203.0.113.7".parse().unwrap();
    config.edge.own = "gw.example.net:8443".parse().unwrap();
    change(&mut config);
    let clock: TestClock = world.clock.clone();
    let env = Env { clock: std::sync::Arc::new(clock), ..Default::default() };
    check(&config, &env).await
}

/// What the check says of a step that failed.
fn failed(report: &Report, name: &str) -> String {
    let step = report.step(name).unwrap_or_else(|| panic!("no {name}: {report}"));
    assert_eq!(step.verdict, Verdict::Failed, "{report}");
    assert!(!step.advice.is_empty(), "{report}");
    assert_eq!(report.verdict(), Verdict::Failed);
    step.found.clone()
}

#[tokio::test]
async fn a_gateway_that_works_is_told_so_step_by_step_and_nothing_is_changed() {
    let world = World::new().await;
    world.panel.add_foreign("bob").unwrap();
    let report = report(&world, |_| {}).await;
    assert_eq!(report.verdict(), Verdict::Ok, "{report}");
    for name in [
        "configuration",
        "who may knock",
        "name",
        "keys",
        "state folder",
        "clock",
        "panel",
        "credentials",
        "generation",
        "xray",
        "inbounds",
        "list",
    ] {
        assert!(report.step(name).is_some(), "{name}: {report}");
    }
    assert!(report.step("list").unwrap().found.starts_with("1 clients, 0 of them with our mark"));
    assert!(!report.to_string().contains("panel-token"));
    assert_eq!(world.panel.api_writes(), 0);
}

#[tokio::test]
async fn what_does_not_work_is_told_at_its_step_with_what_to_do() {
    let world = World::new().await;
    world.panel.set_xray(XrayState::Failed);
    assert!(failed(&report(&world, |_| {}).await, "xray").contains("does not start"));
    world.panel.faults().set(Fault::Unauthorized);
    assert!(failed(&report(&world, |_| {}).await, "credentials").contains("API token"));
    world.panel.faults().clear();
    world.panel.faults().set(Fault::LoginPage);
    failed(&report(&world, |_| {}).await, "panel");
    world.panel.faults().clear();
    world.panel.faults().set(Fault::Down);
    failed(&report(&world, |_| {}).await, "panel");
    let missing = world.state.path().join("no-keys");
    let no_keys = report(&world, |c| c.keys = KeySource::File(missing)).await;
    assert!(failed(&no_keys, "keys").contains("no-keys"));
    let open = report(&world, |c| c.listen = "0.0.0.0:8461".parse().unwrap()).await;
    assert!(failed(&open, "configuration").contains("--tls-cert"));
    assert!(open.step("panel").is_none(), "nothing is sent to a panel by a refused configuration");
    world.clock.0.store(0, std::sync::atomic::Ordering::SeqCst);
    failed(&report(&world, |_| {}).await, "clock");
}

#[tokio::test]
async fn keys_that_others_can_read_start_no_gateway_and_say_the_command() {
    use nebulalinks_protocol::KeySet;
    use secrecy::ExposeSecret as _;
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new().await;
    let file = world.state.path().join("open-keys");
    private(&file, KeySet::one(world.keys.clone()).text().expose_secret());
    let mut config = told(world.target(), &world.keys, &world.state.path().join("second"));
    config.keys = KeySource::File(file.clone());
    let mode =
        |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    let command = format!("`chmod 0400 {}`", file.display());
    for open in [0o644, 0o404, 0o420] {
        mode(open);
        let error = Gateway::open(&config, Env::default()).unwrap_err().to_string();
        assert!(error.contains(&command), "{error}");
        let said = report(&world, |c| c.keys = KeySource::File(file.clone())).await;
        assert!(failed(&said, "keys").contains(&command), "{said}");
    }
    mode(0o440);
    Gateway::open(&config, Env::default()).unwrap();
    // A file that is too large is never read whole.
    mode(0o600);
    std::fs::File::options().write(true).open(&file).unwrap().set_len(1 << 40).unwrap();
    let error = Gateway::open(&config, Env::default()).unwrap_err().to_string();
    assert!(error.contains("larger than"), "{error}");
}
