//! A client as the gateway shows it: its entries in the inbounds' settings and its counters as one.

use std::collections::BTreeMap;
use std::mem::take;
use std::num::NonZeroU64;

use nebulalinks_protocol::{CLIENT_MARK, Cap, Client, End, Incarnation};
use serde::Deserialize as _;
use serde::de::{IgnoredAny, MapAccess};

use super::client_object::{ClientObject, VISION};
use super::counters::Stats;
use super::inbound::InboundState;
use super::json::{Object, Read, Scalar};

/// A client's entry in an inbound's settings, with what the gateway shows of it.
#[derive(Clone, Default)]
pub(in crate::panel) struct ClientEntry {
    email: String,
    id: String,
    sub_id: String,
    comment: String,
    enable: bool,
    total: i64,
    expiry: i64,
    limit_ip: i64,
    reset: i64,
    created_at: i64,
    /// It carries [`VISION`].
    vision: bool,
    /// Its cipher, which gen-2 keeps with some clients.
    method: String,
}

impl Object for ClientEntry {
    fn field<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let text = match name {
            "email" => &mut self.email,
            "id" => &mut self.id,
            "subId" => &mut self.sub_id,
            "comment" => &mut self.comment,
            "method" => &mut self.method,
            _ => return self.other(name, map),
        };
        *text = map.next_value::<Scalar<'_>>()?.text().unwrap_or_default();
        Ok(())
    }
}

impl ClientEntry {
    fn other<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let number = match name {
            "totalGB" => &mut self.total,
            "expiryTime" => &mut self.expiry,
            "limitIp" => &mut self.limit_ip,
            "reset" => &mut self.reset,
            "created_at" => &mut self.created_at,
            "enable" => {
                self.enable = map.next_value::<Scalar<'_>>()?.flag().unwrap_or(false);
                return Ok(());
            }
            "flow" => {
                let flow = map.next_value::<Scalar<'_>>()?;
                self.vision = matches!(flow, Scalar::Text(flow) if flow == VISION);
                return Ok(());
            }
            _ => return map.next_value::<IgnoredAny>().map(drop),
        };
        // One of the wrong type differs from all that we write.
        *number = map.next_value::<Scalar<'_>>()?.int().unwrap_or(i64::MIN);
        Ok(())
    }

    /// Of an object that was kept whole.
    pub(in crate::panel) fn of(object: &ClientObject) -> Self {
        // An object always reads: whatever a field is, there is something to take it for.
        Read::deserialize(object).map(|Read(entry)| entry).unwrap_or_default()
    }

    fn says_the_same_as(&self, first: &Self) -> bool {
        (&self.id, &self.sub_id, &self.comment) == (&first.id, &first.sub_id, &first.comment)
            && (self.total, self.expiry, self.limit_ip)
                == (first.total, first.expiry, first.limit_ip)
            && self.enable == first.enable
    }
}

/// What a client's view is made from.
#[derive(Clone)]
pub(in crate::panel) struct ClientView<'a> {
    pub(in crate::panel) inbounds: &'a [InboundState],
    pub(in crate::panel) stats: &'a BTreeMap<String, Stats>,
    pub(in crate::panel) identity: &'a str,
    /// By the rules of gen-2: a client is on one inbound, and what is off in the settings is off.
    pub(in crate::panel) gen2: bool,
}

impl ClientView<'_> {
    /// All clients, by name, from their entries, each with its inbound.
    pub(in crate::panel) fn all(&self, mut entries: Vec<(i64, ClientEntry)>) -> Vec<Client> {
        entries.sort_by(|(_, a), (_, b)| a.email.cmp(&b.email));
        let same = |(_, a): &(i64, ClientEntry), (_, b): &(i64, ClientEntry)| a.email == b.email;
        let mut clients = Vec::with_capacity(entries.len());
        clients.extend(entries.chunk_by_mut(same).filter_map(|entries| self.one(entries)));
        clients
    }

    /// One client as it goes over the wire, with the texts of its first entry; `None` without one.
    pub(in crate::panel) fn one(&self, entries: &mut [(i64, ClientEntry)]) -> Option<Client> {
        let (_, first) = entries.first()?;
        let stats = self.stats.get(&first.email);
        let on = entries.iter().any(|(_, c)| c.enable);
        // Without a row nothing ever switches the client off, so it counts as on.
        let row_on = stats.is_none_or(|s| s.enable);
        let mut inbounds: Vec<i64> = entries.iter().map(|(id, _)| *id).collect();
        inbounds.dedup();
        let made_at = entries.iter().map(|(_, c)| c.created_at).filter(|ms| *ms > 0).min();
        let consistent = self.is_consistent(entries, first, stats);
        let renews =
            entries.iter().any(|(_, c)| c.reset != 0) || stats.is_some_and(|s| s.reset != 0);
        let (_, first) = entries.first_mut()?;
        Some(Client {
            email: take(&mut first.email),
            uuid: uuid::Uuid::parse_str(&first.id).ok(),
            sub_id: take(&mut first.sub_id),
            enable: on && row_on,
            end: match first.expiry {
                0 => Some(End::Never),
                ms => positive(ms).map(End::AtMs),
            },
            cap: positive(first.total).map_or(Cap::Unlimited, Cap::Bytes),
            ip_limit: u32::try_from(first.limit_ip).unwrap_or(0),
            comment: take(&mut first.comment),
            inbounds,
            used_bytes: stats.map_or(0, |s| s.used),
            incarnation: Incarnation {
                panel: self.identity.to_owned(),
                row: stats.map_or(-1, |s| s.row),
                created_at_ms: made_at.unwrap_or(0),
            },
            consistent,
            renews,
        })
    }

    /// All entries say the same as each other and as the counters, and nothing renews by itself.
    fn is_consistent(
        &self,
        entries: &[(i64, ClientEntry)],
        first: &ClientEntry,
        stats: Option<&Stats>,
    ) -> bool {
        let rows_agree = stats.is_some_and(|s| {
            (s.enable == first.enable || self.gen2 && !first.enable)
                && (s.total, s.expiry, s.reset) == (first.total, first.expiry, 0)
        });
        let others = |n: usize| entries.iter().take(n).map(|(id, _)| *id);
        let once = entries.iter().enumerate().all(|(n, (id, _))| others(n).all(|o| o != *id));
        let flows = || {
            entries.iter().all(|(id, c)| {
                let takes = self.inbounds.iter().any(|i| i.id == *id && i.takes_flow());
                !takes || c.vision
            })
        };
        let placed = || match entries {
            [(id, entry)] => {
                stats.is_some_and(|s| s.inbound.is_none_or(|on| on == *id))
                    && self
                        .inbounds
                        .iter()
                        .find(|i| i.id == *id)
                        .is_none_or(|i| i.has_cipher(&entry.method))
            }
            _ => false,
        };
        let ours = first.email.starts_with(CLIENT_MARK);
        rows_agree
            && once
            && entries.iter().all(|(_, c)| c.says_the_same_as(first) && c.reset == 0)
            && (!ours || flows())
            && (!self.gen2 || placed())
    }
}

fn positive(n: i64) -> Option<NonZeroU64> {
    u64::try_from(n).ok().and_then(NonZeroU64::new)
}
