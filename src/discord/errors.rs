//! What a failed call to Discord means for the one who made it. Only Discord's own code is final:
//! a page of an edge or a proxy on the way is trouble that passes, whatever its status says.

use crate::ports::{ChatClass, ChatCode, ChatError};
use serde_json::{Value, json};
use serenity::http::{DiscordJsonError, HttpError};

/// Why the bot ended, or could not begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BotError {
    /// It cannot be set up.
    #[error("the bot cannot be set up: {0}")]
    Setup(String),
    /// Trying again cannot heal it.
    #[error("Discord refused the bot for good: {0}")]
    Fatal(String),
    /// It asks for more than Discord lets it hear; trying again cannot heal it.
    #[error("Discord refused the bot for good: {0}")]
    Intents(String),
    /// It asks to hear what Discord does not know; trying again cannot heal it.
    #[error("Discord refused the bot for good: {0}")]
    Version(String),
    /// The connection ended; it will be made again.
    #[error("the connection to Discord ended: {0}")]
    Ended(String),
}

/// Below this Discord has no codes but 0, its general one: what says another is somebody else.
const FIRST_CODE: i64 = 10_000;

/// Sorts a failure of serenity's. The prose names neither content nor token.
pub(super) fn classify(error: &serenity::Error) -> ChatError {
    use serenity::Error;
    match error {
        Error::Http(HttpError::UnsuccessfulRequest(answer)) => {
            by_answer(answer.status_code.as_u16(), &as_sent(&answer.error))
        }
        Error::Http(HttpError::Request(e)) => not_answered(e),
        Error::Json(_) => {
            chat(ChatClass::Unknown, ChatCode::Undecodable, "Discord's answer could not be read")
        }
        _ => chat(ChatClass::Unknown, ChatCode::Client, "the Discord client failed"),
    }
}

/// Serenity's reading of a failure as the JSON it came from; where it could not read one, nothing.
fn as_sent(error: &DiscordJsonError) -> Value {
    if error.code < 0 {
        return Value::Null;
    }
    let places: Vec<_> = error.errors.iter().map(|e| format!("{}: {}", e.path, e.code)).collect();
    json!({"code": error.code, "message": error.message, "places": places})
}

/// Sorts a call that got no answer.
pub(super) fn not_answered(error: &reqwest::Error) -> ChatError {
    if error.is_connect() || error.is_builder() {
        chat(ChatClass::Later, ChatCode::Unreachable, "Discord cannot be reached")
    } else if error.is_timeout() {
        chat(ChatClass::Unknown, ChatCode::Timeout, "Discord did not answer in time")
    } else {
        chat(ChatClass::Unknown, ChatCode::BrokenOff, "the connection to Discord broke off")
    }
}

/// Sorts an answer by its status and by Discord's own code in its JSON, if it is Discord's.
#[must_use]
pub fn by_answer(status: u16, body: &Value) -> ChatError {
    let code = body.get("code").and_then(Value::as_i64).filter(|_| body["message"].is_string());
    let code = code.filter(|c| *c == 0 || *c >= FIRST_CODE);
    let (class, name) = match (status, code) {
        (429, _) => (ChatClass::Later, ChatCode::RateLimited),
        // It may have been done all the same.
        (500.., _) | (..400, _) => (ChatClass::Unknown, ChatCode::ServerError),
        (401, Some(0)) => (ChatClass::Refused, ChatCode::Unauthorized),
        (400, Some(0)) => (ChatClass::Refused, ChatCode::Refused),
        // Not reached, or an outage that speaks for Discord: nothing was done.
        (_, None | Some(0)) => (ChatClass::Later, ChatCode::NotDiscord),
        (_, Some(code)) => by_code(code),
    };
    let detail = match code {
        Some(code) => {
            let message = body["message"].as_str().unwrap_or_default();
            format!("Discord answered {status}, code {code}: {message}{}", places(body))
        }
        None => format!("{status}, and no answer of Discord's: something on the way to it"),
    };
    chat(class, name, &detail)
}

