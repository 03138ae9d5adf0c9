//! A scenario file: commands at the margin, what is then seen below them, indented.

/// The indent of what is seen.
const INDENT: &str = "    ";

/// One command with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// Blank lines and comments before it.
    pub(crate) lead: Vec<String>,
    /// The command as written.
    pub(crate) text: String,
    /// Its line in the file, from 1.
    pub(crate) line: usize,
    /// What is to be seen.
    pub(crate) expected: Vec<String>,
}

/// A whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Script {
    /// The commands in order, each with what the file expects.
    pub(crate) steps: Vec<Step>,
    /// Blank lines and comments after the last.
    pub(crate) tail: Vec<String>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub(crate) struct BadLine {
    line: usize,
    what: &'static str,
}

impl Script {
    /// Reads a file's text.
    pub(crate) fn parse(text: &str) -> Result<Self, BadLine> {
        let mut script = Self { steps: Vec::new(), tail: Vec::new() };
        for (line, raw) in (1..).zip(text.lines()) {
            let raw = raw.trim_end();
            if raw.is_empty() || raw.starts_with('#') {
                script.tail.push(raw.to_owned());
            } else if raw.starts_with([' ', '\t']) {
                let Some(step) = script.steps.last_mut() else {
                    return Err(BadLine { line, what: "something is seen before any command" });
                };
                if !script.tail.is_empty() {
                    return Err(BadLine {
                        line,
                        what: "what is seen stands right below its command, without a gap",
                    });
                }
                step.expected.push(raw.trim().to_owned());
            } else {
                let lead = std::mem::take(&mut script.tail);
                let expected = Vec::new();
                script.steps.push(Step { lead, text: raw.to_owned(), line, expected });
            }
        }
        Ok(script)
    }
}

impl std::fmt::Display for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for step in &self.steps {
            for line in &step.lead {
                writeln!(f, "{line}")?;
            }
            writeln!(f, "{}", step.text)?;
            for line in &step.expected {
                writeln!(f, "{INDENT}{line}")?;
            }
        }
        for line in &self.tail {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# about\n\nalice presses Buy\n    alice sees: a\n    alice sees: b\n\
                        # later\nwait 30d\n\n";

    #[test]
    fn a_file_reads_into_commands_with_what_is_seen() {
        let script = Script::parse(TEXT).unwrap();
        insta::assert_debug_snapshot!(script, @r##"
        Script {
            steps: [
                Step {
                    lead: [
                        "# about",
                        "",
                    ],
                    text: "alice presses Buy",
                    line: 3,
                    expected: [
                        "alice sees: a",
                        "alice sees: b",
                    ],
                },
                Step {
                    lead: [
                        "# later",
                    ],
                    text: "wait 30d",
                    line: 7,
                    expected: [],
                },
            ],
            tail: [
                "",
            ],
        }
        "##);
    }

    #[test]
    fn a_file_is_written_as_it_was_read() {
        assert_eq!(Script::parse(TEXT).unwrap().to_string(), TEXT);
    }

    #[test]
    fn what_is_seen_belongs_to_a_command() {
        let line = |text| Script::parse(text).unwrap_err().line;
        assert_eq!(line("# a\n    seen\n"), 2);
        assert_eq!(line("wait 1d\n    seen\n\n    seen\n"), 4);
    }
}
