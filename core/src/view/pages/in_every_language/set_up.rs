//! What is said of a server on which everything is wrong, and of lists.

use super::*;
use crate::view::{ExportAsked, ExportFailure, ExportKind, Exported, Permission};
use crate::view::{Setup, SetupPlace, SetupProblem};

/// Every kind of it, the longest words first: only some are said.
fn problems() -> [Vec<SetupProblem>; 2] {
    let id = u64::MAX;
    let lacks =
        SetupPlace::ALL.map(|place| SetupProblem::Lacks(place, id, Permission::ALL.to_vec()));
    let public = SetupPlace::ALL.map(|place| SetupProblem::Public(place, id));
    let each = [
        SetupProblem::NoServer(id),
        SetupProblem::NoChannel(SetupPlace::Orders, id),
        SetupProblem::WrongKind(SetupPlace::Orders, id),
        SetupProblem::NoMessage(SetupPlace::Alerts, id),
        SetupProblem::NoRole("support", id),
        SetupProblem::Unread,
    ];
    let last = vec![SetupProblem::NoCommands, SetupProblem::NoServer(id)];
    [lacks.into_iter().chain(public).collect(), each.into_iter().chain(last).collect()]
}

pub(super) fn pages(pages: &Pages<'_>) -> Vec<Message> {
    let places = SetupPlace::ALL.map(|place| (place, u64::MAX)).to_vec();
    let ill = problems().map(|problems| Setup::Looked(places.clone(), problems));
    let commands = Setup::Looked(Vec::new(), vec![SetupProblem::NoCommands]);
    let others = [Setup::Unknown, Setup::Looked(places, Vec::new()), commands];
    let setups = others.iter().chain(&ill).map(|setup| pages.setup(setup));
    setups.chain(exports(pages)).collect()
}

/// A list that is given, and those that are not.
fn exports(pages: &Pages<'_>) -> Vec<Message> {
    let day = || Some("2026-11-30".to_owned());
    let asked = ExportAsked { kind: ExportKind::Customers, json: true, from: day(), to: day() };
    let given = Exported { rows: usize::MAX, content: vec![0] };
    let came = [Ok(given), Err(ExportFailure::TooLarge), Err(ExportFailure::Failed)];
    let came = came.iter().map(|came| pages.export(&asked, came));
    came.chain([pages.export_not_understood()]).collect()
}

#[test]
fn what_is_wrong_with_the_server_stands_with_what_mends_it_and_with_its_channel() {
    let (snapshot, catalog) = (Snapshot::default(), catalog());
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
    for problem in problems().into_iter().flatten() {
        let (what, mend) = problem.said(&pages.texts);
        let places = vec![(SetupPlace::Store, 7), (SetupPlace::Review, 8)];
        let page = pages.setup(&Setup::Looked(places, vec![problem.clone()])).plain();
        assert!(page.contains(&what) && page.contains(&mend), "{page}");
        let line = |key: &str| page.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
        let is_of = |place| problem.place() == Some(place);
        assert_eq!(line("`store`").contains("see below"), is_of(SetupPlace::Store), "{page}");
        assert_eq!(line("`review`").contains("see below"), is_of(SetupPlace::Review), "{page}");
    }
}
