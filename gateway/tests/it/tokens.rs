//! A token of our own: made once by a person, with a password that the gateway never has.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use nebulalinks_gateway::make_token;
use nebulalinks_model_panel::PanelVersion;
use secrecy::ExposeSecret as _;

use crate::support::{ADMIN, World, private};

/// Runs the shipped program; the panel serves meanwhile.
async fn run(world: &World, password: &Path, out: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nebulalinks-gateway"));
    command
        .env_clear()
        .args(["token", "--panel-user", ADMIN, "--panel-url", world.target().url.as_str()])
        .arg("--panel-password-file")
        .arg(password)
        .arg("--out")
        .arg(out);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_once_under_our_own_name_and_opens_the_panel() {
    let mut world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let [password, out, second] = ["password", "token", "second"].map(|n| folder.path().join(n));
    private(&password, "admin\n");

    let made = run(&world, &password, &out).await;
    assert!(made.status.success(), "{made:?}");
    let token = std::fs::read_to_string(&out).unwrap();
    assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!String::from_utf8_lossy(&made.stdout).contains(&token), "it is only in the file");
    world.restart_gateway(&token).await;
    world.advance(1_000);
    world.list().await.unwrap();

    // A token that is in use is neither overwritten nor made again.
    let again = run(&world, &password, &out).await;
    assert!(!again.status.success());
    assert_eq!(std::fs::read_to_string(&out).unwrap(), token);
    let again = run(&world, &password, &second).await;
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(!again.status.success() && said.contains("take another --name"), "{said}");
    assert!(!second.exists(), "no empty file is left");
}

#[tokio::test]
async fn one_wrong_password_is_tried_once() {
    let world = World::new().await;
    let wrong = world.target_with_password("wrong");
    // A panel blocks after the fifth failure: were more than one made here, this would be one.
    for _ in 0..4 {
        let error = make_token(&wrong, None, "ours").await.unwrap_err().to_string();
        assert!(error.contains("refused the user name"), "{error}");
        assert!(!error.contains("wrong\""), "{error}");
    }
    let token = make_token(&world.target_with_password(ADMIN), None, "ours").await.unwrap();
    assert_eq!(token.expose_secret().len(), 48);
}

#[tokio::test]
async fn a_panel_without_tokens_is_told_apart() {
    for version in [PanelVersion::V2_6_5, PanelVersion::V2_9_4] {
        let world = World::of(version).await;
        let target = world.target_with_password(ADMIN);
        let error = make_token(&target, None, "ours").await.unwrap_err().to_string();
        assert!(error.contains("a panel of v2"), "{error}");
    }
}

#[tokio::test]
async fn no_token_is_made_on_a_panel_that_is_not_supported() {
    for version in [PanelVersion::V3_0_2, PanelVersion::V3_3_0] {
        let world = World::of(version).await;
        let target = world.target_with_password(ADMIN);
        let error = make_token(&target, None, "ours").await.unwrap_err().to_string();
        assert!(error.contains("Install 3x-ui v3.5.0 or later"), "{error}");
        assert_eq!(world.panel.api_writes(), 0);
    }
}

#[tokio::test]
async fn a_password_does_not_travel_in_clear() {
    let world = World::new().await;
    let mut target = world.target_with_password(ADMIN);
    target.url = "http://203.0.113.7:2053/t/".parse().unwrap();
    let error = make_token(&target, None, "ours").await.unwrap_err().to_string();
    assert!(error.contains("in clear"), "{error}");
}
