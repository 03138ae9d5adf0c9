//! How fast it is, each figure beside another one of the same run, taken by turns: a busy machine
//! slows both.
//!
//! `just speed` measures all parts and writes docs/PERFORMANCE.md; `just speed approve` measures
//! one. Each part is a process of its own, so that its memory and its threads are.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "it fails so")]
#![allow(clippy::expect_used, reason = "the same")]
#![allow(clippy::disallowed_methods, reason = "it measures real time")]
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a table")]

mod approve;
mod click;
mod commits;
mod dead;
mod ends;
mod figures;
mod idle;
mod lists;
mod memory_panels;
#[path = "../../gateway/benches/parts/mod.rs"]
#[allow(dead_code, reason = "the gateway's own benchmark uses the rest")]
mod parts;
mod rebuilt;
mod report;
mod running;
mod sold;

use figures::Row;
use std::process::{Command, ExitCode, Stdio};

/// The parts, in the order of the table.
const PARTS: [&str; 8] =
    ["approve", "click", "dead", "commits", "ends", "lists", "rebuilt", "idle"];

async fn measure(part: &str) -> Vec<Row> {
    match part {
        "approve" => approve::rows().await,
        "click" => click::rows().await,
        "dead" => dead::rows().await,
        "ends" => ends::rows().await,
        "idle" => idle::rows().await,
        "commits" => commits::rows().await,
        "lists" => lists::rows().await,
        "rebuilt" => rebuilt::rows().await,
        other => panic!("no part is called {other}: {PARTS:?}"),
    }
}

/// Measures a part in a process of its own.
fn measured(part: &str) -> Vec<Row> {
    eprintln!("measuring: {part}");
    // What a part leaves there, because its loops still write to it, goes with this.
    let folder = tempfile::tempdir().unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["part", part])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{part} could not be measured");
    let said = String::from_utf8(output.stdout).unwrap();
    let json = said.lines().filter(|line| line.starts_with('{'));
    json.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if let Some(kind) = parts::child::kind(&arguments) {
        match kind {
            "controller" => runtime.block_on(idle::serve()),
            kind => runtime.block_on(parts::child::serve(kind)),
        }
        return ExitCode::SUCCESS;
    }
    if let [word, part] = &arguments[..]
        && word == "part"
    {
        for row in runtime.block_on(measure(part)) {
            let row = row.of(part, report::load(), report::day());
            println!("{}", serde_json::to_string(&row).unwrap());
        }
        return ExitCode::SUCCESS;
    }
    let wanted = |part: &&str| arguments.is_empty() || arguments.iter().any(|a| a == part);
    for part in PARTS.iter().filter(|part| wanted(part)) {
        let rows = measured(part);
        println!("{}", Row::HEAD);
        rows.iter().for_each(|row| println!("{row}"));
        // After each part: whoever ends it early keeps what was measured.
        report::write(part, rows);
    }
    ExitCode::SUCCESS
}
