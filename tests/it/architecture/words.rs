//! No text that people read is written in code: all of them stand in `core/src/view/texts/`, in every
//! language. What looks like words and is none of those is listed here with the reason.

use super::source::{blanked, crate_sources, read};

/// Where texts for customers and staff would be written.
const FOLDERS: &[&str] = &["core/src/view/", "core/src/front/", "core/src/intent/", "src/discord/"];

/// A file, how its words begin, and who reads them. `""` stands for all of a file.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("core/src/intent/words.rs", "", "operators at the command line, which speaks English"),
    ("core/src/intent/adopt.rs", "", "operators at the command line: only they adopt"),
    ("core/src/intent/release.rs", "", "operators at the command line: only they release"),
    ("core/src/view/limits.rs", "", "whoever reads why a test of a page failed"),
    (
        "core/src/view/subscription/apps.rs",
        "",
        "names of apps and platforms, the same in every language",
    ),
    ("core/src/view/subscription/clash.rs", "", "an app; what is left out stands in a header"),
    ("core/src/view/subscription/sing_box.rs", "", "an app; what is left out stands in a header"),
    (
        "core/src/view/links/endpoint.rs",
        "a certificate of another",
        "a header, like what is left out",
    ),
    ("core/src/front/rights.rs", "", "names of commands, the same in every language"),
    ("core/src/front/suggest.rs", "order ", "names of commands"),
    ("core/src/view/question.rs", "account ", "names of commands"),
    ("core/src/view/question.rs", "order ", "names of commands"),
    ("core/src/view/question.rs", "user ", "names of commands"),
    ("src/discord/errors.rs", "", "logs and metrics"),
    ("src/discord/date.rs", "", "the log"),
    ("src/discord/examine.rs", "", "operators at the command line, which speaks English"),
    ("src/discord/order_channels.rs", "", "the log, as a failed call's detail"),
    ("src/discord/chat.rs", "Discord lists a thread", "the log, as a failed call's detail"),
    ("src/discord/metadata.rs", "Adobe", "the file of a picture"),
    ("src/discord/proof.rs", "not a file name", "the log"),
    ("src/discord/proof.rs", "the pictures are being copied", "the log"),
];

/// Calls whose words go to the log, or end a test.
const SAID_ELSEWHERE: &[&str] = &[
    "tracing::trace!(",
    "tracing::debug!(",
    "tracing::info!(",
    "tracing::warn!(",
    "tracing::error!(",
    "BotError::Setup(",
    "BotError::Ended(",
    "BotError::Fatal(",
    "BotError::Intents(",
    "BotError::Version(",
    // A failed call's detail.
    "chat(",
    "failure(",
    ".expect(",
    "#[",
];

/// The strings of a file outside of tests: line and content.
fn strings(code: &str, text: &str) -> Vec<(usize, String)> {
    let (code, text): (Vec<char>, Vec<char>) = (code.chars().collect(), text.chars().collect());
    let quiet = quiet(&code);
    let quotes: Vec<usize> = (0..code.len()).filter(|i| code[*i] == '"').collect();
    let pairs = quotes.chunks_exact(2).map(|pair| (pair[0], pair[1]));
    pairs
        .filter(|(from, _)| !quiet[*from] && text[*from] != '\'')
        .map(|(from, to)| {
            let line = code[..from].iter().filter(|c| **c == '\n').count() + 1;
            (line, text[from + 1..to].iter().collect())
        })
        .collect()
}

