//! Text as a transcript shows it: one line, without markdown, with what differs from run to run
//! (ids, times of day, links) as `…`.

/// What a line may take before its middle is left out, and how much of either end stays.
const MOST: usize = 170;
const HEAD: usize = 95;
const TAIL: usize = 65;

/// A message on one line, its middle left out where it is long. `names` spells a Discord id.
pub(crate) fn one_line(text: &str, names: &dyn Fn(u64) -> Option<String>) -> String {
    line(text, names, shortened)
}

/// A message on one line, all of it.
pub(crate) fn whole_line(text: &str, names: &dyn Fn(u64) -> Option<String>) -> String {
    line(text, names, str::to_owned)
}

fn line(
    text: &str,
    names: &dyn Fn(u64) -> Option<String>,
    shorten: impl Fn(&str) -> String,
) -> String {
    let mut words = Vec::new();
    let mut controls = Vec::new();
    let mut block = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("```") {
            block = !block;
        } else if block {
            // What is to be copied is shown only where it is the point: a link.
            if line.contains("://") {
                words.push(line.to_owned());
            }
        } else if line.starts_with(['[', '(', '{']) && line.ends_with([']', ')', '}']) {
            controls.push(line.to_owned());
        } else if line != "---" && !line.is_empty() && !only_calls_staff(line) {
            words.push(without_marks(line));
        }
    }
    let said = shorten(&without_ids(&words.join(" / "), names));
    let shown: Vec<String> = std::iter::once(said)
        .chain(controls.iter().map(|control| without_ids(control, names)))
        .filter(|part| !part.is_empty())
        .collect();
    shown.join(" ")
}

/// The roles of the staff, as the emulator names them.
const STAFF: [&str; 3] = ["@owner", "@admin", "@support"];

/// Whom of the staff a message calls is looked at by `check`, not read in each.
fn only_calls_staff(line: &str) -> bool {
    line.split_whitespace().all(|word| STAFF.contains(&word))
}

/// The beginning and the end, whole words of each.
fn shortened(text: &str) -> String {
    let length = text.chars().count();
    if length <= MOST {
        return text.to_owned();
    }
    let head: String = text.chars().take(HEAD).collect();
    let tail: String = text.chars().skip(length - TAIL).collect();
    let head = head.rsplit_once(' ').map_or(head.as_str(), |(words, _)| words);
    let tail = tail.split_once(' ').map_or(tail.as_str(), |(_, words)| words);
    format!("{} … {}", head.trim_end_matches([' ', '/', '·']), tail.trim_start_matches(['/', ' ']))
}

fn without_marks(line: &str) -> String {
    line.trim_start_matches(['#', '>', ' ']).replace("**", "").replace('`', "")
}

/// The text with ids, links and times of day as `…`.
pub(crate) fn without_ids(text: &str, names: &dyn Fn(u64) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some((shown, after)) = mention(rest, names).or_else(|| link(rest)) {
            out.push_str(&shown);
            rest = after;
            continue;
        }
        let until = |ends: &dyn Fn(char) -> bool| rest.find(ends).unwrap_or(rest.len());
        let mut end = until(&|c| !c.is_ascii_alphanumeric() && c != ':');
        // After a colon they are a file's line and column.
        let may_be_time = !out.ends_with(':');
        if !rest.get(..end).is_some_and(|word| may_be_time && is_time(word)) {
            end = until(&|c| !c.is_ascii_alphanumeric());
        }
        if end == 0 {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        }
        let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        out.push_str(if is_id(word) || out.ends_with("NL-") || (may_be_time && is_time(word)) {
            "…"
        } else {
            word
        });
        rest = after;
    }
    out
}

