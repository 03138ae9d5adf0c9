//! Pages for whoever is answered: in the language that they chose, or that Discord shows to them.

use super::profile::PROFILE;
use super::shared::Shared;
use crate::front::{Click, Fetched, Router};
use crate::intent::Rejection;
use crate::model::{Identity, Language};
use crate::view::{Answer, Pages};

/// Whoever is answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    /// Who that is, where it could be read.
    who: Option<Identity>,
    /// What Discord tells of their language.
    told: Option<Language>,
}

impl Reader {
    pub(super) const fn of(click: &Click) -> Self {
        Self { who: Some(click.person.identity), told: click.language }
    }

    /// Somebody who wrote a message: Discord tells no language with it.
    pub(super) const fn by_identity(who: Identity) -> Self {
        Self { who: Some(who), told: None }
    }

    /// Somebody of whom no more could be read.
    pub(super) const fn somebody(told: Option<Language>) -> Self {
        Self { who: None, told }
    }
}

/// A router over what is durable now.
pub(super) fn with_router<T>(
    shared: &Shared,
    reader: Reader,
    choose: impl FnOnce(&Router<'_>) -> T,
) -> T {
    with_fetched(shared, reader, &Fetched::default(), choose)
}

/// The same with what was read of the store for a click.
pub(super) fn with_fetched<T>(
    shared: &Shared,
    reader: Reader,
    fetched: &Fetched,
    choose: impl FnOnce(&Router<'_>) -> T,
) -> T {
    let (snapshot, catalog) = (shared.store.snapshot(), shared.catalog.borrow().clone());
    let told = reader.told;
    let language =
        reader.who.map_or(told, |who| catalog.language_read(snapshot.reads_at(who, told)));
    let now = shared.time.reading().now;
    let pages = Pages::new(&PROFILE, &snapshot, &catalog, now).for_reader(language);
    choose(&Router { pages: &pages, catalog: &catalog, snapshot: &snapshot, fetched })
}

/// The pages of that moment.
pub(super) fn with_pages<T>(
    shared: &Shared,
    reader: Reader,
    draw: impl FnOnce(&Pages<'_>) -> T,
) -> T {
    with_router(shared, reader, |router| draw(router.pages))
}

pub(super) fn refusal(shared: &Shared, reader: Reader, why: Rejection) -> Answer {
    with_pages(shared, reader, |pages| Answer::Private(pages.refused(why)))
}
