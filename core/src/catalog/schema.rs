//! JSON schemas of the files, for editors; `desired/schema/` is generated from here. They
//! help while typing: every key has a description and an example. The checks of this module decide.

mod limits;
mod notices;
mod orders;
mod parts;
mod promos;

use super::{DesiredFile, payments, plans, roles, servers, shop};
use parts::{
    DAILY, described, faq, faq_example, id, key, labels, length, list, object, pattern, selector,
    snowflake, subscription, text, whole, words,
};
use serde_json::{Value, json};

/// The schema of one of the files.
#[must_use]
pub fn schema(file: DesiredFile) -> Value {
    let (key, content) = match file {
        DesiredFile::Plans => ("plans", described(list(plan()), "What customers buy")),
        DesiredFile::Servers => ("servers", described(list(server()), "The hosts")),
        DesiredFile::Payments => ("methods", described(list(method()), "How customers pay")),
        DesiredFile::Promos => ("codes", described(list(promos::promo()), "Codes to enter")),
        DesiredFile::Shop => ("shop", described(the_shop(), "The shop, its guild and its rules")),
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": file.name(),
        "type": "object",
        "additionalProperties": false,
        "required": [key],
        "properties": { key: content },
    })
}

fn plan() -> Value {
    let price = pattern(r"^[0-9]+(\.[0-9]+)? [A-Z0-9]{2,10}$");
    let traffic = pattern(r"^(unlimited|[0-9]+(\.[0-9]+)?([KMGT]i?)?B)$");
    object(
        &["id", "name", "duration", "traffic", "devices", "servers"],
        [
            key("id", "Its name in files and commands; never changes", &json!("basic-30"), id()),
            key(
                "family",
                "Plans of one family renew each other, and are all capped or all unlimited. The plan's id if left out; never changes",
                &json!("basic"),
                id(),
            ),
            key("name", "What customers read", &json!({ "en": "Basic", "ar": "الأساسية" }), text()),
            key(
                "prices",
                "One for each currency; every plan but a trial has some",
                &json!(["100.00 EGP", "2.10 USD"]),
                list(price),
            ),
            key("duration", "How long a term lasts; a day is 24 h", &json!("30d"), length()),
            key(
                "traffic",
                "What a term brings: 50GB is 50 × 10⁹ bytes, 50GiB is 50 × 2³⁰ bytes; or unlimited",
                &json!("50GiB"),
                traffic,
            ),
            key(
                "devices",
                "Devices at once; 0 is without limit",
                &json!(2),
                whole(0, plans::MOST_DEVICES),
            ),
            key(
                "servers",
                "Which servers may serve it",
                &json!({ "labels": { "tier": "basic" } }),
                selector(),
            ),
            key(
                "lifecycle",
                "active is sold, hidden by command only, retired renews only; active if left out",
                &json!("active"),
                words(plans::LIFECYCLES),
            ),
            key(
                "trial",
                "Given once to each customer without a payment or a review; it has no prices then",
                &json!(true),
                json!({ "type": "boolean" }),
            ),
        ],
    )
}

fn server() -> Value {
    let host = json!({ "type": "string" });
    let inbound = json!({ "type": ["string", "integer"] });
    let line = pattern(r"^[0-9]+(\.[0-9]+)?[KMG]bit$");
    object(
        &["id", "name", "host", "gateway", "inbounds", "capacity"],
        [
            key("id", "Its name in files and commands; never changes", &json!("fra-1"), id()),
            key("name", "What customers read", &json!({ "en": "Frankfurt 1" }), text()),
            key("host", "What customers' links point at", &json!("fra1.vpn.example.net"), host),
            key(
                "gateway",
                "Where its gateway listens; http:// only for loopback",
                &json!("https://gw-fra1.example.net:8443"),
                pattern("^https?://"),
            ),
            key("keys", "The name of its keys; the server's id if left out", &json!("fra-1"), id()),
            key(
                "inbounds",
                "Where its clients are made: each the panel's remark or numeric id",
                &json!(["vless-reality"]),
                list(inbound),
            ),
            key(
                "labels",
                "By which plans choose servers",
                &json!({ "tier": "basic", "region": "eu" }),
                labels(),
            ),
            key(
                "capacity",
                "How many accounts it takes",
                &json!(200),
                whole(0, servers::MOST_ACCOUNTS),
            ),
            key(
                "weight",
                "How much of what is new it takes beside the others; 1 if left out",
                &json!(1),
                whole(1, servers::MOST_WEIGHT),
            ),
            key(
                "line",
                "How fast it can be: a counter that grows faster is implausible; 10Gbit if left out",
                &json!("1Gbit"),
                line,
            ),
            key(
                "lifecycle",
                "active takes new accounts, cordoned none; from draining its accounts move to other servers and keep both for a day, from lost they move at once; retired is no longer asked",
                &json!("active"),
                words(servers::LIFECYCLES),
            ),
            key(
                "mode",
                "observe computes everything and changes nothing; manage if left out",
                &json!("manage"),
                words(servers::MODES),
            ),
            key(
                "drift",
                "What becomes of edits by hand: repair mends them, report says them; repair if left out",
                &json!("repair"),
                words(servers::DRIFTS),
            ),
            key(
                "confirm",
                "Releases the held change set of this fingerprint",
                &json!("3f9c1a"),
                json!({ "type": ["string", "number"] }),
            ),
            key(
                "cut_open_sessions",
                "When Xray may be started anew, once a day, for sessions that outlive a cut-off; everybody there reconnects",
                &json!({ "after": "15m", "between": "03:00-05:00" }),
                cut_open_sessions(),
            ),
        ],
    )
}

