//! Marks that the faults put on a request and the guards answer, after they asked for the login.

use super::answer::refused;
use super::state::Refusal;
use axum::extract::Request;
use axum::response::Response;

/// Marks a request whose body was over the cap; the guard answers it.
#[derive(Clone, Copy)]
pub(super) struct OverCap;

/// Marks a request that meets a locked database behind the guard, which asks for the session first.
#[derive(Clone, Copy)]
pub(super) struct Locked;

/// What a locked database makes of a request that the guard let in.
pub(super) fn locked(request: &Request) -> Option<Response> {
    request.extensions().get::<Locked>()?;
    Some(refused(&Refusal::raw("database is locked".to_owned())))
}
