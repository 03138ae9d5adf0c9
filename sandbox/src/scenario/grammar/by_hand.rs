//! What a scenario does to a client in a panel's pages.

use super::quantity::{bytes, length_ms, spell_exactly, spell_seconds};
use super::words::{BadCommand, quoted};

/// Whose client it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whose {
    /// A customer's: that of the link which they were shown.
    Customer(String),
    /// One that is not ours, by its name.
    Foreign(String),
}

/// What is done by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HandChange {
    /// The client is deleted.
    Deleted,
    /// The client is switched off.
    Disabled,
    /// The client is switched on.
    Enabled,
    /// The client gets a longer end, a larger cap and another comment.
    Edited,
    /// The client gets these.
    Set(Vec<Field>),
}

/// A field of a client as people edit it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    /// The end, in so many ms from now, which may be past; `None` is never.
    Ends(Option<i64>),
    /// The cap, bytes; 0 is none.
    Cap(i64),
    /// How many devices at once; 0 is any number.
    Devices(i64),
    /// The comment.
    Comment(String),
}

impl HandChange {
    /// Reads its word, and what follows the server.
    ///
    /// # Errors
    /// [`BadCommand`]: no such change.
    pub(super) fn read(word: &str, rest: &[&str]) -> Result<Self, BadCommand> {
        match (word, rest) {
            ("deleted", []) => Ok(Self::Deleted),
            ("disabled", []) => Ok(Self::Disabled),
            ("enabled", []) => Ok(Self::Enabled),
            ("edited", []) => Ok(Self::Edited),
            ("edited", ["to", fields @ ..]) => fields_of(fields).map(Self::Set),
            (other, _) => {
                Err(BadCommand(format!("{other}: deleted, disabled, enabled, or edited to …")))
            }
        }
    }
}

/// `end in 30d, cap 50GiB, devices 2, comment "x"`.
fn fields_of(words: &[&str]) -> Result<Vec<Field>, BadCommand> {
    let wrong =
        |what: &str| BadCommand(format!("{what}: end in 30d, cap 50GiB, devices 2, comment"));
    let mut fields = Vec::new();
    let mut rest = words;
    while let [first, after @ ..] = rest {
        let value = after.first().map_or("", |word| word.trim_end_matches(','));
        let mut taken = 1;
        fields.push(match *first {
            "end" if value == "never" => Field::Ends(None),
            "end" if value == "in" || value == "since" => {
                let parts = after.iter().skip(1).map(|word| word.trim_end_matches(','));
                let parts: Vec<&str> = parts.take_while(|word| length_ms(word).is_some()).collect();
                taken += parts.len();
                let ms = length_ms(&parts.join(" ")).and_then(|ms| i64::try_from(ms).ok());
                let ms = ms.ok_or_else(|| wrong("end"))?;
                Field::Ends(Some(if value == "in" { ms } else { -ms }))
            }
            "cap" if value == "none" => Field::Cap(0),
            "cap" => Field::Cap(bytes(value).ok_or_else(|| wrong("cap"))?),
            "devices" => Field::Devices(value.parse().map_err(|_| wrong("devices"))?),
            "comment" => {
                let text = after.first().ok_or_else(|| wrong("comment"))?;
                Field::Comment((*text).to_owned())
            }
            other => return Err(wrong(other)),
        });
        rest = after.get(taken..).unwrap_or_default();
    }
    if fields.is_empty() { Err(wrong("nothing")) } else { Ok(fields) }
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ends(None) => write!(f, "end never"),
            Self::Ends(Some(ms)) => {
                let how = if *ms < 0 { "since" } else { "in" };
                write!(f, "end {how} {}", spell_seconds(ms.unsigned_abs().div_ceil(1_000)))
            }
            Self::Cap(0) => write!(f, "cap none"),
            Self::Cap(bytes) => write!(f, "cap {}", spell_exactly(*bytes)),
            Self::Devices(count) => write!(f, "devices {count}"),
            // It stands at the end: a comma in it is its own.
            Self::Comment(text) => write!(f, "comment {}", quoted(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    #[test]
    fn fields_are_read_as_they_are_written() {
        let fields = [
            Field::Ends(Some(86_405_000)),
            Field::Ends(Some(-3_600_000)),
            Field::Ends(None),
            Field::Cap(0),
            Field::Cap(50 << 30),
            Field::Cap(1_234_567),
            Field::Devices(0),
            Field::Comment("a \"friend\", of mine,".to_owned()),
        ];
        let text: Vec<String> = fields.iter().map(Field::to_string).collect();
        assert_eq!(text[0], "end in 1d 5s");
        let words = words(&format!("to {}", text.join(", "))).unwrap();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(HandChange::read("edited", &words), Ok(HandChange::Set(fields.into())));
        for wrong in [&["to"][..], &["to", "end"], &["to", "cap", "5"], &["to", "x", "1"]] {
            assert!(HandChange::read("edited", wrong).is_err(), "{wrong:?}");
        }
    }
}
