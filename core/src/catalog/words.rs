//! Words of the files in messages: as they may be shown, and which other word was meant.

use super::characters;

/// A value as a message may show it: short, on one line, and what cannot be seen by its number.
pub(super) fn show(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut short = String::new();
    for c in text.chars().take(LONGEST) {
        if c == ' ' || characters::is_seen(c) {
            short.push(c);
        } else {
            short.extend(c.escape_unicode());
        }
    }
    if text.chars().count() > LONGEST { format!("`{short}…`") } else { format!("`{short}`") }
}

/// `did you mean …?` for the nearest of the known words, else the list of them.
#[must_use]
pub fn suggest<'w>(found: &str, known: impl IntoIterator<Item = &'w str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let short: String = found.chars().take(64).collect::<String>().to_lowercase();
    let near = known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(&short, &word.to_lowercase()), *word))
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4)
        // People get the first letter right: `50G` means GB, not B.
        .min_by_key(|(distance, word)| {
            let other = !word.to_lowercase().starts_with(short.chars().next().unwrap_or_default());
            (*distance, other, *word)
        });
    match near {
        Some((_, word)) => format!("did you mean `{word}`?"),
        None if known.is_empty() => String::new(),
        None => {
            let mut known = known;
            known.dedup();
            format!("use one of: {}", known.join(", "))
        }
    }
}
