//! What a button carries is one of our actions if and only if it is spelled as we spell it, and no
//! action of ours is longer than Discord takes.
//!
//! Input: the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nebulalinks_core::view::Action;

/// What each act is followed by: `p` a page, `s` a slug, `u` a ULID.
const ACTS: [(&str, &str); 20] = [
    ("buy", ""),
    ("plans", "p"),
    ("methods", "sp"),
    ("renew-plans", "up"),
    ("renew-methods", "usp"),
    ("accounts-page", "p"),
    ("plan", ""),
    ("method", "s"),
    ("renew", "u"),
    ("renew-plan", "u"),
    ("renew-method", "us"),
    ("accounts", ""),
    ("account", "u"),
    ("link", "u"),
    ("cancel", "u"),
    ("approve", "u"),
    ("confirm", "u"),
    ("decline", "u"),
    ("decline-reason", "u"),
    ("approve-ref", "u"),
];

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read: Result<Action, _> = text.parse();
    assert_eq!(read.is_ok(), is_ours(text), "{text:?}");
    if let Ok(action) = read {
        assert_eq!(action.to_string(), text);
        assert!(text.len() <= 100, "Discord takes 100 characters");
    }
});

fn is_ours(text: &str) -> bool {
    let mut parts = text.split('.');
    if parts.next() != Some("v1") {
        return false;
    }
    let act = parts.next();
    let Some((_, wanted)) = ACTS.iter().find(|(name, _)| Some(*name) == act) else { return false };
    let given: Vec<&str> = parts.collect();
    given.len() == wanted.len() && wanted.chars().zip(given).all(|(kind, part)| fits(kind, part))
}

fn fits(kind: char, part: &str) -> bool {
    let all = |letters: &str| part.chars().all(|c| letters.contains(c));
    match kind {
        'p' => {
            all("0123456789")
                && part.len() <= 5
                && (part == "0" || !part.starts_with('0'))
                && part.parse().is_ok_and(|n: u32| n <= 65_535)
        }
        's' => {
            (1..=32).contains(&part.len())
                && all("abcdefghijklmnopqrstuvwxyz0123456789-")
                && !part.starts_with('-')
        }
        // Crockford's letters in lower case; 128 bits leave three for the first.
        _ => {
            part.len() == 26
                && all("0123456789abcdefghjkmnpqrstvwxyz")
                && part.starts_with(['0', '1', '2', '3', '4', '5', '6', '7'])
        }
    }
}
