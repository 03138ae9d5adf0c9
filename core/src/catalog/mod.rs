//! The files of `desired/`, parsed and validated: a [`Catalog`] with its revision, or every
//! problem with file, line and column. Pure: text in, values out.
//!
//! - `tree` reads YAML with `saphyr-parser` into a tree that keeps every place; `syntax` words
//!   its refusals and asks `serde_yaml` (libyaml) for a second opinion on what it accepts.
//! - `reader` and `plans`, `servers`, `payments`, `shop`, `subscription`, `promos` make typed entries of it.
//! - `characters` knows what people cannot see, `languages` which language a reader gets.
//! - `checks` holds the rules across entries and files, `accept` those against the last catalog.
//! - `findings` gathers the problems; `snippet` and `report` show them to people and tools.
//! - `retained` keeps what was removed while in use; `kept` knows which server an account goes on with.

mod accept;
mod audience;
pub(crate) mod characters;
mod checks;
mod codes;
mod commit;
mod daily;
mod draft;
mod faq;
mod files;
mod findings;
mod kept;
mod languages;
mod limits;
mod notices;
mod options;
mod orders;
mod payments;
mod place;
mod places;
mod plans;
mod problem;
mod promos;
mod reader;
mod referral;
mod report;
mod retained;
mod roles;
mod schema;
mod servers;
mod shop;
mod snippet;
mod subscription;
mod syntax;
#[cfg(test)]
mod tests;
mod texts;
mod tree;
mod types;
mod units;
mod words;

pub use accept::accept;
pub use characters::is_seen;
pub use checks::LONGEST_INSTRUCTIONS;
pub use codes::{Covers, Days, Gives, Promo, same_code};
pub use commit::Commit;
pub use daily::Daily;
pub use files::{DesiredFile, Files, MAX_FILE_BYTES, Source};
pub use languages::{WRITTEN, written};
pub use options::{LookAtKeys, Options};
pub use orders::{CHANNELS_IN_A_CATEGORY, Delivery, OrderSettings, OrderSpace, Unserved};
pub use places::Places;
pub use problem::{Beside, Problem, Problems, Severity, Spot};
pub use report::{ReportFormat, check_report};
pub use retained::{following, merge_retained, newly_removed, recover_removed, without_retained};
pub use roles::{Called, Pings, Roles};
pub use schema::schema;
pub use types::{
    Catalog, ChannelRefs, CutOpenSessions, Drift, Faq, GuardSettings, Limits, Method,
    MethodLifecycle, Mode, NoticeSettings, Plan, PlanLifecycle, Referral, Requirement, Retention,
    Server, ServerLifecycle, Shop, SubscriptionSettings, Text, Written,
};
pub use units::{typed_length, typed_traffic, written_length, written_speed};
pub use words::suggest;

use draft::{Draft, ShopFacts};
use findings::Findings;
use place::Place;
use reader::Reader;
use std::collections::BTreeSet;

/// What came of reading the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The catalog, or every problem.
    pub catalog: Result<Catalog, Problems>,
    /// What is accepted and has no effect, or another than one may think, whether or not there are
    /// problems besides.
    pub warnings: Option<Problems>,
}

/// Reads the files by themselves: [`load`] with no previous catalog and no look at keys.
///
/// # Errors
/// Every problem of every file.
pub fn parse(files: &Files) -> Result<Catalog, Problems> {
    load(files, &Options::default())
}

/// Reads the files and holds them against the last good catalog and the keys.
///
/// # Errors
/// Every problem of every file.
pub fn load(files: &Files, options: &Options<'_>) -> Result<Catalog, Problems> {
    check(files, options).catalog
}

/// Reads the files as [`load`] does, and says what has no effect, too.
#[must_use]
pub fn check(files: &Files, options: &Options<'_>) -> Checked {
    let mut findings = Findings::default();
    let draft = read(files, &mut findings);
    for check in checks::CHECKS {
        check(&draft, options, &mut findings);
    }
    languages::warn(&draft, &mut findings);
    checks::warn_of_lone_trials(&draft, &mut findings);
    checks::warn_of_idle_categories(&draft, &mut findings);
    let catalog = assemble(files, &draft);
    if let (Some(previous), Some(catalog)) = (options.previous, &catalog) {
        accept::check_draft(previous, catalog, &draft, &mut findings);
    }
    let warnings = findings.take_warnings();
    let catalog = match (findings.finish(), catalog) {
        (Some(problems), _) => Err(problems),
        (None, Some(catalog)) => Ok(catalog),
        // A shop that could not be read always left a finding; this keeps the types honest.
        (None, None) => Err(Problems::one(Problem::whole_file(
            DesiredFile::Shop,
            "the file could not be read".into(),
            "restore it from git".into(),
        ))),
    };
    Checked { catalog, warnings }
}