/// Sorts a refusal by Discord's code.
const fn by_code(code: i64) -> (ChatClass, ChatCode) {
    match code {
        50_007 => (ChatClass::Closed, ChatCode::DmClosed),
        50_278 => (ChatClass::Closed, ChatCode::NoMutualServer),
        10_013 => (ChatClass::Closed, ChatCode::UnknownUser),
        10_008 => (ChatClass::MessageGone, ChatCode::MessageGone),
        10_003 => (ChatClass::ChannelGone, ChatCode::ChannelGone),
        40_003 => (ChatClass::Later, ChatCode::DmTooFast),
        30_046 => (ChatClass::Later, ChatCode::EditedTooOften),
        30_013 => (ChatClass::Later, ChatCode::TooManyChannels),
        160_006 => (ChatClass::Later, ChatCode::TooManyThreads),
        // Limits on writing, a service switched off for a while, and Discord's own network.
        20_016 | 20_022 | 20_028 | 20_029 | 40_062 => (ChatClass::Later, ChatCode::RateLimited),
        40_004 | 40_006 | 40_333 | 130_000 => (ChatClass::Later, ChatCode::Unavailable),
        50_001 => (ChatClass::Refused, ChatCode::MissingAccess),
        50_013 => (ChatClass::Refused, ChatCode::MissingPermission),
        50_035 => (ChatClass::Refused, ChatCode::InvalidContent),
        40_005 => (ChatClass::Refused, ChatCode::TooLarge),
        50_083 => (ChatClass::Refused, ChatCode::ThreadArchived),
        _ => (ChatClass::Refused, ChatCode::Refused),
    }
}

/// What a form's errors are about: places and Discord's words, never the content.
fn places(body: &Value) -> String {
    fn walk(value: &Value, path: &str, found: &mut Vec<String>) {
        for (key, inner) in value.as_object().into_iter().flatten() {
            if key == "_errors" {
                let codes =
                    inner.as_array().into_iter().flatten().filter_map(|e| e["code"].as_str());
                found.extend(codes.map(|code| format!("{path}: {code}")));
            } else {
                let dot = if path.is_empty() { "" } else { "." };
                walk(inner, &format!("{path}{dot}{key}"), found);
            }
        }
    }
    let mut found = Vec::new();
    for place in body["places"].as_array().into_iter().flatten() {
        found.extend(place.as_str().map(str::to_owned));
    }
    walk(&body["errors"], "", &mut found);
    found.truncate(5);
    if found.is_empty() { String::new() } else { format!(" ({})", found.join(", ")) }
}

/// A failure of a call.
pub(super) fn chat(class: ChatClass, code: ChatCode, detail: &str) -> ChatError {
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
            (400, 30033, ChatClass::Refused, "refused"),
            (401, 0, ChatClass::Refused, "unauthorized"),
            (403, 40333, ChatClass::Later, "unavailable"),
            (404, 0, ChatClass::Later, "not_discord"),
            (500, 50035, ChatClass::Unknown, "server_error"),
        ];
        for (status, code, class, name) in cases {
            let error = by_answer(status, &json!({"code": code, "message": "text"}));
            assert_eq!((error.class, error.code.name()), (class, name), "{status} {code}");
        }
        let error = by_answer(429, &json!({"message": "slow", "retry_after": 1.5}));
        assert_eq!((error.class, error.code.name()), (ChatClass::Later, "rate_limited"));
    }

    #[test]
    fn nothing_but_discords_own_code_is_final() {
        let pages = [
            Value::Null,
            json!("<html>404 Not Found</html>"),
            json!({"error": "not found"}),
            json!({"code": 404, "message": "no such route"}),
            json!({"code": "10003", "message": "a number in quotes"}),
            json!({"code": 10_003}),
        ];
        for (status, page) in [400, 401, 403, 404, 405, 413, 451]
            .iter()
            .flat_map(|s| pages.iter().map(move |p| (s, p)))
        {
            let error = by_answer(*status, page);
            assert_eq!(
                (error.class, error.code.name()),
                (ChatClass::Later, "not_discord"),
                "{page}"
            );
        }
        for status in [302, 500, 502, 503, 520] {
            assert_eq!(by_answer(status, &Value::Null).class, ChatClass::Unknown, "{status}");
        }
    }

    #[test]
    fn a_refused_form_says_where_and_never_what() {
        let error = json!({"code": 50035, "message": "Invalid Form Body", "errors":
            {"components": {"0": {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "secret"}]}}}});
        let detail = by_answer(400, &error).detail;
        assert!(detail.ends_with("(components.0: BASE_TYPE_MAX_LENGTH)"), "{detail}");
    }
}
