//! Lists that are longer than one message takes: a page of them, and the ways to the others.

use super::{Draft, Pages, button};
use crate::view::texts::Texts;
use crate::view::{Action, Button, ButtonStyle, Choice};

/// The items of a page, which page it is (from 0, the last one if there are fewer), of how many.
pub(super) fn page_of<T>(items: Vec<T>, page: u16, size: usize) -> (Vec<T>, u16, u16) {
    let pages = u16::try_from(items.len().div_ceil(size).max(1)).unwrap_or(u16::MAX);
    let page = page.min(pages - 1);
    let shown = items.into_iter().skip(usize::from(page) * size).take(size).collect();
    (shown, page, pages)
}

/// The buttons to the pages before and after; none when there is only one.
pub(super) fn turns(t: &Texts, page: u16, pages: u16, to: impl Fn(u16) -> Action) -> Vec<Button> {
    let mut buttons = Vec::new();
    if page > 0 {
        buttons.push(button(&to(page - 1), t.button_previous(), ButtonStyle::Secondary));
    }
    if page + 1 < pages {
        buttons.push(button(&to(page + 1), t.button_next(), ButtonStyle::Secondary));
    }
    buttons
}

impl Draft {
    /// A select of one page of the choices; below it which page this is, and the ways to the
    /// others.
    pub(super) fn paged(
        self,
        pages: &Pages<'_>,
        action: &Action,
        placeholder: String,
        (choices, page): (Vec<Choice>, u16),
        to: impl Fn(u16) -> Action,
    ) -> Self {
        let t = &pages.texts;
        let (shown, page, pages) = page_of(choices, page, pages.front.choices);
        self.select(action, placeholder, shown)
            .maybe((pages > 1).then(|| t.page_of(page + 1, pages)))
            .buttons(turns(t, page, pages, to))
    }
}

#[cfg(test)]
mod tests;
