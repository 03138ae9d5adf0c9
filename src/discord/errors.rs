//! What a failed call to Discord means for the one who made it.

use crate::ports::{ChatClass, ChatError};
use serenity::http::HttpError;

/// Sorts a failure of serenity's. The prose names neither content nor token.
pub(super) fn classify(error: &serenity::Error) -> ChatError {
    use serenity::Error;
    match error {
        Error::Http(HttpError::UnsuccessfulRequest(answer)) => {
            by_answer(answer.status_code.as_u16(), answer.error.code, &answer.error.message)
        }
        Error::Http(HttpError::Request(e)) if e.is_connect() || e.is_builder() => {
            chat(ChatClass::Later, "unreachable", "Discord cannot be reached")
        }
        Error::Http(HttpError::Request(e)) if e.is_timeout() => {
            chat(ChatClass::Unknown, "timeout", "Discord did not answer in time")
        }
        Error::Http(HttpError::Request(_)) => {
            chat(ChatClass::Unknown, "broken_off", "the connection to Discord broke off")
        }
        Error::Json(_) => {
            chat(ChatClass::Unknown, "undecodable", "Discord's answer could not be read")
        }
        _ => chat(ChatClass::Unknown, "client", "the Discord client failed"),
    }
}

/// Sorts an answer by status and Discord's own code.
pub(super) fn by_answer(status: u16, code: isize, message: &str) -> ChatError {
    let (class, name) = match (status, code) {
        (429, _) => (ChatClass::Later, "rate_limited"),
        (_, 50007) => (ChatClass::Closed, "dm_closed"),
        (_, 50278) => (ChatClass::Closed, "no_mutual_server"),
        (_, 10013) => (ChatClass::Closed, "unknown_user"),
        (_, 10008) => (ChatClass::MessageGone, "message_gone"),
        (_, 10003) => (ChatClass::ChannelGone, "channel_gone"),
        (_, 40003) => (ChatClass::Later, "dm_too_fast"),
        (_, 30046) => (ChatClass::Later, "edited_too_often"),
        (_, 160_006) => (ChatClass::Later, "too_many_threads"),
        (_, 50001) => (ChatClass::Refused, "missing_access"),
        (_, 50013) => (ChatClass::Refused, "missing_permission"),
        (_, 50035) => (ChatClass::Refused, "invalid_content"),
        (_, 50083) => (ChatClass::Refused, "thread_archived"),
        (401, _) => (ChatClass::Refused, "unauthorized"),
        (403, _) => (ChatClass::Refused, "forbidden"),
        (404, _) => (ChatClass::Refused, "not_found"),
        (400..=499, _) => (ChatClass::Refused, "refused"),
        // It may have been done all the same.
        _ => (ChatClass::Unknown, "server_error"),
    };
    chat(class, name, &format!("Discord answered {status}, code {code}: {message}"))
}

/// A failure of a call.
pub(super) fn chat(class: ChatClass, code: &'static str, detail: &str) -> ChatError {
    // Discord does not say when through serenity; what to wait at most is the caller's.
    ChatError { class, code, detail: detail.to_owned(), retry_after_ms: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_the_class_that_the_loop_acts_on() {
        let cases = [
            (403, 50007, ChatClass::Closed, "dm_closed"),
            (400, 50278, ChatClass::Closed, "no_mutual_server"),
            (404, 10008, ChatClass::MessageGone, "message_gone"),
            (404, 10003, ChatClass::ChannelGone, "channel_gone"),
            (403, 50001, ChatClass::Refused, "missing_access"),
            (403, 50013, ChatClass::Refused, "missing_permission"),
            (400, 50035, ChatClass::Refused, "invalid_content"),
            (401, 0, ChatClass::Refused, "unauthorized"),
            (429, -1, ChatClass::Later, "rate_limited"),
            (502, -1, ChatClass::Unknown, "server_error"),
        ];
        for (status, code, class, name) in cases {
            let error = by_answer(status, code, "text");
            assert_eq!((error.class, error.code), (class, name));
        }
    }
}
