//! A message or a dialog for a front that takes less: cut with a mark, in more rows, without the
//! pictures that are too many. What is to be copied is whole, or the front refuses it: half a link
//! leads nowhere.

use super::format::clip;
use super::{Block, Button, FrontProfile, Link, Message, Modal, Select};
use std::borrow::Cow;

/// Around what is to be copied.
const FENCE: &str = "```";

impl FrontProfile {
    /// The message as this front takes it; the very same one where it takes it as it is.
    #[must_use]
    pub fn fit<'m>(&self, message: &'m Message) -> Cow<'m, Message> {
        if self.problems(message).is_empty() {
            return Cow::Borrowed(message);
        }
        let mut fitted = message.clone();
        fitted.files.truncate(self.files);
        let files = &fitted.files;
        fitted.blocks.retain(|block| match block {
            Block::Image(name) | Block::File(name) => files.iter().any(|file| file.name == *name),
            _ => true,
        });
        fitted.blocks = fitted.blocks.into_iter().flat_map(|block| self.block(block)).collect();
        self.cut_texts(&mut fitted.blocks);
        Cow::Owned(fitted)
    }

    /// The dialog as this front takes it.
    #[must_use]
    pub fn fit_modal(&self, modal: &Modal) -> Modal {
        let mut fitted = modal.clone();
        fitted.title = clip(&fitted.title, self.title);
        for field in &mut fitted.fields {
            field.label = clip(&field.label, self.title);
            field.max_length = field.max_length.min(self.typed);
        }
        if let Some(files) = &mut fitted.files {
            files.label = clip(&files.label, self.title);
            files.description = clip(&files.description, self.choice);
            files.most = files.most.min(self.chosen_files);
        }
        fitted
    }

    fn block(&self, block: Block) -> Vec<Block> {
        match block {
            Block::Buttons(buttons) => {
                let labelled =
                    |b: &Button| Button { label: clip(&b.label, self.label), ..b.clone() };
                let rows = buttons.chunks(self.row.max(1));
                rows.map(|row| Block::Buttons(row.iter().map(labelled).collect())).collect()
            }
            Block::Links(links) => {
                let labelled = |l: &Link| Link { label: clip(&l.label, self.label), ..l.clone() };
                let rows = links.chunks(self.row.max(1));
                rows.map(|row| Block::Links(row.iter().map(labelled).collect())).collect()
            }
            Block::Select(select) => vec![Block::Select(self.select(select))],
            Block::Text(_) | Block::Separator | Block::Image(_) | Block::File(_) => vec![block],
        }
    }

    fn select(&self, mut select: Select) -> Select {
        select.placeholder = clip(&select.placeholder, self.placeholder);
        for choice in &mut select.choices {
            choice.label = clip(&choice.label, self.choice);
            choice.description = choice.description.as_deref().map(|line| clip(line, self.choice));
        }
        select
    }

    /// Cuts the longest texts, all to one length; short ones, and what is to be copied, stay whole.
    fn cut_texts(&self, blocks: &mut [Block]) {
        let mut texts: Vec<&mut String> = blocks.iter_mut().filter_map(text_of).collect();
        let long = |text: &String| text.chars().count();
        let whole: usize = texts.iter().filter(|t| t.contains(FENCE)).map(|t| long(t)).sum();
        texts.retain(|text| !text.contains(FENCE));
        texts.sort_by_key(|text| long(text));
        let (mut left, count) = (self.text.saturating_sub(whole), texts.len());
        for (n, text) in texts.into_iter().enumerate() {
            *text = cut(text, left / (count - n));
            left = left.saturating_sub(long(text));
        }
    }
}

fn text_of(block: &mut Block) -> Option<&mut String> {
    match block {
        Block::Text(text) => Some(text),
        Block::Separator
        | Block::Image(_)
        | Block::File(_)
        | Block::Buttons(_)
        | Block::Links(_)
        | Block::Select(_) => None,
    }
}

/// At most so many characters with an ellipsis: whole lines where one fits, else whole words, so that
/// nothing is left open that the rest would have closed.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    // A mark that the whole text does not close marks nothing.
    let pairs: Vec<&str> = PAIRS.into_iter().filter(|pair| is_closed(text, &[pair])).collect();
    let room: String = text.chars().take(most.saturating_sub(1)).collect();
    let lines = room.rfind('\n').map(|end| format!("{}\n…", &room[..end]));
    let by_lines = lines.filter(|lines| lines.chars().count() <= most && is_closed(lines, &pairs));
    by_lines.unwrap_or_else(|| {
        let ends = room.char_indices().rev().filter(|(_, c)| c.is_whitespace());
        let mut words = ends.map(|(end, _)| &room[..end]).filter(|words| is_closed(words, &pairs));
        format!("{}…", words.next().unwrap_or_default())
    })
}

/// Code, bold text, slanted text, brackets: what opens, and what closes.
const PAIRS: [&str; 4] = ["``", "**", "__", "[]"];

/// Whether what was opened of these is closed; what is escaped opens nothing.
fn is_closed(text: &str, pairs: &[&str]) -> bool {
    let (mut marks, mut escaped) = (String::new(), false);
    for c in text.chars() {
        if !escaped {
            marks.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    let count = |mark: &str| marks.matches(mark).count();
    let closed = |pair: &&str| match pair.split_at(1) {
        (open, close) if open == close => count(open) % 2 == 0,
        (open, close) => count(open) == count(close),
    };
    !escaped && pairs.iter().all(closed)
}

#[cfg(test)]
mod tests;
