//! How to get a link into an app, for each platform: which apps there are, where each is got, and the steps.

use super::{Draft, Pages, button};
use crate::view::subscription::apps::{App, apps_for};
use crate::view::{Accent, Action, Button, ButtonStyle, Choice, Link, Message, Platform};

impl Pages<'_> {
    /// The way to the guide.
    pub(super) fn guide_button(&self) -> Button {
        button(&Action::Guide, self.texts.button_guide(), ButtonStyle::Secondary)
    }

    /// On what somebody wants to use it. The value is the platform's key.
    #[must_use]
    pub fn guide(&self) -> Message {
        let t = &self.texts;
        let draft = Draft::new(Accent::Neutral).text(t.guide_title());
        self.with_platforms(draft).done()
    }

    /// What to do on a platform, with a link to each app for it; another one can be picked. An address does
    /// not change and opens in a browser; where the shop has none, a link is copied or scanned.
    #[must_use]
    pub fn guide_for(&self, platform: Platform) -> Message {
        let t = &self.texts;
        let steps = match (platform, self.has_addresses()) {
            (Platform::Ios | Platform::Android, true) => t.guide_phone_address(),
            (Platform::Ios | Platform::Android, false) => t.guide_phone_link(),
            (Platform::Windows | Platform::MacOs | Platform::Linux, true) => {
                t.guide_computer_address()
            }
            (Platform::Windows | Platform::MacOs | Platform::Linux, false) => {
                t.guide_computer_link()
            }
            (Platform::AndroidTv, true) => t.guide_tv_address(),
            (Platform::AndroidTv, false) => t.guide_tv_link(),
        };
        let link = |app: &App| Link {
            label: app.name.to_owned(),
            url: app.install_on(platform).to_owned(),
        };
        let draft = Draft::new(Accent::Neutral)
            .text(t.guide_on(platform.name()))
            .text(steps)
            .links(self.front.row, apps_for(platform, self.has_addresses()).map(link).collect());
        self.with_platforms(draft).done()
    }

    fn has_addresses(&self) -> bool {
        self.catalog.shop.subscription.is_some()
    }

    fn with_platforms(&self, draft: Draft) -> Draft {
        let choices: Vec<Choice> = Platform::ALL
            .into_iter()
            .map(|platform| {
                let apps = apps_for(platform, self.has_addresses());
                let apps: Vec<&str> = apps.map(|app| app.name).collect();
                self.choice(platform.key(), platform.name(), &apps.join(", "))
            })
            .collect();
        draft.select(&Action::PickPlatform, self.texts.guide_placeholder(), choices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SubscriptionSettings;
    use crate::model::{DurationMs, HOUR_MS, Snapshot};
    use crate::view::Block;
    use crate::view::sample::{FRONT, NOW, account_id, catalog, served_account, snapshot};

    fn links(message: &Message) -> Vec<&Link> {
        let rows = message.blocks.iter().filter_map(|block| match block {
            Block::Links(row) => Some(row),
            _ => None,
        });
        rows.flatten().collect()
    }

    #[test]
    fn on_every_platform_each_app_for_it_has_a_link_to_where_it_is_got_and_no_other_has() {
        let (snapshot, catalog) = (Snapshot::default(), catalog());
        let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
        for platform in Platform::ALL {
            let page = pages.guide_for(platform);
            let shown: Vec<(&str, &str)> =
                links(&page).iter().map(|l| (l.label.as_str(), l.url.as_str())).collect();
            let apps = apps_for(platform, catalog.shop.subscription.is_some());
            let apps: Vec<_> = apps.map(|app| (app.name, app.install_on(platform))).collect();
            assert_eq!(shown, apps, "{platform:?}");
        }
        // Its releases on GitHub have nothing for an iPhone.
        let first = pages.guide_for(Platform::Ios);
        let first = links(&first).first().map(|l| (l.label.as_str(), l.url.as_str()));
        let store = "https://apps.apple.com/app/hiddify-proxy-vpn/id6596777532";
        assert_eq!(first, Some(("Hiddify", store)));
    }

    #[test]
    fn the_steps_speak_of_an_address_only_where_the_shop_has_one() {
        let (snapshot, mut catalog) = (Snapshot::default(), catalog());
        let plain =
            |catalog: &_, on| Pages::new(&FRONT, &snapshot, catalog, NOW).guide_for(on).plain();
        catalog.shop.subscription = None;
        let without = Platform::ALL.map(|on| plain(&catalog, on));
        catalog.shop.subscription = Some(SubscriptionSettings {
            url: "https://v.example".into(),
            update_every: DurationMs(HOUR_MS),
            title: None,
            support: None,
        });
        let with = Platform::ALL.map(|on| plain(&catalog, on));
        for (without, with) in without.iter().zip(&with) {
            assert!(!without.contains("address") && without.contains("link"), "{without}");
            assert!(with.contains("address"), "{with}");
        }
    }

    #[test]
    fn the_guide_stands_beside_a_link_and_in_the_account() {
        let (snapshot, catalog) = (snapshot([served_account(1, true)]), catalog());
        let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW);
        let link = pages.link_message(account_id(1)).unwrap().plain();
        let account = pages.my_accounts(crate::view::sample::ALICE).plain();
        for page in [link, account] {
            assert!(page.contains("[Guide]"), "{page}");
        }
    }
}