/// Which characters stand within the brackets of [`SAID_ELSEWHERE`].
fn quiet(code: &[char]) -> Vec<bool> {
    let mut quiet = vec![false; code.len()];
    for opening in SAID_ELSEWHERE {
        let opening: Vec<char> = opening.chars().collect();
        for at in (0..code.len()).filter(|at| code[*at..].starts_with(&opening)) {
            let mut depth = 0;
            for (i, c) in code.iter().enumerate().skip(at + opening.len() - 1) {
                depth += i32::from(matches!(c, '(' | '[')) - i32::from(matches!(c, ')' | ']'));
                quiet[i] = true;
                if depth == 0 {
                    break;
                }
            }
        }
    }
    // What developers see of a value.
    let debug: Vec<char> = "fmt::Debug for ".chars().collect();
    for at in (0..code.len()).filter(|at| code[*at..].starts_with(&debug)) {
        let mut depth = 0;
        for (i, c) in code.iter().enumerate().skip(at) {
            depth += i32::from(*c == '{') - i32::from(*c == '}');
            quiet[i] = true;
            if *c == '}' && depth == 0 {
                break;
            }
        }
    }
    quiet
}

/// Whether a string has words in it: two in a row, one that begins like a sentence or a label, or any in
/// another script. Blanks to be filled in are none.
fn has_words(string: &str) -> bool {
    let mut plain = String::new();
    let mut depth = 0;
    for c in string.chars() {
        depth += i32::from(c == '{');
        plain.push(if depth == 0 { c } else { '{' });
        depth -= i32::from(c == '}');
    }
    let is_word = |word: &str| word.chars().count() > 1 && word.chars().all(char::is_alphabetic);
    let label = |word: &str| {
        let mut chars = word.chars();
        chars.next().is_some_and(char::is_uppercase) && chars.all(char::is_lowercase)
    };
    let trimmed = plain.trim_matches(|c: char| !c.is_alphanumeric());
    plain.chars().any(|c| c.is_alphabetic() && !c.is_ascii())
        || plain.split(' ').filter(|w| !w.starts_with('{')).collect::<Vec<_>>().windows(2).any(
            |two| {
                let bare = |w: &str| w.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
                is_word(&bare(two[0])) && is_word(&bare(two[1]))
            },
        )
        || (is_word(trimmed) && label(trimmed))
}

#[test]
fn no_text_that_people_read_is_written_in_code() {
    let mut problems = Vec::new();
    let mut used = vec![false; ELSEWHERE.len()];
    let sources = ["core/src", "src"].into_iter().flat_map(crate_sources);
    let mut seen = 0;
    for source in sources.filter(|s| !s.test_only && !s.path.starts_with("core/src/view/sample")) {
        if !FOLDERS.iter().any(|folder| source.path.starts_with(folder)) {
            continue;
        }
        for (line, string) in strings(&source.code, &read(&source.path)) {
            seen += 1;
            if !has_words(&string) {
                continue;
            }
            let excepted = ELSEWHERE
                .iter()
                .position(|(path, begins, _)| *path == source.path && string.starts_with(begins));
            match excepted {
                Some(row) => used[row] = true,
                None => problems.push(format!(
                    "{}:{line}: \"{string}\" is written in code. Give it a key in \
                     core/src/view/texts/*.ftl, or say in {} who reads it",
                    source.path,
                    file!()
                )),
            }
        }
    }
    assert!(seen > 100, "the sources were not understood: {seen} strings");
    for ((path, begins, _), used) in ELSEWHERE.iter().zip(used) {
        if !used {
            problems.push(format!("{path} has no words \"{begins}…\" any more: take the row out"));
        }
    }
    super::none(&problems);
}

#[test]
fn words_are_told_from_keys() {
    for text in [
        "Your order stands",
        "Buy",
        "[Approve]",
        "order {id} stands",
        "{n} of them",
        "شراء",
        "paid: thank you!",
    ] {
        assert!(has_words(text), "{text}");
    }
    for key in [
        "button-buy",
        "v1.buy",
        "{} · {prices}",
        "SHA-256",
        "reason",
        "%H:%M",
        "`{}`",
        "{} · {:.10}",
        "I",
    ] {
        assert!(!has_words(key), "{key}");
    }
    let text =
        "fn f() { tracing::warn!(a = g(1), \"not for people\"); say(\"Buy now\"); let c = '\"'; }";
    let source = blanked(text);
    assert_eq!(strings(&source, text), [(1, "Buy now".to_owned())]);
}