fn cut_open_sessions() -> Value {
    object(
        &["after", "between"],
        [
            key("after", "How long such a session has gone on", &json!("15m"), length()),
            key(
                "between",
                "Two times of day in the shop's zone; over midnight if the second is earlier",
                &json!("03:00-05:00"),
                pattern(DAILY),
            ),
        ],
    )
}

fn method() -> Value {
    let account = json!({ "type": "string" });
    let instructions =
        json!({ "en": "Send {amount} to {account} and write {reference} in the note." });
    object(
        &["id", "kind", "name", "currencies", "account", "instructions"],
        [
            key(
                "id",
                "Its name in files and commands; never changes",
                &json!("vodafone-cash"),
                id(),
            ),
            key(
                "kind",
                "Who confirms a payment: manual is staff",
                &json!("manual"),
                words(payments::KINDS),
            ),
            key("name", "What customers read", &json!({ "en": "Vodafone Cash" }), text()),
            key("currencies", "What it takes", &json!(["EGP"]), list(pattern("^[A-Z0-9]{2,10}$"))),
            key(
                "account",
                "Where to pay to; customers copy it, so it is text in quotes",
                &json!("01000000000"),
                account,
            ),
            key(
                "instructions",
                "How to pay, with {amount}, {account} and {reference} filled in",
                &instructions,
                text(),
            ),
            key(
                "proof",
                "Whether an order needs a picture of the payment",
                &json!("required"),
                words(payments::REQUIREMENTS),
            ),
            key(
                "reference",
                "Whether staff type the payment's own number when they approve",
                &json!("optional"),
                words(payments::REQUIREMENTS),
            ),
            key(
                "lifecycle",
                "retired takes no new payments; active if left out",
                &json!("active"),
                words(payments::LIFECYCLES),
            ),
        ],
    )
}

