//! A gateway's disk in memory.

use async_trait::async_trait;
use nebulalinks_gateway::claim::ClaimDisk;
use std::io;
use std::path::Path;
use std::sync::Mutex;

/// The claim file, as long as the gateway's host lives.
#[derive(Default)]
pub(super) struct Disk(Mutex<Option<Vec<u8>>>);

impl Disk {
    pub(super) fn content(&self) -> Option<Vec<u8>> {
        self.0.lock().unwrap().clone()
    }

    /// Another content stands there, as from a backup.
    pub(super) fn restore(&self, content: Option<Vec<u8>>) {
        *self.0.lock().unwrap() = content;
    }
}

#[async_trait]
impl ClaimDisk for Disk {
    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.content())
    }

    async fn replace(&self, content: Vec<u8>) -> io::Result<()> {
        self.restore(Some(content));
        Ok(())
    }

    fn place(&self) -> &Path {
        Path::new("memory")
    }
}
