//! The four files are saved as an editor does, whatever is wrong with them: the last good ones stay in
//! force then.

use super::super::refused::Refused;
use super::super::world::World;
use nebulalinks::catalog::{Checked, DesiredFile, Files, Options, Problem, Source, check};
use nebulalinks::watch::read_files;
use serde::Deserialize;
use serde_json::{Value, json};

/// What is done to a file.
#[derive(Debug, Deserialize)]
#[serde(tag = "act")]
pub(in crate::page) enum Act {
    /// It gets another text.
    #[serde(rename = "file.save")]
    Save { file: String, text: String },
    /// It is as it was when the sandbox started.
    #[serde(rename = "file.restore")]
    Restore { file: String },
    /// What would be wrong if it had this text.
    #[serde(rename = "file.check")]
    Check { file: String, text: String },
    /// It is gone.
    #[serde(rename = "file.delete")]
    Delete { file: String },
}

/// The largest file that is written, bytes: the service refuses what is larger anyway.
const LARGEST: usize = 2 << 20;

/// Does it.
pub(in crate::page) async fn act(world: &World, asked: Act) -> Result<Value, Refused> {
    let desired = world.beside().desired();
    match asked {
        Act::Save { text, .. } | Act::Check { text, .. } if text.len() > LARGEST => {
            return Err(Refused::because("that is more than 2 MiB"));
        }
        Act::Save { file, text } => desired.write(&file, &text)?,
        Act::Check { file, text } => {
            let problems = would_be_wrong(&read_files(&desired.folder), &file, text)?;
            return Ok(json!({ "problems": problems }));
        }
        Act::Restore { file } => desired.restore(&file)?,
        Act::Delete { file } => desired.delete(&file)?,
    }
    Ok(json!({}))
}

/// The problems of one file, if it had this text beside the others as they are.
fn would_be_wrong(files: &Files, name: &str, text: String) -> Result<Vec<Problem>, Refused> {
    let file = DesiredFile::ALL.into_iter().find(|file| file.name() == name);
    let file = file.ok_or_else(|| Refused::because(format!("{name} is none of the files")))?;
    let mut files = files.clone();
    files.set(file, Source::Text(text));
    let Checked { catalog, warnings } = check(&files, &Options::default());
    let all = catalog.as_ref().err().into_iter().chain(&warnings).flat_map(|p| p.iter());
    Ok(all.filter(|problem| problem.file == name).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_draft_is_judged_beside_the_other_files_and_none_is_written() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../desired"));
        let files = read_files(folder);
        let text = std::fs::read_to_string(folder.join("plans.yaml")).unwrap();
        assert_eq!(would_be_wrong(&files, "plans.yaml", text.clone()).unwrap(), []);
        let bad = text.replacen("100.00 EGP", "100.00 EGB", 1);
        let found = would_be_wrong(&files, "plans.yaml", bad).unwrap();
        let line = text.lines().position(|line| line.contains("100.00 EGP")).unwrap() + 1;
        assert_eq!(found.iter().map(|p| p.at.line).collect::<Vec<_>>(), [line], "{found:?}");
        assert!(would_be_wrong(&files, "../x", String::new()).is_err());
    }
}
