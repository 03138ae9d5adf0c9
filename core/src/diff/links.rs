//! Who gets another link though they stay where they are, and who reads another language.

use super::edit::{Edit, by, counted, effect};
use super::types::Effect;
use super::types::Weight::{Info, Notice};
use crate::catalog::{Catalog, Delivery, Server};
use crate::view::delivery_fingerprint;
use std::collections::BTreeMap;

pub(super) fn effects(edit: &Edit<'_>) -> Vec<Effect> {
    let mut effects = Vec::new();
    for server in edit.after.servers.values() {
        let before = edit.before.servers.get(&server.id);
        let reached_otherwise =
            |was: &&Server| was.host != server.host || was.inbounds != server.inbounds;
        if let Some(was) = before.filter(reached_otherwise) {
            effects.extend(of_server(edit, was, server));
        }
    }
    effects.extend(by_button(edit));
    effects.extend(languages(edit));
    effects
}

fn of_server(edit: &Edit<'_>, was: &Server, server: &Server) -> Vec<Effect> {
    let facts = edit.snapshot.server_facts(&server.id);
    let named = |name: &String| {
        facts.is_some_and(|f| {
            f.inbounds.iter().any(|i| i.remark == *name || i.id.to_string() == *name)
        })
    };
    // Of an inbound that the files did not name nothing is known until the panel was read.
    let unknown = was.inbounds != server.inbounds && !server.inbounds.iter().all(named);
    let (mut new, mut same) = (0, 0);
    for account in super::fates::serving(edit.snapshot, &server.id) {
        if edit.then.of.contains_key(&account) || !edit.is_active(account) {
            continue;
        }
        let before = delivery_fingerprint(edit.snapshot, edit.before, account);
        let after = delivery_fingerprint(edit.snapshot, edit.after, account);
        match before {
            None => {}
            Some(_) if unknown || before != after => new += 1,
            Some(_) => same += 1,
        }
    }
    let id = &server.id;
    let when = if unknown { " once the panel's inbounds were read" } else { "" };
    let new_links = (new > 0).then(|| {
        let text = format!(
            "{} of {id} {} a new link{when}; the old one works as long as the panel and the name of before do",
            counted(new, "customer"),
            by(new, "gets", "get")
        );
        effect(Notice, "new_link", new, Some(id), text)
    });
    let old_links = (same > 0 && new == 0).then(|| {
        let text = format!("the links of {} on {id} stay as they are", counted(same, "customer"));
        effect(Info, "same_link", same, Some(id), text)
    });
    new_links.into_iter().chain(old_links).collect()
}

/// New links by the button alone, or by message again.
fn by_button(edit: &Edit<'_>) -> Option<Effect> {
    let text = match (edit.before.shop.orders.deliver, edit.after.shop.orders.deliver) {
        (Delivery::Dm, Delivery::Button) => {
            "no new link is sent any more: customers press the button, also after a move"
        }
        (Delivery::Button, Delivery::Dm) => "whoever has no message with the link of now gets one",
        _ => return None,
    };
    Some(effect(Notice, "deliver", 0, None, text.to_owned()))
}

fn languages(edit: &Edit<'_>) -> Vec<Effect> {
    if edit.before.shop.languages == edit.after.shop.languages {
        return Vec::new();
    }
    let mut moved: BTreeMap<(String, String), usize> = BTreeMap::new();
    for account in edit.snapshot.accounts() {
        let reads = edit.snapshot.reads(account.customer);
        let in_shop = |shop: &Catalog| shop.language_for(shop.language_read(reads)).to_owned();
        let (was, is) = (in_shop(edit.before), in_shop(edit.after));
        if was != is {
            *moved.entry((was, is)).or_default() += 1;
        }
    }
    let line = |((was, is), count): ((String, String), usize)| {
        let who = counted(count, "account");
        let text = format!("the customers of {who} read `{is}` instead of `{was}`");
        effect(Notice, "language", count, None, text)
    };
    moved.into_iter().map(line).collect()
}
