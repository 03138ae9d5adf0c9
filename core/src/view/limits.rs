//! What Discord takes: a message beyond this would be refused, so pages are held to it by tests.

use super::{Answer, Block, Button, Choice, Link, Message, Modal, Select};
use std::collections::BTreeSet;

/// Components in one message, containers and rows included.
pub const MAX_COMPONENTS: usize = 40;
/// Characters of text in one message.
pub const MAX_TEXT: usize = 4_000;

/// Everything about a message that Discord would refuse.
#[must_use]
pub fn problems(message: &Message) -> Vec<String> {
    let mut found = Check::default();
    let mut components = 1;
    let mut text = 0;
    for block in &message.blocks {
        components += 1;
        match block {
            Block::Text(t) => {
                text += t.chars().count();
                found.expect(!t.trim().is_empty(), "an empty text");
            }
            Block::Separator => {}
            Block::Image(name) => {
                let there = message.files.iter().any(|f| f.name == *name);
                found.expect(there, &format!("no file {name}"));
            }
            Block::Buttons(buttons) => {
                components += buttons.len();
                found.expect((1..=5).contains(&buttons.len()), "1 to 5 buttons a row");
                for button in buttons {
                    found.button(button);
                }
            }
            Block::Links(links) => {
                components += links.len();
                found.expect((1..=5).contains(&links.len()), "1 to 5 links a row");
                for link in links {
                    found.link(link);
                }
            }
            Block::Select(select) => {
                components += 1;
                found.select(select);
            }
        }
    }
    found.expect(components <= MAX_COMPONENTS, &format!("{components} components"));
    found.expect(text <= MAX_TEXT, &format!("{text} characters"));
    found.expect(message.files.len() <= 10, "more than 10 files");
    found.expect(!message.blocks.is_empty(), "nothing to show");
    found.problems
}

/// The same for an answer.
#[must_use]
pub fn answer_problems(answer: &Answer) -> Vec<String> {
    match answer {
        Answer::Private(message) | Answer::Replace(message) => problems(message),
        Answer::Modal(modal) => modal_problems(modal),
        Answer::Choices(choices) => {
            let mut found = Check::default();
            found.expect(choices.len() <= 25, "more than 25 choices");
            found.choices(choices);
            found.problems
        }
    }
}

fn modal_problems(modal: &Modal) -> Vec<String> {
    let mut found = Check::default();
    found.id(&modal.id);
    found.length("the title", &modal.title, 45);
    found.expect((1..=5).contains(&modal.fields.len()), "1 to 5 fields");
    for field in &modal.fields {
        found.length("a field's label", &field.label, 45);
        found.id(&field.id);
        found.expect((1..=4_000).contains(&field.max_length), "a field's length");
    }
    found.problems
}

#[derive(Default)]
struct Check {
    problems: Vec<String>,
    ids: BTreeSet<String>,
}

impl Check {
    fn expect(&mut self, holds: bool, otherwise: &str) {
        if !holds {
            self.problems.push(otherwise.to_owned());
        }
    }
    fn length(&mut self, what: &str, text: &str, most: usize) {
        let n = text.chars().count();
        self.expect((1..=most).contains(&n), &format!("{what} has {n} characters"));
    }
    fn id(&mut self, id: &str) {
        self.length("an id", id, 100);
        let fresh = self.ids.insert(id.to_owned());
        self.expect(fresh, &format!("the id {id} twice"));
    }
    fn button(&mut self, button: &Button) {
        self.id(&button.id);
        self.length("a label", &button.label, 80);
    }
    fn link(&mut self, link: &Link) {
        self.length("a label", &link.label, 80);
        self.length("an address", &link.url, 512);
        self.expect(link.url.starts_with("https://"), &format!("{} is not https", link.url));
    }
    fn select(&mut self, select: &Select) {
        self.id(&select.id);
        self.length("a placeholder", &select.placeholder, 150);
        self.expect((1..=25).contains(&select.choices.len()), "1 to 25 choices");
        self.choices(&select.choices);
    }
    fn choices(&mut self, choices: &[Choice]) {
        for choice in choices {
            self.length("a choice's value", &choice.value, 100);
            self.length("a choice's label", &choice.label, 100);
            if let Some(line) = &choice.description {
                self.length("a choice's description", line, 100);
            }
        }
        let values: BTreeSet<_> = choices.iter().map(|c| &c.value).collect();
        self.expect(values.len() == choices.len(), "a choice's value twice");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Accent, ButtonStyle, Link};

    #[test]
    fn what_discord_would_refuse_is_named() {
        let button =
            Button { id: "x".repeat(101), label: String::new(), style: ButtonStyle::Primary };
        let message = Message {
            accent: Accent::Neutral,
            blocks: vec![
                Block::Text("a".repeat(4_001)),
                Block::Image("missing.png".into()),
                Block::Buttons(vec![button.clone(), button]),
                Block::Links(vec![Link { label: "x".into(), url: "http://a.example".into() }]),
            ],
            files: Vec::new(),
            calls: None,
        };
        let found = problems(&message);
        for wanted in
            ["4001 characters", "no file missing.png", "101 characters", "twice", "not https"]
        {
            assert!(found.iter().any(|p| p.contains(wanted)), "{wanted}: {found:?}");
        }
        assert!(problems(&Message::text(Accent::Good, "fine")).is_empty());
    }
}
