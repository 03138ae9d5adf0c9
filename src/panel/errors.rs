//! What a failure means for the loop.

use nebulalinks_protocol::{ErrorCode, Problem};

use super::transport::TransportError;
use crate::ports::{ErrorClass, PanelCode, PanelError};

fn error(class: ErrorClass, code: PanelCode, detail: impl Into<String>) -> PanelError {
    PanelError { class, code, detail: detail.into(), retry_after_ms: None, unshown: Vec::new() }
}

/// The class of what may have been done by a write, and surely was not by a read.
const fn doubtful(writes: bool) -> ErrorClass {
    if writes { ErrorClass::UnknownOutcome } else { ErrorClass::Unreachable }
}

/// The call did not come to an answer.
pub(super) fn transport(lost: &TransportError, writes: bool) -> PanelError {
    match lost {
        TransportError::NotSent(why) => {
            error(ErrorClass::Unreachable, PanelCode::Unreachable, why.clone())
        }
        TransportError::OutcomeUnknown(why) => {
            error(doubtful(writes), PanelCode::Lost, why.clone())
        }
    }
}

/// An answer that nobody signed, or not to this question.
pub(super) fn unsigned(
    status: u16,
    reason: &str,
    clock_difference_s: Option<i64>,
    writes: bool,
) -> PanelError {
    if status == 429 {
        let detail = "an unsigned answer 429: too many requests come from this address, or a proxy \
                      limits them";
        return error(ErrorClass::Unreachable, PanelCode::Gateway(ErrorCode::RateLimited), detail);
    }
    // These do nothing, whoever sent them: the gateway's refusal, or a proxy without the gateway.
    if matches!(status, 401 | 403 | 404 | 425) {
        let hint = match clock_difference_s {
            Some(s) if s.abs() > 5 => format!(
                ". Its Date header differs from our clock by {s} s (unsigned, so only a hint): \
                 compare both clocks"
            ),
            _ => String::new(),
        };
        let cause = match status {
            403 => "this address is not on the gateway's allow-list (--allow)",
            _ => "the keys differ on the two sides",
        };
        let detail = format!(
            "an unsigned answer {status}: {cause}, or something between rewrites Host or path, or \
             answers in the gateway's place{hint}"
        );
        return error(ErrorClass::Operator, PanelCode::Auth, detail);
    }
    let detail = format!("an answer {status} that is not signed by the gateway ({reason})");
    error(doubtful(writes), PanelCode::Unsigned, detail)
}

/// A signed answer whose body is not what was asked for.
pub(super) fn unreadable(writes: bool) -> PanelError {
    let detail = "the gateway's signed answer has an unexpected form: are both of one version?";
    error(doubtful(writes), PanelCode::Protocol, detail)
}

/// No keys for this gateway.
pub(super) fn keys(why: &str) -> PanelError {
    error(ErrorClass::Operator, PanelCode::Keys, why)
}

/// The gateway's address is not one.
pub(super) fn address(detail: String) -> PanelError {
    error(ErrorClass::Operator, PanelCode::Address, detail)
}

/// Something that the caller must never ask.
pub(super) fn defect(detail: &str) -> PanelError {
    error(ErrorClass::Refused, PanelCode::Defect, detail)
}

/// A signed refusal.
pub(super) fn problem(problem: Problem, our_clock_ms: u64, writes: bool) -> PanelError {
    use {ErrorClass as C, ErrorCode as E};
    let class = match problem.code {
        E::Unauthorized
        | E::Forbidden
        | E::Clock
        | E::NotFound
        | E::PanelAuth
        | E::PanelUnsupported => C::Operator,
        E::TooEarly
        | E::RateLimited
        | E::Expired
        | E::PanelUnreachable
        | E::PanelProtocol
        | E::NotAttempted => C::Unreachable,
        E::Fenced | E::Claimed => C::Fenced,
        E::Conflict => C::Conflict,
        E::AnotherPanel => C::AnotherPanel,
        E::Invalid | E::NoInbound | E::PanelRefused => C::Refused,
        // Nothing is known of another code, so a write may have been done.
        E::UnknownOutcome | E::Internal | E::Other => doubtful(writes),
    };
    let code = match problem.code {
        E::Unauthorized => PanelCode::Auth,
        code => PanelCode::Gateway(code),
    };
    let mut detail = problem.detail;
    if let (ErrorCode::Clock, Some(theirs)) = (problem.code, problem.clock_ms) {
        let ahead = i128::from(theirs) - i128::from(our_clock_ms);
        detail = format!("{detail}; its clock is {ahead} ms ahead of ours");
    }
    let unshown = problem.unshown.into_iter().map(super::convert::seen_history).collect();
    PanelError { class, code, detail, retry_after_ms: problem.retry_after_ms, unshown }
}
