//! Rust files read as text: what a file names, without its comments, strings and tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the repository as text.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// All files below a folder, as paths from the repository's root, in order.
pub(crate) fn files_below(folder: &str) -> Vec<String> {
    fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
        let Ok(entries) = std::fs::read_dir(dir) else { return };
        for entry in entries.map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() { walk(&path, out) } else { out.push(path) }
        }
    }
    let (root, mut out) = (root(), Vec::new());
    walk(&root.join(folder), &mut out);
    let mut out: Vec<String> = out
        .iter()
        .map(|p| p.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/"))
        .collect();
    out.sort();
    out
}

/// One file of a crate.
pub(crate) struct Source {
    /// From the repository's root, such as `src/store/intent_handler.rs`.
    pub(crate) path: String,
    /// Its module, such as `["store", "sled"]`; empty for the crate's root.
    pub(crate) module: Vec<String>,
    /// Its lines, all of them.
    pub(crate) lines: usize,
    /// Its code: comments, contents of strings and `#[cfg(test)]` items are blank.
    pub(crate) code: String,
    /// `cfg`s about tests that are more than a `#[cfg(test)]` on an item.
    pub(crate) test_switches: Vec<usize>,
    /// It belongs to a `#[cfg(test)]` module.
    pub(crate) test_only: bool,
}

/// All files of the crate whose sources lie in a folder such as `src`.
pub(crate) fn crate_sources(folder: &str) -> Vec<Source> {
    let mut test_modules: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut out = Vec::new();
    for path in files_below(folder).into_iter().filter(|p| p.ends_with(".rs")) {
        let text = read(&path);
        let module = module_of(path.strip_prefix(folder).unwrap());
        let mut code = blank(&text);
        let (children, test_switches) = cut_tests(&mut code);
        for child in children {
            test_modules.insert(module.iter().cloned().chain([child]).collect());
        }
        let lines = text.lines().count();
        out.push(Source { path, module, lines, code, test_switches, test_only: false });
    }
    assert!(!out.is_empty(), "no sources below {folder}");
    for source in &mut out {
        source.test_only = test_modules.iter().any(|m| source.module.starts_with(m));
    }
    out
}

fn module_of(path: &str) -> Vec<String> {
    let path = path.trim_start_matches('/').trim_end_matches(".rs");
    let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

impl Source {
    /// The modules at the top of the crate that this file names, each with a line. `own` is the
    /// crate's name for its binary, which says `nebulalinks::…` for `crate::…`.
    pub(crate) fn top_modules(&self, own: &str) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        for (at, word) in words(&self.code) {
            let rest = &self.code[at + word.len()..];
            let (levels, rest) = match word {
                _ if preceded_by_path(&self.code, at) => continue,
                "crate" => (self.module.len(), rest),
                w if w == own => (self.module.len(), rest),
                "super" => {
                    let (mut levels, mut rest) = (1, rest);
                    while let Some(more) = rest.strip_prefix("::super") {
                        (levels, rest) = (levels + 1, more);
                    }
                    (levels, rest)
                }
                _ => continue,
            };
            if levels != self.module.len() {
                continue;
            }
            let Some(rest) = rest.strip_prefix("::") else { continue };
            for name in first_names(rest) {
                found.push((name, self.line(at)));
            }
        }
        found
    }

    /// Where it names a crate, by line.
    pub(crate) fn names_crate(&self, name: &str) -> Option<usize> {
        words(&self.code)
            .find(|(at, word)| {
                let before = self.code[..*at].trim_end();
                // `use ::name::…` is the crate for sure; `a::name::…` is a module called like it.
                let leading = before.ends_with("::")
                    && before[..before.len() - 2].ends_with(|c: char| c.is_whitespace());
                let follows = self.code[at + word.len()..].trim_start();
                *word == name
                    && (leading || !preceded_by_path(&self.code, *at))
                    && (follows.starts_with("::")
                        || (before.ends_with("use")
                            && (follows.starts_with(';') || follows.starts_with("as "))))
            })
            .map(|(at, _)| self.line(at))
    }

    /// Where a piece of code stands, by line. Spaces and line ends inside a path don't matter.
    pub(crate) fn has(&self, piece: &str) -> Option<usize> {
        self.code.find(piece).map(|at| self.line(at))
    }

    /// The line of a place.
    pub(crate) fn line(&self, at: usize) -> usize {
        line(&self.code, at)
    }
}

fn line(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

pub(crate) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += code[at..].find(is_word)?;
        let len = code[at..].find(|c| !is_word(c)).unwrap_or(code.len() - at);
        let word = (at, &code[at..at + len]);
        at += len;
        Some(word)
    })
}

pub(crate) fn preceded_by_path(code: &str, at: usize) -> bool {
    let before = code[..at].trim_end();
    before.ends_with("::") || (before.ends_with('.') && !before.ends_with(".."))
}

