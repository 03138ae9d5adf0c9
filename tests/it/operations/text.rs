//! Reading pages: code, links, commands.

/// What stands between single back-quotes, outside fenced blocks.
pub(super) fn inline_code(text: &str) -> impl Iterator<Item = &str> {
    text.split("```").step_by(2).flat_map(|prose| prose.split('`').skip(1).step_by(2))
}

/// The targets of Markdown links.
pub(super) fn links(text: &str) -> impl Iterator<Item = &str> {
    let prose = text.split("```").step_by(2);
    prose.flat_map(|p| p.split("](").skip(1)).filter_map(|rest| rest.split(')').next())
}

/// What stands between double quotes. Only for sources without escaped quotes.
pub(super) fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2)
}

/// All words of a text that begin with `start`.
pub(super) fn tokens<'a>(
    text: &'a str,
    start: &'a str,
    word: impl Fn(char) -> bool + Copy + 'a,
) -> impl Iterator<Item = &'a str> {
    text.match_indices(start).filter(move |(at, _)| !text[..*at].ends_with(word)).map(
        move |(at, _)| {
            let rest = &text[at..];
            &rest[..rest.find(|c| !word(c)).unwrap_or(rest.len())]
        },
    )
}

/// `ResolveAmnesia` → `resolve-amnesia`.
pub(super) fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Commands as words: with `quoted`, what stands between back-quotes or in fenced blocks, otherwise
/// each line. Continued lines are joined; what comes before the program (`sudo`, a path, a variable)
/// is left out.
pub(super) fn commands(text: &str, quoted: bool) -> impl Iterator<Item = Vec<&str>> {
    let lines: Vec<&str> = if quoted {
        let fenced = text.split("```").skip(1).step_by(2).flat_map(logical_lines);
        inline_code(text).chain(fenced).collect()
    } else {
        logical_lines(text).collect()
    };
    lines.into_iter().filter_map(|line| {
        let words: Vec<&str> = line
            .split(|c: char| c.is_whitespace() || c == '\\')
            .filter(|w| !w.is_empty())
            .take_while(|w| !matches!(*w, "|" | "#" | "&&" | ">"))
            .map(program)
            .collect();
        // `sudo -u somebody` goes first, and variables.
        let skip = if words.first() == Some(&"sudo") {
            if words.get(1) == Some(&"-u") { 3 } else { 1 }
        } else {
            words.iter().take_while(|w| w.contains('=')).count()
        };
        let words = words.get(skip..)?;
        let programs = ["nebulalinks", "nebulalinks-gateway", "cargo", "just"];
        programs.contains(words.first()?).then(|| words.to_vec())
    })
}

/// `ExecStart=/usr/bin/nebulalinks` → `nebulalinks`.
fn program(word: &str) -> &str {
    let word = word.strip_prefix("ExecStart=").unwrap_or(word);
    match word.rsplit_once('/') {
        Some((_, name @ ("nebulalinks" | "nebulalinks-gateway"))) => name,
        _ => word,
    }
}

/// Lines, those that end in `\` joined with the next.
fn logical_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut from = 0;
        let end = loop {
            let Some(n) = rest[from..].find('\n').map(|n| from + n) else { break rest.len() };
            if !rest[..n].ends_with('\\') {
                break n;
            }
            from = n + 1;
        };
        let (line, more) = rest.split_at(end);
        rest = more.strip_prefix('\n').unwrap_or(more);
        Some(line)
    })
}

#[test]
fn commands_are_found_in_blocks_and_between_quotes() {
    let page =
        "Say `nebulalinks check`.\n```sh\nsudo nebulalinks run \\\n  --state x # why\nls\n```\n";
    let found: Vec<Vec<&str>> = commands(page, true).collect();
    assert_eq!(found, [vec!["nebulalinks", "check"], vec!["nebulalinks", "run", "--state", "x"]]);
    let unit = "[Service]\nExecStart=/usr/local/bin/nebulalinks-gateway run --server fra-1\n";
    let found: Vec<Vec<&str>> = commands(unit, false).collect();
    assert_eq!(found, [vec!["nebulalinks-gateway", "run", "--server", "fra-1"]]);
    assert_eq!(kebab("ResolveAmnesia"), "resolve-amnesia");
    assert_eq!(links("[a](b#c) [d](e)").collect::<Vec<_>>(), ["b#c", "e"]);
}
