//! The four files, what is wrong with them, and what of them is in force.

use super::super::person::Person;
use super::super::world::World;
use crate::system::Desired;
use nebulalinks::catalog::{Checked, DesiredFile, Options, Problem, check};
use nebulalinks::watch::read_files;
use serde_json::{Value, json};

/// The files with their problems, and what `/readyz` says is in force.
pub(super) async fn state(world: &World, _: Person) -> Value {
    let ready = world.beside().readyz().await;
    let mut state = looked_at(world).await;
    let said = ready.as_ref().and_then(|page| page.get("catalog")).cloned();
    if let Some(state) = state.as_object_mut() {
        state.insert("in_force".to_owned(), said.unwrap_or(Value::Null));
    }
    state
}

/// What stands in the folder: read and checked when a file is another one, once for all tabs.
async fn looked_at(world: &World) -> Value {
    let world = world.clone();
    let look = move || world.beside().files().look(world.beside().desired(), of);
    tokio::task::spawn_blocking(look).await.unwrap_or_default()
}

/// What stands in the folder, checked as `nebulalinks check` does.
fn of(desired: &Desired) -> Value {
    let Checked { catalog, warnings } = check(&read_files(&desired.folder), &Options::default());
    let (revision, problems) = match &catalog {
        Ok(catalog) => (Some(catalog.revision.to_string()), Vec::new()),
        Err(problems) => (None, problems.iter().collect()),
    };
    let found: Vec<&Problem> =
        problems.into_iter().chain(warnings.iter().flat_map(|w| w.iter())).collect();
    let files = DesiredFile::ALL.into_iter().filter(|file| desired.has(*file)).map(|file| {
        let (name, changed) = (file.name(), desired.is_changed(file));
        let of_it: Vec<_> = found.iter().filter(|problem| problem.file == name).collect();
        json!({ "name": name, "text": desired.text(name).ok(), "changed": changed, "problems": of_it })
    });
    json!({
        "folder": desired.folder.display().to_string(),
        "valid": catalog.is_ok(),
        "revision": revision,
        "files": files.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../desired");

    #[test]
    fn a_problem_stands_at_its_file_and_line_and_is_gone_when_it_is_mended() {
        let folder = tempfile::tempdir().unwrap();
        let desired = Desired::copy(Path::new(SHIPPED), folder.path(), &[]).unwrap();
        let good = of(&desired);
        assert_eq!((&good["valid"], &good["files"][0]["changed"]), (&json!(true), &json!(false)));
        let text = desired.text("plans.yaml").unwrap();
        desired.write("plans.yaml", &text.replacen("duration:", "duraton:", 1)).unwrap();
        let bad = of(&desired);
        assert_eq!((&bad["valid"], &bad["files"][0]["changed"]), (&json!(false), &json!(true)));
        let line = text.lines().position(|line| line.contains("duration:")).unwrap() + 1;
        let problems = bad["files"][0]["problems"].as_array().unwrap();
        assert!(problems.iter().any(|problem| problem["line"] == json!(line)), "{bad:#}");
        assert_eq!(bad["files"][1]["problems"], json!([]));
        desired.restore("plans.yaml").unwrap();
        assert_eq!(of(&desired), good);
    }
}
