//! Who writes in a ticket's thread, so that staff read on its card that somebody waits. Of a message its author and
//! its time are enough: what is in it stays unread.

use super::shared::Shared;
use super::take::decide;
use crate::intent::{Intent, Person, TicketWord};
use crate::model::{Identity, UnixMs};
use serenity::all::{Message, MessageType};

/// Whose word it is; `None` of what no person wrote.
fn author(message: &Message) -> Option<Person> {
    let written = matches!(message.kind, MessageType::Regular | MessageType::InlineReply);
    let by_person = written && !message.author.bot && message.webhook_id.is_none();
    let member = message.member.as_deref();
    let roles = member.map(|member| member.roles.iter().map(|role| role.get()).collect());
    by_person.then(|| Person {
        identity: Identity::Discord(message.author.id.get()),
        name: message.author.name.to_string(),
        roles: roles.unwrap_or_default(),
    })
}

/// Notes that somebody wrote. Of a word that cannot be noted the next one tells.
pub(super) async fn handle(shared: &Shared, message: &Message) {
    let Some(by) = author(message) else { return };
    let snapshot = shared.store.snapshot();
    let ticket = snapshot.ticket_of_thread(message.channel_id.get());
    let Some(ticket) = ticket.filter(|ticket| ticket.is_open()).map(|ticket| ticket.id) else {
        return;
    };
    let at = message.timestamp.unix_timestamp_nanos() / 1_000_000;
    let at = UnixMs(at.try_into().unwrap_or(0));
    if let Err(why) = decide(shared, Intent::HeardInTicket(TicketWord { ticket, by, at })).await {
        tracing::debug!(why = why.code(), "it could not be noted who wrote in a ticket");
    }
}
