//! A line of CSV (RFC 4180), safe to open in a spreadsheet: what would be read as a formula is a text there.

use csv::{QuoteStyle, WriterBuilder};
use std::borrow::Cow;

/// A cell that begins so is a formula to some spreadsheet, or is one after what is cut off.
const FORMULA: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A cell as a spreadsheet may read it: what people wrote and would be a formula gets an apostrophe before it.
/// A plain number is none, and stays one below zero.
fn harmless(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(FORMULA) && !is_number(cell) {
        return Cow::Owned(format!("'{cell}"));
    }
    Cow::Borrowed(cell)
}

/// `-12.34`.
fn is_number(cell: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let whole = cell.strip_prefix('-').unwrap_or(cell);
    whole.split_once('.').map_or(digits(whole), |(whole, part)| digits(whole) && digits(part))
}

/// Cells as a line with its end, quoted where that is needed.
#[must_use]
pub fn csv_line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = WriterBuilder::new().quote_style(QuoteStyle::Necessary).from_writer(Vec::new());
    // Nothing of memory refuses to be written to.
    let _ = line.write_record(cells.into_iter().map(|cell| harmless(cell).into_owned()));
    let bytes = line.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(line: &str) -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
        let record = reader.records().next().unwrap().unwrap();
        assert!(reader.records().next().is_none(), "one line was written: {line}");
        record.iter().map(str::to_owned).collect()
    }

    #[test]
    fn what_a_spreadsheet_would_calculate_is_text_and_numbers_stay_numbers() {
        for evil in ["=1+1", "+1-1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-", "--1", "＝1"]
        {
            assert_eq!(read(&csv_line([evil])), [format!("'{evil}")], "{evil:?}");
        }
        for plain in ["-12.34", "12", "0.5", "a=b", "", "NL-7K3QX2", "'=1"] {
            assert_eq!(read(&csv_line([plain, "x"])), [plain, "x"], "{plain:?}");
        }
        assert_eq!(
            csv_line(["a,b", "say \"hi\"", "two\nlines"]),
            "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\n"
        );
    }

    proptest! {
        #[test]
        fn every_cell_is_read_back_and_none_begins_a_formula(
            cells in proptest::collection::vec("([=+@\\-\t\r\n\",'])?(\\PC|[\",\r\n\t=+@;'\u{202e}]){0,12}", 2..6),
        ) {
            let back = read(&csv_line(cells.iter().map(String::as_str)));
            prop_assert_eq!(back.len(), cells.len());
            for (back, cell) in back.iter().zip(&cells) {
                prop_assert!(back == cell || *back == format!("'{cell}"), "{:?} {:?}", back, cell);
                prop_assert!(!back.starts_with(FORMULA) || is_number(back), "{:?}", back);
            }
        }
    }
}
