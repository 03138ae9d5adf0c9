//! Records as lines for spreadsheets and other programs: CSV that no spreadsheet takes for a formula.

mod csv;

pub use csv::csv_line;
