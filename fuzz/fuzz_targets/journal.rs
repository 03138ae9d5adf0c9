//! A journal that was flipped, cut or written over never gives an edit that was not written, and what
//! it lacks is told.
//!
//! Input: a byte that says what is done to it, three bytes that say where and how; then either all of a
//! segment, or the bodies of transactions, each after a byte with its length.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nebulalinks_fuzz::store::{changes, read, write};
use std::cell::LazyCell;
use std::path::PathBuf;

thread_local! {
    /// A folder of this process.
    static FOLDER: LazyCell<PathBuf> = LazyCell::new(|| {
        let folder = std::env::temp_dir().join(format!("fuzz-journal-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for one file");
        folder
    });
}

fuzz_target!(|data: &[u8]| {
    let Some(([what, high, low, bits], rest)) = data.split_first_chunk::<4>() else { return };
    let told = |bytes: &[u8]| FOLDER.with(|f| read(f, bytes)).expect("a file of its own");
    if what % 4 == 3 {
        // Bytes of anybody: what is read of them is in order, once.
        let told = told(rest);
        assert!(told.edits.is_sorted_by(|a, b| a.0 < b.0));
        return;
    }
    let bodies = bodies(rest);
    for body in &bodies {
        assert_eq!(changes(body), plainly(body), "{body:?}");
    }
    let segment = write(&bodies);
    let written: Vec<(u64, Vec<u8>)> = (1..).zip(bodies.iter().map(|b| b.to_vec())).collect();
    let mut bytes = segment.bytes.clone();
    let at = (usize::from(*high) << 8 | usize::from(*low)) % bytes.len();
    match what % 4 {
        0 => {
            let told = told(&bytes);
            assert!(told.edits == written && !told.complains);
        }
        1 => {
            bytes.truncate(at);
            let told = told(&bytes);
            // Whole entries before the cut, and no more.
            let whole = segment.starts.iter().filter(|end| **end <= at).count().saturating_sub(1);
            assert_eq!(told.edits, written[..whole]);
            let clean = segment.starts.contains(&at);
            assert!(told.complains != clean, "cut at {at}");
        }
        _ => {
            let bit = bits % 8;
            bytes[at] ^= 1 << bit;
            let told = told(&bytes);
            let hit = segment.starts.iter().filter(|start| **start <= at).count();
            let left: Vec<_> = written.iter().filter(|(n, _)| *n != hit as u64).cloned().collect();
            assert!(told.complains, "bit {bit} of byte {at}");
            // The checkpoint holds no edit, and of an edit nothing but all is read.
            assert_eq!(told.edits, left, "bit {bit} of byte {at} in entry {hit}");
        }
    }
});

fn bodies(mut rest: &[u8]) -> Vec<&[u8]> {
    let mut bodies = Vec::new();
    while let Some((length, after)) = rest.split_first() {
        let length = usize::from(*length).min(after.len());
        let (body, after) = after.split_at(length);
        bodies.push(body);
        rest = after;
    }
    bodies
}

/// The trees that a body may name.
const TREES: usize = 64;

/// Puts, then deletes, each list after its number; a part after its length.
fn plainly(body: &[u8]) -> Option<(usize, usize)> {
    let mut at = 0;
    let number = |at: &mut usize| -> Option<usize> {
        let four: [u8; 4] = body.get(*at..*at + 4)?.try_into().ok()?;
        *at += 4;
        usize::try_from(u32::from_be_bytes(four)).ok()
    };
    let mut counts = [0, 0];
    for (n, parts) in [3, 2].into_iter().enumerate() {
        counts[n] = number(&mut at)?;
        for _ in 0..counts[n] {
            for part in 0..parts {
                let length = number(&mut at)?;
                let bytes = body.get(at..at.checked_add(length)?)?;
                at += length;
                if part == 0 && !is_a_tree(bytes) {
                    return None;
                }
            }
        }
    }
    (at == body.len()).then_some((counts[0], counts[1]))
}

fn is_a_tree(name: &[u8]) -> bool {
    let kinds = nebulalinks_core::model::Kind::ALL;
    assert!(kinds.len() < TREES);
    kinds.iter().any(|kind| kind.tree().as_bytes() == name)
}
