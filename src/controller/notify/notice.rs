//! Notices, at most once.

use crate::catalog::Catalog;
use crate::controller::context::Context;
use crate::controller::error::Failure;
use crate::controller::nonce::{HOLDS, nonce};
use crate::model::{
    AccountId, Edits, Identity, Key, Notice, NoticeKind, NoticeState, Record, Snapshot, SurfaceKey,
    TermSource, UnixMs,
};
use crate::notices;
use crate::ports::{Chat, ChatClass, ChatError, Place};
use crate::view::{Message, Pages};

/// Claims a notice, sends it, and says how it went.
pub(super) async fn send(
    ctx: &Context,
    chat: &dyn Chat,
    catalog: &Catalog,
    (id, of, kind): (AccountId, u32, NoticeKind),
    to: Identity,
) -> Result<(), Failure> {
    let snapshot = ctx.snapshot();
    let now = ctx.now();
    let key = Key::Notice(id, of, kind);
    let mut record = Notice { account: id, run: of, kind, state: NoticeState::Sending, at: now };
    let claimed = snapshot.notice(id, of, kind).map(|n| n.at);
    if claimed.is_none() {
        let mut edits = Edits::new();
        edits.insert(record.clone());
        for (of, kind) in notices::outlived(&snapshot, id) {
            edits.delete(Key::Notice(id, of, kind));
        }
        ctx.commit(edits).await?;
        ctx.clock.crash_point("notify.before_notice");
    }
    let pages = Pages::new(chat.front(), &snapshot, catalog, now).for_owner(id);
    let Some(message) = pages.notice(id, kind) else {
        return Ok(());
    };
    let nonce = nonce(&format!("notice {id} {of} {kind}"));
    let claim = Claim { nonce: &nonce, message: &message, claimed, now };
    let mut went = claim.tell(chat, Place::Direct(to)).await;
    if went.is_nowhere()
        && let Some(thread) = thread_of(ctx, &snapshot, id).await?
    {
        // Who takes no direct messages reads it where they ordered.
        went = claim.tell(chat, Place::Channel(thread)).await;
    }
    ctx.clock.crash_point("notify.after_notice");
    let mut edits = Edits::new();
    record.state = match went {
        Went::Sent => NoticeState::Sent,
        Went::Unknown => NoticeState::Undelivered("unknown".to_owned()),
        Went::Refused(error) => NoticeState::Undelivered(error.code.to_string()),
        // It surely did not go out: the claim is given back.
        Went::Failed { error, looked: true } if error.class == ChatClass::Later => {
            edits.delete(key);
            ctx.commit(edits).await?;
            return Err(error.into());
        }
        Went::Failed { error, .. } => return Err(error.into()),
    };
    edits.put(record);
    ctx.commit(edits).await?;
    Ok(())
}

/// The place of the account's newest order, which only its customer and staff see.
async fn thread_of(
    ctx: &Context,
    snapshot: &Snapshot,
    id: AccountId,
) -> Result<Option<u64>, Failure> {
    let newest = snapshot.terms(id).rev().find_map(|term| match term.source {
        TermSource::Order(order) => Some(SurfaceKey::OrderThread(order)),
        _ => None,
    });
    let Some(key) = newest else { return Ok(None) };
    if let Some(surface) = snapshot.surface(key) {
        return Ok(surface.channel);
    }
    // Of an order that was settled long ago the store alone knows it.
    let stored = ctx.store.get(&Key::Surface(key)).await?;
    Ok(stored.and_then(|record| match record.value {
        Record::Surface(surface) => surface.channel,
        _ => None,
    }))
}

/// A notice that was claimed, and when, if by an earlier run.
pub(in crate::controller) struct Claim<'a> {
    /// What it is known by where it may stand.
    pub(in crate::controller) nonce: &'a str,
    /// What it says.
    pub(in crate::controller) message: &'a Message,
    /// When an earlier run claimed it.
    pub(in crate::controller) claimed: Option<UnixMs>,
    /// Now.
    pub(in crate::controller) now: UnixMs,
}

/// How a notice went at one place.
pub(in crate::controller) enum Went {
    /// The person has it.
    Sent,
    /// Claimed long ago, and no trace of it here.
    Unknown,
    /// It cannot be sent here.
    Refused(ChatError),
    /// Something failed; whether it was known by then that an earlier try had not gone out.
    Failed { error: ChatError, looked: bool },
}

impl Went {
    /// Whether another place is to be tried, or looked at.
    const fn is_nowhere(&self) -> bool {
        matches!(self, Self::Unknown | Self::Refused(_))
    }
}

impl Claim<'_> {
    pub(in crate::controller) async fn tell(&self, chat: &dyn Chat, place: Place) -> Went {
        let gone = |error: ChatError, looked| match error.class {
            ChatClass::Closed | ChatClass::Refused | ChatClass::ChannelGone => Went::Refused(error),
            _ => Went::Failed { error, looked },
        };
        if let Some(at) = self.claimed {
            match chat.find(place, self.nonce).await {
                Ok(Some(_)) => return Went::Sent,
                // A second one might be one too many.
                Ok(None) if self.now.since(at) > HOLDS => return Went::Unknown,
                Ok(None) => {}
                Err(error) => return gone(error, false),
            }
        }
        match chat.post(place, self.message, self.nonce).await {
            Ok(_) => Went::Sent,
            Err(error) => gone(error, true),
        }
    }
}
