//! The apps of the page and of the guide: what each runs on, where it is got, and the address by which it
//! takes a subscription. Buttons are made of this table alone, so that no request leads anybody anywhere else.

use super::Format;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nebulalinks_protocol::percent_encoded;

/// What an app runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Platform {
    /// iPhone and iPad.
    Ios,
    /// Phones and tablets.
    Android,
    /// Computers with Windows.
    Windows,
    /// Computers of Apple's.
    MacOs,
    /// Computers with Linux.
    Linux,
    /// Televisions, and the boxes beside them.
    AndroidTv,
}

impl Platform {
    /// Each, in the order in which people are asked.
    pub const ALL: [Self; 6] =
        [Self::Ios, Self::Android, Self::Windows, Self::MacOs, Self::Linux, Self::AndroidTv];

    /// Its key in what is picked.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::Android => "android",
            Self::Windows => "windows",
            Self::MacOs => "macos",
            Self::Linux => "linux",
            Self::AndroidTv => "android-tv",
        }
    }

    /// Its name, the same in every language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ios => "iOS",
            Self::Android => "Android",
            Self::Windows => "Windows",
            Self::MacOs => "macOS",
            Self::Linux => "Linux",
            Self::AndroidTv => "Android TV",
        }
    }

    /// The platform of a key.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.key() == key)
    }
}

/// An app on the page.
#[derive(Clone, PartialEq, Eq)]
pub struct AppButton {
    /// Its name.
    pub name: &'static str,
    /// What it runs on, by name.
    pub platforms: String,
    /// Where it is got.
    pub install: &'static str,
    /// What puts the subscription into it. It opens the door: it never goes into a log.
    pub open: String,
}

impl std::fmt::Debug for AppButton {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AppButton({}, redacted)", self.name)
    }
}

