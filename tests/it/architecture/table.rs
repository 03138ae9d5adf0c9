//! Who may use whom. Changing a row is a decision about the design: say why in the commit.

/// Modules of `core/src` and `src/` and the modules each may use. [`ANY`] for those that put the parts together.
pub(super) const MODULES: &[(&str, &[&str])] = &[
    // ring 0, pure
    ("model", &[]),
    ("catalog", &["model"]),
    ("intent", &["model", "catalog"]),
    ("planner", &["model", "catalog"]),
    // money by days, and lines for spreadsheets: values in, values out
    ("revenue", &["model"]),
    ("export", &[]),
    ("notices", &["model", "catalog"]),
    ("alerts", &["model", "catalog"]),
    ("view", &["model", "catalog", "alerts", "revenue"]),
    // what an edit would do: by the planner's own decisions, and by what links mean
    ("diff", &["model", "catalog", "planner", "view"]),
    // what every front does with a click
    ("front", &["model", "catalog", "intent", "view"]),
    // ring 1, the loop
    ("ports", &["model", "intent", "planner", "view"]),
    (
        "controller",
        &["model", "catalog", "alerts", "notices", "planner", "revenue", "view", "ports"],
    ),
    // what every adapter that reads files of people needs: bounds, and modes of secrets
    ("files", &[]),
    // connections of strangers, bounded
    ("listen", &[]),
    // how often somebody may ask
    ("rate", &[]),
    // ring 2, adapters: none uses another
    ("store", &["model", "intent", "ports"]),
    ("panel", &["model", "ports", "files"]),
    ("discord", &["model", "catalog", "intent", "view", "front", "ports", "files", "rate"]),
    ("watch", &["catalog", "files"]),
    // operators submit intents, like any front, and read plans and servers as the files have them
    (
        "admin",
        &[
            "model",
            "catalog",
            "alerts",
            "diff",
            "intent",
            "controller",
            "planner",
            "ports",
            "revenue",
            "listen",
        ],
    ),
    // customers' subscriptions: reads, and changes nothing
    ("web", &["model", "catalog", "view", "ports", "listen", "rate"]),
    // the composition
    // lengths of time are typed as the files write them
    ("config", &["catalog"]),
    ("telemetry", &[]),
    ("cli", ANY),
    ("", ANY),
];

/// A module that may use every other.
pub(super) const ANY: &[&str] = &["*"];

/// Single files that may use one module more than their row says, and why.
pub(super) const MODULE_EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "src/store/intent_handler.rs",
    "catalog",
    "the intent handler decides on records and the catalog, and commits what was decided",
)];

/// Files beside a front's own folder whose code names one, and why: all else asks what a front offers
/// (`FrontProfile`) or is given an `Identity`.
pub(super) const NAMES_A_FRONT: &[(&str, &str)] = &[
    // who somebody is, and what a stored text says of it
    ("core/src/model/identity.rs", "the front is a part of where somebody is known"),
    ("core/src/model/actor.rs", "older audits name people by their number alone"),
    ("src/store/sled/migrations/customers.rs", "stores of before customers had ids of their own"),
    ("core/src/view/format.rs", "a front fills in a name by a spelling of its own"),
    // the key `discord:` of shop.yaml
    ("core/src/catalog/shop.rs", "reads the key"),
    ("core/src/catalog/schema.rs", "describes it"),
    ("core/src/catalog/orders.rs", "reads the ids of categories"),
    ("core/src/catalog/schema/orders.rs", "describes them"),
    ("core/src/catalog/schema/parts.rs", "describes ids of roles and channels"),
    ("core/src/catalog/reader.rs", "reads ids of roles and channels"),
    // its answers are dated: one of the clocks that ours is held against
    ("core/src/model/clock.rs", "names the witness"),
    ("core/src/planner/clocks/mod.rs", "waits for its first date"),
    ("src/ports/time.rs", "is told that dates of it come"),
    ("src/controller/timekeeper.rs", "the same"),
    (
        "src/admin/metrics.rs",
        "a gauge of how far our clock is from it, and whether it is connected",
    ),
    // that it is not there is a reason of its own
    ("core/src/model/readiness.rs", "names the reason"),
    ("core/src/alerts/mod.rs", "nobody can be told of it there"),
    ("src/admin/readiness.rs", "reports it"),
    ("src/admin/sources.rs", "asks for it"),
    ("src/ports/chat_code.rs", "what answers there may be another program"),
    // the composition
    ("src/lib.rs", "the folder"),
    ("src/config.rs", "its flags"),
    ("src/cli/shop.rs", "starts it"),
    ("src/cli/secrets.rs", "reads its token"),
    ("src/cli/doctor/chat.rs", "examines it"),
    (
        "src/cli/adopt/file.rs",
        "a number alone is whoever has it there: the files that are adopted say no front",
    ),
    // tests
    ("core/src/view/sample.rs", "people for tests"),
    ("core/src/view/sample/every_kind.rs", "the same"),
];

