//! What a button carries is one of our actions if and only if it is spelled as we spell it, and no
//! action of ours is longer than Discord takes.
//!
//! Input: the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nebulalinks_core::view::Action;

/// What each act is followed by: `p` a page, `s` a slug, `u` a ULID, `n` a 32-bit and `m` a 64-bit number, `t` a
/// topic of notices, `b` yes or no. A question's own text (`sure`) is read by `Question` alone.
const ACTS: [(&str, &str); 45] = [
    ("buy", ""),
    ("plans", "p"),
    ("methods", "sp"),
    ("renew-plans", "up"),
    ("renew-methods", "usp"),
    ("accounts-page", "p"),
    ("plan", ""),
    ("method", "s"),
    ("trial", "s"),
    ("renew", "u"),
    ("change", "u"),
    ("change-plans", "up"),
    ("renew-plan", "u"),
    ("renew-method", "us"),
    ("accounts", ""),
    ("account", "u"),
    ("pick-account", ""),
    ("link", "u"),
    ("replace", "u"),
    ("replace-yes", "unm"),
    ("devices", "u"),
    ("notices", ""),
    ("notice", "tb"),
    ("languages", ""),
    ("language", ""),
    ("guide", ""),
    ("platform", ""),
    ("support", ""),
    ("question", ""),
    ("ask", ""),
    ("close-ticket", "u"),
    ("invite", ""),
    ("code", "u"),
    ("redeem", "u"),
    ("paid", "u"),
    ("cancel", "u"),
    ("approve", "u"),
    ("decline", "u"),
    ("decline-reason", "u"),
    ("approve-ref", "u"),
    ("write-news", ""),
    ("stop-news", "u"),
    ("plan-list", "p"),
    ("server-list", "p"),
    ("audit", "u"),
];
const TOPICS: [&str; 4] = ["reminders", "traffic", "not-connected", "news"];

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read: Result<Action, _> = text.parse();
    if !text.starts_with("v1.sure.") {
        assert_eq!(read.is_ok(), is_ours(text), "{text:?}");
    }
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
        'p' => number(part, 65_535),
        'n' => number(part, u32::MAX.into()),
        'm' => number(part, u64::MAX),
        't' => TOPICS.contains(&part),
        'b' => matches!(part, "true" | "false"),
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

fn number(part: &str, most: u64) -> bool {
    part.bytes().all(|b| b.is_ascii_digit())
        && (part == "0" || !part.starts_with('0'))
        && part.parse().is_ok_and(|n: u64| n <= most)
}