/// How an app is told of an address.
#[derive(Clone, Copy)]
enum Takes {
    /// Behind this, as it is.
    Raw(&'static str),
    /// Behind this, percent-encoded.
    Encoded(&'static str),
    /// Behind this, as it is, and the name as the fragment.
    RawNamed(&'static str),
    /// Behind this as a parameter, and the name as the fragment.
    EncodedNamed(&'static str),
    /// Behind this as a parameter, and the name as another.
    Parameters(&'static str),
    /// Behind this in base64, and the name as a remark.
    Base64(&'static str),
}

/// An app: one table for the page at an address and for the guide.
pub(crate) struct App {
    /// Its name, the same in every language.
    pub(crate) name: &'static str,
    platforms: &'static [Platform],
    /// Where it is got, over TLS.
    pub(crate) install: &'static str,
    /// Where it is got for an iPhone, where that is another place.
    on_ios: Option<&'static str>,
    takes: Takes,
}

impl App {
    /// Where it is got for a platform, over TLS.
    pub(crate) fn install_on(&self, platform: Platform) -> &'static str {
        self.on_ios.filter(|_| platform == Platform::Ios).unwrap_or(self.install)
    }
}

const fn app(
    name: &'static str,
    platforms: &'static [Platform],
    install: &'static str,
    takes: Takes,
) -> App {
    App { name, platforms, install, on_ios: None, takes }
}

/// An app that is got from another place on an iPhone.
const fn with_ios(app: App, on_ios: &'static str) -> App {
    App { on_ios: Some(on_ios), ..app }
}

use Platform::{Android, AndroidTv, Ios, Linux, MacOs, Windows};

/// The apps, those for most people first.
#[rustfmt::skip]
const APPS: &[App] = &[
    with_ios(app("Hiddify", &[Android, Ios, Windows, MacOs, Linux, AndroidTv],
        "https://github.com/hiddify/hiddify-app/releases/latest", Takes::RawNamed("hiddify://import/")),
        "https://apps.apple.com/app/hiddify-proxy-vpn/id6596777532"),
    app("Happ", &[Android, Ios, Windows, MacOs, AndroidTv],
        "https://www.happ.su/main", Takes::Raw("happ://add/")),
    app("v2rayNG", &[Android, AndroidTv],
        "https://github.com/2dust/v2rayNG/releases/latest", Takes::Parameters("v2rayng://install-config")),
    app("Streisand", &[Ios, MacOs],
        "https://apps.apple.com/app/streisand/id6450534064", Takes::Encoded("streisand://import/")),
    app("Shadowrocket", &[Ios],
        "https://apps.apple.com/app/shadowrocket/id932747118", Takes::Base64("shadowrocket://add/sub://")),
    app("sing-box", &[Android, Ios, MacOs],
        "https://sing-box.sagernet.org/clients/", Takes::EncodedNamed("sing-box://import-remote-profile")),
    app("Clash Meta", &[Android],
        "https://github.com/MetaCubeX/ClashMetaForAndroid/releases/latest",
        Takes::Parameters("clashmeta://install-config")),
    app("Clash Verge", &[Windows, MacOs, Linux],
        "https://github.com/clash-verge-rev/clash-verge-rev/releases/latest",
        Takes::Parameters("clash://install-config")),
];

/// The apps for a platform, those for most people first: all of them where there is an address, else those
/// that read links, and so take one alone.
pub(crate) fn apps_for(
    platform: Platform,
    has_address: bool,
) -> impl Iterator<Item = &'static App> {
    let takes = move |app: &&App| has_address || Format::for_app(app.name, "") == Format::Base64;
    APPS.iter().filter(move |app| app.platforms.contains(&platform)).filter(takes)
}

/// A button for each app, for this address under this name.
pub(crate) fn buttons(address: &str, name: &str) -> Vec<AppButton> {
    let (url, label) = (percent_encoded(address), percent_encoded(name));
    let open = |takes| match takes {
        Takes::Raw(scheme) => format!("{scheme}{address}"),
        Takes::Encoded(scheme) => format!("{scheme}{url}"),
        Takes::RawNamed(scheme) => format!("{scheme}{address}#{label}"),
        Takes::EncodedNamed(scheme) => format!("{scheme}?url={url}#{label}"),
        Takes::Parameters(scheme) => format!("{scheme}?url={url}&name={label}"),
        Takes::Base64(scheme) => format!("{scheme}{}?remark={label}", STANDARD.encode(address)),
    };
    let button = |app: &App| AppButton {
        name: app.name,
        platforms: app.platforms.iter().map(|on| on.name()).collect::<Vec<_>>().join(", "),
        install: app.install,
        open: open(app.takes),
    };
    APPS.iter().map(button).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_app_is_told_of_the_address_in_its_own_way_and_got_over_tls() {
        let all = buttons("https://v.example/sub/T", "A b");
        let open: Vec<&str> = all.iter().map(|app| app.open.as_str()).collect();
        let url = "https%3A%2F%2Fv.example%2Fsub%2FT";
        assert_eq!(
            open,
            [
                "hiddify://import/https://v.example/sub/T#A%20b",
                "happ://add/https://v.example/sub/T",
                &format!("v2rayng://install-config?url={url}&name=A%20b"),
                &format!("streisand://import/{url}"),
                "shadowrocket://add/sub://aHR0cHM6Ly92LmV4YW1wbGUvc3ViL1Q=?remark=A%20b",
                &format!("sing-box://import-remote-profile?url={url}#A%20b"),
                &format!("clashmeta://install-config?url={url}&name=A%20b"),
                &format!("clash://install-config?url={url}&name=A%20b"),
            ]
        );
        assert!(all.iter().all(|app| app.install.starts_with("https://")));
    }

    #[test]
    fn for_every_platform_there_is_an_app_and_its_key_leads_back_to_it() {
        for platform in Platform::ALL {
            assert!(apps_for(platform, true).count() > 1, "{platform:?}");
            let single: Vec<&str> = apps_for(platform, false).map(|app| app.name).collect();
            assert_eq!(single.first(), Some(&"Hiddify"), "{platform:?}");
            for own_form in ["sing-box", "Clash Meta", "Clash Verge"] {
                assert!(!single.contains(&own_form), "{platform:?}: {single:?}");
            }
            assert_eq!(Platform::of_key(platform.key()), Some(platform));
        }
        let named = |name: &str| {
            buttons("https://v.example/sub/T", "A").into_iter().find(|a| a.name == name)
        };
        assert_eq!(named("Streisand").map(|app| app.platforms).as_deref(), Some("iOS, macOS"));
        assert_eq!(Platform::of_key("beos"), None);
    }
}
