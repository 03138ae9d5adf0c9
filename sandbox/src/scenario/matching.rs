//! What was seen against what was to be seen: each line once, in order within one place, with `…`
//! for anything.

/// What differs, or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Expected and not seen.
    pub(crate) missing: Vec<String>,
    /// Seen and not expected.
    pub(crate) surplus: Vec<String>,
}

impl Difference {
    /// Whether there is none.
    pub(crate) fn is_none(&self) -> bool {
        self.missing.is_empty() && self.surplus.is_empty()
    }
}

/// Compares, place by place.
pub(crate) fn compare(expected: &[String], seen: &[String]) -> Difference {
    let mut difference = Difference::default();
    let mut places: Vec<&str> = Vec::new();
    for line in expected.iter().chain(seen) {
        if !places.contains(&place(line)) {
            places.push(place(line));
        }
    }
    for here in places {
        let of = |lines: &[String]| -> Vec<String> {
            lines.iter().filter(|line| place(line) == here).cloned().collect()
        };
        let (want, got) = (of(expected), of(seen));
        // The longest common row, so that one odd line does not make all that follow differ.
        let (missing, surplus) = beside(&want, &got);
        difference.missing.extend(missing);
        difference.surplus.extend(surplus);
    }
    difference
}

/// Compares where people raced: any of them may have been the one that is named. The smallest
/// difference counts.
pub(crate) fn compare_race(expected: &[String], seen: &[String], people: &[String]) -> Difference {
    let turned = |by: usize| {
        let of = |word: &str| {
            let at = people.iter().position(|p| p == word)?;
            people.iter().cycle().nth(at + by).cloned()
        };
        let lines: Vec<String> = expected.iter().map(|line| renamed(line, of)).collect();
        compare(&lines, seen)
    };
    let mut smallest = compare(expected, seen);
    for other in (1..people.len()).map(turned) {
        let size = |d: &Difference| d.missing.len() + d.surplus.len();
        if size(&other) < size(&smallest) {
            smallest = other;
        }
    }
    smallest
}

/// A line with some of its words replaced.
fn renamed(line: &str, of: impl Fn(&str) -> Option<String>) -> String {
    let mut text = String::new();
    for piece in line.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
        let rest = piece.get(word.len()..).unwrap_or_default();
        text.push_str(&of(word).unwrap_or_else(|| word.to_owned()));
        text.push_str(rest);
    }
    text
}

/// Where a line was seen: what stands before its colon.
fn place(line: &str) -> &str {
    line.split_once(": ").map_or(line, |(place, _)| place)
}

fn beside(want: &[String], got: &[String]) -> (Vec<String>, Vec<String>) {
    let width = got.len() + 1;
    // lengths[i * width + j]: the longest common row of want[i..] and got[j..].
    let mut lengths = vec![0_usize; (want.len() + 1) * width];
    let at =
        |lengths: &[usize], i: usize, j: usize| lengths.get(i * width + j).copied().unwrap_or(0);
    for (i, w) in want.iter().enumerate().rev() {
        for (j, g) in got.iter().enumerate().rev() {
            let best = if fits(w, g) {
                1 + at(&lengths, i + 1, j + 1)
            } else {
                at(&lengths, i + 1, j).max(at(&lengths, i, j + 1))
            };
            if let Some(cell) = lengths.get_mut(i * width + j) {
                *cell = best;
            }
        }
    }
    let (mut missing, mut surplus) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    while let (Some(w), Some(g)) = (want.get(i), got.get(j)) {
        if fits(w, g) && at(&lengths, i, j) == 1 + at(&lengths, i + 1, j + 1) {
            (i, j) = (i + 1, j + 1);
        } else if at(&lengths, i + 1, j) >= at(&lengths, i, j + 1) {
            missing.push(w.clone());
            i += 1;
        } else {
            surplus.push(g.clone());
            j += 1;
        }
    }
    missing.extend(want.iter().skip(i).cloned());
    surplus.extend(got.iter().skip(j).cloned());
    (missing, surplus)
}

/// Whether a line is as expected, `…` there standing for anything.
pub(crate) fn fits(expected: &str, seen: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(mut rest) = parts.next().and_then(|first| seen.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[&str]) -> Vec<String> {
        text.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn whoever_wins_a_race_is_as_good_as_the_other_but_not_both() {
        let people = ["omar".to_owned(), "sara".to_owned()];
        let expected = lines(&["omar sees: done", "sara sees: late", "card: by @omar, …"]);
        let race = |seen: &[&str]| compare_race(&expected, &lines(seen), &people).is_none();
        assert!(race(&["omar sees: done", "sara sees: late", "card: by @omar, 1 Jan"]));
        assert!(race(&["sara sees: done", "omar sees: late", "card: by @sara, 1 Jan"]));
        assert!(!race(&["sara sees: done", "omar sees: done", "card: by @sara, 1 Jan"]));
        assert!(!race(&["sara sees: done", "omar sees: late", "card: by @omar, 1 Jan"]));
    }

    #[test]
    fn dots_stand_for_anything_and_only_they_do() {
        assert!(fits("a … c", "a b c"));
        assert!(fits("a …", "a b c"));
        assert!(fits("nl-main-…", "nl-main-…"));
        assert!(!fits("a … c", "a b d"));
        assert!(!fits("a b", "a b c"));
    }

    #[test]
    fn the_order_counts_within_a_place_and_not_between_places() {
        let seen = lines(&["a: 1", "b: 1", "a: 2"]);
        assert!(compare(&lines(&["b: 1", "a: 1", "a: 2"]), &seen).is_none());
        assert!(!compare(&lines(&["b: 1", "a: 2", "a: 1"]), &seen).is_none());
    }

    #[test]
    fn a_line_too_many_and_one_too_few_both_differ() {
        let d = compare(&lines(&["a: 1", "a: 2"]), &lines(&["a: 1", "a: 3"]));
        assert_eq!((d.missing, d.surplus), (lines(&["a: 2"]), lines(&["a: 3"])));
        assert_eq!(compare(&[], &lines(&["a: 1", "a: 1"])).surplus.len(), 2);
        assert_eq!(compare(&lines(&["a: 1"]), &lines(&["a: 1", "a: 1"])).surplus.len(), 1);
    }
}
