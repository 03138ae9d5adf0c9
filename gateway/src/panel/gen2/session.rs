//! Calls to a gen-2 panel, each with the cookie of one login.
//!
//! A panel logs failed passwords in clear text and from v3.0.0 blocks who fails often, so a login
//! that it never took is not tried again. One that it took before may be refused in passing: with
//! its database locked, a v2 panel answers as to a wrong password. That is tried again, ever more
//! seldom (see `login_refusal`). A lost session shows as 307, 401 or 404, by version, and 404 is also
//! a route that this version lacks; a call that every version has tells them apart.

use std::sync::Arc;

use nebulalinks_protocol::ErrorCode;
use reqwest::Method;
use reqwest::header::{COOKIE, HeaderMap, SET_COOKIE};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::login_refusal::LoginRefusal;
use crate::clock::Clock;
use crate::config::PanelLogin;
use crate::failure::Failure;
use crate::hooks::Call;
use crate::metrics::Metrics;
use crate::panel::common::http::{CallError, Http, envelope, good};
use crate::panel::permit::Permit;

/// The panel's cookie.
const COOKIE_NAME: &str = "3x-ui=";
/// How long a cookie lasts where it does not say, in s: the shortest default of all versions.
const SHORTEST_MAX_AGE_S: u64 = 3_600;

/// A user's session on one panel, made when it is needed and again when it was lost.
pub(in crate::panel) struct Session {
    http: Http,
    login: PanelLogin,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    cookie: Option<Cookie>,
    /// The panel took these credentials before.
    taken: bool,
    /// The panel said no to these credentials.
    refusal: Option<LoginRefusal>,
}

#[derive(Clone)]
struct Cookie {
    value: SecretString,
    /// When to log in again, in ms since 1970: before the panel forgets.
    renew_at_ms: u64,
    /// Which login it is from.
    number: u64,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(redacted)")
    }
}

/// What to do about a 3xx, 401, 403 or 404.
pub(super) fn denied(status: u16) -> Failure {
    let hint = match status {
        403 => "its `webDomain` is another host than the panel's address has",
        404 => "this version lacks a call that is needed, or the base path is wrong",
        401 | 307 => "it does not take the session that it has just given",
        _ => "a redirect, which is never followed: the panel's address is another, or it is https",
    };
    Failure::new(ErrorCode::PanelAuth, format!("the panel answered {status}: {hint}"))
}

impl Session {
    pub(in crate::panel) fn new(
        http: Http,
        login: PanelLogin,
        clock: Arc<dyn Clock>,
        metrics: Metrics,
    ) -> Self {
        Self { http, login, clock, metrics, state: Mutex::default() }
    }

    /// The panel's page for whoever is not logged in, as text.
    pub(super) async fn login_page(&self) -> Option<String> {
        let reply = self.http.send(Call::Read, self.http.request(Method::GET, "")).await.ok()?;
        (reply.status == 200).then(|| String::from_utf8_lossy(&reply.body).into_owned())
    }

    /// Whether the credentials are not known to be wrong, or may be tried again by now.
    ///
    /// # Errors
    /// [`ErrorCode::PanelAuth`].
    pub(in crate::panel) async fn may_try(&self) -> Result<(), Failure> {
        self.allowed(&*self.state.lock().await)
    }

    fn allowed(&self, state: &State) -> Result<(), Failure> {
        state.refusal.as_ref().map_or(Ok(()), |refusal| refusal.allows(self.clock.now_ms()))
    }

    /// Reads `obj` of a path below the base path.
    pub(super) async fn read(&self, path: &str) -> Result<Value, Failure> {
        self.get(path).await.map_err(|error| error.of_read(denied))
    }

    /// The same, for who understands the answer's whole body.
    pub(super) async fn read_as<T>(
        &self,
        path: &str,
        understand: impl Fn(&[u8]) -> Result<T, CallError>,
    ) -> Result<T, Failure> {
        let read = self.call(Call::Read, Method::GET, path, None, None, understand).await;
        read.map_err(|error| error.of_read(denied))
    }

    /// The same, with the reason when it fails.
    pub(in crate::panel) async fn get(&self, path: &str) -> Result<Value, CallError> {
        self.call(Call::Read, Method::GET, path, None, None, envelope).await
    }

    /// Reads what a panel gives only to a POST.
    pub(super) async fn ask(&self, path: &str) -> Result<Value, CallError> {
        self.call(Call::Read, Method::POST, path, None, None, envelope).await
    }

