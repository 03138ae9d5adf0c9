//! How an answer of the running shop is shown: as tables for people, whole for tools.

use super::tables::View;
use clap::{Args, ValueEnum};
use serde_json::Value;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// Tables, a line a row.
    Table,
    /// Tables with every column.
    Wide,
    /// All there is, for tools.
    Json,
    /// The same as YAML.
    Yaml,
}

/// The flag of every command that shows something.
#[derive(Debug, Args)]
pub(super) struct Output {
    /// How to show it
    #[arg(short = 'o', long = "output", value_enum, default_value = "table", value_name = "FORM")]
    form: Form,
}

impl Output {
    /// An answer in the wanted form; `page` makes the tables of it.
    pub(super) fn text(
        &self,
        answer: &Value,
        now_ms: u64,
        page: impl FnOnce(&Value, View) -> String,
    ) -> Result<String, String> {
        let view = |every| View { every, ..View::plain(now_ms) };
        Ok(match self.form {
            Form::Table => page(answer, view(false)),
            Form::Wide => page(answer, view(true)),
            Form::Json => format!("{answer:#}\n"),
            Form::Yaml => yaml(answer)?,
        })
    }
}

/// An answer as YAML.
pub(super) fn yaml(answer: &Value) -> Result<String, String> {
    serde_yaml::to_string(answer).map_err(|error| error.to_string())
}
