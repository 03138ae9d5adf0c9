//! Exports that somebody edited and gave the hash that fits.

use sha2::{Digest as _, Sha256};

/// Lines of an export with a last line that fits them.
pub(crate) fn sealed(text: &str) -> String {
    let (lines, _) = text.trim_end().rsplit_once('\n').unwrap();
    let lines = format!("{lines}\n");
    let (records, hash) = (lines.lines().count() - 1, Sha256::digest(&lines));
    let hash = nebulalinks_protocol::hex(&hash);
    format!("{lines}{}\n", serde_json::json!({ "records": records, "sha256": hash }))
}
