//! What the last list showed that a client which is read alone is judged by.

use serde_json::Value;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::panel::common::inbound::InboundState;
use crate::panel::common::json::field;

/// What the last list showed that a client read alone is judged by.
#[derive(Default)]
pub(super) struct LastList(Mutex<Option<Arc<Shown>>>);

pub(super) struct Shown {
    /// Without their clients.
    pub(super) inbounds: Vec<InboundState>,
    /// By the number of its row of counters, when the settings say that a client was made.
    made: Vec<(i64, i64)>,
    /// A hash of each name that stood in the settings, in their order.
    names: Vec<u64>,
}

impl LastList {
    /// All of a list could be read.
    pub(super) fn shows<'a>(
        &self,
        inbounds: Vec<InboundState>,
        made: impl Iterator<Item = (i64, i64)>,
        names: impl Iterator<Item = &'a str>,
    ) {
        let mut made: Vec<(i64, i64)> = made.collect();
        made.sort_unstable();
        let mut names: Vec<u64> = names.map(hash).collect();
        names.sort_unstable();
        *self.held() = Some(Arc::new(Shown { inbounds, made, names }));
    }

    /// Part of a list could not be read: who is not found elsewhere may be there.
    pub(super) fn lacks_some(&self) {
        *self.held() = None;
    }

    /// What the last whole list showed.
    pub(super) fn get(&self) -> Option<Arc<Shown>> {
        self.held().clone()
    }

    fn held(&self) -> MutexGuard<'_, Option<Arc<Shown>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    /// The inbounds as the panel describes them now. One that changed since the list takes no clients
    /// by this description; `None` when one is new or gone, or a version does not say which are on.
    pub(super) fn confirmed(
        &self,
        options: &Value,
        allow_nodes: bool,
    ) -> Option<Vec<InboundState>> {
        let options = options.as_array().filter(|all| all.len() == self.inbounds.len())?;
        let of = |id: i64| options.iter().find(|o| field(o, "id").as_i64() == Some(id));
        let mut inbounds = self.inbounds.clone();
        for inbound in &mut inbounds {
            let option = of(inbound.id)?;
            let text = |name: &str| field(option, name).as_str().unwrap_or_default();
            let method = field(&inbound.settings, "method").as_str().unwrap_or_default();
            let method = if inbound.protocol == "shadowsocks" { method } else { "" };
            let on_node = !allow_nodes && !field(option, "nodeId").is_null();
            let is_same = text("protocol") == inbound.protocol
                && field(option, "port").as_u64() == Some(u64::from(inbound.port))
                && field(option, "tlsFlowCapable").as_bool() == Some(inbound.takes_flow())
                && text("ssMethod") == method
                && on_node == inbound.on_node;
            inbound.enable = field(option, "enable").as_bool()?;
            text("remark").clone_into(&mut inbound.remark);
            if !is_same {
                inbound.protocol.clear();
            }
        }
        Some(inbounds)
    }

    /// Whether somebody of this name stood in the settings: then only a list tells that nobody does any
    /// more. Another name of the same hash counts, too.
    pub(super) fn has(&self, email: &str) -> bool {
        self.names.binary_search(&hash(email)).is_ok()
    }

    /// When the settings say that the client with this row was made.
    pub(super) fn made(&self, row: i64) -> Option<i64> {
        let place = self.made.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        self.made.get(place).map(|(_, at)| *at)
    }
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}
