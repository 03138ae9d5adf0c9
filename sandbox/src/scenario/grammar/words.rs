//! A line of a scenario as words.

/// What is wrong with a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadCommand(pub(crate) String);

/// Words, a quoted text being one, also behind a colon: `reason:"she asked"`. `\n`, `\r` and `\"` inside
/// quotes are meant.
pub(super) fn words(text: &str) -> Result<Vec<String>, BadCommand> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (word, after) = unquote(quoted)
                .ok_or_else(|| BadCommand(format!("{text}: a quote is not closed")))?;
            words.push(word);
            rest = after.trim_start();
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            if let Some((name, _)) = word.split_once(":\"") {
                let quoted = rest.get(name.len().saturating_add(2)..).unwrap_or_default();
                let (value, after) = unquote(quoted)
                    .ok_or_else(|| BadCommand(format!("{text}: a quote is not closed")))?;
                words.push(format!("{name}:{value}"));
                rest = after.trim_start();
                continue;
            }
            words.push(word.to_owned());
            rest = after.trim_start();
        }
    }
    Ok(words)
}

/// A text as one word of a scenario.
pub(crate) fn quoted(text: &str) -> String {
    let text =
        text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\r', "\\r");
    format!("\"{text}\"")
}

fn unquote(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, text.get(at + 1..)?)),
            '\\' => match chars.next()?.1 {
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                other => out.push(other),
            },
            other => out.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_word_whatever_is_in_it() {
        let text = "a \"b\"\nc\\ n\r";
        assert_eq!(quoted("a \"b\"\nc\\"), r#""a \"b\"\nc\\""#);
        assert_eq!(words(&format!("x {} y", quoted(text))).unwrap(), ["x", text, "y"]);
        let said = words(&format!("reason:{} y", quoted(text))).unwrap();
        assert_eq!(said, [format!("reason:{text}"), "y".to_owned()]);
    }
}
