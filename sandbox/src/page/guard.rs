//! Who may talk to the page: a browser on this machine that was given the address, and no page of
//! somebody else's in it.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Nothing from elsewhere, nothing inline, and nobody frames it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Answers only what comes to a loopback name, and what is posted only from the page itself.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut answer = match refusal(request.method(), request.headers()) {
        Some(why) => (StatusCode::FORBIDDEN, why).into_response(),
        None => next.run(request).await,
    };
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}

/// Why a request is not answered.
fn refusal(method: &Method, headers: &HeaderMap) -> Option<&'static str> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    // A name of somebody else's that leads here (DNS rebinding) is in the Host.
    let Some(host) = text(header::HOST).filter(|host| is_loopback(host)) else {
        return Some("ask for it by a name of this machine, such as 127.0.0.1\n");
    };
    let origin = text(header::ORIGIN);
    let origin = origin.and_then(|origin| origin.strip_prefix("http://"));
    let own = origin.is_some_and(|origin| origin.eq_ignore_ascii_case(host));
    if method != Method::GET && method != Method::HEAD && !own {
        return Some("only the page itself may ask for that\n");
    }
    None
}

fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|b| b.is_ascii_digit()) { name } else { host }
    });
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &Method, host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        refusal(method, &headers).is_none()
    }

    #[test]
    fn a_name_that_was_made_to_lead_here_is_refused() {
        for host in
            ["127.0.0.1:18400", "localhost:18400", "LocalHost:18400", "[::1]:18400", "127.0.0.1"]
        {
            assert!(asked(&Method::GET, host, None), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example:18400", "10.0.0.1", ""] {
            assert!(!asked(&Method::GET, host, None), "{host}");
        }
    }

    #[test]
    fn another_page_in_the_same_browser_posts_nothing() {
        let host = "127.0.0.1:18400";
        assert!(asked(&Method::POST, host, Some("http://127.0.0.1:18400")));
        for origin in [None, Some("null"), Some("http://evil.example"), Some("http://127.0.0.1:99")]
        {
            assert!(!asked(&Method::POST, host, origin), "{origin:?}");
        }
    }
}
