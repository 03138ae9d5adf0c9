//! Systems that run at the same time: one limit for all tests of this binary, whose threads start
//! them. With more of them two processors are so busy that what is expected in seconds comes late.

use std::process::{Command, Output, Stdio};
use std::sync::{Condvar, Mutex};

/// As many systems at once: they wait more than they work.
const AT_ONCE: usize = 6;

/// How many run now, and who waits for one to end.
static NOW_RUN: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

/// One of the systems that may run at once; another may start when this is dropped.
pub(crate) struct Running;

impl Running {
    pub(crate) fn start() -> Self {
        let (running, freed) = &NOW_RUN;
        let waits = |running: &mut usize| *running >= AT_ONCE;
        *freed.wait_while(running.lock().unwrap(), waits).unwrap() += 1;
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        *NOW_RUN.0.lock().unwrap() -= 1;
        NOW_RUN.1.notify_one();
    }
}

/// Runs the sandbox with these arguments, when not too many systems run.
pub(crate) fn sandbox(args: &[&str]) -> Result<String, String> {
    let _running = Running::start();
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_nebulalinks-sandbox"))
        .args(args)
        .stdin(Stdio::null())
        .output()
        .expect("the sandbox can be started");
    let printed = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
    if status.success() { Ok(printed) } else { Err(printed) }
}

/// Runs the sandbox for each of these, some at once, and fails with what those printed that failed.
pub(crate) fn all_succeed(jobs: Vec<Vec<String>>) {
    let workers = jobs.len().min(AT_ONCE);
    let jobs = Mutex::new(jobs.into_iter());
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let Some(job) = jobs.lock().unwrap().next() else { return };
                    let args: Vec<&str> = job.iter().map(String::as_str).collect();
                    match sandbox(&args) {
                        Ok(printed) => println!("{printed}"),
                        Err(printed) => {
                            failed.lock().unwrap().push(format!("{}: {printed}", args.join(" ")));
                        }
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
