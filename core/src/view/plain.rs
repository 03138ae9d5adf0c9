//! A message as plain text, for transcripts and tests.

use super::{Answer, Block, FileField, Message, Modal, with_moments};
use std::fmt::Write;

impl Message {
    /// The texts as they are, `[Label]` for buttons, one line per choice of a select.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut out = String::new();
        for block in &self.blocks {
            match block {
                Block::Text(text) => out.push_str(&with_moments(text, |_| String::new())),
                Block::Separator => out.push_str("---"),
                Block::Image(name) => {
                    let _ = write!(out, "(picture {name})");
                }
                Block::File(name) => {
                    let _ = write!(out, "(file {name})");
                }
                Block::Buttons(buttons) => {
                    let labels: Vec<_> = buttons.iter().map(|b| format!("[{}]", b.label)).collect();
                    out.push_str(&labels.join(" "));
                }
                Block::Links(links) => {
                    let labels: Vec<_> = links.iter().map(|l| format!("[{}]", l.label)).collect();
                    out.push_str(&labels.join(" "));
                }
                Block::Select(select) => {
                    let _ = write!(out, "<{}>", select.placeholder);
                    for choice in &select.choices {
                        let _ = write!(out, "\n  {} = {}", choice.value, choice.label);
                        if let Some(line) = &choice.description {
                            let _ = write!(out, " | {line}");
                        }
                    }
                }
            }
            out.push('\n');
        }
        out
    }
}

impl Modal {
    /// The title and the fields' labels.
    #[must_use]
    pub fn plain(&self) -> String {
        let texts = self.fields.iter().map(|f| format!("{}: ____", f.label));
        let files = self.files.iter().map(|f| {
            let FileField { label, description, most, .. } = f;
            format!("{label}: (1-{most} files)\n  {description}")
        });
        let fields: Vec<_> = files.chain(texts).collect();
        format!("{}\n{}\n", self.title, fields.join("\n"))
    }
}

impl Answer {
    /// What it shows, as plain text.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Private(message) | Self::Replace(message) => message.plain(),
            Self::Modal(modal) => modal.plain(),
            Self::Choices(choices) => {
                choices.iter().map(|c| format!("{} = {}\n", c.value, c.label)).collect()
            }
        }
    }
}
