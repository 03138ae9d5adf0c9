use super::*;
use crate::model::{ServerId, Snapshot, UnixMs};
use crate::view::sample::{FRONT, NOW, catalog};

/// More than are said, each with all that it can say, in signs that are escaped.
fn storm() -> Vec<Alert> {
    let long = "*a_b* <@1> [x](https://example.net) ".repeat(40);
    (0..30)
        .map(|n| Alert {
            kind: AlertKind::ImplausibleCounters,
            server: Some(format!("{:w<32}", format!("s{n}")).parse::<ServerId>().unwrap()),
            since: Some(UnixMs(NOW.0 - n)),
            says: Says::Words { detail: long.clone(), remedy: Some(long.clone()) },
        })
        .collect()
}

#[test]
fn a_storm_of_alerts_fits_into_a_message_in_every_language() {
    let (snapshot, catalog, storm) = (Snapshot::default(), catalog(), storm());
    let names = || storm.iter().map(Alert::name);
    let telling =
        Telling { at: NOW, new: names().map(|n| (n, 0)).collect(), over: names().collect() };
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    for language in ["en", "ar", "ru"] {
        let pages = pages.for_reader(language.parse().ok());
        for message in [pages.alerts(&storm), pages.alerts_news(&telling, &storm)] {
            assert_eq!(FRONT.problems(&message), Vec::<String>::new(), "{language}");
        }
    }
}

#[test]
fn what_the_outside_says_formats_and_leads_nowhere() {
    let (snapshot, catalog) = (Snapshot::default(), catalog());
    let said = Pages::new(&FRONT, &snapshot, &catalog, NOW).alerts(&storm()[..1]).plain();
    assert!(!said.contains("](https://") && !said.contains("<@1>"), "{said}");
}
