//! Lists that staff take with them: what is asked for, and what came of it.

use crate::revenue::Days;
use std::collections::BTreeMap;

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportKind {
    /// Orders by when they were placed.
    Orders,
    /// Accounts by when they were made.
    Accounts,
    /// Customers by when they came.
    Customers,
    /// What was taken, by day and currency.
    Revenue,
    /// Who did what.
    Audit,
}

impl ExportKind {
    /// All there are.
    pub const ALL: [Self; 5] =
        [Self::Orders, Self::Accounts, Self::Customers, Self::Revenue, Self::Audit];

    /// Its word, in commands and in names of files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Accounts => "accounts",
            Self::Customers => "customers",
            Self::Revenue => "revenue",
            Self::Audit => "audit",
        }
    }
}

/// A list, its form, and the days of the shop's time zone that it is about, both in it; valid ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportAsked {
    /// What is listed.
    pub kind: ExportKind,
    /// As JSON instead of CSV.
    pub json: bool,
    /// From this day on, such as `2026-11-01`.
    pub from: Option<String>,
    /// Up to this day.
    pub to: Option<String>,
}

/// A list that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// How many rows it has.
    pub rows: usize,
    /// All of it.
    pub content: Vec<u8>,
}

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFailure {
    /// It would be larger than was allowed.
    TooLarge,
    /// The records could not be read, or that it was asked for not be written down.
    Failed,
}

impl ExportAsked {
    /// The forms, by the word for each and whether it is JSON.
    pub const FORMATS: [(&'static str, bool); 2] = [("csv", false), ("json", true)];

    /// What is asked for by the options `what`, `format`, `from` and `to`; nothing where a word or a day is none.
    #[must_use]
    pub fn read(options: &BTreeMap<String, String>) -> Option<Self> {
        let option = |name: &str| options.get(name).map(|text| text.trim());
        let kind = option("what")?;
        let kind = ExportKind::ALL.into_iter().find(|known| known.name() == kind)?;
        let format = option("format").unwrap_or("csv");
        let (_, json) = Self::FORMATS.into_iter().find(|(word, _)| *word == format)?;
        let day = |name: &str| option(name).filter(|day| !day.is_empty()).map(str::to_owned);
        let (from, to) = (day("from"), day("to"));
        Days::parse(from.as_deref(), to.as_deref()).ok()?;
        Some(Self { kind, json, from, to })
    }

    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        let parts = [Some(self.kind.name()), self.from.as_deref(), self.to.as_deref()];
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join("-");
        format!("{name}.{}", self.format())
    }

    /// The word of its form.
    #[must_use]
    pub const fn format(&self) -> &'static str {
        if self.json { "json" } else { "csv" }
    }

    /// The words with which the shop's own command writes the same into a file.
    #[must_use]
    pub fn words(&self) -> String {
        let file = self.file_name();
        let mut words = vec![self.kind.name(), "--format", self.format()];
        for (flag, day) in [("--from", &self.from), ("--to", &self.to)] {
            words.extend(day.iter().flat_map(|day| [flag, day.as_str()]));
        }
        words.extend(["-o", &file]);
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: &[(&str, &str)]) -> Option<ExportAsked> {
        let options = options.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        ExportAsked::read(&options.collect())
    }

    #[test]
    fn what_is_asked_for_is_read_and_written_as_the_command_that_does_the_same() {
        let asked =
            read(&[("what", "orders"), ("from", "2026-11-01"), ("format", "json")]).unwrap();
        assert_eq!(asked.file_name(), "orders-2026-11-01.json");
        assert_eq!(
            asked.words(),
            "orders --format json --from 2026-11-01 -o orders-2026-11-01.json"
        );
        for kind in ExportKind::ALL {
            let asked = read(&[("what", kind.name())]).unwrap();
            assert_eq!(asked.words(), format!("{0} --format csv -o {0}.csv", kind.name()));
        }
        let orders = ("what", "orders");
        for bad in [
            &[("what", "secrets")][..],
            &[("what", "")],
            &[("from", "2026-11-01")],
            &[orders, ("format", "xlsx")],
            &[orders, ("from", "1.11.2026")],
            &[orders, ("from", "../../etc/x")],
            &[orders, ("from", "2026-11-02"), ("to", "2026-11-01")],
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
