//! What an account's subscription address says, in its customer's language.

use super::Pages;
use crate::model::{AccountId, Entitlement, Outage, Quota, Standing, base_language};
use crate::view::links::{address, endpoints};
use crate::view::subscription::apps::buttons;
use crate::view::{AppButton, Entries, Subscription, qr};
use std::fmt;

/// Languages that are written from the right.
const FROM_THE_RIGHT: [&str; 4] = ["ar", "fa", "he", "ur"];

fn direction(language: &str) -> &'static str {
    if FROM_THE_RIGHT.contains(&base_language(language)) { "rtl" } else { "ltr" }
}

/// What a browser shows at an account's address: every text, and nothing to decide any more.
#[derive(Clone, PartialEq, Eq)]
pub struct SubscriptionPage {
    /// The language of it.
    pub language: String,
    /// `ltr` or `rtl`.
    pub direction: String,
    /// Whose access it is.
    pub title: String,
    /// How it stands.
    pub state: String,
    /// Whether there is a way in.
    pub on: bool,
    /// What was used, in words.
    pub usage: String,
    /// What was used, and of how much, in MiB, where there is a limit.
    pub bar: Option<(u64, u64)>,
    /// When it ends or ended, in words.
    pub end: Option<String>,
    /// The address itself. It opens the door: it never goes into a log.
    pub address: String,
    /// The same as a PNG.
    pub qr: Option<Vec<u8>>,
    /// A button for each app, with what it says.
    pub apps: Vec<(AppButton, String)>,
    /// Where help is.
    pub support: Option<String>,
    /// What stands around these.
    pub words: SubscriptionWords,
}

/// The page's headings and hints.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the text of its name")]
pub struct SubscriptionWords {
    pub add: String,
    pub add_how: String,
    pub install: String,
    pub scan: String,
    pub scan_how: String,
    pub keep: String,
    pub qr: String,
    pub help: String,
}

impl fmt::Debug for SubscriptionPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubscriptionPage({}, redacted)", self.title)
    }
}

impl Pages<'_> {
    /// What the address of an account answers; `None` where there is no such account.
    #[must_use]
    pub fn subscription(&self, id: AccountId) -> Option<Subscription> {
        self.snapshot.account(id)?;
        let t = &self.texts;
        let entitlement = Entitlement::of(self.snapshot, id);
        let settings = self.catalog.shop.subscription.as_ref();
        let title = settings.and_then(|s| s.title.as_ref());
        Some(Subscription {
            title: title.map_or_else(|| self.account_plan(id), |title| self.own(title).to_owned()),
            used: entitlement.as_ref().map(|e| e.used).unwrap_or_default(),
            total: entitlement.as_ref().and_then(|e| match e.granted {
                Quota::Bytes(bytes) => Some(bytes),
                Quota::Unlimited => None,
            }),
            ends_at: entitlement.as_ref().map(|e| e.ends_at),
            entries: self.subscription_entries(id, entitlement.as_ref()),
            other_app: t.subscription_other_app(),
        })
    }

    /// The page at the address of an account; `None` where the shop has no addresses.
    #[must_use]
    pub fn subscription_page(&self, id: AccountId) -> Option<SubscriptionPage> {
        let address = address(self.snapshot, self.catalog, id)?;
        let said = self.subscription(id)?;
        let t = &self.texts;
        let e = Entitlement::of(self.snapshot, id);
        let state = match (&said.entries, &e) {
            (Entries::Told(why), _) => why.clone(),
            (Entries::Served(_), Some(e)) => self.account_state(id, e.standing(self.now)),
            (Entries::Served(_), None) => String::new(),
        };
        let mib = |bytes: u64| bytes >> 20;
        let app = |app: AppButton| {
            let says = t.page_open(app.name);
            (app, says)
        };
        Some(SubscriptionPage {
            language: self.language.to_owned(),
            direction: direction(self.language).to_owned(),
            title: t.page_title(said.title.clone()),
            state,
            on: matches!(said.entries, Entries::Served(_)),
            usage: match said.total {
                Some(total) => t.page_used(said.used.to_string(), total.to_string()),
                None => t.page_used_unlimited(said.used.to_string()),
            },
            bar: said.total.map(|total| (mib(said.used.0.min(total.0)), mib(total.0).max(1))),
            end: said.ends_at.map(|end| match end > self.now {
                true => t.page_ends(self.when(end)),
                false => t.page_ended(self.when(end)),
            }),
            qr: qr::png(&address),
            apps: buttons(&address, &said.title).into_iter().map(app).collect(),
            address,
            support: self.catalog.shop.subscription.as_ref().and_then(|s| s.support.clone()),
            words: SubscriptionWords {
                add: t.page_add(),
                add_how: t.page_add_how(),
                install: t.page_install(),
                scan: t.page_scan(),
                scan_how: t.page_scan_how(),
                keep: t.page_secret(),
                qr: t.page_qr(),
                help: t.page_help(),
            },
        })
    }

    fn subscription_entries(&self, id: AccountId, entitlement: Option<&Entitlement>) -> Entries {
        let t = &self.texts;
        let Some(entitlement) = entitlement else { return Entries::Told(t.account_no_term()) };
        let standing = entitlement.standing(self.now);
        let may_be_over = matches!(standing, Standing::Expired | Standing::Depleted);
        // A store that may lack a renewal says of nobody that it is over.
        let unsure = may_be_over && self.snapshot.in_amnesia();
        if standing != Standing::Active && !unsure {
            let state = self.account_state(id, standing);
            return Entries::Told(if may_be_over { t.subscription_renew(state) } else { state });
        }
        // What was last known of the inbounds leads nowhere now.
        let nowhere = self.outage(id).is_some_and(Outage::leaves_no_link);
        let ways = if nowhere { Vec::new() } else { endpoints(self.snapshot, self.catalog, id) };
        if !ways.is_empty() {
            return Entries::Served(ways);
        }
        Entries::Told(match standing {
            Standing::Active if self.is_on_its_server(id) && !nowhere => t.link_unsupported(),
            _ => self.account_state(id, standing),
        })
    }
}
