//! Tells the program which source it is made of: a checkpoint is taken by the program that wrote it
//! only (`src/store/checkpoint/`). Two builds of one source are one program, whatever their files' dates.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// What the program is made of: its own source and the names and versions of all others. More than what
/// records are made of, since one checkpoint too few costs a start some seconds.
const SOURCE: [&str; 6] =
    ["src", "core/src", "core/Cargo.toml", "gateway/protocol/src", "Cargo.toml", "Cargo.lock"];

fn main() -> io::Result<()> {
    let mut hasher = DefaultHasher::new();
    // Another target or other features are another program, too.
    for setting in ["TARGET", "CARGO_CFG_FEATURE"] {
        std::env::var_os(setting).hash(&mut hasher);
    }
    for place in SOURCE {
        println!("cargo::rerun-if-changed={place}");
        hash(Path::new(place), &mut hasher)?;
    }
    println!("cargo::rustc-env=NEBULALINKS_SOURCE={}", hasher.finish());
    Ok(())
}

fn hash(place: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    if place.is_dir() {
        let entries: io::Result<BTreeSet<PathBuf>> =
            fs::read_dir(place)?.map(|entry| Ok(entry?.path())).collect();
        return entries?.iter().try_for_each(|entry| hash(entry, hasher));
    }
    place.hash(hasher);
    fs::read(place)?.hash(hasher);
    Ok(())
}
