use super::*;
use crate::view::sample::SMALL_FRONT;
use crate::view::{Accent, Attachment, FileSource};

fn message(blocks: Vec<Block>) -> Message {
    Message { blocks, ..Message::text(Accent::Neutral, "") }
}

fn texts(message: &Message) -> Vec<&str> {
    let mut texts = Vec::new();
    for block in &message.blocks {
        if let Block::Text(text) = block {
            texts.push(text.as_str());
        }
    }
    texts
}

#[test]
fn the_longest_texts_give_way_and_what_is_to_be_copied_stays_whole() {
    let link = format!("```\n{}\n```", "v".repeat(300));
    let words = "one **two** `three` ".repeat(60);
    let long = message(vec![
        Block::Text("short".into()),
        Block::Text(words.clone()),
        Block::Text(link.clone()),
        Block::Text(words),
    ]);
    let fitted = SMALL_FRONT.fit(&long);
    let shown = texts(&fitted);
    assert_eq!((shown[0], shown[2]), ("short", link.as_str()));
    for cut in [shown[1], shown[3]] {
        assert!(cut.ends_with('…') && cut.chars().count() > 60, "{cut}");
        assert_eq!(cut.matches("**").count() % 2, 0, "{cut}");
        assert_eq!(cut.matches('`').count() % 2, 0, "{cut}");
    }
    assert_eq!(SMALL_FRONT.problems(&fitted), [""; 0]);
}

#[test]
fn half_a_link_is_never_shown_the_front_refuses_it_instead() {
    let link = format!("```\n{}\n```", "v".repeat(600));
    let long = message(vec![Block::Text(link.clone()), Block::Text("how to".into())]);
    let fitted = SMALL_FRONT.fit(&long);
    assert_eq!(texts(&fitted), [link.as_str(), "…"]);
    assert_eq!(SMALL_FRONT.problems(&fitted), ["609 characters"]);
}

#[test]
fn a_list_is_cut_after_a_whole_line() {
    assert_eq!(cut("first line\nsecond line\nthird", 24), "first line\nsecond line\n…");
    assert_eq!(cut("first line\nsecond line\nthird", 23), "first line\n…");
    assert_eq!(cut("some *bold words* more", 15), "some…", "not what is left open");
    assert_eq!(cut("a name\\", 6), "a…");
    assert_eq!(cut("a name_with one more", 17), "a name_with one…", "a mark alone marks nothing");
    assert_eq!(cut("whole", 5), "whole");
    assert_eq!(cut("one-word", 5), "…");
}

#[test]
fn a_row_that_is_too_wide_becomes_several_and_pictures_that_are_too_many_go() {
    let button = |n: usize| Button {
        id: n.to_string(),
        label: format!("{n} {}", "label ".repeat(9)),
        style: crate::view::ButtonStyle::Primary,
    };
    let picture = |n: usize| Block::Image(format!("{n}.png"));
    let mut wide =
        message(vec![Block::Buttons((0..5).map(button).collect()), picture(0), picture(1)]);
    wide.files = (0..2)
        .map(|n| Attachment { name: format!("{n}.png"), source: FileSource::Bytes(vec![n]) })
        .collect();
    let fitted = SMALL_FRONT.fit(&wide);
    assert_eq!(SMALL_FRONT.problems(&fitted), [""; 0]);
    let rows: Vec<usize> = fitted
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Buttons(row) => Some(row.len()),
            _ => None,
        })
        .collect();
    assert_eq!((rows, fitted.files.len()), (vec![3, 2], 1));
    assert_eq!(fitted.blocks.iter().filter(|b| matches!(b, Block::Image(_))).count(), 1);
}