fn the_shop() -> Value {
    let currencies = json!({
        "type": "object",
        "propertyNames": { "pattern": "^[A-Z0-9]{2,10}$" },
        "additionalProperties": whole(0, shop::MOST_DECIMALS),
    });
    let languages = list(json!({ "type": "string" }));
    object(
        &["id", "discord", "languages", "time_zone"],
        [
            key(
                "id",
                "Part of every client's name on the panels; never change it",
                &json!("main"),
                pattern("^[a-z0-9]{2,8}$"),
            ),
            key("discord", "The guild and who is who in it", &json!({ "guild": GUILD }), discord()),
            key(
                "languages",
                "Each reads their own where it is here, by Discord's setting; the first is for everybody else",
                &json!(["en", "ar"]),
                languages,
            ),
            key(
                "time_zone",
                "In which dates are written, by its name in the IANA database",
                &json!("Africa/Cairo"),
                json!({ "type": "string" }),
            ),
            key(
                "currencies",
                "Decimals of currencies that ISO 4217 lacks",
                &json!({ "USDT": 6 }),
                currencies,
            ),
            key(
                "orders",
                "How an order goes",
                &json!({ "pay_within": "24h", "review_within": "3d" }),
                orders::orders(),
            ),
            key(
                "limits",
                "What one customer may have at once, and how often do",
                &json!({ "open_orders": 2 }),
                limits::limits(),
            ),
            key(
                "reminders",
                "How long before its end an account's customer is reminded; the end itself is always told",
                &json!(["3d", "1d", "0d"]),
                list(length()),
            ),
            key(
                "notices",
                "What else customers are told, and when not",
                &json!({ "quiet": "23:00-08:00", "traffic": [80, 90, 100] }),
                notices::notices(),
            ),
            key("faq", "What customers find answered behind Support", &faq_example(), faq()),
            key(
                "referral",
                "What a customer gets for friends whom they invite; nobody can invite if left out",
                &json!({ "reward": "3d", "limit": 10 }),
                limits::referral(),
            ),
            key(
                "retention",
                "How long things are kept",
                &json!({ "tombstones": "7d" }),
                object(
                    &[],
                    [
                        key(
                            "proofs",
                            "How long after an order is settled the pictures of its payment are kept, 30d at least; for good \
                             where it is left out",
                            &json!("90d"),
                            length(),
                        ),
                        key(
                            "threads",
                            "How long after an order is settled its thread stays among those that people see",
                            &json!("7d"),
                            length(),
                        ),
                        key(
                            "tombstones",
                            "How long a client that has ended stays on its panel, switched off",
                            &json!("7d"),
                            length(),
                        ),
                    ],
                ),
            ),
            key(
                "guard",
                "How much may be taken away in one hour without an operator's word",
                &json!({ "destructive_percent": 10, "destructive_floor": 5 }),
                object(
                    &[],
                    [
                        key(
                            "destructive_percent",
                            "Percent of a server's accounts",
                            &json!(10),
                            whole(0, 100),
                        ),
                        key(
                            "destructive_floor",
                            "So many are always allowed",
                            &json!(5),
                            whole(0, 100_000),
                        ),
                    ],
                ),
            ),
            key(
                "subscription",
                "The address at which apps fetch an account's links; without it customers get plain links",
                &json!({ "url": "https://vpn.example.net" }),
                subscription(),
            ),
        ],
    )
}

const GUILD: &str = "100000000000000001";

fn discord() -> Value {
    let channels = shop::CHANNEL_KEYS.iter().map(|name| {
        let example = json!("100000000000000011");
        match *name {
            "store" => key(name, "Where customers choose a plan", &example, snowflake()),
            "orders" => key(name, "Where each order gets its thread", &example, snowflake()),
            "review" => key(name, "Where staff approve", &example, snowflake()),
            "stats" => key(name, "Where staff read the shop in numbers", &example, snowflake()),
            _ => key(name, "Where staff read what needs a person", &example, snowflake()),
        }
    });
    let roles = shop::ROLE_KEYS.iter().map(|name| {
        let may = match *name {
            "owner" => "May do everything; at least one role",
            "admin" => "May approve, decline, reopen, reverse and grant",
            _ => "May look, and help customers",
        };
        key(name, may, &json!(["100000000000000021"]), list(snowflake()))
    });
    let channels = object(&["store", "orders", "review"], channels);
    let roles = object(&["owner"], roles);
    object(
        &["guild", "channels", "roles"],
        [
            key("guild", "The server's id in Discord, in quotes", &json!(GUILD), snowflake()),
            key(
                "message_content",
                "Whether a picture that is simply posted in an order's thread is its proof; the bot's application must have the intent of that name. false if left out",
                &json!(true),
                json!({ "type": "boolean" }),
            ),
            key(
                "channels",
                "Ids of channels, in quotes",
                &json!({ "store": "100000000000000011" }),
                channels,
            ),
            key(
                "roles",
                "Ids of roles, in quotes",
                &json!({ "owner": ["100000000000000021"] }),
                roles,
            ),
            key(
                "ping",
                "Who of the staff is called, once, by what needs them",
                &json!({ "review": "admin", "alerts": "nobody" }),
                pings(),
            ),
        ],
    )
}

fn pings() -> Value {
    let called = roles::PING_KEYS.iter().map(|name| {
        let (by, example) = match *name {
            "review" => (
                "By an order that waits for a decision; admin if left out, owner where there is no admin",
                "admin",
            ),
            "tickets" => (
                "By a customer's question; support if left out, else the next role that there is",
                "support",
            ),
            _ => ("By a new alert; owner if left out", "owner"),
        };
        key(name, by, &json!(example), words(roles::CALLED))
    });
    object(&[], called)
}
