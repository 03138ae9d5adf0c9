//! Why a write cannot go on, in words for the controller and the operator.

pub(in crate::panel) use nebulalinks_protocol::percent_encoded as segment;
use nebulalinks_protocol::{ErrorCode, Expect};

use super::http::CallError;
use super::located_client::LocatedClient;
use super::state::PanelState;
use crate::failure::Failure;

/// Sorts a write's answer: certain failures end the request, all else is read back.
pub(in crate::panel) fn classify_answer<T>(
    answer: Result<T, CallError>,
    written: bool,
    denied: impl FnOnce(u16) -> Failure,
) -> Result<Result<T, CallError>, Failure> {
    let failure = match answer {
        Ok(value) => return Ok(Ok(value)),
        Err(CallError::NotSent(why)) => Failure::new(ErrorCode::PanelUnreachable, why),
        Err(CallError::Denied(status)) => denied(status),
        Err(CallError::Stopped(failure)) => failure,
        Err(error) => return Ok(Err(error)),
    };
    Err(if written { after_a_write(failure) } else { failure })
}

/// Checks what must be there before a write.
///
/// # Errors
/// [`ErrorCode::Conflict`]; [`ErrorCode::PanelRefused`] when it is not known what is there.
pub(in crate::panel) fn check_precondition(
    state: &PanelState,
    found: Option<&LocatedClient>,
    expect: Expect,
) -> Result<(), Failure> {
    if found.is_none() {
        state.proves_absence()?;
    }
    let conflict = |detail: &str| Err(Failure::new(ErrorCode::Conflict, detail));
    match (expect, found) {
        (Expect::Absent, None) => Ok(()),
        (Expect::Absent, Some(_)) => conflict("a client of that name is there: read again"),
        (Expect::Uuid(_), None) => conflict("no client of that name is there: read again"),
        (Expect::Uuid(uuid), Some(f)) if f.uuid() == Some(uuid) => Ok(()),
        (Expect::Uuid(_), Some(_)) => conflict("the client there has another uuid: read again"),
    }
}

/// The client that is to be changed.
///
/// # Errors
/// [`ErrorCode::Conflict`]: it is not there.
pub(in crate::panel) fn require_client(
    found: Option<&LocatedClient>,
) -> Result<&LocatedClient, Failure> {
    let detail = "no client of that name is there: read again";
    found.ok_or_else(|| Failure::new(ErrorCode::Conflict, detail))
}

/// Judges a step of which no effect is seen. `again`: the same step would come next.
///
/// # Errors
/// Why the write cannot go on.
pub(in crate::panel) fn no_effect(
    done: Result<(), CallError>,
    again: bool,
    redact: impl FnOnce(&str) -> String,
) -> Result<(), Failure> {
    match done {
        Err(CallError::Unknown(why)) => Err(still_unknown(&why)),
        Err(error) => {
            let prose = match error {
                CallError::Refused(prose) => redact(&prose),
                _ => String::new(),
            };
            let detail = format!("the panel refused: {prose}");
            Err(Failure::new(ErrorCode::PanelRefused, detail))
        }
        Ok(()) if again => {
            let detail = "the panel said success and changed nothing: read again";
            Err(Failure::new(ErrorCode::UnknownOutcome, detail))
        }
        Ok(()) => Ok(()),
    }
}

/// The panel may still be at a step: a second write now could cross it.
pub(in crate::panel) fn still_unknown(why: &str) -> Failure {
    let detail = format!("{why}, and what was asked is not there yet: read again");
    Failure::new(ErrorCode::UnknownOutcome, detail)
}

/// Refuses to bring into service what the panel would switch off again at once. On v2.9.4 each
/// such switch is a restart of Xray, and everybody drops.
pub(in crate::panel) fn already_exhausted() -> Failure {
    let detail = "the end has passed or the cap is used up, so the panel would switch it off \
                  again: read again";
    Failure::new(ErrorCode::Conflict, detail)
}

/// The engine wrote to the panel as often as any client can need.
pub(in crate::panel) fn did_not_converge() -> Failure {
    Failure::new(ErrorCode::UnknownOutcome, "the panel did not come to rest: read again")
}

/// A failure after something was sent. Only a replaced controller gets the failure as it is.
pub(in crate::panel) fn after_a_write(failure: Failure) -> Failure {
    if failure.code == ErrorCode::Fenced {
        return failure;
    }
    let detail = format!("{}; something was written before: read again", failure.detail);
    Failure::new(ErrorCode::UnknownOutcome, detail)
}
