//! A share as a bar of blocks: how much of something is used up.

/// Blocks of a whole bar.
const CELLS: u64 = 10;

/// A bar and the percent that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bar {
    /// Its blocks, filled from the beginning of the line.
    pub(crate) cells: String,
    /// 0 to 100; 0 and 100 only where nothing, or all, is used up.
    pub(crate) percent: u8,
}

/// The bar of `part` out of `whole`; what is beyond the whole is all of it. `None` of a whole of nothing.
///
/// What was begun shows at least a block, and what is not over yet lacks at least one: neither end is
/// claimed before it is reached.
pub(crate) fn bar(part: u64, whole: u64) -> Option<Bar> {
    let (part, whole) = (u128::from(part.min(whole)), u128::from(whole));
    let of = |cells: u64| {
        let cells = u128::from(cells);
        let share = (part * cells).checked_div(whole)?;
        let inside = share.clamp(1, cells - 1);
        let share = if part == 0 || part == whole { share } else { inside };
        usize::try_from(share).ok()
    };
    let (filled, cells) = (of(CELLS)?, usize::try_from(CELLS).ok()?);
    Some(Bar {
        cells: "▰".repeat(filled) + &"▱".repeat(cells.saturating_sub(filled)),
        percent: u8::try_from(of(100)?).ok()?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_empty_or_full_only_where_nothing_or_all_is_used() {
        let cases = [
            ((0, 100), "▱▱▱▱▱▱▱▱▱▱", 0),
            ((1, 100), "▰▱▱▱▱▱▱▱▱▱", 1),
            ((50, 100), "▰▰▰▰▰▱▱▱▱▱", 50),
            ((99, 100), "▰▰▰▰▰▰▰▰▰▱", 99),
            ((100, 100), "▰▰▰▰▰▰▰▰▰▰", 100),
            ((101, 100), "▰▰▰▰▰▰▰▰▰▰", 100),
            ((1, u64::MAX), "▰▱▱▱▱▱▱▱▱▱", 1),
            ((u64::MAX - 1, u64::MAX), "▰▰▰▰▰▰▰▰▰▱", 99),
        ];
        for ((part, whole), cells, percent) in cases {
            let bar = bar(part, whole).unwrap();
            assert_eq!((bar.cells.as_str(), bar.percent), (cells, percent), "{part} of {whole}");
        }
    }

    #[test]
    fn of_a_whole_of_nothing_there_is_no_bar() {
        assert_eq!((bar(0, 0), bar(5, 0)), (None, None));
    }

    #[test]
    fn more_is_never_less_of_a_bar() {
        let bars: Vec<_> = (0..=1_000).map(|part| bar(part, 997).unwrap()).collect();
        assert!(bars.windows(2).all(|two| two[0].percent <= two[1].percent));
        let filled = |bar: &Bar| bar.cells.chars().filter(|c| *c == '▰').count();
        assert!(bars.windows(2).all(|two| filled(&two[0]) <= filled(&two[1])));
        assert!(bars.iter().all(|bar| bar.cells.chars().count() == 10));
    }
}
