//! What a front would refuse: pages are held to it by tests, and cut to it where one goes beyond.

use super::{Answer, Block, Button, Choice, FrontProfile, Link, Message, Modal, Select};
use std::collections::BTreeSet;

impl FrontProfile {
    /// Everything about a message that this front would refuse.
    #[must_use]
    pub fn problems(&self, message: &Message) -> Vec<String> {
        problems(self, message)
    }

    /// The same for an answer.
    #[must_use]
    pub fn answer_problems(&self, answer: &Answer) -> Vec<String> {
        match answer {
            Answer::Private(message) | Answer::Replace(message) => problems(self, message),
            Answer::Modal(modal) => modal_problems(self, modal),
            Answer::Choices(choices) => {
                let mut found = Check::of(self);
                let many = choices.len() > self.choices;
                found.expect(!many, &format!("{} choices", choices.len()));
                found.choices(choices);
                found.problems
            }
        }
    }
}

fn problems(front: &FrontProfile, message: &Message) -> Vec<String> {
    let mut found = Check::of(front);
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
            Block::Image(name) | Block::File(name) => {
                let there = message.files.iter().any(|f| f.name == *name);
                found.expect(there, &format!("no file {name}"));
            }
            Block::Buttons(buttons) => {
                components += buttons.len();
                found.at_most("buttons in a row", buttons.len(), front.row);
                for button in buttons {
                    found.button(button);
                }
            }
            Block::Links(links) => {
                components += links.len();
                found.at_most("links in a row", links.len(), front.row);
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
    found.expect(components <= front.components, &format!("{components} components"));
    found.expect(text <= front.text, &format!("{text} characters"));
    found.expect(message.files.len() <= front.files, &format!("{} files", message.files.len()));
    found.expect(!message.blocks.is_empty(), "nothing to show");
    found.problems
}

fn modal_problems(front: &FrontProfile, modal: &Modal) -> Vec<String> {
    let mut found = Check::of(front);
    found.id(&modal.id);
    found.length("the title", &modal.title, front.title);
    let fields = modal.fields.len() + usize::from(modal.files.is_some());
    found.at_most("fields", fields, front.fields);
    for field in &modal.fields {
        found.length("a field's label", &field.label, front.title);
        found.id(&field.id);
        found.at_most("characters of a field", field.max_length.into(), front.typed.into());
    }
    if let Some(files) = &modal.files {
        found.length("a field's label", &files.label, front.title);
        found.length("a field's description", &files.description, front.choice);
        found.id(&files.id);
        found.at_most("files to choose", files.most, front.chosen_files);
    }
    found.problems
}

struct Check<'a> {
    front: &'a FrontProfile,
    problems: Vec<String>,
    ids: BTreeSet<String>,
}

impl<'a> Check<'a> {
    const fn of(front: &'a FrontProfile) -> Self {
        Self { front, problems: Vec::new(), ids: BTreeSet::new() }
    }
    /// At least one of them, too.
    fn at_most(&mut self, what: &str, n: usize, most: usize) {
        self.expect((1..=most).contains(&n), &format!("{n} {what}"));
    }
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
        self.length("an id", id, self.front.id);
        let fresh = self.ids.insert(id.to_owned());
        self.expect(fresh, &format!("the id {id} twice"));
    }
    fn button(&mut self, button: &Button) {
        self.id(&button.id);
        self.length("a label", &button.label, self.front.label);
    }
    fn link(&mut self, link: &Link) {
        self.length("a label", &link.label, self.front.label);
        self.length("an address", &link.url, self.front.url);
        self.expect(link.url.starts_with("https://"), &format!("{} is not https", link.url));
    }
    fn select(&mut self, select: &Select) {
        self.id(&select.id);
        self.length("a placeholder", &select.placeholder, self.front.placeholder);
        self.at_most("choices", select.choices.len(), self.front.choices);
        self.choices(&select.choices);
    }
    fn choices(&mut self, choices: &[Choice]) {
        for choice in choices {
            self.length("a choice's value", &choice.value, self.front.id);
            self.length("a choice's label", &choice.label, self.front.choice);
            if let Some(line) = &choice.description {
                self.length("a choice's description", line, self.front.choice);
            }
        }
        let values: BTreeSet<_> = choices.iter().map(|c| &c.value).collect();
        self.expect(values.len() == choices.len(), "a choice's value twice");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample::FRONT;
    use crate::view::{Accent, ButtonStyle, Link};

    #[test]
    fn what_a_front_would_refuse_is_named() {
        let button =
            Button { id: "x".repeat(101), label: String::new(), style: ButtonStyle::Primary };
        let message = Message {
            blocks: vec![
                Block::Text("a".repeat(4_001)),
                Block::Image("missing.png".into()),
                Block::Buttons(vec![button.clone(), button]),
                Block::Links(vec![Link { label: "x".into(), url: "http://a.example".into() }]),
            ],
            ..Message::text(Accent::Neutral, "")
        };
        let found = FRONT.problems(&message);
        for wanted in
            ["4001 characters", "no file missing.png", "101 characters", "twice", "not https"]
        {
            assert!(found.iter().any(|p| p.contains(wanted)), "{wanted}: {found:?}");
        }
        assert!(FRONT.problems(&Message::text(Accent::Good, "fine")).is_empty());
    }
}
