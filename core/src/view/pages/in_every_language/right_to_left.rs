//! Laws of Arabic lines with Latin words and numbers in them. A front draws each line in the direction of its
//! first letter, and a number goes with the letter before it: after Latin ones it is drawn as part of them,
//! apart from the Arabic word that it counts. Texts carry no marks, so words keep such neighbours apart.

use super::*;
use crate::view::with_moments;

/// What a word is to the algorithm of two directions, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Word {
    Arabic,
    Latin,
    Number,
    /// Begins with digits and goes on with letters, such as `50GiB`.
    Mixed,
}

fn words(line: &str) -> Vec<Word> {
    let arabic = |c: char| ('\u{600}'..='\u{6ff}').contains(&c) && c.is_alphabetic();
    let word = |text: &str| {
        let text = text.trim_matches(|c: char| !c.is_alphanumeric());
        let first = text.chars().next()?;
        Some(match text.chars().any(char::is_alphabetic) {
            _ if text.chars().any(arabic) => Word::Arabic,
            false => Word::Number,
            true if first.is_ascii_digit() => Word::Mixed,
            true => Word::Latin,
        })
    };
    line.split_whitespace().filter_map(word).collect()
}

/// What is drawn out of order in a line that has Arabic words.
fn out_of_order(line: &str) -> Option<&'static str> {
    let words = words(line);
    if !words.contains(&Word::Arabic) {
        return None;
    }
    let first = words.iter().find(|word| **word != Word::Number)?;
    let drawn_apart = |three: &[Word]| match (*first, three) {
        (Word::Arabic, [Word::Latin | Word::Mixed, Word::Number, Word::Arabic]) => {
            Some("a number is drawn with the Latin word before it")
        }
        _ => None,
    };
    let torn = |four: &[Word]| match (*first, four) {
        (Word::Arabic, [Word::Arabic, Word::Number, Word::Latin, Word::Latin | Word::Number]) => {
            Some("what stands after a number is drawn with the Latin word behind it")
        }
        _ => None,
    };
    let taken = |two: &[Word]| match (*first, two) {
        (Word::Latin | Word::Mixed, [Word::Arabic, Word::Number | Word::Mixed]) => {
            Some("a number is drawn with the Arabic word before it")
        }
        _ => None,
    };
    words
        .windows(3)
        .find_map(drawn_apart)
        .or_else(|| words.windows(4).find_map(torn))
        .or_else(|| words.windows(2).find_map(taken))
}

#[test]
fn what_would_be_drawn_out_of_order_is_found() {
    for bad in [
        "السعر 100.00 EGP · 30 يومًا",
        "السعر 100.00 EGP / 2.10 USD",
        "بيانات 50GiB · 3 أجهزة",
        "NL-7 · الأساسية · 100.00 EGP",
        "alice · الأساسية · 01kb7f",
    ] {
        assert!(out_of_order(bad).is_some(), "{bad}");
    }
    for good in [
        "السعر 100.00 EGP أو 2.10 USD · المدة 30 يومًا",
        "30 يومًا · 50GiB من البيانات · 3 أجهزة",
        "ينتهي 31 يناير 2027، 02:53 EET",
        "NL-7 · 100.00 EGP · الأساسية",
        "ams-1 5/200",
    ] {
        assert_eq!(out_of_order(good), None, "{good}");
    }
}

#[test]
fn no_line_of_an_arabic_page_is_drawn_out_of_order() {
    let pages = every_page(&FRONT, "").into_iter().filter(|(name, _)| name.starts_with("ar:"));
    let mut lines = 0;
    for (name, page) in pages {
        for text in texts_of(&page) {
            for line in with_moments(text, |_| String::new()).lines() {
                let words = words(line);
                lines += usize::from(words.contains(&Word::Arabic));
                assert_eq!(out_of_order(line), None, "{name}: {line}");
                let latin_first = words.iter().find(|word| **word != Word::Number);
                assert!(
                    !words.contains(&Word::Arabic) || latin_first == Some(&Word::Arabic),
                    "{name}: its direction is that of a Latin word: {line}"
                );
            }
        }
    }
    assert!(lines > 500, "{lines}");
}

#[test]
fn nothing_that_is_offered_in_arabic_is_drawn_out_of_order() {
    let mut catalog = catalog();
    catalog.shop.languages = ["en", "ar"].map(str::to_owned).to_vec();
    catalog.plans[0].name = both("ar", "الأساسية");
    let mut order = order(1, Target::New, "vodafone-cash");
    Arc::make_mut(&mut order.plan).name = Arc::new(catalog.plans[0].name.0.clone());
    let snapshot = snapshot([served_account(1, true), put(order)]);
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW).for_reader("ar".parse().ok());
    let offered = [
        pages.own_order_choice(order_id(1)),
        pages.order_choice(order_id(1)),
        pages.staff_account_choice(account_id(1)),
        Some(pages.plan_choice(&catalog.plans[0])),
    ];
    for choice in offered {
        let label = choice.unwrap().label;
        assert!(words(&label).contains(&Word::Arabic), "{label}");
        assert_eq!(out_of_order(&label), None, "{label}");
    }
}
