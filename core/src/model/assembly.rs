//! A snapshot put together again from the blocks of a checkpoint, with every index: the same as one
//! that was loaded record by record.

use super::checkpoint::{Block, BlockReader, CheckpointError, Part};
use super::claims::{Holder, touched};
use super::rows::value;
use super::tables::{OrderRecords, ServerRecords, ShopRecords};
use super::{Key, Lineage, OrderPlan, Revision, Snapshot};
use std::collections::BTreeSet;
use std::sync::Arc;
use triomphe::Arc as Shared;

/// A snapshot of which blocks are put together, in the order in which they were written: what an
/// account claims follows from the orders, and they come first.
#[derive(Debug, Default)]
pub struct Assembly {
    snapshot: Snapshot,
    nothing: Snapshot,
    /// The plans of archived orders.
    plans: Vec<Arc<OrderPlan>>,
    /// Whose claims orders may change, whether or not there is an account.
    holders: BTreeSet<Holder>,
}

impl Assembly {
    /// Puts the next block in place.
    ///
    /// # Errors
    /// When it does not fit to those before.
    pub fn add(&mut self, block: Block) -> Result<(), CheckpointError> {
        let tables = &mut self.snapshot.tables;
        match block.0 {
            Part::Shop(shop) => {
                tables.len = tables.len.saturating_add(count_shop(&shop));
                tables.shop = *shop;
            }
            Part::Plans(plans) => self.plans = plans,
            Part::Archived(items) => {
                for item in items {
                    let (id, order) = item.order(&self.plans)?;
                    self.snapshot.tables.archived.insert(id, order);
                    self.count(Holder::Order(id));
                }
            }
            Part::Orders(orders) => {
                for (id, records) in orders {
                    self.order(id, records);
                }
            }
            Part::Servers(servers) => {
                for (id, records) in servers {
                    tables.len = tables.len.saturating_add(count_server(&records));
                    tables.servers.insert(id, records);
                }
            }
            Part::Undated(records) => {
                tables.len = tables.len.saturating_add(records.len());
                tables.undated.extend(records.into_iter().map(|r| (r.value.order, r)));
            }
            Part::Retained(records) => {
                tables.len = tables.len.saturating_add(records.len());
                let placed = records.into_iter().map(|record| {
                    ((record.value.kind, record.value.id.clone()), Shared::new(record))
                });
                tables.retained.extend(placed);
            }
            Part::Unpaid(records) => {
                tables.len = tables.len.saturating_add(records.len());
                tables.unpaid.extend(records.into_iter().map(|r| (r.value.customer, r)));
            }
            Part::Accounts(accounts) => {
                for (id, records) in accounts {
                    let tables = &mut self.snapshot.tables;
                    tables.len = tables.len.saturating_add(records.len());
                    tables.accounts.insert(id, Shared::new(records));
                    self.count(Holder::Account(id));
                }
            }
        }
        Ok(())
    }

    fn order(&mut self, id: super::OrderId, records: OrderRecords) {
        let tables = &mut self.snapshot.tables;
        tables.len = tables.len.saturating_add(count_order(&records));
        if let Some(order) = value(&records.order) {
            touched(&Key::Order(id), Some(order), &mut self.holders);
        }
        tables.orders.insert(id, records);
        self.count(Holder::Order(id));
    }

    fn count(&mut self, holder: Holder) {
        let before = self.nothing.facts(holder);
        self.snapshot.reindex(holder, &before);
    }

    /// The snapshot that these blocks were written of, and what their readers kept once.
    #[must_use]
    pub fn finish(
        mut self,
        readers: impl IntoIterator<Item = BlockReader>,
        revision: Revision,
        lineage: Lineage,
    ) -> Snapshot {
        for holder in std::mem::take(&mut self.holders) {
            match holder {
                Holder::Account(id) if !self.snapshot.tables.accounts.contains_key(&id) => {
                    self.count(holder);
                }
                Holder::Account(_) | Holder::Order(_) => {}
            }
        }
        for reader in readers {
            self.snapshot.tables.interned.take_in(reader.interned);
        }
        self.snapshot.revision = revision;
        self.snapshot.with_lineage(lineage)
    }
}

