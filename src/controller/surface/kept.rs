//! A surface while a run works on it: what is stored of it, and what a failed call makes of it.

use crate::catalog::Catalog;
use crate::controller::context::Context;
use crate::controller::error::Failure;
use crate::model::{Edits, Key, Refused, Snapshot, Surface, SurfaceKey};
use crate::ports::{ChatClass, ChatCode, ChatError};

/// A surface and the version it was read at: a hint that it was deleted must not be overwritten.
pub(in super::super) struct Kept {
    pub(super) stored: Option<Surface>,
    pub(in super::super) surface: Surface,
    version: Option<u64>,
}

impl Kept {
    pub(in super::super) fn read(snapshot: &Snapshot, key: SurfaceKey) -> Self {
        let stored = snapshot.surface(key).cloned();
        let surface = stored.clone().unwrap_or_else(|| Surface::new(key));
        Self { stored, surface, version: snapshot.version(&Key::Surface(key)) }
    }

    /// A panel or card goes where the file says now; what stands in the old channel stays there.
    pub(super) fn follow(&mut self, catalog: &Catalog) {
        if let Some(channel) = fixed_channel(catalog, self.surface.key)
            && self.surface.channel.is_some_and(|c| c != channel)
        {
            self.forget_message();
            self.surface.channel = None;
        }
    }

    pub(super) fn forget_message(&mut self) {
        self.surface.message = None;
        self.surface.shown = None;
    }

    /// What follows from a failed call: what to fail with, or nothing when it is settled for now.
    pub(in super::super) async fn failed(
        &mut self,
        ctx: &Context,
        error: &ChatError,
        fingerprint: &str,
    ) -> Result<Option<Failure>, Failure> {
        let key = self.surface.key;
        let is_thread = matches!(key, SurfaceKey::OrderThread(_) | SurfaceKey::TicketThread(_));
        let own_thread = is_thread && self.surface.channel.is_some();
        match error.class {
            ChatClass::Later | ChatClass::Unknown => {}
            ChatClass::MessageGone => {
                self.forget_message();
                self.save(ctx).await?;
            }
            ChatClass::ChannelGone if own_thread => {
                self.forget_message();
                self.surface.channel = None;
                self.save(ctx).await?;
            }
            // It will not work until the content, the permissions or the channels change: said,
            // kept, and tried again now and then.
            ChatClass::Refused | ChatClass::Closed | ChatClass::ChannelGone => {
                tracing::error!(
                    surface = %key,
                    error.code = error.code.name(),
                    "Discord refuses a surface: {}; {}",
                    error.detail,
                    what_to_do(error)
                );
                ctx.surface_checks.note(key, ctx.wall());
                let code = error.code.to_string();
                self.surface.refused = Some(Refused { code, content: fingerprint.to_owned() });
                return Ok(None);
            }
        }
        Ok(Some(error.clone().into()))
    }

    pub(in super::super) async fn save(&mut self, ctx: &Context) -> Result<(), Failure> {
        if self.stored.as_ref() == Some(&self.surface) {
            return Ok(());
        }
        let mut edits = Edits::new();
        edits.expect(Key::Surface(self.surface.key), self.version);
        edits.put(self.surface.clone());
        self.version = Some(ctx.commit(edits).await?);
        self.stored = Some(self.surface.clone());
        Ok(())
    }
}

/// Where the file puts a surface; a thread is wherever it was opened.
pub(super) const fn fixed_channel(catalog: &Catalog, key: SurfaceKey) -> Option<u64> {
    match key {
        SurfaceKey::StorePanel => Some(catalog.shop.channels.store),
        SurfaceKey::ReviewCard(_) | SurfaceKey::TicketCard(_) => Some(catalog.shop.channels.review),
        SurfaceKey::Alerts => catalog.shop.channels.alerts,
        SurfaceKey::Stats => catalog.shop.channels.stats,
        SurfaceKey::OrderThread(_) | SurfaceKey::TicketThread(_) => None,
    }
}

/// Where to look, by what Discord refuses.
fn what_to_do(error: &ChatError) -> &'static str {
    match error.code {
        ChatCode::MissingAccess
        | ChatCode::MissingPermission
        | ChatCode::ChannelGone
        | ChatCode::NoId => "check `channels:` in shop.yaml and the bot's permissions there",
        ChatCode::Unauthorized => "check the bot's token",
        ChatCode::TooLarge => "the pictures are more than Discord takes there; please report this",
        ChatCode::InvalidContent | ChatCode::Unsendable => {
            "the message is wrong, not the channel: a defect of this version, please report it"
        }
        _ => "its words say why; OPERATIONS, SurfaceRefused, says what is known",
    }
}