    /// Posts, for an effect, if the permit holds when the call starts.
    pub(super) async fn write(
        &self,
        permit: &Permit,
        call: Call,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, CallError> {
        self.call(call, Method::POST, path, body, Some(permit), envelope).await
    }

    async fn call<T>(
        &self,
        call: Call,
        method: Method,
        path: &str,
        body: Option<&Value>,
        permit: Option<&Permit>,
        understand: impl Fn(&[u8]) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let cookie = self.cookie(None).await.map_err(CallError::Stopped)?;
        let first = self.once(call, &method, path, body, permit, &cookie, &understand).await;
        let Err(CallError::Denied(401 | 404 | 301..=308)) = first else { return first };
        let probe = "panel/api/inbounds/onlines";
        match self.once(Call::Read, &Method::POST, probe, None, None, &cookie, envelope).await {
            // The session lives, so that was the answer.
            Ok(_) | Err(CallError::Refused(_)) => return first,
            Err(CallError::Denied(_)) => {}
            Err(error) => return Err(error),
        }
        let cookie = self.cookie(Some(&cookie)).await.map_err(CallError::Stopped)?;
        self.once(call, &method, path, body, permit, &cookie, &understand).await
    }

    #[allow(clippy::too_many_arguments, reason = "all that one call is made of")]
    async fn once<T>(
        &self,
        call: Call,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        permit: Option<&Permit>,
        cookie: &Cookie,
        understand: impl FnOnce(&[u8]) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        if let Some(permit) = permit {
            permit.check().map_err(CallError::Stopped)?;
        }
        let request =
            self.http.request(method.clone(), path).header(COOKIE, cookie.value.expose_secret());
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        self.http.call(call, request, understand).await
    }

    /// The session's cookie, with a login where there is none, it is about to end, or it is the
    /// one that was `lost`.
    async fn cookie(&self, lost: Option<&Cookie>) -> Result<Cookie, Failure> {
        let mut state = self.state.lock().await;
        self.allowed(&state)?;
        let number = match &state.cookie {
            Some(held) if lost.is_none_or(|lost| lost.number != held.number) => {
                if self.clock.now_ms() < held.renew_at_ms {
                    return Ok(held.clone());
                }
                held.number + 1
            }
            Some(held) => held.number + 1,
            None => 0,
        };
        state.cookie = None;
        let (value, max_age_s) = match self.log_in().await {
            Ok(cookie) => cookie,
            Err(Login::Refused) => {
                let (now, before) = (self.clock.now_ms(), state.refusal.take());
                let refusal = LoginRefusal::after(before, state.taken, now);
                let failure = refusal.failure(now);
                tracing::error!("{}", failure.detail);
                state.refusal = Some(refusal);
                self.metrics.login_refused.set(1);
                return Err(failure);
            }
            Err(Login::Failed(failure)) => return Err(failure),
        };
        if state.refusal.take().is_some() {
            tracing::info!("the panel takes the user name and password again");
        }
        self.metrics.login_refused.set(0);
        state.taken = true;
        if number > 0 {
            self.metrics.session_renewals.inc();
        }
        // A tenth before its end: a cookie is not prolonged by use.
        let lives_ms = max_age_s.saturating_mul(900);
        let cookie =
            Cookie { value, renew_at_ms: self.clock.now_ms().saturating_add(lives_ms), number };
        state.cookie = Some(cookie.clone());
        Ok(cookie)
    }

    async fn log_in(&self) -> Result<(SecretString, u64), Login> {
        let body = json!({
            "username": self.login.user.expose_secret(),
            "password": self.login.password.expose_secret(),
        });
        let request = self.http.request(Method::POST, "login").json(&body);
        let failed = |error: CallError| Login::Failed(error.of_read(no_login));
        let reply = self.http.send(Call::Read, request).await.map_err(failed)?;
        match good(reply.status).and_then(|()| envelope(&reply.body)) {
            Ok(_) => cookie_of(&reply.headers).ok_or_else(|| {
                let detail = "the panel took the login and gave no cookie";
                Login::Failed(Failure::new(ErrorCode::PanelProtocol, detail))
            }),
            Err(CallError::Refused(_)) => Err(Login::Refused),
            Err(error) => Err(failed(error)),
        }
    }
}

/// Why there is no session.
enum Login {
    /// The credentials are wrong.
    Refused,
    /// There is no session for another reason.
    Failed(Failure),
}

/// What to do when even the login is denied.
fn no_login(status: u16) -> Failure {
    let hint = match status {
        403 => {
            "it wants a CSRF token, so it is a panel of v3: make an API token with \
             `nebulalinks-gateway token` and use that"
        }
        _ => "the base path in the panel's address is wrong, or nothing there is a 3x-ui panel",
    };
    Failure::new(ErrorCode::PanelAuth, format!("the panel answered {status} to the login: {hint}"))
}

/// `3x-ui=…` as it goes back, and how long it lasts, in s.
pub(in crate::panel) fn cookie_of(headers: &HeaderMap) -> Option<(SecretString, u64)> {
    let set = headers
        .get_all(SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .rfind(|value| value.starts_with(COOKIE_NAME))?;
    let mut parts = set.split(';').map(str::trim);
    let pair = parts.next()?.to_owned();
    let max_age = parts
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("max-age"))
        .and_then(|(_, value)| value.parse().ok());
    Some((pair.into(), max_age.unwrap_or(SHORTEST_MAX_AGE_S)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_read_with_its_end_and_others_are_not() {
        let read = |set: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in set {
                headers.append(SET_COOKIE, value.parse().unwrap());
            }
            cookie_of(&headers).map(|(value, age)| (value.expose_secret().to_owned(), age))
        };
        let recorded = "3x-ui=MTc5=|x; Path=/t/; Expires=Sat, 21 Nov 2026 14:02:55 GMT; \
                        Max-Age=21600; HttpOnly; SameSite=Lax";
        assert_eq!(read(&["lang=en", recorded]), Some(("3x-ui=MTc5=|x".into(), 21_600)));
        assert_eq!(read(&["3x-ui=a"]), Some(("3x-ui=a".into(), 3_600)));
        assert_eq!(read(&["other=a; Max-Age=5"]), None);
    }
}
