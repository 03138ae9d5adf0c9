//! Below the tree: characters, and what the YAML parsers say, in words that help.
//!
//! `saphyr-parser` keeps places and does the work; `serde_yaml` (libyaml) is the second opinion,
//! because a file that only one YAML parser accepts means something else to the next tool.

use super::characters;
use super::files::DesiredFile;
use super::findings::Findings;
use super::place::Place;
use saphyr_parser::ScanError;

/// Refuses characters that YAML forbids or that cut the text short; `true` when there are any.
pub(super) fn check_characters(file: DesiredFile, text: &str, findings: &mut Findings<'_>) -> bool {
    let before = findings.count(file);
    for (line, text) in (1..).zip(text.lines()) {
        if let Some(offset) = tab_in_indentation(text) {
            let at = Place::at(line, offset + 1).long(1);
            findings.add(file, at, "a tab in the indentation", "indent with spaces only");
        }
    }
    let mut at = Place::START.long(1);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let lone_return = c == '\r' && chars.peek() != Some(&'\n');
        if lone_return {
            findings.add(file, at, "a carriage return inside a line", "use normal line ends");
        } else if matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
            || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            // Some are a line break to YAML 1.1 and a letter to YAML 1.2: two readings of one file.
            findings.add(file, at, characters::name(c), "delete it, or retype the line");
        }
        if findings.count(file) > before + 9 {
            break;
        }
        if c == '\n' {
            at = Place::at(at.line + 1, 1).long(1);
        } else {
            at.column += 1;
        }
    }
    if !text.is_empty() && !text.trim().is_empty() && !text.ends_with('\n') {
        let help = "end the last line with a line break; if you did not write it so, the file was cut short";
        findings.add(file, at, "the last line has no end", help);
    }
    // A cut-off line still parses, so its other problems are worth saying as well.
    findings.count(file) > before && text.ends_with('\n')
}

/// The parser's refusal, translated.
pub(super) fn report(
    file: DesiredFile,
    text: &str,
    error: &ScanError,
    findings: &mut Findings<'_>,
) {
    let at = Place::from(*error.marker());
    if near_odd_space(file, text, at.line, findings) {
        return;
    }
    let (message, help) = explain(error.info());
    findings.add(file, at, message, help);
}

/// Where a tab stands in a line's indentation: YAML takes none there, and its parsers say so of
/// another line, or not at all.
fn tab_in_indentation(line: &str) -> Option<usize> {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    (!text.is_empty() && !text.starts_with('#')).then_some(())?;
    line.get(..indent)?.chars().position(|c| c == '\t')
}

/// A space that is none, in the line or the one before, where it can matter to YAML: in front, or
/// behind a `:` or a `-`.
fn near_odd_space(file: DesiredFile, text: &str, line: usize, findings: &mut Findings<'_>) -> bool {
    let near = line.saturating_sub(1).max(1)..=line;
    let lines = text.lines().enumerate().map(|(n, l)| (n + 1, l));
    for (n, l) in lines.filter(|(n, _)| near.contains(n)) {
        let mut before = ' ';
        for (offset, c) in l.chars().enumerate() {
            if characters::is_odd_space(c) && (before == ' ' || matches!(before, ':' | '-' | ',')) {
                let at = Place::at(n, offset + 1);
                return report_odd_spaces(file, at, &c.to_string(), findings);
            }
            before = c;
        }
    }
    false
}

/// Spaces that only look like spaces, in text without quotes: there they are a slip of the keyboard
/// or of a word processor, and YAML reads them as letters. `text` is on one line from `at` on.
pub(super) fn report_odd_spaces(
    file: DesiredFile,
    at: Place,
    text: &str,
    findings: &mut Findings<'_>,
) -> bool {
    let found = text.chars().enumerate().find(|(_, c)| characters::is_odd_space(*c));
    let Some((offset, c)) = found else { return false };
    let place = Place::at(at.line, at.column + offset).long(1);
    let message =
        format!("{} looks like a space, and YAML reads it as a letter", characters::name(c));
    let help = "type an ordinary space instead; where it is meant, put the whole text in quotes";
    findings.add(file, place, message, help);
    true
}

fn explain(info: &str) -> (String, &'static str) {
    let has = |part: &str| info.contains(part);
    let help = if has("quoted scalar") || has("unclosed quote") || has("unexpected end of stream") {
        "close the quote that was opened before this place"
    } else if has("block mapping")
        || has("block collection")
        || has("mapping values")
        || has("simple key")
    {
        "check the indentation here and one line above, and that each key is `key: value`"
    } else if has("flow") || has("',' or") || has("bracket") || has("':' indicator") {
        "close the `[` or `{` that is still open, and put commas between its parts"
    } else if has("anchor") || has("alias") {
        "anchors and aliases are not supported here: write the value out"
    } else {
        "check this line and the one above it"
    };
    (format!("not valid YAML: {info}"), help)
}

/// What libyaml says about a text that was read already.
pub(super) fn second_opinion(file: DesiredFile, text: &str, findings: &mut Findings<'_>) {
    if let Err(error) = serde_yaml::from_str::<serde::de::IgnoredAny>(text) {
        let at = error
            .location()
            .map_or(Place::START, |l| Place::at(l.line().max(1), l.column().max(1)));
        let message = format!("not every YAML reader accepts this: {error}");
        findings.add(file, at, message, "write it more simply, for example in quotes");
    }
}
