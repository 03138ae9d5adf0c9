//! One client without the list, which is all there is to read where a panel holds ten thousand: by
//! the panel's record of it and its row of counters. A panel writes both together with the inbounds'
//! settings. Who changes the settings past the panel shows in lists only, so nothing but a new client
//! is written on what is read here, only after a list in which every inbound could be read, and only
//! where that list had nobody of this name.
//!
//! From v3.5.0, which says of inbounds whether they are on, a new client is made so; a client is
//! looked up so on every version.

use nebulalinks_protocol::{Client, Panel};
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::Gen3;
use crate::failure::Failure;
use crate::panel::common::client_object::ClientObject;
use crate::panel::common::counters::{Counter, Stats};
use crate::panel::common::inbound::InboundState;
use crate::panel::common::json::{Read, field};
use crate::panel::common::outcome::segment;
use crate::panel::common::state::PanelState;
use crate::panel::permit::Permit;

/// What the panel says of one client.
enum Said {
    /// It has neither a record nor counters.
    Absent,
    Present(Box<One>),
    /// Its tables disagree about it.
    Odd,
}

struct One {
    /// In the shape of the settings.
    object: ClientObject,
    on: Vec<i64>,
    row: Stats,
    created_at: i64,
}

impl Gen3 {
    /// The panel with this client alone on it; `known`: its inbounds, where they were read just now.
    pub(super) async fn with_one(
        &self,
        permit: &Permit,
        email: &str,
        known: Option<&[InboundState]>,
    ) -> Result<Option<PanelState>, Failure> {
        let Some(shown) = self.last_list.get() else { return Ok(None) };
        permit.check()?;
        let inbounds = async {
            let Some(known) = known else {
                let options = self.wire.read("panel/api/inbounds/options").await?;
                return Ok(shown.confirmed(&options, self.allow_nodes));
            };
            Ok(Some(known.to_vec()))
        };
        let (inbounds, said) = tokio::try_join!(inbounds, self.look_up(email))?;
        let Some(inbounds) = inbounds else { return Ok(None) };
        Ok(match said {
            Said::Absent if shown.has(email) => None,
            Said::Absent => Some(PanelState::of_one(inbounds, None)),
            Said::Present(one) => one.on(inbounds, email),
            Said::Odd => None,
        })
    }

    /// One client as it goes over the wire. Its row of counters is known by when the list said that
    /// the client was made: by another time its use would be counted once more.
    pub(super) async fn one(
        &self,
        email: &str,
    ) -> Result<Option<(Panel, Option<Client>)>, Failure> {
        let Some(shown) = self.last_list.get() else { return Ok(None) };
        let (panel, said) = tokio::try_join!(self.status(), self.look_up(email))?;
        let one = match said {
            Said::Absent if shown.has(email) => return Ok(None),
            Said::Absent => return Ok(Some((panel, None))),
            Said::Present(one) if shown.made(one.row.row) == Some(one.created_at) => one,
            Said::Present(_) | Said::Odd => return Ok(None),
        };
        let state = one.on(shown.inbounds.clone(), email);
        let client = state.and_then(|state| state.client(&panel.identity, &state.find(email)?));
        Ok(client.map(|client| (panel, Some(client))))
    }

    /// Both at once: neither is judged without the other.
    async fn look_up(&self, email: &str) -> Result<Said, Failure> {
        let record = format!("panel/api/clients/get/{}", segment(email));
        let row = format!("panel/api/clients/traffic/{}", segment(email));
        let (record, row) =
            tokio::try_join!(self.wire.read_or_refused(&record), self.wire.read(&row))?;
        Ok(match (record, row) {
            (None, Value::Null) => Said::Absent,
            (Some(answer), row) => One::of(&answer, &row, email).map_or(Said::Odd, Said::Present),
            (None, _) => Said::Odd,
        })
    }
}

impl One {
    fn of(answer: &Value, row: &Value, email: &str) -> Option<Box<Self>> {
        let record = field(answer, "client");
        let (of, row) = Read::<Counter>::deserialize(row).ok()?.0.checked().ok()?;
        let on = field(answer, "inboundIds").as_array()?.iter().map(Value::as_i64);
        let on = on.collect::<Option<Vec<i64>>>().filter(|on| !on.is_empty())?;
        let created_at = field(record, "createdAt").as_i64().filter(|ms| *ms > 0)?;
        if of != email || field(record, "email").as_str() != Some(email) {
            return None;
        }
        let mut object = ClientObject::new();
        for name in [
            "email",
            "subId",
            "enable",
            "totalGB",
            "expiryTime",
            "limitIp",
            "comment",
            "reset",
            "password",
            "auth",
            "flow",
        ] {
            object.insert(name.to_owned(), field(record, name).clone());
        }
        object.insert("id".to_owned(), field(record, "uuid").clone());
        object.insert("created_at".to_owned(), json!(created_at));
        Some(Box::new(Self { object, on, row, created_at }))
    }

    /// On its inbounds; `None` when one of them is not known.
    fn on(self, mut inbounds: Vec<InboundState>, email: &str) -> Option<PanelState> {
        for id in &self.on {
            let inbound = inbounds.iter_mut().find(|inbound| inbound.id == *id)?;
            inbound.clients.push(self.object.clone());
        }
        Some(PanelState::of_one(inbounds, Some((email.to_owned(), self.row))))
    }
}
