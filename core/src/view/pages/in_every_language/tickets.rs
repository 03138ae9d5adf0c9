//! Of support and tickets.

use super::*;

/// What is read of an open ticket and of one that is closed.
pub(super) fn pages_of_tickets(
    shops: &Pages<'_>,
    pages: &Pages<'_>,
) -> Vec<(&'static str, Option<Answer>)> {
    let page = |key| shops.surface(key).map(Answer::Private);
    let mut all = vec![
        ("support", Some(Answer::Private(pages.support(ALICE)))),
        ("nobody's support", Some(Answer::Private(pages.support(OMAR)))),
    ];
    for id in [ticket_id(1), ticket_id(2)] {
        all.extend(SurfaceKey::of_ticket(id).map(|key| ("ticket", page(key))));
        all.push(("asked", Some(Answer::Private(pages.ticket_opened(id)))));
        let ticket = pages.snapshot.ticket(id).map(|ticket| shops.ticket_over(ticket));
        all.push(("ticket over", ticket.map(Answer::Private)));
    }
    all.push(("ticket closed", Some(Answer::Private(pages.ticket_closed()))));
    all.push(("proof", Some(Answer::Private(pages.proof_problem(ProofProblem::InTicket)))));
    for why in [Rejection::TooManyTickets(NOW), Rejection::UnknownTicket] {
        all.push(("refused", Some(Answer::Private(pages.refused(why.clone())))));
        all.push(("staff refused", Some(Answer::Private(pages.refused_staff(why)))));
    }
    all
}

/// An open ticket and one that is closed, as they stand in a shop.
pub(super) fn tickets() -> Edits {
    let closed = Some(Box::new(TicketClosing { by: Actor::Cli("W".repeat(200)), at: NOW }));
    let mut edits = put(Ticket { closed, ..ticket(2) });
    edits.put(ticket(1));
    for key in SurfaceKey::of_ticket(ticket_id(2)) {
        edits.put(Surface { channel: Some(u64::MAX), posts: 1, ..Surface::new(key) });
    }
    edits
}
