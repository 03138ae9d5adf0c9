//! A token of our own on a gen-3 panel: made once, by a person, with the password of one of its
//! users, so that the gateway need not know any.

use nebulalinks_protocol::ErrorCode;
use prometheus::Registry;
use reqwest::header::COOKIE;
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::common::http::{CallError, Http, envelope, good};
use super::common::json::field;
use super::common::version::{self, unsupported};
use super::gen2::session::cookie_of;
use super::gen3::wire;
use crate::config::{ConfigError, PanelTarget};
use crate::failure::Failure;
use crate::hooks::{Call, no_hook};
use crate::metrics::Metrics;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The target is refused before anything is sent.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The panel, or what was asked of it.
    #[error("{}", .0.detail)]
    Panel(Failure),
    /// No HTTP client.
    #[error("cannot start: {0}")]
    Start(String),
}

/// Logs in as the target's user and makes an API token of this name. One login is tried: a panel
/// counts failures and then blocks the user for a quarter of an hour.
///
/// # Errors
/// The panel is not there, is no panel of v3.4.2 or later, refuses the credentials, or has a token
/// of this name already.
pub async fn make_token(
    target: &PanelTarget,
    two_factor_code: Option<&str>,
    name: &str,
) -> Result<SecretString, TokenError> {
    target.check()?;
    let start = |error: &dyn std::fmt::Display| TokenError::Start(error.to_string());
    // Nobody reads these: the command ends when the token is made.
    let metrics = Metrics::register(&Registry::new()).map_err(|e| start(&e))?;
    let http = Http::new(target, &no_hook(), &metrics).map_err(|e| start(&e))?;
    let mut visit = Visit { http, cookie: None };
    visit.log_in(target, two_factor_code).await.map_err(TokenError::Panel)?;
    visit.make(name).await.map_err(TokenError::Panel)
}

/// A browser's visit.
struct Visit {
    http: Http,
    cookie: Option<SecretString>,
}

impl Visit {
    async fn log_in(&mut self, target: &PanelTarget, code: Option<&str>) -> Result<(), Failure> {
        let Some(login) = &target.login else {
            return Err(Failure::new(ErrorCode::PanelAuth, "no user was given"));
        };
        let csrf = match self.csrf().await {
            Err(CallError::Denied(404)) => {
                return Err(Failure::new(
                    ErrorCode::PanelUnsupported,
                    "the panel hands out no CSRF tokens: it is a panel of v2, which has no API \
                     tokens (give the gateway --panel-user and --panel-password-file instead), or \
                     the base path in the address is wrong",
                ));
            }
            answered => answered.map_err(|error| error.of_read(wire::denied))?,
        };
        let mut body = json!({
            "username": login.user.expose_secret(),
            "password": login.password.expose_secret(),
        });
        if let (Some(code), Some(body)) = (code, body.as_object_mut()) {
            body.insert("twoFactorCode".to_owned(), json!(code));
        }
        match self.post("login", &csrf, &body).await {
            Ok(_) => Ok(()),
            Err(CallError::Refused(_)) => Err(Failure::new(
                ErrorCode::PanelAuth,
                "the panel refused the user name, the password or the two-factor code \
                 (--two-factor-code), or blocks this user after five failures: it says the same to \
                 all of these. Look at them, and wait a quarter of an hour after several tries",
            )),
            Err(error) => Err(error.of_read(wire::denied)),
        }
    }

    async fn make(&mut self, name: &str) -> Result<SecretString, Failure> {
        let status = self.http.request(Method::GET, "panel/api/server/status");
        let status = self.send(status).await.map_err(|error| error.of_read(wire::denied))?;
        version::of_gen3(&status)?;
        // The session is another since the login, and so is its CSRF token.
        let csrf = self.csrf().await.map_err(|error| error.of_read(wire::denied))?;
        let path = "panel/api/setting/apiTokens/create";
        let made = match self.post(path, &csrf, &json!({"name": name})).await {
            Ok(made) => made,
            Err(CallError::Denied(404)) => return Err(unsupported("a panel without this call")),
            Err(CallError::Refused(why)) => {
                return Err(Failure::new(
                    ErrorCode::PanelRefused,
                    format!(
                        "the panel made no token \"{name}\" ({why}). Where there is one of this \
                         name, it is shown only once: delete it in the panel's settings if nothing \
                         uses it any more, or take another --name"
                    ),
                ));
            }
            Err(error) => return Err(error.of_read(wire::denied)),
        };
        field(&made, "token").as_str().filter(|token| !token.is_empty()).map(Into::into).ok_or_else(
            || Failure::new(ErrorCode::PanelProtocol, "the panel's answer holds no token"),
        )
    }

    async fn csrf(&mut self) -> Result<SecretString, CallError> {
        let request = self.http.request(Method::GET, "csrf-token");
        let token = self.send(request).await?;
        Ok(token.as_str().unwrap_or_default().into())
    }

    async fn post(
        &mut self,
        path: &str,
        csrf: &SecretString,
        body: &Value,
    ) -> Result<Value, CallError> {
        let request = self.http.request(Method::POST, path).json(body);
        self.send(request.header("X-CSRF-Token", csrf.expose_secret())).await
    }

    /// With the cookie, which each answer may replace.
    async fn send(&mut self, request: RequestBuilder) -> Result<Value, CallError> {
        let request = match &self.cookie {
            Some(cookie) => request.header(COOKIE, cookie.expose_secret()),
            None => request,
        };
        let reply = self.http.send(Call::Read, request).await?;
        if let Some((cookie, _)) = cookie_of(&reply.headers) {
            self.cookie = Some(cookie);
        }
        good(reply.status)?;
        envelope(&reply.body)
    }
}