/// What may not stand in ring 0: no async, no clock, no randomness, no I/O, not even a log line. Its
/// crate depends on no runtime and no log; the rest is in the standard library.
pub(super) const IMPURE: &[&str] = &[
    "async fn",
    "async move",
    "async {",
    ".await",
    "std::fs",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "std::env",
    "std::process",
    "std::thread",
    "std::os",
    "std::io::Read",
    "std::io::stdin",
    "SystemTime",
    "Instant",
    "Timestamp::now",
    "Zoned::now",
    "Ulid::new",
    "new_v4",
    "println!",
    "static mut",
    "Mutex",
    "RwLock",
    "Atomic",
];

/// Every crate the controller depends on: the folders or files of `core/src` and `src/` that may
/// name it.
pub(super) const CRATES: &[(&str, &[&str])] = &[
    // for everybody: values, errors
    ("serde", EVERYWHERE),
    ("serde_json", EVERYWHERE),
    ("thiserror", EVERYWHERE),
    ("uuid", EVERYWHERE),
    ("ulid", &["model/", "view/", "cli/"]),
    ("url", &["catalog/", "view/", "panel/", "discord/", "web/", "config.rs", "cli/show.rs"]),
    ("secrecy", &["panel/", "discord/", "cli/", "config.rs", "files.rs"]),
    ("base64", &["panel/", "model/", "view/", "web/", "cli/"]),
    // hashes of content: plans, cards, deliveries, proofs
    (
        "sha2",
        &["model/", "catalog/", "planner/", "view/", "controller/", "store/", "discord/", "web/"],
    ),
    // the calendar, for reading lengths of time and for showing dates in the shop's zone
    (
        "jiff",
        &[
            "catalog/",
            "view/",
            "revenue/",
            "planner/fields.rs",
            "panel/",
            "discord/date.rs",
            "admin/",
            "cli/adopt/",
            "cli/tables/times.rs",
            "store/archive/mod.rs",
        ],
    ),
    // ring 0
    ("imbl", &["model/", "store/"]),
    ("triomphe", &["model/"]),
    // the resident records of a checkpoint
    ("rmp_serde", &["model/"]),
    ("serde_yaml", &["catalog/", "view/subscription/", "cli/output.rs"]),
    ("saphyr_parser", &["catalog/"]),
    ("strsim", &["catalog/"]),
    ("annotate_snippets", &["catalog/"]),
    ("anstream", &["cli/"]),
    ("clap_complete", &["cli/man.rs"]),
    ("clap_mangen", &["cli/man.rs"]),
    ("comfy_table", &["cli/tables/table.rs"]),
    ("indicatif", &["cli/progress.rs"]),
    // files of clients that are to be adopted, and which of them
    ("csv", &["cli/adopt/", "export/"]),
    ("glob", &["cli/adopt.rs"]),
    ("iso_currency", &["catalog/"]),
    ("unic_langid", &["catalog/", "view/"]),
    // how a payment's own number is compared
    ("icu_normalizer", &["intent/"]),
    // names and numbers without marks that nobody sees
    ("unicode_general_category", &["catalog/", "intent/", "model/"]),
    ("fast_qr", &["view/"]),
    ("fluent_bundle", &["view/"]),
    // the QR code as PNG; what kind of picture a proof is
    ("plotters", &["view/chart.rs"]),
    ("png", &["view/"]),
    ("image", &["discord/"]),
    // what a proof tells beside its picture
    ("img_parts", &["discord/metadata.rs"]),
    ("bytes", &["discord/metadata.rs"]),
    // the runtime: never in ring 0
    ("tokio", NOT_PURE),
    ("tokio_util", NOT_PURE),
    ("futures", NOT_PURE),
    ("async_trait", NOT_PURE),
    ("tracing", NOT_PURE),
    ("backoff", &["controller/backoff.rs"]),
    // the adapters' own
    ("sled", &["store/"]),
    // backups as one file
    ("age", &["store/archive/"]),
    // when a gateway's certificate ends
    ("x509_parser", &["panel/examine.rs"]),
    ("tar", &["store/archive/"]),
    ("zstd", &["store/archive/"]),
    ("crc32c", &["store/journal/", "store/checkpoint/"]),
    // `cli/out.rs` looks whether anybody reads on
    ("rustix", &["store/sled/", "cli/out.rs", "watch/pull.rs"]),
    // what both sides share, as pure as ring 0: which inbound a name means, which fields of it are
    // told, hex and percent-encoding
    ("nebulalinks_protocol", EVERYWHERE),
    // `cli/ask.rs` asks the control socket of the running shop
    ("reqwest", &["panel/", "discord/", "cli/ask.rs"]),
    ("serenity", &["discord/"]),
    ("twilight_model", &["discord/"]),
    ("notify", &["watch/"]),
    // git's objects are deflated, and frames of Discord's gateway
    ("flate2", &["watch/", "discord/tap.rs"]),
    // the hop before Discord's gateway
    ("tokio_tungstenite", &["discord/tap.rs"]),
    ("axum", &["admin/", "web/", "listen.rs"]),
    ("tower", &["admin/"]),
    ("hyper", &["listen.rs"]),
    ("hyper_util", &["listen.rs"]),
    // how often an address may ask, and which addresses are proxies
    ("governor", &["rate.rs", "web/"]),
    // pages, checked when they are compiled
    ("askama", &["web/"]),
    // `diff` looks at a copy of a state folder
    ("tempfile", &["cli/diff.rs"]),
    ("prometheus", &["admin/"]),
    ("clap", &["cli/", "config.rs", "telemetry.rs"]),
    ("tracing_subscriber", &["telemetry.rs"]),
    // `panel/` draws nonces, `cli/env.rs` is the port for everybody else
    ("rand", &["cli/env.rs", "panel/"]),
];

