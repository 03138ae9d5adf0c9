use super::{EVERYBODY, FILES, PUBLIC, SPACE, STAFF, Texts};
use crate::catalog::{OrderSpace, WRITTEN};
use crate::model::{DAY_MS, DurationMs, HOUR_MS, UnixMs};
use std::collections::{BTreeMap, BTreeSet};

/// Key → variables, read from a file's own text: a key at the margin, variables below it. The public
/// buttons are known to every text.
fn in_file(file: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in file.lines().filter(|l| !l.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
            key = name.to_owned();
            assert!(found.insert(key.clone(), BTreeSet::new()).is_none(), "{key} twice");
        }
        for part in line.split('$').skip(1) {
            let name: String =
                part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if name != SPACE && PUBLIC.iter().all(|(public, _)| *public != name) {
                found.get_mut(&key).unwrap().insert(name);
            }
        }
    }
    found
}

/// Each text's key and the arguments it is given.
fn table() -> impl Iterator<Item = &'static (&'static str, &'static [&'static str])> + Clone {
    EVERYBODY.iter().chain(STAFF)
}

#[test]
fn every_file_reads_without_an_error_and_is_a_language_that_check_names() {
    let mut names = Vec::new();
    for (language, file) in FILES {
        let read = fluent_bundle::FluentResource::try_new((*file).to_owned());
        assert!(read.is_ok(), "{language}: {:?}", read.err().map(|(_, errors)| errors));
        names.push(*language);
    }
    assert_eq!(names, WRITTEN);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/view/texts");
    let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name());
    let files: BTreeSet<String> = files.filter_map(|f| f.into_string().ok()).collect();
    let files = files.iter().filter_map(|f| f.strip_suffix(".ftl")).collect::<BTreeSet<_>>();
    assert_eq!(files, WRITTEN.iter().copied().collect(), "a file that nothing reads");
}

#[test]
fn every_text_is_there_in_every_language_and_gets_exactly_the_arguments_it_names() {
    let named: BTreeMap<String, BTreeSet<String>> = table()
        .map(|(k, args)| ((*k).to_owned(), args.iter().map(|a| (*a).to_owned()).collect()))
        .collect();
    let args = table().flat_map(|(_, args)| *args);
    assert!(args.clone().all(|arg| PUBLIC.iter().all(|(public, _)| public != arg)));
    for (language, file) in FILES {
        let file = in_file(file);
        for (key, args) in &named {
            assert_eq!(file.get(key), Some(args), "{language}.ftl: {key}");
        }
        for key in file.keys() {
            assert!(named.contains_key(key), "{language}.ftl: nothing says {key}");
        }
    }
}

/// A text that refers to a text or argument that is not there reads `{key}` to Fluent.
#[test]
fn no_text_refers_to_one_that_is_not_there() {
    for (language, _) in FILES {
        let texts = Texts::of(language, "en");
        for (key, args) in table() {
            for number in [0, 1, 2, 3, 5, 11, 21, 100, 101] {
                let mut given = fluent_bundle::FluentArgs::new();
                args.iter().for_each(|arg| given.set(*arg, number));
                let said = texts.say(key, given);
                assert!(
                    !said.contains(['{', '}', '$']) && said != *key,
                    "{language} {key}: {said}"
                );
                assert!(!said.trim().is_empty(), "{language} {key}");
            }
        }
    }
}

/// What a language says of each number.
fn counted(language: &str, say: impl Fn(&Texts, u32) -> String) -> Vec<String> {
    let texts = Texts::of(language, "en");
    [0, 1, 2, 3, 5, 11, 21, 100, 101].into_iter().map(|n| say(&texts, n)).collect()
}

#[test]
fn every_number_has_the_form_that_its_language_has_for_it() {
    let days = |language| counted(language, |t, n| t.length_days(n));
    let (few, many) = ("أيام", "يومًا");
    assert_eq!(
        days("en"),
        "0 days|1 day|2 days|3 days|5 days|11 days|21 days|100 days|101 days"
            .split('|')
            .collect::<Vec<_>>()
    );
    assert_eq!(
        days("ru"),
        "0 дней|1 день|2 дня|3 дня|5 дней|11 дней|21 день|100 дней|101 день"
            .split('|')
            .collect::<Vec<_>>()
    );
    assert_eq!(
        days("ar"),
        [
            "0 يوم".to_owned(),
            "يوم واحد".to_owned(),
            "يومان".to_owned(),
            format!("3 {few}"),
            format!("5 {few}"),
            format!("11 {many}"),
            format!("21 {many}"),
            "100 يوم".to_owned(),
            "101 يوم".to_owned(),
        ]
    );
    let devices = |language| counted(language, |t, n| t.devices_some(n));
    assert_eq!(
        devices("ru")[1..7],
        [
            "1 устройство",
            "2 устройства",
            "3 устройства",
            "5 устройств",
            "11 устройств",
            "21 устройство"
        ]
    );
    assert_eq!(
        devices("ar")[1..7],
        ["جهاز واحد", "جهازان", "3 أجهزة", "5 أجهزة", "11 جهازًا", "21 جهازًا"]
    );
    let proofs = |language| counted(language, |t, n| t.order_in_review(n));
    for (said, of) in proofs("ar").iter().zip([
        "بلا صور",
        "صورة واحدة",
        "صورتان",
        "3 صور",
        "5 صور",
        "11 صورة",
        "21 صورة",
        "100 صورة",
        "101 صورة",
    ]) {
        assert!(said.contains(of), "{said}");
    }
    for (said, of) in proofs("ru").iter().zip([
        "0 изображений",
        "1 изображение ",
        "2 изображения",
        "3 изображения",
        "5 изображений",
        "11 изображений",
        "21 изображение ",
        "100 изображений",
        "101 изображение ",
    ]) {
        assert!(said.contains(of), "{said}");
    }
}