/// `a::b` → `a`; `{a::b, c}` → `a`, `c`.
fn first_names(rest: &str) -> Vec<String> {
    let word = |s: &str| s.trim_start().chars().take_while(|c| is_word(*c)).collect::<String>();
    let Some(group) = rest.trim_start().strip_prefix('{') else { return vec![word(rest)] };
    let (mut names, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(word(&group[start..at]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(word(&group[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    names.retain(|n| !n.is_empty());
    names
}

/// A piece of code as [`Source::code`] has it.
pub(crate) fn blanked(text: &str) -> String {
    blank(text)
}

/// The text with comments and contents of strings and characters as spaces; lines stay.
fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let space = |c: char| if c == '\n' { '\n' } else { ' ' };
    let mut i = 0;
    while i < chars.len() {
        let (c, next) = (chars[i], chars.get(i + 1).copied().unwrap_or(' '));
        let after_word = i > 0 && is_word(chars[i - 1]);
        let end = if c == '/' && next == '/' {
            (i..chars.len()).find(|&j| chars[j] == '\n').unwrap_or(chars.len())
        } else if c == '/' && next == '*' {
            comment_end(&chars, i)
        } else if c == '"' {
            string_end(&chars, i + 1)
        } else if c == 'r' && !after_word && matches!(next, '"' | '#') {
            raw_end(&chars, i + 1).unwrap_or(i)
        } else if c == '\'' {
            char_end(&chars, i).unwrap_or(i)
        } else {
            i
        };
        if end == i {
            out.push(c);
            i += 1;
        } else {
            let quoted = c != '/';
            out.push(if quoted { '"' } else { ' ' });
            out.extend(chars[i + 1..end - 1].iter().map(|c| space(*c)));
            out.push(if quoted { '"' } else { space(chars[end - 1]) });
            i = end;
        }
    }
    out
}

fn comment_end(chars: &[char], start: usize) -> usize {
    let (mut i, mut depth) = (start, 0_usize);
    while i + 1 < chars.len() {
        match (chars[i], chars[i + 1]) {
            ('/', '*') => (depth, i) = (depth + 1, i + 2),
            ('*', '/') => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            return i;
        }
    }
    chars.len()
}

fn string_end(chars: &[char], mut i: usize) -> usize {
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    (i + 1).min(chars.len())
}

fn raw_end(chars: &[char], after_r: usize) -> Option<usize> {
    let hashes = chars[after_r..].iter().take_while(|c| **c == '#').count();
    let open = after_r + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    (open + 1..chars.len()).find_map(|i| {
        let closes = chars[i] == '"'
            && chars[i + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
        closes.then_some(i + 1 + hashes)
    })
}

/// `None` for a lifetime.
fn char_end(chars: &[char], start: usize) -> Option<usize> {
    if chars.get(start + 1) == Some(&'\\') {
        return (start + 3..chars.len()).find(|&i| chars[i] == '\'').map(|i| i + 1);
    }
    (chars.get(start + 2) == Some(&'\'')).then_some(start + 3)
}

/// Blanks items under `#[cfg(test)]`. Gives the modules among them that are files of their own, and
/// the lines where a `cfg` about tests is something else than `#[cfg(test)]` on an item.
fn cut_tests(code: &mut String) -> (Vec<String>, Vec<usize>) {
    const ITEMS: [&str; 10] =
        ["mod", "fn", "use", "const", "static", "struct", "enum", "impl", "trait", "type"];
    let (mut children, mut switches) = (Vec::new(), Vec::new());
    for odd in ["cfg!(test", "not(test)", "any(test"] {
        switches.extend(code.match_indices(odd).map(|(at, _)| line(code, at)));
    }
    while let Some(at) = code.find("#[cfg(test)]") {
        let mut from = at + "#[cfg(test)]".len();
        loop {
            let rest = code[from..].trim_start();
            from = code.len() - rest.len();
            if rest.starts_with("#[") {
                from += rest.find(']').unwrap() + 1;
            } else if rest.starts_with("pub(") {
                from += rest.find(')').unwrap() + 1;
            } else if let Some(word) = ["pub ", "async "].iter().find(|w| rest.starts_with(**w)) {
                from += word.len();
            } else {
                break;
            }
        }
        let item = &code[from..];
        let keyword: String = item.chars().take_while(|c| is_word(*c)).collect();
        let stop = item.find(['{', ';']).map_or(code.len(), |n| from + n);
        let end = if !ITEMS.contains(&keyword.as_str()) {
            switches.push(line(code, at));
            from
        } else if keyword == "use" || code[stop..].starts_with(';') {
            if keyword == "mod" {
                children.push(item[3..].trim_start().chars().take_while(|c| is_word(*c)).collect());
            }
            from + item.find(';').map_or(item.len(), |n| n + 1)
        } else {
            closing_brace(code, stop)
        };
        let cut: String =
            code[at..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        code.replace_range(at..end, &cut);
    }
    (children, switches)
}

fn closing_brace(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return open + at + 1;
        }
    }
    code.len()
}

#[test]
fn a_file_is_read_without_its_comments_strings_and_tests() {
    let mut code = blank(
        "use crate::{a::X, b}; // use crate::c;\n/* crate::d /* */ */ fn f<'a>(x: &'a str) -> char \
         { let s = \"crate::e \\\" crate::f\"; let r = r#\"crate::g\"#; '\"' }\n\
         #[cfg(test)]\nmod tests { use crate::h; fn g() { {} } }\nuse crate::i::Y;\n\
         #[cfg(test)]\npub(crate) mod sample;\nfn z() { if cfg!(test) { } }\n",
    );
    let (children, switches) = cut_tests(&mut code);
    assert_eq!(children, ["sample"]);
    assert_eq!(switches, [8]);
    let module = vec!["m".to_owned()];
    let source = Source {
        path: String::new(),
        module,
        lines: 0,
        code,
        test_switches: switches,
        test_only: false,
    };
    let named: Vec<String> = source.top_modules("own").into_iter().map(|(name, _)| name).collect();
    assert_eq!(named, ["a", "b", "i"]);
    assert_eq!(source.names_crate("b"), None);
    assert_eq!(source.has("'a str").map(|_| ()), Some(()));
}
