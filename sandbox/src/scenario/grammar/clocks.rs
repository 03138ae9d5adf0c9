//! Whose clock is wrong, and by how much.

use super::words::BadCommand;

/// Whose clock is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Party {
    /// A process' or a panel's: `controller`, `gateway-fra-1`, `panel-fra-1`, `discord`.
    One(String),
    /// Those of the controller, of every gateway and of every panel: all hosts of the shop.
    EveryHost,
}

/// `the controller is set 400d ahead`, `every host is set right`: whose clock, and by how many ms it
/// is ahead then.
pub(super) fn setting(
    row: &[&str],
    length: &dyn Fn(&[&str]) -> Result<u64, BadCommand>,
) -> Result<(Party, i64), BadCommand> {
    let is = row.iter().position(|word| *word == "is").unwrap_or(row.len());
    let (whose, set) = row.split_at_checked(is).unwrap_or((row, &[]));
    let ahead = match set {
        ["is", "set", "right"] => 0,
        ["is", "set", by @ .., way @ ("ahead" | "back")] => {
            let by = i64::try_from(length(by)?).unwrap_or(i64::MAX);
            if *way == "ahead" { by } else { -by }
        }
        _ => return Err(BadCommand(format!("{}: set 1h ahead, 1h back or right", row.join(" ")))),
    };
    let whose = match whose {
        ["the", "controller"] => Party::One("controller".to_owned()),
        [kind @ ("gateway" | "panel"), server] => Party::One(format!("{kind}-{server}")),
        ["Discord"] => Party::One("discord".to_owned()),
        ["every", "host"] => Party::EveryHost,
        _ => {
            return Err(BadCommand(format!(
                "{}: whose clock? the controller, gateway fra-1, panel fra-1, Discord, every host",
                whose.join(" ")
            )));
        }
    };
    Ok((whose, ahead))
}
