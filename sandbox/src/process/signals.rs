//! Stopping a child's time, and how much memory it has.

use super::Process;
use crate::trouble::Trouble;
use tokio::process::Command;

/// What a child can be told beside its end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Signal {
    /// It does nothing any more, and keeps its sockets.
    Stop,
    /// It goes on.
    Continue,
}

impl Process {
    /// Sends a signal to the child that runs now, and answers with its id: none runs just now, or
    /// it has gone meanwhile, where there is none.
    pub(crate) async fn signal(&self, signal: Signal) -> Result<Option<u32>, Trouble> {
        let Some(pid) = self.state().pid else { return Ok(None) };
        let name = match signal {
            Signal::Stop => "-STOP",
            Signal::Continue => "-CONT",
        };
        let sent = Command::new("kill").args([name, &pid.to_string()]).output().await;
        let sent = sent.map_err(Trouble::while_doing("run kill"))?;
        Ok(sent.status.success().then_some(pid))
    }

    /// The memory of the child that runs now, in KiB.
    pub(crate) fn memory_kib(&self) -> Option<u64> {
        memory_kib(&self.state().pid?.to_string())
    }
}

/// The memory of this process, in KiB.
pub(crate) fn own_memory_kib() -> Option<u64> {
    memory_kib("self")
}

/// What is resident of a process's memory, as Linux tells it.
fn memory_kib(pid: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