/// `<@id>`, `<#id>` and `<t:seconds:R>`.
fn mention<'t>(text: &'t str, names: &dyn Fn(u64) -> Option<String>) -> Option<(String, &'t str)> {
    if let Some(moment) = text.strip_prefix("<t:") {
        return Some(("…".to_owned(), moment.split_once('>')?.1));
    }
    let (sign, inner) = match text.strip_prefix("<@") {
        Some(inner) => ("@", inner),
        None => ("#", text.strip_prefix("<#")?),
    };
    let (id, after) = inner.split_once('>')?;
    let name = names(id.trim_start_matches(['!', '&']).parse().ok()?);
    Some((format!("{sign}{}", name.unwrap_or_else(|| "…".to_owned())), after))
}

fn link(text: &str) -> Option<(String, &str)> {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let word = text.get(..end)?;
    if let Some((before, token)) = word.split_once("/sub/")
        && before.starts_with("http")
        && !token.is_empty()
    {
        return Some(("https://…/sub/…".to_owned(), text.get(end..)?));
    }
    let scheme = ["vless://", "trojan://", "ss://", "hysteria2://"]
        .into_iter()
        .find(|scheme| text.starts_with(scheme))?;
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    Some((format!("{scheme}…"), text.get(end..)?))
}

/// A ULID, one of Discord's ids, or the hash of files, which name other ports at each run.
fn is_id(word: &str) -> bool {
    let hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if word.len() == 12 && word.bytes().all(hex) && (1..12).contains(&digits) {
        return true;
    }
    let ulid = |c: u8| c.is_ascii_digit() || (c.is_ascii_lowercase() && !b"ilou".contains(&c));
    (word.len() == 26 && word.bytes().all(ulid) && word.bytes().any(|c| c.is_ascii_digit()))
        || (word.len() >= 17 && word.bytes().all(|c| c.is_ascii_digit()))
}

/// `14:03` or `14:03:59`.
fn is_time(word: &str) -> bool {
    let parts: Vec<&str> = word.split(':').collect();
    (2..=3).contains(&parts.len())
        && parts.iter().all(|p| p.len() == 2 && p.bytes().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nobody(_: u64) -> Option<String> {
        None
    }

    #[test]
    fn what_differs_from_run_to_run_is_not_shown() {
        let text =
            "nl-main-01jd7k9xq2v5w8y3z4a6b7c8d9 ends 31 Jan 2027, 10:05 EET <#100000000000000099>";
        assert_eq!(without_ids(text, &nobody), "nl-main-… ends 31 Jan 2027, … EET #…");
        assert_eq!(without_ids("ends (<t:1800000000:R>)!", &nobody), "ends (…)!");
    }

    #[test]
    fn people_are_called_by_their_names() {
        let names = |id| (id == 7).then(|| "alice".to_owned());
        assert_eq!(without_ids("<@7> and <@8>", &names), "@alice and @…");
    }

    #[test]
    fn a_message_becomes_one_line_with_its_buttons_last() {
        let text = "## Order: Basic\n---\nSend **1 EGP**\n```\nAmount: 1\n```\n[Cancel] [Go]\nBye";
        assert_eq!(one_line(text, &nobody), "Order: Basic / Send 1 EGP / Bye [Cancel] [Go]");
    }

    #[test]
    fn a_long_message_keeps_its_beginning_and_its_end() {
        let text = format!("It begins {}and it ends", "so it goes on ".repeat(30));
        let line = one_line(&text, &nobody);
        assert!(line.starts_with("It begins so") && line.ends_with("on and it ends"), "{line}");
        assert!(line.contains(" … ") && line.chars().count() <= MOST, "{line}");
    }

    #[test]
    fn a_link_is_shown_as_one_and_never_whole() {
        let text = "## Your link\n```\nvless://secret@host:443?x=1#name\n```\n{image link.png}";
        assert_eq!(one_line(text, &nobody), "Your link / vless://… {image link.png}");
        let text = "## Your link\n```\nhttp://127.0.0.1:1/sub/secret\n```\n{image link.png}";
        assert_eq!(one_line(text, &nobody), "Your link / https://…/sub/… {image link.png}");
    }

    #[test]
    fn prices_and_accounts_stay() {
        assert_eq!(without_ids("100.00 EGP to 01000000000", &nobody), "100.00 EGP to 01000000000");
    }
}