fn there(slots: impl IntoIterator<Item = bool>) -> usize {
    slots.into_iter().filter(|there| *there).count()
}

fn count_shop(shop: &ShopRecords) -> usize {
    let ShopRecords { identity, reservations, amnesia, clock_seen, damage, store_panel } = shop;
    let about = [identity.is_some(), reservations.is_some(), amnesia.is_some()];
    there(about.into_iter().chain([clock_seen.is_some(), damage.is_some(), store_panel.is_some()]))
}

fn count_server(server: &ServerRecords) -> usize {
    let ServerRecords { status, facts, listed, home } = server;
    there([status.is_some(), facts.is_some(), listed.is_some(), home.is_some()])
}

fn count_order(records: &OrderRecords) -> usize {
    let OrderRecords { order, thread, card } = records;
    there([order.is_some(), thread.is_some(), card.is_some()])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::*;
    use super::*;
    use crate::view::sample;
    use sha2::{Digest, Sha256};
    use std::num::NonZeroU64;

    /// Of each resident kind at least one record, with whatever it may have filled in.
    fn records() -> Edits {
        let mut edits = sample::served_account(1, true);
        let (id, fra) = (sample::account_id(1), "fra-1".parse::<ServerId>().unwrap());
        let (other, at) = (sample::account_id(2), sample::NOW);
        let point = HistoryPoint { revision: 9, lineage: Some(Lineage([7; Lineage::BYTES])) };
        edits.put(StoreIdentity { store_id: "01jd0000000000000000000000".into(), created_at: at });
        edits.put(Reservations { taken: 3 });
        edits.put(Amnesia {
            ours: 1,
            seen: 2,
            server: Some(fra.clone()),
            since: at,
            lacking: vec![Lacking { server: fra.clone(), point, given_up: true }],
            resolved_at: Some(at),
        });
        edits.put(ClockSeen { at });
        let lost = Lost {
            what: "some".into(),
            first: Some(1),
            last: None,
            kinds: vec!["order".into()],
            passing: true,
        };
        let kept = vec!["damaged".into()];
        edits.put(Damage { since: at, lost: vec![lost], kept, resolved_at: Some(at) });
        orders(&mut edits);
        edits.put(Account {
            custody: Some(Box::new(Custody {
                adopted: Some(Adopted {
                    server: fra.clone(),
                    email: "a phone".into(),
                    comment: "by hand".into(),
                    at,
                }),
            })),
            suspension: Some(Box::new(Suspension { reason: "why".into(), since: at })),
            ..sample::account(2)
        });
        let labels = [("zone".to_owned(), "eu".to_owned())].into();
        for (seq, selector) in
            [(0, Selector::Labels(labels)), (1, Selector::Ids([fra.clone()].into()))]
        {
            let source = TermSource::Compensation { account: other, run: 0, n: seq };
            edits.put(Term {
                account: other,
                seq,
                run: 0,
                source,
                length: DurationMs(5),
                quota: Quota::Unlimited,
                devices: 0,
                selector: Arc::new(selector),
                price: None,
                revision: "r".into(),
                at,
            });
        }
        edits.put(Reversal { account: other, term: 0, at, reason: "wrong".into() });
        edits.put(Overrun { account: other, run: 0, over: Bytes(u64::MAX) });
        let by = Bytes(1);
        let own = sample::order_id(77);
        edits.put(Forgiveness { account: other, id: own, run: 0, by, leap: Some(at), at });
        edits.put(Binding {
            account: other,
            server: "ams-1".parse().unwrap(),
            disposition: Disposition::Tombstoned { since: at },
            bound_at: at,
        });
        let cap = Cap::Bytes(NonZeroU64::new(u64::MAX).unwrap());
        edits.put(BindingStatus {
            implausible: Some(Bytes(4)),
            missing_since: Some(at),
            unseen_since: Some(at),
            problem: Some("none".into()),
            leapt: Some(Box::new(Leapt { run: 0, by, at })),
            opening: Some(Box::new(Opening { granted: Quota::Unlimited, over: by, cap })),
            sending: Some(Box::new(Sending { intent: "i".into(), verb: "enable".into() })),
            still_connected: Some(Box::new(StillConnected { since: at, last: at, by })),
            incarnation: Some(Incarnation { panel: "p:1".into(), row: -1, created_at: -5 }),
            ..BindingStatus::new(other, "ams-1".parse().unwrap())
        });
        let condition = |kind| Condition { kind, reason: "r".into(), since: at };
        let conditions = ConditionKind::ALL.map(condition).to_vec();
        edits.put(AccountStatus { account: id, conditions: conditions.clone() });
        servers(&mut edits, conditions, &fra);
        for (account, state) in
            [(id, DeliveryState::Delivered), (other, DeliveryState::Undelivered("dm".into()))]
        {
            edits.put(Delivery::after(None, account, "f".into(), state, at));
        }
        for (kind, state) in [
            (NoticeKind::Expired, NoticeState::Sending),
            (NoticeKind::Depleted, NoticeState::Sent),
            (NoticeKind::Renewed, NoticeState::Undelivered("dm".into())),
        ] {
            edits.put(Notice { account: id, run: 0, kind, state, at });
        }
        edits.put(UnpaidOrder { customer: CustomerId(u64::MAX), order: own });
        edits
    }

    fn orders(edits: &mut Edits) {
        let at = sample::NOW;
        let (by, reason) = (Actor::Cli("op".into()), String::from("why"));
        let evidence = vec![Evidence { undated: true, ..sample::evidence(3) }];
        let renews = Target::Renew(sample::account_id(9));
        let verdict = Verdict::Declined { reason: reason.clone() };
        let open = sample::order(1, renews, "bank");
        edits.put(Order {
            evidence: evidence.clone(),
            decision: Some(Decision { by: by.clone(), at, verdict }),
            cancelled: Some(Cancellation { by: Actor::Controller, at }),
            reopened: Some(Reopened { by: by.clone(), at, reason: reason.clone() }),
            reversed: Some(Reversed { by, at, reason }),
            place_until: Some(at),
            ..sample::order(2, Target::New, "bank")
        });
        let archived = |n| Order { archived: true, ..sample::order(n, Target::New, "bank") };
        edits.put(archived(3));
        let mut other = archived(4);
        other.plan = Arc::new(OrderPlan { revision: "later".into(), ..(*other.plan).clone() });
        edits.put(other);
        edits.put(UndatedProof { order: open.id });
        let seen = |key| Surface {
            channel: Some(u64::MAX),
            message: Some(1),
            shown: Some("hash".into()),
            ..Surface::new(key)
        };
        edits.put(seen(SurfaceKey::StorePanel));
        edits.put(seen(SurfaceKey::OrderThread(open.id)));
        edits.put(seen(SurfaceKey::OrderThread(sample::order_id(3))));
        let refused = Some(Refused { code: "gone".into(), content: "c".into() });
        edits.put(Surface { refused, ..seen(SurfaceKey::ReviewCard(open.id)) });
        edits.put(Order { evidence, ..open });
    }

    fn servers(edits: &mut Edits, conditions: Vec<Condition>, fra: &ServerId) {
        let at = sample::NOW;
        let items = vec![HeldItem { account: sample::account_id(1), verb: "delete".into() }];
        let held = HeldChanges { fingerprint: "f".into(), items, since: at, confirmed_at: None };
        edits.put(ServerStatus {
            panel: Some(PanelInfo {
                identity: "p".into(),
                version: "3".into(),
                one_inbound: true,
                xray: XrayState::Unknown,
            }),
            conditions,
            failure: Some("no".into()),
            outage: Some(Outage::InboundMissing),
            unexplained: vec![UnexplainedChange { at, count: 1 }],
            held: Some(held.clone()),
            confirmed: Some(held),
            leap: Some(Box::new(Leap { at, clients: 1, by: Bytes(1) })),
            sessions_cut: Some(Box::new(SessionsCut { at, clients: 1, intent: Some("i".into()) })),
            foreign: 3,
            orphans: vec![sample::account_id(5)],
            ..ServerStatus::new(fra.clone())
        });
        edits.put(LastList { server: fra.clone(), at });
        edits.put(ServerHome { server: fra.clone(), panel: "p".into(), since: at });
        edits.put(Retained {
            kind: RetainedKind::Plan,
            id: "basic-60".into(),
            definition: serde_json::json!({"a": [1, -2, 1.5, null, true, {"b": u64::MAX}]}),
            since: at,
        });
    }

    fn again(snapshot: &Snapshot) -> Snapshot {
        let (mut assembly, mut readers) =
            (Assembly::default(), [(); 2].map(|()| BlockReader::default()));
        for (n, block) in snapshot.blocks().enumerate() {
            assembly.add(readers[n % 2].read(&block.unwrap()).unwrap()).unwrap();
        }
        assembly.finish(readers, snapshot.revision(), snapshot.lineage())
    }

    fn bytes(snapshot: &Snapshot) -> Vec<u8> {
        snapshot.blocks().flat_map(Result::unwrap).collect()
    }

    #[test]
    fn every_kind_of_record_comes_out_of_the_blocks_as_it_went_in() {
        let edits = records();
        let snapshot = Snapshot::default().after(&edits, 7).with_lineage(Lineage([3; 32]));
        for kind in Kind::ALL.iter().filter(|kind| kind.resident()) {
            assert!(edits.puts.keys().any(|key| key.kind() == *kind), "{kind:?} is not tried");
        }
        let read = again(&snapshot);
        for key in edits.puts.keys() {
            assert_eq!(read.get(key), snapshot.get(key), "{key}");
            assert_eq!(read.version(key), snapshot.version(key), "{key}");
        }
        for n in [3, 4] {
            let id = sample::order_id(n);
            assert!(read.archived_order(id).is_some());
            assert_eq!(read.archived_order(id), snapshot.archived_order(id));
        }
        assert_eq!(read.indexes(), snapshot.indexes());
        assert_eq!((read.len(), read.history()), (snapshot.len(), snapshot.history()));
        assert_eq!(bytes(&read), bytes(&snapshot));
        // What was common to records is so again: the next order of a plan takes the one that is there.
        let sold =
            |snapshot: &Snapshot, n| Arc::clone(snapshot.sold_plan(sample::order_id(n)).unwrap());
        let next = read.after(&sample::put(sample::order(8, Target::New, "bank")), 8);
        let shares = |n| Arc::ptr_eq(&sold(&next, 8), &sold(&next, n));
        assert!(shares(3) || shares(1));
    }

    #[test]
    fn the_bytes_of_a_checkpoint_change_only_with_its_format() {
        let snapshot = Snapshot::default().after(&records(), 7);
        let hash = nebulalinks_protocol::hex(&Sha256::digest(bytes(&snapshot)));
        assert_eq!(
            (Snapshot::CHECKPOINT_FORMAT, hash.as_str()),
            (2, "571b30f29b1b4015c77475c8213d0cf6d2a59212effe1d3961db082bab6ab901"),
            "an older program's checkpoint would be read as something else: raise the format"
        );
    }

    #[test]
    fn what_is_no_block_is_refused() {
        let snapshot = Snapshot::default().after(&records(), 7);
        for block in snapshot.blocks().map(Result::unwrap) {
            let mut reader = BlockReader::default();
            for end in 0..block.len() {
                assert!(reader.read(&block[..end]).is_err(), "cut at {end}");
            }
        }
    }
}
