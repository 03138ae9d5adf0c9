//! For whom a changed setting counts, where its name does not say so.

/// A kind of entry, how the names of its fields begin, and the note.
const NOTES: &[(&str, &str, &str)] = &[
    ("plan", "prices", "for new orders; open ones and sold terms keep theirs"),
    ("plan", "duration", "for terms of new orders; what was sold or ordered stays as it is"),
    ("plan", "traffic", "for terms of new orders; what was sold or ordered stays as it is"),
    ("plan", "devices", "for terms of new orders; what was sold or ordered stays as it is"),
    ("plan", "trial", "from now on; open orders and sold terms keep their price"),
    ("plan", "servers", "for terms of new orders; who is served stays where they are"),
    ("server", "weight", "for new accounts and moves; nobody moves for it"),
    ("server", "capacity", "for new accounts and moves; nobody moves for it"),
    ("server", "labels", "for new accounts and moves; nobody moves for it"),
    ("server", "keys", "nothing is written there until its gateway has the same keys"),
    ("server", "gateway", "the gateway there must have these keys and the same panel"),
    ("server", "line", "counters that grow faster wait for a second list"),
    ("server", "cut_open_sessions", "in its hours, for sessions that outlive a cut-off there"),
    ("server", "drift", "changes by hand: `repair` undoes them, `report` shows them"),
    ("method", "account", "open orders show the new one from now on"),
    ("method", "instructions", "open orders show the new ones from now on"),
    ("method", "currencies", "for new orders; open ones keep their price"),
    ("method", "proof", "for open orders, too"),
    ("method", "reference", "for open orders, too"),
    (
        "shop",
        "discord.guild",
        "the bot must be a member of it; what stands in the old one stays there",
    ),
    ("shop", "discord.channels", "what is kept there is posted anew; old messages stay"),
    ("shop", "discord.ping", "for what appears from now on; what was posted calls nobody again"),
    ("shop", "discord.roles", "at once, for every decision of staff"),
    ("shop", "orders.pay_within", "for new orders; open ones keep their date"),
    ("shop", "orders.review_within", "for proofs that come from now on"),
    ("shop", "orders.unserved", "for new orders and trials; open ones stay"),
    ("shop", "limits.open_orders", "for new orders; open ones stay"),
    ("shop", "limits.block", "at once, for orders, renewals and trials; what they have goes on"),
    ("shop", "limits.allow", "at once, for orders, renewals and trials; what they have goes on"),
    ("shop", "limits.presses_per_minute", "at once, for whoever is no staff"),
    ("shop", "limits.replace_link_every", "at once, counted from the last time"),
    ("code", "gives", "for those who enter it from now on; open orders keep their price"),
    ("code", "code", "for those who enter it from now on; its uses go on being counted"),
    ("code", "limit", "for those who enter it from now on; who has used it keeps it"),
    ("code", "per_customer", "for those who enter it from now on; who has used it keeps it"),
    ("shop", "guard", "from the next pass on, for changes that no record explains"),
];

/// What is to be known of a field that changed.
pub(super) fn note(kind: &str, field: &str) -> Option<&'static str> {
    let is_of = |begins: &str| {
        field.strip_prefix(begins).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    NOTES.iter().find(|(of, begins, _)| *of == kind && is_of(begins)).map(|(.., note)| *note)
}