/// May be named in every module.
pub(super) const EVERYWHERE: &[&str] = &[""];

/// May be named outside ring 0.
pub(super) const NOT_PURE: &[&str] = &[
    "ports/",
    "controller/",
    "store/",
    "panel/",
    "discord/",
    "watch/",
    "admin/",
    "web/",
    "listen.rs",
    "cli/",
    "telemetry.rs",
];

/// What the protocol may depend on: values and hashes. No runtime, no HTTP, no clock.
pub(super) const PROTOCOL_DEPENDENCIES: &[&str] = &[
    "base16ct",
    "base64",
    "hkdf",
    "hmac",
    "ipnet",
    "percent_encoding",
    "secrecy",
    "serde",
    "serde_json",
    "sha2",
    "subtle",
    "thiserror",
    // Schemas of the wire types: only with the feature `openapi`, which only the gateway asks for.
    "utoipa",
    "uuid",
];

/// Files that may panic outside tests, each with the reason.
pub(super) const PANICKING_FILES: &[(&str, &str)] = &[
    ("core/src/view/sample.rs", "records for tests: behind a feature that only tests ask for"),
    ("core/src/view/sample/connected.rs", "the same"),
    ("core/src/view/sample/every_kind.rs", "the same"),
    ("models/discord/src/reads.rs", "an assertion that tests of other crates call"),
];
