//! What can go wrong between a panel and whoever calls it. A fault is set for all calls or for
//! some, once or until cleared; everything that says "after commit" has done its work.

use axum::http::Method;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// One way to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nobody listens: connections are refused and open ones reset. The panel itself lives on.
    Down,
    /// 500 with an empty body, after commit.
    ErrorAfterCommit,
    /// 500 with an empty body, nothing done.
    ErrorBeforeCommit,
    /// The right answer, this much later; the work is done at once.
    SlowAfterCommit(Duration),
    /// 200 and the login page, nothing done.
    LoginPage,
    /// The right status and the first half of the answer, after commit.
    TruncatedJson,
    /// The right status and no body, after commit.
    EmptyBody,
    /// The connection ends without an answer, after commit.
    DropAfterCommit,
    /// The connection ends without an answer, nothing done.
    DropBeforeCommit,
    /// The process dies before it does anything, and is down until cleared.
    DiesBeforeCommit,
    /// The process dies with the first half of a call about many clients done. In generation 2 the
    /// half is what its panics leave: the traffic rows of all, and none of the clients.
    DiesHalfway,
    /// The process dies before it can answer.
    DiesAfterCommit,
    /// 401 as for a revoked token (404 without the XHR header), nothing done.
    Unauthorized,
    /// A proxy in front answers with this status and a page of its own, nothing done.
    Proxy(u16),
    /// 200 with `success: false` and this inner text, nothing done.
    Refused(String),
    /// Another process holds the database: nothing is read or written, and a login hears what it
    /// hears for a wrong password. Sessions are no part of it: open ones stay so, and who has none
    /// hears that first.
    DatabaseLocked,
}

/// Which calls a fault meets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only paths that contain this, e.g. `clients/update/` or an email.
    pub path_contains: Option<String>,
    /// Only request bodies that contain this, e.g. an email in a create.
    pub body_contains: Option<String>,
    /// Only calls that may change something.
    pub writes_only: bool,
}

impl Scope {
    /// Only paths that contain this.
    #[must_use]
    pub fn path(part: &str) -> Self {
        Self { path_contains: Some(part.to_owned()), ..Self::default() }
    }

    /// Only calls that may change something.
    #[must_use]
    pub fn writes() -> Self {
        Self { writes_only: true, ..Self::default() }
    }

    fn meets(&self, method: &Method, path: &str, body: &[u8]) -> bool {
        let path_fits = self.path_contains.as_ref().is_none_or(|part| path.contains(part));
        let body_fits = self
            .body_contains
            .as_ref()
            .is_none_or(|part| String::from_utf8_lossy(body).contains(part.as_str()));
        path_fits && body_fits && !(self.writes_only && method == Method::GET)
    }
}

#[derive(Clone)]
struct Rule {
    fault: Fault,
    scope: Scope,
    /// So many calls in scope are spared first.
    spared: u32,
    left: Option<u32>,
}

/// The faults of one panel; clones share them.
#[derive(Clone)]
pub struct Faults {
    rules: Arc<Mutex<VecDeque<Rule>>>,
    down: watch::Sender<bool>,
    /// Cut when the panel goes down: unlike `down` it wakes who waits in the order in which they came.
    open: Arc<Mutex<CancellationToken>>,
}

impl Default for Faults {
    fn default() -> Self {
        Self { rules: Arc::default(), down: watch::Sender::new(false), open: Arc::default() }
    }
}

impl Faults {
    /// Meets every call until cleared.
    pub fn set(&self, fault: Fault) {
        self.set_for(fault, Scope::default(), None);
    }

    /// Meets the next call only.
    pub fn once(&self, fault: Fault) {
        self.set_for(fault, Scope::default(), Some(1));
    }

    /// Meets the calls in scope, `times` of them or all. [`Fault::Down`] has no scope.
    pub fn set_for(&self, fault: Fault, scope: Scope, times: Option<u32>) {
        if fault == Fault::Down {
            self.down.send_replace(true);
            self.open().cancel();
        } else {
            self.lock().push_back(Rule { fault, scope, spared: 0, left: times });
        }
    }

    /// Meets one call in scope, after so many others in scope went well.
    pub fn once_after(&self, spared: u32, fault: Fault, scope: Scope) {
        self.lock().push_back(Rule { fault, scope, spared, left: Some(1) });
    }

    /// Whether nobody listens.
    #[must_use]
    pub fn is_down(&self) -> bool {
        *self.down.borrow()
    }

    /// All is well again.
    pub fn clear(&self) {
        if self.down.send_replace(false) {
            *self.open.lock().unwrap_or_else(PoisonError::into_inner) = CancellationToken::new();
        }
        self.lock().clear();
    }

    /// Those that are set until cleared, the one of being down aside.
    #[must_use]
    pub fn standing(&self) -> Vec<Fault> {
        let rules = self.lock();
        rules.iter().filter(|rule| rule.left.is_none()).map(|rule| rule.fault.clone()).collect()
    }

    /// Faults still set, the one of being down aside.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.lock().len()
    }

    pub(crate) fn down(&self) -> watch::Receiver<bool> {
        self.down.subscribe()
    }

    /// What is cut when the panel goes down.
    pub(crate) fn open(&self) -> CancellationToken {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first fault that meets this call; one-shot faults are spent by it.
    pub(crate) fn take(&self, method: &Method, path: &str, body: &[u8]) -> Option<Fault> {
        let mut rules = self.lock();
        let at = rules.iter_mut().position(|rule| {
            let meets = rule.scope.meets(method, path, body);
            let spared = meets && rule.spared > 0;
            rule.spared -= u32::from(spared);
            meets && !spared
        })?;
        let rule = rules.get_mut(at)?;
        let fault = rule.fault.clone();
        if let Some(left) = &mut rule.left {
            *left = left.saturating_sub(1);
            if *left == 0 {
                rules.remove(at);
            }
        }
        Some(fault)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
