//! What both kinds of torture stand on: folders and ports, one seed, and one server for all.

use crate::system::{Desired, Settings, own_ports};
use crate::trouble::Trouble;
use nebulalinks_model_panel::PanelVersion;
use std::path::Path;
use tempfile::TempDir;

/// The server that serves all accounts of a batch: the first, whose gateway has the fuse.
pub(super) const SERVER: &str = "ams-1";

/// A folder on this disk, else where temporary files lie; the four files in it, and free ports.
pub(super) fn ground(
    shipped: &Path,
    panel: PanelVersion,
    disk: Option<&Path>,
) -> Result<(TempDir, Desired, Settings), Trouble> {
    let folder = tempfile::Builder::new()
        .prefix("nebulalinks-torture-")
        .tempdir_in(disk.map_or_else(std::env::temp_dir, Path::to_owned))
        .map_err(Trouble::while_doing("make a folder"))?;
    let [a, b, metrics, public, discord] = own_ports()?;
    let desired = Desired::copy(shipped, &folder.path().join("desired"), &[a, b])?;
    let settings =
        Settings::thrown_away(folder.path(), &desired, [metrics, public, discord], panel, "info");
    Ok((folder, desired, settings))
}

/// Numbers that look random and are the same for the same seed.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number below `most` (at least 1).
    pub(super) fn below(&mut self, most: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most.max(1)
    }
}

#[allow(clippy::disallowed_methods, reason = "a new seed for each run, printed to repeat it")]
pub(super) fn new_seed() -> u64 {
    rand::random::<u32>().into()
}