/// What of the files can be read, whatever it means.
fn read<'t>(files: &'t Files, findings: &mut Findings<'t>) -> Draft {
    let shop_tree = tree(files, DesiredFile::Shop, findings);
    let mut draft = Draft::default();
    let mut facts = ShopFacts::default();
    if let Some(root) = &shop_tree {
        let mut reader = Reader { file: DesiredFile::Shop, findings };
        (draft.shop, facts) = shop::read(&mut reader, root);
    }
    if let Some(root) = tree(files, DesiredFile::Plans, findings) {
        let mut reader = Reader { file: DesiredFile::Plans, findings };
        draft.plans = plans::read(&mut reader, &root, &facts);
    }
    if let Some(root) = tree(files, DesiredFile::Servers, findings) {
        let mut reader = Reader { file: DesiredFile::Servers, findings };
        draft.servers = servers::read(&mut reader, &root, &facts);
    }
    if let Some(root) = tree(files, DesiredFile::Payments, findings) {
        let mut reader = Reader { file: DesiredFile::Payments, findings };
        draft.methods = payments::read(&mut reader, &root, &facts);
    }
    if let Some(root) = tree(files, DesiredFile::Promos, findings) {
        let mut reader = Reader { file: DesiredFile::Promos, findings };
        draft.promos = promos::read(&mut reader, &root, &facts);
    }
    draft
}

/// Where the parts of the files stand.
#[derive(Debug)]
pub struct Lines(Draft);

impl Lines {
    /// Of these files; of what cannot be read nothing is known.
    #[must_use]
    pub fn of(files: &Files) -> Self {
        Self(read(files, &mut Findings::default()))
    }

    /// The line of a part, such as `prices.1` of the plan of this id, or of the nearest part around it that
    /// is written. The shop has no id.
    #[must_use]
    pub fn line(&self, file: DesiredFile, id: &str, part: &str) -> Option<usize> {
        self.0.place(file, id, part).map(|place| place.line)
    }
}

fn tree<'t>(
    files: &'t Files,
    file: DesiredFile,
    findings: &mut Findings<'t>,
) -> Option<tree::Node> {
    let text = match files.get(file) {
        // A byte order mark is no part of the text.
        Source::Text(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Source::Missing if file.is_optional() => return None,
        Source::Missing => {
            findings.whole(file, "the file is missing", "restore it from git");
            return None;
        }
        Source::Unreadable(why) => {
            let message = format!("the file cannot be read: {why}");
            findings.whole(file, &message, "check the file's owner and permissions");
            return None;
        }
        Source::TooLarge => {
            findings.whole(file, "the file is larger than 1 MiB", "split off what is not needed");
            return None;
        }
        Source::NotUtf8 { line, column } => {
            let at = Place::at(*line, *column);
            findings.add(file, at, "the text is not UTF-8 from here on", "save it as UTF-8");
            return None;
        }
    };
    findings.text(file, text);
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > MAX_FILE_BYTES {
        findings.whole(file, "the file is larger than 1 MiB", "split off what is not needed");
        return None;
    }
    tree::read(file, text, findings)
}

fn written_at(draft: &Draft) -> Written {
    let line = |file, id: &str| draft.place(file, id, "id").map(|place| place.line);
    let plans = draft
        .plans
        .values()
        .filter_map(|plan| Some((plan.id.clone(), line(DesiredFile::Plans, plan.id.as_str())?)));
    let servers = draft.servers.values().filter_map(|server| {
        Some((server.id.clone(), line(DesiredFile::Servers, server.id.as_str())?))
    });
    Written { plans: plans.collect(), servers: servers.collect() }
}

fn assemble(files: &Files, draft: &Draft) -> Option<Catalog> {
    Some(Catalog {
        revision: files.revision(),
        commit: files.commit.clone(),
        shop: draft.shop.as_ref()?.value.clone(),
        plans: draft.plans.values().cloned().collect(),
        servers: draft.servers.values().map(|s| (s.id.clone(), s.clone())).collect(),
        methods: draft.methods.values().cloned().collect(),
        promos: draft.promos.values().cloned().collect(),
        retained_plans: BTreeSet::new(),
        retained_servers: BTreeSet::new(),
        written: written_at(draft),
    })
}