/// Each text that counts has every form of its language: Arabic six, Russian four, English two.
#[test]
fn every_text_that_counts_has_all_forms_of_its_language() {
    let forms = |language: &str| match language {
        "ar" => &["[zero]", "[one]", "[two]", "[few]", "[many]", "*[other]"][..],
        "ru" => &["[one]", "[few]", "[many]", "*[other]"],
        _ => &["[one]", "*[other]"],
    };
    for (language, file) in FILES {
        let mut counting = BTreeMap::new();
        let mut key = "";
        for line in file.lines().filter(|l| !l.starts_with('#')) {
            if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
                key = name;
            }
            if line.contains("$space ->") {
                continue;
            }
            if line.contains("->") {
                counting.insert(key, Vec::new());
            } else if let (Some(forms), Some(form)) =
                (counting.get_mut(key), line.trim().split_inclusive(']').next())
                && line.trim().starts_with(['[', '*'])
                && !["[channel]", "*[thread]"].contains(&form)
            {
                forms.push(form);
            }
        }
        assert_eq!(counting.remove("moment").map(|months| months.len()), Some(12), "{language}");
        assert!(counting.len() > 5, "{language}: {counting:?}");
        for (key, found) in counting {
            assert_eq!(found, forms(language), "{language}.ftl: {key}");
        }
    }
}

#[test]
fn dates_and_lengths_are_written_in_the_readers_language_with_digits_that_can_be_typed() {
    let moment = UnixMs(1_796_000_000_000);
    let both = DurationMs(2 * DAY_MS + 12 * HOUR_MS);
    for (language, date, length) in [
        ("en", "30 Nov 2026, 02:53 EET", "2 days 12 hours"),
        ("ru", "30 ноября 2026, 02:53 EET", "2 дня 12 часов"),
        ("ar", "30 نوفمبر 2026، 02:53 EET", "يومان و12 ساعة"),
    ] {
        let texts = Texts::of(language, "en");
        assert_eq!(texts.at(moment, "Africa/Cairo"), date);
        assert_eq!(texts.length(both), length);
    }
}

#[test]
fn a_text_calls_a_public_button_what_it_says_in_the_shops_language() {
    let said = Texts::of("ru", "en").accounts_none();
    assert_eq!(said, "У вас пока нет аккаунта. Нажмите **Buy** в магазине, чтобы его получить.");
    assert!(Texts::of("ru", "ru").accounts_none().contains("**Купить**"));
    assert!(Texts::of("en", "ar").accounts_none().contains("**شراء**"));
    assert!(Texts::of("ru", "en").order_undelivered().contains("**Показать мою ссылку**"));
}

#[test]
fn where_there_are_no_texts_the_shops_language_is_taken_and_then_english() {
    assert_eq!(Texts::of("fr", "ru").button_buy(), "Купить");
    assert_eq!(Texts::of("fr", "de").button_buy(), "Buy");
    assert_eq!(Texts::of("ar-EG", "fr").button_buy(), "شراء");
}

#[test]
fn where_orders_have_channels_no_text_of_theirs_speaks_of_a_thread() {
    for (language, word) in [("en", "thread"), ("ru", "ветк")] {
        let said = |space| {
            let t = Texts::of(language, "en").in_space(space);
            [
                t.order_proof_optional(),
                t.order_placed_thread("<#1>"),
                t.order_placed_no_thread(),
                t.order_declined("no"),
                t.order_reversed("no"),
                t.notice_suspended("Basic", "soon"),
                t.reply_proof_taken("NL-1"),
                t.refused_not_staff(),
                t.proof_old_thread(),
                t.bad_order_number("x"),
            ]
        };
        let speaks = |text: &String| text.to_lowercase().contains(word);
        assert!(said(OrderSpace::PrivateThread).iter().all(speaks), "{language}");
        assert!(!said(OrderSpace::Channel).iter().any(speaks), "{language}");
    }
}
