//! `nebulalinks revenue`: what was taken, by periods.

use super::at::At;
use super::show::query;
use super::{ask, lists, out, tables};
use clap::{Args, ValueEnum};

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    Day,
    Month,
    Quarter,
    Year,
}

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A table, a line a period and currency.
    Table,
    /// All there is, for tools.
    Json,
    /// The same as YAML.
    Yaml,
    /// A line a period and currency, for spreadsheets.
    Csv,
}

/// What was taken by approvals, less what was taken back by reversals. A reversal counts on the day of the
/// reversal; days are those of the shop's time zone. What is granted is no revenue.
#[derive(Debug, Args)]
pub struct RevenueCommand {
    /// How long a period is
    #[arg(long, value_enum, default_value = "day")]
    by: By,
    /// From this day on, such as 2026-11-01
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// Up to this day, with it
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// How to show it
    #[arg(short = 'o', long = "output", value_enum, default_value = "table", value_name = "FORM")]
    form: Form,
    /// Count all orders anew and mend what is kept of days, where fsck says that these disagree
    #[arg(long, conflicts_with_all = ["by", "from", "to", "form"])]
    recount: bool,
    /// Where the running shop is.
    #[command(flatten)]
    at: At,
}

impl RevenueCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let socket = self.at.socket();
        if self.recount {
            return ask::post(&socket, "/v1/revenue/recount");
        }
        let by = self.by.to_possible_value().map(|by| by.get_name().to_owned());
        let words = [("by", by), ("from", self.from.clone()), ("to", self.to.clone())];
        let told = ask::get(&socket, &query("/v1/revenue", &words))?;
        out::print(&match self.form {
            Form::Table => tables::revenue(&told.answer, tables::View::plain(told.now_ms)),
            Form::Json => format!("{:#}\n", told.answer),
            Form::Yaml => super::output::yaml(&told.answer)?,
            Form::Csv => lists::revenue_csv(&told.answer),
        })
    }
}
