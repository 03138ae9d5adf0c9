//! The files of a message, read for Discord.

use super::multipart::Upload;
use super::profile::PROFILE;
use super::proof;
use super::shared::Shared;
use crate::view::{FileSource, Message};

/// The files of a message; a proof that is no longer there is left out.
pub(super) async fn uploads(shared: &Shared, message: &Message) -> Vec<Upload> {
    let mut found = Vec::new();
    for file in message.files.iter().take(PROFILE.files) {
        let content = match &file.source {
            FileSource::Bytes(bytes) => Ok(bytes.clone()),
            FileSource::Proof(name) => proof::read(&shared.config.proofs_dir, name).await,
        };
        match content {
            Ok(content) => found.push(Upload { name: file.name.clone(), content }),
            Err(error) => tracing::error!(%error, "a proof's file cannot be read"),
        }
    }
    found
}
